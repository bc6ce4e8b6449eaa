//! What is secret is never shown: the password of the database, bound values, what rows hold.

#[path = "../support/spans.rs"]
mod spans;

use std::{
    error::Error as _,
    fmt::Debug,
    sync::{Mutex, Once, PoisonError},
};

use futures_util::TryStreamExt;
use metrics_util::debugging::DebuggingRecorder;
use orm::{Database, Error, prelude::*, sqlite::Connection};
use spans::Spans;

use crate::support::*;

/// Part of every secret.
const CANARY: &str = "canary-7f3a";

/// What the `log` facade was told: `tokio-postgres` uses it.
static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Log;

impl log::Log for Log {
    fn enabled(&self, _metadata: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{}: {}", record.target(), record.args());
        LOG.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn flush(&self) {}
}

/// Everything that was shown.
#[derive(Default)]
struct Shown(Vec<String>);

impl Shown {
    fn add(&mut self, value: &impl Debug) {
        self.0.push(format!("{value:?} {value:#?}"));
    }

    /// An error with everything it says, and all its causes.
    fn error(&mut self, error: &Error) {
        self.add(error);
        self.0.push(format!("{error} {:?} {:?} {:?}", error.sql(), error.violation(), error.code()));
        let mut cause = error.source();
        while let Some(error) = cause {
            self.0.push(format!("{error} {error:?}"));
            cause = error.source();
        }
    }

    #[track_caller]
    fn check(&self) {
        let logged = LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for text in self.0.iter().chain(&logged) {
            assert!(!text.contains(CANARY), "{text}");
        }
    }
}

fn secret(what: &str) -> String {
    format!("{CANARY}-{what}")
}

/// Runs all kinds of statements with secrets in them, those that fail too, and collects what is shown.
async fn run(url: &str, reaches: bool) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_boxed_logger(Box::new(Log)).expect("no other logger is set");
        log::set_max_level(log::LevelFilter::Trace);
    });
    let (spans, _guard) = Spans::collect();
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let _recording = metrics::set_default_local_recorder(&recorder);
    let events = std::sync::Arc::new(Mutex::new(Vec::new()));
    let sink = std::sync::Arc::clone(&events);
    let options = Database::options()
        .slow_query_threshold(std::time::Duration::ZERO)
        .on_query(move |event| sink.lock().expect("no hook panics").push(format!("{event:?}")));

    let mut shown = Shown::default();
    shown.add(&options);
    match options.connect(url).await {
        Ok(db) => {
            assert!(reaches, "the database cannot be reached");
            shown.add(&db);
            shown.add(&db.status());
            statements(&db, &mut shown).await;
            assert!(!spans.named("statement").is_empty(), "spans are collected");
        }
        Err(error) => {
            assert!(!reaches, "{error}: {:?}", error.source());
            shown.error(&error);
        }
    }
    shown.0.extend(spans.all().iter().map(|seen| format!("{seen:?}")));
    shown.0.append(&mut events.lock().expect("no hook panics"));
    shown.0.push(format!("{:?}", snapshotter.snapshot().into_vec()));
    shown.check();
}

async fn statements(db: &Database, shown: &mut Shown) {
    db.create_all(&schema()).await.expect("the database is empty");
    let email = secret("email");
    let tags = Json(vec![secret("tag")]);
    let user: User = User::insert().values(user(&email, &secret("name"))).returning().one(db).await.expect("it is new");
    let post = NewPost::new(user.id, secret("title"), 7, false, tags.clone());
    Post::insert_many(&[post.clone(), post.clone()]).execute(db).await.expect("the author exists");

    // Reading, in every way.
    let name = secret("name");
    let query = || User::select().filter(User::email.eq(&email)).filter(User::name.contains(&name));
    query().one(db).await.expect("it was stored");
    query().explain(db).await.expect("it has a plan");
    let emails = [secret("email"), secret("other")];
    User::select().filter(User::email.in_list(&emails)).all(db).await.expect("it can be read");
    let _: Vec<Post> = Post::select().stream(db).try_collect().await.expect("it can be read");
    Post::update().set(Post::title, secret("new")).all_rows().execute(db).await.expect("it can be changed");

    // Every kind of error that has values near it.
    let duplicate = User::insert().values(self::user(&email, "b")).execute(db).await;
    shown.error(&duplicate.expect_err("the email is taken"));
    let orphan = NewPost::new(Uuid::nil(), secret("title"), 7, false, tags.clone());
    shown.error(&Post::insert().values(orphan).execute(db).await.expect_err("there is no such author"));
    let negative = NewPost::new(user.id, secret("title"), -1, false, tags);
    shown.error(&Post::insert().values(negative).execute(db).await.expect_err("the check refuses it"));
    let long = format!("{}{}", secret("long"), "x".repeat(300));
    shown.error(&User::insert().values(self::user(&long, "c")).execute(db).await.expect_err("the email is too long"));
    let nul = User::insert().values(self::user(&format!("{}\0", secret("nul")), "d")).execute(db).await;
    nul.err().iter().for_each(|error| shown.error(error));
    let all = User::select().columns(User::id).filter(User::email.ne(secret("missing")));
    User::insert().values(self::user(&secret("second"), "e")).execute(db).await.expect("it is new");
    shown.error(&all.one(db).await.expect_err("there are two"));
    let none = User::select().filter(User::email.eq(secret("missing")));
    shown.error(&none.one(db).await.expect_err("there is none"));

    // Transactions with statements that fail, and one whose body fails.
    let failed = db.transaction(async |tx| {
        shown.add(tx);
        User::insert().values(self::user(&email, "f")).execute(tx).await
    });
    let failed = failed.await.expect_err("the email is taken");
    shown.error(&failed);

    // What is stored does not fit its Rust type.
    if let Some(pool) = db.as_sqlite() {
        let broken = pool.on_worker(|db: &Connection| {
            let spoiled = format!("update users set role = '{}'", secret("role"));
            db.with_raw(|raw| {
                raw.execute_batch("pragma ignore_check_constraints = on").and_then(|()| raw.execute_batch(&spoiled))
            })?
            .expect("checks are off");
            User::select().all(db)
        });
        shown.error(&broken.await.expect_err("there is no such role"));
    }
    if let Some(pool) = db.as_postgres() {
        // The text is the program's own, and not secret.
        let spoil = "alter table users alter role drop default, alter role type text using 'canary' || '-7f3a-role'";
        pool.execute_batch(spoil).await.expect("a type can be changed");
        shown.error(&User::select().all(db).await.expect_err("there is no such role"));
    }
}

/// The canary is in everything that is stored, and in a URL of a database that there is no driver for.
#[tokio::test]
async fn t38_secrets_are_not_shown_sqlite() {
    run("sqlite::memory:", true).await;
    run(&format!("mysql://user:{CANARY}@localhost/app"), false).await;
}

/// The password is in the URL, and in everything that is stored.
#[tokio::test]
async fn t38_secrets_are_not_shown_postgres() {
    let server = crate::server::Server::new(orm::postgres::Pool::options().size(1)).await;
    let (scheme, rest) = server.url().split_once("://").expect("it is a URL");
    let (user, place) = rest.split_once('@').expect("it names a user");
    let (host, name) = place.rsplit_once('/').expect("it names a database");
    // One without tables.
    server.administer(&format!("create database {name}_secrets")).await;
    run(&format!("{scheme}://{user}:{CANARY}@{host}/{name}_secrets"), true).await;
    server.administer(&format!("drop database {name}_secrets with (force)")).await;

    // What the driver logs was among what is checked.
    let is_logged = |part| LOG.lock().unwrap_or_else(PoisonError::into_inner).iter().any(|line| line.contains(part));
    assert!(is_logged("executing statement") && is_logged("preparing query"));

    // No server, no such database, no valid URL.
    run(&format!("{scheme}://{user}:{CANARY}@127.0.0.1:1/app"), false).await;
    run(&format!("{scheme}://{user}:{CANARY}@{host}/missing"), false).await;
    run(&format!("{scheme}://{user}:{CANARY}@{host}/app?connect_timeout={CANARY}"), false).await;
    run(&format!("{scheme}://{user}:{CANARY}@{host}:{CANARY}/app"), false).await;
}
