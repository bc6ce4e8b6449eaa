//! `from` and `join`.

use std::marker::PhantomData;

use crate::{
    ast,
    executor::Shape,
    expr::{Condition, Lower},
    scope::{Cons, InScope, Joined, Nil, NotNull, NotYetJoined, Null, Nullability, RowLevel, SourceList, ValidIn},
    table::{NamedSource, Source, Table},
    types::Binder,
};

/// The sources of a query.
pub trait FromClause: Send + Sync {
    /// The sources at the type level.
    type Scope: SourceList;
    /// What a database needs for them.
    type Needs;
    /// Adds the sources as plain data.
    fn to_from(&self, select: &mut ast::Select);
    /// Adds what the text depends on at run time.
    fn add_from_shape(&self, shape: &mut Shape);
    /// Hands the values of join conditions to the driver.
    fn bind_from<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// The source a query begins with.
pub struct FromOne<S>(pub(crate) PhantomData<fn() -> S>);

pub(crate) fn source<S: Source>() -> ast::Source {
    ast::Source::Table { name: <S::Table as Table>::NAME, alias: S::ALIAS }
}

impl<S: Source> FromClause for FromOne<S> {
    type Scope = Cons<Joined<S, NotNull>, Nil>;
    type Needs = ();

    fn to_from(&self, select: &mut ast::Select) {
        select.from = Some(source::<S>());
    }

    fn add_from_shape(&self, _shape: &mut Shape) {}

    fn bind_from<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

/// A source with the condition it is joined by: what `Post::on(..)` gives.
#[must_use = "a join does nothing until it is given to `.inner_join(..)` or one of its siblings"]
pub struct Join<S, C> {
    pub(crate) condition: C,
    source: PhantomData<fn() -> S>,
}

impl<S, C> Join<S, C> {
    pub(crate) fn new(condition: C) -> Self {
        Self { condition, source: PhantomData }
    }
}

/// What can be joined: `Table::on(condition)`.
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be joined", label = "expected `Table::on(condition)`")]
pub trait JoinTarget {
    /// The source that is joined.
    type Source: Source;
    /// The condition.
    type Condition: Condition;
    /// The condition.
    fn into_condition(self) -> Self::Condition;
}

impl<S: Source, C: Condition> JoinTarget for Join<S, C> {
    type Source = S;
    type Condition = C;
    fn into_condition(self) -> C {
        self.condition
    }
}

/// A join target that fits a query: its source is new to it, and the condition uses sources of the query and its own.
pub trait JoinIn<Scope, Index, S, C>: JoinTarget<Source = S, Condition = C> {}

impl<Sc, I, S, C, J> JoinIn<Sc, I, S, C> for J
where
    Sc: SourceList,
    S: Source,
    C: Condition + ValidIn<Cons<Joined<S, NotNull>, Sc>, I>,
    C::Columns: InScope<Cons<Joined<S, NotNull>, Sc>, I>,
    C::Kind: RowLevel,
    J: JoinTarget<Source = S, Condition = C>,
    Sc::Contains<S::Tag>: NotYetJoined<S>,
{
}

/// The kind of a join as a type.
pub trait JoinType: Send + Sync + 'static {
    /// The kind.
    const KIND: ast::JoinKind;
    /// What it makes of the columns joined before.
    type Left: Nullability;
    /// What it makes of the columns it joins.
    type Right: Nullability;
}

macro_rules! join_types {
    ($($name:ident, $left:ident, $right:ident;)*) => {$(
        #[doc = concat!("`", stringify!($name), "` as a type.")]
        pub struct $name;
        impl JoinType for $name {
            const KIND: ast::JoinKind = ast::JoinKind::$name;
            type Left = $left;
            type Right = $right;
        }
    )*};
}

join_types! {
    Inner, NotNull, NotNull;
    Left, NotNull, Null;
    Right, Null, NotNull;
    Full, Null, Null;
    Cross, NotNull, NotNull;
}

/// Sources, and one joined to them.
pub struct JoinedFrom<F, K, S, C> {
    from: F,
    on: Option<C>,
    joined: PhantomData<fn() -> (K, S)>,
}

impl<F, K, S, C> JoinedFrom<F, K, S, C> {
    pub(crate) fn new(from: F, on: Option<C>) -> Self {
        Self { from, on, joined: PhantomData }
    }
}

impl<F: FromClause, K: JoinType, S: Source, C: Lower> FromClause for JoinedFrom<F, K, S, C> {
    type Scope = Cons<Joined<S, K::Right>, <F::Scope as SourceList>::Under<K::Left>>;
    type Needs = (F::Needs, C::Needs);

    fn to_from(&self, select: &mut ast::Select) {
        self.from.to_from(select);
        // A condition that turned out absent joins every row with every other, which `on true` says.
        let on = self.on.as_ref().map(|on| on.to_condition().unwrap_or(ast::Expr::Bool(true)));
        let source = match &self.on {
            Some(on) => on.join_source(source::<S>()),
            None => source::<S>(),
        };
        select.joins.push(ast::Join { kind: K::KIND, source, on });
    }

    fn add_from_shape(&self, shape: &mut Shape) {
        self.from.add_from_shape(shape);
        if let Some(on) = &self.on {
            on.add_shape(shape);
        }
    }

    fn bind_from<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.from.bind_from(out);
        if let Some(on) = &self.on {
            on.bind_values(out);
        }
    }
}

/// A source that a cross join can add to a query.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be joined",
    label = "not a table",
    note = "`cross_join` takes a table, or an alias as `Alias<Table, Name>`"
)]
pub trait CrossJoinIn<Scope>: Source {}
impl<Sc, S> CrossJoinIn<Sc> for S
where
    Sc: SourceList,
    S: NamedSource,
    Sc::Contains<S::Tag>: NotYetJoined<S>,
{
}
