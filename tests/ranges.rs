//! Ranges, spans of time and addresses of hosts.

#[path = "support/stored.rs"]
mod stored;
#[path = "support/harness.rs"]
mod support;

use std::{
    fmt::Debug,
    net::{IpAddr, Ipv6Addr},
    ops::Bound,
};

use orm::{Error, ErrorKind, prelude::*, sqlite::Connection, types::RangeItem};
use proptest::{
    prelude::{Just, ProptestConfig, Strategy, any, prop_oneof},
    test_runner::{TestCaseError, TestRunner},
};
use support::{postgres::Database, *};

/// A range of every type.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Clone)))]
struct Span {
    #[column(primary_key, auto_increment)]
    id: i64,
    small: Range<i32>,
    large: Range<i64>,
    exact: Option<Range<Decimal>>,
    days: Range<NaiveDate>,
    local: Range<NaiveDateTime>,
    moments: Option<Range<DateTime<Utc>>>,
    several: Vec<Range<i32>>,
}

schema! { fn spans() = [Span] }

#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Clone)))]
struct Booking {
    #[column(primary_key)]
    id: i64,
    nights: Range<i32>,
    guest: i32,
}

schema! { fn bookings() = [Booking] }

#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Clone)))]
struct Plan {
    #[column(primary_key)]
    id: i64,
    period: Interval,
    grace: Option<Interval>,
}

schema! { fn plans() = [Plan] }

#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Clone)))]
struct Host {
    #[column(primary_key, auto_increment)]
    id: i64,
    address: IpAddr,
    gateway: Option<IpAddr>,
}

schema! { fn hosts() = [Host] }

/// Runs a property, whose cases give whether it holds.
fn check<S: Strategy>(strategy: S, case: impl Fn(S::Value) -> Result<bool, Error>)
where
    S::Value: Debug,
{
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) };
    let checked = TestRunner::new(config).run(&strategy, |value| match case(value) {
        Ok(true) => Ok(()),
        Ok(false) => Err(TestCaseError::fail("a value is another one after it was stored")),
        Err(error) => Err(TestCaseError::fail(stored::report(&error))),
    });
    checked.unwrap_or_else(|failure| panic!("{failure}"));
}

fn ranges<T: RangeItem + Debug + 'static>(
    values: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Range<T>> {
    let values = values.boxed();
    let bound = || {
        let value = values.clone();
        prop_oneof![
            1 => Just(Bound::Unbounded),
            2 => value.clone().prop_map(Bound::Included),
            2 => value.prop_map(Bound::Excluded),
        ]
    };
    let ordered = (bound(), bound()).prop_map(|(one, other)| {
        let (range, reversed) = (Range::new(one.clone(), other.clone()), Range::new(other, one));
        if range.is_empty() { reversed } else { range }
    });
    prop_oneof![1 => Just(Range::empty()), 9 => ordered]
}

fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    let micros = -210_000_000_000_000_000..8_000_000_000_000_000_000_i64;
    micros.prop_map(|micros| DateTime::from_timestamp_micros(micros).expect("in range"))
}

fn decimals() -> impl Strategy<Value = Decimal> {
    (any::<i64>(), 0..28_u32).prop_map(|(digits, scale)| Decimal::new(digits, scale))
}

fn booked(db: &Database) -> Result<(), Error> {
    db.create_all(&bookings())?;
    let rows = [
        NewBooking::new(1, 1..4, 2),
        NewBooking::new(2, Range::from(4..=6), 5),
        NewBooking::new(3, Range::from(8..), 9),
        NewBooking::new(4, Range::empty(), 0),
    ];
    Booking::insert_many(&rows).execute(db).map(drop)
}

on_postgres! {
    fn t26_ranges(db) {
        db.create_all(&spans())?;
        let days = || moments().prop_map(|moment| moment.date_naive());
        let rows = (
            ranges(-1_000..1_000_i32),
            ranges(i64::MIN..i64::MAX),
            ranges(decimals()),
            ranges(days()),
            ranges(moments().prop_map(|moment| moment.naive_utc())),
            ranges(moments()),
        );
        check(rows, |(small, large, exact, days, local, moments)| {
            Span::delete().all_rows().execute(db)?;
            let several = vec![small, Range::empty(), Range::from(..)];
            let new = NewSpan {
                exact: Some(exact),
                moments: Some(moments),
                ..NewSpan::new(small, large, days, local, several)
            };
            let written = Span::insert().values(&new).returning().one(db)?;
            let read = Span::find(written.id).one(db)?;
            let found = Span::select().filter(Span::small.eq(small)).filter(Span::days.eq(days)).count(db)?;
            let same = (read.small, read.large, read.exact, read.days, read.local, read.moments, &read.several)
                == (small, large, Some(exact), days, local, Some(moments), &new.several);
            Ok(same && read == written && found == 1)
        });
    }

    /// Ranges in an insert of many rows, which are sent as arrays.
    fn many_rows(db) {
        db.create_all(&bookings())?;
        let rows: Vec<NewBooking> = (0..100).map(|at| NewBooking::new(i64::from(at), at..at * 2, at)).collect();
        assert_eq!(
            Booking::insert_many(&rows).to_sql(orm::postgres::Postgres),
            [r#"insert into "bookings" ("id", "nights", "guest") select * from unnest($1::bigint[], $2::int4range[], $3::integer[])"#]
        );
        assert_eq!(Booking::insert_many(&rows).execute(db)?, 100);
        let read: Vec<Range<i32>> = Booking::select().columns(Booking::nights).order_by(Booking::id).all(db)?;
        assert_eq!(read, rows.iter().map(|row| row.nights).collect::<Vec<_>>());
        db.create_all(&plans())?;
        let rows: Vec<NewPlan> =
            (0..3).map(|at| NewPlan::new(at, Interval { micros: at, ..Interval::default() })).collect();
        assert_eq!(
            Plan::insert_many(&rows).to_sql(orm::postgres::Postgres),
            [r#"insert into "plans" ("id", "period", "grace") select * from unnest($1::bigint[], $2::interval[], $3::interval[])"#]
        );
        assert_eq!(Plan::insert_many(&rows).execute(db)?, 3);
        assert_eq!(Plan::find(2).one(db)?.period.micros, 2);
    }

    fn columns(db) {
        db.create_all(&spans())?;
        let types = db
            .raw("select string_agg(udt_name, ' ' order by ordinal_position) from information_schema.columns where table_name = 'spans'")
            .expect("the statement is valid");
        let expected = "int8 int4range int8range numrange daterange tsrange tstzrange _int4range";
        assert_eq!(types, [[Some(expected.to_owned())]]);
    }

    fn operators(db) {
        booked(db)?;
        macro_rules! check {
            ($condition:expr, $sql:literal, $expected:expr) => {
                let query = Booking::select().columns(Booking::id).filter($condition).order_by(Booking::id);
                let sql = concat!(r#"select "bookings"."id" from "bookings" where "#, $sql, r#" order by "bookings"."id""#);
                assert_eq!(query.to_sql(orm::postgres::Postgres), sql);
                let ids: Vec<i64> = query.all(db)?;
                assert_eq!(ids, $expected);
            };
        }
        check!(Booking::nights.has(4), r#""bookings"."nights" @> cast($1 as integer)"#, [2]);
        check!(Booking::nights.has(Booking::guest), r#""bookings"."nights" @> "bookings"."guest""#, [1, 2, 3]);
        check!(Booking::nights.overlaps(3..5), r#""bookings"."nights" && $1"#, [1, 2]);
        check!(Booking::nights.contains_all(Range::from(1..=3)), r#""bookings"."nights" @> $1"#, [1]);
        check!(Booking::nights.contains_all(Range::empty()), r#""bookings"."nights" @> $1"#, [1, 2, 3, 4]);
        check!(Booking::nights.contained_in(..7), r#""bookings"."nights" <@ $1"#, [1, 2, 4]);
        check!(Booking::nights.adjacent(7..8), r#""bookings"."nights" -|- $1"#, [2, 3]);
        check!(Booking::nights.eq(1..=3), r#""bookings"."nights" = $1"#, [1]);
        check!(Booking::nights.in_list([Range::from(4..7), Range::empty()]), r#""bookings"."nights" = any($1)"#, [2, 4]);
        check!(
            not(Booking::nights.overlaps(1..3)).and(Booking::nights.ne(Range::empty())),
            r#"not ("bookings"."nights" && $1) and "bookings"."nights" <> $2"#,
            [2, 3]
        );
        check!(
            coalesce(Booking::nights, ..).has(Booking::guest + 1),
            r#"coalesce("bookings"."nights", $1) @> ("bookings"."guest" + $2)"#,
            [1, 2, 3]
        );
        let constant: Vec<bool> = Booking::select().columns(Booking::nights.has(5)).order_by(Booking::id).all(db)?;
        assert_eq!(constant, [false, true, false, false]);
    }

    /// A bound that the Rust type does not have is an error, and so is a range in a column of another type.
    fn unreadable(db) {
        db.create_all(&spans())?;
        let check = |column: &str, ty: &str, value: &str, expected: &str| {
            db.raw(&format!(
                "drop table spans; create table spans (id bigint, small int4range, exact numrange, moments tstzrange); \
                 alter table spans alter {column} type {ty} using null; \
                 insert into spans (id, {column}) values (1, {value})"
            ))
            .expect("the statements are valid");
            let error = match column {
                "small" => Span::select().columns(Span::small).all(db).map(drop),
                "exact" => Span::select().columns(Span::exact).all(db).map(drop),
                _ => Span::select().columns(Span::moments).all(db).map(drop),
            };
            let error = error.expect_err("the value does not fit");
            assert_eq!(error.kind(), ErrorKind::Decode);
            let report = stored::report(&error);
            assert!(report.starts_with(&format!("decoding column `{column}` (range of ")), "{report}");
            assert!(report.ends_with(expected), "{report}");
        };
        check("small", "int4range", "null", "the value is NULL, and the Rust type is not an `Option`");
        check("small", "integer", "1", "the value is stored as an integer");
        check("small", "int4multirange", "'{[1,3)}'", "the value is stored as another type");
        check("exact", "numrange", "numrange(1, 1e40)", "the value is out of range");
        check("moments", "tstzrange", "'[2024-01-01, infinity)'", "the value is out of range");
    }

    fn t26_intervals(db) {
        db.create_all(&plans())?;
        check((any::<i32>(), any::<i32>(), any::<i64>()), |(months, days, micros)| {
            let period = Interval { months, days, micros };
            Plan::delete().all_rows().execute(db)?;
            let new = NewPlan { grace: Some(period), ..NewPlan::new(1, period) };
            let written = Plan::insert().values(&new).returning().one(db)?;
            Ok(written.period == period && Plan::find(1).one(db)?.grace == Some(period))
        });
        Plan::update().set(Plan::period, Interval { months: 14, days: -3, micros: 1_500_000 }).all_rows().execute(db)?;
        let text = db.raw("select period from plans").expect("the statement is valid");
        assert_eq!(text, [[Some("1 year 2 mons -3 days +00:00:01.5".to_owned())]]);
    }

    /// PostgreSQL takes a month for 30 days and a day for 24 hours when it compares.
    fn intervals_are_compared(db) {
        db.create_all(&plans())?;
        let span = |months, days, hours: i64| Interval { months, days, micros: hours * 3_600_000_000 };
        let rows = [span(1, 0, 0), span(0, 29, 0), span(0, 0, 31 * 24), span(0, 30, 0)];
        let rows: Vec<NewPlan> = rows.iter().zip(1..).map(|(period, id)| NewPlan::new(id, *period)).collect();
        Plan::insert_many(&rows).execute(db)?;
        assert_eq!(Plan::select().columns(Plan::id).filter(Plan::period.lt(span(1, 0, 0))).all(db)?, [2]);
        let equal = Plan::select().filter(Plan::period.eq(span(0, 30, 0))).order_by(Plan::id).columns(Plan::id).all(db)?;
        assert_eq!(equal, [1, 4]);
        let listed = Plan::select().filter(Plan::period.in_list([span(0, 0, 744), span(0, 29, 0)])).count(db)?;
        assert_eq!(listed, 2);
    }

    /// What a newer server takes for infinity is not a span.
    fn infinite_intervals(db) {
        db.create_all(&plans())?;
        for infinite in [
            Interval { months: i32::MAX, days: i32::MAX, micros: i64::MAX },
            Interval { months: i32::MIN, days: i32::MIN, micros: i64::MIN },
        ] {
            let error = Plan::insert().values(NewPlan::new(1, infinite)).execute(db).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Encode);
        }
        assert_eq!(Plan::select().count(db)?, 0);
    }

    /// An address of a network is not one of a host.
    fn networks(db) {
        db.create_all(&hosts())?;
        db.raw("insert into hosts (address) values ('10.0.0.0/8')").expect("the statement is valid");
        let error = Host::select().all(db).expect_err("a network is no host");
        let expected = "decoding column `address` (inet) of `hosts` as `core::net::ip_addr::IpAddr`\n  \
            caused by: the value is stored as the address of a network";
        assert_eq!(stored::report(&error), expected);
        db.raw("update hosts set address = '10.0.0.1/32'").expect("the statement is valid");
        assert_eq!(Host::select().columns(Host::address).one(db)?, IpAddr::from([10, 0, 0, 1]));
    }
}

each_dialect! {
    fn t26_addresses(db) {
        db.create_all(&hosts())?;
        let address = prop_oneof![
            any::<[u8; 4]>().prop_map(IpAddr::from),
            any::<[u8; 16]>().prop_map(IpAddr::from),
            any::<[u8; 4]>().prop_map(|octets| Ipv6Addr::from(u128::from(u32::from_be_bytes(octets)) | 0xffff << 32).into()),
        ];
        check((address.clone(), address), |(address, gateway)| {
            Host::delete().all_rows().execute(db)?;
            let new = NewHost { gateway: Some(gateway), ..NewHost::new(address) };
            Host::insert_many(&[new, NewHost::new(gateway)]).execute(db)?;
            let read = Host::select().columns((Host::address, Host::gateway)).order_by(Host::id).all(db)?;
            let found = Host::select().filter(Host::address.eq(address)).filter(Host::gateway.eq(gateway)).count(db)?;
            let listed = Host::select().filter(Host::address.in_list([address, gateway])).count(db)?;
            Ok(read == [(address, Some(gateway)), (gateway, None)] && found == 1 && listed == 2)
        });
        assert_sql!(
            Host::select().columns(Host::id).filter(Host::address.eq(IpAddr::from([127, 0, 0, 1]))),
            both: r#"select "hosts"."id" from "hosts" where "hosts"."address" = $1"#,
        );
    }
}

on_sqlite! {
    /// An address is its usual text.
    fn addresses_are_text(db) {
        db.create_all(&hosts())?;
        for (address, text) in [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("2001:DB8:0::0:1", "2001:db8::1")] {
            Host::delete().all_rows().execute(db)?;
            Host::insert().set(Host::address, address.parse::<IpAddr>().expect("an address")).execute(db)?;
            assert_eq!(stored::stored(db, "select address from hosts"), stored::text(text));
        }
        for wrong in ["", "localhost", "1.2.3", "1.2.3.4/24", "::1%eth0", "01.2.3.4"] {
            stored::write(db, "update hosts set address = ?1", &[stored::text(wrong)]);
            let error = Host::select().all(db).expect_err("not an address");
            let expected = "decoding column `address` (inet) of `hosts` as `core::net::ip_addr::IpAddr`\n  \
                caused by: the text is not an IP address";
            assert_eq!(stored::report(&error), expected);
        }
    }
}

/// What rustc cannot refuse is refused at run time.
#[test]
fn sqlite_has_no_ranges_and_intervals() {
    let db = Connection::open_in_memory().expect("there is memory");
    let error = db.create_all(&bookings()).expect_err("SQLite has no ranges");
    assert_eq!(error.to_string(), "SQLite does not have the type range of integer of column `nights` of `bookings`");
    let error = db.create_all(&plans()).expect_err("SQLite has no intervals");
    assert_eq!(error.to_string(), "SQLite does not have the type interval of column `period` of `plans`");
}

/// Ranges with the same values are the same range, where there is a next value.
#[test]
fn equal_ranges() {
    let check = |range: Range<i32>, expected: Option<(Bound<&i32>, Bound<&i32>)>| assert_eq!(range.bounds(), expected);
    check(Range::from(1..=4), Some((Bound::Included(&1), Bound::Excluded(&5))));
    check(Range::new(Bound::Excluded(1), Bound::Excluded(3)), Some((Bound::Included(&2), Bound::Excluded(&3))));
    check(Range::new(Bound::Excluded(1), Bound::Excluded(2)), None);
    check(Range::from(2..2), None);
    check(Range::new(Bound::Included(3), Bound::Included(2)), None);
    check(Range::from(..), Some((Bound::Unbounded, Bound::Unbounded)));
    check(Range::from(..i32::MAX), Some((Bound::Unbounded, Bound::Excluded(&i32::MAX))));
    check(Range::from(1..=i32::MAX), Some((Bound::Included(&1), Bound::Included(&i32::MAX))));
    let half = Decimal::new(5, 1);
    assert!(!Range::from(half..=half).is_empty() && Range::from(half..half).is_empty());
    assert!(Range::new(Bound::Excluded(half), Bound::Included(half)).is_empty());
    let day = NaiveDate::from_ymd_opt(2024, 2, 28).expect("a day");
    let leap = NaiveDate::from_ymd_opt(2024, 2, 29).expect("a day");
    assert!(Range::from(day..=leap).contains(&leap) && !Range::from(day..leap).contains(&leap));
    assert!(!Range::empty().contains(&day));
}
