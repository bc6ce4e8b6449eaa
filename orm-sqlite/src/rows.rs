//! Reading rows one by one.

use orm_core::{
    error::Error,
    executor::{Query, check_written},
    observe::Watch,
};

use crate::{execute::Scope, statement::Running};

/// The rows of a query, as they are read.
///
/// The query runs when the first row is asked for, and is over when this is dropped. After an error there are no more
/// rows. Values are copied into the statement, so the query need not stay where it is.
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let mut rows = User::select().order_by(User::id).stream(&db);
/// let anna = rows.next().expect("a first row")?;
/// assert_eq!(anna.name, "Anna");
/// // Other queries run meanwhile.
/// assert_eq!(Post::select().filter(Post::author_id.eq(anna.id)).count(&db)?, 2);
/// # Ok::<(), orm::Error>(())
/// ```
#[must_use = "nothing is read before the first row is asked for"]
pub struct Rows<'a, Q: Query> {
    scope: Scope<'a>,
    query: Q,
    state: State<'a>,
    watch: Option<Watch>,
    given: u64,
}

enum State<'a> {
    Running(Running<'a, 'static>),
    Failed(Error),
    Done,
}

impl<'a, Q: Query> Rows<'a, Q> {
    pub(crate) fn new(scope: Scope<'a>, query: Q) -> Self {
        let watch = scope.watch(&query);
        let started = watch.run(|| scope.start_copying(&query));
        let (state, watch) = match started {
            Ok(running) => (State::Running(running), Some(watch)),
            Err(error) => {
                watch.finish(Err(&error));
                (State::Failed(error), None)
            }
        };
        Self { scope, query, state, watch, given: 0 }
    }

    fn finish(&mut self, error: Option<&Error>) {
        if let Some(watch) = self.watch.take() {
            watch.finish(error.map_or(Ok(self.given), Err));
        }
    }
}

impl<Q: Query> Drop for Rows<'_, Q> {
    /// Rows that nobody wants to see end the statement as well as the last one.
    fn drop(&mut self) {
        self.finish(None);
    }
}

impl<Q: Query> Iterator for Rows<'_, Q> {
    type Item = Result<Q::Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if let State::Running(_) = &self.state
            && let Err(error) = self.scope.session().check(self.scope.level())
        {
            self.state = State::Done;
            self.finish(Some(&error));
            return Some(Err(error));
        }
        if let (State::Running(running), Some(watch)) = (&mut self.state, &self.watch)
            && let Some(row) = watch.run(|| self.scope.next(&self.query, running)).transpose()
        {
            match &row {
                Ok(_) => self.given += 1,
                Err(error) => {
                    self.state = State::Done;
                    self.finish(Some(error));
                }
            }
            return Some(row);
        }
        let last = match std::mem::replace(&mut self.state, State::Done) {
            State::Failed(error) => Some(error),
            State::Running(_) => check_written(&self.query, self.given).err(),
            State::Done => None,
        };
        self.finish(last.as_ref());
        last.map(Err)
    }
}

impl<Q: Query> std::iter::FusedIterator for Rows<'_, Q> {}

impl<Q: Query> std::fmt::Debug for Rows<'_, Q> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("name", &self.scope.session().name()).finish_non_exhaustive()
    }
}
