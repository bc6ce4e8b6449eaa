//! One difference between two schemas.

use crate::model::{Check, Column, Enum, ForeignKey, Index, Object, PrimaryKey, Table, Unique};

/// What one schema has and another has not. Renames are not among them: they are [carried out](crate::rename) before two schemas
/// are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// An enum type is new.
    CreateEnum(Enum),
    /// An enum type is gone.
    DropEnum(Enum),
    /// An enum type has other labels.
    ChangeEnum {
        /// The type as it was.
        from: Enum,
        /// The type as it is to be.
        to: Enum,
    },
    /// A table is new.
    CreateTable(Table),
    /// A table is gone.
    DropTable(Table),
    /// A table is different.
    ChangeTable {
        /// Its name.
        table: String,
        /// In what.
        changes: Vec<TableChange>,
    },
    /// Another object is new.
    CreateObject(Object),
    /// Another object is gone.
    DropObject(Object),
    /// Another object is different.
    ChangeObject {
        /// The object as it was.
        from: Object,
        /// The object as it is to be.
        to: Object,
    },
}

/// What is different in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableChange {
    /// A column is new.
    AddColumn(Column),
    /// A column is gone.
    DropColumn(Column),
    /// A column is different.
    ChangeColumn {
        /// The column as it was.
        from: Column,
        /// The column as it is to be.
        to: Column,
    },
    /// The primary key is different.
    ChangePrimaryKey {
        /// The key as it was.
        from: Option<PrimaryKey>,
        /// The key as it is to be.
        to: Option<PrimaryKey>,
    },
    /// A unique constraint is new.
    AddUnique(Unique),
    /// A unique constraint is gone.
    DropUnique(Unique),
    /// A foreign key is new.
    AddForeignKey(ForeignKey),
    /// A foreign key is gone.
    DropForeignKey(ForeignKey),
    /// A check is new.
    AddCheck(Check),
    /// A check is gone.
    DropCheck(Check),
    /// A constraint has another name.
    RenameConstraint {
        /// The name it had.
        from: String,
        /// The name it is to have.
        to: String,
    },
    /// An index is new.
    CreateIndex(Index),
    /// An index is gone.
    DropIndex(Index),
    /// An index has another name.
    RenameIndex {
        /// The name it had.
        from: String,
        /// The name it is to have.
        to: String,
    },
    /// SQLite: the table is strict or not, or has row ids or not.
    ChangeOptions,
    /// The comment is different.
    Comment(Option<String>),
}

impl std::fmt::Display for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CreateEnum(def) => write!(f, "create enum type {}", def.name),
            Self::DropEnum(def) => write!(f, "drop enum type {}", def.name),
            Self::ChangeEnum { to, .. } => write!(f, "change enum type {} to {}", to.name, to.labels.join(", ")),
            Self::CreateTable(table) => write!(f, "create table {}", table.name),
            Self::DropTable(table) => write!(f, "drop table {}", table.name),
            Self::ChangeTable { table, changes } => {
                let changes: Vec<String> = changes.iter().map(|change| format!("{table}: {change}")).collect();
                f.write_str(&changes.join("\n"))
            }
            Self::CreateObject(object) => write!(f, "create {object}"),
            Self::DropObject(object) => write!(f, "drop {object}"),
            Self::ChangeObject { to, .. } => write!(f, "change {to}"),
        }
    }
}

impl std::fmt::Display for TableChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = |name: &Option<String>| name.clone().map(|name| format!(" {name}")).unwrap_or_default();
        match self {
            Self::AddColumn(column) => write!(f, "add column {} {}", column.name, column.sql_type),
            Self::DropColumn(column) => write!(f, "drop column {}", column.name),
            Self::ChangeColumn { from, to } => write!(f, "change column {}: {}", to.name, column(from, to)),
            Self::ChangePrimaryKey { to: None, .. } => write!(f, "drop the primary key"),
            Self::ChangePrimaryKey { to: Some(key), .. } => write!(f, "primary key ({})", key.columns.join(", ")),
            Self::AddUnique(it) => write!(f, "add unique{} ({})", name(&it.name), it.columns.join(", ")),
            Self::DropUnique(it) => write!(f, "drop unique{} ({})", name(&it.name), it.columns.join(", ")),
            Self::AddForeignKey(it) => {
                write!(f, "add foreign key{} ({}) to {}", name(&it.name), it.columns.join(", "), it.table)
            }
            Self::DropForeignKey(it) => {
                write!(f, "drop foreign key{} ({}) to {}", name(&it.name), it.columns.join(", "), it.table)
            }
            Self::AddCheck(check) => write!(f, "add check{} ({})", name(&check.name), check.condition),
            Self::DropCheck(check) => write!(f, "drop check{} ({})", name(&check.name), check.condition),
            Self::RenameConstraint { from, to } => write!(f, "rename constraint {from} to {to}"),
            Self::CreateIndex(index) => write!(f, "create index {}", index.name),
            Self::DropIndex(index) => write!(f, "drop index {}", index.name),
            Self::RenameIndex { from, to } => write!(f, "rename index {from} to {to}"),
            Self::ChangeOptions => write!(f, "change how rows are stored"),
            Self::Comment(_) => write!(f, "change the comment"),
        }
    }
}

/// In what two columns differ, in words.
fn column(from: &Column, to: &Column) -> String {
    let mut words = Vec::new();
    if from.sql_type != to.sql_type {
        words.push(format!("type {} to {}", from.sql_type, to.sql_type));
    }
    match (from.nullable, to.nullable) {
        (true, false) => words.push("not null".to_owned()),
        (false, true) => words.push("null allowed".to_owned()),
        _ => {}
    }
    if from.default != to.default {
        let text = |default: &Option<String>| default.clone().unwrap_or_else(|| "none".to_owned());
        words.push(format!("default {} to {}", text(&from.default), text(&to.default)));
    }
    for (differs, what) in [
        (from.generated != to.generated, "how it is computed"),
        (from.identity != to.identity, "how it numbers rows"),
        (from.collation != to.collation, "collation"),
        (from.comment != to.comment, "comment"),
    ] {
        if differs {
            words.push(what.to_owned());
        }
    }
    words.join(", ")
}
