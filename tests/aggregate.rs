//! Aggregates over all rows: what they count and add up, their types, and what they make of NULLs and of no rows.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{everyone, hire};
use orm::{ErrorKind, prelude::*};
use support::*;

/// A column of every type that can be aggregated.
#[derive(Debug, Clone, PartialEq, Table)]
struct Measure {
    #[column(primary_key)]
    id: i64,
    byte: u8,
    small: i16,
    wide: u32,
    big: i64,
    single: f32,
    float: f64,
    text: String,
    bytes: Vec<u8>,
    date: NaiveDate,
    moment: DateTime<Utc>,
    amount: Decimal,
    maybe: Option<f64>,
}

schema! { fn measures() = [Measure] }

fn store(db: &impl TestDatabase, rows: &[(u8, i64, f64)]) -> Result<(), orm::Error> {
    db.create(&measures())?;
    for (id, &(byte, big, float)) in rows.iter().enumerate() {
        let moment = DateTime::from_timestamp(i64::from(byte) * 86_400, 1_000).expect("the moment exists");
        Measure::insert()
            .set(Measure::id, id as i64)
            .set(Measure::byte, byte)
            .set(Measure::small, -i16::from(byte))
            .set(Measure::wide, u32::MAX - u32::from(byte))
            .set(Measure::big, big)
            .set(Measure::single, f32::from(byte) / 4.0)
            .set(Measure::float, float)
            .set(Measure::text, format!("{byte:03}"))
            .set(Measure::bytes, vec![byte])
            .set(Measure::date, moment.date_naive())
            .set(Measure::moment, moment)
            .set(Measure::amount, Decimal::new(i64::from(byte) - 100, 2))
            .execute(db)?;
    }
    Ok(())
}

each_dialect! {
    fn all_of_them(db) {
        hire(db)?;
        let query = everyone().columns((
            count_all(),
            count(Employee::manager_id),
            count_distinct(Employee::salary),
            sum(Employee::salary),
            avg(Employee::salary),
            min(Employee::name),
            max(Employee::manager_id),
        ));
        // The sum and the mean of integers are `numeric` on PostgreSQL.
        assert_sql!(
            query,
            postgres: concat!(
                r#"select count(*), count("employees"."manager_id"), count(distinct "employees"."salary"), "#,
                r#"cast(sum("employees"."salary") as bigint), cast(avg("employees"."salary") as double precision), "#,
                r#"min("employees"."name"), max("employees"."manager_id") from "employees""#
            ),
            sqlite: concat!(
                r#"select count(*), count("employees"."manager_id"), count(distinct "employees"."salary"), "#,
                r#"sum("employees"."salary"), avg("employees"."salary"), "#,
                r#"min("employees"."name"), max("employees"."manager_id") from "employees""#
            )
        );
        let row: (i64, i64, i64, Option<i64>, Option<f64>, Option<String>, Option<i32>) = query.one(db)?;
        assert_eq!(row, (5, 3, 4, Some(3100), Some(620.0), Some("Ada".into()), Some(2)));
    }

    /// Without groups there is always one row: a count of 0, and NULL for everything else.
    fn of_no_rows(db) {
        let row: (i64, i64, i64, Option<i64>, Option<f64>, Option<i32>, Option<String>) = everyone()
            .columns((
                count_all(),
                count(Employee::id),
                count_distinct(Employee::id),
                sum(Employee::id),
                avg(Employee::id),
                min(Employee::id),
                max(Employee::name),
            ))
            .one(db)?;
        assert_eq!(row, (0, 0, 0, None, None, None, None));
        hire(db)?;
        let filtered: Option<i64> = everyone().filter(Employee::id.gt(99)).columns(sum(Employee::salary)).one(db)?;
        assert_eq!(filtered, None);
    }

    /// NULLs are left out. Of nothing but NULLs, an aggregate is NULL.
    fn of_nulls(db) {
        hire(db)?;
        let row: (i64, i64, Option<i64>, Option<f64>, Option<i32>, i64) = everyone()
            .columns((
                count(Employee::manager_id),
                count_distinct(Employee::manager_id),
                sum(Employee::manager_id),
                avg(Employee::manager_id),
                min(Employee::manager_id),
                count_all(),
            ))
            .one(db)?;
        assert_eq!(row, (3, 2, Some(4), Some(4.0 / 3.0), Some(1), 5));
        let only_nulls: (i64, Option<i64>, Option<i32>) = everyone()
            .filter(Employee::manager_id.is_null())
            .columns((count(Employee::manager_id), sum(Employee::manager_id), max(Employee::manager_id)))
            .one(db)?;
        assert_eq!(only_nulls, (0, None, None));
    }

    fn of_expressions_and_in_expressions(db) {
        hire(db)?;
        let row: (Option<i64>, Option<i64>, Option<i32>, Option<i64>) = everyone()
            .filter(Employee::id.gt(1))
            .columns((
                sum(Employee::salary * 2 - Employee::id),
                sum(Employee::salary) / count(Employee::id),
                max(Employee::salary) - min(Employee::salary),
                sum(coalesce(Employee::manager_id, 100)),
            ))
            .one(db)?;
        // Salaries 700, 700, 500, 300 of the employees 2 to 5.
        assert_eq!(row, (Some(4400 - 14), Some(550), Some(400), Some(104)));
        let text: String = everyone().columns(coalesce(max(Employee::name.lower()), "nobody").concat("!")).one(db)?;
        assert_eq!(text, "eve!");
        let tests: (bool, Option<bool>, bool) = everyone()
            .columns((count_all().gt(4), sum(Employee::salary).between(1, 3000), min(Employee::id).is_null()))
            .one(db)?;
        assert_eq!(tests, (true, Some(false), false));
        // Values stand beside aggregates: they are the same for all rows.
        assert_eq!(everyone().columns(count(Employee::id) + 10).order_by(count_all()).one(db)?, 15);
    }

    /// Narrow integers add up to 64 bits.
    fn sums_are_wider_than_their_columns(db) {
        store(db, &[(255, 1, 0.5), (200, 2, 0.25), (100, -4, -1.0)])?;
        let sums: (Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<f64>, Option<f64>) = Measure::select()
            .columns((
                sum(Measure::byte),
                sum(Measure::small),
                sum(Measure::wide),
                sum(Measure::big),
                sum(Measure::single),
                sum(Measure::float),
            ))
            .one(db)?;
        let wide = 3 * i64::from(u32::MAX) - 555;
        assert_eq!(sums, (Some(555), Some(-555), Some(wide), Some(-1), Some(138.75), Some(-0.25)));
        let means: (Option<f64>, Option<f64>) =
            Measure::select().columns((avg(Measure::byte), avg(Measure::float))).one(db)?;
        assert_eq!(means, (Some(185.0), Some(-0.25 / 3.0)));
    }

    fn smallest_and_greatest_of_every_type(db) {
        store(db, &[(255, i64::MAX, 0.5), (9, i64::MIN, f64::NEG_INFINITY), (10, 0, 1e300)])?;
        let day = |day: i64| DateTime::from_timestamp(day * 86_400, 0).map(|moment| moment.date_naive());
        let row = Measure::select()
            .columns((
                (min(Measure::byte), max(Measure::byte)),
                (min(Measure::wide), max(Measure::small)),
                (min(Measure::big), max(Measure::big)),
                (min(Measure::single), max(Measure::single)),
                (min(Measure::float), max(Measure::float)),
                (min(Measure::text), max(Measure::text)),
                (min(Measure::bytes), max(Measure::bytes)),
                (min(Measure::date), max(Measure::date)),
                (min(Measure::moment), max(Measure::moment)),
                (min(Measure::amount), max(Measure::amount)),
                (min(Measure::maybe), max(Measure::maybe)),
            ))
            .one(db)?;
        assert_eq!(row.0, (Some(9), Some(255)));
        assert_eq!(row.1, (Some(u32::MAX - 255), Some(-9)));
        assert_eq!(row.2, (Some(i64::MIN), Some(i64::MAX)));
        assert_eq!(row.3, (Some(2.25), Some(63.75)));
        assert_eq!(row.4, (Some(f64::NEG_INFINITY), Some(1e300)));
        assert_eq!(row.5, (Some("009".into()), Some("255".into())));
        assert_eq!(row.6, (Some(vec![9]), Some(vec![255])));
        assert_eq!(row.7, (day(9), day(255)));
        assert_eq!(row.8, (DateTime::from_timestamp(9 * 86_400, 1_000), DateTime::from_timestamp(255 * 86_400, 1_000)));
        assert_eq!(row.9, (Some(Decimal::new(-91, 2)), Some(Decimal::new(155, 2))));
        assert_eq!(row.10, (None, None));
    }

    /// A sum that does not fit is an error; so is one of values that overflow themselves.
    fn a_sum_that_overflows_is_an_error(db) {
        store(db, &[(1, i64::MAX, 0.0), (2, 1, 0.0)])?;
        let overflow = Measure::select().columns(sum(Measure::big)).one(db).expect_err("the sum does not fit");
        assert_eq!(overflow.kind(), ErrorKind::OutOfRange);
        let inside = Measure::select().columns(sum(Measure::big + 1)).one(db).expect_err("a summand does not fit");
        // SQLite goes on with a float, which is not read as an integer.
        assert_eq!(inside.kind(), ErrorKind::OutOfRange);
        let outside = Measure::select().columns(max(Measure::big) * 2).one(db).expect_err("the product does not fit");
        assert_eq!(outside.kind(), ErrorKind::OutOfRange);
        let mean = Measure::select().columns(avg(Measure::big)).one(db)?;
        assert_eq!(mean, Some(4_611_686_018_427_387_904.0));
    }

    /// The rest of the query says which rows are aggregated, and what happens to the one row that is the result.
    fn aggregates_with_the_rest_of_a_query(db) {
        hire(db)?;
        let query = everyone().filter(Employee::salary.ge(500)).columns(max(Employee::id)).limit(5).offset(0);
        assert_eq!(query.one(db)?, Some(4));
        assert_eq!(everyone().columns(count_all()).limit(0).optional(db)?, None);
        assert_eq!(everyone().columns(count_all()).distinct().all(db)?, [5]);
        assert_eq!(everyone().filter(Employee::name.starts_with("C")).columns(count(Employee::name)).one(db)?, 1);
    }

    fn enums_and_booleans_are_counted(db) {
        for (email, role) in [("a", Role::Owner), ("b", Role::Member), ("c", Role::Member)] {
            User::insert().set(User::email, email).set(User::name, "x").set(User::role, role).execute(db)?;
        }
        let counts: (i64, i64, i64, i64) = User::select()
            .columns((
                count(User::role),
                count_distinct(User::role),
                count_distinct(User::name.eq("x")),
                count_distinct(User::id),
            ))
            .one(db)?;
        assert_eq!(counts, (3, 2, 1, 3));
    }

    /// Floats of 32 bits add up to one of 64 bits, without being rounded on the way.
    fn sums_of_narrow_floats(db) {
        store(db, &[(1, 0, 0.0), (2, 0, 0.0), (4, 0, 0.0)])?;
        Measure::update().set(Measure::single, 16_777_216.0).filter(Measure::byte.eq(1)).execute(db)?;
        Measure::update().set(Measure::single, 1.0).filter(Measure::byte.gt(1)).execute(db)?;
        let query = Measure::select().columns(sum(Measure::single));
        assert_sql!(
            query,
            postgres: r#"select sum(cast("measures"."single" as double precision)) from "measures""#,
            sqlite: r#"select sum("measures"."single") from "measures""#
        );
        assert_eq!(query.one(db)?, Some(16_777_218.0));
        assert_eq!(Measure::select().columns(avg(Measure::single)).one(db)?, Some(5_592_406.0));
    }

    /// PostgreSQL orders bytes, but says which are the greatest only since its version 18.
    fn smallest_and_greatest_bytes(db) {
        store(db, &[(0, 0, 0.0), (1, 0, 0.0), (2, 0, 0.0), (3, 0, 0.0)])?;
        let query = Measure::select().columns((min(Measure::bytes), max(Measure::bytes)));
        assert_sql!(
            query,
            postgres: concat!(
                r#"select decode(min(encode("measures"."bytes", 'hex') collate "C"), 'hex'), "#,
                r#"decode(max(encode("measures"."bytes", 'hex') collate "C"), 'hex') from "measures""#
            ),
            sqlite: r#"select min("measures"."bytes"), max("measures"."bytes") from "measures""#
        );
        assert_eq!(query.one(db)?, (Some(vec![0]), Some(vec![3])));
        for (byte, bytes) in [(0, &b"\x9f\xff"[..]), (1, b"\xa0"), (2, b"\x9f"), (3, b"\xa0\0")] {
            Measure::update().set(Measure::bytes, bytes).filter(Measure::byte.eq(byte)).execute(db)?;
        }
        let extremes = || Measure::select().columns((min(Measure::bytes), max(Measure::bytes)));
        assert_eq!(extremes().one(db)?, (Some(b"\x9f".to_vec()), Some(b"\xa0\0".to_vec())));
        Measure::update().set(Measure::bytes, b"").filter(Measure::byte.eq(3)).execute(db)?;
        assert_eq!(extremes().one(db)?, (Some(Vec::new()), Some(b"\xa0".to_vec())));
        assert_eq!(extremes().filter(Measure::id.gt(9)).one(db)?, (None, None));
    }
}

on_postgres! {
    /// Exact numbers are added and divided exactly.
    fn of_decimals(db) {
        store(db, &[(255, 0, 0.0), (9, 0, 0.0), (10, 0, 0.0)])?;
        let query = Measure::select().columns((sum(Measure::amount), avg(Measure::amount * Decimal::TWO)));
        assert_eq!(
            query.to_sql(orm::postgres::Postgres),
            r#"select sum("measures"."amount"), avg("measures"."amount" * $1) from "measures""#
        );
        // 1.55, -0.91 and -0.90.
        let mean: Decimal = "-0.17333333333333333333".parse().expect("it is a decimal number");
        assert_eq!(query.one(db)?, (Some(Decimal::new(-26, 2)), Some(mean)));
        let none = Measure::select().filter(Measure::id.gt(9)).columns((sum(Measure::amount), avg(Measure::amount)));
        assert_eq!(none.one(db)?, (None, None));
    }
}
