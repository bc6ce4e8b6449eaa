#[path = "../schema.rs"]
mod schema;

use schema::*;

#[derive(Debug, Table)]
struct Follow {
    #[column(primary_key, references = User::id)]
    follower_id: Uuid,
    #[column(primary_key, references = User::id)]
    followed_id: Uuid,
    #[column(references = Group::id)]
    group_id: GroupId,
}

relations! {
    User {
        comments: many(Comment) through(Post), //~
        groups: many(Group) through(Comment), //~
        following: many(User) through(Follow), //~
        followed_groups: many(Group) through(Follow), //~
        followers: many(User) through(Follow: follower -> followed), //~
        confused: many(User) through(Follow: follower_id -> group_id), //~
    }
    Group { followers: many(User) through(Follow) } //~
}

fn main() {}
