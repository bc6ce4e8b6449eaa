//! Objects beside tables: what changes, and what has to go for the time of another change.

use super::{DIALECT, Phase, Planner, ident};
use crate::{
    change::{Change, TableChange},
    ddl,
    model::{Object, ObjectKind},
    plan::Step,
    sql,
};

impl Planner<'_> {
    /// Takes away triggers and policies that name a column, for the time of the change. A policy may read other tables than its own.
    pub(super) fn without_objects(&mut self, table: &str, column: &str) {
        let names = |object: &Object| {
            let is_of_it = object.table.as_deref() == Some(table);
            let is_meant = match object.kind {
                ObjectKind::Trigger => is_of_it,
                ObjectKind::Policy => is_of_it || sql::mentions(&object.text(), table),
                _ => false,
            };
            is_meant && sql::mentions(&object.text(), column)
        };
        self.take_away(names);
    }

    /// Plans all there is to do with objects. What else has to go is known by now.
    pub(super) fn objects(&mut self) {
        self.take_away_views();
        let changes = self.changes;
        for change in changes {
            match change {
                Change::DropObject(object) if !self.is_dropped_last(object) => self.take_away(|it| it.is(object)),
                Change::ChangeObject { from, to } if in_place(from, to).is_none() => self.take_away(|it| it.is(from)),
                _ => {}
            }
        }
        self.take_away_users();
        let (from, to, gone) = (self.from, self.to, std::mem::take(&mut self.gone));
        for &at in gone.iter().rev() {
            let object = &from.objects[at];
            let step = drop(object);
            // One that is other afterwards does not get its rows back.
            let comes_back =
                to.object(object).is_some_and(|it| !it.declared || it.kind != ObjectKind::PartitionedTable);
            self.push(Phase::DropObjects, if comes_back { step } else { with_losses(step, object) });
        }
        let is_gone = |object: &Object| gone.iter().any(|&at| from.objects[at].is(object));
        for object in &to.objects {
            let change = changes.iter().find_map(|change| match change {
                Change::CreateObject(it) if it.is(object) => Some(None),
                Change::ChangeObject { from, to } if to.is(object) => Some(Some(from)),
                _ => None,
            });
            let statements = match change {
                Some(Some(before)) if !is_gone(object) => in_place(before, object).unwrap_or_default(),
                Some(None) => object.sql.clone(),
                _ if is_gone(object) => object.sql.clone(),
                _ => continue,
            };
            let phase = self.phase(object);
            statements.into_iter().for_each(|sql| self.push(phase, Step::new(sql)));
        }
        for object in from.objects.iter().rev() {
            let is_dropped = changes.iter().any(|it| matches!(it, Change::DropObject(it) if it.is(object)));
            if is_dropped && !is_gone(object) {
                self.push(Phase::DropUnused, with_losses(drop(object), object));
            }
        }
    }

    fn phase(&self, object: &Object) -> Phase {
        match object.kind {
            ObjectKind::Extension => Phase::Extensions,
            _ if ddl::is_before_tables(object, self.to) => Phase::EarlyObjects,
            ObjectKind::Function | ObjectKind::Aggregate if !self.uses_new_object(object) => Phase::Objects,
            ObjectKind::PartitionedTable | ObjectKind::View | ObjectKind::MaterializedView => Phase::Objects,
            _ => Phase::LateObjects,
        }
    }

    /// Whether a function names a view or a partitioned table that is created with it.
    fn uses_new_object(&self, function: &Object) -> bool {
        let text = function.text();
        self.changes.iter().any(|change| match change {
            Change::CreateObject(it) => {
                (it.is_view() || it.kind == ObjectKind::PartitionedTable) && has_word(&text, &it.name)
            }
            _ => false,
        })
    }

    /// Whether a function names a table that goes.
    fn uses_what_goes(&self, function: &Object) -> bool {
        let text = function.text();
        self.changes.iter().any(|change| matches!(change, Change::DropTable(table) if has_word(&text, &table.name)))
    }

    /// Whether tables may use an object until they are changed. A function makes room for one of its name.
    fn is_dropped_last(&self, object: &Object) -> bool {
        let bare = |object: &Object| object.name.split('(').next().unwrap_or_default().to_owned();
        match object.kind {
            ObjectKind::Extension | ObjectKind::Domain | ObjectKind::Sequence => true,
            ObjectKind::Function | ObjectKind::Aggregate => {
                let makes_room = |change: &Change| matches!(change, Change::CreateObject(it) if it.kind == object.kind && bare(it) == bare(object));
                !self.changes.iter().any(makes_room) && !self.uses_what_goes(object)
            }
            _ => false,
        }
    }

    fn take_away(&mut self, is_meant: impl Fn(&Object) -> bool) {
        let meant = self.from.objects.iter().enumerate().filter(|(_, object)| is_meant(object));
        self.gone.extend(meant.map(|(at, _)| at));
    }

    /// Views that read a table whose columns change.
    fn take_away_views(&mut self) {
        let mut affected: Vec<String> = self.swapped_tables().into_iter().map(str::to_owned).collect();
        for change in self.changes {
            match change {
                Change::ChangeTable { table, changes } if changes.iter().any(breaks_views) => {
                    affected.push(table.clone());
                }
                Change::DropTable(table) => affected.push(table.name.clone()),
                _ => {}
            }
        }
        self.take_away(|object| object.is_view() && object.reads.iter().any(|name| affected.contains(name)));
    }

    /// What uses something that goes, and belongs to it.
    fn take_away_users(&mut self) {
        loop {
            let count = self.gone.len();
            let names: Vec<String> = self
                .gone
                .iter()
                .map(|&at| &self.from.objects[at])
                .filter(|it| it.table.is_none())
                .map(|object| object.name.clone())
                .collect();
            self.take_away(|object| object.reads.iter().chain(&object.table).any(|name| names.contains(name)));
            if self.gone.len() == count {
                return;
            }
        }
    }
}

/// The statements that turn an object into another without dropping it, if there are any.
fn in_place(from: &Object, to: &Object) -> Option<Vec<String>> {
    let first = to.sql.first()?;
    match to.kind {
        // What it gives back cannot change.
        ObjectKind::Function => {
            let head =
                |object: &Object| object.sql.first().map(|sql| sql.split("\n LANGUAGE").next().map(str::to_owned));
            (head(from) == head(to)).then(|| to.sql.clone())
        }
        // The number it has come to stays.
        ObjectKind::Sequence => Some(vec![first.replacen("create sequence", "alter sequence", 1)]),
        ObjectKind::View => {
            let with_more = to.columns.starts_with(&from.columns) && from.sql[1..] == to.sql[1..];
            with_more.then(|| vec![first.replacen("create view", "create or replace view", 1)])
        }
        ObjectKind::RowSecurity => {
            let force = if first.contains(", force ") { "force" } else { "no force" };
            let table = ident(to.table.as_deref().unwrap_or_default());
            Some(vec![format!("alter table {table} {force} row level security")])
        }
        _ => None,
    }
}

fn drop(object: &Object) -> Step {
    let name = orm_core::ddl::ident(DIALECT, &object.name);
    let on = object.table.as_deref().map(|table| format!(" on {}", ident(table))).unwrap_or_default();
    Step::new(match object.kind {
        // Its name is what SQL calls it.
        ObjectKind::Function | ObjectKind::Aggregate => format!("drop routine {}", object.name),
        ObjectKind::RowSecurity => {
            let table = ident(object.table.as_deref().unwrap_or_default());
            format!("alter table {table} disable row level security, no force row level security")
        }
        ObjectKind::Exclusion => {
            format!("alter table {} drop constraint {name}", ident(object.table.as_deref().unwrap_or_default()))
        }
        ObjectKind::PartitionedTable | ObjectKind::VirtualTable => format!("drop table {name}"),
        kind => format!("drop {kind} {name}{on}"),
    })
}

fn with_losses(step: Step, object: &Object) -> Step {
    match object.kind {
        ObjectKind::Sequence | ObjectKind::PartitionedTable => step.loses(&object.name).breaks(),
        ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Function | ObjectKind::Extension => step.breaks(),
        _ => step,
    }
}

/// Whether a word is anywhere in a text. The body of a function is a text itself.
fn has_word(text: &str, word: &str) -> bool {
    let is_inside = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word)
        .any(|(at, _)| !is_inside(text[..at].chars().next_back()) && !is_inside(text[at + word.len()..].chars().next()))
}

fn breaks_views(change: &TableChange) -> bool {
    match change {
        // A view that groups by a key shows the other columns because of it.
        TableChange::DropColumn(_) | TableChange::ChangePrimaryKey { from: Some(_), .. } => true,
        TableChange::ChangeColumn { from, to } => {
            from.sql_type != to.sql_type || from.collation != to.collation || from.generated != to.generated
        }
        _ => false,
    }
}
