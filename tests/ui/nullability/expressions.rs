#[path = "../schema.rs"]
mod schema;

use schema::*;

fn nullable_column(db: &Connection) -> Result<(), orm::Error> {
    let _: Vec<i32> = User::select().columns(User::age).all(db)?; //~
    Ok(())
}

fn greatest_of_no_rows(db: &Connection) -> Result<(), orm::Error> {
    let _: i32 = Post::select().columns(max(Post::words)).one(db)?; //~
    Ok(())
}

fn sum_of_no_rows(db: &Connection) -> Result<(), orm::Error> {
    let _: i64 = Post::select().columns(sum(Post::words)).one(db)?; //~
    Ok(())
}

fn quotient(db: &Connection) -> Result<(), orm::Error> {
    let _: Vec<i32> = Post::select().columns(Post::words / 2).all(db)?; //~
    Ok(())
}

fn coalesce_of_nullable_expressions(db: &Connection) -> Result<(), orm::Error> {
    let _: Vec<i32> = User::select().columns(coalesce(User::age, None::<i32>)).all(db)?; //~
    Ok(())
}

fn find(db: &Connection, id: Uuid) -> Result<(), orm::Error> {
    let _: User = User::find(id).optional(db)?; //~
    Ok(())
}

fn main() {}
