//! SQLite's types and defaults in Rust.
//!
//! A type of SQLite says little: what kind of text a text is, only the checks and defaults that `orm` writes tell. Other
//! schemas have types of other databases, whose meaning is kept by convention.

use orm_core::{
    dialect::Dialect,
    schema::{ColumnInfo, DefaultDef},
    types::SqlType,
};

use crate::{
    model::{Check, Column, Model, Table},
    pull::types::{ColumnType, DefaultValue, EnumDraft, RustTypes, Type, text_of},
    sql::{self, Syntax, TokenKind},
};

/// See [`RustTypes`].
pub(super) struct SqliteTypes;

impl RustTypes for SqliteTypes {
    fn enums(&self, model: &Model) -> Vec<EnumDraft> {
        let mut drafts: Vec<EnumDraft> = Vec::new();
        for table in &model.tables {
            for (name, labels) in table.checks.iter().filter_map(labels_of) {
                let Some(column) = table.column(&name).filter(|column| is_text(&column.sql_type)) else { continue };
                let same = |it: &&mut EnumDraft| it.labels == labels && it.name.eq_ignore_ascii_case(&column.name);
                match drafts.iter_mut().find(same) {
                    Some(draft) => draft.table = None,
                    None => drafts.push(EnumDraft {
                        name: column.name.clone(),
                        is_type: false,
                        labels,
                        table: Some(table.name.clone()),
                    }),
                }
            }
        }
        drafts
    }

    fn column(&self, table: &Table, column: &Column, _model: &Model, enums: &[EnumDraft]) -> ColumnType {
        let mut ty = match declared(&column.sql_type) {
            Some(ty) => ColumnType::plain(ty),
            None => ColumnType::plain(SqlType::Text)
                .with_problem("values of any type but text cannot be read as the field's type"),
        };
        // What says more than the type does: the defaults and checks that `orm` writes.
        if ty.ty == Type::Plain(SqlType::Text)
            && let Some(default) = &column.default
        {
            let moments = [SqlType::TimestampTz, SqlType::Timestamp, SqlType::Date, SqlType::Time];
            if let Some(moment) = moments.into_iter().find(|moment| is_written(default, DefaultDef::Now, *moment)) {
                ty.ty = Type::Plain(moment);
            } else if is_written(default, DefaultDef::RandomUuid, SqlType::Uuid) {
                ty.ty = Type::Plain(SqlType::Uuid);
            }
        }
        let quoted = format!("\"{}\"", column.name.replace('"', "\"\""));
        let is_bool = positions(&table.checks, &[format!("{quoted} in (0, 1)")]);
        if ty.ty == Type::Plain(SqlType::BigInt) && !is_bool.is_empty() {
            ty.ty = Type::Plain(SqlType::Bool);
        }
        let mut is_enum = Vec::new();
        if ty.ty == Type::Plain(SqlType::Text) && column.default.as_deref().is_none_or(|it| text_of(it).is_some()) {
            let of_column =
                table.checks.iter().filter_map(labels_of).find(|(name, _)| name.eq_ignore_ascii_case(&column.name));
            let at = of_column.and_then(|(_, labels)| {
                enums.iter().position(|it| it.labels == labels && it.name.eq_ignore_ascii_case(&column.name))
            });
            if let Some(at) = at {
                let labels: Vec<String> = enums[at].labels.iter().map(|it| orm_core::ddl::quote_text(it)).collect();
                is_enum = positions(&table.checks, &[format!("{quoted} in ({})", labels.join(", "))]);
                ty.ty = Type::Enum(at);
            }
        }
        let storage = storage(&ty.ty);
        // Checks of a type are written unless the type is spelled, so it is spelled where they are not there.
        let (has_checks, found) = match ty.ty {
            Type::Plain(SqlType::Bool) => (true, is_bool),
            Type::Enum(_) => (true, is_enum),
            _ => (false, Vec::new()),
        };
        if !column.sql_type.eq_ignore_ascii_case(storage) || has_checks && found.is_empty() {
            return ty.with(self.spelled(column));
        }
        ty.implied.extend(found.first());
        let lengths = table.checks.iter().enumerate().filter_map(|(at, check)| Some((at, length_of(check, &quoted)?)));
        if let Some((at, length)) = lengths.clone().next()
            && ty.ty == Type::Plain(SqlType::Text)
        {
            ty.implied.push(at);
            return ty.with(format!("length = {length}"));
        }
        ty
    }

    fn default(&self, default: &str, ty: &Type) -> DefaultValue {
        rust_default(default, ty).unwrap_or_else(|| {
            // Rust writes the parentheses itself.
            let inner = default.strip_prefix('(').and_then(|it| it.strip_suffix(')')).unwrap_or(default);
            DefaultValue::Sql(inner.to_owned())
        })
    }

    fn can_be_strict(&self, table: &Table) -> bool {
        let known = ["int", "integer", "real", "text", "blob", "any"];
        table.columns.iter().all(|column| known.iter().any(|it| it.eq_ignore_ascii_case(&column.sql_type)))
    }

    fn is_row_id(&self, table: &Table, column: &Column) -> bool {
        let is_key = table.key().len() == 1 && table.key()[0].eq_ignore_ascii_case(&column.name);
        // A key that refers to another table gets its numbers from there.
        let refers =
            table.foreign_keys.iter().any(|key| key.columns.iter().any(|name| name.eq_ignore_ascii_case(&column.name)));
        is_key && !refers && column.sql_type.eq_ignore_ascii_case("integer") && !table.without_rowid
    }

    fn spelled(&self, column: &Column) -> String {
        format!("sqlite(type = {:?})", column.sql_type)
    }
}

/// The type that values of a declared type have by convention, along the rules by which SQLite itself reads the name.
/// See <https://www.sqlite.org/datatype3.html#determination_of_column_affinity>.
fn declared(sql_type: &str) -> Option<SqlType> {
    let name = sql_type.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let word = name.split(['(', ' ']).next().unwrap_or_default();
    Some(match word {
        "" if name.is_empty() => SqlType::Bytes,
        "bool" | "boolean" => SqlType::Bool,
        "date" => SqlType::Date,
        "time" => SqlType::Time,
        "datetime" | "timestamp" => SqlType::Timestamp,
        "timestamptz" => SqlType::TimestampTz,
        "uuid" | "guid" => SqlType::Uuid,
        "json" | "jsonb" => SqlType::Json,
        "any" => return None,
        _ if has(&["int"]) => SqlType::BigInt,
        _ if has(&["char", "clob", "text"]) => SqlType::Text,
        _ if has(&["blob", "binary"]) => SqlType::Bytes,
        _ => SqlType::Double,
    })
}

fn is_text(sql_type: &str) -> bool {
    declared(sql_type) == Some(SqlType::Text)
}

/// How `orm` spells the type.
fn storage(ty: &Type) -> &'static str {
    match ty {
        Type::Plain(SqlType::Bool | SqlType::SmallInt | SqlType::Integer | SqlType::BigInt) => "integer",
        Type::Plain(SqlType::Real | SqlType::Double) => "real",
        Type::Plain(SqlType::Bytes) => "blob",
        _ => "text",
    }
}

/// The positions of the checks that are one of these conditions, whatever their layout is.
fn positions(checks: &[Check], conditions: &[String]) -> Vec<usize> {
    let words: Vec<String> = conditions.iter().map(|it| Syntax::Sqlite.without_layout(it)).collect();
    let is_one = |check: &Check| words.contains(&Syntax::Sqlite.without_layout(&check.condition));
    checks.iter().enumerate().filter(|(_, check)| is_one(check)).map(|(at, _)| at).collect()
}

/// The column and the labels of `column in ('a', 'b')`.
pub(super) fn labels_of(check: &Check) -> Option<(String, Vec<String>)> {
    let tokens = Syntax::Sqlite.tokens(&check.condition);
    let text = |at: usize| tokens.get(at).map(|token| &check.condition[token.span.clone()]);
    let [column, _, _, labels @ .., _] = &tokens[..] else { return None };
    let is_name = matches!(column.kind, TokenKind::Word | TokenKind::Quoted);
    let is_list = text(1)?.eq_ignore_ascii_case("in") && text(2)? == "(" && text(tokens.len() - 1)? == ")";
    if !is_name || !is_list || labels.is_empty() {
        return None;
    }
    let mut found: Vec<String> = Vec::new();
    for (at, token) in labels.iter().enumerate() {
        let word = &check.condition[token.span.clone()];
        if at % 2 == 1 {
            (word == ",").then_some(())?;
            continue;
        }
        let label = text_of(word).filter(|it| !it.is_empty() && it.len() <= 63 && !found.contains(it))?;
        found.push(label);
    }
    Some((sql::unquote(text(0)?), found))
}

/// The number of `length(column) <= 20`.
fn length_of(check: &Check, quoted: &str) -> Option<u32> {
    let words = Syntax::Sqlite.without_layout(&check.condition);
    words.strip_prefix(&format!("length ( {quoted} ) <= "))?.parse().ok()
}

/// A default as Rust says it, if what Rust says becomes the same default.
fn rust_default(default: &str, ty: &Type) -> Option<DefaultValue> {
    let rust = |text: String| Some(DefaultValue::Rust(text));
    match ty {
        Type::Plain(SqlType::Bool) if matches!(default, "true" | "false") => rust(default.to_owned()),
        Type::Plain(SqlType::BigInt) => {
            let value: i64 = default.parse().ok()?;
            (value.to_string() == default).then(|| DefaultValue::Rust(default.to_owned()))
        }
        Type::Plain(SqlType::Double) => {
            let value: f64 = default.parse().ok()?;
            (format!("{value:?}") == default).then(|| DefaultValue::Rust(default.to_owned()))
        }
        Type::Plain(SqlType::Text) => rust(format!("{:?}", text_of(default)?)),
        Type::Enum(_) => text_of(default).map(DefaultValue::Label),
        // The type was chosen by this very default.
        Type::Plain(ty @ SqlType::Uuid) if is_written(default, DefaultDef::RandomUuid, *ty) => {
            rust("random_uuid()".to_owned())
        }
        Type::Plain(ty @ (SqlType::TimestampTz | SqlType::Timestamp | SqlType::Date | SqlType::Time))
            if is_written(default, DefaultDef::Now, *ty) =>
        {
            rust("now()".to_owned())
        }
        _ => None,
    }
}

/// Whether a default is what `orm` writes for one of Rust.
fn is_written(default: &str, def: DefaultDef, ty: SqlType) -> bool {
    let mut text = String::new();
    orm_sqlite::Sqlite.write_default(&mut text, &def, &ColumnInfo::new("", "", ty, false));
    Syntax::Sqlite.without_layout(&text) == Syntax::Sqlite.without_layout(default)
}
