//! The values by which rows of two tables belong together.

use std::net::IpAddr;

use crate::{
    schema::{ColumnInfo, TableDef},
    table::Table,
    types::{Binder, DecodeError, DecodeFault, Encode, EncodeError, Interval, Matching, RowRead, SqlType},
};

/// The value of a column that rows are related by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum KeyValue {
    Bool(bool),
    /// An integer, or days or microseconds.
    Int(i64),
    /// The bits of a float.
    Float(u64),
    Uuid([u8; 16]),
    Text(Box<str>),
    Bytes(Box<[u8]>),
    Ip(IpAddr),
}

impl KeyValue {
    /// A float: zeros of either sign are equal, and so are all that are no numbers where they are equal to anything.
    fn float(value: f64) -> Self {
        let value = if value.is_nan() { f64::NAN } else { value };
        // Adding zero makes zero of its negative.
        Self::Float((value + 0.0).to_bits())
    }

    /// A decimal: `1.50` is equal to `1.5`.
    fn decimal(digits: &str) -> Self {
        let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
        Self::Text(if digits == "-0" { "0" } else { digits }.into())
    }
}

/// The values of all columns that rows are related by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    One(KeyValue),
    Several(Box<[KeyValue]>),
}

impl Key {
    pub(crate) fn get(&self, at: usize) -> &KeyValue {
        match self {
            Self::One(value) => value,
            Self::Several(values) => &values[at],
        }
    }
}

/// A column of a key in a row.
#[derive(Debug, Clone)]
struct KeyColumn {
    at: usize,
    ty: SqlType,
    nullable: bool,
}

/// Where the columns of a key are in a row, and their types.
#[derive(Debug, Clone)]
pub(crate) struct KeyColumns(Vec<KeyColumn>);

impl KeyColumns {
    /// The columns of a table that are at these places of a row.
    pub(crate) fn new(table: &TableDef, columns: &[usize], mut places: impl FnMut(usize) -> usize) -> Self {
        let column = |(at, &column): (usize, &usize)| {
            let ColumnInfo { sql_type: ty, nullable, .. } = table.columns[column];
            KeyColumn { at: places(at), ty, nullable }
        };
        Self(columns.iter().enumerate().map(column).collect())
    }

    /// The same columns of rows in which they are not NULL.
    pub(crate) fn never_null(mut self) -> Self {
        self.0.iter_mut().for_each(|column| column.nullable = false);
        self
    }

    /// The key of a row; `None` if a column of it is NULL, which nothing is equal to.
    #[inline]
    pub(crate) fn read<R: RowRead + ?Sized>(&self, row: &R) -> Result<Option<Key>, DecodeError> {
        if self.0.iter().any(|column| column.nullable && row.is_null(column.at)) {
            return Ok(None);
        }
        if let [KeyColumn { at, ty, .. }] = self.0.as_slice() {
            return read(row, *at, *ty).map(Key::One).map(Some);
        }
        let values: Result<Box<[_]>, _> = self.0.iter().map(|column| read(row, column.at, column.ty)).collect();
        values.map(Key::Several).map(Some)
    }

    /// Whether the row has this key.
    pub(crate) fn matches<R: RowRead + ?Sized>(&self, row: &R, key: &Key) -> bool {
        self.0.iter().enumerate().all(|(place, &KeyColumn { at, ty, .. })| match (key.get(place), ty) {
            (KeyValue::Text(text), SqlType::Text) => row.text(at).is_ok_and(|found| *found == **text),
            (value, ty) => read(row, at, ty).is_ok_and(|found| found == *value),
        })
    }

    /// The first column's place, for errors.
    pub(crate) fn at(&self) -> usize {
        self.0.first().map_or(0, |column| column.at)
    }
}

#[inline]
fn read<R: RowRead + ?Sized>(row: &R, at: usize, ty: SqlType) -> Result<KeyValue, DecodeError> {
    Ok(match ty {
        SqlType::Bool => KeyValue::Bool(row.bool(at)?),
        SqlType::SmallInt => KeyValue::Int(row.i16(at)?.into()),
        SqlType::Integer => KeyValue::Int(row.i32(at)?.into()),
        SqlType::BigInt => KeyValue::Int(row.i64(at)?),
        SqlType::Real => KeyValue::float(row.f32(at)?.into()),
        SqlType::Double => KeyValue::float(row.f64(at)?),
        SqlType::Text => KeyValue::Text(row.text(at)?.into()),
        SqlType::Bytes => KeyValue::Bytes(row.bytes(at)?.into()),
        SqlType::Uuid => KeyValue::Uuid(row.uuid(at)?),
        SqlType::Date => KeyValue::Int(row.date(at)?.into()),
        SqlType::Time => KeyValue::Int(row.time(at)?),
        SqlType::Timestamp => KeyValue::Int(row.timestamp(at)?),
        SqlType::TimestampTz => KeyValue::Int(row.timestamp_tz(at)?),
        SqlType::Decimal => KeyValue::decimal(&row.decimal(at)?),
        SqlType::Enum(_) => KeyValue::Text(row.label(at)?.into()),
        SqlType::Inet => KeyValue::Ip(row.ip(at)?),
        SqlType::Json | SqlType::Interval | SqlType::Range(_) | SqlType::Array(_) => {
            return Err(DecodeError::new::<Key>(at, DecodeFault::WrongType { found: "a type that is no key" }));
        }
    })
}

/// Binds a value of a column of this type.
pub(crate) fn bind<'q>(value: &'q KeyValue, ty: SqlType, out: &mut dyn Binder<'q>) {
    match (value, ty) {
        (KeyValue::Bool(value), _) => out.bool(*value),
        // What was read from a narrower column fits it.
        (KeyValue::Int(value), SqlType::SmallInt) => out.i16(i16::try_from(*value).unwrap_or_default()),
        (KeyValue::Int(value), SqlType::Integer) => out.i32(i32::try_from(*value).unwrap_or_default()),
        (KeyValue::Int(value), SqlType::Date) => out.date(i32::try_from(*value).unwrap_or_default()),
        (KeyValue::Int(value), SqlType::Time) => out.time(*value),
        (KeyValue::Int(value), SqlType::Timestamp) => out.timestamp(*value),
        (KeyValue::Int(value), SqlType::TimestampTz) => out.timestamp_tz(*value),
        (KeyValue::Int(value), _) => out.i64(*value),
        #[allow(clippy::cast_possible_truncation, reason = "it was read from an f32")]
        (KeyValue::Float(bits), SqlType::Real) => out.f32(f64::from_bits(*bits) as f32),
        (KeyValue::Float(bits), _) => out.f64(f64::from_bits(*bits)),
        (KeyValue::Uuid(value), _) => out.uuid(*value),
        (KeyValue::Text(value), SqlType::Decimal) => out.decimal(value.to_string()),
        (KeyValue::Text(value), SqlType::Enum(def)) => match def.labels.iter().find(|label| ***label == **value) {
            Some(label) => out.label(label),
            None => out.fail(EncodeError::Unsupported { sql_type: "a label that the enum does not have" }),
        },
        (KeyValue::Text(value), _) => out.text(value),
        (KeyValue::Bytes(value), _) => out.bytes(value),
        (KeyValue::Ip(value), _) => out.ip(*value),
    }
}

/// The keys of rows, one for each.
#[derive(Clone, Default)]
pub struct Keys(Vec<Option<Key>>);

impl Keys {
    pub(crate) fn push(&mut self, key: Option<Key>) {
        self.0.push(key);
    }

    /// Whether there is one.
    pub(crate) fn is_any(&self) -> bool {
        self.0.iter().any(Option::is_some)
    }

    pub(crate) fn get(&self, at: usize) -> Option<&Key> {
        self.0.get(at)?.as_ref()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn as_slice(&self) -> &[Option<Key>] {
        &self.0
    }
}

/// The value of a column that rows are related by, with its type.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct KeyCell {
    value: Option<KeyValue>,
    ty: SqlType,
}

impl Encode for KeyCell {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        match &self.value {
            Some(value) => bind(value, self.ty, out),
            None => out.null(),
        }
    }
}

/// Takes a value as a key.
#[derive(Default)]
pub(crate) struct KeyOf(Vec<Option<KeyValue>>);

impl KeyOf {
    /// The key of a row in these columns; `None` if one of them is NULL.
    pub(crate) fn row<T: Table>(row: &T, columns: &[usize]) -> Option<Key> {
        let mut key = Self::default();
        columns.iter().for_each(|&column| row.cell(column, &mut key));
        key.finish()
    }

    /// The value of a column of a row, as one of a column of this type.
    pub(crate) fn cell<T: Table>(row: &T, column: usize, ty: SqlType) -> KeyCell {
        let mut key = Self::default();
        row.cell(column, &mut key);
        key.into_cell(ty)
    }

    pub(crate) fn finish(self) -> Option<Key> {
        let mut values = self.0.into_iter().collect::<Option<Vec<_>>>()?;
        if values.len() == 1 { values.pop().map(Key::One) } else { Some(Key::Several(values.into())) }
    }

    /// The value as one of a column of this type.
    pub(crate) fn into_cell(self, ty: SqlType) -> KeyCell {
        KeyCell { value: self.0.into_iter().next().flatten(), ty }
    }

    fn push(&mut self, value: KeyValue) {
        self.0.push(Some(value));
    }
}

impl<'q> Binder<'q> for KeyOf {
    fn null(&mut self) {
        self.0.push(None);
    }
    fn bool(&mut self, value: bool) {
        self.push(KeyValue::Bool(value));
    }
    fn i16(&mut self, value: i16) {
        self.push(KeyValue::Int(value.into()));
    }
    fn i32(&mut self, value: i32) {
        self.push(KeyValue::Int(value.into()));
    }
    fn i64(&mut self, value: i64) {
        self.push(KeyValue::Int(value));
    }
    fn f32(&mut self, value: f32) {
        self.push(KeyValue::float(value.into()));
    }
    fn f64(&mut self, value: f64) {
        self.push(KeyValue::float(value));
    }
    fn text(&mut self, value: &'q str) {
        self.push(KeyValue::Text(value.into()));
    }
    fn bytes(&mut self, value: &'q [u8]) {
        self.push(KeyValue::Bytes(value.into()));
    }
    fn uuid(&mut self, value: [u8; 16]) {
        self.push(KeyValue::Uuid(value));
    }
    fn date(&mut self, days: i32) {
        self.push(KeyValue::Int(days.into()));
    }
    fn time(&mut self, micros: i64) {
        self.push(KeyValue::Int(micros));
    }
    fn timestamp(&mut self, micros: i64) {
        self.push(KeyValue::Int(micros));
    }
    fn timestamp_tz(&mut self, micros: i64) {
        self.push(KeyValue::Int(micros));
    }
    fn decimal(&mut self, value: String) {
        self.push(KeyValue::decimal(&value));
    }
    fn json(&mut self, value: String) {
        self.push(KeyValue::Text(value.into()));
    }
    fn label(&mut self, value: &'static str) {
        self.push(KeyValue::Text(value.into()));
    }
    fn ip(&mut self, value: IpAddr) {
        self.push(KeyValue::Ip(value));
    }
    fn interval(&mut self, _value: Interval) {
        self.null();
    }
    fn pattern(&mut self, _matching: Matching, value: &'q str) {
        self.text(value);
    }
    fn begin_list(&mut self, _len: usize) {}
    fn end_list(&mut self) {}
    fn fail(&mut self, _error: EncodeError) {
        self.null();
    }
}
