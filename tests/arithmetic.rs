//! Arithmetic: the same results as in Rust, and an error where Rust would overflow.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{assert_condition, check, hire};
use orm::{ErrorKind, prelude::*, sqlite::Connection};
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

fn store(db: &Connection, rows: &[(i64, i64, i64)]) -> Result<(), orm::Error> {
    db.create_all(&numbers())?;
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

on_sqlite! {
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
        assert_sql!(query, sqlite: concat!(
            r#"select "numbers"."a" + "numbers"."b" * "numbers"."c", "#,
            r#"("numbers"."a" + "numbers"."b") * "numbers"."c", "#,
            r#""numbers"."a" - ("numbers"."b" - "numbers"."c"), "numbers"."a" * ("numbers"."b" * "numbers"."c"), "#,
            r#""numbers"."a" / nullif("numbers"."b" + ?1, 0), -("numbers"."a" + "numbers"."b"), -(-"numbers"."a"), "#,
            r#""numbers"."a" - -"numbers"."b", ("numbers"."a" + ?2) % nullif(?3, 0) from "numbers""#
        ));
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
            sqlite: r#"abs("employees"."salary" - ?1) = "employees"."id" + ?2"#
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

    /// SQLite goes on with a float where an integer overflows; reading it as an integer is an error, not a rounded
    /// number.
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
                        assert!(matches!(error.kind(), ErrorKind::Decode | ErrorKind::Other), "{error:?}");
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

    /// SQLite computes with 64 bits whatever the column; what does not fit the column's Rust type is an error.
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
        assert_eq!(kinds, [ErrorKind::Decode; 6]);
        assert_eq!(
            row().columns((Narrow::tiny - 1, Narrow::wide - 1, Narrow::normal - 1)).one(db)?,
            (126, u32::MAX - 1, i32::MAX - 1)
        );
        // Widened first, there is room; and a comparison is that of the true numbers.
        assert_eq!(row().columns(Narrow::normal.cast::<i64>() * 2).one(db)?, 4_294_967_294);
        assert_eq!(row().filter((Narrow::normal + 1).gt(Narrow::normal)).count(db)?, 1);
    }

    fn floats_are_those_of_rust(db) {
        db.create_all(&numbers())?;
        for (id, single, float) in [(1, 0.1_f32, 0.1_f64), (2, 16_777_216.0, 1e308), (3, -2.5, -5e-324)] {
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
}
