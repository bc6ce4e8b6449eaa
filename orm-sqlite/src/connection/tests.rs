use orm_core::{
    error::ErrorKind,
    executor::{Executor, WriteExecutor},
    schema::{
        CheckDef, ColumnInfo, DefaultDef, Deferrable, EnumDef, ForeignKeyAction, ForeignKeyDef, GeneratedStorage,
        IndexDef, IndexKey, IndexOptions, IndexOrder, IndexPart, PartOptions, TableDef, UniqueDef,
    },
    types::SqlType,
};

use super::*;
use crate::testing::{With, column, count, insert, report, select};

const ROLE: EnumDef = EnumDef { name: "user_role", labels: &["owner", "it's"] };

const fn plain(name: &'static str, sql_type: SqlType) -> ColumnInfo {
    ColumnInfo::new(name, name, sql_type, false)
}

const USER_COLUMNS: &[ColumnInfo] = &[
    plain("id", SqlType::Uuid).default(DefaultDef::RandomUuid),
    ColumnInfo { length: Some(10), ..plain("email", SqlType::Text).collation("nocase") },
    ColumnInfo::new("age", "age", SqlType::Integer, true),
    plain("is_admin", SqlType::Bool).default(DefaultDef::Bool(false)),
    plain("role", SqlType::Enum(&ROLE)).default(DefaultDef::Text("it's")),
    plain("score", SqlType::Double).default(DefaultDef::Float(1.5)),
    plain("rank", SqlType::BigInt).default(DefaultDef::Integer(i64::MIN)),
    plain("created_at", SqlType::TimestampTz).default(DefaultDef::Now),
    plain("born_on", SqlType::Date).default(DefaultDef::Now),
    plain("note", SqlType::Text).default(DefaultDef::Text("a\0b")),
    plain("loud", SqlType::Text).generated("upper(email)", GeneratedStorage::Stored),
];

const USERS: TableDef = {
    let mut table = TableDef::new("users", "User", USER_COLUMNS);
    table.primary_key = &["id"];
    table.uniques =
        &[UniqueDef { name: None, columns: &["email"] }, UniqueDef { name: Some("u"), columns: &["age", "role"] }];
    table.checks = &[CheckDef { name: "age_range", condition: "age >= 0" }];
    table
};

const POST_COLUMNS: &[ColumnInfo] = &[
    ColumnInfo { auto_increment: true, ..plain("id", SqlType::BigInt) },
    plain("author_id", SqlType::Uuid),
    plain("title", SqlType::Text),
];

const POSTS: TableDef = {
    let mut table = TableDef::new("po\"sts", "Post", POST_COLUMNS);
    table.primary_key = &["id"];
    table.foreign_keys = &[ForeignKeyDef {
        name: None,
        columns: &["author_id"],
        table: "users",
        references: &["id"],
        on_delete: ForeignKeyAction::Cascade,
        on_update: ForeignKeyAction::NoAction,
        deferrable: Deferrable::No,
    }];
    const fn part(key: IndexKey, order: IndexOrder) -> IndexPart {
        IndexPart { key, order, options: PartOptions::NONE }
    }
    table.indexes = &[
        IndexDef {
            name: None,
            unique: false,
            parts: &[
                part(IndexKey::Column("author_id"), IndexOrder::Ascending),
                part(IndexKey::Column("id"), IndexOrder::Descending),
            ],
            filter: None,
            options: IndexOptions::NONE,
        },
        IndexDef {
            name: None,
            unique: true,
            parts: &[part(IndexKey::Expression("lower(title)"), IndexOrder::Ascending)],
            filter: Some("title <> ''"),
            options: IndexOptions::NONE,
        },
    ];
    table
};

const MEMBER_COLUMNS: &[ColumnInfo] = &[plain("a", SqlType::BigInt), plain("b", SqlType::Bytes).sqlite_type("any")];

const MEMBERS: TableDef = {
    let mut table = TableDef::new("members", "Member", MEMBER_COLUMNS);
    table.primary_key = &["a", "b"];
    table.without_rowid = true;
    table
};

const LOOSE: TableDef = TableDef::new("loose", "Loose", &[plain("a", SqlType::Text).sqlite_type("varchar(10)")]);

fn created() -> Connection {
    let db = Connection::open_in_memory().expect("memory is there");
    // The posts come first: what they refer to is created before them.
    db.create_all(&Schema::new(&[&POSTS, &USERS, &MEMBERS, &LOOSE])).expect("the database is empty");
    db
}

#[test]
fn a_schema_is_created() {
    let db = created();
    let statements = db.with_raw(|raw| {
        let mut statement = raw.prepare("select sql from sqlite_schema where sql is not null").expect("valid");
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).expect("it runs");
        rows.collect::<Result<Vec<_>, _>>().expect("texts").join(";\n")
    });
    let expected = r#"CREATE TABLE "users" (
    "id" text not null default (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
    "email" text collate "nocase" not null check (length("email") <= 10),
    "age" integer,
    "is_admin" integer not null default false check ("is_admin" in (0, 1)),
    "role" text not null default 'it''s' check ("role" in ('owner', 'it''s')),
    "score" real not null default 1.5,
    "rank" integer not null default -9223372036854775808,
    "created_at" text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')),
    "born_on" text not null default (strftime('%Y-%m-%d', 'now')),
    "note" text not null default (cast(x'610062' as text)),
    "loud" text not null generated always as (upper(email)) stored,
    primary key ("id"),
    constraint "users_email_key" unique ("email"),
    constraint "u" unique ("age", "role"),
    constraint "age_range" check (age >= 0)
) strict;
CREATE TABLE "po""sts" (
    "id" integer primary key autoincrement,
    "author_id" text not null,
    "title" text not null,
    constraint "po""sts_author_id_fkey" foreign key ("author_id") references "users" ("id") on delete cascade
) strict;
CREATE TABLE sqlite_sequence(name,seq);
CREATE TABLE "members" (
    "a" integer not null,
    "b" any not null,
    primary key ("a", "b")
) strict, without rowid;
CREATE TABLE "loose" (
    "a" varchar(10) not null
);
CREATE INDEX "po""sts_author_id_id_idx" on "po""sts" ("author_id", "id" desc);
CREATE UNIQUE INDEX "po""sts_expr_key" on "po""sts" ((lower(title))) where title <> ''"#;
    assert_eq!(statements.expect("no transaction is open"), expected);
}

#[test]
fn defaults_are_values_of_their_types() {
    let db = created();
    db.execute(insert::<()>("users", &["email"], 1, &[]).bind("a@b")).expect("all else has a default");
    let (rank, score, note) =
        db.fetch_one(select::<(i64, f64, String)>("users", &["rank", "score", "note"], None)).expect("it is there");
    assert_eq!((rank, score, note.as_str()), (i64::MIN, 1.5, "a\0b"));
    let (id, created_at, born_on) = db
        .fetch_one(select::<(String, String, String)>("users", &["id", "created_at", "born_on"], None))
        .expect("it is there");
    let uuid = crate::text::parse_uuid(id.as_bytes()).expect("a UUID");
    assert_eq!((uuid[6] >> 4, uuid[8] >> 6), (4, 0b10), "version 4 of variant 1: {id}");
    assert_eq!(id, id.to_lowercase());
    let micros = crate::text::parse_timestamp_tz(created_at.as_bytes()).expect("a moment");
    assert_eq!(created_at, crate::text::timestamp_tz(micros).expect("in range").as_str(), "in the stored form");
    assert!(crate::text::parse_date(born_on.as_bytes()).is_some());
}

#[test]
fn what_a_schema_says_is_checked() {
    let db = created();
    let check = |column: &'static str, value: &str, kind, expected: &str| {
        let row = insert::<()>("users", &["email", column], 1, &[]).bind("x");
        let error = if value.is_empty() {
            db.execute(row.bind(None::<i64>))
        } else if let Ok(number) = value.parse::<i64>() {
            db.execute(row.bind(number))
        } else {
            db.execute(row.bind(value))
        };
        let error = error.expect_err("it is refused");
        assert_eq!(error.kind(), kind);
        assert!(report(&error).ends_with(expected), "{}", report(&error));
    };
    check("age", "-1", ErrorKind::CheckViolation, "(`age_range`): CHECK constraint failed: age_range");
    // SQLite names a check without a name by its text, of which a name in quotes is all.
    check("is_admin", "2", ErrorKind::CheckViolation, "CHECK constraint failed: is_admin");
    check("role", "guest", ErrorKind::CheckViolation, "CHECK constraint failed: role");
    check("note", "", ErrorKind::NotNullViolation, "NOT NULL constraint failed: users.note");
    check("rank", "many", ErrorKind::CheckViolation, "cannot store TEXT value in INTEGER column users.rank");
    let long = insert::<()>("users", &["email"], 1, &[]).bind("12345678901");
    assert_eq!(db.execute(long).expect_err("it is too long").kind(), ErrorKind::CheckViolation);
    let orphan = insert::<()>("po\"sts", &["author_id", "title"], 1, &[]).bind("nobody").bind("title");
    assert_eq!(db.execute(orphan).expect_err("there is no author").kind(), ErrorKind::ForeignKeyViolation);
}

#[test]
fn a_unique_index_on_an_expression_is_named() {
    let db = created();
    db.execute(insert::<()>("users", &["id", "email"], 1, &[]).bind("u").bind("x")).expect("it is new");
    let post = |title| insert::<()>("po\"sts", &["author_id", "title"], 1, &[]).bind("u").bind(title);
    db.execute(post("Title")).expect("it is new");
    let error = db.execute(post("TITLE")).expect_err("it exists");
    let violation = error.violation().expect("it is a violation");
    assert_eq!(violation.constraint.as_deref(), Some("po\"sts_expr_key"));
}

#[test]
fn a_schema_is_created_as_a_whole_or_not_at_all() {
    let db = Connection::open_in_memory().expect("memory is there");
    db.execute_batch("create table members (a)").expect("it is new");
    let error = db.create_all(&Schema::new(&[&USERS, &MEMBERS])).expect_err("one exists");
    assert_eq!(
        report(&error),
        "create table \"members\": the statement is not valid in this database: table \"members\" already exists"
    );
    db.create_all(&Schema::new(&[&USERS])).expect("the other one was undone");
}

#[test]
fn the_time_of_a_statement_has_the_form_of_its_type() {
    use orm_core::ast::{Expr, Select, Statement};
    let db = Connection::open_in_memory().expect("memory is there");
    let types = [SqlType::Date, SqlType::Time, SqlType::Timestamp, SqlType::TimestampTz];
    let now = |ty| {
        let statement = Statement::Select(Select { columns: vec![Expr::Now(ty)], ..Select::default() });
        db.fetch_one(crate::testing::Ask::<(String,)>::new(statement)).expect("it runs").0
    };
    assert_eq!(types.map(|ty| now(ty).len()), [10, 15, 26, 27]);
    assert!(crate::text::parse_time(now(SqlType::Time).as_bytes()).is_some());
    assert!(crate::text::parse_timestamp(now(SqlType::Timestamp).as_bytes()).is_some());
}

#[test]
fn misspelled_columns_and_extensions_are_refused() {
    let db = created();
    let error = db.fetch_all(select::<(String,)>("users", &["emial"], None)).expect_err("there is no such column");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert!(report(&error).ends_with("no such column: users.emial"), "{}", report(&error));
    assert!(db.execute_batch("create table x (a text default \"oops\" check (a <> \"b\"))").is_err());
    let error = db.execute_batch("select load_extension('x')").expect_err("it is off");
    assert!(report(&error).ends_with("not authorized"), "{}", report(&error));
}

/// A view or trigger of a foreign file may not call what has side effects.
#[test]
fn a_schema_is_not_trusted() {
    let db = Connection::open_in_memory().expect("memory is there");
    db.execute_batch("create view v as select load_extension('x') as a").expect("it is new");
    let error = db.fetch_all(select::<(String,)>("v", &["a"], None)).expect_err("it is unsafe");
    assert!(report(&error).contains("unsafe use of load_extension()"), "{}", report(&error));
}

#[test]
fn a_connection_shows_its_file_and_nothing_else() {
    let db = created();
    db.execute(insert::<()>("users", &["email"], 1, &[]).bind("canary")).expect("it is new");
    assert_eq!(format!("{db:?}"), r#"Connection { name: ":memory:" }"#);
    let rows = db.fetch_stream(select::<(String,)>("users", &["email"], None));
    assert_eq!(format!("{rows:?}"), r#"Rows { name: ":memory:", .. }"#);
}

#[test]
fn batches_with_a_nul_are_refused() {
    let db = created();
    let error = db.execute_batch("delete from users;\0 drop table users").expect_err("it has a NUL");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert_eq!(db.fetch_one(count("users", None)).expect("it is there"), (0,));
}

/// Decimals are compared as text, which gives the order of numbers.
#[test]
fn decimals_are_in_order() {
    let db = Connection::open_in_memory().expect("memory is there");
    db.execute_batch("create table d (v text not null unique) strict").expect("it is new");
    let numbers =
        ["-79228162514264337593543950335", "-2", "-1.55", "-1.5", "-1", "-0.001", "0", "0.001", "1.5", "1.55", "10"];
    for number in numbers.iter().rev() {
        let value = With(|out: &mut dyn orm_core::types::Binder<'_>| out.decimal((*number).to_owned()));
        db.execute(insert::<()>("d", &["v"], 1, &[]).bind(value)).expect("it is new");
    }
    let statement = orm_core::ast::Select {
        columns: vec![column("d", "v")],
        from: Some(orm_core::ast::Source::Table { name: "d", alias: None }),
        order_by: vec![orm_core::ast::Order {
            expr: column("d", "v"),
            direction: orm_core::ast::Direction::Ascending,
            nulls: None,
        }],
        ..Default::default()
    };
    let query = crate::testing::Ask::<(String,)>::new(orm_core::ast::Statement::Select(statement));
    let rows = db.fetch_all(query).expect("it runs");
    assert_eq!(
        rows.iter().map(|(text,)| crate::decimal::decode(text).expect("a decimal")).collect::<Vec<_>>(),
        numbers
    );
}
