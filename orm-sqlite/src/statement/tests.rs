use std::panic::{AssertUnwindSafe, catch_unwind};

use orm_core::executor::Shape;

use super::*;

fn handle() -> Handle {
    Handle::new(rusqlite::Connection::open_in_memory().expect("memory is there"), 8)
}

fn key(number: u64) -> QueryKey {
    let mut shape = Shape::default();
    shape.add(number);
    QueryKey::of::<u16>(&shape)
}

fn prepared<'s, 'q>(handle: &'s Handle, sql: &str) -> Running<'s, 'q> {
    handle.prepare(None, sql).unwrap_or_else(|failure| panic!("{failure:?}"))
}

fn step(running: &mut Running<'_, '_>) -> Step {
    running.step().unwrap_or_else(|failure| panic!("{failure:?}"))
}

#[test]
fn values_are_read_as_they_are_stored() {
    let handle = handle();
    let mut row =
        prepared(&handle, "select null, 1, 1.5, 'a' || char(0) || 'b', x'00ff', '', x'', cast(x'ff' as text)");
    assert_eq!(step(&mut row), Step::Row);
    let expected = [
        Value::Null,
        Value::Integer(1),
        Value::Float(1.5),
        Value::Text(b"a\0b"),
        Value::Blob(&[0, 255]),
        Value::Text(b""),
        Value::Blob(b""),
        Value::Text(&[255]),
    ];
    for (index, expected) in expected.into_iter().enumerate() {
        assert_eq!(row.value(index), expected);
        assert_eq!(row.is_null(index), expected == Value::Null);
    }
    assert_eq!(step(&mut row), Step::Done);
}

#[test]
fn a_column_that_is_not_there_is_null() {
    let handle = handle();
    let mut row = prepared(&handle, "select 1");
    assert_eq!(row.value(0), Value::Null, "before the first row");
    assert_eq!(step(&mut row), Step::Row);
    assert_eq!(row.value(0), Value::Integer(1));
    assert_eq!((row.value(1), row.value(usize::MAX)), (Value::Null, Value::Null));
    assert_eq!(step(&mut row), Step::Done);
    assert_eq!(row.value(0), Value::Null, "after the last row");
}

#[test]
fn bound_values_come_back() {
    let handle = handle();
    let (text, bytes) = ("ä\0".to_owned(), vec![1, 0, 2]);
    let mut row = prepared(&handle, "select ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8");
    row.bind_null();
    row.bind_integer(i64::MIN);
    row.bind_float(f64::INFINITY);
    row.bind_text(&text);
    row.bind_bytes(&bytes);
    row.bind_text_owned("x".repeat(10_000));
    row.bind_text("");
    row.bind_bytes(&[]);
    assert_eq!((row.parameters(), row.refused()), ((8, 8), None));
    assert_eq!(step(&mut row), Step::Row);
    assert_eq!(row.value(0), Value::Null);
    assert_eq!(row.value(1), Value::Integer(i64::MIN));
    assert_eq!(row.value(2), Value::Float(f64::INFINITY));
    assert_eq!(row.value(3), Value::Text(text.as_bytes()));
    assert_eq!(row.value(4), Value::Blob(&bytes));
    assert_eq!(row.value(5), Value::Text("x".repeat(10_000).as_bytes()));
    assert_eq!(row.value(6), Value::Text(b""));
    assert_eq!(row.value(7), Value::Blob(b""));
}

#[test]
fn values_are_unbound_at_the_end() {
    let handle = handle();
    let sql = "select ?1";
    {
        let text = "gone".to_owned();
        let mut row = handle.prepare(Some(key(1)), sql).expect("valid");
        row.bind_text(&text);
        assert_eq!(step(&mut row), Step::Row);
    }
    let mut row = handle.find(key(1)).expect("kept");
    assert_eq!(step(&mut row), Step::Row);
    assert_eq!(row.value(0), Value::Null);
}

#[test]
fn values_are_unbound_after_a_panic() {
    let handle = handle();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let text = "gone".to_owned();
        let mut row = handle.prepare(Some(key(1)), "select ?1").expect("valid");
        row.bind_text(&text);
        assert_eq!(step(&mut row), Step::Row);
        panic!("on purpose");
    }));
    assert!(panic.is_err());
    assert!(!handle.connection().is_busy());
    let mut row = handle.find(key(1)).expect("kept");
    assert_eq!(step(&mut row), Step::Row);
    assert_eq!(row.value(0), Value::Null);
}

#[test]
fn a_copy_outlives_what_was_copied() {
    let handle = handle();
    let mut row: Running<'_, 'static> = prepared(&handle, "select ?1, ?2");
    {
        let text = "copied".to_owned();
        row.bind_text_copy(&text);
        row.bind_bytes_copy(text.as_bytes());
    }
    assert_eq!(step(&mut row), Step::Row);
    assert_eq!((row.value(0), row.value(1)), (Value::Text(b"copied"), Value::Blob(b"copied")));
}

#[test]
fn a_value_too_many_is_refused() {
    let handle = handle();
    let mut row = prepared(&handle, "select ?1");
    row.bind_integer(1);
    assert_eq!(row.refused(), None);
    row.bind_text("two");
    assert_eq!(row.refused(), Some((ffi::SQLITE_RANGE, 3)));
    assert_eq!(row.parameters(), (1, 2));
}

#[test]
fn a_value_too_large_is_refused() {
    let handle = handle();
    // SAFETY: the connection is open.
    unsafe { ffi::sqlite3_limit(handle.connection().handle(), ffi::SQLITE_LIMIT_LENGTH, 100) };
    let text = "x".repeat(101);
    let binds: [for<'q> fn(&mut Running<'_, 'q>, &'q str); 5] = [
        |row, text| row.bind_text(text),
        |row, text| row.bind_text_copy(text),
        |row, text| row.bind_text_owned(text.to_owned()),
        |row, text| row.bind_bytes(text.as_bytes()),
        |row, text| row.bind_bytes_copy(text.as_bytes()),
    ];
    for bind in binds {
        let mut row = prepared(&handle, "select ?1");
        bind(&mut row, &text);
        assert_eq!(row.refused(), Some((ffi::SQLITE_TOOBIG, 101)));
        assert_eq!(row.longest_value(), 100);
    }
}

#[test]
fn text_that_is_no_statement_is_refused() {
    let handle = handle();
    for sql in ["", " ", "-- a comment", "select", "select 1\0"] {
        assert!(handle.prepare(None, sql).is_err(), "{sql}");
    }
    assert_eq!(handle.kept(), 0);
}

#[test]
fn a_statement_in_use_is_not_given_out_again() {
    let handle = handle();
    let mut first = handle.prepare(Some(key(1)), "select 1 union all select 2").expect("valid");
    assert_eq!(step(&mut first), Step::Row);
    assert!(handle.find(key(1)).is_none());
    let mut second = handle.prepare(Some(key(1)), "select 1 union all select 2").expect("valid");
    assert_eq!(step(&mut second), Step::Row);
    assert_eq!(step(&mut first), Step::Row);
    assert_eq!(first.value(0), Value::Integer(2));
    assert_eq!(second.value(0), Value::Integer(1));
    drop(first);
    drop(second);
    assert_eq!(handle.kept(), 1);
    assert!(handle.find(key(1)).is_some());
}

#[test]
fn a_failed_step_names_its_cause_and_leaves_the_statement_usable() {
    let handle = handle();
    let mut row = handle.prepare(Some(key(1)), "select abs(?1)").expect("valid");
    row.bind_integer(i64::MIN);
    let failure = row.step().expect_err("there is no such number");
    assert!(failure.is_generic());
    drop(row);
    let mut row = handle.find(key(1)).expect("kept");
    row.bind_integer(-1);
    assert_eq!(step(&mut row), Step::Row);
    assert_eq!(row.value(0), Value::Integer(1));
}

#[test]
fn a_dropped_statement_ends_its_read_transaction() {
    let handle = handle();
    let mut row = prepared(&handle, "select 1 union all select 2");
    assert_eq!(step(&mut row), Step::Row);
    assert!(handle.connection().is_busy());
    drop(row);
    assert!(!handle.connection().is_busy());
}

/// The connection closes although the running statement is never dropped: the handle owns the statements.
#[test]
fn a_forgotten_statement_does_not_keep_the_connection_open() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("test.db");
    let open = || rusqlite::Connection::open(&path).expect("the file can be opened");
    let handle = Handle::new(open(), 8);
    handle.connection().execute_batch("create table t (n); insert into t values (1), (2)").expect("valid");
    let text = "borrowed".to_owned();
    let mut row = handle.prepare(Some(key(1)), "select n, ?1 from t").expect("valid");
    row.bind_text(&text);
    assert_eq!(step(&mut row), Step::Row);
    std::mem::forget(row);
    drop(text);
    assert!(handle.find(key(1)).is_none(), "a forgotten statement is not run again");
    assert!(open().execute_batch("pragma busy_timeout = 0; drop table t").is_err(), "it still reads");
    drop(handle);
    open().execute_batch("pragma busy_timeout = 0; drop table t").expect("nothing reads");
}

#[test]
fn a_handle_moves_between_threads() {
    let handle = handle();
    drop(handle.prepare(Some(key(1)), "select 1").expect("valid"));
    let handle = std::thread::spawn(move || {
        let mut row = handle.find(key(1)).expect("kept");
        assert_eq!(step(&mut row), Step::Row);
        drop(row);
        handle
    });
    let handle = handle.join().expect("the thread does not panic");
    assert!(handle.find(key(1)).is_some());
}

#[test]
fn the_cache_is_bounded() {
    let handle = handle();
    for number in 0..100 {
        drop(handle.prepare(Some(key(number)), &format!("select {number}")).expect("valid"));
    }
    assert_eq!(handle.kept(), 8);
    assert!(handle.find(key(99)).is_some() && handle.find(key(0)).is_none());
}
