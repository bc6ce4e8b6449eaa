//! A database for each test, cloned from a template that is made once.

use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use orm_core::{ddl, error::Error, schema::Schema};
use tokio_postgres::Client;

use crate::{Pool, PoolOptions, Postgres, connect::Connector, error::failed, options::ConnectOptions};

/// A database of a test's own, on a real server. It is dropped with this.
pub struct TestDatabase {
    pool: Pool,
    server: String,
    name: String,
}

/// The number of the lock under which templates are made.
const TEMPLATE_LOCK: i64 = 0x6f72_6d5f_7465_7374;

impl TestDatabase {
    /// Makes a database with the tables of a schema on the server of a URL, whose user may create databases.
    ///
    /// The first test of a schema makes a template, from which the databases of all are cloned. It is kept for later runs
    /// under a name that begins with `orm_template_`.
    ///
    /// # Errors
    /// If the server cannot be reached, or refuses.
    pub async fn create(server: &str, schema: &Schema, options: PoolOptions) -> Result<Self, Error> {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let name = format!("orm_test_{}_{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let admin = Admin::connect(server, None).await?;
        let template = admin.template(server, schema).await?;
        admin.run(&format!("create database \"{name}\" template \"{template}\"")).await?;
        let connector = Connector::new(server, &options.connection)?.with_database(&name);
        // From here on, the database is dropped whatever happens.
        let pool = match Pool::open(options, connector).await {
            Ok(pool) => pool,
            Err(error) => {
                drop(admin.run(&format!("drop database \"{name}\" with (force)")).await);
                return Err(error);
            }
        };
        Ok(Self { pool, server: server.to_owned(), name })
    }

    /// The pool of connections to the database.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// The name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Debug for TestDatabase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestDatabase").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, name) = (self.server.clone(), std::mem::take(&mut self.name));
        // A test's runtime may be about to end, and cannot be waited for from inside of it.
        let dropping = thread::spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
            runtime.block_on(async {
                if let Ok(admin) = Admin::connect(&server, None).await {
                    drop(admin.run(&format!("drop database if exists \"{name}\" with (force)")).await);
                }
            });
        });
        drop(dropping.join());
    }
}

/// A connection that creates and drops databases.
struct Admin(Client);

impl Admin {
    async fn connect(server: &str, database: Option<&str>) -> Result<Self, Error> {
        let mut connector = Connector::new(server, &ConnectOptions::default())?;
        if let Some(database) = database {
            connector = connector.with_database(database);
        }
        Ok(Self(connector.open().await?.client))
    }

    async fn run(&self, sql: &str) -> Result<(), Error> {
        let result = self.0.batch_execute(sql).await;
        result.map_err(|error| failed(error, "preparation of a test's database".to_owned(), sql))
    }

    async fn exists(&self, database: &str) -> Result<bool, Error> {
        let sql = "select 1 from pg_database where datname = $1 and datistemplate";
        let found = self.0.query_opt(sql, &[&database]).await;
        found.map(|row| row.is_some()).map_err(|error| failed(error, "search for a template".to_owned(), sql))
    }

    /// The name of a database with the tables of the schema and nothing else.
    async fn template(&self, server: &str, schema: &Schema) -> Result<String, Error> {
        ddl::check_types(schema, &Postgres)?;
        let statements = ddl::create_statements(schema, &Postgres);
        let mut hasher = DefaultHasher::new();
        statements.hash(&mut hasher);
        let name = format!("orm_template_{:016x}", hasher.finish());
        if self.exists(&name).await? {
            return Ok(name);
        }
        // Tests run in many processes at once; one of them makes the template.
        self.run(&format!("select pg_advisory_lock({TEMPLATE_LOCK})")).await?;
        let made = self.make_template(server, &name, &statements).await;
        self.run(&format!("select pg_advisory_unlock({TEMPLATE_LOCK})")).await?;
        made.map(|()| name)
    }

    async fn make_template(&self, server: &str, name: &str, statements: &[String]) -> Result<(), Error> {
        if self.exists(name).await? {
            return Ok(());
        }
        // What was left by a process that was killed.
        self.run(&format!("drop database if exists \"{name}\" with (force)")).await?;
        // Whatever the locale of the server is: texts go by their bytes.
        let options = "template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'";
        self.run(&format!("create database \"{name}\" {options}")).await?;
        let inside = Self::connect(server, Some(name)).await?;
        for statement in statements {
            inside.run(statement).await?;
        }
        // A database that somebody is connected to cannot be cloned.
        drop(inside);
        while self.has_visitors(name).await? {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        self.run(&format!("alter database \"{name}\" is_template true")).await
    }

    async fn has_visitors(&self, database: &str) -> Result<bool, Error> {
        let sql = "select 1 from pg_stat_activity where datname = $1 limit 1";
        let found = self.0.query_opt(sql, &[&database]).await;
        found.map(|row| row.is_some()).map_err(|error| failed(error, "search for connections".to_owned(), sql))
    }
}
