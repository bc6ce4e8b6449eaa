//! Properties of values and names: what goes in comes out, and nothing that is a value or a name becomes a statement.

#[path = "support/cells.rs"]
mod cells;
#[path = "properties/names.rs"]
mod names;
#[path = "properties/positions.rs"]
mod positions;
#[path = "support/stored.rs"]
mod stored;

use std::{cell::RefCell, cmp::Ordering};

use cells::*;
use orm::{Error, ErrorKind, prelude::*, sqlite::Connection};
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest},
    sample::select,
    test_runner::TestCaseError,
};
use stored::Value;

/// The number of cases of a property; `ORM_TORTURE` multiplies it.
fn cases(cases: u32) -> ProptestConfig {
    let factor = if std::env::var_os("ORM_TORTURE").is_some() { 100 } else { 1 };
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases * factor) }
}

thread_local! {
    /// The database of the cases of one property: a test runs in a thread of its own.
    static DATABASE: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

fn with_database<T>(body: impl FnOnce(&Connection) -> T) -> T {
    DATABASE.with(|kept| body(kept.borrow_mut().get_or_insert_with(database)))
}

type Checked = Result<(), TestCaseError>;

fn fail(error: Error) -> TestCaseError {
    TestCaseError::fail(stored::report(&error))
}

/// What is read is what was written, in a column that may be NULL too, and after an update.
fn check_round_trip<C: Cell>(value: &C::Value) -> Checked {
    check_round_trip_as::<C>(value, |read| read == value)
}

fn check_round_trip_as<C: Cell>(value: &C::Value, is_same: impl Fn(&C::Value) -> bool) -> Checked {
    with_database(|db| {
        let read = C::through(db, value).map_err(fail)?;
        prop_assert!(is_same(&read), "{read:?} instead of {value:?}");
        let changed = C::change(db, 1, value).map_err(fail)?;
        prop_assert!(is_same(&changed), "{changed:?} instead of {value:?}");
        Ok(())
    })
}

/// The database compares and sorts values as Rust does.
fn check_order<C: Compared>(mut values: Vec<C::Value>, compare: impl Fn(&C::Value, &C::Value) -> Ordering) -> Checked {
    with_database(|db| {
        C::clear(db).map_err(fail)?;
        for (id, value) in (1..).zip(&values) {
            C::write(db, id, value).map_err(fail)?;
        }
        let pivot = values[0].clone();
        let count =
            |keep: &dyn Fn(Ordering) -> bool| values.iter().filter(|value| keep(compare(value, &pivot))).count();
        let expected = [count(&|ordering| ordering.is_lt()), count(&|ordering| ordering.is_eq())];
        let found = [C::less(db, &pivot), C::equal(db, &pivot)].map(|found| found.map_err(fail));
        for (found, expected) in found.into_iter().zip(expected) {
            prop_assert_eq!(usize::try_from(found?).expect("few"), expected);
        }
        let listed = C::listed(db, &values[..1]).map_err(fail)?;
        prop_assert_eq!(usize::try_from(listed).expect("few"), expected[1]);
        values.sort_by(&compare);
        prop_assert_eq!(&C::in_order(db).map_err(fail)?, &values);
        prop_assert_eq!(&C::least(db).map_err(fail)?, &values.first().cloned());
        prop_assert_eq!(&C::greatest(db).map_err(fail)?, &values.last().cloned());
        Ok(())
    })
}

/// Texts with what is special in SQL, in patterns, in JSON and in UTF-8.
fn hostile_text() -> impl Strategy<Value = String> {
    let pieces = select(vec![
        "'",
        "''",
        "\"",
        "`",
        "[",
        "]",
        ";",
        "--",
        "/*",
        "*/",
        "\\",
        "\\'",
        "%",
        "_",
        "*",
        "?",
        "?1",
        "$1",
        ":x",
        "@x",
        "' or 1=1 --",
        "'; drop table sentinel; --",
        "\0",
        "\u{2019}",
        "\u{feff}",
        "\u{202e}",
        "🦀",
        "\u{10ffff}",
        "\u{d7ff}",
        "\u{e000}",
        "\n",
        "\r",
        "\t",
        "\u{1}",
        "{\"a\": [1]}",
        "null",
        "NULL",
        "1e999",
        "ß",
        "İ",
        "a\u{301}",
        " ",
        "a",
        "B",
    ]);
    prop_oneof![
        4 => vec(pieces, 0..8).prop_map(|pieces| pieces.concat()),
        2 => any::<String>(),
        1 => (any::<char>(), 0_usize..100_000).prop_map(|(char, count)| char.to_string().repeat(count)),
    ]
}

fn float() -> impl Strategy<Value = f64> {
    let special = vec![
        0.0,
        f64::MIN,
        f64::MAX,
        f64::MIN_POSITIVE,
        5e-324,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::EPSILON,
        9_007_199_254_740_993.0,
    ];
    let any_bits = any::<u64>().prop_map(f64::from_bits).prop_filter("NaN is refused", |float| !float.is_nan());
    // SQLite keeps no sign of zero.
    prop_oneof![select(special), any_bits].prop_map(|float| if float == 0.0 { 0.0 } else { float })
}

fn single() -> impl Strategy<Value = f32> {
    let any_bits = any::<u32>().prop_map(f32::from_bits).prop_filter("NaN is refused", |float| !float.is_nan());
    any_bits.prop_map(|float| if float == 0.0 { 0.0 } else { float })
}

fn nan() -> impl Strategy<Value = f64> {
    (any::<bool>(), 1..1_u64 << 52)
        .prop_map(|(sign, payload)| f64::from_bits(u64::from(sign) << 63 | 0x7ff << 52 | payload))
}

fn date() -> impl Strategy<Value = NaiveDate> {
    (-719_528..=2_932_896_i32).prop_map(|days| NaiveDate::from_num_days_from_ce_opt(days + 719_163).expect("in range"))
}

fn time() -> impl Strategy<Value = NaiveTime> {
    (0..86_400_000_000_i64).prop_map(|micros| {
        let seconds = u32::try_from(micros / 1_000_000).expect("less than a day");
        let nanos = u32::try_from(micros % 1_000_000 * 1_000).expect("less than a second");
        NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos).expect("in range")
    })
}

fn moment() -> impl Strategy<Value = DateTime<Utc>> {
    prop_oneof![
        (date(), time()).prop_map(|(date, time)| date.and_time(time).and_utc()),
        // Near the epoch, where the sign changes.
        (-5_000_000..5_000_000_i64).prop_map(|micros| DateTime::from_timestamp_micros(micros).expect("in range")),
    ]
}

fn decimal() -> impl Strategy<Value = Decimal> {
    let any_decimal = (any::<u32>(), any::<u32>(), any::<u32>(), any::<bool>(), 0..=28_u32)
        .prop_map(|(low, middle, high, negative, scale)| Decimal::from_parts(low, middle, high, negative, scale));
    prop_oneof![any_decimal, (-1_000..1_000_i64, 0..4_u32).prop_map(|(number, scale)| Decimal::new(number, scale))]
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let float = float().prop_filter("JSON has no infinity", |float| float.is_finite());
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<u64>().prop_map(serde_json::Value::from),
        float.prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(serde_json::Value::from),
            vec((any::<String>(), inner), 0..6).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

fn document() -> impl Strategy<Value = Document> {
    let ratio = float().prop_filter("JSON has no infinity", |float| float.is_finite());
    (hostile_text(), ratio, any::<i64>(), vec(any::<Option<String>>(), 0..5))
        .prop_map(|(title, ratio, count, tags)| Document { title, ratio, count, tags })
}

fn some<T: std::fmt::Debug>(values: impl Strategy<Value = T>) -> impl Strategy<Value = Vec<T>> {
    vec(values, 1..20)
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn t25_integers_round_trip(a: i8, b: u8, c: u16, d: u32, e: i16, f: i32, g: i64, h: bool) {
        check_round_trip::<Bytes1>(&a)?;
        check_round_trip::<Bytes2>(&b)?;
        check_round_trip::<Words>(&c)?;
        check_round_trip::<Outers>(&Outer(Inner(c)))?;
        check_round_trip::<Wides>(&d)?;
        check_round_trip::<Smalls>(&e)?;
        check_round_trip::<Integers>(&f)?;
        check_round_trip::<Bigs>(&g)?;
        check_round_trip::<Bools>(&h)?;
    }

    /// An integer of the wider column is read if it fits, and is an error otherwise; it is never cut.
    #[test]
    fn t25_conversions_are_checked(stored in prop_oneof![any::<i64>(), -70_000..70_000_i64, -300..300_i64]) {
        fn check<C: Cell>(stored: i64, expected: Option<C::Value>) -> Checked {
            with_database(|db| {
                C::clear(db).map_err(fail)?;
                stored::write(db, &format!("insert into {} values (1, ?1, ?1)", C::NAME), &[Value::Integer(stored)]);
                match (C::read(db, 1), expected) {
                    (Ok((read, _)), Some(expected)) => prop_assert_eq!(read, expected),
                    (Err(error), None) => prop_assert_eq!(error.kind(), ErrorKind::Decode),
                    (read, expected) => prop_assert!(false, "{read:?} instead of {expected:?}"),
                }
                Ok(())
            })
        }
        check::<Bytes1>(stored, stored.try_into().ok())?;
        check::<Bytes2>(stored, stored.try_into().ok())?;
        check::<Words>(stored, stored.try_into().ok())?;
        check::<Wides>(stored, stored.try_into().ok())?;
        check::<Smalls>(stored, stored.try_into().ok())?;
        check::<Integers>(stored, stored.try_into().ok())?;
        check::<Outers>(stored, stored.try_into().ok().map(|number| Outer(Inner(number))))?;
        check::<Bools>(stored.clamp(0, 1), Some(stored > 0))?;
    }

    #[test]
    fn t24_floats_round_trip(double in float(), single in single()) {
        check_round_trip_as::<Doubles>(&double, |read| read.to_bits() == double.to_bits())?;
        check_round_trip_as::<Singles>(&single, |read| read.to_bits() == single.to_bits())?;
    }

    /// NaN of either sign and with any payload is refused.
    #[test]
    fn t24_nan_is_refused(nan in nan()) {
        prop_assert!(nan.is_nan());
        let error = with_database(|db| Doubles::write(db, 1, &nan)).expect_err("it is NaN");
        prop_assert_eq!(error.kind(), ErrorKind::Encode);
    }

    #[test]
    fn t23_texts_round_trip(text in hostile_text()) {
        check_round_trip::<Texts>(&text)?;
        check_round_trip::<Names>(&Name(text))?;
    }

    #[test]
    fn bytes_round_trip(bytes in vec(any::<u8>(), 0..1_000), id: u128) {
        check_round_trip::<Blobs>(&bytes)?;
        check_round_trip::<Uuids>(&Uuid::from_u128(id))?;
    }

    #[test]
    fn t26_times_round_trip(date in date(), time in time(), moment in moment()) {
        check_round_trip::<Dates>(&date)?;
        check_round_trip::<Times>(&time)?;
        check_round_trip::<Locals>(&moment.naive_utc())?;
        check_round_trip::<Moments>(&moment)?;
    }

    #[test]
    fn t27_decimals_round_trip(decimal in decimal()) {
        check_round_trip::<Decimals>(&decimal)?;
    }

    #[test]
    fn json_round_trips(value in json(), document in document()) {
        check_round_trip::<Values>(&value)?;
        check_round_trip::<Documents>(&Json(document))?;
    }

    #[test]
    fn enums_round_trip(colour in select(vec![Colour::Red, Colour::Green, Colour::Blue])) {
        check_round_trip::<Colours>(&colour)?;
    }

    #[test]
    fn numbers_are_in_order(integers in some(any::<i64>()), floats in some(float()), singles in some(single())) {
        check_order::<Bigs>(integers, Ord::cmp)?;
        check_order::<Doubles>(floats, f64::total_cmp)?;
        check_order::<Singles>(singles, f32::total_cmp)?;
    }

    #[test]
    fn texts_are_in_order(texts in vec(hostile_text(), 1..12), blobs in some(vec(any::<u8>(), 0..6))) {
        check_order::<Texts>(texts, Ord::cmp)?;
        check_order::<Blobs>(blobs, Ord::cmp)?;
    }

    #[test]
    fn t26_times_are_in_order(moments in some(moment()), dates in some(date()), times in some(time())) {
        check_order::<Locals>(moments.iter().map(DateTime::naive_utc).collect(), Ord::cmp)?;
        check_order::<Moments>(moments, Ord::cmp)?;
        check_order::<Dates>(dates, Ord::cmp)?;
        check_order::<Times>(times, Ord::cmp)?;
    }

    #[test]
    fn t27_decimals_are_in_order(decimals in some(decimal())) {
        check_order::<Decimals>(decimals, Ord::cmp)?;
    }
}
