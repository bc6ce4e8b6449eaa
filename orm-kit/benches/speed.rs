//! How long the kit takes: `scripts/with-postgres cargo bench -p orm-kit` prints a line for each case.
//!
//! The goals: generating with its proof for 50 tables within 1 s on PostgreSQL and 0.2 s on SQLite, and reading 500 tables within 2 s.

use std::time::{Duration, Instant};

use orm::{
    schema::{
        CheckDef, ColumnInfo, DefaultDef, Deferrable, ForeignKeyAction, ForeignKeyDef, IndexDef, IndexKey,
        IndexOptions, IndexOrder, IndexPart, PartOptions, Schema, TableDef, UniqueDef,
    },
    types::SqlType,
};
use orm_kit::{Error, backend, generate::generate};

/// A schema of this many tables, each with six columns, a unique constraint, a check, an index, and a reference to the one before.
fn schema(tables: usize, with_age: bool) -> Schema {
    let leak = |name: String| -> &'static str { name.leak() };
    let names: Vec<&'static str> = (0..tables).map(|number| leak(format!("table_{number}"))).collect();
    let table = |number: usize| -> &'static TableDef {
        let mut columns = vec![
            ColumnInfo { auto_increment: true, ..ColumnInfo::new("id", "id", SqlType::BigInt, false) },
            ColumnInfo::new("name", "name", SqlType::Text, false),
            ColumnInfo::new("size", "size", SqlType::Integer, true),
            ColumnInfo {
                default: Some(DefaultDef::Now),
                ..ColumnInfo::new("made", "made", SqlType::TimestampTz, false)
            },
            ColumnInfo { default: Some(DefaultDef::Bool(true)), ..ColumnInfo::new("on", "on", SqlType::Bool, false) },
            ColumnInfo::new("before", "before", SqlType::BigInt, true),
        ];
        if with_age && number == 0 {
            columns.push(ColumnInfo::new("age", "age", SqlType::Integer, true));
        }
        let mut def = TableDef::new(names[number], names[number], columns.leak());
        def.primary_key = &["id"];
        def.uniques = &[UniqueDef { name: None, columns: &["name"] }];
        def.checks = vec![CheckDef { name: leak(format!("check_{number}")), condition: "size >= 0" }].leak();
        const PARTS: &[IndexPart] =
            &[IndexPart { key: IndexKey::Column("made"), order: IndexOrder::Descending, options: PartOptions::NONE }];
        def.indexes =
            &[IndexDef { name: None, unique: false, parts: PARTS, filter: None, options: IndexOptions::NONE }];
        if number > 0 {
            def.foreign_keys = vec![ForeignKeyDef {
                name: None,
                columns: &["before"],
                table: names[number - 1],
                references: &["id"],
                on_delete: ForeignKeyAction::Cascade,
                on_update: ForeignKeyAction::NoAction,
                deferrable: Deferrable::No,
            }]
            .leak();
        }
        Box::leak(Box::new(def))
    };
    Schema::new((0..tables).map(table).collect::<Vec<_>>().leak())
}

fn report(what: &str, on: &str, took: Duration, goal: Duration) {
    let verdict = if took <= goal { "" } else { "  MORE THAN THE GOAL" };
    println!("{on:<10}  {what:<45}  {:>6} ms  (goal {} ms){verdict}", took.as_millis(), goal.as_millis());
}

fn measure(on: &str, url: &str, goal: Duration) -> Result<(), Error> {
    let backend = backend::of(url)?;
    let folder = std::env::temp_dir().join(format!("orm-kit-speed-{on}-{}", std::process::id()));
    let time = |schema: Schema| -> Result<Duration, Error> {
        let began = Instant::now();
        generate(backend, url, &schema, &folder, &Default::default())?;
        Ok(began.elapsed())
    };
    let result = (|| {
        report("first migration of 50 tables", on, time(schema(50, false))?, goal);
        report("a column more in one of 50 tables", on, time(schema(50, true))?, goal);
        let mut shadow = orm_kit::shadow::Shadow::new(backend, url)?;
        let model = orm_kit::model::Model::from_schema(&schema(500, false), backend.dialect())?;
        shadow.session().run(&orm_kit::ddl::create_all(&model, backend.dialect()).join(";\n"))?;
        let began = Instant::now();
        let model = shadow.introspect()?;
        let unmodeled = backend.unmodeled(shadow.session())?;
        let pulled = orm_kit::pull::write(&model, backend, unmodeled);
        report("pull of 500 tables", on, began.elapsed(), Duration::from_secs(2));
        assert_eq!((pulled.tables, pulled.lost.len()), (500, 0));
        Ok(())
    })();
    drop(std::fs::remove_dir_all(&folder));
    result
}

fn main() -> Result<(), Error> {
    measure("SQLite", "sqlite::memory:", Duration::from_millis(200))?;
    match std::env::var("ORM_TEST_POSTGRES") {
        Ok(url) => measure("PostgreSQL", &url, Duration::from_secs(1))?,
        Err(_) => println!("PostgreSQL: `scripts/with-postgres` starts a server to measure with"),
    }
    Ok(())
}
