//! Reads what SQLite tells by the text of a statement only: names of constraints, checks, collations, expressions.

use super::{
    clause::{self, Clause, Item, Kind},
    text::Words,
};
use crate::model::{
    Check, Column, Deferrable, Identity, Index, IndexKey, IndexOrder, IndexPart, PrimaryKey, Table, Unique,
};

/// A table of its `create table` statement.
pub(super) fn table(name: &str, sql: &str) -> Table {
    let mut table = Table { name: name.to_owned(), ..Table::default() };
    let (items, mut words) = clause::items(sql);
    for item in items {
        add(item, &mut table);
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

fn add(item: Item, table: &mut Table) {
    let mut column = item.column.map(|(name, sql_type)| Column { name, sql_type, nullable: true, ..Column::default() });
    for Clause { name, kind, .. } in item.clauses {
        match (kind, &mut column) {
            (Kind::PrimaryKey { columns, is_numbered }, _) => {
                let numbered =
                    table.columns.iter_mut().filter(|it| columns.iter().any(|name| it.name.eq_ignore_ascii_case(name)));
                numbered.filter(|_| is_numbered).for_each(number);
                table.primary_key = Some(PrimaryKey { name, columns });
            }
            (Kind::Unique(columns), _) => {
                table.uniques.push(Unique { name, columns, nulls_not_distinct: false, deferrable: Deferrable::No });
            }
            (Kind::Check(condition), _) => table.checks.push(Check { name, condition }),
            (Kind::ForeignKey(key), _) => table.foreign_keys.push(key),
            (Kind::Null { is_allowed }, Some(column)) => column.nullable = is_allowed,
            (Kind::Autoincrement, Some(column)) => number(column),
            (Kind::Collate(collation), Some(column)) => {
                column.collation = (!collation.eq_ignore_ascii_case("binary")).then_some(collation);
            }
            (Kind::Default(default), Some(column)) => {
                column.default = Some(default).filter(|default| !default.eq_ignore_ascii_case("null"));
            }
            (Kind::Generated(generated), Some(column)) => column.generated = Some(generated),
            (_, _) => {}
        }
    }
    table.columns.extend(column);
}

fn number(column: &mut Column) {
    column.identity = Some(Identity::ByDefault);
    column.nullable = false;
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
