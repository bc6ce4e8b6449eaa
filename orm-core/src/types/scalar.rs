//! Booleans, floats, text and bytes.

use super::{Binder, DbType, Decode, DecodeError, Encode, RowRead, SqlType};
use crate::expr::{IntoExpr, Value};

macro_rules! scalar {
    ($($ty:ty, $sql_type:ident, $method:ident;)*) => {$(
        impl DbType for $ty {
            type Base = Self;
            type Needs = ();
            const SQL_TYPE: SqlType = SqlType::$sql_type;
        }
        impl Encode for $ty {
            fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
                out.$method(*self);
            }
        }
        impl Decode for $ty {
            #[inline]
            fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
                row.$method(index)
            }
        }
        crate::__value_type!($ty);
    )*};
}

scalar! {
    bool, Bool, bool;
    i16, SmallInt, i16;
    i32, Integer, i32;
    i64, BigInt, i64;
    f32, Real, f32;
    f64, Double, f64;
}

macro_rules! buffer {
    ($owned:ty, $borrowed:ty, $sql_type:ident, $method:ident) => {
        impl DbType for $owned {
            type Base = Self;
            type Needs = ();
            const SQL_TYPE: SqlType = SqlType::$sql_type;
        }
        impl Encode for $owned {
            fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
                out.$method(self);
            }
        }
        impl Encode for $borrowed {
            fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
                out.$method(self);
            }
        }
        impl Decode for $owned {
            #[inline]
            fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
                row.$method(index).map(ToOwned::to_owned)
            }
        }
        crate::__value_type!($owned);
        crate::__value_type!(@to_value [] &'__v $borrowed, $owned, &'__v $borrowed, |value| value);
    };
}

buffer!(String, str, Text, text);
buffer!(Vec<u8>, [u8], Bytes, bytes);

// Written out, because rustc shows the only type that a text is a value of.
impl<'a> IntoExpr<String> for &'a str {
    type Expr = Value<String, &'a str>;
    fn into_expr(self) -> Value<String, &'a str> {
        Value::new(self)
    }
}

impl<'a> IntoExpr<Vec<u8>> for &'a [u8] {
    type Expr = Value<Vec<u8>, &'a [u8]>;
    fn into_expr(self) -> Value<Vec<u8>, &'a [u8]> {
        Value::new(self)
    }
}

// What a list of texts, `&[&str]`, is made of.
#[diagnostic::do_not_recommend]
impl<'a> super::ToValue<String> for &'a &str {
    type Stored = &'a str;
    fn to_value(self) -> &'a str {
        self
    }
}

impl<const N: usize> Encode for [u8; N] {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        out.bytes(self);
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> super::ToValue<Vec<u8>> for [u8; N] {
    type Stored = Vec<u8>;
    fn to_value(self) -> Vec<u8> {
        self.to_vec()
    }
}

#[diagnostic::do_not_recommend]
impl<const N: usize> crate::expr::IntoExpr<Vec<u8>> for [u8; N] {
    type Expr = crate::expr::Value<Vec<u8>, Vec<u8>>;
    fn into_expr(self) -> crate::expr::Value<Vec<u8>, Vec<u8>> {
        crate::expr::Value::new(self.to_vec())
    }
}

#[diagnostic::do_not_recommend]
impl<'a, const N: usize> super::ToValue<Vec<u8>> for &'a [u8; N] {
    type Stored = &'a [u8];
    fn to_value(self) -> &'a [u8] {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<'a, const N: usize> crate::expr::IntoExpr<Vec<u8>> for &'a [u8; N] {
    type Expr = crate::expr::Value<Vec<u8>, &'a [u8]>;
    fn into_expr(self) -> crate::expr::Value<Vec<u8>, &'a [u8]> {
        crate::expr::Value::new(self.as_slice())
    }
}
