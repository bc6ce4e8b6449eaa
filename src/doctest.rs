//! A small database for the examples in the documentation.

use crate::{self as orm, prelude::*};

/// A user of the examples.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "users", crate = crate, new(derive(Debug, Clone)))]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique)]
    pub email: String,
    pub name: String,
    pub age: Option<i32>,
    #[column(default = Role::Member)]
    pub role: Role,
}

/// What a user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
#[db_enum(name = "user_role", crate = crate)]
pub enum Role {
    Owner,
    Member,
}

/// A post of the examples.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "posts", crate = crate, new(derive(Debug, Clone)))]
pub struct Post {
    #[column(primary_key)]
    pub id: i64,
    #[column(references = User::id, on_delete = cascade)]
    pub author_id: i64,
    pub title: String,
    pub words: i32,
    #[column(default = false)]
    pub published: bool,
}

relations! {
    crate = crate,
    User { posts: many(Post) }
    Post { author: one(User) }
}

schema! {
    /// The tables of the examples.
    pub fn schema() = [User, Post]
}

/// A database in memory with two users and three posts:
///
/// | user | email | age | role | posts (words) |
/// |---|---|---|---|---|
/// | 1 Anna | `anna@example.com` | 31 | owner | 1 Ownership (900), 2 Borrowing (1200) |
/// | 2 Bob | `bob@example.com` | – | member | – |
/// | 3 Cleo | `cleo@example.com` | 17 | member | 3 Lifetimes (400, not published) |
///
/// # Panics
/// If the examples' schema does not fit SQLite, which would be a bug.
pub fn sqlite() -> orm::sqlite::Connection {
    let db = orm::sqlite::Connection::open_in_memory().expect("there is memory");
    db.create_all(&schema()).and_then(|()| fill(&db)).expect("the examples' schema and rows fit");
    db
}

fn fill(db: &orm::sqlite::Connection) -> Result<(), orm::Error> {
    let user =
        |id, name: &str, age| NewUser { age, ..NewUser::new(id, format!("{}@example.com", name.to_lowercase()), name) };
    User::insert_many(&[user(1, "Anna", Some(31)), user(2, "Bob", None), user(3, "Cleo", Some(17))]).execute(db)?;
    User::update().set(User::role, Role::Owner).filter(User::id.eq(1)).execute(db)?;
    let post = |id, author_id, title: &str, words| NewPost {
        published: Some(id != 3),
        ..NewPost::new(id, author_id, title, words)
    };
    Post::insert_many(&[post(1, 1, "Ownership", 900), post(2, 1, "Borrowing", 1200), post(3, 3, "Lifetimes", 400)])
        .execute(db)?;
    Ok(())
}

/// A new database with the rows of [`sqlite`], for asynchronous examples.
pub async fn pool() -> crate::sqlite::Pool {
    let pool = crate::sqlite::Pool::open_in_memory().expect("there is memory");
    pool.create_all(&schema()).await.expect("the examples' schema fits");
    pool.on_worker(fill).await.expect("the examples' rows fit");
    pool
}

/// Runs an asynchronous example.
///
/// # Panics
/// If it gives an error: the example is wrong then.
pub fn run<E: std::fmt::Debug>(example: impl Future<Output = Result<(), E>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be built").block_on(example).expect("the example runs");
}
