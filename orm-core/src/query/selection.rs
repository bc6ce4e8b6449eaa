//! What a query gives: expressions, tuples of them, named projections, whole rows.

use std::marker::PhantomData;

use super::order::OrderClause;
use crate::{
    ast,
    executor::Shape,
    expr::{OrderBy, OrderIn},
    query::group::GroupList,
    scope::{Kind, Nullability, Uniform},
    types::{Binder, Decode, DecodeError, RowRead},
};

/// A list of expressions, whatever the query.
pub trait Columns: Send + Sync {
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
    /// How a row is read.
    type Decoder;
    /// Whether it has a value per row or per group.
    type Kind: Kind;
}

/// How a row is read, as a type that knows nothing of the query any more: the place where a query is checked is the
/// call of `columns`, and the calls after it have nothing left to complain about.
pub trait Decoder {
    /// The number of columns.
    const WIDTH: usize;
    /// What a row is read as.
    type Row: Send;
    /// Reads the columns from `at` on.
    ///
    /// # Errors
    /// If a column does not fit.
    fn decode<R: RowRead + ?Sized>(row: &R, at: usize) -> Result<Self::Row, DecodeError>;
}

/// Reads a `T`, or an `Option<T>` where `N` says so.
pub struct Scalar<N, T>(PhantomData<(N, T)>);

impl<N: Nullability, T: Decode + Send> Decoder for Scalar<N, T> {
    const WIDTH: usize = 1;
    type Row = N::Wrap<T>;

    #[inline]
    fn decode<R: RowRead + ?Sized>(row: &R, at: usize) -> Result<Self::Row, DecodeError> {
        N::read(row, at)
    }
}

impl Decoder for () {
    const WIDTH: usize = 0;
    type Row = ();

    #[inline]
    fn decode<R: RowRead + ?Sized>(_row: &R, _at: usize) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Reads what `D` reads and converts it to a field of type `T`.
pub struct Converted<D, T, How>(PhantomData<(D, T, How)>);

impl<D: Decoder, T: Send, How: Conversion<D::Row, T>> Decoder for Converted<D, T, How> {
    const WIDTH: usize = D::WIDTH;
    type Row = T;

    #[inline]
    fn decode<R: RowRead + ?Sized>(row: &R, at: usize) -> Result<T, DecodeError> {
        D::decode(row, at).map(How::convert)
    }
}

/// A struct that is put together from its fields, for `#[derive(Row)]`.
pub trait FromFields: Send {
    /// The fields as nested pairs: `(A, (B, ()))`.
    type Fields;
    /// Puts the struct together.
    fn from_fields(fields: Self::Fields) -> Self;
}

/// Reads the fields of `P` by `D`.
pub struct Projected<P, D>(PhantomData<(P, D)>);

impl<P: FromFields, D: Decoder<Row = P::Fields>> Decoder for Projected<P, D> {
    const WIDTH: usize = D::WIDTH;
    type Row = P;

    #[inline]
    fn decode<R: RowRead + ?Sized>(row: &R, at: usize) -> Result<P, DecodeError> {
        D::decode(row, at).map(P::from_fields)
    }
}

/// What `columns` accepts: a selection whose parts go together, and with the order.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected here",
    label = "expected an expression, a tuple of up to 16 expressions, or a `#[derive(Row)]` projection"
)]
pub trait ColumnsIn<Scope, Index, Order> {
    /// The select list.
    type List;
    /// The select list.
    fn into_list(self) -> Self::List;
}

impl<Sc, I, O, E> ColumnsIn<Sc, I, O> for E
where
    E: Selection<Sc, I>,
    O: OrderClause<Sc>,
    <E::Kind as Kind>::With<O::Kind>: Uniform,
{
    type List = Selected<E, E::Decoder, E::Kind>;
    fn into_list(self) -> Self::List {
        Selected::new(self)
    }
}

/// A value that can be read into a field of type `T`: of the same type, or never NULL where the field is an `Option`.
#[diagnostic::on_unimplemented(
    message = "a value of type `{Self}` does not fit a field of type `{T}`",
    label = "`{E}` is a `{Self}` here, the field is a `{T}`",
    note = "a column of the nullable side of a join is an `Option`; `coalesce(.., value)` gives NULL a value"
)]
pub trait ReadAs<T, E, Proof> {}
impl<T, E> ReadAs<T, E, Exactly> for T {}
impl<T, E> ReadAs<Option<T>, E, Wrapped> for T {}

/// The value has the field's type.
pub struct Exactly;
/// The field is an `Option` of the value's type.
pub struct Wrapped;

/// How a value of type `V` becomes a field of type `T`.
pub trait Conversion<V, T> {
    /// Converts it.
    fn convert(value: V) -> T;
}

impl<T> Conversion<T, T> for Exactly {
    #[inline]
    fn convert(value: T) -> T {
        value
    }
}

impl<T> Conversion<T, Option<T>> for Wrapped {
    #[inline]
    fn convert(value: T) -> Option<T> {
        Some(value)
    }
}

/// An expression that can fill a field of type `T`, for `#[derive(Row)]`.
pub trait Field<Scope, Index, T>: Columns {
    /// How the field is read.
    type Decoder;
    /// Whether it has a value per row or per group.
    type Kind: Kind;
}

impl<Sc, I, Proof, T, E> Field<Sc, (I, Proof), T> for E
where
    E: Selection<Sc, I>,
    E::Decoder: Decoder,
    <E::Decoder as Decoder>::Row: ReadAs<T, E, Proof>,
{
    type Decoder = Converted<E::Decoder, T, Proof>;
    type Kind = E::Kind;
}

/// The select list of a query: whole rows, or a selection.
pub trait RowSource<Scope>: Send + Sync {
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

/// Selected expressions, how rows of them are read, and whether there is one per row or per group.
pub struct Selected<E, D, K> {
    pub(crate) columns: E,
    read: PhantomData<fn() -> (D, K)>,
}

impl<E, D, K> Selected<E, D, K> {
    pub(crate) fn new(columns: E) -> Self {
        Self { columns, read: PhantomData }
    }
}

impl<Sc, E: Columns, D: Decoder, K: Kind> RowSource<Sc> for Selected<E, D, K> {
    type Row = D::Row;
    type Kind = K;
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
    fn decode_row<R: RowRead + ?Sized>(row: &R) -> Result<D::Row, DecodeError> {
        D::decode(row, 0)
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
            type Decoder = ($($name::Decoder,)+);
            type Kind = kinds!($($name)+);
        }

        impl<$($name: Decoder),+> Decoder for ($($name,)+) {
            const WIDTH: usize = 0 $(+ $name::WIDTH)+;
            type Row = ($($name::Row,)+);

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
