//! Which Rust types can be stored, and how they travel between Rust and a driver.
//!
//! A value is written to a [`Binder`] and read from a [`RowRead`], both implemented by the drivers. They speak a small
//! neutral set of forms (integers, text, microseconds since the epoch, …); how a form looks in a database is the
//! driver's business.

use std::{fmt, net::IpAddr, ops::Bound};

use crate::schema::EnumDef;

mod array;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "decimal")]
mod decimal;
mod integer;
mod interval;
mod ip;
#[cfg(feature = "json")]
mod json;
mod range;
mod scalar;
#[cfg(feature = "uuid")]
mod uuid;

pub use self::array::{ArrayItem, Items};
pub use self::interval::Interval;
#[cfg(feature = "json")]
pub use self::json::Json;
pub use self::range::{Range, RangeItem};

/// The neutral SQL type of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SqlType {
    /// `boolean`.
    Bool,
    /// A 16-bit integer.
    SmallInt,
    /// A 32-bit integer.
    Integer,
    /// A 64-bit integer.
    BigInt,
    /// A 32-bit float.
    Real,
    /// A 64-bit float.
    Double,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// A UUID.
    Uuid,
    /// A calendar date.
    Date,
    /// A time of day.
    Time,
    /// A date and time in no particular time zone.
    Timestamp,
    /// A moment in time, in UTC.
    TimestampTz,
    /// An exact decimal number.
    Decimal,
    /// JSON.
    Json,
    /// The address of a host.
    Inet,
    /// A span of time.
    Interval,
    /// One of the labels of an enum type.
    Enum(&'static EnumDef),
    /// A range of values of this type.
    Range(&'static SqlType),
    /// An array of items of this type, each of which may be NULL.
    Array(&'static SqlType),
}

impl fmt::Display for SqlType {
    /// The type in words that every database understands, for messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "boolean",
            Self::SmallInt => "smallint",
            Self::Integer => "integer",
            Self::BigInt => "bigint",
            Self::Real => "real",
            Self::Double => "double precision",
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Uuid => "uuid",
            Self::Date => "date",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::TimestampTz => "timestamp with time zone",
            Self::Decimal => "decimal",
            Self::Json => "json",
            Self::Inet => "inet",
            Self::Interval => "interval",
            Self::Enum(def) => def.name,
            Self::Range(item) => return write!(f, "range of {item}"),
            Self::Array(item) => return write!(f, "{item}[]"),
        })
    }
}

/// A Rust type that a column can have.
///
/// Derive it: `#[derive(DbEnum)]` for an enum without data, `#[derive(DbType)]` for a newtype of a storable type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a column",
    label = "not a storable type",
    note = "`#[derive(DbEnum)]` makes an enum without data storable, `#[derive(DbType)]` a newtype, and `Json<T>` stores any `T: Serialize + Deserialize` as JSON"
)]
pub trait DbType: Encode + Decode + Send + Sync + 'static {
    /// The type it is stored as: itself, the type a newtype wraps, [`EnumLabel`] for an enum.
    type Base: 'static;
    /// What a database needs to store it: a feature that not every database has, or `()`.
    type Needs: 'static;
    /// How the type is stored.
    const SQL_TYPE: SqlType;
}

/// What an enum is stored as: one of its labels.
#[derive(Debug)]
pub enum EnumLabel {}

/// An enum without data, stored as a label: a PostgreSQL enum type, SQLite text with a check.
pub trait DbEnum: Sized + 'static {
    /// The name and the labels of the type.
    const DEF: &'static EnumDef;
    /// The label of a value.
    fn label(&self) -> &'static str;
    /// The value of a label, if it is one.
    fn from_label(label: &str) -> Option<Self>;
}

/// Reads an enum by its label, for generated code.
#[doc(hidden)]
#[inline]
#[allow(clippy::missing_errors_doc, reason = "called by generated code only")]
pub fn decode_label<T: DbEnum, R: RowRead + ?Sized>(row: &R, index: usize) -> Result<T, DecodeError> {
    let label = row.label(index).map_err(DecodeError::reading::<T>)?;
    T::from_label(label).ok_or_else(|| DecodeError::new::<T>(index, DecodeFault::UnknownLabel))
}

/// A value that can be sent to a database.
pub trait Encode: Send + Sync {
    /// Hands the value to the driver.
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// A value that can be read from a row.
pub trait Decode: Sized {
    /// Reads the value in the column at `index` of the row.
    ///
    /// # Errors
    /// If the column holds NULL, another type, or a value outside of the range of this type.
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError>;
}

/// Takes the values of a statement, in the order of its placeholders. Implemented by drivers.
///
/// A value that cannot be sent is remembered with [`fail`](Binder::fail) and stops the statement before it is sent.
pub trait Binder<'q> {
    /// NULL.
    fn null(&mut self);
    /// A boolean.
    fn bool(&mut self, value: bool);
    /// A 16-bit integer.
    fn i16(&mut self, value: i16);
    /// A 32-bit integer.
    fn i32(&mut self, value: i32);
    /// A 64-bit integer.
    fn i64(&mut self, value: i64);
    /// A 32-bit float.
    fn f32(&mut self, value: f32);
    /// A 64-bit float.
    fn f64(&mut self, value: f64);
    /// A text that outlives the statement's run.
    fn text(&mut self, value: &'q str);
    /// Bytes that outlive the statement's run.
    fn bytes(&mut self, value: &'q [u8]);
    /// The bytes of a UUID.
    fn uuid(&mut self, value: [u8; 16]);
    /// Days since 1970-01-01.
    fn date(&mut self, days: i32);
    /// Microseconds since midnight.
    fn time(&mut self, micros: i64);
    /// Microseconds since 1970-01-01 00:00:00, in no time zone.
    fn timestamp(&mut self, micros: i64);
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    fn timestamp_tz(&mut self, micros: i64);
    /// A decimal number: an optional sign, digits, and an optional point with more digits.
    fn decimal(&mut self, value: String);
    /// The text of a JSON document.
    fn json(&mut self, value: String);
    /// The label of an enum type's value.
    fn label(&mut self, value: &'static str);
    /// The address of a host.
    fn ip(&mut self, value: IpAddr);
    /// A span of time.
    fn interval(&mut self, value: Interval) {
        let _ = value;
        self.fail(EncodeError::Unsupported { sql_type: "interval" });
    }
    /// Begins a range with these bounds, the lower one and the upper one, whose values follow;
    /// [`end_range`](Binder::end_range) ends it. `None` is the range without values.
    fn begin_range(&mut self, bounds: Option<(Bound<()>, Bound<()>)>) {
        let _ = bounds;
        self.fail(EncodeError::Unsupported { sql_type: "range" });
    }
    /// Ends the range begun last.
    fn end_range(&mut self) {}
    /// A pattern to match text with, in the form the dialect's text for `matching` expects.
    fn pattern(&mut self, matching: Matching, value: &'q str);
    /// Begins a list of `len` values that is bound as one; [`end_list`](Binder::end_list) ends it.
    fn begin_list(&mut self, len: usize);
    /// Ends the list begun last.
    fn end_list(&mut self);
    /// Whether the values of several columns are bound as one list, row after row, where the dialect's text takes rows;
    /// otherwise as a list for each column.
    fn has_flat_lists(&self) -> bool {
        false
    }
    /// Begins this many rows whose values follow one another and are bound as an array for each column;
    /// [`end_rows`](Binder::end_rows) ends them. Only for the rows of a dialect's
    /// [`insert_arrays`](crate::dialect::Dialect::insert_arrays).
    fn begin_rows(&mut self, rows: usize, columns: &[SqlType]) {
        let _ = (rows, columns);
    }
    /// Ends the rows begun last.
    fn end_rows(&mut self) {}
    /// Remembers that a value cannot be sent; the first one counts.
    fn fail(&mut self, error: EncodeError);
}

/// The ways to match a text with a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Matching {
    /// `LIKE`: `%` and `_` are wildcards, case counts.
    Like,
    /// `ILIKE`: `%` and `_` are wildcards, case does not count.
    ILike,
    /// The text contains the pattern as it is.
    Contains,
    /// The text begins with the pattern as it is.
    StartsWith,
    /// The text ends with the pattern as it is.
    EndsWith,
}

/// Gives the values of a row, by position. Implemented by drivers.
#[allow(clippy::missing_errors_doc, reason = "every method fails alike: the column holds NULL or another type")]
pub trait RowRead {
    /// Whether the column holds NULL.
    fn is_null(&self, index: usize) -> bool;
    /// A boolean.
    fn bool(&self, index: usize) -> Result<bool, DecodeError>;
    /// A 16-bit integer.
    fn i16(&self, index: usize) -> Result<i16, DecodeError>;
    /// A 32-bit integer.
    fn i32(&self, index: usize) -> Result<i32, DecodeError>;
    /// A 64-bit integer.
    fn i64(&self, index: usize) -> Result<i64, DecodeError>;
    /// A 32-bit float.
    fn f32(&self, index: usize) -> Result<f32, DecodeError>;
    /// A 64-bit float.
    fn f64(&self, index: usize) -> Result<f64, DecodeError>;
    /// A text.
    fn text(&self, index: usize) -> Result<&str, DecodeError>;
    /// Bytes.
    fn bytes(&self, index: usize) -> Result<&[u8], DecodeError>;
    /// The bytes of a UUID.
    fn uuid(&self, index: usize) -> Result<[u8; 16], DecodeError>;
    /// Days since 1970-01-01.
    fn date(&self, index: usize) -> Result<i32, DecodeError>;
    /// Microseconds since midnight.
    fn time(&self, index: usize) -> Result<i64, DecodeError>;
    /// Microseconds since 1970-01-01 00:00:00, in no time zone.
    fn timestamp(&self, index: usize) -> Result<i64, DecodeError>;
    /// Microseconds since 1970-01-01 00:00:00 UTC.
    fn timestamp_tz(&self, index: usize) -> Result<i64, DecodeError>;
    /// A decimal number, as [`Binder::decimal`] takes it.
    fn decimal(&self, index: usize) -> Result<String, DecodeError>;
    /// The text of a JSON document.
    fn json(&self, index: usize) -> Result<&str, DecodeError>;
    /// The label of an enum type's value.
    fn label(&self, index: usize) -> Result<&str, DecodeError>;
    /// The address of a host.
    fn ip(&self, index: usize) -> Result<IpAddr, DecodeError>;
    /// A span of time.
    fn interval(&self, index: usize) -> Result<Interval, DecodeError> {
        let found = "something else than an interval";
        Err(DecodeError::new::<Interval>(index, DecodeFault::WrongType { found }))
    }
    /// Shows the values of a range's bounds, that of the lower one first, each as the only column of a row, and gives the
    /// bounds; `None` of the range without values.
    fn range(
        &self,
        index: usize,
        value: &mut dyn FnMut(&dyn RowRead) -> Result<(), DecodeError>,
    ) -> Result<Option<(Bound<()>, Bound<()>)>, DecodeError> {
        let _ = value;
        Err(DecodeError::new::<Range<()>>(index, DecodeFault::WrongType { found: "something else than a range" }))
    }
    /// Shows each item of an array, as the only column of a row.
    fn array(
        &self,
        index: usize,
        item: &mut dyn FnMut(&dyn RowRead) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        let _ = item;
        Err(DecodeError::new::<[()]>(index, DecodeFault::WrongType { found: "something else than an array" }))
    }
}

/// Why a value cannot be sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum EncodeError {
    /// The database stores NaN as NULL.
    NotANumber,
    /// The value is outside of what the database can store or compare.
    OutOfRange {
        /// The type it was to be stored as.
        sql_type: &'static str,
    },
    /// The value is longer than the database takes.
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The greatest size.
        limit: usize,
    },
    /// The database has no such type.
    Unsupported {
        /// The type.
        sql_type: &'static str,
    },
    /// The value could not be written as JSON.
    Json(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotANumber => write!(f, "NaN cannot be stored: the database would keep it as NULL"),
            Self::OutOfRange { sql_type } => write!(f, "the value is out of the range of {sql_type}"),
            Self::TooLarge { bytes, limit } => {
                write!(f, "the value is too large: {bytes} bytes, where the database takes {limit}")
            }
            Self::Unsupported { sql_type } => write!(f, "the database has no type {sql_type}"),
            Self::Json(_) => write!(f, "the value cannot be written as JSON"),
        }
    }
}

impl std::error::Error for EncodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(source) => Some(&**source),
            _ => None,
        }
    }
}

/// Why a column of a row could not be read, and which one.
#[derive(Debug)]
pub struct DecodeError(Box<DecodeFailure>);

#[derive(Debug)]
struct DecodeFailure {
    index: usize,
    rust_type: &'static str,
    fault: DecodeFault,
}

/// Why a value could not be read.
#[derive(Debug)]
#[non_exhaustive]
pub enum DecodeFault {
    /// The column holds NULL, the Rust type is not an `Option`.
    Null,
    /// The column holds a value of another storage class or type.
    WrongType {
        /// What was found.
        found: &'static str,
    },
    /// The value is a float where an integer was expected.
    Float,
    /// The value is a number or a time the Rust type cannot hold.
    OutOfRange,
    /// The statement computed a number or a time the Rust type cannot hold.
    Overflow,
    /// The text is not valid UTF-8.
    InvalidUtf8,
    /// The text is not in the form this type is stored in.
    Malformed {
        /// The form that was expected.
        expected: &'static str,
    },
    /// The text is not a label of the enum.
    UnknownLabel,
    /// The JSON document does not fit the Rust type.
    Json(Box<dyn std::error::Error + Send + Sync>),
}

impl fmt::Display for DecodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => write!(f, "the value is NULL, and the Rust type is not an `Option`"),
            Self::WrongType { found } => write!(f, "the value is stored as {found}"),
            Self::Float => write!(f, "the value is stored as a float"),
            Self::OutOfRange => write!(f, "the value is out of range"),
            Self::Overflow => write!(f, "the computed value is out of range"),
            Self::InvalidUtf8 => write!(f, "the text is not valid UTF-8"),
            Self::Malformed { expected } => write!(f, "the text is not {expected}"),
            Self::UnknownLabel => write!(f, "the text is not one of the labels of the enum"),
            Self::Json(_) => write!(f, "the JSON does not fit the Rust type"),
        }
    }
}

impl std::error::Error for DecodeFault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Json(source) => Some(&**source),
            _ => None,
        }
    }
}

impl DecodeError {
    /// The column at `index` could not be read as `T`.
    #[cold]
    pub fn new<T: ?Sized>(index: usize, fault: DecodeFault) -> Self {
        Self(Box::new(DecodeFailure { index, rust_type: std::any::type_name::<T>(), fault }))
    }

    /// The same failure, told of the Rust type the user asked for instead of the one it is stored through.
    #[cold]
    #[must_use]
    pub fn reading<T: ?Sized>(mut self) -> Self {
        self.0.rust_type = std::any::type_name::<T>();
        self
    }

    /// The same failure, told of the column that what could not be read is a part of.
    #[cold]
    #[must_use]
    pub fn at(mut self, index: usize) -> Self {
        self.0.index = index;
        self
    }

    /// The position of the column in the row.
    pub fn index(&self) -> usize {
        self.0.index
    }

    /// The Rust type it was read as.
    pub fn rust_type(&self) -> &'static str {
        self.0.rust_type
    }

    /// Why it could not be read.
    pub fn into_fault(self) -> DecodeFault {
        self.0.fault
    }
}

impl<T: Encode + ?Sized> Encode for &T {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        (**self).encode(out);
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        match self {
            Some(value) => value.encode(out),
            None => out.null(),
        }
    }
}

impl<T: Decode> Decode for Option<T> {
    #[inline]
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
        if row.is_null(index) { Ok(None) } else { T::decode(row, index).map(Some) }
    }
}

/// A Rust value that can stand where an SQL expression of type `T` is expected: `&str` for `String`, `T` for `T`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a value of type `{T}`", label = "not a `{T}`")]
pub trait ToValue<T> {
    /// What is kept in the query until it runs.
    type Stored: Encode;
    /// Converts the value.
    fn to_value(self) -> Self::Stored;
}

/// Implements [`ToValue`] and `IntoExpr` for a type that is its own SQL type. Derives call it for enums and newtypes.
#[doc(hidden)]
#[macro_export]
macro_rules! __value_type {
    ($({$($generics:tt)*})? $ty:ty) => {
        $crate::__value_type!(@value [$($($generics)*)?] $ty, $ty, $ty, |value| value);
        $crate::__value_type!(@value [$($($generics)*)?] &'__v $ty, $ty, &'__v $ty, |value| value);
    };
    (@value [$($generics:tt)*] $from:ty, $ty:ty, $stored:ty, |$value:ident| $convert:expr) => {
        $crate::__value_type!(@to_value [$($generics)*] $from, $ty, $stored, |$value| $convert);
        #[diagnostic::do_not_recommend]
        impl<'__v, $($generics)*> $crate::expr::IntoExpr<$ty> for $from {
            type Expr = $crate::expr::Value<$ty, $stored>;
            fn into_expr(self) -> $crate::expr::Value<$ty, $stored> {
                let $value = self;
                $crate::expr::Value::new($convert)
            }
        }
    };
    (@to_value [$($generics:tt)*] $from:ty, $ty:ty, $stored:ty, |$value:ident| $convert:expr) => {
        #[diagnostic::do_not_recommend]
        impl<'__v, $($generics)*> $crate::types::ToValue<$ty> for $from {
            type Stored = $stored;
            fn to_value(self) -> $stored {
                let $value = self;
                $convert
            }
        }
    };
}
