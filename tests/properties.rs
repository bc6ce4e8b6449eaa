//! Properties of values and names: what goes in comes out, and nothing that is a value or a name becomes a statement.

#[path = "support/cells.rs"]
mod cells;
#[path = "properties/names.rs"]
mod names;
#[path = "properties/nested.rs"]
mod nested;
#[path = "properties/positions.rs"]
mod positions;
#[path = "support/stored.rs"]
mod stored;
#[path = "support/harness.rs"]
mod support;

use std::cmp::Ordering;

use cells::*;
use orm::{Error, ErrorKind, prelude::*, sqlite::Connection};
use proptest::{
    collection::vec,
    prelude::{Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof},
    sample::select,
    test_runner::{TestCaseError, TestRunner},
};
use stored::Value;
use support::either;

/// The number of cases of a property; `ORM_TORTURE` multiplies it.
fn cases(cases: u32) -> ProptestConfig {
    let factor = if std::env::var_os("ORM_TORTURE").is_some() { 100 } else { 1 };
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases * factor) }
}

/// Runs cases of a property on every database: `properties! { 64 cases: fn name(db, value in strategy) { … } }`.
macro_rules! properties {
    ($count:literal cases:
    $($(#[$attribute:meta])* fn $name:ident($db:ident, $($value:pat in $strategy:expr),+ $(,)?) $body:block)*) => {$(
        $crate::cells::each_database! {
            $(#[$attribute])*
            fn $name($db) {
                let cases = $crate::run_cases($count, ($($strategy,)+), |($($value,)+)| {
                    $body
                    Ok(())
                });
                cases.unwrap_or_else(|failure| panic!("{failure}"));
            }
        }
    )*};
}
use properties;

fn run_cases<S: Strategy>(count: u32, strategy: S, case: impl Fn(S::Value) -> Checked) -> Result<(), String> {
    TestRunner::new(cases(count)).run(&strategy, case).map_err(|failure| failure.to_string())
}

type Checked = Result<(), TestCaseError>;

fn fail(error: Error) -> TestCaseError {
    TestCaseError::fail(stored::report(&error))
}

/// What is read is what was written, in a column that may be NULL too, and after an update.
fn check_round_trip<C: CellIn<D>, D>(db: &D, value: &C::Value) -> Checked {
    check_round_trip_as::<C, D>(db, value, |read| read == value)
}

fn check_round_trip_as<C: CellIn<D>, D>(db: &D, value: &C::Value, is_same: impl Fn(&C::Value) -> bool) -> Checked {
    C::clear(db).map_err(fail)?;
    C::write(db, 1, value).map_err(fail)?;
    let (read, nullable) = C::read(db, 1).map_err(fail)?;
    prop_assert!(is_same(&read), "{read:?} instead of {value:?}");
    prop_assert!(nullable.as_ref().is_some_and(&is_same), "{nullable:?} instead of {value:?}");
    let changed = C::change(db, 1, value).map_err(fail)?;
    prop_assert!(is_same(&changed), "{changed:?} instead of {value:?}");
    Ok(())
}

/// The database compares and sorts values as Rust does.
fn check_order<C, D>(db: &D, mut values: Vec<C::Value>, compare: impl Fn(&C::Value, &C::Value) -> Ordering) -> Checked
where
    C: Compared<D>,
{
    C::clear(db).map_err(fail)?;
    for (id, value) in (1..).zip(&values) {
        C::write(db, id, value).map_err(fail)?;
    }
    let pivot = values[0].clone();
    let count = |keep: &dyn Fn(Ordering) -> bool| values.iter().filter(|value| keep(compare(value, &pivot))).count();
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

/// PostgreSQL has no NUL in its texts.
fn without_nul(text: String) -> String {
    text.replace('\0', "\u{2400}")
}

/// Texts that the database can store.
fn text_for(db: &impl support::TestDatabase) -> impl Strategy<Value = String> {
    let has_nul = db.choose(false, true);
    hostile_text().prop_map(move |text| if has_nul { text } else { without_nul(text) })
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
    // SQLite keeps no sign of zero, nor does `jsonb`.
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

/// The value as `jsonb` has it: without NUL, and numbers without an exponent or the sign of zero.
fn as_jsonb(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::String(text) => without_nul(text).into(),
        serde_json::Value::Array(items) => items.into_iter().map(as_jsonb).collect(),
        serde_json::Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (without_nul(name), as_jsonb(value))).collect()
        }
        other => other,
    }
}

/// Whether documents say the same; how numbers are written does not matter.
fn is_same_json(left: &serde_json::Value, right: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Number, Object};
    match (left, right) {
        (Number(left), Number(right)) => {
            left == right || left.as_f64() == right.as_f64() && (left.is_f64() || right.is_f64())
        }
        (Array(left), Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same_json(left, right))
        }
        (Object(left), Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| is_same_json(left, right)))
        }
        _ => left == right,
    }
}

properties! {
    64 cases:

    fn t25_integers_round_trip(
        db,
        (a, b, c, d) in any::<(i8, u8, u16, u32)>(),
        (e, f, g, h) in any::<(i16, i32, i64, bool)>()
    ) {
        check_round_trip::<Bytes1, _>(db, &a)?;
        check_round_trip::<Bytes2, _>(db, &b)?;
        check_round_trip::<Words, _>(db, &c)?;
        check_round_trip::<Outers, _>(db, &Outer(Inner(c)))?;
        check_round_trip::<Wides, _>(db, &d)?;
        check_round_trip::<Smalls, _>(db, &e)?;
        check_round_trip::<Integers, _>(db, &f)?;
        check_round_trip::<Bigs, _>(db, &g)?;
        check_round_trip::<Bools, _>(db, &h)?;
    }

    fn t24_floats_round_trip(db, double in float(), single in single()) {
        check_round_trip_as::<Doubles, _>(db, &double, |read| read.to_bits() == double.to_bits())?;
        check_round_trip_as::<Singles, _>(db, &single, |read| read.to_bits() == single.to_bits())?;
    }

    /// NaN of either sign and with any payload is refused by SQLite; PostgreSQL keeps its bits.
    fn t24_nan(db, nan in nan()) {
        prop_assert!(nan.is_nan());
        if either!(db, postgres: true, sqlite: false) {
            check_round_trip_as::<Doubles, _>(db, &nan, |read| read.to_bits() == nan.to_bits())?;
        } else {
            let error = Doubles::write(db, 1, &nan).expect_err("it is NaN");
            prop_assert_eq!(error.kind(), ErrorKind::Encode);
        }
    }

    fn t23_texts_round_trip(db, text in text_for(db)) {
        check_round_trip::<Texts, _>(db, &text)?;
        check_round_trip::<Names, _>(db, &Name(text))?;
    }

    fn bytes_round_trip(db, bytes in vec(any::<u8>(), 0..1_000), id in any::<u128>()) {
        check_round_trip::<Blobs, _>(db, &bytes)?;
        check_round_trip::<Uuids, _>(db, &Uuid::from_u128(id))?;
    }

    fn t26_times_round_trip(db, date in date(), time in time(), moment in moment()) {
        check_round_trip::<Dates, _>(db, &date)?;
        check_round_trip::<Times, _>(db, &time)?;
        check_round_trip::<Locals, _>(db, &moment.naive_utc())?;
        check_round_trip::<Moments, _>(db, &moment)?;
    }

    fn t27_decimals_round_trip(db, decimal in decimal()) {
        check_round_trip::<Decimals, _>(db, &decimal)?;
    }

    /// SQLite keeps the text of a document, PostgreSQL what it says.
    fn json_round_trips(db, value in json(), document in document()) {
        if either!(db, postgres: true, sqlite: false) {
            let value = as_jsonb(value);
            check_round_trip_as::<Values, _>(db, &value, |read| is_same_json(read, &value))?;
            let Document { title, tags, .. } = document;
            let tags = tags.into_iter().map(|tag| tag.map(without_nul)).collect();
            check_round_trip::<Documents, _>(db, &Json(Document { title: without_nul(title), tags, ..document }))?;
        } else {
            check_round_trip::<Values, _>(db, &value)?;
            check_round_trip::<Documents, _>(db, &Json(document))?;
        }
    }

    fn enums_round_trip(db, colour in select(vec![Colour::Red, Colour::Green, Colour::Blue])) {
        check_round_trip::<Colours, _>(db, &colour)?;
    }

    fn numbers_are_in_order(
        db,
        integers in some(any::<i64>()),
        floats in some(float()),
        singles in some(single())
    ) {
        check_order::<Bigs, _>(db, integers, Ord::cmp)?;
        check_order::<Doubles, _>(db, floats, f64::total_cmp)?;
        check_order::<Singles, _>(db, singles, f32::total_cmp)?;
    }

    fn texts_are_in_order(db, texts in vec(text_for(db), 1..12), blobs in some(vec(any::<u8>(), 0..6))) {
        check_order::<Texts, _>(db, texts, Ord::cmp)?;
        check_order::<Blobs, _>(db, blobs, Ord::cmp)?;
    }

    fn t26_times_are_in_order(db, moments in some(moment()), dates in some(date()), times in some(time())) {
        check_order::<Locals, _>(db, moments.iter().map(DateTime::naive_utc).collect(), Ord::cmp)?;
        check_order::<Moments, _>(db, moments, Ord::cmp)?;
        check_order::<Dates, _>(db, dates, Ord::cmp)?;
        check_order::<Times, _>(db, times, Ord::cmp)?;
    }

    fn t27_decimals_are_in_order(db, decimals in some(decimal())) {
        check_order::<Decimals, _>(db, decimals, Ord::cmp)?;
    }
}

/// An integer of the wider column is read if it fits, and is an error otherwise; it is never cut.
#[test]
fn t25_conversions_are_checked() {
    let db = &Connection::fresh();
    fn check<C: CellIn<Connection>>(db: &Connection, stored: i64, expected: Option<C::Value>) -> Checked {
        C::clear(db).map_err(fail)?;
        stored::write(db, &format!("insert into {} values (1, ?1, ?1)", C::NAME), &[Value::Integer(stored)]);
        match (C::read(db, 1), expected) {
            (Ok((read, _)), Some(expected)) => prop_assert_eq!(read, expected),
            (Err(error), None) => prop_assert_eq!(error.kind(), ErrorKind::Decode),
            (read, expected) => prop_assert!(false, "{read:?} instead of {expected:?}"),
        }
        Ok(())
    }
    let integers = prop_oneof![any::<i64>(), -70_000..70_000_i64, -300..300_i64];
    let cases = run_cases(64, integers, |stored| {
        check::<Bytes1>(db, stored, stored.try_into().ok())?;
        check::<Bytes2>(db, stored, stored.try_into().ok())?;
        check::<Words>(db, stored, stored.try_into().ok())?;
        check::<Wides>(db, stored, stored.try_into().ok())?;
        check::<Smalls>(db, stored, stored.try_into().ok())?;
        check::<Integers>(db, stored, stored.try_into().ok())?;
        check::<Outers>(db, stored, stored.try_into().ok().map(|number| Outer(Inner(number))))?;
        check::<Bools>(db, stored.clamp(0, 1), Some(stored > 0))
    });
    cases.unwrap_or_else(|failure| panic!("{failure}"));
}
