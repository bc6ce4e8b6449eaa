//! Queries written by hand, for the tests of this crate.

use std::marker::PhantomData;

use orm_core::{
    ast::{self, Assignment, BinaryOp, Delete, Expr, Insert, Rows, Select, Source, Statement, Update},
    dialect::Dialect,
    error::Error,
    executor::{Batch, Query, QueryKey, Shape},
    types::{Binder, Decode, DecodeError, Encode, Matching, RowRead, SqlType},
};

use crate::Connection;

/// A statement with values, whose rows are read as `R`.
pub(crate) struct Ask<'v, R> {
    statement: Statement,
    values: Vec<Box<dyn Encode + Send + 'v>>,
    rows: PhantomData<fn() -> R>,
}

/// What the tests read rows as: tuples of columns.
pub(crate) trait Columns: Sized + Send + 'static {
    fn read<R: RowRead + ?Sized>(row: &R) -> Result<Self, DecodeError>;
}

macro_rules! columns {
    ($($($name:ident $index:literal),*;)*) => {$(
        impl<$($name: Decode + Send + 'static),*> Columns for ($($name,)*) {
            fn read<R: RowRead + ?Sized>(_row: &R) -> Result<Self, DecodeError> {
                Ok(($($name::decode(_row, $index)?,)*))
            }
        }
    )*};
}
columns! {
    ;
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
}

impl<'v, R: Columns> Ask<'v, R> {
    pub(crate) fn new(statement: Statement) -> Self {
        Self { statement, values: Vec::new(), rows: PhantomData }
    }

    pub(crate) fn bind(mut self, value: impl Encode + 'v) -> Self {
        self.values.push(Box::new(value));
        self
    }
}

impl<R: Columns> Query for Ask<'_, R> {
    type Row = R;

    const WRITES: bool = false;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        for byte in format!("{:?}", self.statement).bytes() {
            shape.add(u64::from(byte));
        }
        QueryKey::of::<Ask<'static, R>>(&shape)
    }

    fn statement(&self) -> Result<Statement, Error> {
        Ok(self.statement.clone())
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        for value in &self.values {
            value.encode(out);
        }
    }

    fn decode<Row: RowRead + ?Sized>(&self, row: &Row) -> Result<R, DecodeError> {
        R::read(row)
    }
}

/// `select ?1, ?2, …`
pub(crate) fn params<R: Columns>(types: &[SqlType]) -> Ask<'static, R> {
    let columns = types.iter().map(|&ty| Expr::Param(ty)).collect();
    Ask::new(Statement::Select(Select { columns, ..Select::default() }))
}

/// `select columns from table where filter`
pub(crate) fn select<'v, R: Columns>(
    table: &'static str,
    columns: &[&'static str],
    filter: Option<Expr>,
) -> Ask<'v, R> {
    Ask::new(Statement::Select(Select {
        columns: columns.iter().map(|name| column(table, name)).collect(),
        from: Some(Source::Table { name: table, alias: None }),
        filter,
        ..Select::default()
    }))
}

/// `insert into table (columns) values (…), …`
pub(crate) fn insert<'v, R: Columns>(
    table: &'static str,
    columns: &[&'static str],
    rows: usize,
    returning: &[&'static str],
) -> Ask<'v, R> {
    Ask::new(Statement::Insert(Insert {
        table,
        columns: columns.to_vec(),
        rows: Rows::Values(vec![vec![Expr::Param(SqlType::BigInt); columns.len()]; rows]),
        on_conflict: None,
        returning: returning.iter().map(|name| column(table, name)).collect(),
    }))
}

/// `update table set column = ?1 where filter`
pub(crate) fn update<'v>(table: &'static str, column: &'static str, filter: Option<Expr>) -> Ask<'v, ()> {
    let set = vec![Assignment { column, value: Expr::Param(SqlType::BigInt) }];
    Ask::new(Statement::Update(Update { table, set, filter, returning: Vec::new() }))
}

/// `delete from table where filter`
pub(crate) fn delete<'v>(table: &'static str, filter: Option<Expr>) -> Ask<'v, ()> {
    Ask::new(Statement::Delete(Delete { table, filter, returning: Vec::new() }))
}

pub(crate) fn column(table: &'static str, name: &'static str) -> Expr {
    Expr::Column { source: table, table, name, ty: SqlType::BigInt, collation: None }
}

/// `column = ?`
pub(crate) fn equal(table: &'static str, name: &'static str) -> Expr {
    Expr::Binary(Box::new(column(table, name)), BinaryOp::Eq, Box::new(Expr::Param(SqlType::BigInt)))
}

pub(crate) fn matches(expr: Expr, matching: Matching) -> Expr {
    Expr::Match { expr: Box::new(expr), matching }
}

pub(crate) fn in_list(expr: Expr, item: SqlType) -> Expr {
    Expr::InList { expr: Box::new(expr), item }
}

pub(crate) fn count(table: &'static str, filter: Option<Expr>) -> Ask<'static, (i64,)> {
    Ask::new(Statement::Select(Select {
        columns: vec![Expr::Aggregate {
            function: ast::Aggregate::Count,
            distinct: false,
            argument: None,
            result: SqlType::BigInt,
        }],
        from: Some(Source::Table { name: table, alias: None }),
        filter,
        ..Select::default()
    }))
}

/// A pattern that is bound in the form its condition expects.
pub(crate) struct Pattern(pub(crate) Matching, pub(crate) String);

impl Encode for Pattern {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        out.pattern(self.0, &self.1);
    }
}

/// A list that is bound as one value.
pub(crate) struct Items<T>(pub(crate) Vec<T>);

impl<T: Encode> Encode for Items<T> {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        out.begin_list(self.0.len());
        for item in &self.0 {
            item.encode(out);
        }
        out.end_list();
    }
}

/// What only a binder can be given.
pub(crate) struct With<F>(pub(crate) F);

impl<F: Fn(&mut dyn Binder<'_>) + Send + Sync> Encode for With<F> {
    fn encode<'q>(&'q self, out: &mut dyn Binder<'q>) {
        (self.0)(out);
    }
}

/// Numbers that are inserted in chunks.
pub(crate) struct Numbers {
    pub(crate) table: &'static str,
    pub(crate) numbers: Vec<i64>,
    pub(crate) returning: bool,
}

impl Batch for Numbers {
    type Row = (i64,);
    type Part<'a> = Ask<'a, (i64,)>;

    fn part(&self, start: usize, dialect: &dyn Dialect) -> Option<(Self::Part<'_>, usize)> {
        let left = self.numbers.len().checked_sub(start).filter(|&left| left > 0)?;
        let rows = dialect.insert_chunk(left, 1);
        let returning: &[&str] = if self.returning { &["n"] } else { &[] };
        let part = insert(self.table, &["n"], rows, returning);
        let part = self.numbers[start..start + rows].iter().fold(part, |part, number| part.bind(number));
        Some((part, start + rows))
    }
}

/// A database in memory with a table `t (id integer primary key, n integer, s text)`.
pub(crate) fn database() -> Connection {
    let db = Connection::open_in_memory().expect("memory is there");
    db.execute_batch(TABLE).expect("the table is new");
    db
}

pub(crate) const TABLE: &str = "create table t (id integer primary key, n integer unique, s text) strict";

/// The text of an error and of its cause.
pub(crate) fn report(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(": {cause}"));
    format!("{error}{}", cause.unwrap_or_default())
}
