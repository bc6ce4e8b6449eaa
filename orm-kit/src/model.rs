//! A schema in memory, as the database tells it: what is compared, planned and kept in snapshots.
//!
//! The structure is the same for all databases. The leaves (types, defaults, conditions) are text in the words of one
//! database, because only that database knows when two of them mean the same: a model is normalized before it
//! is compared, so that its leaves are spelled as the server prints them.

mod declared;
mod from_schema;
mod object;

use serde::{Deserialize, Serialize};

pub(crate) use self::object::in_order_of_creation;
pub use self::object::{Enum, Object, ObjectKind};
pub use orm_core::schema::{ForeignKeyAction, GeneratedStorage, IndexOrder};

/// The objects of a database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Model {
    /// Enum types. SQLite has none: there, an enum is a text with a check.
    pub enums: Vec<Enum>,
    /// Tables with everything that belongs to them.
    pub tables: Vec<Table>,
    /// Everything else, in an order in which it can be created.
    pub objects: Vec<Object>,
}

impl Model {
    /// The table of this name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// The enum type of this name.
    pub fn enum_type(&self, name: &str) -> Option<&Enum> {
        self.enums.iter().find(|def| def.name == name)
    }

    /// What an object is here.
    pub fn object(&self, like: &Object) -> Option<&Object> {
        self.objects.iter().find(|object| object.is(like))
    }

    /// Objects of one kind.
    pub fn objects_of(&self, kind: ObjectKind) -> impl Iterator<Item = &Object> {
        self.objects.iter().filter(move |object| object.kind == kind)
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.enums.is_empty() && self.objects.is_empty()
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// The name.
    pub name: String,
    /// The columns, in their order.
    pub columns: Vec<Column>,
    /// The primary key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary_key: Option<PrimaryKey>,
    /// Unique constraints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uniques: Vec<Unique>,
    /// Foreign keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_keys: Vec<ForeignKey>,
    /// Check constraints, those of single columns included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<Check>,
    /// Indexes that do not belong to a constraint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    /// The comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// SQLite: values are checked against the types of their columns.
    #[serde(default, skip_serializing_if = "is_false")]
    pub strict: bool,
    /// SQLite: the rows are stored in the primary key's order, without a row id.
    #[serde(default, skip_serializing_if = "is_false")]
    pub without_rowid: bool,
    /// The name the table had before, as the Rust schema says. Not part of what the table is.
    #[serde(skip)]
    pub renamed_from: Option<String>,
}

impl Table {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The names of the primary key's columns.
    pub fn key(&self) -> &[String] {
        self.primary_key.as_ref().map_or(&[], |key| &key.columns)
    }
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Column {
    /// The name.
    pub name: String,
    /// The type, in the database's words: `character varying(12)`, `integer`.
    #[serde(rename = "type")]
    pub sql_type: String,
    /// Whether NULL may be stored.
    #[serde(default, skip_serializing_if = "is_false")]
    pub nullable: bool,
    /// The default, an SQL expression that can stand after `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// How the column is computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    /// How the database numbers new rows by the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// The collation, if it is not that of the type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// The comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The name the column had before, as the Rust schema says. Not part of what the column is.
    #[serde(skip)]
    pub renamed_from: Option<String>,
}

/// How a generated column is computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generated {
    /// The SQL expression.
    pub expression: String,
    /// Whether the value is kept with the row.
    #[serde(with = "object::storage")]
    pub storage: GeneratedStorage,
}

/// How the database numbers rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// An insert may bring a number of its own.
    ByDefault,
    /// PostgreSQL: an insert may not bring a number.
    Always,
    /// PostgreSQL: the default is the next number of a sequence that the column owns.
    Serial,
}

/// A primary key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrimaryKey {
    /// The name of the constraint. PostgreSQL always has one; it does not take part in comparisons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The columns.
    pub columns: Vec<String>,
}

/// A unique constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unique {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The columns.
    pub columns: Vec<String>,
    /// PostgreSQL: two NULLs count as equal.
    #[serde(default, skip_serializing_if = "is_false")]
    pub nulls_not_distinct: bool,
    /// When it is checked.
    #[serde(default, skip_serializing_if = "Deferrable::is_no")]
    pub deferrable: Deferrable,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The referring columns.
    pub columns: Vec<String>,
    /// The table referred to.
    pub table: String,
    /// The columns referred to. In SQLite they are empty if the key refers to the primary key without naming it.
    pub references: Vec<String>,
    /// What happens when the row referred to is deleted.
    #[serde(default, with = "object::action", skip_serializing_if = "object::action::is_none")]
    pub on_delete: ForeignKeyAction,
    /// What happens when the key referred to changes.
    #[serde(default, with = "object::action", skip_serializing_if = "object::action::is_none")]
    pub on_update: ForeignKeyAction,
    /// When it is checked.
    #[serde(default, skip_serializing_if = "Deferrable::is_no")]
    pub deferrable: Deferrable,
}

/// When a constraint is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deferrable {
    /// By every statement.
    #[default]
    No,
    /// By every statement, unless a transaction defers it.
    InitiallyImmediate,
    /// At the end of the transaction.
    InitiallyDeferred,
}

impl Deferrable {
    fn is_no(&self) -> bool {
        *self == Self::No
    }
}

/// A check constraint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The condition, without parentheses around it.
    pub condition: String,
}

/// An index that does not belong to a constraint.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Index {
    /// The name.
    pub name: String,
    /// Whether two rows may not have equal keys.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// The parts of the key, the leading one first.
    pub parts: Vec<IndexPart>,
    /// The condition of the rows that are in the index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// PostgreSQL: the access method, unless it is `btree`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// PostgreSQL: columns that are stored along without being part of the key.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// PostgreSQL: storage parameters, such as `fillfactor=70`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// PostgreSQL: two NULLs count as equal.
    #[serde(default, skip_serializing_if = "is_false")]
    pub nulls_not_distinct: bool,
}

/// One part of an index key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexPart {
    /// What is indexed.
    pub key: IndexKey,
    /// In which order.
    #[serde(default, with = "object::order", skip_serializing_if = "object::order::is_ascending")]
    pub order: IndexOrder,
    /// PostgreSQL: where NULLs are, if not where the order puts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<Nulls>,
    /// The collation, if it is not that of the column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// PostgreSQL: the operator class, if it is not the type's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_class: Option<String>,
}

/// What a part of an index is computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndexKey {
    /// A column, by its name.
    Column(String),
    /// An SQL expression, without parentheses around it.
    Expression(String),
}

/// Where NULLs are in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nulls {
    /// Before all values.
    First,
    /// After all values.
    Last,
}

fn is_false(value: &bool) -> bool {
    !value
}
