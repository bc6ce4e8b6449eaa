//! The schema that the programs share.
#![allow(unused_imports, reason = "each program uses a part of it")]

pub use orm::{prelude::*, sqlite::Connection};

#[derive(Debug, Clone, PartialEq, Table)]
pub struct User {
    #[column(primary_key, default = random_uuid())]
    pub id: Uuid,
    #[column(unique)]
    pub email: String,
    pub name: String,
    pub age: Option<i32>,
    #[column(default = Role::Member)]
    pub role: Role,
    #[column(default = now())]
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
pub enum Role {
    Owner,
    Member,
}

#[derive(Debug, Clone, PartialEq, Table)]
pub struct Post {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(references = User::id, on_delete = cascade)]
    pub author_id: Uuid,
    pub title: String,
    pub subtitle: Option<String>,
    pub words: i32,
    pub published: bool,
    pub tags: Json<Vec<String>>,
    #[column(generated = "length(title)")]
    pub title_length: i64,
}

#[derive(Debug, Clone, PartialEq, Table)]
pub struct Comment {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(references = Post::id)]
    pub post_id: i64,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbType)]
pub struct GroupId(pub i64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbType)]
pub struct BadgeId(pub i64);

#[derive(Debug, Clone, PartialEq, Table)]
pub struct Group {
    #[column(primary_key)]
    pub id: GroupId,
    pub name: String,
    pub badge_id: BadgeId,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(unique(group_id, seat))]
pub struct Membership {
    #[column(primary_key, references = User::id)]
    pub user_id: Uuid,
    #[column(primary_key, references = Group::id)]
    pub group_id: GroupId,
    pub seat: i32,
    #[column(default = 0)]
    pub rank: i32,
}

#[derive(Debug, Clone, PartialEq, Table)]
pub struct Employee {
    #[column(primary_key)]
    pub id: i32,
    pub name: String,
    #[column(references = Employee::id)]
    pub manager_id: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Table)]
pub struct Invoice {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(precision = 12, scale = 2)]
    pub total: Decimal,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(keyless)]
pub struct Event {
    pub kind: String,
    #[column(default = now())]
    pub at: DateTime<Utc>,
}

alias!(pub Manager);
alias!(pub Director);
