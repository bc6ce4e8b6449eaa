//! The differences inside of a table.

use crate::{
    change::TableChange,
    diff::Names,
    model::{Check, Column, ForeignKey, Index, Table, Unique},
};

pub(super) fn diff(from: &Table, to: &Table, names: Names) -> Vec<TableChange> {
    let mut changes = Vec::new();
    columns(from, to, &mut changes);
    if from.key() != to.key() {
        changes.push(TableChange::ChangePrimaryKey { from: from.primary_key.clone(), to: to.primary_key.clone() });
    }
    let uniques = pair(&from.uniques, &to.uniques, names);
    uniques.into_changes(TableChange::DropUnique, TableChange::AddUnique, rename_constraint, &mut changes);
    let keys = pair(&from.foreign_keys, &to.foreign_keys, names);
    keys.into_changes(TableChange::DropForeignKey, TableChange::AddForeignKey, rename_constraint, &mut changes);
    let checks = pair(&from.checks, &to.checks, names);
    checks.into_changes(TableChange::DropCheck, TableChange::AddCheck, rename_constraint, &mut changes);
    // The name of an index is what hints and statistics know it by, on every database.
    let indexes = pair(&from.indexes, &to.indexes, Names::Compared);
    let rename_index = |from, to| TableChange::RenameIndex { from, to };
    indexes.into_changes(TableChange::DropIndex, TableChange::CreateIndex, rename_index, &mut changes);
    if (from.strict, from.without_rowid) != (to.strict, to.without_rowid) {
        changes.push(TableChange::ChangeOptions);
    }
    if from.comment != to.comment {
        changes.push(TableChange::Comment(to.comment.clone()));
    }
    changes
}

fn rename_constraint(from: String, to: String) -> TableChange {
    TableChange::RenameConstraint { from, to }
}

fn columns(from: &Table, to: &Table, changes: &mut Vec<TableChange>) {
    for column in &to.columns {
        match from.column(&column.name) {
            None => changes.push(TableChange::AddColumn(column.clone())),
            Some(before) if !is_same(before, column) => {
                changes.push(TableChange::ChangeColumn { from: before.clone(), to: column.clone() });
            }
            Some(_) => {}
        }
    }
    let is_gone = |column: &&Column| to.column(&column.name).is_none();
    changes.extend(from.columns.iter().filter(is_gone).cloned().map(TableChange::DropColumn));
}

fn is_same(from: &Column, to: &Column) -> bool {
    // SQLite keeps the case in which a type was written, which means nothing.
    let from = Column { renamed_from: None, sql_type: from.sql_type.to_ascii_lowercase(), ..from.clone() };
    from == Column { renamed_from: None, sql_type: to.sql_type.to_ascii_lowercase(), ..to.clone() }
}

/// Something of a table that has a name beside what it is.
trait Named: Clone + PartialEq {
    fn name(&self) -> Option<&str>;
    /// The same under another name.
    fn renamed(&self, name: Option<&str>) -> Self;
}

macro_rules! named {
    ($($ty:ty),*) => {$(
        impl Named for $ty {
            fn name(&self) -> Option<&str> {
                self.name.as_deref()
            }
            fn renamed(&self, name: Option<&str>) -> Self {
                Self { name: name.map(str::to_owned), ..self.clone() }
            }
        }
    )*};
}
named!(Unique, ForeignKey, Check);

impl Named for Index {
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
    fn renamed(&self, name: Option<&str>) -> Self {
        Self { name: name.unwrap_or_default().to_owned(), ..self.clone() }
    }
}

struct Paired<T> {
    gone: Vec<T>,
    new: Vec<T>,
    renamed: Vec<(String, String)>,
}

impl<T> Paired<T> {
    fn into_changes(
        self,
        drop: impl Fn(T) -> TableChange,
        add: impl Fn(T) -> TableChange,
        rename: impl Fn(String, String) -> TableChange,
        changes: &mut Vec<TableChange>,
    ) {
        changes.extend(self.gone.into_iter().map(drop));
        changes.extend(self.renamed.into_iter().map(|(from, to)| rename(from, to)));
        changes.extend(self.new.into_iter().map(add));
    }
}

/// What is in one list only. What is the same is paired by its name first, because two may be equal but for that.
fn pair<T: Named>(from: &[T], to: &[T], names: Names) -> Paired<T> {
    let mut gone: Vec<T> = from.to_vec();
    let mut new: Vec<T> = to.to_vec();
    new.retain(|item| match gone.iter().position(|before| before == item) {
        Some(at) => {
            gone.remove(at);
            false
        }
        None => true,
    });
    let mut renamed = Vec::new();
    new.retain(|item| match gone.iter().position(|before| before.renamed(None) == item.renamed(None)) {
        Some(at) => {
            let before = gone.remove(at);
            if let (Names::Compared, Some(old), Some(new)) = (names, before.name(), item.name()) {
                renamed.push((old.to_owned(), new.to_owned()));
            }
            false
        }
        None => true,
    });
    Paired { gone, new, renamed }
}
