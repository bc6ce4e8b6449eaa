//! Whole rows: what a query gives unless `columns` says something else, and `Table::row()` among other columns.

use std::marker::PhantomData;

use super::{
    select::AllRows,
    selection::{Columns, Decoder, Reading, RowSource, Selection},
};
use crate::{
    ast,
    dialect::ColumnsOf,
    executor::Shape,
    path::{Bool, Here, Position, There},
    scope::{Brings, Cons, GroupKeys, Grouped, Joined, KeyWithin, Nil, Nullability, OnePerGroup, PositionIn, Scope},
    table::{Source, Table},
    types::{Binder, DecodeError, RowRead},
};

/// The whole rows of a query's sources: one row, or a tuple of them in the order in which they were joined.
pub trait WholeRows {
    /// What a row is read as.
    type Row: Send;
    /// What a database needs for the columns.
    type Needs;
    /// Reads a row.
    ///
    /// # Errors
    /// If a column does not fit.
    fn decode<R: RowRead + ?Sized>(row: &R) -> Result<Self::Row, DecodeError>;
    /// Adds the columns of all sources, those of the first one first.
    fn lower(out: &mut Vec<ast::Expr>);
}

pub(crate) fn lower_source<S: Source>(out: &mut Vec<ast::Expr>) {
    let table = <S::Table as Table>::DEF;
    out.extend(table.columns.iter().map(|column| ast::Expr::column(table, S::NAME, column)));
}

macro_rules! whole_rows {
    ($($first:ident $first_null:ident $(, $name:ident $null:ident)*;)*) => {$(
        impl<$first: Source, $first_null: Nullability $(, $name: Source, $null: Nullability)*> WholeRows
            for whole_rows!(@scope Nil; $first $first_null $(, $name $null)*)
        {
            type Row = whole_rows!(@row $first_null::Wrap<$first::Table> $(, $null::Wrap<$name::Table>)*);
            type Needs = whole_rows!(@needs $first $($name)*);

            #[inline]
            #[allow(
                unused_assignments,
                unused_mut,
                unused_variables,
                clippy::needless_question_mark,
                reason = "the last source's width is not needed, and one source is not a tuple"
            )]
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
    (@needs $only:ident) => { ColumnsOf<$only::Table> };
    (@needs $first:ident $($rest:ident)+) => { (ColumnsOf<$first::Table>, whole_rows!(@needs $($rest)+)) };
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
    L: WholeRows + Determined<K, Here>,
    K: GroupKeys,
{
    type Row = L::Row;
    type Needs = L::Needs;

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
    type Needs = Sc::Needs;

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

/// The whole row of a source, as one of the columns of a query; what `User::row()` gives.
pub struct WholeRow<S>(PhantomData<fn() -> S>);

impl<S> WholeRow<S> {
    /// The row. Its type says all there is to say.
    pub const NEW: Self = Self(PhantomData);
}

impl<S> Clone for WholeRow<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for WholeRow<S> {}

impl<S: Source> Columns for WholeRow<S> {
    const WIDTH: usize = <S::Table as Table>::WIDTH;
    type Needs = ColumnsOf<S::Table>;

    fn lower(&self, out: &mut Vec<ast::Expr>) {
        lower_source::<S>(out);
    }

    fn shape(&self, _shape: &mut Shape) {}

    fn bind<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

/// A scope in which the whole row of a source can be read.
pub trait ReadsRow<S, Index> {}

impl<S, I, H, T> ReadsRow<S, I> for Cons<H, T> where Self: Brings<S, I> {}

impl<S, I, L, K> ReadsRow<S, I> for Grouped<L, K>
where
    S: Source,
    I: Position + PositionIn<L>,
    L: Brings<S, I>,
    K: GroupKeys,
    <S::Table as Table>::Key: KeyWithin<K, I>,
    I::Known<<<S::Table as Table>::Key as KeyWithin<K, I>>::Out>: OnePerGroup<S>,
{
}

/// The index of a whole row.
pub struct RowOf<I>(PhantomData<I>);

impl<Sc: ReadsRow<S, I>, I, S> Selection<Sc, RowOf<I>> for WholeRow<S> {}

impl<Sc: Scope, I: PositionIn<Sc>, S: Source> Reading<WholeRow<S>, Sc> for RowOf<I> {
    type Columns = WholeRow<S>;
    type Decoder = RowDecoder<I::Null, S::Table>;
    type Kind = Sc::KindOf<S>;
    fn into_columns(selection: WholeRow<S>) -> WholeRow<S> {
        selection
    }
}

/// Reads a row of table `T`, or an `Option` of one where `N` says so.
pub struct RowDecoder<N, T>(PhantomData<(N, T)>);

impl<N: Nullability, T: Table> Decoder for RowDecoder<N, T> {
    const WIDTH: usize = T::WIDTH;
    type Row = N::Wrap<T>;

    #[inline]
    fn decode<R: RowRead + ?Sized>(row: &R, at: usize) -> Result<Self::Row, DecodeError> {
        N::read_row(row, at)
    }
}
