//! The statement that reads the rows a relation leads to, from any number of rows.

use super::{
    ExtrasOf,
    info::RelationInfo,
    key::{KeyColumns, Keys},
    load::Loads,
    rows::RelatedRows,
    wanted::Wanted,
};
use crate::{
    ast::{self, Expr},
    dialect::Dialect,
    error::Error,
    executor::{Query, QueryKey, Shape},
    expr::Lower,
    query::{AnyCondition, Columns, Decoder, OrderList, Page, not_deleted},
    schema::TableDef,
    types::{Binder, DecodeError, RowRead, SqlType},
    writer,
};

/// A filter that is part of a relation's declaration.
pub type BuiltIn = Option<&'static dyn AnyCondition<'static>>;

/// What is read of a relation.
pub(crate) struct Children<'l, W, C, O, N, E> {
    pub(crate) info: &'static RelationInfo,
    pub(crate) built_in: BuiltIn,
    pub(crate) filter: &'l W,
    pub(crate) columns: &'l C,
    pub(crate) order: &'l O,
    pub(crate) page: Page,
    pub(crate) deleted: Deleted,
    pub(crate) nested: &'l N,
    pub(crate) extras: &'l E,
}

/// Which of the rows that were deleted and are kept are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deleted {
    /// None.
    LeftOut,
    /// All.
    Too,
}

impl Deleted {
    /// The condition that the rows of a source are not deleted, if that is asked.
    pub(crate) fn condition(self, table: &'static TableDef, source: &'static str) -> Option<Expr> {
        not_deleted(table, source).filter(|_| self == Self::LeftOut)
    }
}

/// A row that was found, with the keys of what is loaded for it.
pub(crate) struct Found<T, X, K> {
    pub(crate) row: T,
    pub(crate) extras: X,
    pub(crate) keys: K,
}

/// A row, once for every row that asked for it.
pub(crate) struct Placed<T> {
    first: Option<(usize, T)>,
    more: Vec<(usize, T)>,
}

impl<T> IntoIterator for Placed<T> {
    type Item = (usize, T);
    type IntoIter = std::iter::Chain<std::option::IntoIter<(usize, T)>, std::vec::IntoIter<(usize, T)>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.more)
    }
}

pub(crate) fn column(table: &'static TableDef, source: &'static str, at: usize) -> Expr {
    Expr::column(table, source, &table.columns[at])
}

/// `a.x = b.y and …`
pub(crate) fn pairs(
    (left, left_source, left_key): (&'static TableDef, &'static str, &[usize]),
    (right, right_source, right_key): (&'static TableDef, &'static str, &[usize]),
) -> Expr {
    let pair = |(&left_at, &right_at): (&usize, &usize)| {
        let (left, right) = (column(left, left_source, left_at), column(right, right_source, right_at));
        Expr::Binary(Box::new(left), ast::BinaryOp::Eq, Box::new(right))
    };
    Expr::all(left_key.iter().zip(right_key).map(|columns| Some(pair(columns)))).unwrap_or(Expr::Bool(true))
}

impl Expr {
    /// Whether values are those of one of the rows of which a list for each column is bound.
    pub(crate) fn among(mut exprs: Vec<Self>, items: Vec<SqlType>) -> Self {
        match items.as_slice() {
            [item] if exprs.len() == 1 => Self::InList { expr: Box::new(exprs.remove(0)), item: *item },
            _ => Self::InLists { exprs, items },
        }
    }
}

impl RelationInfo {
    /// The table that holds the key of the owner's rows, and its columns.
    fn keyed(&self) -> (&'static TableDef, &[usize]) {
        match &self.through {
            Some(through) => (through.table, through.to_owner.as_slice()),
            None => (self.target, self.target_key.as_slice()),
        }
    }

    /// Adds the target to a query, and the table between.
    pub(crate) fn add_sources(&self, select: &mut ast::Select) {
        select.from = Some(ast::Source::Table { name: self.target.name, alias: None });
        if let Some(through) = &self.through {
            let on = pairs(
                (through.table, through.table.name, through.to_target.as_slice()),
                (self.target, self.target.name, self.target_key.as_slice()),
            );
            let source = ast::Source::Table { name: through.table.name, alias: None };
            select.joins.push(ast::Join { kind: ast::JoinKind::Inner, source, on: Some(on) });
        }
    }

    /// The condition that neither the target's rows nor those between are deleted, if that is asked.
    pub(crate) fn not_deleted(&self, deleted: Deleted) -> Option<Expr> {
        let between = self.through.and_then(|through| deleted.condition(through.table, through.table.name));
        Expr::all([between, deleted.condition(self.target, self.target.name)])
    }
}

impl<'l, W, C, O, N, E> Children<'l, W, C, O, N, E>
where
    W: Lower,
    C: RelatedRows<N, E::Values>,
    O: OrderList,
    N: Loads,
    E: ExtrasOf,
{
    /// Adds the text of the statement, and those of what is loaded for its rows.
    pub(crate) fn sql(self, dialect: &dyn Dialect, out: &mut Vec<String>) {
        let nested = self.nested;
        let keys = Keys::default();
        let wanted = Wanted::new(&keys);
        if let Ok(statement) = self.of(&wanted).statement() {
            out.push(writer::write(&statement, dialect));
        }
        nested.sql(dialect, out);
    }

    /// The statement for rows with these keys.
    pub(crate) fn of<'w>(self, wanted: &'w Wanted<'w>) -> ChildrenOf<'w, 'l, W, C, O, N, E> {
        let width = C::WIDTH + <E::Columns as Columns>::WIDTH;
        let (table, key) = self.info.keyed();
        // Keys are read from the columns of the row if these are all there are, else from columns behind them. They are equal to
        // what was asked for, so not NULL.
        let among = C::WHOLE && self.info.through.is_none();
        let own = KeyColumns::new(table, key, |at| if among { key[at] } else { width + at }).never_null();
        let behind = if among { 0 } else { key.len() };
        let columns = self.nested.all_key_columns();
        let nested = self.nested.places(&mut |at| if C::WHOLE { columns[at] } else { width + behind + at });
        ChildrenOf { children: self, wanted, own, nested }
    }

    /// The columns behind those of the row, its computed values and the keys of the owner.
    fn hidden(&self) -> Vec<Expr> {
        let mut hidden = Vec::new();
        let (table, key) = self.info.keyed();
        if !C::WHOLE || self.info.through.is_some() {
            hidden.extend(key.iter().map(|&at| column(table, table.name, at)));
        }
        if !C::WHOLE {
            let columns = self.nested.all_key_columns();
            hidden.extend(columns.iter().map(|&at| column(self.info.target, self.info.target.name, at)));
        }
        hidden
    }
}

/// The statement that reads the rows that belong to those with some keys.
pub(crate) struct ChildrenOf<'w, 'l, W, C, O, N: Loads, E> {
    children: Children<'l, W, C, O, N, E>,
    wanted: &'w Wanted<'w>,
    own: KeyColumns,
    nested: N::Places,
}

impl<W, C, O, N, E> Query for ChildrenOf<'_, '_, W, C, O, N, E>
where
    W: Lower,
    C: RelatedRows<N, E::Values>,
    O: OrderList,
    N: Loads,
    E: ExtrasOf,
{
    type Row = Placed<Found<C::Flat, <E::Values as Decoder>::Row, N::Keys>>;

    const WRITES: bool = false;

    fn key(&self) -> QueryKey {
        let Children { info, built_in, filter, columns, order, page, deleted, extras, .. } = &self.children;
        let mut shape = Shape::default();
        shape.add(std::ptr::from_ref::<RelationInfo>(info).addr() as u64);
        columns.add_shape(&mut shape);
        extras.columns().shape(&mut shape);
        if let Some(built_in) = built_in {
            built_in.add_shape(&mut shape);
        }
        filter.add_shape(&mut shape);
        order.add_order_by_shape(&mut shape);
        page.add_shape(&mut shape);
        shape.add(*deleted as u64);
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        let Children { info, built_in, filter, columns, order, page, deleted, extras, .. } = &self.children;
        let (table, key) = info.keyed();
        let mut select = ast::Select::default();
        columns.lower(&mut select.columns);
        extras.columns().lower(&mut select.columns);
        select.columns.extend(self.children.hidden());
        info.add_sources(&mut select);
        let exprs: Vec<Expr> = key.iter().map(|&at| column(table, table.name, at)).collect();
        let items: Vec<_> = key.iter().map(|&at| table.columns[at].sql_type).collect();
        let wanted = Expr::among(exprs, items);
        let built_in = built_in.and_then(AnyCondition::to_condition);
        select.filter = Expr::all([Some(wanted), built_in, filter.to_condition(), info.not_deleted(*deleted)]);
        order.to_order_by(&mut select.order_by);
        page.lower(&mut select);
        select.page_per = key.iter().map(|&at| column(table, table.name, at)).collect();
        Ok(ast::Statement::Select(select))
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        let Children { info, built_in, filter, columns, order, page, extras, .. } = &self.children;
        columns.bind(out);
        extras.columns().bind(out);
        // The order is part of the select list where limit and offset are per row.
        if page.is_given() {
            order.bind_order_by(out);
        }
        let (table, key) = info.keyed();
        self.wanted.bind(key.iter().map(|&at| table.columns[at].sql_type), out);
        if let Some(built_in) = built_in {
            built_in.bind(out);
        }
        filter.bind_values(out);
        if page.is_given() {
            page.bind_last_row(out);
        } else {
            order.bind_order_by(out);
        }
    }

    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<Self::Row, DecodeError> {
        let found = |row: &R| {
            Ok(Found {
                row: C::decode(row)?,
                extras: <E::Values as Decoder>::decode(row, C::WIDTH)?,
                keys: N::read(&self.nested, row)?,
            })
        };
        let mut who = self.wanted.who(&self.own, row)?;
        let first = who.next().map(|at| Ok((at, found(row)?))).transpose()?;
        // Every row that asked has a row of its own: structs need not be `Clone`, and reading is as cheap.
        let more = who.map(|at| Ok((at, found(row)?))).collect::<Result<_, _>>()?;
        Ok(Placed { first, more })
    }
}
