//! `where`.

use crate::{
    ast,
    error::Error,
    executor::Shape,
    expr::{And, Condition, Lower},
    relation::Arity,
    scope::{InScope, RowLevel, ValidIn},
    types::Binder,
};

/// What `filter` accepts: a condition on rows of this query.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a filter",
    label = "expected a condition",
    note = "compare a column: `.eq(..)`, `.gt(..)`, `.is_null()`"
)]
pub trait FilterIn<Scope, Index> {
    /// The condition.
    type Filter: Condition;
    /// Converts it.
    fn into_filter(self) -> Self::Filter;
}

impl<Sc, I, E> FilterIn<Sc, I> for E
where
    E: Condition,
    E::Checked: ValidIn<Sc, I>,
    <E::Checked as Lower>::Columns: InScope<Sc, I>,
    <E::Checked as ValidIn<Sc, I>>::Kind: RowLevel,
{
    type Filter = E::Checked;
    fn into_filter(self) -> E::Checked {
        self.checked()
    }
}

/// No filter yet.
pub struct NoFilter;

impl Lower for NoFilter {
    type Needs = ();
    type Columns = ();

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Bool(true)
    }

    fn to_condition(&self) -> Option<ast::Expr> {
        None
    }

    fn add_shape(&self, _shape: &mut Shape) {}

    fn bind_values<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

/// The filter of a relation: none, or some.
pub trait Filtering: Lower {
    /// How many rows a relation of `A` rows leads to with this filter.
    type Arity<A: Arity>: Arity;
}

/// Every row, said aloud with `all_rows()`.
pub struct EveryRow;

impl Lower for EveryRow {
    type Needs = ();
    type Columns = ();

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Bool(true)
    }

    fn to_condition(&self) -> Option<ast::Expr> {
        None
    }

    fn add_shape(&self, _shape: &mut Shape) {}

    fn bind_values<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

/// The filter of an update or delete.
pub trait Filter: Lower {
    /// The condition; an error if it turned out empty though a filter was given.
    ///
    /// # Errors
    /// If every part of the filter was absent at run time.
    fn condition(&self, operation: impl FnOnce() -> String) -> Result<Option<ast::Expr>, Error>;
}

impl Filter for NoFilter {
    fn condition(&self, operation: impl FnOnce() -> String) -> Result<Option<ast::Expr>, Error> {
        Err(Error::EmptyFilter { operation: operation() })
    }
}

impl Filter for EveryRow {
    fn condition(&self, _operation: impl FnOnce() -> String) -> Result<Option<ast::Expr>, Error> {
        Ok(None)
    }
}

impl<L: Lower, R: Lower> Filter for And<L, R> {
    fn condition(&self, operation: impl FnOnce() -> String) -> Result<Option<ast::Expr>, Error> {
        // A condition without a column is what remains of an empty list: `not(any([]))` would be every row.
        match self.to_condition() {
            Some(condition) if condition.has_column() => Ok(Some(condition)),
            _ => Err(Error::EmptyFilter { operation: operation() }),
        }
    }
}

/// An update or delete that says which rows it is about.
#[diagnostic::on_unimplemented(
    message = "this update or delete has no filter and would be one of all rows",
    label = "which rows?",
    note = "add `.filter(..)`, or `.all_rows()` if every row is meant"
)]
pub trait HasFilter: Filter {}
#[diagnostic::do_not_recommend]
impl HasFilter for EveryRow {}
#[diagnostic::do_not_recommend]
impl<L: Lower, R: Lower> HasFilter for And<L, R> {}
