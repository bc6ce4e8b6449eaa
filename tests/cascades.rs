//! Deletes that tell what the schema does to other rows.

#[path = "support/harness.rs"]
mod support;

use orm::{ErrorKind, prelude::*, query::Cascade, schema::ForeignKeyAction};
use support::TestDatabase as _;

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "shops", new(derive(Debug, Clone)))]
struct Shop {
    #[column(primary_key)]
    id: i64,
}

/// Shelves stand on shelves.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "shelves", new(derive(Debug, Clone)))]
struct Shelf {
    #[column(primary_key)]
    id: i64,
    #[column(references = Shop::id, on_delete = cascade)]
    shop_id: Option<i64>,
    #[column(references = Shelf::id, on_delete = cascade)]
    below_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "goods", new(derive(Debug, Clone)))]
struct Good {
    #[column(primary_key)]
    id: i64,
    #[column(references = Shelf::id, on_delete = set_null)]
    shelf_id: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "leases", new(derive(Debug, Clone)))]
struct Lease {
    #[column(primary_key)]
    id: i64,
    #[column(references = Shop::id, on_delete = restrict)]
    shop_id: i64,
}

schema! { fn shops() = [Shop, Shelf, Good, Lease] }

/// Two shops. Shelf 1 is in shop 1, on it stands 2, on that 3, and 1 stands on 3; a good is on 1, two are on 3. Shop 2 has a lease.
macro_rules! fill {
    ($db:expr) => {
        $db.create(&shops())?;
        Shop::insert_many(&[NewShop::new(1), NewShop::new(2)]).execute($db)?;
        let shelf = |id, shop_id, below_id| NewShelf { shop_id, below_id, ..NewShelf::new(id) };
        Shelf::insert_many(&[shelf(1, Some(1), None), shelf(2, None, Some(1)), shelf(3, None, Some(2))])
            .execute($db)?;
        Shelf::update().set(Shelf::below_id, 3).filter(Shelf::id.eq(1)).execute($db)?;
        let good = |id, shelf| NewGood { shelf_id: Some(shelf), ..NewGood::new(id) };
        Good::insert_many(&[good(1, 1), good(2, 3), good(3, 3)]).execute($db)?;
        Lease::insert_many(&[NewLease::new(1, 2)]).execute($db)?;
    };
}

/// What was told, as text.
fn text(told: &[Cascade]) -> Vec<String> {
    let mut told: Vec<String> = told
        .iter()
        .map(|Cascade { table, columns, action, rows, .. }| format!("{table}.{} {action:?} {rows}", columns.join(",")))
        .collect();
    told.sort();
    told
}

support::each_dialect! {
    fn rows_of_all_levels_are_told_once(db) {
        fill!(db);
        let delete = || Shop::delete().filter(Shop::id.eq(1)).cascades(&shops());
        let expected = ["goods.shelf_id SetNull 3", "shelves.below_id Cascade 2", "shelves.shop_id Cascade 1"];
        assert_eq!(text(&delete().tell(db)?), expected);
        assert_eq!((Shop::select().count(db)?, Shelf::select().count(db)?), (2, 3));

        let deleted = delete().execute(db)?;
        assert_eq!((deleted.rows, text(&deleted.cascades)), (1, expected.map(str::to_owned).to_vec()));
        assert_eq!((Shop::select().count(db)?, Shelf::select().count(db)?), (1, 0));
        assert_eq!(Good::select().filter(Good::shelf_id.is_null()).count(db)?, 3);
    }

    fn what_forbids_a_delete_is_told(db) {
        fill!(db);
        let delete = || Shop::delete().filter(Shop::id.eq(2)).cascades(&shops());
        let told = delete().tell(db)?;
        assert_eq!(text(&told), ["leases.shop_id Restrict 1"]);
        assert_eq!(told[0].action, ForeignKeyAction::Restrict);
        let error = delete().execute(db).expect_err("a lease refers to the shop");
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
        assert_eq!(Shop::select().count(db)?, 2);
    }

    fn nothing_is_told_of_nothing(db) {
        fill!(db);
        let deleted = Shop::delete().filter(Shop::id.eq(9)).cascades(&shops()).execute(db)?;
        assert_eq!((deleted.rows, deleted.cascades), (0, vec![]));
        let none: Option<bool> = None;
        let empty = Shop::delete().filter(none.map(|_| Shop::id.eq(1))).cascades(&shops());
        assert_eq!(empty.tell(db).map_err(|error| error.kind()).err(), Some(ErrorKind::Refused));
        assert_eq!(Good::delete().all_rows().cascades(&shops()).execute(db)?.rows, 3);
    }
}
