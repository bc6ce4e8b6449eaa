//! How every type is stored, compared and sorted, and what does not fit.

#[path = "support/cells.rs"]
mod cells;
#[path = "support/stored.rs"]
mod stored;
#[path = "support/harness.rs"]
mod support;

use std::fmt::Debug;

use cells::*;
use orm::{Error, ErrorKind, prelude::*, sqlite::Connection, types::DecodeFault};
use serde_json::json;
use stored::{Value, number, stored, text, write};
use support::{either, postgres::Database};

const OUT_OF_RANGE: &str = "the value is out of range";

/// A database that shows what it keeps.
trait Peek {
    /// Asserts the form of the only value in a table: as the file holds it, or as the server writes it.
    fn assert_kept(&self, table: &str, sqlite: &Value, postgres: &str);
    fn number_of_rows(&self, table: &str) -> i64;
}

impl Peek for Connection {
    fn assert_kept(&self, table: &str, sqlite: &Value, _postgres: &str) {
        assert_eq!(&stored(self, &format!("select v from {table}")), sqlite);
    }

    fn number_of_rows(&self, table: &str) -> i64 {
        number(self, &format!("select count(*) from {table}"))
    }
}

impl Peek for Database {
    fn assert_kept(&self, table: &str, _sqlite: &Value, postgres: &str) {
        let rows = self.raw(&format!("set time zone 'UTC'; select v from {table}")).expect("the statements are valid");
        assert_eq!(rows, [[Some(postgres.to_owned())]]);
    }

    fn number_of_rows(&self, table: &str) -> i64 {
        let rows = self.raw(&format!("select count(*) from {table}")).expect("the statement is valid");
        rows[0][0].as_deref().and_then(|number| number.parse().ok()).expect("a number")
    }
}

/// Writes a value and asserts what the database holds, and that the value comes back.
fn check<C: CellIn<D>, D: Peek>(db: &D, value: C::Value, sqlite: Value, postgres: &str) {
    let read = C::through(db, &value).expect("the value can be stored");
    assert_eq!(read, value);
    db.assert_kept(C::NAME, &sqlite, postgres);
    assert_eq!(C::change(db, 1, &value).expect("the value can be stored"), value);
}

/// Asserts that a value is refused before anything is sent.
fn check_refused<C: CellIn<D>, D: Peek>(db: &D, value: C::Value, expected: &str) {
    C::clear(db).expect("nothing refers to the rows");
    let error = C::write(db, 1, &value).expect_err("the value cannot be stored");
    assert_eq!(error.kind(), ErrorKind::Encode);
    let expected = format!("binding the values of insert into `{}`\n  caused by: {expected}", C::NAME);
    assert_eq!(stored::report(&error), expected);
    assert_eq!(db.number_of_rows(C::NAME), 0);
}

/// Puts a value into the file that the type would not write, and gives what reading it gives.
fn read_raw<C: CellIn<Connection>>(value: Value) -> Result<C::Value, Error> {
    let db = Connection::fresh();
    // A column that takes everything: only the value itself decides.
    let sql = format!("drop table {0}; create table {0} (id integer primary key, v any, w any) strict", C::NAME);
    db.with_raw(|raw| raw.execute_batch(&sql)).expect("no transaction is open").expect("the statements are valid");
    write(&db, &format!("insert into {} values (1, ?1, null)", C::NAME), &[value]);
    C::read(&db, 1).map(|(value, _)| value)
}

/// Like `read_raw`, but the value of an expression, in a column of a type that the schema does not say.
fn read_other<C: CellIn<Database>>(db: &Database, ty: &str, expression: &str) -> Result<C::Value, Error> {
    let table = C::NAME;
    db.raw(&format!(
        "drop table {table}; create table {table} (id bigint primary key, v {ty}, w {ty}); \
         insert into {table} values (1, {expression})"
    ))
    .expect("the statements are valid");
    C::read(db, 1).map(|(value, _)| value)
}

fn assert_unreadable<C: Cell>(read: Result<C::Value, Error>, sql_type: &str, fault: &str, stored: &dyn Debug) {
    let error = read.expect_err("the value does not fit");
    assert_eq!(error.kind(), ErrorKind::Decode);
    let rust_type = std::any::type_name::<C::Value>();
    let expected = format!("decoding column `v` ({sql_type}) of `{}` as `{rust_type}`\n  caused by: {fault}", C::NAME);
    assert_eq!(stored::report(&error), expected, "{stored:?}");
}

/// Asserts that what is in the file does not fit the type, and that the error says where and why.
fn check_unreadable<C: CellIn<Connection>>(value: Value, sql_type: &str, fault: &str) {
    assert_unreadable::<C>(read_raw::<C>(value.clone()), sql_type, fault, &value);
}

/// Like `check_unreadable`, but for what a server holds.
fn check_other<C: CellIn<Database>>(db: &Database, ty: &str, expression: &str, sql_type: &str, fault: &str) {
    assert_unreadable::<C>(read_other::<C>(db, ty, expression), sql_type, fault, &expression);
}

/// Writes values that are in ascending order in another one, and asserts that the database knows the order.
fn check_order<C: Compared<D>, D>(db: &D, ascending: &[C::Value]) {
    C::clear(db).expect("nothing refers to the rows");
    for (id, value) in (1..).zip(ascending.iter().rev().skip(1).chain(ascending.last())) {
        C::write(db, id, value).expect("the value can be stored");
    }
    assert_eq!(C::in_order(db).expect("it is valid"), ascending);
    assert_eq!(C::least(db).expect("it is valid").as_ref(), ascending.first());
    assert_eq!(C::greatest(db).expect("it is valid").as_ref(), ascending.last());
    assert_eq!(C::listed(db, ascending).expect("it is valid"), i64::try_from(ascending.len()).expect("few"));
    assert_eq!(C::listed(db, &[]).expect("it is valid"), 0);
    for (position, value) in (0..).zip(ascending) {
        assert_eq!(C::equal(db, value).expect("it is valid"), 1, "{value:?}");
        assert_eq!(C::less(db, value).expect("it is valid"), position, "{value:?}");
        assert_eq!(C::between(db, &ascending[0], value).expect("it is valid"), position + 1, "{value:?}");
        assert_eq!(C::listed(db, std::slice::from_ref(value)).expect("it is valid"), 1, "{value:?}");
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

each_database! {
    fn booleans(db) {
        check::<Bools, _>(db, true, Value::Integer(1), "t");
        check::<Bools, _>(db, false, Value::Integer(0), "f");
        assert_eq!(Bools::select().filter(Bools::v.in_list([false])).count(db)?, 1);
        assert_eq!(Bools::select().filter(Bools::v.in_list([true])).count(db)?, 0);
    }

    fn t25_integers(db) {
        fn bounds<C: CellIn<D>, D: Peek>(db: &D, bounds: [(C::Value, i64); 2]) {
            for (value, stored) in bounds {
                check::<C, _>(db, value, Value::Integer(stored), &stored.to_string());
            }
        }
        bounds::<Bytes1, _>(db, [(i8::MIN, -128), (i8::MAX, 127)]);
        bounds::<Bytes2, _>(db, [(u8::MIN, 0), (u8::MAX, 255)]);
        bounds::<Words, _>(db, [(u16::MIN, 0), (u16::MAX, 65_535)]);
        bounds::<Wides, _>(db, [(u32::MIN, 0), (u32::MAX, 4_294_967_295)]);
        bounds::<Smalls, _>(db, [(i16::MIN, -32_768), (i16::MAX, 32_767)]);
        bounds::<Integers, _>(db, [(i32::MIN, -2_147_483_648), (i32::MAX, 2_147_483_647)]);
        bounds::<Bigs, _>(db, [(i64::MIN, i64::MIN), (i64::MAX, i64::MAX)]);
    }

    fn t25_integers_are_in_order(db) {
        check_order::<Bigs, _>(db, &[i64::MIN, i64::MIN + 1, -1, 0, 1, 1 << 53, (1 << 53) + 1, i64::MAX - 1, i64::MAX]);
        check_order::<Integers, _>(db, &[i32::MIN, -1, 0, 1, i32::MAX]);
        check_order::<Wides, _>(db, &[0, 1, u32::MAX - 1, u32::MAX]);
        check_order::<Bytes1, _>(db, &[i8::MIN, -1, 0, i8::MAX]);
        check_order::<Outers, _>(db, &[Outer(Inner(0)), Outer(Inner(9)), Outer(Inner(10)), Outer(Inner(u16::MAX))]);
    }

    fn t24_floats(db) {
        for (value, written) in [
            (0.0, "0"),
            (-1.5, "-1.5"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::MIN, "-1.7976931348623157e+308"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (5e-324, "5e-324"),
            (0.1, "0.1"),
            (1e300, "1e+300"),
            (f64::INFINITY, "Infinity"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            check::<Doubles, _>(db, value, Value::Real(value), written);
        }
        for (value, written) in [
            (0.1_f32, "0.1"),
            (f32::MAX, "3.4028235e+38"),
            (f32::MIN_POSITIVE, "1.1754944e-38"),
            (1e-45, "1e-45"),
            (f32::INFINITY, "Infinity"),
            (f32::NEG_INFINITY, "-Infinity"),
        ] {
            check::<Singles, _>(db, value, Value::Real(f64::from(value)), written);
        }
    }

    fn t24_floats_are_in_order(db) {
        check_order::<Doubles, _>(
            db,
            &[f64::NEG_INFINITY, f64::MIN, -1.0, -5e-324, 0.0, 5e-324, 0.1, 1.0, 1e300, f64::INFINITY],
        );
        check_order::<Singles, _>(db, &[f32::NEG_INFINITY, -0.1, 0.0, 1e-45, 0.1, f32::MAX, f32::INFINITY]);
        Doubles::clear(db)?;
        Doubles::write(db, 1, &-0.0)?;
        assert_eq!(Doubles::equal(db, &0.0)?, 1, "the zeros are equal");
        assert_eq!(Doubles::equal(db, &-0.0)?, 1, "the zeros are equal");
        assert_eq!(Doubles::listed(db, &[0.0])?, 1, "the zeros are equal");
    }

    fn t23_texts(db) {
        for value in ["", "a", "'; drop table texts; --", "\"", "\\", "{a,NULL}", "ä🦀\u{10ffff}\u{feff}", "\r\n\t"] {
            check::<Texts, _>(db, value.to_owned(), text(value), value);
            check::<Names, _>(db, Name(value.to_owned()), text(value), value);
        }
        let long = "🦀x".repeat(400_000);
        check::<Texts, _>(db, long.clone(), text(&long), &long);
    }

    fn texts_are_in_the_order_of_their_bytes(db) {
        let values = ["", " ", "A", "B", "a", "aa", "b", "ä", "\u{ffff}", "🦀"];
        check_order::<Texts, _>(db, &values.map(str::to_owned));
        check_order::<Names, _>(db, &values.map(|value| Name(value.to_owned())));
    }

    fn bytes(db) {
        for value in [vec![], vec![0], vec![255; 3], (0..=255).collect(), vec![7; 1_000_000]] {
            let hex: String = value.iter().map(|byte: &u8| format!("{byte:02x}")).collect();
            check::<Blobs, _>(db, value.clone(), Value::Blob(value), &format!("\\x{hex}"));
        }
        check_order::<Blobs, _>(
            db,
            &[vec![], vec![0], vec![0, 0], vec![0, 1], vec![1], vec![127], vec![128], vec![255, 0]],
        );
    }

    fn uuids(db) {
        let id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
        let nil = "00000000-0000-0000-0000-000000000000";
        let max = "ffffffff-ffff-ffff-ffff-ffffffffffff";
        check::<Uuids, _>(db, Uuid::nil(), text(nil), nil);
        check::<Uuids, _>(db, Uuid::max(), text(max), max);
        let uuid = id.parse().expect("a UUID");
        check::<Uuids, _>(db, uuid, text(id), id);
        assert_eq!(Uuids::select().filter(Uuids::v.in_list([uuid, Uuid::nil()])).count(db)?, 1);
    }

    fn t26_dates(db) {
        for (value, written) in [
            ("2024-02-29", "2024-02-29"),
            ("0000-01-01", "0001-01-01 BC"),
            ("9999-12-31", "9999-12-31"),
            ("1969-12-31", "1969-12-31"),
        ] {
            check::<Dates, _>(db, date(value), text(value), written);
        }
        check_order::<Dates, _>(db, &["0000-01-01", "0999-12-31", "1000-01-01", "1970-01-01", "9999-12-31"].map(date));
        let range = either!(db, postgres: "4714-11-24 BC to 5874897-12-31", sqlite: "years 0 to 9999");
        check_refused::<Dates, _>(db, NaiveDate::MIN, &format!("the value is out of the range of date: {range}"));
    }

    fn t26_times(db) {
        check::<Times, _>(db, time("00:00:00"), text("00:00:00.000000"), "00:00:00");
        check::<Times, _>(db, time("23:59:59.999999"), text("23:59:59.999999"), "23:59:59.999999");
        check_order::<Times, _>(
            db,
            &["00:00:00", "00:00:00.000001", "09:59:59", "10:00:00", "23:59:59.999999"].map(time),
        );
    }

    fn t26_moments(db) {
        for (value, sqlite, postgres) in [
            ("2024-05-01T12:30:00Z", "2024-05-01T12:30:00.000000Z", "2024-05-01 12:30:00+00"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z", "1969-12-31 23:59:59.999999+00"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z", "0001-01-01 00:00:00+00 BC"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z", "9999-12-31 23:59:59.999999+00"),
        ] {
            check::<Moments, _>(db, moment(value), text(sqlite), postgres);
        }
        let value = "2024-05-01T12:30:00.000001";
        check::<Locals, _>(db, local(value), text(value), "2024-05-01 12:30:00.000001");
        let range = either!(db, postgres: "4714-11-24 BC to 294276-12-31", sqlite: "years 0 to 9999");
        let refused = format!("the value is out of the range of timestamp: {range}");
        check_refused::<Moments, _>(db, DateTime::<Utc>::MIN_UTC, &refused);
        check_refused::<Locals, _>(db, DateTime::<Utc>::MIN_UTC.naive_utc(), &refused);
    }

    /// What is finer than a microsecond is cut off, also before 1970.
    fn t26_times_have_microseconds(db) {
        let check = |value: &str, expected: &str| {
            assert_eq!(Moments::through(db, &moment(value))?, moment(expected), "{value}");
            Ok::<_, Error>(())
        };
        check("2024-05-01T12:30:00.123456789Z", "2024-05-01T12:30:00.123456Z")?;
        check("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z")?;
        check("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999Z")?;
        assert_eq!(Times::through(db, &time("12:00:00.999999999"))?, time("12:00:00.999999"));
    }

    /// A leap second is no time of day in a database.
    fn t26_leap_seconds(db) {
        assert_eq!(Times::through(db, &time("23:59:60.5"))?, time("23:59:59.999999"));
        assert_eq!(Moments::through(db, &moment("2016-12-31T23:59:60.5Z"))?, moment("2017-01-01T00:00:00.5Z"));
    }

    fn t26_moments_are_in_order(db) {
        check_order::<Moments, _>(
            db,
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
        check_order::<Locals, _>(db, &["0001-01-01T00:00:00", "2024-05-01T09:00:00", "2024-05-01T10:00:00"].map(local));
    }

    /// PostgreSQL keeps the zeros at the end of a fraction, which the order does not see.
    fn t27_decimals(db) {
        for (value, sqlite, postgres) in [
            ("0", "00000000000000000000000000000", "0"),
            ("12.5", "00000000000000000000000000012.5", "12.5"),
            ("12.50", "00000000000000000000000000012.5", "12.50"),
            ("-12.5", "-99999999999999999999999999987.4~", "-12.5"),
            ("-0", "00000000000000000000000000000", "0"),
            ("10000.00010000", "00000000000000000000000010000.0001", "10000.00010000"),
            ("79228162514264337593543950335", "79228162514264337593543950335", "79228162514264337593543950335"),
            ("-79228162514264337593543950335", "-20771837485735662406456049664~", "-79228162514264337593543950335"),
            (
                "0.0000000000000000000000000001",
                "00000000000000000000000000000.0000000000000000000000000001",
                "0.0000000000000000000000000001",
            ),
        ] {
            check::<Decimals, _>(db, decimal(value), text(sqlite), postgres);
        }
        let sum = decimal("0.1") + decimal("0.2");
        check::<Decimals, _>(db, sum, text("00000000000000000000000000000.3"), "0.3");
        assert_eq!(Decimals::equal(db, &decimal("0.300"))?, 1);
        assert_eq!(Decimals::listed(db, &[decimal("0.300")])?, 1);
    }

    fn t27_decimals_are_in_order(db) {
        check_order::<Decimals, _>(
            db,
            &[
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
            ],
        );
    }

    fn json_documents(db) {
        let document =
            Document { title: "it's \"x\"".into(), ratio: 0.1, count: i64::MIN, tags: vec![None, Some("🦀".into())] };
        check::<Documents, _>(
            db,
            Json(document),
            text(r#"{"title":"it's \"x\"","ratio":0.1,"count":-9223372036854775808,"tags":[null,"🦀"]}"#),
            r#"{"tags": [null, "🦀"], "count": -9223372036854775808, "ratio": 0.1, "title": "it's \"x\""}"#,
        );
        for (value, sqlite, postgres) in [
            (json!(null), "null", "null"),
            (json!({}), "{}", "{}"),
            (json!([1, 2.5, "a"]), r#"[1,2.5,"a"]"#, r#"[1, 2.5, "a"]"#),
            (json!("null"), r#""null""#, r#""null""#),
            (json!(u64::MAX), "18446744073709551615", "18446744073709551615"),
        ] {
            check::<Values, _>(db, value, text(sqlite), postgres);
        }
    }

    fn enums(db) {
        check::<Colours, _>(db, Colour::Red, text("red"), "red");
        check::<Colours, _>(db, Colour::Green, text("it's \"green\"; --"), "it's \"green\"; --");
        check::<Colours, _>(db, Colour::Blue, text("blå 🟦"), "blå 🟦");
        assert_eq!(Colours::select().filter(Colours::v.eq(Colour::Blue)).count(db)?, 1);
        assert_eq!(Colours::select().filter(Colours::w.is_distinct_from(Colour::Blue)).count(db)?, 0);
        assert_eq!(Colours::select().filter(Colours::v.in_list([Colour::Red, Colour::Blue])).count(db)?, 1);
        assert_eq!(Colours::select().filter(Colours::v.in_list([Colour::Red, Colour::Green])).count(db)?, 0);
    }

    fn newtypes_are_stored_as_what_they_hold(db) {
        check::<Names, _>(db, Name("Ann".into()), text("Ann"), "Ann");
        check::<Outers, _>(db, Outer(Inner(7)), Value::Integer(7), "7");
    }

    /// A column that may be NULL holds a value or none, which is not the same as an empty one.
    fn t28_null_in_nullable_columns(db) {
        macro_rules! check {
            ($($cell:ident $value:expr;)*) => {$(
                let value = $value;
                $cell::write(db, 1, &value)?;
                $cell::update().set($cell::w, None::<<$cell as Cell>::Value>).all_rows().execute(db)?;
                assert_eq!($cell::read(db, 1)?, (value, None));
                assert_eq!($cell::select().filter($cell::w.is_null()).count(db)?, 1);
            )*};
        }
        check! {
            Bools false;
            Bytes1 0;
            Bigs 0;
            Singles 0.0;
            Doubles 0.0;
            Texts String::new();
            Blobs vec![];
            Uuids Uuid::nil();
            Dates date("1970-01-01");
            Times time("00:00:00");
            Locals local("1970-01-01T00:00:00");
            Moments moment("1970-01-01T00:00:00Z");
            Values json!(null);
            Decimals Decimal::ZERO;
            Colours Colour::Red;
            Names Name(String::new());
        }
    }
}

/// What is in a file can be of any storage class.
#[test]
fn other_storage_classes_are_errors() {
    check_unreadable::<Bools>(Value::Integer(2), "boolean", OUT_OF_RANGE);
    check_unreadable::<Bools>(text("true"), "boolean", "the value is stored as text");
    check_unreadable::<Bigs>(Value::Real(1.0), "bigint", "the value is stored as a float");
    check_unreadable::<Bigs>(text("1"), "bigint", "the value is stored as text");
    check_unreadable::<Integers>(Value::Blob(vec![1]), "integer", "the value is stored as a blob");
    check_unreadable::<Doubles>(text("1.5"), "double precision", "the value is stored as text");
    check_unreadable::<Blobs>(text("a"), "bytes", "the value is stored as text");
    check_unreadable::<Uuids>(Value::Blob(vec![0; 16]), "uuid", "the value is stored as a blob");
    check_unreadable::<Dates>(Value::Integer(0), "date", "the value is stored as an integer");
    check_unreadable::<Moments>(Value::Integer(0), "timestamp with time zone", "the value is stored as an integer");
    check_unreadable::<Documents>(Value::Integer(1), "json", "the value is stored as an integer");
    check_unreadable::<Colours>(Value::Integer(0), "colour", "the value is stored as an integer");
    check_unreadable::<Outers>(Value::Integer(-1), "integer", OUT_OF_RANGE);
}

#[test]
fn t25_integers_out_of_range_are_not_cut() {
    fn outside<C: CellIn<Connection>>(sql_type: &str, values: [i64; 2]) {
        for value in values {
            check_unreadable::<C>(Value::Integer(value), sql_type, OUT_OF_RANGE);
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
}

/// SQLite turns a sum that is too large into a float, which a column of integers does not take.
#[test]
fn t25_overflow_is_an_error() -> Result<(), Error> {
    let db = Connection::fresh();
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

/// SQLite would keep NaN as NULL, and has no negative zero: it keeps a float without a fraction as an integer.
/// See <https://www.sqlite.org/floatingpoint.html>.
#[test]
fn t24_nan_is_refused_and_the_sign_of_zero_is_lost() -> Result<(), Error> {
    let db = Connection::fresh();
    check_refused::<Doubles, _>(&db, f64::NAN, "NaN cannot be stored: the database would keep it as NULL");
    check_refused::<Singles, _>(&db, f32::NAN, "NaN cannot be stored: the database would keep it as NULL");
    assert!(Doubles::through(&db, &-0.0)?.is_sign_positive());
    assert!(Singles::through(&db, &-0.0)?.is_sign_positive());
    Ok(())
}

/// NaN is refused in every position, not only as a stored value.
#[test]
fn t24_nan_is_refused_everywhere() -> Result<(), Error> {
    let db = Connection::fresh();
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

/// An expression over a column of floats may give an integer; one that no float holds is an error.
#[test]
fn t24_integers_are_read_as_floats_if_they_are_the_same_number() {
    assert_eq!(read_raw::<Doubles>(Value::Integer(3)).expect("it is a number"), 3.0);
    check_unreadable::<Doubles>(Value::Integer((1 << 53) + 1), "double precision", OUT_OF_RANGE);
    check_unreadable::<Singles>(Value::Real(1e300), "real", OUT_OF_RANGE);
}

#[test]
fn t23_texts_with_a_nul() {
    let db = &Connection::fresh();
    for value in ["nul\0in the middle", "\0"] {
        check::<Texts, _>(db, value.to_owned(), text(value), value);
        check::<Names, _>(db, Name(value.to_owned()), text(value), value);
    }
    check_order::<Texts, _>(db, &["", "\0", "\0\0", " ", "a", "a\0", "a\0b", "aa"].map(str::to_owned));
    let title = "\0".to_owned();
    let document = Document { title, ratio: 1.0, count: 1, tags: vec![] };
    let written = r#"{"title":"\u0000","ratio":1.0,"count":1,"tags":[]}"#;
    check::<Documents, _>(db, Json(document), text(written), written);
}

/// Text that is not UTF-8 can only come from elsewhere.
#[test]
fn t23_text_that_is_not_utf8_is_an_error() -> Result<(), Error> {
    for bytes in ["ff", "c328", "eda080", "f8a1a1a1a1", "61ff62"] {
        let db = Connection::fresh();
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
fn uuids_that_are_malformed() {
    let id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
    assert_eq!(read_raw::<Uuids>(text(&id.to_uppercase())).expect("it is a UUID"), id.parse::<Uuid>().expect("a UUID"));
    for wrong in ["", "x", &id[1..], &id.replace('-', ""), &id.replace('6', "g"), &format!("{id} ")] {
        check_unreadable::<Uuids>(text(wrong), "uuid", "the text is not a UUID with hyphens");
    }
}

/// Texts whose order is that of the times have four digits for the year.
#[test]
fn t26_years_of_five_digits_are_refused() {
    let db = &Connection::fresh();
    let dates = "the value is out of the range of date: years 0 to 9999";
    check_refused::<Dates, _>(db, NaiveDate::MAX, dates);
    check_refused::<Dates, _>(db, NaiveDate::from_ymd_opt(10_000, 1, 1).expect("a date"), dates);
    check_refused::<Dates, _>(db, NaiveDate::from_ymd_opt(-1, 12, 31).expect("a date"), dates);
    let moments = "the value is out of the range of timestamp: years 0 to 9999";
    check_refused::<Moments, _>(db, DateTime::<Utc>::MAX_UTC, moments);
    check_refused::<Locals, _>(db, DateTime::<Utc>::MAX_UTC.naive_utc(), moments);
    check_refused::<Moments, _>(db, moment("+10000-01-01T00:00:00Z"), moments);
    check_refused::<Moments, _>(db, moment("-0001-12-31T23:59:59Z"), moments);
}

#[test]
fn t26_times_that_are_malformed() {
    for wrong in ["", "2023-02-29", "2024-13-01", "10000-01-01", "-001-01-01", "2024-1-1", "today", "2024-01-01 00:00"]
    {
        check_unreadable::<Dates>(text(wrong), "date", "the text is not a date (`2024-05-01`)");
    }
    for wrong in ["24:00:00", "12:60", "12", "12:00:00.", "noon", "12:00:00Z"] {
        check_unreadable::<Times>(text(wrong), "time", "the text is not a time of day (`12:30:00.000000`)");
    }
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
    check_unreadable::<Locals>(
        text("x"),
        "timestamp",
        "the text is not a date and time (`2024-05-01T12:30:00.000000`)",
    );
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
    check_unreadable::<Decimals>(text(&digits), "decimal", OUT_OF_RANGE);
    check_unreadable::<Decimals>(text(&"9".repeat(29)), "decimal", OUT_OF_RANGE);
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
}

#[test]
fn labels_of_no_enum() {
    for wrong in ["", "Red", "red ", "yellow"] {
        check_unreadable::<Colours>(text(wrong), "colour", "the text is not one of the labels of the enum");
    }
}

/// The table itself refuses what is not a label, not a boolean, or of another storage class.
#[test]
fn tables_check_their_types() {
    let db = Connection::fresh();
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
fn t28_null_is_no_value() {
    fn refused<C: CellIn<Connection>>(sql_type: &str) {
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

only_postgres! {
    /// NaN with any payload and the sign of zero are kept. To PostgreSQL NaN is equal to itself and greater than all
    /// other floats: <https://www.postgresql.org/docs/current/datatype-numeric.html#DATATYPE-FLOAT>.
    fn t24_floats_keep_their_bits(db) {
        for bits in [0x8000_0000_0000_0000, f64::NAN.to_bits(), 0x7ff0_0000_0000_0001, 0xffff_ffff_ffff_ffff] {
            Doubles::clear(db)?;
            Doubles::write(db, 1, &f64::from_bits(bits))?;
            assert_eq!(Doubles::read(db, 1)?.0.to_bits(), bits);
        }
        for bits in [0x8000_0000, f32::NAN.to_bits(), 0x7f80_0001, 0xffff_ffff] {
            Singles::clear(db)?;
            Singles::write(db, 1, &f32::from_bits(bits))?;
            assert_eq!(Singles::read(db, 1)?.0.to_bits(), bits);
        }
        Doubles::clear(db)?;
        Doubles::write(db, 1, &f64::NAN)?;
        Doubles::write(db, 2, &f64::INFINITY)?;
        assert_eq!((Doubles::equal(db, &f64::NAN)?, Doubles::listed(db, &[1.0, -f64::NAN])?), (1, 1));
        assert_eq!((Doubles::less(db, &f64::NAN)?, Doubles::least(db)?), (1, Some(f64::INFINITY)));
        assert!(Doubles::greatest(db)?.is_some_and(f64::is_nan));
    }

    /// A result that does not fit is an error of the statement.
    fn t25_overflow_is_an_error_of_the_server(db) {
        let check = |error: Error, message: &str| {
            assert_eq!(error.kind(), ErrorKind::Other);
            assert!(stored::report(&error).ends_with(&format!("caused by: {message} (22003)")), "{error:?}");
        };
        Bigs::write(db, 1, &i64::MAX)?;
        check(Bigs::select().columns(Bigs::v + 1).one(db).unwrap_err(), "bigint out of range");
        check(Bigs::update().set(Bigs::v, Bigs::v + 1).all_rows().execute(db).unwrap_err(), "bigint out of range");
        Bigs::write(db, 2, &1)?;
        check(Bigs::select().columns(sum(Bigs::v)).one(db).unwrap_err(), "bigint out of range");
        assert_eq!(Bigs::read(db, 1)?.0, i64::MAX);
        Integers::write(db, 1, &i32::MAX)?;
        check(Integers::select().columns(Integers::v + 1).one(db).unwrap_err(), "integer out of range");
    }

    fn t25_integers_of_a_wider_column_are_not_cut(db) {
        let outside = |read: &dyn Fn(&str), values: [i64; 2]| values.iter().for_each(|value| read(&value.to_string()));
        outside(&|it| check_other::<Bytes1>(db, "smallint", it, "smallint", OUT_OF_RANGE), [-129, 128]);
        outside(&|it| check_other::<Bytes2>(db, "smallint", it, "smallint", OUT_OF_RANGE), [-1, 256]);
        outside(&|it| check_other::<Words>(db, "integer", it, "integer", OUT_OF_RANGE), [-1, 65_536]);
        outside(&|it| check_other::<Wides>(db, "bigint", it, "bigint", OUT_OF_RANGE), [-1, 4_294_967_296]);
        outside(&|it| check_other::<Smalls>(db, "bigint", it, "smallint", OUT_OF_RANGE), [-32_769, 1 << 48]);
        outside(&|it| check_other::<Integers>(db, "bigint", it, "integer", OUT_OF_RANGE), [-2_147_483_649, 1 << 40]);
        assert_eq!(read_other::<Bytes1>(db, "bigint", "-128")?, -128);
        assert_eq!(read_other::<Bigs>(db, "smallint", "7")?, 7);
        assert_eq!(read_other::<Doubles>(db, "real", "0.5")?, 0.5);
    }

    /// A column of another type than the schema says is told, not guessed at.
    fn columns_of_other_types(db) {
        check_other::<Bools>(db, "integer", "1", "boolean", "the value is stored as an integer");
        check_other::<Bigs>(db, "text", "'1'", "bigint", "the value is stored as text");
        check_other::<Bigs>(db, "numeric", "1", "bigint", "the value is stored as a numeric");
        check_other::<Bigs>(db, "timestamptz", "now()", "bigint", "the value is stored as a date or time");
        check_other::<Doubles>(db, "bigint", "1", "double precision", "the value is stored as an integer");
        check_other::<Singles>(db, "float8", "1", "real", "the value is stored as a float");
        check_other::<Texts>(db, "bytea", "'a'", "text", "the value is stored as bytes");
        check_other::<Blobs>(db, "text", "'a'", "bytes", "the value is stored as text");
        check_other::<Uuids>(db, "text", "gen_random_uuid()", "uuid", "the value is stored as text");
        check_other::<Moments>(db, "timestamp", "now()", "timestamp with time zone", "the value is stored as a date or time");
        check_other::<Locals>(db, "timestamptz", "now()", "timestamp", "the value is stored as a date or time");
        check_other::<Decimals>(db, "double precision", "0.1", "decimal", "the value is stored as a float");
        check_other::<Documents>(db, "text", "'{}'", "json", "the value is stored as text");
        check_other::<Colours>(db, "integer", "0", "colour", "the value is stored as an integer");
        check_other::<Texts>(db, "inet", "'::1'", "text", "the value is stored as an address");
    }

    /// Types that hold the same values are read as well.
    fn columns_of_similar_types(db) {
        for ty in ["varchar(3)", "char(3)", "name"] {
            assert_eq!(read_other::<Texts>(db, ty, "'abc'")?, "abc", "{ty}");
        }
        assert_eq!(read_other::<Values>(db, "json", r#"'{"a" : 1}'"#)?, json!({"a": 1}));
        assert_eq!(read_other::<Colours>(db, "text", "'red'")?, Colour::Red);
        assert_eq!(read_other::<Decimals>(db, "numeric(10, 2)", "1.5")?.to_string(), "1.50");
    }

    /// A domain takes and gives the values of the type it is made of.
    fn domains(db) {
        db.raw(
            "create domain positive as integer check (value > 0); create domain more_positive as positive; \
             create domain label as text; create domain price as numeric(10, 2)",
        )
        .expect("the statements are valid");
        assert_eq!(read_other::<Integers>(db, "more_positive", "7")?, 7);
        assert_eq!(Integers::through(db, &9)?, 9);
        let error = Integers::write(db, 2, &0).expect_err("it is not positive");
        assert_eq!(error.kind(), ErrorKind::CheckViolation);
        assert_eq!((Integers::equal(db, &9)?, Integers::listed(db, &[9, 10])?), (1, 1));
        assert_eq!(read_other::<Texts>(db, "label", "'a'")?, "a");
        assert_eq!(Texts::through(db, &"b".to_owned())?, "b");
        assert_eq!((Texts::equal(db, &"b".to_owned())?, Texts::listed(db, &["b".to_owned()])?), (1, 1));
        assert_eq!(read_other::<Decimals>(db, "price", "7")?, decimal("7"));
        assert_eq!(Decimals::through(db, &decimal("7.25"))?, decimal("7.25"));
    }

    fn t23_a_text_has_no_nul(db) {
        for value in ["nul\0in the middle", "\0"] {
            let refused = "the value is out of the range of text, which has no NUL";
            check_refused::<Texts, _>(db, value.to_owned(), refused);
            check_refused::<Names, _>(db, Name(value.to_owned()), refused);
            let refused = "the value is out of the range of jsonb, whose texts have no NUL";
            check_refused::<Values, _>(db, json!([value]), refused);
            check_refused::<Values, _>(db, json!({value: 1}), refused);
        }
        check::<Values, _>(db, json!("\\u0000"), Value::Null, r#""\\u0000""#);
    }

    /// Times are as far as both PostgreSQL and `chrono` have them.
    fn t26_times_of_many_years(db) {
        let first = NaiveDate::from_ymd_opt(-4713, 11, 24).expect("a date");
        check::<Dates, _>(db, first, Value::Null, "4714-11-24 BC");
        check::<Dates, _>(db, NaiveDate::MAX, Value::Null, "262142-12-31");
        let dates = "the value is out of the range of date: 4714-11-24 BC to 5874897-12-31";
        check_refused::<Dates, _>(db, first.pred_opt().expect("a date"), dates);
        check::<Moments, _>(db, first.and_time(NaiveTime::MIN).and_utc(), Value::Null, "4714-11-24 00:00:00+00 BC");
        let last = DateTime::from_timestamp_micros(DateTime::<Utc>::MAX_UTC.timestamp_micros()).expect("it is in range");
        check::<Moments, _>(db, last, Value::Null, "262142-12-31 23:59:59.999999+00");
        let moments = "the value is out of the range of timestamp: 4714-11-24 BC to 294276-12-31";
        let before = first.and_time(NaiveTime::MIN) - chrono::Duration::microseconds(1);
        check_refused::<Locals, _>(db, before, moments);
        check_refused::<Moments, _>(db, before.and_utc(), moments);
    }

    /// What `chrono` does not have: infinity, midnight at the end of a day, and years beyond its own.
    fn t26_times_out_of_range(db) {
        for value in ["'infinity'", "'-infinity'", "'262143-01-01'", "'5874897-12-31'"] {
            check_other::<Dates>(db, "date", value, "date", OUT_OF_RANGE);
        }
        for value in ["'infinity'", "'-infinity'", "'294276-12-31 23:59:59.999999'"] {
            check_other::<Locals>(db, "timestamp", value, "timestamp", OUT_OF_RANGE);
            check_other::<Moments>(db, "timestamptz", value, "timestamp with time zone", OUT_OF_RANGE);
        }
        check_other::<Times>(db, "time", "'24:00'", "time", OUT_OF_RANGE);
    }

    /// A `Decimal` has 28 digits after the point and 29 before it; `numeric` has more, and values that are no numbers.
    fn t27_decimals_out_of_range(db) {
        let ones = format!("0.{}", "1".repeat(29));
        let nines = "9".repeat(29);
        for value in ["'NaN'", "'Infinity'", "'-Infinity'", &ones, &nines, "1e131071", "1e-16383"] {
            check_other::<Decimals>(db, "numeric", value, "decimal", OUT_OF_RANGE);
        }
        assert_eq!(read_other::<Decimals>(db, "numeric", "1e28")?, decimal("10000000000000000000000000000"));
        assert_eq!(read_other::<Decimals>(db, "numeric", "-1e-28")?, decimal("-0.0000000000000000000000000001"));
        assert_eq!(read_other::<Decimals>(db, "numeric", "100000000.00000001")?, decimal("100000000.00000001"));
    }

    /// `jsonb` keeps what a document says, and not how it is written: one of two equal keys, and numbers without an
    /// exponent.
    fn json_is_not_kept_as_it_is_written(db) {
        assert_eq!(read_other::<Values>(db, "jsonb", r#"'{"b": 1, "a": 2, "b": 3}'"#)?, json!({"a": 2, "b": 3}));
        assert_eq!(Values::through(db, &json!(1.0))?, json!(1.0));
        Values::clear(db)?;
        Values::write(db, 1, &json!(1e16))?;
        assert_eq!(Values::read(db, 1)?.0, json!(10_000_000_000_000_000_u64));
        let document = Document { title: String::new(), ratio: 1e16, count: 1, tags: vec![] };
        assert_eq!(Documents::through(db, &Json(document.clone()))?, Json(document));
    }

    fn json_that_does_not_fit_its_type(db) {
        let check = |written: &str, problem: &str| {
            let fault = format!("the JSON does not fit the Rust type\n  caused by: {problem}");
            check_other::<Documents>(db, "jsonb", written, "json", &fault);
        };
        check("'[]'", "a value of another type, or a field that is missing or unknown, at line 1, column 2");
        check("'1'", "a value of another type, or a field that is missing or unknown, at line 1, column 1");
    }

    /// A label that the enum in the code does not have.
    fn labels_that_were_added(db) {
        db.raw("alter type colour add value 'yellow'").expect("the statement is valid");
        db.raw("insert into colours values (1, 'yellow', 'yellow')").expect("the statement is valid");
        let read = Colours::read(db, 1).map(|(value, _)| value);
        assert_unreadable::<Colours>(read, "colour", "the text is not one of the labels of the enum", &"yellow");
    }

    fn t28_null_in_a_column_that_has_none(db) {
        let check = "the value is NULL, and the Rust type is not an `Option`";
        check_other::<Bools>(db, "boolean", "null", "boolean", check);
        check_other::<Bytes1>(db, "smallint", "null", "smallint", check);
        check_other::<Bigs>(db, "bigint", "null", "bigint", check);
        check_other::<Singles>(db, "real", "null", "real", check);
        check_other::<Texts>(db, "text", "null", "text", check);
        check_other::<Blobs>(db, "bytea", "null", "bytes", check);
        check_other::<Uuids>(db, "uuid", "null", "uuid", check);
        check_other::<Dates>(db, "date", "null", "date", check);
        check_other::<Times>(db, "time", "null", "time", check);
        check_other::<Locals>(db, "timestamp", "null", "timestamp", check);
        check_other::<Moments>(db, "timestamptz", "null", "timestamp with time zone", check);
        check_other::<Decimals>(db, "numeric", "null", "decimal", check);
        check_other::<Documents>(db, "jsonb", "null", "json", check);
        check_other::<Colours>(db, "colour", "null", "colour", check);
        check_other::<Names>(db, "text", "null", "text", check);
    }
}
