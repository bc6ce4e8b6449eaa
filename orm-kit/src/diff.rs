//! What has to change to turn one schema into another: one walk for all databases, without side effects.

mod table;

use crate::{
    change::Change,
    model::{Enum, Model, Table},
};

/// The changes that turn `from` into `to`. Both are [normalized](crate::shadow), and tables and columns that were renamed have their
/// new names in both.
///
/// The order of tables, columns and constraints is no difference. If `names` is [`Names::Decoration`], the names of constraints
/// are none either.
///
/// ```
/// use orm_kit::{change::Change, diff::{Names, diff}, model::{Model, Table}};
///
/// let table = Table { name: "users".to_owned(), ..Table::default() };
/// let to = Model { tables: vec![table.clone()], ..Model::default() };
/// assert_eq!(diff(&Model::default(), &to, Names::Compared), [Change::CreateTable(table)]);
/// assert_eq!(diff(&to, &to, Names::Compared), []);
/// ```
pub fn diff(from: &Model, to: &Model, names: Names) -> Vec<Change> {
    let mut changes = Vec::new();
    for def in &to.enums {
        match from.enum_type(&def.name) {
            None => changes.push(Change::CreateEnum(def.clone())),
            Some(before) if before.labels != def.labels => {
                changes.push(Change::ChangeEnum { from: before.clone(), to: def.clone() });
            }
            Some(_) => {}
        }
    }
    let is_gone = |def: &&Enum| to.enum_type(&def.name).is_none();
    changes.extend(from.enums.iter().filter(is_gone).cloned().map(Change::DropEnum));
    for table in &to.tables {
        match from.table(&table.name) {
            None => changes.push(Change::CreateTable(table.clone())),
            Some(before) => {
                let inside = table::diff(before, table, names);
                if !inside.is_empty() {
                    changes.push(Change::ChangeTable { table: table.name.clone(), changes: inside });
                }
            }
        }
    }
    let is_gone = |table: &&Table| to.table(&table.name).is_none();
    changes.extend(from.tables.iter().filter(is_gone).cloned().map(Change::DropTable));
    changes
}

/// Whether the names of constraints count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// A constraint of another name is renamed.
    Compared,
    /// A constraint of another name is the same one.
    Decoration,
}
