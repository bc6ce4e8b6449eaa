//! The objects beside tables, and how words shared with `orm-core` are written in snapshots.

use serde::{Deserialize, Serialize};

/// An enum type of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enum {
    /// The name.
    pub name: String,
    /// The labels, in their order.
    pub labels: Vec<String>,
}

/// Something of a database that is neither a table nor an enum type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// The name; that of a function is followed by the types of its arguments, as SQL says it.
    pub name: String,
    /// The table or view it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The statements that create it, with what belongs to it: options, indexes, comments, privileges.
    pub sql: Vec<String>,
    /// The tables, views and functions it uses, as far as the database tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
    /// PostgreSQL: the columns of a view, each with its type.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// Whether the Rust schema declares it. What it does not declare is kept as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub declared: bool,
}

impl Object {
    /// An object that one statement creates.
    pub fn new(kind: ObjectKind, name: impl Into<String>, table: Option<String>, sql: impl Into<String>) -> Self {
        let (reads, columns) = (Vec::new(), Vec::new());
        Self { kind, name: name.into(), table, sql: vec![sql.into()], reads, columns, declared: false }
    }

    /// Whether this is the other one, as it was or as it will be.
    pub fn is(&self, other: &Self) -> bool {
        (self.kind, &self.name, &self.table) == (other.kind, &other.name, &other.table)
    }

    /// All it is made of.
    pub fn text(&self) -> String {
        self.sql.join(";\n")
    }

    /// Whether it is a view, of whatever kind.
    pub fn is_view(&self) -> bool {
        matches!(self.kind, ObjectKind::View | ObjectKind::MaterializedView)
    }

    /// Whether it is created after tables, because it belongs to one or reads it.
    pub(crate) fn is_after_tables(&self) -> bool {
        self.kind > ObjectKind::Aggregate
    }
}

impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.table {
            Some(table) if self.kind == ObjectKind::RowSecurity => write!(f, "row security of {table}"),
            Some(table) => write!(f, "{} {} of {table}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

/// What an object is, in the order in which objects are created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectKind {
    /// An extension of PostgreSQL.
    Extension,
    /// A domain.
    Domain,
    /// A sequence that no column owns.
    Sequence,
    /// A function or procedure.
    Function,
    /// An aggregate function.
    Aggregate,
    /// A table whose rows are in partitions, or a partition.
    PartitionedTable,
    /// A virtual table of SQLite, with the tables it keeps its content in.
    VirtualTable,
    /// A view.
    View,
    /// A view of PostgreSQL whose rows are stored.
    MaterializedView,
    /// An exclusion constraint of a table.
    Exclusion,
    /// A trigger of a table or view.
    Trigger,
    /// That policies hold for a table.
    RowSecurity,
    /// A row security policy of a table.
    Policy,
}

impl std::fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Extension => "extension",
            Self::Domain => "domain",
            Self::Sequence => "sequence",
            Self::Function => "function",
            Self::Aggregate => "aggregate",
            Self::PartitionedTable => "partitioned table",
            Self::VirtualTable => "virtual table",
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::Exclusion => "exclusion constraint",
            Self::Trigger => "trigger",
            Self::RowSecurity => "row security",
            Self::Policy => "policy",
        })
    }
}

/// Objects in an order in which they can be created: by what they are, and after those they read.
pub(crate) fn in_order_of_creation(mut objects: Vec<Object>) -> Vec<Object> {
    objects.sort_by_key(|object| match object.kind {
        // Both may read each other.
        ObjectKind::MaterializedView => ObjectKind::View,
        kind => kind,
    });
    let target = |name: &String, of: usize| {
        let is_relation = |it: &Object| it.is_view() || it.kind == ObjectKind::PartitionedTable;
        objects.iter().position(|it| it.name == *name).filter(|&at| at != of && is_relation(&objects[at]))
    };
    let reference = |of: usize, nth: usize| objects[of].reads.get(nth).map(|name| target(name, of));
    let order = orm_core::ddl::after_references(objects.len(), reference);
    let mut objects: Vec<Option<Object>> = objects.into_iter().map(Some).collect();
    let mut placed: Vec<Object> = order.into_iter().filter_map(|at| objects[at].take()).collect();
    placed.sort_by_key(|object| if object.is_view() { ObjectKind::View } else { object.kind });
    placed
}

/// A module that writes an enum of `orm-core`, which knows no serde, as one of a few words.
macro_rules! words {
    ($module:ident, $ty:ty, $default:ident, $is_default:ident: $($variant:ident => $word:literal),*) => {
        pub(super) mod $module {
            use serde::{Deserialize, Deserializer, Serializer, de::Error};

            type Words = $ty;

            pub(crate) fn serialize<S: Serializer>(value: &Words, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(match value { $(Words::$variant => $word),* })
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Words, D::Error> {
                match String::deserialize(deserializer)?.as_str() {
                    $($word => Ok(Words::$variant),)*
                    other => Err(D::Error::unknown_variant(other, &[$($word),*])),
                }
            }

            #[allow(dead_code, reason = "not every word may be left out")]
            pub(crate) fn $is_default(value: &Words) -> bool {
                matches!(value, Words::$default)
            }
        }
    };
}

words!(action, orm_core::schema::ForeignKeyAction, NoAction, is_none:
    NoAction => "no_action", Restrict => "restrict", Cascade => "cascade", SetNull => "set_null", SetDefault => "set_default");
words!(order, orm_core::schema::IndexOrder, Ascending, is_ascending: Ascending => "ascending", Descending => "descending");
words!(storage, orm_core::schema::GeneratedStorage, Stored, is_stored: Stored => "stored", Virtual => "virtual");
