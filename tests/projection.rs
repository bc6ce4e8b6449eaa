//! Named projections: `#[derive(Row)]`.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{everyone, hire};
use orm::prelude::*;
use support::*;

#[derive(Debug, PartialEq, Row)]
struct Person {
    id: i32,
    name: String,
}

/// A field named by a keyword, one that is computed, one that may be missing, and one that never is but could.
#[derive(Debug, PartialEq, Row)]
struct Line {
    r#type: String,
    boss: Option<i32>,
    pay: Option<i32>,
    double: i32,
}

/// Rows within rows.
#[derive(Debug, PartialEq, Row)]
struct Report {
    person: Person,
    pay: (i32, bool),
    /// A whole row of the table.
    employee: Employee,
    boss: Option<Employee>,
}

#[derive(Debug, PartialEq, Row)]
struct Wages {
    manager_id: Option<i32>,
    people: i64,
    total: Option<i64>,
    mean: f64,
    best: Option<Person>,
}

#[derive(Debug, PartialEq, Row)]
struct Single {
    only: i64,
}

fn person(id: i32, name: &str) -> Person {
    Person { id, name: name.to_owned() }
}

each_dialect! {
    fn fields_are_filled_by_name(db) {
        hire(db)?;
        // The order in which the fields are named does not matter: columns come in the order of the struct.
        let query = everyone()
            .columns(PersonColumns { name: Employee::name, id: Employee::id })
            .order_by(Employee::id)
            .limit(2);
        assert_sql!(
            query,
            both: r#"select "employees"."id", "employees"."name" from "employees" order by "employees"."id" limit $1"#
        );
        let people: Vec<Person> = query.all(db)?;
        assert_eq!(people, [person(1, "Ada"), person(2, "Bob")]);
    }

    /// A value that is never NULL fits a field that is an `Option`.
    fn values_widen_to_options(db) {
        hire(db)?;
        let query = everyone()
            .filter(Employee::id.lt(3))
            .columns(LineColumns {
                r#type: Employee::name.lower().concat("!"),
                boss: Employee::manager_id,
                pay: Employee::salary,
                double: Employee::salary * 2,
            })
            .order_by(Employee::id);
        assert_sql!(query, both: concat!(
            r#"select lower("employees"."name") || $1, "employees"."manager_id", "employees"."salary", "#,
            r#""employees"."salary" * $2 from "employees" where "employees"."id" < $3 order by "employees"."id""#
        ));
        assert_eq!(
            query.all(db)?,
            [
                Line { r#type: "ada!".into(), boss: None, pay: Some(900), double: 1800 },
                Line { r#type: "bob!".into(), boss: Some(1), pay: Some(700), double: 1400 },
            ]
        );
    }

    fn rows_nest(db) {
        hire(db)?;
        let manager = Employee::alias::<Manager>();
        let reports: Vec<Report> = everyone()
            .left_join(manager.on(manager.id.eq(Employee::manager_id)))
            .filter(Employee::id.in_list([1, 4]))
            .columns(ReportColumns {
                person: PersonColumns { id: Employee::id, name: Employee::name },
                pay: (Employee::salary, Employee::salary.gt(600)),
                employee: Employee::row(),
                boss: manager.row(),
            })
            .order_by(Employee::id)
            .all(db)?;
        let employee = |id: i32, name: &str, manager_id, salary| Employee { id, name: name.into(), manager_id, salary };
        assert_eq!(
            reports,
            [
                Report {
                    person: person(1, "Ada"),
                    pay: (900, true),
                    employee: employee(1, "Ada", None, 900),
                    boss: None
                },
                Report {
                    person: person(4, "Dee"),
                    pay: (500, false),
                    employee: employee(4, "Dee", Some(2), 500),
                    boss: Some(employee(2, "Bob", Some(1), 700)),
                },
            ]
        );
    }

    /// Projections are parts of tuples, and tuples of projections.
    fn rows_beside_columns(db) {
        hire(db)?;
        let rows: Vec<(i32, Person, Option<i32>)> = everyone()
            .filter(Employee::id.eq(4))
            .columns((Employee::salary, PersonColumns { id: Employee::id, name: Employee::name }, Employee::manager_id))
            .all(db)?;
        assert_eq!(rows, [(500, person(4, "Dee"), Some(2))]);
    }

    /// The fields of a group are aggregates, grouped columns, and values.
    fn rows_of_groups(db) {
        hire(db)?;
        let query = everyone()
            .group_by(Employee::manager_id)
            .columns(WagesColumns {
                manager_id: Employee::manager_id,
                people: count_all(),
                total: sum(Employee::salary),
                mean: avg(Employee::salary),
                best: PersonColumns { id: min(Employee::id), name: min(Employee::name) },
            })
            .order_by(Employee::manager_id.asc().nulls_first());
        assert_eq!(
            query.all(db)?,
            [
                Wages { manager_id: None, people: 2, total: Some(1200), mean: 600.0, best: Some(person(1, "Ada")) },
                Wages { manager_id: Some(1), people: 2, total: Some(1400), mean: 700.0, best: Some(person(2, "Bob")) },
                Wages { manager_id: Some(2), people: 1, total: Some(500), mean: 500.0, best: Some(person(4, "Dee")) },
            ]
        );
    }

    fn one_field(db) {
        hire(db)?;
        assert_eq!(everyone().columns(SingleColumns { only: count_all() }).one(db)?, Single { only: 5 });
        assert_eq!(everyone().columns(SingleColumns { only: Employee::name.length() }).distinct().count(db)?, 2);
    }

    /// The ways to run a query give projections like everything else.
    fn in_every_way_to_run(db) {
        hire(db)?;
        let people =
            || everyone().columns(PersonColumns { id: Employee::id, name: Employee::name }).order_by(Employee::id);
        assert_eq!(people().first(db)?, Some(person(1, "Ada")));
        assert_eq!(people().filter(Employee::id.eq(2)).one(db)?, person(2, "Bob"));
        assert_eq!(people().filter(Employee::id.eq(9)).optional(db)?, None);
        assert_eq!(people().stream(db).nth(2).transpose()?, Some(person(3, "Cy")));
        assert_eq!(people().dynamic().filter(Employee::id.gt(4)).all(db)?, [person(5, "Eve")]);
        assert_eq!(people().count(db)?, 5);
    }
}
