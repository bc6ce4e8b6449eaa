//! What a query gives: expressions, tuples of them, named projections, whole rows.

use std::marker::PhantomData;

use super::select::{AllRows, OrderClause};
use crate::{
    ast,
    executor::Shape,
    expr::{OrderBy, OrderIn},
    path::{Bool, Position, There},
    query::group::GroupList,
    scope::{
        Cons, GroupKeys, Grouped, Joined, KeyWithin, Kind, Nil, Nullability, OnePerGroup, Scope, Uniform,
    },
    table::{Source, Table},
    types::{Binder, DecodeError, RowRead},
};

/// A list of expressions, whatever the query.
pub trait Columns: Send {
    /// The number of columns.
    const WIDTH: usize;
    /// What a database needs for them.
    type Needs;
    /// Adds the expressions as plain data.
    fn lower(&self, out: &mut Vec<ast::Expr>);
    /// Adds what the text depends on at run time.
    fn shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// Expressions that a query reading `Scope` can give: one, a tuple of up to 16, or a `#[derive(Row)]` projection.
pub trait Selection<Scope, Index>: Columns {
    /// What a row is read as.
    type Row: Send;
    /// Whether it has a value per row or per group.
    type Kind: Kind;
    /// Reads the columns from `at` on.
    ///
    /// # Errors
    /// If a column does not fit.
    fn decode<R: RowRead + ?Sized>(row: &R, at: usize) -> Result<Self::Row, DecodeError>;
}

/// What `columns` accepts: a selection whose parts go together, and with the order.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected here",
    label = "expected an expression, a tuple of up to 16 expressions, or a `#[derive(Row)]` projection"
)]
pub trait ColumnsIn<Scope, Index, Order> {}

impl<Sc, I, O, E> ColumnsIn<Sc, I, O> for E
where
    E: Selection<Sc, I>,
    O: OrderClause<Sc>,
    <E::Kind as Kind>::With<O::Kind>: Uniform,
{
}

/// A value that can be read into a field of type `T`: of the same type, or never NULL where the field is an `Option`.
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` does not fit a field of type `{T}`",
    label = "`{E}` is a `{Self}` here, the field is a `{T}`",
    note = "a column of the nullable side of a join is an `Option`; `coalesce(.., value)` gives NULL a value"
)]
pub trait ReadAs<T, E> {
    /// Converts the value.
    fn read_as(self) -> T;
}

impl<T, E> ReadAs<T, E> for T {
    fn read_as(self) -> T {
        self
    }
}

impl<T, E> ReadAs<Option<T>, E> for T {
    fn read_as(self) -> Option<T> {
        Some(self)
    }
}

/// An expression that can fill a field of type `T`, for `#[derive(Row)]`.
pub trait Field<Scope, Index, T>: Columns {
    /// Whether it has a value per row or per group.
    type Kind: Kind;
    /// Reads the field from the columns from `at` on.
    ///
    /// # Errors
    /// If a column does not fit.
    fn read<R: RowRead + ?Sized>(row: &R, at: usize) -> Result<T, DecodeError>;
}

impl<Sc, I, T, E> Field<Sc, I, T> for E
where
    E: Selection<Sc, I>,
    E::Row: ReadAs<T, E>,
{
    type Kind = E::Kind;

    #[inline]
    fn read<R: RowRead + ?Sized>(row: &R, at: usize) -> Result<T, DecodeError> {
        E::decode(row, at).map(ReadAs::read_as)
    }
}

/// The select list of a query: whole rows, or a selection.
pub trait RowSource<Scope>: Send {
    /// What a row is read as.
    type Row: Send;
    /// Whether it has a value per row or per group.
    type Kind: Kind;
    /// What a database needs for it.
    type Needs;
    /// Adds the expressions as plain data.
    fn lower_rows(&self, out: &mut Vec<ast::Expr>);
    /// Adds what the text depends on at run time.
    fn shape_rows(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_rows<'q>(&'q self, out: &mut dyn Binder<'q>);
    /// Reads a row.
    ///
    /// # Errors
    /// If a column does not fit.
    fn decode_row<R: RowRead + ?Sized>(row: &R) -> Result<Self::Row, DecodeError>;
}

/// Selected expressions, with the positions of their sources.
pub struct Selected<E, I> {
    pub(crate) columns: E,
    index: PhantomData<fn() -> I>,
}

impl<E, I> Selected<E, I> {
    pub(crate) fn new(columns: E) -> Self {
        Self { columns, index: PhantomData }
    }
}

impl<Sc, I, E: Selection<Sc, I>> RowSource<Sc> for Selected<E, I> {
    type Row = E::Row;
    type Kind = E::Kind;
    type Needs = E::Needs;

    fn lower_rows(&self, out: &mut Vec<ast::Expr>) {
        self.columns.lower(out);
    }

    fn shape_rows(&self, shape: &mut Shape) {
        self.columns.shape(shape);
    }

    fn bind_rows<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.columns.bind(out);
    }

    #[inline]
    fn decode_row<R: RowRead + ?Sized>(row: &R) -> Result<E::Row, DecodeError> {
        E::decode(row, 0)
    }
}

/// The whole rows of a query's sources: one row, or a tuple of them in the order in which they were joined.
pub trait WholeRows {
    /// What a row is read as.
    type Row: Send;
    /// Reads a row.
    ///
    /// # Errors
    /// If a column does not fit.
    fn decode<R: RowRead + ?Sized>(row: &R) -> Result<Self::Row, DecodeError>;
    /// Adds the columns of all sources, those of the first one first.
    fn lower(out: &mut Vec<ast::Expr>);
}

fn lower_source<S: Source>(out: &mut Vec<ast::Expr>) {
    let table = <S::Table as Table>::NAME;
    let columns = <S::Table as Table>::DEF.columns;
    out.extend(columns.iter().map(|column| ast::Expr::Column { source: S::NAME, table, name: column.name }));
}

macro_rules! whole_rows {
    ($($first:ident $first_null:ident $(, $name:ident $null:ident)*;)*) => {$(
        impl<$first: Source, $first_null: Nullability $(, $name: Source, $null: Nullability)*> WholeRows
            for whole_rows!(@scope Nil; $first $first_null $(, $name $null)*)
        {
            type Row = whole_rows!(@row $first_null::Wrap<$first::Table> $(, $null::Wrap<$name::Table>)*);

            #[inline]
            #[allow(unused_assignments, unused_mut, unused_variables, reason = "the last source's width is not needed")]
            fn decode<R: RowRead + ?Sized>(row: &R) -> Result<Self::Row, DecodeError> {
                let mut at = <$first::Table as Table>::WIDTH;
                Ok(whole_rows!(@value $first_null::read_row::<$first::Table, R>(row, 0)? $(, {
                    let source = $null::read_row::<$name::Table, R>(row, at)?;
                    at += <$name::Table as Table>::WIDTH;
                    source
                })*))
            }

            fn lower(out: &mut Vec<ast::Expr>) {
                lower_source::<$first>(out);
                $(lower_source::<$name>(out);)*
            }
        }
    )*};
    (@scope $list:ty; $first:ident $null:ident) => { Cons<Joined<$first, $null>, $list> };
    (@scope $list:ty; $first:ident $first_null:ident, $($rest:tt)+) => {
        whole_rows!(@scope Cons<Joined<$first, $first_null>, $list>; $($rest)+)
    };
    (@row $only:ty) => { $only };
    (@row $($each:ty),+) => { ($($each,)+) };
    (@value $only:expr) => { $only };
    (@value $($each:expr),+) => { ($($each,)+) };
}

whole_rows! {
    A AN;
    A AN, B BN;
    A AN, B BN, C CN;
    A AN, B BN, C CN, D DN;
    A AN, B BN, C CN, D DN, E EN;
    A AN, B BN, C CN, D DN, E EN, F FN;
    A AN, B BN, C CN, D DN, E EN, F FN, G GN;
    A AN, B BN, C CN, D DN, E EN, F FN, G GN, H HN;
}

/// Sources whose rows are determined by the keys that rows are grouped by.
pub trait Determined<K: GroupKeys, I: Position> {}

impl<K: GroupKeys, I: Position> Determined<K, I> for Nil {}

impl<K, I, S, N, T> Determined<K, I> for Cons<Joined<S, N>, T>
where
    K: GroupKeys,
    I: Position,
    S: Source,
    <S::Table as Table>::Key: KeyWithin<K, I>,
    <<S::Table as Table>::Key as KeyWithin<K, I>>::Out: Bool + OnePerGroup<S>,
    T: Determined<K, There<I>>,
    There<I>: Position,
{
}

impl<L, K> WholeRows for Grouped<L, K>
where
    L: WholeRows + Determined<K, crate::path::Here>,
    K: GroupKeys,
{
    type Row = L::Row;

    fn decode<R: RowRead + ?Sized>(row: &R) -> Result<Self::Row, DecodeError> {
        L::decode(row)
    }

    fn lower(out: &mut Vec<ast::Expr>) {
        L::lower(out);
    }
}

impl<Sc: Scope + WholeRows> RowSource<Sc> for AllRows {
    type Row = Sc::Row;
    type Kind = Sc::RowKind;
    type Needs = ();

    fn lower_rows(&self, out: &mut Vec<ast::Expr>) {
        Sc::lower(out);
    }

    fn shape_rows(&self, _shape: &mut Shape) {}

    fn bind_rows<'q>(&'q self, _out: &mut dyn Binder<'q>) {}

    #[inline]
    fn decode_row<R: RowRead + ?Sized>(row: &R) -> Result<Sc::Row, DecodeError> {
        Sc::decode(row)
    }
}

macro_rules! needs {
    () => { () };
    ($first:ident $($rest:ident)*) => { ($first::Needs, needs!($($rest)*)) };
}

macro_rules! kinds {
    ($only:ident) => { $only::Kind };
    ($first:ident $($rest:ident)+) => { <$first::Kind as Kind>::With<kinds!($($rest)+)> };
}

macro_rules! tuples {
    ($($(($name:ident $index:ident $position:tt))+;)*) => {$(
        impl<$($name: Columns),+> Columns for ($($name,)+) {
            const WIDTH: usize = 0 $(+ $name::WIDTH)+;
            type Needs = needs!($($name)+);

            fn lower(&self, out: &mut Vec<ast::Expr>) {
                $(self.$position.lower(out);)+
            }

            fn shape(&self, shape: &mut Shape) {
                $(self.$position.shape(shape);)+
            }

            fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
                $(self.$position.bind(out);)+
            }
        }

        impl<Sc, $($index,)+ $($name: Selection<Sc, $index>),+> Selection<Sc, ($($index,)+)> for ($($name,)+) {
            type Row = ($($name::Row,)+);
            type Kind = kinds!($($name)+);

            #[inline]
            #[allow(unused_assignments, reason = "the last column's width is not needed")]
            fn decode<R: RowRead + ?Sized>(row: &R, at: usize) -> Result<Self::Row, DecodeError> {
                let mut next = at;
                Ok(($({
                    let value = $name::decode(row, next)?;
                    next += $name::WIDTH;
                    value
                },)+))
            }
        }

        impl<$($name: OrderBy),+> OrderBy for ($($name,)+) {
            type Needs = needs!($($name)+);

            fn to_orders(&self, out: &mut Vec<ast::Order>) {
                $(self.$position.to_orders(out);)+
            }

            fn add_orders_shape(&self, shape: &mut Shape) {
                $(self.$position.add_orders_shape(shape);)+
            }

            fn bind_orders<'q>(&'q self, out: &mut dyn Binder<'q>) {
                $(self.$position.bind_orders(out);)+
            }
        }

        impl<Sc, $($index,)+ $($name: OrderIn<Sc, $index>),+> OrderIn<Sc, ($($index,)+)> for ($($name,)+) {
            type Kind = kinds!($($name)+);
        }

        impl<$($name: GroupList),+> GroupList for ($($name,)+) {
            fn to_keys(&self, out: &mut Vec<ast::Expr>) {
                $(self.$position.to_keys(out);)+
            }
        }
    )*};
}

tuples! {
    (A I0 0);
    (A I0 0) (B I1 1);
    (A I0 0) (B I1 1) (C I2 2);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7) (J I8 8);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7) (J I8 8) (K I9 9);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7) (J I8 8) (K I9 9) (L I10 10);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7) (J I8 8) (K I9 9) (L I10 10) (M I11 11);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7) (J I8 8) (K I9 9) (L I10 10) (M I11 11) (N I12 12);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7) (J I8 8) (K I9 9) (L I10 10) (M I11 11) (N I12 12) (P I13 13);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7) (J I8 8) (K I9 9) (L I10 10) (M I11 11) (N I12 12) (P I13 13) (Q I14 14);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7) (J I8 8) (K I9 9) (L I10 10) (M I11 11) (N I12 12) (P I13 13) (Q I14 14) (T I15 15);
}
