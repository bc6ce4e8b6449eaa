//! Values that a database takes for equal though they are written differently.

use orm::prelude::*;

use crate::support::*;

#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub(crate) struct Price {
    #[column(primary_key)]
    id: i32,
    amount: Decimal,
    ratio: f64,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub(crate) struct Offer {
    #[column(primary_key)]
    id: i32,
    amount: Option<Decimal>,
    ratio: Option<f64>,
}

relations! {
    Price { offers: many(Offer) on(amount = amount), similar: many(Offer) on(ratio = ratio) }
    Offer { price: optional(Price) on(amount = amount) }
}

schema! { fn schema() = [Price, Offer] }

/// Texts that are equal in capitals.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub(crate) struct Tag {
    #[column(primary_key, collation = "nocase")]
    name: String,
    uses: i32,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub(crate) struct Note {
    #[column(primary_key)]
    id: i32,
    #[column(references = Tag::name, collation = "nocase")]
    tag_name: String,
}

relations! {
    Tag { notes: many(Note) }
    Note { tag: one(Tag) }
}

schema! { fn tags() = [Tag, Note] }

/// Two notes, of which one writes the name of its tag differently.
macro_rules! write_notes {
    ($db:expr) => {
        $db.create(&tags())?;
        Tag::insert().set(Tag::name, "Rust").set(Tag::uses, 2).execute($db)?;
        for (id, name) in [(1, "Rust"), (2, "RUST")] {
            Note::insert().set(Note::id, id).set(Note::tag_name, name).execute($db)?;
        }
    };
}

each_dialect! {
    fn decimals_of_different_scales(db) {
        db.create(&schema())?;
        for (id, amount) in [(1, Decimal::new(15, 1)), (2, Decimal::new(1000, 1))] {
            Price::insert().set(Price::id, id).set(Price::amount, amount).set(Price::ratio, 0.5).execute(db)?;
        }
        let amounts = [Some(Decimal::new(150, 2)), Some(Decimal::new(100, 0)), Some(Decimal::new(1500, 3)), None];
        for (id, amount) in (1..).zip(amounts) {
            Offer::insert().set(Offer::id, id).set(Offer::amount, amount).set(Offer::ratio, None::<f64>).execute(db)?;
        }
        let prices = Price::select().with(Price::offers.order_by(Offer::id)).order_by(Price::id).all(db)?;
        let offers: Vec<Vec<i32>> =
            prices.iter().map(|price| price.offers().iter().map(|offer| offer.id).collect()).collect();
        assert_eq!(offers, [vec![1, 3], vec![2]]);
        let loaded = Price::offers.order_by(Offer::id).columns(Offer::id).load_into(&prices, db)?;
        assert_eq!(loaded, offers);
        let offers = Offer::select().with(Offer::price).order_by(Offer::id).all(db)?;
        let prices: Vec<Option<i32>> = offers.iter().map(|offer| offer.price().map(|price| price.id)).collect();
        assert_eq!(prices, [Some(1), Some(2), Some(1), None]);
    }

    fn zero_of_either_sign(db) {
        db.create(&schema())?;
        for (id, ratio) in [(1, 0.0), (2, -0.0), (3, 0.5)] {
            Price::insert()
                .set(Price::id, id)
                .set(Price::amount, Decimal::ZERO)
                .set(Price::ratio, ratio)
                .execute(db)?;
            Offer::insert()
                .set(Offer::id, id)
                .set(Offer::amount, None::<Decimal>)
                .set(Offer::ratio, ratio)
                .execute(db)?;
        }
        let prices =
            Price::select().with(Price::similar.order_by(Offer::id).columns(Offer::id)).order_by(Price::id).all(db)?;
        assert_eq!(prices.iter().map(|price| price.similar()).collect::<Vec<_>>(), [vec![1, 2], vec![1, 2], vec![3]]);
    }
}

on_sqlite! {
    /// Which row belongs to which is found in Rust, which compares letter by letter.
    fn texts_in_a_collation(db) {
        write_notes!(db);
        let counts = Tag::select().columns(Tag::notes.count()).all(db)?;
        assert_eq!(counts, [2]);
        let error = Tag::select().with(Tag::notes).all(db).map(|tags| tags.len());
        assert_eq!(error.map_err(|error| error.kind()), Err(orm::ErrorKind::Decode));
    }
}

on_postgres! {
    fn texts_in_a_collation_of_postgresql(db) {
        db.execute_batch(
            "create collation nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
        )?;
        write_notes!(db);
        let counts = Tag::select().columns(Tag::notes.count()).all(db)?;
        assert_eq!(counts, [2]);
        let error = Tag::select().with(Tag::notes).all(db).map(|tags| tags.len());
        assert_eq!(error.map_err(|error| error.kind()), Err(orm::ErrorKind::Decode));
    }
}
