//! What rustc checks of a schema: that defaults, lengths and foreign keys fit the types of their columns.

use super::{DefaultDef, Deferrable, ForeignKeyAction, ForeignKeyDef};
use crate::{
    expr::Column,
    table::{ColumnDef, Table, UniqueOn},
    types::DbType,
    view::Stored,
};

/// A column type that holds integers.
#[diagnostic::on_unimplemented(message = "`{Self}` is not an integer type", label = "expected a column of integers")]
pub trait IntegerColumn {
    /// The smallest value.
    const MIN: i64;
    /// The greatest value.
    const MAX: i64;
}

/// A column type that holds text.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a text type", label = "expected a column of text")]
pub trait TextColumn {
    /// `T`, which is known only if it is stored as text.
    type Value<T>;
}
#[diagnostic::do_not_recommend]
impl TextColumn for String {
    type Value<T> = T;
}

/// A column type that holds floating-point numbers.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a floating-point type",
    label = "expected a column of floats"
)]
pub trait FloatColumn {}
#[diagnostic::do_not_recommend]
impl FloatColumn for f32 {}
#[diagnostic::do_not_recommend]
impl FloatColumn for f64 {}

/// A column type that holds booleans.
#[diagnostic::on_unimplemented(message = "`{Self}` is not `bool`", label = "expected a column of booleans")]
pub trait BoolColumn {}
#[diagnostic::do_not_recommend]
impl BoolColumn for bool {}

/// A column type that holds exact decimals.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a decimal type", label = "expected a column of decimals")]
pub trait DecimalColumn {}
#[cfg(feature = "decimal")]
#[diagnostic::do_not_recommend]
impl DecimalColumn for rust_decimal::Decimal {}

/// A column type that holds a date, a time or both.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a date or time type",
    label = "`now()` needs a column of dates or times"
)]
pub trait TemporalColumn {}

/// A column type that holds a date and a time.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a timestamp",
    label = "expected a column of dates with times",
    note = "the time at which a row was deleted is an `Option<DateTime<Utc>>` or an `Option<NaiveDateTime>`"
)]
pub trait TimestampColumn {}

/// A column type that holds UUIDs.
#[diagnostic::on_unimplemented(message = "`{Self}` is not `Uuid`", label = "`random_uuid()` needs a column of UUIDs")]
pub trait UuidColumn {}
#[cfg(feature = "uuid")]
#[diagnostic::do_not_recommend]
impl UuidColumn for uuid::Uuid {}

#[cfg(feature = "chrono")]
mod temporal {
    use super::{TemporalColumn, TimestampColumn};
    #[diagnostic::do_not_recommend]
    impl TimestampColumn for chrono::NaiveDateTime {}
    #[diagnostic::do_not_recommend]
    impl TimestampColumn for chrono::DateTime<chrono::Utc> {}
    #[diagnostic::do_not_recommend]
    impl TemporalColumn for chrono::NaiveDate {}
    #[diagnostic::do_not_recommend]
    impl TemporalColumn for chrono::NaiveTime {}
    #[diagnostic::do_not_recommend]
    impl TemporalColumn for chrono::NaiveDateTime {}
    #[diagnostic::do_not_recommend]
    impl TemporalColumn for chrono::DateTime<chrono::Utc> {}
}

macro_rules! integer_columns {
    ($($ty:ident)*) => {$(
        #[diagnostic::do_not_recommend]
        impl IntegerColumn for $ty {
            const MIN: i64 = $ty::MIN as i64;
            const MAX: i64 = $ty::MAX as i64;
        }
    )*};
}
integer_columns!(i8 i16 i32 i64 u8 u16 u32);

/// Defaults whose type is checked against their column, for generated code.
#[doc(hidden)]
#[allow(missing_docs, reason = "called by generated code only")]
pub mod defaults {
    use super::{
        BoolColumn, ColumnDef, DbType, DefaultDef, FloatColumn, IntegerColumn, TemporalColumn, TextColumn, UuidColumn,
        VariantOf,
    };

    pub const fn integer<C: ColumnDef<Type: DbType<Base: IntegerColumn>>>(value: i64) -> DefaultDef {
        assert!(
            value >= <<C::Type as DbType>::Base as IntegerColumn>::MIN
                && value <= <<C::Type as DbType>::Base as IntegerColumn>::MAX,
            "the default does not fit the column's integer type"
        );
        DefaultDef::Integer(value)
    }

    pub const fn float<C: ColumnDef<Type: DbType<Base: FloatColumn>>>(value: f64) -> DefaultDef {
        DefaultDef::Float(value)
    }

    pub const fn text<C: ColumnDef<Type: DbType<Base: TextColumn>>>(value: &'static str) -> DefaultDef {
        DefaultDef::Text(value)
    }

    pub const fn boolean<C: ColumnDef<Type: DbType<Base: BoolColumn>>>(value: bool) -> DefaultDef {
        DefaultDef::Bool(value)
    }

    pub const fn now<C: ColumnDef<Type: DbType<Base: TemporalColumn>>>() -> DefaultDef {
        DefaultDef::Now
    }

    pub const fn random_uuid<C: ColumnDef<Type: DbType<Base: UuidColumn>>>() -> DefaultDef {
        DefaultDef::RandomUuid
    }

    pub const fn sql<C: ColumnDef>(expression: &'static str) -> DefaultDef {
        DefaultDef::Sql(expression)
    }

    pub const fn variant<C: ColumnDef<Type: VariantOf<T>>, T>(label: &'static str) -> DefaultDef {
        DefaultDef::Text(label)
    }
}

/// The enum `T`, whose variants are values of its columns.
#[diagnostic::on_unimplemented(
    message = "a variant of `{T}` is not a value of a column of type `{Self}`",
    label = "the types differ"
)]
pub trait VariantOf<T> {}
#[diagnostic::do_not_recommend]
impl<T> VariantOf<T> for T {}
// As below.
#[diagnostic::do_not_recommend]
impl VariantOf<NoKey> for NoKeyEither {}

/// A foreign key column has the type of the column it refers to.
#[diagnostic::on_unimplemented(
    message = "a foreign key of type `{T}` cannot refer to a column of type `{Self}`",
    label = "the types differ"
)]
pub trait SameKeyType<T> {}
#[diagnostic::do_not_recommend]
impl<T> SameKeyType<T> for T {}
// With a single impl, rustc would say which types are not equal in its own words instead of the message above.
#[diagnostic::do_not_recommend]
impl SameKeyType<NoKey> for NoKeyEither {}
#[doc(hidden)]
pub enum NoKey {}
#[doc(hidden)]
pub enum NoKeyEither {}

macro_rules! references {
    ($($function:ident: $($from:ident => $to:ident $source:ident $column:ident),* ; $key:ty, $last:ident;)*) => {$(
        #[doc(hidden)]
        #[allow(missing_docs, unused_variables, reason = "called by generated code only, for its bounds")]
        pub const fn $function<$($from,)* $($to,)* $($source,)*>(
            $($column: Column<$to, $source>,)*
            columns: &'static [&'static str],
            on_delete: ForeignKeyAction,
            on_update: ForeignKeyAction,
        ) -> ForeignKeyDef
        where
            $($from: ColumnDef,)*
            $($to: ColumnDef<Type: SameKeyType<$from::Type>>,)*
            // The table of the column that is known last: before, rustc would take the only key there is for the one meant.
            $last::Table: UniqueOn<$key>,
            <$last::Table as Table>::Slots: Stored<$last::Table>,
        {
            ForeignKeyDef {
                name: None,
                columns,
                table: <A::Table as Table>::NAME,
                references: const { &[$($to::NAME),*] },
                on_delete,
                on_update,
                deferrable: Deferrable::No,
            }
        }
    )*};
}

references! {
    references: X => A S a; A, A;
    references_pair: X => A S a, Y => B T b; (A, B), B;
    references_triple: X => A S a, Y => B T b, Z => C U c; (A, B, C), C;
}
