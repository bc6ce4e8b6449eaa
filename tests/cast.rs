//! Values converted to another type.

#[path = "support/harness.rs"]
mod support;

use orm::prelude::*;
use support::*;

/// A column of every type that can be cast.
#[derive(Debug, Clone, PartialEq, Table)]
struct Source {
    #[column(primary_key)]
    id: i64,
    tiny: i8,
    byte: u8,
    small: i16,
    short: u16,
    normal: i32,
    wide: u32,
    single: f32,
    float: f64,
    text: String,
    uuid: Uuid,
    maybe: Option<i32>,
}

schema! { fn sources() = [Source] }

const ID: i64 = -9_007_199_254_740_993;

fn store(db: &impl TestDatabase) -> Result<(), orm::Error> {
    db.create(&sources())?;
    Source::insert()
        .set(Source::id, ID)
        .set(Source::tiny, i8::MIN)
        .set(Source::byte, u8::MAX)
        .set(Source::small, i16::MIN)
        .set(Source::short, u16::MAX)
        .set(Source::normal, i32::MIN)
        .set(Source::wide, u32::MAX)
        .set(Source::single, 0.1)
        .set(Source::float, -1e300)
        .set(Source::text, "🦀 1.0")
        .set(Source::uuid, Uuid::from_u128(0xabcd_ef00))
        .execute(db)?;
    Ok(())
}

each_dialect! {
    fn integers_widen(db) {
        store(db)?;
        let row = Source::select;
        assert_eq!(
            row()
                .columns((Source::tiny.cast::<i16>(), Source::tiny.cast::<i32>(), Source::tiny.cast::<i64>()))
                .one(db)?,
            (-128, -128, -128)
        );
        assert_eq!(
            row()
                .columns((Source::byte.cast::<u16>(), Source::byte.cast::<u32>(), Source::byte.cast::<i16>()))
                .one(db)?,
            (255, 255, 255)
        );
        assert_eq!(
            row().columns((Source::small.cast::<i32>(), Source::small.cast::<i64>())).one(db)?,
            (-32_768, -32_768)
        );
        assert_eq!(
            row().columns((Source::short.cast::<i32>(), Source::short.cast::<u32>())).one(db)?,
            (65_535, 65_535)
        );
        assert_eq!(
            row().columns((Source::normal.cast::<i64>(), Source::wide.cast::<i64>())).one(db)?,
            (-2_147_483_648, 4_294_967_295)
        );
        // An integer is an integer on SQLite, whatever its width.
        assert_sql!(
            row().columns(Source::tiny.cast::<i64>()),
            postgres: r#"select cast("sources"."tiny" as bigint) from "sources""#,
            sqlite: r#"select "sources"."tiny" from "sources""#
        );
    }

    fn numbers_become_floats(db) {
        store(db)?;
        let query = Source::select().columns((
            Source::tiny.cast::<f32>(),
            Source::normal.cast::<f64>(),
            Source::id.cast::<f64>(),
            Source::single.cast::<f64>(),
            Source::float.cast::<f64>(),
        ));
        assert_sql!(
            query,
            postgres: concat!(
                r#"select cast("sources"."tiny" as real), cast("sources"."normal" as double precision), "#,
                r#"cast("sources"."id" as double precision), cast("sources"."single" as double precision), "#,
                r#"cast("sources"."float" as double precision) from "sources""#
            ),
            sqlite: concat!(
                r#"select cast("sources"."tiny" as real), cast("sources"."normal" as real), "#,
                r#"cast("sources"."id" as real), cast("sources"."single" as real), "#,
                r#"cast("sources"."float" as real) from "sources""#
            )
        );
        // The greatest integer that every float up to it is exact for, and one more, which is rounded to even.
        let rounded = -9_007_199_254_740_992.0;
        assert_eq!(query.one(db)?, (-128.0, -2_147_483_648.0, rounded, f64::from(0.1_f32), -1e300));
        assert_eq!(Source::select().columns(Source::normal.cast::<f64>() / 4096.0 / 4.0).one(db)?, Some(-131_072.0));
    }

    fn values_become_text(db) {
        store(db)?;
        let query = Source::select().columns((
            Source::tiny.cast::<String>(),
            Source::wide.cast::<String>(),
            Source::id.cast::<String>(),
            Source::uuid.cast::<String>(),
            Source::text.cast::<String>(),
        ));
        assert_sql!(query, both: concat!(
            r#"select cast("sources"."tiny" as text), cast("sources"."wide" as text), cast("sources"."id" as text), "#,
            r#"cast("sources"."uuid" as text), cast("sources"."text" as text) from "sources""#
        ));
        let expected = ["-128", "4294967295", "-9007199254740993", "00000000-0000-0000-0000-0000abcdef00", "🦀 1.0"]
            .map(String::from);
        let [a, b, c, d, e] = expected;
        assert_eq!(query.one(db)?, (a, b, c, d, e));
        let labels = Source::select().filter(Source::tiny.cast::<String>().concat("°").eq("-128°"));
        assert_eq!(labels.count(db)?, 1);
    }

    fn null_stays_null(db) {
        store(db)?;
        let cast: (Option<i64>, Option<f64>, Option<String>) = Source::select()
            .columns((Source::maybe.cast::<i64>(), Source::maybe.cast::<f64>(), Source::maybe.cast::<String>()))
            .one(db)?;
        assert_eq!(cast, (None, None, None));
    }

    /// A cast brings two columns of different types together.
    fn casts_are_operands(db) {
        store(db)?;
        assert_eq!(Source::select().filter(Source::wide.cast::<i64>().gt(Source::id)).count(db)?, 1);
        assert_eq!(Source::select().filter((Source::tiny + 1).cast::<i64>().eq(-127)).count(db)?, 1);
        let sum = Source::select().columns((Source::tiny + 1).cast::<i64>() * 2);
        assert_sql!(
            sum,
            postgres: r#"select cast("sources"."tiny" + $1 as bigint) * $2 from "sources""#,
            sqlite: r#"select ("sources"."tiny" + ?1) * ?2 from "sources""#
        );
        assert_eq!(sum.one(db)?, -254);
        assert_eq!(Source::select().columns(avg(Source::byte.cast::<f64>())).one(db)?, Some(255.0));
        assert_eq!(Source::select().filter(Source::tiny.cast::<i64>().in_list([-128])).count(db)?, 1);
    }
}
