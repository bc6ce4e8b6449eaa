//! Columns: added, dropped, and changed in their type, default, numbering and nullability.

use orm_core::ddl::quote_text;

use super::{DIALECT, Phase, Planner, alter, ident};
use crate::{
    ddl,
    model::{Column, ForeignKey, Identity, Table},
    plan::Step,
};

impl Planner<'_> {
    pub(super) fn add_column(&mut self, table: &str, column: &Column) {
        let backfill = self.answers.backfill.get(&format!("{table}.{}", column.name)).cloned();
        let owner = Table::default();
        let name = ident(&column.name);
        if let Some(backfill) = backfill {
            let nullable = Column { nullable: true, default: None, ..column.clone() };
            self.push(
                Phase::AddColumns,
                alter(table, format_args!("add column {}", ddl::column(&owner, &nullable, DIALECT))),
            );
            let sql = format!("update {} set {name} = {backfill}", ident(table));
            self.push(Phase::AddColumns, Step::new(sql).comment("what rows that exist get"));
            if let Some(default) = &column.default {
                self.push(Phase::SetDefaults, alter(table, format_args!("alter column {name} set default {default}")));
            }
            if !column.nullable {
                self.push(Phase::Nullability, alter(table, format_args!("alter column {name} set not null")));
            }
        } else {
            let phase = if column.generated.is_some() { Phase::AddGenerated } else { Phase::AddColumns };
            let clause = ddl::column(&owner, column, DIALECT);
            self.once(phase, &format!("{table}.{}", column.name), alter(table, format_args!("add column {clause}")));
        }
        if column.comment.is_some() {
            self.comment_column(table, column);
        }
    }

    pub(super) fn drop_column(&mut self, table: &str, column: &Column) {
        let name = format!("{table}.{}", column.name);
        let step = alter(table, format_args!("drop column {}", ident(&column.name)));
        if column.generated.is_some() {
            self.once(Phase::DropGenerated, &name, step.breaks());
        } else {
            self.push(Phase::DropColumns, step.loses(name).breaks());
        }
    }

    fn comment_column(&mut self, table: &str, column: &Column) {
        let sql = ddl::comment(table, Some(&column.name), column.comment.as_deref(), DIALECT);
        self.push(Phase::Comments, Step::new(sql));
    }

    pub(super) fn change_column(&mut self, table: &str, from: &Column, to: &Column) {
        let name = ident(&to.name);
        match (&from.generated, &to.generated) {
            (before, Some(after)) if before.as_ref() != Some(after) => return self.make_generated(table, from, to),
            (Some(_), None) => {
                self.push(Phase::ChangeTypes, alter(table, format_args!("alter column {name} drop expression")));
            }
            _ => {}
        }
        let changes_type = from.sql_type != to.sql_type || from.collation != to.collation;
        if changes_type {
            self.change_type(table, from, to);
        }
        if from.identity != to.identity {
            self.change_identity(table, from, to);
        }
        let default_is_gone = changes_type && from.default.is_some();
        if default_is_gone || from.default.is_some() && to.default.is_none() {
            let step = alter(table, format_args!("alter column {name} drop default"));
            self.once(Phase::DropDefaults, &format!("{table}.{}", to.name), step);
        }
        if let Some(default) = to.default.as_ref().filter(|_| default_is_gone || from.default != to.default) {
            let step = alter(table, format_args!("alter column {name} set default {default}"));
            self.once(Phase::SetDefaults, &format!("{table}.{}", to.name), step);
        }
        match (from.nullable, to.nullable) {
            (true, false) => {
                if let Some(backfill) = self.answers.backfill.get(&format!("{table}.{}", to.name)) {
                    let sql = format!("update {} set {name} = {backfill} where {name} is null", ident(table));
                    self.push(Phase::Nullability, Step::new(sql).comment("what rows without a value get"));
                }
                let step = alter(table, format_args!("alter column {name} set not null"));
                self.push(Phase::Nullability, step.may_fail());
            }
            (false, true) => {
                // A key's column cannot be NULL, and stays so until its key is gone, which is before.
                self.push(Phase::Nullability, alter(table, format_args!("alter column {name} drop not null")));
            }
            _ => {}
        }
        if from.comment != to.comment {
            self.comment_column(table, to);
        }
    }

    /// What is stored in a column becomes computed, or is computed in another way. Only a new column can be.
    fn make_generated(&mut self, table: &str, from: &Column, to: &Column) {
        self.without_users(table, &to.name);
        let name = format!("{table}.{}", to.name);
        let drop = alter(table, format_args!("drop column {}", ident(&to.name)));
        let drop = if from.generated.is_none() { drop.loses(&name) } else { drop };
        self.once(Phase::DropGenerated, &name, drop);
        let clause = ddl::column(&Table::default(), to, DIALECT);
        self.once(Phase::AddGenerated, &name, alter(table, format_args!("add column {clause}")));
        if to.comment.is_some() {
            self.comment_column(table, to);
        }
    }

    fn change_type(&mut self, table: &str, from: &Column, to: &Column) {
        let name = ident(&to.name);
        self.without_keys_of(table, &to.name);
        self.without_generated_from(table, &to.name);
        self.without_objects(table, &to.name);
        let collate = to.collation.as_ref().map(|it| format!(" collate {}", ident(it))).unwrap_or_default();
        let is_enum = |sql_type: &str| {
            self.from.enums.iter().chain(&self.to.enums).any(|def| ident(&def.name) == sql_type || def.name == sql_type)
        };
        let using = match self.answers.using.get(&format!("{table}.{}", to.name)) {
            Some(using) => format!(" using {using}"),
            None if from.sql_type == to.sql_type => String::new(),
            None if is_enum(&from.sql_type) || is_enum(&to.sql_type) => format!(" using {name}::text::{}", to.sql_type),
            None => format!(" using {name}::{}", to.sql_type),
        };
        let step = alter(table, format_args!("alter column {name} type {}{collate}{using}", to.sql_type));
        let step = if is_narrowing(&from.sql_type, &to.sql_type) {
            step.loses(format!("{table}.{}", to.name)).may_fail().breaks()
        } else {
            step
        };
        self.push(Phase::ChangeTypes, step);
        if from.identity == Some(Identity::Serial) && to.identity == Some(Identity::Serial) {
            let sequence = sequence(table, &to.name);
            let sql = format!(
                "do $$ begin execute 'alter sequence ' || {sequence} || ' as {}'; end $$",
                to.sql_type.replace('\'', "''")
            );
            self.push(Phase::ChangeTypes, Step::new(sql));
        }
    }

    /// Takes away the foreign keys a column is part of on either side, which may not fit while types change.
    pub(super) fn without_keys_of(&mut self, table: &str, column: &str) {
        let from = self.from;
        let own: Vec<ForeignKey> = from.table(table).map(|it| it.foreign_keys.clone()).unwrap_or_default();
        self.again(|key| {
            key.table == table && key.references.iter().any(|name| name == column)
                || own.contains(key) && key.columns.iter().any(|name| name == column)
        });
    }

    /// Generated columns that read a column are computed anew.
    pub(super) fn without_generated_from(&mut self, table: &str, column: &str) {
        let (from, to) = (self.from, self.to);
        let (Some(before), Some(after)) = (from.table(table), to.table(table)) else { return };
        for generated in &after.columns {
            let reads =
                |it: &Column| it.generated.as_ref().is_some_and(|it| crate::sql::mentions(&it.expression, column));
            if before.column(&generated.name).is_some_and(reads) && generated.generated.is_some() {
                let same = before.column(&generated.name).cloned().unwrap_or_default();
                self.make_generated(table, &same, generated);
            }
        }
    }

    /// Takes away what is built on a column that has to go, and builds it again.
    fn without_users(&mut self, table: &str, column: &str) {
        let (from, to) = (self.from, self.to);
        let (Some(before), Some(after)) = (from.table(table), to.table(table)) else { return };
        self.without_keys_of(table, column);
        self.without_objects(table, column);
        for index in before.indexes.iter().filter(|index| uses(index, column)) {
            self.drop_index(&index.name);
        }
        for index in after.indexes.iter().filter(|index| uses(index, column)) {
            self.once(Phase::Indexes, &index.name, Step::new(ddl::create_index(table, index, DIALECT)));
        }
        for unique in before.uniques.iter().filter(|unique| unique.columns.iter().any(|name| name == column)) {
            self.drop_constraint(Phase::DropConstraints, table, unique.name.as_ref());
            if after.uniques.contains(unique) {
                self.push(Phase::Keys, alter(table, format_args!("add {}", ddl::unique(unique, DIALECT))));
            }
        }
        self.without_checks(table, column);
    }

    /// Takes away the checks that name a column, and adds those again that stay.
    pub(super) fn without_checks(&mut self, table: &str, column: &str) {
        let (from, to) = (self.from, self.to);
        let (Some(before), Some(after)) = (from.table(table), to.table(table)) else { return };
        for check in before.checks.iter().filter(|check| crate::sql::mentions(&check.condition, column)) {
            self.drop_constraint(Phase::DropConstraints, table, check.name.as_ref());
        }
        for check in after.checks.iter().filter(|check| crate::sql::mentions(&check.condition, column)) {
            let name = format!("{table}.{}", check.name.clone().unwrap_or_default());
            self.once(Phase::Checks, &name, alter(table, format_args!("add {}", ddl::check(check, DIALECT))));
        }
    }

    fn change_identity(&mut self, table: &str, from: &Column, to: &Column) {
        let name = ident(&to.name);
        let sequence = sequence(table, &to.name);
        match (from.identity, to.identity) {
            (Some(Identity::ByDefault | Identity::Always), Some(Identity::ByDefault)) => {
                let step = alter(table, format_args!("alter column {name} set generated by default"));
                return self.push(Phase::SetDefaults, step);
            }
            (Some(Identity::ByDefault | Identity::Always), Some(Identity::Always)) => {
                let step = alter(table, format_args!("alter column {name} set generated always"));
                return self.push(Phase::SetDefaults, step);
            }
            (Some(Identity::Serial), _) => {
                // The default goes with its sequence.
                let sql = format!("do $$ begin execute 'drop sequence ' || {sequence} || ' cascade'; end $$");
                self.push(Phase::DropDefaults, Step::new(sql));
            }
            (Some(_), _) => {
                self.push(Phase::DropDefaults, alter(table, format_args!("alter column {name} drop identity")));
            }
            (None, _) => {}
        }
        match to.identity {
            None => return,
            Some(Identity::Serial) => {
                self.push(Phase::SetDefaults, Step::new(own_sequence(table, to)));
            }
            Some(identity) => {
                if from.nullable {
                    self.push(
                        Phase::SetDefaults,
                        alter(table, format_args!("alter column {name} set not null")).may_fail(),
                    );
                }
                let always = if identity == Identity::Always { "always" } else { "by default" };
                let step = alter(table, format_args!("alter column {name} add generated {always} as identity"));
                self.push(Phase::SetDefaults, step);
            }
        }
        let sql =
            format!("select setval({sequence}, coalesce((select max({name}) from {}), 0) + 1, false)", ident(table));
        self.push(Phase::SetDefaults, Step::new(sql).comment("the next number is one that no row has"));
    }
}

/// The columns that are parts of an index as they are.
pub(super) fn names(index: &crate::model::Index) -> Vec<String> {
    let name = |part: &crate::model::IndexPart| match &part.key {
        crate::model::IndexKey::Column(name) => Some(name.clone()),
        crate::model::IndexKey::Expression(_) => None,
    };
    index.parts.iter().filter_map(name).collect()
}

/// Whether an index is computed from a column.
pub(super) fn uses(index: &crate::model::Index, column: &str) -> bool {
    let in_parts = index.parts.iter().any(|part| match &part.key {
        crate::model::IndexKey::Column(name) => name == column,
        crate::model::IndexKey::Expression(expression) => crate::sql::mentions(expression, column),
    });
    in_parts
        || index.include.iter().any(|name| name == column)
        || index.filter.as_ref().is_some_and(|filter| crate::sql::mentions(filter, column))
}

/// Gives a column a sequence of its own, under the first name that is free, as `serial` does. A table that was renamed has its sequences
/// under their old names.
fn own_sequence(table: &str, column: &Column) -> String {
    let name = quote_text(&orm_core::schema::constraint_name(table, &[&column.name], "seq"));
    let (table, sql_type, column) = (ident(table), &column.sql_type, ident(&column.name));
    let create =
        quote_text(&format!("create sequence %I as {sql_type} owned by {}.{}", percent(&table), percent(&column)));
    let default = quote_text(&format!(
        "alter table {} alter column {} set default nextval(%L)",
        percent(&table),
        percent(&column)
    ));
    format!(
        "do $orm$ declare free text := {name}; begin\n\
         \x20   for number in 1..1000 loop exit when to_regclass(quote_ident(free)) is null; free := {name} || number; end loop;\n\
         \x20   execute format({create}, free);\n\
         \x20   execute format({default}, quote_ident(free));\n\
         end $orm$"
    )
}

/// A text as part of one for `format`.
fn percent(text: &str) -> String {
    text.replace('%', "%%")
}

fn sequence(table: &str, column: &str) -> String {
    format!("pg_get_serial_sequence({}, {})", quote_text(&ident(table)), quote_text(column))
}

/// Whether values of one type may not be the same, or not be at all, as values of another.
fn is_narrowing(from: &str, to: &str) -> bool {
    let rank = |name: &str| ["smallint", "integer", "bigint", "numeric"].iter().position(|it| *it == name);
    let length = |name: &str| {
        let (base, rest) = name.split_once('(')?;
        (base == "character varying").then(|| rest.trim_end_matches(')').parse::<u32>().ok())?
    };
    match (rank(from), rank(to), length(from), length(to)) {
        (Some(from), Some(to), ..) => from > to,
        (.., Some(from), Some(to)) => from > to,
        _ => from != to && !matches!((from, to), (_, "text") | (_, "character varying") | ("real", "double precision")),
    }
}
