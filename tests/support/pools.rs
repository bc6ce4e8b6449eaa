//! Asynchronous tests: one body runs on every pool, each time on a database of its own.
#![allow(dead_code, unused_macros, unused_imports, unreachable_pub, reason = "each test file uses a part of it")]

use orm::{schema::Schema, testing::TestDatabase};

/// The URL of the server that `scripts/with-postgres` starts.
pub fn server() -> String {
    std::env::var("ORM_TEST_POSTGRES")
        .expect("ORM_TEST_POSTGRES names a PostgreSQL server; `scripts/with-postgres cargo nextest run` starts one")
}

pub async fn on_sqlite(schema: &Schema) -> TestDatabase {
    TestDatabase::create("sqlite:", schema).await.expect("a file can be made")
}

pub async fn on_postgres(schema: &Schema) -> TestDatabase {
    TestDatabase::create(&server(), schema).await.expect("the test server makes databases")
}

/// Runs one body on the pool of each database, and on a `Database` of each. `runtime(flavor = "multi_thread")` before the
/// bodies says what they run on.
macro_rules! each_pool {
    (runtime $runtime:tt $($(#[$attribute:meta])* async fn $name:ident($db:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            #[tokio::test $runtime]
            async fn sqlite() -> Result<(), orm::Error> {
                let database = crate::pools::on_sqlite(&crate::support::schema()).await;
                let $db = database.as_sqlite().expect("it is SQLite");
                $body
                #[allow(unreachable_code)]
                Ok(())
            }

            $(#[$attribute])*
            #[tokio::test $runtime]
            async fn postgres() -> Result<(), orm::Error> {
                let database = crate::pools::on_postgres(&crate::support::schema()).await;
                let $db = database.as_postgres().expect("it is PostgreSQL");
                $body
                #[allow(unreachable_code)]
                Ok(())
            }

            $(#[$attribute])*
            #[tokio::test $runtime]
            async fn chosen() -> Result<(), orm::Error> {
                for database in [
                    crate::pools::on_sqlite(&crate::support::schema()).await,
                    crate::pools::on_postgres(&crate::support::schema()).await,
                ] {
                    let $db: &orm::Database = &database;
                    let result: Result<(), orm::Error> = async {
                        $body
                        #[allow(unreachable_code)]
                        Ok(())
                    }.await;
                    result?;
                }
                Ok(())
            }
        }
    )*};
    ($($bodies:tt)*) => {
        $crate::pools::each_pool! { runtime() $($bodies)* }
    };
}
pub(crate) use each_pool;
