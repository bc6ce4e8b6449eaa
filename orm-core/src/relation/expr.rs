//! Expressions about the rows a relation leads to: whether there are any, how many, and what they have in common.

use std::marker::PhantomData;

use super::{
    Arity, One, Relation, RelationDef,
    children::{Deleted, pairs},
};
use crate::{
    ast::{self, Function},
    executor::Shape,
    expr::{Aggregated, And, Averageable, Avg, CountAll, Expr, Lower, Max, Min, Orderable, Sum, Summable, expression},
    query::{FilterIn, Filtering, NoFilter, ReadsRow, Unlimited},
    scope::{InScope, NotNull, Null, Nullability, PositionIn, RowLevel, Scope, ValidIn},
    types::Binder,
};

/// The columns of a table's key, as something that an expression reads.
pub struct OwnerOf<T>(PhantomData<fn() -> T>);

impl<Sc: ReadsRow<T, I>, I, T> InScope<Sc, I> for OwnerOf<T> {}

/// What is asked about related rows.
#[doc(hidden)]
pub trait SubqueryKind: Send + Sync + 'static {
    /// Whether it can be NULL, of rows whose values can be as `N` says, where the owner's row can be missing as `O` says.
    type Null<N: Nullability, O: Nullability>: Nullability;
    fn wrap(select: ast::Select) -> ast::Expr;
}

/// Whether there is one.
#[derive(Debug)]
pub enum IsThere {}
/// Whether there is none.
#[derive(Debug)]
pub enum NotThere {}
/// What the only row of the subquery gives, which is there whether there is an owner's row or not: an aggregate.
#[derive(Debug)]
pub enum ValueOf {}
/// What the only related row gives, which is not there without the owner's row.
#[derive(Debug)]
pub enum ValueOfRow {}

impl SubqueryKind for IsThere {
    type Null<N: Nullability, O: Nullability> = N;

    fn wrap(select: ast::Select) -> ast::Expr {
        ast::Expr::Exists(Box::new(select))
    }
}

impl SubqueryKind for NotThere {
    type Null<N: Nullability, O: Nullability> = N;

    fn wrap(select: ast::Select) -> ast::Expr {
        ast::Expr::Not(Box::new(ast::Expr::Exists(Box::new(select))))
    }
}

impl SubqueryKind for ValueOf {
    type Null<N: Nullability, O: Nullability> = N;

    fn wrap(select: ast::Select) -> ast::Expr {
        ast::Expr::Scalar(Box::new(select))
    }
}

impl SubqueryKind for ValueOfRow {
    type Null<N: Nullability, O: Nullability> = N::Or<O>;

    fn wrap(select: ast::Select) -> ast::Expr {
        ast::Expr::Scalar(Box::new(select))
    }
}

/// A subquery of the rows that relation `R` leads to: what `any`, `count` and their like give.
///
/// `N` says whether its value can be NULL.
pub struct RelatedSubquery<R, K, W, E, N> {
    filter: W,
    value: E,
    deleted: Deleted,
    kind: PhantomData<fn() -> (R, K, N)>,
}

impl<R, K, W, E, N> RelatedSubquery<R, K, W, E, N> {
    fn new(filter: W, value: E, deleted: Deleted) -> Self {
        Self { filter, value, deleted, kind: PhantomData }
    }
}

impl<R: RelationDef, K: SubqueryKind, W: Lower, E: Expr, N: Nullability> Lower for RelatedSubquery<R, K, W, E, N> {
    type Needs = (W::Needs, E::Needs);
    type Columns = OwnerOf<R::Owner>;

    fn to_ast(&self) -> ast::Expr {
        let info = R::INFO;
        let built_in = R::built_in().and_then(|built_in| built_in.to_condition());
        let mut select = ast::Select {
            columns: vec![self.value.to_ast()],
            filter: ast::Expr::all([built_in, self.filter.to_condition(), info.not_deleted(self.deleted)]),
            ..ast::Select::default()
        };
        info.add_sources(&mut select);
        // The subquery reads a row of the table that its own rows are of: they go by the relation's name.
        if info.target.name == info.owner.name {
            select.rename_first(info.name);
        }
        let target = select.from.as_ref().map_or(info.target.name, ast::Source::name);
        let related = match &info.through {
            Some(through) => (through.table, through.table.name, through.to_owner.as_slice()),
            None => (info.target, target, info.target_key.as_slice()),
        };
        let owner = (info.owner, info.owner.name, info.owner_key.as_slice());
        select.filter = ast::Expr::all([Some(pairs(related, owner)), select.filter.take()]);
        K::wrap(select)
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.value.add_shape(shape);
        if let Some(built_in) = R::built_in() {
            built_in.add_shape(shape);
        }
        self.filter.add_shape(shape);
        shape.add(self.deleted as u64);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.value.bind_values(out);
        if let Some(built_in) = R::built_in() {
            built_in.bind(out);
        }
        self.filter.bind_values(out);
    }
}

expression!(
    {R: RelationDef, K: SubqueryKind, W: Lower, E: Expr, N: Nullability} RelatedSubquery<R, K, W, E, N>,
    type = E::Type
);

impl<Sc, I, R, K, W, E, N> ValidIn<Sc, I> for RelatedSubquery<R, K, W, E, N>
where
    Sc: Scope,
    I: PositionIn<Sc>,
    R: RelationDef,
    K: SubqueryKind,
    N: Nullability,
{
    type Null = K::Null<N, I::Null>;
    type Kind = Sc::KindOf<R::Owner>;
}

/// `true` as the value of a subquery of which it only matters whether it gives a row.
#[doc(hidden)]
pub struct Anything<T = bool>(PhantomData<fn() -> T>);

impl Anything {
    const NEW: Self = Self(PhantomData);
}

impl<T> Lower for Anything<T> {
    type Needs = ();
    type Columns = ();

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Integer(1)
    }

    fn add_shape(&self, _shape: &mut Shape) {}

    fn bind_values<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

expression!({T: Send + 'static} Anything<T>, type = T);

impl<Sc, T> ValidIn<Sc, ()> for Anything<T> {
    type Null = NotNull;
    type Kind = crate::scope::Constant;
}

/// The rows that do not meet a condition, those for which it is NULL among them.
pub struct Every<W>(W);

impl<W: Lower> Lower for Every<W> {
    type Needs = W::Needs;
    type Columns = W::Columns;

    fn to_ast(&self) -> ast::Expr {
        self.to_condition().unwrap_or(ast::Expr::Bool(false))
    }

    fn to_condition(&self) -> Option<ast::Expr> {
        let met = match self.0.to_condition() {
            Some(condition) => ast::Expr::Function(Function::Coalesce, vec![condition, ast::Expr::Bool(false)]),
            None => ast::Expr::Bool(true),
        };
        Some(ast::Expr::Not(Box::new(met)))
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.0.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.0.bind_values(out);
    }
}

/// What a relation leads to at most one row.
#[diagnostic::on_unimplemented(
    message = "this relation leads to many rows, which have no single value",
    label = "a relation to many rows",
    note = "use an aggregate: `.max(..)`, `.sum(..)`, `.count()`"
)]
pub trait AtMostOne: Arity {
    /// Whether there may be no row.
    type Null: Nullability;
}
#[diagnostic::do_not_recommend]
impl AtMostOne for One {
    type Null = NotNull;
}
#[diagnostic::do_not_recommend]
impl AtMostOne for super::Optional {
    type Null = Null;
}

/// A condition, and what a relation was filtered by before.
type Both<W, F> = And<W, F>;

impl<R: RelationDef, W: Filtering, C, O, N, X> Relation<R, W, C, O, N, X> {
    /// Whether one or more of the related rows meet a condition. `false` if there are none.
    ///
    /// ```sql
    /// exists (select 1 from "posts" where "posts"."author_id" = "users"."id" and "posts"."words" > $1)
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let wordy = User::select().filter(User::posts.any(Post::words.gt(1000))).columns(User::name).all(&db)?;
    /// assert_eq!(wordy, ["Anna"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn any<E, I, F>(self, condition: E) -> RelatedSubquery<R, IsThere, Both<W, F>, Anything, NotNull>
    where
        O: Unlimited,
        E: FilterIn<R::Scope, I, Filter = F>,
    {
        RelatedSubquery::new(And::new(self.filter, condition.into_filter()), Anything::NEW, self.deleted)
    }

    /// Whether there are related rows.
    ///
    /// ```sql
    /// exists (select 1 from "posts" where "posts"."author_id" = "users"."id")
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// assert_eq!(User::select().filter(User::posts.exists()).count(&db)?, 2);
    /// assert_eq!(User::select().filter(not(User::posts.exists())).count(&db)?, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn exists(self) -> RelatedSubquery<R, IsThere, W, Anything, NotNull>
    where
        O: Unlimited,
    {
        RelatedSubquery::new(self.filter, Anything::NEW, self.deleted)
    }

    /// Whether none of the related rows meets a condition. `true` if there are none.
    ///
    /// ```sql
    /// not exists (select 1 from "posts" where "posts"."author_id" = "users"."id" and "posts"."words" > $1)
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let brief = User::select().filter(User::posts.none(Post::words.gt(1000))).columns(User::name).all(&db)?;
    /// assert_eq!(brief, ["Bob", "Cleo"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn none<E, I, F>(self, condition: E) -> RelatedSubquery<R, NotThere, Both<W, F>, Anything, NotNull>
    where
        O: Unlimited,
        E: FilterIn<R::Scope, I, Filter = F>,
    {
        RelatedSubquery::new(And::new(self.filter, condition.into_filter()), Anything::NEW, self.deleted)
    }

    /// Whether all of the related rows meet a condition. `true` if there are none; a row for which the condition is NULL
    /// does not meet it.
    ///
    /// ```sql
    /// not exists (select 1 from "posts" where "posts"."author_id" = "users"."id" and not coalesce("posts"."words" > $1, false))
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let all = User::select().filter(User::posts.every(Post::words.gt(800))).columns(User::name).all(&db)?;
    /// assert_eq!(all, ["Anna", "Bob"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn every<E, I, F>(self, condition: E) -> RelatedSubquery<R, NotThere, Both<W, Every<F>>, Anything, NotNull>
    where
        O: Unlimited,
        E: FilterIn<R::Scope, I, Filter = F>,
    {
        RelatedSubquery::new(And::new(self.filter, Every(condition.into_filter())), Anything::NEW, self.deleted)
    }

    /// The number of related rows.
    ///
    /// ```sql
    /// (select count(*) from "posts" where "posts"."author_id" = "users"."id")
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let counts = User::select().columns((User::name, User::posts.count())).order_by(User::posts.count().desc()).all(&db)?;
    /// assert_eq!(counts[0], ("Anna".to_owned(), 2));
    /// assert_eq!(User::select().filter(User::posts.count().gt(1)).count(&db)?, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn count(self) -> RelatedSubquery<R, ValueOf, W, CountAll, NotNull>
    where
        O: Unlimited,
    {
        RelatedSubquery::new(self.filter, CountAll, self.deleted)
    }

    /// The sum of an expression over the related rows; NULL if there are none.
    ///
    /// ```sql
    /// (select sum("posts"."words") from "posts" where "posts"."author_id" = "users"."id")
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let words: Vec<Option<i64>> = User::select().columns(User::posts.sum(Post::words)).order_by(User::id).all(&db)?;
    /// assert_eq!(words, [Some(2100), None, Some(400)]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn sum<E, I, T, D>(self, expr: E) -> RelatedSubquery<R, ValueOf, W, Aggregated<Sum, E, T, D>, Null>
    where
        O: Unlimited,
        E: Expr<Type: Summable<Sum = T, Needs = D>, Columns: InScope<R::Scope, I>>
            + ValidIn<R::Scope, I, Kind: RowLevel>,
    {
        RelatedSubquery::new(self.filter, Aggregated::new(expr), self.deleted)
    }

    /// The mean of an expression over the related rows; NULL if there are none.
    ///
    /// Like [`sum`](Relation::sum), but `avg`.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let mean: Option<f64> = User::find(1).columns(User::posts.avg(Post::words)).one(&db)?;
    /// assert_eq!(mean, Some(1050.0));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn avg<E, I, T, D>(self, expr: E) -> RelatedSubquery<R, ValueOf, W, Aggregated<Avg, E, T, D>, Null>
    where
        O: Unlimited,
        E: Expr<Type: Averageable<Average = T, Needs = D>, Columns: InScope<R::Scope, I>>
            + ValidIn<R::Scope, I, Kind: RowLevel>,
    {
        RelatedSubquery::new(self.filter, Aggregated::new(expr), self.deleted)
    }

    /// The smallest value of an expression over the related rows; NULL if there are none.
    ///
    /// Like [`sum`](Relation::sum), but `min`.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let shortest: Option<i32> = User::find(1).columns(User::posts.min(Post::words)).one(&db)?;
    /// assert_eq!(shortest, Some(900));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn min<E, I, T>(self, expr: E) -> RelatedSubquery<R, ValueOf, W, Aggregated<Min, E, T, ()>, Null>
    where
        O: Unlimited,
        E: Expr<Type: Orderable<Value = T>, Columns: InScope<R::Scope, I>> + ValidIn<R::Scope, I, Kind: RowLevel>,
    {
        RelatedSubquery::new(self.filter, Aggregated::new(expr), self.deleted)
    }

    /// The greatest value of an expression over the related rows; NULL if there are none.
    ///
    /// Like [`sum`](Relation::sum), but `max`.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names = User::select().columns(User::name).order_by(User::posts.max(Post::words).desc().nulls_last()).all(&db)?;
    /// assert_eq!(names, ["Anna", "Cleo", "Bob"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn max<E, I, T>(self, expr: E) -> RelatedSubquery<R, ValueOf, W, Aggregated<Max, E, T, ()>, Null>
    where
        O: Unlimited,
        E: Expr<Type: Orderable<Value = T>, Columns: InScope<R::Scope, I>> + ValidIn<R::Scope, I, Kind: RowLevel>,
    {
        RelatedSubquery::new(self.filter, Aggregated::new(expr), self.deleted)
    }

    /// An expression of the one related row; NULL if there is none.
    ///
    /// ```sql
    /// (select "users"."name" from "users" where "users"."id" = "posts"."author_id")
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let titles = Post::select()
    ///     .columns(Post::title)
    ///     .order_by((Post::author.value(User::name).desc(), Post::id))
    ///     .all(&db)?;
    /// assert_eq!(titles, ["Lifetimes", "Ownership", "Borrowing"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn value<E, I, V, M>(self, expr: E) -> RelatedSubquery<R, ValueOfRow, W, E, V>
    where
        O: Unlimited,
        E: Expr<Columns: InScope<R::Scope, I>> + ValidIn<R::Scope, I, Null = M, Kind: RowLevel>,
        W::Arity<R::Arity>: AtMostOne<Null: Nullability<Or<M> = V>>,
        M: Nullability,
    {
        RelatedSubquery::new(self.filter, expr, self.deleted)
    }
}

/// So that the filter of a relation says whether a row it leads to may be missing.
impl Filtering for NoFilter {
    type Arity<A: Arity> = A;
}

impl<A: Lower, B: Lower> Filtering for And<A, B> {
    type Arity<R: Arity> = R::Filtered;
}
