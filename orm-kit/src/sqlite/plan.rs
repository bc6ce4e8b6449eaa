//! How SQLite changes a schema: what `alter table` can do, it does; the rest is a table made anew.

use orm_core::ddl::ident;

use super::{
    in_place::in_place,
    objects::{create, drop, fill_again, kept_triggers},
    rebuild,
};
use crate::{
    change::{Change, TableChange},
    ddl,
    model::{Column, GeneratedStorage, Model, Object, Table},
    plan::{Plan, Step, Texts},
    question::Answers,
};

pub(super) fn plan(from: &Model, to: &Model, changes: &[Change], answers: &Answers, texts: &Texts) -> Plan {
    let dialect = &orm_sqlite::Sqlite;
    let mut steps = Vec::new();
    let mut rebuilds = Vec::new();
    let mut creates = Vec::new();
    let mut drops = Vec::new();
    let mut later = Vec::new();
    let mut edits = Vec::new();
    let mut objects = Vec::new();
    let mut gone: Vec<&Object> = Vec::new();
    let all = changes;
    for change in changes {
        match change {
            Change::CreateTable(table) => {
                creates.push(Step::new(ddl::create_table(table, dialect, &[])));
                creates.extend(
                    table.indexes.iter().map(|index| Step::new(ddl::create_index(&table.name, index, dialect))),
                );
            }
            Change::DropTable(table) => {
                drops
                    .push(Step::new(format!("drop table {}", ident(dialect, &table.name))).loses(&table.name).breaks());
            }
            Change::ChangeTable { table, changes } => {
                let (Some(before), Some(after)) = (from.table(table), to.table(table)) else { continue };
                if changes.iter().all(|change| is_direct(change, answers, table)) {
                    for change in changes {
                        direct(after, change, &mut steps, &mut later);
                    }
                } else if let Some(edit) = in_place((from, to), table, changes, answers, texts) {
                    edits.extend(edit);
                    for change in changes {
                        direct(after, change, &mut steps, &mut later);
                    }
                } else {
                    rebuilds.extend(rebuild::rebuild(before, after, &kept_triggers(table, from, all), answers));
                }
            }
            Change::CreateObject(object) => objects.extend(create(object)),
            Change::DropObject(object) => gone.push(object),
            Change::ChangeObject { from: before, to: after } => {
                gone.push(before);
                objects.extend(create(after));
                // They go with it.
                let triggers = kept_triggers(&after.name, from, all);
                objects.extend(triggers.iter().map(|trigger| Step::new(trigger.text())));
            }
            // SQLite has no types of its own.
            Change::CreateEnum(_) | Change::DropEnum(_) | Change::ChangeEnum { .. } => {}
        }
    }
    // What belongs to a view goes before it.
    gone.sort_by_key(|object| std::cmp::Reverse(object.kind));
    steps.splice(0..0, gone.into_iter().map(drop));
    if !rebuilds.is_empty() || !drops.is_empty() {
        // Dropping a table deletes its rows first, and those that refer to them with them.
        steps.insert(0, Step::new("pragma foreign_keys = off"));
    }
    if !rebuilds.is_empty() {
        // With it off, renaming a table changes what other tables, views and triggers say.
        rebuilds.insert(0, Step::new("pragma legacy_alter_table = on"));
        rebuilds.push(Step::new("pragma legacy_alter_table = off"));
    }
    steps.extend(drops);
    steps.extend(creates);
    steps.extend(rebuilds);
    steps.extend(later);
    if !edits.is_empty() {
        edits.insert(0, Step::new("pragma writable_schema = on"));
        // The schema is read again.
        edits.push(Step::new("pragma writable_schema = reset"));
    }
    steps.extend(edits);
    steps.extend(objects);
    for change in all {
        if let Change::ChangeTable { table, .. } = change {
            steps.extend(fill_again(table, from, to));
        }
    }
    Plan { steps }
}

/// Whether `alter table` or a statement of its own does it, whatever is in the table.
fn is_direct(change: &TableChange, answers: &Answers, table: &str) -> bool {
    match change {
        TableChange::AddColumn(column) => {
            let has_rows_value = column.nullable || column.default.is_some();
            let is_computed = column.generated.as_ref().map(|generated| generated.storage);
            has_rows_value
                && column.identity.is_none()
                && column.default.as_ref().is_none_or(|default| is_constant(default))
                && is_computed != Some(GeneratedStorage::Stored)
                && !answers.backfill.contains_key(&format!("{table}.{}", column.name))
        }
        TableChange::CreateIndex(_) | TableChange::DropIndex(_) | TableChange::RenameIndex { .. } => true,
        // Comments are not stored.
        TableChange::Comment(_) => true,
        _ => false,
    }
}

/// Whether a default is one that `add column` takes when the table has rows.
fn is_constant(default: &str) -> bool {
    !default.starts_with('(') && !default.to_ascii_lowercase().starts_with("current_")
}

fn direct(table: &Table, change: &TableChange, steps: &mut Vec<Step>, later: &mut Vec<Step>) {
    let dialect = &orm_sqlite::Sqlite;
    match change {
        TableChange::AddColumn(column) => {
            let column: &Column = column;
            let clause = ddl::column(table, column, dialect);
            steps.push(Step::new(format!("alter table {} add column {clause}", ident(dialect, &table.name))));
        }
        TableChange::CreateIndex(index) => {
            let step = Step::new(ddl::create_index(&table.name, index, dialect));
            later.push(if index.unique { step.may_fail() } else { step });
        }
        TableChange::DropIndex(index) => {
            steps.push(Step::new(format!("drop index {}", ident(dialect, &index.name))));
        }
        TableChange::RenameIndex { from, to } => {
            steps.push(Step::new(format!("drop index {}", ident(dialect, from))));
            let index = table.indexes.iter().find(|index| index.name == *to);
            later.extend(index.map(|index| Step::new(ddl::create_index(&table.name, index, dialect))));
        }
        _ => {}
    }
}
