//! How the rows of two tables belong together: constant data, found when the program is compiled.

use crate::schema::{ForeignKeyDef, IndexKey, IndexPart, TableDef};

/// The greatest number of columns of a key that relations follow.
const MOST: usize = 4;

/// Columns of a table, as positions in [`TableDef::columns`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Positions {
    at: [usize; MOST],
    len: usize,
}

impl Positions {
    const NONE: Self = Self { at: [0; MOST], len: 0 };

    /// The positions, in the order of the key.
    pub const fn as_slice(&self) -> &[usize] {
        self.at.split_at(self.len).0
    }

    const fn push(mut self, position: usize) -> Self {
        assert!(self.len < MOST, "relations follow keys of up to four columns");
        self.at[self.len] = position;
        self.len += 1;
        self
    }
}

/// The table between two that are related many to many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Through {
    /// The table.
    pub table: &'static TableDef,
    /// Its columns that hold the owner's key.
    pub to_owner: Positions,
    /// Its columns that hold the target's key.
    pub to_target: Positions,
}

/// How rows of one table, the owner, lead to rows of another, the target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RelationInfo {
    /// What the relation is called.
    pub name: &'static str,
    /// The table whose rows have the relation.
    pub owner: &'static TableDef,
    /// The table it leads to.
    pub target: &'static TableDef,
    /// The owner's columns that the other side's are equal to.
    pub owner_key: Positions,
    /// The target's columns that are equal to the owner's, or to those of the table between.
    pub target_key: Positions,
    /// The table between, of a relation of many to many.
    pub through: Option<Through>,
}

/// How many rows a relation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Any number.
    Many,
    /// One: the owner has the key, which is never NULL.
    One,
    /// One or none.
    Optional,
}

/// What is said when keys do not fit a relation, written by `relations!`, which knows the names.
#[doc(hidden)]
#[allow(missing_docs, reason = "named after what is wrong")]
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub none: &'static str,
    pub several: &'static str,
    pub unknown: &'static str,
    pub nullable: &'static str,
    pub reverse: &'static str,
    pub not_unique: &'static str,
    pub none_to_target: &'static str,
    pub several_to_target: &'static str,
}

impl RelationInfo {
    /// The relation along the only foreign key between two tables, or the one that begins with the columns `via`.
    #[doc(hidden)]
    #[track_caller]
    pub const fn direct(
        name: &'static str,
        (owner, target): (&'static TableDef, &'static TableDef),
        count: Count,
        via: &[&str],
        words: &Words,
    ) -> Self {
        let own = if matches!(count, Count::Many) { Search::None } else { search(owner, target, via) };
        let (owner_key, target_key) = match own {
            Search::Several => panic!("{}", words.several),
            Search::Found(key) => {
                let from = positions(owner, key.columns);
                assert!(!matches!(count, Count::One) || never_null(owner, &from), "{}", words.nullable);
                (from, positions(target, key.references))
            }
            Search::None => match search(target, owner, via) {
                Search::Several => panic!("{}", words.several),
                Search::None if !knows(owner, via) && !knows(target, via) => panic!("{}", words.unknown),
                Search::None => panic!("{}", words.none),
                Search::Found(key) => {
                    assert!(!matches!(count, Count::One), "{}", words.reverse);
                    let from = positions(target, key.columns);
                    assert!(matches!(count, Count::Many) || is_unique(target, key.columns), "{}", words.not_unique);
                    (positions(owner, key.references), from)
                }
            },
        };
        Self { name, owner, target, owner_key, target_key, through: None }
    }

    /// The relation through a table with a foreign key to either side: the only ones, or those that begin with `to_owner`
    /// and `to_target`.
    #[doc(hidden)]
    #[track_caller]
    pub const fn through(
        name: &'static str,
        (owner, target): (&'static TableDef, &'static TableDef),
        table: &'static TableDef,
        (to_owner, to_target): (&[&str], &[&str]),
        words: &Words,
    ) -> Self {
        assert!(knows(table, to_owner) && knows(table, to_target), "{}", words.unknown);
        let owner_side = match search(table, owner, to_owner) {
            Search::Found(key) => key,
            Search::None => panic!("{}", words.none),
            Search::Several => panic!("{}", words.several),
        };
        let target_side = match search(table, target, to_target) {
            Search::Found(key) => key,
            Search::None => panic!("{}", words.none_to_target),
            Search::Several => panic!("{}", words.several_to_target),
        };
        let through = Through {
            table,
            to_owner: positions(table, owner_side.columns),
            to_target: positions(table, target_side.columns),
        };
        let (owner_key, target_key) =
            (positions(owner, owner_side.references), positions(target, target_side.references));
        Self { name, owner, target, owner_key, target_key, through: Some(through) }
    }

    /// The relation of rows with equal values of these columns, whatever keys there are.
    #[doc(hidden)]
    #[track_caller]
    pub const fn on(
        name: &'static str,
        (owner, target): (&'static TableDef, &'static TableDef),
        own: &[&str],
        others: &[&str],
    ) -> Self {
        let (owner_key, target_key) = (named(owner, own), named(target, others));
        Self { name, owner, target, owner_key, target_key, through: None }
    }
}

enum Search {
    None,
    Found(&'static ForeignKeyDef),
    Several,
}

/// The foreign key of a table to another that is made of the columns `via`, or the only one if that is empty.
const fn search(from: &'static TableDef, to: &'static TableDef, via: &[&str]) -> Search {
    let mut found = Search::None;
    let mut at = 0;
    while at < from.foreign_keys.len() {
        let key = &from.foreign_keys[at];
        at += 1;
        if !equal(key.table, to.name) || !(via.is_empty() || made_of(from, key, via)) {
            continue;
        }
        if let Search::Found(_) = found {
            return Search::Several;
        }
        found = Search::Found(key);
    }
    found
}

const fn made_of(table: &'static TableDef, key: &ForeignKeyDef, via: &[&str]) -> bool {
    if key.columns.len() != via.len() {
        return false;
    }
    let mut at = 0;
    while at < via.len() {
        match position(table, via[at], Name::Rust) {
            Some(position) if equal(table.columns[position].name, key.columns[at]) => at += 1,
            _ => return false,
        }
    }
    true
}

#[derive(Clone, Copy)]
enum Name {
    Rust,
    Sql,
}

const fn position(table: &TableDef, name: &str, kind: Name) -> Option<usize> {
    let mut at = 0;
    while at < table.columns.len() {
        let known = match kind {
            Name::Rust => table.columns[at].rust_name,
            Name::Sql => table.columns[at].name,
        };
        if equal(known, name) {
            return Some(at);
        }
        at += 1;
    }
    None
}

const fn knows(table: &TableDef, columns: &[&str]) -> bool {
    let mut at = 0;
    while at < columns.len() {
        if position(table, columns[at], Name::Rust).is_none() {
            return false;
        }
        at += 1;
    }
    true
}

const fn lookup(table: &TableDef, names: &[&str], kind: Name) -> Positions {
    let mut found = Positions::NONE;
    let mut at = 0;
    while at < names.len() {
        match position(table, names[at], kind) {
            Some(position) => found = found.push(position),
            None => panic!("the columns of a key are columns of its table"),
        }
        at += 1;
    }
    found
}

/// The position of a column by its name in SQL.
pub(crate) const fn sql_position(table: &TableDef, name: &str) -> usize {
    match position(table, name, Name::Sql) {
        Some(position) => position,
        None => panic!("a column is one of its table"),
    }
}

const fn positions(table: &TableDef, columns: &[&str]) -> Positions {
    lookup(table, columns, Name::Sql)
}

const fn named(table: &TableDef, columns: &[&str]) -> Positions {
    lookup(table, columns, Name::Rust)
}

const fn never_null(table: &TableDef, key: &Positions) -> bool {
    let positions = key.as_slice();
    let mut at = 0;
    while at < positions.len() {
        if table.columns[positions[at]].nullable {
            return false;
        }
        at += 1;
    }
    true
}

/// Whether there is at most one row with these values.
const fn is_unique(table: &TableDef, columns: &[&str]) -> bool {
    if same(table.primary_key, columns) {
        return true;
    }
    let mut at = 0;
    while at < table.uniques.len() {
        if same(table.uniques[at].columns, columns) {
            return true;
        }
        at += 1;
    }
    let mut at = 0;
    while at < table.indexes.len() {
        let index = &table.indexes[at];
        if index.unique && index.filter.is_none() && covers(index.parts, columns) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether an index is one of these columns and of nothing else.
const fn covers(parts: &[IndexPart], columns: &[&str]) -> bool {
    let mut at = 0;
    while at < parts.len() {
        let IndexKey::Column(name) = parts[at].key else { return false };
        if !contains(columns, name) {
            return false;
        }
        at += 1;
    }
    parts.len() == columns.len()
}

const fn contains(names: &[&str], name: &str) -> bool {
    let mut at = 0;
    while at < names.len() {
        if equal(names[at], name) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether both have the same names, in whatever order.
const fn same(names: &[&str], others: &[&str]) -> bool {
    let mut at = 0;
    while at < names.len() {
        if !contains(others, names[at]) {
            return false;
        }
        at += 1;
    }
    names.len() == others.len()
}

const fn equal(name: &str, other: &str) -> bool {
    let (name, other) = (name.as_bytes(), other.as_bytes());
    if name.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < name.len() {
        if name[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
