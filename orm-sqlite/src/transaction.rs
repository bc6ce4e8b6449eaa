//! Transactions and savepoints.

use std::fmt;

use orm_core::{
    error::Error,
    observe::{Parent, TransactionSpan},
};

use crate::{
    execute::Scope,
    session::{Access, Session},
};

/// A transaction, or a savepoint in one: an executor whose statements all take effect or none does.
///
/// Queries run on it as on the connection: `.all(&tx)?`. It is rolled back when it is dropped without
/// [`commit`](Transaction::commit). While a savepoint in it is open, using the outer handle is
/// [`Error::TransactionOpen`].
///
/// A full disk, or an error reading the file, makes SQLite roll back the whole transaction by itself. Then every
/// further statement of it, and the commit, is an error of the same kind.
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let mut db = orm::doctest::sqlite();
/// let tx = db.begin()?;
/// Post::update().set(Post::published, true).filter(Post::id.eq(3)).execute(&tx)?;
/// assert_eq!(Post::select().filter(Post::published).count(&tx)?, 3);
/// tx.commit()?;
/// # Ok::<(), orm::Error>(())
/// ```
pub struct Transaction<'c> {
    session: &'c Session,
    level: u32,
    is_ended: bool,
    span: TransactionSpan,
    /// Whether the body runs inside of the span, so that what it does is part of that without being told.
    is_inside: bool,
}

impl<'c> Transaction<'c> {
    /// Begins in the transaction of this scope.
    pub(crate) fn begin(scope: Scope<'c>) -> Result<Self, Error> {
        let session = scope.session();
        let span = session.observer().transaction(scope.level() + 1, 1, scope.parent());
        let begun = span.run(|| session.begin(scope.level(), Access::Write));
        let level = begun.inspect_err(|error| span.refused(error))?;
        Ok(Self { session, level, is_ended: false, span, is_inside: false })
    }

    /// The span that statements are told to be part of.
    pub(crate) fn parent(&self) -> Parent<'_> {
        if self.is_inside { Parent::default() } else { self.span.parent() }
    }

    pub(crate) fn session(&self) -> &'c Session {
        self.session
    }

    pub(crate) fn level(&self) -> u32 {
        self.level
    }

    /// Keeps what the transaction did.
    ///
    /// # Errors
    /// If SQLite refuses, because a deferred foreign key is violated for example; the transaction is rolled back then.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let mut db = orm::doctest::sqlite();
    /// let tx = db.begin()?;
    /// User::delete().filter(User::id.eq(2)).execute(&tx)?;
    /// tx.commit()?;
    /// assert_eq!(User::select().count(&db)?, 2);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn commit(mut self) -> Result<(), Error> {
        self.is_ended = true;
        let result = self.span.run(|| self.session.commit(self.level));
        self.span.committed(result.as_ref().copied());
        result
    }

    /// Undoes what the transaction did.
    ///
    /// # Errors
    /// If SQLite cannot read what it needs to undo it. The connection tries again before its next statement.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let mut db = orm::doctest::sqlite();
    /// let tx = db.begin()?;
    /// User::delete().filter(User::id.eq(2)).execute(&tx)?;
    /// tx.rollback()?;
    /// assert_eq!(User::select().count(&db)?, 3);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn rollback(mut self) -> Result<(), Error> {
        self.is_ended = true;
        let result = self.span.run(|| self.session.rollback(self.level));
        self.span.rolled_back(result.as_ref().copied());
        result
    }

    /// Runs a closure in a savepoint: what it did is kept if it gives `Ok`, and undone if it gives `Err` or panics. The
    /// transaction goes on either way.
    ///
    /// # Errors
    /// The closure's error, or that of the savepoint.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// db.transaction(|tx| {
    ///     Post::delete().filter(Post::id.eq(3)).execute(tx)?;
    ///     let inner = tx.transaction(|inner| {
    ///         User::delete().all_rows().execute(inner)?;
    ///         User::find(1).one(inner)
    ///     });
    ///     assert_eq!(inner.unwrap_err().kind(), orm::ErrorKind::NotFound);
    ///     Ok::<_, orm::Error>(())
    /// })?;
    /// assert_eq!((User::select().count(&db)?, Post::select().count(&db)?), (3, 2));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn transaction<T, E: From<Error>>(&self, body: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        run(self.scope(), body)
    }

    /// Begins a savepoint. It is rolled back when it is dropped without [`commit`](Transaction::commit).
    ///
    /// # Errors
    /// If the transaction was rolled back by SQLite.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let mut db = orm::doctest::sqlite();
    /// let mut tx = db.begin()?;
    /// Post::delete().filter(Post::id.eq(3)).execute(&tx)?;
    /// let savepoint = tx.savepoint()?;
    /// Post::delete().all_rows().execute(&savepoint)?;
    /// drop(savepoint);
    /// tx.commit()?;
    /// assert_eq!(Post::select().count(&db)?, 2);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn savepoint(&mut self) -> Result<Transaction<'_>, Error> {
        Transaction::begin(self.scope())
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.is_ended {
            self.session.abandon(self.level);
            self.span.dropped();
        }
    }
}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").field("name", &self.session.name()).field("level", &self.level).finish()
    }
}

/// Runs a closure in a transaction inside of the one of this scope.
pub(crate) fn run<T, E: From<Error>>(
    scope: Scope<'_>,
    body: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let mut transaction = Transaction::begin(scope)?;
    transaction.is_inside = true;
    match transaction.span.run(|| body(&transaction)) {
        Ok(value) => {
            transaction.commit()?;
            Ok(value)
        }
        Err(error) => {
            // The body's error is the better explanation; the connection tries again before its next statement.
            drop(transaction.rollback());
            Err(error)
        }
    }
}

/// A transaction that reads one snapshot of the database, whatever others write meanwhile.
///
/// It cannot write: it is no `WriteExecutor`, and a query that would change the database, such as an insert with
/// `returning`, is refused as [`ErrorKind::ReadOnly`](orm_core::error::ErrorKind::ReadOnly).
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let names = db.read(|tx| User::select().columns(User::name).order_by(User::name).all(tx))?;
/// assert_eq!(names, ["Anna", "Bob", "Cleo"]);
/// # Ok::<(), orm::Error>(())
/// ```
///
/// ```compile_fail,E0277
/// # use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// db.read(|tx| User::delete().all_rows().execute(tx))?;
/// # Ok::<(), orm::Error>(())
/// ```
pub struct ReadTransaction<'c> {
    session: &'c Session,
    level: u32,
    is_ended: bool,
    span: TransactionSpan,
}

impl<'c> ReadTransaction<'c> {
    /// Begins outside of any transaction, and fixes the snapshot.
    pub(crate) fn begin(session: &'c Session) -> Result<Self, Error> {
        let span = session.observer().transaction(1, 1, Parent::default());
        let begun = span.run(|| session.begin(0, Access::Read));
        let level = begun.inspect_err(|error| span.refused(error))?;
        Ok(Self { session, level, is_ended: false, span })
    }

    /// Runs what is done in it.
    pub(crate) fn run<T>(&self, body: impl FnOnce(&Self) -> T) -> T {
        self.span.run(|| body(self))
    }

    pub(crate) fn session(&self) -> &'c Session {
        self.session
    }

    pub(crate) fn level(&self) -> u32 {
        self.level
    }

    pub(crate) fn end(mut self) -> Result<(), Error> {
        self.is_ended = true;
        let result = self.session.commit(self.level);
        self.span.committed(result.as_ref().copied());
        result
    }
}

impl Drop for ReadTransaction<'_> {
    fn drop(&mut self) {
        if !self.is_ended {
            self.session.abandon(self.level);
            self.span.dropped();
        }
    }
}

impl fmt::Debug for ReadTransaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadTransaction").field("name", &self.session.name()).finish()
    }
}

#[cfg(test)]
mod tests;
