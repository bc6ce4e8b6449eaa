//! What a driver implements: running queries.

use std::any::TypeId;

use crate::{
    ast,
    dialect::Dialect,
    error::Error,
    types::{Binder, DecodeError, RowRead},
};

/// A statement with its values, ready to run.
///
/// The three parts a driver needs: a [`key`](Query::key) under which text and prepared statement are kept, the
/// [`statement`](Query::statement) to print when neither is there yet, and the values to [`bind`](Query::bind).
pub trait Query: Send + Sync {
    /// What a row is read as; `()` for a statement that gives none.
    type Row: Send;

    /// Whether the statement writes, so that it needs a connection that may.
    const WRITES: bool;

    /// What makes the statement's text: its type, and whatever in it varies at run time.
    fn key(&self) -> QueryKey;

    /// The statement without its values.
    ///
    /// # Errors
    /// If the statement turned out to be one that must not be sent, such as an update whose filter is empty.
    fn statement(&self) -> Result<ast::Statement, Error>;

    /// Hands the values to the driver, in the order of their placeholders.
    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>);

    /// Reads a row.
    ///
    /// # Errors
    /// If a column does not fit its Rust type.
    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<Self::Row, DecodeError>;
}

impl<Q: Query> Query for &Q {
    type Row = Q::Row;

    const WRITES: bool = Q::WRITES;

    fn key(&self) -> QueryKey {
        (**self).key()
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        (**self).statement()
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        (**self).bind(out);
    }

    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<Self::Row, DecodeError> {
        (**self).decode(row)
    }
}

/// What a statement's text is kept under: the query's type, lifetimes aside, and a hash of what varies at run time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QueryKey {
    type_id: TypeId,
    shape: u64,
}

impl QueryKey {
    /// The key of a query of type `Q`.
    #[inline]
    pub fn of<Q: ?Sized>(shape: &Shape) -> Self {
        Self { type_id: typeid::of::<Q>(), shape: shape.0 }
    }

    /// The hash of what varies at run time.
    pub fn shape(&self) -> u64 {
        self.shape
    }
}

/// Collects what makes the text of a query differ at run time: an absent filter, a sort direction, a number of rows.
#[derive(Debug, Clone)]
pub struct Shape(u64);

impl Default for Shape {
    fn default() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }
}

impl Shape {
    /// Adds a number.
    #[inline]
    pub fn add(&mut self, value: u64) {
        // A multiplication folded to 64 bits mixes every bit of its operands.
        let product = u128::from(self.0 ^ value.wrapping_mul(0xa076_1d64_78bd_642f)) * 0xe703_7ed1_a0b4_28db;
        #[allow(clippy::cast_possible_truncation, reason = "both halves are used")]
        let folded = product as u64 ^ (product >> 64) as u64;
        self.0 = folded.wrapping_add(0x8ebc_6af0_9c88_c6e3);
    }

    /// The hash of all that was added.
    pub fn value(&self) -> u64 {
        self.0
    }

    /// Adds a type.
    pub fn add_type(&mut self, id: TypeId) {
        use std::hash::{Hash, Hasher};
        let mut hasher = std::hash::DefaultHasher::new();
        id.hash(&mut hasher);
        self.add(hasher.finish());
    }
}

/// Rows that are inserted in several statements of a fixed size, all in one transaction.
pub trait Batch: Send + Sync {
    /// What a row is read as.
    type Row: Send;
    /// One of the statements.
    type Part<'a>: Query<Row = Self::Row>
    where
        Self: 'a;

    /// The statement that begins with the row at `start`, and the row the next one begins with. `None` if there are no
    /// more rows.
    fn part(&self, start: usize, dialect: &dyn Dialect) -> Option<(Self::Part<'_>, usize)>;
}

/// Statements of which later ones depend on the rows of earlier ones, such as a load of relations: run one after the
/// other, in one transaction.
pub trait Plan: Send {
    /// What it gives.
    type Output: Send;

    /// What its statements do.
    const EXTENT: Extent;

    /// Runs the statements.
    fn run<R: Runner>(self, on: &R) -> impl Future<Output = Result<Self::Output, Error>> + Send;
}

/// What the statements of a [`Plan`] do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// There is one, which reads: it needs no transaction.
    ReadsOnce,
    /// They read, and must see the same state of the database.
    Reads,
    /// They write: all of them or none.
    Writes,
}

/// A connection, as the statements of a [`Plan`] see it.
pub trait Runner: Send + Sync {
    /// How the database spells what databases do not agree on.
    fn dialect(&self) -> &'static dyn Dialect;

    /// Runs a query, shows each row to `take`, and gives the number of rows it gave or changed.
    fn rows<Q: Query>(
        &self,
        query: &Q,
        take: impl FnMut(Q::Row) -> Result<(), Error> + Send,
    ) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// Runs queries on a database: a connection, a pool, a transaction.
///
/// What the methods of a query return is up to the executor: a `Result` on a blocking connection, a future elsewhere.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run queries",
    label = "expected a connection, a pool or a transaction",
    note = "pass it by reference: `.all(&db)`"
)]
pub trait Executor {
    /// The database's features, which queries are checked against at compile time.
    type Dialect: 'static;
    /// A `Result`, or a future of one.
    type Output<'a, T: Send + 'a>
    where
        Self: 'a;
    /// Rows as they arrive.
    type Stream<'a, Q: Query + 'a>
    where
        Self: 'a;

    /// Runs a query and gives all its rows.
    fn fetch_all<'a, Q: Query + 'a>(&'a self, query: Q) -> Self::Output<'a, Vec<Q::Row>>;

    /// Runs a query and gives its only row, if there is one. More than one is an error.
    fn fetch_optional<'a, Q: Query + 'a>(&'a self, query: Q) -> Self::Output<'a, Option<Q::Row>>;

    /// Runs a query and gives its only row. None, and more than one, are errors.
    fn fetch_one<'a, Q: Query + 'a>(&'a self, query: Q) -> Self::Output<'a, Q::Row>;

    /// Runs a query and gives its first row, if there is one, without looking whether there are more.
    fn fetch_first<'a, Q: Query + 'a>(&'a self, query: Q) -> Self::Output<'a, Option<Q::Row>>;

    /// Runs a query and gives its rows as they arrive.
    fn fetch_stream<'a, Q: Query + 'a>(&'a self, query: Q) -> Self::Stream<'a, Q>;

    /// The database's plan for a query, a line per step.
    fn fetch_plan<'a, Q: Query + 'a>(&'a self, query: Q) -> Self::Output<'a, String>;

    /// Runs statements that belong together and read. They see one state of the database, unless the transaction they
    /// run in says otherwise.
    fn run_plan<'a, P: Plan + 'a>(&'a self, plan: P) -> Self::Output<'a, P::Output>;
}

/// Runs statements that write: everything but a read-only transaction.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot write",
    label = "this transaction is read-only",
    note = "use `.transaction(..)` instead of `.read(..)`"
)]
pub trait WriteExecutor: Executor {
    /// Runs a statement and gives the number of rows it changed.
    fn execute<'a, Q: Query + 'a>(&'a self, query: Q) -> Self::Output<'a, u64>;

    /// Runs the statements of a batch in one transaction and gives the number of rows they changed.
    fn execute_many<'a, B: Batch + 'a>(&'a self, batch: B) -> Self::Output<'a, u64>;

    /// Runs the statements of a batch in one transaction and gives their rows.
    fn fetch_many<'a, B: Batch + 'a>(&'a self, batch: B) -> Self::Output<'a, Vec<B::Row>>;
}
