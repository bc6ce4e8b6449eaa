//! Plans on a blocking connection: futures that never wait.

use std::{
    future::ready,
    pin::pin,
    task::{Context, Poll, Waker},
};

use orm_core::{
    dialect::Dialect,
    error::Error,
    executor::{Extent, Plan, Query, Runner},
};
use send_wrapper::SendWrapper;

use crate::{ReadTransaction, Sqlite, Transaction, execute::Scope};

impl Scope<'_> {
    /// Runs statements that belong together: in a transaction, unless there is one statement, or one is open that does.
    pub(crate) fn several<P: Plan>(self, plan: P) -> Result<P::Output, Error> {
        match P::EXTENT {
            Extent::Writes => {
                let transaction = Transaction::begin(self)?;
                let output = now(plan, transaction.scope())?;
                transaction.commit()?;
                Ok(output)
            }
            Extent::Reads if self.level() == 0 => {
                let transaction = ReadTransaction::begin(self.session())?;
                let output = transaction.run(|transaction| now(plan, transaction.scope()));
                // What was read is right, whatever becomes of the transaction.
                drop(transaction.end());
                output
            }
            Extent::Reads | Extent::ReadsOnce => now(plan, self),
        }
    }
}

/// A session whose statements are over when they have been started.
///
/// Plans are written as futures that may move between threads, which a blocking connection must not. This one is made,
/// polled once and dropped on one thread; the wrapper makes sure of it.
struct Blocking<'s>(SendWrapper<Scope<'s>>);

impl Runner for Blocking<'_> {
    fn dialect(&self) -> &'static dyn Dialect {
        &Sqlite
    }

    fn rows<Q: Query>(
        &self,
        query: &Q,
        mut take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
    ) -> impl Future<Output = Result<u64, Error>> + Send {
        ready(self.0.watched(query, || self.0.each(query, &mut take), |&rows| rows))
    }
}

fn now<P: Plan>(plan: P, scope: Scope<'_>) -> Result<P::Output, Error> {
    let runner = Blocking(SendWrapper::new(scope));
    match pin!(plan.run(&runner)).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("a plan waits for its statements only, and these are over at once"),
    }
}
