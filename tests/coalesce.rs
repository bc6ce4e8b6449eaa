//! `coalesce`: a value where there is none.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{assert_condition, check, everyone, hire};
use orm::prelude::*;
use support::*;

on_sqlite! {
    fn a_value_stands_for_null(db) {
        hire(db)?;
        let query = everyone().columns(coalesce(Employee::manager_id, 0)).order_by(Employee::id);
        assert_sql!(
            query,
            sqlite: r#"select coalesce("employees"."manager_id", ?1) from "employees" order by "employees"."id""#
        );
        let managers: Vec<i32> = query.all(db)?;
        assert_eq!(managers, [0, 1, 1, 2, 0]);
    }

    /// The result is an `Option` only if both sides can be NULL.
    fn nullability_is_that_of_both_sides(db) {
        hire(db)?;
        let own_id: Vec<i32> =
            everyone().columns(coalesce(Employee::manager_id, Employee::id)).order_by(Employee::id).all(db)?;
        assert_eq!(own_id, [1, 1, 1, 2, 5]);
        let nothing: Vec<Option<i32>> =
            everyone().columns(coalesce(Employee::manager_id, None::<i32>)).order_by(Employee::id).all(db)?;
        assert_eq!(nothing, [None, Some(1), Some(1), Some(2), None]);
        let never: Vec<i32> =
            everyone().columns(coalesce(Employee::id, Employee::manager_id)).order_by(Employee::id).all(db)?;
        assert_eq!(never, [1, 2, 3, 4, 5]);
        let nested: Vec<i32> = everyone()
            .columns(coalesce(Employee::manager_id, coalesce(Employee::manager_id * 2, -1)))
            .order_by(Employee::id)
            .all(db)?;
        assert_eq!(nested, [-1, 1, 1, 2, -1]);
    }

    fn in_conditions_and_orders(db) {
        hire(db)?;
        check!(db, coalesce(Employee::manager_id, 0).lt(2), [1, 2, 3, 5]);
        check!(db, coalesce(Employee::manager_id.eq(1), true), [1, 2, 3, 5]);
        check!(db, not(coalesce(Employee::manager_id.eq(1), false)), [1, 4, 5]);
        assert_condition!(
            coalesce(Employee::manager_id, 0).lt(2).and(Employee::id.gt(1)),
            sqlite: r#"coalesce("employees"."manager_id", ?1) < ?2 and "employees"."id" > ?3"#
        );
        let ordered =
            everyone().columns(Employee::id).order_by((coalesce(Employee::manager_id, 9).desc(), Employee::id));
        assert_eq!(ordered.all(db)?, [1, 5, 4, 2, 3]);
    }

    /// The nullable side of a join, and an aggregate of no rows, get a value too.
    fn after_joins_and_around_aggregates(db) {
        hire(db)?;
        let manager = Employee::alias::<Manager>();
        let names: Vec<String> = everyone()
            .left_join(manager.on(manager.id.eq(Employee::manager_id)))
            .columns(coalesce(manager.name, "nobody"))
            .order_by(Employee::id)
            .all(db)?;
        assert_eq!(names, ["nobody", "Ada", "Ada", "Bob", "nobody"]);
        let total: i64 = everyone().filter(Employee::id.gt(99)).columns(coalesce(sum(Employee::salary), 0)).one(db)?;
        assert_eq!(total, 0);
        let inside: Option<i64> = everyone().columns(sum(coalesce(Employee::manager_id, 10))).one(db)?;
        assert_eq!(inside, Some(24));
    }

    fn text_dates_and_enums(db) {
        User::insert().set(User::email, "a").set(User::name, "Ann").execute(db)?;
        let row: (String, Role, i32) = User::select()
            .columns((coalesce(User::name, "?"), coalesce(User::role, Role::Owner), coalesce(User::age, -1)))
            .one(db)?;
        assert_eq!(row, ("Ann".into(), Role::Member, -1));
        assert_eq!(User::select().filter(coalesce(User::created_at, now()).le(User::updated_at)).count(db)?, 1);
    }
}
