//! Transactions and savepoints.

use orm_core::error::{Error, ErrorKind};

use crate::session::Session;

/// An open transaction, or a savepoint inside of one.
///
/// While an inner transaction is open, using the outer one is [`Error::TransactionOpen`].
pub struct Transaction<'c> {
    session: &'c Session,
    depth: u32,
}

impl Transaction<'_> {
    pub(crate) fn session(&self) -> &Session {
        self.session
    }

    pub(crate) fn depth(&self) -> u32 {
        self.depth
    }

    /// Runs `body` in a transaction inside of the one at `depth`.
    pub(crate) async fn run<T, E, F>(session: &Session, depth: u32, body: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&Transaction<'_>) -> Result<T, E>,
        E: From<Error>,
    {
        let begin = if depth == 0 { "begin".to_owned() } else { format!("savepoint orm_{depth}") };
        session.begin(depth, &begin).await?;
        let open = Open { session, depth: depth + 1 };
        let transaction = Transaction { session, depth: depth + 1 };
        let result = match body(&transaction).await {
            Ok(value) => open.commit().await.map(|()| value).map_err(E::from),
            Err(error) => Err(error),
        };
        match result {
            Ok(value) => Ok(value),
            Err(error) => {
                // If this fails, the connection is not clean and will be closed, which rolls back as well.
                drop(open.rollback().await);
                Err(error)
            }
        }
    }

    /// Runs a transaction inside of this one, by a savepoint: an `Err` undoes only what the inner one did.
    ///
    /// # Errors
    /// The body's error, or that of setting or releasing the savepoint.
    pub async fn transaction<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&Transaction<'_>) -> Result<T, E>,
        E: From<Error>,
    {
        Transaction::run(self.session, self.depth, body).await
    }

    /// Runs statements without values, one after the other, as part of this transaction.
    ///
    /// # Errors
    /// If a statement fails; PostgreSQL then refuses everything until the transaction or savepoint is rolled back.
    pub async fn execute_batch(&self, sql: &'static str) -> Result<(), Error> {
        self.execute_text(sql, "batch of statements").await
    }

    pub(crate) async fn execute_text(&self, sql: &str, operation: &str) -> Result<(), Error> {
        self.session.run(self.depth, sql, operation).await
    }
}

/// A transaction that has begun. If it is dropped before it ended, whoever goes on with the one around it undoes it.
struct Open<'s> {
    session: &'s Session,
    depth: u32,
}

impl Open<'_> {
    fn is_open(&self) -> bool {
        self.session.depth() >= self.depth
    }

    /// Commits. In a transaction in which a statement has failed, PostgreSQL would answer `commit` with a rollback that
    /// looks like success: the `select` before it fails there instead.
    async fn commit(&self) -> Result<(), Error> {
        let sql = match self.depth {
            1 => "select; commit".to_owned(),
            depth => format!("release savepoint orm_{}", depth - 1),
        };
        match self.session.end(self.depth, &sql, "commit of a transaction").await {
            Err(error) if self.depth == 1 && error.kind() == ErrorKind::ConnectionLost => {
                Err(Error::CommitUnknown { source: Box::new(error) })
            }
            result => result,
        }
    }

    async fn rollback(&self) -> Result<(), Error> {
        match self.depth {
            _ if !self.is_open() => Ok(()),
            1 => self.session.end(1, "rollback", "rollback of a transaction").await,
            depth => self.session.undo_savepoint(depth - 1).await,
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if self.is_open() && self.depth > 1 {
            self.session.abandon(self.depth);
        }
    }
}
