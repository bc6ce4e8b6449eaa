//! PostgreSQL's types and defaults in Rust.

use orm_core::types::SqlType;

use crate::{
    model::{Column, Model, ObjectKind, Table},
    pull::types::{ColumnType, DefaultValue, EnumDraft, RustTypes, Type, text_of},
    sql,
};

/// See [`RustTypes`].
pub(super) struct PostgresTypes;

impl RustTypes for PostgresTypes {
    fn enums(&self, model: &Model) -> Vec<EnumDraft> {
        let draft = |def: &crate::model::Enum| EnumDraft {
            name: def.name.clone(),
            is_type: true,
            labels: def.labels.clone(),
            table: None,
        };
        model.enums.iter().map(draft).collect()
    }

    fn column(&self, _table: &Table, column: &Column, model: &Model, enums: &[EnumDraft]) -> ColumnType {
        column_type(&column.sql_type, model, enums)
    }

    fn default(&self, default: &str, ty: &Type) -> DefaultValue {
        rust_default(default, ty).unwrap_or_else(|| DefaultValue::Sql(default.to_owned()))
    }

    fn spelled(&self, column: &Column) -> String {
        spelled(&column.sql_type)
    }
}

fn spelled(sql_type: &str) -> String {
    format!("postgres(type = {sql_type:?})")
}

fn column_type(sql_type: &str, model: &Model, enums: &[EnumDraft]) -> ColumnType {
    if let Some(ty) = plain(sql_type) {
        return ColumnType::plain(ty);
    }
    if let Some(length) = argument(sql_type, "character varying(") {
        return ColumnType::plain(SqlType::Text).with(format!("length = {length}"));
    }
    if let Some((precision, scale)) = argument(sql_type, "numeric(").and_then(|it| it.split_once(',')) {
        let ty = ColumnType::plain(SqlType::Decimal);
        // The scale may be negative, or greater than the precision.
        return match (precision.parse::<u32>(), scale.parse::<u32>()) {
            (Ok(precision), Ok(scale)) if scale <= precision => {
                ty.with(format!("precision = {precision}")).with(format!("scale = {scale}"))
            }
            _ => ty.with(spelled(sql_type)),
        };
    }
    if let Some(item) = range(sql_type) {
        return ColumnType::of(Type::Range(item));
    }
    if let Some(at) = enums.iter().position(|def| def.name == sql::unquote(sql_type)) {
        return ColumnType::of(Type::Enum(at));
    }
    if let Some(item) = sql_type.strip_suffix("[]") {
        let item = column_type(item, model, enums);
        let ty = ColumnType::of(Type::Array(Box::new(item.ty)));
        let ty = if item.attributes.is_empty() { ty } else { ty.with(spelled(sql_type)) };
        return match item.problem {
            Some(problem) => ty.with_problem(problem),
            None => ty,
        };
    }
    let other = other(sql_type, model, enums);
    match other {
        Some(ty) => ColumnType::of(ty).with(spelled(sql_type)),
        None => ColumnType::plain(SqlType::Text)
            .with(spelled(sql_type))
            .with_problem(format!("values of type `{sql_type}` can be neither read nor written as the field's type")),
    }
}

/// What is in the parentheses of `numeric(…)`.
fn argument<'s>(sql_type: &'s str, name: &str) -> Option<&'s str> {
    sql_type.strip_prefix(name)?.strip_suffix(')')
}

/// The types that are the usual ones of a Rust type, as the server spells them.
fn plain(sql_type: &str) -> Option<SqlType> {
    Some(match sql_type {
        "boolean" => SqlType::Bool,
        "smallint" => SqlType::SmallInt,
        "integer" => SqlType::Integer,
        "bigint" => SqlType::BigInt,
        "real" => SqlType::Real,
        "double precision" => SqlType::Double,
        "text" => SqlType::Text,
        "bytea" => SqlType::Bytes,
        "uuid" => SqlType::Uuid,
        "date" => SqlType::Date,
        "time without time zone" => SqlType::Time,
        "timestamp without time zone" => SqlType::Timestamp,
        "timestamp with time zone" => SqlType::TimestampTz,
        "numeric" => SqlType::Decimal,
        "jsonb" => SqlType::Json,
        "inet" => SqlType::Inet,
        "interval" => SqlType::Interval,
        _ => return None,
    })
}

fn range(sql_type: &str) -> Option<SqlType> {
    Some(match sql_type {
        "int4range" => SqlType::Integer,
        "int8range" => SqlType::BigInt,
        "numrange" => SqlType::Decimal,
        "daterange" => SqlType::Date,
        "tsrange" => SqlType::Timestamp,
        "tstzrange" => SqlType::TimestampTz,
        _ => return None,
    })
}

/// Types that are read as a Rust type but are not its usual one.
fn other(sql_type: &str, model: &Model, enums: &[EnumDraft]) -> Option<Type> {
    let (name, rest) = sql_type.split_once('(').unwrap_or((sql_type, ""));
    let zone = rest.split_once(')').map_or("", |(_, zone)| zone.trim());
    let ty = match (name.trim(), zone) {
        ("character" | "character varying" | "name" | "citext" | "bpchar", _) => SqlType::Text,
        ("json", _) => SqlType::Json,
        ("timestamp", "without time zone") => SqlType::Timestamp,
        ("timestamp", "with time zone") => SqlType::TimestampTz,
        ("time", "without time zone") => SqlType::Time,
        _ if name.starts_with("interval ") || name == "interval" => SqlType::Interval,
        _ => {
            let is_this = |name: &str| name == sql::unquote(sql_type);
            let domain = model.objects_of(ObjectKind::Domain).find(|it| is_this(&it.name))?;
            // A value of a domain is sent as one of the type below.
            return Some(column_type(&base_of_domain(&domain.text())?, model, enums))
                .filter(|it| it.problem.is_none())
                .map(|it| it.ty);
        }
    };
    Some(Type::Plain(ty))
}

/// The type below a domain, of the statement that creates it.
fn base_of_domain(statement: &str) -> Option<String> {
    let tokens = sql::tokens(statement);
    let word = |at: usize| tokens.get(at).map(|token| &statement[token.span.clone()]);
    let start = (2..tokens.len()).find(|&at| word(at) == Some("as"))? + 1;
    let ends = ["not", "check", "constraint", "default"];
    let end = (start..tokens.len())
        .find(|&at| word(at).is_some_and(|word| ends.iter().any(|end| end.eq_ignore_ascii_case(word))))
        .unwrap_or(tokens.len());
    let (first, last) = (tokens.get(start)?, tokens.get(end.checked_sub(1)?)?);
    statement.get(first.span.start..last.span.end).map(str::to_owned)
}

/// A default as Rust says it, if what Rust says becomes the same default.
fn rust_default(default: &str, ty: &Type) -> Option<DefaultValue> {
    let rust = |text: String| Some(DefaultValue::Rust(text));
    // The server adds the type of a text: `'draft'::text`.
    let (literal, cast) = match default.rfind("'::") {
        Some(at) => (&default[..=at], Some(&default[at + 3..])),
        None => (default, None),
    };
    match ty {
        Type::Plain(SqlType::Bool) if matches!(default, "true" | "false") => rust(default.to_owned()),
        Type::Plain(SqlType::SmallInt | SqlType::Integer | SqlType::BigInt) => {
            let number = match cast {
                None => default.to_owned(),
                Some("integer") => text_of(literal).filter(|number| number.starts_with('-'))?,
                Some(_) => return None,
            };
            let value: i64 = number.parse().ok()?;
            (value.to_string() == number && i32::try_from(value).is_ok()).then_some(())?;
            rust(number)
        }
        Type::Plain(SqlType::Real | SqlType::Double) if cast.is_none() => {
            let value: f64 = default.parse().ok()?;
            (format!("{value:?}") == default).then(|| DefaultValue::Rust(default.to_owned()))
        }
        Type::Plain(SqlType::Text) if matches!(cast?, "text" | "character varying" | "bpchar") => {
            rust(format!("{:?}", text_of(literal)?))
        }
        Type::Enum(_) if cast.is_some() => text_of(literal).map(DefaultValue::Label),
        Type::Plain(SqlType::Uuid) if default == "gen_random_uuid()" => rust("random_uuid()".to_owned()),
        Type::Plain(SqlType::TimestampTz) if default == "now()" => rust("now()".to_owned()),
        Type::Plain(SqlType::Timestamp) if default == "(now() AT TIME ZONE 'utc'::text)" => rust("now()".to_owned()),
        _ => None,
    }
}
