//! Enum types that get other labels.

use orm_core::ddl::quote_text;

use super::{DIALECT, Phase, Planner, alter, column, ident};
use crate::{
    change::{Change, TableChange},
    ddl,
    model::{Column, Enum, Index, IndexKey, Table},
    plan::Step,
};

impl Planner<'_> {
    pub(super) fn change_enum(&mut self, from: &Enum, to: &Enum) {
        if self.is_replaced(from, to) { self.replace_enum(from, to) } else { self.add_labels(from, to) }
    }

    /// A type goes last, with its columns gone. A table that gets its name comes before, because each table is a type as well.
    pub(super) fn drop_enum(&mut self, def: &Enum) {
        let mut name = def.name.clone();
        if self.from.table(&name).is_none() && self.to.table(&name).is_some() {
            name = format!("__orm_old_{name}");
            let sql = format!("alter type {} rename to {}", ident(&def.name), ident(&name));
            self.push(Phase::EnumTypes, Step::new(sql));
        }
        self.push(Phase::DropUnused, Step::new(format!("drop type {}", ident(&name))));
    }

    /// A label that is only added can be added to the type, unless this migration uses it: it cannot be used before the
    /// transaction ends.
    fn is_replaced(&self, from: &Enum, to: &Enum) -> bool {
        let kept: Vec<&String> = to.labels.iter().filter(|label| from.labels.contains(label)).collect();
        let only_adds = kept.iter().copied().eq(from.labels.iter());
        let is_used = |label: &String| {
            let literal = quote_text(label);
            // In an array, labels have no quotes of their own.
            let uses = |text: &str| text.contains(&literal) || text.contains("'{") && text.contains(label.as_str());
            self.changes.iter().any(|change| new_texts(change).into_iter().any(uses))
                || self.answers.backfill.values().any(|text| uses(text))
        };
        !only_adds || to.labels.iter().any(|label| !from.labels.contains(label) && is_used(label))
    }

    fn add_labels(&mut self, from: &Enum, to: &Enum) {
        for (at, label) in to.labels.iter().enumerate().filter(|(_, label)| !from.labels.contains(label)) {
            let place = match at.checked_sub(1) {
                Some(before) => format!("after {}", quote_text(&to.labels[before])),
                None => format!("before {}", quote_text(&from.labels[0])),
            };
            // An empty type has no place to name.
            let place = if from.labels.is_empty() { String::new() } else { format!(" {place}") };
            let sql = format!("alter type {} add value {}{place}", ident(&to.name), quote_text(label));
            self.push(Phase::EnumTypes, Step::new(sql));
        }
    }

    /// The columns move to a new type of the same name. What mentions labels of the old type is gone meanwhile, because the two
    /// types cannot be compared.
    fn replace_enum(&mut self, from: &Enum, to: &Enum) {
        let (new, old) = (ident(&to.name), ident(&format!("__orm_old_{}", to.name)));
        let removed: Vec<&str> =
            from.labels.iter().filter(|label| !to.labels.contains(label)).map(String::as_str).collect();
        let comment = match removed[..] {
            [] => format!("`{}` gets its labels in another order, or new ones that are used at once", to.name),
            _ => format!("`{}` loses {}: rows that have it make this fail", to.name, removed.join(", ")),
        };
        let step = Step::new(format!("alter type {new} rename to {old}")).comment(comment);
        self.push(Phase::EnumTypes, if removed.is_empty() { step } else { step.may_fail().breaks() });
        self.push(Phase::EnumTypes, Step::new(ddl::create_enum(to, DIALECT)));
        let (before, after) = (self.from, self.to);
        for table in &before.tables {
            let Some(target) = after.table(&table.name) else { continue };
            for column in table.columns.iter().filter(|column| is_of(column, to)) {
                // A column whose type changes anyway is converted there.
                if let Some(kept) = target.column(&column.name).filter(|kept| kept.sql_type == column.sql_type) {
                    self.move_column(table, target, column, kept);
                }
            }
        }
        self.push(Phase::DropOldTypes, Step::new(format!("drop type {old}")));
    }

    fn move_column(&mut self, table: &Table, target: &Table, from: &Column, to: &Column) {
        let name = ident(&from.name);
        let key = format!("{}.{}", table.name, from.name);
        self.without_generated_from(&table.name, &from.name);
        self.without_objects(&table.name, &from.name);
        self.without_checks(&table.name, &from.name);
        // While only one side has moved, the two cannot be compared either.
        self.without_keys_of(&table.name, &from.name);
        let has_text = |index: &Index| {
            column::uses(index, &from.name)
                && (index.filter.is_some()
                    || index.parts.iter().any(|part| matches!(part.key, IndexKey::Expression(_))))
        };
        for index in table.indexes.iter().filter(|index| has_text(index)) {
            self.drop_index(&index.name);
        }
        for index in target.indexes.iter().filter(|index| has_text(index)) {
            self.once(Phase::Indexes, &index.name, Step::new(ddl::create_index(&table.name, index, DIALECT)));
        }
        if from.default.is_some() {
            let step = alter(&table.name, format_args!("alter column {name} drop default"));
            self.once(Phase::DropDefaults, &key, step);
        }
        if let Some(default) = &to.default {
            let step = alter(&table.name, format_args!("alter column {name} set default {default}"));
            self.once(Phase::SetDefaults, &key, step);
        }
        let through = if from.sql_type.ends_with("[]") { "text[]" } else { "text" };
        let value = match self.answers.using.get(&key) {
            Some(using) => format!("({using})::text::{}", to.sql_type),
            None => format!("{name}::{through}::{}", to.sql_type),
        };
        let action = format!("alter column {name} type {} using {value}", to.sql_type);
        self.push(Phase::ChangeTypes, alter(&table.name, action));
    }

    /// The tables with columns of types that are replaced, whose views go meanwhile.
    pub(super) fn swapped_tables(&self) -> Vec<&'_ str> {
        let mut names = Vec::new();
        for change in self.changes {
            if let Change::ChangeEnum { from, to } = change
                && self.is_replaced(from, to)
            {
                let has = |table: &&Table| table.columns.iter().any(|column| is_of(column, to));
                names.extend(self.from.tables.iter().filter(has).map(|table| table.name.as_str()));
            }
        }
        names
    }
}

fn is_of(column: &Column, def: &Enum) -> bool {
    let name = column.sql_type.trim_end_matches("[]");
    name == def.name || name == ident(&def.name)
}

fn column_texts(column: &Column) -> impl Iterator<Item = &str> {
    column.default.as_deref().into_iter().chain(column.generated.as_ref().map(|it| it.expression.as_str()))
}

fn index_texts(index: &Index) -> impl Iterator<Item = &str> {
    let parts = index.parts.iter().filter_map(|part| match &part.key {
        IndexKey::Expression(expression) => Some(expression.as_str()),
        IndexKey::Column(_) => None,
    });
    index.filter.as_deref().into_iter().chain(parts)
}

/// The texts of a change that are expressions.
fn new_texts(change: &Change) -> Vec<&str> {
    let mut texts: Vec<&str> = Vec::new();
    match change {
        Change::CreateTable(table) => {
            texts.extend(table.columns.iter().flat_map(column_texts));
            texts.extend(table.checks.iter().map(|check| check.condition.as_str()));
            texts.extend(table.indexes.iter().flat_map(index_texts));
        }
        Change::ChangeTable { changes, .. } => {
            for change in changes {
                match change {
                    TableChange::AddColumn(column) | TableChange::ChangeColumn { to: column, .. } => {
                        texts.extend(column_texts(column));
                    }
                    TableChange::AddCheck(check) => texts.push(&check.condition),
                    TableChange::CreateIndex(index) => texts.extend(index_texts(index)),
                    _ => {}
                }
            }
        }
        _ => {}
    }
    texts
}
