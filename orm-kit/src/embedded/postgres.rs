//! A pool of PostgreSQL: a thread migrates, and its statements run on a connection of the pool.

use std::{sync::mpsc, thread};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_postgres::SimpleQueryMessage;

use super::Running;
use crate::{
    apply::{MigrateOptions, migrate},
    error::Error,
    folder::Migration,
    postgres::{Postgres, session},
    session::{Row, Session},
};

type Answer = Result<Vec<SimpleQueryMessage>, tokio_postgres::Error>;

/// A statement, and where its answer goes.
struct Request {
    sql: String,
    answer: mpsc::Sender<Answer>,
}

/// A connection that somebody else has.
struct Remote(UnboundedSender<Request>);

impl Remote {
    fn ask(&self, sql: &str) -> Result<Vec<SimpleQueryMessage>, Error> {
        let gone = || Error::Migrations("the migration was given up before its end".to_owned());
        let (answer, answers) = mpsc::channel();
        self.0.send(Request { sql: sql.to_owned(), answer }).map_err(|_| gone())?;
        answers.recv().map_err(|_| gone())?.map_err(|error| session::failed(&error, sql))
    }
}

impl Session for Remote {
    fn run(&mut self, sql: &str) -> Result<(), Error> {
        self.ask(sql).map(drop)
    }

    fn rows(&mut self, sql: &str) -> Result<Vec<Row>, Error> {
        Ok(session::rows(self.ask(sql)?))
    }

    fn rows_of_each(&mut self, queries: &[String]) -> Result<Vec<Vec<Row>>, Error> {
        Ok(session::rows_of_each(self.ask(&queries.join(";\n"))?))
    }
}

pub(super) fn run(pool: &orm_postgres::Pool, migrations: Vec<Migration>, options: MigrateOptions) -> Running<'_> {
    Box::pin(async move {
        let (sender, mut requests) = unbounded_channel::<Request>();
        let worker = thread::spawn(move || migrate(&Postgres, &mut Remote(sender), &migrations, &options));
        // Ends when the thread does, which has the only sender. The lock is freed with the connection, which is closed.
        pool.with_client(async |client| {
            while let Some(request) = requests.recv().await {
                let answer = client.simple_query(&request.sql).await;
                // Nobody waits for it any more if the thread panicked.
                drop(request.answer.send(answer));
            }
        })
        .await?;
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
