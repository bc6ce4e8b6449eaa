//! Which sources a query reads, and what its joins do to their columns.
//!
//! The scope of a query is a list of its sources at the type level, the one joined last at the head:
//! `Cons<Joined<Post, Null>, Cons<Joined<User, NotNull>, Nil>>`. Whether an expression may be used in it, whether it
//! can be NULL there, and whether it is a value per row or per group is computed by [`ValidIn`].

use std::marker::PhantomData;

use crate::{
    expr::{Column, Lower},
    path::{Bool, False, Here, Path, Position, Tag, There, True},
    table::{ColumnDef, Source, Table},
    types::{Decode, DecodeError, RowRead},
};

/// Whether a value can be NULL, as a type.
pub trait Nullability: 'static {
    /// Whether NULL is possible.
    const NULLABLE: bool;
    /// `T`, or `Option<T>` where NULL is possible.
    type Wrap<T: Send>: Send;
    /// NULL if one of two is.
    type Or<N: Nullability>: Nullability;
    /// NULL only if both are.
    type And<N: Nullability>: Nullability;
    /// Whether a value of this kind can be put where one of kind `N` is expected.
    type Fits<N: Nullability>: Bool;
    /// Whether NULL is possible, as a type.
    type IsNull: Bool;

    /// Reads the value in the column at `index`.
    ///
    /// # Errors
    /// If the column does not fit.
    fn read<T: Decode + Send, R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self::Wrap<T>, DecodeError>;

    /// Reads the row of table `T` whose first column is at `at`: a row that a join did not find is `None`.
    ///
    /// # Errors
    /// If a column does not fit.
    fn read_row<T: Table, R: RowRead + ?Sized>(row: &R, at: usize) -> Result<Self::Wrap<T>, DecodeError>;
}

/// Never NULL.
pub struct NotNull;
/// Possibly NULL.
pub struct Null;

impl Nullability for NotNull {
    const NULLABLE: bool = false;
    type Wrap<T: Send> = T;
    type Or<N: Nullability> = N;
    type And<N: Nullability> = NotNull;
    type Fits<N: Nullability> = True;
    type IsNull = False;

    #[inline]
    fn read<T: Decode + Send, R: RowRead + ?Sized>(row: &R, index: usize) -> Result<T, DecodeError> {
        T::decode(row, index)
    }

    #[inline]
    fn read_row<T: Table, R: RowRead + ?Sized>(row: &R, at: usize) -> Result<T, DecodeError> {
        T::decode(row, at)
    }
}

impl Nullability for Null {
    const NULLABLE: bool = true;
    type Wrap<T: Send> = Option<T>;
    type Or<N: Nullability> = Null;
    type And<N: Nullability> = N;
    type Fits<N: Nullability> = N::IsNull;
    type IsNull = True;

    #[inline]
    fn read<T: Decode + Send, R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Option<T>, DecodeError> {
        Option::decode(row, index)
    }

    #[inline]
    fn read_row<T: Table, R: RowRead + ?Sized>(row: &R, at: usize) -> Result<Option<T>, DecodeError> {
        let absent = match T::PRESENT {
            Some(column) => row.is_null(at + column),
            // Without a column that is never NULL, a row of NULLs and no row look the same.
            None => (at..at + T::WIDTH).all(|column| row.is_null(column)),
        };
        if absent { Ok(None) } else { T::decode(row, at).map(Some) }
    }
}

/// What an expression has a value for: the whole query, each row, each group.
///
/// Kinds combine by a total function, so that a forbidden mixture is found by a bound of our own and not by an
/// unsolvable equation. `PerRow` and `Mixed` carry a column for the message.
pub trait Kind: 'static {
    /// The kind of an expression with operands of both kinds.
    type With<K: Kind>: Kind;
    /// The kind with a value per row on the left.
    type AfterRow<C: 'static>: Kind;
    /// The kind with an aggregate on the left.
    type AfterAggregate: Kind;
}

/// The same value for all rows.
pub struct Constant;
/// A value for each row, because of column `C`.
pub struct PerRow<C>(PhantomData<C>);
/// A value for each group, or one for all rows.
pub struct Aggregate;
/// Values per row and per group in one: refused. `C` is the column that is per row.
pub struct Mixed<C>(PhantomData<C>);

impl Kind for Constant {
    type With<K: Kind> = K;
    type AfterRow<C: 'static> = PerRow<C>;
    type AfterAggregate = Aggregate;
}

impl<D: 'static> Kind for PerRow<D> {
    type With<K: Kind> = K::AfterRow<D>;
    type AfterRow<C: 'static> = PerRow<C>;
    type AfterAggregate = Mixed<D>;
}

impl Kind for Aggregate {
    type With<K: Kind> = K::AfterAggregate;
    type AfterRow<C: 'static> = Mixed<C>;
    type AfterAggregate = Aggregate;
}

impl<D: 'static> Kind for Mixed<D> {
    type With<K: Kind> = Mixed<D>;
    type AfterRow<C: 'static> = Mixed<D>;
    type AfterAggregate = Mixed<D>;
}

/// Kinds that may stand where rows are not grouped yet: in `filter`, `on`, `set`, in an aggregate's argument.
#[diagnostic::on_unimplemented(
    message = "an aggregate cannot be used here",
    label = "contains an aggregate",
    note = "aggregates are computed after rows are filtered and joined: filter groups with `.having(..)`, and do not nest aggregates"
)]
pub trait RowLevel: Kind {}
#[diagnostic::do_not_recommend]
impl RowLevel for Constant {}
#[diagnostic::do_not_recommend]
impl<C: 'static> RowLevel for PerRow<C> {}

/// Kinds that make sense as a whole: not a plain column beside an aggregate.
pub trait Uniform: Kind {}
impl Uniform for Constant {}
impl<C: 'static> Uniform for PerRow<C> {}
impl Uniform for Aggregate {}
impl<C: 'static> Uniform for Mixed<C> where True: NotGrouped<C> {}

/// Never implemented: carries the message of a mixture.
#[diagnostic::on_unimplemented(
    message = "`{C}` is neither grouped nor aggregated",
    label = "has a plain column beside an aggregate",
    note = "group by `{C}` with `.group_by(..)`, or put it in an aggregate such as `max(..)`"
)]
pub trait NotGrouped<C> {}

/// The end of a list of sources.
pub struct Nil;
/// A list of sources: the first, and the rest.
pub struct Cons<Head, Tail>(PhantomData<(Head, Tail)>);
/// A source, and whether a join can make its columns NULL.
pub struct Joined<Source, Nullability>(PhantomData<(Source, Nullability)>);

/// The sources a query reads.
pub trait Scope: 'static {
    /// The scope aggregates' arguments are read in: the rows before they are grouped.
    type Rows: Scope;
    /// Whether a group can have no rows at all, which makes `sum`, `min` and the like NULL.
    type EmptyGroup: Nullability;
    /// The kind of whole rows: one per row, or one per group.
    type RowKind: Kind;
    /// The kind of a column `C`, or of the whole row of a source `C`.
    type KindOf<C: 'static>: Kind;
}

impl Scope for Nil {
    type Rows = Nil;
    type EmptyGroup = Null;
    type RowKind = Constant;
    type KindOf<C: 'static> = PerRow<C>;
}

impl<S: 'static, N: 'static, T: Scope> Scope for Cons<Joined<S, N>, T> {
    type Rows = Self;
    type EmptyGroup = Null;
    type RowKind = PerRow<S>;
    type KindOf<C: 'static> = PerRow<C>;
}

/// A scope to which sources can be joined.
pub trait SourceList: Scope {
    /// The same sources, with columns that are also NULL where `N` says so.
    type Under<N: Nullability>: SourceList;
    /// Whether one of the sources has this tag.
    type Contains<T: Tag>: Bool;
}

impl SourceList for Nil {
    type Under<N: Nullability> = Nil;
    type Contains<T: Tag> = False;
}

impl<S: Source, M: Nullability, T: SourceList> SourceList for Cons<Joined<S, M>, T> {
    type Under<N: Nullability> = Cons<Joined<S, M::Or<N>>, T::Under<N>>;
    type Contains<G: Tag> = <G::Same<S::Tag> as Bool>::Or<T::Contains<G>>;
}

/// `False`: the source is not in the query yet and can be joined.
#[diagnostic::on_unimplemented(
    message = "`{S}` is already part of this query",
    label = "joined a second time",
    note = "give the second one another name: `alias!(Other)` declares it, `let other = {S}::alias::<Other>();` uses it"
)]
pub trait NotYetJoined<S> {}
#[diagnostic::do_not_recommend]
impl<S> NotYetJoined<S> for False {}

/// The query reads `Source`, at a position that rustc finds.
#[diagnostic::on_unimplemented(
    message = "`{Source}` is not part of this query",
    label = "this uses a column of `{Source}`, which the query neither selects from nor joins",
    note = "add `.inner_join(..)` or `.left_join(..)` for `{Source}` first"
)]
pub trait Brings<Source, Index> {}

#[diagnostic::do_not_recommend]
impl<S, N: Nullability, T> Brings<S, Here> for Cons<Joined<S, N>, T> {}

#[diagnostic::do_not_recommend]
impl<S, H, T: Brings<S, I>, I> Brings<S, There<I>> for Cons<H, T> {}

/// What a position in `Scope` says about the source that is there.
///
/// Whether an expression may be used, and what its type is, are different traits: the former fail with a message, the
/// latter ask a position. A source that the query does not read has none, so rustc knows nothing of the type, and has
/// nothing to report a second time.
pub trait PositionIn<Scope> {
    /// Whether a join can make the source's columns NULL.
    type Null: Nullability;
    /// `B`, which is known only where the position is.
    type Known<B: Bool>: Bool;
}

impl<S, N: Nullability, T> PositionIn<Cons<Joined<S, N>, T>> for Here {
    type Null = N;
    type Known<B: Bool> = B;
}

impl<H, T, I: PositionIn<T>> PositionIn<Cons<H, T>> for There<I> {
    type Null = I::Null;
    type Known<B: Bool> = I::Known<B>;
}

impl<L, K, I: PositionIn<L>> PositionIn<Grouped<L, K>> for I {
    type Null = I::Null;
    type Known<B: Bool> = I::Known<B>;
}

/// A scope in which column `C` of source `S` can be read.
pub trait Reads<C, S, Index> {}

impl<C, S, I> Reads<C, S, I> for Nil where Nil: NoColumns<S> {}

/// Never implemented: carries the message of a column where there are no rows.
#[diagnostic::on_unimplemented(
    message = "a column of `{S}` cannot be used here",
    label = "only values and expressions without columns can stand here",
    note = "to insert rows computed from other rows, read those first"
)]
pub trait NoColumns<S> {}

impl<C, S, I, H, T> Reads<C, S, I> for Cons<H, T> where Self: Brings<S, I> {}

/// The scope after `group_by`: the sources, and the keys by which rows are grouped.
pub struct Grouped<Sources, Keys>(PhantomData<(Sources, Keys)>);

impl<S: Scope, K: GroupKeys> Scope for Grouped<S, K> {
    type Rows = S;
    type EmptyGroup = NotNull;
    type RowKind = Aggregate;
    type KindOf<C: 'static> = Aggregate;
}

/// The columns that rows are grouped by: a [`Key`], or several in nested pairs.
pub trait GroupKeys: 'static {
    /// Whether the column at this path of the source at this position is among them.
    type Contains<I: Position, P: Path>: Bool;
}

/// A column that rows are grouped by: the position of its source, its path in the table.
pub struct Key<I, P>(PhantomData<(I, P)>);

impl<J: Position + 'static, Q: Path + 'static> GroupKeys for Key<J, Q> {
    type Contains<I: Position, P: Path> = <I::Same<J> as Bool>::And<P::Same<Q>>;
}

impl<A: GroupKeys, B: GroupKeys> GroupKeys for (A, B) {
    type Contains<I: Position, P: Path> = <A::Contains<I, P> as Bool>::Or<B::Contains<I, P>>;
}

/// Whether all columns of a primary key are among the keys that rows are grouped by. Implemented by tuples of column
/// markers.
pub trait KeyWithin<K: GroupKeys, I: Position> {
    /// The answer.
    type Out: Bool;
}

impl<K: GroupKeys, I: Position> KeyWithin<K, I> for () {
    type Out = False;
}

macro_rules! key_within {
    ($($first:ident $(, $name:ident)*;)*) => {$(
        impl<K: GroupKeys, I: Position, $first: ColumnDef $(, $name: ColumnDef)*> KeyWithin<K, I> for ($first, $($name,)*) {
            type Out = key_within!(@and $first $($name)*);
        }
    )*};
    (@and $only:ident) => { K::Contains<I, $only::Path> };
    (@and $first:ident $($rest:ident)+) => {
        <K::Contains<I, $first::Path> as Bool>::And<key_within!(@and $($rest)+)>
    };
}

key_within! {
    A;
    A, B;
    A, B, C;
    A, B, C, D;
    A, B, C, D, E;
    A, B, C, D, E, F;
}

/// `True`: column `C` has one value per group.
#[diagnostic::on_unimplemented(
    message = "`{C}` is neither grouped nor aggregated",
    label = "`{C}` can have several values in a group",
    note = "add it to `.group_by(..)`, group by its table's primary key, or put it in an aggregate such as `max(..)`"
)]
pub trait OnePerGroup<C> {}
#[diagnostic::do_not_recommend]
impl<C> OnePerGroup<C> for True {}

type GroupHas<C, S, I, K> = <<K as GroupKeys>::Contains<I, <C as ColumnDef>::Path> as Bool>::Or<
    <<<S as Source>::Table as Table>::Key as KeyWithin<K, I>>::Out,
>;

impl<C, S, I, L, K> Reads<C, S, I> for Grouped<L, K>
where
    C: ColumnDef,
    S: Source,
    I: Position + PositionIn<L>,
    L: Brings<S, I>,
    K: GroupKeys,
    <S::Table as Table>::Key: KeyWithin<K, I>,
    I::Known<GroupHas<C, S, I, K>>: OnePerGroup<C>,
{
}

/// The columns of an expression, all of which can be read in `Scope`.
///
/// `Index` tells where each column's source is; rustc finds it.
pub trait InScope<Scope, Index> {}

impl<Sc> InScope<Sc, ()> for () {}

impl<Sc: Reads<C, S, I>, I, C, S> InScope<Sc, I> for Column<C, S> {}

impl<Sc, I, J, A: InScope<Sc, I>, B: InScope<Sc, J>> InScope<Sc, (I, J)> for (A, B) {}

impl<Sc, I, J, K, A: InScope<Sc, I>, B: InScope<Sc, J>, C: InScope<Sc, K>> InScope<Sc, (I, J, K)> for (A, B, C) {}

/// The columns in the argument `E` of an aggregate, which is read in the rows before they are grouped.
pub struct Argument<E>(PhantomData<E>);

impl<Sc, I, E> InScope<Sc, I> for Argument<E>
where
    Sc: Scope,
    E: Lower + ValidIn<Sc::Rows, I>,
    E::Columns: InScope<Sc::Rows, I>,
    E::Kind: RowLevel,
{
}

/// What an expression is in a query reading `Scope`, provided that it may be used there, which [`InScope`] says.
///
/// The nullability and the kind of an expression depend on the scope: a left join makes the columns of its right side
/// `Option`, grouping makes a column a value per group.
pub trait ValidIn<Scope, Index> {
    /// Whether it can be NULL.
    type Null: Nullability;
    /// Whether it has a value per row, per group, or one for all.
    type Kind: Kind;
}
