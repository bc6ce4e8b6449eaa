#[path = "../schema.rs"]
mod schema;

use schema::*;

#[derive(Debug, Table)]
struct Draft {
    #[column(primary_key)]
    id: i64,
    #[column(references = User::id)]
    author_id: Uuid,
    #[column(references = User::id)]
    editor_id: Option<Uuid>,
    #[column(references = Group::id)]
    group_id: Option<GroupId>,
}

relations! {
    Draft {
        comments: many(Comment), //~
        users: many(User), //~
        writer: one(User), //~
        editor: one(User) via editor_id, //~
        approver: optional(User) via approver_id, //~
        mistaken: optional(User) via group_id, //~
        group: one(Group), //~
    }
    User {
        draft: one(Draft) via author_id, //~
        only_draft: optional(Draft) via author_id, //~
        drafts: many(Draft), //~
        post: optional(Post), //~
    }
    Group { gang: many(Draft) via author_id } //~
}

fn main() {}
