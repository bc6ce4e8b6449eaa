#[path = "../schema.rs"]
mod schema;

use schema::*;

fn column(db: &Connection) -> Result<(), orm::Error> {
    let join = User::select().left_join(Post::on(Post::author_id.eq(User::id)));
    let _: Vec<(String, String)> = join.columns((User::name, Post::title)).all(db)?; //~
    Ok(())
}

fn whole_row(db: &Connection) -> Result<(), orm::Error> {
    let join = User::select().left_join(Post::on(Post::author_id.eq(User::id)));
    let _: Vec<(User, Post)> = join.all(db)?; //~
    Ok(())
}

fn left_side_of_a_right_join(db: &Connection) -> Result<(), orm::Error> {
    let join = User::select().right_join(Post::on(Post::author_id.eq(User::id)));
    let _: Vec<(User, Post)> = join.all(db)?; //~
    Ok(())
}

fn full_join(db: &Connection) -> Result<(), orm::Error> {
    let join = User::select().full_join(Post::on(Post::author_id.eq(User::id)));
    let _: Vec<(Option<User>, Post)> = join.all(db)?; //~
    Ok(())
}

fn nested_join(db: &Connection) -> Result<(), orm::Error> {
    let posts = User::select().left_join(Post::on(Post::author_id.eq(User::id)));
    let comments = posts.left_join(Comment::on(Comment::post_id.eq(Post::id)));
    let _: Vec<(User, Option<Post>, Comment)> = comments.all(db)?; //~
    Ok(())
}

fn result_of_a_function(db: &Connection) -> Result<(), orm::Error> {
    let join = User::select().left_join(Post::on(Post::author_id.eq(User::id)));
    let _: Vec<String> = join.columns(Post::title.lower()).all(db)?; //~
    Ok(())
}

fn main() {}
