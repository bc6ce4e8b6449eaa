//! Comparisons: the operators, `between`, tests for NULL, and `is distinct from`.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{assert_condition, check, hire};
use orm::{ErrorKind, prelude::*};
use support::*;

/// A column of every type that can be compared.
#[derive(Debug, Clone, PartialEq, Table)]
struct Sample {
    #[column(primary_key)]
    id: i64,
    flag: bool,
    tiny: i8,
    byte: u8,
    wide: u32,
    number: i64,
    single: f32,
    float: f64,
    text: String,
    bytes: Vec<u8>,
    uuid: Uuid,
    date: NaiveDate,
    time: NaiveTime,
    local: NaiveDateTime,
    moment: DateTime<Utc>,
    amount: Decimal,
}

schema! { fn samples() = [Sample] }

impl Sample {
    /// The sample at this place of lists of values that differ in what is hard about each type.
    fn at(index: usize) -> Self {
        const DECIMALS: [&str; 8] = ["-10.5", "-9", "-0.01", "0", "0.1", "9", "10.50", "79228162514264337593543950335"];
        let seconds = [-62_135_596_800, -1, 0, 1, 999_999_999, 1_000_000_000, 4_102_444_800, 253_402_300_799];
        let moment = DateTime::from_timestamp(seconds[index], [0, 0, 1_000, 0, 999_999_000, 0, 5_000, 0][index])
            .expect("the moment exists");
        Self {
            id: index as i64,
            flag: index % 2 == 1,
            tiny: [i8::MIN, -2, -1, 0, 1, 2, 10, i8::MAX][index],
            byte: [0, 1, 2, 9, 10, 99, 100, u8::MAX][index],
            wide: [0, 1, 9, 10, 65_536, 2_147_483_648, u32::MAX - 1, u32::MAX][index],
            number: [i64::MIN, i64::MIN + 1, -1, 0, 1, 9_007_199_254_740_993, i64::MAX - 1, i64::MAX][index],
            single: [f32::NEG_INFINITY, f32::MIN, -0.1, -0.0, f32::MIN_POSITIVE, 0.1, 16_777_216.0, f32::MAX][index],
            float: [f64::NEG_INFINITY, f64::MIN, -0.1, 0.0, 5e-324, 0.1, 9_007_199_254_740_992.0, f64::MAX][index],
            text: ["", " ", "A", "Z", "a", "é", "\u{ffff}", "🦀"][index].to_owned(),
            bytes: [&[][..], b"\0", b"\0\0", b"\x01", b"a", b"ab", b"\x80", b"\xff"][index].to_vec(),
            uuid: Uuid::from_u128([0, 1, 9, 10, 0xff, 1 << 64, 1 << 127, u128::MAX][index]),
            date: moment.date_naive(),
            time: moment.time(),
            local: moment.naive_utc(),
            moment,
            amount: DECIMALS[index].parse().expect("it is a decimal number"),
        }
    }
}

/// Compares a column with each of its values by every operator, and expects what Rust says.
macro_rules! check_column {
    ($db:expr, $samples:expr, $($field:ident)*) => {$(
        for pivot in &$samples {
            let value = &pivot.$field;
            let expected = |keep: &dyn Fn(&Sample) -> bool| {
                $samples.iter().filter(|sample| keep(sample)).map(|sample| sample.id).collect::<Vec<i64>>()
            };
            let ids = || Sample::select().columns(Sample::id).order_by(Sample::id);
            let name = stringify!($field);
            let field = Sample::$field;
            let rows = ids().filter(field.eq(value)).all($db)?;
            assert_eq!(rows, expected(&|it| it.$field == *value), "{name} = {value:?}");
            let rows = ids().filter(field.ne(value)).all($db)?;
            assert_eq!(rows, expected(&|it| it.$field != *value), "{name} <> {value:?}");
            let rows = ids().filter(field.lt(value)).all($db)?;
            assert_eq!(rows, expected(&|it| it.$field < *value), "{name} < {value:?}");
            let rows = ids().filter(field.le(value)).all($db)?;
            assert_eq!(rows, expected(&|it| it.$field <= *value), "{name} <= {value:?}");
            let rows = ids().filter(field.gt(value)).all($db)?;
            assert_eq!(rows, expected(&|it| it.$field > *value), "{name} > {value:?}");
            let rows = ids().filter(field.ge(value)).all($db)?;
            assert_eq!(rows, expected(&|it| it.$field >= *value), "{name} >= {value:?}");
            for high in &$samples {
                let range = value..=&high.$field;
                let between = ids().filter(field.between(value, &high.$field)).all($db)?;
                assert_eq!(between, expected(&|it| range.contains(&&it.$field)), "{name} between {range:?}");
            }
        }
    )*};
}

each_dialect! {
    fn each_operator_keeps_its_rows(db) {
        hire(db)?;
        check!(db, Employee::salary.eq(700), [2, 3]);
        check!(db, Employee::salary.ne(700), [1, 4, 5]);
        check!(db, Employee::salary.lt(700), [4, 5]);
        check!(db, Employee::salary.le(700), [2, 3, 4, 5]);
        check!(db, Employee::salary.gt(700), [1]);
        check!(db, Employee::salary.ge(700), [1, 2, 3]);
        check!(db, Employee::name.eq("Cy"), [3]);
        check!(db, Employee::name.gt("Cy".to_owned()), [4, 5]);
        assert_condition!(Employee::salary.eq(700), both: r#""employees"."salary" = $1"#);
        assert_condition!(Employee::salary.ne(700), both: r#""employees"."salary" <> $1"#);
        assert_condition!(Employee::salary.lt(700), both: r#""employees"."salary" < $1"#);
        assert_condition!(Employee::salary.le(700), both: r#""employees"."salary" <= $1"#);
        assert_condition!(Employee::salary.gt(700), both: r#""employees"."salary" > $1"#);
        assert_condition!(Employee::salary.ge(700), both: r#""employees"."salary" >= $1"#);
    }

    fn columns_compare_with_columns_and_expressions(db) {
        hire(db)?;
        check!(db, Employee::id.gt(Employee::manager_id), [2, 3, 4]);
        check!(db, Employee::salary.gt(Employee::id * 200), [1, 2, 3]);
        check!(db, (Employee::id * 100).lt(Employee::salary - 300), [1, 2, 3]);
        assert_condition!(
            (Employee::id * 100).lt(Employee::salary - 300),
            both: r#""employees"."id" * $1 < "employees"."salary" - $2"#
        );
    }

    /// A condition is a value: comparing two of them needs parentheses.
    fn conditions_compare_with_each_other(db) {
        hire(db)?;
        check!(db, Employee::salary.gt(600).eq(Employee::manager_id.is_null()), [1, 4]);
        assert_condition!(
            Employee::salary.gt(600).eq(Employee::manager_id.is_null()),
            both: r#"("employees"."salary" > $1) = ("employees"."manager_id" is null)"#
        );
    }

    fn null_is_neither_equal_nor_different(db) {
        hire(db)?;
        check!(db, Employee::manager_id.eq(1), [2, 3]);
        check!(db, Employee::manager_id.ne(1), [4]);
        check!(db, not(Employee::manager_id.eq(1)), [4]);
        check!(db, Employee::manager_id.le(i32::MAX), [2, 3, 4]);
        check!(db, Employee::manager_id.eq(Employee::manager_id), [2, 3, 4]);
        let compared = Employee::select().columns(Employee::manager_id.gt(1)).order_by(Employee::id);
        assert_eq!(compared.all(db)?, [None, Some(false), Some(false), Some(true), None]);
    }

    fn null_tests(db) {
        hire(db)?;
        check!(db, Employee::manager_id.is_null(), [1, 5]);
        check!(db, Employee::manager_id.is_not_null(), [2, 3, 4]);
        check!(db, (Employee::manager_id + 1).is_null(), [1, 5]);
        check!(db, Employee::manager_id.gt(1).is_null(), [1, 5]);
        check!(db, not(Employee::manager_id.is_null()), [2, 3, 4]);
        assert_condition!(Employee::manager_id.is_null(), both: r#""employees"."manager_id" is null"#);
        assert_condition!(
            Employee::manager_id.gt(1).is_not_null(),
            both: r#"("employees"."manager_id" > $1) is not null"#
        );
        let tested: Vec<bool> =
            Employee::select().columns(Employee::manager_id.is_null()).order_by(Employee::id).all(db)?;
        assert_eq!(tested, [true, false, false, false, true]);
    }

    /// A reversed range is empty, not turned around.
    fn between_includes_both_ends(db) {
        hire(db)?;
        check!(db, Employee::salary.between(500, 700), [2, 3, 4]);
        check!(db, Employee::salary.between(700, 700), [2, 3]);
        check!(db, Employee::salary.between(700, 500), []);
        check!(db, not(Employee::salary.between(500, 700)), [1, 5]);
        check!(db, Employee::name.between("B", "D"), [2, 3]);
        check!(db, Employee::salary.between(Employee::id * 100, 700), [2, 3, 4]);
        assert_condition!(
            Employee::salary.between(Employee::id * 100, 700).and(Employee::id.gt(1)),
            both: r#""employees"."salary" between "employees"."id" * $1 and $2 and "employees"."id" > $3"#
        );
    }

    /// With a bound that is NULL the answer is no where the other bound decides, else NULL: never yes.
    fn between_null_matches_nothing(db) {
        hire(db)?;
        check!(db, Employee::salary.between(Employee::manager_id, 700), [2, 3, 4]);
        check!(db, not(Employee::salary.between(Employee::manager_id, 700)), [1]);
    }

    fn null_is_distinct_from_everything_but_null(db) {
        hire(db)?;
        check!(db, Employee::manager_id.is_distinct_from(1), [1, 4, 5]);
        check!(db, Employee::manager_id.is_not_distinct_from(1), [2, 3]);
        check!(db, Employee::manager_id.is_distinct_from(None::<i32>), [2, 3, 4]);
        check!(db, Employee::manager_id.is_not_distinct_from(None::<i32>), [1, 5]);
        check!(db, Employee::manager_id.is_not_distinct_from(Some(2)), [4]);
        check!(db, Employee::manager_id.is_distinct_from(Employee::manager_id), []);
        check!(db, not(Employee::manager_id.is_distinct_from(1)), [2, 3]);
        assert_condition!(
            Employee::manager_id.is_distinct_from(1),
            both: r#""employees"."manager_id" is distinct from $1"#
        );
        assert_condition!(
            Employee::manager_id.is_not_distinct_from(None::<i32>),
            both: r#""employees"."manager_id" is not distinct from $1"#
        );
        let never_null: Vec<bool> =
            Employee::select().columns(Employee::manager_id.is_distinct_from(1)).order_by(Employee::id).all(db)?;
        assert_eq!(never_null, [true, false, false, true, true]);
    }

    fn enums_are_equal_or_not(db) {
        User::insert().set(User::email, "a").set(User::name, "Ann").set(User::role, Role::Owner).execute(db)?;
        User::insert().set(User::email, "b").set(User::name, "Bob").execute(db)?;
        let names = || User::select().columns(User::name);
        assert_eq!(names().filter(User::role.eq(Role::Owner)).all(db)?, ["Ann"]);
        assert_eq!(names().filter(User::role.ne(&Role::Owner)).all(db)?, ["Bob"]);
        assert_eq!(names().filter(User::role.is_not_distinct_from(Role::Member)).all(db)?, ["Bob"]);
    }

    /// Every type compares like its Rust type, whatever it is stored as: times and decimals are text on SQLite.
    fn values_compare_as_in_rust(db) {
        db.create_all(&samples())?;
        let samples: Vec<Sample> = (0..8).map(Sample::at).collect();
        for sample in samples.clone() {
            Sample::insert()
                .set(Sample::id, sample.id)
                .set(Sample::flag, sample.flag)
                .set(Sample::tiny, sample.tiny)
                .set(Sample::byte, sample.byte)
                .set(Sample::wide, sample.wide)
                .set(Sample::number, sample.number)
                .set(Sample::single, sample.single)
                .set(Sample::float, sample.float)
                .set(Sample::text, sample.text)
                .set(Sample::bytes, sample.bytes)
                .set(Sample::uuid, sample.uuid)
                .set(Sample::date, sample.date)
                .set(Sample::time, sample.time)
                .set(Sample::local, sample.local)
                .set(Sample::moment, sample.moment)
                .set(Sample::amount, sample.amount)
                .execute(db)?;
        }
        assert_eq!(Sample::select().order_by(Sample::id).all(db)?, samples);
        check_column!(
            db, samples,
            flag tiny byte wide number single float text bytes uuid date time local moment amount
        );
        let written_otherwise: Decimal = "10.5000".parse().expect("it is a decimal number");
        assert_eq!(Sample::select().filter(Sample::amount.eq(written_otherwise)).one(db)?.id, 6);
        assert_eq!(Sample::select().filter(Sample::float.eq(-0.0)).one(db)?.id, 3);
    }
}

/// A float that may be NaN.
#[derive(Debug, Clone, PartialEq, Table)]
struct Reading {
    #[column(primary_key)]
    id: i32,
    value: f64,
}

schema! { fn readings() = [Reading] }

on_sqlite! {
    /// NaN is not a value that could be stored, so nothing can be compared with it.
    fn nan_is_refused(db) {
        db.create_all(&readings())?;
        let error = Reading::select().filter(Reading::value.ne(f64::NAN)).all(db).expect_err("NaN is no value");
        assert_eq!(error.kind(), ErrorKind::Encode);
    }
}

on_postgres! {
    /// NaN is equal to itself and greater than every other float.
    fn nan_is_the_greatest_float(db) {
        db.create_all(&readings())?;
        for (id, value) in [(1, f64::INFINITY), (2, f64::NAN), (3, f64::NEG_INFINITY)] {
            Reading::insert().set(Reading::id, id).set(Reading::value, value).execute(db)?;
        }
        let ids = || Reading::select().columns(Reading::id).order_by(Reading::value);
        assert_eq!(ids().all(db)?, [3, 1, 2]);
        assert_eq!(ids().filter(Reading::value.eq(f64::NAN)).all(db)?, [2]);
        assert_eq!(ids().filter(Reading::value.ne(f64::NAN)).all(db)?, [3, 1]);
        assert_eq!(ids().filter(Reading::value.gt(f64::INFINITY)).all(db)?, [2]);
        assert_eq!(ids().filter(Reading::value.in_list([0.0, f64::NAN])).all(db)?, [2]);
        assert!(Reading::find(2).one(db)?.value.is_nan());
    }
}
