//! Reading rows.

use anyhow::Result;
use orm::prelude::*;

use crate::{
    case::Case,
    fixture::Input,
    schema::{Post, User},
};

const COLUMNS: &str = "select id, email, name, age, score, active, token, created_at from users";

pub struct FindByKey;

impl Case for FindByKey {
    const NAME: &'static str = "find-by-key";
    const TITLE: &'static str = "find by integer key";
    const ROUNDS: usize = 512;
    type Output = User;

    async fn orm(db: &orm::postgres::Pool, input: &Input, round: usize) -> Result<User, orm::Error> {
        User::find(input.key(round)).one(db).await
    }

    async fn by_hand(db: &deadpool_postgres::Pool, input: &Input, round: usize) -> Result<User> {
        let client = db.get().await?;
        let sql = "select id, email, name, age, score, active, token, created_at from users where id = $1";
        let statement = client.prepare_cached(sql).await?;
        let row = client.query_one(&statement, &[&input.key(round)]).await?;
        Ok(User::read(&row, 0)?)
    }
}

pub struct HundredRows;

impl Case for HundredRows {
    const NAME: &'static str = "100-rows";
    const TITLE: &'static str = "100 rows";
    const ROUNDS: usize = 256;
    type Output = Vec<User>;

    async fn orm(db: &orm::postgres::Pool, input: &Input, round: usize) -> Result<Vec<User>, orm::Error> {
        User::select().filter(User::id.ge(input.range(round, 100))).order_by(User::id).limit(100).all(db).await
    }

    /// The limit is part of the text, as it would be by hand.
    async fn by_hand(db: &deadpool_postgres::Pool, input: &Input, round: usize) -> Result<Vec<User>> {
        let client = db.get().await?;
        let sql = "select id, email, name, age, score, active, token, created_at from users \
                   where id >= $1 order by id limit 100";
        let statement = client.prepare_cached(sql).await?;
        let rows = client.query(&statement, &[&input.range(round, 100)]).await?;
        Ok(rows.iter().map(|row| User::read(row, 0)).collect::<Result<_, _>>()?)
    }
}

pub struct AllRows;

impl Case for AllRows {
    const NAME: &'static str = "10000-rows";
    const TITLE: &'static str = "10,000 rows";
    const ROUNDS: usize = 6;
    type Output = Vec<User>;

    async fn orm(db: &orm::postgres::Pool, _input: &Input, _round: usize) -> Result<Vec<User>, orm::Error> {
        User::select().all(db).await
    }

    async fn by_hand(db: &deadpool_postgres::Pool, _input: &Input, _round: usize) -> Result<Vec<User>> {
        let client = db.get().await?;
        let statement = client.prepare_cached(COLUMNS).await?;
        let rows = client.query(&statement, &[]).await?;
        Ok(rows.iter().map(|row| User::read(row, 0)).collect::<Result<_, _>>()?)
    }
}

pub struct Joined;

impl Case for Joined {
    const NAME: &'static str = "join";
    const TITLE: &'static str = "join of two tables, 200 rows";
    const ROUNDS: usize = 128;
    type Output = Vec<(User, Post)>;

    async fn orm(db: &orm::postgres::Pool, input: &Input, round: usize) -> Result<Vec<(User, Post)>, orm::Error> {
        let first = input.range(round, 100);
        User::select()
            .inner_join(Post::on(Post::author_id.eq(User::id)))
            .filter(User::id.between(first, first + 99))
            .all(db)
            .await
    }

    async fn by_hand(db: &deadpool_postgres::Pool, input: &Input, round: usize) -> Result<Vec<(User, Post)>> {
        let first = input.range(round, 100);
        let client = db.get().await?;
        let sql = "select users.id, users.email, users.name, users.age, users.score, users.active, users.token, \
                   users.created_at, posts.id, posts.author_id, posts.title, posts.words, posts.published \
                   from users inner join posts on posts.author_id = users.id where users.id between $1 and $2";
        let statement = client.prepare_cached(sql).await?;
        let rows = client.query(&statement, &[&first, &(first + 99)]).await?;
        let read = |row| Ok((User::read(row, 0)?, Post::read(row, 8)?));
        Ok(rows.iter().map(read).collect::<Result<_, tokio_postgres::Error>>()?)
    }
}
