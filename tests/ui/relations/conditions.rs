#[path = "../schema.rs"]
mod schema;

use schema::*;

relations! {
    User { posts: many(Post), groups: many(Group) through(Membership) }
    Post { author: one(User), comments: many(Comment) }
}

fn columns_of_other_tables(db: &Connection) {
    let _ = User::select().with(User::posts.filter(User::age.gt(1))).all(db); //~
    let _ = User::select().with(User::posts.order_by(Comment::id)).all(db); //~
    let _ = User::select().with(User::posts.columns((Post::id, User::name))).all(db); //~
    let _ = User::select().with(User::posts.extra("name", User::name)).all(db); //~
    let _ = User::select().with(User::posts.filter(Membership::rank.gt(1))).all(db); //~
    let _ = User::select().filter(User::posts.any(Comment::id.gt(1))).all(db); //~
    let _ = User::select().filter(User::posts.none(User::age.gt(1))).all(db); //~
    let _ = User::select().filter(User::posts.every(Comment::text.like("a"))).all(db); //~
    let _ = User::select().filter(User::groups.any(Post::words.gt(1))).all(db); //~
    let _ = User::select().order_by(User::posts.sum(User::age)).all(db); //~
    let _ = User::select().columns(User::posts.max(Comment::id)).all(db); //~
    let _ = Post::select().columns(Post::author.value(Post::title)).all(db); //~
    let _ = User::select().with(User::posts).filter(Post::words.gt(1)).all(db); //~
    let _ = User::select().with(User::posts).order_by(Post::id).all(db); //~
    let _ = User::select().extra("title", Post::title).all(db); //~
}

fn of_other_types(db: &Connection) {
    let _ = User::select().with(User::posts.filter(Post::words.eq("many"))).all(db); //~
    let _ = User::select().with(User::posts.filter(Post::words)).all(db); //~
    let _ = User::select().filter(User::posts.any(Post::title)).all(db); //~
    let _ = User::select().filter(User::posts.count()).all(db); //~
    let _ = User::select().filter(User::posts.count().gt("2")).all(db); //~
    let _ = User::select().columns(User::posts.sum(Post::title)).all(db); //~
    let _ = User::select().columns(User::posts.max(Post::tags)).all(db); //~
    let _ = User::select().with(User::posts.limit(-1)).all(db); //~
}

fn single_values_of_many_rows(db: &Connection) {
    let _ = User::select().columns(User::posts.value(Post::title)).all(db); //~
    let _ = User::select().order_by(User::groups.value(Group::name)).all(db); //~
    let _ = Post::select().filter(Post::comments.value(Comment::text).eq("a")).all(db); //~
}

fn aggregates(db: &Connection) {
    let _ = User::select().with(User::posts.filter(count(Post::id).gt(1))).all(db); //~
    let _ = User::select().with(User::posts.columns(max(Post::id))).all(db); //~
    let _ = User::select().with(User::posts.extra("most", max(Post::words))).all(db); //~
    let _ = User::select().columns(User::posts.sum(max(Post::words))).all(db); //~
}

fn groups(db: &Connection) {
    let _ = User::select().group_by(User::name).columns((User::name, User::posts.count())).all(db); //~
}

fn nullability(db: &Connection) {
    let _: Vec<i64> = User::select().columns(User::posts.sum(Post::words)).all(db).unwrap_or_default(); //~
    let _: Vec<i32> = User::select().columns(User::posts.max(Post::words)).all(db).unwrap_or_default(); //~
    let authors = User::select().left_join(User::posts).columns(Post::author.value(User::name));
    let _: Vec<String> = authors.all(db).unwrap_or_default(); //~
    let _: Vec<String> =
        Post::select().columns(Post::author.filter(User::age.gt(1)).value(User::name)).all(db).unwrap_or_default(); //~
}

fn main() {}
