//! Reads what SQLite tells by the text of a statement only: names of constraints, checks, collations, expressions.

use super::text::Words;
use crate::model::{
    Check, Column, Deferrable, ForeignKey, ForeignKeyAction, Generated, GeneratedStorage, Identity, Index, IndexKey,
    IndexOrder, IndexPart, PrimaryKey, Table, Unique,
};

/// A table of its `create table` statement.
pub(super) fn table(name: &str, sql: &str) -> Table {
    let mut table = Table { name: name.to_owned(), ..Table::default() };
    let mut words = Words::new(sql);
    words.skip_to("(");
    for item in words.in_parentheses().items() {
        if ["constraint", "primary", "unique", "check", "foreign"].iter().any(|word| item.is(word)) {
            constraints(item, None, &mut table);
        } else {
            column(item, &mut table);
        }
    }
    while !words.is_at_end() {
        table.strict |= words.is("strict");
        table.without_rowid |= words.is("rowid");
        words.advance();
    }
    for name in table.key().to_vec() {
        // A key of a table with row ids may hold NULL, unless it is the row id or says otherwise.
        let is_rowid = table.key().len() == 1 && !table.without_rowid;
        let refuses_null = table.without_rowid;
        if let Some(column) = table.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(&name))
            && (refuses_null || is_rowid && column.sql_type.eq_ignore_ascii_case("integer"))
        {
            column.nullable = false;
        }
    }
    table
}

fn column(mut words: Words<'_>, table: &mut Table) {
    let mut column = Column { name: words.name(), nullable: true, ..Column::default() };
    let name = column.name.clone();
    let mut sql_type: Vec<String> = Vec::new();
    while !words.is_at_end() && !starts_constraint(&words) {
        if words.is("(") {
            let arguments: Vec<String> = words.in_parentheses().items().into_iter().map(Words::expression).collect();
            let last = sql_type.pop().unwrap_or_default();
            sql_type.push(format!("{last}({})", arguments.join(", ")));
        } else {
            sql_type.push(words.name());
        }
    }
    column.sql_type = sql_type.join(" ");
    table.columns.push(column);
    constraints(words, Some(&name), table);
}

fn starts_constraint(words: &Words<'_>) -> bool {
    ["constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "generated", "as"]
        .iter()
        .any(|word| words.is(word))
}

/// Reads constraints of a column, or one of a table.
fn constraints(mut words: Words<'_>, column: Option<&str>, table: &mut Table) {
    let mut name: Option<String> = None;
    let own = |words: &mut Words<'_>| match column {
        Some(column) => vec![column.to_owned()],
        None => words.in_parentheses().names(),
    };
    while !words.is_at_end() {
        if words.take(&["constraint"]) {
            name = Some(words.name());
            continue;
        } else if words.take(&["primary", "key"]) {
            let _ = words.take(&["asc"]) || words.take(&["desc"]);
            let columns = match column {
                Some(column) => vec![column.to_owned()],
                None => key_columns(words.in_parentheses(), table),
            };
            table.primary_key = Some(PrimaryKey { name: name.take(), columns });
        } else if words.take(&["unique"]) {
            let columns = own(&mut words);
            let unique = Unique { name: name.take(), columns, nulls_not_distinct: false, deferrable: Deferrable::No };
            table.uniques.push(unique);
        } else if words.take(&["check"]) {
            let condition = words.in_parentheses().expression();
            table.checks.push(Check { name: name.take(), condition });
        } else if words.is("references") || words.take(&["foreign", "key"]) {
            let columns = own(&mut words);
            let key = foreign_key(&mut words, name.take(), columns);
            table.foreign_keys.push(key);
        } else if let Some(column) = column.and_then(|name| table.columns.iter_mut().find(|it| it.name == name)) {
            // SQLite forgets the name of any other constraint.
            name = None;
            column_property(&mut words, column);
        } else {
            words.advance();
        }
        if words.take(&["on", "conflict"]) {
            words.advance();
        }
    }
}

fn column_property(words: &mut Words<'_>, column: &mut Column) {
    if words.take(&["not", "null"]) {
        column.nullable = false;
    } else if words.take(&["null"]) {
        column.nullable = true;
    } else if words.take(&["autoincrement"]) {
        number(column);
    } else if words.take(&["collate"]) {
        let collation = words.name();
        column.collation = (!collation.eq_ignore_ascii_case("binary")).then_some(collation);
    } else if words.take(&["default"]) {
        column.default = Some(default(words)).filter(|default| !default.eq_ignore_ascii_case("null"));
    } else if words.take(&["generated", "always", "as"]) || words.take(&["as"]) {
        let expression = words.in_parentheses().expression();
        let storage = if words.take(&["stored"]) { GeneratedStorage::Stored } else { GeneratedStorage::Virtual };
        words.take(&["virtual"]);
        column.generated = Some(Generated { expression, storage });
    } else {
        words.advance();
    }
}

fn default(words: &mut Words<'_>) -> String {
    if words.is("(") {
        let inner = words.in_parentheses();
        // A value means the same in parentheses and without.
        return inner.value().unwrap_or_else(|| format!("({})", inner.expression()));
    }
    let mut text = String::new();
    if words.is("-") || words.is("+") {
        text.push_str(if words.is("-") { "-" } else { "" });
        words.advance();
    }
    text.push_str(words.text());
    words.advance();
    text
}

/// The columns of a table's primary key. The only one may be numbered: `primary key (id autoincrement)`.
fn key_columns(words: Words<'_>, table: &mut Table) -> Vec<String> {
    let mut items = words.items();
    let is_numbered = items.last_mut().is_some_and(|item| item.pop("autoincrement"));
    let names: Vec<String> = items.iter_mut().map(Words::name).collect();
    for name in names.iter().filter(|_| is_numbered) {
        if let Some(column) = table.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(name)) {
            number(column);
        }
    }
    names
}

fn number(column: &mut Column) {
    column.identity = Some(Identity::ByDefault);
    column.nullable = false;
}

fn foreign_key(words: &mut Words<'_>, name: Option<String>, columns: Vec<String>) -> ForeignKey {
    words.take(&["references"]);
    let mut key = ForeignKey {
        name,
        columns,
        table: words.name(),
        references: Vec::new(),
        on_delete: ForeignKeyAction::NoAction,
        on_update: ForeignKeyAction::NoAction,
        deferrable: Deferrable::No,
    };
    if words.is("(") {
        key.references = words.in_parentheses().names();
    }
    loop {
        if words.take(&["on", "delete"]) {
            key.on_delete = action(words);
        } else if words.take(&["on", "update"]) {
            key.on_update = action(words);
        } else if words.take(&["not", "deferrable"]) {
            key.deferrable = Deferrable::No;
        } else if words.take(&["deferrable"]) {
            key.deferrable = Deferrable::InitiallyImmediate;
        } else if words.take(&["initially", "deferred"]) {
            // Without `deferrable` before it, SQLite takes it for that.
            key.deferrable = Deferrable::InitiallyDeferred;
        } else if words.take(&["match"]) {
            words.advance();
        } else if !words.take(&["initially", "immediate"]) {
            return key;
        }
    }
}

fn action(words: &mut Words<'_>) -> ForeignKeyAction {
    if words.take(&["set", "null"]) {
        ForeignKeyAction::SetNull
    } else if words.take(&["set", "default"]) {
        ForeignKeyAction::SetDefault
    } else if words.take(&["cascade"]) {
        ForeignKeyAction::Cascade
    } else if words.take(&["restrict"]) {
        ForeignKeyAction::Restrict
    } else {
        words.take(&["no", "action"]);
        ForeignKeyAction::NoAction
    }
}

/// An index of its `create index` statement.
pub(super) fn index(name: &str, sql: &str) -> Index {
    let mut words = Words::new(sql);
    words.take(&["create"]);
    let unique = words.is("unique");
    words.skip_to("(");
    let parts = words.in_parentheses().items().into_iter().map(|mut item| {
        let order = if item.pop("desc") { IndexOrder::Descending } else { IndexOrder::Ascending };
        item.pop("asc");
        let collation = item.pop_option("collate");
        let key = item.only_name().map_or_else(|| IndexKey::Expression(item.expression()), IndexKey::Column);
        IndexPart { key, order, nulls: None, collation, operator_class: None }
    });
    let parts = parts.collect();
    let filter = words.take(&["where"]).then(|| words.expression());
    Index { name: name.to_owned(), unique, parts, filter, ..Index::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_every_clause() {
        let table = table(
            "t",
            r#"CREATE TABLE [t] (
                id INTEGER PRIMARY KEY ON CONFLICT ROLLBACK AUTOINCREMENT, -- the key
                "a b" varchar ( 10, 2 ) CONSTRAINT nn NOT NULL DEFAULT -5 COLLATE nocase UNIQUE,
                c text default (lower( 'X' )) check ((c <> '')) references p on delete set null deferrable initially deferred,
                d AS (id*2) STORED, e generated always as (`a b`||')'),
                [order] null,
                constraint pair unique (c, "a b") on conflict ignore,
                foreign key (c, d) references q (x, y) match full on update cascade not deferrable,
                constraint ck check (id > 0 and c in ('a'))
            ) strict"#,
        );
        insta::assert_debug_snapshot!(table);
    }

    #[test]
    fn values_in_parentheses() {
        let check = |default: &str, expected: &str| {
            let table = table("t", &format!("create table t (a text default {default}, b)"));
            assert_eq!((table.columns[0].default.as_deref(), table.columns.len()), (Some(expected), 2));
        };
        for value in ["1", "-1.5", "'x'", "current_timestamp", "TRUE"] {
            check(value, value);
            check(&format!("( {value} )"), value);
            check(&format!("(({value}))"), value);
        }
        check("(1 + 1)", "(1 + 1)");
        check("(abs(-1))", "(abs(- 1))");
        check("(\"x\")", "(\"x\")");
    }

    #[test]
    fn numbered_by_a_key_of_the_table() {
        for key in
            ["primary key (\"id\" autoincrement)", "constraint k primary key (ID desc AUTOINCREMENT) on conflict fail"]
        {
            let table = table("t", &format!("create table t (id integer, a text, {key})"));
            assert_eq!(table.columns[0].identity, Some(Identity::ByDefault), "{key}");
            assert_eq!(table.columns[1].identity, None, "{key}");
        }
        let table = table("t", "create table t (autoincrement integer, primary key (autoincrement))");
        assert_eq!((table.key().len(), table.columns[0].identity), (1, None));
    }

    #[test]
    fn indexes() {
        let index =
            index("i", "create unique index i on t(a COLLATE nocase DESC, lower(b) asc, \"c\") where a is not null");
        insta::assert_debug_snapshot!(index);
    }
}
