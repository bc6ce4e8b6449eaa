//! The values by which rows of two tables belong together.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{
    schema::TableDef,
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

/// The values of all columns that rows are related by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    One(KeyValue),
    Several(Box<[KeyValue]>),
}

impl Key {
    fn get(&self, at: usize) -> &KeyValue {
        match self {
            Self::One(value) => value,
            Self::Several(values) => &values[at],
        }
    }
}

/// Where the columns of a key are in a row, and their types.
#[derive(Debug, Clone)]
pub(crate) struct KeyColumns(Vec<(usize, SqlType)>);

impl KeyColumns {
    /// The columns of a table that are at these places of a row.
    pub(crate) fn new(table: &TableDef, columns: &[usize], mut places: impl FnMut(usize) -> usize) -> Self {
        let column = |(at, &column): (usize, &usize)| (places(at), table.columns[column].sql_type);
        Self(columns.iter().enumerate().map(column).collect())
    }

    /// The key of a row; `None` if a column of it is NULL, which nothing is equal to.
    pub(crate) fn read<R: RowRead + ?Sized>(&self, row: &R) -> Result<Option<Key>, DecodeError> {
        if let [(at, ty)] = self.0.as_slice() {
            return if row.is_null(*at) { Ok(None) } else { read(row, *at, *ty).map(Key::One).map(Some) };
        }
        if self.0.iter().any(|(at, _)| row.is_null(*at)) {
            return Ok(None);
        }
        let values: Result<Box<[_]>, _> = self.0.iter().map(|(at, ty)| read(row, *at, *ty)).collect();
        values.map(Key::Several).map(Some)
    }

    /// Whether the row has this key.
    fn matches<R: RowRead + ?Sized>(&self, row: &R, key: &Key) -> bool {
        self.0.iter().enumerate().all(|(column, (at, ty))| match (key.get(column), ty) {
            (KeyValue::Text(text), SqlType::Text) => row.text(*at).is_ok_and(|found| *found == **text),
            (value, ty) => read(row, *at, *ty).is_ok_and(|found| found == *value),
        })
    }
}

fn read<R: RowRead + ?Sized>(row: &R, at: usize, ty: SqlType) -> Result<KeyValue, DecodeError> {
    Ok(match ty {
        SqlType::Bool => KeyValue::Bool(row.bool(at)?),
        SqlType::SmallInt => KeyValue::Int(row.i16(at)?.into()),
        SqlType::Integer => KeyValue::Int(row.i32(at)?.into()),
        SqlType::BigInt => KeyValue::Int(row.i64(at)?),
        SqlType::Real => KeyValue::Float(f64::from(row.f32(at)?).to_bits()),
        SqlType::Double => KeyValue::Float(row.f64(at)?.to_bits()),
        SqlType::Text => KeyValue::Text(row.text(at)?.into()),
        SqlType::Bytes => KeyValue::Bytes(row.bytes(at)?.into()),
        SqlType::Uuid => KeyValue::Uuid(row.uuid(at)?),
        SqlType::Date => KeyValue::Int(row.date(at)?.into()),
        SqlType::Time => KeyValue::Int(row.time(at)?),
        SqlType::Timestamp => KeyValue::Int(row.timestamp(at)?),
        SqlType::TimestampTz => KeyValue::Int(row.timestamp_tz(at)?),
        SqlType::Decimal => KeyValue::Text(row.decimal(at)?.into()),
        SqlType::Enum(_) => KeyValue::Text(row.label(at)?.into()),
        SqlType::Inet => KeyValue::Ip(row.ip(at)?),
        SqlType::Json | SqlType::Interval | SqlType::Range(_) | SqlType::Array(_) => {
            return Err(DecodeError::new::<Key>(at, DecodeFault::WrongType { found: "a type that is no key" }));
        }
    })
}

fn bind<'q>(value: &'q KeyValue, ty: SqlType, out: &mut dyn Binder<'q>) {
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
#[derive(Clone)]
pub struct Keys(Vec<Option<Key>>);

impl Default for Keys {
    fn default() -> Self {
        Self(Vec::new())
    }
}

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
}

/// No row comes next.
const NOBODY: u32 = u32::MAX;

/// The keys that rows are looked for by, and who asked for them.
pub(crate) struct Wanted<'k> {
    keys: &'k [Option<Key>],
    /// The first row that asked for a key.
    first: HashMap<&'k Key, u32>,
    /// The next row that asked for the same key.
    next: Vec<u32>,
    /// The first row of each key, in their order.
    distinct: Vec<u32>,
    /// The row that was found last: rows often come in the order of their keys.
    last: AtomicU32,
}

impl<'k> Wanted<'k> {
    pub(crate) fn new(keys: &'k Keys) -> Self {
        let keys = keys.0.as_slice();
        let mut first = HashMap::with_capacity(keys.len());
        let mut next = vec![NOBODY; keys.len()];
        let mut distinct = Vec::with_capacity(keys.len());
        for (at, key) in keys.iter().enumerate().rev() {
            let (Some(key), Ok(at)) = (key, u32::try_from(at)) else { continue };
            if let Some(later) = first.insert(key, at) {
                next[at as usize] = later;
            }
        }
        distinct.extend(first.values().copied());
        distinct.sort_unstable();
        Self { keys, first, next, distinct, last: AtomicU32::new(NOBODY) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.distinct.is_empty()
    }

    fn key(&self, at: u32) -> Option<&'k Key> {
        self.keys.get(at as usize)?.as_ref()
    }

    /// Binds the keys: a list for each column.
    pub(crate) fn bind<'q>(&'q self, types: impl Iterator<Item = SqlType>, out: &mut dyn Binder<'q>) {
        for (column, ty) in types.enumerate() {
            out.begin_list(self.distinct.len());
            for key in self.distinct.iter().filter_map(|&at| self.key(at)) {
                bind(key.get(column), ty, out);
            }
            out.end_list();
        }
    }

    /// The rows that asked for the key of this row, which there are some of.
    pub(crate) fn who<R: RowRead + ?Sized>(
        &self,
        columns: &KeyColumns,
        row: &R,
    ) -> Result<impl Iterator<Item = usize>, DecodeError> {
        let last = self.last.load(Ordering::Relaxed);
        let first = match self.key(last) {
            Some(key) if columns.matches(row, key) => last,
            _ => {
                let key = columns.read(row)?;
                // A database may take keys for equal that differ in Rust, for instance by a collation that ignores case.
                let found = key.and_then(|key| self.first.get(&key).copied());
                let fault = DecodeFault::Malformed { expected: "the key that was asked for, letter by letter" };
                found.ok_or_else(|| DecodeError::new::<Key>(columns.0.first().map_or(0, |(at, _)| *at), fault))?
            }
        };
        self.last.store(first, Ordering::Relaxed);
        let step = |&at: &u32| Some(self.next[at as usize]).filter(|&next| next != NOBODY);
        Ok(std::iter::successors(Some(first), step).map(|at| at as usize))
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
        self.push(KeyValue::Float(f64::from(value).to_bits()));
    }
    fn f64(&mut self, value: f64) {
        self.push(KeyValue::Float(value.to_bits()));
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
        self.push(KeyValue::Text(value.into()));
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
