//! Many rows: one statement for each level, whatever their number.

use orm::prelude::*;

use crate::support::*;

#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub(crate) struct Crate {
    #[column(primary_key)]
    id: i64,
    #[column(references = Shelf::id)]
    shelf_id: i64,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "shelves", new(derive(Debug)))]
pub(crate) struct Shelf {
    #[column(primary_key)]
    id: i64,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(index(crate_id), new(derive(Debug)))]
pub(crate) struct Bottle {
    #[column(primary_key)]
    id: i64,
    #[column(references = Crate::id)]
    crate_id: i64,
}

relations! {
    Shelf { crates: many(Crate) }
    Crate { shelf: one(Shelf), bottles: many(Bottle) }
    Bottle { carton: one(Crate) }
}

schema! { fn schema() = [Shelf, Crate, Bottle] }

const CRATES: i64 = 100_000;

/// Crates 1 to 100,000 on the shelves 0 and 1, and a bottle in every second crate.
macro_rules! fill {
    ($db:expr) => {
        $db.create(&schema())?;
        $db.execute_batch(either!(
            $db,
            postgres: "insert into shelves select n from generate_series(0, 1) as n;
                insert into crates select n, n % 2 from generate_series(1, 100000) as n;
                insert into bottles select n, n * 2 from generate_series(1, 50000) as n",
            sqlite: "create table n as with recursive n(n) as (select 1 union all select n + 1 from n where n < 100000) select n from n;
                insert into shelves values (0), (1);
                insert into crates select n, n % 2 from n;
                insert into bottles select n, n * 2 from n where n <= 50000",
        ))?;
    };
}

each_dialect! {
    fn a_hundred_thousand_keys_in_one_load(db) {
        fill!(db);
        let crates = Crate::select().with(Crate::bottles.columns(Bottle::id)).order_by(Crate::id).all(db)?;
        assert_eq!(crates.len() as i64, CRATES);
        let wrong = crates.iter().find(|one| match one.bottles() {
            [bottle] => *bottle * 2 != one.id,
            bottles => one.id % 2 == 0 || !bottles.is_empty(),
        });
        assert_eq!(wrong.map(|one| one.id), None);
    }

    /// All rows lead to one of two: each is read once, and given to every row that asked for it.
    fn equal_keys(db) {
        fill!(db);
        let crates = Crate::select().with(Crate::shelf).all(db)?;
        assert!(crates.iter().all(|one| one.shelf().id == one.id % 2));
        assert_eq!(crates.len() as i64, CRATES);
    }

    fn most_rows_belong_to_one(db) {
        fill!(db);
        let shelves = Shelf::select()
            .with(Shelf::crates.order_by(Crate::id.desc()).with(Crate::bottles))
            .order_by(Shelf::id)
            .all(db)?;
        let sizes: Vec<usize> = shelves.iter().map(|shelf| shelf.crates().len()).collect();
        assert_eq!(sizes, [50_000, 50_000]);
        assert!(shelves[0].crates().iter().all(|one| one.bottles().len() == 1));
        assert!(shelves[1].crates().iter().all(|one| one.bottles().is_empty()));
        let last: Vec<i64> = shelves[0].crates().iter().take(3).map(|one| one.id).collect();
        assert_eq!(last, [100_000, 99_998, 99_996]);
        let first = Shelf::select()
            .with(Shelf::crates.order_by(Crate::id).limit(2).offset(49_999).columns(Crate::id))
            .order_by(Shelf::id)
            .all(db)?;
        assert_eq!(first.iter().map(|shelf| shelf.crates()).collect::<Vec<_>>(), [[100_000], [99_999]]);
    }

    fn chunks_of_a_stream(db) {
        fill!(db);
        let mut rows = Bottle::select().order_by(Bottle::id).limit(10_500).stream(db);
        let (mut chunks, mut crates) = (0, 0);
        loop {
            let chunk: Vec<Bottle> = rows.by_ref().take(1000).collect::<Result<_, _>>()?;
            if chunk.is_empty() {
                break;
            }
            chunks += 1;
            crates += Bottle::carton
                .with(Crate::shelf)
                .load_into(&chunk, db)?
                .iter()
                .filter(|one| one.shelf().id == 0)
                .count();
        }
        assert_eq!((chunks, crates), (11, 10_500));
    }
}
