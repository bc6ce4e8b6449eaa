//! `group by` and `having`.

use std::marker::PhantomData;

use super::selection::One;
use crate::{
    ast,
    expr::{Column, Condition, Equatable, Lower},
    path::Position,
    scope::{Brings, GroupKeys, Grouped, InScope, Key, Scope, SourceList, Uniform, ValidIn},
    table::{ColumnDef, Source},
};

/// How the rows of a query are grouped.
pub trait Grouping: Send + Sync {
    /// The scope of what comes after grouping.
    type Scope<S: SourceList>: Scope;
    /// Adds the keys as plain data.
    fn to_group_by(&self, out: &mut Vec<ast::Expr>);
}

/// Rows are not grouped.
pub struct Ungrouped;

impl Grouping for Ungrouped {
    type Scope<S: SourceList> = S;
    fn to_group_by(&self, _out: &mut Vec<ast::Expr>) {}
}

/// Rows are grouped by the columns `E`, which are at the places `K`.
pub struct GroupBy<E, K> {
    columns: E,
    keys: PhantomData<fn() -> K>,
}

impl<E, K> GroupBy<E, K> {
    pub(crate) fn new(columns: E) -> Self {
        Self { columns, keys: PhantomData }
    }
}

impl<E: GroupList, K: GroupKeys> Grouping for GroupBy<E, K> {
    type Scope<S: SourceList> = Grouped<S, K>;
    fn to_group_by(&self, out: &mut Vec<ast::Expr>) {
        self.columns.to_keys(out);
    }
}

/// The query is grouped.
#[diagnostic::on_unimplemented(
    message = "`having` without `group_by`",
    label = "the rows of this query are not grouped",
    note = "add `.group_by(..)` before `.having(..)`; conditions on rows go into `.filter(..)`"
)]
pub trait IsGrouped {}
#[diagnostic::do_not_recommend]
impl<E, K> IsGrouped for GroupBy<E, K> {}

/// Columns as a list.
pub trait GroupList: Send + Sync {
    /// Adds the columns as plain data.
    fn to_keys(&self, out: &mut Vec<ast::Expr>);
}

impl<C: ColumnDef, S: Source> GroupList for Column<C, S> {
    fn to_keys(&self, out: &mut Vec<ast::Expr>) {
        out.push(self.to_ast());
    }
}

/// Columns that rows can be grouped by: one, or a tuple of up to eight.
#[diagnostic::on_unimplemented(
    message = "rows cannot be grouped by `{Self}`, which is not a column",
    label = "expected a column, or a tuple of up to eight columns"
)]
pub trait GroupIn<Scope, Index> {}

impl<Sc: Brings<S, I>, I, C: ColumnDef<Type: Equatable>, S> GroupIn<Sc, One<I>> for Column<C, S> {}

/// Where the columns that rows are grouped by are, which says what is known of them in groups.
pub trait GroupedAt<E> {
    /// The keys.
    type Keys: GroupKeys;
    /// The columns.
    type Columns: GroupList;
    /// Converts them.
    fn into_columns(columns: E) -> Self::Columns;
}

impl<I, C, S> GroupedAt<Column<C, S>> for One<I>
where
    I: Position + 'static,
    C: ColumnDef,
    S: Source,
{
    type Keys = Key<I, C::Path>;
    type Columns = Column<C, S>;
    fn into_columns(columns: Column<C, S>) -> Column<C, S> {
        columns
    }
}

macro_rules! tuples {
    ($($first:ident $first_index:ident $(, $name:ident $index:ident)*;)*) => {$(
        impl<Sc, $first, $first_index $(, $name, $index)*> GroupIn<Sc, ($first_index, $($index,)*)>
            for ($first, $($name,)*)
        where
            $first: GroupIn<Sc, $first_index>,
            $($name: GroupIn<Sc, $index>,)*
        {
        }

        impl<$first, $first_index $(, $name, $index)*> GroupedAt<($first, $($name,)*)> for ($first_index, $($index,)*)
        where
            $first_index: GroupedAt<$first>,
            $($index: GroupedAt<$name>,)*
        {
            type Keys = tuples!(@keys $first $first_index $($name $index)*);
            type Columns = ($first_index::Columns, $($index::Columns,)*);
            #[allow(non_snake_case, reason = "the columns are named after their types")]
            fn into_columns(($first, $($name,)*): ($first, $($name,)*)) -> Self::Columns {
                ($first_index::into_columns($first), $($index::into_columns($name),)*)
            }
        }
    )*};
    (@keys $only:ident $index:ident) => { <$index as GroupedAt<$only>>::Keys };
    (@keys $first:ident $first_index:ident $($rest:ident)+) => {
        (<$first_index as GroupedAt<$first>>::Keys, tuples!(@keys $($rest)+))
    };
}

tuples! {
    A I0;
    A I0, B I1;
    A I0, B I1, C I2;
    A I0, B I1, C I2, D I3;
    A I0, B I1, C I2, D I3, E I4;
    A I0, B I1, C I2, D I3, E I4, F I5;
    A I0, B I1, C I2, D I3, E I4, F I5, G I6;
    A I0, B I1, C I2, D I3, E I4, F I5, G I6, H I7;
}

/// What `having` accepts: a condition on groups.
pub trait HavingIn<Scope, Index> {
    /// The condition.
    type Having: Condition;
    /// Converts it.
    fn into_having(self) -> Self::Having;
}

impl<Sc, I, E> HavingIn<Sc, I> for E
where
    E: Condition,
    E::Checked: ValidIn<Sc, I>,
    <E::Checked as Lower>::Columns: InScope<Sc, I>,
    <E::Checked as ValidIn<Sc, I>>::Kind: Uniform,
{
    type Having = E::Checked;
    fn into_having(self) -> E::Checked {
        self.checked()
    }
}
