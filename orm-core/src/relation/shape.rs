//! Structs that say which columns and relations of a row they have: `#[derive(Row)] #[row(of = User)]`.

use std::marker::PhantomData;

use super::{
    Arity, BuiltIn, Extras, KeyPlaces, Keys, Load, Many, One, Optional, RelatedRows, Relation, RelationDef,
    RelationInfo, TargetRow,
    children::{Children, column},
    key::KeyColumns,
    load::{Loads, finish, rows_of},
    loaded::Names,
};
use crate::{
    ast,
    dialect::ColumnsOf,
    error::Error,
    executor::{Runner, Shape},
    expr::{Column, Lower, OrderKind},
    query::{AnyCondition, AnyOrder, Decoder, FilterIn, OrderByIn, OrderList, Page, ReadAs},
    scope::Nullability,
    table::{ColumnDef, Table},
    types::{Binder, Decode, DecodeError, RowRead},
};

/// A struct that says which columns of a table, and which of its relations, it has.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the shape of a row",
    label = "expected a struct that derives `Row` and says `#[row(of = Table)]`"
)]
pub trait RowShape: Sized + Send + 'static {
    /// The table.
    type Of: Table;
    /// The types of its columns, as nested pairs.
    type Fields: ShapeFields;
    /// Its relations, as nested pairs.
    type Loads: Loads;
    /// The positions of its columns in the table.
    const COLUMNS: &'static [usize];

    #[doc(hidden)]
    fn loads() -> Self::Loads;
    #[doc(hidden)]
    fn assemble(fields: Self::Fields, entries: <Self::Loads as Loads>::Entries) -> Self;
}

/// Values of columns that stand beside each other, as nested pairs.
pub trait ShapeFields: Sized + Send {
    /// Reads the columns from `at` on.
    ///
    /// # Errors
    /// If a column does not fit.
    fn decode<R: RowRead + ?Sized>(row: &R, at: usize) -> Result<Self, DecodeError>;
}

impl ShapeFields for () {
    #[inline]
    fn decode<R: RowRead + ?Sized>(_row: &R, _at: usize) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl<T: Decode + Send, Rest: ShapeFields> ShapeFields for (T, Rest) {
    #[inline]
    fn decode<R: RowRead + ?Sized>(row: &R, at: usize) -> Result<Self, DecodeError> {
        Ok((T::decode(row, at)?, Rest::decode(row, at + 1)?))
    }
}

/// Rows that are read as the shape `S`.
pub struct ShapeRows<S>(PhantomData<fn() -> S>);

impl<S> ShapeRows<S> {
    pub(crate) const NEW: Self = Self(PhantomData);
}

impl<S: RowShape, D: Decoder<Row = ()>> RelatedRows<S::Loads, D> for ShapeRows<S> {
    type Flat = S::Fields;
    type Row = S;
    type Needs = ColumnsOf<S::Of>;
    const WIDTH: usize = S::COLUMNS.len();
    const WHOLE: bool = false;

    fn lower(&self, out: &mut Vec<ast::Expr>) {
        out.extend(S::COLUMNS.iter().map(|&at| column(S::Of::DEF, S::Of::NAME, at)));
    }

    fn add_shape(&self, _shape: &mut Shape) {}

    fn bind<'q>(&'q self, _out: &mut dyn Binder<'q>) {}

    #[inline]
    fn decode<R: RowRead + ?Sized>(row: &R) -> Result<S::Fields, DecodeError> {
        S::Fields::decode(row, 0)
    }

    #[inline]
    fn assemble(row: S::Fields, entries: <S::Loads as Loads>::Entries, (): (), _names: &Names) -> S {
        S::assemble(row, entries)
    }
}

/// A table whose rows are read as shapes of `T`, which must be the same.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` cannot be read as a shape of `{T}`",
    label = "this shape is of `{T}`",
    note = "the table is the one that `#[row(of = ..)]` of the struct names"
)]
pub trait ShapeOf<T> {}
#[diagnostic::do_not_recommend]
impl<T> ShapeOf<T> for T {}

/// A field that holds the rows of a relation: a `Vec` of shapes, an `Option` of one, or one.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot hold the rows of a relation",
    label = "expected a `Vec<S>`, an `Option<S>` or an `S`, where `S` derives `Row` and says `#[row(of = Table)]`"
)]
pub trait ShapedRelation: Send {
    /// What each row is read as.
    type Shape: RowShape;
    /// How many there are.
    type Arity: Arity<Value<Self::Shape> = Self>;
}

impl<S: RowShape> ShapedRelation for Vec<S> {
    type Shape = S;
    type Arity = Many;
}

impl<S: RowShape> ShapedRelation for Option<S> {
    type Shape = S;
    type Arity = Optional;
}

impl<S: RowShape> ShapedRelation for S {
    type Shape = S;
    type Arity = One;
}

/// A field that fits how many rows a relation leads to.
#[diagnostic::on_unimplemented(
    message = "a field of this kind cannot hold a relation to {A} rows",
    label = "the relation leads to another number of rows",
    note = "`many` fits a `Vec<S>`, `one` an `S`, `optional` an `Option<S>`"
)]
pub trait FieldOf<A> {}
#[diagnostic::do_not_recommend]
impl FieldOf<Many> for Many {}
#[diagnostic::do_not_recommend]
impl FieldOf<One> for One {}
#[diagnostic::do_not_recommend]
impl FieldOf<Optional> for Optional {}
#[diagnostic::do_not_recommend]
impl FieldOf<One> for Optional {}

/// The relation that fills a field of a shape.
pub struct ShapeLoad<F> {
    info: &'static RelationInfo,
    built_in: BuiltIn,
    filter: Option<&'static dyn AnyCondition<'static>>,
    order: StaticOrder,
    page: Page,
    field: PhantomData<fn() -> F>,
}

impl<F> ShapeLoad<F> {
    /// The rows in this order.
    #[doc(hidden)]
    #[must_use]
    pub fn ordered(mut self, order: &'static dyn AnyOrder<'static>) -> Self {
        self.order = StaticOrder(Some(order));
        self
    }

    /// At most this many rows.
    #[doc(hidden)]
    #[must_use]
    pub fn limited(mut self, rows: u64) -> Self {
        self.page.set_limit(rows);
        self
    }
}

/// An order that is part of a declaration.
struct StaticOrder(Option<&'static dyn AnyOrder<'static>>);

impl OrderList for StaticOrder {
    type Needs = ();

    fn to_order_by(&self, out: &mut Vec<ast::Order>) {
        if let Some(order) = self.0 {
            order.to_orders(out);
        }
    }

    fn add_order_by_shape(&self, shape: &mut Shape) {
        if let Some(order) = self.0 {
            order.add_shape(shape);
        }
    }

    fn bind_order_by<'q>(&'q self, out: &mut dyn Binder<'q>) {
        if let Some(order) = self.0 {
            order.bind(out);
        }
    }
}

/// A filter that is part of a declaration.
struct StaticFilter(Option<&'static dyn AnyCondition<'static>>);

impl Lower for StaticFilter {
    type Needs = ();
    type Columns = ();

    fn to_ast(&self) -> ast::Expr {
        Lower::to_condition(self).unwrap_or(ast::Expr::Bool(true))
    }

    fn to_condition(&self) -> Option<ast::Expr> {
        self.0.and_then(AnyCondition::to_condition)
    }

    fn add_shape(&self, shape: &mut Shape) {
        if let Some(condition) = self.0 {
            condition.add_shape(shape);
        }
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        if let Some(condition) = self.0 {
            condition.bind(out);
        }
    }
}

/// The relation `R` as what fills a field of type `F`, for `#[derive(Row)]`.
#[doc(hidden)]
pub fn related<R, F>(relation: Relation<R>) -> ShapeLoad<F>
where
    R: RelationDef,
    F: ShapedRelation<Arity: FieldOf<R::Arity>>,
    R::Target: ShapeOf<<F::Shape as RowShape>::Of>,
{
    let _ = relation;
    let (order, page) = (StaticOrder(None), Page::NONE);
    ShapeLoad { info: R::INFO, built_in: R::built_in(), filter: None, order, page, field: PhantomData }
}

/// Like [`related`], but only rows that meet a condition.
#[doc(hidden)]
pub fn related_filtered<R, F>(relation: Relation<R>, filter: &'static dyn AnyCondition<'static>) -> ShapeLoad<F>
where
    R: RelationDef,
    F: ShapedRelation<Arity: FieldOf<<R::Arity as Arity>::Filtered>>,
    R::Target: ShapeOf<<F::Shape as RowShape>::Of>,
{
    let _ = relation;
    let (order, page) = (StaticOrder(None), Page::NONE);
    ShapeLoad { info: R::INFO, built_in: R::built_in(), filter: Some(filter), order, page, field: PhantomData }
}

/// A condition on the rows of a relation, for `#[derive(Row)]`.
#[doc(hidden)]
pub fn shape_filter<R, E, I>(relation: Relation<R>, condition: E) -> Box<dyn AnyCondition<'static>>
where
    R: RelationDef,
    E: FilterIn<R::Scope, I, Filter: 'static>,
{
    let _ = relation;
    Box::new(condition.into_filter())
}

/// An order of the rows of a relation, for `#[derive(Row)]`.
#[doc(hidden)]
pub fn shape_order<R, E, I>(relation: Relation<R>, keys: E) -> Box<dyn AnyOrder<'static>>
where
    R: RelationDef,
    E: OrderByIn<R::Scope, I, TargetRow<R>>,
    I: OrderKind<E, R::Scope, Keys: 'static>,
{
    let _ = relation;
    Box::new(I::into_keys(keys))
}

type LoadsOf<F> = <<F as ShapedRelation>::Shape as RowShape>::Loads;

impl<F: ShapedRelation> ShapeLoad<F> {
    fn children<'l>(
        &'l self,
        filter: &'l StaticFilter,
        nested: &'l LoadsOf<F>,
    ) -> Children<'l, StaticFilter, ShapeRows<F::Shape>, StaticOrder, LoadsOf<F>, Extras> {
        Children {
            info: self.info,
            built_in: self.built_in,
            filter,
            columns: &ShapeRows::NEW,
            order: &self.order,
            page: self.page,
            nested,
            extras: const { &Extras::NONE },
        }
    }
}

impl<F: ShapedRelation> Load for ShapeLoad<F> {
    type Entry = F;
    type Needs = (ColumnsOf<<F::Shape as RowShape>::Of>, <LoadsOf<F> as Loads>::Needs);

    fn key(&self, places: &mut dyn FnMut(usize) -> usize) -> KeyPlaces {
        KeyPlaces(KeyColumns::new(self.info.owner, self.info.owner_key.as_slice(), places))
    }

    fn key_columns(&self) -> &'static [usize] {
        self.info.owner_key.as_slice()
    }

    async fn load<X: Runner>(&self, on: &X, keys: Keys) -> Result<Vec<F>, Error> {
        let (nested, filter) = (F::Shape::loads(), StaticFilter(self.filter));
        let children = self.children(&filter, &nested);
        let slots = rows_of::<X, F::Arity, _, _, _, _, _>(on, children, &keys).await?;
        finish::<F::Arity, F::Shape, _>(slots, self.info, |rows| rows)
    }

    fn sql(&self, dialect: &dyn crate::dialect::Dialect, out: &mut Vec<String>) {
        let (nested, filter) = (F::Shape::loads(), StaticFilter(self.filter));
        self.children(&filter, &nested).sql(dialect, out);
    }
}

/// The position of a column whose values a field of type `F` can hold, for `#[derive(Row)]`.
#[doc(hidden)]
pub const fn shape_column<F, C, S, P>(column: Column<C, S>) -> usize
where
    C: ColumnDef,
    <C::Null as Nullability>::Wrap<C::Type>: ReadAs<F, Column<C, S>, P>,
{
    let _ = column;
    super::info::sql_position(C::Table::DEF, C::NAME)
}

/// Checks that columns that are said to be equal are of one type, for `relations!`.
#[doc(hidden)]
pub const fn same_type<A, S, B, U>(own: Column<A, S>, other: Column<B, U>)
where
    A: ColumnDef,
    B: ColumnDef<Type: crate::schema::SameKeyType<A::Type>>,
{
    let _ = (own, other);
}
