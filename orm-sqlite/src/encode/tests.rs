use orm_core::{
    ast::{Expr, Function},
    error::ErrorKind,
    executor::Executor,
    types::{Encode, SqlType},
};
use proptest::prelude::*;

use super::*;
use crate::{
    Connection,
    testing::{Ask, Items, Pattern, With, column, count, database, in_list, insert, matches, params, report, select},
};

fn memory() -> Connection {
    Connection::open_in_memory().expect("memory is there")
}

/// What the value is stored as: its storage class and its literal.
fn stored(value: impl Encode) -> (String, String) {
    let db = memory();
    db.execute_batch("create table s (v)").expect("the table is new");
    db.fetch_all(insert::<()>("s", &["v"], 1, &[]).bind(value)).expect("the value can be stored");
    db.with_raw(|raw| raw.query_row("select typeof(v), quote(v) from s", [], |row| Ok((row.get(0)?, row.get(1)?))))
        .expect("no transaction is open")
        .expect("there is one row")
}

fn check_stored(value: impl Encode, class: &str, literal: &str) {
    assert_eq!(stored(value), (class.to_owned(), literal.to_owned()));
}

#[test]
fn values_have_their_storage_class() {
    check_stored(None::<i64>, "null", "NULL");
    check_stored(true, "integer", "1");
    check_stored(i64::MIN, "integer", "-9223372036854775808");
    check_stored(1.5_f32, "real", "1.5");
    check_stored(2.0_f64, "real", "2.0");
    check_stored(f64::INFINITY, "real", "9.0e+999");
    check_stored("it's".to_owned(), "text", "'it''s'");
    check_stored(vec![0_u8, 255], "blob", "X'00FF'");
    check_stored(Vec::<u8>::new(), "blob", "X''");
    check_stored(
        With(|out: &mut dyn Binder<'_>| out.uuid([0xab; 16])),
        "text",
        "'abababab-abab-abab-abab-abababababab'",
    );
    check_stored(With(|out: &mut dyn Binder<'_>| out.date(0)), "text", "'1970-01-01'");
    check_stored(With(|out: &mut dyn Binder<'_>| out.time(1)), "text", "'00:00:00.000001'");
    check_stored(With(|out: &mut dyn Binder<'_>| out.timestamp(0)), "text", "'1970-01-01T00:00:00.000000'");
    check_stored(With(|out: &mut dyn Binder<'_>| out.timestamp_tz(0)), "text", "'1970-01-01T00:00:00.000000Z'");
    check_stored(With(|out: &mut dyn Binder<'_>| out.json("[1]".to_owned())), "text", "'[1]'");
    check_stored(With(|out: &mut dyn Binder<'_>| out.label("owner")), "text", "'owner'");
    check_stored(
        With(|out: &mut dyn Binder<'_>| out.decimal("1.50".to_owned())),
        "text",
        "'00000000000000000000000000001.5'",
    );
}

fn check_refused(value: impl Encode, message: &str) {
    check_refused_as(ErrorKind::Encode, value, message);
}

fn check_refused_as(kind: ErrorKind, value: impl Encode, message: &str) {
    let db = memory();
    let error = db.fetch_one(params::<(Option<i64>,)>(&[SqlType::BigInt]).bind(value)).expect_err("it is refused");
    assert_eq!(error.kind(), kind);
    assert_eq!(report(&error), format!("binding the values of select from `nothing`: {message}"));
    db.fetch_one(params::<(i64,)>(&[SqlType::BigInt]).bind(1_i64)).expect("the connection stays usable");
}

#[test]
fn what_cannot_be_stored_is_refused() {
    check_refused(f64::NAN, "NaN cannot be stored: the database would keep it as NULL");
    check_refused(f32::NAN, "NaN cannot be stored: the database would keep it as NULL");
    check_refused(Items(vec![f64::NAN]), "NaN cannot be stored: the database would keep it as NULL");
    let out_of_range = "the value is out of the range of timestamp: years 0 to 9999";
    check_refused(With(|out: &mut dyn Binder<'_>| out.timestamp_tz(i64::MAX)), out_of_range);
    let out_of_range = "the value is out of the range of decimal: 29 digits before the point";
    check_refused(With(|out: &mut dyn Binder<'_>| out.decimal("9".repeat(30))), out_of_range);
}

/// One more byte than a value may have: refused before anything is copied.
#[test]
fn a_text_of_a_billion_bytes_is_too_large() {
    let text = "x".repeat(1_000_000_001);
    check_refused_as(
        ErrorKind::TooLarge,
        text.as_str(),
        "the value is too large: 1000000001 bytes, where the database takes 1000000000",
    );
}

fn round_trip<T>(value: T) -> T
where
    T: Encode + orm_core::types::Decode + Send + Clone + 'static,
{
    thread_local!(static DB: Connection = memory());
    DB.with(|db| {
        let (read,) = db.fetch_one(params::<(T,)>(&[SqlType::Text]).bind(value.clone())).expect("it is read");
        let mut rows = db.fetch_stream(params::<(T,)>(&[SqlType::Text]).bind(value));
        assert!(rows.next().is_some_and(|row| row.is_ok()));
        read
    })
}

proptest! {
    #[test]
    fn integers_round_trip(a: i16, b: i32, c: i64, d: bool) {
        prop_assert_eq!((round_trip(a), round_trip(b), round_trip(c), round_trip(d)), (a, b, c, d));
    }

    #[test]
    fn floats_round_trip(a: f32, b: f64) {
        prop_assume!(!a.is_nan() && !b.is_nan());
        prop_assert_eq!((round_trip(a).to_bits(), round_trip(b).to_bits()), (a.to_bits(), b.to_bits()));
    }

    #[test]
    fn texts_and_bytes_round_trip(text in ".*", bytes: Vec<u8>, nul in "[\0a]{0,4}") {
        prop_assert_eq!(round_trip(bytes.clone()), bytes);
        prop_assert_eq!(round_trip(text.clone()), text);
        prop_assert_eq!(round_trip(nul.clone()), nul);
    }
}

#[test]
fn special_floats_round_trip() {
    for value in [0.0, -0.0, f64::MIN_POSITIVE / 2.0, f64::MAX, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(round_trip(value).to_bits(), value.to_bits());
    }
}

/// `select ?1 in (select value from json_each(?2))`
fn is_in_list<T: Encode>(ty: SqlType, value: impl Encode, items: Vec<T>) -> bool {
    thread_local!(static DB: Connection = memory());
    let condition = in_list(Expr::Param(ty), ty);
    let statement = orm_core::ast::Select { columns: vec![condition], ..Default::default() };
    let query = Ask::<(bool,)>::new(orm_core::ast::Statement::Select(statement));
    DB.with(|db| db.fetch_one(query.bind(value).bind(Items(items))).expect("it runs").0)
}

#[test]
fn items_are_found() {
    assert!(!is_in_list::<i64>(SqlType::BigInt, 1_i64, vec![]));
    assert!(is_in_list(SqlType::BigInt, i64::MIN, vec![i64::MAX, i64::MIN]));
    assert!(is_in_list(SqlType::Bool, true, vec![true]));
    assert!(is_in_list(SqlType::Double, f64::INFINITY, vec![f64::INFINITY]));
    assert!(is_in_list(SqlType::Real, 0.1_f32, vec![0.1_f32]));
    assert!(is_in_list(SqlType::Bytes, vec![0_u8, 255], vec![vec![0_u8, 255]]));
    assert!(is_in_list(SqlType::Bytes, Vec::<u8>::new(), vec![Vec::<u8>::new()]));
    assert!(is_in_list(SqlType::Text, "a\0b", vec!["a\0b"]));
    assert!(!is_in_list(SqlType::Text, "a", vec!["a\0b"]));
    assert!(is_in_list(SqlType::Text, "1", vec!["1"]) && !is_in_list(SqlType::BigInt, 1_i64, vec!["1"]));
    let moment = || With(|out: &mut dyn Binder<'_>| out.timestamp_tz(7));
    assert!(is_in_list(SqlType::TimestampTz, moment(), vec![moment()]));
}

proptest! {
    #[test]
    fn a_text_is_found_in_its_list(text in ".*", nul in "[\0\"\\\\\u{7f}\u{2028}a]{0,5}") {
        prop_assert!(is_in_list(SqlType::Text, text.as_str(), vec!["other", text.as_str()]));
        prop_assert!(is_in_list(SqlType::Text, nul.as_str(), vec![nul.as_str(), "x"]));
    }

    #[test]
    fn a_float_is_found_in_its_list(bits: u64) {
        let value = f64::from_bits(bits);
        prop_assume!(!value.is_nan());
        prop_assert!(is_in_list(SqlType::Double, value, vec![value]));
    }

    #[test]
    fn bytes_are_found_in_their_list(bytes: Vec<u8>) {
        prop_assert!(is_in_list(SqlType::Bytes, bytes.as_slice(), vec![bytes.as_slice()]));
    }
}

#[test]
fn a_list_of_a_million_items_is_one_value() {
    let db = database();
    let list = Items((0..1_000_000_i64).collect());
    let (found,) =
        db.fetch_one(count("t", Some(in_list(column("t", "n"), SqlType::BigInt))).bind(list)).expect("it runs");
    assert_eq!(found, 0);
}

/// Which of the texts match.
fn matching(matching: Matching, pattern: &str, texts: &[&str]) -> Vec<String> {
    let db = database();
    for text in texts {
        db.fetch_all(insert::<()>("t", &["s"], 1, &[]).bind(*text)).expect("it is stored");
    }
    let query = select::<(String,)>("t", &["s"], Some(matches(column("t", "s"), matching)));
    let rows = db.fetch_all(query.bind(Pattern(matching, pattern.to_owned()))).expect("it runs");
    rows.into_iter().map(|(text,)| text).collect()
}

#[test]
fn patterns_match_as_they_say() {
    let texts = ["Anna", "anna", "an", "banana", "100%", "a*b", "a[b", "", "a\\", "äon"];
    let check =
        |how, pattern, expected: &[&str]| assert_eq!(matching(how, pattern, &texts), expected, "{how:?} {pattern}");
    check(Matching::Like, "an%", &["anna", "an"]);
    check(Matching::Like, "_n", &["an"]);
    check(Matching::Like, r"100\%", &["100%"]);
    check(Matching::Like, "a[b", &["a[b"]);
    check(Matching::Like, r"a\", &["a\\"]);
    check(Matching::Like, "_on", &["äon"]);
    check(Matching::ILike, "AN%", &["Anna", "anna", "an"]);
    check(Matching::ILike, r"a\", &["a\\"]);
    check(Matching::Contains, "na", &["Anna", "anna", "banana"]);
    check(Matching::Contains, "%", &["100%"]);
    check(Matching::Contains, "", &texts);
    check(Matching::StartsWith, "a", &["anna", "an", "a*b", "a[b", "a\\"]);
    check(Matching::StartsWith, "", &texts);
    check(Matching::StartsWith, "\u{10ffff}", &[]);
    check(Matching::EndsWith, "na", &["Anna", "anna", "banana"]);
    check(Matching::EndsWith, "*b", &["a*b"]);
    check(Matching::EndsWith, "", &texts);
}

proptest! {
    #[test]
    fn literal_patterns_agree_with_rust(
        text in "[a\\\\%_*?\\[\\]ä\u{d7ff}\u{e000}\u{10ffff}]{0,5}",
        pattern in "[a\\\\%_*?\\[\\]ä\u{d7ff}\u{e000}\u{10ffff}]{0,2}",
    ) {
        let is_match = |how| !matching(how, &pattern, &[&text]).is_empty();
        prop_assert_eq!(is_match(Matching::Contains), text.contains(&pattern));
        prop_assert_eq!(is_match(Matching::StartsWith), text.starts_with(&pattern));
        prop_assert_eq!(is_match(Matching::EndsWith), text.ends_with(&pattern));
    }
}

/// The expression is written once, so that its value is bound once.
#[test]
fn a_prefix_of_an_expression_with_values() {
    let db = database();
    db.fetch_all(insert::<()>("t", &["s"], 2, &[]).bind("anna").bind(None::<String>)).expect("stored");
    let name = Expr::Function(Function::Coalesce, vec![column("t", "s"), Expr::Param(SqlType::Text)]);
    let query = |pattern: &str| {
        count("t", Some(matches(name.clone(), Matching::StartsWith)))
            .bind("ben")
            .bind(Pattern(Matching::StartsWith, pattern.to_owned()))
    };
    assert_eq!(db.fetch_one(query("a")).expect("it runs"), (1,));
    assert_eq!(db.fetch_one(query("be")).expect("it runs"), (1,));
    assert_eq!(db.fetch_one(query("")).expect("it runs"), (2,));
}

#[test]
fn a_pattern_with_a_nul_is_refused() {
    let db = database();
    let query = count("t", Some(matches(column("t", "s"), Matching::Like)));
    let error = db.fetch_one(query.bind(Pattern(Matching::Like, "a\0%".to_owned()))).expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::Encode);
}

#[test]
#[cfg_attr(debug_assertions, should_panic(expected = "binds as many values as its text takes"))]
fn a_query_that_binds_too_little_does_not_run() {
    let db = memory();
    let error = db.fetch_one(params::<(i64,)>(&[SqlType::BigInt])).expect_err("a value is missing");
    assert_eq!(error.kind(), ErrorKind::Encode);
}
