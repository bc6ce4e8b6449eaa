//! The rules that several attributes of a table must meet together.

use std::collections::HashSet;

use proc_macro2::Span;

use crate::{
    attr::{
        Text,
        foreign_key::{Action, At},
    },
    ctxt::Ctxt,
    identifier,
    model::{
        column::Column,
        table::{ForeignKey, Table},
    },
};

/// Reports every rule the table breaks.
pub(crate) fn check(table: &Table, ctxt: &Ctxt) {
    check_query(table, ctxt);
    check_primary_key(table, ctxt);
    check_auto_increment(table, ctxt);
    check_column_names(table, ctxt);
    check_field_names(table, ctxt);
    for column in &table.columns {
        if let Some((span, message)) = column_fault(table, column) {
            ctxt.error(span, message);
        }
    }
    for key in &table.foreign_keys {
        check_actions(table, key, ctxt);
    }
    check_unique_sets(table, ctxt);
    check_names(table, ctxt);
    check_soft_delete(table, ctxt);
    check_scope(table, ctxt);
    check_version(table, ctxt);
}

fn check_query(table: &Table, ctxt: &Ctxt) {
    let Some(view) = &table.view else { return };
    let ident = &table.ident;
    if !view.has_query() {
        ctxt.error(
            ident.span(),
            format!(
                "`{ident}` has no query; write `#[view(as = \"select ..\")]`, or `postgres = \"..\"` and `sqlite = \"..\"` \
                 where the databases differ"
            ),
        );
    }
    if let (Some(_), Some(own)) = (&view.both, view.postgres.as_ref().or(view.sqlite.as_ref())) {
        ctxt.error(
            own.span,
            format!("`{ident}` has a query for both databases and one of its own; remove one of the two"),
        );
    }
}

fn check_primary_key(table: &Table, ctxt: &Ctxt) {
    let ident = &table.ident;
    let key = table.primary_key();
    match (key.first(), table.keyless) {
        (None, None) if table.view.is_none() => ctxt.error(
            ident.span(),
            format!(
                "`{ident}` has no primary key; mark the field or fields of the key with `#[column(primary_key)]`, \
                 or the struct with `#[table(keyless)]`"
            ),
        ),
        (Some(first), Some(keyless)) => {
            let path = table.path(&table.columns[*first]);
            ctxt.error(keyless, format!("`{ident}` is keyless but `{path}` is its primary key; remove one of the two"));
        }
        _ => {}
    }
    if let (Some(span), Some(_)) = (table.without_rowid, table.keyless) {
        ctxt.error(span, format!("`{ident}` is keyless; a table without row ids needs a primary key"));
    }
}

fn check_auto_increment(table: &Table, ctxt: &Ctxt) {
    let mut numbered = table.columns.iter().filter_map(|column| Some((column, column.auto_increment?)));
    let Some((first, span)) = numbered.next() else { return };
    if table.without_rowid.is_some() {
        ctxt.error(span, format!("`{}` cannot be `auto_increment`: the table is `without_rowid`", table.path(first)));
    }
    let key = table.primary_key();
    // Of a column with another mistake, that one is enough.
    let sound = !first.nullable && first.default.is_none() && first.generated.is_none();
    // What only PostgreSQL has need not be as SQLite asks.
    let sound = sound && !matches!(first.numbering, Some("Always" | "Serial"));
    if sound && !key.is_empty() && !matches!(key[..], [at] if table.columns[at].ident == first.ident) {
        let path = table.path(first);
        ctxt.error(span, format!("`{path}` is `auto_increment` and must be the whole primary key, as SQLite asks"));
    }
    for (second, span) in numbered {
        let (first, second) = (table.path(first), table.path(second));
        ctxt.error(
            span,
            format!("`{second}` is the second `auto_increment` column, after `{first}`; a table has at most one"),
        );
    }
}

fn check_soft_delete(table: &Table, ctxt: &Ctxt) {
    let Some((at, span)) = table.soft_delete else { return };
    let column = &table.columns[at];
    let path = table.path(column);
    if !column.nullable {
        ctxt.error(span, format!("`{path}` is NULL in rows that are not deleted; make the field an `Option`"));
    } else if column.default.is_some() {
        ctxt.error(span, format!("`{path}` has a default, so new rows would be deleted; remove it"));
    } else if column.generated.is_some() {
        ctxt.error(span, format!("`{path}` is generated, so a delete cannot set it"));
    }
}

fn check_scope(table: &Table, ctxt: &Ctxt) {
    const MOST: usize = 3;
    for (at, span) in &table.scope {
        let column = &table.columns[*at];
        let path = table.path(column);
        let fault = if column.nullable {
            "is the scope of the table and cannot be an `Option`: a row without it would be nobody's"
        } else if column.version.is_some() {
            "is the scope of the table and cannot be its version"
        } else if column.default.is_some() || column.auto_increment.is_some() || column.generated.is_some() {
            "is the scope of the table, so an insert must give it: it cannot have a default, number itself or be generated"
        } else {
            continue;
        };
        ctxt.error(*span, format!("`{path}` {fault}"));
    }
    if let Some((_, span)) = table.scope.get(MOST) {
        ctxt.error(*span, format!("a scope has at most {MOST} columns"));
    }
}

fn check_version(table: &Table, ctxt: &Ctxt) {
    let mut versions = table.columns.iter().filter_map(|column| Some((column, column.version?)));
    let Some((first, _)) = versions.next() else { return };
    for (second, span) in versions {
        let (first, second) = (table.path(first), table.path(second));
        ctxt.error(span, format!("`{second}` is the second version, after `{first}`; a table has at most one"));
    }
}

fn check_column_names(table: &Table, ctxt: &Ctxt) {
    for (at, column) in table.columns.iter().enumerate() {
        // SQLite compares the names of columns without regard to case.
        let same = |other: &&Column| other.name.value.eq_ignore_ascii_case(&column.name.value);
        if let Some(other) = table.columns[..at].iter().find(same) {
            let (path, other, field) = (table.path(column), &other.ident, &column.ident);
            ctxt.error(column.name.span, format!("`{path}` is the column of two fields, `{other}` and `{field}`"));
        }
    }
}

/// The methods of every table and view, which a constant of the same name would hide.
const READS: [&str; 5] = ["alias", "find", "on", "row", "select"];

/// Those of every table.
const WRITES: [&str; 5] = ["delete", "hard_delete", "insert", "insert_many", "update"];

fn check_field_names(table: &Table, ctxt: &Ctxt) {
    let more: &[&str] = match &table.view {
        None => &WRITES,
        Some(view) if view.materialized.is_some() => &["refresh"],
        Some(_) => &[],
    };
    let hides = |column: &&Column| READS.iter().chain(more).any(|method| column.ident == method);
    for column in table.columns.iter().filter(hides) {
        let (field, name, ident) = (&column.ident, &column.name.value, &table.ident);
        ctxt.error(
            field.span(),
            format!(
                "the column `{ident}::{field}` would hide the method `{ident}::{field}()`; rename the field and write \
                 `#[column(name = \"{name}\")]`"
            ),
        );
    }
}

/// The first rule a column breaks: one mistake often breaks several.
fn column_fault(table: &Table, column: &Column) -> Option<(Span, String)> {
    let path = table.path(column);
    let generated = column.generated.as_ref().map(|generated| generated.span);
    let default = column.default.as_ref().map(|default| default.span);
    let on_update = column.on_update.as_ref().map(|value| value.span);
    if let Some(span) = column.primary_key
        && column.nullable
    {
        return Some((span, format!("`{path}` is part of the primary key and cannot be an `Option`")));
    }
    if let Some(span) = column.auto_increment
        && column.nullable
    {
        return Some((span, format!("`{path}` is `auto_increment` and cannot be an `Option`")));
    }
    if let Some(span) = column.version
        && column.nullable
    {
        return Some((span, format!("`{path}` is the version of its row and cannot be an `Option`")));
    }
    let conflicts = [
        (generated, column.primary_key, "is generated and cannot be part of the primary key"),
        (generated, default, "is generated and cannot have a default"),
        (generated, column.auto_increment, "is generated and cannot be `auto_increment`"),
        (generated, on_update, "is generated and cannot have an `on_update` value"),
        (column.auto_increment, default, "is `auto_increment` and cannot have a default too"),
        (column.primary_key, column.version, "is part of the primary key and cannot be the version of its row"),
        (generated, column.version, "is generated and cannot be the version of its row"),
        (column.auto_increment, column.version, "is `auto_increment` and cannot be the version of its row"),
        (on_update, column.version, "has an `on_update` value and cannot be the version of its row"),
    ];
    for (one, other, message) in conflicts {
        if let (Some(_), Some(span)) = (one, other) {
            return Some((span, format!("`{path}` {message}")));
        }
    }
    if let (Some(scale), None) = (&column.scale, &column.precision) {
        return Some((
            scale.span,
            format!("`{path}` has a `scale` but no `precision`; write `precision = 10, scale = {}`", scale.value),
        ));
    }
    column.stray_actions.first().map(|(name, action)| {
        (action.span, format!("`{path}` has `{name}` but no foreign key; add `references = Table::column`"))
    })
}

fn check_actions(table: &Table, key: &ForeignKey, ctxt: &Ctxt) {
    for (name, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
        let Some(At { value: Action::SetNull, span }) = action else { continue };
        let not_null = key.columns.iter().map(|column| &table.columns[*column]).find(|column| !column.nullable);
        if let Some(column) = not_null {
            let path = table.path(column);
            ctxt.error(
                span,
                format!("`{path}` is NOT NULL, so `{name} = set_null` would always fail; make the field an `Option`"),
            );
        }
    }
}

fn check_unique_sets(table: &Table, ctxt: &Ctxt) {
    let mut known = HashSet::new();
    for (mut columns, span) in table.unique_sets() {
        columns.sort_unstable();
        let names: Vec<String> =
            columns.iter().map(|column| format!("`{}`", table.path(&table.columns[*column]))).collect();
        if !known.insert(columns) {
            let names = names.join(" and ");
            ctxt.error(span, format!("{names}: already declared unique, or the primary key; remove one of the two"));
        }
    }
}

/// Checks every name the schema gives to something other than the table and its columns.
fn check_names(table: &Table, ctxt: &Ctxt) {
    let uniques = table.uniques.iter().filter_map(|unique| unique.name.as_ref());
    let foreign_keys = table.foreign_keys.iter().filter_map(|key| key.name.as_ref());
    let checks = table.checks.iter().map(|check| &check.name);
    check_distinct("constraint", uniques.chain(foreign_keys).chain(checks), ctxt);
    check_distinct("index", table.indexes.iter().filter_map(|index| index.name.as_ref()), ctxt);

    for column in &table.columns {
        let names = [("former", &column.renamed_from), ("collation", &column.collation)];
        for (kind, name) in names.into_iter().filter_map(|(kind, name)| Some((kind, name.as_ref()?))) {
            identifier::check(kind, name, ctxt);
        }
    }
    if let Some(name) = &table.renamed_from {
        identifier::check("former", name, ctxt);
    }
}

fn check_distinct<'a>(kind: &str, names: impl Iterator<Item = &'a Text>, ctxt: &Ctxt) {
    let mut known = HashSet::new();
    for name in names {
        identifier::check(kind, name, ctxt);
        if !known.insert(&name.value) {
            ctxt.error(name.span, format!("`{}` is the name of two {}", name.value, plural(kind)));
        }
    }
}

fn plural(kind: &str) -> &str {
    match kind {
        "index" => "indexes",
        _ => "constraints",
    }
}
