//! How every type is stored, compared and sorted, and what does not fit.

#[path = "support/cells.rs"]
mod cells;
#[path = "support/stored.rs"]
mod stored;

use cells::*;
use orm::{Error, ErrorKind, prelude::*, sqlite::Connection, types::DecodeFault};
use serde_json::json;
use stored::{Value, number, stored, text, write};

/// Writes a value and asserts what the file holds, and that the value comes back.
fn check<C: Cell>(value: C::Value, expected: Value) {
    let db = database();
    let read = C::through(&db, &value).expect("the value can be stored");
    assert_eq!(read, value);
    assert_eq!(stored(&db, &format!("select v from {}", C::NAME)), expected);
    assert_eq!(C::change(&db, 1, &value).expect("the value can be stored"), value);
}

/// Asserts that a value is refused before anything is sent.
fn check_refused<C: Cell>(value: C::Value, expected: &str) {
    let db = database();
    let error = C::write(&db, 1, &value).expect_err("the value cannot be stored");
    assert_eq!(error.kind(), ErrorKind::Encode);
    let expected = format!("binding the values of insert into `{}`\n  caused by: {expected}", C::NAME);
    assert_eq!(stored::report(&error), expected);
    assert_eq!(number(&db, &format!("select count(*) from {}", C::NAME)), 0);
}

/// Puts a value into the file that the type would not write, and gives what reading it gives.
fn read_raw<C: Cell>(value: Value) -> Result<C::Value, Error> {
    let db = database();
    // A column that takes everything: only the value itself decides.
    let sql = format!("drop table {0}; create table {0} (id integer primary key, v any, w any) strict", C::NAME);
    db.with_raw(|raw| raw.execute_batch(&sql)).expect("no transaction is open").expect("the statements are valid");
    write(&db, &format!("insert into {} values (1, ?1, null)", C::NAME), &[value]);
    C::read(&db, 1).map(|(value, _)| value)
}

/// Asserts that what is in the file does not fit the type, and that the error says where and why.
fn check_unreadable<C: Cell>(value: Value, sql_type: &str, fault: &str) {
    let error = read_raw::<C>(value.clone()).expect_err("the value does not fit");
    assert_eq!(error.kind(), ErrorKind::Decode);
    let rust_type = std::any::type_name::<C::Value>();
    let expected = format!("decoding column `v` ({sql_type}) of `{}` as `{rust_type}`\n  caused by: {fault}", C::NAME);
    assert_eq!(stored::report(&error), expected, "{value:?}");
}

/// Writes values that are in ascending order in another one, and asserts that the database knows the order.
fn check_order<C: Compared>(ascending: &[C::Value]) {
    let db = database();
    for (id, value) in (1..).zip(ascending.iter().rev().skip(1).chain(ascending.last())) {
        C::write(&db, id, value).expect("the value can be stored");
    }
    assert_eq!(C::in_order(&db).expect("it is valid"), ascending);
    assert_eq!(C::least(&db).expect("it is valid").as_ref(), ascending.first());
    assert_eq!(C::greatest(&db).expect("it is valid").as_ref(), ascending.last());
    assert_eq!(C::listed(&db, ascending).expect("it is valid"), i64::try_from(ascending.len()).expect("few"));
    assert_eq!(C::listed(&db, &[]).expect("it is valid"), 0);
    for (position, value) in (0..).zip(ascending) {
        assert_eq!(C::equal(&db, value).expect("it is valid"), 1, "{value:?}");
        assert_eq!(C::less(&db, value).expect("it is valid"), position, "{value:?}");
        assert_eq!(C::between(&db, &ascending[0], value).expect("it is valid"), position + 1, "{value:?}");
        assert_eq!(C::listed(&db, std::slice::from_ref(value)).expect("it is valid"), 1, "{value:?}");
    }
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

fn local(text: &str) -> NaiveDateTime {
    text.parse().expect("a date and time")
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn time(text: &str) -> NaiveTime {
    text.parse().expect("a time")
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

#[test]
fn booleans() {
    check::<Bools>(true, Value::Integer(1));
    check::<Bools>(false, Value::Integer(0));
    check_unreadable::<Bools>(Value::Integer(2), "boolean", "the value is out of range");
    check_unreadable::<Bools>(text("true"), "boolean", "the value is stored as text");
}

#[test]
fn t25_integers() {
    fn bounds<C: Cell>(bounds: [(C::Value, i64); 2]) {
        for (value, stored) in bounds {
            check::<C>(value, Value::Integer(stored));
        }
    }
    bounds::<Bytes1>([(i8::MIN, -128), (i8::MAX, 127)]);
    bounds::<Bytes2>([(u8::MIN, 0), (u8::MAX, 255)]);
    bounds::<Words>([(u16::MIN, 0), (u16::MAX, 65_535)]);
    bounds::<Wides>([(u32::MIN, 0), (u32::MAX, 4_294_967_295)]);
    bounds::<Smalls>([(i16::MIN, -32_768), (i16::MAX, 32_767)]);
    bounds::<Integers>([(i32::MIN, -2_147_483_648), (i32::MAX, 2_147_483_647)]);
    bounds::<Bigs>([(i64::MIN, i64::MIN), (i64::MAX, i64::MAX)]);
}

#[test]
fn t25_integers_out_of_range_are_not_cut() {
    fn outside<C: Cell>(sql_type: &str, values: [i64; 2]) {
        for value in values {
            check_unreadable::<C>(Value::Integer(value), sql_type, "the value is out of range");
        }
    }
    outside::<Bytes1>("smallint", [-129, 128]);
    outside::<Bytes2>("smallint", [-1, 256]);
    outside::<Words>("integer", [-1, 65_536]);
    outside::<Wides>("bigint", [-1, 4_294_967_296]);
    outside::<Smalls>("smallint", [-32_769, 32_768]);
    outside::<Integers>("integer", [-2_147_483_649, 1 << 40]);
    outside::<Bytes1>("smallint", [i64::MIN, 1 << 16]);
    outside::<Words>("integer", [i64::MAX, 1 << 32]);
    check_unreadable::<Bigs>(Value::Real(1.0), "bigint", "the value is stored as a float");
    check_unreadable::<Bigs>(text("1"), "bigint", "the value is stored as text");
    check_unreadable::<Integers>(Value::Blob(vec![1]), "integer", "the value is stored as a blob");
}

/// SQLite turns a sum that is too large into a float, which a column of integers does not take.
#[test]
fn t25_overflow_is_an_error() -> Result<(), Error> {
    let db = database();
    Bigs::write(&db, 1, &i64::MAX)?;
    let error = Bigs::select().columns(Bigs::v + 1).one(&db).expect_err("it is too large");
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert!(stored::report(&error).ends_with("caused by: the value is stored as a float"), "{error:?}");
    let error = Bigs::update().set(Bigs::v, Bigs::v + 1).all_rows().execute(&db).expect_err("it is too large");
    assert_eq!(error.kind(), ErrorKind::CheckViolation);
    assert!(error.violates(Bigs::v));
    Bigs::write(&db, 2, &1)?;
    let error = Bigs::select().columns(sum(Bigs::v)).one(&db).expect_err("it is too large");
    assert!(stored::report(&error).contains("caused by: integer overflow"), "{error:?}");
    assert_eq!(Bigs::read(&db, 1)?.0, i64::MAX);
    Integers::write(&db, 1, &i32::MAX)?;
    let error = Integers::select().columns(Integers::v + 1).one(&db).expect_err("it is too large");
    assert!(stored::report(&error).ends_with("caused by: the value is out of range"), "{error:?}");
    Ok(())
}

#[test]
fn t25_integers_are_in_order() {
    check_order::<Bigs>(&[i64::MIN, i64::MIN + 1, -1, 0, 1, 1 << 53, (1 << 53) + 1, i64::MAX - 1, i64::MAX]);
    check_order::<Integers>(&[i32::MIN, -1, 0, 1, i32::MAX]);
    check_order::<Wides>(&[0, 1, u32::MAX - 1, u32::MAX]);
    check_order::<Bytes1>(&[i8::MIN, -1, 0, i8::MAX]);
    check_order::<Outers>(&[Outer(Inner(0)), Outer(Inner(9)), Outer(Inner(10)), Outer(Inner(u16::MAX))]);
}

#[test]
fn t24_floats() {
    for value in
        [0.0, -1.5, f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 0.1, 1e300, f64::INFINITY, f64::NEG_INFINITY]
    {
        check::<Doubles>(value, Value::Real(value));
    }
    for value in [0.1_f32, f32::MAX, f32::MIN_POSITIVE, 1e-45, f32::INFINITY, f32::NEG_INFINITY] {
        check::<Singles>(value, Value::Real(f64::from(value)));
    }
    check_refused::<Doubles>(f64::NAN, "NaN cannot be stored: the database would keep it as NULL");
    check_refused::<Singles>(f32::NAN, "NaN cannot be stored: the database would keep it as NULL");
}

/// SQLite keeps a float without a fraction as an integer, which has no negative zero:
/// <https://www.sqlite.org/floatingpoint.html>.
#[test]
fn t24_the_sign_of_zero_is_lost() -> Result<(), Error> {
    let db = database();
    assert!(Doubles::through(&db, &-0.0)?.is_sign_positive());
    assert!(Singles::through(&db, &-0.0)?.is_sign_positive());
    assert_eq!(Doubles::equal(&db, &0.0)?, 1, "the zeros are equal");
    assert_eq!(Doubles::equal(&db, &-0.0)?, 1, "the zeros are equal");
    Ok(())
}

/// NaN is refused in every position, not only as a stored value.
#[test]
fn t24_nan_is_refused_everywhere() -> Result<(), Error> {
    let db = database();
    Doubles::write(&db, 1, &1.0)?;
    let refused = |result: Result<i64, Error>| assert_eq!(result.expect_err("it is NaN").kind(), ErrorKind::Encode);
    refused(Doubles::equal(&db, &f64::NAN));
    refused(Doubles::listed(&db, &[1.0, f64::NAN]));
    refused(Doubles::between(&db, &0.0, &f64::NAN));
    refused(Doubles::select().filter(Doubles::v.eq(Doubles::v + f64::NAN)).count(&db));
    assert_eq!(Doubles::change(&db, 1, &f64::NAN).expect_err("it is NaN").kind(), ErrorKind::Encode);
    assert_eq!(Doubles::read(&db, 1)?.0, 1.0);
    Ok(())
}

#[test]
fn t24_floats_are_in_order() {
    check_order::<Doubles>(&[f64::NEG_INFINITY, f64::MIN, -1.0, -5e-324, 0.0, 5e-324, 0.1, 1.0, 1e300, f64::INFINITY]);
    check_order::<Singles>(&[f32::NEG_INFINITY, -0.1, 0.0, 1e-45, 0.1, f32::MAX, f32::INFINITY]);
}

/// An expression over a column of floats may give an integer; one that no float holds is an error.
#[test]
fn t24_integers_are_read_as_floats_if_they_are_the_same_number() {
    assert_eq!(read_raw::<Doubles>(Value::Integer(3)).expect("it is a number"), 3.0);
    check_unreadable::<Doubles>(Value::Integer((1 << 53) + 1), "double precision", "the value is out of range");
    check_unreadable::<Singles>(Value::Real(1e300), "real", "the value is out of range");
    check_unreadable::<Doubles>(text("1.5"), "double precision", "the value is stored as text");
}

#[test]
fn t23_texts() {
    for value in
        ["", "a", "nul\0in the middle", "\0", "'; drop table texts; --", "\"", "\\", "ä🦀\u{10ffff}\u{feff}", "\r\n\t"]
    {
        check::<Texts>(value.to_owned(), text(value));
        check::<Names>(Name(value.to_owned()), text(value));
    }
    let long = "🦀x".repeat(400_000);
    check::<Texts>(long.clone(), text(&long));
}

/// Text that is not UTF-8 can only come from elsewhere.
#[test]
fn t23_text_that_is_not_utf8_is_an_error() -> Result<(), Error> {
    for bytes in ["ff", "c328", "eda080", "f8a1a1a1a1", "61ff62"] {
        let db = database();
        let sql = format!("insert into texts values (1, cast(x'{bytes}' as text), null)");
        db.with_raw(|raw| raw.execute(&sql, []))?.expect("SQLite does not look at it");
        let error = Texts::read(&db, 1).expect_err("it is not UTF-8");
        assert!(matches!(&error, Error::Decode { source: DecodeFault::InvalidUtf8, .. }), "{error:?}");
        assert_eq!(
            stored::report(&error),
            "decoding column `v` (text) of `texts` as `alloc::string::String`\n  caused by: the text is not valid UTF-8"
        );
        assert_eq!(Texts::select().count(&db)?, 1);
    }
    Ok(())
}

#[test]
fn texts_are_in_the_order_of_their_bytes() {
    let values = ["", "\0", "\0\0", " ", "A", "B", "a", "a\0", "a\0b", "aa", "b", "ä", "\u{ffff}", "🦀"];
    check_order::<Texts>(&values.map(str::to_owned));
    check_order::<Names>(&values.map(|value| Name(value.to_owned())));
}

#[test]
fn bytes() {
    for value in [vec![], vec![0], vec![255; 3], (0..=255).collect(), vec![7; 1_000_000]] {
        check::<Blobs>(value.clone(), Value::Blob(value));
    }
    check_order::<Blobs>(&[vec![], vec![0], vec![0, 0], vec![0, 1], vec![1], vec![127], vec![128], vec![255, 0]]);
    check_unreadable::<Blobs>(text("a"), "bytes", "the value is stored as text");
}

#[test]
fn uuids() {
    let id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    check::<Uuids>(id.parse().expect("a UUID"), text(id));
    check::<Uuids>(Uuid::nil(), text("00000000-0000-0000-0000-000000000000"));
    check::<Uuids>(Uuid::max(), text("ffffffff-ffff-ffff-ffff-ffffffffffff"));
    assert_eq!(read_raw::<Uuids>(text(&id.to_uppercase())).expect("it is a UUID"), id.parse::<Uuid>().expect("a UUID"));
    for wrong in ["", "x", &id[1..], &id.replace('-', ""), &id.replace('6', "g"), &format!("{id} ")] {
        check_unreadable::<Uuids>(text(wrong), "uuid", "the text is not a UUID with hyphens");
    }
    check_unreadable::<Uuids>(Value::Blob(vec![0; 16]), "uuid", "the value is stored as a blob");
}

#[test]
fn t26_dates() {
    for value in ["2024-02-29", "0000-01-01", "9999-12-31", "1969-12-31"] {
        check::<Dates>(date(value), text(value));
    }
    check_order::<Dates>(&["0000-01-01", "0999-12-31", "1000-01-01", "1970-01-01", "9999-12-31"].map(date));
    let refused = "the value is out of the range of date: years 0 to 9999";
    check_refused::<Dates>(NaiveDate::MIN, refused);
    check_refused::<Dates>(NaiveDate::MAX, refused);
    check_refused::<Dates>(NaiveDate::from_ymd_opt(10_000, 1, 1).expect("a date"), refused);
    check_refused::<Dates>(NaiveDate::from_ymd_opt(-1, 12, 31).expect("a date"), refused);
    for wrong in ["", "2023-02-29", "2024-13-01", "10000-01-01", "-001-01-01", "2024-1-1", "today", "2024-01-01 00:00"]
    {
        check_unreadable::<Dates>(text(wrong), "date", "the text is not a date (`2024-05-01`)");
    }
    check_unreadable::<Dates>(Value::Integer(0), "date", "the value is stored as an integer");
}

#[test]
fn t26_times() {
    check::<Times>(time("00:00:00"), text("00:00:00.000000"));
    check::<Times>(time("23:59:59.999999"), text("23:59:59.999999"));
    check_order::<Times>(&["00:00:00", "00:00:00.000001", "09:59:59", "10:00:00", "23:59:59.999999"].map(time));
    for wrong in ["24:00:00", "12:60", "12", "12:00:00.", "noon", "12:00:00Z"] {
        check_unreadable::<Times>(text(wrong), "time", "the text is not a time of day (`12:30:00.000000`)");
    }
}

#[test]
fn t26_moments() {
    check::<Moments>(moment("2024-05-01T12:30:00Z"), text("2024-05-01T12:30:00.000000Z"));
    check::<Moments>(moment("1969-12-31T23:59:59.999999Z"), text("1969-12-31T23:59:59.999999Z"));
    check::<Moments>(moment("0000-01-01T00:00:00Z"), text("0000-01-01T00:00:00.000000Z"));
    check::<Moments>(moment("9999-12-31T23:59:59.999999Z"), text("9999-12-31T23:59:59.999999Z"));
    check::<Locals>(local("2024-05-01T12:30:00.000001"), text("2024-05-01T12:30:00.000001"));
    let refused = "the value is out of the range of timestamp: years 0 to 9999";
    for value in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
        check_refused::<Moments>(value, refused);
        check_refused::<Locals>(value.naive_utc(), refused);
    }
    check_refused::<Moments>(moment("+10000-01-01T00:00:00Z"), refused);
    check_refused::<Moments>(moment("-0001-12-31T23:59:59Z"), refused);
    let zoned = "the text is not a date and time in UTC (`2024-05-01T12:30:00.000000Z`)";
    for wrong in [
        "",
        "infinity",
        "-infinity",
        "10000-01-01T00:00:00Z",
        "2024-05-01T25:00:00Z",
        "2024-05-01T12:30:00 ",
        "4713-01-01 BC",
    ] {
        check_unreadable::<Moments>(text(wrong), "timestamp with time zone", zoned);
    }
    check_unreadable::<Moments>(Value::Integer(0), "timestamp with time zone", "the value is stored as an integer");
    check_unreadable::<Locals>(
        text("x"),
        "timestamp",
        "the text is not a date and time (`2024-05-01T12:30:00.000000`)",
    );
}

/// What is finer than a microsecond is cut off, also before 1970.
#[test]
fn t26_times_have_microseconds() -> Result<(), Error> {
    let db = database();
    let check = |value: &str, expected: &str| {
        assert_eq!(Moments::through(&db, &moment(value))?, moment(expected), "{value}");
        Ok::<_, Error>(())
    };
    check("2024-05-01T12:30:00.123456789Z", "2024-05-01T12:30:00.123456Z")?;
    check("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z")?;
    check("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999Z")?;
    assert_eq!(Times::through(&db, &time("12:00:00.999999999"))?, time("12:00:00.999999"));
    Ok(())
}

/// A leap second is no time of day in a database.
#[test]
fn t26_leap_seconds() -> Result<(), Error> {
    let db = database();
    assert_eq!(Times::through(&db, &time("23:59:60.5"))?, time("23:59:59.999999"));
    assert_eq!(Moments::through(&db, &moment("2016-12-31T23:59:60.5Z"))?, moment("2017-01-01T00:00:00.5Z"));
    Ok(())
}

/// What SQLite's own functions write is read.
#[test]
fn t26_other_forms_are_read() {
    for (written, expected) in [
        ("2024-05-01 12:30:00", "2024-05-01T12:30:00Z"),
        ("2024-05-01 12:30", "2024-05-01T12:30:00Z"),
        ("2024-05-01", "2024-05-01T00:00:00Z"),
        ("2024-05-01T12:30:00.5", "2024-05-01T12:30:00.5Z"),
        ("2024-05-01T12:30:00+02:00", "2024-05-01T10:30:00Z"),
    ] {
        assert_eq!(read_raw::<Moments>(text(written)).expect("it is a moment"), moment(expected));
    }
}

#[test]
fn t26_moments_are_in_order() {
    check_order::<Moments>(
        &[
            "0000-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00Z",
            "1970-01-01T00:00:00.000001Z",
            "1970-01-01T00:00:00.5Z",
            "1970-01-01T00:00:01Z",
            "9999-12-31T23:59:59.999999Z",
        ]
        .map(moment),
    );
    check_order::<Locals>(&["0001-01-01T00:00:00", "2024-05-01T09:00:00", "2024-05-01T10:00:00"].map(local));
}

#[test]
fn t27_decimals() {
    check::<Decimals>(decimal("0"), text("00000000000000000000000000000"));
    check::<Decimals>(decimal("12.5"), text("00000000000000000000000000012.5"));
    check::<Decimals>(decimal("12.50"), text("00000000000000000000000000012.5"));
    check::<Decimals>(decimal("-12.5"), text("-99999999999999999999999999987.4~"));
    check::<Decimals>(decimal("-0"), text("00000000000000000000000000000"));
    check::<Decimals>(Decimal::MAX, text("79228162514264337593543950335"));
    check::<Decimals>(Decimal::MIN, text("-20771837485735662406456049664~"));
    let smallest = decimal("0.0000000000000000000000000001");
    check::<Decimals>(smallest, text("00000000000000000000000000000.0000000000000000000000000001"));
    check::<Decimals>(decimal("0.1") + decimal("0.2"), text("00000000000000000000000000000.3"));
}

/// Plain numbers written by others are read; floats are not, for they are not exact.
#[test]
fn t27_other_decimals() {
    assert_eq!(read_raw::<Decimals>(text("12.50")).expect("it is a decimal"), decimal("12.5"));
    assert_eq!(read_raw::<Decimals>(text("-3")).expect("it is a decimal"), decimal("-3"));
    assert_eq!(read_raw::<Decimals>(Value::Integer(-7)).expect("it is a decimal"), decimal("-7"));
    check_unreadable::<Decimals>(Value::Real(0.1), "decimal", "the value is stored as a float");
    for wrong in ["", "NaN", "1e5", "1.2.3", "abc", "--1", " 1"] {
        check_unreadable::<Decimals>(text(wrong), "decimal", "the text is not a decimal number");
    }
    let digits = format!("0.{}", "1".repeat(29));
    check_unreadable::<Decimals>(text(&digits), "decimal", "the value is out of range");
    check_unreadable::<Decimals>(text(&"9".repeat(29)), "decimal", "the value is out of range");
}

#[test]
fn t27_decimals_are_in_order() {
    check_order::<Decimals>(&[
        Decimal::MIN,
        decimal("-10"),
        decimal("-9.99"),
        decimal("-9.9"),
        decimal("-1"),
        decimal("-0.001"),
        decimal("0"),
        decimal("0.001"),
        decimal("0.01"),
        decimal("1"),
        decimal("9.9"),
        decimal("9.99"),
        decimal("10"),
        Decimal::MAX,
    ]);
}

#[test]
fn json_documents() {
    let document =
        Document { title: "it's \"x\"\0".into(), ratio: 0.1, count: i64::MIN, tags: vec![None, Some("🦀".into())] };
    let written = r#"{"title":"it's \"x\"\u0000","ratio":0.1,"count":-9223372036854775808,"tags":[null,"🦀"]}"#;
    check::<Documents>(Json(document), text(written));
    for (value, written) in [
        (json!(null), "null"),
        (json!({}), "{}"),
        (json!([1, 2.5, "a"]), r#"[1,2.5,"a"]"#),
        (json!("null"), r#""null""#),
        (json!(u64::MAX), "18446744073709551615"),
    ] {
        check::<Values>(value, text(written));
    }
}

/// Where the document does not fit is told, what is stored there is not.
#[test]
fn json_that_does_not_fit() {
    let check = |written: &str, problem: &str| {
        check_unreadable::<Documents>(
            text(written),
            "json",
            &format!("the JSON does not fit the Rust type\n  caused by: {problem}"),
        );
    };
    check("", "the end of the document, too early, at line 1, column 0");
    check("{\"title\":\n", "the end of the document, too early, at line 2, column 0");
    check("{canary", "not JSON at line 1, column 2");
    check(
        r#"{"title":"canary","ratio":"canary"}"#,
        "a value of another type, or a field that is missing or unknown, at line 1, column 34",
    );
    check_unreadable::<Documents>(Value::Integer(1), "json", "the value is stored as an integer");
}

#[test]
fn enums() {
    check::<Colours>(Colour::Red, text("red"));
    check::<Colours>(Colour::Green, text("it's \"green\"; --"));
    check::<Colours>(Colour::Blue, text("blå 🟦"));
    for wrong in ["", "Red", "red ", "yellow"] {
        check_unreadable::<Colours>(text(wrong), "colour", "the text is not one of the labels of the enum");
    }
    check_unreadable::<Colours>(Value::Integer(0), "colour", "the value is stored as an integer");
}

/// The table itself refuses what is not a label, not a boolean, or of another storage class.
#[test]
fn tables_check_their_types() {
    let db = database();
    let refused = |sql: &'static str| {
        assert_eq!(db.execute_batch(sql).expect_err(sql).kind(), ErrorKind::CheckViolation, "{sql}");
    };
    refused("insert into colours (id, v) values (1, 'yellow')");
    refused("insert into bools (id, v) values (1, 2)");
    refused("insert into i64s (id, v) values (1, 'many')");
    refused("insert into i64s (id, v) values (1, 1.5)");
    refused("insert into texts (id, v) values (1, x'00')");
    refused("insert into blobs (id, v) values (1, 'text')");
}

#[test]
fn newtypes_are_stored_as_what_they_hold() {
    check::<Names>(Name("Ann".into()), text("Ann"));
    check::<Outers>(Outer(Inner(7)), Value::Integer(7));
    check_unreadable::<Outers>(Value::Integer(-1), "integer", "the value is out of range");
}

#[test]
fn t28_null_is_no_value() {
    fn refused<C: Cell>(sql_type: &str) {
        check_unreadable::<C>(Value::Null, sql_type, "the value is NULL, and the Rust type is not an `Option`");
    }
    refused::<Bools>("boolean");
    refused::<Bytes1>("smallint");
    refused::<Bigs>("bigint");
    refused::<Singles>("real");
    refused::<Texts>("text");
    refused::<Blobs>("bytes");
    refused::<Uuids>("uuid");
    refused::<Dates>("date");
    refused::<Times>("time");
    refused::<Locals>("timestamp");
    refused::<Moments>("timestamp with time zone");
    refused::<Decimals>("decimal");
    refused::<Documents>("json");
    refused::<Colours>("colour");
    refused::<Names>("text");
}

/// A column that may be NULL holds a value or none, which is not the same as an empty one.
#[test]
fn t28_null_in_nullable_columns() -> Result<(), Error> {
    fn check<C: Cell>(db: &Connection, value: &C::Value) -> Result<(), Error> {
        C::write(db, 1, value)?;
        let sql = format!("update {} set w = null", C::NAME);
        db.with_raw(|raw| raw.execute(&sql, []))?.expect("the column may be NULL");
        assert_eq!(C::read(db, 1)?, (value.clone(), None));
        Ok(())
    }
    let db = database();
    check::<Bools>(&db, &false)?;
    check::<Bigs>(&db, &0)?;
    check::<Doubles>(&db, &0.0)?;
    check::<Texts>(&db, &String::new())?;
    check::<Blobs>(&db, &vec![])?;
    check::<Values>(&db, &json!(null))?;
    check::<Decimals>(&db, &Decimal::ZERO)?;
    check::<Colours>(&db, &Colour::Red)
}
