//! What the rows of a relation are read as: whole rows, chosen columns, or a shape.

use std::marker::PhantomData;

use super::{
    RelationDef,
    load::Loads,
    loaded::{Assemble, Names},
};
use crate::{
    ast,
    dialect::ColumnsOf,
    executor::Shape,
    query::{Columns, Decoder, RowSource, Selected, lower_source},
    scope::{PerRow, Scope},
    table::Table,
    types::{Binder, DecodeError, RowRead},
};

/// What the rows of a relation are read as, with relations `N` and computed values `D` beside.
pub trait RelatedRows<N: Loads, D: Decoder>: Send + Sync {
    /// A row without what is loaded for it.
    type Flat: Send;
    /// The row.
    type Row: Send;
    /// What a database needs for it.
    type Needs;
    /// The number of columns.
    const WIDTH: usize;
    /// Whether the columns are all those of the table, so that keys are among them.
    const WHOLE: bool;

    #[doc(hidden)]
    fn lower(&self, out: &mut Vec<ast::Expr>);
    #[doc(hidden)]
    fn add_shape(&self, shape: &mut Shape);
    #[doc(hidden)]
    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>);
    #[doc(hidden)]
    #[allow(clippy::missing_errors_doc, reason = "hidden")]
    fn decode<R: RowRead + ?Sized>(row: &R) -> Result<Self::Flat, DecodeError>;
    #[doc(hidden)]
    fn assemble(row: Self::Flat, entries: N::Entries, extras: D::Row, names: &Names) -> Self::Row;
}

/// Something that leads to rows of a table.
pub trait LeadsTo: Send + Sync + 'static {
    /// The table.
    type Table: Table;
}

impl<R: RelationDef> LeadsTo for R {
    type Table = R::Target;
}

/// The rows of table `T`, which no relation leads to: those of a query.
pub struct Itself<T>(PhantomData<fn() -> T>);

impl<T: Table> LeadsTo for Itself<T> {
    type Table = T;
}

/// The whole rows that relation `R` leads to.
pub struct TargetRow<R>(PhantomData<fn() -> R>);

impl<R> TargetRow<R> {
    pub(crate) const NEW: Self = Self(PhantomData);
}

impl<R: LeadsTo, N: Loads, D: Decoder> RelatedRows<N, D> for TargetRow<R>
where
    (N::Entries, D::Row): Assemble<R::Table>,
{
    type Flat = R::Table;
    type Row = <(N::Entries, D::Row) as Assemble<R::Table>>::Row;
    type Needs = ColumnsOf<R::Table>;
    const WIDTH: usize = <R::Table as Table>::WIDTH;
    const WHOLE: bool = true;

    fn lower(&self, out: &mut Vec<ast::Expr>) {
        lower_source::<R::Table>(out);
    }

    fn add_shape(&self, _shape: &mut Shape) {}

    fn bind<'q>(&'q self, _out: &mut dyn Binder<'q>) {}

    #[inline]
    fn decode<Row: RowRead + ?Sized>(row: &Row) -> Result<R::Table, DecodeError> {
        R::Table::decode(row, 0)
    }

    #[inline]
    fn assemble(row: R::Table, entries: N::Entries, extras: D::Row, names: &Names) -> Self::Row {
        (entries, extras).assemble(row, names)
    }
}

/// So that the order of a relation can be checked against what it gives.
impl<Sc: Scope, R: LeadsTo> RowSource<Sc> for TargetRow<R> {
    type Row = R::Table;
    type Kind = PerRow<R::Table>;
    type Needs = ColumnsOf<R::Table>;

    fn lower_rows(&self, out: &mut Vec<ast::Expr>) {
        lower_source::<R::Table>(out);
    }

    fn shape_rows(&self, _shape: &mut Shape) {}

    fn bind_rows<'q>(&'q self, _out: &mut dyn Binder<'q>) {}

    fn decode_row<Row: RowRead + ?Sized>(row: &Row) -> Result<R::Table, DecodeError> {
        R::Table::decode(row, 0)
    }
}

impl<E: Columns, D: Decoder, K, X: Decoder<Row = ()>> RelatedRows<(), X> for Selected<E, D, K> {
    type Flat = D::Row;
    type Row = D::Row;
    type Needs = E::Needs;
    const WIDTH: usize = E::WIDTH;
    const WHOLE: bool = false;

    fn lower(&self, out: &mut Vec<ast::Expr>) {
        self.columns.lower(out);
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.columns.shape(shape);
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.columns.bind(out);
    }

    #[inline]
    fn decode<R: RowRead + ?Sized>(row: &R) -> Result<D::Row, DecodeError> {
        D::decode(row, 0)
    }

    #[inline]
    fn assemble(row: D::Row, (): (), (): (), _names: &Names) -> D::Row {
        row
    }
}
