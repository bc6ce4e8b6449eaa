//! What a connection and the transactions on it share: the statements, and how deep in transactions it is.

use std::{cell::Cell, sync::Arc};

use orm_core::{
    error::{Error, ErrorKind},
    executor::{QueryKey, Shape},
    observe::Observer,
};

use crate::{
    error::Failure,
    statement::{Handle, Step},
};

/// A connection with its state.
pub(crate) struct Session {
    handle: Handle,
    name: Box<str>,
    observer: Arc<Observer>,
    /// How many transactions and savepoints are open. The handle of the innermost one has this level; the connection
    /// itself has level 0.
    level: Cell<u32>,
    /// Why SQLite ended the transaction by itself, or why it could not be ended: nothing runs until it is over.
    broken: Cell<Option<ErrorKind>>,
    /// How many statements of queries have run.
    statements: Cell<u64>,
}

/// Statements about transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Control {
    Begin,
    BeginImmediate,
    /// Reads something, which fixes the snapshot that a read transaction sees.
    Snapshot,
    Commit,
    Rollback,
    Savepoint(u32),
    Release(u32),
    RollbackTo(u32),
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Control {
    fn text(self) -> String {
        match self {
            Self::Begin => "begin deferred".to_owned(),
            Self::BeginImmediate => "begin immediate".to_owned(),
            Self::Snapshot => "select 1 from sqlite_schema limit 1".to_owned(),
            Self::Commit => "commit".to_owned(),
            Self::Rollback => "rollback".to_owned(),
            Self::Savepoint(level) => format!("savepoint orm_{level}"),
            Self::Release(level) => format!("release orm_{level}"),
            Self::RollbackTo(level) => format!("rollback to orm_{level}"),
        }
    }

    fn operation(self) -> &'static str {
        match self {
            Self::Begin | Self::BeginImmediate | Self::Snapshot => "begin of a transaction",
            Self::Commit => "commit of a transaction",
            Self::Rollback => "rollback of a transaction",
            Self::Savepoint(_) => "begin of a savepoint",
            Self::Release(_) => "commit of a savepoint",
            Self::RollbackTo(_) => "rollback of a savepoint",
        }
    }

    fn key(self) -> QueryKey {
        let (kind, level) = match self {
            Self::Begin => (0, 0),
            Self::BeginImmediate => (1, 0),
            Self::Snapshot => (2, 0),
            Self::Commit => (3, 0),
            Self::Rollback => (4, 0),
            Self::Savepoint(level) => (5, level),
            Self::Release(level) => (6, level),
            Self::RollbackTo(level) => (7, level),
        };
        let mut shape = Shape::default();
        shape.add(kind << 32 | u64::from(level));
        QueryKey::of::<Self>(&shape)
    }
}

impl Session {
    pub(crate) fn new(handle: Handle, name: Box<str>, observer: Arc<Observer>) -> Self {
        Self { handle, name, observer, level: Cell::new(0), broken: Cell::new(None), statements: Cell::new(0) }
    }

    /// Who watches the statements that do not come from a pool, which watches its own.
    #[inline]
    pub(crate) fn observer(&self) -> &Arc<Observer> {
        &self.observer
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Counts a statement of a query.
    #[inline]
    pub(crate) fn count(&self) {
        self.statements.set(self.statements.get() + 1);
    }

    pub(crate) fn statements(&self) -> u64 {
        self.statements.get()
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How many transactions and savepoints are open.
    #[cfg(feature = "pool")]
    pub(crate) fn level(&self) -> u32 {
        self.level.get()
    }

    /// Checks that the transaction of this level is the innermost one, and not broken.
    #[inline]
    pub(crate) fn check(&self, level: u32) -> Result<(), Error> {
        if self.level.get() == level && self.broken.get().is_none() { Ok(()) } else { self.recover(level) }
    }

    #[cold]
    fn recover(&self, level: u32) -> Result<(), Error> {
        let Some(kind) = self.broken.get().filter(|_| self.level.get() == level) else {
            return Err(Error::TransactionOpen);
        };
        if level > 0 {
            return Err(Failure::rolled_back(kind));
        }
        // A transaction could not be rolled back when it ended, unless SQLite did so meanwhile.
        if !self.handle.connection().is_autocommit() {
            self.control(Control::Rollback)?;
        }
        self.broken.set(None);
        Ok(())
    }

    /// Begins a transaction, or a savepoint in the transaction of this level; its own level is the next one.
    pub(crate) fn begin(&self, level: u32, access: Access) -> Result<u32, Error> {
        self.check(level)?;
        let own = level + 1;
        match (level, access) {
            (0, Access::Write) => self.control(Control::BeginImmediate)?,
            (0, Access::Read) => self.control(Control::Begin)?,
            _ => self.control(Control::Savepoint(own))?,
        }
        self.level.set(own);
        if access == Access::Read
            && let Err(error) = self.control(Control::Snapshot)
        {
            self.abandon(own);
            return Err(error);
        }
        Ok(own)
    }

    /// Ends the transaction of this level and keeps what it did, or rolls it back if that fails.
    pub(crate) fn commit(&self, own: u32) -> Result<(), Error> {
        let committed = self.check(own).and_then(|()| match own {
            1 => self.control(Control::Commit),
            _ => self.control(Control::Release(own)),
        });
        match committed {
            Ok(()) => self.level.set(own - 1),
            Err(_) => self.abandon(own),
        }
        committed
    }

    /// Ends the transaction of this level and undoes what it did.
    pub(crate) fn rollback(&self, own: u32) -> Result<(), Error> {
        self.level.set(own - 1);
        if self.handle.connection().is_autocommit() {
            // SQLite rolled it back already.
            if own == 1 {
                self.broken.set(None);
            }
            return Ok(());
        }
        let undone = match own {
            1 => self.control(Control::Rollback),
            _ => self.control(Control::RollbackTo(own)).and_then(|()| self.control(Control::Release(own))),
        };
        match &undone {
            Ok(()) if own == 1 => self.broken.set(None),
            Ok(()) => {}
            // What was to be undone must not be committed with the rest.
            Err(error) => self.broken.set(Some(error.kind())),
        }
        if undone.is_err() && own > 1 {
            let _ = self.control(Control::Rollback);
        }
        undone
    }

    /// Like [`rollback`](Self::rollback), but after an error that is to be reported, or without anybody to report to.
    pub(crate) fn abandon(&self, own: u32) {
        let _ = self.rollback(own);
    }

    /// Ends whatever is still open, which only a forgotten handle can have left so.
    pub(crate) fn abandon_all(&self) {
        if self.level.get() > 0 {
            self.abandon(1);
        }
    }

    /// Looks whether a failed statement made SQLite roll back the transaction, as a full disk does. See
    /// <https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction>.
    pub(crate) fn note_failure(&self, kind: ErrorKind) {
        if self.level.get() > 0 && self.handle.connection().is_autocommit() {
            self.broken.set(self.broken.get().or(Some(kind)));
        }
    }

    /// Checks that statements we did not see, of this level, left the transaction as it was.
    pub(crate) fn check_unseen(&self, level: u32, sql: &str) -> Result<(), Error> {
        let message = match (level, self.handle.connection().is_autocommit()) {
            (0, false) => {
                self.broken.set(Some(ErrorKind::InvalidStatement));
                let _ = self.recover(0);
                "the statements left a transaction open, which was rolled back"
            }
            (1.., true) => {
                self.broken.set(Some(ErrorKind::InvalidStatement));
                "the statements ended the transaction they are part of"
            }
            _ => return Ok(()),
        };
        Err(Failure::invalid(message).into_error("batch of statements".to_owned(), None, sql.to_owned()))
    }

    fn control(&self, control: Control) -> Result<(), Error> {
        let failed = |failure: Failure| {
            let error = failure.into_error(control.operation().to_owned(), None, control.text());
            self.note_failure(error.kind());
            error
        };
        let key = control.key();
        let mut running = match self.handle.find(key) {
            Some(running) => running,
            None => self.handle.prepare(Some(key), &control.text()).map_err(failed)?,
        };
        loop {
            match running.step() {
                Ok(Step::Row) => {}
                Ok(Step::Done) => return Ok(()),
                Err(failure) => {
                    drop(running);
                    return Err(failed(failure));
                }
            }
        }
    }
}
