//! Arrays: a `Vec` of whatever else can be stored. Bytes, `Vec<u8>`, are a value of their own.

use std::marker::PhantomData;

use super::{Binder, DbType, Decode, DecodeError, Encode, RowRead, SqlType, ToValue};
use crate::{
    dialect::Arrays,
    expr::{IntoExpr, IntoList, Value},
    scope::{Null, Nullability},
};

/// A type an array column can have items of: everything that can be stored but `u8`, and an `Option` of it for items that
/// may be NULL.
///
/// ```
/// use orm::{postgres::Postgres, prelude::*};
///
/// #[derive(Table)]
/// struct Article {
///     #[column(primary_key, auto_increment)]
///     id: i64,
///     tags: Vec<String>,
///     ratings: Vec<Option<i32>>,
/// }
///
/// let rust = Article::select().columns(Article::id).filter(Article::tags.has("rust"));
/// assert_eq!(
///     rust.to_sql(Postgres),
///     r#"select "articles"."id" from "articles" where $1 = any("articles"."tags")"#
/// );
/// ```
///
/// SQLite has no arrays:
///
/// ```compile_fail,E0277
/// use orm::{prelude::*, sqlite::Sqlite};
///
/// #[derive(Table)]
/// struct Article {
///     #[column(primary_key, auto_increment)]
///     id: i64,
///     tags: Vec<String>,
/// }
///
/// Article::select().to_sql(Sqlite);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an item of an array column",
    label = "not a type of array items",
    note = "an array of bytes is a `Vec<u8>`, and there are no arrays of arrays"
)]
pub trait ArrayItem: Encode + Decode + Send + Sync + 'static {
    /// The type of the items that are not NULL.
    type Element: DbType;
    /// Whether an item may be NULL.
    type Null: Nullability;
}

#[diagnostic::do_not_recommend]
impl<T: ArrayItem<Element = T> + DbType> ArrayItem for Option<T> {
    type Element = T;
    type Null = Null;
}

#[diagnostic::do_not_recommend]
impl<T: ArrayItem> DbType for Vec<T> {
    type Base = Self;
    type Needs = Arrays;
    const SQL_TYPE: SqlType = {
        let item = <T::Element as DbType>::SQL_TYPE;
        assert!(!matches!(item, SqlType::Array(_)), "there are no columns of arrays of arrays");
        SqlType::Array(const { &<T::Element as DbType>::SQL_TYPE })
    };
}

impl<T: ArrayItem> Encode for Vec<T> {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        encode(self, out);
    }
}

impl<T: ArrayItem> Decode for Vec<T> {
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
        let mut items = Vec::new();
        let read = row.array(index, &mut |item| {
            items.push(T::decode(item, 0)?);
            Ok(())
        });
        read.map_err(|error| error.at(index).reading::<Self>())?;
        Ok(items)
    }
}

fn encode<'q, V: Encode>(items: &'q [V], out: &mut dyn Binder<'q>) {
    out.begin_list(items.len());
    for item in items {
        item.encode(out);
    }
    out.end_list();
}

/// The items of an array that is bound: a list that keeps them.
pub struct Items<L, V> {
    list: L,
    item: PhantomData<fn() -> V>,
}

impl<L: AsRef<[V]> + Send + Sync, V: Encode> Encode for Items<L, V> {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        encode(self.list.as_ref(), out);
    }
}

// Items that may be NULL, in a list of them.
#[diagnostic::do_not_recommend]
impl<T, V: ToValue<T>> ToValue<Option<T>> for Option<V> {
    type Stored = Option<V::Stored>;
    fn to_value(self) -> Option<V::Stored> {
        self.map(ToValue::to_value)
    }
}

#[diagnostic::do_not_recommend]
impl<'a, T, V> ToValue<Option<T>> for &'a Option<V>
where
    &'a V: ToValue<T>,
{
    type Stored = Option<<&'a V as ToValue<T>>::Stored>;
    fn to_value(self) -> Self::Stored {
        self.as_ref().map(ToValue::to_value)
    }
}

/// What an array is written as: a slice, an array or a `Vec` of values of its items.
macro_rules! lists {
    ($({$($generics:tt)*} $list:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*, T: ArrayItem> ToValue<Vec<T>> for $list
        where
            Self: IntoList<T>,
        {
            type Stored = Items<<Self as IntoList<T>>::List, <Self as IntoList<T>>::Item>;
            fn to_value(self) -> Self::Stored {
                Items { list: self.into_list(), item: PhantomData }
            }
        }

        #[diagnostic::do_not_recommend]
        impl<$($generics)*, T: ArrayItem> IntoExpr<Vec<T>> for $list
        where
            Self: IntoList<T>,
        {
            type Expr = Value<Vec<T>, <Self as ToValue<Vec<T>>>::Stored>;
            fn into_expr(self) -> Self::Expr {
                Value::new(self.to_value())
            }
        }
    )*};
}

lists! {
    {V} Vec<V>;
    {'a, V} &'a Vec<V>;
    {'a, V} &'a [V];
    {V, const N: usize} [V; N];
    {'a, V, const N: usize} &'a [V; N];
}

/// Implements [`ArrayItem`] for types that arrays can be made of. Derives call it for enums and newtypes.
#[doc(hidden)]
#[macro_export]
macro_rules! __array_item {
    ($($({$($generics:tt)*})? $ty:ty),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl $(<$($generics)*>)? $crate::types::ArrayItem for $ty {
            type Element = Self;
            type Null = $crate::scope::NotNull;
        }
    )*};
}

crate::__array_item!(bool, i8, i16, i32, i64, u16, u32, f32, f64, String, Vec<u8>);
#[cfg(feature = "uuid")]
crate::__array_item!(uuid::Uuid);
#[cfg(feature = "chrono")]
crate::__array_item!(chrono::NaiveDate, chrono::NaiveTime, chrono::NaiveDateTime, chrono::DateTime<chrono::Utc>);
#[cfg(feature = "decimal")]
crate::__array_item!(rust_decimal::Decimal);
#[cfg(feature = "json")]
crate::__array_item!(serde_json::Value, {T: serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static} super::Json<T>);
