//! The columns that rows belong together by: of every type, several of them, NULL.

use orm::prelude::*;

use crate::support::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
pub(crate) enum Shade {
    Light,
    #[db_enum(name = "it's \"dark\"")]
    Dark,
}

#[derive(Debug, Clone, PartialEq, Eq, DbType)]
pub(crate) struct Code(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbType)]
pub(crate) struct Inner(u16);

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbType)]
pub(crate) struct Outer(Inner);

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("it is a date")
}

fn time(hour: u32, micros: u32) -> NaiveDateTime {
    date(2024, 2, 29).and_hms_micro_opt(hour, 59, 58, micros).expect("it is a time")
}

/// Declares two tables, the second with a key to the first of this type, and a test of what belongs together by these
/// values.
macro_rules! keys {
    ($($name:ident: $ty:ty = $values:expr;)*) => {$(
        mod $name {
            use super::*;

            #[derive(Debug, Clone, PartialEq, Table)]
            #[table(new(derive(Debug)))]
            struct Whole {
                #[column(primary_key)]
                key: $ty,
                place: i32,
            }

            #[derive(Debug, Clone, PartialEq, Table)]
            #[table(new(derive(Debug)))]
            struct Part {
                #[column(primary_key)]
                id: i32,
                #[column(references = Whole::key)]
                whole_key: Option<$ty>,
            }

            relations! {
                Whole { parts: many(Part) }
                Part { whole: optional(Whole) }
            }

            schema! { fn schema() = [Whole, Part] }

            each_dialect! {
                fn as_a_key(db) {
                    db.create(&schema())?;
                    let values: Vec<$ty> = $values.into();
                    let mut expected = Vec::new();
                    for (place, value) in (0..).zip(&values) {
                        Whole::insert().set(Whole::key, value).set(Whole::place, place).execute(db)?;
                        for id in [10 * place, 10 * place + 1] {
                            Part::insert().set(Part::id, id).set(Part::whole_key, value).execute(db)?;
                        }
                        expected.push(vec![10 * place, 10 * place + 1]);
                    }
                    Part::insert().set(Part::id, 1000).set(Part::whole_key, None::<$ty>).execute(db)?;

                    let wholes = Whole::select().with(Whole::parts.order_by(Part::id)).order_by(Whole::place).all(db)?;
                    let ids = |parts: &[Part]| parts.iter().map(|part| part.id).collect::<Vec<_>>();
                    assert_eq!(wholes.iter().map(|whole| ids(whole.parts())).collect::<Vec<_>>(), expected);
                    let parts = Whole::parts.order_by(Part::id).load_into(&wholes, db)?;
                    assert_eq!(parts.iter().map(|parts| ids(parts)).collect::<Vec<_>>(), expected);

                    let parts = Part::select().with(Part::whole).order_by(Part::id).all(db)?;
                    let places: Vec<Option<i32>> = parts.iter().map(|part| part.whole().map(|whole| whole.place)).collect();
                    let mut expected: Vec<Option<i32>> = (0..).zip(&values).flat_map(|(place, _)| [Some(place); 2]).collect();
                    expected.push(None);
                    assert_eq!(places, expected);
                    let counts = Whole::select().columns(Whole::parts.count()).all(db)?;
                    assert_eq!(counts, vec![2; values.len()]);
                }
            }
        }
    )*};
}

keys! {
    booleans: bool = [true, false];
    tiny: i8 = [i8::MIN, 0, i8::MAX];
    small: i16 = [i16::MIN, 0, i16::MAX];
    medium: i32 = [i32::MIN, -1, i32::MAX];
    big: i64 = [i64::MIN, 0, i64::MAX];
    bytes_of_one: u8 = [0, u8::MAX];
    unsigned: u32 = [0, 1, u32::MAX];
    texts: String = ["", "a", "A", "a ", "ä", "it's \"quoted\" \\ [1, null]", "ﬁ"].map(String::from);
    blobs: Vec<u8> = [vec![], vec![0], vec![0, 255, 34, 92]];
    uuids: Uuid = [uuid(0), uuid(1), uuid(u128::MAX)];
    dates: NaiveDate = [date(1, 1, 1), date(1970, 1, 1), date(9999, 12, 31)];
    times: NaiveTime = [time(0, 0).time(), time(23, 999_999).time()];
    locals: NaiveDateTime = [time(0, 0), time(0, 1), time(23, 999_999)];
    moments: DateTime<Utc> = [time(0, 0).and_utc(), time(0, 1).and_utc()];
    labels: Shade = [Shade::Light, Shade::Dark];
    newtypes: Code = ["x", "X", ""].map(|code| Code(code.to_owned()));
    newtypes_of_newtypes: Outer = [0, 65535].map(|number| Outer(Inner(number)));
    decimals: Decimal = [Decimal::ZERO, Decimal::new(-15, 1), Decimal::new(150, 0), Decimal::MAX];
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub(crate) struct Town {
    #[column(primary_key)]
    country: String,
    #[column(primary_key)]
    name: String,
    people: i32,
}

/// Its keys may be NULL, in part or as a whole.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(
    foreign_key(columns(country, town), references = Town(country, name)),
    foreign_key(columns(next_country, next_town), references = Town(country, name)),
    new(derive(Debug))
)]
pub(crate) struct Stop {
    #[column(primary_key)]
    id: i32,
    country: Option<String>,
    town: Option<String>,
    next_country: Option<String>,
    next_town: Option<String>,
}

/// A key of three columns of three types.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub(crate) struct Ride {
    #[column(primary_key)]
    line: i16,
    #[column(primary_key)]
    day: NaiveDate,
    #[column(primary_key)]
    kind: Shade,
    seats: i32,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(foreign_key(columns(line, day, kind), references = Ride(line, day, kind)), new(derive(Debug)))]
pub(crate) struct Ticket {
    #[column(primary_key)]
    id: i32,
    line: i16,
    day: Option<NaiveDate>,
    kind: Shade,
}

/// Through a table with a key of two columns to one side, and of three to the other.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(
    foreign_key(columns(country, town), references = Town(country, name)),
    foreign_key(columns(line, day, kind), references = Ride(line, day, kind)),
    new(derive(Debug))
)]
pub(crate) struct Halt {
    #[column(primary_key)]
    id: i32,
    country: String,
    town: String,
    line: i16,
    day: NaiveDate,
    kind: Shade,
}

relations! {
    Town {
        stops: many(Stop) via (country, town),
        arrivals: many(Stop) via (next_country, next_town),
        rides: many(Ride) through(Halt),
    }
    Stop { here: optional(Town) via (country, town), next: optional(Town) via (next_country, next_town) }
    Ride { tickets: many(Ticket), towns: many(Town) through(Halt) }
    Ticket { ride: optional(Ride) }
}

schema! { fn schema() = [Town, Stop, Ride, Ticket, Halt] }

each_dialect! {
    fn of_two_columns(db) {
        db.create(&schema())?;
        // Each value of one column is there with several of the other.
        for (country, name, people) in [("de", "Bonn", 3), ("de", "Halle", 2), ("be", "Halle", 1)] {
            Town::insert().set(Town::country, country).set(Town::name, name).set(Town::people, people).execute(db)?;
        }
        for (id, country, town, next_country, next_town) in [
            (1, Some("de"), Some("Halle"), Some("be"), Some("Halle")),
            (2, Some("be"), Some("Halle"), None, None),
            (3, Some("de"), Some("Halle"), Some("de"), Some("Bonn")),
            (4, Some("de"), None, None, Some("Halle")),
            // Only a key that is whole has to be there.
            (5, Some("fr"), None, Some("de"), Some("Halle")),
        ] {
            Stop::insert()
                .set(Stop::id, id)
                .set(Stop::country, country)
                .set(Stop::town, town)
                .set(Stop::next_country, next_country)
                .set(Stop::next_town, next_town)
                .execute(db)?;
        }
        let query = Town::select()
            .with(Town::stops.order_by(Stop::id))
            .with(Town::arrivals.order_by(Stop::id).limit(1))
            .order_by((Town::country, Town::name));
        let ids = |stops: &[Stop]| stops.iter().map(|stop| stop.id).collect::<Vec<_>>();
        let towns = query.all(db)?;
        let read: Vec<_> = towns.iter().map(|town| (town.people, ids(town.stops()), ids(town.arrivals()))).collect();
        assert_eq!(read, [(1, vec![2], vec![1]), (3, vec![], vec![3]), (2, vec![1, 3], vec![5])]);

        let stops = Stop::select().with(Stop::here).with(Stop::next.with(Town::stops)).order_by(Stop::id).all(db)?;
        let read: Vec<(Option<i32>, Option<i32>)> = stops
            .iter()
            .map(|stop| (stop.here().map(|town| town.people), stop.next().map(|town| town.people)))
            .collect();
        assert_eq!(read, [(Some(2), Some(1)), (Some(1), None), (Some(2), Some(3)), (None, None), (None, Some(2))]);
        assert_eq!(stops[4].next().map(|town| ids(town.stops()).len()), Some(2));

        let loaded: Vec<Option<Town>> = Stop::here.load_into(&stops, db)?;
        let people: Vec<Option<i32>> = loaded.iter().map(|town| town.as_ref().map(|town| town.people)).collect();
        assert_eq!(people, [Some(2), Some(1), Some(2), None, None]);

        let query = Stop::select().filter(Stop::here.any(Town::people.gt(1))).columns(Stop::id).order_by(Stop::id);
        assert_sql!(query, both: r#"select "stops"."id" from "stops" where exists (select 1 from "towns" where "towns"."country" = "stops"."country" and "towns"."name" = "stops"."town" and "towns"."people" > $1) order by "stops"."id""#);
        assert_eq!(query.all(db)?, [1, 3]);
        let unknown = Stop::select().filter(Stop::next.none(Town::people.gt(0))).columns(Stop::id).order_by(Stop::id);
        assert_eq!(unknown.all(db)?, [2, 4]);
        let pairs =
            Town::select().left_join(Town::stops).columns((Town::people, Stop::id)).order_by((Town::people, Stop::id));
        assert_eq!(pairs.all(db)?, [(1, Some(2)), (2, Some(1)), (2, Some(3)), (3, None)]);
    }

    fn of_three_columns(db) {
        db.create(&schema())?;
        let (new_year, leap) = (date(2024, 1, 1), date(2024, 2, 29));
        for (line, day, kind, seats) in [
            (1, new_year, Shade::Light, 10),
            (1, new_year, Shade::Dark, 20),
            (1, leap, Shade::Light, 30),
            (2, leap, Shade::Light, 40),
        ] {
            Ride::insert()
                .set(Ride::line, line)
                .set(Ride::day, day)
                .set(Ride::kind, kind)
                .set(Ride::seats, seats)
                .execute(db)?;
        }
        for (id, line, day, kind) in [
            (1, 1, Some(leap), Shade::Light),
            (2, 1, Some(new_year), Shade::Dark),
            (3, 2, Some(leap), Shade::Light),
            (4, 1, None, Shade::Light),
            (5, 1, Some(leap), Shade::Light),
        ] {
            Ticket::insert()
                .set(Ticket::id, id)
                .set(Ticket::line, line)
                .set(Ticket::day, day)
                .set(Ticket::kind, kind)
                .execute(db)?;
        }
        let rides = Ride::select().with(Ride::tickets.order_by(Ticket::id.desc())).order_by(Ride::seats).all(db)?;
        let ids: Vec<Vec<i32>> =
            rides.iter().map(|ride| ride.tickets().iter().map(|ticket| ticket.id).collect()).collect();
        assert_eq!(ids, [vec![], vec![2], vec![5, 1], vec![3]]);
        let tickets = Ticket::select().with(Ticket::ride).order_by(Ticket::id).all(db)?;
        let seats: Vec<Option<i32>> = tickets.iter().map(|ticket| ticket.ride().map(|ride| ride.seats)).collect();
        assert_eq!(seats, [Some(30), Some(20), Some(40), None, Some(30)]);
        let first =
            Ride::select().with(Ride::tickets.order_by(Ticket::id).limit(1).columns(Ticket::id)).order_by(Ride::seats);
        assert_eq!(
            first.all(db)?.iter().map(|ride| ride.tickets()).collect::<Vec<_>>(),
            [vec![], vec![2], vec![1], vec![3]]
        );
    }

    fn of_several_columns_on_both_sides_of_a_table_between(db) {
        db.create(&schema())?;
        for (country, name, people) in [("de", "Halle", 2), ("be", "Halle", 1)] {
            Town::insert().set(Town::country, country).set(Town::name, name).set(Town::people, people).execute(db)?;
        }
        let day = date(2024, 1, 1);
        for (line, kind, seats) in [(1, Shade::Light, 10), (1, Shade::Dark, 20), (2, Shade::Dark, 30)] {
            Ride::insert()
                .set(Ride::line, line)
                .set(Ride::day, day)
                .set(Ride::kind, kind)
                .set(Ride::seats, seats)
                .execute(db)?;
        }
        for (id, country, line, kind) in
            [(1, "de", 1, Shade::Dark), (2, "be", 1, Shade::Dark), (3, "be", 1, Shade::Light)]
        {
            Halt::insert()
                .set(Halt::id, id)
                .set(Halt::country, country)
                .set(Halt::town, "Halle")
                .set(Halt::line, line)
                .set(Halt::day, day)
                .set(Halt::kind, kind)
                .execute(db)?;
        }
        let towns = Town::select()
            .with(Town::rides.order_by(Ride::seats).with(Ride::towns.order_by(Halt::id)))
            .order_by(Town::people)
            .all(db)?;
        let seats: Vec<Vec<i32>> =
            towns.iter().map(|town| town.rides().iter().map(|ride| ride.seats).collect()).collect();
        assert_eq!(seats, [vec![10, 20], vec![20]]);
        let back: Vec<i32> = towns[0].rides()[1].towns().iter().map(|town| town.people).collect();
        assert_eq!(back, [2, 1]);
        let lonely = Ride::select().filter(not(Ride::towns.exists())).columns(Ride::seats);
        assert_eq!(lonely.all(db)?, [30]);
    }
}
