//! What every behaviour test shares: a schema, a database with it, and ways to state SQL.
#![allow(dead_code, unused_macros, unused_imports, unreachable_pub, reason = "each test file uses a part of it")]

#[path = "postgres.rs"]
pub mod postgres;

use orm::{Error, Executor, WriteExecutor, prelude::*, schema::Schema};

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "users", new(derive(Debug, Clone)), changes(derive(Debug)))]
pub struct User {
    #[column(primary_key, default = random_uuid())]
    pub id: Uuid,
    #[column(unique, length = 255)]
    pub email: String,
    pub name: String,
    pub age: Option<i32>,
    #[column(default = Role::Member)]
    pub role: Role,
    #[column(default = now())]
    pub created_at: DateTime<Utc>,
    #[column(default = now(), on_update = now())]
    pub updated_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
#[db_enum(name = "user_role")]
pub enum Role {
    Owner,
    Member,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(
    name = "posts",
    index(author_id, created_at desc),
    check(word_count = "words >= 0"),
    new(derive(Debug, Clone))
)]
pub struct Post {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(references = User::id, on_delete = cascade)]
    pub author_id: Uuid,
    pub title: String,
    pub words: i32,
    pub published: bool,
    pub tags: Json<Vec<String>>,
    #[column(default = now())]
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Table)]
pub struct Group {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(unique)]
    pub name: String,
}

/// A table whose key has two columns.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "memberships")]
pub struct Membership {
    #[column(primary_key, references = User::id, on_delete = cascade)]
    pub user_id: Uuid,
    #[column(primary_key, references = Group::id, on_delete = cascade)]
    pub group_id: i64,
    #[column(default = 0)]
    pub rank: i32,
}

/// A table that refers to itself.
#[derive(Debug, Clone, PartialEq, Table)]
pub struct Employee {
    #[column(primary_key)]
    pub id: i32,
    pub name: String,
    #[column(references = Employee::id)]
    pub manager_id: Option<i32>,
    pub salary: i32,
}

relations! {
    User { posts: many(Post), memberships: many(Membership), groups: many(Group) through(Membership) }
    User { published: many(Post) filter(Post::published.eq(true)) }
    Post { author: one(User) }
    Group { memberships: many(Membership), members: many(User) through(Membership) }
    Membership { user: one(User), group: one(Group) }
    Employee { manager: optional(Employee) via manager_id, reports: many(Employee) via manager_id }
}

alias!(pub Manager);

schema! { pub fn schema() = [User, Post, Group, Membership, Employee] }

/// A new user with this email and name.
pub fn user(email: &str, name: &str) -> NewUser {
    NewUser::new(email, name)
}

/// Runs one body on every database, each time on a new one with the schema above.
macro_rules! each_dialect {
    ($($(#[$attribute:meta])* fn $name:ident($db:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            #[test]
            fn sqlite() -> Result<(), orm::Error> {
                let database = orm::sqlite::Connection::open_in_memory()?;
                database.create_all(&crate::support::schema())?;
                let $db = &database;
                $body
                #[allow(unreachable_code)]
                Ok(())
            }

            $(#[$attribute])*
            #[test]
            fn postgres() -> Result<(), orm::Error> {
                let database = crate::support::postgres::Database::new(&crate::support::schema());
                let $db = &database;
                $body
                #[allow(unreachable_code)]
                Ok(())
            }
        }
    )*};
}
pub(crate) use each_dialect;

/// Like `each_dialect!`, but for what only SQLite has: its connection, its files, its ways to store values.
macro_rules! on_sqlite {
    ($($(#[$attribute:meta])* fn $name:ident($db:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            #[test]
            fn sqlite() -> Result<(), orm::Error> {
                let database = orm::sqlite::Connection::open_in_memory()?;
                database.create_all(&crate::support::schema())?;
                let $db = &database;
                $body
                #[allow(unreachable_code)]
                Ok(())
            }
        }
    )*};
}
pub(crate) use on_sqlite;

/// Like `each_dialect!`, but for what only PostgreSQL has.
macro_rules! on_postgres {
    ($($(#[$attribute:meta])* fn $name:ident($db:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            #[test]
            fn postgres() -> Result<(), orm::Error> {
                let database = crate::support::postgres::Database::new(&crate::support::schema());
                let $db = &database;
                $body
                #[allow(unreachable_code)]
                Ok(())
            }
        }
    )*};
}
pub(crate) use on_postgres;

/// States the text of a query on each database: `assert_sql!(query, postgres: "…", sqlite: "…")`. Where they differ in
/// placeholders only, `both: "… $1 …"` is the text on PostgreSQL, and that on SQLite has `?1` in it.
macro_rules! assert_sql {
    ($query:expr, both: $sql:expr $(,)?) => {{
        let sql = String::from($sql);
        crate::support::assert_sql!($query, postgres: sql, sqlite: sql.replace('$', "?"));
    }};
    ($query:expr, postgres: $postgres:expr, sqlite: $sqlite:expr $(,)?) => {{
        let query = &$query;
        assert_eq!($crate::support::Text::text(query.to_sql(orm::postgres::Postgres)), $postgres);
        assert_eq!($crate::support::Text::text(query.to_sql(orm::sqlite::Sqlite)), $sqlite);
    }};
    ($query:expr, sqlite: $sqlite:expr $(,)?) => {
        assert_eq!($crate::support::Text::text($query.to_sql(orm::sqlite::Sqlite)), $sqlite);
    };
}
pub(crate) use assert_sql;

/// What `to_sql` gives: a text, or an error for statements that may be refused.
pub trait Text {
    fn text(self) -> String;
}

impl Text for String {
    fn text(self) -> String {
        self
    }
}

impl Text for Result<String, orm::Error> {
    fn text(self) -> String {
        self.expect("the statement is one that may be sent")
    }
}

impl Text for Vec<String> {
    fn text(self) -> String {
        self.join(";\n")
    }
}

/// A database that tests run on, for what they share.
pub trait TestDatabase:
    'static + WriteExecutor + for<'a> Executor<Output<'a, u64> = Result<u64, Error>, Output<'a, User> = Result<User, Error>>
{
    /// Creates the tables of a further schema.
    fn create(&self, schema: &Schema) -> Result<(), Error>;
    /// The value for this database.
    fn choose<T>(&self, postgres: T, sqlite: T) -> T;
}

impl TestDatabase for orm::sqlite::Connection {
    fn create(&self, schema: &Schema) -> Result<(), Error> {
        self.create_all(schema)
    }

    fn choose<T>(&self, _postgres: T, sqlite: T) -> T {
        sqlite
    }
}

impl TestDatabase for postgres::Database {
    fn create(&self, schema: &Schema) -> Result<(), Error> {
        self.create_all(schema)
    }

    fn choose<T>(&self, postgres: T, _sqlite: T) -> T {
        postgres
    }
}

/// What is expected where the databases differ: `either!(db, postgres: …, sqlite: …)`.
macro_rules! either {
    ($db:expr, postgres: $postgres:expr, sqlite: $sqlite:expr $(,)?) => {
        crate::support::TestDatabase::choose($db, $postgres, $sqlite)
    };
}
pub(crate) use either;
