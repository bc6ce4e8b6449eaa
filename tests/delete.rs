//! Deletes.

#[path = "support/harness.rs"]
mod support;

use orm::{Error, ErrorKind, Executor, prelude::*};
use support::*;

fn fill(db: &impl TestDatabase) -> Result<(), Error> {
    let row = |email: &str, age| NewUser { age, ..user(email, email) };
    User::insert_many(&[row("a", Some(30)), row("b", None), row("c", Some(17))]).execute(db).map(drop)
}

fn emails<E>(db: &E) -> Result<Vec<String>, Error>
where
    for<'a> E: Executor<Output<'a, Vec<String>> = Result<Vec<String>, Error>>,
{
    User::select().columns(User::email).order_by(User::email).all(db)
}

/// An empty list of conditions like this one.
fn none_of<C>(condition: C) -> Vec<C> {
    drop(condition);
    Vec::new()
}

each_dialect! {
    /// The number that comes back is that of the rows deleted.
    fn filter(db) {
        fill(db)?;
        let delete = || User::delete().filter(User::age.lt(18)).filter(User::email.ne("x"));
        assert_sql!(delete(), both: r#"delete from "users" where "users"."age" < $1 and "users"."email" <> $2"#);
        assert_eq!(delete().execute(db)?, 1);
        assert_eq!(delete().execute(db)?, 0);
        assert_eq!(emails(db)?, ["a", "b"]);
    }

    fn all_rows(db) {
        fill(db)?;
        assert_sql!(User::delete().all_rows(), both: r#"delete from "users""#);
        assert_eq!(User::delete().all_rows().execute(db)?, 3);
        assert_eq!(User::delete().all_rows().execute(db)?, 0);
        assert!(!User::select().exists(db)?);
    }

    /// The rows that come back are those that are gone.
    fn returning(db) {
        fill(db)?;
        let delete = || User::delete().filter(User::age.is_not_null()).returning();
        assert_sql!(
            delete().columns(User::email),
            both: r#"delete from "users" where "users"."age" is not null returning "users"."email""#,
        );
        let mut gone: Vec<String> = delete().columns(User::email).all(db)?;
        gone.sort();
        assert_eq!(gone, ["a", "c"]);
        let bob: User = User::delete().all_rows().returning().one(db)?;
        assert_eq!(bob.email, "b");
        assert_eq!(User::delete().all_rows().returning().optional(db)?, None);
    }

    /// A filter that turns out empty at run time never means all rows.
    fn empty_filters_are_refused(db) {
        fill(db)?;
        let absent = || None.map(|age: i32| User::age.gt(age));
        let check = |result: Result<u64, Error>| {
            let error = result.expect_err("the filter is empty");
            assert!(
                matches!(&error, Error::EmptyFilter { operation } if operation == "delete from `users`"),
                "{error:?}"
            );
            assert_eq!(error.kind(), ErrorKind::Refused);
            assert_eq!(
                error.to_string(),
                "delete from `users` has an empty filter; write `.all_rows()` if every row is meant"
            );
        };
        check(User::delete().filter(absent()).execute(db));
        check(User::delete().filter(all(none_of(absent()))).execute(db));
        check(User::delete().filter(all([absent(), absent()])).execute(db));
        check(User::delete().filter(not(absent())).execute(db));
        check(User::delete().filter(absent()).returning().all(db).map(|_| 0));
        // An empty list says nothing about rows, whichever way it is turned.
        check(User::delete().filter(any(none_of(User::age.gt(1)))).execute(db));
        check(User::delete().filter(not(any(none_of(User::age.gt(1))))).execute(db));
        check(User::delete().filter(all(none_of(User::age.gt(1))).eq(true)).execute(db));
        assert_eq!(User::delete().filter(User::id.in_list::<_, _, Uuid>(&[])).execute(db)?, 0);
        assert_eq!(emails(db)?, ["a", "b", "c"]);
        // The same builder with a filter that is there is a statement of its own.
        assert_eq!(User::delete().filter(Some(User::age.gt(18))).execute(db)?, 1);
        check(User::delete().filter(absent()).execute(db));
        assert_eq!(emails(db)?, ["b", "c"]);
    }

    /// `on delete cascade` takes the referring rows along; they are not counted.
    fn cascade(db) {
        fill(db)?;
        let author = User::select().filter(User::email.eq("a")).one(db)?;
        let post = || {
            Post::insert()
                .set(Post::author_id, author.id)
                .set(Post::title, "t")
                .set(Post::words, 1)
                .set(Post::published, false)
                .set(Post::tags, Json(vec![]))
        };
        post().execute(db)?;
        post().execute(db)?;
        assert_eq!(User::delete().filter(User::id.eq(author.id)).execute(db)?, 1);
        assert_eq!(Post::select().count(db)?, 0);
    }

    /// A row that others refer to without `cascade` stays.
    fn referred_rows_stay(db) {
        Employee::insert().set(Employee::id, 1).set(Employee::name, "boss").set(Employee::salary, 1).execute(db)?;
        let second = Employee::insert().set(Employee::id, 2).set(Employee::name, "e").set(Employee::salary, 1);
        second.set(Employee::manager_id, 1).execute(db)?;
        let error = Employee::delete().filter(Employee::id.eq(1)).execute(db).expect_err("it is referred to");
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
        assert_eq!(Employee::delete().all_rows().execute(db)?, 2, "the keys are checked at the end of the statement");
    }

    /// A hundred thousand keys are one value.
    fn t21_a_long_list_of_keys(db) {
        let rows: Vec<NewGroup> = (0..300).map(|number| NewGroup::new(number.to_string())).collect();
        Group::insert_many(&rows).execute(db)?;
        let keys: Vec<i64> = (101..=100_100).collect();
        assert_eq!(Group::delete().filter(Group::id.in_list(&keys)).execute(db)?, 200);
        assert_eq!(Group::select().count(db)?, 100);
    }
}

on_sqlite! {
    /// What is refused is not sent, in a transaction either.
    fn refused_deletes_are_not_prepared(db) {
        fill(db)?;
        let absent = || None.map(|age: i32| User::age.gt(age));
        let kept = db.statement_cache_len();
        let refused = db.transaction(|tx| User::delete().filter(absent()).execute(tx));
        assert_eq!(refused.expect_err("the filter is empty").kind(), ErrorKind::Refused);
        assert!(User::delete().filter(absent()).execute(db).is_err());
        assert_eq!(db.statement_cache_len(), kept + 1, "nothing was sent but `rollback`");
    }
}
