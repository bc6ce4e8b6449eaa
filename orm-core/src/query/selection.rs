//! What a query gives: expressions, tuples of them, named projections, whole rows.

use std::marker::PhantomData;

use super::order::OrderClause;
use crate::{
    ast,
    executor::Shape,
    expr::{Expr, OrderBy, OrderIn, OrderKind},
    query::group::GroupList,
    scope::{Constant, Kind, Nullability, Uniform, ValidIn},
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected",
    label = "expected an expression, a tuple of up to 16 expressions, or a `#[derive(Row)]` projection"
)]
pub trait Selection<Scope, Index> {}

/// Where the columns of a selection `E` are, which says how rows of it are read.
pub trait Reading<E, Scope> {
    /// The expressions.
    type Columns: Columns;
    /// How a row is read.
    type Decoder;
    /// Whether it has a value per row or per group.
    type Kind: Kind;
    /// Converts the selection.
    fn into_columns(selection: E) -> Self::Columns;
}

/// The index of a single expression.
pub struct One<I>(PhantomData<I>);

impl<Sc, I, E: Columns + Expr + ValidIn<Sc, I>> Reading<E, Sc> for One<I> {
    type Columns = E;
    type Decoder = Scalar<E::Null, E::Type>;
    type Kind = E::Kind;
    fn into_columns(selection: E) -> E {
        selection
    }
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
pub trait ColumnsIn<Scope, Index, Order> {}

impl<Sc, I, O, E> ColumnsIn<Sc, I, O> for E
where
    E: Selection<Sc, I>,
    I: Reading<E, Sc>,
    O: OrderClause<Sc>,
    <I::Kind as Kind>::With<O::Kind>: Uniform,
{
}

/// Where the columns of a selection `E` are, which says what its select list is.
pub trait ListOf<E, Scope> {
    /// The select list.
    type List;
    /// Converts it.
    fn into_list(columns: E) -> Self::List;
}

impl<E, Sc, I: Reading<E, Sc>> ListOf<E, Sc> for I {
    type List = Selected<I::Columns, I::Decoder, I::Kind>;
    fn into_list(columns: E) -> Self::List {
        Selected::new(I::into_columns(columns))
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
pub trait Field<Scope, Index, T> {}

impl<Sc, I, Proof, T, E> Field<Sc, (I, Proof), T> for E
where
    E: Selection<Sc, I>,
    I: Reading<E, Sc>,
    I::Decoder: Decoder,
    <I::Decoder as Decoder>::Row: ReadAs<T, E, Proof>,
{
}

/// The expressions that fill the fields of a row struct, for `#[derive(Row)]`.
pub trait Projection {
    /// The row struct.
    type Row;
    /// The expressions with the types of the fields they fill, as nested pairs.
    type Fields;
    /// The expressions.
    fn into_fields(self) -> Self::Fields;
}

/// An expression `E` that fills a field of type `T`.
pub struct Filling<E, T> {
    expr: E,
    field: PhantomData<fn() -> T>,
}

impl<E, T> Filling<E, T> {
    /// The expression in the field's place.
    pub fn new(expr: E) -> Self {
        Self { expr, field: PhantomData }
    }
}

/// The index of a tuple: that of its parts.
pub struct Each<I>(PhantomData<I>);

/// The index of a projection: that of its fields, as nested pairs.
pub struct Fields<I>(PhantomData<I>);

impl<Sc, I, E: Projection> Reading<E, Sc> for Fields<I>
where
    I: Reading<E::Fields, Sc>,
{
    type Columns = I::Columns;
    type Decoder = Projected<E::Row, I::Decoder>;
    type Kind = I::Kind;
    fn into_columns(selection: E) -> I::Columns {
        I::into_columns(selection.into_fields())
    }
}

impl<Sc> Reading<(), Sc> for () {
    type Columns = ();
    type Decoder = ();
    type Kind = Constant;
    fn into_columns((): ()) {}
}

impl<Sc, E, T, Rest, I, Proof, J> Reading<(Filling<E, T>, Rest), Sc> for ((I, Proof), J)
where
    I: Reading<E, Sc>,
    J: Reading<Rest, Sc>,
{
    type Columns = (I::Columns, J::Columns);
    type Decoder = (Converted<I::Decoder, T, Proof>, J::Decoder);
    type Kind = <I::Kind as Kind>::With<J::Kind>;
    fn into_columns((field, rest): (Filling<E, T>, Rest)) -> Self::Columns {
        (I::into_columns(field.expr), J::into_columns(rest))
    }
}

/// The end of the fields of a projection.
impl Columns for () {
    const WIDTH: usize = 0;
    type Needs = ();
    fn lower(&self, _out: &mut Vec<ast::Expr>) {}
    fn shape(&self, _shape: &mut Shape) {}
    fn bind<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
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

        impl<Sc, $($index,)+ $($name: Selection<Sc, $index>),+> Selection<Sc, Each<($($index,)+)>> for ($($name,)+) {}

        impl<Sc, $($name,)+ $($index: Reading<$name, Sc>),+> Reading<($($name,)+), Sc> for Each<($($index,)+)> {
            type Columns = ($($index::Columns,)+);
            type Decoder = ($($index::Decoder,)+);
            type Kind = kinds!($($index)+);
            fn into_columns(selection: ($($name,)+)) -> Self::Columns {
                ($($index::into_columns(selection.$position),)+)
            }
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

        impl<Sc, $($index,)+ $($name: OrderIn<Sc, $index>),+> OrderIn<Sc, ($($index,)+)> for ($($name,)+) {}

        impl<Sc, $($name,)+ $($index: OrderKind<$name, Sc>),+> OrderKind<($($name,)+), Sc> for ($($index,)+) {
            type Kind = kinds!($($index)+);
            type Keys = ($($index::Keys,)+);
            fn into_keys(keys: ($($name,)+)) -> Self::Keys {
                ($($index::into_keys(keys.$position),)+)
            }
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
