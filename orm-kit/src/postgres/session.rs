//! PostgreSQL as a [`Session`], which waits for its answers.

use orm_postgres::Connection;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::shadow::Made;
use crate::{
    error::Error,
    session::{Row, Session},
};

/// A connection of its own.
pub(crate) struct Owned {
    connection: Connection,
    // After the connection, which says goodbye in it.
    runtime: Runtime,
    // After the connection, which has to be closed before.
    made: Option<Made>,
}

impl Owned {
    pub(crate) fn connect(url: &str) -> Result<Self, Error> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::Migrations(format!("no runtime could be started: {error}")))?;
        let connection = runtime.block_on(Connection::connect(url))?;
        let mut session = Self { connection, runtime, made: None };
        // What the server tells while statements run is for people who watch them, not for a program.
        session.run("set client_min_messages = warning")?;
        Ok(session)
    }

    /// Drops a database after this, because one that somebody is connected to cannot be dropped.
    pub(super) fn drops(&mut self, made: Made) {
        self.made = Some(made);
    }

    pub(super) fn with_client<T>(&self, body: impl AsyncFnOnce(&Client) -> T) -> Result<T, Error> {
        Ok(self.runtime.block_on(self.connection.with_client(body))?)
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

    fn rows_of_each(&mut self, queries: &[String]) -> Result<Vec<Vec<Row>>, Error> {
        let sql = queries.join(";\n");
        let messages = self.with_client(async |client| client.simple_query(&sql).await)?;
        Ok(rows_of_each(messages.map_err(|error| failed(&error, &sql))?))
    }
}

pub(crate) fn rows(messages: Vec<SimpleQueryMessage>) -> Vec<Row> {
    rows_of_each(messages).into_iter().flatten().collect()
}

/// The rows of each statement, all of which are in the messages.
pub(crate) fn rows_of_each(messages: Vec<SimpleQueryMessage>) -> Vec<Vec<Row>> {
    let mut all = Vec::new();
    let mut rows = Vec::new();
    for message in messages {
        match message {
            SimpleQueryMessage::Row(row) => {
                rows.push((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect());
            }
            SimpleQueryMessage::CommandComplete(_) => all.push(std::mem::take(&mut rows)),
            _ => {}
        }
    }
    all
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
