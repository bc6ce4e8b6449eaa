//! Five employees, whom most tests of conditions and orders are about.
#![allow(dead_code, unused_macros, unused_imports, unreachable_pub, reason = "each test file uses a part of it")]

use orm::{
    Error,
    prelude::*,
    query::{From, Select},
};

use crate::support::{Employee, TestDatabase};

/// The employees.
///
/// | id | name | manager | salary |
/// |---|---|---|---|
/// | 1 | Ada | | 900 |
/// | 2 | Bob | 1 | 700 |
/// | 3 | Cy | 1 | 700 |
/// | 4 | Dee | 2 | 500 |
/// | 5 | Eve | | 300 |
pub fn hire(db: &impl TestDatabase) -> Result<(), Error> {
    let rows = [
        (1, "Ada", None, 900),
        (2, "Bob", Some(1), 700),
        (3, "Cy", Some(1), 700),
        (4, "Dee", Some(2), 500),
        (5, "Eve", None, 300),
    ];
    for (id, name, manager_id, salary) in rows {
        Employee::insert()
            .set(Employee::id, id)
            .set(Employee::name, name)
            .set(Employee::manager_id, manager_id)
            .set(Employee::salary, salary)
            .execute(db)?;
    }
    Ok(())
}

/// Checks which employees, by their ids, meet a condition.
macro_rules! check {
    ($db:expr, $condition:expr, $expected:expr) => {
        let expected: &[i32] = &$expected;
        let query = Employee::select().filter($condition).columns(Employee::id).order_by(Employee::id);
        assert_eq!(query.all($db)?, expected, "{}", stringify!($condition));
    };
}
pub(crate) use check;

/// States the text of a condition on employees.
macro_rules! assert_condition {
    ($condition:expr, $($database:ident: $sql:expr),+ $(,)?) => {
        let query = Employee::select().filter($condition).columns(Employee::id);
        crate::support::assert_sql!(
            query,
            $($database: format!(r#"select "employees"."id" from "employees" where {}"#, $sql)),+
        );
    };
}
pub(crate) use assert_condition;

/// All employees.
pub fn everyone() -> Select<From<Employee>> {
    Employee::select()
}
