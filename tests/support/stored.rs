//! What is in the file, read and written by the driver itself: past the types of the schema.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use orm::sqlite::Connection;
pub use rusqlite::types::Value;

/// The only value that a statement gives, in the storage class it is kept in.
pub fn stored(db: &Connection, sql: &str) -> Value {
    stored_row(db, sql).remove(0)
}

/// The columns of the first row that a statement gives.
pub fn stored_row(db: &Connection, sql: &str) -> Vec<Value> {
    stored_rows(db, sql).into_iter().next().expect("the statement gives a row")
}

/// The rows that a statement gives.
pub fn stored_rows(db: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let read = |raw: &rusqlite::Connection| -> rusqlite::Result<_> {
        let mut statement = raw.prepare(sql)?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| (0..columns).map(|at| row.get(at)).collect::<Result<_, _>>())?;
        rows.collect()
    };
    db.with_raw(read).expect("no transaction is open").unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// The number that a statement gives.
pub fn number(db: &Connection, sql: &str) -> i64 {
    match stored(db, sql) {
        Value::Integer(number) => number,
        other => panic!("{sql}: {other:?} is not an integer"),
    }
}

/// Runs a statement with values.
pub fn write(db: &Connection, sql: &str, values: &[Value]) {
    let written = db.with_raw(|raw| raw.execute(sql, rusqlite::params_from_iter(values)));
    written.expect("no transaction is open").unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// A text as the driver gives it.
pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// The message of an error and those of its causes.
pub fn report(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |report, cause| format!("{report}\n  caused by: {cause}"))
}
