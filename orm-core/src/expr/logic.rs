//! Conditions, and how they combine.

use super::{Expr, Lower, expression};
use crate::{
    ast,
    executor::Shape,
    scope::{Kind, Nullability, ValidIn},
    types::Binder,
};

/// The type of conditions, which is `bool`.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is not a condition",
    label = "expected a condition",
    note = "compare it: `.eq(..)`, `.gt(..)`, `.is_not_null()`"
)]
pub trait IsBool {
    /// `C`, which is known only if this is the type of conditions.
    type Checked<C: Condition>: Condition;
    #[doc(hidden)]
    fn keep<C: Condition>(condition: C) -> Self::Checked<C>;
}

#[diagnostic::do_not_recommend]
impl IsBool for bool {
    type Checked<C: Condition> = C;
    fn keep<C: Condition>(condition: C) -> C {
        condition
    }
}

/// Something rows meet or do not meet: an expression of type `bool`, several combined, or an `Option` of one.
///
/// `None` adds nothing: a filter of `None` is no filter, and `x.and(None)` and `x.or(None)` are `x`. An `Option` itself
/// has the `and` and `or` of the standard library, which choose one of two: begin with [`all`] or [`any`] of a tuple
/// where the leading condition may be absent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a condition",
    label = "expected a condition",
    note = "compare a column: `.eq(..)`, `.gt(..)`, `.is_null()`"
)]
pub trait Condition: Lower + Sized {
    /// This type again, known only if it is a condition: what a query is made of, so that something else in a
    /// condition's place is reported once.
    #[doc(hidden)]
    type Checked: Condition;
    #[doc(hidden)]
    fn checked(self) -> Self::Checked;

    /// Both conditions.
    ///
    /// ```sql
    /// "users"."age" >= $1 and "users"."name" = $2
    /// ```
    ///
    /// `None` leaves this condition alone. False on one side is false; otherwise NULL on a side gives NULL.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let name: Option<&str> = None;
    /// let adults = User::age.ge(18).and(name.map(|name| User::name.eq(name)));
    /// assert_eq!(User::select().filter(adults).count(&db)?, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn and<C, X>(self, other: C) -> And<Self, X>
    where
        C: Condition<Checked = X>,
    {
        And { left: self, right: other.checked() }
    }

    /// One of the conditions, or both.
    ///
    /// ```sql
    /// "users"."age" >= $1 or "users"."name" = $2
    /// ```
    ///
    /// `None` leaves this condition alone. True on one side is true; otherwise NULL on a side gives NULL.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let names = User::select().filter(User::age.is_null().or(User::age.lt(18))).columns(User::name).all(&db)?;
    /// assert_eq!(names, ["Bob", "Cleo"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn or<C, X>(self, other: C) -> Or<Self, X>
    where
        C: Condition<Checked = X>,
    {
        Or { left: self, right: other.checked() }
    }
}

impl<E: Expr> Condition for E
where
    E::Type: IsBool,
{
    type Checked = <E::Type as IsBool>::Checked<E::This>;
    fn checked(self) -> Self::Checked {
        E::Type::keep(self.this())
    }
}

impl<C: Condition> Lower for Option<C> {
    type Needs = C::Needs;
    type Columns = C::Columns;

    fn to_ast(&self) -> ast::Expr {
        self.to_condition().unwrap_or(ast::Expr::Bool(true))
    }

    fn to_condition(&self) -> Option<ast::Expr> {
        self.as_ref().and_then(Lower::to_condition)
    }

    fn add_shape(&self, shape: &mut Shape) {
        match self {
            Some(condition) => {
                shape.add(1);
                condition.add_shape(shape);
            }
            None => shape.add(0),
        }
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        if let Some(condition) = self {
            condition.bind_values(out);
        }
    }
}

impl<C: Condition> Condition for Option<C> {
    type Checked = Self;
    fn checked(self) -> Self {
        self
    }
}

impl<Scope, I, C: ValidIn<Scope, I>> ValidIn<Scope, I> for Option<C> {
    type Null = C::Null;
    type Kind = C::Kind;
}

macro_rules! combine {
    ($($name:ident, $joined:ident, $doc:literal;)*) => {$(
        #[doc = $doc]
        pub struct $name<L, R> {
            left: L,
            right: R,
        }

        impl<L: Lower, R: Lower> Lower for $name<L, R> {
            type Needs = (L::Needs, R::Needs);
            type Columns = (L::Columns, R::Columns);

            fn to_ast(&self) -> ast::Expr {
                self.to_condition().unwrap_or(ast::Expr::Bool(true))
            }

            fn to_condition(&self) -> Option<ast::Expr> {
                let (left, right) = match (self.left.to_condition(), self.right.to_condition()) {
                    (Some(left), Some(right)) => (left, right),
                    (left, right) => return left.or(right),
                };
                // A chain becomes one flat list, which the writer can balance.
                let mut items = match left {
                    ast::Expr::$joined(items) => items,
                    other => vec![other],
                };
                match right {
                    ast::Expr::$joined(more) => items.extend(more),
                    other => items.push(other),
                }
                Some(ast::Expr::$joined(items))
            }

            fn add_shape(&self, shape: &mut Shape) {
                self.left.add_shape(shape);
                self.right.add_shape(shape);
            }

            fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
                self.left.bind_values(out);
                self.right.bind_values(out);
            }
        }

        expression!({L: Lower, R: Lower} $name<L, R>, type = bool);

        impl<Scope, I, J, L: ValidIn<Scope, I>, R: ValidIn<Scope, J>> ValidIn<Scope, (I, J)> for $name<L, R> {
            type Null = <L::Null as Nullability>::Or<R::Null>;
            type Kind = <L::Kind as Kind>::With<R::Kind>;
        }
    )*};
}

combine! {
    And, And, "`left and right`.";
    Or, Or, "`left or right`.";
}

impl<L, R> And<L, R> {
    pub(crate) fn new(left: L, right: R) -> Self {
        Self { left, right }
    }
}

/// `not condition`.
pub struct Not<C>(C);

/// The rows that do not meet the condition. A condition that is NULL for a row stays NULL, so the row is not matched
/// either way.
///
/// ```sql
/// not ("users"."age" > $1)
/// ```
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// // Bob is not among them: whether his age is above 18 is not known.
/// let names = User::select().filter(not(User::age.gt(18))).columns(User::name).all(&db)?;
/// assert_eq!(names, ["Cleo"]);
/// # Ok::<(), orm::Error>(())
/// ```
pub fn not<C: Condition>(condition: C) -> Not<C> {
    Not(condition)
}

impl<C: Lower> Lower for Not<C> {
    type Needs = C::Needs;
    type Columns = C::Columns;

    fn to_ast(&self) -> ast::Expr {
        self.to_condition().unwrap_or(ast::Expr::Bool(true))
    }

    fn to_condition(&self) -> Option<ast::Expr> {
        self.0.to_condition().map(|condition| ast::Expr::Not(Box::new(condition)))
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.0.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.0.bind_values(out);
    }
}

expression!({C: Lower} Not<C>, type = bool);

impl<Scope, I, C: ValidIn<Scope, I>> ValidIn<Scope, I> for Not<C> {
    type Null = C::Null;
    type Kind = C::Kind;
}

macro_rules! lists {
    ($($name:ident, $joined:ident, $empty:expr, $doc:literal;)*) => {$(
        #[doc = $doc]
        pub struct $name<C>(Vec<C>);

        impl<C: Lower> Lower for $name<C> {
            type Needs = C::Needs;
            type Columns = C::Columns;

            fn to_ast(&self) -> ast::Expr {
                self.to_condition().unwrap_or(ast::Expr::Bool(true))
            }

            fn to_condition(&self) -> Option<ast::Expr> {
                if self.0.is_empty() {
                    return $empty;
                }
                let items: Vec<_> = self.0.iter().filter_map(Lower::to_condition).collect();
                (!items.is_empty()).then_some(ast::Expr::$joined(items))
            }

            fn add_shape(&self, shape: &mut Shape) {
                shape.add(self.0.len() as u64);
                for condition in &self.0 {
                    condition.add_shape(shape);
                }
            }

            fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
                for condition in &self.0 {
                    condition.bind_values(out);
                }
            }
        }

        expression!({C: Lower} $name<C>, type = bool);

        impl<Scope, I, C: ValidIn<Scope, I>> ValidIn<Scope, I> for $name<C> {
            type Null = C::Null;
            type Kind = C::Kind;
        }
    )*};
}

lists! {
    All, And, None, "All conditions of a list.";
    Any, Or, Some(ast::Expr::Bool(false)), "One or more of the conditions of a list.";
}

/// Conditions in a list: an array or a `Vec` of one type, or a tuple of up to eight of different types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of conditions",
    label = "expected an array, a `Vec`, or a tuple of conditions",
    note = "collect an iterator first: `.collect::<Vec<_>>()`"
)]
pub trait ConditionList {
    /// All of them as one condition.
    type All: Condition;
    /// One or more of them as one condition.
    type Any: Condition;
    /// All of them.
    fn into_all(self) -> Self::All;
    /// One or more of them.
    fn into_any(self) -> Self::Any;
}

/// All conditions of a list: an array or `Vec`, or a tuple where their types differ. An empty list adds nothing, like
/// `None`.
///
/// Lists of different lengths are different texts, each of which is prepared: many values belong into
/// [`in_list`](Expr::in_list), which is one text for all lengths.
///
/// ```sql
/// a and b and c
/// ```
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let adults = User::select().filter(all((User::age.ge(18), User::name.starts_with("A")))).count(&db)?;
/// assert_eq!(adults, 1);
/// # Ok::<(), orm::Error>(())
/// ```
pub fn all<L, X>(conditions: L) -> X
where
    L: ConditionList<All = X>,
{
    conditions.into_all()
}

/// One or more of the conditions of a list: an array or `Vec`, or a tuple where their types differ. An empty list
/// matches no row.
///
/// ```sql
/// a or b or c
/// ```
///
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
/// let letters = ["A", "C"].map(|letter| User::name.starts_with(letter));
/// assert_eq!(User::select().filter(any(letters)).count(&db)?, 2);
/// # Ok::<(), orm::Error>(())
/// ```
pub fn any<L, X>(conditions: L) -> X
where
    L: ConditionList<Any = X>,
{
    conditions.into_any()
}

impl<C: Condition> ConditionList for Vec<C> {
    type All = All<C>;
    type Any = Any<C>;

    fn into_all(self) -> All<C> {
        All(self)
    }

    fn into_any(self) -> Any<C> {
        Any(self)
    }
}

impl<C: Condition, const N: usize> ConditionList for [C; N] {
    type All = All<C>;
    type Any = Any<C>;

    fn into_all(self) -> All<C> {
        All(self.into())
    }

    fn into_any(self) -> Any<C> {
        Any(self.into())
    }
}

macro_rules! tuples {
    ($($first:ident $($name:ident)*;)*) => {$(
        impl<$first: Condition $(, $name: Condition)*> ConditionList for ($first, $($name,)*) {
            type All = tuples!(@nest And $first $($name)*);
            type Any = tuples!(@nest Or $first $($name)*);

            #[allow(non_snake_case, reason = "the conditions are named after their types")]
            fn into_all(self) -> Self::All {
                let ($first, $($name,)*) = self;
                tuples!(@value And $first $($name)*)
            }

            #[allow(non_snake_case, reason = "the conditions are named after their types")]
            fn into_any(self) -> Self::Any {
                let ($first, $($name,)*) = self;
                tuples!(@value Or $first $($name)*)
            }
        }
    )*};
    (@nest $joined:ident $only:ident) => { $only };
    (@nest $joined:ident $first:ident $($rest:ident)+) => { $joined<$first, tuples!(@nest $joined $($rest)+)> };
    (@value $joined:ident $only:ident) => { $only };
    (@value $joined:ident $first:ident $($rest:ident)+) => {
        $joined { left: $first, right: tuples!(@value $joined $($rest)+) }
    };
}

tuples! {
    A;
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}
