//! Writing rows.

use orm::prelude::*;
use rusqlite::{Transaction, TransactionBehavior};

use crate::{
    case::Case,
    fixture::Input,
    schema::{Measurement, NewMeasurement, Post, User},
};

const INSERT: &str = "insert into measurements (sensor_id, value, note) values (?1, ?2, ?3)";

pub struct Insert;

impl Case for Insert {
    const NAME: &'static str = "insert";
    const TITLE: &'static str = "insert of one row, a transaction each";
    const BAR: f64 = 1.10;
    const ROUNDS: usize = 1_000;
    type Output = u64;

    fn orm(db: &orm::sqlite::Connection, input: &Input, round: usize) -> Result<u64, orm::Error> {
        let NewMeasurement { sensor_id, value, note, .. } = &input.measurements[round % 100];
        Measurement::insert()
            .set(Measurement::sensor_id, *sensor_id)
            .set(Measurement::value, *value)
            .set(Measurement::note, note)
            .execute(db)
    }

    fn rusqlite(db: &rusqlite::Connection, input: &Input, round: usize) -> rusqlite::Result<u64> {
        let NewMeasurement { sensor_id, value, note, .. } = &input.measurements[round % 100];
        db.prepare_cached(INSERT)?.execute((sensor_id, value, note)).map(|changed| changed as u64)
    }
}

pub struct InsertLoop;

impl Case for InsertLoop {
    const NAME: &'static str = "insert-loop";
    const TITLE: &'static str = "100 inserts of one row in a transaction";
    const BAR: f64 = 1.10;
    const ROUNDS: usize = 50;
    type Output = u64;

    fn orm(db: &orm::sqlite::Connection, input: &Input, _round: usize) -> Result<u64, orm::Error> {
        db.transaction(|tx| {
            let mut changed = 0;
            for row in &input.measurements {
                changed += Measurement::insert().values(row).execute(tx)?;
            }
            Ok(changed)
        })
    }

    /// Asks for the statement each time, as code does that is called for one row.
    fn rusqlite(db: &rusqlite::Connection, input: &Input, _round: usize) -> rusqlite::Result<u64> {
        let tx = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
        let mut changed = 0;
        for row in &input.measurements {
            changed += tx.prepare_cached(INSERT)?.execute((row.sensor_id, row.value, &row.note))? as u64;
        }
        tx.commit()?;
        Ok(changed)
    }
}

pub struct InsertMany;

impl Case for InsertMany {
    const NAME: &'static str = "insert-100";
    const TITLE: &'static str = "insert of 100 rows";
    const BAR: f64 = 0.90;
    const ROUNDS: usize = 50;
    type Output = u64;

    fn orm(db: &orm::sqlite::Connection, input: &Input, _round: usize) -> Result<u64, orm::Error> {
        Measurement::insert_many(&input.measurements).execute(db)
    }

    fn rusqlite(db: &rusqlite::Connection, input: &Input, _round: usize) -> rusqlite::Result<u64> {
        let tx = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
        let mut changed = 0;
        let mut insert = tx.prepare_cached(INSERT)?;
        for row in &input.measurements {
            changed += insert.execute((row.sensor_id, row.value, &row.note))? as u64;
        }
        drop(insert);
        tx.commit()?;
        Ok(changed)
    }
}

pub struct InsertManyIndexed;

impl Case for InsertManyIndexed {
    const NAME: &'static str = "insert-100-indexed";
    const TITLE: &'static str = "insert of 100 rows with a foreign key and an index";
    const BAR: f64 = 0.90;
    const ROUNDS: usize = 50;
    type Output = u64;

    fn orm(db: &orm::sqlite::Connection, input: &Input, _round: usize) -> Result<u64, orm::Error> {
        Post::insert_many(&input.posts).execute(db)
    }

    fn rusqlite(db: &rusqlite::Connection, input: &Input, _round: usize) -> rusqlite::Result<u64> {
        let tx = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
        let mut changed = 0;
        let mut insert =
            tx.prepare_cached("insert into posts (author_id, title, words, published) values (?1, ?2, ?3, ?4)")?;
        for row in &input.posts {
            changed += insert.execute((row.author_id, &row.title, row.words, row.published))? as u64;
        }
        drop(insert);
        tx.commit()?;
        Ok(changed)
    }
}

pub struct UpdateByKey;

impl Case for UpdateByKey {
    const NAME: &'static str = "update";
    const TITLE: &'static str = "update by key";
    const BAR: f64 = 1.10;
    const ROUNDS: usize = 1_000;
    type Output = u64;

    fn orm(db: &orm::sqlite::Connection, input: &Input, round: usize) -> Result<u64, orm::Error> {
        let name = &input.names[round % input.names.len()];
        User::update().set(User::name, name).filter(User::id.eq(input.key(round))).execute(db)
    }

    fn rusqlite(db: &rusqlite::Connection, input: &Input, round: usize) -> rusqlite::Result<u64> {
        let name = &input.names[round % input.names.len()];
        db.prepare_cached("update users set name = ?1 where id = ?2")?
            .execute((name, input.key(round)))
            .map(|changed| changed as u64)
    }
}
