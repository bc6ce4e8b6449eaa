//! Queries made of another: how many rows it gives, and whether it gives any.

use super::select::SelectQuery;
use crate::{
    ast::{self, Aggregate, Expr, Source},
    error::Error,
    executor::{Query, QueryKey, Shape},
    types::{Binder, Decode, DecodeError, RowRead, SqlType},
};

/// The number of rows of a query.
pub struct Counted<Q>(pub(crate) Q);

impl<Q: SelectQuery> Query for Counted<Q> {
    type Row = i64;

    fn key(&self) -> QueryKey {
        self.0.key().inside::<Self>()
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        let mut inner = self.0.select_ast();
        let count =
            Expr::Aggregate { function: Aggregate::Count, distinct: false, argument: None, result: SqlType::BigInt };
        let plain = !inner.distinct
            && inner.group_by.is_empty()
            && inner.limit.is_none()
            && inner.offset.is_none()
            && !inner.columns.iter().any(has_aggregate);
        if plain && !inner.columns.iter().any(has_param) && inner.order_by.is_empty() {
            inner.columns = vec![count];
            return Ok(ast::Statement::Select(inner));
        }
        Ok(ast::Statement::Select(ast::Select {
            columns: vec![count],
            from: Some(Source::Subquery { select: Box::new(inner), alias: "counted" }),
            ..ast::Select::default()
        }))
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.0.bind(out);
    }

    fn decode<R: RowRead + ?Sized>(row: &R) -> Result<i64, DecodeError> {
        i64::decode(row, 0)
    }
}

/// Whether a query gives any row.
pub struct Exists<Q>(pub(crate) Q);

impl<Q: SelectQuery> Query for Exists<Q> {
    type Row = bool;

    fn key(&self) -> QueryKey {
        self.0.key().inside::<Self>()
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        let mut inner = self.0.select_ast();
        let simple = !inner.distinct && !inner.columns.iter().any(|column| has_aggregate(column) || has_param(column));
        if simple {
            inner.columns = vec![Expr::Integer(1)];
        }
        Ok(ast::Statement::Select(ast::Select {
            columns: vec![Expr::Exists(Box::new(inner))],
            ..ast::Select::default()
        }))
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.0.bind(out);
    }

    fn decode<R: RowRead + ?Sized>(row: &R) -> Result<bool, DecodeError> {
        bool::decode(row, 0)
    }
}

fn any(expr: &Expr, test: fn(&Expr) -> bool) -> bool {
    if test(expr) {
        return true;
    }
    match expr {
        Expr::Binary(left, _, right) => any(left, test) || any(right, test),
        Expr::And(items) | Expr::Or(items) | Expr::Function(_, items) => items.iter().any(|item| any(item, test)),
        Expr::Not(inner)
        | Expr::Negate(inner)
        | Expr::IsNull(inner)
        | Expr::IsNotNull(inner)
        | Expr::Cast(inner, _)
        | Expr::Match { expr: inner, .. }
        | Expr::InList { expr: inner, .. } => any(inner, test),
        Expr::Between { expr, low, high } => any(expr, test) || any(low, test) || any(high, test),
        Expr::Aggregate { argument, .. } => argument.as_deref().is_some_and(|argument| any(argument, test)),
        _ => false,
    }
}

fn has_aggregate(expr: &Expr) -> bool {
    any(expr, |expr| matches!(expr, Expr::Aggregate { .. }))
}

/// Leaving out an expression with a placeholder would leave its value without one.
fn has_param(expr: &Expr) -> bool {
    any(expr, |expr| matches!(expr, Expr::Param(_) | Expr::Match { .. } | Expr::InList { .. }))
}

impl QueryKey {
    /// The key of a query made of the one with this key.
    fn inside<Q: ?Sized>(self) -> Self {
        let mut shape = Shape::default();
        shape.add(self.shape());
        Self::of::<Q>(&shape)
    }
}
