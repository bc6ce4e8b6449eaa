use orm_core::{
    error::{Error, ErrorKind},
    executor::{Executor, WriteExecutor},
    types::Decode,
};

use crate::{
    Connection,
    testing::{With, insert, report, select},
};
use orm_core::types::{DecodeError, RowRead};

/// A table with one column that holds the value of an SQL expression.
fn holding(expression: &str) -> Connection {
    let db = Connection::open_in_memory().expect("memory is there");
    db.with_raw(|raw| raw.execute_batch(&format!("create table t (v); insert into t values ({expression})")))
        .expect("no transaction is open")
        .expect("the table is new");
    db
}

fn read<T: Decode + Send + 'static>(expression: &str) -> Result<T, Error> {
    holding(expression).fetch_one(select::<(T,)>("t", &["v"], None)).map(|(value,)| value)
}

fn check<T: Decode + Send + PartialEq + std::fmt::Debug + 'static>(expression: &str, expected: T) {
    assert_eq!(read::<T>(expression).expect("it is read"), expected, "{expression}");
}

fn check_error<T: Decode + Send + std::fmt::Debug + 'static>(expression: &str, message: &str) {
    let error = read::<T>(expression).expect_err("it is refused");
    assert_eq!(error.kind(), ErrorKind::Decode);
    let report = report(&error);
    assert!(report.starts_with("decoding column `v` (bigint) of `t` as `"), "{report}");
    assert!(report.ends_with(message), "{report}");
}

#[test]
fn values_are_read() {
    check("1", true);
    check("32767", i16::MAX);
    check("-2147483648", i32::MIN);
    check("9223372036854775807", i64::MAX);
    check("0.1", 0.1_f64);
    check("0.1", 0.1_f32);
    check("3", 3.0_f64);
    check("9e999", f64::INFINITY);
    check("-9e999", f32::NEG_INFINITY);
    check("'a' || char(0)", "a\0".to_owned());
    check("x''", Vec::<u8>::new());
    check("null", None::<String>);
}

#[test]
fn values_of_other_types_are_refused() {
    check_error::<i64>("null", "the value is NULL, and the Rust type is not an `Option`");
    check_error::<i64>("'1'", "the value is stored as text");
    check_error::<i64>("1.0", "the value is stored as a float");
    check_error::<i64>("9223372036854775807 + 1", "the value is stored as a float");
    check_error::<String>("1", "the value is stored as an integer");
    check_error::<String>("x'61'", "the value is stored as a blob");
    check_error::<Vec<u8>>("'a'", "the value is stored as text");
    check_error::<Option<bool>>("'true'", "the value is stored as text");
    check_error::<f64>("'0.1'", "the value is stored as text");
}

#[test]
fn values_out_of_range_are_refused() {
    check_error::<bool>("2", "the value is out of range");
    check_error::<i16>("32768", "the value is out of range");
    check_error::<i32>("1099511627776", "the value is out of range");
    check_error::<u8>("-1", "the value is out of range");
    check_error::<f32>("1e300", "the value is out of range");
    check_error::<f64>("9007199254740993", "the value is out of range");
    check_error::<f64>("9223372036854775807", "the value is out of range");
    check_error::<String>("cast(x'ff' as text)", "the text is not valid UTF-8");
}

/// What is read through a method of the row.
#[derive(Debug, PartialEq)]
struct Through<const METHOD: char>(String);

impl<const METHOD: char> Decode for Through<METHOD> {
    fn decode<R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Self, DecodeError> {
        Ok(Self(match METHOD {
            'u' => format!("{:?}", row.uuid(index)?),
            'd' => row.date(index)?.to_string(),
            't' => row.time(index)?.to_string(),
            's' => row.timestamp(index)?.to_string(),
            'z' => row.timestamp_tz(index)?.to_string(),
            'n' => row.decimal(index)?,
            'j' => row.json(index)?.to_owned(),
            _ => row.label(index)?.to_owned(),
        }))
    }
}

fn check_through<const METHOD: char>(expression: &str, expected: &str) {
    check(expression, Through::<METHOD>(expected.to_owned()));
}

#[test]
fn texts_are_parsed() {
    check_through::<'u'>("'00000000-0000-0000-0000-00000000000A'", "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10]");
    check_through::<'d'>("date('1970-01-31')", "30");
    check_through::<'t'>("time('00:00:01')", "1000000");
    check_through::<'s'>("datetime('1970-01-01')", "0");
    check_through::<'z'>("datetime('1970-01-01 00:00:01')", "1000000");
    check_through::<'n'>("'-12.50'", "-12.5");
    check_through::<'n'>("7", "7");
    check_through::<'j'>("json_array(1)", "[1]");
    check_through::<'l'>("'owner'", "owner");
}

#[test]
fn texts_of_another_form_are_refused() {
    check_error::<Through<'u'>>("'x'", "the text is not a UUID with hyphens");
    check_error::<Through<'d'>>("'10000-01-01'", "the text is not a date (`2024-05-01`)");
    check_error::<Through<'z'>>("'now'", "the text is not a date and time in UTC (`2024-05-01T12:30:00.000000Z`)");
    check_error::<Through<'n'>>("'1e5'", "the text is not a decimal number");
    check_error::<Through<'n'>>("1.5", "the value is stored as a float");
    check_error::<Through<'z'>>("0", "the value is stored as an integer");
}

#[test]
fn what_was_written_is_read() {
    let db = holding("0");
    let values = insert::<()>("t", &["v"], 1, &[]);
    db.execute(values.bind(With(|out: &mut dyn orm_core::types::Binder<'_>| out.decimal("-0.5".to_owned()))))
        .expect("it is stored");
    let rows = db.fetch_all(select::<(Through<'n'>,)>("t", &["v"], None)).expect("they are read");
    assert_eq!(rows, [(Through("0".to_owned()),), (Through("-0.5".to_owned()),)]);
}
