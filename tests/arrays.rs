//! Columns of arrays, which PostgreSQL has and SQLite has not.

#[path = "support/cells.rs"]
mod cells;
#[path = "support/stored.rs"]
mod stored;
#[path = "support/harness.rs"]
mod support;

use std::fmt::Debug;

use cells::{Colour, Document, Inner, Name, Outer};
use orm::{Error, ErrorKind, prelude::*, sqlite::Connection};
use proptest::{
    collection::vec,
    option::of,
    prelude::{ProptestConfig, Strategy, any},
    sample::select,
    test_runner::{TestCaseError, TestRunner},
};
use serde_json::json;
use support::{postgres::Database, *};

/// A table with columns of arrays of a type.
trait Arrays: Table {
    type Item: Debug + Clone + PartialEq + 'static;
    /// Stores arrays of these items, one row and several at once, reads them, and says whether they are the same.
    fn round_trip(db: &Database, items: &[Self::Item], nullable: &[Option<Self::Item>]) -> Result<bool, Error>;
}

macro_rules! arrays {
    ($($table:ident $new:ident $name:literal $ty:ty;)*) => {$(
        #[derive(Debug, Clone, PartialEq, Table)]
        #[table(name = $name, new(derive(Clone)))]
        struct $table {
            #[column(primary_key, auto_increment)]
            id: i64,
            a: Vec<$ty>,
            b: Vec<Option<$ty>>,
            c: Option<Vec<$ty>>,
        }

        impl Arrays for $table {
            type Item = $ty;

            fn round_trip(db: &Database, items: &[$ty], nullable: &[Option<$ty>]) -> Result<bool, Error> {
                $table::delete().all_rows().execute(db)?;
                let new = $new { c: Some(items.to_vec()), ..$new::new(items, nullable) };
                let one: $table = $table::insert().values(&new).returning().one(db)?;
                let without = $new { c: None, ..new.clone() };
                $table::insert_many(&[new, without]).execute(db)?;
                $table::update().set($table::a, items).filter($table::id.eq(one.id)).execute(db)?;
                let all: Vec<$table> = $table::select().order_by($table::id).all(db)?;
                Ok(all[0] == one && all.len() == 3 && all.iter().zip(0..).all(|(row, at)| {
                    row.a == items && row.b == nullable && row.c.as_deref() == (at < 2).then_some(items)
                }))
            }
        }
    )*};
}

arrays! {
    Bools NewBools "bools" bool;
    Bytes1 NewBytes1 "i8s" i8;
    Words NewWords "u16s" u16;
    Wides NewWides "u32s" u32;
    Smalls NewSmalls "i16s" i16;
    Integers NewIntegers "i32s" i32;
    Bigs NewBigs "i64s" i64;
    Singles NewSingles "f32s" f32;
    Doubles NewDoubles "f64s" f64;
    Texts NewTexts "texts" String;
    Blobs NewBlobs "blobs" Vec<u8>;
    Uuids NewUuids "uuids" Uuid;
    Dates NewDates "dates" NaiveDate;
    Times NewTimes "times" NaiveTime;
    Locals NewLocals "locals" NaiveDateTime;
    Moments NewMoments "moments" DateTime<Utc>;
    Decimals NewDecimals "decimals" Decimal;
    Values NewValues "jsons" serde_json::Value;
    Documents NewDocuments "documents" Json<Document>;
    Names NewNames "names" Name;
    Outers NewOuters "outers" Outer;
    Colours NewColours "colours" Colour;
}

schema! {
    fn arrays() = [
        Bools, Bytes1, Words, Wides, Smalls, Integers, Bigs, Singles, Doubles, Texts, Blobs, Uuids, Dates, Times, Locals,
        Moments, Decimals, Values, Documents, Names, Outers, Colours,
    ]
}

/// Arrays of items of a strategy are what they were after they were stored.
fn check<A: Arrays>(db: &Database, items: impl Strategy<Value = A::Item> + 'static) {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) };
    let items = &items.boxed();
    let cases = (vec(items.clone(), 0..6), vec(of(items.clone()), 0..6));
    let checked = TestRunner::new(config).run(&cases, |(items, nullable)| {
        let same = A::round_trip(db, &items, &nullable).map_err(|error| TestCaseError::fail(stored::report(&error)))?;
        if same { Ok(()) } else { Err(TestCaseError::fail("an array is another one after it was stored")) }
    });
    checked.unwrap_or_else(|failure| panic!("{}: {failure}", A::NAME));
}

fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    let micros = -210_000_000_000_000_000..8_000_000_000_000_000_000_i64;
    micros.prop_map(|micros| DateTime::from_timestamp_micros(micros).expect("in range"))
}

/// Texts as they are, without the NUL that PostgreSQL has not.
fn texts() -> impl Strategy<Value = String> {
    "[^\0]{0,12}".prop_map(|text| if text.is_empty() { "NULL".to_owned() } else { text })
}

/// What an article says about itself.
#[derive(Debug, Clone, PartialEq, Table)]
struct Article {
    #[column(primary_key, auto_increment)]
    id: i64,
    tags: Vec<String>,
    #[column(default = sql("'{}'"))]
    ratings: Vec<Option<i32>>,
    colours: Option<Vec<Colour>>,
}

schema! { fn articles() = [Article] }

/// An array behind a name of its own.
#[derive(Debug, Clone, PartialEq, DbType)]
struct Tags(Vec<String>);

#[derive(Debug, Clone, PartialEq, Table)]
struct Tagged {
    #[column(primary_key)]
    id: i64,
    tags: Tags,
}

schema! { fn tagged() = [Tagged] }

fn filled(db: &Database) -> Result<(), Error> {
    db.create_all(&articles())?;
    let article = |tags: &[&str], ratings: &[Option<i32>], colours: Option<&[Colour]>| NewArticle {
        ratings: Some(ratings.to_vec()),
        colours: colours.map(<[_]>::to_vec),
        ..NewArticle::new(tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>())
    };
    let rows = [
        article(&["rust", "sql"], &[Some(1), None], Some(&[Colour::Red])),
        article(&["rust"], &[Some(2), Some(3)], Some(&[])),
        article(&[], &[], None),
    ];
    Article::insert_many(&rows).execute(db).map(drop)
}

on_postgres! {
    fn t26_numbers(db) {
        db.create_all(&arrays())?;
        check::<Bools>(db, any::<bool>());
        check::<Bytes1>(db, any::<i8>());
        check::<Words>(db, any::<u16>());
        check::<Wides>(db, any::<u32>());
        check::<Smalls>(db, any::<i16>());
        check::<Integers>(db, any::<i32>());
        check::<Bigs>(db, any::<i64>());
        check::<Singles>(db, any::<f32>());
        check::<Doubles>(db, any::<f64>());
        check::<Decimals>(db, (any::<i64>(), 0..28_u32).prop_map(|(digits, scale)| Decimal::new(digits, scale)));
        check::<Outers>(db, any::<u16>().prop_map(|number| Outer(Inner(number))));
    }

    fn t26_texts(db) {
        db.create_all(&arrays())?;
        check::<Texts>(db, texts());
        check::<Names>(db, texts().prop_map(Name));
        check::<Blobs>(db, vec(any::<u8>(), 0..9));
        check::<Uuids>(db, any::<u128>().prop_map(Uuid::from_u128));
        check::<Colours>(db, select(vec![Colour::Red, Colour::Green, Colour::Blue]));
        check::<Values>(db, select(vec![json!(null), json!([]), json!({"a": [1, "b", null]}), json!("\\\"{,}")]));
        let document = |(title, count)| Json(Document { title, ratio: 0.25, count, tags: vec![None] });
        check::<Documents>(db, (texts(), any::<i64>()).prop_map(document));
    }

    fn t26_times(db) {
        db.create_all(&arrays())?;
        check::<Dates>(db, moments().prop_map(|moment| moment.date_naive()));
        check::<Times>(db, moments().prop_map(|moment| moment.time()));
        check::<Locals>(db, moments().prop_map(|moment| moment.naive_utc()));
        check::<Moments>(db, moments());
    }

    /// The types of the columns, and what a server makes of them.
    fn columns(db) {
        filled(db)?;
        let types = db.raw(
            "select column_name, udt_name from information_schema.columns where table_name = 'articles' order by 1",
        ).expect("the statement is valid");
        let types: Vec<Vec<&str>> =
            types.iter().map(|row| row.iter().map(|cell| cell.as_deref().unwrap_or_default()).collect()).collect();
        assert_eq!(types, [["colours", "_colour"], ["id", "int8"], ["ratings", "_int4"], ["tags", "_text"]]);
        let stored = db.raw("select tags, ratings, colours from articles order by id").expect("the statement is valid");
        let stored: Vec<Vec<&str>> =
            stored.iter().map(|row| row.iter().map(|cell| cell.as_deref().unwrap_or("-")).collect()).collect();
        assert_eq!(stored, [["{rust,sql}", "{1,NULL}", "{red}"], ["{rust}", "{2,3}", "{}"], ["{}", "{}", "-"]]);
        // A default is used where an array is left out, in an insert of several rows too.
        let new = ["a", "b"].map(|tag| NewArticle::new(vec![tag.to_owned()]));
        assert_eq!(Article::insert_many(&new).returning().columns(Article::ratings).all(db)?, [vec![], vec![]]);
    }

    fn equality(db) {
        filled(db)?;
        let rust = Article::tags.eq(["rust"]);
        let sql = r#"select count(*) from "articles" where "articles"."tags" = $1"#;
        assert_eq!(Article::select().columns(count_all()).filter(rust).to_sql(orm::postgres::Postgres), sql);
        assert_eq!(Article::select().filter(Article::tags.eq(&["rust".to_owned()].to_vec())).one(db)?.id, 2);
        assert_eq!(Article::select().filter(Article::tags.eq(["rust", "sql"])).count(db)?, 1);
        assert_eq!(Article::select().filter(Article::tags.eq(["sql", "rust"])).count(db)?, 0);
        assert_eq!(Article::select().filter(Article::tags.ne(Vec::<String>::new())).count(db)?, 2);
        assert_eq!(Article::select().filter(Article::ratings.eq([Some(1), None])).count(db)?, 1);
        assert_eq!(Article::select().filter(Article::colours.eq(&[Colour::Red])).count(db)?, 1);
        assert_eq!(Article::select().filter(Article::colours.is_null()).count(db)?, 1);
        assert_eq!(Article::select().filter(Article::tags.eq(Article::tags)).count(db)?, 3);
    }

    /// An item of the array, and what a NULL in it makes unknown.
    fn items(db) {
        filled(db)?;
        let has = Article::select().columns(Article::id).filter(Article::tags.has("sql"));
        let sql = r#"select "articles"."id" from "articles" where $1 = any("articles"."tags")"#;
        assert_eq!(has.to_sql(orm::postgres::Postgres), sql);
        assert_eq!(has.all(db)?, [1]);
        let known: Vec<Option<bool>> =
            Article::select().columns(Article::ratings.has(2)).order_by(Article::id).all(db)?;
        assert_eq!(known, [None, Some(true), Some(false)]);
        let certain: Vec<bool> = Article::select().columns(Article::tags.has("rust")).order_by(Article::id).all(db)?;
        assert_eq!(certain, [true, true, false]);
        assert_eq!(Article::select().filter(Article::colours.has(Colour::Red)).count(db)?, 1);
        // The value is bound before those of the array.
        let values = coalesce(Article::tags, ["x", "y"]).has("rust").and(Article::id.gt(1));
        assert_eq!(Article::select().filter(values).columns(Article::id).all(db)?, [2]);
    }

    fn operators(db) {
        filled(db)?;
        macro_rules! check {
            ($condition:expr, $sql:literal, $expected:expr) => {
                let query = Article::select().columns(Article::id).filter($condition).order_by(Article::id);
                let sql = concat!(r#"select "articles"."id" from "articles" where "#, $sql, r#" order by "articles"."id""#);
                assert_eq!(query.to_sql(orm::postgres::Postgres), sql);
                let ids: Vec<i64> = query.all(db)?;
                assert_eq!(ids, $expected);
            };
        }
        let none: [i64; 0] = [];
        check!(Article::tags.contains_all(["rust"]), r#""articles"."tags" @> $1"#, [1, 2]);
        check!(Article::tags.contains_all(vec!["rust", "sql"]), r#""articles"."tags" @> $1"#, [1]);
        check!(Article::tags.contains_all(Vec::<String>::new()), r#""articles"."tags" @> $1"#, [1, 2, 3]);
        check!(Article::tags.contained_in(["rust", "c"]), r#""articles"."tags" <@ $1"#, [2, 3]);
        check!(Article::tags.overlaps(["sql", "c"]), r#""articles"."tags" && $1"#, [1]);
        check!(Article::tags.overlaps(Article::tags), r#""articles"."tags" && "articles"."tags""#, [1, 2]);
        check!(Article::ratings.contains_all([Some(1)]), r#""articles"."ratings" @> $1"#, [1]);
        check!(Article::ratings.contains_all([None::<i32>]), r#""articles"."ratings" @> $1"#, none);
        check!(Article::colours.contained_in([Colour::Red]), r#""articles"."colours" <@ $1"#, [1, 2]);
        check!(
            Article::tags.array_length().eq(0).or(not(Article::tags.overlaps(["sql"]))),
            r#"cast(cardinality("articles"."tags") as bigint) = $1 or not ("articles"."tags" && $2)"#,
            [2, 3]
        );
        let lengths: Vec<(i64, Option<i64>)> = Article::select()
            .columns((Article::ratings.array_length(), Article::colours.array_length()))
            .order_by(Article::id)
            .all(db)?;
        assert_eq!(lengths, [(2, Some(1)), (2, Some(0)), (0, None)]);
    }

    /// An array as a value by itself, and as one of a name of its own.
    fn values(db) {
        filled(db)?;
        let chosen: Vec<Vec<String>> = Article::select()
            .columns(coalesce(Article::tags, ["none"]))
            .order_by(Article::id)
            .limit(1)
            .all(db)?;
        assert_eq!(chosen, [["rust", "sql"]]);
        db.create_all(&tagged())?;
        let tags = Tags(vec!["a".to_owned(), "b".to_owned()]);
        let stored = Tagged::insert().set(Tagged::id, 1).set(Tagged::tags, &tags).returning().one(db)?;
        assert_eq!(stored.tags, tags);
        assert_eq!(Tagged::select().filter(Tagged::tags.has("b")).count(db)?, 1);
        assert_eq!(Tagged::select().filter(Tagged::tags.overlaps(&tags)).count(db)?, 1);
        assert_eq!(Tagged::select().filter(Tagged::tags.eq(&tags)).count(db)?, 1);
    }

    /// What is stored does not fit, and the error says where.
    fn unreadable(db) {
        db.create_all(&articles())?;
        let check = |ty: &str, value: &str, expected: &str| {
            db.raw(&format!(
                "truncate articles; alter table articles alter tags drop not null; \
                 alter table articles alter tags type {ty} using {value}; \
                 insert into articles (tags) values ({value})"
            ))
            .expect("the statements are valid");
            let error = Article::select().all(db).expect_err("the value does not fit");
            assert_eq!(error.kind(), ErrorKind::Decode);
            let expected = format!(
                "decoding column `tags` (text[]) of `articles` as `alloc::vec::Vec<alloc::string::String>`\n  caused by: {expected}"
            );
            assert_eq!(stored::report(&error), expected);
        };
        check("text[]", "array['a', null]", "the value is NULL, and the Rust type is not an `Option`");
        check("text[]", "null", "the value is NULL, and the Rust type is not an `Option`");
        check("text[]", "array[['a'], ['b']]", "the value is stored as an array of several dimensions");
        check("integer[]", "array[1]", "the value is stored as an integer");
        check("text", "'{a}'", "the value is stored as text");
    }

    /// A text that cannot be sent is told, though it is an item.
    fn items_that_cannot_be_sent(db) {
        db.create_all(&articles())?;
        let error = Article::insert().set(Article::tags, ["a", "b\0"]).execute(db).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        let expected = "binding the values of insert into `articles`\n  caused by: the value is out of the range of text, \
            which has no NUL";
        assert_eq!(stored::report(&error), expected);
    }

    /// Rows with arrays are written out: `unnest` would take their arrays apart.
    fn many_rows(db) {
        db.create_all(&articles())?;
        let new: Vec<NewArticle> = (0..3).map(|row| NewArticle::new(vec![format!("tag {row}"); row])).collect();
        let text = r#"insert into "articles" ("tags", "colours") values ($1, $2), ($3, $4), ($5, $6)"#;
        assert_eq!(Article::insert_many(&new).to_sql(orm::postgres::Postgres), [text]);
        assert_eq!(Article::insert_many(&new).execute(db)?, 3);
        let lengths = Article::select().columns(Article::tags.array_length()).order_by(Article::id).all(db)?;
        assert_eq!(lengths, [0, 1, 2]);
    }
}

/// What rustc cannot refuse is refused at run time.
#[test]
fn sqlite_has_no_arrays() {
    let db = Connection::open_in_memory().expect("there is memory");
    let error = db.create_all(&articles()).expect_err("SQLite has no arrays");
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.to_string(), "SQLite does not have the type text[] of column `tags` of `articles`");
}
