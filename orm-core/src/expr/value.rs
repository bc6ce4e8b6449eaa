//! Values.

use std::marker::PhantomData;

use super::{Expr, IntoExpr, Lower, expression, selectable};
use crate::{
    ast,
    executor::Shape,
    schema::TemporalColumn,
    scope::{Constant, NotNull, Null, ValidIn},
    types::{Binder, DbType, Encode, ToValue},
};

/// A value of type `T`, bound when the query runs.
pub struct Value<T, V> {
    value: V,
    ty: PhantomData<fn() -> T>,
}

impl<T, V> Value<T, V> {
    /// The value.
    pub fn new(value: V) -> Self {
        Self { value, ty: PhantomData }
    }
}

impl<T: DbType, V: Encode> Lower for Value<T, V> {
    type Needs = T::Needs;
    type Columns = ();

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Param(T::SQL_TYPE)
    }

    fn add_shape(&self, _shape: &mut Shape) {}

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.value.encode(out);
    }
}

expression!({T: DbType, V: Encode} Value<T, V>, type = T);

impl<Scope, T, V> ValidIn<Scope, ()> for Value<T, V> {
    type Null = NotNull;
    type Kind = Constant;
}

/// A value of type `T` or NULL, bound when the query runs.
pub struct Maybe<T, V> {
    value: Option<V>,
    ty: PhantomData<fn() -> T>,
}

impl<T: DbType, V: Encode> Lower for Maybe<T, V> {
    type Needs = T::Needs;
    type Columns = ();

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Param(T::SQL_TYPE)
    }

    fn add_shape(&self, _shape: &mut Shape) {}

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.value.encode(out);
    }
}

// Not an operand: `= NULL` is never true.
impl<T: DbType, V: Encode> Expr for Maybe<T, V> {
    type Type = T;
    type This = Self;
    fn this(self) -> Self {
        self
    }
}

selectable!({T: DbType, V: Encode} Maybe<T, V>);

impl<Scope, T, V> ValidIn<Scope, ()> for Maybe<T, V> {
    type Null = Null;
    type Kind = Constant;
}

#[diagnostic::do_not_recommend]
impl<T: DbType, V: ToValue<T>> IntoExpr<T> for Option<V> {
    type Expr = Maybe<T, V::Stored>;
    fn into_expr(self) -> Self::Expr {
        Maybe { value: self.map(ToValue::to_value), ty: PhantomData }
    }
}

/// The time at which the statement (on PostgreSQL: the transaction) began, as a value of type `T`.
pub struct Now<T>(PhantomData<fn() -> T>);

/// The time at which the statement began; on PostgreSQL, at which its transaction began.
///
/// SQLite's clock has milliseconds, PostgreSQL's microseconds.
///
/// ```sql
/// now()                                              -- PostgreSQL
/// strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')           -- SQLite
/// ```
///
/// A moment, or a local time, date or time of day in UTC, as the place it stands in expects.
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(Table)]
/// struct Login {
///     #[column(primary_key, auto_increment)]
///     id: i64,
///     at: DateTime<Utc>,
/// }
/// schema! { fn schema() = [Login] }
///
/// let db = orm::sqlite::Connection::open_in_memory()?;
/// db.create_all(&schema())?;
/// Login::insert().set(Login::at, now()).execute(&db)?;
/// let login = Login::select().filter(Login::at.le(now())).one(&db)?;
/// assert!(login.at <= Utc::now());
/// # Ok::<(), orm::Error>(())
/// ```
pub fn now<T>() -> Now<T>
where
    T: DbType<Base: TemporalColumn>,
{
    Now(PhantomData)
}

impl<T: DbType> Lower for Now<T> {
    type Needs = ();
    type Columns = ();

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Now(T::SQL_TYPE)
    }

    fn add_shape(&self, _shape: &mut Shape) {}

    fn bind_values<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

expression!({T: DbType} Now<T>, type = T);

impl<Scope, T> ValidIn<Scope, ()> for Now<T> {
    type Null = NotNull;
    type Kind = Constant;
}
