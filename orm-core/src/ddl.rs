//! The statements that create a schema in an empty database, for tests and examples. Applications migrate.

mod object;

pub use self::object::create_object;

use crate::{
    dialect::Dialect,
    error::Error,
    schema::{
        ColumnInfo, Deferrable, ForeignKeyAction, ForeignKeyDef, GeneratedStorage, IndexDef, IndexKey, IndexOptions,
        IndexOrder, IndexPart, Schema, TableDef, constraint_name,
    },
};

/// The statements that create the tables of a schema with their enum types and indexes, its views, and what else it has, in an
/// order that works.
///
/// Extensions and sequences come first. Tables come after those they refer to. Where tables refer to each other in a circle, and the
/// database wants the table referred to first, the foreign keys that close the circle are added by statements of their own. Views
/// come after tables, in the order they were named, and then everything else; a view that [`check_types`] refuses is left out.
///
/// ```
/// # extern crate orm_core as orm;
/// # use orm::{ddl, dialect::Dialect, schema::Schema};
/// # fn check(dialect: &dyn Dialect) {
/// assert!(ddl::create_statements(&Schema::new(&[]), dialect).is_empty());
/// # }
/// ```
pub fn create_statements(schema: &Schema, dialect: &dyn Dialect) -> Vec<String> {
    let (first, last): (Vec<_>, Vec<_>) = schema.objects().iter().partition(|it| object::is_before_tables(it));
    let mut statements: Vec<String> = first.into_iter().flat_map(|it| create_object(it, dialect)).collect();
    if dialect.has_enum_types() {
        for def in schema.enums() {
            let labels: Vec<String> = def.labels.iter().map(|label| quote_text(label)).collect();
            statements.push(format!("create type {} as enum ({})", ident(dialect, def.name), labels.join(", ")));
        }
    }
    let tables = in_order_of_creation(schema);
    let mut later = Vec::new();
    for (position, table) in tables.iter().enumerate() {
        let is_later = |key: &ForeignKeyDef| {
            !dialect.has_forward_references() && tables[position + 1..].iter().any(|other| other.name == key.table)
        };
        statements.push(create_table(table, dialect, is_later));
        later.extend(
            table.foreign_keys.iter().filter(|key| is_later(key)).map(|key| {
                format!("alter table {} add {}", ident(dialect, table.name), foreign_key(table, key, dialect))
            }),
        );
    }
    statements.append(&mut later);
    for table in tables {
        create_indexes(table, dialect, &mut statements);
    }
    let views = schema.tables().iter().filter_map(|table| create_view(table, dialect));
    for statement in views.chain(last.into_iter().flat_map(|it| create_object(it, dialect))) {
        // Columns of one name share a function.
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    }
    statements
}

/// Checks that a database has the types of all columns, which queries are checked for at compile time, and the query of each
/// view.
///
/// # Errors
/// [`Error::Unsupported`], which names the column or the view.
///
/// ```
/// # extern crate orm_core as orm;
/// # use orm::{ddl, dialect::Dialect, schema::Schema};
/// # fn check(dialect: &dyn Dialect) {
/// assert!(ddl::check_types(&Schema::new(&[]), dialect).is_ok());
/// # }
/// ```
pub fn check_types(schema: &Schema, dialect: &dyn Dialect) -> Result<(), Error> {
    for table in schema.tables() {
        if table.view.is_some_and(|view| dialect.own_statement(&view.query()).is_none()) {
            let feature = format!("the view `{}`, which has no query for it", table.name);
            return Err(Error::Unsupported { feature: feature.into(), dialect: dialect.name() });
        }
        if let Some(column) = table.columns.iter().find(|column| !dialect.has_type(column.sql_type)) {
            let feature = format!("the type {} of column `{}` of `{}`", column.sql_type, column.name, table.name);
            return Err(Error::Unsupported { feature: feature.into(), dialect: dialect.name() });
        }
    }
    Ok(())
}

/// A text as an SQL literal.
pub fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Tables after those they refer to, otherwise in the order they were named. Views are none of them.
fn in_order_of_creation(schema: &Schema) -> Vec<&'static TableDef> {
    let tables: Vec<&TableDef> = schema.tables().iter().copied().filter(|table| table.view.is_none()).collect();
    let target = |key: &ForeignKeyDef| tables.iter().position(|table| table.name == key.table);
    let reference = |table: usize, key: usize| tables[table].foreign_keys.get(key).map(target);
    after_references(tables.len(), reference).into_iter().map(|table| tables[table]).collect()
}

/// The positions of tables in an order in which each comes after those it refers to, where they do not refer to each other in
/// a circle; otherwise as they are.
///
/// `reference` gives the position of the table that a table's first, second, … reference leads to, `Some(None)` if that is none of
/// them, and `None` after the last.
///
/// ```
/// # extern crate orm_core as orm;
/// # use orm::ddl;
/// // The first table refers to the third.
/// let order = ddl::after_references(3, |table, key| (table == 0 && key == 0).then_some(Some(2)));
/// assert_eq!(order, [2, 0, 1]);
/// ```
pub fn after_references(tables: usize, reference: impl Fn(usize, usize) -> Option<Option<usize>>) -> Vec<usize> {
    let mut placed = vec![false; tables];
    let mut order = Vec::with_capacity(tables);
    // A walk with its own stack: a chain of references may be as long as the schema is large.
    let mut pending: Vec<(usize, usize)> = Vec::new();
    for start in 0..tables {
        if !std::mem::replace(&mut placed[start], true) {
            pending.push((start, 0));
        }
        while let Some((table, next)) = pending.last_mut() {
            let Some(target) = reference(*table, *next) else {
                order.push(*table);
                pending.pop();
                continue;
            };
            *next += 1;
            if let Some(target) = target.filter(|&target| !std::mem::replace(&mut placed[target], true)) {
                pending.push((target, 0));
            }
        }
    }
    order
}

fn create_table(table: &TableDef, dialect: &dyn Dialect, is_later: impl Fn(&ForeignKeyDef) -> bool) -> String {
    let mut lines: Vec<String> = table.columns.iter().map(|info| column(table, info, dialect)).collect();
    if !table.primary_key.is_empty() && inline_key(table, dialect).is_none() {
        lines.push(format!("primary key ({})", idents(dialect, table.primary_key)));
    }
    for unique in table.uniques {
        let name = unique.name.map_or_else(|| constraint_name(table.name, unique.columns, "key"), str::to_owned);
        lines.push(format!("constraint {} unique ({})", ident(dialect, &name), idents(dialect, unique.columns)));
    }
    for check in table.checks {
        lines.push(format!("constraint {} check ({})", ident(dialect, check.name), check.condition));
    }
    lines.extend(table.foreign_keys.iter().filter(|key| !is_later(key)).map(|key| foreign_key(table, key, dialect)));
    let mut text = format!("create table {} (\n    {}\n)", ident(dialect, table.name), lines.join(",\n    "));
    dialect.write_table_options(&mut text, table);
    text
}

/// The column that is the whole primary key and says so itself.
fn inline_key<'t>(table: &'t TableDef, dialect: &dyn Dialect) -> Option<&'t ColumnInfo> {
    let [key] = table.primary_key else { return None };
    table.column(key).filter(|column| column.auto_increment && dialect.auto_increment_is_key())
}

fn column(table: &TableDef, column: &ColumnInfo, dialect: &dyn Dialect) -> String {
    let mut text = ident(dialect, column.name);
    let mut sql_type = String::new();
    dialect.write_column_type(&mut sql_type, column);
    let numbering = if column.auto_increment { dialect.auto_increment(column.numbering) } else { "" };
    let is_serial = column.auto_increment && numbering.is_empty();
    text.push(' ');
    text.push_str(if is_serial { serial(&sql_type) } else { &sql_type });
    if let Some(collation) = column.collation {
        text.push_str(" collate ");
        dialect.write_identifier(&mut text, collation);
    }
    if !numbering.is_empty() {
        text.push(' ');
        text.push_str(numbering);
    }
    if !column.nullable && inline_key(table, dialect).is_none_or(|key| key.name != column.name) {
        text.push_str(" not null");
    }
    if let Some(default) = &column.default {
        text.push_str(" default ");
        dialect.write_default(&mut text, default, column);
    }
    if let Some(generated) = &column.generated {
        text.push_str(" generated always as (");
        text.push_str(generated.expression);
        text.push_str(match generated.storage {
            GeneratedStorage::Stored => ") stored",
            GeneratedStorage::Virtual => ") virtual",
        });
    }
    for check in dialect.column_checks(column) {
        text.push_str(" check (");
        text.push_str(&check);
        text.push(')');
    }
    text
}

/// The statement that creates a view; `None` if the table is none, or the view is not meant for this database.
///
/// ```
/// # extern crate orm_core as orm;
/// # use orm::{ddl, dialect::Dialect, schema::TableDef};
/// # fn check(dialect: &dyn Dialect) {
/// assert_eq!(ddl::create_view(&TableDef::new("users", "User", &[]), dialect), None);
/// # }
/// ```
pub fn create_view(table: &TableDef, dialect: &dyn Dialect) -> Option<String> {
    object::create_view(table.name, table.view?, dialect)
}

/// The type of PostgreSQL that stands for this one with a sequence: `bigserial` for `bigint`.
///
/// ```
/// # extern crate orm_core as orm;
/// assert_eq!(orm::ddl::serial("bigint"), "bigserial");
/// ```
pub fn serial(sql_type: &str) -> &str {
    match sql_type {
        "smallint" => "smallserial",
        "integer" => "serial",
        "bigint" => "bigserial",
        other => other,
    }
}

fn foreign_key(table: &TableDef, key: &ForeignKeyDef, dialect: &dyn Dialect) -> String {
    let name = key.name.map_or_else(|| constraint_name(table.name, key.columns, "fkey"), str::to_owned);
    let mut text = format!(
        "constraint {} foreign key ({}) references {} ({})",
        ident(dialect, &name),
        idents(dialect, key.columns),
        ident(dialect, key.table),
        idents(dialect, key.references),
    );
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
    text.push_str(match key.deferrable {
        Deferrable::No => "",
        Deferrable::InitiallyImmediate => " deferrable",
        Deferrable::InitiallyDeferred => " deferrable initially deferred",
    });
    text
}

fn create_indexes(table: &TableDef, dialect: &dyn Dialect, statements: &mut Vec<String>) {
    let mut names: Vec<String> = Vec::new();
    for index in table.indexes {
        let name = index_name(table, index, &names);
        let parts: Vec<String> = index
            .parts
            .iter()
            .map(|part| {
                let key = match part.key {
                    IndexKey::Column(name) => ident(dialect, name),
                    IndexKey::Expression(expression) => format!("({expression})"),
                };
                index_part(key, part, dialect)
            })
            .collect();
        let options = &index.options;
        let method = options.method.filter(|_| dialect.has_index_options());
        statements.push(format!(
            "create {}index {} on {}{} ({}){}{}",
            if index.unique { "unique " } else { "" },
            ident(dialect, &name),
            ident(dialect, table.name),
            method.map(|method| format!(" using {method}")).unwrap_or_default(),
            parts.join(", "),
            index_options(options, dialect),
            index.filter.map(|filter| format!(" where {filter}")).unwrap_or_default(),
        ));
        names.push(name);
    }
}

fn index_part(mut text: String, part: &IndexPart, dialect: &dyn Dialect) -> String {
    let options = &part.options;
    if let Some(collation) = options.collation {
        text.push_str(" collate ");
        dialect.write_identifier(&mut text, collation);
    }
    if let Some(class) = options.operator_class.filter(|_| dialect.has_index_options()) {
        text.push(' ');
        text.push_str(class);
    }
    if part.order == IndexOrder::Descending {
        text.push_str(" desc");
    }
    match options.nulls_first.filter(|_| dialect.has_index_options()) {
        None => {}
        Some(true) => text.push_str(" nulls first"),
        Some(false) => text.push_str(" nulls last"),
    }
    text
}

/// What follows the parts of an index.
fn index_options(options: &IndexOptions, dialect: &dyn Dialect) -> String {
    let mut text = String::new();
    if !options.include.is_empty() && dialect.has_index_options() {
        text.push_str(&format!(" include ({})", idents(dialect, options.include)));
    }
    // This changes what is unique: where it is not known, it is an error.
    if options.nulls_not_distinct {
        text.push_str(" nulls not distinct");
    }
    if !options.with.is_empty() && dialect.has_index_options() {
        text.push_str(&format!(" with ({})", options.with.join(", ")));
    }
    text
}

/// The name of an index; two without a name on the same columns are told apart by a number.
///
/// `taken` are the names of the indexes declared before it.
///
/// ```
/// # extern crate orm_core as orm;
/// # use orm::{ddl, schema::{IndexDef, IndexKey, IndexOptions, IndexOrder, IndexPart, PartOptions, TableDef}};
/// const PARTS: &[IndexPart] =
///     &[IndexPart { key: IndexKey::Column("title"), order: IndexOrder::Ascending, options: PartOptions::NONE }];
/// let index = IndexDef { name: None, unique: false, parts: PARTS, filter: None, options: IndexOptions::NONE };
/// let table = TableDef::new("posts", "Post", &[]);
/// assert_eq!(ddl::index_name(&table, &index, &[]), "posts_title_idx");
/// ```
pub fn index_name(table: &TableDef, index: &IndexDef, taken: &[String]) -> String {
    if let Some(name) = index.name {
        return name.to_owned();
    }
    let columns: Vec<&str> = index
        .parts
        .iter()
        .map(|part| match part.key {
            IndexKey::Column(name) => name,
            IndexKey::Expression(_) => "expr",
        })
        .collect();
    let suffix = if index.unique { "key" } else { "idx" };
    let names = std::iter::once(suffix.to_owned()).chain((1..).map(|number| format!("{suffix}{number}")));
    names
        .map(|suffix| constraint_name(table.name, &columns, &suffix))
        .find(|name| !taken.contains(name))
        .expect("the numbers do not run out")
}

/// A name as SQL reads it: quoted.
pub fn ident(dialect: &dyn Dialect, name: &str) -> String {
    let mut text = String::new();
    dialect.write_identifier(&mut text, name);
    text
}

/// Names as SQL reads them, with commas between.
pub fn idents<N: AsRef<str>>(dialect: &dyn Dialect, names: &[N]) -> String {
    let names: Vec<String> = names.iter().map(|name| ident(dialect, name.as_ref())).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ast::Expr,
        schema::{DefaultDef, EnumDef, ViewDef, object::Statement},
        types::{Matching, SqlType},
        writer::Writer,
    };

    /// Nothing but the defaults of standard SQL.
    struct Standard;

    impl Dialect for Standard {
        fn name(&self) -> &'static str {
            "standard"
        }
        fn write_placeholder(&self, _: &mut String, _: usize) {}
        fn write_match(&self, _: &mut Writer<'_>, _: &Expr, _: Matching) {}
        fn write_in_list(&self, _: &mut Writer<'_>, _: &Expr, _: SqlType) {}
        fn write_now(&self, _: &mut Writer<'_>, _: SqlType) {}
        fn write_type(&self, writer: &mut Writer<'_>, _: SqlType) {
            writer.push("text");
        }
        fn write_column_type(&self, out: &mut String, column: &ColumnInfo) {
            match column.sql_type {
                SqlType::Enum(def) => self.write_identifier(out, def.name),
                _ => out.push_str("bigint"),
            }
        }
        fn write_default(&self, _: &mut String, _: &DefaultDef, _: &ColumnInfo) {}
        fn own_statement(&self, statement: &Statement) -> Option<&'static str> {
            statement.postgres
        }
        fn insert_chunk(&self, _: usize, _: usize) -> usize {
            1
        }
    }

    const MOOD: EnumDef = EnumDef { name: "mood", labels: &["fine", "it's bad"] };

    const fn table(name: &'static str, foreign_keys: &'static [ForeignKeyDef]) -> TableDef {
        const COLUMNS: &[ColumnInfo] = &[
            ColumnInfo { auto_increment: true, ..ColumnInfo::new("id", "id", SqlType::BigInt, false) },
            ColumnInfo::new("other", "other", SqlType::BigInt, true),
        ];
        let mut table = TableDef::new(name, name, COLUMNS);
        table.primary_key = &["id"];
        table.foreign_keys = foreign_keys;
        table
    }

    const fn key(table: &'static str) -> ForeignKeyDef {
        ForeignKeyDef {
            name: None,
            columns: &["other"],
            table,
            references: &["id"],
            on_delete: ForeignKeyAction::SetNull,
            on_update: ForeignKeyAction::Cascade,
            deferrable: Deferrable::No,
        }
    }

    fn check(schema: Schema, expected: &[&str]) {
        assert_eq!(create_statements(&schema, &Standard), expected);
    }

    #[test]
    fn enums_are_types() {
        const COLUMNS: &[ColumnInfo] = &[ColumnInfo::new("a", "a", SqlType::Enum(&MOOD), false)];
        const TABLE: TableDef = TableDef::new("t", "T", COLUMNS);
        check(
            Schema::new(&[&TABLE]),
            &[
                r#"create type "mood" as enum ('fine', 'it''s bad')"#,
                "create table \"t\" (\n    \"a\" \"mood\" not null\n)",
            ],
        );
    }

    #[test]
    fn tables_come_after_those_they_refer_to() {
        const FIRST: TableDef = table("first", &[key("second"), key("first"), key("elsewhere")]);
        const SECOND: TableDef = table("second", &[]);
        let statements = create_statements(&Schema::new(&[&FIRST, &SECOND]), &Standard);
        let names: Vec<_> = statements.iter().filter_map(|statement| statement.lines().next()).collect();
        assert_eq!(names, [r#"create table "second" ("#, r#"create table "first" ("#]);
        assert_eq!(statements[1].matches("foreign key").count(), 3);
    }

    #[test]
    fn a_circle_is_closed_at_the_end() {
        const FIRST: TableDef = table("first", &[key("second")]);
        const SECOND: TableDef = table("second", &[key("first")]);
        check(
            Schema::new(&[&FIRST, &SECOND]),
            &[
                r#"create table "second" (
    "id" bigint generated by default as identity not null,
    "other" bigint,
    primary key ("id")
)"#,
                r#"create table "first" (
    "id" bigint generated by default as identity not null,
    "other" bigint,
    primary key ("id"),
    constraint "first_other_fkey" foreign key ("other") references "second" ("id") on delete set null on update cascade
)"#,
                "alter table \"second\" add constraint \"second_other_fkey\" foreign key (\"other\") \
                 references \"first\" (\"id\") on delete set null on update cascade",
            ],
        );
    }

    #[test]
    fn views_come_last_in_their_order() {
        const fn view(postgres: Option<&'static str>, materialized: bool) -> ViewDef {
            ViewDef { postgres, sqlite: Some("select 2"), materialized }
        }
        const PLAIN: ViewDef = view(Some("select 1"), false);
        const STORED: ViewDef = view(Some("select * from plain"), true);
        const ELSEWHERE: ViewDef = view(None, false);
        const VIEWS: [TableDef; 3] = [
            TableDef::new("plain", "Plain", &[]).view(&PLAIN),
            TableDef::new("sto\"red", "Stored", &[]).view(&STORED),
            TableDef::new("elsewhere", "Elsewhere", &[]).view(&ELSEWHERE),
        ];
        const TABLE: TableDef = TableDef::new("t", "T", &[ColumnInfo::new("a", "a", SqlType::BigInt, false)]);
        let schema = Schema::new(&[&VIEWS[0], &VIEWS[1], &VIEWS[2], &TABLE]);
        check(
            schema,
            &[
                "create table \"t\" (\n    \"a\" bigint not null\n)",
                "create view \"plain\" as\nselect 1",
                "create materialized view \"sto\"\"red\" as\nselect * from plain",
            ],
        );
        let refused = check_types(&schema, &Standard).map_err(|error| error.to_string());
        assert_eq!(refused, Err("standard does not have the view `elsewhere`, which has no query for it".to_owned()));
    }

    #[test]
    fn indexes_with_options() {
        use crate::schema::PartOptions;
        const PARTS: &[IndexPart] = &[IndexPart {
            key: IndexKey::Column("a"),
            order: IndexOrder::Descending,
            options: PartOptions {
                collation: Some("C"),
                operator_class: Some("text_pattern_ops"),
                nulls_first: Some(false),
            },
        }];
        const OPTIONS: IndexOptions =
            IndexOptions { method: Some("gist"), include: &["b"], with: &["fillfactor=70"], nulls_not_distinct: true };
        const INDEX: IndexDef =
            IndexDef { name: Some("i"), unique: true, parts: PARTS, filter: Some("a > 'b'"), options: OPTIONS };
        const TABLE: TableDef = {
            let mut table = table("t", &[]);
            table.indexes = &[INDEX];
            table
        };
        let statements = create_statements(&Schema::new(&[&TABLE]), &Standard);
        let expected = r#"create unique index "i" on "t" using gist ("a" collate "C" text_pattern_ops desc nulls last) include ("b") nulls not distinct with (fillfactor=70) where a > 'b'"#;
        assert_eq!(statements[1], expected);
    }

    #[test]
    fn rows_are_numbered_in_several_ways() {
        use crate::schema::Numbering;
        const fn id(numbering: Numbering) -> ColumnInfo {
            let mut id = ColumnInfo::new("id", "id", SqlType::BigInt, false);
            id.auto_increment = true;
            id.numbering = numbering;
            id
        }
        const KEYS: &[ColumnInfo] =
            &[id(Numbering::Identity), id(Numbering::Always), id(Numbering::Serial), id(Numbering::RowId)];
        const TABLE: TableDef = TableDef::new("t", "T", KEYS);
        check(
            Schema::new(&[&TABLE]),
            &["create table \"t\" (\n    \"id\" bigint generated by default as identity not null,\n    \
               \"id\" bigint generated always as identity not null,\n    \"id\" bigserial not null,\n    \
               \"id\" bigint generated by default as identity not null\n)"],
        );
    }

    #[test]
    fn indexes_without_a_name_are_told_apart() {
        use crate::schema::PartOptions;
        const PARTS: &[IndexPart] = &[IndexPart {
            key: IndexKey::Expression("a + 1"),
            order: IndexOrder::Ascending,
            options: PartOptions::NONE,
        }];
        const INDEX: IndexDef =
            IndexDef { name: None, unique: false, parts: PARTS, filter: None, options: IndexOptions::NONE };
        const TABLE: TableDef = {
            let mut table = table("t", &[]);
            table.indexes = &[INDEX, INDEX, IndexDef { name: Some("own"), ..INDEX }];
            table
        };
        let statements = create_statements(&Schema::new(&[&TABLE]), &Standard);
        assert_eq!(
            statements[1..],
            [
                r#"create index "t_expr_idx" on "t" ((a + 1))"#,
                r#"create index "t_expr_idx1" on "t" ((a + 1))"#,
                r#"create index "own" on "t" ((a + 1))"#,
            ]
        );
    }
}
