//! PostgreSQL as a [`Session`], which waits for its answers.

use std::hash::{BuildHasher, Hasher};

use orm_postgres::Connection;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::{
    error::Error,
    session::{Row, Session},
};

/// A connection of its own.
pub(crate) struct Owned {
    connection: Connection,
    // After the connection, which says goodbye in it.
    runtime: Runtime,
    // After the connection, because a database that somebody is connected to cannot be dropped.
    _shadow: Option<Shadow>,
}

/// A database that is dropped with this.
struct Shadow {
    url: String,
    name: String,
}

impl Owned {
    pub(crate) fn connect(url: &str) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::Migrations(format!("no runtime could be started: {error}")))?;
        let connection = runtime.block_on(Connection::connect(url))?;
        let mut session = Self { connection, runtime, _shadow: None };
        // What the server tells while statements run is for people who watch them, not for a program.
        session.run("set client_min_messages = warning")?;
        Ok(session)
    }

    /// An empty database on the server of a URL, dropped with the session.
    pub(crate) fn shadow(url: &str) -> Result<Self, Error> {
        let random = std::hash::RandomState::new().build_hasher().finish();
        let name = format!("orm_shadow_{}_{random:016x}", std::process::id());
        // Whatever the locale of the server is: texts go by their bytes.
        let sql = format!("create database \"{name}\" template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'");
        Self::connect(url)?.run(&sql)?;
        let shadow = Shadow { url: url.to_owned(), name };
        let mut session = Self::connect(&with_database(url, &shadow.name))?;
        session.run("set synchronous_commit = off")?;
        session._shadow = Some(shadow);
        Ok(session)
    }

    fn with_client<T>(&self, body: impl AsyncFnOnce(&Client) -> T) -> Result<T, Error> {
        Ok(self.runtime.block_on(self.connection.with_client(body))?)
    }
}

impl Drop for Shadow {
    fn drop(&mut self) {
        // A database that stays behind is no reason to fail; its name tells what it was.
        if let Ok(mut session) = Owned::connect(&self.url) {
            drop(session.run(&format!("drop database if exists \"{}\" with (force)", self.name)));
        }
    }
}

impl Session for Owned {
    fn run(&mut self, sql: &str) -> Result<(), Error> {
        let ran = self.with_client(async |client| client.batch_execute(sql).await)?;
        ran.map_err(|error| failed(&error, sql))
    }

    fn rows(&mut self, sql: &str) -> Result<Vec<Row>, Error> {
        let messages = self.with_client(async |client| client.simple_query(sql).await)?;
        Ok(rows(messages.map_err(|error| failed(&error, sql))?))
    }
}

pub(crate) fn rows(messages: Vec<SimpleQueryMessage>) -> Vec<Row> {
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect()),
        _ => None,
    });
    rows.collect()
}

/// The server's message without its detail, which may show values of rows.
pub(crate) fn failed(error: &tokio_postgres::Error, sql: &str) -> Error {
    Error::Statement {
        doing: "running a statement on PostgreSQL".to_owned(),
        problem: error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned()),
        code: error.code().map(|code| code.code().to_owned()),
        sql: sql.to_owned(),
    }
}

/// The URL of another database on the same server.
fn with_database(url: &str, name: &str) -> String {
    let (base, parameters) = url.split_once('?').map_or((url, None), |(base, rest)| (base, Some(rest)));
    let authority = base.find("://").map_or(0, |at| at + 3);
    let end = base[authority..].find('/').map_or(base.len(), |at| authority + at);
    let parameters = parameters.map(|parameters| {
        let kept = parameters.split('&').filter(|parameter| !parameter.starts_with("dbname="));
        kept.collect::<Vec<_>>().join("&")
    });
    let query = parameters.filter(|it| !it.is_empty()).map(|it| format!("?{it}")).unwrap_or_default();
    format!("{}/{name}{query}", &base[..end])
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn another_database_of_a_url() {
        assert_eq!(with_database("postgres://a:b@h:1/c", "x"), "postgres://a:b@h:1/x");
        assert_eq!(with_database("postgres://h,i:2?sslmode=require", "x"), "postgres://h,i:2/x?sslmode=require");
        assert_eq!(with_database("postgres:///c?host=/tmp&dbname=d", "x"), "postgres:///x?host=/tmp");
    }
}
