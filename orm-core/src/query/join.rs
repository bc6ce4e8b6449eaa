//! `from` and `join`.

use std::marker::PhantomData;

use super::{
    hidden::{Absent, Hides, both},
    scoped::{OneScope, Saying, ScopeColumns, Shares},
};
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
    /// What the query says of scopes.
    type Says: Saying;
    /// Which rows of every source are left out.
    #[doc(hidden)]
    const HIDES: Hides;
    /// Adds the sources as plain data.
    fn to_from(&self, select: &mut ast::Select);
    /// Adds what the text depends on at run time.
    fn add_from_shape(&self, shape: &mut Shape);
    /// Hands the values of join conditions to the driver.
    fn bind_from<'q>(&'q self, out: &mut dyn Binder<'q>);
    /// Adds the conditions of the rows that are not left out, as far as they are not among those of joins.
    #[doc(hidden)]
    fn to_hidden(&self, absent: Absent, out: &mut Vec<ast::Expr>);
    /// Hands the values of those conditions to the driver.
    #[doc(hidden)]
    fn bind_hidden<'q>(&'q self, out: &mut dyn Binder<'q>);
    /// Hands the value of the query's scope to the driver, once.
    #[doc(hidden)]
    fn bind_scope<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// The source a query begins with.
pub struct FromOne<S>(pub(crate) PhantomData<fn() -> S>);

pub(crate) fn source<S: Source>() -> ast::Source {
    ast::Source::Table { name: <S::Table as Table>::NAME, alias: S::ALIAS }
}

impl<S: Source> FromClause for FromOne<S> {
    type Scope = Cons<Joined<S, NotNull>, Nil>;
    type Needs = ();
    type Says = <<S::Table as Table>::ScopedBy as ScopeColumns>::Untold<S::Table>;
    const HIDES: Hides = Hides { scope: false, version: false, deleted: true };

    fn to_from(&self, select: &mut ast::Select) {
        select.from = Some(source::<S>());
    }

    fn add_from_shape(&self, _shape: &mut Shape) {}

    fn bind_from<'q>(&'q self, _out: &mut dyn Binder<'q>) {}

    fn to_hidden(&self, absent: Absent, out: &mut Vec<ast::Expr>) {
        Self::HIDES.to_conditions(<S::Table as Table>::DEF, S::NAME, absent, out);
    }

    fn bind_hidden<'q>(&'q self, _out: &mut dyn Binder<'q>) {}

    fn bind_scope<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

impl<S> OneScope for FromOne<S> {}

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

impl<F: FromClause, K: JoinType, S: Source, C> JoinedFrom<F, K, S, C> {
    /// Adds the conditions of the rows of the joined source.
    fn to_own(absent: Absent, out: &mut Vec<ast::Expr>) {
        F::HIDES.to_conditions(<S::Table as Table>::DEF, S::NAME, absent, out);
    }

    fn bind_own<'q>(&'q self, out: &mut dyn Binder<'q>) {
        if F::HIDES.scope && !<S::Table as Table>::DEF.scope.is_empty() {
            self.from.bind_scope(out);
        }
    }
}

/// A row that is left out is no row: what is joined are the others. So its condition stands
///
/// - in `on`, if it is about the side that a join drops rows of;
/// - in `where`, or in the `on` of the next join that drops rows of this side, if it is about the side that is kept;
/// - in both for a full join, which keeps rows that have no partner because of `on`.
impl<F: FromClause, K: JoinType, S: Source, C: Lower> FromClause for JoinedFrom<F, K, S, C> {
    type Scope = Cons<Joined<S, K::Right>, <F::Scope as SourceList>::Under<K::Left>>;
    type Needs = (F::Needs, C::Needs);
    type Says = <F::Says as Saying>::Joining<S::Table>;
    const HIDES: Hides = F::HIDES;

    fn to_from(&self, select: &mut ast::Select) {
        self.from.to_from(select);
        let source = match &self.on {
            Some(on) => on.join_source(source::<S>(), F::HIDES.deleted),
            None => source::<S>(),
        };
        let condition = self.on.as_ref().and_then(Lower::to_condition);
        let mut join = ast::Join { kind: K::KIND, source, on: condition };
        select.make_way(&mut join);
        // A condition that turned out absent joins every row with every other, which `on true` says.
        join.on = self.on.as_ref().map(|_| match join.on {
            None => ast::Expr::Bool(true),
            condition => {
                let mut hidden = Vec::new();
                if matches!(K::KIND, ast::JoinKind::Right | ast::JoinKind::Full) {
                    self.from.to_hidden(Absent::Never, &mut hidden);
                }
                if !matches!(K::KIND, ast::JoinKind::Right) {
                    Self::to_own(Absent::Never, &mut hidden);
                }
                both(condition, hidden).unwrap_or(ast::Expr::Bool(true))
            }
        });
        select.joins.push(join);
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
            if matches!(K::KIND, ast::JoinKind::Right | ast::JoinKind::Full) {
                self.from.bind_hidden(out);
            }
            if !matches!(K::KIND, ast::JoinKind::Right) {
                self.bind_own(out);
            }
        }
    }

    fn to_hidden(&self, absent: Absent, out: &mut Vec<ast::Expr>) {
        match K::KIND {
            ast::JoinKind::Inner | ast::JoinKind::Left => self.from.to_hidden(absent, out),
            ast::JoinKind::Right => Self::to_own(absent, out),
            ast::JoinKind::Full => {
                self.from.to_hidden(Absent::Possibly, out);
                Self::to_own(Absent::Possibly, out);
            }
            ast::JoinKind::Cross => {
                self.from.to_hidden(absent, out);
                Self::to_own(absent, out);
            }
        }
    }

    fn bind_hidden<'q>(&'q self, out: &mut dyn Binder<'q>) {
        if K::KIND != ast::JoinKind::Right {
            self.from.bind_hidden(out);
        }
        if !matches!(K::KIND, ast::JoinKind::Inner | ast::JoinKind::Left) {
            self.bind_own(out);
        }
    }

    fn bind_scope<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.from.bind_scope(out);
    }
}

impl<F, K, S, C> OneScope for JoinedFrom<F, K, S, C>
where
    F: FromClause + OneScope,
    S: Source,
    F::Says: Shares<S::Table, <S::Table as Table>::ScopedBy>,
{
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
