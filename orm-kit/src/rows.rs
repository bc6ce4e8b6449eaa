//! Rows for a shadow: what fails on a table with rows must fail before a user sees it.

use std::collections::BTreeMap;

use orm_core::{
    ddl::{ident, idents, quote_text},
    dialect::Dialect,
};

use crate::{
    ddl,
    error::Error,
    model::{Column, ForeignKey, Identity, Model, Table},
    session::{Row, Session},
    sql::{Syntax, TokenKind},
};

/// How many rows a table gets.
const ROWS: usize = 3;

/// How many values are tried for the columns of a table.
const TRIES: usize = 6;

/// Inserts rows into every table, and tells into which none could be inserted. Where there is a choice, they are rows that the
/// schema to come takes too.
pub(crate) fn fill(
    session: &mut dyn Session,
    model: &Model,
    to: &Model,
    dialect: &dyn Dialect,
) -> Result<Vec<String>, Error> {
    let tables: Vec<&Table> = model.tables.iter().collect();
    let tables: Vec<&Table> = ddl::in_order_of_creation(&tables, dialect).into_iter().map(|(table, _)| table).collect();
    // What a migration inserted is as good.
    let tables = without_rows(session, &tables, dialect)?;
    let first =
        |table: &&Table| (1..=ROWS).map(|number| insert(table, (model, to), number, 0, dialect)).collect::<Vec<_>>();
    let all: Vec<String> = tables.iter().flat_map(first).collect();
    // Most schemas take the first rows that come to mind: one message instead of hundreds.
    if tables.is_empty() || session.run(&format!("begin;\n{};\ncommit", all.join(";\n"))).is_ok() {
        return Ok(Vec::new());
    }
    // SQLite leaves the transaction open, and PostgreSQL leaves one that failed.
    drop(session.run("rollback"));
    for table in &tables {
        for number in 1..=ROWS {
            let is_in =
                (0..TRIES).any(|attempt| session.run(&insert(table, (model, to), number, attempt, dialect)).is_ok());
            if !is_in {
                break;
            }
        }
    }
    let empty = without_rows(session, &tables, dialect)?.into_iter().map(|table| table.name.clone()).collect();
    Ok(empty)
}

/// The tables that are empty.
fn without_rows<'m>(
    session: &mut dyn Session,
    tables: &[&'m Table],
    dialect: &dyn Dialect,
) -> Result<Vec<&'m Table>, Error> {
    // SQLite puts 500 queries together at most.
    const AT_ONCE: usize = 200;
    let mut empty = Vec::new();
    for tables in tables.chunks(AT_ONCE) {
        let query = |(at, table): (usize, &&Table)| {
            format!("select {at} where not exists (select 1 from {})", ident(dialect, &table.name))
        };
        let queries: Vec<String> = tables.iter().enumerate().map(query).collect();
        for row in session.rows(&queries.join(" union all "))? {
            let at = row.into_iter().next().flatten().and_then(|at| at.parse::<usize>().ok());
            empty.extend(at.and_then(|at| tables.get(at)));
        }
    }
    Ok(empty)
}

fn insert(table: &Table, models: (&Model, &Model), number: usize, attempt: usize, dialect: &dyn Dialect) -> String {
    let mut columns = Vec::new();
    let mut values = Vec::new();
    // A second try leaves out what may be left out.
    let only_required = attempt % 2 == 1;
    for column in &table.columns {
        let stays_nullable = |table: &Table| table.column(&column.name).is_none_or(|column| column.nullable);
        let is_optional = column.nullable && models.1.table(&table.name).is_none_or(stays_nullable);
        let may_be_left_out = is_optional || column.default.is_some() || column.identity.is_some();
        if column.generated.is_some() || column.identity == Some(Identity::Always) || only_required && may_be_left_out {
            continue;
        }
        let key = table.foreign_keys.iter().find(|key| key.columns.contains(&column.name));
        let value = match key {
            Some(key) if key.table == table.name => {
                if column.nullable {
                    "null".to_owned()
                } else {
                    value(column, table, models, number, attempt, dialect)
                }
            }
            Some(key) => referred(key, &column.name, models.0, number, dialect),
            None => value(column, table, models, number, attempt, dialect),
        };
        columns.push(column.name.clone());
        values.push(value);
    }
    let name = ident(dialect, &table.name);
    if columns.is_empty() {
        return format!("insert into {name} default values");
    }
    format!("insert into {name} ({}) values ({})", idents(dialect, &columns), values.join(", "))
}

/// The column of a row that a foreign key refers to.
fn referred(key: &ForeignKey, column: &str, model: &Model, number: usize, dialect: &dyn Dialect) -> String {
    let parent = model.table(&key.table);
    let references = match (&key.references[..], parent) {
        ([], Some(parent)) => parent.key(),
        (references, _) => references,
    };
    let at = key.columns.iter().position(|it| it == column).unwrap_or_default();
    let Some(target) = references.get(at) else { return "null".to_owned() };
    format!(
        "(select {} from {} order by {} limit 1 offset {})",
        ident(dialect, target),
        ident(dialect, &key.table),
        idents(dialect, references),
        number - 1
    )
}

fn value(
    column: &Column,
    table: &Table,
    (model, to): (&Model, &Model),
    number: usize,
    attempt: usize,
    dialect: &dyn Dialect,
) -> String {
    // What a check names may be what it refuses, so every second try does without.
    let candidates =
        if attempt / 2 == 1 { Vec::new() } else { literals(column, table, to, Syntax::of(dialect.name())) };
    if let Some(candidate) = candidates.get((number - 1 + attempt / 2) % candidates.len().max(1)) {
        return candidate.clone();
    }
    let sql_type = column.sql_type.to_ascii_lowercase();
    if let Some(def) = model.enums.iter().find(|def| def.name == column.sql_type.trim_matches('"')) {
        let is_kept = |label: &&String| to.enums.iter().any(|def| def.labels.contains(label));
        let label = def.labels.iter().find(is_kept).or(def.labels.first());
        return label.map_or_else(|| "null".to_owned(), |label| quote_text(label));
    }
    if sql_type.ends_with("[]") {
        return "'{}'".to_owned();
    }
    let base = sql_type.split(['(', ' ']).next().unwrap_or_default();
    match base {
        "smallint" | "integer" | "int" | "bigint" | "numeric" | "decimal" | "oid" | "any" => number.to_string(),
        "real" | "double" | "float" => format!("{number}.5"),
        "boolean" | "bool" => number.is_multiple_of(2).to_string(),
        "uuid" => format!("'00000000-0000-4000-8000-{number:012}'"),
        "date" => format!("'2024-01-{number:02}'"),
        "time" => format!("'12:00:{number:02}'"),
        "timestamp" => format!("'2024-01-{number:02} 12:00:00'"),
        "interval" => format!("'{number} days'"),
        "json" | "jsonb" => format!("'{{\"n\": {number}}}'"),
        "bytea" => format!("'\\x0{number}'"),
        "blob" => format!("x'0{number}'"),
        "inet" | "cidr" => format!("'10.0.0.{number}'"),
        "int4range" | "int8range" | "numrange" => format!("'[{number},{})'", number + 10),
        "daterange" | "tsrange" | "tstzrange" => "'empty'".to_owned(),
        "bit" => "null".to_owned(),
        // A text that is a number fits a column of either.
        _ => quote_text(&number.to_string()),
    }
}

/// The values that checks on a column name, which are likely to be allowed: if possible, such that are named in the schema to come.
fn literals(column: &Column, table: &Table, to: &Model, syntax: Syntax) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for check in table.checks.iter().filter(|check| syntax.mentions(&check.condition, &column.name)) {
        let others = table.columns.iter().filter(|it| it.name != column.name);
        let is_own = others.into_iter().all(|other| !syntax.mentions(&check.condition, &other.name));
        let words = syntax.tokens(&check.condition).into_iter();
        let is_length = syntax.mentions(&check.condition, "length") || syntax.mentions(&check.condition, "char_length");
        let kinds = words.filter(|token| {
            token.kind == TokenKind::Text || token.kind == TokenKind::Number && column.sql_type != "text"
        });
        if is_own && !is_length {
            found.extend(kinds.map(|token| check.condition[token.span].to_owned()));
        }
    }
    let is_named = |literal: &&String| {
        let mut checks = to.tables.iter().flat_map(|table| &table.checks);
        checks.any(|check| check.condition.contains(literal.as_str()))
    };
    let named: Vec<String> = found.iter().filter(is_named).cloned().collect();
    if named.is_empty() { found } else { named }
}

/// The rows of a table, in an order of their own: some columns, under the names they had when the table was first looked at.
pub(crate) fn contents(
    session: &mut dyn Session,
    table: &str,
    columns: &[String],
    dialect: &dyn Dialect,
) -> Result<Vec<Row>, Error> {
    if columns.is_empty() {
        return session.rows(&format!("select count(*) from {}", ident(dialect, table)));
    }
    let mut rows = session.rows(&format!("select {} from {}", idents(dialect, columns), ident(dialect, table)))?;
    rows.sort();
    Ok(rows)
}

/// The value that rows get in a column that comes back without its content, for taking a migration back.
pub(crate) fn filler(column: &Column, table: &Table, model: &Model, dialect: &dyn Dialect) -> String {
    let is_unique = table.key() == [column.name.clone()]
        || table.uniques.iter().any(|unique| unique.columns == [column.name.clone()])
        || table.indexes.iter().any(|index| index.unique && index.parts.len() == 1);
    let base = column.sql_type.split(['(', ' ']).next().unwrap_or_default().to_ascii_lowercase();
    let is_postgres = dialect.has_enum_types();
    match (is_unique, is_postgres, base.as_str()) {
        (true, true, "smallint" | "integer" | "bigint" | "numeric") => {
            "((ctid::text::point)[0] * 1000 + (ctid::text::point)[1])".to_owned()
        }
        (true, true, "text" | "character") => "ctid::text".to_owned(),
        (true, true, "uuid") => "gen_random_uuid()".to_owned(),
        (true, false, "text") => "'row ' || rowid".to_owned(),
        (true, false, _) => "rowid".to_owned(),
        _ => value(column, table, (model, model), 1, 0, dialect),
    }
}

/// The contents of tables, by which it is told whether a migration left alone what it should.
pub(crate) type Contents = BTreeMap<String, Vec<Row>>;
