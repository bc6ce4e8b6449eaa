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

    const WRITES: bool = false;

    fn key(&self) -> QueryKey {
        self.0.key().inside::<Self>()
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        let mut inner = self.0.select_ast();
        inner.check()?;
        let count =
            Expr::Aggregate { function: Aggregate::Count, distinct: false, argument: None, result: SqlType::BigInt };
        let paged = inner.limit.is_some() || inner.offset.is_some();
        if !paged && !inner.order_by.iter().any(|key| key.expr.has_param() || key.expr.has_aggregate()) {
            inner.order_by.clear();
        }
        let plain = !inner.distinct && inner.group_by.is_empty() && !paged && inner.order_by.is_empty();
        if plain && !inner.columns.iter().any(|column| column.has_aggregate() || column.has_param()) {
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

    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<i64, DecodeError> {
        i64::decode(row, 0)
    }
}

/// Whether a query gives any row.
pub struct Exists<Q>(pub(crate) Q);

impl<Q: SelectQuery> Query for Exists<Q> {
    type Row = bool;

    const WRITES: bool = false;

    fn key(&self) -> QueryKey {
        self.0.key().inside::<Self>()
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        let mut inner = self.0.select_ast();
        inner.check()?;
        let simple =
            !inner.distinct && !inner.columns.iter().any(|column| column.has_aggregate() || column.has_param());
        if simple {
            inner.columns = vec![Expr::Integer(1)];
        }
        // SQLite ignores `distinct` directly inside `exists`, and would skip equal rows one by one.
        if inner.distinct && inner.offset.is_some() {
            inner = ast::Select {
                columns: vec![Expr::Integer(1)],
                from: Some(Source::Subquery { select: Box::new(inner), alias: "found" }),
                ..ast::Select::default()
            };
        }
        Ok(ast::Statement::Select(ast::Select {
            columns: vec![Expr::Exists(Box::new(inner))],
            ..ast::Select::default()
        }))
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.0.bind(out);
    }

    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<bool, DecodeError> {
        bool::decode(row, 0)
    }
}

impl QueryKey {
    /// The key of a query made of the one with this key.
    fn inside<Q: ?Sized>(self) -> Self {
        let mut shape = Shape::default();
        shape.add(self.shape());
        Self::of::<Q>(&shape)
    }
}
