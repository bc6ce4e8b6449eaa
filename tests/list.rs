//! Membership in a list: of every type, of any length, with hostile items.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{assert_condition, check, hire};
use orm::{ErrorKind, prelude::*};
use support::*;

#[derive(Debug, Clone, Copy, PartialEq, DbType)]
struct Weight(f64);

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
#[db_enum(name = "Thing's \"grade\"")]
enum Grade {
    #[db_enum(name = "it's")]
    Hostile,
    #[db_enum(name = "{\"a\",}")]
    Braced,
}

/// A column of every type that lists can have, and some that may be NULL.
#[derive(Debug, Clone, PartialEq, Table)]
struct Thing {
    #[column(primary_key)]
    id: i64,
    flag: bool,
    tiny: i8,
    small: i16,
    normal: i32,
    byte: u8,
    short: u16,
    wide: u32,
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
    grade: Grade,
    weight: Weight,
    maybe: Option<String>,
}

schema! { fn things() = [Thing] }

impl Thing {
    /// One of three things that differ in everything but the flag.
    fn at(index: usize) -> Self {
        let seconds = [i64::from(i32::MIN), 0, 253_402_300_799][index];
        let moment = DateTime::from_timestamp(seconds, 123_456_000).expect("the moment exists");
        Self {
            id: [i64::MIN, 9_007_199_254_740_993, i64::MAX][index],
            flag: index == 1,
            tiny: [i8::MIN, 0, i8::MAX][index],
            small: [i16::MIN, 0, i16::MAX][index],
            normal: [i32::MIN, 0, i32::MAX][index],
            byte: [0, 1, u8::MAX][index],
            short: [0, 1, u16::MAX][index],
            wide: [0, 1, u32::MAX][index],
            single: [f32::MIN, 0.1, f32::INFINITY][index],
            float: [f64::NEG_INFINITY, 0.1, f64::MAX][index],
            text: ["\"],[\"", "\\u0000\n\u{1}", "🦀' or 1=1 --\u{10ffff}"][index].to_owned(),
            bytes: [&[][..], b"\0\xff", b"'"][index].to_vec(),
            uuid: Uuid::from_u128([0, 0xabcd_ef00, u128::MAX][index]),
            date: moment.date_naive(),
            time: moment.time(),
            local: moment.naive_utc(),
            moment,
            amount: ["-0.10", "0", "12345678901234567890.5"][index].parse().expect("it is a decimal number"),
            grade: [Grade::Hostile, Grade::Braced, Grade::Braced][index],
            weight: Weight([-1.5, 0.0, 2.5][index]),
            maybe: [None, Some("null"), Some("")][index].map(str::to_owned),
        }
    }

    fn all() -> Vec<Self> {
        (0..3).map(Self::at).collect()
    }
}

fn store(db: &impl TestDatabase) -> Result<(), orm::Error> {
    db.create(&things())?;
    for thing in Thing::all() {
        Thing::insert()
            .set(Thing::id, thing.id)
            .set(Thing::flag, thing.flag)
            .set(Thing::tiny, thing.tiny)
            .set(Thing::small, thing.small)
            .set(Thing::normal, thing.normal)
            .set(Thing::byte, thing.byte)
            .set(Thing::short, thing.short)
            .set(Thing::wide, thing.wide)
            .set(Thing::single, thing.single)
            .set(Thing::float, thing.float)
            .set(Thing::text, thing.text)
            .set(Thing::bytes, thing.bytes)
            .set(Thing::uuid, thing.uuid)
            .set(Thing::date, thing.date)
            .set(Thing::time, thing.time)
            .set(Thing::local, thing.local)
            .set(Thing::moment, thing.moment)
            .set(Thing::amount, thing.amount)
            .set(Thing::grade, thing.grade)
            .set(Thing::weight, thing.weight)
            .set(Thing::maybe, thing.maybe)
            .execute(db)?;
    }
    Ok(())
}

/// Looks for each value of a column alone, for all of them, for none, and for none of them.
macro_rules! check_column {
    ($db:expr, $($field:ident)*) => {$(
        let rows = || Thing::select().columns(Thing::$field).order_by(Thing::id);
        let values: Vec<_> = Thing::all().into_iter().map(|thing| thing.$field).collect();
        assert_eq!(rows().all($db)?, values);
        assert_eq!(rows().filter(Thing::$field.in_list(&values)).all($db)?, values, stringify!($field));
        assert_eq!(rows().filter(not(Thing::$field.in_list(&values))).count($db)?, 0, stringify!($field));
        assert_eq!(rows().filter(Thing::$field.in_list(&values[..0])).count($db)?, 0, stringify!($field));
        for value in &values {
            let one = std::slice::from_ref(value);
            let equal: Vec<_> = values.iter().filter(|other| *other == value).cloned().collect();
            assert_eq!(rows().filter(Thing::$field.in_list(one)).all($db)?, equal, "{value:?}");
        }
    )*};
}

each_dialect! {
    /// A list is a slice, an array or a `Vec`, owned or not.
    fn lists_in_every_form(db) {
        hire(db)?;
        let vec = vec![2, 4];
        check!(db, Employee::id.in_list([2, 4]), [2, 4]);
        check!(db, Employee::id.in_list(&[2, 4]), [2, 4]);
        check!(db, Employee::id.in_list(&vec), [2, 4]);
        check!(db, Employee::id.in_list(vec.as_slice()), [2, 4]);
        check!(db, Employee::id.in_list(vec.clone()), [2, 4]);
        check!(db, Employee::id.in_list(vec![2, 4, 4, 2, 99]), [2, 4]);
        check!(db, Employee::name.in_list(["Ada", "Eve"]), [1, 5]);
        let names = ["Ada".to_owned()];
        check!(db, Employee::name.in_list(&names), [1]);
        check!(db, not(Employee::id.in_list([2, 4])), [1, 3, 5]);
        check!(db, (Employee::id * 100).in_list([200]), [2]);
        check!(db, Employee::id.in_list([1, 2]).or(Employee::name.in_list(["Eve"])), [1, 2, 5]);
        check!(db, Employee::name.lower().in_list(["ada"]).and(Employee::salary.gt(1)), [1]);
        assert_condition!(
            Employee::id.in_list([2, 4]),
            postgres: r#""employees"."id" = any($1)"#,
            sqlite: r#""employees"."id" in (select value from json_each(?1))"#
        );
        assert_condition!(
            Employee::id.gt(0).and((Employee::id * 100).in_list([200])).and(Employee::id.lt(9)),
            postgres: concat!(
                r#""employees"."id" > $1 and "employees"."id" * $2 = any($3) "#,
                r#"and "employees"."id" < $4"#
            ),
            sqlite: concat!(
                r#""employees"."id" > ?1 and "employees"."id" * ?2 in (select value from json_each(?3)) "#,
                r#"and "employees"."id" < ?4"#
            )
        );
    }

    fn an_empty_list_matches_nothing(db) {
        hire(db)?;
        let none: Vec<i32> = Vec::new();
        check!(db, Employee::id.in_list(&none), []);
        check!(db, not(Employee::id.in_list(&none)), [1, 2, 3, 4, 5]);
        check!(db, Employee::manager_id.in_list(&none), []);
        // SQL says so even of NULL: it is in no empty list, which is a no and not an unknown.
        check!(db, not(Employee::manager_id.in_list(&none)), [1, 2, 3, 4, 5]);
    }

    fn null_is_in_no_list(db) {
        hire(db)?;
        check!(db, Employee::manager_id.in_list([1]), [2, 3]);
        check!(db, not(Employee::manager_id.in_list([1])), [4]);
        let found: Vec<Option<bool>> =
            Employee::select().columns(Employee::manager_id.in_list([2])).order_by(Employee::id).all(db)?;
        assert_eq!(found, [None, Some(false), Some(false), Some(true), None]);
    }

    fn lists_of_every_type(db) {
        store(db)?;
        check_column!(
            db,
            id flag tiny small normal byte short wide single float text bytes uuid date time local moment amount grade
            weight
        );
        let maybe = Thing::select().filter(Thing::maybe.in_list(["null", ""])).columns(Thing::id).order_by(Thing::id);
        assert_eq!(maybe.all(db)?, [9_007_199_254_740_993, i64::MAX]);
        let bytes = Thing::select().filter(Thing::bytes.in_list([b"'"])).columns(Thing::id);
        assert_sql!(
            bytes,
            postgres: r#"select "things"."id" from "things" where "things"."bytes" = any($1)"#,
            sqlite: concat!(
                r#"select "things"."id" from "things" "#,
                r#"where "things"."bytes" in (select unhex(value) from json_each(?1))"#
            )
        );
        assert_eq!(bytes.one(db)?, i64::MAX);
    }

    /// The list travels as text on SQLite, and no item breaks out of it. PostgreSQL has no NUL.
    fn hostile_items_mean_themselves(db) {
        let hostile = [
            "",
            "\"",
            "\\",
            "\\\"",
            "]",
            "[]",
            ",",
            "null",
            "1",
            "1.0",
            "true",
            "{}",
            "'",
            "\u{0}",
            "a\u{0}b",
            "\u{1}",
            "\u{1f}",
            "\u{7f}",
            "\u{2028}",
            "\u{d7ff}",
            "🦀",
            "\u{10ffff}",
            "\\u0041",
            "\n\r\t",
            "/*",
            "--",
        ];
        let has_nul = either!(db, postgres: false, sqlite: true);
        let (kept, refused): (Vec<&str>, Vec<&str>) =
            hostile.into_iter().partition(|text| has_nul || !text.contains('\0'));
        for &text in &kept {
            Group::insert().set(Group::name, text).execute(db)?;
        }
        let names = || Group::select().columns(Group::name).order_by(Group::id);
        assert_eq!(names().filter(Group::name.in_list(&kept)).all(db)?, kept);
        for text in kept {
            assert_eq!(names().filter(Group::name.in_list([text])).all(db)?, [text], "{text:?}");
        }
        for text in refused {
            let error = names().filter(Group::name.in_list(["a", text])).all(db).expect_err("there is no NUL");
            assert_eq!(error.kind(), ErrorKind::Encode);
        }
        assert_eq!(names().filter(Group::name.in_list(["A", "a", "b", "1.", "NULL"])).count(db)?, 0);
    }

    fn a_hundred_thousand_items(db) {
        hire(db)?;
        let numbers: Vec<i32> = (3..100_003).collect();
        check!(db, Employee::id.in_list(&numbers), [3, 4, 5]);
        let names: Vec<String> = (0..100_000).map(|number| format!("nobody {number}")).chain(["Cy".into()]).collect();
        check!(db, Employee::name.in_list(&names), [3]);
        check!(db, not(Employee::name.in_list(names)), [1, 2, 4, 5]);
    }
}

on_sqlite! {
    /// The text of a statement does not depend on the length of its list, so a statement is prepared once.
    fn lists_of_all_lengths_share_a_statement(db) {
        hire(db)?;
        let count = |ids: &[i32]| Employee::select().filter(Employee::id.in_list(ids)).count(db);
        assert_eq!(count(&[])?, 0);
        let prepared = db.statement_cache_len();
        assert_eq!(count(&[1])?, 1);
        assert_eq!(count(&[1, 2, 3, 4, 5, 6])?, 5);
        assert_eq!(db.statement_cache_len(), prepared);
    }

    fn nan_is_refused(db) {
        store(db)?;
        let error = Thing::select().filter(Thing::float.in_list([1.0, f64::NAN])).all(db).expect_err("NaN is no value");
        assert_eq!(error.kind(), ErrorKind::Encode);
    }
}
