use orm_core::{
    ast,
    error::ErrorKind,
    types::{Decode, DecodeError, Matching, RowRead, SqlType},
};

use super::*;
use crate::testing::{
    Ask, Items, Numbers, Pattern, column, count, database, delete, equal, in_list, insert, matches, params, report,
    select, update,
};

fn filled(numbers: std::ops::Range<i64>) -> Connection {
    let db = database();
    store(&db, numbers).expect("the numbers are new");
    db
}

fn store(db: &Connection, numbers: std::ops::Range<i64>) -> Result<u64, Error> {
    WriteExecutor::execute_many(db, Numbers { table: "t", numbers: numbers.collect(), returning: false })
}

fn all() -> Ask<'static, (i64,)> {
    select("t", &["n"], None)
}

fn by_number(number: i64) -> Ask<'static, (i64,)> {
    select("t", &["n"], Some(equal("t", "n"))).bind(number)
}

#[test]
fn rows_are_fetched() {
    let db = filled(0..3);
    assert_eq!(db.fetch_all(all()).expect("it runs"), [(0,), (1,), (2,)]);
    assert_eq!(db.fetch_one(by_number(2)).expect("it runs"), (2,));
    assert_eq!(db.fetch_optional(by_number(2)).expect("it runs"), Some((2,)));
    assert_eq!(db.fetch_optional(by_number(3)).expect("it runs"), None);
    assert_eq!(db.fetch_first(all()).expect("it runs"), Some((0,)));
    assert_eq!(db.fetch_first(by_number(3)).expect("it runs"), None);
}

#[test]
fn too_few_and_too_many_rows_name_the_table() {
    let db = filled(0..3);
    let error = db.fetch_one(by_number(3)).expect_err("there is none");
    assert_eq!(report(&error), "no row of `t` matches");
    for error in [db.fetch_one(all()).map(drop), db.fetch_optional(all()).map(drop)] {
        assert_eq!(report(&error.expect_err("there are three")), "more than one row of `t` matches");
    }
}

#[test]
fn changed_rows_are_counted() {
    let db = filled(0..3);
    assert_eq!(db.execute(update("t", "s", None).bind("x")).expect("it runs"), 3);
    assert_eq!(db.execute(update("t", "s", Some(equal("t", "n"))).bind("y").bind(7_i64)).expect("it runs"), 0);
    assert_eq!(db.execute(delete("t", Some(equal("t", "n"))).bind(1_i64)).expect("it runs"), 1);
    assert_eq!(db.execute(all()).expect("it runs"), 0, "a select changes nothing");
    assert_eq!(db.execute(insert::<(i64,)>("t", &["n"], 2, &["n"]).bind(8_i64).bind(9_i64)).expect("it runs"), 2);
}

#[test]
fn a_batch_is_one_transaction() {
    let db = database();
    assert_eq!(store(&db, 0..150).expect("it runs"), 150);
    let error = store(&db, 1_000..1_100).and_then(|_| store(&db, 149 - 100..150)).expect_err("the last ones exist");
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    assert_eq!(db.fetch_one(count("t", None)).expect("it runs"), (250,));
    let mut duplicate: Vec<i64> = (2_000..2_100).collect();
    duplicate[99] = 0;
    let batch = Numbers { table: "t", numbers: duplicate, returning: false };
    WriteExecutor::execute_many(&db, batch).expect_err("the last one exists");
    assert_eq!(db.fetch_one(count("t", None)).expect("it runs"), (250,), "all chunks are undone");
}

#[test]
fn a_batch_in_a_transaction_is_a_savepoint() {
    let db = database();
    db.transaction(|tx| {
        let mut numbers: Vec<i64> = (0..100).collect();
        tx.execute(insert::<()>("t", &["n"], 1, &[]).bind(99_i64))?;
        let batch = Numbers { table: "t", numbers: numbers.clone(), returning: true };
        assert!(tx.fetch_many(batch).is_err());
        assert_eq!(tx.fetch_one(count("t", None))?, (1,));
        numbers.pop();
        let rows = tx.fetch_many(Numbers { table: "t", numbers: numbers.clone(), returning: true })?;
        assert_eq!(rows, numbers.into_iter().map(|number| (number,)).collect::<Vec<_>>());
        Ok::<_, Error>(())
    })
    .expect("the transaction goes on after the savepoint");
    assert_eq!(db.fetch_one(count("t", None)).expect("it runs"), (100,));
}

#[test]
fn a_batch_of_nothing_does_nothing() {
    let db = database();
    assert_eq!(store(&db, 0..0).expect("it runs"), 0);
}

#[test]
fn rows_are_streamed() {
    let db = filled(0..3);
    let rows: Result<Vec<_>, _> = db.fetch_stream(all()).collect();
    assert_eq!(rows.expect("they are read"), [(0,), (1,), (2,)]);
    let mut rows = db.fetch_stream(by_number(1));
    assert!(matches!(rows.next(), Some(Ok((1,)))));
    assert!(rows.next().is_none() && rows.next().is_none());
}

#[test]
fn a_dropped_stream_ends_its_statement() {
    let db = filled(0..1_000);
    let mut rows = db.fetch_stream(all());
    assert!(rows.next().is_some());
    assert_eq!(db.fetch_all(all()).expect("a second statement").len(), 1_000);
    drop(rows);
    assert!(!db.with_raw(rusqlite::Connection::is_busy).expect("no transaction is open"));
    assert_eq!(db.fetch_all(all()).expect("it runs").len(), 1_000);
}

#[test]
fn a_stream_ends_after_an_error() {
    let db = database();
    let mut rows = db.fetch_stream(select::<(i64,)>("nothing", &["n"], None));
    let error = rows.next().expect("the error").expect_err("there is no such table");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert!(rows.next().is_none());
    db.execute(insert::<()>("t", &["n"], 2, &[]).bind(None::<i64>).bind(1_i64)).expect("stored");
    let mut rows = db.fetch_stream(all());
    assert_eq!(rows.next().expect("the error").expect_err("it is NULL").kind(), ErrorKind::Decode);
    assert!(rows.next().is_none());
}

#[test]
fn statements_are_prepared_once() {
    let db = filled(0..3);
    let before = db.statement_cache_len();
    for number in 0..3 {
        db.fetch_one(by_number(number)).expect("it runs");
    }
    assert_eq!(db.statement_cache_len(), before + 1);
    assert_eq!(db.reprepares(), 0);
}

/// Values are bound where the planner would look at them: it must not, because it would prepare the statement again.
#[test]
fn nothing_is_prepared_twice() {
    let db = filled(0..500);
    db.execute(update("t", "s", None).bind("some text")).expect("it runs");
    db.execute_batch("create index by_s on t (s)").expect("it is new");
    let run = |number: i64| {
        let text = format!("text {number}");
        let comparison = ast::Expr::Binary(
            Box::new(column("t", "n")),
            ast::BinaryOp::Gt,
            Box::new(ast::Expr::Param(SqlType::BigInt)),
        );
        db.fetch_all(select::<(i64,)>("t", &["n"], Some(comparison)).bind(number)).expect("it runs");
        db.fetch_all(by_number(number)).expect("it runs");
        db.fetch_all(count("t", Some(equal("t", "s"))).bind(text.as_str())).expect("it runs");
        for how in [Matching::Like, Matching::ILike, Matching::Contains, Matching::StartsWith, Matching::EndsWith] {
            let query = count("t", Some(matches(column("t", "s"), how)));
            db.fetch_all(query.bind(Pattern(how, text.clone()))).expect("it runs");
        }
        let list = in_list(column("t", "n"), SqlType::BigInt);
        db.fetch_all(count("t", Some(list)).bind(Items(vec![number; 3]))).expect("it runs");
        let page = ast::Select {
            columns: vec![column("t", "n")],
            from: Some(ast::Source::Table { name: "t", alias: None }),
            limit: Some(ast::Expr::Param(SqlType::BigInt)),
            offset: Some(ast::Expr::Param(SqlType::BigInt)),
            ..ast::Select::default()
        };
        db.fetch_all(Ask::<(i64,)>::new(ast::Statement::Select(page)).bind(number).bind(number)).expect("it runs");
        db.execute(update("t", "s", Some(equal("t", "n"))).bind(text.as_str()).bind(number)).expect("it runs");
        db.execute(delete("t", Some(equal("t", "n"))).bind(-number)).expect("it runs");
    };
    (1..50).for_each(run);
    assert_eq!(db.reprepares(), 0);
    db.execute_batch("analyze").expect("it runs");
    run(1);
    let after_analyze = db.reprepares();
    (1..50).for_each(run);
    assert_eq!(db.reprepares(), after_analyze);
}

#[test]
fn statements_survive_a_change_of_the_schema() {
    let db = filled(0..3);
    assert_eq!(db.fetch_all(all()).expect("it runs").len(), 3);
    db.execute_batch("alter table t add column extra integer").expect("it is new");
    assert_eq!(db.fetch_all(all()).expect("it runs").len(), 3);
    db.execute_batch("alter table t rename column n to m").expect("it is there");
    let error = db.fetch_all(all()).expect_err("the column is gone");
    assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    assert!(report(&error).contains("no such column: t.n"), "{}", report(&error));
    db.execute_batch("alter table t rename column m to n").expect("it is there");
    assert_eq!(db.fetch_all(all()).expect("it runs").len(), 3);
}

#[test]
fn violations_name_what_they_violate() {
    let db = filled(0..3);
    let error = db.execute(insert::<()>("t", &["n"], 1, &[]).bind(1_i64)).expect_err("it exists");
    assert_eq!(error.kind(), ErrorKind::UniqueViolation);
    let violation = error.violation().expect("it is a violation");
    assert_eq!((violation.table.as_deref(), violation.columns.as_slice()), (Some("t"), ["n".to_owned()].as_slice()));
    assert_eq!(error.sql(), Some(r#"insert into "t" ("n") values (?1)"#));
    assert_eq!(
        report(&error),
        "insert into `t`: a row with the same unique key exists (t.n): UNIQUE constraint failed: t.n"
    );
    let Error::Database(database) = error else { panic!("it is the database's error") };
    assert_eq!(database.code.as_deref(), Some("2067"));
}

#[test]
fn errors_do_not_show_values() {
    let db = database();
    db.execute_batch(
        "create table checked (n integer check (n < 10), s text check (json_extract('{}', s) is null)) strict",
    )
    .expect("it is new");
    let errors = [
        db.execute(insert::<()>("checked", &["n"], 1, &[]).bind(424_242_i64)),
        db.execute(insert::<()>("checked", &["n"], 1, &[]).bind("424242x")),
        db.execute(insert::<()>("checked", &["s"], 1, &[]).bind("424242")),
    ];
    for error in errors {
        let error = error.expect_err("it is refused");
        assert!(!report(&error).contains("424242") && !format!("{error:?}").contains("424242"), "{error:?}");
    }
}

#[test]
fn plans_are_trees() {
    let db = filled(0..3);
    assert_eq!(
        db.fetch_plan(by_number(1)).expect("it runs"),
        "SEARCH t USING COVERING INDEX sqlite_autoindex_t_1 (n=?)"
    );
    let list = in_list(column("t", "n"), SqlType::BigInt);
    let plan = db.fetch_plan(count("t", Some(list))).expect("it runs");
    assert_eq!(
        plan.lines().collect::<Vec<_>>(),
        [
            "SEARCH t USING COVERING INDEX sqlite_autoindex_t_1 (n=?)",
            "LIST SUBQUERY 1",
            "  SCAN json_each VIRTUAL TABLE INDEX 1:",
        ]
    );
}

#[test]
fn a_prefix_uses_the_index() {
    let db = database();
    db.execute_batch("create index by_s on t (s)").expect("it is new");
    let plan = db.fetch_plan(count("t", Some(matches(column("t", "s"), Matching::StartsWith)))).expect("it runs");
    assert_eq!(plan, "SEARCH t USING COVERING INDEX by_s (s>? AND s<?)");
}

/// A value whose reading runs the same query again.
#[derive(Debug)]
struct Nested;

thread_local!(static DB: Connection = filled(0..2));

impl Decode for Nested {
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
        let number = row.i64(index)?;
        let again = DB.with(|db| db.fetch_all(select::<(i64,)>("t", &["n"], None)));
        assert_eq!(again.expect("it runs"), [(0,), (1,)]);
        assert_eq!(row.i64(index)?, number);
        Ok(Self)
    }
}

#[test]
fn queries_run_while_rows_are_read() {
    DB.with(|db| {
        assert_eq!(db.fetch_all(select::<(Nested,)>("t", &["n"], None)).expect("it runs").len(), 2);
        for row in db.fetch_stream(all()) {
            let (number,) = row.expect("it is read");
            assert_eq!(db.fetch_one(by_number(number)).expect("it runs"), (number,));
        }
    });
}

#[test]
fn the_greatest_number_of_values() {
    let db = database();
    let bound = |rows: usize| (0..rows).fold(insert::<()>("t", &["n"], rows, &[]), |query, _| query.bind(None::<i64>));
    assert_eq!(db.execute(bound(32_766)).expect("it runs"), 32_766);
    let error = db.execute(bound(32_767)).expect_err("it is one too many");
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert!(report(&error).contains("variable number must be between ?1 and ?32766"), "{}", report(&error));
    assert_eq!(db.fetch_one(params::<(i64,)>(&[SqlType::BigInt]).bind(1_i64)).expect("it runs"), (1,));
}

/// Nothing overflows the stack, here or in SQLite.
#[test]
fn conditions_that_are_too_deep_are_refused() {
    // The query of these tests clones its tree, which real ones make anew; a clone of 2,000 levels without optimization
    // takes more than the stack of a test.
    let thread = std::thread::Builder::new().stack_size(16 << 20).spawn(refuse_conditions_that_are_too_deep);
    thread.expect("a thread can be started").join().expect("the checks hold");
}

fn refuse_conditions_that_are_too_deep() {
    let db = database();
    let deep = |depth: usize| (0..depth).fold(column("t", "n"), |inner, _| ast::Expr::IsNull(Box::new(inner)));
    assert_eq!(db.fetch_one(count("t", Some(deep(400)))).expect("it runs"), (0,));
    let error = db.fetch_one(count("t", Some(deep(2_000)))).expect_err("it is too deep");
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{}", report(&error));
}

#[test]
fn a_cache_of_no_statements_works() {
    let db = Connection::options().statement_cache(0).open_in_memory().expect("memory is there");
    db.execute_batch(crate::testing::TABLE).expect("it is new");
    store(&db, 0..100).expect("it runs");
    assert_eq!(db.fetch_all(all()).expect("it runs").len(), 100);
    assert_eq!(db.statement_cache_len(), 0);
}
