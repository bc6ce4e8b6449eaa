//! Typed expressions.
//!
//! An expression is a value whose type tells what it is made of. It lowers to the [`ast`] when its text is needed,
//! adds to the [`Shape`] what its text depends on at run time, and hands its values to the driver; all three walk the
//! expression in the same order.

mod aggregate;
mod arithmetic;
mod cast;
mod collection;
mod column;
mod compare;
mod function;
mod list;
mod logic;
mod order;
mod text;
mod value;

use crate::{
    ast::{self, Direction},
    executor::Shape,
    schema::TextColumn,
    types::{Binder, DbType, Matching},
};

pub use self::{
    aggregate::{
        Aggregated, Aggregation, Averageable, Avg, Count, CountAll, CountDistinct, Max, Min, Orderable, OrderableBase,
        Sum, Summable, avg, count, count_all, count_distinct, max, min, sum,
    },
    arithmetic::{Add, Arithmetic, Arithmetician, Concat, Div, Divisible, Mul, Negate, Number, Rem, Sub},
    cast::{Cast, CastTo},
    collection::{ArrayBase, ArrayLength, Collection, CollectionExpr, Has, RangeBase, Related},
    column::{Column, Excluded},
    compare::{
        Between, Comparable, ComparableBase, Compare, Comparison, Eq, Equatable, EquatableBase, Ge, Gt, IsDistinctFrom,
        IsNotDistinctFrom, IsNotNull, IsNull, Le, Listable, ListableBase, Lt, Ne, NullTest,
    },
    function::{Abs, Call, Callable, Coalesce, Length, LowerCase, Trim, UpperCase, coalesce},
    list::{InList, IntoList},
    logic::{All, And, Any, Condition, ConditionList, IsBool, Not, Or, all, any, not},
    order::{Directed, OrderBy, OrderIn, OrderKey, OrderKind, Ordered},
    text::{Match, TextPattern, escape_like},
    value::{Maybe, Now, Value, now},
};

/// What every expression, and every list of them, can do for the query it is part of.
#[doc(hidden)]
pub trait Lower: Send + Sync {
    /// The features a database needs for it.
    type Needs;
    /// The columns it reads, in the form of the expression: `(L, R)` for one of two operands, `()` for a value.
    type Columns;
    /// The expression as plain data.
    fn to_ast(&self) -> ast::Expr;
    /// The expression as a condition; `None` if it turned out absent at run time.
    fn to_condition(&self) -> Option<ast::Expr> {
        Some(self.to_ast())
    }
    /// What is joined by this condition: its source, or that and another table between.
    fn join_source(&self, source: ast::Source) -> ast::Source {
        source
    }
    /// Adds what the text depends on at run time.
    fn add_shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// An SQL expression: a column, a value, or something computed from them.
///
/// Operands convert through [`IntoExpr`]: where a `String` is expected, `&str` will do, and so will another expression
/// of that type. NULL follows SQL: most operators give NULL for a NULL operand, and a row whose filter is NULL is not
/// matched.
///
/// Building an expression allocates nothing and sends nothing. The methods show their SQL as PostgreSQL reads it;
/// SQLite writes `?1` for `$1`, and where more differs both are shown.
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let minutes = Post::words / 200 + 1;
/// let slow = Post::select().filter(minutes.gt(5)).columns(Post::title).all(&db)?;
/// assert_eq!(slow, ["Borrowing"]);
/// # Ok::<(), orm::Error>(())
/// ```
#[allow(clippy::wrong_self_convention, reason = "an expression is a small value that becomes a part of another")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an expression",
    label = "expected a column, or an expression made of columns and values"
)]
pub trait Expr: Lower + Sized {
    /// The Rust type of its value, without `Option`.
    type Type: Send + 'static;
    /// This type again. (Keeps rustc from assuming that whatever stands in an operand's place is an expression, which
    /// would give a second error for one mistake.)
    #[doc(hidden)]
    type This: Expr<Type = Self::Type>;
    #[doc(hidden)]
    fn this(self) -> Self::This;

    /// `self = other`. NULL on either side gives NULL, so the row is not matched.
    ///
    /// ```sql
    /// "users"."name" = $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let anna = User::select().filter(User::name.eq("Anna")).one(&db)?;
    /// assert_eq!(anna.id, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn eq<R, X>(self, other: R) -> Compare<Eq, Self, X>
    where
        Self::Type: Equatable,
        R: IntoOperand<Self::Type, Operand = X>,
    {
        Compare::new(self, other.into_operand())
    }

    /// `self <> other`. NULL on either side gives NULL, so the row is not matched.
    ///
    /// ```sql
    /// "users"."name" <> $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// // Bob is not among them: his age is NULL, which is neither 31 nor not 31.
    /// let names: Vec<String> = User::select().filter(User::age.ne(31)).columns(User::name).all(&db)?;
    /// assert_eq!(names, ["Cleo"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn ne<R, X>(self, other: R) -> Compare<Ne, Self, X>
    where
        Self::Type: Equatable,
        R: IntoOperand<Self::Type, Operand = X>,
    {
        Compare::new(self, other.into_operand())
    }

    /// `self < other`. NULL on either side gives NULL, so the row is not matched.
    ///
    /// Text is compared by its bytes on SQLite, by the column's collation on PostgreSQL.
    ///
    /// ```sql
    /// "users"."age" < $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names: Vec<String> = User::select().filter(User::age.lt(18)).columns(User::name).all(&db)?;
    /// assert_eq!(names, ["Cleo"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn lt<R, X>(self, other: R) -> Compare<Lt, Self, X>
    where
        Self::Type: Comparable,
        R: IntoOperand<Self::Type, Operand = X>,
    {
        Compare::new(self, other.into_operand())
    }

    /// `self <= other`. NULL on either side gives NULL, so the row is not matched.
    ///
    /// Text is compared by its bytes on SQLite, by the column's collation on PostgreSQL.
    ///
    /// ```sql
    /// "users"."age" <= $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let short = Post::select().filter(Post::words.le(900)).count(&db)?;
    /// assert_eq!(short, 2);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn le<R, X>(self, other: R) -> Compare<Le, Self, X>
    where
        Self::Type: Comparable,
        R: IntoOperand<Self::Type, Operand = X>,
    {
        Compare::new(self, other.into_operand())
    }

    /// `self > other`. NULL on either side gives NULL, so the row is not matched.
    ///
    /// Text is compared by its bytes on SQLite, by the column's collation on PostgreSQL.
    ///
    /// ```sql
    /// "users"."age" > $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let long = Post::select().filter(Post::words.gt(900)).one(&db)?;
    /// assert_eq!(long.title, "Borrowing");
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn gt<R, X>(self, other: R) -> Compare<Gt, Self, X>
    where
        Self::Type: Comparable,
        R: IntoOperand<Self::Type, Operand = X>,
    {
        Compare::new(self, other.into_operand())
    }

    /// `self >= other`. NULL on either side gives NULL, so the row is not matched.
    ///
    /// Text is compared by its bytes on SQLite, by the column's collation on PostgreSQL.
    ///
    /// ```sql
    /// "users"."age" >= $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names: Vec<String> = User::select().filter(User::age.ge(18)).columns(User::name).all(&db)?;
    /// assert_eq!(names, ["Anna"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn ge<R, X>(self, other: R) -> Compare<Ge, Self, X>
    where
        Self::Type: Comparable,
        R: IntoOperand<Self::Type, Operand = X>,
    {
        Compare::new(self, other.into_operand())
    }

    /// Different, NULL being a value like any other: it is distinct from everything but NULL. Takes an `Option`, too.
    ///
    /// ```sql
    /// "users"."age" is distinct from $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names: Vec<String> = User::select().filter(User::age.is_distinct_from(31)).columns(User::name).all(&db)?;
    /// assert_eq!(names, ["Bob", "Cleo"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn is_distinct_from<R, X>(self, other: R) -> Compare<IsDistinctFrom, Self, X>
    where
        Self::Type: Equatable,
        R: IntoExpr<Self::Type, Expr = X>,
    {
        Compare::new(self, other.into_expr())
    }

    /// Equal, NULL being equal to NULL. Takes an `Option`, too.
    ///
    /// ```sql
    /// "users"."age" is not distinct from $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let age: Option<i32> = None;
    /// let names: Vec<String> = User::select().filter(User::age.is_not_distinct_from(age)).columns(User::name).all(&db)?;
    /// assert_eq!(names, ["Bob"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn is_not_distinct_from<R, X>(self, other: R) -> Compare<IsNotDistinctFrom, Self, X>
    where
        Self::Type: Equatable,
        R: IntoExpr<Self::Type, Expr = X>,
    {
        Compare::new(self, other.into_expr())
    }

    /// Whether the value is NULL.
    ///
    /// ```sql
    /// "users"."age" is null
    /// ```
    ///
    /// Never NULL itself. After a left join, a column that cannot be NULL otherwise tells whether a row was found.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names: Vec<String> = User::select().filter(User::age.is_null()).columns(User::name).all(&db)?;
    /// assert_eq!(names, ["Bob"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn is_null(self) -> NullTest<IsNull, Self> {
        NullTest::new(self)
    }

    /// Whether the value is not NULL.
    ///
    /// ```sql
    /// "users"."age" is not null
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names: Vec<String> = User::select().filter(User::age.is_not_null()).columns(User::name).all(&db)?;
    /// assert_eq!(names, ["Anna", "Cleo"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn is_not_null(self) -> NullTest<IsNotNull, Self> {
        NullTest::new(self)
    }

    /// `low <= self and self <= high`, both ends included.
    ///
    /// ```sql
    /// "users"."age" between $1 and $2
    /// ```
    ///
    /// NULL in any of the three gives NULL, unless the other two decide already. Nothing is between a low end and a
    /// smaller high end.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let titles = Post::select().filter(Post::words.between(400, 900)).columns(Post::title).all(&db)?;
    /// assert_eq!(titles, ["Ownership", "Lifetimes"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn between<A, B, X, Y>(self, low: A, high: B) -> Between<Self, X, Y>
    where
        Self::Type: Comparable,
        A: IntoOperand<Self::Type, Operand = X>,
        B: IntoOperand<Self::Type, Operand = Y>,
    {
        Between { expr: self, low: low.into_operand(), high: high.into_operand() }
    }

    /// Whether the value is one of a list, which may be empty and of any length: it is bound as one value.
    ///
    /// An empty list matches nothing. NULL is in no list.
    ///
    /// ```sql
    /// "users"."id" = any($1)                                     -- PostgreSQL
    /// "users"."id" in (select value from json_each(?1))          -- SQLite
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let ids = vec![1, 3];
    /// let names: Vec<String> = User::select().filter(User::id.in_list(&ids)).columns(User::name).all(&db)?;
    /// assert_eq!(names, ["Anna", "Cleo"]);
    /// assert_eq!(User::select().filter(User::id.in_list(&[])).count(&db)?, 0);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn in_list<L, X, V>(self, list: L) -> InList<Self, X, V>
    where
        Self::Type: Equatable + Listable,
        L: IntoList<Self::Type, List = X, Item = V>,
    {
        InList::new(self, list.into_list())
    }

    /// Whether the text matches a pattern in which `%` stands for any text and `_` for any character. Case counts, on
    /// SQLite too.
    ///
    /// A wildcard after `\` stands for itself: pass user input through [`escape_like`], or use
    /// [`contains`](Expr::contains).
    ///
    /// ```sql
    /// "users"."name" like $1          -- PostgreSQL
    /// "users"."name" glob ?1          -- SQLite, the pattern translated
    /// ```
    ///
    /// On SQLite no index is used; [`starts_with`](Expr::starts_with) uses one. A pattern with a NUL, or of more than
    /// 50,000 bytes, is [`Error::Encode`](crate::Error::Encode) there, and of a stored text that has a NUL only what is
    /// before it is matched.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names: Vec<String> = User::select().filter(User::name.like("_o%")).columns(User::name).all(&db)?;
    /// assert_eq!(names, ["Bob"]);
    /// assert!(!User::select().filter(User::name.like("bob")).exists(&db)?);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn like<'a, P: TextPattern<'a>>(self, pattern: P) -> Match<'a, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Match { expr: self, matching: Matching::Like, pattern: pattern.into_text() }
    }

    /// Like [`like`](Expr::like), but ignoring case: of all letters its locale knows on PostgreSQL, of ASCII letters only
    /// on SQLite.
    ///
    /// ```sql
    /// "users"."name" ilike $1                     -- PostgreSQL
    /// "users"."name" like ?1 escape '\'           -- SQLite
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names: Vec<String> = User::select().filter(User::name.ilike("ann%")).columns(User::name).all(&db)?;
    /// assert_eq!(names, ["Anna"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn ilike<'a, P: TextPattern<'a>>(self, pattern: P) -> Match<'a, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Match { expr: self, matching: Matching::ILike, pattern: pattern.into_text() }
    }

    /// Whether the text contains another, which is taken as it is: nothing in it is a wildcard. Case counts.
    ///
    /// ```sql
    /// "users"."name" like $1              -- PostgreSQL, the text escaped
    /// instr("users"."name", ?1) > 0       -- SQLite
    /// ```
    ///
    /// Every text contains the empty one. Reads every row: no index helps.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let posts = Post::select().filter(Post::title.contains("row")).columns(Post::title).all(&db)?;
    /// assert_eq!(posts, ["Borrowing"]);
    /// assert!(!Post::select().filter(Post::title.contains("%")).exists(&db)?);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn contains<'a, P: TextPattern<'a>>(self, text: P) -> Match<'a, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Match { expr: self, matching: Matching::Contains, pattern: text.into_text() }
    }

    /// Whether the text begins with another, which is taken as it is. Case counts, whatever the column's collation.
    /// Uses an index on the column, on SQLite if the column was given no collation.
    ///
    /// ```sql
    /// "users"."name" like $1                                  -- PostgreSQL, the text escaped
    /// ("users"."name" >= ?1 and "users"."name" < ?2)          -- SQLite
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let posts = Post::select().filter(Post::title.starts_with("Own")).columns(Post::title).all(&db)?;
    /// assert_eq!(posts, ["Ownership"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn starts_with<'a, P: TextPattern<'a>>(self, text: P) -> Match<'a, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Match { expr: self, matching: Matching::StartsWith, pattern: text.into_text() }
    }

    /// Whether the text ends with another, which is taken as it is. Case counts.
    ///
    /// ```sql
    /// "users"."name" like $1          -- PostgreSQL, the text escaped
    /// "users"."name" glob ?1          -- SQLite, the text escaped
    /// ```
    ///
    /// On SQLite a NUL ends a text here: see [`like`](Expr::like).
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let posts = Post::select().filter(Post::title.ends_with("times")).columns(Post::title).all(&db)?;
    /// assert_eq!(posts, ["Lifetimes"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn ends_with<'a, P: TextPattern<'a>>(self, text: P) -> Match<'a, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Match { expr: self, matching: Matching::EndsWith, pattern: text.into_text() }
    }

    /// This text followed by another. NULL if either is.
    ///
    /// ```sql
    /// "users"."name" || $1
    /// ```
    ///
    /// For a column that may be NULL: `coalesce(column, "").concat(..)`.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let line = User::find(1).columns(User::name.concat(" <").concat(User::email).concat(">")).one(&db)?;
    /// assert_eq!(line, "Anna <anna@example.com>");
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn concat<R, X, T>(self, other: R) -> Concat<Self, X>
    where
        Self::Type: DbType<Base: TextColumn<Value<Self::Type> = T>>,
        R: IntoOperand<T, Operand = X>,
    {
        Concat { left: self, right: other.into_operand() }
    }

    /// The text in lower case: all letters its locale knows on PostgreSQL, ASCII letters only on SQLite.
    ///
    /// ```sql
    /// lower("users"."name")
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// assert_eq!(User::find(1).columns(User::name.lower()).one(&db)?, "anna");
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn lower(self) -> Call<LowerCase, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Call::new(self)
    }

    /// The text in upper case: all letters its locale knows on PostgreSQL, ASCII letters only on SQLite.
    ///
    /// ```sql
    /// upper("users"."name")
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// assert_eq!(User::find(1).columns(User::name.upper()).one(&db)?, "ANNA");
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn upper(self) -> Call<UpperCase, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Call::new(self)
    }

    /// The text without spaces around it.
    ///
    /// ```sql
    /// trim("users"."name")
    /// ```
    ///
    /// Other white space, such as tabs and line ends, stays.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// User::update().set(User::name, "  Anna ").filter(User::id.eq(1)).execute(&db)?;
    /// assert_eq!(User::find(1).columns(User::name.trim()).one(&db)?, "Anna");
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn trim(self) -> Call<Trim, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Call::new(self)
    }

    /// The number of characters of the text. SQLite counts up to the first NUL character.
    ///
    /// ```sql
    /// cast(length("users"."name") as bigint)          -- PostgreSQL
    /// length("users"."name")                          -- SQLite
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let long = User::select().filter(User::name.length().gt(3)).columns(User::name).all(&db)?;
    /// assert_eq!(long, ["Anna", "Cleo"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn length(self) -> Call<Length, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Call::new(self)
    }

    /// The number without its sign.
    ///
    /// ```sql
    /// abs("posts"."words")
    /// ```
    ///
    /// The smallest number of 64 bits has none; for it the database reports an error.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let distance = Post::find(1).columns((Post::words - 1000).abs()).one(&db)?;
    /// assert_eq!(distance, 100);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn abs<N>(self) -> Call<Abs<N>, Self>
    where
        Self::Type: Number<Needs = N>,
        N: 'static,
    {
        Call::new(self)
    }

    /// The value converted to another type, if it converts the same way on every database.
    ///
    /// ```sql
    /// cast("posts"."words" as text)
    /// ```
    ///
    /// Numbers widen, numbers become floats, and integers and UUIDs become text; anything else does not compile. NULL
    /// stays NULL.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let label = Post::find(1).columns(Post::words.cast::<String>().concat(" words")).one(&db)?;
    /// assert_eq!(label, "900 words");
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn cast<T>(self) -> Cast<Self, T>
    where
        Self::Type: CastTo<T>,
    {
        Cast::new(self)
    }

    /// Smallest first. NULLs come last on PostgreSQL and first on SQLite, unless said with `nulls_first` or
    /// `nulls_last`.
    ///
    /// ```sql
    /// order by "users"."name"
    /// ```
    ///
    /// An expression without a direction is ordered this way, too. Text is in the order of its bytes on SQLite, of the
    /// column's collation on PostgreSQL.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names = User::select().columns(User::name).order_by(User::name.asc()).all(&db)?;
    /// assert_eq!(names, ["Anna", "Bob", "Cleo"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn asc(self) -> Ordered<Self> {
        Ordered::new(self, Direction::Ascending)
    }

    /// Greatest first. NULLs come first on PostgreSQL and last on SQLite, unless said with `nulls_first` or
    /// `nulls_last`.
    ///
    /// ```sql
    /// order by "users"."name" desc
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let titles = Post::select().columns(Post::title).order_by(Post::words.desc()).all(&db)?;
    /// assert_eq!(titles, ["Borrowing", "Ownership", "Lifetimes"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn desc(self) -> Ordered<Self> {
        Ordered::new(self, Direction::Descending)
    }
}

/// A value or expression that can stand where an expression of type `T` is expected.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit where SQL expects a `{T}`",
    label = "not a `{T}`",
    note = "both sides need the same type: convert the value in Rust, or the expression with `.cast::<..>()`"
)]
pub trait IntoExpr<T> {
    /// The expression.
    type Expr: Expr<Type = T>;
    /// Converts it.
    fn into_expr(self) -> Self::Expr;
}

#[diagnostic::do_not_recommend]
impl<E: Expr<Type = T>, T: 'static> IntoExpr<T> for E {
    type Expr = E::This;
    fn into_expr(self) -> E::This {
        self.this()
    }
}

/// An expression that may be compared: everything but an `Option`.
#[diagnostic::on_unimplemented(
    message = "an `Option` cannot be compared: in SQL nothing is equal to NULL",
    label = "compared with an `Option`",
    note = "use `.is_null()`, or `.is_not_distinct_from(..)` to treat NULL as equal to NULL"
)]
pub trait Operand: Expr {}

/// A value or expression of type `T` that may be compared with.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit where SQL expects a `{T}`",
    label = "not a `{T}`",
    note = "both sides need the same type: convert the value in Rust, or the expression with `.cast::<..>()`"
)]
pub trait IntoOperand<T> {
    /// The expression.
    type Operand: Operand<Type = T>;
    /// Converts it.
    fn into_operand(self) -> Self::Operand;
}

impl<R, T> IntoOperand<T> for R
where
    R: IntoExpr<T>,
    R::Expr: Operand,
{
    type Operand = R::Expr;
    fn into_operand(self) -> R::Expr {
        self.into_expr()
    }
}

/// Implements what all expressions have in common: [`Expr`], their place in a select list, and operators.
macro_rules! expression {
    ($({$($generics:tt)+})? $ty:ty, type = $value:ty) => {
        #[diagnostic::do_not_recommend]
        impl<$($($generics)+)?> $crate::expr::Expr for $ty {
            type Type = $value;
            type This = Self;
            fn this(self) -> Self {
                self
            }
        }
        #[diagnostic::do_not_recommend]
        impl<$($($generics)+)?> $crate::expr::Operand for $ty {}
        $crate::expr::selectable!({$($($generics)+)?} $ty);
        $crate::expr::arithmetic_operators!({$($($generics)+)?} $ty);
    };
}

/// Implements the place of a single expression in a select list.
macro_rules! selectable {
    ({$($($generics:tt)+)?} $ty:ty) => {
        impl<$($($generics)+)?> $crate::query::Columns for $ty {
            const WIDTH: usize = 1;
            type Needs = <Self as $crate::expr::Lower>::Needs;
            fn lower(&self, out: &mut Vec<$crate::ast::Expr>) {
                out.push($crate::expr::Lower::to_ast(self));
            }
            fn shape(&self, shape: &mut $crate::executor::Shape) {
                $crate::expr::Lower::add_shape(self, shape);
            }
            fn bind<'__q>(&'__q self, out: &mut dyn $crate::types::Binder<'__q>) {
                $crate::expr::Lower::bind_values(self, out);
            }
        }
        impl<$($($generics)+,)? __Scope, __Index> $crate::query::Selection<__Scope, $crate::query::One<__Index>> for $ty
        where
            <Self as $crate::expr::Lower>::Columns: $crate::scope::InScope<__Scope, __Index>,
        {
        }
        impl<$($($generics)+,)? __Scope, __Index> $crate::expr::OrderIn<__Scope, $crate::query::One<__Index>> for $ty
        where
            <Self as $crate::expr::Expr>::Type: $crate::expr::Equatable,
            <Self as $crate::expr::Lower>::Columns: $crate::scope::InScope<__Scope, __Index>,
        {
        }
    };
}

/// Implements `+ - * / %` and unary `-` with any operand of the same type.
macro_rules! arithmetic_operators {
    ({$($($generics:tt)+)?} $ty:ty) => {
        $crate::expr::arithmetic_operators!(@one Add add Number, {$($($generics)+)?} $ty);
        $crate::expr::arithmetic_operators!(@one Sub sub Number, {$($($generics)+)?} $ty);
        $crate::expr::arithmetic_operators!(@one Mul mul Number, {$($($generics)+)?} $ty);
        $crate::expr::arithmetic_operators!(@one Div div Number, {$($($generics)+)?} $ty);
        $crate::expr::arithmetic_operators!(@one Rem rem Divisible, {$($($generics)+)?} $ty);
        impl<$($($generics)+)?> std::ops::Neg for $ty
        where
            <Self as $crate::expr::Expr>::Type: $crate::expr::Number,
        {
            type Output = $crate::expr::Negate<Self>;
            fn neg(self) -> Self::Output {
                $crate::expr::Negate(self)
            }
        }
    };
    (@one $op:ident $method:ident $operand:ident, {$($($generics:tt)+)?} $ty:ty) => {
        impl<$($($generics)+,)? __Rhs> std::ops::$op<__Rhs> for $ty
        where
            <Self as $crate::expr::Expr>::Type: $crate::expr::$operand,
            __Rhs: $crate::expr::IntoExpr<<Self as $crate::expr::Expr>::Type>,
        {
            type Output = $crate::expr::Arithmetic<$crate::expr::$op, Self, __Rhs::Expr>;
            fn $method(self, right: __Rhs) -> Self::Output {
                $crate::expr::Arithmetic::new(self, right.into_expr())
            }
        }
    };
}

pub(crate) use {arithmetic_operators, expression, selectable};
