//! Conditions that are long or deep, on a stack of two mebibytes: what a thread has that nobody chose a stack for.

use orm::{Error, Query, prelude::*, sqlite::Connection};
use orm_core::ast;

use crate::{
    process::count,
    support::{postgres::Database, *},
};

const STACK: usize = 2 << 20;

/// Like `each_dialect!`, on a thread of its own.
macro_rules! on_a_small_stack {
    ($($(#[$attribute:meta])* fn $name:ident($db:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            #[test]
            fn sqlite() -> Result<(), Error> {
                run(|| {
                    let database = Connection::open_in_memory()?;
                    database.create_all(&schema())?;
                    let $db = &database;
                    $body
                    Ok(())
                })
            }

            $(#[$attribute])*
            #[test]
            fn postgres() -> Result<(), Error> {
                run(|| {
                    let database = Database::new(&schema());
                    let $db = &database;
                    $body
                    Ok(())
                })
            }
        }
    )*};
}

fn run(body: impl FnOnce() -> Result<(), Error> + Send + 'static) -> Result<(), Error> {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(body).expect("a thread can be started");
    thread.join().expect("it does not panic")
}

/// Everything else that is done with a statement: it is lowered, cloned, compared, printed and dropped.
fn handle(query: &impl Query) -> Result<(), Error> {
    let statement = query.statement()?;
    let copy: ast::Statement = statement.clone();
    assert_eq!(copy, statement);
    assert!(format!("{statement:?}").len() > 1_000);
    drop((statement, copy));
    Ok(())
}

fn terms<C>(term: impl Fn(usize) -> C) -> Vec<C> {
    (0..count(10_000, 100_000)).map(term).collect()
}

/// Two conditions of one type, in turn.
macro_rules! manager {
    ($number:expr) => {
        Employee::id.is_not_null().and(($number % 2 == 0).then(|| Employee::manager_id.is_null()))
    };
}

/// A condition inside of many others, whose types are inside of each other as well.
macro_rules! nested {
    ($inner:expr,) => { $inner };
    ($inner:expr, $_first:tt $($rest:tt)*) => {
        nested!(not(not($inner).or(Employee::salary.is_null())).and(Employee::id.is_not_null()), $($rest)*)
    };
}

on_a_small_stack! {
    fn t29_chains_of_conditions(db) {
        db.execute_batch("insert into employees values (1, 'a', null, 1), (2, 'b', 1, 2)")?;
        let every = || Employee::select().columns(Employee::id).filter(all(terms(|number| manager!(number))));
        assert_eq!(every().all(db)?, [1]);
        handle(&every())?;
        let some = || Employee::select().columns(Employee::id).filter(any(terms(|_| Employee::manager_id.is_null())));
        assert_eq!(some().all(db)?, [1]);
        handle(&some())?;
    }

    fn t29_chains_of_chains(db) {
        db.execute_batch("insert into employees values (1, 'a', null, 1), (2, 'b', 1, 2)")?;
        let side = if crate::process::is_full() { 316 } else { 141 };
        let inner = || any((0..side).map(|_| Employee::manager_id.is_null()).collect::<Vec<_>>());
        let outer = || all((0..side).map(|_| not(not(inner()))).collect::<Vec<_>>());
        let query = || Employee::select().columns(Employee::id).filter(outer());
        assert_eq!(query().all(db)?, [1]);
        handle(&query())?;
    }

    fn t29_filters_that_are_added(db) {
        db.execute_batch("insert into employees values (1, 'a', null, 1), (2, 'b', 1, 2)")?;
        let query = || {
            let mut query = Employee::select().columns(Employee::id).dynamic();
            for number in 0..count(10_000, 100_000) {
                query = query.filter(manager!(number));
            }
            query
        };
        assert_eq!(query().all(db)?, [1]);
        handle(&query())?;
    }

    /// A condition can be as deep as rustc's recursion limit lets its type be.
    fn t29_conditions_in_conditions(db) {
        db.execute_batch("insert into employees values (1, 'a', null, 1), (2, 'b', 1, 2)")?;
        let deep = || nested!(Employee::manager_id.is_null(), 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20);
        let query = || Employee::select().columns(Employee::id).filter(deep());
        assert_eq!(query().all(db)?, [1]);
        handle(&query())?;
        assert_eq!(query().filter(not(deep())).count(db)?, 0);
    }
}
