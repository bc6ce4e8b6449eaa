//! Inserts that say what happens when a row with the same key exists.

#[path = "support/harness.rs"]
mod support;

use orm::{Error, ErrorKind, Executor, prelude::*};
use support::*;

/// A table with two ways to conflict, and a key of two columns.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "prices", unique(shop, product), new(derive(Debug, Clone)))]
struct Price {
    #[column(primary_key, auto_increment)]
    id: i64,
    shop: String,
    product: String,
    #[column(unique)]
    code: Option<i32>,
    cents: i64,
    #[column(default = 0, on_update = sql("prices.changes + 1"))]
    changes: i64,
}

schema! { fn prices() = [Price] }

/// A table whose every column can be left out.
#[derive(Debug, PartialEq, Table)]
#[table(name = "counters")]
struct Counter {
    #[column(primary_key, auto_increment)]
    id: i64,
    #[column(default = 0)]
    count: i64,
}

schema! { fn counters() = [Counter] }

fn price(product: &str, cents: i64) -> NewPrice {
    NewPrice::new("corner", product, cents)
}

/// The product, the price in cents and the number of changes of every price.
type Prices = Vec<(String, i64, i64)>;

fn read<E>(db: &E) -> Result<Prices, Error>
where
    for<'a> E: Executor<Output<'a, Prices> = Result<Prices, Error>>,
{
    Price::select().columns((Price::product, Price::cents, Price::changes)).order_by(Price::product).all(db)
}

fn old() -> DateTime<Utc> {
    DateTime::from_timestamp(1_000_000_000, 0).expect("in range")
}

each_dialect! {
    /// The existing row stays as it is, and is not counted.
    fn do_nothing(db) {
        let insert = |name: &'static str| {
            User::insert().set(User::email, "a").set(User::name, name).on_conflict(User::email).do_nothing()
        };
        assert_sql!(
            insert("x"),
            both: r#"insert into "users" ("email", "name") values ($1, $2) on conflict ("email") do nothing"#,
        );
        assert_eq!(insert("first").execute(db)?, 1);
        assert_eq!(insert("second").execute(db)?, 0);
        assert_eq!(insert("third").returning().optional(db)?, None);
        assert_eq!(insert("third").returning().all(db)?, []);
        let missing = insert("third").returning().one(db).expect_err("no row was written");
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        assert_eq!(User::select().columns(User::name).one(db)?, "first");
    }

    /// An assignment is a value, an expression of the existing row, or one of the row that was to be inserted.
    fn update(db) {
        db.create_all(&prices())?;
        let upsert = |cents: i64| {
            Price::insert()
                .values(price("milk", cents))
                .on_conflict((Price::shop, Price::product))
                .update((Price::cents.set(Price::cents + Price::cents.excluded() * 10), Price::code.set(5)))
        };
        assert_sql!(
            upsert(1),
            both: r#"insert into "prices" ("shop", "product", "code", "cents") values ($1, $2, $3, $4) on conflict ("shop", "product") do update set "cents" = "prices"."cents" + "excluded"."cents" * $5, "code" = $6, "changes" = (prices.changes + 1)"#,
        );
        assert_eq!(upsert(3).execute(db)?, 1);
        assert_eq!(read(db)?, [("milk".into(), 3, 0)]);
        assert_eq!(upsert(4).execute(db)?, 1);
        assert_eq!(read(db)?, [("milk".into(), 43, 1)]);
        let row = upsert(1).returning().one(db)?;
        assert_eq!((row.cents, row.code, row.changes), (53, Some(5), 2));
        assert_eq!(Price::select().count(db)?, 1);
    }

    /// A single assignment needs no tuple.
    fn update_of_one_column(db) {
        User::insert().values(user("a", "Ann")).execute(db)?;
        let upsert =
            || User::insert().values(user("a", "Anna")).on_conflict(User::email).update(User::name.set_to_excluded());
        assert_sql!(
            upsert(),
            postgres: r#"insert into "users" ("email", "name", "age") values ($1, $2, $3) on conflict ("email") do update set "name" = "excluded"."name", "updated_at" = now()"#,
            sqlite: r#"insert into "users" ("email", "name", "age") values (?1, ?2, ?3) on conflict ("email") do update set "name" = "excluded"."name", "updated_at" = (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))"#,
        );
        let name = upsert().returning().columns(User::name).one(db)?;
        assert_eq!(name, "Anna");
    }

    /// A column with `on_update` is set by the update, not by the insert, and not if the update sets it itself.
    fn on_update_columns(db) {
        let row = NewUser { updated_at: Some(old()), ..user("a", "Ann") };
        let upsert = || User::insert().values(&row).on_conflict(User::email);
        assert_eq!(upsert().update(User::age.set(1)).returning().one(db)?.updated_at, old());
        assert!(upsert().update(User::age.set(1)).returning().one(db)?.updated_at > old());
        let kept = upsert().update(User::updated_at.set_to_excluded());
        assert_sql!(
            kept,
            both: r#"insert into "users" ("email", "name", "age", "updated_at") values ($1, $2, $3, $4) on conflict ("email") do update set "updated_at" = "excluded"."updated_at""#,
        );
        assert_eq!(kept.returning().one(db)?.updated_at, old());
    }

    /// A row that does not meet the filter stays as it is, and gives nothing.
    fn filter(db) {
        db.create_all(&prices())?;
        let cheaper = |cents: i64| {
            Price::insert()
                .values(price("milk", cents))
                .on_conflict((Price::shop, Price::product))
                .update(Price::cents.set_to_excluded())
                .filter(Price::cents.gt(Price::cents.excluded()))
                .filter(Some(Price::cents.gt(10)))
        };
        assert_sql!(
            cheaper(1),
            both: r#"insert into "prices" ("shop", "product", "code", "cents") values ($1, $2, $3, $4) on conflict ("shop", "product") do update set "cents" = "excluded"."cents", "changes" = (prices.changes + 1) where "prices"."cents" > "excluded"."cents" and "prices"."cents" > $5"#,
        );
        assert_eq!(cheaper(30).execute(db)?, 1);
        assert_eq!(cheaper(40).execute(db)?, 0);
        assert_eq!(cheaper(40).returning().optional(db)?, None);
        assert_eq!(cheaper(5).execute(db)?, 1);
        assert_eq!(cheaper(4).execute(db)?, 0);
        assert_eq!(read(db)?, [("milk".into(), 5, 1)]);
    }

    /// A filter that is absent at run time lets every existing row be updated: the conflict is what chooses the row.
    fn an_absent_filter_is_none(db) {
        db.create_all(&prices())?;
        let absent: Option<bool> = None;
        let upsert = || {
            Price::insert()
                .values(price("milk", 1))
                .on_conflict((Price::shop, Price::product))
                .update(Price::cents.set(2))
                .filter(absent.map(|_| Price::cents.gt(10)))
        };
        assert_sql!(
            upsert(),
            both: r#"insert into "prices" ("shop", "product", "code", "cents") values ($1, $2, $3, $4) on conflict ("shop", "product") do update set "cents" = $5, "changes" = (prices.changes + 1)"#,
        );
        upsert().execute(db)?;
        upsert().execute(db)?;
        assert_eq!(read(db)?, [("milk".into(), 2, 1)]);
    }

    /// The primary key is a target like any other, of one column or several.
    fn the_primary_key_is_a_target(db) {
        let ann = User::insert().values(user("a", "Ann")).returning().one(db)?;
        let group = Group::insert().set(Group::name, "g").returning().one(db)?;
        let join = |rank: i32| {
            Membership::insert()
                .set(Membership::user_id, ann.id)
                .set(Membership::group_id, group.id)
                .set(Membership::rank, rank)
                .on_conflict((Membership::user_id, Membership::group_id))
                .update(Membership::rank.set_to_excluded())
        };
        assert_sql!(
            join(1),
            both: r#"insert into "memberships" ("user_id", "group_id", "rank") values ($1, $2, $3) on conflict ("user_id", "group_id") do update set "rank" = "excluded"."rank""#,
        );
        join(1).execute(db)?;
        join(2).execute(db)?;
        assert_eq!(Membership::find((ann.id, group.id)).one(db)?.rank, 2);
        let again =
            Group::insert().set(Group::id, group.id).set(Group::name, "other").on_conflict(Group::id).do_nothing();
        assert_eq!(again.execute(db)?, 0);
    }

    /// A conflict on another key than the target is an error, and changes nothing.
    fn another_conflict_is_an_error(db) {
        db.create_all(&prices())?;
        let milk = NewPrice { code: Some(1), ..price("milk", 1) };
        Price::insert().values(&milk).execute(db)?;
        let bread = NewPrice { code: Some(1), ..price("bread", 1) };
        let error = Price::insert()
            .values(&bread)
            .on_conflict((Price::shop, Price::product))
            .do_nothing()
            .execute(db)
            .expect_err("the code exists");
        assert!(error.violates(Price::code), "{error:?}");
        assert_eq!(read(db)?, [("milk".into(), 1, 0)]);
    }

    /// NULL is not equal to NULL: rows without a code do not conflict.
    fn null_does_not_conflict(db) {
        db.create_all(&prices())?;
        let insert =
            |product: &'static str| Price::insert().values(price(product, 1)).on_conflict(Price::code).do_nothing();
        assert_eq!(insert("milk").execute(db)?, 1);
        assert_eq!(insert("bread").execute(db)?, 1);
    }

    /// Many rows at once: new ones are inserted, existing ones changed, all of them counted.
    fn many(db) {
        db.create_all(&prices())?;
        let rows = |cents: i64| (0..100).map(|number| price(&format!("{number:03}"), cents)).collect::<Vec<_>>();
        let (first, second) = (rows(1), rows(2));
        assert_eq!(Price::insert_many(&first[..50]).execute(db)?, 50);
        let nothing = Price::insert_many(&second).on_conflict((Price::shop, Price::product)).do_nothing();
        assert_eq!(nothing.execute(db)?, 50);
        let upsert = || {
            Price::insert_many(&second)
                .on_conflict((Price::shop, Price::product))
                .update((Price::cents.set(Price::cents.excluded() + 5), Price::code.set(None::<i32>)))
                .filter(Price::cents.lt(2))
        };
        let text = upsert().to_sql(orm::sqlite::Sqlite).pop().expect("there are rows");
        assert_eq!(
            text,
            r#"insert into "prices" ("shop", "product", "code", "cents") values (?1, ?2, ?3, ?4) on conflict ("shop", "product") do update set "cents" = "excluded"."cents" + ?5, "code" = ?6, "changes" = (prices.changes + 1) where "prices"."cents" < ?7"#
        );
        let changed: Vec<String> = upsert().returning().columns(Price::product).all(db)?;
        assert_eq!(changed.len(), 50);
        let expected: Vec<_> = (0..100).map(|number| if number < 50 { (7, 1) } else { (2, 0) }).collect();
        let read: Vec<_> = read(db)?.into_iter().map(|(_, cents, changes)| (cents, changes)).collect();
        assert_eq!(read, expected);
    }
}

on_sqlite! {
    /// SQLite has no `on conflict` after `default values`: <https://www.sqlite.org/lang_insert.html>. A row of which
    /// nothing is given cannot be an upsert there, and the error is SQLite's.
    fn a_row_of_defaults(db) {
        db.create_all(&counters())?;
        let upsert = || Counter::insert().values(NewCounter::new()).on_conflict(Counter::id).do_nothing();
        let sql = r#"insert into "counters" default values on conflict ("id") do nothing"#;
        assert_sql!(upsert(), postgres: sql, sqlite: sql);
        assert_eq!(upsert().execute(db).expect_err("it is no SQL").kind(), ErrorKind::InvalidStatement);
        assert_eq!(Counter::insert().default_values().execute(db)?, 1);
    }

    /// The same key twice in one list: the second changes what the first inserted.
    fn a_key_twice_in_one_list(db) {
        db.create_all(&prices())?;
        let rows = [price("milk", 1), price("milk", 2), price("milk", 3)];
        let upsert =
            Price::insert_many(&rows).on_conflict((Price::shop, Price::product)).update(Price::cents.set_to_excluded());
        assert_eq!(upsert.execute(db)?, 3);
        assert_eq!(read(db)?, [("milk".into(), 3, 2)]);
    }
}

on_postgres! {
    /// A row of which nothing is given can be an upsert.
    fn a_row_of_defaults_may_conflict(db) {
        db.create_all(&counters())?;
        let upsert = || Counter::insert().values(NewCounter::new()).on_conflict(Counter::id).do_nothing();
        assert_eq!(upsert().execute(db)?, 1);
        Counter::insert().set(Counter::id, 2).execute(db)?;
        assert_eq!(upsert().execute(db)?, 0, "the second number is taken");
        assert_eq!(upsert().execute(db)?, 1);
    }

    /// PostgreSQL refuses to change a row twice in one statement.
    fn a_key_twice_in_one_list_is_an_error(db) {
        db.create_all(&prices())?;
        let rows = [price("milk", 1), price("milk", 2), price("milk", 3)];
        let insert = || Price::insert_many(&rows).on_conflict((Price::shop, Price::product));
        let error = insert().update(Price::cents.set_to_excluded()).execute(db).expect_err("a key is there twice");
        assert!(matches!(&error, Error::Database(error) if error.code.as_deref() == Some("21000")), "{error:?}");
        assert_eq!(read(db)?, []);
        assert_eq!(insert().do_nothing().execute(db)?, 1);
        assert_eq!(read(db)?, [("milk".into(), 1, 0)]);
    }
}
