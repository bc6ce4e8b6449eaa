//! Updates.

#[path = "support/harness.rs"]
mod support;

use orm::{Error, ErrorKind, Executor, prelude::*};
use support::*;

fn old() -> DateTime<Utc> {
    DateTime::from_timestamp(1_000_000_000, 0).expect("in range")
}

/// Ann (30), Bob and Cleo (17), last changed long ago.
fn fill(db: &impl TestDatabase) -> Result<(), Error> {
    let row = |email: &str, name: &str, age| NewUser { age, updated_at: Some(old()), ..user(email, name) };
    let rows = [row("a", "Ann", Some(30)), row("b", "Bob", None), row("c", "Cleo", Some(17))];
    User::insert_many(&rows).execute(db).map(drop)
}

/// The name and the age of everyone.
type People = Vec<(String, Option<i32>)>;

fn people<E>(db: &E) -> Result<People, Error>
where
    for<'a> E: Executor<Output<'a, People> = Result<People, Error>>,
{
    User::select().columns((User::name, User::age)).order_by(User::email).all(db)
}

fn staff(db: &impl TestDatabase) -> Result<(), Error> {
    let insert = |id: i32, salary: i32| {
        Employee::insert().set(Employee::id, id).set(Employee::name, "e").set(Employee::salary, salary)
    };
    insert(1, 100).execute(db)?;
    insert(2, 200).set(Employee::manager_id, 1).execute(db).map(drop)
}

/// An empty list of conditions like this one.
fn none_of<C>(condition: C) -> Vec<C> {
    drop(condition);
    Vec::new()
}

each_dialect! {
    /// The number that comes back is that of the rows that met the filter.
    fn set_a_value(db) {
        fill(db)?;
        let update = |name: &'static str| User::update().set(User::name, "X").filter(User::name.eq(name));
        assert_sql!(
            update("Ann"),
            postgres: r#"update "users" set "name" = $1, "updated_at" = now() where "users"."name" = $2"#,
            sqlite: r#"update "users" set "name" = ?1, "updated_at" = (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')) where "users"."name" = ?2"#,
        );
        assert_eq!(update("Ann").execute(db)?, 1);
        assert_eq!(update("nobody").execute(db)?, 0);
        assert_eq!(people(db)?, [("X".into(), Some(30)), ("Bob".into(), None), ("Cleo".into(), Some(17))]);
    }

    /// An expression reads the row as it was before the update; NULL plus one is NULL.
    fn set_an_expression(db) {
        fill(db)?;
        let update = || {
            User::update()
                .set(User::age, User::age + 1)
                .set(User::name, User::name.concat("!").upper())
                .filter(User::email.in_list(["a", "b"]))
        };
        assert_sql!(
            update(),
            postgres: r#"update "users" set "age" = "users"."age" + $1, "name" = upper("users"."name" || $2), "updated_at" = now() where "users"."email" = any($3)"#,
            sqlite: r#"update "users" set "age" = "users"."age" + ?1, "name" = upper("users"."name" || ?2), "updated_at" = (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')) where "users"."email" in (select value from json_each(?3))"#,
        );
        assert_eq!(update().execute(db)?, 2);
        assert_eq!(people(db)?, [("ANN!".into(), Some(31)), ("BOB!".into(), None), ("Cleo".into(), Some(17))]);
    }

    /// Two columns can change places, because both are read before either is written.
    fn columns_can_be_swapped(db) {
        fill(db)?;
        User::update()
            .set(User::name, User::email)
            .set(User::email, User::name)
            .filter(User::email.eq("a"))
            .execute(db)?;
        let swapped = User::select().columns((User::email, User::name)).filter(User::name.eq("a")).one(db)?;
        assert_eq!(swapped, ("Ann".into(), "a".into()));
    }

    /// Only what is `Some` is changed; `Some(None)` stores NULL.
    fn changes(db) {
        fill(db)?;
        let update = |changes: &UserChanges| User::update().changes(changes).filter(User::email.eq("a")).execute(db);
        let both = UserChanges { name: Some("Anna".into()), age: Some(None), ..Default::default() };
        assert_sql!(
            User::update().changes(&both).filter(User::email.eq("a")),
            postgres: r#"update "users" set "name" = $1, "age" = $2, "updated_at" = now() where "users"."email" = $3"#,
            sqlite: r#"update "users" set "name" = ?1, "age" = ?2, "updated_at" = (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')) where "users"."email" = ?3"#,
        );
        assert_eq!(update(&both)?, 1);
        assert_eq!(people(db)?[0], ("Anna".into(), None));
        update(&UserChanges { age: Some(Some(5)), ..Default::default() })?;
        assert_eq!(people(db)?[0], ("Anna".into(), Some(5)));
    }

    /// Changes that change nothing are an error, and not even `on_update` columns are touched.
    fn empty_changes_are_refused(db) {
        fill(db)?;
        let nothing = UserChanges::default();
        let error = User::update().changes(&nothing).all_rows().execute(db).expect_err("there is nothing to set");
        assert!(matches!(&error, Error::NothingToSet { operation } if operation == "update of `users`"), "{error:?}");
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert_eq!(error.to_string(), "update of `users` changes nothing: every field of the changes is `None`");
        assert!(User::update().changes(&nothing).all_rows().returning().all(db).is_err());
        assert!(User::update().changes(&nothing).all_rows().to_sql(orm::sqlite::Sqlite).is_err());
        assert!(User::update().changes(&nothing).all_rows().to_sql(orm::postgres::Postgres).is_err());
        assert_eq!(User::select().filter(User::updated_at.eq(old())).count(db)?, 3);
    }

    /// A filter that turns out empty at run time never means all rows.
    fn empty_filters_are_refused(db) {
        fill(db)?;
        let absent = || None.map(|name: &str| User::name.eq(name));
        let check = |result: Result<u64, Error>| {
            let error = result.expect_err("the filter is empty");
            assert!(
                matches!(&error, Error::EmptyFilter { operation } if operation == "update of `users`"),
                "{error:?}"
            );
            assert_eq!(error.kind(), ErrorKind::Refused);
        };
        let update = || User::update().set(User::name, "X");
        check(update().filter(absent()).execute(db));
        check(update().filter(absent()).filter(absent()).execute(db));
        check(update().filter(all(Vec::<_>::from([absent(), absent()]))).execute(db));
        check(update().filter(all(none_of(absent()))).execute(db));
        check(update().filter(any([absent()])).execute(db));
        check(update().filter(not(absent())).execute(db));
        check(update().filter(absent().and(absent())).execute(db));
        check(update().filter(absent().or(absent())).execute(db));
        check(update().filter(absent()).to_sql(orm::sqlite::Sqlite).map(|_| 0));
        check(update().filter(absent()).to_sql(orm::postgres::Postgres).map(|_| 0));
        check(update().filter(absent()).returning().all(db).map(|_| 0));
        check(update().filter(absent()).returning().stream(db).next().expect("the error").map(|_| 0));
        assert_eq!(User::select().filter(User::name.eq("X")).count(db)?, 0);
        // One part that is there is a filter.
        assert_eq!(update().filter(absent()).filter(User::email.eq("a")).execute(db)?, 1);
        // A list of values, or of alternatives, that is empty matches no row.
        assert_eq!(update().filter(User::email.in_list::<_, _, &str>([])).execute(db)?, 0);
        check(update().filter(any(none_of(User::name.eq("Bob")))).execute(db));
    }

    /// Every row is said aloud.
    fn all_rows(db) {
        fill(db)?;
        let update = || User::update().set(User::age, 1).all_rows();
        assert_sql!(
            update(),
            postgres: r#"update "users" set "age" = $1, "updated_at" = now()"#,
            sqlite: r#"update "users" set "age" = ?1, "updated_at" = (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))"#,
        );
        assert_eq!(update().execute(db)?, 3);
        assert_eq!(User::select().filter(User::age.eq(1)).count(db)?, 3);
    }

    /// A column with `on_update` changes with every update that does not set it, in the rows that are updated.
    fn on_update(db) {
        fill(db)?;
        User::update().set(User::age, 1).filter(User::email.eq("a")).execute(db)?;
        User::update()
            .changes(&UserChanges { age: Some(None), ..Default::default() })
            .filter(User::email.eq("b"))
            .execute(db)?;
        let changed: Vec<bool> =
            User::select().order_by(User::email).all(db)?.iter().map(|user| user.updated_at > old()).collect();
        assert_eq!(changed, [true, true, false]);
        User::update().set(User::updated_at, old()).filter(User::email.eq("a")).execute(db)?;
        let same = UserChanges { updated_at: Some(old()), ..Default::default() };
        User::update().changes(&same).filter(User::email.eq("b")).execute(db)?;
        assert_eq!(User::select().filter(User::updated_at.eq(old())).count(db)?, 3);
    }

    /// A key is changed on purpose, and rows that refer to it decide whether it may be.
    fn set_key(db) {
        staff(db)?;
        let rename = |from: i32, to: i32| Employee::update().set_key(Employee::id, to).filter(Employee::id.eq(from));
        assert_sql!(rename(1, 2), both: r#"update "employees" set "id" = $1 where "employees"."id" = $2"#);
        assert_eq!(rename(2, 3).execute(db)?, 1);
        let error = rename(1, 4).execute(db).expect_err("the other one refers to it");
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
        let error = rename(3, 1).execute(db).expect_err("it exists");
        assert!(error.violates(Employee::id));
        let shift = Employee::update()
            .set_key(Employee::id, Employee::id + 10)
            .set(Employee::salary, 1)
            .filter(Employee::id.eq(3));
        assert_eq!(shift.returning().one(db)?.id, 13);
    }

    /// The rows that come back are as they are after the update.
    fn returning(db) {
        fill(db)?;
        let update = || User::update().set(User::age, User::age + 1).filter(User::age.is_not_null()).returning();
        assert_sql!(
            update().columns((User::name, User::age)),
            postgres: r#"update "users" set "age" = "users"."age" + $1, "updated_at" = now() where "users"."age" is not null returning "users"."name", "users"."age""#,
            sqlite: r#"update "users" set "age" = "users"."age" + ?1, "updated_at" = (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now')) where "users"."age" is not null returning "users"."name", "users"."age""#,
        );
        let mut ages: Vec<(String, Option<i32>)> = update().columns((User::name, User::age)).all(db)?;
        ages.sort();
        assert_eq!(ages, [("Ann".into(), Some(31)), ("Cleo".into(), Some(18))]);
        let several = update().one(db).expect_err("there are two");
        assert_eq!(several.kind(), ErrorKind::MultipleRows);
        let none = User::update().set(User::age, 1).filter(User::name.eq("nobody")).returning().optional(db)?;
        assert_eq!(none, None);
    }

    /// An update that is refused for one row changes none.
    fn a_refused_update_changes_nothing(db) {
        fill(db)?;
        let error = User::update().set(User::email, "same").all_rows().execute(db).expect_err("it is unique");
        assert!(error.violates(User::email));
        assert_eq!(User::select().filter(User::email.eq("same")).count(db)?, 0);
    }

    /// Filters of several calls are all met; the text depends on which are there.
    fn filters_add_up(db) {
        fill(db)?;
        let update = |name: Option<&'static str>, age: Option<i32>| {
            User::update()
                .set(User::name, "X")
                .filter(name.map(|name| User::name.eq(name)))
                .filter(age.map(|age| User::age.ge(age)))
        };
        assert_eq!(update(Some("Ann"), Some(99)).execute(db)?, 0);
        assert_eq!(update(Some("Ann"), Some(30)).execute(db)?, 1);
        assert_eq!(update(None, Some(18)).execute(db)?, 1);
        assert_eq!(update(Some("Bob"), None).execute(db)?, 1);
        assert_eq!(people(db)?.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["X", "X", "Cleo"]);
    }
}

on_sqlite! {
    /// What is refused is not sent.
    fn refused_updates_are_not_prepared(db) {
        fill(db)?;
        let absent = None.map(|name: &str| User::name.eq(name));
        let kept = db.statement_cache_len();
        assert!(User::update().changes(&UserChanges::default()).all_rows().execute(db).is_err());
        assert!(User::update().changes(&UserChanges::default()).all_rows().returning().all(db).is_err());
        assert!(User::update().set(User::name, "X").filter(absent).execute(db).is_err());
        assert_eq!(db.statement_cache_len(), kept, "nothing was sent");
    }

    /// A change of all rows in one transaction is undone with it.
    fn updates_are_part_of_their_transaction(db) {
        fill(db)?;
        let undone = db.transaction(|tx| {
            assert_eq!(User::update().set(User::age, 0).all_rows().execute(tx)?, 3);
            Err::<(), _>(Error::TransactionOpen)
        });
        assert!(undone.is_err());
        assert_eq!(User::select().filter(User::age.eq(0)).count(db)?, 0);
    }
}
