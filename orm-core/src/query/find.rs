//! Rows by primary key.

use super::filter::NoFilter;
use crate::{
    expr::{And, Column, Compare, Eq, Lower, Value},
    table::ColumnDef,
    types::ToValue,
};

/// A value, or a tuple of values, of the primary key's columns `Self`.
#[diagnostic::on_unimplemented(
    message = "`{V}` is not a value of the primary key `{Self}`",
    label = "expected a value for each column of `{Self}`",
    note = "a primary key of several columns takes a tuple of values"
)]
pub trait FindKey<T, V> {
    /// The condition that the key has this value.
    type Filter: Lower;
    /// The condition.
    fn filter(value: V) -> Self::Filter;
}

impl<C: ColumnDef, T, V: ToValue<C::Type>> FindKey<T, V> for (C,) {
    type Filter = Compare<Eq, Column<C, C::Table>, Value<C::Type, V::Stored>>;

    fn filter(value: V) -> Self::Filter {
        Compare::new(Column::NEW, Value::new(value.to_value()))
    }
}

/// A table without a primary key has no rows to find by it.
impl<T, V> FindKey<T, V> for ()
where
    T: HasKey,
{
    type Filter = NoFilter;

    fn filter(_value: V) -> NoFilter {
        NoFilter
    }
}

/// Never implemented for a keyless table or view: carries the message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no primary key to find a row by",
    label = "declared without a primary key",
    note = "use `.select().filter(..)`"
)]
pub trait HasKey {}

macro_rules! find_keys {
    ($(($first:ident $first_value:ident $first_position:tt) $(($name:ident $value:ident $position:tt))+;)*) => {$(
        impl<Of, $first: ColumnDef, $first_value, $($name: ColumnDef, $value),+>
            FindKey<Of, ($first_value, $($value),+)> for ($first, $($name),+)
        where
            $first_value: ToValue<$first::Type>,
            $($value: ToValue<$name::Type>,)+
        {
            type Filter = find_keys!(@filter
                Compare<Eq, Column<$first, $first::Table>, Value<$first::Type, $first_value::Stored>>
                $(, Compare<Eq, Column<$name, $name::Table>, Value<$name::Type, $value::Stored>>)+);

            fn filter(value: ($first_value, $($value),+)) -> Self::Filter {
                let filter = Compare::new(Column::NEW, Value::new(value.$first_position.to_value()));
                $(let filter = And::new(filter, Compare::new(Column::NEW, Value::new(value.$position.to_value())));)+
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
