//! Typed expressions.
//!
//! An expression is a value whose type tells what it is made of. It lowers to the [`ast`] when its text is needed,
//! adds to the [`Shape`] what its text depends on at run time, and hands its values to the driver; all three walk the
//! expression in the same order.

mod aggregate;
mod arithmetic;
mod cast;
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
    arithmetic::{Add, Arithmetic, Arithmetician, Concat, Div, Mul, Negate, Number, Rem, Sub},
    cast::{Cast, CastTo},
    column::{Column, Excluded},
    compare::{
        Between, Comparable, ComparableBase, Compare, Comparison, Eq, Equatable, EquatableBase, Ge, Gt, IsDistinctFrom,
        IsNotDistinctFrom, IsNotNull, IsNull, Le, Lt, Ne, NullTest,
    },
    function::{Abs, Call, Callable, Coalesce, Length, LowerCase, Trim, UpperCase, coalesce},
    list::{InList, IntoList},
    logic::{All, And, Any, Condition, ConditionList, IsBool, Not, Or, all, any, not},
    order::{OrderBy, OrderIn, OrderKey, Ordered},
    text::{Match, TextPattern, escape_like},
    value::{Maybe, Now, Value, now},
};

/// What every expression, and every list of them, can do for the query it is part of.
#[doc(hidden)]
pub trait Lower {
    /// The features a database needs for it.
    type Needs;
    /// The expression as plain data.
    fn to_ast(&self) -> ast::Expr;
    /// The expression as a condition; `None` if it turned out absent at run time.
    fn to_condition(&self) -> Option<ast::Expr> {
        Some(self.to_ast())
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
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an expression",
    label = "expected a column, or an expression made of columns and values"
)]
pub trait Expr: Lower + Sized + Send {
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
    fn is_null(self) -> NullTest<IsNull, Self> {
        NullTest::new(self)
    }

    /// Whether the value is not NULL.
    ///
    /// ```sql
    /// "users"."age" is not null
    /// ```
    fn is_not_null(self) -> NullTest<IsNotNull, Self> {
        NullTest::new(self)
    }

    /// `low <= self and self <= high`, both ends included.
    ///
    /// ```sql
    /// "users"."age" between $1 and $2
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
    fn in_list<L, X, V>(self, list: L) -> InList<Self, X, V>
    where
        Self::Type: Equatable,
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
    fn like<'a, P: TextPattern<'a>>(self, pattern: P) -> Match<'a, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Match { expr: self, matching: Matching::Like, pattern: pattern.into_text() }
    }

    /// Like [`like`](Expr::like), but ignoring case: of all letters on PostgreSQL, of ASCII letters only on SQLite.
    ///
    /// ```sql
    /// "users"."name" ilike $1                     -- PostgreSQL
    /// "users"."name" like ?1 escape '\'           -- SQLite
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
    fn contains<'a, P: TextPattern<'a>>(self, text: P) -> Match<'a, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Match { expr: self, matching: Matching::Contains, pattern: text.into_text() }
    }

    /// Whether the text begins with another, which is taken as it is. Case counts. Uses an index on the column.
    ///
    /// ```sql
    /// "users"."name" like $1                                  -- PostgreSQL, the text escaped
    /// ("users"."name" >= ?1 and "users"."name" < ?2)          -- SQLite
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
    fn concat<R, X>(self, other: R) -> Concat<Self, X>
    where
        Self::Type: DbType<Base: TextColumn>,
        R: IntoOperand<Self::Type, Operand = X>,
    {
        Concat { left: self, right: other.into_operand() }
    }

    /// The text in lower case: all letters on PostgreSQL, ASCII letters only on SQLite.
    ///
    /// ```sql
    /// lower("users"."name")
    /// ```
    fn lower(self) -> Call<LowerCase, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Call::new(self)
    }

    /// The text in upper case: all letters on PostgreSQL, ASCII letters only on SQLite.
    ///
    /// ```sql
    /// upper("users"."name")
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
    fn trim(self) -> Call<Trim, Self>
    where
        Self::Type: DbType<Base: TextColumn>,
    {
        Call::new(self)
    }

    /// The number of characters of the text. SQLite counts up to the first NUL character.
    ///
    /// ```sql
    /// length("users"."name")
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
    fn abs(self) -> Call<Abs, Self>
    where
        Self::Type: Number,
    {
        Call::new(self)
    }

    /// The value converted to another type, among those that convert the same way on every database.
    ///
    /// ```sql
    /// cast("posts"."words" as bigint)         -- PostgreSQL
    /// cast("posts"."words" as integer)        -- SQLite
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
    fn asc(self) -> Ordered<Self> {
        Ordered::new(self, Direction::Ascending)
    }

    /// Greatest first. NULLs come first on PostgreSQL and last on SQLite, unless said with `nulls_first` or
    /// `nulls_last`.
    ///
    /// ```sql
    /// order by "users"."name" desc
    /// ```
    fn desc(self) -> Ordered<Self> {
        Ordered::new(self, Direction::Descending)
    }
}

/// A value or expression that can stand where an expression of type `T` is expected.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not fit where SQL expects a `{T}`",
    label = "not a `{T}`",
    note = "both sides have the same SQL type: convert the value in Rust, or the expression with `.cast::<..>()`"
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
    note = "both sides have the same SQL type: convert the value in Rust, or the expression with `.cast::<..>()`"
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
        impl<$($($generics)+)?> $crate::expr::Expr for $ty {
            type Type = $value;
            type This = Self;
            fn this(self) -> Self {
                self
            }
        }
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
        impl<$($($generics)+,)? __Scope, __Index> $crate::query::Selection<__Scope, __Index> for $ty
        where
            Self: $crate::scope::ValidIn<__Scope, __Index> + $crate::expr::Expr,
        {
            type Decoder = $crate::query::Scalar<
                <Self as $crate::scope::ValidIn<__Scope, __Index>>::Null,
                <Self as $crate::expr::Expr>::Type,
            >;
            type Kind = <Self as $crate::scope::ValidIn<__Scope, __Index>>::Kind;
        }
    };
}

/// Implements `+ - * / %` and unary `-` with any operand of the same type.
macro_rules! arithmetic_operators {
    ({$($($generics:tt)+)?} $ty:ty) => {
        $crate::expr::arithmetic_operators!(@one Add add, {$($($generics)+)?} $ty);
        $crate::expr::arithmetic_operators!(@one Sub sub, {$($($generics)+)?} $ty);
        $crate::expr::arithmetic_operators!(@one Mul mul, {$($($generics)+)?} $ty);
        $crate::expr::arithmetic_operators!(@one Div div, {$($($generics)+)?} $ty);
        $crate::expr::arithmetic_operators!(@one Rem rem, {$($($generics)+)?} $ty);
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
    (@one $op:ident $method:ident, {$($($generics:tt)+)?} $ty:ty) => {
        impl<$($($generics)+,)? __Rhs> std::ops::$op<__Rhs> for $ty
        where
            <Self as $crate::expr::Expr>::Type: $crate::expr::Number,
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
