//! Filters whose text or plan is not the same every time.

use orm::prelude::*;
use rusqlite::ToSql;

use crate::{
    case::Case,
    fixture::Input,
    schema::{Event, User},
};

pub struct HundredKeys;

impl Case for HundredKeys {
    const NAME: &'static str = "100-keys";
    const TITLE: &'static str = "rows of 100 keys";
    const BAR: f64 = 1.02;
    const ROUNDS: usize = 200;
    const FOR_VALUES: u64 = 2;
    type Output = Vec<User>;

    fn orm(db: &orm::sqlite::Connection, input: &Input, round: usize) -> Result<Vec<User>, orm::Error> {
        User::select().filter(User::id.in_list(input.hundred_keys(round))).all(db)
    }

    /// A placeholder for each key, which is prepared again for every other number of keys; here it is always the same.
    fn rusqlite(db: &rusqlite::Connection, input: &Input, round: usize) -> rusqlite::Result<Vec<User>> {
        let keys = input.hundred_keys(round);
        let mut sql = "select id, email, name, age, score, active from users where id in (".to_owned();
        sql.push_str(&"?,".repeat(keys.len()));
        sql.pop();
        sql.push(')');
        db.prepare_cached(&sql)?.query_map(rusqlite::params_from_iter(keys), |row| User::read(row, 0))?.collect()
    }
}

/// What a search form sends: each field is filled in or not.
struct Search<'a> {
    name: Option<&'a str>,
    age: Option<i32>,
    active: Option<bool>,
}

impl Search<'_> {
    /// Another combination of fields in each of eight rounds.
    fn of(round: usize) -> Self {
        Self {
            name: (round & 1 == 0).then_some("User Number 7"),
            age: (round & 2 == 0).then_some(20),
            active: (round & 4 == 0).then_some(true),
        }
    }
}

pub struct OptionalFilters;

impl Case for OptionalFilters {
    const NAME: &'static str = "optional-filters";
    const TITLE: &'static str = "three optional filters, up to 20 rows";
    const BAR: f64 = 1.02;
    const ROUNDS: usize = 800;
    type Output = Vec<User>;

    fn orm(db: &orm::sqlite::Connection, input: &Input, round: usize) -> Result<Vec<User>, orm::Error> {
        let search = Search::of(round);
        let first = input.range(round, 20);
        User::select()
            .filter(User::id.between(first, first + 19))
            .filter(search.name.map(|name| User::name.ge(name)))
            .filter(search.age.map(|age| User::age.ge(age)))
            .filter(search.active.map(|active| User::active.eq(active)))
            .all(db)
    }

    fn rusqlite(db: &rusqlite::Connection, input: &Input, round: usize) -> rusqlite::Result<Vec<User>> {
        let search = Search::of(round);
        let first = input.range(round, 20);
        let last = first + 19;
        let mut sql = String::with_capacity(160);
        sql.push_str("select id, email, name, age, score, active from users where id between ? and ?");
        let mut values: Vec<&dyn ToSql> = vec![&first, &last];
        if let Some(name) = &search.name {
            sql.push_str(" and name >= ?");
            values.push(name);
        }
        if let Some(age) = &search.age {
            sql.push_str(" and age >= ?");
            values.push(age);
        }
        if let Some(active) = &search.active {
            sql.push_str(" and active = ?");
            values.push(active);
        }
        db.prepare_cached(&sql)?.query_map(&*values, |row| User::read(row, 0))?.collect()
    }
}

pub struct Analyzed;

impl Case for Analyzed {
    const NAME: &'static str = "analyzed";
    const TITLE: &'static str = "indexed lookup in an analyzed table, 1 row";
    const BAR: f64 = 0.25;
    const ROUNDS: usize = 500;
    type Output = Vec<Event>;

    fn orm(db: &orm::sqlite::Connection, input: &Input, round: usize) -> Result<Vec<Event>, orm::Error> {
        Event::select().filter(Event::kind.eq(&input.kinds[round % input.kinds.len()])).all(db)
    }

    fn rusqlite(db: &rusqlite::Connection, input: &Input, round: usize) -> rusqlite::Result<Vec<Event>> {
        db.prepare_cached("select id, kind, detail from events where kind = ?1")?
            .query_map([&input.kinds[round % input.kinds.len()]], Event::read)?
            .collect()
    }
}
