//! Random schemas whose rows fit: few names, so that two schemas have much in common.

use orm_kit::model::{
    Check, Column, Deferrable, ForeignKey, ForeignKeyAction, Generated, GeneratedStorage, Identity, Index, IndexKey,
    IndexOrder, IndexPart, Model, PrimaryKey, Table, Unique,
};
use proptest::prelude::*;

/// How many rows a table has.
const ROWS: usize = 3;

#[derive(Debug, Clone)]
pub(crate) struct RandomSchema {
    tables: Vec<RandomTable>,
}

#[derive(Debug, Clone)]
struct RandomTable {
    name: usize,
    has_key: bool,
    is_numbered: bool,
    columns: Vec<RandomColumn>,
    index: Option<(usize, bool, bool)>,
    unique: Option<usize>,
    check: Option<(usize, i64)>,
    generated: Option<(usize, i64)>,
    reference: Option<(usize, usize)>,
}

#[derive(Debug, Clone)]
struct RandomColumn {
    name: usize,
    is_text: bool,
    nullable: bool,
    default: Option<i64>,
}

const TABLES: [&str; 4] = ["first", "second", "it's third", "order"];
const COLUMNS: [&str; 4] = ["a", "b", "group", "D d"];

prop_compose! {
    fn column()(
        name in 0..COLUMNS.len(),
        is_text in any::<bool>(),
        nullable in any::<bool>(),
        default in proptest::option::of(0..9_i64),
    ) -> RandomColumn {
        RandomColumn { name, is_text, nullable, default }
    }
}

prop_compose! {
    fn table()(
        name in 0..TABLES.len(),
        has_key in prop::bool::weighted(0.8),
        is_numbered in any::<bool>(),
        mut columns in prop::collection::vec(column(), 1..4),
        index in proptest::option::of((0..4_usize, any::<bool>(), any::<bool>())),
        unique in proptest::option::of(0..4_usize),
        check in proptest::option::of((0..4_usize, 0..3_i64)),
        generated in proptest::option::of((0..4_usize, 1..4_i64)),
        reference in proptest::option::of((0..4_usize, 0..4_usize)),
    ) -> RandomTable {
        columns.sort_by_key(|column| column.name);
        columns.dedup_by_key(|column| column.name);
        RandomTable { name, has_key, is_numbered, columns, index, unique, check, generated, reference }
    }
}

prop_compose! {
    pub(crate) fn schema()(mut tables in prop::collection::vec(table(), 1..4)) -> RandomSchema {
        tables.sort_by_key(|table| table.name);
        tables.dedup_by_key(|table| table.name);
        RandomSchema { tables }
    }
}

impl RandomSchema {
    /// The same tables and columns with the constraints and defaults that another schema has, as far as it has such.
    pub(crate) fn constrained_as(&self, other: &Self) -> Self {
        let mut tables = self.tables.clone();
        for (table, other) in tables.iter_mut().zip(other.tables.iter().cycle()) {
            for (column, other) in table.columns.iter_mut().zip(other.columns.iter().cycle()) {
                (column.nullable, column.default) = (other.nullable, other.default);
            }
            (table.check, table.index) = (other.check, other.index);
            if let (Some((_, action)), Some((_, other))) = (&mut table.reference, other.reference) {
                *action = other;
            }
        }
        Self { tables }
    }

    pub(crate) fn model(&self, is_sqlite: bool) -> Model {
        let keyed: Vec<&RandomTable> = self.tables.iter().filter(|table| table.has_key).collect();
        let tables = self.tables.iter().map(|table| table.model(&keyed, is_sqlite));
        Model { tables: tables.collect(), ..Model::default() }
    }

    /// The statements that insert rows, in an order that does not matter: references come last.
    pub(crate) fn rows(&self) -> Vec<String> {
        let keyed: Vec<&RandomTable> = self.tables.iter().filter(|table| table.has_key).collect();
        let mut statements = Vec::new();
        for table in &self.tables {
            for number in 1..=ROWS {
                let mut names: Vec<String> = Vec::new();
                let mut values: Vec<String> = Vec::new();
                if table.has_key {
                    names.push("\"id\"".to_owned());
                    values.push(number.to_string());
                }
                for column in &table.columns {
                    names.push(format!("\"{}\"", COLUMNS[column.name]));
                    // Texts that are numbers, so that a column can become one of numbers.
                    values.push(if column.is_text { format!("'{number}'") } else { number.to_string() });
                }
                let (names, values) = (names.join(", "), values.join(", "));
                statements.push(format!("insert into \"{}\" ({names}) values ({values})", TABLES[table.name]));
            }
        }
        for table in &self.tables {
            if let Some(target) = table.target(&keyed) {
                let column = reference(target);
                statements.push(format!("update \"{}\" set \"{column}\" = 2", TABLES[table.name]));
            }
        }
        statements
    }
}

/// The name of a column that refers to a table. Another table has another, because its rows are others.
fn reference(target: &RandomTable) -> String {
    format!("ref{}", target.name)
}

impl RandomTable {
    fn target<'t>(&self, keyed: &[&'t RandomTable]) -> Option<&'t RandomTable> {
        let (target, _) = self.reference?;
        keyed.get(target % keyed.len().max(1)).copied()
    }

    fn pick(&self, at: usize) -> &RandomColumn {
        &self.columns[at % self.columns.len()]
    }

    fn model(&self, keyed: &[&RandomTable], is_sqlite: bool) -> Table {
        let name = TABLES[self.name].to_owned();
        let number = if is_sqlite { "integer" } else { "bigint" };
        let mut table = Table { name: name.clone(), strict: is_sqlite, ..Table::default() };
        if self.has_key {
            let identity = self.is_numbered.then_some(Identity::ByDefault);
            table.columns.push(Column {
                name: "id".to_owned(),
                sql_type: number.to_owned(),
                identity,
                ..Column::default()
            });
            table.primary_key = Some(PrimaryKey { name: None, columns: vec!["id".to_owned()] });
        }
        for column in &self.columns {
            let sql_type = if column.is_text { "text" } else { number }.to_owned();
            let default = column.default.map(|it| if column.is_text { format!("'{it}'") } else { it.to_string() });
            let name = COLUMNS[column.name].to_owned();
            table.columns.push(Column { name, sql_type, nullable: column.nullable, default, ..Column::default() });
        }
        if let Some((at, times)) = self.generated {
            let source = self.pick(at);
            let expression = match source.is_text {
                true => format!("\"{}\" || '{times}'", COLUMNS[source.name]),
                false => format!("\"{}\" * {times}", COLUMNS[source.name]),
            };
            table.columns.push(Column {
                name: "made".to_owned(),
                sql_type: if source.is_text { "text" } else { number }.to_owned(),
                nullable: true,
                generated: Some(Generated { expression, storage: GeneratedStorage::Stored }),
                ..Column::default()
            });
        }
        if let (Some(target), Some((_, action))) = (self.target(keyed), self.reference) {
            table.columns.push(Column {
                name: reference(target),
                sql_type: number.to_owned(),
                nullable: true,
                ..Column::default()
            });
            let actions = [
                ForeignKeyAction::NoAction,
                ForeignKeyAction::Cascade,
                ForeignKeyAction::SetNull,
                ForeignKeyAction::Restrict,
            ];
            table.foreign_keys.push(ForeignKey {
                name: Some(format!("{name}_ref")),
                columns: vec![reference(target)],
                table: TABLES[target.name].to_owned(),
                references: vec!["id".to_owned()],
                on_delete: actions[action],
                on_update: ForeignKeyAction::NoAction,
                deferrable: Deferrable::No,
            });
        }
        if let Some(at) = self.unique {
            // Rows that exist get the same in a new column, so only one that may be absent is unique.
            let column = self.pick(at);
            if column.nullable && column.default.is_none() {
                table.uniques.push(Unique {
                    name: Some(format!("{name}_unique")),
                    columns: vec![COLUMNS[column.name].to_owned()],
                    nulls_not_distinct: false,
                    deferrable: Deferrable::No,
                });
            }
        }
        if let Some((at, least)) = self.check {
            let column = COLUMNS[self.pick(at).name];
            let condition = match self.pick(at).is_text {
                true => format!("length(\"{column}\") >= {}", least.min(1)),
                false => format!("\"{column}\" >= {}", least.min(0)),
            };
            table.checks.push(Check { name: Some(format!("{name}_check")), condition });
        }
        if let Some((at, is_descending, is_partial)) = self.index {
            let column = COLUMNS[self.pick(at).name];
            table.indexes.push(Index {
                name: format!("{name}_index"),
                parts: vec![IndexPart {
                    key: IndexKey::Column(column.to_owned()),
                    order: if is_descending { IndexOrder::Descending } else { IndexOrder::Ascending },
                    nulls: None,
                    collation: None,
                    operator_class: None,
                }],
                filter: is_partial.then(|| format!("\"{column}\" is not null")),
                ..Index::default()
            });
        }
        table
    }
}
