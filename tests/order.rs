//! The order of rows: directions, NULLs, several keys, expressions.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{everyone, hire};
use orm::prelude::*;
use support::*;

/// Checks the ids of all employees in an order.
macro_rules! check_order {
    ($db:expr, $order:expr, $expected:expr) => {
        assert_eq!(everyone().columns(Employee::id).order_by($order).all($db)?, $expected, "{}", stringify!($order));
    };
}

/// States the text of an order of employees.
macro_rules! assert_order {
    ($order:expr, $($database:ident: $sql:expr),+ $(,)?) => {
        assert_sql!(
            everyone().columns(Employee::id).order_by($order),
            $($database: format!(r#"select "employees"."id" from "employees" order by {}"#, $sql)),+
        );
    };
}

each_dialect! {
    fn directions(db) {
        hire(db)?;
        check_order!(db, Employee::name, [1, 2, 3, 4, 5]);
        check_order!(db, Employee::name.asc(), [1, 2, 3, 4, 5]);
        check_order!(db, Employee::name.desc(), [5, 4, 3, 2, 1]);
        assert_order!(Employee::name, both: r#""employees"."name""#);
        assert_order!(Employee::name.asc(), both: r#""employees"."name""#);
        assert_order!(Employee::name.desc(), both: r#""employees"."name" desc"#);
    }

    fn several_keys(db) {
        hire(db)?;
        check_order!(db, (Employee::salary, Employee::id), [5, 4, 2, 3, 1]);
        check_order!(db, (Employee::salary, Employee::id.desc()), [5, 4, 3, 2, 1]);
        check_order!(db, (Employee::salary.desc(), Employee::name.desc()), [1, 3, 2, 4, 5]);
        check_order!(db, (Employee::id.desc(),), [5, 4, 3, 2, 1]);
        assert_order!(
            (Employee::salary.desc(), Employee::name, Employee::id.desc().nulls_first()),
            both: r#""employees"."salary" desc, "employees"."name", "employees"."id" desc nulls first"#
        );
    }

    /// The key that was given first leads.
    fn calls_add_keys(db) {
        hire(db)?;
        let query = everyone().order_by(Employee::salary.desc()).order_by(Employee::id.desc()).columns(Employee::id);
        assert_sql!(query, both: concat!(
            r#"select "employees"."id" from "employees" "#,
            r#"order by "employees"."salary" desc, "employees"."id" desc"#
        ));
        assert_eq!(query.all(db)?, [1, 3, 2, 4, 5]);
    }

    fn nulls_where_they_are_said_to_be(db) {
        hire(db)?;
        let id = Employee::id;
        check_order!(db, (Employee::manager_id.asc().nulls_first(), id), [1, 5, 2, 3, 4]);
        check_order!(db, (Employee::manager_id.asc().nulls_last(), id), [2, 3, 4, 1, 5]);
        check_order!(db, (Employee::manager_id.desc().nulls_first(), id), [1, 5, 4, 2, 3]);
        check_order!(db, (Employee::manager_id.desc().nulls_last(), id), [4, 2, 3, 1, 5]);
        check_order!(db, (Employee::manager_id.desc().nulls_last().nulls_first(), id), [1, 5, 4, 2, 3]);
        assert_order!(Employee::manager_id.asc().nulls_last(), both: r#""employees"."manager_id" nulls last"#);
        assert_order!(
            Employee::manager_id.desc().nulls_first(),
            both: r#""employees"."manager_id" desc nulls first"#
        );
    }

    /// Where nothing is said PostgreSQL takes NULL for the greatest value, SQLite for the smallest.
    fn nulls_where_nothing_is_said(db) {
        hire(db)?;
        let ascending = either!(db, postgres: [2, 3, 4, 1, 5], sqlite: [1, 5, 2, 3, 4]);
        check_order!(db, (Employee::manager_id, Employee::id), ascending);
        let descending = either!(db, postgres: [1, 5, 4, 2, 3], sqlite: [4, 2, 3, 1, 5]);
        check_order!(db, (Employee::manager_id.desc(), Employee::id), descending);
    }

    /// The direction is chosen at run time: one type, two texts.
    fn directions_of_one_type(db) {
        hire(db)?;
        for descending in [false, true, false, true] {
            let key = if descending { Employee::id.desc() } else { Employee::id.asc() };
            let expected = if descending { [5, 4, 3, 2, 1] } else { [1, 2, 3, 4, 5] };
            check_order!(db, key, expected);
        }
        for last in [false, true, false] {
            let key = Employee::manager_id.desc();
            let key = if last { key.nulls_last() } else { key.nulls_first() };
            let expected = if last { [4, 2, 3, 1, 5] } else { [1, 5, 4, 2, 3] };
            check_order!(db, (key, Employee::id), expected);
        }
    }

    fn expressions_are_keys(db) {
        hire(db)?;
        check_order!(db, (Employee::salary * -1, Employee::id), [1, 2, 3, 4, 5]);
        check_order!(db, (Employee::manager_id.is_null().desc(), Employee::id.desc()), [5, 1, 4, 3, 2]);
        check_order!(db, (Employee::name.length(), Employee::name.lower().desc()), [3, 5, 4, 2, 1]);
        check_order!(db, (Employee::salary.between(400, 800).desc(), Employee::id), [2, 3, 4, 1, 5]);
        check_order!(db, (Employee::id.in_list([4, 2]).desc(), Employee::id), [2, 4, 1, 3, 5]);
        assert_order!(
            ((Employee::salary * -1).desc(), Employee::name.like("A%")),
            postgres: r#""employees"."salary" * $1 desc, "employees"."name" like $2"#,
            sqlite: r#""employees"."salary" * ?1 desc, "employees"."name" glob ?2"#
        );
    }

    /// A boolean is false before it is true, and text goes by its bytes: on SQLite, and on PostgreSQL in the locale `C`.
    fn orders_of_other_types(db) {
        for name in ["b", "B", "a", "ä", "", "🦀", "\u{ffff}", "A", "aa"] {
            Group::insert().set(Group::name, name).execute(db)?;
        }
        let names: Vec<String> = Group::select().columns(Group::name).order_by(Group::name).all(db)?;
        assert_eq!(names, ["", "A", "B", "a", "aa", "b", "ä", "\u{ffff}", "🦀"]);
        let short_first =
            Group::select().columns(Group::name).order_by((Group::name.length().gt(1), Group::name)).all(db)?;
        assert_eq!(short_first.last().map(String::as_str), Some("aa"));
    }

    /// The keys need not be among what is read, nor of one table.
    fn keys_of_joined_tables(db) {
        hire(db)?;
        let manager = Employee::alias::<Manager>();
        let names: Vec<String> = everyone()
            .left_join(manager.on(manager.id.eq(Employee::manager_id)))
            .columns(Employee::name)
            .order_by((manager.name.desc().nulls_last(), Employee::salary))
            .order_by(Employee::name)
            .all(db)?;
        assert_eq!(names, ["Dee", "Bob", "Cy", "Eve", "Ada"]);
    }

    fn times_in_their_order(db) {
        let moments =
            ["2024-02-29T23:59:59.999999Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2024-03-01T00:00:00Z"];
        for (index, moment) in moments.into_iter().enumerate() {
            let moment: DateTime<Utc> = moment.parse().expect("it is a moment");
            User::insert()
                .set(User::email, index.to_string())
                .set(User::name, "x")
                .set(User::created_at, moment)
                .execute(db)?;
        }
        let emails: Vec<String> = User::select().columns(User::email).order_by(User::created_at).all(db)?;
        assert_eq!(emails, ["1", "0", "3", "2"]);
    }

    /// A condition that is absent is the same for all rows, so it says nothing of their order.
    fn an_absent_condition_orders_nothing(db) {
        hire(db)?;
        let richer = |salary: Option<i32>| salary.map(|salary| Employee::salary.gt(salary));
        let by = |salary: Option<i32>| any((richer(salary), richer(None)));
        check_order!(db, (by(Some(600)), Employee::id), [4, 5, 1, 2, 3]);
        check_order!(db, (by(None), Employee::id.desc()), [5, 4, 3, 2, 1]);
        check_order!(db, (all((by(None), by(None))).desc(), Employee::id), [1, 2, 3, 4, 5]);
        let nobody: [i32; 0] = [];
        check_order!(db, (any(nobody.map(|id| Employee::id.eq(id))), Employee::id), [1, 2, 3, 4, 5]);
        assert_order!((by(None), Employee::id), both: r#""employees"."id""#);
        assert_sql!(
            everyone().columns(Employee::id).order_by(by(None)),
            both: r#"select "employees"."id" from "employees""#
        );
    }
}
