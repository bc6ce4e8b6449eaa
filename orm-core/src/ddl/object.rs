//! The statements that create what is no table.

use super::ident;
use crate::{
    dialect::Dialect,
    schema::{
        ViewDef,
        object::{Object, Policy, Sequence},
    },
};

/// Whether tables may use it, so that it is created before them.
pub(super) fn is_before_tables(object: &Object) -> bool {
    matches!(object, Object::Extension { .. } | Object::Sequence(_))
}

/// The statements that create an object, without a semicolon; none if the database does not have its like.
///
/// ```
/// # extern crate orm_core as orm;
/// # use orm::{ddl, dialect::Dialect, schema::object::view};
/// # fn check(dialect: &dyn Dialect) {
/// assert_eq!(ddl::create_object(&view("ones", "select 1"), dialect), ["create view \"ones\" as\nselect 1"]);
/// # }
/// ```
pub fn create_object(object: &Object, dialect: &dyn Dialect) -> Vec<String> {
    match object {
        Object::Statement(statement) => {
            let text = dialect.own_statement(statement).map(|text| text.trim().trim_end_matches(';').to_owned());
            text.into_iter().collect()
        }
        Object::View { name, view } => create_view(name, view, dialect).into_iter().collect(),
        Object::UpdatedAt { table, column } => {
            table.column(column).map(|column| dialect.keep_updated(table, column)).unwrap_or_default()
        }
        Object::FullText(index) => dialect.create_full_text(index),
        Object::Extension { .. } | Object::Sequence(_) | Object::RowSecurity { .. } | Object::Policy(_)
            if !dialect.has_server_objects() =>
        {
            Vec::new()
        }
        Object::Extension { name } => vec![format!("create extension if not exists {}", ident(dialect, name))],
        Object::Sequence(sequence) => vec![create_sequence(sequence, dialect)],
        Object::RowSecurity { table, forced } => {
            let forced = if *forced { ", force row level security" } else { "" };
            vec![format!("alter table {} enable row level security{forced}", ident(dialect, table))]
        }
        Object::Policy(policy) => vec![create_policy(policy, dialect)],
    }
}

/// `create view`, if this database has the view.
pub(super) fn create_view(name: &str, view: &ViewDef, dialect: &dyn Dialect) -> Option<String> {
    let materialized = if view.materialized && dialect.has_server_objects() { "materialized " } else { "" };
    let query = dialect.own_statement(&view.query())?.trim().trim_end_matches(';');
    Some(format!("create {materialized}view {} as\n{query}", ident(dialect, name)))
}

fn create_sequence(sequence: &Sequence, dialect: &dyn Dialect) -> String {
    let mut text = format!("create sequence {} increment by {}", ident(dialect, sequence.name), sequence.increment);
    for (words, number) in [("minvalue", sequence.min), ("maxvalue", sequence.max), ("start with", sequence.start)] {
        if let Some(number) = number {
            text.push_str(&format!(" {words} {number}"));
        }
    }
    if sequence.cycles {
        text.push_str(" cycle");
    }
    text
}

fn create_policy(policy: &Policy, dialect: &dyn Dialect) -> String {
    let roles: Vec<String> = policy.roles.iter().map(|role| ident(dialect, role)).collect();
    let roles = if roles.is_empty() { "public".to_owned() } else { roles.join(", ") };
    let kind = if policy.restrictive { " as restrictive" } else { "" };
    let (name, table) = (ident(dialect, policy.name), ident(dialect, policy.table));
    let mut text = format!("create policy {name} on {table}{kind} for {} to {roles}", policy.command);
    for (words, condition) in [("using", policy.using), ("with check", policy.check)] {
        if let Some(condition) = condition {
            text.push_str(&format!(" {words} ({condition})"));
        }
    }
    text
}
