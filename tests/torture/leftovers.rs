//! What a borrower of a connection leaves behind: nothing.

use std::time::Duration;

use futures_util::TryStreamExt;
use orm::{
    Error,
    postgres::{PoolOptions, Transaction},
    prelude::*,
    types::{self, Binder, Decode, DecodeError, Encode, RowRead, SqlType},
};

use crate::{
    polls::{assert_next_is_clean, each_single},
    server::Server,
    support::*,
};

/// What text of the user's sets on a connection is gone for the next borrower, whether it ran on the pool or in a
/// transaction, and whether that was committed or dropped.
#[tokio::test]
async fn t12_nothing_outlives_the_text_that_set_it() -> Result<(), Error> {
    let server = Server::new(PoolOptions::default().size(1)).await;
    let pool = server.pool();
    pool.execute_batch("create role torture_nobody; create schema elsewhere").await.or_else(|error| {
        // Roles are the server's, so another run may have left it.
        if error.to_string().contains("exists") { Ok(()) } else { Err(error) }
    })?;
    macro_rules! leaves {
        ($($text:literal),* $(,)?) => {$(
            drop(pool.execute_batch($text).await);
            assert_fresh(&server).await?;
            if !$text.starts_with("commit") {
                drop(pool.transaction(async |tx: &Transaction<'_>| {
                    tx.execute_batch($text).await?;
                    Group::delete().all_rows().execute(tx).await
                }).await);
                assert_fresh(&server).await?;
            }
            let tx = pool.begin().await?;
            drop(tx.execute_batch($text).await);
            drop(tx);
            assert_fresh(&server).await?;
        )*};
    }
    leaves!(
        "begin; insert into groups (name) values ('left')",
        "commit; begin; insert into groups (name) values ('left')",
        "set role pg_read_all_data",
        "set session characteristics as transaction read only",
        "set search_path to elsewhere",
        "select pg_advisory_lock(1)",
        "listen something",
        "create temp table groups (id int8, name text)",
        "prepare something as select 1",
        "declare something cursor with hold for select 1",
        "set statement_timeout to 1",
        "set application_name to 'left'",
    );
    Ok(())
}

/// Asserts that nothing was left on any connection.
async fn assert_fresh(server: &Server) -> Result<(), Error> {
    server.none("application_name = 'left'", Duration::from_secs(2)).await;
    assert_eq!(Group::select().count(server.pool()).await?, 0);
    Group::insert().set(Group::name, "kept").execute(server.pool()).await?;
    let other = server.connect().await;
    assert_eq!(Group::delete().all_rows().execute(&other).await?, 1, "what the next borrower wrote is not committed");
    drop(other);
    server.settled().await;
    Ok(())
}

/// A text that cannot be sent if it is `send`, and not be read if it is `read`.
#[derive(Debug, PartialEq)]
struct Explosive(String);

impl types::DbType for Explosive {
    type Base = String;
    type Needs = ();
    const SQL_TYPE: SqlType = SqlType::Text;
}

impl Encode for Explosive {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        assert_ne!(self.0, "send", "on purpose");
        self.0.encode(out);
    }
}

impl Decode for Explosive {
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
        let text = String::decode(row, index)?;
        assert_ne!(text, "read", "on purpose");
        Ok(Self(text))
    }
}

/// The groups, with names that explode.
#[derive(Debug, Table)]
#[table(name = "groups")]
struct Bomb {
    #[column(primary_key, auto_increment)]
    id: i64,
    name: Explosive,
}

/// Panics when it is dropped.
struct Dropped;

impl Drop for Dropped {
    fn drop(&mut self) {
        panic!("on purpose");
    }
}

/// Runs something in a task, which panics.
macro_rules! panics {
    ($db:expr, |$pool:ident| $body:expr) => {{
        let $pool = $db.clone();
        let task = tokio::spawn(async move {
            let result: Result<(), Error> = $body.await;
            result
        });
        assert!(task.await.expect_err("the panic reaches the task").is_panic());
    }};
}

each_single! {
    /// A panic anywhere rolls back, reaches the task, and leaves the pool as it was.
    async fn t13_panics(db, witness) {
        let bomb = |name: &str| Bomb::insert().values(NewBomb::new(Explosive(name.to_owned())));
        panics!(db, |db| db.transaction(async |tx| {
            bomb("one").execute(tx).await?;
            panic!("on purpose")
        }));
        assert_next_is_clean!(db, witness);
        panics!(db, |db| db.transaction(async |tx| {
            bomb("one").execute(tx).await?;
            tx.transaction(async |inner| {
                bomb("two").execute(inner).await?;
                let _dropped = Dropped;
                Ok(())
            }).await
        }));
        assert_next_is_clean!(db, witness);
        panics!(db, |db| db.transaction(async |tx| bomb("send").execute(tx).await.map(drop)));
        assert_next_is_clean!(db, witness);
        panics!(db, |db| async move { bomb("send").execute(&db).await.map(drop) });
        assert_next_is_clean!(db, witness);
        panics!(db, |db| db.transaction(async |tx| {
            bomb("read").execute(tx).await?;
            Bomb::select().all(tx).await.map(drop)
        }));
        assert_next_is_clean!(db, witness);
        panics!(db, |db| db.transaction(async |tx| {
            tx.after_commit(|| panic!("on purpose"));
            Ok(())
        }));
        assert_next_is_clean!(db, witness);
        assert_eq!(Group::select().count(db).await?, 0, "something was committed");

        bomb("read").execute(db).await?;
        panics!(db, |db| async move { Bomb::select().all(&db).await.map(drop) });
        assert_next_is_clean!(db, witness);
        panics!(db, |db| db.read(async |tx| Bomb::select().one(tx).await.map(drop)));
        assert_next_is_clean!(db, witness);
        panics!(db, |db| db.batch(async |db| {
            tokio::try_join!(Group::select().count(db), Bomb::select().one(db), Group::select().count(db)).map(drop)
        }));
        assert_next_is_clean!(db, witness);
        panics!(db, |db| async move { Bomb::select().stream(&db).try_collect::<Vec<_>>().await.map(drop) });
        assert_next_is_clean!(db, witness);
        panics!(db, |db| db.transaction(async |tx| {
            Bomb::select().stream(tx).try_collect::<Vec<_>>().await.map(drop)
        }));
        assert_next_is_clean!(db, witness);
        assert_eq!(Group::select().columns(Group::name).one(db).await?, "read");
    }
}
