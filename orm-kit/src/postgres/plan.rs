//! How PostgreSQL changes a schema: in phases, so that what depends on something is gone before it changes, and back after.

mod column;
mod enums;
mod objects;

use std::collections::BTreeSet;

use orm_core::ddl::ident as quoted;

use crate::{
    change::{Change, TableChange},
    ddl,
    model::{ForeignKey, Model, Table},
    plan::{Plan, Step},
    question::Answers,
};

const DIALECT: &orm_postgres::Postgres = &orm_postgres::Postgres;

/// When a statement runs. Within a phase, statements keep the order in which they were planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Extensions,
    DropObjects,
    DropForeignKeys,
    DropConstraints,
    DropIndexes,
    Rename,
    DropTables,
    DropGenerated,
    DropDefaults,
    EnumTypes,
    EarlyObjects,
    CreateTables,
    AddColumns,
    ChangeTypes,
    SetDefaults,
    Nullability,
    AddGenerated,
    DropColumns,
    DropOldTypes,
    Keys,
    Indexes,
    Checks,
    ForeignKeys,
    Objects,
    LateObjects,
    Comments,
    DropUnused,
}

struct Planner<'p> {
    from: &'p Model,
    to: &'p Model,
    changes: &'p [Change],
    answers: &'p Answers,
    steps: Vec<(Phase, Step)>,
    /// What was planned to be dropped, and to be there again: several reasons may ask for the same.
    done: BTreeSet<(Phase, String)>,
    /// The table of a constraint, or nothing for an index; the name it has, and the one it is to have.
    renames: Vec<(Option<String>, String, String)>,
    /// The positions of objects that are gone for the time of a change.
    gone: BTreeSet<usize>,
}

pub(super) fn plan(from: &Model, to: &Model, changes: &[Change], answers: &Answers) -> Plan {
    let (steps, done, renames, gone) = (Vec::new(), BTreeSet::new(), Vec::new(), BTreeSet::new());
    let mut planner = Planner { from, to, changes, answers, steps, done, renames, gone };
    let created: Vec<&Table> = changes.iter().filter_map(created_table).collect();
    for (table, postponed) in ddl::in_order_of_creation(&created, DIALECT) {
        planner.create_table(table, &postponed);
    }
    planner.drop_tables();
    for change in changes {
        match change {
            Change::CreateEnum(def) => planner.push(Phase::EnumTypes, Step::new(ddl::create_enum(def, DIALECT))),
            Change::DropEnum(def) => planner.drop_enum(def),
            Change::ChangeEnum { from, to } => planner.change_enum(from, to),
            Change::ChangeTable { table, changes } => planner.change_table(table, changes),
            Change::CreateTable(_) | Change::DropTable(_) => {}
            Change::CreateObject(_) | Change::DropObject(_) | Change::ChangeObject { .. } => {}
        }
    }
    planner.rename_all();
    planner.objects();
    planner.steps.sort_by_key(|(phase, _)| *phase);
    Plan { steps: planner.steps.into_iter().map(|(_, step)| step).collect() }
}

fn created_table(change: &Change) -> Option<&Table> {
    match change {
        Change::CreateTable(table) => Some(table),
        _ => None,
    }
}

fn ident(name: &str) -> String {
    quoted(DIALECT, name)
}

pub(super) fn alter(table: &str, action: impl std::fmt::Display) -> Step {
    Step::new(format!("alter table {} {action}", ident(table)))
}

impl Planner<'_> {
    fn push(&mut self, phase: Phase, step: Step) {
        self.steps.push((phase, step));
    }

    /// Plans a step unless the same was planned for another reason.
    fn once(&mut self, phase: Phase, name: &str, step: Step) {
        if self.done.insert((phase, name.to_owned())) {
            self.push(phase, step);
        }
    }

    fn create_table(&mut self, table: &Table, postponed: &[&ForeignKey]) {
        // Keys to tables that exist wait too: what they refer to may get its key in this migration.
        let exists = |key: &&ForeignKey| self.from.table(&key.table).is_some();
        let mut without: Vec<&ForeignKey> = table.foreign_keys.iter().filter(exists).collect();
        without.extend(postponed);
        self.push(Phase::CreateTables, Step::new(ddl::create_table(table, DIALECT, &without)));
        for key in table.foreign_keys.iter().filter(|key| without.contains(key)) {
            self.add_foreign_key(&table.name, key);
        }
        for index in &table.indexes {
            self.push(Phase::Indexes, Step::new(ddl::create_index(&table.name, index, DIALECT)));
        }
        for comment in ddl::comments(table, DIALECT) {
            self.push(Phase::Comments, Step::new(comment));
        }
    }

    fn drop_tables(&mut self) {
        let dropped: Vec<&Table> = self
            .changes
            .iter()
            .filter_map(|change| if let Change::DropTable(table) = change { Some(table) } else { None })
            .collect();
        let order = ddl::in_order_of_creation(&dropped, DIALECT);
        for (table, in_a_circle) in order.iter().rev() {
            for key in in_a_circle {
                self.drop_foreign_key(&table.name, key);
            }
            let step = Step::new(format!("drop table {}", ident(&table.name))).loses(&table.name).breaks();
            self.push(Phase::DropTables, step);
        }
    }

    fn change_table(&mut self, table: &str, changes: &[TableChange]) {
        for change in changes {
            match change {
                TableChange::AddColumn(column) => self.add_column(table, column),
                TableChange::DropColumn(column) => self.drop_column(table, column),
                TableChange::ChangeColumn { from, to } => self.change_column(table, from, to),
                TableChange::ChangePrimaryKey { from, to } => {
                    if let Some(key) = from {
                        self.without_references(table, &key.columns);
                        self.drop_constraint(Phase::DropConstraints, table, key.name.as_ref());
                    }
                    if let Some(key) = to {
                        let step = alter(table, format_args!("add {}", ddl::primary_key(key, DIALECT)));
                        self.push(Phase::Keys, step.may_fail());
                    }
                }
                TableChange::AddUnique(unique) => {
                    let step = alter(table, format_args!("add {}", ddl::unique(unique, DIALECT)));
                    self.push(Phase::Keys, step.may_fail());
                }
                TableChange::DropUnique(unique) => {
                    self.without_references(table, &unique.columns);
                    self.drop_constraint(Phase::DropConstraints, table, unique.name.as_ref());
                }
                TableChange::AddForeignKey(key) => self.add_foreign_key(table, key),
                TableChange::DropForeignKey(key) => self.drop_foreign_key(table, key),
                TableChange::AddCheck(check) => {
                    let name = format!("{table}.{}", check.name.clone().unwrap_or_default());
                    let step = alter(table, format_args!("add {}", ddl::check(check, DIALECT)));
                    self.once(Phase::Checks, &name, step.may_fail());
                }
                TableChange::DropCheck(check) => {
                    self.drop_constraint(Phase::DropConstraints, table, check.name.as_ref());
                }
                TableChange::RenameConstraint { from, to } => {
                    self.renames.push((Some(table.to_owned()), from.clone(), to.clone()));
                }
                TableChange::CreateIndex(index) => {
                    let step = Step::new(ddl::create_index(table, index, DIALECT));
                    let step = if index.unique { step.may_fail() } else { step };
                    self.once(Phase::Indexes, &index.name, step);
                }
                TableChange::DropIndex(index) => {
                    if index.unique {
                        self.without_references(table, &column::names(index));
                    }
                    self.drop_index(&index.name);
                }
                TableChange::RenameIndex { from, to } => self.renames.push((None, from.clone(), to.clone())),
                TableChange::Comment(text) => {
                    self.push(Phase::Comments, Step::new(ddl::comment(table, None, text.as_deref(), DIALECT)));
                }
                // Of SQLite only.
                TableChange::ChangeOptions => {}
            }
        }
    }

    /// Renames constraints and indexes, which share their names: one that swaps its name goes by way of another.
    fn rename_all(&mut self) {
        let mut left = std::mem::take(&mut self.renames);
        while !left.is_empty() {
            let is_free = |to: &String| !left.iter().any(|(_, from, _)| from == to);
            let at = left.iter().position(|(_, _, to)| is_free(to));
            let (table, from, to) = match at {
                Some(at) => left.remove(at),
                None => {
                    let between = format!("__orm_renamed_{}", self.steps.len());
                    let from = std::mem::replace(&mut left[0].1, between.clone());
                    (left[0].0.clone(), from, between)
                }
            };
            let (from, to) = (ident(&from), ident(&to));
            let step = match table {
                Some(table) => alter(&table, format_args!("rename constraint {from} to {to}")),
                None => Step::new(format!("alter index {from} rename to {to}")),
            };
            self.push(Phase::Rename, step);
        }
    }

    fn drop_constraint(&mut self, phase: Phase, table: &str, name: Option<&String>) {
        if let Some(name) = name {
            self.once(phase, &format!("{table}.{name}"), alter(table, format_args!("drop constraint {}", ident(name))));
        }
    }

    fn drop_index(&mut self, name: &str) {
        self.once(Phase::DropIndexes, name, Step::new(format!("drop index {}", ident(name))));
    }

    fn drop_foreign_key(&mut self, table: &str, key: &ForeignKey) {
        self.drop_constraint(Phase::DropForeignKeys, table, key.name.as_ref());
    }

    fn add_foreign_key(&mut self, table: &str, key: &ForeignKey) {
        let name = format!("{table}.{}", key.name.clone().unwrap_or_default());
        let is_of_new_table = self.from.table(table).is_none();
        let step = alter(table, format_args!("add {}", ddl::foreign_key(key, DIALECT)));
        self.once(Phase::ForeignKeys, &name, if is_of_new_table { step } else { step.may_fail() });
    }

    /// Takes away the foreign keys to a key of a table, and adds those again that stay.
    fn without_references(&mut self, table: &str, columns: &[String]) {
        let is_same = |key: &ForeignKey| {
            key.table == table
                && key.references.len() == columns.len()
                && columns.iter().all(|it| key.references.contains(it))
        };
        self.again(is_same);
    }

    /// Takes away foreign keys for the time of the change.
    fn again(&mut self, is_meant: impl Fn(&ForeignKey) -> bool) {
        let (from, to) = (self.from, self.to);
        // Those of tables that go too, because tables go later.
        for owner in &from.tables {
            for key in owner.foreign_keys.iter().filter(|key| is_meant(key)) {
                let kept = to.table(&owner.name).and_then(|owner| {
                    owner.foreign_keys.iter().find(|other| {
                        ForeignKey { name: None, ..(*other).clone() } == ForeignKey { name: None, ..key.clone() }
                    })
                });
                self.drop_foreign_key(&owner.name, key);
                if let Some(kept) = kept {
                    self.add_foreign_key(&owner.name, kept);
                }
            }
        }
    }
}
