//! `#[table(scope(..))]`: whose rows a statement is about.
//!
//! A scoped table is read and changed for one value of its scope. The statement is told it once, by `.scope(value)`,
//! and holds every scoped table in it to that value; `.unscoped()` says aloud that the rows of all are meant. What was
//! told is a state of the statement's type, and without it no way out of the builder compiles.

use std::marker::PhantomData;

use crate::{
    schema::{NoKey, NoKeyEither},
    table::{ColumnDef, Table},
    types::{Binder, Encode, ToValue},
};

/// The columns that scope a table: the marker of one, a tuple of two or three, or `()` if the table has no scope.
pub trait ScopeColumns: 'static {
    /// What a query that was told nothing says of scopes, once it reads a table scoped by these columns.
    type Untold: Saying;
}

impl ScopeColumns for () {
    type Untold = NoScope;
}

impl<C: ColumnDef> ScopeColumns for C {
    type Untold = Missing;
}

/// What a query says of scopes, from which follows what may be joined to it.
pub trait Saying {
    /// What it says after table `T` is joined.
    type Joining<T: Table>: Saying;
}

/// Nothing, and none of its tables is scoped.
pub struct NoScope;
/// Nothing, though one of its tables is scoped; reported for that table.
pub struct Missing;
/// The value of a scope that consists of these columns.
pub struct ScopedTo<K>(PhantomData<K>);
/// That the rows of all are meant.
pub struct Everywhere;

impl Saying for NoScope {
    type Joining<T: Table> = <T::ScopedBy as ScopeColumns>::Untold;
}

impl Saying for Missing {
    type Joining<T: Table> = Self;
}

impl<K> Saying for ScopedTo<K> {
    type Joining<T: Table> = Self;
}

impl Saying for Everywhere {
    type Joining<T: Table> = Self;
}

/// What is said of scopes is enough to read table `T` too.
pub trait Covers<T> {}
impl<T: Table> Covers<T> for NoScope where T::ScopedBy: NotScoped<T> {}
impl<T> Covers<T> for Missing {}
impl<T: Table, K> Covers<T> for ScopedTo<K> where T::ScopedBy: SameScope<K, T> {}
impl<T> Covers<T> for Everywhere {}

/// A statement that says whose rows of its scoped tables it is about.
pub trait ScopeSaid {}

impl<T: Table> ScopeSaid for T where T::ScopedBy: NotScoped<T> {}

/// `()`: table `T` has no scope.
#[diagnostic::on_unimplemented(
    message = "`{T}` is scoped by `{Self}`, and this statement does not say which",
    label = "which `{Self}`?",
    note = "add `.scope(value)` right after `select()`, `update()` or `delete()`, or `.unscoped()` if all rows are meant"
)]
pub trait NotScoped<T> {}
#[diagnostic::do_not_recommend]
impl<T> NotScoped<T> for () {}

/// Columns that scope table `T` by the same values as the columns `K` another one.
#[diagnostic::on_unimplemented(
    message = "`{T}` is scoped by `{Self}`, and this query by `{K}`",
    label = "which `{Self}`?",
    note = "tables with different scopes are read together with `.unscoped()` and conditions on both"
)]
pub trait SameScope<K, T> {}
#[diagnostic::do_not_recommend]
impl<K, T> SameScope<K, T> for () {}
#[diagnostic::do_not_recommend]
impl<C, K, T> SameScope<K, T> for C
where
    C: ColumnDef<Type: ScopeType<K::Type, C, T>>,
    K: ColumnDef,
{
}

/// The type of a scope's column `C` of table `T`, which is also that of the value a query is told.
#[diagnostic::on_unimplemented(
    message = "`{T}` is scoped by `{C}`, a `{Self}`, and this query by a `{V}`",
    label = "which `{C}`?",
    note = "tables with different scopes are read together with `.unscoped()` and conditions on both"
)]
pub trait ScopeType<V, C, T> {}
#[diagnostic::do_not_recommend]
impl<V, C, T> ScopeType<V, C, T> for V {}
// With a single impl, rustc would say which types are not equal in its own words.
#[diagnostic::do_not_recommend]
impl<C, T> ScopeType<NoKey, C, T> for NoKeyEither {}

/// A value, or a tuple of values, of the columns `Self` that scope table `T`.
#[diagnostic::on_unimplemented(
    message = "`{V}` is not a value of the scope `{Self}`",
    label = "expected a value for each column of `{Self}`",
    note = "a scope of several columns takes a tuple of values"
)]
pub trait ScopeValue<T, V>: ScopeColumns {
    /// What is kept until the statement runs.
    type Stored: ScopeValues;
    /// Converts the value.
    fn store(value: V) -> Self::Stored;
}

impl<C: ColumnDef, T, V: ToValue<C::Type>> ScopeValue<T, V> for C {
    type Stored = (V::Stored,);
    fn store(value: V) -> Self::Stored {
        (value.to_value(),)
    }
}

impl<T: HasScope, V> ScopeValue<T, V> for () {
    type Stored = ();
    fn store(_value: V) {}
}

/// Never implemented: carries the message of a table without a scope.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no scope",
    label = "no column scopes the rows of `{Self}`",
    note = "`#[table(scope(tenant_id))]` gives a table one; other conditions are for `.filter(..)`"
)]
pub trait HasScope {}

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
            type Untold = Missing;
        }

        #[diagnostic::do_not_recommend]
        impl<T, $($column: ColumnDef<Type: ScopeType<$other::Type, $column, T>>, $other: ColumnDef),+>
            SameScope<($($other,)+), T> for ($($column,)+)
        {
        }

        impl<T, $($column: ColumnDef, $value: ToValue<$column::Type>),+> ScopeValue<T, ($($value,)+)>
            for ($($column,)+)
        {
            type Stored = ($($value::Stored,)+);
            fn store(value: ($($value,)+)) -> Self::Stored {
                ($(value.$position.to_value(),)+)
            }
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
