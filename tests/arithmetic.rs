//! Arithmetic: the same results as in Rust, and an error where Rust would overflow.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{assert_condition, check, hire};
use orm::{ErrorKind, prelude::*};
use support::*;

#[derive(Debug, Clone, PartialEq, Table)]
struct Number {
    #[column(primary_key, auto_increment)]
    id: i64,
    a: i64,
    b: i64,
    c: i64,
    maybe: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Table)]
struct Narrow {
    #[column(primary_key)]
    id: i64,
    tiny: i8,
    small: i16,
    normal: i32,
    byte: u8,
    wide: u32,
    single: f32,
    float: f64,
}

schema! { fn numbers() = [Number, Narrow] }

fn store(db: &impl TestDatabase, rows: &[(i64, i64, i64)]) -> Result<(), orm::Error> {
    db.create(&numbers())?;
    for &(a, b, c) in rows {
        Number::insert().set(Number::a, a).set(Number::b, b).set(Number::c, c).execute(db)?;
    }
    Ok(())
}

/// Computes an expression of `a`, `b` and `c` of every row in the database, and in Rust.
macro_rules! check_like_rust {
    ($db:expr, $rows:expr, |$a:ident, $b:ident, $c:ident| $expr:expr) => {
        let computed: Vec<i64> = {
            let ($a, $b, $c) = (Number::a, Number::b, Number::c);
            let rows = Number::select().columns(coalesce($expr, 0)).order_by(Number::id).all($db)?;
            rows
        };
        let expected: Vec<i64> = $rows.iter().map(|&($a, $b, $c)| $expr).collect();
        assert_eq!(computed, expected, "{}", stringify!($expr));
    };
}

/// Computes one expression of the only row.
macro_rules! compute {
    ($db:expr, $expr:expr) => {
        Number::select().columns($expr).one($db)
    };
}

each_dialect! {
    /// What Rust reads as one expression, SQL reads as the same one.
    #[allow(clippy::precedence, clippy::no_effect, reason = "precedence is what is tested")]
    fn precedence_is_that_of_rust(db) {
        let rows = [(7, 3, 2), (-7, 3, 2), (7, -3, 2), (-7, -3, -2), (1, 1, 1), (100, 7, 9)];
        store(db, &rows)?;
        check_like_rust!(db, rows, |a, b, c| a + b * c);
        check_like_rust!(db, rows, |a, b, c| (a + b) * c);
        check_like_rust!(db, rows, |a, b, c| a - b - c);
        check_like_rust!(db, rows, |a, b, c| a - (b - c));
        check_like_rust!(db, rows, |a, b, c| a - (b + c));
        check_like_rust!(db, rows, |a, b, c| a / b / c);
        check_like_rust!(db, rows, |a, b, c| a / (b * c));
        check_like_rust!(db, rows, |a, b, c| a * (b / c));
        check_like_rust!(db, rows, |a, b, c| a * b / c);
        check_like_rust!(db, rows, |a, b, c| a / b * c);
        check_like_rust!(db, rows, |a, b, c| a % b * c);
        check_like_rust!(db, rows, |a, b, c| a * (b % c));
        check_like_rust!(db, rows, |a, b, c| a % (b - c - c - c) - c);
        check_like_rust!(db, rows, |a, b, c| -a * b - -c);
        check_like_rust!(db, rows, |a, b, c| -(a * b) + c);
        check_like_rust!(db, rows, |a, b, c| -(a - b) * -c);
        check_like_rust!(db, rows, |a, b, c| -(-a) - -(-b + c));
        check_like_rust!(db, rows, |a, b, c| a * -b / -c);
        check_like_rust!(db, rows, |a, b, c| (a - b) * (b - c) + (a + 1) * (c - 2) % 5);
        check_like_rust!(db, rows, |a, b, c| ((a + b) * (a - b) - (b + c) * (b - c)) / 4 % 3);
    }

    fn parentheses_stand_where_they_are_needed(_db) {
        let (a, b, c) = (Number::a, Number::b, Number::c);
        let query = Number::select().columns((
            a + b * c,
            (a + b) * c,
            a - (b - c),
            a * (b * c),
            a / (b + 1),
            -(a + b),
            -(-a),
            a - -b,
            (a + 1) % 2,
        ));
        let same = concat!(
            r#"select "numbers"."a" + "numbers"."b" * "numbers"."c", "#,
            r#"("numbers"."a" + "numbers"."b") * "numbers"."c", "#,
            r#""numbers"."a" - ("numbers"."b" - "numbers"."c"), "numbers"."a" * ("numbers"."b" * "numbers"."c"), "#,
            r#""numbers"."a" / nullif("numbers"."b" + $1, 0), -("numbers"."a" + "numbers"."b"), -(-"numbers"."a"), "#,
            r#""numbers"."a" - -"numbers"."b", ("numbers"."a" + $2) % "#,
        );
        // Beside the 0 a value would be taken for an `integer` on PostgreSQL.
        assert_sql!(
            query,
            postgres: format!(r#"{same}nullif(cast($3 as bigint), 0) from "numbers""#),
            sqlite: format!(r#"{same}nullif($3, 0) from "numbers""#).replace('$', "?")
        );
    }

    fn arithmetic_in_filters_and_orders(db) {
        hire(db)?;
        check!(db, (Employee::salary / 100 % 2).eq(1), [1, 2, 3, 4, 5]);
        check!(db, (Employee::salary - Employee::id * 100).ge(500), [1, 2]);
        check!(db, (Employee::manager_id + Employee::id).eq(4), [3]);
        check!(db, (-Employee::salary).lt(-600), [1, 2, 3]);
        check!(db, (Employee::salary - 600).abs().eq(300), [1, 5]);
        assert_condition!(
            (Employee::salary - 600).abs().eq(Employee::id + 1),
            both: r#"abs("employees"."salary" - $1) = "employees"."id" + $2"#
        );
        let farthest =
            Employee::select().columns(Employee::id).order_by(((Employee::salary - 600).abs().desc(), Employee::id));
        assert_eq!(farthest.all(db)?, [1, 5, 2, 3, 4]);
    }

    /// Dividing by zero gives NULL, so a quotient is an `Option`.
    fn division_by_zero_is_null(db) {
        store(db, &[(7, 0, 2)])?;
        let quotients: (Option<i64>, Option<i64>, Option<i64>, Option<i64>) = Number::select()
            .columns((Number::a / Number::b, Number::a % Number::b, Number::a / 2, Number::a % (Number::b * 5)))
            .one(db)?;
        assert_eq!(quotients, (None, None, Some(3), None));
        let floats: (Option<f64>, Option<f64>) =
            Number::select().columns((Number::a.cast::<f64>() / 0.0, Number::a.cast::<f64>() / -0.0)).one(db)?;
        assert_eq!(floats, (None, None));
        assert_eq!(Number::select().filter((Number::a / Number::b).is_null()).count(db)?, 1);
        assert_eq!(Number::select().filter((Number::a / Number::b).gt(0)).count(db)?, 0);
    }

    fn null_operands_give_null(db) {
        store(db, &[(7, 0, 2)])?;
        assert_eq!(compute!(db, Number::a + Number::maybe)?, None);
        assert_eq!(compute!(db, -Number::maybe)?, None);
        assert_eq!(compute!(db, Number::maybe.abs())?, None);
        assert_eq!(compute!(db, Number::a * None::<i64>)?, None);
        assert_eq!(compute!(db, Number::a + Some(1))?, Some(8));
        assert_eq!(compute!(db, coalesce(Number::maybe, 1) + Number::a)?, 8);
    }

    /// PostgreSQL says so. SQLite goes on with a float where an integer overflows; reading it as an integer is an error,
    /// not a rounded number.
    fn overflow_of_64_bits_is_an_error(db) {
        let edges = [i64::MIN, i64::MIN + 1, -3_037_000_500, -1, 0, 1, 2, 3_037_000_500, i64::MAX - 1, i64::MAX];
        db.create_all(&numbers())?;
        for a in edges {
            for b in edges {
                Number::delete().all_rows().execute(db)?;
                Number::insert().set(Number::a, a).set(Number::b, b).set(Number::c, 0).execute(db)?;
                let agree = |computed: Result<i64, orm::Error>, expected: Option<i64>, operation: &str| match expected {
                    Some(expected) => assert_eq!(computed.expect("it fits"), expected, "{a} {operation} {b}"),
                    None => {
                        let error = computed.expect_err(&format!("{a} {operation} {b} overflows"));
                        assert_eq!(error.kind(), ErrorKind::OutOfRange, "{error:?}");
                    }
                };
                agree(compute!(db, Number::a + Number::b), a.checked_add(b), "+");
                agree(compute!(db, Number::a + b), a.checked_add(b), "+");
                agree(compute!(db, Number::a - Number::b), a.checked_sub(b), "-");
                agree(compute!(db, Number::a * Number::b), a.checked_mul(b), "*");
                agree(
                    compute!(db, Number::a * b - b + b),
                    a.checked_mul(b).and_then(|it| it.checked_sub(b)).and_then(|it| it.checked_add(b)),
                    "* b - b +",
                );
                agree(compute!(db, -Number::a), a.checked_neg(), "negated beside");
                agree(compute!(db, Number::a.abs()), a.checked_abs(), "absolute beside");
                agree(compute!(db, (Number::a + Number::b).cast::<i64>()), a.checked_add(b), "cast");
                if b == 0 {
                    assert_eq!(compute!(db, Number::a / Number::b)?, None);
                    assert_eq!(compute!(db, Number::a % Number::b)?, None);
                } else {
                    let divided = compute!(db, Number::a / Number::b).map(|it| it.expect("the divisor is not zero"));
                    agree(divided, a.checked_div(b), "/");
                    // The remainder exists where the quotient does not fit.
                    let remainder = compute!(db, Number::a % Number::b)?;
                    assert_eq!(remainder, Some(a.wrapping_rem(b)), "{a} % {b}");
                }
            }
        }
    }

    /// PostgreSQL computes with the type of the column, SQLite with 64 bits; what does not fit the column's Rust type is an
    /// error on both.
    fn overflow_of_narrow_integers_is_an_error(db) {
        db.create_all(&numbers())?;
        Narrow::insert()
            .set(Narrow::id, 1)
            .set(Narrow::tiny, i8::MAX)
            .set(Narrow::small, i16::MIN)
            .set(Narrow::normal, i32::MAX)
            .set(Narrow::byte, 0)
            .set(Narrow::wide, u32::MAX)
            .set(Narrow::single, 1.5)
            .set(Narrow::float, f64::MAX)
            .execute(db)?;
        let row = Narrow::select;
        let kinds = [
            row().columns(Narrow::tiny + 1).one(db).map(|_| ()),
            row().columns(Narrow::small - 1).one(db).map(|_| ()),
            row().columns(-Narrow::small).one(db).map(|_| ()),
            row().columns(Narrow::normal * 2).one(db).map(|_| ()),
            row().columns(Narrow::byte - 1).one(db).map(|_| ()),
            row().columns(Narrow::wide + Narrow::wide).one(db).map(|_| ()),
        ]
        .map(|result| result.expect_err("it overflows").kind());
        assert_eq!(kinds, [ErrorKind::OutOfRange; 6]);
        assert_eq!(
            row().columns((Narrow::tiny - 1, Narrow::wide - 1, Narrow::normal - 1)).one(db)?,
            (126, u32::MAX - 1, i32::MAX - 1)
        );
        // Widened first, there is room.
        assert_eq!(row().columns(Narrow::normal.cast::<i64>() * 2).one(db)?, 4_294_967_294);
        assert_eq!(row().filter((Narrow::normal.cast::<i64>() + 1).gt(Narrow::normal.cast::<i64>())).count(db)?, 1);
        let compared = row().filter((Narrow::normal + 1).gt(Narrow::normal)).count(db).map_err(|error| error.kind());
        assert_eq!(compared, either!(db, postgres: Err(ErrorKind::OutOfRange), sqlite: Ok(1)));
    }

    fn floats_are_those_of_rust(db) {
        db.create_all(&numbers())?;
        for (id, single, float) in [(1, 0.1_f32, 0.1_f64), (2, 16_777_216.0, 1e307), (3, -2.5, -1e-307)] {
            Narrow::insert()
                .set(Narrow::id, id)
                .set(Narrow::tiny, 1)
                .set(Narrow::small, 1)
                .set(Narrow::normal, 1)
                .set(Narrow::byte, 1)
                .set(Narrow::wide, 1)
                .set(Narrow::single, single)
                .set(Narrow::float, float)
                .execute(db)?;
            let (added, product, quotient): (f32, f32, Option<f32>) = Narrow::select()
                .filter(Narrow::id.eq(id))
                .columns((Narrow::single + 0.2, Narrow::single * 3.0, Narrow::single / 3.0))
                .one(db)?;
            assert_eq!((added, product, quotient), (single + 0.2, single * 3.0, Some(single / 3.0)));
            let (added, product, quotient): (f64, f64, Option<f64>) = Narrow::select()
                .filter(Narrow::id.eq(id))
                .columns((Narrow::float + 0.2, Narrow::float * -10.0, Narrow::float / 3.0))
                .one(db)?;
            assert_eq!((added, product, quotient), (float + 0.2, float * -10.0, Some(float / 3.0)));
        }
    }
    /// What is too great or too small for a float is an error on PostgreSQL, and infinity or zero on SQLite.
    fn floats_end(db) {
        db.create_all(&numbers())?;
        for (id, float) in [(1, 1e308), (2, -5e-324)] {
            Narrow::insert()
                .set(Narrow::id, id)
                .set(Narrow::tiny, 1)
                .set(Narrow::small, 1)
                .set(Narrow::normal, 1)
                .set(Narrow::byte, 1)
                .set(Narrow::wide, 1)
                .set(Narrow::single, 1.0)
                .set(Narrow::float, float)
                .execute(db)?;
        }
        let great = Narrow::find(1).columns(Narrow::float * -10.0).one(db).map_err(|error| error.kind());
        assert_eq!(great, either!(db, postgres: Err(ErrorKind::OutOfRange), sqlite: Ok(f64::NEG_INFINITY)));
        let small = Narrow::find(2).columns(Narrow::float / 3.0).one(db).map_err(|error| error.kind());
        assert_eq!(small, either!(db, postgres: Err(ErrorKind::OutOfRange), sqlite: Ok(Some(0.0))));
    }

    /// What a value is divided by has the type of the value, also where it is zero.
    fn divisors_of_every_type(db) {
        db.create_all(&numbers())?;
        Narrow::insert()
            .set(Narrow::id, 1 << 40)
            .set(Narrow::tiny, 7)
            .set(Narrow::small, 7)
            .set(Narrow::normal, 7)
            .set(Narrow::byte, 7)
            .set(Narrow::wide, 7)
            .set(Narrow::single, 7.0)
            .set(Narrow::float, 7.0)
            .execute(db)?;
        for divisor in [2_i8, 0] {
            let integer = (divisor != 0).then_some(3);
            let row = Narrow::select().columns((
                Narrow::tiny / divisor,
                Narrow::small / i16::from(divisor),
                Narrow::normal / i32::from(divisor),
                Narrow::byte / divisor.unsigned_abs(),
                Narrow::wide / u32::from(divisor.unsigned_abs()),
                Narrow::id / (i64::from(divisor) << 39),
            ));
            assert_eq!(
                row.one(db)?,
                (
                    integer.map(|it| it as i8),
                    integer.map(|it| it as i16),
                    integer,
                    integer.map(|it| it as u8),
                    integer.map(|it| it as u32),
                    (divisor != 0).then_some(1),
                )
            );
            let floats = Narrow::select()
                .columns((Narrow::single / f32::from(divisor), Narrow::float / f64::from(divisor)));
            let expected = ((divisor != 0).then_some(3.5), (divisor != 0).then_some(3.5));
            assert_eq!(floats.one(db)?, expected);
        }
    }
}

#[derive(Debug, Clone, PartialEq, Table)]
struct Price {
    #[column(primary_key)]
    id: i64,
    amount: Decimal,
}

schema! { fn prices() = [Price] }

on_postgres! {
    /// Decimals are computed exactly: a quotient has the digits the database gives it.
    fn decimals_are_exact(db) {
        db.create_all(&prices())?;
        let decimal = |text: &str| text.parse::<Decimal>().expect("it is a decimal number");
        Price::insert().set(Price::id, 1).set(Price::amount, decimal("0.10")).execute(db)?;
        let row = Price::find(1).columns((
            Price::amount + decimal("0.20"),
            Price::amount * decimal("-3.5"),
            Price::amount / decimal("3"),
            Price::amount / Decimal::ZERO,
            Price::amount % decimal("0.03"),
            (-Price::amount).abs(),
        ));
        let expected = (
            decimal("0.30"),
            decimal("-0.350"),
            Some(decimal("0.03333333333333333333")),
            None,
            Some(decimal("0.01")),
            decimal("0.10"),
        );
        assert_eq!(row.one(db)?, expected);
        let great = Price::find(1).columns(Price::amount + Decimal::MAX).one(db);
        assert_eq!(great.expect_err("a `Decimal` has 28 digits").kind(), ErrorKind::OutOfRange);
    }
}
