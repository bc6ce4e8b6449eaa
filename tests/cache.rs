//! Texts and prepared statements: built once for each shape of a query, kept in bounds, never taken for another one.

#[path = "support/shapes.rs"]
mod shapes;
#[path = "support/harness.rs"]
mod support;

use std::collections::{HashMap, HashSet};

use orm::{
    Error, Query,
    executor::QueryKey,
    prelude::*,
    sqlite::{Connection, Sqlite},
};
use shapes::sqlite::{fill, read_everything, write_everything};
use support::*;

/// A connection that finds a filled database: none of its statements is older than the tables.
fn reopened(directory: &tempfile::TempDir, prepare: &'static str) -> Result<Connection, Error> {
    let path = directory.path().join("filled.db");
    let first = Connection::open(&path)?;
    first.create_all(&schema())?;
    fill(&first)?;
    first.execute_batch(prepare)?;
    drop(first);
    Connection::open(&path)
}

fn run_everything(db: &Connection) -> Result<(), Error> {
    for round in 1..=100 {
        read_everything(db, round)?;
        write_everything(db, round)?;
        // A stream that is dropped before its end, which takes a connection to a server along.
        Employee::select().filter(Employee::id.le(round)).stream(db).next().transpose()?;
    }
    Ok(())
}

/// The key of a query, and its text.
macro_rules! shape {
    ($query:expr) => {{
        let query = $query;
        (query.key(), support::Text::text(query.to_sql(Sqlite)))
    }};
}

/// Checks that no two texts have one key.
fn check_keys(shapes: &[(QueryKey, String)]) {
    let mut texts: HashMap<QueryKey, &str> = HashMap::new();
    for (key, text) in shapes {
        assert_eq!(*texts.entry(*key).or_insert(text), text);
    }
}

on_sqlite! {
    /// SQLite prepares a statement again by itself if the planner looked at a bound value: here it never does.
    fn nothing_is_prepared_twice(_db) {
        let directory = tempfile::tempdir().expect("there is room for a directory");
        let db = reopened(&directory, "")?;
        run_everything(&db)?;
        assert_eq!(db.reprepares(), 0);
        let prepared = db.statement_cache_len();
        run_everything(&db)?;
        assert_eq!((db.reprepares(), db.statement_cache_len()), (0, prepared));
        // The analysis itself outdates each statement once.
        db.execute_batch("analyze")?;
        run_everything(&db)?;
        let outdated = db.reprepares();
        assert!(outdated <= prepared as u64, "{outdated} of {prepared}");
        run_everything(&db)?;
        assert_eq!((db.reprepares(), db.statement_cache_len()), (outdated, prepared));
    }

    /// A connection that finds a database with statistics prepares nothing twice from the beginning.
    fn nothing_is_prepared_twice_on_an_analyzed_database(_db) {
        let directory = tempfile::tempdir().expect("there is room for a directory");
        let db = reopened(&directory, "analyze")?;
        run_everything(&db)?;
        assert_eq!(db.reprepares(), 0);
    }

    /// Without the setting that keeps the planner from looking, the count above is not zero.
    fn the_count_tells(_db) {
        let directory = tempfile::tempdir().expect("there is room for a directory");
        let db = reopened(&directory, "analyze")?;
        db.with_raw(|raw| raw.set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, false))?
            .expect("the setting exists");
        run_everything(&db)?;
        assert!(db.reprepares() > 0);
    }

    fn a_query_is_prepared_once(db) {
        fill(db)?;
        let before = db.statement_cache_len();
        for id in 1..=50 {
            assert_eq!(Employee::find(id).columns(Employee::salary).one(db)?, id * 10);
        }
        assert_eq!(db.statement_cache_len(), before + 1);
        let find = |id: i32| Employee::find(id).columns(Employee::salary);
        assert_sql!(find(1), sqlite: r#"select "employees"."salary" from "employees" where "employees"."id" = ?1"#);
        // The same expression elsewhere is the same type, hence the same statement.
        find(3).one(db)?;
        assert_eq!(db.statement_cache_len(), before + 1);
    }

    fn the_number_of_kept_statements_is_bounded(_db) {
        let db = Connection::options().statement_cache(8).open_in_memory()?;
        db.create_all(&schema())?;
        for terms in 0..100 {
            let query = Employee::select().filter(all((0..terms).map(|id| Employee::id.ne(id)).collect::<Vec<_>>()));
            assert_eq!(query.count(&db)?, 0);
            assert!(db.statement_cache_len() <= 8);
        }
        assert_eq!(db.statement_cache_len(), 8);
        // Streams that are open keep their statements, and give them up when they are dropped.
        let streams: Vec<_> = (0..20)
            .map(|terms| {
                Employee::select().filter(any((0..terms).map(|id| Employee::id.eq(id)).collect::<Vec<_>>())).stream(&db)
            })
            .collect();
        drop(streams);
        assert_eq!(Employee::select().count(&db)?, 0);
        assert!(db.statement_cache_len() <= 8, "{}", db.statement_cache_len());
    }

    fn nothing_is_kept_if_nothing_is_to_be_kept(_db) {
        let db = Connection::options().statement_cache(0).open_in_memory()?;
        db.create_all(&schema())?;
        fill(&db)?;
        read_everything(&db, 7)?;
        assert_eq!(db.statement_cache_len(), 0);
    }

    /// What varies at run time within one type: each combination has its own key and its own text.
    fn shapes_that_differ_have_texts_that_differ(_db) {
        let mut shapes = Vec::new();
        for bits in 0..32_u32 {
            let bit = |index: u32| bits >> index & 1 == 1;
            for matching in 0..4 {
                for (nulls, terms) in [(0, 0), (0, 1), (1, 1), (2, 1), (0, 2), (1, 3)] {
                    let name = match matching {
                        0 => Employee::name.like("a"),
                        1 => Employee::name.ilike("a"),
                        2 => Employee::name.contains("a"),
                        _ => Employee::name.starts_with("a"),
                    };
                    let order = if bit(0) { Employee::id.desc() } else { Employee::id.asc() };
                    let order = match nulls {
                        0 => order,
                        1 => order.nulls_first(),
                        _ => order.nulls_last(),
                    };
                    let mut query = Employee::select()
                        .filter(name)
                        .filter(bit(1).then(|| Employee::salary.gt(1)))
                        .filter(any((0..terms).map(|id| Employee::id.eq(id)).collect::<Vec<_>>()))
                        .columns(Employee::id)
                        .order_by(order);
                    if bit(2) {
                        query = query.limit(1);
                    }
                    if bit(3) {
                        query = query.offset(1);
                    }
                    if bit(4) {
                        query = query.distinct();
                    }
                    shapes.push(shape!(query));
                }
            }
        }
        check_keys(&shapes);
        assert_eq!(shapes.len(), 32 * 4 * 6);
        assert_eq!(shapes.iter().map(|(key, _)| key).collect::<HashSet<_>>().len(), shapes.len());
        assert_eq!(shapes.iter().map(|(_, text)| text).collect::<HashSet<_>>().len(), shapes.len());
    }

    /// Conditions that are present in other places have other keys, also where there are as many of them.
    fn presence_is_part_of_the_shape(_db) {
        let mut shapes = Vec::new();
        for bits in 0..16_u32 {
            let present = |index: u32| (bits >> index & 1 == 1).then(|| Employee::salary.gt(1));
            let id = |index: u32| (bits >> index & 1 == 1).then(|| Employee::id.gt(1));
            shapes.push(shape!(
                Employee::select().filter(present(0)).filter(id(1)).filter(all((present(2), not(id(3)))))
            ));
            shapes.push(shape!(
                Employee::select().filter(any((present(0), id(1)))).filter(not(any((id(2), present(3)))))
            ));
            let manager = Employee::alias::<Manager>();
            let joined = Employee::select()
                .left_join(manager.on(all((present(0), (bits >> 1 & 1 == 1).then(|| manager.id.eq(1))))));
            shapes.push(shape!(joined.filter(all([id(2), id(3)]))));
            let mut dynamic = Employee::select().dynamic();
            for index in 0..4 {
                dynamic = if index % 2 == 0 { dynamic.filter(present(index)) } else { dynamic.filter(id(index)) };
            }
            shapes.push(shape!(dynamic));
        }
        check_keys(&shapes);
        assert_eq!(shapes.iter().map(|(key, _)| key).collect::<HashSet<_>>().len(), shapes.len());
    }

    /// The types of what is added at run time are part of the shape, and so are their number and their order.
    fn added_parts_are_part_of_the_shape(_db) {
        let query = || Employee::select().columns(Employee::id).dynamic();
        let shapes = [
            shape!(query()),
            shape!(query().filter(Employee::id.eq(1))),
            shape!(query().filter(Employee::id.ne(1))),
            shape!(query().filter(Employee::salary.eq(1))),
            shape!(query().filter(Employee::id.eq(1)).filter(Employee::salary.eq(1))),
            shape!(query().filter(Employee::salary.eq(1)).filter(Employee::id.eq(1))),
            shape!(query().filter(Employee::id.eq(1)).filter(Employee::id.eq(1))),
            shape!(query().filter(Employee::id.eq(1).and(Employee::salary.eq(1)).or(Employee::id.eq(2)))),
            shape!(query().filter(Employee::id.eq(1).or(Employee::salary.eq(1)).and(Employee::id.eq(2)))),
            shape!(query().order_by(Employee::id)),
            shape!(query().order_by(Employee::id.desc())),
            shape!(query().order_by((Employee::id, Employee::name))),
            shape!(query().order_by((Employee::name, Employee::id))),
            shape!(query().order_by(Employee::id).limit(1)),
            shape!(query().order_by(Employee::id).offset(1)),
        ];
        check_keys(&shapes);
        assert_eq!(shapes.iter().map(|(key, _)| key).collect::<HashSet<_>>().len(), shapes.len());
        assert_eq!(shapes.iter().map(|(_, text)| text).collect::<HashSet<_>>().len(), shapes.len());
    }

    /// The values of a query are not part of its shape.
    fn values_are_not_part_of_the_shape(_db) {
        let query = |id: i32, name: &'static str, ids: &'static [i32], limit: u64| {
            shape!(
                Employee::select()
                    .filter(Employee::id.eq(id).or(Employee::name.contains(name)).or(Employee::id.in_list(ids)))
                    .limit(limit)
            )
        };
        assert_eq!(query(1, "a", &[], 1), query(-5, "", &[1, 2, 3], u64::MAX));
    }

    /// One function, called with every combination of what it can be called with, gives the rows it should each time.
    fn every_shape_gets_its_own_statement(db) {
        fill(db)?;
        let rows: Vec<(i32, String, i32)> = (1..=200).map(|id| (id, format!("name {id}"), id * 10)).collect();
        for round in 0..3 {
            for bits in 0..64_u32 {
                let bit = |index: u32| bits >> index & 1 == 1;
                let least = bit(0).then_some(150 + round);
                let part = if bit(1) { "1" } else { "name 1" };
                let limit = 5 + round as u64;
                let mut query = Employee::select()
                    .filter(least.map(|least| Employee::salary.ge(least)))
                    .filter(if bit(2) { Employee::name.contains(part) } else { Employee::name.starts_with(part) })
                    .columns(Employee::id)
                    .order_by(if bit(3) { Employee::id.desc() } else { Employee::id.asc() });
                if bit(4) {
                    query = query.limit(limit);
                }
                if bit(5) {
                    query = query.offset(2);
                }
                let mut expected: Vec<i32> = rows
                    .iter()
                    .filter(|(_, _, salary)| least.is_none_or(|least| *salary >= least))
                    .filter(|(_, name, _)| if bit(2) { name.contains(part) } else { name.starts_with(part) })
                    .map(|(id, ..)| *id)
                    .collect();
                if bit(3) {
                    expected.reverse();
                }
                let skipped = if bit(5) { 2 } else { 0 };
                let taken = if bit(4) { limit as usize } else { usize::MAX };
                let expected: Vec<i32> = expected.into_iter().skip(skipped).take(taken).collect();
                assert_eq!(query.all(db)?, expected, "{bits:b} in round {round}");
            }
        }
    }
}
