//! Writing rows.

use anyhow::Result;
use chrono::{DateTime, Utc};
use orm::prelude::*;
use tokio_postgres::types::ToSql;

use crate::{
    case::Case,
    fixture::{Input, ROWS},
    schema::{Measurement, NewMeasurement, User},
};

pub struct Insert;

impl Case for Insert {
    const NAME: &'static str = "insert";
    const TITLE: &'static str = "insert of one row";
    const ROUNDS: usize = 512;
    type Output = u64;

    async fn orm(db: &orm::postgres::Pool, input: &Input, round: usize) -> Result<u64, orm::Error> {
        let NewMeasurement { sensor_id, value, note, taken_at, .. } = &input.measurements[round % ROWS];
        Measurement::insert()
            .set(Measurement::sensor_id, *sensor_id)
            .set(Measurement::value, *value)
            .set(Measurement::note, note)
            .set(Measurement::taken_at, *taken_at)
            .execute(db)
            .await
    }

    async fn by_hand(db: &deadpool_postgres::Pool, input: &Input, round: usize) -> Result<u64> {
        let NewMeasurement { sensor_id, value, note, taken_at, .. } = &input.measurements[round % ROWS];
        let client = db.get().await?;
        let sql = "insert into measurements (sensor_id, value, note, taken_at) values ($1, $2, $3, $4)";
        let statement = client.prepare_cached(sql).await?;
        Ok(client.execute(&statement, &[sensor_id, value, note, taken_at]).await?)
    }
}

pub struct UpdateByKey;

impl Case for UpdateByKey {
    const NAME: &'static str = "update";
    const TITLE: &'static str = "update by key";
    const ROUNDS: usize = 512;
    type Output = u64;

    async fn orm(db: &orm::postgres::Pool, input: &Input, round: usize) -> Result<u64, orm::Error> {
        let name = &input.names[round % input.names.len()];
        User::update().set(User::name, name).filter(User::id.eq(input.key(round))).execute(db).await
    }

    async fn by_hand(db: &deadpool_postgres::Pool, input: &Input, round: usize) -> Result<u64> {
        let name = &input.names[round % input.names.len()];
        let client = db.get().await?;
        let statement = client.prepare_cached("update users set name = $1 where id = $2").await?;
        Ok(client.execute(&statement, &[name, &input.key(round)]).await?)
    }
}

pub struct Transaction;

impl Case for Transaction {
    const NAME: &'static str = "transaction";
    const TITLE: &'static str = "transaction: find, update, commit";
    const ROUNDS: usize = 256;
    type Output = User;

    async fn orm(db: &orm::postgres::Pool, input: &Input, round: usize) -> Result<User, orm::Error> {
        let name = &input.names[round % input.names.len()];
        db.transaction(async |tx| {
            let user = User::find(input.key(round)).one(tx).await?;
            User::update().set(User::name, name).filter(User::id.eq(user.id)).execute(tx).await?;
            Ok(User { name: String::new(), ..user })
        })
        .await
    }

    async fn by_hand(db: &deadpool_postgres::Pool, input: &Input, round: usize) -> Result<User> {
        let name = &input.names[round % input.names.len()];
        let mut client = db.get().await?;
        let tx = client.transaction().await?;
        let sql = "select id, email, name, age, score, active, token, created_at from users where id = $1";
        let find = tx.prepare_cached(sql).await?;
        let user = User::read(&tx.query_one(&find, &[&input.key(round)]).await?, 0)?;
        let update = tx.prepare_cached("update users set name = $1 where id = $2").await?;
        tx.execute(&update, &[name, &user.id]).await?;
        tx.commit().await?;
        Ok(User { name: String::new(), ..user })
    }
}

async fn insert_many(db: &orm::postgres::Pool, input: &Input) -> Result<u64, orm::Error> {
    Measurement::insert_many(&input.measurements).execute(db).await
}

pub struct InsertValues;

impl Case for InsertValues {
    const NAME: &'static str = "insert-1000-values";
    const TITLE: &'static str = "insert of 1,000 rows; by hand with a placeholder for each value";
    const BAR: f64 = 0.70;
    const ROUNDS: usize = 20;
    type Output = u64;

    async fn orm(db: &orm::postgres::Pool, input: &Input, _round: usize) -> Result<u64, orm::Error> {
        insert_many(db, input).await
    }

    async fn by_hand(db: &deadpool_postgres::Pool, input: &Input, _round: usize) -> Result<u64> {
        let mut values: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(ROWS * 4);
        for row in &input.measurements {
            values.extend([&row.sensor_id as &(dyn ToSql + Sync), &row.value, &row.note, &row.taken_at]);
        }
        let client = db.get().await?;
        let statement = client.prepare_cached(&input.insert_values).await?;
        Ok(client.execute(&statement, &values).await?)
    }
}

pub struct InsertUnnest;

impl Case for InsertUnnest {
    const NAME: &'static str = "insert-1000-unnest";
    const TITLE: &'static str = "insert of 1,000 rows; by hand with an array for each column";
    const ROUNDS: usize = 40;
    type Output = u64;

    async fn orm(db: &orm::postgres::Pool, input: &Input, _round: usize) -> Result<u64, orm::Error> {
        insert_many(db, input).await
    }

    async fn by_hand(db: &deadpool_postgres::Pool, input: &Input, _round: usize) -> Result<u64> {
        let rows = &input.measurements;
        let sensors: Vec<i64> = rows.iter().map(|row| row.sensor_id).collect();
        let values: Vec<f64> = rows.iter().map(|row| row.value).collect();
        let notes: Vec<&str> = rows.iter().map(|row| row.note.as_str()).collect();
        let times: Vec<DateTime<Utc>> = rows.iter().map(|row| row.taken_at).collect();
        let client = db.get().await?;
        let sql = "insert into measurements (sensor_id, value, note, taken_at) \
                   select * from unnest($1::bigint[], $2::double precision[], $3::text[], $4::timestamptz[])";
        let statement = client.prepare_cached(sql).await?;
        Ok(client.execute(&statement, &[&sensors, &values, &notes, &times]).await?)
    }
}
