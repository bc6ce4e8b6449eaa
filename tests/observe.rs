//! Watching what runs: hooks, spans, metrics, the status of a pool. What must never be shown is in `torture/secrets.rs`.

#[path = "support/pools.rs"]
mod pools;
#[path = "support/spans.rs"]
mod spans;
#[path = "support/harness.rs"]
mod support;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::TryStreamExt;
use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use orm::{Database, DatabaseOptions, Error, ErrorKind, pool::TransactionOptions, prelude::*, testing::TestDatabase};
use spans::Spans;
use support::*;

async fn open(url: &str, options: DatabaseOptions) -> TestDatabase {
    TestDatabase::create_with(url, &schema(), options).await.expect("the test's database can be made")
}

/// The name of the system behind a URL.
fn system(url: &str) -> &'static str {
    if url.starts_with("sqlite") { "sqlite" } else { "postgresql" }
}

macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($url:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn check($url: &str) -> Result<(), Error> {
                $body
                Ok(())
            }

            $(#[$attribute])*
            #[tokio::test]
            async fn sqlite() -> Result<(), Error> {
                check("sqlite:").await
            }

            $(#[$attribute])*
            #[tokio::test]
            async fn postgres() -> Result<(), Error> {
                check(&crate::pools::server()).await
            }
        }
    )*};
}

/// The number of a metric, or how often it was measured, by its name and labels; the place is left out of the labels.
fn measured(snapshotter: &Snapshotter) -> BTreeMap<String, f64> {
    let mut all = BTreeMap::new();
    for (key, _, _, value) in snapshotter.snapshot().into_vec() {
        let key = key.key();
        let place = ["db.system.name", "db.namespace", "db.client.connection.pool.name"];
        let labels = key.labels().filter(|label| !place.contains(&label.key())).map(|label| label.value());
        let name = std::iter::once(key.name()).chain(labels).collect::<Vec<_>>().join(" ");
        #[allow(clippy::cast_precision_loss, reason = "small numbers")]
        let value = match value {
            DebugValue::Counter(count) => count as f64,
            DebugValue::Gauge(value) => value.0,
            DebugValue::Histogram(values) => values.len() as f64,
        };
        all.insert(name, value);
    }
    all
}

on_both! {
    /// A span has the names of OpenTelemetry, the text with placeholders, and the rows.
    async fn a_span_for_each_statement(url) {
        let db = open(url, Database::options()).await;
        let (spans, _guard) = Spans::collect();
        Group::insert().set(Group::name, "a").execute(&db).await?;
        Group::select().filter(Group::name.eq("a")).all(&db).await?;
        let refused = Group::insert().set(Group::name, "a").execute(&db).await;
        assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::UniqueViolation));

        let statements = spans.named("statement");
        assert_eq!(statements.len(), 3, "{statements:?}");
        let [insert, select, refused] = &statements[..] else { unreachable!("there are three") };
        assert_eq!(select.target, "orm");
        assert!(select.is_closed);
        for (name, expected) in [
            ("otel.name", "select groups"),
            ("otel.kind", "client"),
            ("otel.status_code", ""),
            ("db.system.name", system(url)),
            ("db.operation.name", "select"),
            ("db.collection.name", "groups"),
            ("db.query.summary", "select groups"),
            ("db.response.returned_rows", "1"),
            ("orm.affected_rows", ""),
            ("error.type", ""),
        ] {
            assert_eq!(select.field(name), expected, "{name}");
        }
        let mark = if system(url) == "sqlite" { "?1" } else { "$1" };
        let text = format!(r#"select "groups"."id", "groups"."name" from "groups" where "groups"."name" = {mark}"#);
        assert_eq!(select.field("db.query.text"), text);
        assert!(select.field("db.namespace").contains("test"), "{select:?}");
        if system(url) == "postgresql" {
            assert_eq!(select.field("server.address"), "127.0.0.1");
            assert!(select.field("server.port").parse::<u16>().is_ok(), "{select:?}");
        } else {
            assert_eq!(select.field("server.address"), "");
        }
        assert_eq!((insert.field("db.operation.name"), insert.field("orm.affected_rows")), ("insert", "1"));
        let code = if system(url) == "sqlite" { "2067" } else { "23505" };
        assert_eq!(refused.field("error.type"), "unique_violation");
        assert_eq!(refused.field("db.response.status_code"), code);
        assert_eq!(refused.field("otel.status_code"), "ERROR");
    }

    /// A statement is part of the span it runs in; a connection is waited for outside of the statement.
    async fn spans_are_nested(url) {
        let db = open(url, Database::options()).await;
        let (spans, _guard) = Spans::collect();
        let outer = tracing::info_span!("request");
        let outer_id = outer.id().map(|id| id.into_u64());
        tracing::Instrument::instrument(Group::select().count(&db), outer).await?;
        let [statement] = &spans.named("statement")[..] else { panic!("one statement: {:?}", spans.all()) };
        assert_eq!(statement.parent, outer_id);
        let [wait] = &spans.named("connection")[..] else { panic!("one wait: {:?}", spans.all()) };
        assert_eq!((wait.parent, wait.level.as_str()), (outer_id, "DEBUG"));
        assert!(wait.is_closed);
    }

    /// What a closure does is part of its transaction, through the spans of whatever it calls; a guard says so itself.
    async fn a_span_for_each_transaction(url) {
        let db = open(url, Database::options()).await;
        let (spans, _guard) = Spans::collect();
        db.transaction(async |tx| {
            Group::insert().set(Group::name, "a").execute(tx).await?;
            tx.transaction(async |inner| Group::select().count(inner).await).await
        }).await?;
        let [outer, inner] = &spans.named("transaction")[..] else { panic!("two spans: {:?}", spans.all()) };
        let [insert, select] = &spans.named("statement")[..] else { panic!("two statements: {:?}", spans.all()) };
        assert_eq!((outer.field("otel.name"), inner.field("otel.name")), ("transaction", "savepoint"));
        assert_eq!((outer.field("orm.outcome"), outer.field("orm.attempt")), ("committed", "1"));
        assert_eq!((inner.parent, insert.parent, select.parent), (outer.id, outer.id, inner.id));
        let committed = spans.events();
        assert_eq!(committed.iter().map(|event| (event.message(), event.parent)).collect::<Vec<_>>(), [
            ("committed", inner.id),
            ("committed", outer.id),
        ]);

        spans.forget();
        let tx = db.begin().await?;
        Group::select().count(&tx).await?;
        tx.rollback().await?;
        drop(db.begin().await?);
        let [rolled_back, dropped] = &spans.named("transaction")[..] else { panic!("two spans: {:?}", spans.all()) };
        assert_eq!(rolled_back.field("orm.outcome"), "rolled back");
        assert_eq!(dropped.field("orm.outcome"), "dropped");
        assert_eq!(spans.named("statement")[0].parent, rolled_back.id);
    }

    /// The threshold alone is enough for a warning; the hook is told, too.
    async fn slow_statements_are_warned_of(url) {
        let (spans, _guard) = Spans::collect();
        let slow = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&slow);
        let hook = move |event: &orm::pool::QueryEvent<'_>| {
            sink.lock().expect("no hook panics").push((event.operation, event.table.to_owned(), event.error));
        };
        let db = open(url, Database::options().on_slow_query(Duration::ZERO, hook)).await;
        Group::select().count(&db).await?;
        assert_eq!(*slow.lock().expect("no hook panics"), [("select", "groups".to_owned(), None)]);
        let warnings = |spans: &Spans| {
            let all = spans.events().into_iter().filter(|event| event.level == "WARN");
            all.map(|event| event.field("db.query.text").to_owned()).collect::<Vec<_>>()
        };
        assert!(warnings(&spans).contains(&r#"select count(*) from "groups""#.to_owned()), "{:?}", warnings(&spans));

        spans.forget();
        let never = open(url, Database::options().slow_query_threshold(Duration::from_secs(3600))).await;
        Group::select().count(&never).await?;
        assert_eq!(warnings(&spans), [""; 0]);
        let always = open(url, Database::options().slow_query_threshold(Duration::ZERO)).await;
        spans.forget();
        Group::select().count(&always).await?;
        assert_eq!(warnings(&spans).len(), 1);
    }

    /// A stream is one statement, however far it is read.
    async fn streams_are_watched(url) {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&seen);
        let hook = move |event: &orm::pool::QueryEvent<'_>| sink.lock().expect("no hook panics").push(event.rows);
        let db = open(url, Database::options().on_query(hook)).await;
        let groups: Vec<NewGroup> = (0..5).map(|number| NewGroup::new(number.to_string())).collect();
        Group::insert_many(&groups).execute(&db).await?;
        seen.lock().expect("no hook panics").clear();
        let (spans, _guard) = Spans::collect();
        let all: Vec<Group> = Group::select().stream(&db).try_collect().await?;
        assert_eq!(all.len(), 5);
        let mut some = Group::select().stream(&db);
        some.try_next().await?;
        some.try_next().await?;
        drop(some);
        assert_eq!(*seen.lock().expect("no hook panics"), [5, 2]);
        let statements = spans.named("statement");
        let rows = statements.iter().map(|it| it.field("db.response.returned_rows"));
        assert_eq!(rows.collect::<Vec<_>>(), ["5", "2"]);
    }

    /// Durations by operation and kind of error, and the connections of the pool.
    async fn metrics(url) {
        let recorder = DebuggingRecorder::new();
        let snapshotter = recorder.snapshotter();
        let _guard = ::metrics::set_default_local_recorder(&recorder);
        let wait = Duration::from_millis(30);
        let options = Database::options()
            .wait(wait)
            .postgres(orm::postgres::Pool::options().size(1))
            .sqlite(orm::sqlite::Pool::options().readers(1));
        let db = open(url, options).await;
        drop(measured(&snapshotter));

        Group::insert().set(Group::name, "a").execute(&db).await?;
        let refused = Group::insert().set(Group::name, "a").execute(&db).await;
        assert!(refused.is_err());
        let tx = db.begin().await?;
        let before = measured(&snapshotter);
        assert_eq!(before["db.client.operation.duration insert groups"], 1.0);
        assert_eq!(before["db.client.operation.duration insert groups unique_violation"], 1.0);
        assert_eq!(before["db.client.connection.wait_time"], 3.0);
        assert_eq!(before["db.client.connection.use_time"], 2.0);
        assert_eq!(before["db.client.connection.count used"], 1.0);
        assert_eq!(before["db.client.connection.count idle"], 0.0);
        assert_eq!(before["db.client.connection.pending_requests"], 0.0);

        let starved = Group::insert().set(Group::name, "b").execute(&db);
        let (starved, waiting) = tokio::join!(starved, async {
            tokio::task::yield_now().await;
            measured(&snapshotter)
        });
        assert_eq!(starved.map_err(|error| error.kind()), Err(ErrorKind::PoolTimeout));
        assert_eq!(waiting["db.client.connection.pending_requests"], 1.0);
        let after = measured(&snapshotter);
        assert_eq!(after["db.client.connection.timeouts"], 1.0);
        assert_eq!(after["db.client.connection.wait_time pool_timeout"], 1.0);
        assert_eq!(after["db.client.connection.pending_requests"], 0.0);
        tx.commit().await?;
        let idle = measured(&snapshotter);
        assert_eq!((idle["db.client.connection.count used"], idle["db.client.connection.count idle"]), (0.0, 1.0));
    }

    /// The status of a pool is what it is, without any feature.
    async fn the_status_of_a_pool(url) {
        let options = Database::options()
            .postgres(orm::postgres::Pool::options().size(3))
            .sqlite(orm::sqlite::Pool::options().readers(2));
        let db = open(url, options).await;
        let status = db.status();
        assert_eq!((status.max, status.in_use, status.waiting), (3, 0, 0));
        let tx = db.begin().await?;
        let status = db.status();
        assert_eq!((status.in_use, status.size), (1, status.idle + 1));
        let mut stream = Group::select().stream(&db);
        assert_eq!(stream.try_next().await?, None);
        drop(stream);
        tx.rollback().await?;
        assert_eq!((db.status().in_use, db.status().idle), (0, db.status().size));
    }
}

/// A lock that another connection holds makes a transaction try again; each try has its span, and an event is between them.
#[tokio::test]
async fn tries_after_a_conflict() -> Result<(), Error> {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let path = folder.path().join("test.db");
    let connections = orm::sqlite::Connection::options().busy_timeout(Duration::ZERO);
    let pool = orm::sqlite::Pool::options().connections(connections).open(&path)?;
    pool.create_all(&schema()).await?;
    let mut other = orm::sqlite::Connection::open(&path)?;
    let lock = other.begin()?;
    let (spans, _guard) = Spans::collect();
    let options = TransactionOptions::new().retry(20);
    let waiting = pool.transaction_with(options, async |tx| {
        Group::insert().set(Group::name, "a").execute(tx).await?;
        Ok::<_, Error>(tx.attempt())
    });
    let (attempts, ()) = tokio::join!(waiting, async {
        tokio::time::sleep(Duration::from_millis(20)).await;
        drop(lock);
    });
    let attempts = attempts?;
    assert!(attempts > 1);
    let tries = spans.named("transaction");
    let numbers: Vec<u32> = tries.iter().map(|it| it.field("orm.attempt").parse().expect("a number")).collect();
    // The other connection's own lock ends within the time that is watched, without a span that began in it.
    assert_eq!(numbers, (1..=attempts).collect::<Vec<_>>());
    assert_eq!(tries[0].field("error.type"), "busy");
    assert_eq!(tries.last().expect("there are several").field("orm.outcome"), "committed");
    let retries = spans.events().into_iter().filter(|event| event.message() == "the transaction is tried again");
    assert_eq!(retries.count() as u32, attempts - 1);
    Ok(())
}

/// The blocking connection is watched like the pools.
#[test]
fn blocking_connections() -> Result<(), Error> {
    let rows = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&rows);
    let mut db = orm::sqlite::Connection::options()
        .on_query(move |event| sink.lock().expect("no hook panics").push((event.operation, event.rows, event.error)))
        .open_in_memory()?;
    db.create_all(&schema())?;
    let (spans, _guard) = Spans::collect();
    db.transaction(|tx| {
        Group::insert().set(Group::name, "a").execute(tx)?;
        tx.transaction(|inner| Group::select().count(inner)).map(drop)
    })?;
    let tx = db.begin()?;
    Group::select().first(&tx)?;
    drop(tx);
    let refused = Group::insert().set(Group::name, "a").execute(&db);
    assert_eq!(refused.map_err(|error| error.kind()), Err(ErrorKind::UniqueViolation));
    db.read(|tx| Group::select().stream(tx).take(1).collect::<Result<Vec<_>, _>>())?;
    assert_eq!(
        *rows.lock().expect("no hook panics"),
        [
            ("insert", 1, None),
            ("select", 1, None),
            ("select", 1, None),
            ("insert", 0, Some(ErrorKind::UniqueViolation)),
            ("select", 1, None),
        ]
    );
    let statements = spans.named("statement");
    let transactions = spans.named("transaction");
    assert_eq!((statements.len(), transactions.len()), (5, 4), "{:?}", spans.all());
    let outcomes: Vec<_> = transactions.iter().map(|it| it.field("orm.outcome")).collect();
    assert_eq!(outcomes, ["committed", "committed", "dropped", "committed"]);
    assert_eq!(statements[0].parent, transactions[0].id);
    assert_eq!(statements[1].parent, transactions[1].id);
    assert_eq!(transactions[1].parent, transactions[0].id);
    assert_eq!(statements[2].parent, transactions[2].id, "a guard says what its statements are part of");
    assert_eq!(statements[3].parent, None);
    assert_eq!(statements[4].parent, transactions[3].id);
    assert_eq!((statements[4].field("db.namespace"), statements[4].field("db.system.name")), (":memory:", "sqlite"));
    Ok(())
}

/// What runs on a worker is seen and counted as well.
#[tokio::test]
async fn workers_are_watched() -> Result<(), Error> {
    let seen = Arc::new(Mutex::new(0));
    let sink = Arc::clone(&seen);
    let db = orm::sqlite::Pool::options()
        .on_query(move |event| *sink.lock().expect("no hook panics") += event.rows)
        .open_in_memory()?;
    db.create_all(&schema()).await?;
    orm::assert_queries!(
        2,
        db,
        db.on_worker(|db| {
            Group::insert().set(Group::name, "a").execute(db)?;
            Group::select().all(db)
        })
        .await?
    );
    assert_eq!(*seen.lock().expect("no hook panics"), 2);
    Ok(())
}

/// A database that is chosen at run time takes the hooks that are said for all before those of its pool.
#[tokio::test]
async fn options_for_all_databases_come_first() -> Result<(), Error> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let hook = |name: &'static str| {
        let sink = Arc::clone(&seen);
        move |_: &orm::pool::QueryEvent<'_>| sink.lock().expect("no hook panics").push(name)
    };
    let of_pool = || orm::sqlite::Pool::options().on_query(hook("pool"));
    let db = Database::options().on_query(hook("all")).sqlite(of_pool()).connect("sqlite::memory:").await?;
    db.create_all(&schema()).await?;
    Group::select().count(&db).await?;
    let db = Database::options().sqlite(of_pool()).connect("sqlite::memory:").await?;
    db.create_all(&schema()).await?;
    Group::select().count(&db).await?;
    assert_eq!(*seen.lock().expect("no hook panics"), ["all", "pool"]);
    Ok(())
}
