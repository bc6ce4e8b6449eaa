//! Values converted to another type.

use std::marker::PhantomData;

use super::{Expr, Lower, expression};
use crate::{
    ast,
    executor::Shape,
    scope::ValidIn,
    types::{Binder, DbType},
};

/// A type that converts to `T` without surprises on any database.
#[diagnostic::on_unimplemented(
    message = "SQL does not convert `{Self}` to `{T}` the same way on every database",
    label = "cannot be cast to `{T}`",
    note = "numbers widen, numbers become floats, and integers, UUIDs and text become text"
)]
pub trait CastTo<T> {}

macro_rules! casts {
    ($($from:ty => $($to:ty),*;)*) => { $($(#[diagnostic::do_not_recommend] impl CastTo<$to> for $from {})*)* };
}

casts! {
    i8 => i16, i32, i64, f32, f64, String;
    u8 => i16, i32, i64, u16, u32, f32, f64, String;
    i16 => i16, i32, i64, f32, f64, String;
    u16 => i32, i64, u32, f32, f64, String;
    i32 => i32, i64, f64, String;
    u32 => i64, f64, String;
    i64 => i64, f64, String;
    f32 => f32, f64;
    f64 => f64;
}

impl CastTo<String> for String {}

#[cfg(feature = "uuid")]
casts!(uuid::Uuid => String;);

/// `cast(expr as type)`.
pub struct Cast<E, T> {
    expr: E,
    ty: PhantomData<fn() -> T>,
}

impl<E, T> Cast<E, T> {
    pub(crate) fn new(expr: E) -> Self {
        Self { expr, ty: PhantomData }
    }
}

impl<E: Lower, T: DbType> Lower for Cast<E, T> {
    type Needs = E::Needs;
    type Columns = E::Columns;

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::Cast(Box::new(self.expr.to_ast()), T::SQL_TYPE)
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.expr.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.expr.bind_values(out);
    }
}

expression!({E: Expr, T: DbType} Cast<E, T>, type = T);

impl<Scope, I, E: ValidIn<Scope, I>, T> ValidIn<Scope, I> for Cast<E, T> {
    type Null = E::Null;
    type Kind = E::Kind;
}
