//! The Rust types of columns, and what is written beside them so that the column's type stays what it is.

use orm_core::types::SqlType;

use crate::model::{Column, Model, Table};

/// What a column holds, as Rust sees it.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// A single value. Enums, ranges and arrays have variants of their own.
    Plain(SqlType),
    /// One of the labels of the enum at this position.
    Enum(usize),
    /// A range.
    Range(SqlType),
    /// An array.
    Array(Box<Type>),
}

/// The type of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnType {
    /// What it holds.
    pub ty: Type,
    /// The arguments of `#[column(..)]` that belong to it: `length = 20`.
    pub attributes: Vec<String>,
    /// The positions of checks of the table that the type implies.
    pub implied: Vec<usize>,
    /// What does not work with the type.
    pub problem: Option<String>,
}

impl ColumnType {
    /// A type that needs nothing beside it.
    pub(crate) fn plain(ty: SqlType) -> Self {
        Self::of(Type::Plain(ty))
    }

    pub(crate) fn of(ty: Type) -> Self {
        Self { ty, attributes: Vec::new(), implied: Vec::new(), problem: None }
    }

    pub(crate) fn with(mut self, attribute: String) -> Self {
        self.attributes.push(attribute);
        self
    }

    pub(crate) fn with_problem(mut self, problem: impl Into<String>) -> Self {
        self.problem = Some(problem.into());
        self
    }
}

/// An enum, before it has a name in Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnumDraft {
    /// The name of the type, or what it could be called.
    pub name: String,
    /// Whether the database knows the name.
    pub is_type: bool,
    /// The labels, in their order.
    pub labels: Vec<String>,
    /// The table whose column it is of, if it is of one only.
    pub table: Option<String>,
}

/// What a default is in Rust.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultValue {
    /// An expression of Rust: `5`, `"draft"`, `now()`.
    Rust(String),
    /// The label of an enum.
    Label(String),
    /// An expression of SQL.
    Sql(String),
}

/// How the types and defaults of a database are said in Rust.
pub trait RustTypes: Sync {
    /// The enums of a schema.
    fn enums(&self, model: &Model) -> Vec<EnumDraft>;

    /// The type of a column.
    fn column(&self, table: &Table, column: &Column, model: &Model, enums: &[EnumDraft]) -> ColumnType;

    /// The default of a column.
    fn default(&self, default: &str, ty: &Type) -> DefaultValue;

    /// Whether the table would check the types of its values if nothing were said.
    fn can_be_strict(&self, table: &Table) -> bool {
        let _ = table;
        false
    }

    /// Whether the column is a key that the database numbers without being told to.
    fn is_row_id(&self, table: &Table, column: &Column) -> bool {
        let _ = (table, column);
        false
    }

    /// The type of a column that has to have another Rust type than its own says, to be compared with others.
    fn spelled(&self, column: &Column) -> String;
}

/// The name of a type in Rust.
pub(super) fn rust_name(ty: &Type, enums: &[String]) -> String {
    match ty {
        Type::Plain(ty) => plain_name(*ty).to_owned(),
        Type::Enum(at) => enums[*at].clone(),
        Type::Range(item) => format!("Range<{}>", plain_name(*item)),
        Type::Array(item) => format!("Vec<{}>", rust_name(item, enums)),
    }
}

fn plain_name(ty: SqlType) -> &'static str {
    match ty {
        SqlType::Bool => "bool",
        SqlType::SmallInt => "i16",
        SqlType::Integer => "i32",
        SqlType::BigInt => "i64",
        SqlType::Real => "f32",
        SqlType::Double => "f64",
        SqlType::Bytes => "Vec<u8>",
        SqlType::Uuid => "Uuid",
        SqlType::Date => "NaiveDate",
        SqlType::Time => "NaiveTime",
        SqlType::Timestamp => "NaiveDateTime",
        SqlType::TimestampTz => "DateTime<Utc>",
        SqlType::Decimal => "Decimal",
        SqlType::Json => "Json<serde_json::Value>",
        SqlType::Inet => "std::net::IpAddr",
        SqlType::Interval => "Interval",
        SqlType::Text | SqlType::Enum(_) | SqlType::Range(_) | SqlType::Array(_) => "String",
    }
}

/// What a type needs beyond what is on by default.
pub(super) fn needs(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Plain(SqlType::Decimal) | Type::Range(SqlType::Decimal) => Some("the feature `decimal` of `orm`"),
        Type::Plain(SqlType::Json) => Some("the crate `serde_json`"),
        Type::Array(item) => needs(item),
        _ => None,
    }
}

/// The text of a literal of SQL: `it's` of `'it''s'`.
pub(crate) fn text_of(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    let text = inner.replace("''", "\u{0}");
    (!text.contains('\'')).then(|| text.replace('\u{0}', "'"))
}
