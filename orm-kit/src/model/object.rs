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

/// An extension of PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// The name.
    pub name: String,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct View {
    /// The name.
    pub name: String,
    /// PostgreSQL: the query the view stands for. SQLite: the whole statement that creates it.
    pub definition: String,
    /// PostgreSQL: whether its rows are stored.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub materialized: bool,
    /// PostgreSQL: the statements that create the indexes of its stored rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<String>,
    /// The tables and views it reads from, as far as the database tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
}

/// Something that is kept as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// What it is.
    pub kind: CarriedKind,
    /// The name.
    pub name: String,
    /// The table it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The statement that creates it.
    pub sql: String,
}

/// What a carried object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarriedKind {
    /// A trigger of a table.
    Trigger,
    /// A function or procedure.
    Function,
    /// An aggregate function.
    Aggregate,
    /// A sequence that no column owns.
    Sequence,
    /// A domain.
    Domain,
    /// A row security policy of a table.
    Policy,
    /// That a table has row security. It has no name.
    RowSecurity,
    /// An exclusion constraint of a table.
    Exclusion,
    /// A table whose rows are in partitions, or a partition.
    PartitionedTable,
    /// A virtual table of SQLite, with the tables it keeps its content in.
    VirtualTable,
}

impl std::fmt::Display for CarriedKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Trigger => "trigger",
            Self::Function => "function",
            Self::Aggregate => "aggregate",
            Self::Sequence => "sequence",
            Self::Domain => "domain",
            Self::Policy => "policy",
            Self::RowSecurity => "row security",
            Self::Exclusion => "exclusion constraint",
            Self::PartitionedTable => "partitioned table",
            Self::VirtualTable => "virtual table",
        })
    }
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
