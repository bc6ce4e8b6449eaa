//! Disks that are full, files and servers that only read, and files that mean harm.

use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::Path,
    process::{Command, Output},
};

use orm::{Error, ErrorKind, prelude::*, sqlite::Connection, sqlite::JournalMode};

use crate::{
    process::{again, is_full, part},
    stored::report,
    support::*,
};

fn insert(db: &Connection, name: &str) -> Result<u64, Error> {
    Group::insert().set(Group::name, name).execute(db)
}

fn names(db: &Connection) -> Result<Vec<String>, Error> {
    Group::select().columns(Group::name).order_by(Group::name).all(db)
}

/// Fills the disk in a transaction: its error is the one of the insert that found no room, and nothing of it is kept.
fn fill_up(db: &Connection) -> Result<(), Error> {
    insert(db, "before")?;
    let filled: Result<(), Error> = db.transaction(|tx| {
        Group::insert().set(Group::name, "first of the transaction").execute(tx)?;
        for number in 0.. {
            let name = format!("{number:060000}");
            if let Err(error) = Group::insert().set(Group::name, name).execute(tx) {
                // What fails after it does not take its place.
                let after = Group::insert().set(Group::name, "after").execute(tx);
                assert!(number > 0, "there was room for some");
                assert!(after.is_ok() || after.is_err_and(|after| after.kind() == error.kind()));
                return Err(error);
            }
        }
        Ok(())
    });
    let error = filled.expect_err("there is no room");
    assert_eq!(error.kind(), ErrorKind::Full, "{error:?}");
    assert!(report(&error).starts_with("insert into `groups`: the database or disk is full\n"), "{}", report(&error));
    assert_eq!(names(db)?, ["before"], "reading goes on, and the transaction is undone");
    Ok(())
}

/// A file that has reached the size it may have, with a write-ahead log.
#[test]
fn t35_no_room_in_a_file() -> Result<(), Error> {
    let directory = tempfile::tempdir().expect("there is room for a directory");
    let db = Connection::open(directory.path().join("full.db"))?;
    db.create_all(&schema())?;
    let most = |pages: i64| db.with_raw(|raw| raw.pragma_update(None, "max_page_count", pages));
    most(100)?.expect("it is set");
    fill_up(&db)?;
    most(100_000)?.expect("it is set");
    insert(&db, "with room again")?;
    assert_eq!(names(&db)?, ["before", "with room again"]);
    Ok(())
}

/// Whether this user may mount a file system in a world of his own.
fn may_mount() -> bool {
    let tried = Command::new("unshare").args(["--user", "--map-root-user", "--mount", "true"]).status();
    tried.is_ok_and(|status| status.success())
}

/// Like a file that may not grow, but the disk is full, of two mebibytes. It takes the right to mount one, without which
/// only the full form fails.
#[test]
fn t35_no_room_on_the_disk() -> Result<(), Error> {
    if let Some(path) = part() {
        let ballast = Path::new(&path).join("ballast");
        fs::write(&ballast, vec![1; 700_000]).expect("there is room");
        let db = Connection::open(Path::new(&path).join("full.db"))?;
        db.create_all(&schema())?;
        fill_up(&db)?;
        fs::remove_file(ballast).expect("it is there");
        insert(&db, "with room again")?;
        assert_eq!(names(&db)?, ["before", "with room again"]);
        return Ok(());
    }
    if is_full() || may_mount() {
        let directory = tempfile::tempdir().expect("there is room for a directory");
        let path = directory.path().to_str().expect("it is UTF-8");
        let inner = again("disk::t35_no_room_on_the_disk", path);
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
        command.arg("mount -t tmpfs -o size=2m none \"$ORM_TORTURE_PART\" && exec \"$0\" \"$@\"");
        command.arg(inner.get_program()).args(inner.get_args()).env("ORM_TORTURE_PART", path);
        assert_success(&command.output().expect("`unshare` is there"));
    }
    Ok(())
}

fn assert_success(output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (printed, problems) = (text(&output.stdout), text(&output.stderr));
    // A test whose name is not known would be none, which is a success as well.
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}\n{problems}");
}

on_postgres! {
    /// The disk of a server cannot be filled from here, so a trigger says that it is full.
    fn t35_no_room_on_the_server(db) {
        db.execute_batch(
            "create function full_disk() returns trigger language plpgsql as $$ begin \
             if new.name like 'big%' then raise 'could not extend file: No space left' using errcode = 'disk_full'; end if; \
             return new; end $$; \
             create trigger full_disk before insert on groups for each row execute function full_disk()",
        )?;
        Group::insert().set(Group::name, "before").execute(db)?;
        let filled: Result<(), Error> = db.block_on(db.pool().transaction(async |tx| {
            Group::insert().set(Group::name, "first").execute(tx).await?;
            Group::insert().set(Group::name, "big").execute(tx).await?;
            Ok(())
        }));
        let error = filled.expect_err("there is no room");
        assert_eq!(error.kind(), ErrorKind::Full);
        assert!(report(&error).starts_with("insert into `groups`: the database or disk is full\n"), "{}", report(&error));
        Group::insert().set(Group::name, "with room again").execute(db)?;
        let names = Group::select().columns(Group::name).order_by(Group::name).all(db)?;
        assert_eq!(names, ["before", "with room again"]);
    }

    /// A server that only reads, as a standby does: so it says, and reading goes on, also in a transaction.
    fn t36_a_server_that_only_reads(db) {
        Group::insert().set(Group::name, "a").execute(db)?;
        db.execute_batch(
            "do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$",
        )?;
        let refused = |result: Result<u64, Error>| {
            let error = result.expect_err("it only reads");
            assert_eq!(error.kind(), ErrorKind::ReadOnly);
            assert!(report(&error).contains("the database is read-only"), "{}", report(&error));
        };
        refused(Group::insert().set(Group::name, "b").execute(db));
        refused(Group::insert_many(&["b", "c"].map(NewGroup::new)).execute(db));
        refused(Group::update().set(Group::name, "b").all_rows().execute(db));
        refused(Group::delete().all_rows().execute(db));
        refused(db.create_all(&other()).map(|()| 0));
        refused(db.block_on(db.pool().transaction(async |tx| {
            assert_eq!(Group::select().count(tx).await?, 1);
            Group::insert().set(Group::name, "b").execute(tx).await
        })));
        assert_eq!(Group::select().columns(Group::name).all(db)?, ["a"]);
    }
}

#[derive(Debug, Table)]
#[table(name = "others")]
struct Other {
    #[column(primary_key)]
    id: i64,
}

schema! { fn other() = [Other] }

/// Opens a file without the right to write it, or to write the directory it is in; reads, and is refused to write.
fn read_only(path: &Path) -> Result<(), Error> {
    let db = Connection::options().journal_mode(JournalMode::Delete).open(path)?;
    assert_eq!(names(&db)?, ["a"]);
    let refused = |result: Result<u64, Error>| {
        let error = result.expect_err("it cannot be written");
        assert_eq!(error.kind(), ErrorKind::ReadOnly, "{error:?}");
    };
    refused(insert(&db, "b"));
    refused(Group::delete().all_rows().execute(&db));
    refused(db.create_all(&other()).map(|()| 0));
    refused(db.transaction(|tx| {
        assert_eq!(Group::select().count(tx)?, 1);
        Group::insert().set(Group::name, "b").execute(tx)
    }));
    assert_eq!(names(&db)?, ["a"], "reading goes on");
    Ok(())
}

/// Rights are nothing to the user who may do everything, so another one tries.
#[test]
fn t36_files_without_the_right_to_write() -> Result<(), Error> {
    if let Some(path) = part() {
        return read_only(Path::new(&path));
    }
    const NOBODY: u32 = 65_534;
    let is_root = fs::metadata("/proc/self").expect("this is Linux").uid() == 0;
    for (file_mode, directory_mode) in [(0o444, 0o755), (0o444, 0o555), (0o644, 0o555)] {
        let directory = tempfile::tempdir().expect("there is room for a directory");
        let path = directory.path().join("read.db");
        let db = Connection::options().journal_mode(JournalMode::Delete).open(&path)?;
        db.create_all(&schema())?;
        insert(&db, "a")?;
        drop(db);
        let inner = again("disk::t36_files_without_the_right_to_write", path.to_str().expect("it is UTF-8"));
        // The program may be where the other user may not look.
        let mut command = Command::new("/proc/self/exe");
        command.args(inner.get_args()).envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if is_root {
            std::os::unix::fs::chown(&path, Some(NOBODY), Some(NOBODY)).expect("root may");
            std::os::unix::fs::chown(directory.path(), Some(NOBODY), Some(NOBODY)).expect("root may");
            command.uid(NOBODY).gid(NOBODY).current_dir("/");
        }
        fs::set_permissions(&path, Permissions::from_mode(file_mode)).expect("it is ours");
        fs::set_permissions(directory.path(), Permissions::from_mode(directory_mode)).expect("it is ours");
        let output = command.output().expect("the binary runs");
        fs::set_permissions(directory.path(), Permissions::from_mode(0o755)).expect("it is ours");
        assert_success(&output);
    }
    Ok(())
}

/// A file that somebody else has made, in the hope that its triggers and views run with our rights.
#[test]
fn t52_a_schema_that_means_harm() -> Result<(), Error> {
    let directory = tempfile::tempdir().expect("there is room for a directory");
    let path = directory.path().join("theirs.db");
    let theirs = rusqlite::Connection::open(&path).expect("it is new");
    theirs
        .execute_batch(
            "create table groups (id integer primary key, name text not null); \
             create trigger harm after insert on groups begin select load_extension('/tmp/harm'); end; \
             create view employees as \
             select load_extension('/tmp/harm') as id, '' as name, null as manager_id, 0 as salary",
        )
        .expect("SQLite takes it");
    drop(theirs);
    let db = Connection::open(&path)?;
    let refused = |result: Result<u64, Error>| {
        let error = result.expect_err("it is unsafe");
        assert_eq!(error.kind(), ErrorKind::InvalidStatement, "{error:?}");
        assert!(report(&error).contains("unsafe use of load_extension()"), "{}", report(&error));
    };
    refused(insert(&db, "a"));
    refused(Employee::select().all(&db).map(|_| 0));
    assert_eq!(Group::select().count(&db)?, 0);
    Ok(())
}

/// A schema that is no SQL, and one that says something else than is there.
#[test]
fn t52_a_schema_that_is_broken() -> Result<(), Error> {
    for (sql, kind) in [
        ("create table groups (", ErrorKind::Corrupt),
        ("create table groups (id integer primary key)", ErrorKind::Corrupt),
        ("create table groups (id integer primary key, title text unique)", ErrorKind::InvalidStatement),
        ("drop table groups", ErrorKind::Corrupt),
    ] {
        let directory = tempfile::tempdir().expect("there is room for a directory");
        let path = directory.path().join("broken.db");
        Connection::open(&path)?.create_all(&schema())?;
        let theirs = rusqlite::Connection::open(&path).expect("it is there");
        theirs.execute_batch("pragma writable_schema = on").expect("SQLite lets them");
        theirs.execute("update sqlite_schema set sql = ?1 where name = 'groups'", [sql]).expect("SQLite lets them");
        drop(theirs);
        let error = Connection::open(&path).and_then(|db| names(&db)).expect_err("there are no names");
        assert_eq!(error.kind(), kind, "{sql}: {error:?}");
    }
    Ok(())
}
