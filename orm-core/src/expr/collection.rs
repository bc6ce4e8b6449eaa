//! What arrays and ranges have in them.

use super::{Expr, IntoOperand, Lower, expression};
use crate::{
    ast::{self, BinaryOp, Function},
    executor::Shape,
    scope::{Kind, NotNull, Nullability, ValidIn},
    types::{ArrayItem, Binder, DbType, Range, RangeItem},
};

/// A type whose values hold values: an array or a range.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither an array nor a range",
    label = "expected a column of arrays or ranges"
)]
pub trait Collection: 'static {
    /// The type of what they hold.
    type Item: 'static;
    /// Whether something they hold may be NULL, which makes it unknown whether they hold another value.
    type Null: Nullability;
    /// How the database asks whether they hold a value.
    const HAS: BinaryOp;
}

#[diagnostic::do_not_recommend]
impl<T: ArrayItem> Collection for Vec<T> {
    type Item = T::Element;
    type Null = T::Null;
    const HAS: BinaryOp = BinaryOp::EqAny;
}

#[diagnostic::do_not_recommend]
impl<T: RangeItem> Collection for Range<T> {
    type Item = T;
    type Null = NotNull;
    const HAS: BinaryOp = BinaryOp::ContainsValue;
}

/// The conditions on arrays and ranges. PostgreSQL only: elsewhere they do not compile.
#[allow(clippy::wrong_self_convention, reason = "an expression is a small value that becomes a part of another")]
pub trait CollectionExpr: Expr {
    /// Whether an item of the array is equal to this value, or the value is in the range. NULL if no item is equal, but one
    /// is NULL.
    ///
    /// ```sql
    /// $1 = any("articles"."tags")
    /// "bookings"."nights" @> cast($1 as integer)
    /// ```
    ///
    /// An index on an array is of no use here, but for [`contains_all`](CollectionExpr::contains_all).
    ///
    /// ```
    /// use orm::{postgres::Postgres, prelude::*};
    ///
    /// #[derive(Table)]
    /// struct Article {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     tags: Vec<String>,
    /// }
    ///
    /// let rust = Article::delete().filter(Article::tags.has("rust"));
    /// assert_eq!(rust.to_sql(Postgres)?, r#"delete from "articles" where $1 = any("articles"."tags")"#);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn has<R, X>(self, value: R) -> Has<Self, X>
    where
        Self::Type: DbType<Base: Collection>,
        R: IntoOperand<<<Self::Type as DbType>::Base as Collection>::Item, Operand = X>,
    {
        Has { collection: self, value: value.into_operand() }
    }

    /// Whether every item of another array is one of this array's, in whatever order and however often, or every value of
    /// another range is in this range. A NULL is equal to no item.
    ///
    /// ```sql
    /// "articles"."tags" @> $1
    /// ```
    ///
    /// ```
    /// use orm::{postgres::Postgres, prelude::*};
    ///
    /// #[derive(Table)]
    /// struct Article {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     tags: Vec<String>,
    /// }
    ///
    /// let both = Article::delete().filter(Article::tags.contains_all(["rust", "sql"]));
    /// assert_eq!(both.to_sql(Postgres)?, r#"delete from "articles" where "articles"."tags" @> $1"#);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn contains_all<R, X>(self, other: R) -> Related<Self, X>
    where
        Self::Type: DbType<Base: Collection>,
        R: IntoOperand<Self::Type, Operand = X>,
    {
        Related { left: self, right: other.into_operand(), op: BinaryOp::Contains }
    }

    /// Whether every item of this array is one of another's, in whatever order and however often, or every value of this
    /// range is in another range. A NULL is equal to no item.
    ///
    /// ```sql
    /// "articles"."tags" <@ $1
    /// ```
    ///
    /// ```
    /// use orm::{postgres::Postgres, prelude::*};
    ///
    /// #[derive(Table)]
    /// struct Article {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     tags: Vec<String>,
    /// }
    ///
    /// let known = Article::delete().filter(Article::tags.contained_in(["rust", "sql"]));
    /// assert_eq!(known.to_sql(Postgres)?, r#"delete from "articles" where "articles"."tags" <@ $1"#);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn contained_in<R, X>(self, other: R) -> Related<Self, X>
    where
        Self::Type: DbType<Base: Collection>,
        R: IntoOperand<Self::Type, Operand = X>,
    {
        Related { left: self, right: other.into_operand(), op: BinaryOp::ContainedIn }
    }

    /// Whether an item of this array is one of another's, or two ranges have a value in common. A NULL is equal to no item.
    ///
    /// ```sql
    /// "articles"."tags" && $1
    /// ```
    ///
    /// ```
    /// use orm::{postgres::Postgres, prelude::*};
    ///
    /// #[derive(Table)]
    /// struct Article {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     tags: Vec<String>,
    /// }
    ///
    /// let either = Article::delete().filter(Article::tags.overlaps(["rust", "sql"]));
    /// assert_eq!(either.to_sql(Postgres)?, r#"delete from "articles" where "articles"."tags" && $1"#);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn overlaps<R, X>(self, other: R) -> Related<Self, X>
    where
        Self::Type: DbType<Base: Collection>,
        R: IntoOperand<Self::Type, Operand = X>,
    {
        Related { left: self, right: other.into_operand(), op: BinaryOp::Overlaps }
    }

    /// Whether one of two ranges ends where the other begins, with nothing between them and nothing in both.
    ///
    /// ```sql
    /// "bookings"."nights" -|- $1
    /// ```
    ///
    /// ```
    /// use orm::{postgres::Postgres, prelude::*};
    ///
    /// #[derive(Table)]
    /// struct Booking {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     nights: Range<i32>,
    /// }
    ///
    /// let next_to = Booking::delete().filter(Booking::nights.adjacent(3..5));
    /// assert_eq!(next_to.to_sql(Postgres)?, r#"delete from "bookings" where "bookings"."nights" -|- $1"#);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn adjacent<R, X>(self, other: R) -> Related<Self, X>
    where
        Self::Type: DbType<Base: RangeBase>,
        R: IntoOperand<Self::Type, Operand = X>,
    {
        Related { left: self, right: other.into_operand(), op: BinaryOp::Adjacent }
    }

    /// The number of items of the array, NULLs included; 0 if it is empty.
    ///
    /// ```sql
    /// cast(cardinality("articles"."tags") as bigint)
    /// ```
    ///
    /// ```
    /// use orm::{postgres::Postgres, prelude::*};
    ///
    /// #[derive(Table)]
    /// struct Article {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     tags: Vec<String>,
    /// }
    ///
    /// let untagged = Article::delete().filter(Article::tags.array_length().eq(0));
    /// assert_eq!(
    ///     untagged.to_sql(Postgres)?,
    ///     r#"delete from "articles" where cast(cardinality("articles"."tags") as bigint) = $1"#
    /// );
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn array_length(self) -> ArrayLength<Self>
    where
        Self::Type: DbType<Base: ArrayBase>,
    {
        ArrayLength(self)
    }
}

impl<E: Expr> CollectionExpr for E {}

/// The storage types with items that can be counted.
#[diagnostic::on_unimplemented(message = "`{Self}` is not an array", label = "expected a column of arrays")]
pub trait ArrayBase {}
#[diagnostic::do_not_recommend]
impl<T: ArrayItem> ArrayBase for Vec<T> {}

/// The storage types with a beginning and an end.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a range", label = "expected a column of ranges")]
pub trait RangeBase {}
#[diagnostic::do_not_recommend]
impl<T: RangeItem> RangeBase for Range<T> {}

/// A collection has a value.
pub struct Has<C, V> {
    collection: C,
    value: V,
}

impl<C: Expr<Type: DbType<Base: Collection>>, V: Lower> Has<C, V> {
    /// `value = any(array)`, but `range @> value`.
    const VALUE_FIRST: bool = matches!(<<C::Type as DbType>::Base as Collection>::HAS, BinaryOp::EqAny);

    /// What is written first, and what second.
    fn operands(&self) -> (&dyn Side, &dyn Side) {
        if Self::VALUE_FIRST { (&self.value, &self.collection) } else { (&self.collection, &self.value) }
    }
}

/// [`Lower`] of any operand.
trait Side {
    fn to_ast(&self) -> ast::Expr;
    fn add_shape(&self, shape: &mut Shape);
    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>);
}

impl<E: Lower> Side for E {
    fn to_ast(&self) -> ast::Expr {
        Lower::to_ast(self)
    }

    fn add_shape(&self, shape: &mut Shape) {
        Lower::add_shape(self, shape);
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_values(out);
    }
}

impl<C: Expr<Type: DbType<Base: Collection>>, V: Lower> Lower for Has<C, V> {
    type Needs = (<C::Type as DbType>::Needs, (C::Needs, V::Needs));
    type Columns = (C::Columns, V::Columns);

    fn to_ast(&self) -> ast::Expr {
        let (left, right) = self.operands();
        let op = <<C::Type as DbType>::Base as Collection>::HAS;
        ast::Expr::Binary(Box::new(left.to_ast()), op, Box::new(right.to_ast()))
    }

    fn add_shape(&self, shape: &mut Shape) {
        let (left, right) = self.operands();
        left.add_shape(shape);
        right.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        let (left, right) = self.operands();
        left.bind(out);
        right.bind(out);
    }
}

expression!({C: Expr<Type: DbType<Base: Collection>>, V: Expr} Has<C, V>, type = bool);

impl<Scope, I, J, C, V> ValidIn<Scope, (I, J)> for Has<C, V>
where
    C: ValidIn<Scope, I> + Expr<Type: DbType<Base: Collection>>,
    V: ValidIn<Scope, J>,
{
    type Null =
        <<C::Null as Nullability>::Or<V::Null> as Nullability>::Or<<<C::Type as DbType>::Base as Collection>::Null>;
    type Kind = <C::Kind as Kind>::With<V::Kind>;
}

/// Two collections compared by what they have in them.
pub struct Related<L, R> {
    left: L,
    right: R,
    op: BinaryOp,
}

impl<L: Expr<Type: DbType>, R: Lower> Lower for Related<L, R> {
    type Needs = (<L::Type as DbType>::Needs, (L::Needs, R::Needs));
    type Columns = (L::Columns, R::Columns);

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Binary(Box::new(self.left.to_ast()), self.op, Box::new(self.right.to_ast()))
    }

    fn add_shape(&self, shape: &mut Shape) {
        shape.add(self.op as u64);
        self.left.add_shape(shape);
        self.right.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.left.bind_values(out);
        self.right.bind_values(out);
    }
}

expression!({L: Expr<Type: DbType>, R: Expr} Related<L, R>, type = bool);

impl<Scope, I, J, L: ValidIn<Scope, I>, R: ValidIn<Scope, J>> ValidIn<Scope, (I, J)> for Related<L, R> {
    type Null = <L::Null as Nullability>::Or<R::Null>;
    type Kind = <L::Kind as Kind>::With<R::Kind>;
}

/// The number of items of an array.
pub struct ArrayLength<E>(E);

impl<E: Expr<Type: DbType>> Lower for ArrayLength<E> {
    type Needs = (<E::Type as DbType>::Needs, E::Needs);
    type Columns = E::Columns;

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Function(Function::ArrayLength, vec![self.0.to_ast()])
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.0.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.0.bind_values(out);
    }
}

expression!({E: Expr<Type: DbType>} ArrayLength<E>, type = i64);

impl<Scope, I, E: ValidIn<Scope, I>> ValidIn<Scope, I> for ArrayLength<E> {
    type Null = E::Null;
    type Kind = E::Kind;
}
