//! Beginning and ending transactions and savepoints on a connection.

use std::{borrow::Cow, sync::atomic::Ordering};

use orm_core::{
    error::{Error, ErrorKind},
    pool::{Isolation, TransactionOptions},
};

use crate::session::Session;

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
        self.level.store(level + 1, Ordering::Release);
        let result = self.run(level + 1, &begin_text(level, options), "begin of a transaction").await;
        if result.is_err() {
            self.level.store(level, Ordering::Release);
        }
        result
    }

    /// Commits. In a transaction in which a statement has failed, PostgreSQL would answer `commit` with a rollback that
    /// looks like success: the `select` before it fails there instead. It is not sent if everything is known to have gone
    /// well: short transactions would notice.
    pub(crate) async fn commit(&self, level: u32) -> Result<(), Error> {
        let sql: Cow<'_, str> = match level {
            1 if self.may_have_failed() => "select; commit".into(),
            1 => "commit".into(),
            _ => format!("release savepoint orm_{}", level - 1).into(),
        };
        let result = self.end(level, &sql, "commit of a transaction").await;
        if let Err(error) = &result
            && error.kind() != ErrorKind::ConnectionLost
        {
            // The commit's error is the better explanation; a connection that cannot roll back is not clean.
            drop(self.rollback(level).await);
        }
        result.map_err(|error| match (level, error.kind()) {
            (1, ErrorKind::ConnectionLost) => Error::CommitUnknown { source: Box::new(error) },
            _ => error,
        })
    }

    pub(crate) async fn rollback(&self, level: u32) -> Result<(), Error> {
        match level {
            _ if self.level() < level => Ok(()),
            1 => {
                // Inner transactions that were not ended end with it.
                self.level.store(1, Ordering::Release);
                self.end(1, "rollback", "rollback of a transaction").await
            }
            level => self.undo_savepoint(level - 1).await,
        }
    }

    /// Ends whatever transaction is open.
    pub(crate) async fn reset(&self) -> Result<(), Error> {
        self.rollback(1).await
    }

    /// Ends the transaction or savepoint of this level, which leaves the one around it.
    async fn end(&self, level: u32, sql: &str, operation: &str) -> Result<(), Error> {
        self.run(level, sql, operation).await?;
        self.level.store(level - 1, Ordering::Release);
        Ok(())
    }

    /// Marks the inner transaction of this level as one that nobody will end.
    pub(crate) fn abandon(&self, level: u32) {
        if self.level() >= level && level > 1 {
            self.abandoned.store(level, Ordering::Release);
        }
    }

    /// Rolls back to the savepoint inside of the transaction of this level, which is the current one then.
    pub(crate) async fn undo_savepoint(&self, level: u32) -> Result<(), Error> {
        let sql = format!("rollback to savepoint orm_{level}; release savepoint orm_{level}");
        self.send(&sql, "rollback of a transaction").await?;
        self.level.store(level, Ordering::Release);
        Ok(())
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
