use std::fs;

use orm_core::executor::{Executor, WriteExecutor};

use super::*;
use crate::testing::{TABLE, insert, report, select};

fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn pragma(db: &Connection, name: &str) -> String {
    let read = |raw: &rusqlite::Connection| {
        raw.pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
            .expect("there is such a pragma")
    };
    match db.with_raw(read).expect("no transaction is open") {
        rusqlite::types::Value::Integer(value) => value.to_string(),
        rusqlite::types::Value::Text(value) => value,
        other => format!("{other:?}"),
    }
}

#[test]
fn a_file_has_the_usual_settings() {
    let directory = directory();
    let db = Connection::open(directory.path().join("test.db")).expect("it can be created");
    let settings = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema"];
    assert_eq!(settings.map(|name| pragma(&db, name)), ["wal", "1", "1", "5000", "0"]);
    let db = Connection::open_in_memory().expect("memory is there");
    assert_eq!(settings.map(|name| pragma(&db, name)), ["memory", "1", "1", "5000", "0"]);
}

#[test]
fn settings_can_be_chosen() {
    let directory = directory();
    let db = Connection::options()
        .journal_mode(JournalMode::Truncate)
        .synchronous(Synchronous::Extra)
        .foreign_keys(false)
        .busy_timeout(Duration::from_millis(7))
        .pragma("cache_size", -1_234)
        .open(directory.path().join("test.db"))
        .expect("it can be created");
    let settings = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout", "cache_size"];
    assert_eq!(settings.map(|name| pragma(&db, name)), ["truncate", "3", "0", "7", "-1234"]);
}

#[test]
fn a_timeout_may_be_as_long_as_one_likes() {
    let db = Connection::options().busy_timeout(Duration::MAX).open_in_memory().expect("memory is there");
    assert_eq!(pragma(&db, "busy_timeout"), i32::MAX.to_string());
}

#[test]
fn a_pragma_may_answer() {
    let options = Connection::options().pragma("journal_size_limit", 1_000).pragma("mmap_size", 0);
    assert_eq!(pragma(&options.open_in_memory().expect("memory is there"), "journal_size_limit"), "1000");
}

fn check_refused(options: OpenOptions, path: &Path, kind: ErrorKind) {
    let error = options.open(path).expect_err("it cannot be opened");
    assert_eq!(error.kind(), kind, "{}", report(&error));
    assert!(report(&error).starts_with(&format!("opening the database `{}`: ", path.display())), "{}", report(&error));
}

#[test]
fn what_cannot_be_opened_is_named() {
    let directory = directory();
    let path = directory.path().join("test.db");
    check_refused(OpenOptions::new().create(false), &path, ErrorKind::CannotOpen);
    check_refused(OpenOptions::new().read_only(true), &path, ErrorKind::CannotOpen);
    check_refused(OpenOptions::new(), directory.path(), ErrorKind::CannotOpen);
    check_refused(OpenOptions::new(), &path.join("below"), ErrorKind::CannotOpen);
    check_refused(OpenOptions::new(), Path::new(""), ErrorKind::CannotOpen);
    check_refused(OpenOptions::new(), Path::new("a\0b"), ErrorKind::CannotOpen);
    assert!(!path.exists());
    fs::write(&path, "this is no database, but long enough to have a header, which SQLite reads first. ".repeat(9))
        .expect("the directory can be written");
    check_refused(OpenOptions::new(), &path, ErrorKind::NotADatabase);
    check_refused(OpenOptions::new().read_only(true), &path, ErrorKind::NotADatabase);
}

#[test]
fn a_wrong_pragma_is_an_error() {
    let error = Connection::options().pragma("cache_size; drop table t", 1).open_in_memory();
    assert!(error.is_err());
}

#[test]
fn a_path_is_not_a_uri() {
    let directory = directory();
    let inside = |name: &str| directory.path().join(name);
    drop(Connection::open(inside("file:a.db?mode=memory")).expect("it can be created"));
    assert!(inside("file:a.db?mode=memory").exists());
    assert_eq!(never_uri(Path::new("file:a.db")), Path::new("./file:a.db"));
    assert_eq!(never_uri(Path::new("a.db")), Path::new("a.db"));
}

#[test]
fn a_read_only_database_is_read() {
    let directory = directory();
    let path = directory.path().join("test.db");
    let db = Connection::open(&path).expect("it can be created");
    db.execute_batch(TABLE).expect("it is new");
    db.execute(insert::<()>("t", &["n"], 1, &[]).bind(1_i64)).expect("it is new");
    drop(db);
    let db = Connection::options().read_only(true).open(&path).expect("it is there");
    assert_eq!(db.fetch_all(select::<(i64,)>("t", &["n"], None)).expect("it is read"), [(1,)]);
    let error = db.execute(insert::<()>("t", &["n"], 1, &[]).bind(2_i64)).expect_err("it is read-only");
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    assert_eq!(db.execute_batch("drop table t").expect_err("it is read-only").kind(), ErrorKind::ReadOnly);
    assert_eq!(db.fetch_all(select::<(i64,)>("t", &["n"], None)).expect("it is read"), [(1,)]);
}

#[test]
fn texts_in_utf_16_are_refused() {
    let directory = directory();
    let path = directory.path().join("test.db");
    let raw = rusqlite::Connection::open(&path).expect("it can be created");
    raw.execute_batch("pragma encoding = 'UTF-16le'; create table t (n)").expect("valid");
    drop(raw);
    check_refused(OpenOptions::new(), &path, ErrorKind::Unsupported);
}

/// Damaged files give errors, and no more than that.
#[test]
fn damaged_files_are_survived() {
    let directory = directory();
    let path = directory.path().join("test.db");
    let db = Connection::options().journal_mode(JournalMode::Delete).open(&path).expect("it can be created");
    db.execute_batch(TABLE).expect("it is new");
    for number in 0..200_i64 {
        let row = insert::<()>("t", &["n", "s"], 1, &[]).bind(number).bind("x".repeat(50));
        db.execute(row).expect("it is new");
    }
    drop(db);
    let good = fs::read(&path).expect("it is there");
    let mut seed = 1_u32;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(seed >> 8).expect("24 bits") % below
    };
    for round in 0..200 {
        let mut bytes = good.clone();
        if round % 4 == 0 {
            bytes.truncate(random(good.len()));
        }
        for _ in 0..20.min(bytes.len()) {
            let at = random(bytes.len());
            bytes[at] = u8::try_from(random(256)).expect("below 256");
        }
        fs::write(&path, &bytes).expect("it can be written");
        let Ok(db) = Connection::options().journal_mode(JournalMode::Delete).open(&path) else { continue };
        let _ = db.fetch_all(select::<(Option<i64>, Option<String>)>("t", &["n", "s"], None));
        let _ = db.execute(insert::<()>("t", &["n"], 1, &[]).bind(1_000_i64));
    }
}

#[test]
fn several_can_open_a_new_file_at_once() {
    let directory = directory();
    for round in 0..20 {
        let path = directory.path().join(format!("{round}.db"));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| Connection::open(&path).expect("each waits for the others"));
            }
        });
    }
}
