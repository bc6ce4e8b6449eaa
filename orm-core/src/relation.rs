//! Relations: how the rows of one table lead to those of another, and what can be done along them.
//!
//! `relations!` declares a [`Relation`] as a constant of its owner, such as `User::posts`. It is a handle: joined along,
//! filtered through, aggregated, and loaded, with what it is followed by saying what of it is meant.

mod arity;
mod children;
mod expr;
mod graph;
mod info;
mod into;
mod join;
mod key;
mod link;
mod load;
mod loaded;
mod rows;
#[cfg(feature = "serde")]
mod serialize;
mod shape;
mod tree;

use std::marker::PhantomData;

#[cfg(feature = "serde")]
pub use self::serialize::{SerializeExtras, SerializeRelations};
pub use self::{
    arity::{Arity, Many, One, Optional},
    children::BuiltIn,
    expr::{Anything, AtMostOne, Every, IsThere, NotThere, OwnerOf, RelatedSubquery, SubqueryKind, ValueOf},
    graph::{GraphReturning, InsertGraph, InsertGraphs, NewGraph, NewNested, NewRelated, NewRow, WithNew},
    info::{Count, Positions, RelationInfo, Through, Words},
    into::OwnerRow,
    join::RelatedOn,
    key::{KeyCell, Keys},
    link::{Between, ByKey, ByRow, Identifies, JoinTable, Members},
    load::{KeyPlaces, Load, Loadable, Loads},
    loaded::{Append, Assemble, DebugFields, Entry, ExtraValues, Gives, Loaded, LoadedRow},
    rows::{Itself, LeadsTo, RelatedRows, TargetRow},
    shape::{
        FieldOf, RowShape, ShapeFields, ShapeLoad, ShapeOf, ShapeRows, ShapedRelation, related, related_filtered,
        same_type, shape_column, shape_filter, shape_order,
    },
    tree::{Following, Node, Recursive, SameTable, Tree},
};
pub(crate) use self::{
    children::{Children, Found, column},
    loaded::Names,
};
#[cfg(feature = "serde")]
#[doc(hidden)]
pub use ::serde;

use crate::{
    expr::{And, OrderKind},
    query::{
        AnyCondition, Columns, Decoder, FilterIn, Filtering, ListOf, NoFilter, OrderByIn, OrderList, Page, Reading,
        Selection, ThenBy, Unordered,
    },
    scope::{Cons, Joined, Nil, NotNull, RowLevel, SourceList},
    table::Table,
};

/// What `relations!` says of a relation. Implemented by its marker.
pub trait RelationDef: Send + Sync + 'static {
    /// The table whose rows have the relation.
    type Owner: Table;
    /// The table it leads to.
    type Target: Table;
    /// What its filters and orders can read: the target, and the table between of a relation of many to many.
    type Scope: SourceList;
    /// How many rows it leads to.
    type Arity: Arity;
    /// The table between of a relation of many to many, `()` if there is none.
    type Between: Between;
    /// The columns by which rows belong together.
    const INFO: &'static RelationInfo;

    /// The filter that is part of its declaration.
    #[doc(hidden)]
    fn built_in() -> BuiltIn {
        None
    }
}

/// What a relation that leads straight to `T` can read.
pub type Direct<T> = Cons<Joined<T, NotNull>, Nil>;

/// What a relation that leads to `T` through `J` can read.
pub type ThroughTable<T, J> = Cons<Joined<J, NotNull>, Direct<T>>;

/// Computed values that are read beside a row: their expressions, and how they are read.
pub struct Extras<E = (), D = ()> {
    pub(crate) columns: E,
    pub(crate) names: Vec<&'static str>,
    read: PhantomData<fn() -> D>,
}

impl Extras {
    pub(crate) const NONE: Self = Self { columns: (), names: Vec::new(), read: PhantomData };
}

impl<E, D> Extras<E, D> {
    /// The same, and one more.
    pub(crate) fn and<C, F, E2, D2>(self, name: &'static str, column: C) -> Extras<E2, D2>
    where
        E: Append<C, Out = E2>,
        D: Append<F, Out = D2>,
    {
        let mut names = self.names;
        names.push(name);
        Extras { columns: self.columns.append(column), names, read: PhantomData }
    }
}

/// Computed values that are read beside a row.
#[doc(hidden)]
pub trait ExtrasOf: Send + Sync {
    type Values: Decoder;
    type Needs;
    type Columns: Columns;
    fn columns(&self) -> &Self::Columns;
    fn names(&self) -> Names;
}

/// A relation, and what of it is meant: `User::posts`, `User::posts.filter(Post::published.eq(true)).limit(5)`.
///
/// Given to [`with`](crate::query::Select::with), it is loaded; to a join, joined; and its methods [`any`](Relation::any), [`count`](Relation::count)
/// and so on are expressions about the rows it leads to.
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let users = User::select()
///     .with(User::posts.filter(Post::published.eq(true)).order_by(Post::id.desc()).limit(1))
///     .filter(User::posts.any(Post::words.gt(1000)))
///     .all(&db)?;
/// assert_eq!(users[0].name, "Anna");
/// assert_eq!(users[0].posts()[0].title, "Borrowing");
/// # Ok::<(), orm::Error>(())
/// ```
#[must_use = "a relation does nothing until it is loaded, joined, or part of an expression"]
pub struct Relation<R, W = NoFilter, C = TargetRow<R>, O = Unordered, N = (), X = Extras> {
    filter: W,
    columns: C,
    order: O,
    page: Page,
    nested: N,
    extras: X,
    relation: PhantomData<fn() -> R>,
}

impl<R> Relation<R> {
    /// The relation. Its type says all there is to say.
    pub const NEW: Self = Self {
        filter: NoFilter,
        columns: TargetRow::NEW,
        order: Unordered,
        page: Page::NONE,
        nested: (),
        extras: Extras::NONE,
        relation: PhantomData,
    };
}

/// The table of a relation's owner, which must be the one of the rows it is loaded for.
#[diagnostic::on_unimplemented(
    message = "a relation of `{Self}` cannot be loaded for rows of `{T}`",
    label = "a relation of `{Self}`, where rows are of `{T}`",
    note = "relations of the rows that a relation leads to are given to that relation: `.with(relation.with(..))`"
)]
pub trait OwnedBy<T> {}
#[diagnostic::do_not_recommend]
impl<T> OwnedBy<T> for T {}

/// An expression that can be read beside the rows of a relation, once for each.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read here",
    label = "expected an expression of the rows, a tuple of them, or a `#[derive(Row)]` projection"
)]
pub trait RelatedIn<Scope, Index> {}

impl<Sc, I, E> RelatedIn<Sc, I> for E
where
    E: Selection<Sc, I>,
    I: Reading<E, Sc>,
    I::Kind: RowLevel,
{
}

impl<R: RelationDef, W, C, O, N, X> Relation<R, W, C, O, N, X> {
    fn change<W2, C2, O2, N2, X2>(
        self,
        make: impl FnOnce(W, C, O, N, X) -> (W2, C2, O2, N2, X2),
    ) -> Relation<R, W2, C2, O2, N2, X2> {
        let (filter, columns, order, nested, extras) =
            make(self.filter, self.columns, self.order, self.nested, self.extras);
        Relation { filter, columns, order, page: self.page, nested, extras, relation: PhantomData }
    }

    /// Only the related rows that meet a condition, and all earlier ones. `None` adds nothing.
    ///
    /// The condition reads the table that the relation leads to, and the table between of a relation of many to many.
    ///
    /// ```sql
    /// select … from "posts" where "posts"."author_id" = any($1) and "posts"."words" > $2
    /// ```
    ///
    /// A filter makes a relation to one row optional: the row may not meet it.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let anna = User::find(1).with(User::posts.filter(Post::words.gt(1000))).one(&db)?;
    /// assert_eq!(anna.posts().len(), 1);
    ///
    /// let post = Post::find(3).with(Post::author.filter(User::age.ge(18))).one(&db)?;
    /// assert_eq!(post.author(), None);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn filter<E, I, F>(self, condition: E) -> Relation<R, And<W, F>, C, O, N, X>
    where
        E: FilterIn<R::Scope, I, Filter = F>,
    {
        self.change(|filter, columns, order, nested, extras| {
            (And::new(filter, condition.into_filter()), columns, order, nested, extras)
        })
    }

    /// Orders the related rows of each row. A further call orders those that are equal so far.
    ///
    /// ```sql
    /// select … from "posts" where "posts"."author_id" = any($1) order by "posts"."id" desc
    /// ```
    ///
    /// Without an order, they come in any.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let anna = User::find(1).with(User::posts.order_by(Post::words.desc())).one(&db)?;
    /// assert_eq!(anna.posts()[0].title, "Borrowing");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn order_by<E, I, K>(self, keys: E) -> Relation<R, W, C, ThenBy<O, K, I>, N, X>
    where
        E: OrderByIn<R::Scope, I, TargetRow<R>>,
        I: OrderKind<E, R::Scope, Keys = K>,
    {
        self.change(|filter, columns, order, nested, extras| {
            (filter, columns, ThenBy::new(order, I::into_keys(keys)), nested, extras)
        })
    }

    /// At most this many related rows of each row.
    ///
    /// ```sql
    /// select … from (select …, row_number() over (partition by "posts"."author_id" order by …) as "row" from "posts" …)
    /// as "ranked" where "row" <= $2 order by "row"
    /// ```
    ///
    /// A further call replaces the number.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let users = User::select().with(User::posts.order_by(Post::id).limit(1)).order_by(User::id).all(&db)?;
    /// let counts: Vec<usize> = users.iter().map(|user| user.posts().len()).collect();
    /// assert_eq!(counts, [1, 0, 1]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn limit(mut self, rows: u64) -> Self {
        self.page.set_limit(rows);
        self
    }

    /// Skips this many related rows of each row.
    ///
    /// ```sql
    /// select … from (select …, row_number() over (partition by "posts"."author_id" order by …) as "row" from "posts" …)
    /// as "ranked" where "row" > $2 order by "row"
    /// ```
    ///
    /// A further call replaces the number.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let anna = User::find(1).with(User::posts.order_by(Post::id).offset(1)).one(&db)?;
    /// assert_eq!(anna.posts()[0].title, "Borrowing");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn offset(mut self, rows: u64) -> Self {
        self.page.set_offset(rows);
        self
    }

    fn built_in() -> BuiltIn {
        R::built_in()
    }
}

impl<R: RelationDef, W, O> Relation<R, W, TargetRow<R>, O> {
    /// Reads these expressions of each related row instead of the whole row: one, a tuple of up to 16, or a
    /// `#[derive(Row)]` projection.
    ///
    /// Of a relation of many to many, the columns of the table between can be read, too.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let anna = User::find(1).with(User::posts.columns((Post::title, Post::words)).order_by(Post::id)).one(&db)?;
    /// assert_eq!(anna.posts(), [("Ownership".to_owned(), 900), ("Borrowing".to_owned(), 1200)]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn columns<E, I, L>(self, columns: E) -> Relation<R, W, L, O>
    where
        E: RelatedIn<R::Scope, I>,
        I: ListOf<E, R::Scope, List = L>,
    {
        self.change(|filter, _, order, (), extras| (filter, I::into_list(columns), order, (), extras))
    }

    /// Reads each related row as a struct that says which columns and relations it has: see
    /// [`Select::rows_as`](crate::query::Select::rows_as).
    pub fn rows_as<S>(self) -> Relation<R, W, ShapeRows<S>, O, S::Loads>
    where
        S: RowShape,
        R::Target: ShapeOf<S::Of>,
    {
        self.change(|filter, _, order, (), extras| (filter, ShapeRows::NEW, order, S::loads(), extras))
    }
}

impl<R: RelationDef, W, O, N, E, D> Relation<R, W, TargetRow<R>, O, N, Extras<E, D>> {
    /// Loads a relation of the related rows, too.
    ///
    /// Each level is one statement, whatever the number of rows.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let post = Post::find(1).with(Post::author.with(User::posts)).one(&db)?;
    /// assert_eq!((post.author().name.as_str(), post.author().posts().len()), ("Anna", 2));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn with<L>(self, relation: L) -> Relation<R, W, TargetRow<R>, O, (L, N), Extras<E, D>>
    where
        L: Loadable<Owner: OwnedBy<R::Target>>,
    {
        self.change(|filter, columns, order, nested, extras| (filter, columns, order, (relation, nested), extras))
    }

    /// Reads an expression beside each related row, under a name.
    ///
    /// It is among what [`extras`](Loaded::extras) of the loaded row gives, in the order of the calls; the name is the one it is serialized
    /// under. Up to eight.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let anna = User::find(1).with(User::posts.extra("minutes", Post::words / 200).order_by(Post::id)).one(&db)?;
    /// assert_eq!(*anna.posts()[1].extras(), Some(6));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn extra<F, I, E2, D2>(self, name: &'static str, value: F) -> Relation<R, W, TargetRow<R>, O, N, Extras<E2, D2>>
    where
        F: RelatedIn<R::Scope, I>,
        I: Reading<F, R::Scope>,
        E: Append<I::Columns, Out = E2>,
        D: Append<I::Decoder, Out = D2>,
    {
        self.change(|filter, columns, order, nested, extras| {
            (filter, columns, order, nested, extras.and(name, I::into_columns(value)))
        })
    }
}

impl<R, W, C, O, N, X> Relation<R, W, C, O, N, X>
where
    R: RelationDef,
    W: Filtering,
    C: RelatedRows<N, X::Values>,
    O: OrderList,
    N: Loads,
    X: ExtrasOf,
{
    fn children(&self) -> Children<'_, W, C, O, N, X> {
        Children {
            info: R::INFO,
            built_in: Self::built_in(),
            filter: &self.filter,
            columns: &self.columns,
            order: &self.order,
            page: self.page,
            nested: &self.nested,
            extras: &self.extras,
        }
    }
}

/// A condition as the filter of a relation, for `relations!`.
#[doc(hidden)]
pub fn built_in<Sc, E, I>(condition: E) -> Box<dyn AnyCondition<'static>>
where
    Sc: SourceList,
    E: FilterIn<Sc, I, Filter: 'static>,
{
    Box::new(condition.into_filter())
}
