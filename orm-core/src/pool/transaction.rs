//! Transactions and savepoints: closures, guards, hooks, and trying again.

use std::{fmt, time::Duration};

use crate::{
    error::Error,
    observe::{Parent, TransactionSpan},
    pool::{
        Access, Backend, Isolation, Session, TransactionOptions, lease,
        run::{Place, run_text_in},
        state::is_transient,
    },
};

/// The wait before the second try of a transaction; it doubles from try to try.
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// An open transaction, or a savepoint inside of one: an executor whose statements all take effect or none does.
///
/// Queries run on it as on the pool: `.all(tx).await?`. A transaction that is dropped without
/// [`commit`](Transaction::commit), because its future was dropped or its closure panicked, is rolled back. While an inner
/// transaction is open, using the outer one is [`Error::TransactionOpen`].
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Transaction<'c, B: Backend> {
    open: Open<'c, B>,
}

/// A transaction that reads one snapshot of the database, whatever others write meanwhile. Statements that write do not
/// compile on it.
pub struct ReadTransaction<'c, B: Backend> {
    open: Open<'c, B>,
}

/// A transaction that has begun and not ended.
struct Open<'c, B: Backend> {
    held: Held<'c, B::Session>,
    level: u32,
    attempt: u32,
    is_ended: bool,
    span: TransactionSpan,
    /// Whether the body runs inside of the span, so that what it does is part of that without being told.
    is_inside: bool,
}

/// Whose connection it is.
enum Held<'c, S> {
    Own(S),
    Within(Place<'c, S>),
}

impl<B: Backend> Open<'_, B> {
    fn session(&self) -> &B::Session {
        match &self.held {
            Held::Own(session) => session,
            Held::Within(place) => place.session,
        }
    }

    fn place(&self) -> Place<'_, B::Session> {
        let parent = if self.is_inside { Parent::default() } else { self.span.parent() };
        Place { session: self.session(), level: self.level, parent }
    }
}

impl<'c, B: Backend> Open<'c, B> {
    async fn begin(
        held: Held<'c, B::Session>,
        access: Access,
        options: &TransactionOptions,
        attempt: u32,
    ) -> Result<Self, Error> {
        let (session, level, parent) = match &held {
            Held::Own(session) => (session, 1, Parent::default()),
            Held::Within(place) => (place.session, place.level + 1, place.parent),
        };
        let span = session.state().observer().transaction(level, attempt, parent);
        // Before the first await: if the future is dropped there, so is this.
        let mut open = Self { held, level, attempt, is_ended: false, span, is_inside: false };
        open.session().state().begin(level);
        let begun = open.span.within(open.session().begin(level - 1, access, options)).await;
        if let Err(error) = begun {
            open.session().state().note(&error);
            open.span.refused(&error);
            open.is_ended = true;
            return Err(error);
        }
        Ok(open)
    }

    async fn commit(mut self) -> Result<(), Error> {
        let result = self.span.within(self.session().commit(self.level)).await;
        self.is_ended = true;
        self.span.committed(result.as_ref().copied());
        let state = self.session().state();
        match result {
            Ok(()) => {
                let due = state.committed(self.level);
                // Hooks run when the connection is free again.
                drop(self);
                for hook in due {
                    hook();
                }
                Ok(())
            }
            Err(error) => {
                state.note(&error);
                state.rolled_back(self.level);
                Err(error)
            }
        }
    }

    async fn rollback(mut self) -> Result<(), Error> {
        let result = self.span.within(self.session().rollback(self.level)).await;
        self.is_ended = true;
        self.span.rolled_back(result.as_ref().copied());
        self.session().state().rolled_back(self.level);
        result
    }
}

impl<B: Backend> Drop for Open<'_, B> {
    fn drop(&mut self) {
        if !self.is_ended {
            let session = self.session();
            if session.abandon(self.level) || self.level == 1 {
                session.state().rolled_back(self.level);
            } else {
                // Its commit was on the way; its hooks are those of the transaction around it, which is not over.
                drop(session.state().committed(self.level));
            }
            self.span.dropped();
        }
    }
}

/// Begins a transaction, which is rolled back unless it is committed.
///
/// # Errors
/// If no connection is free in time, or the database refuses.
pub async fn begin<B: Backend>(backend: &B, options: &TransactionOptions) -> Result<Transaction<'static, B>, Error> {
    begin_attempt(backend, options, 1).await
}

async fn begin_attempt<B: Backend>(
    backend: &B,
    options: &TransactionOptions,
    attempt: u32,
) -> Result<Transaction<'static, B>, Error> {
    let access = if options.is_read_only() { Access::Read } else { Access::Write };
    let session = lease(backend, access).await?;
    let open = Open::begin(Held::Own(session), access, options, attempt).await?;
    Ok(Transaction { open })
}

/// Runs a closure in a transaction: what it did is kept if it gives `Ok`, and undone if it gives `Err`, panics, or is
/// dropped.
///
/// # Errors
/// The closure's error, or that of beginning or committing.
pub async fn transaction<B, T, E, F>(backend: &B, body: F) -> Result<T, E>
where
    B: Backend,
    F: AsyncFnOnce(&Transaction<'_, B>) -> Result<T, E>,
    E: From<Error>,
{
    let transaction = begin(backend, &TransactionOptions::new()).await?;
    run(transaction, body).await
}

/// Like [`transaction`], with options; the closure may run several times, each time as a clone of what was given.
///
/// # Errors
/// The closure's last error, or that of beginning or committing.
// `AsyncFnMut` would lend its captures to the future, for which rustc cannot tell yet that it is `Send`.
pub async fn transaction_with<B, T, E, F>(backend: &B, options: TransactionOptions, body: F) -> Result<T, E>
where
    B: Backend,
    F: AsyncFnOnce(&Transaction<'_, B>) -> Result<T, E> + Clone,
    E: From<Error>,
{
    let mut attempt = 1;
    loop {
        let can_retry = attempt <= options.retries();
        let failure = match begin_attempt(backend, &options, attempt).await {
            Err(error) if can_retry && is_transient(error.kind()) => None,
            Err(error) => return Err(E::from(error)),
            Ok(transaction) => match run_once(transaction, body.clone()).await {
                (Ok(value), _) => return Ok(value),
                (Err(error), is_transient) => Some((error, is_transient)),
            },
        };
        if let Some((error, is_transient)) = failure
            && !(can_retry && is_transient)
        {
            return Err(error);
        }
        let pause = pause(attempt);
        attempt += 1;
        TransactionSpan::retried(attempt, pause);
        backend.pause(pause).await;
    }
}

/// How long to wait after this many tries: at most twice as long as the time before, by chance, so that transactions that
/// failed together do not meet again.
fn pause(attempts: u32) -> Duration {
    use std::hash::{BuildHasher, RandomState};
    let longest = FIRST_PAUSE.saturating_mul(1 << attempts.min(10)).min(LONGEST_PAUSE);
    // The keys of the standard library's hash maps are random.
    let chance = RandomState::new().hash_one(attempts) % 1_000;
    longest / 2 + longest.mul_f64(chance as f64 / 2_000.0)
}

/// Runs a closure on a snapshot of the database, which it can only read.
///
/// # Errors
/// The closure's error, or that of beginning.
pub async fn read<B, T, E, F>(backend: &B, body: F) -> Result<T, E>
where
    B: Backend,
    F: AsyncFnOnce(&ReadTransaction<'_, B>) -> Result<T, E>,
    E: From<Error>,
{
    let session = lease(backend, Access::Read).await?;
    let mut transaction = ReadTransaction::begin(Held::Own(session)).await?;
    transaction.open.is_inside = true;
    let result = transaction.open.span.within(body(&transaction)).await;
    // What was read is right, whatever becomes of the connection.
    drop(transaction.end().await);
    result
}

async fn run<B, T, E, F>(transaction: Transaction<'_, B>, body: F) -> Result<T, E>
where
    B: Backend,
    F: AsyncFnOnce(&Transaction<'_, B>) -> Result<T, E>,
    E: From<Error>,
{
    run_once(transaction, body).await.0
}

/// Like [`run`], and tells whether an error may go away when the transaction is tried again.
async fn run_once<B, T, E, F>(mut transaction: Transaction<'_, B>, body: F) -> (Result<T, E>, bool)
where
    B: Backend,
    F: AsyncFnOnce(&Transaction<'_, B>) -> Result<T, E>,
    E: From<Error>,
{
    transaction.open.is_inside = true;
    match transaction.open.span.within(body(&transaction)).await {
        Ok(value) => match transaction.commit().await {
            Ok(()) => (Ok(value), false),
            Err(error) => {
                let is_transient = is_transient(error.kind());
                (Err(E::from(error)), is_transient)
            }
        },
        Err(error) => {
            let can_retry = transaction.open.session().state().can_retry();
            // The body's error is the better explanation; a connection that cannot roll back is closed.
            drop(transaction.rollback().await);
            (Err(error), can_retry)
        }
    }
}

impl<'c, B: Backend> Transaction<'c, B> {
    /// Begins a savepoint in the transaction of a place, or a transaction where there is none.
    ///
    /// # Errors
    /// If the database refuses.
    #[doc(hidden)]
    pub async fn within(place: Place<'c, B::Session>) -> Result<Self, Error> {
        Self::within_attempt(place, 1).await
    }

    async fn within_attempt(place: Place<'c, B::Session>, attempt: u32) -> Result<Self, Error> {
        let open = Open::begin(Held::Within(place), Access::Write, &TransactionOptions::new(), attempt).await?;
        Ok(Self { open })
    }
}

impl<B: Backend> Transaction<'_, B> {
    /// The connection, and where in its transactions this is, for what a driver adds.
    #[doc(hidden)]
    pub fn place(&self) -> Place<'_, B::Session> {
        self.open.place()
    }

    /// Keeps what the transaction did.
    ///
    /// # Errors
    /// If the database refuses, because a deferred constraint is violated for example; it is rolled back then.
    /// [`Error::CommitUnknown`] if the connection was lost while the answer was awaited.
    pub async fn commit(self) -> Result<(), Error> {
        self.open.commit().await
    }

    /// Undoes what the transaction did.
    ///
    /// # Errors
    /// If the connection is lost, which undoes it as well.
    pub async fn rollback(self) -> Result<(), Error> {
        self.open.rollback().await
    }

    /// Runs a transaction inside of this one, by a savepoint: an `Err` undoes only what the inner one did.
    ///
    /// # Errors
    /// The closure's error, or that of setting or releasing the savepoint.
    pub async fn transaction<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&Transaction<'_, B>) -> Result<T, E>,
        E: From<Error>,
    {
        run(self.inner().await?, body).await
    }

    /// Begins a savepoint. It is rolled back when it is dropped without [`commit`](Transaction::commit).
    ///
    /// # Errors
    /// If the database refuses, because a statement of the transaction failed before for example.
    pub async fn savepoint(&mut self) -> Result<Transaction<'_, B>, Error> {
        self.inner().await
    }

    async fn inner(&self) -> Result<Transaction<'_, B>, Error> {
        Transaction::within_attempt(self.place(), self.open.attempt).await
    }

    /// Which run of the closure this is, counted from 1: more than 1 after
    /// [`retry`](TransactionOptions::retry) had something to do.
    pub fn attempt(&self) -> u32 {
        self.open.attempt
    }

    /// Calls a function after the commit of the whole transaction: to send a message about what is in the database now,
    /// for example. It is forgotten if the transaction, or the savepoint it was registered in, is rolled back.
    pub fn after_commit(&self, hook: impl FnOnce() + Send + 'static) {
        self.open.session().state().add_hook(self.open.level, Box::new(hook));
    }

    /// Runs statements without values, one after the other, as part of this transaction. The text is part of the program,
    /// so nothing that a user typed can be part of it.
    ///
    /// # Errors
    /// If a statement fails. PostgreSQL then refuses everything until the transaction or savepoint is rolled back.
    pub async fn execute_batch(&self, sql: &'static str) -> Result<(), Error> {
        run_text_in(self.place(), sql, "batch of statements").await
    }
}

impl<'c, B: Backend> ReadTransaction<'c, B> {
    async fn begin(held: Held<'c, B::Session>) -> Result<Self, Error> {
        let options = TransactionOptions::new().isolation(Isolation::RepeatableRead).read_only();
        let open = Open::begin(held, Access::Read, &options, 1).await?;
        Ok(Self { open })
    }

    /// One state of the database, on a session that is in no transaction.
    pub(crate) async fn within(place: Place<'c, B::Session>) -> Result<Self, Error> {
        Self::begin(Held::Within(place)).await
    }

    pub(crate) async fn end(self) -> Result<(), Error> {
        self.open.rollback().await
    }
}

impl<B: Backend> ReadTransaction<'_, B> {
    pub(crate) fn place(&self) -> Place<'_, B::Session> {
        self.open.place()
    }
}

impl<B: Backend> fmt::Debug for Transaction<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").field("level", &self.open.level).finish_non_exhaustive()
    }
}

impl<B: Backend> fmt::Debug for ReadTransaction<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadTransaction").finish_non_exhaustive()
    }
}
