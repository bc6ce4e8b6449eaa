//! Beginning and ending transactions and savepoints on a connection.

use std::{borrow::Cow, time::Duration};

use orm_core::{
    error::{Error, ErrorKind},
    pool::{Isolation, TransactionOptions},
};

use crate::session::Session;

/// How long a session may take to end what was given up on it.
const RESTORE_DEADLINE: Duration = Duration::from_secs(5);

/// See <https://www.postgresql.org/docs/current/sql-begin.html>.
fn begin_text(level: u32, options: &TransactionOptions) -> Cow<'static, str> {
    if level > 0 {
        return format!("savepoint orm_{level}").into();
    }
    if *options == TransactionOptions::new() {
        return "begin".into();
    }
    let mut sql = "begin".to_owned();
    sql.push_str(match options.isolation_level() {
        Some(Isolation::ReadCommitted) => " isolation level read committed",
        Some(Isolation::RepeatableRead) => " isolation level repeatable read",
        Some(Isolation::Serializable) => " isolation level serializable",
        _ => "",
    });
    sql.push_str(if options.is_read_only() { " read only" } else { "" });
    sql.push_str(if options.is_deferrable() { " deferrable" } else { "" });
    sql.into()
}

impl Session {
    /// Opens a transaction (in level 0) or a savepoint.
    pub(crate) async fn begin(&self, level: u32, options: &TransactionOptions) -> Result<(), Error> {
        self.check(level).await?;
        if level == 0 {
            self.forgive();
        }
        // Before the statement is sent: if the future is dropped, the connection is not clean.
        self.set_level(level + 1);
        let result = self.send(&begin_text(level, options), "begin of a transaction").await;
        if result.is_err() {
            self.set_level(level);
        }
        result
    }

    /// Commits.
    pub(crate) async fn commit(&self, level: u32) -> Result<(), Error> {
        let ended = match self.check(level).await {
            Ok(()) if level == 1 => self.commit_outermost().await,
            Ok(()) => return self.release(level).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &ended
            && !matches!(error.kind(), ErrorKind::ConnectionLost | ErrorKind::CommitUnknown)
        {
            // The commit's error is the better explanation; a connection that cannot roll back is not clean.
            drop(self.rollback(level).await);
        }
        ended
    }

    /// Commits. In a transaction in which a statement has failed, PostgreSQL would answer `commit` with a rollback that
    /// looks like success: the `select` before it fails there instead. It is not sent if everything is known to have gone
    /// well: short transactions would notice.
    async fn commit_outermost(&self) -> Result<(), Error> {
        let sent = self.is_open();
        let sql = if self.may_have_failed() { "select; commit" } else { "commit" };
        match self.send(sql, "commit of a transaction").await {
            Ok(()) => {
                self.set_level(0);
                Ok(())
            }
            Err(error) if sent && error.kind() == ErrorKind::ConnectionLost => {
                Err(Error::CommitUnknown { source: Box::new(error) })
            }
            Err(error) => Err(error),
        }
    }

    /// Makes a savepoint part of the transaction around it.
    async fn release(&self, level: u32) -> Result<(), Error> {
        // Before the statement is sent: if the future is dropped, the savepoint is released all the same. PostgreSQL
        // refuses to in a transaction that cannot be committed any more, and only there.
        self.set_level(level - 1);
        let sql = format!("release savepoint orm_{}", level - 1);
        let released = self.send(&sql, "commit of a transaction").await;
        if let Err(error) = &released
            && error.kind() != ErrorKind::ConnectionLost
        {
            drop(self.undo(level - 1).await);
        }
        released
    }

    pub(crate) async fn rollback(&self, level: u32) -> Result<(), Error> {
        // Inner transactions that were not ended end with it.
        if self.level() < level { Ok(()) } else { self.undo(level - 1).await }
    }

    /// Ends whatever transaction is open.
    pub(crate) async fn reset(&self) -> Result<(), Error> {
        self.rollback(1).await
    }

    /// Makes a session fit for use that was left busy or in a transaction, or gives it up.
    pub(crate) async fn restore(&self) {
        if tokio::time::timeout(RESTORE_DEADLINE, self.try_restore()).await.is_err() {
            self.give_up();
        }
    }

    async fn try_restore(&self) {
        if self.is_busy() {
            self.canceller().cancel().await;
            // Everything before it is answered when this is. The request to cancel is not answered, and may come late: it
            // hits this pause then, and not what comes after it.
            drop(self.send("select pg_catalog.pg_sleep(0.1)", "end of a statement that was given up").await);
            // It may have hit a rollback, which counts as sent. Outside of a transaction this does nothing.
            self.set_level(1);
        }
        if self.level() > 0 && self.is_open() {
            drop(self.reset().await);
        }
    }

    /// Rolls back to the transaction of this level, which is the current one then.
    pub(crate) async fn undo(&self, level: u32) -> Result<(), Error> {
        // Before the statement is sent: if the future is dropped, it must not be sent a second time. Until it is answered
        // the session is busy.
        self.set_level(level);
        match level {
            0 => {
                let undone = self.send("rollback", "rollback of a transaction").await;
                undone.inspect_err(|_| self.give_up())
            }
            _ => {
                let sql = format!("rollback to savepoint orm_{level}; release savepoint orm_{level}");
                self.send(&sql, "rollback of a transaction").await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_said_when_a_transaction_begins() {
        let check = |options, expected| assert_eq!(begin_text(0, &options), expected);
        check(TransactionOptions::new(), "begin");
        check(TransactionOptions::new().retry(3), "begin");
        check(TransactionOptions::new().isolation(Isolation::ReadCommitted), "begin isolation level read committed");
        check(
            TransactionOptions::new().isolation(Isolation::Serializable).read_only().deferrable(),
            "begin isolation level serializable read only deferrable",
        );
        assert_eq!(begin_text(2, &TransactionOptions::new()), "savepoint orm_2");
    }
}
