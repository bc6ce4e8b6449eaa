#[path = "../schema.rs"]
mod schema;

use schema::*;

relations! {
    User { posts: many(Post), groups: many(Group) through(Membership) }
    Post { author: one(User), comments: many(Comment) }
    Comment { post: one(Post) }
}

fn at_the_root(db: &Connection) {
    let _ = User::select().with(Post::comments).all(db); //~
    let _ = User::select().with(User::posts).with(Post::comments).all(db); //~
    let _ = User::select().extra("age", User::age).with(Comment::post).all(db); //~
}

fn nested(db: &Connection) {
    let _ = User::select().with(User::posts.with(User::groups)).all(db); //~
    let _ = User::select().with(User::posts.with(Post::comments.with(Post::author))).all(db); //~
    let _ = User::select().with(User::groups.with(User::posts)).all(db); //~
}

fn for_rows_in_memory(db: &Connection, posts: &[Post]) {
    let _ = User::posts.load_into(posts, db); //~
}

fn of_queries_that_do_not_read_whole_rows(db: &Connection) {
    let _ = User::select().columns(User::name).with(User::posts).all(db); //~
    let _ = User::select().inner_join(User::posts).with(User::groups).all(db); //~
    let _ = User::select().group_by(User::id).with(User::posts).all(db); //~
}

fn something_else(db: &Connection) {
    let _ = User::select().with(User::posts.columns(Post::title).with(Post::author)).all(db); //~
}

fn in_expressions(db: &Connection) {
    let _ = User::select().filter(Post::comments.exists()).all(db); //~
    let _ = User::select().columns((User::name, Post::comments.count())).all(db); //~
    let _ = User::select().order_by(Post::author.value(User::name)).all(db); //~
    let _ = User::select().filter(User::posts.any(User::groups.exists())).all(db); //~
}

fn in_joins(db: &Connection) {
    let _ = User::select().inner_join(Post::comments).all(db); //~
    let _ = User::select().inner_join(User::posts).inner_join(Post::author).all(db); //~
}

fn main() {}
