//! Who asked for a row: the rows of the other table, by their keys.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hasher, RandomState},
    sync::atomic::{AtomicU32, Ordering},
};

use super::key::{Key, KeyColumns, KeyValue, Keys, bind};
use crate::types::{Binder, DecodeError, DecodeFault, RowRead, SqlType};

/// No row comes next.
const NOBODY: u32 = u32::MAX;

/// The keys that rows are looked for by, and who asked for them.
pub(crate) struct Wanted<'k> {
    keys: &'k [Option<Key>],
    first: First<'k>,
    /// The next row that asked for the same key.
    next: Vec<u32>,
    /// The first row of each key, in their order.
    distinct: Vec<u32>,
    /// The row that was found last: rows often come in the order of their keys.
    last: AtomicU32,
}

impl<'k> Wanted<'k> {
    pub(crate) fn new(keys: &'k Keys) -> Self {
        let keys = keys.as_slice();
        let mut first = First::new(keys);
        let mut next = vec![NOBODY; keys.len()];
        for (at, key) in keys.iter().enumerate().rev() {
            let (Some(key), Ok(at)) = (key, u32::try_from(at)) else { continue };
            if let Some(later) = first.insert(key, at) {
                next[at as usize] = later;
            }
        }
        let mut distinct = first.rows();
        distinct.sort_unstable();
        Self { keys, first, next, distinct, last: AtomicU32::new(NOBODY) }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.distinct.is_empty()
    }

    fn key(&self, at: u32) -> Option<&'k Key> {
        self.keys.get(at as usize)?.as_ref()
    }

    /// Binds the keys.
    pub(crate) fn bind<'q>(&'q self, types: impl Iterator<Item = SqlType> + Clone, out: &mut dyn Binder<'q>) {
        bind_lists(self.distinct.len(), types.clone().count(), out, &|row, column, out| {
            if let (Some(key), Some(ty)) = (self.key(self.distinct[row]), types.clone().nth(column)) {
                bind(key.get(column), ty, out);
            }
        });
    }

    /// The rows that asked for the key of this row, which there are some of.
    #[inline]
    pub(crate) fn who<R: RowRead + ?Sized>(
        &self,
        columns: &KeyColumns,
        row: &R,
    ) -> Result<impl Iterator<Item = usize>, DecodeError> {
        let last = self.last.load(Ordering::Relaxed);
        let first = match self.key(last) {
            // Reading a text to compare it is much cheaper than to look for it.
            Some(key @ (Key::Several(_) | Key::One(KeyValue::Text(_)))) if columns.matches(row, key) => last,
            before => match columns.read(row)? {
                Some(key) if before == Some(&key) => last,
                key => key.and_then(|key| self.first.get(&key)).ok_or_else(|| not_asked_for(columns))?,
            },
        };
        self.last.store(first, Ordering::Relaxed);
        let step = |&at: &u32| Some(self.next[at as usize]).filter(|&next| next != NOBODY);
        Ok(std::iter::successors(Some(first), step).map(|at| at as usize))
    }
}

/// Binds rows of values: as a list for each column, or all in one, as the database takes them.
pub(crate) fn bind_lists<'q>(
    rows: usize,
    columns: usize,
    out: &mut dyn Binder<'q>,
    bind: &dyn Fn(usize, usize, &mut dyn Binder<'q>),
) {
    if columns > 1 && out.has_flat_lists() {
        out.begin_list(rows * columns);
        for row in 0..rows {
            (0..columns).for_each(|column| bind(row, column, out));
        }
        return out.end_list();
    }
    for column in 0..columns {
        out.begin_list(rows);
        (0..rows).for_each(|row| bind(row, column, out));
        out.end_list();
    }
}

/// The first row that asked for each key.
enum First<'k> {
    /// By keys that are one integer, as most are.
    Integers(HashMap<i64, u32, Folding>),
    Others(HashMap<&'k Key, u32>),
}

impl<'k> First<'k> {
    fn new(keys: &[Option<Key>]) -> Self {
        let is_integer = |key: &Key| matches!(key, Key::One(KeyValue::Int(_)));
        // They are values of the same columns.
        if keys.iter().flatten().next().is_some_and(is_integer) {
            Self::Integers(HashMap::with_capacity_and_hasher(keys.len(), Folding::new()))
        } else {
            Self::Others(HashMap::with_capacity(keys.len()))
        }
    }

    /// Replaces the first row with one that comes before it.
    fn insert(&mut self, key: &'k Key, row: u32) -> Option<u32> {
        match (self, key) {
            (Self::Integers(rows), Key::One(KeyValue::Int(key))) => rows.insert(*key, row),
            (Self::Integers(_), _) => None,
            (Self::Others(rows), key) => rows.insert(key, row),
        }
    }

    fn rows(&self) -> Vec<u32> {
        match self {
            Self::Integers(rows) => rows.values().copied().collect(),
            Self::Others(rows) => rows.values().copied().collect(),
        }
    }

    fn get(&self, key: &Key) -> Option<u32> {
        match (self, key) {
            (Self::Integers(rows), Key::One(KeyValue::Int(key))) => rows.get(key).copied(),
            (Self::Integers(_), _) => None,
            (Self::Others(rows), key) => rows.get(key).copied(),
        }
    }
}

/// Hashes integers by one multiplication, with a secret of its own for each load: who chooses keys cannot choose which of
/// them collide. It takes a tenth of what the hasher of the standard library does.
struct Folding {
    secret: u64,
}

impl Folding {
    fn new() -> Self {
        Self { secret: RandomState::new().hash_one(0) }
    }
}

impl BuildHasher for Folding {
    type Hasher = Folded;

    #[inline]
    fn build_hasher(&self) -> Folded {
        Folded(self.secret)
    }
}

struct Folded(u64);

impl Hasher for Folded {
    #[inline]
    fn write_i64(&mut self, value: i64) {
        let product = u128::from(self.0 ^ value.cast_unsigned()) * 0x9e37_79b9_7f4a_7c15;
        #[allow(clippy::cast_possible_truncation, reason = "both halves are used")]
        let folded = product as u64 ^ (product >> 64) as u64;
        self.0 = folded;
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_i64(byte.into()));
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

/// A database may take keys for equal that differ in Rust, for instance by a collation that ignores case.
#[cold]
fn not_asked_for(columns: &KeyColumns) -> DecodeError {
    let fault = DecodeFault::Malformed { expected: "the key that was asked for, letter by letter" };
    DecodeError::new::<Key>(columns.at(), fault)
}
