//! The statements that create the objects of a model, and the clauses they are made of.

use orm_core::{
    ddl::{ident, idents},
    dialect::Dialect,
    schema::Numbering,
};

use crate::model::{
    Check, Column, Deferrable, Enum, ForeignKey, ForeignKeyAction, GeneratedStorage, Identity, Index, IndexKey,
    IndexOrder, Model, Nulls, Object, ObjectKind, PrimaryKey, Table, Unique,
};
use crate::sql;

/// The statements that create everything in a model, in an order that works on an empty database.
///
/// ```
/// use orm_kit::{ddl, model::{Enum, Model}};
///
/// let mood = Enum { name: "mood".to_owned(), labels: vec!["fine".to_owned()] };
/// let model = Model { enums: vec![mood], ..Model::default() };
/// assert_eq!(ddl::create_all(&model, &orm::postgres::Postgres), [r#"create type "mood" as enum ('fine')"#]);
/// ```
pub fn create_all(model: &Model, dialect: &dyn Dialect) -> Vec<String> {
    let (before, after): (Vec<&Object>, Vec<&Object>) =
        model.objects.iter().partition(|it| is_before_tables(it, model));
    let mut statements: Vec<String> = before.into_iter().flat_map(|object| object.sql.clone()).collect();
    statements.extend(model.enums.iter().map(|def| create_enum(def, dialect)));
    let tables: Vec<&Table> = model.tables.iter().collect();
    let mut later = Vec::new();
    for (table, postponed) in in_order_of_creation(&tables, dialect) {
        statements.push(create_table(table, dialect, &postponed));
        statements.extend(table.indexes.iter().map(|index| create_index(&table.name, index, dialect)));
        statements.extend(comments(table, dialect));
        later.extend(postponed.into_iter().map(|key| add_constraint(table, &foreign_key(key, dialect), dialect)));
    }
    statements.append(&mut later);
    statements.extend(after.into_iter().flat_map(|object| object.sql.clone()));
    statements
}

/// Whether an object is created before the tables. A function may read them; one that they use themselves cannot wait.
pub(crate) fn is_before_tables(object: &Object, model: &Model) -> bool {
    match object.kind {
        ObjectKind::Function | ObjectKind::Aggregate => {
            let name = object.name.split('(').next().unwrap_or_default();
            model.tables.iter().flat_map(expressions).any(|text| sql::mentions(text, &sql::unquote(name)))
        }
        _ => !object.is_after_tables(),
    }
}

/// The SQL expressions of a table.
pub(crate) fn expressions(table: &Table) -> impl Iterator<Item = &str> {
    let columns = table.columns.iter().flat_map(|column| {
        column.default.as_deref().into_iter().chain(column.generated.as_ref().map(|it| it.expression.as_str()))
    });
    let indexes = table.indexes.iter().flat_map(|index| {
        let parts = index.parts.iter().filter_map(|part| match &part.key {
            IndexKey::Column(_) => None,
            IndexKey::Expression(expression) => Some(expression.as_str()),
        });
        parts.chain(index.filter.as_deref())
    });
    columns.chain(table.checks.iter().map(|check| check.condition.as_str())).chain(indexes)
}

/// Tables after those they refer to, each with the foreign keys that have to be added later because the tables refer to each
/// other in a circle.
pub(crate) fn in_order_of_creation<'m>(
    tables: &[&'m Table],
    dialect: &dyn Dialect,
) -> Vec<(&'m Table, Vec<&'m ForeignKey>)> {
    let target = |key: &ForeignKey| tables.iter().position(|table| table.name == key.table);
    let order =
        orm_core::ddl::after_references(tables.len(), |table, key| tables[table].foreign_keys.get(key).map(target));
    let order: Vec<&'m Table> = order.into_iter().map(|table| tables[table]).collect();
    let with_postponed = |(position, table): (usize, &&'m Table)| {
        let is_later = |key: &&ForeignKey| order[position + 1..].iter().any(|other| other.name == key.table);
        let keys = table.foreign_keys.iter().filter(|_| !dialect.has_forward_references());
        (*table, keys.filter(is_later).collect())
    };
    order.iter().enumerate().map(with_postponed).collect()
}

/// `create type … as enum`.
pub fn create_enum(def: &Enum, dialect: &dyn Dialect) -> String {
    let labels: Vec<String> = def.labels.iter().map(|label| orm_core::ddl::quote_text(label)).collect();
    format!("create type {} as enum ({})", ident(dialect, &def.name), labels.join(", "))
}

/// `create table`, without its indexes and without some of its foreign keys.
pub fn create_table(table: &Table, dialect: &dyn Dialect, without: &[&ForeignKey]) -> String {
    create_table_named(&table.name, table, dialect, without)
}

/// Like [`create_table`], under another name.
pub(crate) fn create_table_named(name: &str, table: &Table, dialect: &dyn Dialect, without: &[&ForeignKey]) -> String {
    let mut lines: Vec<String> = table.columns.iter().map(|it| column(table, it, dialect)).collect();
    if let Some(key) = table.primary_key.as_ref().filter(|_| inline_key(table, dialect).is_none()) {
        lines.push(primary_key(key, dialect));
    }
    lines.extend(table.uniques.iter().map(|it| unique(it, dialect)));
    lines.extend(table.checks.iter().map(|it| check(it, dialect)));
    lines.extend(table.foreign_keys.iter().filter(|key| !without.contains(key)).map(|it| foreign_key(it, dialect)));
    let options: Vec<&str> = [(table.strict, "strict"), (table.without_rowid, "without rowid")]
        .into_iter()
        .filter_map(|(is_on, option)| is_on.then_some(option))
        .collect();
    let space = if options.is_empty() { "" } else { " " };
    format!("create table {} (\n    {}\n){space}{}", ident(dialect, name), lines.join(",\n    "), options.join(", "))
}

/// The column that is the whole primary key and says so itself.
fn inline_key<'t>(table: &'t Table, dialect: &dyn Dialect) -> Option<&'t Column> {
    let [key] = table.key() else { return None };
    table.column(key).filter(|column| column.identity.is_some() && dialect.auto_increment_is_key())
}

/// A column as it stands in `create table`.
pub fn column(table: &Table, column: &Column, dialect: &dyn Dialect) -> String {
    let mut text = ident(dialect, &column.name);
    let sql_type = match column.identity {
        Some(Identity::Serial) => orm_core::ddl::serial(&column.sql_type),
        _ => &column.sql_type,
    };
    if !sql_type.is_empty() {
        text.push(' ');
        text.push_str(sql_type);
    }
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" collate {}", ident(dialect, collation)));
    }
    match column.identity {
        Some(Identity::ByDefault) => text.push_str(&format!(" {}", dialect.auto_increment(Numbering::Identity))),
        Some(Identity::Always) => text.push_str(&format!(" {}", dialect.auto_increment(Numbering::Always))),
        Some(Identity::Serial) | None => {}
    }
    if !column.nullable && inline_key(table, dialect).is_none_or(|key| key.name != column.name) {
        text.push_str(" not null");
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" default {default}"));
    }
    if let Some(generated) = &column.generated {
        let storage = match generated.storage {
            GeneratedStorage::Stored => "stored",
            GeneratedStorage::Virtual => "virtual",
        };
        text.push_str(&format!(" generated always as ({}) {storage}", generated.expression));
    }
    text
}

fn named(name: Option<&String>, dialect: &dyn Dialect) -> String {
    name.map_or_else(String::new, |name| format!("constraint {} ", ident(dialect, name)))
}

/// A primary key as it stands in `create table` and after `alter table … add`.
pub fn primary_key(key: &PrimaryKey, dialect: &dyn Dialect) -> String {
    format!("{}primary key ({})", named(key.name.as_ref(), dialect), idents(dialect, &key.columns))
}

/// A unique constraint as it stands in `create table` and after `alter table … add`.
pub fn unique(unique: &Unique, dialect: &dyn Dialect) -> String {
    let nulls = if unique.nulls_not_distinct { " nulls not distinct" } else { "" };
    let name = named(unique.name.as_ref(), dialect);
    format!("{name}unique{nulls} ({}){}", idents(dialect, &unique.columns), deferrable(unique.deferrable))
}

/// A check as it stands in `create table` and after `alter table … add`.
pub fn check(check: &Check, dialect: &dyn Dialect) -> String {
    format!("{}check ({})", named(check.name.as_ref(), dialect), check.condition)
}

/// A foreign key as it stands in `create table` and after `alter table … add`.
pub fn foreign_key(key: &ForeignKey, dialect: &dyn Dialect) -> String {
    let mut text = format!(
        "{}foreign key ({}) references {}",
        named(key.name.as_ref(), dialect),
        idents(dialect, &key.columns),
        ident(dialect, &key.table),
    );
    if !key.references.is_empty() {
        text.push_str(&format!(" ({})", idents(dialect, &key.references)));
    }
    for (event, action) in [(" on delete", key.on_delete), (" on update", key.on_update)] {
        let action = match action {
            ForeignKeyAction::NoAction => continue,
            ForeignKeyAction::Restrict => " restrict",
            ForeignKeyAction::Cascade => " cascade",
            ForeignKeyAction::SetNull => " set null",
            ForeignKeyAction::SetDefault => " set default",
        };
        text.push_str(event);
        text.push_str(action);
    }
    text.push_str(deferrable(key.deferrable));
    text
}

fn deferrable(deferrable: Deferrable) -> &'static str {
    match deferrable {
        Deferrable::No => "",
        Deferrable::InitiallyImmediate => " deferrable",
        Deferrable::InitiallyDeferred => " deferrable initially deferred",
    }
}

/// `alter table … add` of a constraint's clause.
pub(crate) fn add_constraint(table: &Table, clause: &str, dialect: &dyn Dialect) -> String {
    format!("alter table {} add {clause}", ident(dialect, &table.name))
}

/// `create index`.
pub fn create_index(table: &str, index: &Index, dialect: &dyn Dialect) -> String {
    let parts = index.parts.iter().map(|part| {
        let mut text = match &part.key {
            IndexKey::Column(name) => ident(dialect, name),
            IndexKey::Expression(expression) => format!("({expression})"),
        };
        if let Some(collation) = &part.collation {
            text.push_str(&format!(" collate {}", ident(dialect, collation)));
        }
        if let Some(class) = &part.operator_class {
            text.push_str(&format!(" {class}"));
        }
        text.push_str(match part.order {
            IndexOrder::Ascending => "",
            IndexOrder::Descending => " desc",
        });
        text.push_str(match part.nulls {
            None => "",
            Some(Nulls::First) => " nulls first",
            Some(Nulls::Last) => " nulls last",
        });
        text
    });
    let mut text = format!(
        "create {}index {} on {}{} ({})",
        if index.unique { "unique " } else { "" },
        ident(dialect, &index.name),
        ident(dialect, table),
        index.method.as_ref().map(|method| format!(" using {method}")).unwrap_or_default(),
        parts.collect::<Vec<_>>().join(", "),
    );
    if !index.include.is_empty() {
        text.push_str(&format!(" include ({})", idents(dialect, &index.include)));
    }
    if index.nulls_not_distinct {
        text.push_str(" nulls not distinct");
    }
    if !index.with.is_empty() {
        text.push_str(&format!(" with ({})", index.with.join(", ")));
    }
    if let Some(filter) = &index.filter {
        text.push_str(&format!(" where {filter}"));
    }
    text
}

/// The statements that store the comments of a table and its columns.
pub(crate) fn comments(table: &Table, dialect: &dyn Dialect) -> Vec<String> {
    let of_table = table.comment.as_deref().map(|text| comment(&table.name, None, Some(text), dialect));
    let of_columns = table.columns.iter().filter_map(|column| {
        column.comment.as_deref().map(|text| comment(&table.name, Some(&column.name), Some(text), dialect))
    });
    // SQLite keeps no comments: its text of a schema is all there is.
    of_table.into_iter().chain(of_columns).filter(|_| dialect.has_enum_types()).collect()
}

/// `comment on`, for a table or one of its columns.
pub(crate) fn comment(table: &str, column: Option<&str>, text: Option<&str>, dialect: &dyn Dialect) -> String {
    let text = text.map_or_else(|| "null".to_owned(), orm_core::ddl::quote_text);
    let table = ident(dialect, table);
    match column {
        None => format!("comment on table {table} is {text}"),
        Some(column) => format!("comment on column {table}.{} is {text}", ident(dialect, column)),
    }
}
