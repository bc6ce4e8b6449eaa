//! Values at the edges of what the types hold, where they are computed, converted by the server, or in another encoding.

use orm::{Error, ErrorKind, prelude::*};

use crate::support::*;

/// A number of every width.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "numbers")]
struct Number {
    #[column(primary_key)]
    id: i64,
    small: i16,
    normal: i32,
    big: i64,
    unsigned: u32,
    double: f64,
}

/// A moment, and what a clock on the wall shows.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "moments")]
struct Moment {
    #[column(primary_key)]
    id: i64,
    at: DateTime<Utc>,
    local: NaiveDateTime,
    day: NaiveDate,
}

schema! { fn tables() = [Number, Moment] }

each_dialect! {
    /// What a statement computes is the value or an error of one kind, wherever it is computed; never another value.
    fn t25_overflow_is_of_one_kind(db) {
        db.create_all(&tables())?;
        let row = |id: i64| {
            let row = Number::insert().set(Number::id, id).set(Number::small, i16::MAX).set(Number::normal, i32::MAX);
            row.set(Number::big, i64::MAX).set(Number::unsigned, u32::MAX).set(Number::double, 1e308).execute(db)
        };
        row(1)?;
        row(2)?;
        let one = || Number::find(1);
        let update = Number::update;
        let results = [
            one().columns(Number::small + 1).one(db).map(drop),
            one().columns(Number::normal * 2).one(db).map(drop),
            one().columns(Number::big + 1).one(db).map(drop),
            one().columns(-Number::big - 2).one(db).map(drop),
            one().columns(Number::big * Number::big).one(db).map(drop),
            one().columns((Number::big + Number::big) / 4).one(db).map(drop),
            one().columns(Number::unsigned + 1).one(db).map(drop),
            one().columns((Number::big + 1).cast::<i64>()).one(db).map(drop),
            one().columns(coalesce(Number::big + 1, 0)).one(db).map(drop),
            Number::select().columns(sum(Number::big)).one(db).map(drop),
            Number::select().columns(max(Number::big + 1)).one(db).map(drop),
            Number::select().group_by(Number::small).columns(sum(Number::big)).all(db).map(drop),
            update().set(Number::big, Number::big + 1).all_rows().execute(db).map(drop),
            update().set(Number::big, Number::big * 3).all_rows().returning().all(db).map(drop),
        ];
        for (at, result) in results.into_iter().enumerate() {
            let error = result.expect_err(&format!("computation {at} overflows"));
            assert_eq!(error.kind(), ErrorKind::OutOfRange, "computation {at}: {error:?}");
        }
        assert_eq!(one().columns((Number::big, Number::normal, Number::small)).one(db)?, (i64::MAX, i32::MAX, i16::MAX));
        // The sum of smaller numbers is wider than they are.
        assert_eq!(Number::select().columns(sum(Number::normal)).one(db)?, Some(i64::from(i32::MAX) * 2));
    }

    /// A transaction in which a computation failed is over on PostgreSQL and goes on in SQLite; nothing of it is kept
    /// unless it ends well.
    fn t25_overflow_changes_nothing(db) {
        db.create_all(&tables())?;
        let row = |id: i64, big: i64| {
            let row = Number::insert().set(Number::id, id).set(Number::small, 0).set(Number::normal, 0);
            row.set(Number::big, big).set(Number::unsigned, 0_u32).set(Number::double, 0.0).execute(db)
        };
        row(1, 1)?;
        row(2, i64::MAX)?;
        row(3, 2)?;
        let error = Number::update().set(Number::big, Number::big + 1).all_rows().execute(db).expect_err("one overflows");
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
        assert_eq!(Number::select().columns(Number::big).order_by(Number::id).all(db)?, [1, i64::MAX, 2]);
    }

    /// A number that is computed and stored: PostgreSQL refuses what does not fit the column. SQLite's integers have 64
    /// bits in every column, so it keeps the number, and reading it is the error. It is expected to be refused there, too.
    fn t25_narrow_columns_that_are_computed(db) {
        db.create_all(&tables())?;
        let row = Number::insert().set(Number::id, 1).set(Number::small, 0).set(Number::normal, i32::MAX);
        row.set(Number::big, 0).set(Number::unsigned, 0_u32).set(Number::double, 0.0).execute(db)?;
        let updated = Number::update().set(Number::normal, Number::normal + 1).all_rows().execute(db);
        let read = Number::find(1).columns(Number::normal).one(db);
        let kinds = (updated.map_err(|error| error.kind()), read.map_err(|error| error.kind()));
        let refused = (Err(ErrorKind::OutOfRange), Ok(i32::MAX));
        assert_eq!(kinds, either!(db, postgres: refused, sqlite: (Ok(1), Err(ErrorKind::Decode))));
    }
}

on_postgres! {
    /// The zone of the session, with its gaps and its hours that are there twice, changes no value: moments are UTC, and
    /// what a clock shows is in no zone.
    fn t26_zones_with_gaps(db) {
        db.create_all(&tables())?;
        db.execute_batch(
            "do $$ begin execute format('alter database %I set timezone = ''Europe/Berlin''', current_database()); end $$",
        )?;
        let zone = db.raw("show timezone").expect("the statement is valid");
        assert_eq!(zone, [[Some("Europe/Berlin".to_owned())]]);
        // Clocks go from 2 to 3 in March and from 3 to 2 in October, both at 1 UTC; before 1893 there was a zone for each town.
        let utc = [
            "2024-03-31T00:59:59.999999Z", "2024-03-31T01:00:00Z", "2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z",
            "1893-03-31T23:06:32Z", "1800-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "-4713-11-24T00:00:00Z",
        ];
        let local = "2024-03-31T02:30:00".parse::<NaiveDateTime>().expect("a date and time");
        for (id, text) in (1..).zip(utc) {
            let at = text.parse::<DateTime<Utc>>().expect("a moment");
            let moment = Moment { id, at, local, day: at.date_naive() };
            let new = Moment::insert().set(Moment::id, id).set(Moment::at, at);
            assert_eq!(new.set(Moment::local, local).set(Moment::day, moment.day).returning().one(db)?, moment);
            assert_eq!(Moment::select().filter(Moment::at.eq(at)).one(db)?, moment);
            assert_eq!(Moment::select().filter(Moment::at.between(at, at)).count(db)?, 1);
            assert_eq!(Moment::select().filter(Moment::at.in_list([at])).count(db)?, 1);
        }
        let order = Moment::select().order_by(Moment::at).columns(Moment::id).all(db)?;
        assert_eq!(order, [8, 7, 6, 5, 1, 2, 3, 4]);
    }

    /// A database in another encoding than UTF-8, whose texts the server converts, or does not look at.
    fn t23_databases_in_other_encodings(db) {
        let [latin, ascii] = ["latin1", "sql_ascii"].map(|encoding| Elsewhere::new(db, encoding));
        latin.run(async |pool| {
            Group::insert().set(Group::name, "größer").execute(pool).await?;
            assert_eq!(Group::select().columns(Group::name).one(pool).await?, "größer");
            let refused = Group::insert().set(Group::name, "🦀").execute(pool).await.expect_err("Latin has no crab");
            assert_eq!(refused.kind(), ErrorKind::InvalidText, "{refused:?}");
            assert_eq!(Group::select().count(pool).await?, 1, "the connection goes on");
            Ok(())
        });
        ascii.run(async |pool| {
            Group::insert().set(Group::name, "größer 🦀").execute(pool).await?;
            assert_eq!(Group::select().columns(Group::name).one(pool).await?, "größer 🦀");
            pool.execute_batch(r"update groups set name = e'\xff\xfe'").await?;
            let error = Group::select().all(pool).await.expect_err("it is not UTF-8");
            assert_eq!(error.kind(), ErrorKind::InvalidText, "{error:?}");
            assert_eq!(Group::select().columns(Group::id).all(pool).await?, [1], "the connection goes on");
            Ok(())
        });
    }
}

/// A database beside that of a test, in an encoding of its own.
struct Elsewhere<'d> {
    db: &'d postgres::Database,
    name: String,
}

impl<'d> Elsewhere<'d> {
    fn new(db: &'d postgres::Database, encoding: &str) -> Self {
        let name = format!("{encoding}_{}", std::process::id());
        db.raw(&format!("create database {name} template template0 encoding '{encoding}' lc_collate 'C' lc_ctype 'C'"))
            .expect("the server has the encoding");
        Self { db, name }
    }

    fn run(&self, body: impl AsyncFnOnce(&orm::postgres::Pool) -> Result<(), Error>) {
        let server = std::env::var("ORM_TEST_POSTGRES").expect("the server of the test has a URL");
        let (base, _) = server.rsplit_once('/').expect("the URL ends with a database");
        let result: Result<(), Error> = self.db.block_on(async {
            let pool = orm::postgres::Pool::connect(&format!("{base}/{}", self.name)).await?;
            pool.create_all(&schema()).await?;
            body(&pool).await
        });
        result.expect("everything else is as usual");
    }
}

impl Drop for Elsewhere<'_> {
    fn drop(&mut self) {
        self.db.raw(&format!("drop database {} with (force)", self.name)).expect("the database is there");
    }
}
