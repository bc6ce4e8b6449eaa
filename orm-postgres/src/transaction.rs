//! Transactions and savepoints.

use orm_core::error::Error;

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
        let (begin, commit, rollback) = match depth {
            0 => ("begin".to_owned(), "commit".to_owned(), "rollback".to_owned()),
            _ => (
                format!("savepoint orm_{depth}"),
                format!("release savepoint orm_{depth}"),
                format!("rollback to savepoint orm_{depth}; release savepoint orm_{depth}"),
            ),
        };
        session.begin(depth, &begin).await?;
        let transaction = Transaction { session, depth: depth + 1 };
        match body(&transaction).await {
            Ok(value) => {
                session.end(depth + 1, &commit, "commit of a transaction").await?;
                Ok(value)
            }
            Err(error) => {
                // If this fails, the connection is not clean and will be closed, which rolls back as well.
                drop(session.end(depth + 1, &rollback, "rollback of a transaction").await);
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
