//! `#[table(scope(..))]`: whose rows a statement is about.
//!
//! A scoped table is read and changed for one value of its scope. The statement is told it once, by `.scope(value)`,
//! and holds every scoped table in it to that value; `.unscoped()` says aloud that the rows of all are meant. What was
//! told is a state of the statement's type, and without it no way out of the builder compiles.

use std::marker::PhantomData;

use super::{hidden::ScopeState, join::FromClause};
use crate::{
    error::Error,
    path::{Bool, False, True},
    schema::{NoKey, NoKeyEither},
    table::{ColumnDef, Table},
    types::{Binder, Encode, ToValue},
};

/// The columns that scope a table: the marker of one, a tuple of two or three, or `()` if the table has no scope.
pub trait ScopeColumns: 'static {
    /// What a query that was told nothing says of scopes, once it reads table `T`, which these columns scope.
    type Untold<T: Table>: Saying;
}

impl ScopeColumns for () {
    type Untold<T: Table> = NoScope;
}

impl<C: ColumnDef> ScopeColumns for C {
    type Untold<T: Table> = NothingSaid<T>;
}

/// What a query says of scopes, from which follows what may be joined to it.
pub trait Saying {
    /// What it says after table `T` is joined.
    type Joining<T: Table>: Saying;
    /// Whether it reads a scoped table and does not say whose rows.
    type Lacks: Bool;
    /// That table.
    type Table;
    /// The columns that scope it.
    type Columns;
    /// The name of that table.
    const UNSAID: Option<&'static str> = None;
}

/// Nothing, and none of its tables is scoped.
pub struct NoScope;
/// Nothing, though table `T` is scoped.
pub struct NothingSaid<T>(PhantomData<T>);
/// The value of a scope that consists of these columns.
pub struct ScopedTo<K>(PhantomData<K>);
/// That the rows of all are meant.
pub struct Everywhere;

impl Saying for NoScope {
    type Joining<T: Table> = <T::ScopedBy as ScopeColumns>::Untold<T>;
    type Lacks = False;
    type Table = ();
    type Columns = ();
}

impl<S: Table> Saying for NothingSaid<S> {
    type Joining<T: Table> = Self;
    type Lacks = True;
    type Table = S;
    type Columns = S::ScopedBy;
    const UNSAID: Option<&'static str> = Some(S::NAME);
}

impl<K> Saying for ScopedTo<K> {
    type Joining<T: Table> = Self;
    type Lacks = False;
    type Table = ();
    type Columns = ();
}

impl Saying for Everywhere {
    type Joining<T: Table> = Self;
    type Lacks = False;
    type Table = ();
    type Columns = ();
}

/// The sources of a query that says whose rows of its scoped tables it reads.
pub trait ScopeSaid {}

impl<F> ScopeSaid for F
where
    F: FromClause + OneScope,
    <F::Says as Saying>::Lacks: NotLacking<<F::Says as Saying>::Table, <F::Says as Saying>::Columns>,
{
}

/// A statement about table `T` that says whose rows it writes, if the table is scoped.
pub trait Tells<T> {}

impl<T, N> Tells<T> for N
where
    T: Table,
    N: ScopeState,
    <N::Says<T> as Saying>::Lacks: NotLacking<<N::Says<T> as Saying>::Table, <N::Says<T> as Saying>::Columns>,
{
}

/// Refuses a statement that does not say whose rows it is about. The builders' methods do not compile then; an executor's
/// own methods take any query.
pub(crate) fn check_said<S: Saying>() -> Result<(), Error> {
    S::UNSAID.map_or(Ok(()), |table| Err(Error::Unscoped { table }))
}

/// `False`: it is said which rows of table `T` are meant, if it is scoped.
#[diagnostic::on_unimplemented(
    message = "`{T}` is scoped by `{K}`, and this statement does not say which",
    label = "which `{K}`?",
    note = "add `.scope(value)` right after `select()`, `update()` or `delete()`, or `.unscoped()` if all rows are meant"
)]
pub trait NotLacking<T, K> {}
#[diagnostic::do_not_recommend]
impl<T, K> NotLacking<T, K> for False {}

/// The sources of a query whose scoped tables have the same scope, so that one value is that of all.
pub trait OneScope {}

/// What is said of scopes is also about table `T`, which is scoped by the columns `K`.
#[diagnostic::on_unimplemented(
    message = "`{T}` is scoped by `{K}`, and this query says another scope",
    label = "which `{K}`?",
    note = "tables of different scopes are read together with `.unscoped()` and conditions on both"
)]
pub trait Shares<T, K> {}
#[diagnostic::do_not_recommend]
impl<T, K> Shares<T, K> for NoScope {}
#[diagnostic::do_not_recommend]
impl<S, T, K> Shares<T, K> for NothingSaid<S> {}
#[diagnostic::do_not_recommend]
impl<T, K> Shares<T, K> for Everywhere {}
#[diagnostic::do_not_recommend]
impl<S, T> Shares<T, ()> for ScopedTo<S> {}
#[diagnostic::do_not_recommend]
impl<T, S: ColumnDef, K: ColumnDef<Type: ScopeType<S::Type>>> Shares<T, K> for ScopedTo<S> {}

/// The type of a scope's column, which is also that of the value a query is told.
pub trait ScopeType<V> {}
#[diagnostic::do_not_recommend]
impl<V> ScopeType<V> for V {}
// With a single impl, rustc would say which types are not equal in its own words.
#[diagnostic::do_not_recommend]
impl ScopeType<NoKey> for NoKeyEither {}

/// A value, or a tuple of values, of the columns `Self` that scope table `T`.
#[diagnostic::on_unimplemented(
    message = "`{V}` is not a value of the scope `{Self}`",
    label = "expected the value of each column of the scope",
    note = "the value has the type of its column; a scope of several columns takes a tuple"
)]
pub trait ScopeValue<T, V>: ScopeColumns {
    /// What is kept until the statement runs.
    type Stored: ScopeValues;
    /// Converts the value.
    fn store(value: V) -> Self::Stored;
}

#[diagnostic::do_not_recommend]
impl<C: ColumnDef, T, V: ToValue<C::Type>> ScopeValue<T, V> for C {
    type Stored = (V::Stored,);
    fn store(value: V) -> Self::Stored {
        (value.to_value(),)
    }
}

// That there is no scope is said by `IsScope`.
#[diagnostic::do_not_recommend]
impl<T, V> ScopeValue<T, V> for () {
    type Stored = ();
    fn store(_value: V) {}
}

/// The columns that scope table `T`, of which there are some.
#[diagnostic::on_unimplemented(
    message = "`{T}` has no scope",
    label = "no column scopes the rows of `{T}`",
    note = "`#[table(scope(tenant_id))]` gives a table one; other conditions are for `.filter(..)`"
)]
pub trait IsScope<T> {}
#[diagnostic::do_not_recommend]
impl<T, C: ColumnDef> IsScope<T> for C {}

/// The values of a scope, in the order of its columns.
pub trait ScopeValues: Send + Sync {
    /// Hands the values to the driver.
    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>);
}

impl ScopeValues for () {
    fn bind_values<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

impl<A: Encode> ScopeValues for (A,) {
    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.0.encode(out);
    }
}

macro_rules! tuples {
    ($($(($column:ident $other:ident $value:ident $position:tt))+;)*) => {$(
        impl<$($column: ColumnDef),+> ScopeColumns for ($($column,)+) {
            type Untold<T: Table> = NothingSaid<T>;
        }

        #[diagnostic::do_not_recommend]
        impl<T, $($column: ColumnDef<Type: ScopeType<$other::Type>>, $other: ColumnDef),+>
            Shares<T, ($($column,)+)> for ScopedTo<($($other,)+)>
        {
        }

        #[diagnostic::do_not_recommend]
        impl<T, $($column: ColumnDef),+> IsScope<T> for ($($column,)+) {}

        #[diagnostic::do_not_recommend]
        impl<T, $($column: ColumnDef, $value: ToValue<$column::Type>),+> ScopeValue<T, ($($value,)+)>
            for ($($column,)+)
        {
            type Stored = ($($value::Stored,)+);
            fn store(value: ($($value,)+)) -> Self::Stored {
                ($(value.$position.to_value(),)+)
            }
        }

        // With a single impl, rustc would take whatever is given for a tuple.
        #[diagnostic::do_not_recommend]
        impl<T, $($column: ColumnDef),+> ScopeValue<T, NoKey> for ($($column,)+) {
            type Stored = ();
            fn store(_value: NoKey) {}
        }

        impl<$($value: Encode),+> ScopeValues for ($($value,)+) {
            fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
                $(self.$position.encode(out);)+
            }
        }
    )*};
}

tuples! {
    (A X V 0) (B Y W 1);
    (A X V 0) (B Y W 1) (C Z U 2);
}
