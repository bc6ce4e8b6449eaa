//! Databases for tests: one of its own for each test, and the number of statements that something runs.

use std::{
    env, fmt, fs,
    ops::Deref,
    path::PathBuf,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use orm_core::{error::Error, schema::Schema};

use crate::{Database, DatabaseOptions};

/// A database of a test's own: real, empty but for the tables of a schema, and gone with this.
///
/// ```
/// use orm::{assert_queries, doctest::*, prelude::*, testing::TestDatabase};
/// # orm::doctest::run(async {
/// // Or the URL of a PostgreSQL server, such as `postgres://me@localhost/postgres`.
/// let db = TestDatabase::create("sqlite:", &schema()).await?;
/// User::insert_many(&[NewUser::new(1, "anna@example.com", "Anna")]).execute(&db).await?;
/// let users = assert_queries!(1, db, User::select().all(&db).await?);
/// assert_eq!(users.len(), 1);
/// # Ok::<(), orm::Error>(())
/// # })
/// ```
pub struct TestDatabase {
    database: Database,
    // After the pool: what is open is closed before it is deleted.
    _place: Place,
}

/// Where the database is, until this is dropped.
enum Place {
    Server {
        /// Drops the database when it is dropped.
        _database: Box<orm_postgres::testing::TestDatabase>,
    },
    Folder(PathBuf),
}

impl TestDatabase {
    /// Makes a database with the tables of a schema.
    ///
    /// With `postgres://…` it is made on the server of that URL, whose user may create databases, as a clone of a template
    /// that the first test of a schema makes. With `sqlite:` it is a file in the folder for temporary files.
    ///
    /// # Errors
    /// If the server cannot be reached, or the file not be made.
    pub async fn create(url: &str, schema: &Schema) -> Result<Self, Error> {
        Self::create_with(url, schema, Database::options()).await
    }

    /// Like [`create`](Self::create), with options: hooks, or the size of the pool.
    ///
    /// # Errors
    /// Those of [`create`](Self::create).
    ///
    /// ```
    /// use orm::{Database, doctest::*, testing::TestDatabase};
    /// # orm::doctest::run(async {
    /// let options = Database::options().on_query(|event| println!("{}", event.sql));
    /// let db = TestDatabase::create_with("sqlite:", &schema(), options).await?;
    /// # Ok::<(), orm::Error>(())
    /// # })
    /// ```
    pub async fn create_with(url: &str, schema: &Schema, options: DatabaseOptions) -> Result<Self, Error> {
        if url.starts_with("sqlite:") {
            static COUNTER: AtomicU32 = AtomicU32::new(0);
            let name = format!("orm-test-{}-{}", process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
            let folder = env::temp_dir().join(name);
            let place = Place::Folder(folder.clone());
            let failed = |source: std::io::Error| Error::Open {
                name: folder.display().to_string(),
                kind: orm_core::error::ErrorKind::CannotOpen,
                source: source.into(),
            };
            fs::create_dir_all(&folder).map_err(failed)?;
            let database = Database::from(options.for_sqlite().open(folder.join("test.db"))?);
            database.create_all(schema).await?;
            return Ok(Self { database, _place: place });
        }
        let made = orm_postgres::testing::TestDatabase::create(url, schema, options.for_postgres()).await?;
        Ok(Self { database: Database::from(made.pool().clone()), _place: Place::Server { _database: Box::new(made) } })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Folder(folder) = self {
            // A file that is left behind is no reason to fail a test.
            drop(fs::remove_dir_all(folder));
        }
    }
}

impl Deref for TestDatabase {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.database
    }
}

// Queries run on it as on the database it stands for.
orm_core::pool_write_executor!([] TestDatabase, Database, |it| orm_core::pool::run::Target::Pool(&it.database));

impl fmt::Debug for TestDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TestDatabase").field(&self.database).finish()
    }
}

/// Asserts how many statements an expression runs on a database, and gives the expression's value:
/// `assert_queries!(1, db, User::select().all(&db).await?)`.
///
/// The database is a pool or a blocking connection: anything with a method `statements`. Statements about transactions do not
/// count.
///
/// ```
/// use orm::{assert_queries, doctest::*, prelude::*};
///
/// let db = orm::doctest::sqlite();
/// let users = assert_queries!(1, db, User::select().all(&db)?);
/// assert_eq!(users.len(), 3);
/// # Ok::<(), orm::Error>(())
/// ```
///
/// ```should_panic
/// use orm::{assert_queries, doctest::*, prelude::*};
///
/// let db = orm::doctest::sqlite();
/// assert_queries!(1, db, {
///     for user in User::select().all(&db)? {
///         Post::select().filter(Post::author_id.eq(user.id)).all(&db)?;
///     }
/// });
/// # Ok::<(), orm::Error>(())
/// ```
#[macro_export]
macro_rules! assert_queries {
    ($expected:expr, $db:expr, $run:expr $(,)?) => {{
        let before = $db.statements();
        let value = $run;
        let (expected, run): (u64, u64) = ($expected, $db.statements() - before);
        ::core::assert_eq!(run, expected, "the number of statements of `{}`", ::core::stringify!($run));
        value
    }};
}
