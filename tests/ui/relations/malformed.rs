#[path = "../schema.rs"]
mod schema;

use schema::*;

relations! {
    User { posts } //~
}

relations! {
    User { posts: Post } //~
}

relations! {
    User { posts: several(Post) } //~
}

relations! {
    User { posts: many } //~
}

relations! {
    User { posts: many() } //~
}

relations! {
    User { posts: many(Post) by author_id } //~
}

relations! {
    User { posts: many(Post) via } //~
}

relations! {
    User { groups: many(Group) through } //~
}

relations! {
    User { groups: many(Group) through(Membership: user_id) } //~
}

relations! {
    User { posts: many(Post) filter } //~
}

relations! {
    User { posts: many(Post) on(id) } //~
}

relations! {
    User { posts: many(Post) groups: many(Group) } //~
}

relations! {
    User posts: many(Post) //~
}

relations! {
    User { posts: many(Post) filter() } //~
}

relations! {
    User { posts: many(Post) via author_id via author_id } //~
}

relations! {
    User { posts: many(Post) via author_id on(id = author_id) } //~
}

relations! {
    User { posts: many(Post) filter(Post::published) filter(Post::published) } //~
}

relations! {
    User { posts: many(Post) on() } //~
}

fn main() {}
