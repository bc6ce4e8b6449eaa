//! The Rust schema as a model, before it is normalized.

use orm_core::{
    ddl,
    dialect::Dialect,
    schema::{self, ColumnInfo, Numbering, Schema, TableDef, constraint_name},
};

use super::{
    Check, Column, Deferrable, Enum, ForeignKey, Generated, Identity, Index, IndexKey, IndexPart, Model, Nulls,
    PrimaryKey, Table, Unique,
};
use crate::error::Error;

impl Model {
    /// What a schema declares, its types and defaults in the words of a dialect.
    ///
    /// # Errors
    /// If it declares a statement that creates nothing the kit knows.
    ///
    /// ```
    /// use orm_kit::model::Model;
    ///
    /// let model = Model::from_schema(&orm::doctest::schema(), &orm::sqlite::Sqlite)?;
    /// let posts = model.table("posts").expect("the table of `Post`");
    /// assert_eq!(posts.foreign_keys[0].table, "users");
    /// # Ok::<(), orm_kit::Error>(())
    /// ```
    pub fn from_schema(schema: &Schema, dialect: &dyn Dialect) -> Result<Self, Error> {
        let enums = if dialect.has_enum_types() { schema.enums() } else { Vec::new() };
        let tables = schema.tables().iter().filter(|def| def.view.is_none());
        Ok(Self {
            enums: enums.into_iter().map(|def| Enum { name: def.name.to_owned(), labels: owned(def.labels) }).collect(),
            tables: tables.map(|def| table(def, dialect)).collect(),
            objects: super::declared::objects(schema, dialect)?,
        })
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn table(def: &TableDef, dialect: &dyn Dialect) -> Table {
    let mut options = String::new();
    dialect.write_table_options(&mut options, def);
    let checks_of_columns = def.columns.iter().flat_map(|column| dialect.column_checks(column));
    let mut checks: Vec<Check> = checks_of_columns.map(|condition| Check { name: None, condition }).collect();
    checks.extend(
        def.checks
            .iter()
            .map(|check| Check { name: Some(check.name.to_owned()), condition: check.condition.to_owned() }),
    );
    let primary_key = match def.primary_key {
        [] => None,
        columns => Some(PrimaryKey { name: None, columns: owned(columns) }),
    };
    Table {
        name: def.name.to_owned(),
        columns: def.columns.iter().map(|info| column(info, dialect)).collect(),
        primary_key,
        uniques: def
            .uniques
            .iter()
            .map(|unique| Unique {
                name: Some(name_or(unique.name, def, unique.columns, "key")),
                columns: owned(unique.columns),
                nulls_not_distinct: false,
                deferrable: Deferrable::No,
            })
            .collect(),
        foreign_keys: def
            .foreign_keys
            .iter()
            .map(|key| ForeignKey {
                name: Some(name_or(key.name, def, key.columns, "fkey")),
                columns: owned(key.columns),
                table: key.table.to_owned(),
                references: owned(key.references),
                on_delete: key.on_delete,
                on_update: key.on_update,
                deferrable: match key.deferrable {
                    schema::Deferrable::No => Deferrable::No,
                    schema::Deferrable::InitiallyImmediate => Deferrable::InitiallyImmediate,
                    schema::Deferrable::InitiallyDeferred => Deferrable::InitiallyDeferred,
                },
            })
            .collect(),
        checks,
        indexes: indexes(def, dialect),
        comment: def.comment.map(str::to_owned),
        strict: options.contains("strict"),
        without_rowid: options.contains("without rowid"),
        renamed_from: def.renamed_from.map(str::to_owned),
    }
}

fn name_or(name: Option<&str>, table: &TableDef, columns: &[&str], suffix: &str) -> String {
    name.map_or_else(|| constraint_name(table.name, columns, suffix), str::to_owned)
}

fn column(info: &ColumnInfo, dialect: &dyn Dialect) -> Column {
    let mut sql_type = String::new();
    dialect.write_column_type(&mut sql_type, info);
    let default = info.default.as_ref().map(|default| {
        let mut text = String::new();
        dialect.write_default(&mut text, default, info);
        text
    });
    Column {
        name: info.name.to_owned(),
        sql_type,
        nullable: info.nullable,
        default,
        generated: info
            .generated
            .map(|generated| Generated { expression: generated.expression.to_owned(), storage: generated.storage }),
        identity: identity(info, dialect),
        collation: info.collation.map(str::to_owned),
        comment: info.comment.map(str::to_owned),
        renamed_from: info.renamed_from.map(str::to_owned),
    }
}

fn identity(info: &ColumnInfo, dialect: &dyn Dialect) -> Option<Identity> {
    match info.numbering {
        _ if !info.auto_increment => None,
        // A key that is a row id is numbered without saying so.
        Numbering::RowId if dialect.auto_increment_is_key() => None,
        Numbering::Always if !dialect.auto_increment_is_key() => Some(Identity::Always),
        Numbering::Serial if !dialect.auto_increment_is_key() => Some(Identity::Serial),
        Numbering::Identity | Numbering::RowId | Numbering::Always | Numbering::Serial => Some(Identity::ByDefault),
    }
}

/// Where NULLs are, unless it is where the order puts them.
fn nulls(first: bool, order: schema::IndexOrder) -> Option<Nulls> {
    let usual = order == schema::IndexOrder::Descending;
    (first != usual).then_some(if first { Nulls::First } else { Nulls::Last })
}

fn indexes(def: &TableDef, dialect: &dyn Dialect) -> Vec<Index> {
    let mut names: Vec<String> = Vec::new();
    let mut indexes = Vec::new();
    let has_options = dialect.has_index_options();
    for index in def.indexes {
        let options = if has_options { index.options } else { schema::IndexOptions::NONE };
        let name = ddl::index_name(def, index, &names);
        names.push(name.clone());
        let parts = index.parts.iter().map(|part| IndexPart {
            key: match part.key {
                schema::IndexKey::Column(name) => IndexKey::Column(name.to_owned()),
                schema::IndexKey::Expression(expression) => IndexKey::Expression(expression.to_owned()),
            },
            order: part.order,
            nulls: part.options.nulls_first.filter(|_| has_options).and_then(|first| nulls(first, part.order)),
            collation: part.options.collation.map(str::to_owned),
            operator_class: part.options.operator_class.filter(|_| has_options).map(str::to_owned),
        });
        indexes.push(Index {
            name,
            unique: index.unique,
            parts: parts.collect(),
            filter: index.filter.map(str::to_owned),
            method: options.method.map(str::to_owned),
            include: owned(options.include),
            with: owned(options.with),
            nulls_not_distinct: index.options.nulls_not_distinct,
        });
    }
    indexes
}
