#[path = "../schema.rs"]
mod schema;

use schema::*;

relations! {
    User {
        posts: many(Post),
        posts: many(Post), //~
    }
    Post {
        author: one(User),
        comments: many(Comment),
    }
    User { memberships: many(Membership) }
    Group {
        groups: many(User) through(Membership),
        many: many(Membership),
    }
    User {
        memberships: many(Membership), //~
        group: one(Group) through(Membership), //~
    }
}

fn main() {}
