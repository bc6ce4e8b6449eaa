use orm_core::{
    error::ErrorKind,
    executor::{Executor, WriteExecutor},
    types::{Decode, DecodeError, RowRead, SqlType},
};

use crate::testing::{
    Ask, Numbers, column, count, database, delete, equal, insert, matches, params, report, select, update,
};
use orm_core::types::Matching;

use super::*;
use crate::testing::Pattern;

fn filled(numbers: std::ops::Range<i64>) -> Connection {
    let db = database();
    db.execute_batch(Numbers { table: "t", numbers: numbers.collect(), returning: false });
    db
}

fn numbers(db: &Connection) -> Vec<i64> {
    let rows = db.fetch_all(select::<(i64,)>("t", &["n"], None)).expect("it runs");
    rows.into_iter().map(|(number,)| number).collect()
}

fn by_number(number: i64) -> Ask<'static, (i64, i64)> {
    select("t", &["id", "n"], Some(equal("t", "n"))).bind(number)
}
