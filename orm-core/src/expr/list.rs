//! Membership in a list of values.

use std::marker::PhantomData;

use super::{Expr, Lower, expression};
use crate::{
    ast,
    executor::Shape,
    scope::ValidIn,
    types::{Binder, DbType, Encode, ToValue},
};

/// Values of type `T` to look for: a slice, an array or a `Vec`, owned or borrowed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of `{T}`",
    label = "expected a slice, an array or a `Vec` of `{T}`"
)]
pub trait IntoList<T> {
    /// What is kept in the query until it runs.
    type List: AsRef<[Self::Item]> + Send + Sync;
    /// The items.
    type Item: Encode;
    /// Converts it.
    fn into_list(self) -> Self::List;
}

#[diagnostic::do_not_recommend]
impl<'a, T, V: Encode> IntoList<T> for &'a [V]
where
    &'a V: ToValue<T>,
{
    type List = &'a [V];
    type Item = V;
    fn into_list(self) -> &'a [V] {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T, V: Encode> IntoList<T> for &'a Vec<V>
where
    &'a V: ToValue<T>,
{
    type List = &'a [V];
    type Item = V;
    fn into_list(self) -> &'a [V] {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T, V: Encode + Sync, const N: usize> IntoList<T> for &'a [V; N]
where
    &'a V: ToValue<T>,
{
    type List = &'a [V];
    type Item = V;
    fn into_list(self) -> &'a [V] {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T, V: Encode + ToValue<T>> IntoList<T> for Vec<V> {
    type List = Vec<V>;
    type Item = V;
    fn into_list(self) -> Vec<V> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T, V: Encode + ToValue<T>, const N: usize> IntoList<T> for [V; N] {
    type List = [V; N];
    type Item = V;
    fn into_list(self) -> [V; N] {
        self
    }
}

/// `expr` is in a list.
pub struct InList<E, L, V> {
    expr: E,
    list: L,
    item: PhantomData<fn() -> V>,
}

impl<E, L, V> InList<E, L, V> {
    pub(crate) fn new(expr: E, list: L) -> Self {
        Self { expr, list, item: PhantomData }
    }
}

impl<E: Expr<Type: DbType>, L: AsRef<[V]> + Send + Sync, V: Encode> Lower for InList<E, L, V> {
    type Needs = E::Needs;
    type Columns = E::Columns;

    fn to_ast(&self) -> ast::Expr {
        ast::Expr::InList { expr: Box::new(self.expr.to_ast()), item: E::Type::SQL_TYPE }
    }

    fn add_shape(&self, shape: &mut Shape) {
        self.expr.add_shape(shape);
    }

    fn bind_values<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.expr.bind_values(out);
        let items = self.list.as_ref();
        out.begin_list(items.len());
        for item in items {
            item.encode(out);
        }
        out.end_list();
    }
}

expression!({E: Expr<Type: DbType>, L: AsRef<[V]> + Send + Sync, V: Encode} InList<E, L, V>, type = bool);

impl<Scope, I, E: ValidIn<Scope, I>, L, V> ValidIn<Scope, I> for InList<E, L, V> {
    type Null = E::Null;
    type Kind = E::Kind;
}
