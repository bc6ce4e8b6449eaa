//! SQLite as a [`Session`].

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags, config::DbConfig, types::ValueRef};

use crate::{
    error::Error,
    session::{Row, Session},
};

/// A connection of its own.
pub(crate) struct Owned(Connection);

/// A connection that somebody lends.
pub(crate) struct Lent<'c>(pub(crate) &'c Connection);

impl Owned {
    pub(crate) fn open(path: &str) -> Result<Self, Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        // A path is never read as a URI.
        let connection = match path {
            ":memory:" => Connection::open_in_memory_with_flags(flags),
            path => Connection::open_with_flags(Path::new("").join(path), flags),
        };
        let open = || {
            let connection = connection?;
            connection.busy_timeout(Duration::from_millis(250))?;
            // As on the connections of applications: a name in double quotes that is wrong is no text.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
            connection.pragma_update(None, "foreign_keys", true)?;
            Ok(connection)
        };
        open().map(Self).map_err(|error| failed(&error, "").doing(format!("opening `{path}`")))
    }

    pub(crate) fn in_memory() -> Result<Self, Error> {
        Self::open(":memory:")
    }
}

impl Session for Owned {
    fn run(&mut self, sql: &str) -> Result<(), Error> {
        Lent(&self.0).run(sql)
    }

    fn rows(&mut self, sql: &str) -> Result<Vec<Row>, Error> {
        Lent(&self.0).rows(sql)
    }
}

impl Session for Lent<'_> {
    fn run(&mut self, sql: &str) -> Result<(), Error> {
        self.0.execute_batch(sql).map_err(|error| failed(&error, sql))
    }

    fn rows(&mut self, sql: &str) -> Result<Vec<Row>, Error> {
        let read = || {
            let mut statement = self.0.prepare(sql)?;
            let width = statement.column_count();
            let mut rows = statement.query([])?;
            let mut read = Vec::new();
            while let Some(row) = rows.next()? {
                read.push((0..width).map(|at| row.get_ref(at).map(text)).collect::<Result<Row, _>>()?);
            }
            Ok(read)
        };
        read().map_err(|error| failed(&error, sql))
    }
}

fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(format!("{number:?}")),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Some(crate::snapshot::hex(bytes)),
    }
}

fn failed(error: &rusqlite::Error, sql: &str) -> Error {
    let (problem, code) = match error {
        rusqlite::Error::SqliteFailure(code, Some(message)) => (message.clone(), Some(code.extended_code)),
        rusqlite::Error::SqliteFailure(code, None) => (code.to_string(), Some(code.extended_code)),
        rusqlite::Error::SqlInputError { error, msg, .. } => (msg.clone(), Some(error.extended_code)),
        error => (error.to_string(), None),
    };
    Error::Statement {
        doing: "running a statement on SQLite".to_owned(),
        problem,
        code: code.map(|code| code.to_string()),
        sql: sql.to_owned(),
    }
}
