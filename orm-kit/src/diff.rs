//! What has to change to turn one schema into another: one walk for all databases, without side effects.

mod table;

use crate::{
    backend::Backend,
    change::Change,
    model::{Enum, Model, Object, ObjectKind, Table},
    sql::Syntax,
};

/// The changes that turn `from` into `to`. Both are [normalized](crate::shadow), and tables and columns that were renamed have their
/// new names in both.
///
/// The order of tables, columns and constraints is no difference. The names of constraints are none either if the database's are
/// [`Names::Decoration`]. The text of an object beside tables counts if the schema declares the object: that of others changes with what
/// they use.
///
/// ```
/// use orm_kit::{backend, change::Change, diff::diff, model::{Model, Table}};
///
/// let table = Table { name: "users".to_owned(), ..Table::default() };
/// let to = Model { tables: vec![table.clone()], ..Model::default() };
/// let backend = backend::of("sqlite:app.db")?;
/// assert_eq!(diff(&Model::default(), &to, backend), [Change::CreateTable(table)]);
/// assert_eq!(diff(&to, &to, backend), []);
/// # Ok::<(), orm_kit::Error>(())
/// ```
pub fn diff(from: &Model, to: &Model, backend: &dyn Backend) -> Vec<Change> {
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
                let inside = table::diff(before, table, backend.names());
                if !inside.is_empty() {
                    changes.push(Change::ChangeTable { table: table.name.clone(), changes: inside });
                }
            }
        }
    }
    let is_gone = |table: &&Table| to.table(&table.name).is_none();
    changes.extend(from.tables.iter().filter(is_gone).cloned().map(Change::DropTable));
    for object in &to.objects {
        match from.object(object) {
            None => changes.push(Change::CreateObject(object.clone())),
            Some(before) if object.declared && is_changed(before, object, backend.syntax()) => {
                changes.push(Change::ChangeObject { from: before.clone(), to: object.clone() });
            }
            Some(_) => {}
        }
    }
    // What belongs to a table goes with it.
    let goes_along = |object: &Object| {
        object.table.as_ref().is_some_and(|table| from.table(table).is_some() && to.table(table).is_none())
    };
    let is_gone = |object: &&Object| to.object(object).is_none() && !goes_along(object);
    changes.extend(from.objects.iter().filter(is_gone).cloned().map(Change::DropObject));
    changes
}

fn is_changed(from: &Object, to: &Object, syntax: Syntax) -> bool {
    // An extension is there or not: of the way it was created, nothing is left.
    from.kind != ObjectKind::Extension && syntax.without_layout(&from.text()) != syntax.without_layout(&to.text())
}

/// Whether the names of constraints count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// A constraint of another name is renamed.
    Compared,
    /// A constraint of another name is the same one.
    Decoration,
}
