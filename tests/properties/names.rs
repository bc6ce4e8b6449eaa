//! Names that no derive can have: statements made by hand, on tables that are described at run time.

use std::{collections::HashSet, marker::PhantomData};

use orm::{
    Error, ErrorKind,
    dialect::Dialect,
    executor::{Executor, Query, QueryKey, Shape, WriteExecutor},
    postgres::Postgres,
    schema::{
        CheckDef, ColumnInfo, Deferrable, EnumDef, ForeignKeyAction, ForeignKeyDef, IndexDef, IndexKey, IndexOptions,
        IndexOrder, IndexPart, PartOptions, Schema, TableDef, UniqueDef,
    },
    sqlite::{Connection, Sqlite},
    types::{Binder, Decode, DecodeError, Encode, RowRead, SqlType},
};
use orm_core::ast::{Assignment, BinaryOp, Delete, Expr, Insert, OnConflict, Rows, Select, Source, Statement, Update};
use proptest::{
    array::uniform6,
    collection::vec,
    prelude::{Strategy, prop_assert_eq, prop_oneof},
    sample::select,
};

use super::{
    Checked,
    cells::Fresh,
    fail, run_cases,
    stored::{self, number, stored_rows},
    support::postgres::Database,
};

/// A statement whose rows have one column.
struct Ask<'v, R> {
    statement: Statement,
    value: Option<&'v str>,
    row: PhantomData<fn() -> R>,
}

impl<R: Decode + Send + 'static> Query for Ask<'_, R> {
    type Row = R;

    const WRITES: bool = false;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        format!("{:?}", self.statement).bytes().for_each(|byte| shape.add(u64::from(byte)));
        QueryKey::of::<Ask<'static, R>>(&shape)
    }

    fn statement(&self) -> Result<Statement, Error> {
        Ok(self.statement.clone())
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        if let Some(value) = &self.value {
            value.encode(out);
        }
    }

    fn decode<Row: RowRead + ?Sized>(&self, row: &Row) -> Result<R, DecodeError> {
        R::decode(row, 0)
    }
}

fn ask<R>(statement: Statement, value: Option<&str>) -> Ask<'_, R> {
    Ask { statement, value, row: PhantomData }
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

fn list<T>(items: Vec<T>) -> &'static [T] {
    Box::leak(items.into_boxed_slice())
}

/// The names of a table and of what belongs to it.
struct Named {
    table: &'static str,
    columns: [&'static str; 2],
    alias: &'static str,
    other: &'static str,
    label: &'static str,
}

impl Named {
    fn new(names: &[String; 6]) -> Self {
        let [table, first, second, alias, other, label] = names.each_ref().map(|name| leak(name));
        Self { table, columns: [first, second], alias, other, label }
    }

    /// A table with a key, a unique constraint, a check, an index and a foreign key, all of them named.
    fn schema(&self) -> Schema {
        let [first, second] = self.columns;
        let labels = EnumDef { name: self.other, labels: list(vec![self.label]) };
        let part =
            IndexPart { key: IndexKey::Column(second), order: IndexOrder::Descending, options: PartOptions::NONE };
        let table = TableDef {
            primary_key: list(vec![first]),
            uniques: list(vec![UniqueDef { name: Some(self.alias), columns: list(vec![first, second]) }]),
            checks: list(vec![CheckDef { name: self.other, condition: "true" }]),
            foreign_keys: list(vec![ForeignKeyDef {
                name: Some(self.label),
                columns: list(vec![second]),
                table: self.table,
                references: list(vec![first]),
                on_delete: ForeignKeyAction::NoAction,
                on_update: ForeignKeyAction::NoAction,
                deferrable: Deferrable::No,
            }]),
            indexes: list(vec![IndexDef {
                name: None,
                unique: false,
                parts: list(vec![part]),
                filter: None,
                options: IndexOptions::NONE,
            }]),
            ..TableDef::new(
                self.table,
                "Hostile",
                list(vec![
                    ColumnInfo::new(first, "first", SqlType::Text, false),
                    ColumnInfo::new(second, "second", SqlType::Text, true),
                    ColumnInfo::new(self.label, "label", SqlType::Enum(Box::leak(Box::new(labels))), true),
                ]),
            )
        };
        Schema::new(list(vec![&*Box::leak(Box::new(table))]))
    }

    fn column(&self, source: &'static str, at: usize) -> Expr {
        Expr::Column { source, table: self.table, name: self.columns[at], ty: SqlType::Text, collation: None }
    }

    fn insert(&self) -> Statement {
        Statement::Insert(Insert {
            table: self.table,
            columns: vec![self.columns[0]],
            rows: Rows::Values(vec![vec![Expr::Param(SqlType::Text)]]),
            on_conflict: Some(OnConflict {
                target: vec![self.columns[0]],
                set: vec![Assignment { column: self.columns[0], value: self.column("excluded", 0) }],
                filter: None,
            }),
            returning: vec![self.column(self.table, 0)],
        })
    }

    fn select(&self) -> Statement {
        let equal = |left, right| Expr::Binary(Box::new(left), BinaryOp::Eq, Box::new(right));
        Statement::Select(Select {
            columns: vec![self.column(self.alias, 0)],
            from: Some(Source::Table { name: self.table, alias: Some(self.alias) }),
            filter: Some(equal(self.column(self.alias, 0), Expr::Param(SqlType::Text))),
            ..Select::default()
        })
    }

    fn update(&self) -> Statement {
        let value =
            Expr::Binary(Box::new(self.column(self.table, 0)), BinaryOp::Concat, Box::new(Expr::Param(SqlType::Text)));
        Statement::Update(Update {
            table: self.table,
            set: vec![Assignment { column: self.columns[0], value }],
            filter: Some(Expr::IsNotNull(Box::new(self.column(self.table, 0)))),
            returning: Vec::new(),
        })
    }

    fn delete(&self) -> Statement {
        let filter = Some(Expr::IsNotNull(Box::new(self.column(self.table, 0))));
        Statement::Delete(Delete { table: self.table, filter, returning: Vec::new() })
    }
}

fn name() -> impl Strategy<Value = String> {
    let pieces = select(vec![
        "\"",
        "\"\"",
        "`",
        "[",
        "]",
        "'",
        ";",
        "--",
        "/*",
        "*/",
        "\\",
        ".",
        ",",
        "(",
        ")",
        "?",
        "?1",
        "$1",
        ":x",
        "@",
        "#",
        "%",
        "select",
        "Order",
        "GROUP",
        "table",
        "from",
        "where",
        "null",
        "excluded",
        "rowid",
        "\u{201c}",
        "\u{2019}",
        "\u{ff02}",
        "🦀",
        "ä",
        "İ",
        "\u{202e}",
        "\u{feff}",
        "\u{10ffff}",
        " ",
        "\n",
        "\t",
        "\u{1}",
        "x",
        "Y",
        "0",
        "\"; drop table \"sentinel\"; --",
        "sentinel",
    ]);
    let text = prop_oneof![
        5 => vec(pieces, 1..6).prop_map(|pieces| pieces.concat()),
        2 => "\\PC{1,12}",
        1 => "[a-zäß\"]{64,200}",
    ];
    // Names that begin with `sqlite_` belong to SQLite.
    text.prop_filter("reserved", |name| !name.to_ascii_lowercase().starts_with("sqlite_"))
}

fn six_names() -> impl Strategy<Value = [String; 6]> {
    uniform6(name()).prop_filter("the same to SQLite, or that of the sentinel", |names| {
        let lower: HashSet<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        lower.len() == names.len() && !lower.contains("sentinel")
    })
}

/// The names PostgreSQL takes: it cuts those that are longer, and an upsert into a table of this name is ambiguous.
fn six_names_of_postgres() -> impl Strategy<Value = [String; 6]> {
    six_names().prop_filter("too long, or ambiguous", |names| {
        names.iter().all(|name| name.len() <= 63) && names[0] != "excluded"
    })
}

/// Every statement works, and is one statement.
macro_rules! check_statements {
    ($db:expr, $named:expr) => {{
        let (db, named) = ($db, $named);
        let value = named.label;
        let inserted = db.fetch_one(ask::<String>(named.insert(), Some(value))).map_err(fail)?;
        prop_assert_eq!(inserted, value);
        db.fetch_one(ask::<String>(named.insert(), Some(value))).map_err(fail)?;
        prop_assert_eq!(db.fetch_all(ask::<String>(named.select(), Some(value))).map_err(fail)?, [value]);
        prop_assert_eq!(db.execute(ask::<String>(named.update(), Some("!"))).map_err(fail)?, 1);
        let changed = format!("{value}!");
        prop_assert_eq!(db.fetch_all(ask::<String>(named.select(), Some(&changed))).map_err(fail)?, [changed.as_str()]);
        prop_assert_eq!(db.execute(ask::<String>(named.delete(), None)).map_err(fail)?, 1);
    }};
}

fn check(names: &[String; 6]) -> Checked {
    let named = Named::new(names);
    let db = Connection::open_in_memory().map_err(fail)?;
    db.execute_batch("create table sentinel (a integer); insert into sentinel values (7)").map_err(fail)?;
    db.create_all(&named.schema()).map_err(fail)?;
    // The names are exactly those that were given.
    let kept = |kind: &str| {
        stored_rows(&db, &format!("select name from sqlite_schema where type = '{kind}' and name <> 'sentinel'"))
    };
    prop_assert_eq!(kept("table"), [[stored::text(named.table)]]);
    let columns = db.with_raw(|raw| -> rusqlite::Result<Vec<String>> {
        let mut statement = raw.prepare("select name from pragma_table_info(?1)")?;
        statement.query_map([named.table], |row| row.get(0))?.collect()
    });
    let [first, second] = named.columns;
    prop_assert_eq!(columns.map_err(fail)?.expect("it runs"), [first, second, named.label]);
    check_statements!(&db, &named);
    prop_assert_eq!(number(&db, "select sum(a) from sentinel"), 7, "the sentinel is there");
    Ok(())
}

/// An empty database but for a sentinel.
fn clear(db: &Database) {
    let sql = "drop schema public cascade; create schema public; create table sentinel (a integer); \
         insert into sentinel values (7)";
    db.raw(sql).expect("the statements are valid");
}

/// Like `check`. The catalog knows the names of columns, constraints, and of the enum with its label, too.
fn check_on_postgres(db: &Database, names: &[String; 6]) -> Checked {
    let named = Named::new(names);
    clear(db);
    db.create_all(&named.schema()).map_err(fail)?;
    let kept = |sql: &str| -> Vec<String> {
        let rows = db.raw(sql).expect("the statement is valid");
        rows.into_iter().flatten().flatten().collect()
    };
    let [first, second] = named.columns;
    let tables = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace \
         and relname <> 'sentinel'";
    prop_assert_eq!(kept(tables), [named.table]);
    let of_table = "select attname from pg_attribute join pg_class on pg_class.oid = attrelid where relkind = 'r' \
         and relnamespace = 'public'::regnamespace and relname <> 'sentinel' and attnum > 0 order by attnum";
    prop_assert_eq!(kept(of_table), [first, second, named.label]);
    let constraints = "select conname from pg_constraint where connamespace = 'public'::regnamespace \
         and contype in ('u', 'c', 'f') order by contype";
    prop_assert_eq!(kept(constraints), [named.other, named.label, named.alias]);
    let enums = "select typname, enumlabel from pg_enum join pg_type on pg_type.oid = enumtypid";
    prop_assert_eq!(kept(enums), [named.other, named.label]);
    check_statements!(db, &named);
    prop_assert_eq!(kept("select sum(a) from sentinel"), ["7"], "the sentinel is there");
    Ok(())
}

/// A name with a NUL is refused before anything is sent, wherever it stands.
fn with_nul(names: &[String; 6], at: usize) -> Named {
    let mut names = names.clone();
    names[at].push_str("\0 tail");
    Named::new(&names)
}

fn check_refused(result: Result<u64, Error>) {
    let error = result.expect_err("the name has a NUL");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert!(stored::report(&error).contains("contains a NUL"), "{}", stored::report(&error));
}

fn check_statements_with_nul<E>(db: &E, dialect: &dyn Dialect, named: &Named)
where
    E: WriteExecutor,
    for<'a> E: Executor<Output<'a, u64> = Result<u64, Error>>,
{
    for statement in [named.insert(), named.select(), named.update(), named.delete()] {
        if orm_core::writer::write(&statement, dialect).contains('\0') {
            check_refused(db.execute(ask::<String>(statement, Some("x"))));
        }
    }
}

fn check_nul(names: &[String; 6], at: usize) -> Checked {
    let named = with_nul(names, at);
    let db = Connection::open_in_memory().map_err(fail)?;
    db.execute_batch("create table sentinel (a integer)").map_err(fail)?;
    check_refused(db.create_all(&named.schema()).map(|()| 0));
    check_statements_with_nul(&db, &Sqlite, &named);
    prop_assert_eq!(number(&db, "select count(*) from sqlite_schema"), 1, "nothing was created");
    Ok(())
}

fn check_nul_on_postgres(db: &Database, names: &[String; 6], at: usize) -> Checked {
    let named = with_nul(names, at);
    check_refused(db.create_all(&named.schema()).map(|()| 0));
    check_statements_with_nul(db, &Postgres, &named);
    let kept = db.raw("select count(*) from pg_class where relnamespace = 'public'::regnamespace");
    prop_assert_eq!(kept.expect("the statement is valid"), [[Some("1".to_owned())]], "nothing was created");
    Ok(())
}

#[test]
fn t01_names_are_names() {
    run_cases(128, six_names(), |names| check(&names)).unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn t01_names_are_names_on_postgres() {
    let db = Database::fresh();
    let cases = run_cases(64, six_names_of_postgres(), |names| check_on_postgres(&db, &names));
    cases.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn t01_names_with_a_nul_are_refused() {
    let cases = run_cases(128, (six_names(), 0..6_usize), |(names, at)| check_nul(&names, at));
    cases.unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn t01_names_with_a_nul_are_refused_on_postgres() {
    let db = Database::fresh();
    clear(&db);
    let cases =
        run_cases(64, (six_names_of_postgres(), 0..6_usize), |(names, at)| check_nul_on_postgres(&db, &names, at));
    cases.unwrap_or_else(|failure| panic!("{failure}"));
}

/// What is quoted is read back as the same name: the doubled quotes are all there is to it.
#[test]
fn t01_quoting_is_undone_by_reading() {
    let cases = run_cases(128, name(), |name| {
        for dialect in [&Sqlite as &dyn Dialect, &Postgres] {
            let mut quoted = String::new();
            dialect.write_identifier(&mut quoted, &name);
            let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).expect("it is quoted");
            prop_assert_eq!(inner.replace("\"\"", ""), name.replace('"', ""));
            prop_assert_eq!(inner.replace("\"\"", "\""), name.as_str());
        }
        Ok(())
    });
    cases.unwrap_or_else(|failure| panic!("{failure}"));
}

/// A name of SQLite's own is refused as a statement that is not valid.
#[test]
fn t01_reserved_names() {
    let names = ["sqlite_x", "a", "b", "c", "d", "e"].map(str::to_owned);
    let db = Connection::open_in_memory().expect("there is memory");
    let error = db.create_all(&Named::new(&names).schema()).expect_err("the name is reserved");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert_eq!(number(&db, "select count(*) from sqlite_schema"), 0);
}
