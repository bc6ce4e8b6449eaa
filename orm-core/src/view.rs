//! Views as tables that are only read: what `#[derive(View)]` puts in the places of a table that are about writing.

use std::{convert::Infallible, marker::PhantomData};

use crate::{
    ast,
    error::Error,
    executor::{Extent, Plan, Query, QueryKey, Runner, Shape},
    path::Position,
    path::{False, Left, Right},
    query::FindKey,
    scope::{GroupKeys, KeyWithin},
    table::{CellVisitor, Cells, Complete, Computed, Missing, Node, Open, Put, StoredBy, Table},
    types::{Binder, DecodeError, RowRead},
};

/// The columns of table `T`, which has rows of its own: every table but a view.
///
/// For code that writes whatever table it is given:
///
/// ```
/// use orm::{doctest::User, prelude::*, view::Stored};
///
/// fn check<T: Table<Slots: Stored<T>>>() -> &'static str {
///     let _ = T::insert();
///     T::NAME
/// }
/// assert_eq!(check::<User>(), "users");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{T}` is a view and has no rows of its own",
    label = "a view is only read",
    note = "insert, update, delete and foreign keys are about the tables that the view reads"
)]
pub trait Stored<T> {}
#[diagnostic::do_not_recommend]
impl<T, L, R> Stored<T> for Node<L, R> {}
#[diagnostic::do_not_recommend]
impl<T, C> Stored<T> for Missing<C> {}
#[diagnostic::do_not_recommend]
impl<T, C> Stored<T> for Open<C> {}
#[diagnostic::do_not_recommend]
impl<T, C> Stored<T> for Computed<C> {}

/// A view that stores the rows of its query on PostgreSQL: one with `#[view(materialized)]`.
///
/// ```
/// use orm::{prelude::*, sqlite::Connection, view::Materialized};
///
/// #[derive(View)]
/// #[view(as = "select 1 as one", materialized)]
/// struct One {
///     one: i32,
/// }
/// schema! { fn schema() = [One] }
///
/// fn refreshed<V: Materialized>(db: &Connection) -> Result<u64, orm::Error> {
///     V::refresh(db)?;
///     Ok(1)
/// }
/// let db = Connection::open_in_memory()?;
/// db.create_all(&schema())?;
/// assert_eq!((refreshed::<One>(&db)?, One::select().one(&db)?.one), (1, 1));
/// # Ok::<(), orm::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a materialized view",
    label = "nothing is stored that could be refreshed",
    note = "`#[view(materialized)]` makes PostgreSQL store the rows of a view"
)]
pub trait Materialized: Table {}

/// The columns `S` of a view, in place of an insert state.
///
/// What follows an insert into a view gives no second error: values can be set, and none is missing.
pub struct ReadOnly<S>(PhantomData<S>);

impl<D, S: StoredBy<D>> StoredBy<D> for ReadOnly<S> {}

impl<P, C, S: Put<Left<P>, C>> Put<Left<P>, C> for ReadOnly<S> {
    type Slot = S::Slot;
    type Out = ReadOnly<S::Out>;
}

impl<P, C, S: Put<Right<P>, C>> Put<Right<P>, C> for ReadOnly<S> {
    type Slot = S::Slot;
    type Out = ReadOnly<S::Out>;
}

impl<S> Complete for ReadOnly<S> {}

/// The key `K` of a view: rows are found by it, and it determines nothing.
///
/// A database knows of no key of a view, so PostgreSQL refuses to read other columns beside a key that rows are grouped by.
pub struct ViewKey<K>(PhantomData<K>);

impl<T, V, K: FindKey<T, V>> FindKey<T, V> for ViewKey<K> {
    type Filter = K::Filter;

    fn filter(value: V) -> K::Filter {
        K::filter(value)
    }
}

impl<K: GroupKeys, I: Position, C> KeyWithin<K, I> for ViewKey<C> {
    type Out = False;
}

/// The insert and the update model of view `T`, of which there are no values.
pub struct NoModel<T>(Infallible, PhantomData<fn() -> T>);

impl<T: Table> Cells for NoModel<T> {
    type Table = T;

    const COLUMNS: &'static [&'static str] = &[];

    fn visit<'a, V: CellVisitor<'a>>(&'a self, _: &mut V) {
        match self.0 {}
    }
}

/// Replaces the rows that a materialized view stores, by those its query gives now.
pub(crate) struct Refresh<T>(PhantomData<fn() -> T>);

impl<T> Refresh<T> {
    pub(crate) const NEW: Self = Self(PhantomData);
}

impl<T: Table> Plan for Refresh<T> {
    type Output = ();

    const EXTENT: Extent = Extent::Writes;

    async fn run<R: Runner>(self, on: &R) -> Result<(), Error> {
        // Without them, the view runs its query each time.
        if on.dialect().has_server_objects() {
            on.rows(&self, |()| Ok(())).await?;
        }
        Ok(())
    }
}

impl<T: Table> Query for Refresh<T> {
    type Row = ();

    const WRITES: bool = true;

    fn key(&self) -> QueryKey {
        QueryKey::of::<Self>(&Shape::default())
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        Ok(ast::Statement::Refresh(ast::Refresh { view: T::NAME }))
    }

    fn bind<'q>(&'q self, _: &mut dyn Binder<'q>) {}

    fn decode<R: RowRead + ?Sized>(&self, _: &R) -> Result<(), DecodeError> {
        Ok(())
    }
}
