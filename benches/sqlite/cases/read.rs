//! Reading rows.

use orm::prelude::*;

use crate::{
    case::Case,
    fixture::{Input, USERS},
    schema::{Post, User},
};

pub struct FindByKey;

impl Case for FindByKey {
    const NAME: &'static str = "find-by-key";
    const TITLE: &'static str = "find by integer key";
    const BAR: f64 = 1.10;
    const ROUNDS: usize = 2_000;
    type Output = User;

    fn orm(db: &orm::sqlite::Connection, input: &Input, round: usize) -> Result<User, orm::Error> {
        User::find(input.key(round)).one(db)
    }

    fn rusqlite(db: &rusqlite::Connection, input: &Input, round: usize) -> rusqlite::Result<User> {
        db.prepare_cached("select id, email, name, age, score, active from users where id = ?1")?
            .query_row([input.key(round)], |row| User::read(row, 0))
    }
}

pub struct FindByText;

impl Case for FindByText {
    const NAME: &'static str = "find-by-text";
    const TITLE: &'static str = "find by unique text";
    const BAR: f64 = 1.10;
    const ROUNDS: usize = 2_000;
    type Output = User;

    fn orm(db: &orm::sqlite::Connection, input: &Input, round: usize) -> Result<User, orm::Error> {
        User::select().filter(User::email.eq(&input.emails[round % USERS])).one(db)
    }

    fn rusqlite(db: &rusqlite::Connection, input: &Input, round: usize) -> rusqlite::Result<User> {
        db.prepare_cached("select id, email, name, age, score, active from users where email = ?1")?
            .query_row([&input.emails[round % USERS]], |row| User::read(row, 0))
    }
}

pub struct HundredRows;

impl Case for HundredRows {
    const NAME: &'static str = "100-rows";
    const TITLE: &'static str = "100 rows";
    const BAR: f64 = 1.02;
    const ROUNDS: usize = 200;
    type Output = Vec<User>;

    fn orm(db: &orm::sqlite::Connection, input: &Input, round: usize) -> Result<Vec<User>, orm::Error> {
        User::select().filter(User::id.ge(input.range(round, 100))).order_by(User::id).limit(100).all(db)
    }

    /// The limit is part of the text, as it would be by hand.
    fn rusqlite(db: &rusqlite::Connection, input: &Input, round: usize) -> rusqlite::Result<Vec<User>> {
        db.prepare_cached("select id, email, name, age, score, active from users where id >= ?1 order by id limit 100")?
            .query_map([input.range(round, 100)], |row| User::read(row, 0))?
            .collect()
    }
}

pub struct AllRows;

impl Case for AllRows {
    const NAME: &'static str = "10000-rows";
    const TITLE: &'static str = "10,000 rows";
    const BAR: f64 = 1.02;
    const ROUNDS: usize = 5;
    type Output = Vec<User>;

    fn orm(db: &orm::sqlite::Connection, _input: &Input, _round: usize) -> Result<Vec<User>, orm::Error> {
        User::select().all(db)
    }

    fn rusqlite(db: &rusqlite::Connection, _input: &Input, _round: usize) -> rusqlite::Result<Vec<User>> {
        db.prepare_cached("select id, email, name, age, score, active from users")?
            .query_map([], |row| User::read(row, 0))?
            .collect()
    }
}

pub struct Joined;

impl Case for Joined {
    const NAME: &'static str = "join";
    const TITLE: &'static str = "join of two tables, 200 rows";
    const BAR: f64 = 1.02;
    const ROUNDS: usize = 100;
    type Output = Vec<(User, Post)>;

    fn orm(db: &orm::sqlite::Connection, input: &Input, round: usize) -> Result<Vec<(User, Post)>, orm::Error> {
        let first = input.range(round, 100);
        User::select()
            .inner_join(Post::on(Post::author_id.eq(User::id)))
            .filter(User::id.between(first, first + 99))
            .all(db)
    }

    fn rusqlite(db: &rusqlite::Connection, input: &Input, round: usize) -> rusqlite::Result<Vec<(User, Post)>> {
        let first = input.range(round, 100);
        db.prepare_cached(
            "select users.id, users.email, users.name, users.age, users.score, users.active, \
             posts.id, posts.author_id, posts.title, posts.words, posts.published \
             from users inner join posts on posts.author_id = users.id \
             where users.id between ?1 and ?2",
        )?
        .query_map([first, first + 99], |row| Ok((User::read(row, 0)?, Post::read(row, 6)?)))?
        .collect()
    }
}
