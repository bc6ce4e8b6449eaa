//! What a query gives: whole rows, columns, distinct rows, pages, the only row, their number, whether there are any.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{everyone, hire};
use orm::{Error, ErrorKind, prelude::*};
use support::*;

fn employee(id: i32, name: &str, manager_id: Option<i32>, salary: i32) -> Employee {
    Employee { id, name: name.to_owned(), manager_id, salary }
}

each_dialect! {
    /// Columns are always named, in the order of the struct.
    fn whole_rows(db) {
        hire(db)?;
        assert_sql!(everyone(), both: concat!(
            r#"select "employees"."id", "employees"."name", "employees"."manager_id", "employees"."salary" "#,
            r#"from "employees""#
        ));
        let rows: Vec<Employee> = everyone().filter(Employee::id.ge(4)).order_by(Employee::id).all(db)?;
        assert_eq!(rows, [employee(4, "Dee", Some(2), 500), employee(5, "Eve", None, 300)]);
    }

    fn one_column_is_a_value(db) {
        hire(db)?;
        assert_sql!(everyone().columns(Employee::name), both: r#"select "employees"."name" from "employees""#);
        let names: Vec<String> = everyone().columns(Employee::name).order_by(Employee::id).all(db)?;
        assert_eq!(names, ["Ada", "Bob", "Cy", "Dee", "Eve"]);
        let managers: Vec<Option<i32>> = everyone().columns(Employee::manager_id).order_by(Employee::id).all(db)?;
        assert_eq!(managers, [None, Some(1), Some(1), Some(2), None]);
        let single: Vec<(i32,)> = everyone().columns((Employee::id,)).order_by(Employee::id).limit(1).all(db)?;
        assert_eq!(single, [(1,)]);
    }

    fn two_columns_are_a_tuple(db) {
        hire(db)?;
        let query = everyone().columns((Employee::name, Employee::salary)).order_by(Employee::id).limit(2);
        assert_sql!(query, both: concat!(
            r#"select "employees"."name", "employees"."salary" from "employees" "#,
            r#"order by "employees"."id" limit $1"#
        ));
        let rows: Vec<(String, i32)> = query.all(db)?;
        assert_eq!(rows, [("Ada".into(), 900), ("Bob".into(), 700)]);
    }

    /// Each position is read as its own type, up to the last one.
    fn sixteen_columns(db) {
        hire(db)?;
        let query = everyone().filter(Employee::id.eq(2)).columns((
            Employee::id,
            Employee::name,
            Employee::manager_id,
            Employee::salary,
            Employee::id + 1,
            Employee::name.upper(),
            Employee::manager_id.is_null(),
            Employee::salary.cast::<f64>() / 2.0,
            Employee::id.eq(2),
            Employee::name.length(),
            coalesce(Employee::manager_id, 0),
            -Employee::salary,
            Employee::id.cast::<String>(),
            Employee::name.concat("!"),
            Employee::manager_id.gt(5),
            Employee::salary * 2,
        ));
        let row = query.one(db)?;
        assert_eq!((row.0, row.1.as_str(), row.2, row.3), (2, "Bob", Some(1), 700));
        assert_eq!((row.4, row.5.as_str(), row.6, row.7), (3, "BOB", false, Some(350.0)));
        assert_eq!((row.8, row.9, row.10, row.11), (true, 3, 1, -700));
        assert_eq!((row.12.as_str(), row.13.as_str(), row.14, row.15), ("2", "Bob!", Some(false), 1400));
    }

    /// Tuples nest, so more columns than a tuple has places fit.
    fn tuples_nest(db) {
        hire(db)?;
        let rows: Vec<((i32, String), (Option<i32>, (i32,)))> = everyone()
            .columns(((Employee::id, Employee::name), (Employee::manager_id, (Employee::salary,))))
            .order_by(Employee::id)
            .limit(2)
            .all(db)?;
        assert_eq!(rows, [((1, "Ada".into()), (None, (900,))), ((2, "Bob".into()), (Some(1), (700,)))]);
    }

    /// Values among the columns are bound before those of the filter, as they are in the text.
    fn values_are_columns(db) {
        hire(db)?;
        let query = everyone()
            .filter(Employee::id.eq(3))
            .columns((Employee::id + 10, Employee::name.concat("?"), Employee::salary.gt(1)))
            .order_by(Employee::id * 5)
            .limit(7)
            .offset(0);
        assert_sql!(query, both: concat!(
            r#"select "employees"."id" + $1, "employees"."name" || $2, "employees"."salary" > $3 from "employees" "#,
            r#"where "employees"."id" = $4 order by "employees"."id" * $5 limit $6 offset $7"#
        ));
        assert_eq!(query.one(db)?, (13, "Cy?".into(), true));
    }

    fn distinct_rows(db) {
        hire(db)?;
        let query = everyone().columns(Employee::salary).distinct().order_by(Employee::salary);
        assert_sql!(
            query,
            both: r#"select distinct "employees"."salary" from "employees" order by "employees"."salary""#
        );
        assert_eq!(query.all(db)?, [300, 500, 700, 900]);
        let pairs = everyone().columns((Employee::salary, Employee::manager_id)).distinct();
        assert_eq!(pairs.all(db)?.len(), 4);
        let managers =
            everyone().distinct().columns(Employee::manager_id).order_by(Employee::manager_id.desc().nulls_last());
        assert_eq!(managers.all(db)?, [Some(2), Some(1), None]);
        assert_eq!(everyone().distinct().count(db)?, 5);
    }

    /// Which of several rows that are given once would the order be about?
    fn distinct_rows_are_ordered_by_what_they_give(db) {
        hire(db)?;
        let salaries = || everyone().columns(Employee::salary).distinct();
        for error in [
            salaries().order_by(Employee::id).all(db).map(|_| ()),
            salaries().order_by((Employee::salary, Employee::salary + 1)).first(db).map(|_| ()),
            salaries().order_by(Employee::name).count(db).map(|_| ()),
            salaries().order_by(Employee::name).exists(db).map(|_| ()),
            salaries().dynamic().order_by(Employee::name).all(db).map(|_| ()),
        ] {
            let error = error.expect_err("the order is about other columns");
            assert!(matches!(error, Error::DistinctOrder { .. }), "{error:?}");
            assert_eq!(error.kind(), ErrorKind::Refused);
        }
        assert_eq!(
            everyone().distinct().order_by((Employee::salary, Employee::id)).first(db)?.map(|it| it.id),
            Some(5)
        );
    }

    fn limit_and_offset(db) {
        hire(db)?;
        let ids = || everyone().columns(Employee::id).order_by(Employee::id);
        assert_eq!(ids().limit(2).all(db)?, [1, 2]);
        assert_eq!(ids().limit(2).offset(3).all(db)?, [4, 5]);
        assert_eq!(ids().offset(3).all(db)?, [4, 5]);
        assert_eq!(ids().offset(5).all(db)?.len(), 0);
        assert_eq!(ids().limit(0).all(db)?.len(), 0);
        assert_eq!(ids().limit(u64::MAX).offset(1).all(db)?, [2, 3, 4, 5]);
        assert_eq!(ids().offset(u64::MAX).all(db)?.len(), 0);
        assert_eq!(ids().limit(1).limit(3).all(db)?, [1, 2, 3]);
        assert_eq!(ids().offset(1).offset(4).all(db)?, [5]);
        assert_sql!(
            everyone().columns(Employee::id).limit(1),
            both: r#"select "employees"."id" from "employees" limit $1"#
        );
        assert_sql!(
            everyone().columns(Employee::id).offset(1),
            postgres: r#"select "employees"."id" from "employees" offset $1"#,
            sqlite: r#"select "employees"."id" from "employees" limit -1 offset ?1"#
        );
        assert_sql!(
            everyone().columns(Employee::id).offset(1).limit(2),
            both: r#"select "employees"."id" from "employees" limit $1 offset $2"#
        );
    }

    /// Whether there are more rows does not matter.
    fn the_first_row(db) {
        hire(db)?;
        let names = || everyone().columns(Employee::name);
        assert_eq!(names().order_by(Employee::salary).first(db)?, Some("Eve".into()));
        assert_eq!(names().order_by(Employee::id).limit(3).first(db)?, Some("Ada".into()));
        assert_eq!(names().order_by(Employee::id).offset(2).first(db)?, Some("Cy".into()));
        assert_eq!(names().order_by(Employee::id).limit(0).first(db)?, None);
        assert_eq!(names().filter(Employee::id.gt(5)).first(db)?, None);
        assert_eq!(everyone().filter(Employee::id.eq(5)).first(db)?, Some(employee(5, "Eve", None, 300)));
        // A NULL is a row, and no row is none.
        assert_eq!(everyone().columns(Employee::manager_id).order_by(Employee::id).first(db)?, Some(None));
        assert_eq!(everyone().filter(Employee::id.gt(5)).columns(Employee::manager_id).first(db)?, None);
    }

    /// No row is an error of `one`, a second row is one of both.
    fn the_only_row(db) {
        hire(db)?;
        assert_eq!(everyone().filter(Employee::name.eq("Cy")).one(db)?, employee(3, "Cy", Some(1), 700));
        assert_eq!(everyone().filter(Employee::name.eq("Cy")).optional(db)?, Some(employee(3, "Cy", Some(1), 700)));
        assert_eq!(everyone().filter(Employee::name.eq("Zed")).optional(db)?, None);
        let error = everyone().filter(Employee::name.eq("Zed")).one(db).expect_err("there is no such employee");
        assert!(matches!(error, Error::NotFound { table: "employees" }));
        assert_eq!(error.to_string(), "no row of `employees` matches");
        for error in [
            everyone().filter(Employee::salary.eq(700)).one(db).map(|_| ()),
            everyone().filter(Employee::salary.eq(700)).optional(db).map(|_| ()),
        ] {
            let error = error.expect_err("there are two");
            assert!(matches!(error, Error::MultipleRows { table: "employees" }));
            assert_eq!(
                (error.kind(), error.to_string().as_str()),
                (ErrorKind::MultipleRows, "more than one row of `employees` matches")
            );
        }
        // Limited to one row, there is only one.
        assert_eq!(everyone().filter(Employee::salary.eq(700)).order_by(Employee::id).limit(1).one(db)?.id, 2);
    }

    fn rows_by_primary_key(db) {
        hire(db)?;
        let ann = User::insert().set(User::email, "a").set(User::name, "Ann").returning().one(db)?;
        for (name, rank) in [("one", 10), ("two", 20)] {
            let group = Group::insert().set(Group::name, name).returning().one(db)?;
            Membership::insert()
                .set(Membership::user_id, ann.id)
                .set(Membership::group_id, group.id)
                .set(Membership::rank, rank)
                .execute(db)?;
        }
        assert_sql!(
            Employee::find(3).columns(Employee::name),
            both: r#"select "employees"."name" from "employees" where "employees"."id" = $1"#
        );
        assert_eq!(Employee::find(3).one(db)?.name, "Cy");
        assert_eq!(Employee::find(9).optional(db)?, None);
        assert_eq!(Employee::find(9).one(db).expect_err("there is no such employee").kind(), ErrorKind::NotFound);
        assert_sql!(Membership::find((ann.id, 2)).columns(Membership::rank), both: concat!(
            r#"select "memberships"."rank" from "memberships" "#,
            r#"where "memberships"."user_id" = $1 and "memberships"."group_id" = $2"#
        ));
        assert_eq!(Membership::find((ann.id, 2)).one(db)?.rank, 20);
        assert_eq!(Membership::find((ann.id, 2)).filter(Membership::rank.lt(20)).optional(db)?, None);
        assert_eq!(User::find(&ann.id).one(db)?, ann);
    }

    fn the_number_of_rows(db) {
        hire(db)?;
        let n: i64 = everyone().count(db)?;
        assert_eq!(n, 5);
        assert_eq!(everyone().filter(Employee::salary.eq(700)).count(db)?, 2);
        assert_eq!(everyone().filter(Employee::id.gt(9)).count(db)?, 0);
        assert_eq!(everyone().order_by(Employee::name).count(db)?, 5);
        // Rows are counted, not values: two of these are NULL.
        assert_eq!(everyone().columns(Employee::manager_id).count(db)?, 5);
        assert_eq!(everyone().columns(Employee::id + 1).filter(Employee::id.lt(4)).count(db)?, 3);
    }

    fn the_number_of_distinct_rows(db) {
        hire(db)?;
        assert_eq!(everyone().columns(Employee::salary).distinct().count(db)?, 4);
        assert_eq!(everyone().columns(Employee::manager_id).distinct().count(db)?, 3);
        assert_eq!(everyone().columns(Employee::salary / 500 % 2).distinct().count(db)?, 2);
    }

    fn the_number_of_rows_of_a_page(db) {
        hire(db)?;
        assert_eq!(everyone().limit(3).count(db)?, 3);
        assert_eq!(everyone().limit(3).offset(4).count(db)?, 1);
        assert_eq!(everyone().offset(2).count(db)?, 3);
        assert_eq!(everyone().limit(0).count(db)?, 0);
        assert_eq!(everyone().filter(Employee::id.gt(1)).order_by(Employee::id * 2).limit(2).count(db)?, 2);
        assert_eq!(
            everyone().columns(Employee::salary).distinct().order_by(Employee::salary).limit(9).offset(1).count(db)?,
            3
        );
    }

    /// A group is a row. Without groups, an aggregate gives one row, be there anything to aggregate or not.
    fn the_number_of_groups(db) {
        hire(db)?;
        let groups = || everyone().group_by(Employee::manager_id).columns(Employee::manager_id);
        assert_eq!(groups().count(db)?, 3);
        assert_eq!(groups().having(count_all().gt(1)).count(db)?, 2);
        assert_eq!(groups().having(count_all().gt(1)).limit(1).count(db)?, 1);
        assert_eq!(
            everyone().filter(Employee::id.gt(9)).group_by(Employee::manager_id).columns(count_all()).count(db)?,
            0
        );
        assert_eq!(everyone().columns(max(Employee::salary)).count(db)?, 1);
        assert_eq!(everyone().filter(Employee::id.gt(9)).columns(max(Employee::salary)).count(db)?, 1);
    }

    fn the_number_of_joined_rows(db) {
        hire(db)?;
        let manager = Employee::alias::<Manager>();
        assert_eq!(everyone().left_join(manager.on(manager.id.eq(Employee::manager_id))).count(db)?, 5);
        assert_eq!(everyone().inner_join(manager.on(manager.id.eq(Employee::manager_id))).count(db)?, 3);
        assert_eq!(
            everyone()
                .inner_join(manager.on(manager.id.eq(Employee::manager_id)))
                .order_by(manager.id)
                .limit(2)
                .count(db)?,
            2
        );
    }

    fn whether_there_are_rows(db) {
        assert!(!everyone().exists(db)?);
        hire(db)?;
        assert!(everyone().exists(db)?);
        assert!(everyone().filter(Employee::salary.eq(700)).exists(db)?);
        assert!(!everyone().filter(Employee::salary.eq(701)).exists(db)?);
        // A row of NULL is a row.
        assert!(everyone().filter(Employee::id.eq(1)).columns(Employee::manager_id).exists(db)?);
        assert!(everyone().columns(Employee::id + 1).filter(Employee::id.eq(4)).order_by(Employee::id * 3).exists(db)?);
        assert!(Employee::find(5).exists(db)?);
        assert!(!Employee::find(6).exists(db)?);
    }

    fn whether_there_are_rows_on_a_page(db) {
        hire(db)?;
        assert!(everyone().limit(1).exists(db)?);
        assert!(!everyone().limit(0).exists(db)?);
        assert!(everyone().offset(4).exists(db)?);
        assert!(!everyone().offset(5).exists(db)?);
        assert!(!everyone().limit(3).offset(5).exists(db)?);
        assert!(everyone().columns(Employee::salary).distinct().offset(3).exists(db)?);
        assert!(!everyone().columns(Employee::salary).distinct().offset(4).exists(db)?);
        assert!(!everyone().columns(Employee::salary / 500).distinct().limit(5).offset(2).exists(db)?);
    }

    fn whether_there_are_groups(db) {
        let groups = || everyone().group_by(Employee::manager_id).columns((Employee::manager_id, count_all()));
        assert!(!groups().exists(db)?);
        assert!(everyone().columns(count_all()).exists(db)?);
        assert!(!everyone().columns(count_all()).offset(1).exists(db)?);
        hire(db)?;
        assert!(groups().exists(db)?);
        assert!(groups().offset(2).exists(db)?);
        assert!(!groups().offset(3).exists(db)?);
        assert!(groups().having(count_all().eq(2)).exists(db)?);
        assert!(!groups().having(count_all().gt(2)).exists(db)?);
        assert!(groups().having(max(Employee::salary).gt(800)).filter(Employee::id.lt(2)).exists(db)?);
        assert!(!groups().having(max(Employee::salary).gt(800)).filter(Employee::id.gt(1)).exists(db)?);
    }

    /// A builder is a value: what it gives does not depend on where it was put together.
    fn builders_are_values(db) {
        hire(db)?;
        fn led_by(manager: i32) -> impl orm::Query<Row = String> {
            Employee::select().filter(Employee::manager_id.eq(manager)).columns(Employee::name).order_by(Employee::name)
        }
        use orm::Executor;
        assert_eq!(db.fetch_all(led_by(1))?, ["Bob", "Cy"]);
        let query = led_by(2);
        assert_eq!(db.fetch_all(&query)?, ["Dee"]);
        assert_eq!(db.fetch_all(&query)?, ["Dee"]);
    }
}
