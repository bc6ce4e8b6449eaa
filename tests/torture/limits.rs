//! As much as the databases take, and one more.

use orm::{
    Error, ErrorKind,
    executor::{Executor, Query, QueryKey, Shape, WriteExecutor},
    prelude::*,
    schema::{ColumnInfo, Schema, TableDef},
    types::{Binder, Decode, DecodeError, Encode, RowRead, SqlType},
};
use orm_core::ast::{self, Insert, Join, JoinKind, Select, Source, Statement};

use crate::{process::count, support::*};

/// A table of bytes, and one of texts.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "blobs")]
struct Blob {
    #[column(primary_key)]
    id: i64,
    bytes: Option<Vec<u8>>,
    text: Option<String>,
}

schema! { fn blobs() = [Blob] }

/// A statement that no derive makes, whose values are all `true`. Its rows are as many as it gives.
struct Made {
    statement: Statement,
    values: usize,
}

impl Query for Made {
    type Row = bool;

    const WRITES: bool = true;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        format!("{:?}", self.statement).bytes().for_each(|byte| shape.add(u64::from(byte)));
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<Statement, Error> {
        Ok(self.statement.clone())
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        (0..self.values).for_each(|_| true.encode(out));
    }

    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<bool, DecodeError> {
        bool::decode(row, 0)
    }
}

/// A table with this many columns of booleans.
fn wide(name: &'static str, columns: usize) -> Schema {
    let column = |number: usize| ColumnInfo::new(name_of(number), "made", SqlType::Bool, true);
    let columns: Vec<ColumnInfo> = (0..columns).map(column).collect();
    let table = TableDef::new(name, "Made", columns.leak());
    Schema::new(vec![&*Box::leak(Box::new(table))].leak())
}

fn name_of(number: usize) -> &'static str {
    format!("c{number}").leak()
}

fn column(table: &'static str, source: &'static str, number: usize) -> ast::Expr {
    ast::Expr::Column { source, table, name: name_of(number), ty: SqlType::Bool, collation: None }
}

fn insert(table: &'static str, columns: usize) -> Made {
    let insert = Insert {
        table,
        columns: (0..columns).map(name_of).collect(),
        rows: ast::Rows::Values(vec![vec![ast::Expr::Param(SqlType::Bool); columns]]),
        on_conflict: None,
        returning: Vec::new(),
    };
    Made { statement: Statement::Insert(insert), values: columns }
}

/// The columns of a table, over and over.
fn select(table: &'static str, columns: usize, targets: usize) -> Made {
    let select = Select {
        columns: (0..targets).map(|number| column(table, table, number % columns)).collect(),
        from: Some(Source::Table { name: table, alias: None }),
        ..Select::default()
    };
    Made { statement: Statement::Select(select), values: 0 }
}

/// A table joined with itself until there are this many sources.
fn join(table: &'static str, sources: usize) -> Made {
    let alias = |number: usize| -> &'static str { format!("t{number}").leak() };
    let source = |number| Source::Table { name: table, alias: Some(alias(number)) };
    let equal = |number: usize| {
        let (left, right) = (column(table, alias(number - 1), 0), column(table, alias(number), 0));
        ast::Expr::Binary(Box::new(left), ast::BinaryOp::Eq, Box::new(right))
    };
    let select = Select {
        columns: vec![column(table, alias(sources - 1), 0)],
        from: Some(source(0)),
        joins: (1..sources)
            .map(|number| Join { kind: JoinKind::Inner, source: source(number), on: Some(equal(number)) })
            .collect(),
        ..Select::default()
    };
    Made { statement: Statement::Select(select), values: 0 }
}

each_dialect! {
    /// A list is one value, however long it is.
    fn t21_a_list_of_a_million_items(db) {
        Group::insert_many(&[NewGroup::new("a"), NewGroup::new("b")]).execute(db)?;
        let ids: Vec<i64> = (2..1_000_002).collect();
        assert_eq!(Group::select().filter(Group::id.in_list(&ids)).count(db)?, 1);
        assert_eq!(Group::delete().filter(Group::id.in_list(&ids)).execute(db)?, 1);
        assert_eq!(Group::select().columns(Group::id).all(db)?, [1]);
    }

    /// The full number of rows is a million.
    fn t21_a_million_rows(db) {
        let rows = count(30_000, 1_000_000);
        let groups: Vec<NewGroup> = (0..rows).map(|number| NewGroup::new(number.to_string())).collect();
        assert_eq!(Group::insert_many(&groups).execute(db)?, rows as u64);
        assert_eq!(Group::select().count(db)?, rows as i64);
    }

    /// A message or a value of 1 GiB is refused before it is sent, and the connection works as before: in a transaction,
    /// too. Nobody looks at the zeros, so the system does not even make room for them.
    fn t22_a_value_of_a_gibibyte(db) {
        db.create_all(&blobs())?;
        let bytes = vec![0; 1 << 30];
        let insert = |id: i64| Blob::insert().set(Blob::id, id);
        let refused = |error: Error| {
            assert!(matches!(&error, Error::Encode { operation, .. } if operation == "insert into `blobs`"), "{error:?}");
            assert_eq!(error.kind(), ErrorKind::TooLarge);
            assert!(error.sql().is_none_or(|sql| sql.len() < 200));
        };
        refused(insert(1).set(Blob::bytes, &bytes).execute(db).expect_err("it is too large"));
        refused(insert(1).set(Blob::bytes, &bytes).returning().one(db).map(drop).expect_err("it is too large"));
        insert(1).set(Blob::bytes, vec![7]).execute(db)?;
        let text = String::from_utf8(bytes).expect("it is ASCII");
        refused(insert(2).set(Blob::text, &text).execute(db).expect_err("it is too large"));
        assert_eq!(Blob::select().count(db)?, 1, "the connection goes on");
    }

    fn t30_as_many_columns_as_a_table_has(db) {
        let most = either!(db, postgres: 1_600, sqlite: 2_000);
        db.create_all(&wide("widest", most))?;
        assert_eq!(db.execute(insert("widest", most))?, 1);
        assert_eq!(db.fetch_all(select("widest", most, most))?, [true]);
        let error = db.create_all(&wide("wider", most + 1)).expect_err("it is one too many");
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error:?}");
        assert_eq!(db.fetch_all(select("widest", most, 1))?, [true], "the connection goes on");
    }

    fn t30_as_many_columns_as_a_query_gives(db) {
        let most = either!(db, postgres: 1_664, sqlite: 2_000);
        db.create_all(&wide("narrow", 10))?;
        db.execute(insert("narrow", 10))?;
        assert_eq!(db.fetch_all(select("narrow", 10, most))?, [true]);
        let error = db.fetch_all(select("narrow", 10, most + 1)).expect_err("it is one too many");
        assert_eq!(error.kind(), ErrorKind::TooLarge, "{error:?}");
        assert_eq!(db.fetch_all(select("narrow", 10, 1))?, [true], "the connection goes on");
    }

    /// SQLite joins 64 tables. PostgreSQL has no limit, but compiles a query of that cost for seconds before it runs it.
    fn t30_as_many_tables_as_a_query_joins(db) {
        db.create_all(&wide("joined", 1))?;
        db.execute(insert("joined", 1))?;
        let most = either!(db, postgres: count(12, 64), sqlite: 64);
        assert_eq!(db.fetch_all(join("joined", most))?, [true]);
        let more = db.fetch_all(join("joined", most + 1)).map_err(|error| error.kind());
        assert_eq!(more, either!(db, postgres: Ok(vec![true]), sqlite: Err(ErrorKind::TooLarge)));
        assert_eq!(db.fetch_all(join("joined", 2))?, [true], "the connection goes on");
    }
}

on_postgres! {
    /// Several values make one message, and so do the items of a list.
    fn t22_values_of_a_gibibyte_together(db) {
        db.create_all(&blobs())?;
        let half = vec![0; 600 << 20];
        let list = Blob::select().filter(Blob::bytes.in_list([&half, &half])).count(db);
        assert_eq!(list.expect_err("it is too large").kind(), ErrorKind::TooLarge);
        assert_eq!(Blob::select().count(db)?, 0, "the connection goes on");
    }

    fn t22_a_text_of_a_gibibyte(db) {
        let text = String::from_utf8(vec![0; 1 << 30]).expect("it is ASCII");
        let error = db.execute_batch(text.leak()).expect_err("it is too large");
        assert_eq!((error.kind(), error.sql()), (ErrorKind::TooLarge, Some("")));
        assert_eq!(Group::select().count(db)?, 0, "the connection goes on");
    }

    fn t22_in_a_transaction(db) {
        db.create_all(&blobs())?;
        let bytes = vec![0; 1 << 30];
        db.block_on(db.pool().transaction(async |tx| {
            Blob::insert().set(Blob::id, 1).execute(tx).await?;
            let refused = Blob::insert().set(Blob::id, 2).set(Blob::bytes, &bytes).execute(tx).await;
            assert_eq!(refused.expect_err("it is too large").kind(), ErrorKind::TooLarge);
            Blob::insert().set(Blob::id, 3).execute(tx).await?;
            Ok::<_, Error>(())
        }))?;
        assert_eq!(Blob::select().columns(Blob::id).order_by(Blob::id).all(db)?, [1, 3]);
    }
}

on_sqlite! {
    /// In full only: the text is looked at, so it takes a gigabyte.
    fn t22_a_text_of_a_gigabyte(db) {
        let text = " ".repeat(count(1_000, 1_000_000_001)) + "drop table groups";
        let result = db.execute_batch(text.leak()).map_err(|error| error.kind());
        assert_eq!(result, if crate::process::is_full() { Err(ErrorKind::TooLarge) } else { Ok(()) });
        assert_eq!(Employee::select().count(db)?, 0, "the connection goes on");
    }
}
