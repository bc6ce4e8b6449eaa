#[path = "../schema.rs"]
mod schema;

use schema::*;

fn too_many(db: &Connection) -> Result<(), orm::Error> {
    let _: Vec<(String, String)> = User::select().columns((User::name, User::email, User::id)).all(db)?; //~
    Ok(())
}

fn too_few(db: &Connection) -> Result<(), orm::Error> {
    let _: Vec<(String, String)> = User::select().columns(User::name).all(db)?; //~
    Ok(())
}

fn other_order(db: &Connection) -> Result<(), orm::Error> {
    let _: Vec<(String, Uuid)> = User::select().columns((User::id, User::name)).all(db)?; //~
    Ok(())
}

fn other_type(db: &Connection) -> Result<(), orm::Error> {
    let _: i32 = User::select().columns(count_all()).one(db)?; //~
    Ok(())
}

fn other_table(db: &Connection) -> Result<(), orm::Error> {
    let _: Vec<Post> = User::select().all(db)?; //~
    Ok(())
}

fn one_for_many(db: &Connection) -> Result<(), orm::Error> {
    let _: User = User::select().all(db)?; //~
    Ok(())
}

fn returned(db: &Connection, new: &NewUser) -> Result<(), orm::Error> {
    let _: Post = User::insert().values(new).returning().one(db)?; //~
    Ok(())
}

fn main() {}
