//! A row that is left out is no row: whatever is joined, the rows are those of tables that have nothing to hide.

#[path = "support/harness.rs"]
mod support;

use orm::{Error, prelude::*};
use support::{TestDatabase, each_dialect};

/// Tables with rows to hide, and beside each one of the same name with those that are left.
macro_rules! tables {
    ($($hiding:ident $left:ident;)*) => {$(
        #[derive(Debug, Clone, PartialEq, Table)]
        #[table(soft_delete = deleted_at, scope(tenant))]
        struct $hiding {
            #[column(primary_key)]
            id: i64,
            tenant: i64,
            link: i64,
            deleted_at: Option<DateTime<Utc>>,
        }

        #[derive(Debug, Clone, PartialEq, Table)]
        struct $left {
            #[column(primary_key)]
            id: i64,
            link: i64,
        }
    )*};
}

tables! {
    First FirstLeft;
    Second SecondLeft;
    Third ThirdLeft;
}

schema! { fn tables() = [First, Second, Third, FirstLeft, SecondLeft, ThirdLeft] }

/// The tenant that asks.
const MINE: i64 = 1;

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((self.0 >> 33) % end).expect("a small number")
    }
}

macro_rules! fill {
    ($db:expr, $numbers:expr, $hiding:ident $new:ident, $left:ident $new_left:ident) => {{
        let rows: Vec<$hiding> = (0..24)
            .map(|id| $hiding {
                id,
                tenant: MINE + i64::from($numbers.below(4) == 0),
                link: $numbers.below(6),
                deleted_at: ($numbers.below(4) == 0).then_some(DateTime::UNIX_EPOCH),
            })
            .collect();
        let new = |row: &$hiding| $new { deleted_at: row.deleted_at, ..$new::new(row.id, row.tenant, row.link) };
        $hiding::insert_many(&rows.iter().map(new).collect::<Vec<_>>()).execute($db)?;
        let left = rows.iter().filter(|row| row.tenant == MINE && row.deleted_at.is_none());
        let left: Vec<_> = left.map(|row| $new_left::new(row.id, row.link)).collect();
        assert!((1..24).contains(&left.len()));
        $left::insert_many(&left).execute($db)?;
    }};
}

fn fill(db: &impl TestDatabase, seed: u64) -> Result<(), Error> {
    db.create(&tables())?;
    let mut numbers = Numbers(seed);
    fill!(db, numbers, First NewFirst, FirstLeft NewFirstLeft);
    fill!(db, numbers, Second NewSecond, SecondLeft NewSecondLeft);
    fill!(db, numbers, Third NewThird, ThirdLeft NewThirdLeft);
    Ok(())
}

/// Joins a table by a condition, or, of a cross join, by none.
macro_rules! join {
    (cross_join, $query:expr, $table:ident, $condition:expr) => {
        $query.cross_join::<$table>()
    };
    ($kind:ident, $query:expr, $table:ident, $condition:expr) => {
        $query.$kind($table::on($condition))
    };
}

/// The ids of the rows that two joins give, in order.
macro_rules! ids {
    ($db:expr, $query:expr, $one:ident $two:ident, $first:ident $second:ident $third:ident) => {{
        let query = join!($one, $query, $second, $second::link.eq($first::link));
        let query = join!($two, query, $third, $third::link.eq($first::link).or($third::link.eq($second::link)));
        let rows =
            query.columns((coalesce($first::id, -1_i64), coalesce($second::id, -1_i64), coalesce($third::id, -1_i64)));
        let mut rows: Vec<(i64, i64, i64)> = rows.all($db)?;
        rows.sort_unstable();
        rows
    }};
}

macro_rules! compare {
    ($db:expr; $($one:ident: $($two:ident)*;)*) => {$($({
        let hiding = ids!($db, First::select().scope(MINE), $one $two, First Second Third);
        let left = ids!($db, FirstLeft::select(), $one $two, FirstLeft SecondLeft ThirdLeft);
        assert_eq!(hiding, left, concat!(stringify!($one), ", ", stringify!($two)));
        assert!(!hiding.is_empty());
    })*)*};
}

each_dialect! {
    /// Every kind of join after every other.
    fn joins(db) {
        fill(db, 1)?;
        compare! {
            db;
            inner_join: inner_join left_join right_join cross_join;
            left_join: inner_join left_join right_join cross_join;
            right_join: inner_join left_join right_join cross_join;
            full_join: inner_join left_join right_join cross_join;
            cross_join: inner_join left_join right_join cross_join;
        }
    }
}

/// Like `ids`, for a full join as the second one: PostgreSQL takes only conditions for it that it can merge or hash.
macro_rules! full_ids {
    ($db:expr, $query:expr, $one:ident, $first:ident $second:ident $third:ident) => {{
        let query = join!($one, $query, $second, $second::link.eq($first::link));
        let query = query.full_join($third::on($third::link.eq($second::link)));
        let rows =
            query.columns((coalesce($first::id, -1_i64), coalesce($second::id, -1_i64), coalesce($third::id, -1_i64)));
        let mut rows: Vec<(i64, i64, i64)> = rows.all($db)?;
        rows.sort_unstable();
        rows
    }};
}

macro_rules! compare_full {
    ($db:expr; $($one:ident)*) => {$({
        let hiding = full_ids!($db, First::select().scope(MINE), $one, First Second Third);
        let left = full_ids!($db, FirstLeft::select(), $one, FirstLeft SecondLeft ThirdLeft);
        assert_eq!(hiding, left, stringify!($one));
        assert!(hiding.iter().any(|row| row.2 == -1) || hiding.iter().any(|row| row.0 == -1));
    })*};
}

each_dialect! {
    fn full_joins_after_others(db) {
        fill(db, 2)?;
        compare_full!(db; inner_join left_join right_join full_join cross_join);
    }
}
