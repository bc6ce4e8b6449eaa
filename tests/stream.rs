//! Rows as they arrive.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{everyone, hire};
use orm::{ErrorKind, prelude::*, table::Alias};
use support::*;

alias!(Second);
alias!(Third);
alias!(Fourth);

each_dialect! {
    fn rows_in_their_order(db) {
        hire(db)?;
        let query =
            everyone().filter(Employee::id.gt(2)).columns((Employee::id, Employee::name)).order_by(Employee::id);
        assert_sql!(query, both: concat!(
            r#"select "employees"."id", "employees"."name" from "employees" "#,
            r#"where "employees"."id" > $1 order by "employees"."id""#
        ));
        let mut rows = query.stream(db);
        assert_eq!(rows.next().transpose()?, Some((3, "Cy".into())));
        assert_eq!(rows.next().transpose()?, Some((4, "Dee".into())));
        assert_eq!(rows.next().transpose()?, Some((5, "Eve".into())));
        assert!(rows.next().is_none());
        assert!(rows.next().is_none());
        let ids: Result<Vec<i32>, orm::Error> =
            everyone().columns(Employee::id).order_by(Employee::id).stream(db).collect();
        assert_eq!(ids?, [1, 2, 3, 4, 5]);
    }

    fn no_rows(db) {
        assert!(everyone().stream(db).next().is_none());
        assert_eq!(everyone().limit(0).stream(db).count(), 0);
    }

    fn a_statement_that_fails_is_the_first_item(db) {
        db.execute_batch("drop table employees")?;
        let mut rows = everyone().stream(db);
        let error = rows.next().expect("the failure").expect_err("there is no such table");
        assert_eq!(error.kind(), ErrorKind::InvalidStatement);
        assert!(rows.next().is_none());
        let mut unbound = Group::select().filter(Group::name.like("a\0")).stream(db);
        assert_eq!(unbound.next().expect("the failure").expect_err("the pattern has a NUL").kind(), ErrorKind::Encode);
        assert!(unbound.next().is_none());
    }

    /// A row that was read can be changed while the next ones are still to come.
    fn writing_between_rows(db) {
        hire(db)?;
        for row in everyone().columns((Employee::id, Employee::salary)).order_by(Employee::id).stream(db) {
            let (id, salary) = row?;
            Employee::update().set(Employee::salary, salary + id).filter(Employee::id.eq(id)).execute(db)?;
        }
        let salaries = everyone().columns(Employee::salary).order_by(Employee::id).all(db)?;
        assert_eq!(salaries, [901, 702, 703, 504, 305]);
    }

    /// Each stream has a statement of its own, also where both are of the same query.
    fn two_streams_at_once(db) {
        hire(db)?;
        let query = |least: i32| everyone().filter(Employee::id.ge(least)).columns(Employee::id).order_by(Employee::id);
        let (mut one, mut other) = (query(1).stream(db), query(4).stream(db));
        let mut ids = Vec::new();
        while let Some(id) = one.next().transpose()? {
            ids.push(id);
            ids.extend(other.next().transpose()?);
        }
        assert_eq!(ids, [1, 4, 2, 5, 3, 4, 5]);
        let mut pairs = 0;
        for outer in everyone().stream(db) {
            let outer = outer?;
            for inner in everyone().stream(db) {
                pairs += i32::from(inner?.id <= outer.id);
            }
        }
        assert_eq!(pairs, 15);
        assert_eq!(query(5).all(db)?, [5]);
    }

    /// The values of a query are copied, so it need not outlive what it was made of.
    fn values_outlive_what_they_came_from(db) {
        hire(db)?;
        let rows = {
            let name = String::from("Dee");
            let pattern = format!("{}%", &name[..1]);
            everyone()
                .filter(Employee::name.like(pattern))
                .filter(Employee::id.in_list(vec![4, 5]))
                .filter(Employee::name.eq(name))
                .stream(db)
        };
        let names: Result<Vec<String>, orm::Error> = rows.map(|row| row.map(|employee| employee.name)).collect();
        assert_eq!(names?, ["Dee"]);
    }

    /// Ten billion rows, of which three are read; on PostgreSQL, the server is told to stop.
    fn only_what_is_asked_for_is_read(db) {
        for number in 0..316 {
            Group::insert().set(Group::name, number.to_string()).execute(db)?;
        }
        let rows: Result<Vec<(i64, i64, i64, i64)>, orm::Error> = Group::select()
            .cross_join::<Alias<Group, Second>>()
            .cross_join::<Alias<Group, Third>>()
            .cross_join::<Alias<Group, Fourth>>()
            .columns((Group::id, Group::alias::<Second>().id, Group::alias::<Third>().id, Group::alias::<Fourth>().id))
            .stream(db)
            .take(3)
            .collect();
        assert_eq!(rows?.len(), 3);
    }

    /// Rows before the one that cannot be read are given, and none after it.
    fn an_error_ends_the_rows(db) {
        hire(db)?;
        db.execute_batch(either!(
            db,
            postgres: concat!(
                "alter table employees alter column salary type bigint; ",
                "update employees set salary = 3000000000 where id = 3"
            ),
            sqlite: "update employees set salary = 3000000000 where id = 3",
        ))?;
        let mut rows = everyone().order_by(Employee::id).stream(db);
        assert_eq!(rows.next().transpose()?.map(|employee| employee.id), Some(1));
        assert_eq!(rows.next().transpose()?.map(|employee| employee.id), Some(2));
        let error = rows.next().expect("there is a third row").expect_err("the salary does not fit");
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(rows.next().is_none());
        drop(rows);
        assert_eq!(everyone().count(db)?, 5);
    }

    /// A connection in the middle of its rows is made fit for what comes next, or given up.
    fn many_streams_dropped_early(db) {
        hire(db)?;
        for _ in 0..50 {
            let mut rows = everyone().stream(db);
            assert!(rows.next().is_some());
            drop(rows);
            assert_eq!(everyone().count(db)?, 5);
        }
        Employee::delete().filter(Employee::id.eq(5)).execute(db)?;
        assert_eq!(everyone().stream(db).count(), 4);
    }
}

on_sqlite! {
    /// While the statement is in the middle of its rows, the table is in use; dropping the stream ends that.
    fn dropping_early_ends_the_statement(db) {
        hire(db)?;
        let mut rows = everyone().stream(db);
        assert!(rows.next().is_some());
        assert!(db.execute_batch("drop table employees").is_err());
        drop(rows);
        assert_eq!(everyone().count(db)?, 5);
        let prepared = db.statement_cache_len();
        for _ in 0..50 {
            assert!(everyone().stream(db).next().is_some());
        }
        assert!(db.statement_cache_len() <= prepared + 1);
        db.execute_batch("drop table employees")?;
    }

    fn writing_after_dropping(db) {
        hire(db)?;
        let richest = everyone().order_by(Employee::salary.desc()).stream(db).next().transpose()?;
        assert_eq!(richest.map(|employee| employee.id), Some(1));
        Employee::delete().filter(Employee::id.eq(5)).execute(db)?;
        db.transaction(|tx| Employee::update().set(Employee::salary, 1).filter(Employee::id.eq(4)).execute(tx))?;
        let salaries: Result<Vec<i32>, orm::Error> =
            everyone().columns(Employee::salary).order_by(Employee::id).stream(db).collect();
        assert_eq!(salaries?, [900, 700, 700, 1]);
    }

    fn in_a_transaction(db) {
        hire(db)?;
        let total = db.read(|tx| everyone().columns(Employee::salary).stream(tx).sum::<Result<i32, orm::Error>>())?;
        assert_eq!(total, 3100);
        db.transaction(|tx| {
            Employee::delete().filter(Employee::id.gt(2)).execute(tx)?;
            assert_eq!(everyone().stream(tx).count(), 2);
            assert_eq!(everyone().stream(tx).next().transpose()?.map(|employee| employee.id), Some(1));
            Ok::<_, orm::Error>(())
        })?;
        assert_eq!(everyone().stream(db).count(), 2);
        let refused = db.transaction(|_| everyone().stream(db).next().expect("the failure").map(|_| ()));
        assert_eq!(refused.expect_err("the connection is in use").kind(), ErrorKind::TransactionOpen);
    }
}

on_postgres! {
    /// A stream that was dropped is read to its end before the next statement of its transaction.
    fn in_a_transaction_of_the_pool(db) {
        use futures_util::{StreamExt, TryStreamExt};

        hire(db)?;
        db.block_on(db.pool().transaction(async |tx| {
            Employee::delete().filter(Employee::id.gt(2)).execute(tx).await?;
            assert_eq!(everyone().stream(tx).count().await, 2);
            let first = everyone().order_by(Employee::id).stream(tx).next().await.transpose()?;
            assert_eq!(first.map(|employee| employee.id), Some(1));
            let ids: Vec<i32> = everyone().columns(Employee::id).order_by(Employee::id).stream(tx).try_collect().await?;
            assert_eq!(ids, [1, 2]);
            Ok::<_, orm::Error>(())
        }))?;
        assert_eq!(everyone().stream(db).count(), 2);
    }
}
