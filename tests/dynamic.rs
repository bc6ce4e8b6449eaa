//! Queries put together at run time: `dynamic()`.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{everyone, hire};
use orm::{ErrorKind, prelude::*};
use support::*;

each_dialect! {
    fn filters_added_in_a_loop(db) {
        hire(db)?;
        let mut query = everyone().columns(Employee::name).dynamic();
        for letter in ["e", "v"] {
            query = query.filter(Employee::name.contains(letter));
        }
        assert_sql!(
            query,
            postgres: concat!(
                r#"select "employees"."name" from "employees" "#,
                r#"where "employees"."name" like $1 and "employees"."name" like $2"#
            ),
            sqlite: concat!(
                r#"select "employees"."name" from "employees" "#,
                r#"where instr("employees"."name", ?1) > 0 and instr("employees"."name", ?2) > 0"#
            )
        );
        assert_eq!(query.all(db)?, ["Eve"]);
    }

    /// A query to which nothing is added is the query itself.
    fn nothing_added_changes_nothing(db) {
        hire(db)?;
        let plain =
            everyone().filter(Employee::id.gt(1)).columns(Employee::id).order_by(Employee::id).limit(2).offset(1);
        let dynamic = everyone()
            .filter(Employee::id.gt(1))
            .columns(Employee::id)
            .order_by(Employee::id)
            .limit(2)
            .offset(1)
            .dynamic();
        assert_eq!(plain.to_sql(orm::sqlite::Sqlite), dynamic.to_sql(orm::sqlite::Sqlite));
        assert_eq!(dynamic.all(db)?, plain.all(db)?);
        assert_sql!(everyone().columns(Employee::id).dynamic(), both: r#"select "employees"."id" from "employees""#);
    }

    /// One type whatever was added, so a branch can go on with either.
    fn branches_have_one_type(db) {
        hire(db)?;
        let find = |name: Option<&'static str>, richest_first: bool, page: Option<u64>| {
            let mut query = everyone().columns(Employee::id).dynamic();
            if let Some(name) = name {
                query = query.filter(Employee::name.ilike(name));
            }
            query = if richest_first {
                query.order_by(Employee::salary.desc()).order_by(Employee::id)
            } else {
                query.order_by(Employee::id.desc())
            };
            match page {
                Some(page) => query.limit(2).offset(page * 2),
                None => query,
            }
            .all(db)
        };
        for _ in 0..2 {
            assert_eq!(find(None, true, None)?, [1, 2, 3, 4, 5]);
            assert_eq!(find(None, false, None)?, [5, 4, 3, 2, 1]);
            assert_eq!(find(Some("%E%"), false, None)?, [5, 4]);
            assert_eq!(find(None, true, Some(1))?, [3, 4]);
            assert_eq!(find(Some("_O_"), true, Some(0))?, [2]);
        }
    }

    fn what_is_added_is_absent(db) {
        hire(db)?;
        let salary: Option<i32> = None;
        let query = everyone()
            .columns(Employee::id)
            .dynamic()
            .filter(salary.map(|salary| Employee::salary.eq(salary)))
            .filter(all(Vec::from([None, Some(Employee::id.eq(1))].map(|it| it.filter(|_| false)))));
        assert_sql!(query, both: r#"select "employees"."id" from "employees""#);
        assert_eq!(query.count(db)?, 5);
    }

    /// What is added is joined by `and`, even where the query had an `or` before.
    fn filters_are_joined_by_and(db) {
        hire(db)?;
        let query = everyone()
            .filter(Employee::id.eq(1).or(Employee::id.eq(2)))
            .columns(Employee::id)
            .dynamic()
            .filter(Employee::salary.gt(800).or(Employee::salary.lt(100)));
        assert_sql!(query, both: concat!(
            r#"select "employees"."id" from "employees" where ("employees"."id" = $1 or "employees"."id" = $2) "#,
            r#"and ("employees"."salary" > $3 or "employees"."salary" < $4)"#
        ));
        assert_eq!(query.all(db)?, [1]);
    }

    /// Filters that are added come before `having`, orders after it and before the page: in the text as among the
    /// values.
    fn values_are_bound_in_order(db) {
        hire(db)?;
        let manager = Employee::alias::<Manager>();
        let query = everyone()
            .left_join(manager.on(manager.id.eq(Employee::manager_id).and(manager.salary.gt(1))))
            .filter(Employee::id.ne(100))
            .group_by(Employee::manager_id)
            .having(count_all().lt(20))
            .columns((coalesce(Employee::manager_id, 77), sum(Employee::salary) + 3))
            .order_by(count_all() * -4)
            .limit(5)
            .offset(6)
            .dynamic()
            .filter(Employee::name.ne("Eve"))
            .order_by((sum(Employee::salary) - 7).desc())
            .filter(Employee::salary.between(8, 9_000))
            .order_by(max(Employee::name).concat("x"))
            .limit(2)
            .offset(0);
        assert_sql!(
            query,
            postgres: concat!(
                r#"select coalesce("employees"."manager_id", $1), cast(sum("employees"."salary") as bigint) + $2 "#,
                r#"from "employees" left join "employees" as "manager" "#,
                r#"on "manager"."id" = "employees"."manager_id" and "manager"."salary" > $3 "#,
                r#"where "employees"."id" <> $4 and "employees"."name" <> $5 and "employees"."salary" between $6 and $7 "#,
                r#"group by "employees"."manager_id" having count(*) < $8 "#,
                r#"order by count(*) * $9, cast(sum("employees"."salary") as bigint) - $10 desc, "#,
                r#"max("employees"."name") || $11 limit $12 offset $13"#
        ),
            sqlite: concat!(
                r#"select coalesce("employees"."manager_id", ?1), sum("employees"."salary") + ?2 from "employees" "#,
                r#"left join "employees" as "manager" "#,
                r#"on "manager"."id" = "employees"."manager_id" and "manager"."salary" > ?3 "#,
                r#"where "employees"."id" <> ?4 and "employees"."name" <> ?5 and "employees"."salary" between ?6 and ?7 "#,
                r#"group by "employees"."manager_id" having count(*) < ?8 "#,
                r#"order by count(*) * ?9, sum("employees"."salary") - ?10 desc, max("employees"."name") || ?11 "#,
                r#"limit ?12 offset ?13"#
        )
        );
        // Without Eve: two led by 1 (1400), then those alone: no manager (900), led by 2 (500).
        assert_eq!(query.all(db)?, [(1, 1403), (77, 903)]);
    }

    /// The page of the query is replaced, not added to.
    fn the_page_is_replaced(db) {
        hire(db)?;
        let ids = || everyone().columns(Employee::id).order_by(Employee::id).limit(1).offset(1).dynamic();
        assert_eq!(ids().all(db)?, [2]);
        assert_eq!(ids().limit(3).all(db)?, [2, 3, 4]);
        assert_eq!(ids().offset(4).all(db)?, [5]);
        assert_eq!(ids().limit(2).offset(0).filter(Employee::id.ne(1)).all(db)?, [2, 3]);
    }

    fn every_way_to_run(db) {
        hire(db)?;
        let query = |name: &'static str| everyone().dynamic().filter(Employee::name.eq(name)).order_by(Employee::id);
        assert_eq!(query("Cy").one(db)?.id, 3);
        assert_eq!(query("Zed").one(db).expect_err("there is no such employee").kind(), ErrorKind::NotFound);
        assert_eq!(query("Zed").optional(db)?, None);
        assert_eq!(query("Cy").first(db)?.map(|it| it.id), Some(3));
        assert_eq!(query("Cy").count(db)?, 1);
        assert!(query("Cy").exists(db)?);
        assert!(!query("Zed").exists(db)?);
        assert_eq!(query("Cy").stream(db).count(), 1);
        assert!(query("Cy").explain(db)?.contains("employees"));
        let error = everyone().dynamic().filter(Employee::salary.eq(700)).one(db).expect_err("there are two");
        assert_eq!(error.kind(), ErrorKind::MultipleRows);
        let all = everyone().columns(Employee::salary).distinct().dynamic().filter(Employee::salary.gt(400));
        assert_eq!(all.count(db)?, 3);
        assert_sql!(
            everyone().columns(Employee::id).dynamic().filter(Employee::id.eq(1)),
            both: r#"select "employees"."id" from "employees" where "employees"."id" = $1"#
        );
    }

    /// A query can borrow what it looks for.
    fn values_are_borrowed(db) {
        hire(db)?;
        let names = [String::from("Ada"), String::from("Dee")];
        let mut query = everyone().columns(Employee::id).order_by(Employee::id).dynamic();
        query = query.filter(Employee::name.in_list(&names));
        for name in &names {
            query = query.filter(Employee::name.ne(name).or(Employee::name.eq(name)));
        }
        assert_eq!(query.all(db)?, [1, 4]);
    }

    fn projections_and_joins_are_dynamic(db) {
        hire(db)?;
        let manager = Employee::alias::<Manager>();
        let mut query = everyone().left_join(manager.on(manager.id.eq(Employee::manager_id))).dynamic();
        query = query.filter(manager.name.eq("Ada")).order_by(Employee::name.desc());
        let rows: Vec<(Employee, Option<Employee>)> = query.all(db)?;
        assert_eq!(rows.into_iter().map(|(employee, _)| employee.id).collect::<Vec<_>>(), [3, 2]);
        let by_key = Employee::find(4).dynamic().filter(Employee::salary.gt(100));
        assert_eq!(by_key.one(db)?.name, "Dee");
    }
}
