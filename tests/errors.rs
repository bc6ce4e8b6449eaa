//! What goes wrong, and how it is told.

#[path = "support/stored.rs"]
mod stored;
#[path = "support/harness.rs"]
mod support;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use insta::assert_snapshot;
use orm::{
    Error, ErrorKind, Violation,
    prelude::*,
    sqlite::{Connection, OpenOptions},
};
use stored::{Value, report, text, write};
use support::*;

/// A database file in a directory of its own.
struct File {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl File {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("test.db");
        Self { _directory: directory, path }
    }

    /// One with the schema of the tests, and no write-ahead log beside it.
    fn filled() -> Self {
        let file = Self::new();
        let db = Connection::options().journal_mode(orm::sqlite::JournalMode::Delete).open(&file.path).expect("new");
        db.create_all(&schema()).expect("the database is empty");
        let groups: Vec<NewGroup> = (0..2_000).map(|number| NewGroup::new(format!("group {number:04}"))).collect();
        Group::insert_many(&groups).execute(&db).expect("the names differ");
        file
    }
}

/// The error without the directory of the test in it.
fn report_of(error: &Error, file: &File) -> String {
    report(error).replace(&file.path.display().to_string(), "test.db")
}

fn violation(error: &Error) -> (Option<&str>, Option<&str>, Vec<&str>) {
    let Violation { constraint, table, columns, .. } = error.violation().expect("a constraint is violated");
    (constraint.as_deref(), table.as_deref(), columns.iter().map(String::as_str).collect())
}

fn post(author: Uuid, words: i32) -> NewPost {
    NewPost::new(author, "t", words, false, vec![])
}

each_dialect! {
    fn unique_violation(db) {
        User::insert().values(user("a", "Ann")).execute(db)?;
        let error = User::insert().values(user("a", "Bob")).execute(db).expect_err("the email exists");
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        let constraint = either!(db, postgres: Some("users_email_key"), sqlite: None);
        assert_eq!(violation(&error), (constraint, Some("users"), vec!["email"]));
        assert!(error.violates(User::email));
        assert!(!error.violates(User::name) && !error.violates(Group::name));
        let sql = either!(
            db,
            postgres: r#"insert into "users" ("email", "name", "age") values ($1, $2, $3)"#,
            sqlite: r#"insert into "users" ("email", "name", "age") values (?1, ?2, ?3)"#,
        );
        assert_eq!(error.sql(), Some(sql));
        let expected = either!(
            db,
            postgres: "insert into `users`: a row with the same unique key exists (users.email)\n  \
                caused by: duplicate key value violates unique constraint \"users_email_key\" (23505)",
            sqlite: "insert into `users`: a row with the same unique key exists (users.email)\n  \
                caused by: UNIQUE constraint failed: users.email\n  \
                caused by: Error code 2067: constraint failed",
        );
        assert_eq!(report(&error), expected);
    }

    /// A key of two columns names both.
    fn a_composite_key(db) {
        let ann = User::insert().values(user("a", "Ann")).returning().one(db)?;
        let group = Group::insert().set(Group::name, "g").returning().one(db)?;
        let join =
            || Membership::insert().set(Membership::user_id, ann.id).set(Membership::group_id, group.id).execute(db);
        join()?;
        let error = join().expect_err("the membership exists");
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        let constraint = either!(db, postgres: Some("memberships_pkey"), sqlite: None);
        assert_eq!(violation(&error), (constraint, Some("memberships"), vec!["user_id", "group_id"]));
        assert!(error.violates(Membership::user_id) && error.violates(Membership::group_id));
        assert!(!error.violates(Membership::rank));
    }

    /// SQLite does not say which key it is.
    fn foreign_key_violation(db) {
        let error = Post::insert().values(post(Uuid::nil(), 1)).execute(db).expect_err("there is no author");
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
        let named = (Some("posts_author_id_fkey"), Some("posts"), vec!["author_id"]);
        assert_eq!(violation(&error), either!(db, postgres: named, sqlite: (None, None, vec![])));
        assert_eq!(error.violates(Post::author_id), either!(db, postgres: true, sqlite: false));
        let expected = either!(
            db,
            postgres: "insert into `posts`: a foreign key is violated (posts.author_id)\n  \
                caused by: insert or update on table \"posts\" violates foreign key constraint \
                \"posts_author_id_fkey\" (23503)",
            sqlite: "insert into `posts`: a foreign key is violated\n  \
                caused by: FOREIGN KEY constraint failed\n  \
                caused by: Error code 787: constraint failed",
        );
        assert_eq!(report(&error), expected);
    }

    /// A row that is still referred to violates the key of the table that refers to it.
    fn a_row_that_is_referred_to(db) {
        Employee::insert().set(Employee::id, 1).set(Employee::name, "e").set(Employee::salary, 1).execute(db)?;
        let second = Employee::insert().set(Employee::id, 2).set(Employee::name, "e").set(Employee::salary, 1);
        second.set(Employee::manager_id, 1).execute(db)?;
        let delete = || Employee::delete().filter(Employee::id.eq(1)).execute(db);
        let rename = || Employee::update().set_key(Employee::id, 3).filter(Employee::id.eq(1)).execute(db);
        for error in [delete().unwrap_err(), rename().unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
            let named = (Some("employees_manager_id_fkey"), Some("employees"), vec![]);
            assert_eq!(violation(&error), either!(db, postgres: named, sqlite: (None, None, vec![])));
            assert!(!error.violates(Employee::id), "{error:?}");
        }
    }

    fn check_violation(db) {
        let ann = User::insert().values(user("a", "Ann")).returning().one(db)?;
        let error = Post::insert().values(post(ann.id, -1)).execute(db).expect_err("the words are counted");
        assert_eq!(error.kind(), ErrorKind::CheckViolation);
        let table = either!(db, postgres: Some("posts"), sqlite: None);
        assert_eq!(violation(&error), (Some("word_count"), table, vec![]));
        let expected = either!(
            db,
            postgres: "insert into `posts`: a check is violated (`word_count`)\n  \
                caused by: new row for relation \"posts\" violates check constraint \"word_count\" (23514)",
            sqlite: "insert into `posts`: a check is violated (`word_count`)\n  \
                caused by: CHECK constraint failed: word_count\n  \
                caused by: Error code 275: constraint failed",
        );
        assert_eq!(report(&error), expected);
        let long = "x".repeat(256);
        let error = User::insert().values(user(&long, "Ann")).execute(db).expect_err("it is too long");
        assert_eq!(error.kind(), ErrorKind::CheckViolation);
        let error =
            User::update().set(User::email, long).filter(User::id.eq(ann.id)).execute(db).expect_err("it is too long");
        assert_eq!(error.kind(), ErrorKind::CheckViolation);
        User::insert().values(user(&"ä".repeat(255), "Ann")).execute(db)?;
    }

    /// The schema in the database is stricter than the one in the code.
    fn not_null_violation(db) {
        db.execute_batch("drop table employees")?;
        db.execute_batch(
            "create table employees \
             (id integer primary key, name text, manager_id integer not null, salary integer)",
        )?;
        let insert = Employee::insert().set(Employee::id, 1).set(Employee::name, "e").set(Employee::salary, 1);
        let error = insert.execute(db).expect_err("there is no manager");
        assert_eq!(error.kind(), ErrorKind::NotNullViolation);
        assert_eq!(violation(&error), (None, Some("employees"), vec!["manager_id"]));
        assert!(error.violates(Employee::manager_id));
        let expected = either!(
            db,
            postgres: "insert into `employees`: NULL in a column that does not take it (employees.manager_id)\n  \
                caused by: null value in column \"manager_id\" of relation \"employees\" violates not-null \
                constraint (23502)",
            sqlite: "insert into `employees`: NULL in a column that does not take it (employees.manager_id)\n  \
                caused by: NOT NULL constraint failed: employees.manager_id\n  \
                caused by: Error code 1299: constraint failed",
        );
        assert_eq!(report(&error), expected);
    }

    fn not_found_and_multiple_rows(db) {
        let error = User::find(Uuid::nil()).one(db).expect_err("there is no user");
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_snapshot!(report(&error), @"no row of `users` matches");
        User::insert_many(&[user("a", "A"), user("b", "B")]).execute(db)?;
        for error in [User::select().one(db).map(drop), User::select().optional(db).map(drop)].map(Result::unwrap_err) {
            assert_eq!(error.kind(), ErrorKind::MultipleRows);
            assert_eq!(report(&error), "more than one row of `users` matches");
        }
    }

    /// A stored value that does not fit names table and column, wherever it is read.
    fn t28_decode_errors(db) {
        User::insert().values(user("a", "Ann")).execute(db)?;
        db.execute_batch(either!(
            db,
            postgres: "alter table users alter age type bigint; update users set age = 1099511627776",
            sqlite: "update users set age = 1099511627776",
        ))?;
        let expected = "decoding column `age` (integer) of `users` as `i32`\n  caused by: the value is out of range";
        let check = |error: Error| {
            assert_eq!(error.kind(), ErrorKind::Decode);
            assert_eq!(report(&error), expected);
        };
        check(User::select().all(db).expect_err("the age does not fit"));
        check(User::select().columns((User::name, User::age)).all(db).expect_err("the age does not fit"));
        check(User::select().stream(db).next().expect("there is a row").expect_err("the age does not fit"));
        let error = User::select().columns(max(User::age)).one(db).expect_err("the age does not fit");
        assert_snapshot!(report(&error), @r"
        decoding column `1` (integer) of `users` as `i32`
          caused by: the computed value is out of range
        ");
        check(User::update().set(User::name, "x").all_rows().returning().one(db).expect_err("the age does not fit"));
        assert_eq!(User::select().columns(User::name).all(db)?, ["x"], "a statement has run when its rows are read");
    }

    /// What a joined row holds is told of the table it comes from, not of the first one.
    fn t28_decode_errors_of_joined_rows(db) {
        let ann = User::insert().values(user("a", "Ann")).returning().one(db)?;
        Post::insert().values(post(ann.id, 1)).execute(db)?;
        db.execute_batch("update posts set tags = '[1]'")?;
        let joined = User::select().inner_join(Post::on(Post::author_id.eq(User::id))).all(db);
        let error = joined.expect_err("the tags are no texts");
        assert_snapshot!(report(&error), @r"
        decoding column `tags` (json) of `posts` as `orm_core::types::json::Json<alloc::vec::Vec<alloc::string::String>>`
          caused by: the JSON does not fit the Rust type
          caused by: a value of another type, or a field that is missing or unknown, at line 1, column 2
        ");
    }

    /// A table that is not there, or has other columns, is an invalid statement; it shows the text.
    fn t28_a_schema_that_differs(db) {
        db.execute_batch("drop table employees; create table employees (id integer primary key, name text)")?;
        let error = Employee::select().all(db).expect_err("there are fewer columns");
        assert_eq!(error.kind(), ErrorKind::InvalidStatement);
        let expected = either!(
            db,
            postgres: "select from `employees`: the statement is not valid in this database\n  \
                caused by: column employees.manager_id does not exist (42703)",
            sqlite: "select from `employees`: the statement is not valid in this database\n  \
                caused by: no such column: employees.manager_id\n  \
                caused by: Error code 1: SQL logic error",
        );
        assert_eq!(report(&error), expected);
        assert_eq!(
            error.sql(),
            Some(
                r#"select "employees"."id", "employees"."name", "employees"."manager_id", "employees"."salary" from "employees""#
            )
        );
        assert!(error.violation().is_none());
        // The order of the columns does not matter, nor do further ones.
        db.execute_batch(
            "drop table employees; create table employees \
             (salary integer, extra text, name text, manager_id integer, id integer primary key)",
        )?;
        Employee::insert().set(Employee::id, 1).set(Employee::name, "e").set(Employee::salary, 2).execute(db)?;
        assert_eq!(Employee::find(1).one(db)?, Employee { id: 1, name: "e".into(), manager_id: None, salary: 2 });
    }

    /// A statement that was kept finds out that its table changed.
    fn a_schema_that_changes_under_kept_statements(db) {
        Employee::select().all(db)?;
        db.execute_batch("alter table employees drop column salary")?;
        let error = Employee::select().all(db).expect_err("the column is gone");
        assert_eq!(error.kind(), ErrorKind::InvalidStatement);
        let expected = either!(
            db,
            postgres: "column employees.salary does not exist",
            sqlite: "no such column: employees.salary",
        );
        assert!(report(&error).contains(expected), "{}", report(&error));
        db.execute_batch("alter table employees add column salary integer not null default 0")?;
        assert_eq!(Employee::select().all(db)?, []);
    }

    /// A value that cannot be stored is not sent.
    fn encode_errors(db) {
        let far = either!(db, postgres: DateTime::<Utc>::MIN_UTC, sqlite: DateTime::<Utc>::MAX_UTC);
        let error = User::update().set(User::created_at, far).all_rows().execute(db).expect_err("it is too far");
        assert_eq!(error.kind(), ErrorKind::Encode);
        let range = either!(db, postgres: "4714-11-24 BC to 294276-12-31", sqlite: "years 0 to 9999");
        let expected = "binding the values of update of `users`\n  caused by: the value is out of the range of timestamp";
        assert_eq!(report(&error), format!("{expected}: {range}"));
    }

    /// More conditions than a statement takes values for are refused before anything is sent.
    fn t21_too_many_values(db) {
        let most = either!(db, postgres: 65_535, sqlite: 32_766);
        let count = |values: usize| {
            let conditions: Vec<_> = (0..values).map(|number| User::email.eq(number.to_string())).collect();
            User::select().filter(any(conditions)).count(db)
        };
        assert_eq!(count(most)?, 0);
        let error = count(most + 1).expect_err("it is one too many");
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_eq!(count(3)?, 0, "the connection goes on");
    }

    /// The tables are created together or not at all.
    fn tables_that_exist(db) {
        db.execute_batch("drop table memberships")?;
        let error = db.create_all(&schema()).expect_err("most of them exist");
        assert_eq!(error.kind(), ErrorKind::InvalidStatement);
        let expected = either!(
            db,
            postgres: "create type \"user_role\" as enum ('owner', 'member'): \
                the statement is not valid in this database\n  \
                caused by: type \"user_role\" already exists (42710)",
            sqlite: "create table \"users\": the statement is not valid in this database\n  \
                caused by: table \"users\" already exists\n  \
                caused by: Error code 1: SQL logic error",
        );
        assert_eq!(report(&error), expected);
        let missing = Membership::select().count(db).expect_err("it was not created again");
        assert_eq!(missing.kind(), ErrorKind::InvalidStatement);
    }
}

on_sqlite! {
    fn a_transaction_is_rolled_back_when_its_rows_cannot_be_read(db) {
        User::insert().values(user("a", "Ann")).execute(db)?;
        write(db, "update users set age = ?1", &[Value::Integer(1 << 40)]);
        let undone = db.transaction(|tx| User::delete().all_rows().returning().all(tx));
        assert_eq!(undone.expect_err("the age does not fit").kind(), ErrorKind::Decode);
        assert_eq!(User::select().count(db)?, 1);
    }

    fn patterns_that_are_too_long(db) {
        let error = User::select().filter(User::name.ilike("a".repeat(60_000))).all(db).expect_err("it is too long");
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_snapshot!(report(&error), @r"
        binding the values of select from `users`
          caused by: the value is too large: 60000 bytes, where the database takes 50000
        ");
    }

    fn a_full_database(db) {
        db.with_raw(|raw| raw.pragma_update(None, "max_page_count", 30))?.expect("it is set");
        let big: Vec<NewGroup> = (0..100).map(|number| NewGroup::new(format!("{number:05000}"))).collect();
        let error = Group::insert_many(&big).execute(db).expect_err("there is no room");
        assert_eq!(error.kind(), ErrorKind::Full);
        assert_eq!(Group::select().count(db)?, 0);
        assert_snapshot!(report(&error), @r"
        insert into `groups`: the database or disk is full
          caused by: Error code 13: database or disk is full
          caused by: Error code 13: database or disk is full
        ");
        Group::insert().set(Group::name, "small").execute(db)?;
    }

    /// A query that takes too long is ended from another thread, and the connection goes on.
    fn interrupted(db) {
        db.execute_batch(
            "drop table employees; create view employees as \
             with recursive n (id) as (select 1 union all select id + 1 from n) \
             select id, '' as name, null as manager_id, 0 as salary from n",
        )?;
        let handle = db.with_raw(rusqlite::Connection::get_interrupt_handle)?;
        let (done, is_done) = mpsc::channel::<()>();
        let error = thread::scope(|scope| {
            scope.spawn(move || {
                while is_done.recv_timeout(Duration::from_millis(5)) == Err(mpsc::RecvTimeoutError::Timeout) {
                    handle.interrupt();
                }
            });
            let error = Employee::select().count(db).expect_err("it does not end by itself");
            drop(done);
            error
        });
        assert_eq!(error.kind(), ErrorKind::Interrupted);
        assert_snapshot!(report(&error), @r"
        select from `employees`: the statement was interrupted
          caused by: Error code 9: interrupted
          caused by: Error code 9: interrupted
        ");
        assert_eq!(Group::select().count(db)?, 0);
    }
}

on_postgres! {
    /// There is no NUL in a text, nor in one of a document.
    fn a_nul_is_not_sent(db) {
        let ann = User::insert().values(user("a", "Ann")).returning().one(db)?;
        let of = "caused by: the value is out of the range of";
        let check = |error: Error, operation: &str, ty: &str| {
            assert_eq!(error.kind(), ErrorKind::Encode);
            assert_eq!(report(&error), format!("binding the values of {operation}\n  {of} {ty}"));
        };
        let text = "text, which has no NUL";
        check(User::insert().values(user("b", "\0")).execute(db).unwrap_err(), "insert into `users`", text);
        check(User::select().filter(User::name.eq("a\0")).all(db).unwrap_err(), "select from `users`", text);
        check(User::select().filter(User::name.contains("\0")).all(db).unwrap_err(), "select from `users`", text);
        check(User::select().filter(User::name.in_list(["a", "\0"])).all(db).unwrap_err(), "select from `users`", text);
        check(User::select().filter(User::name.eq("\0")).stream(db).next().unwrap().unwrap_err(), "select from `users`", text);
        check(User::select().filter(User::name.eq("\0")).explain(db).unwrap_err(), "plan of the select from `users`", text);
        check(User::insert_many(&[user("b", "B"), user("c\0", "C")]).execute(db).unwrap_err(), "insert into `users`", text);
        let tags = NewPost { tags: Json(vec!["\0".into()]), ..post(ann.id, 1) };
        let error = Post::insert().values(&tags).execute(db).unwrap_err();
        check(error, "insert into `posts`", "jsonb, whose texts have no NUL");
        assert_eq!(User::select().count(db)?, 1);
        // The escape of a backslash, and what follows it.
        let tags = Json(vec!["\\u0000".to_owned()]);
        let written = Post::insert().values(NewPost { tags: tags.clone(), ..post(ann.id, 1) }).returning().one(db)?;
        assert_eq!(written.tags, tags);
    }

    /// A value that is refused does not end the transaction it is part of.
    fn a_value_that_is_not_sent_leaves_the_transaction_as_it_is(db) {
        db.block_on(db.pool().transaction(async |tx| {
            Group::insert().set(Group::name, "a").execute(tx).await?;
            let refused = Group::insert().set(Group::name, "\0").execute(tx).await.expect_err("there is no NUL");
            assert_eq!(refused.kind(), ErrorKind::Encode);
            Group::insert().set(Group::name, "b").execute(tx).await?;
            Ok::<_, Error>(())
        }))?;
        assert_eq!(Group::select().count(db)?, 2);
    }

    fn a_statement_timeout(db) {
        // A view that sleeps ends by itself, and takes no room on the disk.
        db.execute_batch(
            "drop table employees; create view employees as \
             select 1 as id, cast(pg_sleep(10) as text) as name, null::integer as manager_id, 0 as salary",
        )?;
        let error = db.block_on(db.pool().transaction(async |tx| {
            tx.execute_batch("set local statement_timeout = '50ms'").await?;
            Employee::select().all(tx).await
        }));
        let error = error.expect_err("it takes ten seconds");
        assert_eq!(error.kind(), ErrorKind::Interrupted);
        assert_snapshot!(report(&error), @r"
        select from `employees`: the statement was interrupted
          caused by: canceling statement due to statement timeout (57014)
        ");
        assert_eq!(Group::select().count(db)?, 0);
    }

    /// A lock that another transaction holds is waited for as long as the server is told to.
    fn busy(db) {
        let first = async |error: &mut Option<Error>| {
            db.pool().transaction(async |tx| {
                Group::insert().set(Group::name, "a").execute(tx).await?;
                let second = db.pool().transaction(async |other| {
                    other.execute_batch("set local lock_timeout = '20ms'").await?;
                    Group::insert().set(Group::name, "a").execute(other).await
                });
                *error = second.await.err();
                Ok::<_, Error>(())
            })
            .await
        };
        let mut error = None;
        db.block_on(first(&mut error))?;
        let error = error.expect("the name is taken, or will be");
        assert_eq!(error.kind(), ErrorKind::Busy);
        assert_snapshot!(report(&error), @r"
        insert into `groups`: the database is locked by another connection
          caused by: canceling statement due to lock timeout (55P03)
        ");
        assert_eq!(Group::select().count(db)?, 1);
    }

    /// What another transaction wrote since this one began cannot be changed by it.
    fn serialization_failure(db) {
        Group::insert().set(Group::name, "a").execute(db)?;
        let rename = |name: &'static str| Group::update().set(Group::name, name).all_rows();
        let error = db.block_on(db.pool().transaction(async |tx| {
            tx.execute_batch("set transaction isolation level repeatable read").await?;
            Group::select().count(tx).await?;
            rename("b").execute(db.pool()).await?;
            rename("c").execute(tx).await
        }));
        let error = error.expect_err("it is not the row that was read");
        assert_eq!(error.kind(), ErrorKind::SerializationFailure);
        assert_eq!(Group::select().columns(Group::name).one(db)?, "b");
    }

    /// Of two transactions that wait for each other, the server ends one.
    fn deadlock(db) {
        Group::insert_many(&[NewGroup::new("a"), NewGroup::new("b")]).execute(db)?;
        let both_hold_one = tokio::sync::Barrier::new(2);
        let change = async |first: &'static str, second: &'static str| {
            db.pool()
                .transaction(async |tx| {
                    tx.execute_batch("set local deadlock_timeout = '20ms'").await?;
                    let change = |name| Group::update().set(Group::name, Group::name.concat("!")).filter(Group::name.eq(name));
                    change(first).execute(tx).await?;
                    both_hold_one.wait().await;
                    change(second).execute(tx).await
                })
                .await
        };
        let (one, other) = db.block_on(futures_util::future::join(change("a", "b"), change("b", "a")));
        let kinds = [one, other].map(|result| result.map_err(|error| error.kind()));
        assert!(kinds.contains(&Err(ErrorKind::Deadlock)) && kinds.contains(&Ok(1)), "{kinds:?}");
    }

    fn read_only(db) {
        let written = db.block_on(db.pool().transaction(async |tx| {
            tx.execute_batch("set transaction read only").await?;
            assert_eq!(Group::select().count(tx).await?, 0);
            Group::insert().set(Group::name, "a").execute(tx).await
        }));
        let error = written.expect_err("it is read-only");
        assert_eq!(error.kind(), ErrorKind::ReadOnly);
        assert_snapshot!(report(&error), @r"
        insert into `groups`: the database is read-only
          caused by: cannot execute INSERT in a read-only transaction (25006)
        ");
    }
}

fn two_connections(file: &File, timeout: Duration) -> (Connection, Connection) {
    let options = Connection::options().busy_timeout(timeout);
    let open = || options.open(&file.path).expect("it can be opened");
    let db = open();
    db.create_all(&schema()).expect("the database is empty");
    (db, open())
}

/// Another writer is waited for as long as the busy timeout says, and not much longer.
#[test]
fn busy() -> Result<(), Error> {
    let file = File::new();
    let (db, other) = two_connections(&file, Duration::from_millis(100));
    db.transaction(|tx| {
        Group::insert().set(Group::name, "first").execute(tx)?;
        let start = Instant::now();
        let error = Group::insert().set(Group::name, "second").execute(&other).expect_err("the other one writes");
        assert!(start.elapsed() >= Duration::from_millis(90), "{:?}", start.elapsed());
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
        assert_eq!(error.kind(), ErrorKind::Busy);
        assert_snapshot!(report(&error), @r"
        insert into `groups`: the database is locked by another connection
          caused by: Error code 5: database is locked
          caused by: Error code 5: database is locked
        ");
        let error = other.transaction(|_| Ok::<_, Error>(())).expect_err("the other one writes");
        assert_eq!(error.kind(), ErrorKind::Busy);
        assert!(report(&error).starts_with("begin of a transaction: "), "{}", report(&error));
        assert_eq!(Group::select().count(&other)?, 0, "readers do not wait");
        Ok::<_, Error>(())
    })?;
    Group::insert().set(Group::name, "second").execute(&other)?;
    assert_eq!(Group::select().count(&db)?, 2);
    Ok(())
}

/// A writer that ends in time is not noticed.
#[test]
fn a_busy_database_is_waited_for() {
    let file = File::new();
    let (db, other) = two_connections(&file, Duration::from_secs(30));
    let (begun, has_begun) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            db.transaction(|tx| {
                Group::insert().set(Group::name, "first").execute(tx)?;
                begun.send(()).expect("the other thread waits");
                thread::sleep(Duration::from_millis(50));
                Ok::<_, Error>(())
            })
            .expect("nothing is violated");
        });
        has_begun.recv().expect("it begins");
        Group::insert().set(Group::name, "second").execute(&other).expect("the timeout is long enough");
    });
    assert_eq!(
        Group::select().columns(Group::name).order_by(Group::id).all(&other).expect("valid"),
        ["first", "second"]
    );
}

#[test]
fn t36_read_only() -> Result<(), Error> {
    let file = File::filled();
    let db = Connection::options().read_only(true).open(&file.path)?;
    let error = Group::insert().set(Group::name, "x").execute(&db).expect_err("it is read-only");
    assert_eq!(error.kind(), ErrorKind::ReadOnly);
    assert_snapshot!(report(&error), @r"
    insert into `groups`: the database is read-only
      caused by: Error code 8: attempt to write a readonly database
      caused by: Error code 8: attempt to write a readonly database
    ");
    assert_eq!(Group::delete().all_rows().execute(&db).expect_err("it is read-only").kind(), ErrorKind::ReadOnly);
    let created = db.execute_batch("create table t (a)").expect_err("it is read-only");
    assert_eq!(created.kind(), ErrorKind::ReadOnly);
    assert_eq!(Group::select().count(&db)?, 2_000, "reading goes on");
    db.read(|tx| Group::select().count(tx))?;
    Ok(())
}

/// A missing file is created, unless that was not wanted.
#[test]
fn open_errors() {
    let file = File::new();
    let directory = file.path.parent().expect("it is in a directory").to_owned();
    let check = |options: OpenOptions, path: &Path| {
        let error = options.open(path).expect_err("it cannot be opened");
        assert!(matches!(&error, Error::Open { name, .. } if *name == path.display().to_string()), "{error:?}");
        assert_eq!(error.kind(), ErrorKind::CannotOpen, "{}", report(&error));
        assert!(error.sql().is_none() && error.violation().is_none());
        report(&error).replace(&directory.display().to_string(), "directory")
    };
    assert_snapshot!(check(Connection::options().create(false), &file.path), @r"
    opening the database `directory/test.db`
      caused by: unable to open database file: directory/test.db
      caused by: Error code 14: unable to open database file
    ");
    check(Connection::options().read_only(true), &file.path);
    check(Connection::options(), &directory);
    check(Connection::options(), &directory.join("missing").join("test.db"));
    check(Connection::options(), Path::new(""));
    assert!(!file.path.exists(), "nothing was created");
}

#[test]
fn t37_not_a_database() {
    let file = File::new();
    fs::write(&file.path, "This is a letter, and no database. ".repeat(100)).expect("it can be written");
    let error = Connection::open(&file.path).expect_err("it is a letter");
    assert_eq!(error.kind(), ErrorKind::NotADatabase);
    assert_snapshot!(report_of(&error, &file), @r"
    opening the database `test.db`
      caused by: file is not a database
      caused by: Error code 26: file is not a database
    ");
    let read_only = Connection::options().read_only(true).open(&file.path).expect_err("it is a letter");
    assert_eq!(read_only.kind(), ErrorKind::NotADatabase);
    assert_eq!(fs::read(&file.path).expect("it is there")[..4], *b"This", "it is as it was");
}

/// Damaged copies of a database give errors or rows, and never end the program. The seed is fixed.
#[test]
fn t37_corrupt() {
    let file = File::filled();
    let whole = fs::read(&file.path).expect("it is there");
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).expect("it is smaller")
    };
    let copies = if std::env::var_os("ORM_TORTURE").is_some() { 1_000 } else { 60 };
    let mut kinds = std::collections::BTreeMap::<String, usize>::new();
    for copy in 0..copies {
        let mut bytes = whole.clone();
        if copy % 3 == 0 {
            bytes.truncate(random(bytes.len()));
        } else {
            for _ in 0..1 + copy {
                let (at, bit) = (random(bytes.len()), random(8));
                bytes[at] ^= 1 << bit;
            }
        }
        fs::write(&file.path, &bytes).expect("it can be written");
        let used = Connection::options().read_only(true).open(&file.path).and_then(|db| {
            Group::select().order_by(Group::name).all(&db)?;
            Group::select().filter(Group::name.starts_with("group 1")).count(&db)?;
            Ok(())
        });
        let kind = used.map_or_else(|error| format!("{:?}", error.kind()), |()| "fine".to_owned());
        *kinds.entry(kind).or_default() += 1;
    }
    let expected = [
        "Corrupt",
        "NotADatabase",
        "fine",
        "Decode",
        "InvalidStatement",
        "CannotOpen",
        "Unsupported",
        "Other",
        "ReadOnly",
    ];
    assert!(kinds.keys().all(|kind| expected.contains(&kind.as_str())), "{kinds:?}");
    assert!(kinds.contains_key("Corrupt"), "{kinds:?}");
}

#[test]
fn t37_a_damaged_page_is_told() {
    let file = File::filled();
    let mut bytes = fs::read(&file.path).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0xa5);
    fs::write(&file.path, &bytes).expect("it can be written");
    let db = Connection::options().read_only(true).open(&file.path).expect("its first page is whole");
    let error = Group::select().all(&db).expect_err("it is damaged");
    assert_eq!(error.kind(), ErrorKind::Corrupt);
    assert!(report(&error).starts_with("select from `groups`: the database file is damaged\n"), "{}", report(&error));
}

/// The texts of a database in UTF-16 do not sort by their UTF-8 bytes.
#[test]
fn a_database_in_utf16_is_refused() {
    let file = File::new();
    let raw = rusqlite::Connection::open(&file.path).expect("it can be created");
    raw.execute_batch("pragma encoding = 'UTF-16le'; create table t (a)").expect("it is new");
    drop(raw);
    let error = Connection::open(&file.path).expect_err("it is UTF-16");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_snapshot!(report_of(&error, &file), @r"
    opening the database `test.db`
      caused by: the texts of the database are not UTF-8
    ");
}

const CANARY: &str = "canary-5f3a";

/// Everything that can be printed of an error.
fn printed(error: &Error) -> String {
    format!("{error}\n{error:?}\n{error:#?}\n{}\n{:?}\n{:?}", report(error), error.sql(), error.violation())
}

on_sqlite! {
    /// Values are in no message: neither those that are sent nor those that are stored.
    fn t38_values_are_not_shown(db) {
        let ann = User::insert().values(user(CANARY, CANARY)).returning().one(db)?;
        let id = ann.id;
        let mut errors: Vec<Error> = Vec::new();
        let mut add = |result: Result<(), Error>| errors.push(result.expect_err("it is refused"));
        add(User::insert().values(user(CANARY, CANARY)).execute(db).map(drop));
        add(User::insert().values(user(CANARY, CANARY)).returning().all(db).map(drop));
        add(User::insert_many(&[user("x", CANARY), user(CANARY, CANARY)]).execute(db).map(drop));
        add(User::insert().values(user(&CANARY.repeat(30), CANARY)).execute(db).map(drop));
        add(Post::insert().values(NewPost { title: CANARY.into(), ..post(Uuid::nil(), 1) }).execute(db).map(drop));
        add(Post::insert().values(NewPost { title: CANARY.into(), ..post(id, -1) }).execute(db).map(drop));
        add(User::select().filter(User::email.ne(CANARY)).one(db).map(drop));
        add(User::select().filter(User::name.ilike(CANARY.repeat(6_000))).all(db).map(drop));
        add(User::select().filter(User::name.like(format!("{CANARY}\0"))).all(db).map(drop));
        add(User::update()
            .set(User::name, CANARY)
            .filter(None::<bool>.map(|_| User::email.eq(CANARY)))
            .execute(db)
            .map(drop));
        Post::insert().values(NewPost { title: CANARY.into(), ..post(id, 1) }).execute(db)?;
        for stored in [
            format!("{{\"{CANARY}\": 1}}"),
            format!("[{CANARY}]"),
            format!("\"{CANARY}\""),
            format!("[1, \"{CANARY}\"]"),
        ] {
            write(db, "update posts set tags = ?1", &[text(&stored)]);
            add(Post::select().all(db).map(drop));
            add(Post::select().stream(db).collect::<Result<Vec<_>, _>>().map(drop));
        }
        db.execute_batch("pragma ignore_check_constraints = on")?;
        write(db, "update users set role = ?1", &[text(CANARY)]);
        add(User::select().all(db).map(drop));
        write(db, "update users set role = 'owner', created_at = ?1", &[text(CANARY)]);
        add(User::select().all(db).map(drop));
        Post::delete().all_rows().execute(db)?;
        write(db, "update users set id = ?1, created_at = '2024-01-01'", &[text(CANARY)]);
        add(User::select().all(db).map(drop));
        db.execute_batch("pragma ignore_check_constraints = off; drop table users")?;
        add(User::select().filter(User::email.eq(CANARY)).all(db).map(drop));
        add(User::update().set(User::email, CANARY).all_rows().execute(db).map(drop));
        add(User::delete().filter(User::email.in_list([CANARY])).execute(db).map(drop));
        assert_eq!(errors.len(), 24);
        for error in errors {
            let printed = printed(&error);
            assert!(!printed.contains(CANARY), "{printed}");
        }
    }

    /// A function of SQLite that puts its argument into a message.
    fn t38_messages_of_functions_are_not_shown(db) {
        db.execute_batch("create table sources (id integer primary key, path text not null) strict")?;
        write(db, "insert into sources values (1, ?1)", &[text(CANARY)]);
        db.execute_batch(
            "drop table employees; create view employees as \
             select id, json_extract('[]', '$[' || path) as name, null as manager_id, 0 as salary \
             from sources",
        )?;
        let error = Employee::select().all(db).expect_err("the path is none");
        assert_eq!(error.kind(), ErrorKind::Other);
        assert!(!printed(&error).contains(CANARY), "{}", printed(&error));
    }

    /// Connections, transactions and rows show the name of the database and nothing else.
    fn t38_handles_do_not_show_values(db) {
        User::insert().values(user(CANARY, CANARY)).execute(db)?;
        let rows = User::select().filter(User::email.eq(CANARY)).stream(db);
        assert_eq!(format!("{rows:?}"), r#"Rows { name: ":memory:", .. }"#);
        drop(rows);
        assert_eq!(format!("{db:?}"), r#"Connection { name: ":memory:" }"#);
        db.transaction(|tx| {
            User::update().set(User::name, CANARY).all_rows().execute(tx)?;
            assert_eq!(format!("{tx:?}"), r#"Transaction { name: ":memory:", level: 1 }"#);
            Ok::<_, Error>(())
        })?;
        db.read(|tx| {
            assert_eq!(format!("{tx:?}"), r#"ReadTransaction { name: ":memory:" }"#);
            Ok::<_, Error>(())
        })?;
        let plan = User::select().filter(User::email.eq(CANARY)).explain(db)?;
        assert!(!plan.contains(CANARY), "{plan}");
        let sql =
            User::select().filter(User::email.eq(CANARY).and(User::name.contains(CANARY))).to_sql(orm::sqlite::Sqlite);
        assert!(!sql.contains(CANARY), "{sql}");
    }
}

each_dialect! {
    /// The values that are sent are in no message, whichever database it comes from.
    fn t38_values_that_are_sent_are_not_shown(db) {
        let ann = User::insert().values(user(CANARY, CANARY)).returning().one(db)?;
        let mut errors: Vec<Error> = Vec::new();
        let mut add = |result: Result<(), Error>| errors.push(result.expect_err("it is refused"));
        add(User::insert().values(user(CANARY, CANARY)).execute(db).map(drop));
        add(User::insert().values(user(CANARY, CANARY)).returning().all(db).map(drop));
        add(User::insert_many(&[user("x", CANARY), user(CANARY, CANARY)]).execute(db).map(drop));
        add(User::insert().values(user(&CANARY.repeat(30), CANARY)).execute(db).map(drop));
        add(User::select().filter(User::name.like(format!("{CANARY}\0"))).all(db).map(drop));
        let post = |author: Uuid, words: i32| NewPost { title: CANARY.into(), ..post(author, words) };
        add(Post::insert().values(post(Uuid::nil(), 1)).execute(db).map(drop));
        add(Post::insert().values(post(ann.id, -1)).execute(db).map(drop));
        add(User::select().filter(User::email.ne(CANARY)).one(db).map(drop));
        Post::insert().values(NewPost { tags: Json(vec![CANARY.into()]), ..post(ann.id, 1) }).execute(db)?;
        db.execute_batch("alter table users drop column age")?;
        add(User::select().filter(User::email.eq(CANARY)).all(db).map(drop));
        add(User::insert().values(user("y", CANARY)).execute(db).map(drop));
        db.execute_batch("drop table memberships; drop table posts; drop table users")?;
        add(User::select().filter(User::email.eq(CANARY)).all(db).map(drop));
        add(User::update().set(User::email, CANARY).all_rows().execute(db).map(drop));
        add(User::delete().filter(User::email.in_list([CANARY])).execute(db).map(drop));
        assert_eq!(errors.len(), 13);
        for error in errors {
            let printed = printed(&error);
            assert!(!printed.contains(CANARY), "{printed}");
        }
    }
}

on_postgres! {
    /// Nor are those that are stored: in documents, as labels, or in what the server computes with.
    fn t38_stored_values_are_not_shown(db) {
        let ann = User::insert().values(user(CANARY, CANARY)).returning().one(db)?;
        Post::insert().values(post(ann.id, 1)).execute(db)?;
        let mut errors: Vec<Error> = Vec::new();
        let mut add = |result: Result<(), Error>| errors.push(result.expect_err("it is refused"));
        db.execute_batch("update posts set tags = '{\"canary-5f3a\": 1}'")?;
        add(Post::select().all(db).map(drop));
        db.execute_batch("update posts set tags = '[1, \"canary-5f3a\"]'")?;
        add(Post::select().stream(db).collect::<Result<Vec<_>, _>>().map(drop));
        db.execute_batch("alter type user_role add value 'canary-5f3a'")?;
        db.execute_batch("update users set role = 'canary-5f3a'")?;
        add(User::select().all(db).map(drop));
        db.execute_batch(
            "drop table employees; create view employees as \
             select cast(name as integer) as id, name, null::integer as manager_id, 0 as salary from users",
        )?;
        add(Employee::select().all(db).map(drop));
        let kinds: Vec<ErrorKind> = errors.iter().map(Error::kind).collect();
        assert_eq!(kinds, [ErrorKind::Decode, ErrorKind::Decode, ErrorKind::Decode, ErrorKind::Other]);
        for error in errors {
            let printed = printed(&error);
            assert!(!printed.contains(CANARY), "{printed}");
        }
    }
}
