//! Opening databases, what is set on every connection, and the way past this crate.

#[path = "support/stored.rs"]
mod stored;
#[path = "support/harness.rs"]
mod support;

use std::{path::PathBuf, sync::Arc, thread, time::Duration};

use orm::{
    Error, ErrorKind,
    prelude::*,
    sqlite::{Connection, JournalMode, OpenOptions, Synchronous},
};
use rusqlite::config::DbConfig;
use stored::{Value, number, report, stored, stored_rows, text};
use support::*;

/// A path in a directory of its own.
struct File {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    fn new() -> Self {
        Self::named("test.db")
    }

    fn named(name: &str) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join(name);
        Self { _directory: directory, path }
    }

    fn open(&self, options: &OpenOptions) -> Connection {
        options.open(&self.path).expect("it can be opened")
    }
}

fn pragma(db: &Connection, name: &str) -> Value {
    stored(db, &format!("pragma {name}"))
}

fn setting(db: &Connection, setting: DbConfig) -> bool {
    db.with_raw(|raw| raw.db_config(setting)).expect("no transaction is open").expect("the setting is known")
}

/// What is set whatever the options are.
fn check_settings(db: &Connection) {
    assert!(setting(db, DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY));
    assert!(!setting(db, DbConfig::SQLITE_DBCONFIG_DQS_DML));
    assert!(!setting(db, DbConfig::SQLITE_DBCONFIG_DQS_DDL));
    assert!(!setting(db, DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA));
    assert!(setting(db, DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG));
    assert_eq!(pragma(db, "foreign_keys"), Value::Integer(1));
    assert_eq!(pragma(db, "trusted_schema"), Value::Integer(0));
    assert_eq!(pragma(db, "encoding"), text("UTF-8"));
}

#[test]
fn every_connection_has_the_same_settings() -> Result<(), Error> {
    let file = File::new();
    check_settings(&Connection::open_in_memory()?);
    check_settings(&Connection::open(":memory:")?);
    check_settings(&Connection::open(&file.path)?);
    check_settings(&Connection::options().read_only(true).open(&file.path)?);
    Ok(())
}

#[test]
fn the_usual_options() -> Result<(), Error> {
    let file = File::new();
    let db = Connection::open(&file.path)?;
    assert_eq!(pragma(&db, "journal_mode"), text("wal"));
    assert_eq!(pragma(&db, "synchronous"), Value::Integer(1));
    assert_eq!(pragma(&db, "busy_timeout"), Value::Integer(5_000));
    let memory = Connection::open_in_memory()?;
    assert_eq!(pragma(&memory, "journal_mode"), text("memory"));
    Ok(())
}

#[test]
fn options_are_set() -> Result<(), Error> {
    let file = File::new();
    let options = Connection::options()
        .busy_timeout(Duration::from_millis(1_234))
        .journal_mode(JournalMode::Truncate)
        .synchronous(Synchronous::Extra)
        .foreign_keys(false)
        .pragma("cache_size", -4_000)
        .pragma("user_version", 7);
    let db = file.open(&options);
    assert_eq!(pragma(&db, "busy_timeout"), Value::Integer(1_234));
    assert_eq!(pragma(&db, "journal_mode"), text("truncate"));
    assert_eq!(pragma(&db, "synchronous"), Value::Integer(3));
    assert_eq!(pragma(&db, "foreign_keys"), Value::Integer(0));
    assert_eq!(pragma(&db, "cache_size"), Value::Integer(-4_000));
    assert_eq!(pragma(&db, "user_version"), Value::Integer(7));
    let delete = Connection::options().journal_mode(JournalMode::Delete);
    assert_eq!(pragma(&file.open(&delete), "synchronous"), Value::Integer(2), "full without the log");
    Ok(())
}

/// A pragma whose name or value is something else is an error, and nothing is opened.
#[test]
fn pragmas_cannot_smuggle_statements() {
    let file = File::new();
    let db = file.open(&Connection::options());
    db.execute_batch("create table sentinel (a)").expect("it is new");
    for (name, value) in [("cache_size; drop table sentinel", "1"), ("user_version", "1; drop table sentinel")] {
        // A value that is no number is a text to SQLite, so the second one may be refused or stand for 0.
        let opened = Connection::options().pragma(name, value).open(&file.path);
        assert!(opened.is_ok() || matches!(opened, Err(Error::Open { .. })), "{opened:?}");
        assert_eq!(number(&db, "select count(*) from sqlite_schema where name = 'sentinel'"), 1);
    }
}

#[test]
fn a_file_keeps_what_is_written() -> Result<(), Error> {
    let file = File::named("with space, ünïcode & 100% 'quotes'.db");
    {
        let db = Connection::open(&file.path)?;
        db.create_all(&schema())?;
        User::insert().values(user("a", "Ann")).execute(&db)?;
        assert_eq!(format!("{db:?}"), format!("Connection {{ name: {:?} }}", file.path.display().to_string()));
    }
    let db = Connection::open(&file.path)?;
    assert_eq!(User::select().columns(User::name).one(&db)?, "Ann");
    Ok(())
}

/// A path is a path, also if it looks like a URI.
#[test]
fn paths_are_not_uris() -> Result<(), Error> {
    let file = File::named("test.db?mode=memory");
    let db = Connection::open(&file.path)?;
    db.execute_batch("create table t (a)")?;
    assert!(file.path.exists());
    let uri = format!("file:{}?mode=ro", file.path.display());
    assert_eq!(Connection::open(uri).expect_err("there is no such directory").kind(), ErrorKind::CannotOpen);
    Ok(())
}

#[test]
fn databases_in_memory_are_apart() -> Result<(), Error> {
    let (one, other) = (Connection::open_in_memory()?, Connection::open(":memory:")?);
    one.create_all(&schema())?;
    other.create_all(&schema())?;
    User::insert().values(user("a", "Ann")).execute(&one)?;
    assert_eq!((User::select().count(&one)?, User::select().count(&other)?), (1, 0));
    assert!(!PathBuf::from(":memory:").exists());
    Ok(())
}

/// A file that another connection has in the log can be read without the right to write.
#[test]
fn reading_while_another_writes() -> Result<(), Error> {
    let file = File::new();
    let db = Connection::open(&file.path)?;
    db.create_all(&schema())?;
    let reader = file.open(&Connection::options().read_only(true).busy_timeout(Duration::ZERO));
    db.transaction(|tx| {
        Group::insert().set(Group::name, "a").execute(tx)?;
        assert_eq!(Group::select().count(&reader)?, 0);
        Ok::<_, Error>(())
    })?;
    assert_eq!(Group::select().count(&reader)?, 1);
    Ok(())
}

on_sqlite! {
    /// Foreign keys are checked, not only declared.
    fn foreign_keys_are_checked(db) {
        let orphan = Membership::insert().set(Membership::user_id, Uuid::nil()).set(Membership::group_id, 1);
        assert_eq!(orphan.execute(db).expect_err("there is neither").kind(), ErrorKind::ForeignKeyViolation);
    }

    /// A misspelled name in double quotes is an error, not a text.
    fn t52_double_quotes_are_names(db) {
        for sql in [
            r#"select "no such column""#,
            r#"create table t (a text check (a <> "text"))"#,
            r#"create index i on users ("no such column")"#,
        ] {
            assert_eq!(db.execute_batch(sql).expect_err(sql).kind(), ErrorKind::InvalidStatement);
        }
    }

    /// Extensions cannot be loaded, and what a schema computes may not have side effects.
    fn t52_the_schema_is_not_trusted(db) {
        let error = db.execute_batch("select load_extension('x')").expect_err("it is off");
        assert!(report(&error).contains("not authorized"), "{}", report(&error));
        db.execute_batch("create view v as select load_extension('x')")?;
        let error = db.execute_batch("select * from v").expect_err("it is unsafe");
        assert!(report(&error).contains("unsafe use of load_extension()"), "{}", report(&error));
    }

    /// `STRICT` tables refuse what is not of the column's type.
    fn t52_tables_are_strict(db) {
        let error =
            db.execute_batch("insert into employees (id, name, salary) values (1, 'e', 'one')").expect_err("no number");
        assert_eq!(error.kind(), ErrorKind::CheckViolation);
        let tables = stored_rows(
            db,
            "select name from pragma_table_list \
             where schema = 'main' and type = 'table' and not strict and name not like 'sqlite\\_%' escape '\\'",
        );
        assert_eq!(tables, Vec::<Vec<Value>>::new());
    }

    /// A query is prepared once; the same query elsewhere in the program finds the statement.
    fn statements_are_kept(db) {
        let before = db.statement_cache_len();
        for age in 0..100 {
            User::select().filter(User::age.eq(age)).all(db)?;
        }
        assert_eq!(db.statement_cache_len(), before + 1);
        User::select().filter(User::age.gt(1)).all(db)?;
        assert_eq!(db.statement_cache_len(), before + 2);
    }

    /// A statement whose rows are being read is not run twice at the same time.
    fn a_statement_can_run_while_it_runs(db) {
        Group::insert_many(&[NewGroup::new("a"), NewGroup::new("b"), NewGroup::new("c")]).execute(db)?;
        let names = || Group::select().columns(Group::name).order_by(Group::id).stream(db);
        let mut pairs = Vec::new();
        for outer in names() {
            let outer = outer?;
            for inner in names() {
                pairs.push(format!("{outer}{}", inner?));
            }
        }
        assert_eq!(pairs, ["aa", "ab", "ac", "ba", "bb", "bc", "ca", "cb", "cc"]);
    }

    /// Rows that are not read to their end do not keep the database busy.
    fn a_stream_may_be_dropped(db) {
        Group::insert_many(&[NewGroup::new("a"), NewGroup::new("b")]).execute(db)?;
        let mut rows = Group::select().stream(db);
        assert!(rows.next().is_some());
        drop(rows);
        db.execute_batch("drop table memberships; drop table groups")?;
    }

    /// After an error there are no more rows.
    fn a_stream_ends_with_its_error(db) {
        Employee::insert().set(Employee::id, 1).set(Employee::name, "e").set(Employee::salary, 1).execute(db)?;
        Employee::insert().set(Employee::id, 2).set(Employee::name, "e").set(Employee::salary, 1).execute(db)?;
        stored::write(db, "update employees set salary = 1 << 40 where id = 1", &[]);
        let mut rows = Employee::select().order_by(Employee::id).stream(db);
        assert_eq!(rows.next().expect("the error").expect_err("it does not fit").kind(), ErrorKind::Decode);
        assert!(rows.next().is_none());
        assert!(rows.next().is_none());
    }

    /// Batches run all their statements, and stop at the first that fails.
    fn batches(db) {
        db.execute_batch("create table a (x); insert into a values (1); insert into a values (2)")?;
        assert_eq!(number(db, "select count(*) from a"), 2);
        let error = db.execute_batch("insert into a values (3); insert into b values (1); insert into a values (4)");
        let error = error.expect_err("there is no such table");
        assert_eq!(error.kind(), ErrorKind::InvalidStatement);
        assert_eq!(number(db, "select max(x) from a"), 3);
        db.execute_batch("")?;
        db.execute_batch("-- nothing")?;
        assert_eq!(
            db.execute_batch("select 1;\0 drop table a").expect_err("it has a NUL").kind(),
            ErrorKind::InvalidStatement
        );
        assert_eq!(number(db, "select max(x) from a"), 3);
    }

    /// The driver's connection is there for what this crate does not do.
    fn the_way_past_this_crate(db) {
        let version: String =
            db.with_raw(|raw| raw.query_row("select sqlite_version()", [], |row| row.get(0)))?.expect("it runs");
        assert!(version.starts_with("3."), "{version}");
        User::insert().values(user("a", "Ann")).execute(db)?;
        let name: String =
            db.with_raw(|raw| raw.query_row("select name from users", [], |row| row.get(0)))?.expect("it runs");
        assert_eq!(name, "Ann");
        db.with_raw(|raw| raw.execute_batch("begin; delete from users; rollback"))?.expect("it is balanced");
        assert_eq!(User::select().count(db)?, 1);
        let left_open = db.with_raw(|raw| raw.execute_batch("begin; delete from users"));
        let error = left_open.expect_err("the transaction is left open");
        assert!(report(&error).contains("left a transaction open, which was rolled back"), "{}", report(&error));
        assert_eq!(User::select().count(db)?, 1);
    }

    /// After a change of the schema kept statements are prepared again, by SQLite and without an error.
    fn t14_a_schema_may_change(db) {
        Group::insert().set(Group::name, "a").execute(db)?;
        assert_eq!(Group::select().count(db)?, 1);
        db.execute_batch("alter table groups add column extra text default 'x'; create index i on groups (extra)")?;
        assert_eq!(Group::select().one(db)?, Group { id: 1, name: "a".into() });
        db.execute_batch(
            r#"alter table groups rename to gruppen; create view groups as select name, id, extra from gruppen"#,
        )?;
        assert_eq!(Group::select().one(db)?, Group { id: 1, name: "a".into() });
    }

    /// Neither a bound value nor statistics of a table make SQLite prepare a statement again.
    fn t53_statements_are_prepared_once(db) {
        let rows: Vec<NewUser> =
            (0..200).map(|number| NewUser { age: Some(number), ..user(&format!("{number:03}"), "n") }).collect();
        User::insert_many(&rows).execute(db)?;
        db.execute_batch("analyze")?;
        let warm_up = || -> Result<(), Error> {
            for number in 0..100_i32 {
                let text = format!("{number:03}");
                User::select().filter(User::email.eq(&text)).optional(db)?;
                User::select().filter(User::email.gt(&text)).limit(5).offset(2).all(db)?;
                User::select().filter(User::email.starts_with(&text)).all(db)?;
                User::select().filter(User::email.contains(&text)).all(db)?;
                User::select().filter(User::email.like(&text)).all(db)?;
                User::select().filter(User::email.ilike(&text)).all(db)?;
                User::select().filter(User::email.ends_with(&text)).all(db)?;
                User::select().filter(User::email.in_list([&text])).all(db)?;
                User::select().filter(User::email.between("0", &text)).count(db)?;
                User::update().set(User::age, number).filter(User::email.eq(&text)).execute(db)?;
                User::update()
                    .changes(&UserChanges { age: Some(None), ..Default::default() })
                    .filter(User::email.lt(&text))
                    .execute(db)?;
                User::delete().filter(User::email.eq(&text)).returning().all(db)?;
                User::insert().set(User::email, &text).set(User::name, "n").execute(db)?;
                User::insert()
                    .values(user(&text, "n"))
                    .on_conflict(User::email)
                    .update(User::name.set_to_excluded())
                    .execute(db)?;
                User::insert_many(&[user(&text, "n")]).on_conflict(User::email).do_nothing().execute(db)?;
                db.transaction(|tx| tx.transaction(|inner| User::select().exists(inner)))?;
                db.read(|tx| User::select().exists(tx))?;
            }
            Ok(())
        };
        warm_up()?;
        let (prepared, prepared_again) = (db.statement_cache_len(), db.reprepares());
        warm_up()?;
        assert_eq!(db.reprepares(), prepared_again);
        assert_eq!(db.statement_cache_len(), prepared);
    }
}

/// The cache is bounded, and a capacity of zero keeps nothing; queries run all the same.
#[test]
fn the_statement_cache_is_bounded() -> Result<(), Error> {
    for capacity in [0, 1, 3] {
        let db = Connection::options().statement_cache(capacity).open_in_memory()?;
        db.create_all(&schema())?;
        for _ in 0..3 {
            User::insert().set(User::email, Uuid::new_v4().to_string()).set(User::name, "n").execute(&db)?;
            assert!(User::select().exists(&db)?);
            User::select().filter(User::name.eq("n")).all(&db)?;
            User::select().filter(User::name.ne("n")).all(&db)?;
            db.transaction(|tx| User::select().count(tx))?;
            assert!(db.statement_cache_len() <= capacity, "{} of {capacity}", db.statement_cache_len());
        }
        assert_eq!(User::select().count(&db)?, 3);
    }
    Ok(())
}

/// A connection may be used by one thread after the other.
#[test]
fn connections_can_be_sent() -> Result<(), Error> {
    fn send<T: Send>() {}
    send::<Connection>();
    send::<OpenOptions>();
    send::<Error>();
    fn sync<T: Sync>() {}
    sync::<OpenOptions>();
    sync::<Error>();
    let db = Connection::open_in_memory()?;
    db.create_all(&schema())?;
    let db = thread::spawn(move || User::insert().values(user("a", "Ann")).execute(&db).map(|_| db)).join();
    let db = db.expect("it does not panic")?;
    assert_eq!(User::select().count(&db)?, 1);
    let shared = Arc::new(std::sync::Mutex::new(db));
    thread::scope(|scope| {
        for number in 0..4 {
            let shared = Arc::clone(&shared);
            scope.spawn(move || {
                let db = shared.lock().expect("nobody panics");
                User::insert().values(user(&number.to_string(), "n")).execute(&*db).expect("the emails differ");
            });
        }
    });
    assert_eq!(User::select().count(&*shared.lock().expect("nobody panics"))?, 5);
    Ok(())
}
