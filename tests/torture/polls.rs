//! Futures that are dropped at every point where they wait, and what they leave behind.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use orm::{
    postgres::{self, PoolOptions},
    prelude::*,
    sqlite,
};
use tokio::task::coop;

use crate::{server::Server, support::*};

/// Uses up what a task may do before it has to let others run, but for one step: so futures that would never wait do so
/// wherever they could.
fn leave_one_step(context: &mut Context<'_>) {
    // What tokio gives a task.
    const STEPS: usize = 128;
    for _ in 1..STEPS {
        let mut step = pin!(coop::consume_budget());
        if step.as_mut().poll(context).is_pending() {
            return;
        }
    }
}

/// Polls a future until it has been pending this many times, then drops it. `None` if it was dropped.
pub(crate) async fn polled<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    poll_fn(|context| {
        leave_one_step(context);
        match Pin::as_mut(&mut future).poll(context) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => {
                left -= 1;
                Poll::Pending
            }
        }
    })
    .await
}

/// Does something with more and more polls until it comes to its end, and gives how many polls that took.
macro_rules! at_every_poll {
    (|$polls:ident| $body:expr) => {
        crate::polls::at_every_poll!(step 1, |$polls| $body)
    };
    (step $step:expr, |$polls:ident| $body:expr) => {{
        let mut taken = None;
        for $polls in (0..10_000).step_by($step) {
            if $body {
                taken = Some($polls);
                break;
            }
        }
        taken.expect("it comes to its end in ten thousand polls")
    }};
}
pub(crate) use at_every_poll;

/// A database that is looked at past the pool under test.
pub(crate) trait Witness {
    type Pool;

    async fn new() -> Self;
    fn pool(&self) -> &Self::Pool;
    /// Waits until no transaction is open and nothing is locked.
    async fn settled(&self);
    /// The names of the groups that are committed.
    async fn committed(&self) -> Vec<String>;
    /// Fills the table of groups with numbers.
    async fn fill(&self, rows: usize);
    /// How many groups are more than one statement inserts.
    fn several_statements(&self) -> usize;
}

/// PostgreSQL, with a pool of one connection.
pub(crate) struct OnPostgres {
    pub(crate) server: Server,
    other: postgres::Pool,
}

impl Witness for OnPostgres {
    type Pool = postgres::Pool;

    async fn new() -> Self {
        let server = Server::new(PoolOptions::default().size(1)).await;
        Self { other: server.connect().await, server }
    }

    fn pool(&self) -> &postgres::Pool {
        self.server.pool()
    }

    async fn settled(&self) {
        self.server.settled().await;
    }

    async fn committed(&self) -> Vec<String> {
        let names = Group::select().columns(Group::name).order_by(Group::name).all(&self.other).await;
        names.expect("groups can be read")
    }

    async fn fill(&self, rows: usize) {
        let sql = format!("insert into groups (name) select n::text from generate_series(1, {rows}) n; analyze groups");
        self.server.run(&sql).await;
    }

    fn several_statements(&self) -> usize {
        66_000
    }
}

/// SQLite, with its one writer.
pub(crate) struct OnSqlite {
    pool: sqlite::Pool,
    other: sqlite::Connection,
    folder: tempfile::TempDir,
}

impl Witness for OnSqlite {
    type Pool = sqlite::Pool;

    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("torture.db");
        let pool = sqlite::Pool::options().readers(1).open(&path).expect("a file can be made");
        pool.create_all(&schema()).await.expect("the schema fits");
        let options = sqlite::Connection::options().busy_timeout(Duration::ZERO);
        Self { pool, other: options.open(&path).expect("the file can be opened"), folder }
    }

    fn pool(&self) -> &sqlite::Pool {
        &self.pool
    }

    async fn settled(&self) {
        let deadline = Instant::now() + Duration::from_secs(2);
        // All of the log can be written back when nobody reads an old state of the database, and nobody writes.
        while self.other.execute_batch("begin exclusive; commit").is_err() {
            assert!(Instant::now() < deadline, "a transaction stays open");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn committed(&self) -> Vec<String> {
        let names = Group::select().columns(Group::name).order_by(Group::name).all(&self.other);
        names.expect("groups can be read")
    }

    async fn fill(&self, rows: usize) {
        let sql = format!(
            "insert into groups (name) with recursive numbers(n) as
            (select 1 union all select n + 1 from numbers where n < {rows}) select n from numbers"
        );
        let raw = rusqlite::Connection::open(self.folder.path().join("torture.db")).expect("the file can be opened");
        raw.execute_batch(&sql).expect("the table can be filled");
    }

    fn several_statements(&self) -> usize {
        500
    }
}

/// Runs one body on a pool of one connection of each database.
macro_rules! each_single {
    ($($(#[$attribute:meta])* async fn $name:ident($db:ident, $witness:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            #[tokio::test]
            async fn sqlite() -> Result<(), orm::Error> {
                let witness = <crate::polls::OnSqlite as crate::polls::Witness>::new().await;
                let ($db, $witness) = (crate::polls::Witness::pool(&witness), &witness);
                $body
                #[allow(unreachable_code)]
                Ok(())
            }

            $(#[$attribute])*
            #[tokio::test]
            async fn postgres() -> Result<(), orm::Error> {
                let witness = <crate::polls::OnPostgres as crate::polls::Witness>::new().await;
                let ($db, $witness) = (crate::polls::Witness::pool(&witness), &witness);
                $body
                #[allow(unreachable_code)]
                Ok(())
            }
        }
    )*};
}
pub(crate) use each_single;

/// Asserts that the next borrower of a connection is outside of any transaction: what it writes is there at once.
macro_rules! assert_next_is_clean {
    ($db:expr, $witness:expr) => {{
        crate::polls::Witness::settled($witness).await;
        Group::insert().set(Group::name, "zzz").execute($db).await?;
        let names = crate::polls::Witness::committed($witness).await;
        assert_eq!(names.last().map(String::as_str), Some("zzz"), "what the next borrower wrote is not committed");
        Group::delete().filter(Group::name.eq("zzz")).execute($db).await?;
    }};
}
pub(crate) use assert_next_is_clean;

/// Deletes the groups that are there, and gives their names in order.
macro_rules! take_names {
    ($db:expr) => {{
        let names: Vec<String> = Group::select().columns(Group::name).order_by(Group::name).all($db).await?;
        Group::delete().all_rows().execute($db).await?;
        names
    }};
}
pub(crate) use take_names;
