#[path = "../schema.rs"]
mod schema;

use schema::*;

relations! {
    User { posts: many(Post), groups: many(Group) through(Membership) }
    Post { author: one(User), comments: many(Comment) }
    Comment { post: one(Post) }
}

fn at_the_root(db: &Connection) -> Result<(), orm::Error> {
    let user = User::select().with(User::posts).one(db)?;
    let _ = user.groups(); //~
    Ok(())
}

fn nested(db: &Connection) -> Result<(), orm::Error> {
    let user = User::select().with(User::posts.with(Post::author)).with(User::groups).one(db)?;
    let _ = user.posts()[0].comments(); //~
    Ok(())
}

fn beside(db: &Connection) -> Result<(), orm::Error> {
    let user = User::select().with(User::posts.with(Post::comments)).one(db)?;
    for post in user.posts() {
        let _ = post.author().name.len(); //~
    }
    Ok(())
}

fn of_another_table(db: &Connection) -> Result<(), orm::Error> {
    let user = User::select().with(User::posts).one(db)?;
    let _ = user.comments(); //~
    Ok(())
}

fn without_any(db: &Connection) -> Result<(), orm::Error> {
    let user = User::select().one(db)?;
    let _ = user.posts(); //~
    Ok(())
}

fn below_one_without_any(db: &Connection) -> Result<(), orm::Error> {
    let comment = Comment::select().with(Comment::post).one(db)?;
    let _ = comment.post().author(); //~
    Ok(())
}

fn with_computed_values_only(db: &Connection) -> Result<(), orm::Error> {
    let user = User::select().extra("posts", User::posts.count()).one(db)?;
    let _ = user.posts(); //~
    Ok(())
}

fn that_does_not_exist(db: &Connection) -> Result<(), orm::Error> {
    let _ = User::select().with(User::friends).one(db)?; //~
    let _ = User::select().filter(User::post.exists()).one(db)?; //~
    Ok(())
}

fn computed_values_that_were_not_read(db: &Connection) -> Result<(), orm::Error> {
    let user = User::select().with(User::posts).one(db)?;
    let _ = user.extras(); //~
    Ok(())
}

fn main() {}
