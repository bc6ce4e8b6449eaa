//! The texts of statements: the same for all values, read by the databases as they are meant, and read once.

use std::fmt::Debug;

use orm::{Error, dialect::Dialect, postgres::Postgres, prelude::*, sqlite::Sqlite};
use orm_core::{
    ast::{self, BinaryOp, Function, Source, Statement},
    types::SqlType,
    writer,
};
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy},
    prop_oneof,
    strategy::ValueTree,
    test_runner::TestRunner,
};

use crate::{process::count, shapes, stored, support::*};

/// The statements that a connection of PostgreSQL has prepared, as it sees them itself.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "prepared")]
struct Prepared {
    #[column(primary_key)]
    name: String,
    statement: String,
}

/// Rows whose values are small, so that computing with them does not overflow.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "samples", new(derive(Debug)))]
struct Sample {
    #[column(primary_key)]
    id: i64,
    a: Option<i64>,
    b: i64,
    text: Option<String>,
}

schema! { fn samples() = [Sample] }

each_dialect! {
    /// Values of a mebibyte, with everything in them that means something somewhere.
    fn t02_long_values_in_every_position(db) {
        let piece = "'; drop table groups; -- \" \\ % _ * ? [a] $1 :x @x \u{2019} {\"a\": [1]} 🦀 ";
        let long = piece.repeat((1 << 20) / piece.len() + 1);
        let long = long.as_str();
        let insert = Employee::insert().set(Employee::id, 1).set(Employee::name, long).set(Employee::salary, 1);
        insert.execute(db)?;
        let rows = Employee::select;
        assert_eq!(rows().columns(Employee::name).one(db)?, long);
        let found = [
            rows().filter(Employee::name.eq(long)).count(db)?,
            rows().filter(Employee::name.in_list(["x", long])).count(db)?,
            rows().filter(Employee::name.contains(long)).count(db)?,
            rows().filter(Employee::name.starts_with(long)).count(db)?,
            rows().filter(Employee::name.between("", long)).count(db)?,
            rows().filter(Employee::name.concat(long).eq(format!("{long}{long}"))).count(db)?,
            rows().filter(coalesce(Employee::name, long).is_not_distinct_from(long)).count(db)?,
        ];
        assert_eq!(found, [1; 7]);
        assert_eq!(rows().columns(coalesce(Employee::name, "x").concat(long)).one(db)?.len(), 2 * long.len());
        assert_eq!(rows().order_by(Employee::name.concat(long).desc()).columns(Employee::id).all(db)?, [1]);
        assert_eq!(Employee::update().set(Employee::name, long).filter(Employee::name.eq(long)).execute(db)?, 1);
        assert_eq!(Employee::delete().filter(Employee::name.eq(long)).execute(db)?, 1);
    }

    /// Numbers of rows are values, too.
    fn t02_limits_are_values(db) {
        Group::insert_many(&["a", "b", "c"].map(NewGroup::new)).execute(db)?;
        let page = |limit: u64, offset: u64| Group::select().columns(Group::id).order_by(Group::id).limit(limit).offset(offset);
        assert_sql!(
            page(u64::MAX, 7),
            both: r#"select "groups"."id" from "groups" order by "groups"."id" limit $1 offset $2"#,
        );
        for (limit, offset, expected) in [
            (0, 0, &[][..]),
            (2, 1, &[2, 3]),
            (u64::MAX, 0, &[1, 2, 3]),
            (i64::MAX as u64, 1, &[2, 3]),
            (1 << 63, 2, &[3]),
            (3, u64::MAX, &[]),
        ] {
            assert_eq!(page(limit, offset).all(db)?, expected, "limit {limit} offset {offset}");
        }
    }
}

on_postgres! {
    /// Every builder shape is prepared without an error (T07), and not a second time (T53): each `Parse` would be another
    /// prepared statement. SQLite's count of them is in `cache.rs`.
    fn t07_t53_statements_are_parsed_once(db) {
        db.execute_batch("create view prepared as select name, statement from pg_prepared_statements")?;
        shapes::postgres::fill(db)?;
        let rounds = i32::try_from(count(20, 100)).expect("few");
        let run_everything = || -> Result<Vec<String>, Error> {
            for round in 1..=rounds {
                shapes::postgres::read_everything(db, round)?;
                shapes::postgres::write_everything(db, round)?;
            }
            Prepared::select().columns(Prepared::name).order_by(Prepared::name).all(db)
        };
        let first = run_everything()?;
        assert!(first.len() > 50, "{first:?}");
        assert_eq!(run_everything()?, first);
    }
}

fn column(name: &'static str, ty: SqlType) -> ast::Expr {
    ast::Expr::Column { source: "samples", table: "samples", name, ty, collation: None }
}

fn binary(left: ast::Expr, op: BinaryOp, right: ast::Expr) -> ast::Expr {
    ast::Expr::Binary(Box::new(left), op, Box::new(right))
}

fn texts() -> impl Strategy<Value = ast::Expr> {
    let leaf = Just(column("text", SqlType::Text));
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| binary(left, BinaryOp::Concat, right)),
            inner.clone().prop_map(|inner| ast::Expr::Function(Function::UpperCase, vec![inner])),
            (inner.clone(), inner).prop_map(|(left, right)| ast::Expr::Function(Function::Coalesce, vec![left, right])),
        ]
    })
}

fn numbers() -> impl Strategy<Value = ast::Expr> {
    use BinaryOp::{Add, Div, Mul, Rem, Sub};
    let leaf = prop_oneof![
        Just(column("a", SqlType::BigInt)),
        Just(column("b", SqlType::BigInt)),
        (0..4_i64).prop_map(ast::Expr::Integer),
    ];
    leaf.prop_recursive(4, 16, 2, |inner| {
        let operator = prop_oneof![Just(Add), Just(Sub), Just(Mul), Just(Div), Just(Rem)];
        prop_oneof![
            8 => (inner.clone(), operator, inner.clone()).prop_map(|(left, op, right)| binary(left, op, right)),
            2 => inner.clone().prop_map(|inner| ast::Expr::Negate(Box::new(inner))),
            1 => inner.prop_map(|inner| ast::Expr::Function(Function::Abs, vec![inner])),
        ]
    })
}

fn conditions() -> impl Strategy<Value = ast::Expr> {
    use BinaryOp::{Eq, Ge, Gt, IsDistinctFrom, IsNotDistinctFrom, Le, Lt, Ne};
    let operator = || {
        prop_oneof![
            Just(Eq),
            Just(Ne),
            Just(Lt),
            Just(Le),
            Just(Gt),
            Just(Ge),
            Just(IsDistinctFrom),
            Just(IsNotDistinctFrom)
        ]
    };
    let leaf = prop_oneof![
        (numbers(), operator(), numbers()).prop_map(|(left, op, right)| binary(left, op, right)),
        (texts(), operator(), texts()).prop_map(|(left, op, right)| binary(left, op, right)),
        (numbers(), numbers(), numbers()).prop_map(|(expr, low, high)| ast::Expr::Between {
            expr: Box::new(expr),
            low: Box::new(low),
            high: Box::new(high),
        }),
        numbers().prop_map(|inner| ast::Expr::IsNull(Box::new(inner))),
        texts().prop_map(|inner| ast::Expr::IsNotNull(Box::new(inner))),
    ];
    leaf.prop_recursive(4, 16, 3, move |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(ast::Expr::And),
            vec(inner.clone(), 1..4).prop_map(ast::Expr::Or),
            inner.clone().prop_map(|inner| ast::Expr::Not(Box::new(inner))),
            inner.clone().prop_map(|inner| ast::Expr::IsNull(Box::new(inner))),
            (inner.clone(), operator(), inner).prop_map(|(left, op, right)| binary(left, op, right)),
        ]
    })
}

/// The text of an expression with parentheses around each of its parts.
fn in_parentheses(expr: &ast::Expr) -> String {
    let of = in_parentheses;
    let joined = |items: &[ast::Expr], by: &str| items.iter().map(of).collect::<Vec<_>>().join(by);
    let text = match expr {
        ast::Expr::Binary(left, op, right) => {
            let (left, right) = (of(left), of(right));
            match op {
                BinaryOp::Eq => format!("{left} = {right}"),
                BinaryOp::Ne => format!("{left} <> {right}"),
                BinaryOp::Lt => format!("{left} < {right}"),
                BinaryOp::Le => format!("{left} <= {right}"),
                BinaryOp::Gt => format!("{left} > {right}"),
                BinaryOp::Ge => format!("{left} >= {right}"),
                BinaryOp::IsDistinctFrom => format!("{left} is distinct from {right}"),
                BinaryOp::IsNotDistinctFrom => format!("{left} is not distinct from {right}"),
                BinaryOp::Add => format!("{left} + {right}"),
                BinaryOp::Sub => format!("{left} - {right}"),
                BinaryOp::Mul => format!("{left} * {right}"),
                BinaryOp::Div => format!("{left} / (nullif({right}, 0))"),
                BinaryOp::Rem => format!("{left} % (nullif({right}, 0))"),
                BinaryOp::Concat => format!("{left} || {right}"),
                BinaryOp::EqAny
                | BinaryOp::ContainsValue
                | BinaryOp::Adjacent
                | BinaryOp::Contains
                | BinaryOp::ContainedIn
                | BinaryOp::Overlaps => unreachable!("only PostgreSQL has these"),
            }
        }
        ast::Expr::And(items) => joined(items, " and "),
        ast::Expr::Or(items) => joined(items, " or "),
        ast::Expr::Not(inner) => format!("not {}", of(inner)),
        ast::Expr::Negate(inner) => format!("- {}", of(inner)),
        ast::Expr::IsNull(inner) => format!("{} is null", of(inner)),
        ast::Expr::IsNotNull(inner) => format!("{} is not null", of(inner)),
        ast::Expr::Between { expr, low, high } => format!("{} between {} and {}", of(expr), of(low), of(high)),
        ast::Expr::Function(Function::UpperCase, items) => format!("upper({})", joined(items, ", ")),
        ast::Expr::Function(Function::Coalesce, items) => format!("coalesce({})", joined(items, ", ")),
        ast::Expr::Function(Function::Abs, items) => format!("abs({})", joined(items, ", ")),
        ast::Expr::Column { name, .. } => format!("\"{name}\""),
        ast::Expr::Integer(number) => number.to_string(),
        other => unreachable!("{other:?} is not made here"),
    };
    format!("({text})")
}

/// The statements that give the values of expressions: as the writer writes them, and with all parentheses.
fn both_ways(exprs: &[ast::Expr], dialect: &dyn Dialect) -> Vec<[String; 2]> {
    let select = |expr: &ast::Expr| {
        let order =
            ast::Order { expr: column("id", SqlType::BigInt), direction: ast::Direction::Ascending, nulls: None };
        let select = ast::Select {
            columns: vec![expr.clone()],
            from: Some(Source::Table { name: "samples", alias: None }),
            order_by: vec![order],
            ..ast::Select::default()
        };
        writer::write(&Statement::Select(select), dialect)
    };
    let plain = |expr: &ast::Expr| format!("select {} from samples order by id", in_parentheses(expr));
    exprs.iter().map(|expr| [select(expr), plain(expr)]).collect()
}

/// Where the writer leaves parentheses out, the database puts them back where they were: `run` gives the rows of several
/// statements, one after the other.
fn check_precedence<R: PartialEq + Debug>(
    dialect: &dyn Dialect,
    run: impl Fn(&mut dyn Iterator<Item = &String>) -> Vec<R>,
) {
    let mut runner = TestRunner::new(ProptestConfig::default());
    let exprs = vec(prop_oneof![1 => numbers(), 1 => texts(), 3 => conditions()], 50);
    for _ in 0..count(20, 500) {
        let exprs = exprs.new_tree(&mut runner).expect("there are such expressions").current();
        let texts = both_ways(&exprs, dialect);
        let [written, meant] = [0, 1].map(|way| run(&mut texts.iter().map(|both| &both[way])));
        assert_eq!(written.len(), exprs.len() * ROWS as usize);
        for (at, (written, meant)) in written.iter().zip(&meant).enumerate() {
            let [text, other] = &texts[at / ROWS as usize];
            assert_eq!(written, meant, "of {text}\nand {other}");
        }
    }
}

const ROWS: i64 = 27;

fn fill(db: &impl TestDatabase) -> Result<(), Error> {
    db.create(&samples())?;
    let rows: Vec<NewSample> = (0..ROWS)
        .map(|id| NewSample {
            a: [None, Some(-2), Some(3)][id as usize % 3],
            text: [None, Some("a".to_owned()), Some("B".to_owned())][id as usize / 9].clone(),
            ..NewSample::new(id, [-1, 0, 2][id as usize / 3 % 3])
        })
        .collect();
    for row in rows {
        Sample::insert().values(row).execute(db)?;
    }
    Ok(())
}

on_sqlite! {
    fn t07_sqlite_reads_what_was_meant(db) {
        fill(db)?;
        check_precedence(&Sqlite, |texts| texts.flat_map(|sql| stored::stored_rows(db, sql)).collect());
    }
}

on_postgres! {
    fn t07_postgres_reads_what_was_meant(db) {
        fill(db)?;
        check_precedence(&Postgres, |texts| {
            let sql = texts.cloned().collect::<Vec<_>>().join(";");
            db.raw(&sql).unwrap_or_else(|error| panic!("{error:?}: {sql}"))
        });
    }
}
