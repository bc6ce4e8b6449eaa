//! Rows by primary key.

use crate::{
    expr::{And, Column, Compare, Eq, IntoExpr, Operand},
    table::ColumnDef,
};

/// A value, or a tuple of values, of the primary key's columns `Self`.
#[diagnostic::on_unimplemented(
    message = "`{V}` is not a value of the primary key `{Self}`",
    label = "expected a value for each column of `{Self}`",
    note = "a primary key of several columns takes a tuple of values"
)]
pub trait FindKey<V> {
    /// The condition that the key has this value.
    type Filter: crate::expr::Condition;
    /// The condition.
    fn filter(value: V) -> Self::Filter;
}

impl<C: ColumnDef, V, X> FindKey<V> for (C,)
where
    V: IntoExpr<C::Type, Expr = X>,
    X: Operand<Type = C::Type>,
{
    type Filter = Compare<Eq, Column<C, C::Table>, X>;

    fn filter(value: V) -> Self::Filter {
        Compare::new(Column::NEW, value.into_expr())
    }
}

macro_rules! find_keys {
    ($(($first:ident $first_value:ident $first_position:tt) $(($name:ident $value:ident $position:tt))+;)*) => {$(
        impl<$first: ColumnDef, $first_value, $($name: ColumnDef, $value),+>
            FindKey<($first_value, $($value),+)> for ($first, $($name),+)
        where
            $first_value: IntoExpr<$first::Type>,
            $($value: IntoExpr<$name::Type>,)+
        {
            type Filter = find_keys!(@filter
                Compare<Eq, Column<$first, $first::Table>, $first_value::Expr>
                $(, Compare<Eq, Column<$name, $name::Table>, $value::Expr>)+);

            fn filter(value: ($first_value, $($value),+)) -> Self::Filter {
                let filter = Compare::new(Column::NEW, value.$first_position.into_expr());
                $(let filter = And::new(filter, Compare::new(Column::NEW, value.$position.into_expr()));)+
                filter
            }
        }
    )*};
    (@filter $only:ty) => { $only };
    (@filter $first:ty, $second:ty $(, $rest:ty)*) => { find_keys!(@filter And<$first, $second> $(, $rest)*) };
}

find_keys! {
    (A V 0) (B W 1);
    (A V 0) (B W 1) (C X 2);
    (A V 0) (B W 1) (C X 2) (D Y 3);
}
