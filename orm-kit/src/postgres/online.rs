//! The same changes without keeping others waiting: indexes are built concurrently, and constraints are checked after they are added.
//!
//! Such statements cannot share a transaction, so each runs by itself and is noted when it is done.

use orm_core::ddl::ident as quoted;

use super::plan::alter;
use crate::{
    change::{Change, TableChange},
    ddl,
    model::Model,
    plan::{Plan, Step},
};

const DIALECT: &orm_postgres::Postgres = &orm_postgres::Postgres;

/// Rewrites the steps of a plan that would lock a table that was there before.
pub(super) fn online(plan: Plan, from: &Model, changes: &[Change]) -> Plan {
    let mut rewrites: Vec<(String, Vec<Step>)> = Vec::new();
    for change in changes {
        let Change::ChangeTable { table, changes } = change else { continue };
        for change in changes {
            rewrites.extend(of_change(table, change));
        }
    }
    for table in &from.tables {
        for index in &table.indexes {
            let name = quoted(DIALECT, &index.name);
            let steps = vec![Step::new(format!("drop index concurrently if exists {name}"))];
            rewrites.push((format!("drop index {name}"), steps));
        }
    }
    let rewrite = |step: Step| match rewrites.iter().find(|(sql, _)| *sql == step.sql) {
        Some((_, steps)) => steps.clone(),
        None => vec![step],
    };
    Plan { steps: plan.steps.into_iter().flat_map(rewrite).collect() }
}

fn of_change(table: &str, change: &TableChange) -> Option<(String, Vec<Step>)> {
    let validate = |name: &str| alter(table, format_args!("validate constraint {}", quoted(DIALECT, name))).may_fail();
    match change {
        TableChange::CreateIndex(index) => {
            let sql = ddl::create_index(table, index, DIALECT);
            let concurrent = sql.replacen("index ", "index concurrently ", 1);
            let drop = format!("drop index concurrently if exists {}", quoted(DIALECT, &index.name));
            // One that could not be built before would be in the way.
            Some((sql, vec![Step::new(drop), Step::new(concurrent)]))
        }
        TableChange::AddForeignKey(key) => {
            let clause = ddl::foreign_key(key, DIALECT);
            let add = alter(table, format_args!("add {clause} not valid"));
            let validate = validate(key.name.as_ref()?);
            Some((alter(table, format_args!("add {clause}")).sql, vec![add, validate]))
        }
        TableChange::AddCheck(check) => {
            let clause = ddl::check(check, DIALECT);
            let add = alter(table, format_args!("add {clause} not valid"));
            let validate = validate(check.name.as_ref()?);
            Some((alter(table, format_args!("add {clause}")).sql, vec![add, validate]))
        }
        TableChange::AddUnique(unique) if !unique.nulls_not_distinct => {
            let name = unique.name.as_ref()?;
            let quoted_name = quoted(DIALECT, name);
            let columns = orm_core::ddl::idents(DIALECT, &unique.columns);
            let index =
                format!("create unique index concurrently {quoted_name} on {} ({columns})", quoted(DIALECT, table));
            let plain = alter(table, format_args!("add {}", ddl::unique(unique, DIALECT)));
            let deferrable = plain.sql.split_once(')').map(|(_, rest)| rest).unwrap_or_default();
            let add =
                alter(table, format_args!("add constraint {quoted_name} unique using index {quoted_name}{deferrable}"));
            let drop = Step::new(format!("drop index concurrently if exists {quoted_name}"));
            Some((plain.sql, vec![drop, Step::new(index).may_fail(), add]))
        }
        TableChange::ChangeColumn { from, to } if from.nullable && !to.nullable => {
            let column = quoted(DIALECT, &to.name);
            let name = quoted(DIALECT, &orm_core::schema::constraint_name(table, &[&to.name], "not_null"));
            let set = alter(table, format_args!("alter column {column} set not null"));
            let steps = vec![
                alter(table, format_args!("add constraint {name} check ({column} is not null) not valid")),
                alter(table, format_args!("validate constraint {name}")).may_fail(),
                // The server does not look at the rows again.
                set.clone(),
                alter(table, format_args!("drop constraint {name}")),
            ];
            Some((set.sql, steps))
        }
        _ => None,
    }
}
