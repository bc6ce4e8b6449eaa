//! Rows that PostgreSQL is given as an array of values for each column, and those that it is not.

#[path = "support/cells.rs"]
mod cells;
#[path = "support/stored.rs"]
mod stored;
#[path = "support/harness.rs"]
mod support;

use cells::{Colour, Document, Inner, Name, Outer};
use orm::{ErrorKind, prelude::*};
use serde_json::json;
use support::*;

/// A column of every type, and one of each that may be NULL.
macro_rules! everything {
    ($($name:ident $nullable:ident $ty:ty = $value:expr;)*) => {
        #[derive(Debug, Clone, PartialEq, Table)]
        #[table(name = "everything", new(derive(Debug, Clone)))]
        struct Everything {
            #[column(primary_key, auto_increment)]
            id: i64,
            $($name: $ty, $nullable: Option<$ty>,)*
        }

        /// Rows whose columns hold the values at their numbers, and NULL in every third.
        fn rows(count: usize) -> Vec<NewEverything> {
            (0..count)
                .map(|row| {
                    $(let $name: fn(usize) -> $ty = $value;)*
                    NewEverything { id: None, $($name: $name(row), $nullable: (row % 3 > 0).then(|| $name(row)),)* }
                })
                .collect()
        }

        impl Everything {
            fn to_new(&self) -> NewEverything {
                let row = self.clone();
                NewEverything { id: None, $($name: row.$name, $nullable: row.$nullable,)* }
            }
        }

        impl PartialEq for NewEverything {
            fn eq(&self, other: &Self) -> bool {
                $(self.$name == other.$name && self.$nullable == other.$nullable)&&*
            }
        }
    };
}

everything! {
    a aa bool = |row| row % 2 == 0;
    b bb i8 = |row| i8::try_from(row % 256).unwrap_or(i8::MIN);
    c cc u8 = |row| u8::try_from(row % 256).expect("a byte");
    d dd u16 = |row| u16::MAX - u16::try_from(row).expect("small");
    e ee u32 = |row| u32::MAX - u32::try_from(row).expect("small");
    f ff i16 = |row| i16::MIN + i16::try_from(row).expect("small");
    g gg i32 = |row| i32::MIN + i32::try_from(row).expect("small");
    h hh i64 = |row| i64::MAX - number(row);
    i ii f32 = |row| f32::MAX / (1.0 + u16::try_from(row).map(f32::from).expect("small"));
    j jj f64 = |row| [f64::MIN_POSITIVE, -0.0, f64::INFINITY, 0.1][row % 4];
    k kk String = |row| ["", "null", "NULL", "{a,\"b\\\"}", "ä\u{1f600}', '"][row % 5].repeat(row % 7);
    l ll Vec<u8> = |row| vec![u8::try_from(row % 256).expect("a byte"); row % 5];
    m mm Uuid = |row| Uuid::from_u128(row as u128 * 0x0123_4567_89ab_cdef_0123_4567);
    n nn NaiveDate = |row| moment(row).date_naive();
    o oo NaiveTime = |row| moment(row).time();
    p pp NaiveDateTime = |row| moment(row).naive_utc();
    q qq DateTime<Utc> = moment;
    r rr Decimal = |row| {
        Decimal::new(number(row) * 12_345_678_901 - 5_000_000_000_000, u32::try_from(row % 20).expect("small"))
    };
    s ss serde_json::Value = |row| {
        [json!(null), json!([1, "a", null]), json!({"a": {"b": []}}), json!("\"")][row % 4].clone()
    };
    t tt Json<Document> = |row| {
        let tags = vec![None, Some(format!("tag {row}"))];
        Json(Document { title: "\\\"{".repeat(row % 3), ratio: 0.5, count: number(row), tags })
    };
    u uu Name = |row| Name(format!("{row}"));
    v vv Outer = |row| Outer(Inner(u16::try_from(row).expect("small")));
    w ww Colour = |row| [Colour::Red, Colour::Green, Colour::Blue][row % 3];
}

fn number(row: usize) -> i64 {
    i64::try_from(row).expect("small")
}

fn moment(row: usize) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(number(row) * 1_234_567_890_123).expect("in range")
}

schema! { fn everything_schema() = [Everything] }

/// A column whose type PostgreSQL knows by a name that the schema gives.
#[derive(Debug, PartialEq, Table)]
#[table(name = "codes", new(derive(Clone)))]
struct Code {
    #[column(primary_key)]
    id: i64,
    #[column(postgres(type = "char(3)"))]
    code: Option<String>,
    #[column(length = 3)]
    short: String,
    #[column(precision = 6, scale = 2, default = sql("7.5"))]
    price: Decimal,
}

schema! { fn codes() = [Code] }

fn code(id: i64, code: Option<&str>, short: &str) -> NewCode {
    NewCode { code: code.map(str::to_owned), price: Some(Decimal::new(12_345, 3)), ..NewCode::new(id, short) }
}

each_dialect! {
    /// Values of every type, and NULLs among them, are those that were given, in the rows they were given in.
    fn every_type(db) {
        db.create_all(&everything_schema())?;
        for count in [1, 2, 3, 1_000] {
            let new = rows(count);
            assert_eq!(Everything::insert_many(&new).execute(db)?, count as u64);
            let read = Everything::select().order_by(Everything::id).all(db)?;
            assert_eq!(read.len(), count);
            for (read, new) in read.iter().zip(&new) {
                assert_eq!(read.to_new(), *new);
            }
            Everything::delete().all_rows().execute(db)?;
        }
        let written = Everything::insert_many(&rows(10)).returning().columns((Everything::h, Everything::hh)).all(db)?;
        assert_eq!(written[..2], [(i64::MAX, None), (i64::MAX - 1, Some(i64::MAX - 1))]);
    }

    /// A column in which every value is NULL.
    fn columns_of_nulls(db) {
        let rows: Vec<NewEmployee> = (0..100).map(|id| NewEmployee::new(id, "Ann", 10)).collect();
        assert_sql!(
            Employee::insert_many(&rows[..2]).returning().columns(Employee::id),
            postgres: "insert into \"employees\" (\"id\", \"name\", \"manager_id\", \"salary\") \
                select * from unnest($1::integer[], $2::text[], $3::integer[], $4::integer[]) returning \"employees\".\"id\"",
            sqlite: ["insert into \"employees\" (\"id\", \"name\", \"manager_id\", \"salary\") \
                values (?1, ?2, ?3, ?4) returning \"employees\".\"id\""; 2].join(";\n"),
        );
        assert_eq!(Employee::insert_many(&rows).execute(db)?, 100);
        assert_eq!(Employee::select().filter(Employee::manager_id.is_null()).count(db)?, 100);
    }

    /// A conflict finds the row, and what it would have stored, as in an insert of values.
    fn conflicts(db) {
        Group::insert_many(&[NewGroup::new("a"), NewGroup::new("b")]).execute(db)?;
        let new = [NewGroup::new("b"), NewGroup::new("c"), NewGroup::new("d")];
        let nothing = || Group::insert_many(&new[..2]).on_conflict(Group::name).do_nothing();
        assert_sql!(
            nothing(),
            postgres: "insert into \"groups\" (\"name\") select * from unnest($1::text[]) \
                on conflict (\"name\") do nothing",
            sqlite: ["insert into \"groups\" (\"name\") values (?1) on conflict (\"name\") do nothing"; 2].join(";\n"),
        );
        assert_eq!(nothing().execute(db)?, 1);
        let update = || {
            Group::insert_many(&new)
                .on_conflict(Group::name)
                .update(Group::name.set(Group::name.excluded().concat("!")))
                .filter(Group::name.ne("c"))
                .returning()
                .columns(Group::name)
        };
        let one = "insert into \"groups\" (\"name\") values (?1) on conflict (\"name\") do update \
            set \"name\" = \"excluded\".\"name\" || ?2 where \"groups\".\"name\" <> ?3 returning \"groups\".\"name\"";
        assert_sql!(
            update(),
            postgres: "insert into \"groups\" (\"name\") select * from unnest($1::text[]) on conflict (\"name\") do update \
                set \"name\" = \"excluded\".\"name\" || $2 where \"groups\".\"name\" <> $3 returning \"groups\".\"name\"",
            sqlite: [one; 3].join(";\n"),
        );
        let mut names = update().all(db)?;
        names.sort();
        assert_eq!(names, ["b!", "d"]);
    }

    /// A row that would be changed twice: an error of one statement, and one change after the other of several.
    fn t21_a_row_that_conflicts_twice(db) {
        Group::insert().set(Group::name, "a").execute(db)?;
        let new = [NewGroup::new("a"), NewGroup::new("a")];
        let changed = Group::insert_many(&new).on_conflict(Group::name).update(Group::name.set_to_excluded()).execute(db);
        if either!(db, postgres: true, sqlite: false) {
            let error = changed.expect_err("PostgreSQL does not say which row counts");
            assert!(stored::report(&error).contains("cannot affect row a second time"));
        } else {
            assert_eq!(changed?, 2);
        }
        assert_eq!(Group::select().count(db)?, 1);
        assert_eq!(Group::insert_many(&new).on_conflict(Group::name).do_nothing().execute(db)?, 0);
    }

    /// A text too long for its column is refused, not cut off, and a number gets the digits of its column.
    fn lengths_and_digits(db) {
        db.create_all(&codes())?;
        let rows = [code(1, None, "abc"), code(2, None, "äöü")];
        assert_eq!(Code::insert_many(&rows).execute(db)?, 2);
        let price = either!(db, postgres: Decimal::new(1_235, 2), sqlite: Decimal::new(12_345, 3));
        assert_eq!(Code::select().columns(Code::price).all(db)?, [price, price]);
        let error = Code::insert_many(&[code(3, None, "a"), code(4, None, "abcd")]).execute(db).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CheckViolation);
        assert_eq!(Code::select().count(db)?, 2);
    }

    /// A default among the columns makes rows differ: those that give the same columns share a statement.
    fn runs_of_rows(db) {
        db.create_all(&codes())?;
        let with = |id| NewCode { price: Some(Decimal::ONE), ..NewCode::new(id, "a") };
        let without = |id| NewCode { code: None, ..NewCode::new(id, "a") };
        let rows = [with(1), with(2), without(3), with(4), without(5), without(6), without(7)];
        assert_eq!(Code::insert_many(&rows).execute(db)?, 7);
        assert_eq!(Code::select().filter(Code::price.eq(Decimal::ONE)).count(db)?, 3);
        let rows = [NewPost::new(Uuid::nil(), "a", 1, true, Json(vec![])), NewPost::new(Uuid::nil(), "b", 2, false, Json(vec![]))];
        let dated = NewPost { created_at: Some(DateTime::UNIX_EPOCH), ..rows[0].clone() };
        let rows = [rows[0].clone(), rows[1].clone(), dated.clone(), rows[0].clone(), dated.clone(), dated];
        let texts = Post::insert_many(&rows).to_sql(orm::postgres::Postgres);
        let columns = r#"insert into "posts" ("author_id", "title", "words", "published", "tags""#;
        assert_eq!(texts, [
            format!("{columns}) select * from unnest($1::uuid[], $2::text[], $3::integer[], $4::boolean[], $5::jsonb[])"),
            format!("{columns}, \"created_at\") values ($1, $2, $3, $4, $5, $6)"),
            format!("{columns}) values ($1, $2, $3, $4, $5)"),
            format!(
                "{columns}, \"created_at\") select * from \
                 unnest($1::uuid[], $2::text[], $3::integer[], $4::boolean[], $5::jsonb[], $6::timestamptz[])"
            ),
        ]);
    }

    /// A value that cannot be sent stops the statement, whichever row it is in.
    fn values_that_cannot_be_sent(db) {
        if either!(db, postgres: false, sqlite: true) {
            return Ok(());
        }
        let mut rows: Vec<NewGroup> = (0..100).map(|row| NewGroup::new(format!("group {row}"))).collect();
        rows[70].name.push('\0');
        let error = Group::insert_many(&rows).execute(db).unwrap_err();
        let expected = "binding the values of insert into `groups`\n  caused by: the value is out of the range of text, \
            which has no NUL";
        assert_eq!(stored::report(&error), expected);
        assert_eq!(Group::select().count(db)?, 0);
    }
}

on_postgres! {
    /// The names of enum types are quoted.
    fn enums(db) {
        let rows: Vec<NewUser> = ["a", "b", "c"]
            .map(|name| NewUser { role: Some(Role::Owner), ..user(name, name) })
            .to_vec();
        let insert = User::insert_many(&rows);
        assert_eq!(
            insert.to_sql(orm::postgres::Postgres),
            ["insert into \"users\" (\"email\", \"name\", \"age\", \"role\") \
              select * from unnest($1::text[], $2::text[], $3::integer[], $4::\"user_role\"[])"]
        );
        assert_eq!(insert.execute(db)?, 3);
        assert_eq!(User::select().filter(User::role.eq(Role::Owner)).count(db)?, 3);
    }

    /// A type that the schema names is not that of an array: a cast to `char(3)[]` would cut off what does not fit.
    fn columns_with_a_type_of_their_own(db) {
        db.create_all(&codes())?;
        let rows = [code(1, Some("abc"), "a"), code(2, Some("d"), "b")];
        assert_eq!(
            Code::insert_many(&rows).to_sql(orm::postgres::Postgres),
            [r#"insert into "codes" ("id", "code", "short", "price") values ($1, $2, $3, $4), ($5, $6, $7, $8)"#]
        );
        assert_eq!(Code::insert_many(&rows).execute(db)?, 2);
        let error = Code::insert_many(&[code(3, None, "a"), code(4, Some("abcd"), "a")]).execute(db).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CheckViolation);
    }

    /// A column that the server numbers, and one with numbers of its own.
    fn identities(db) {
        let rows: Vec<NewGroup> = (1..=50_000).rev().map(|row| NewGroup::new(format!("{row:05}"))).collect();
        let ids: Vec<(i64, String)> = Group::insert_many(&rows).returning().columns((Group::id, Group::name)).all(db)?;
        assert!(ids.iter().zip(&rows).zip(1..).all(|(((id, name), row), at)| *id == at && *name == row.name));
        let rows = [7, 9, 8].map(|id| NewGroup { id: Some(100_000 + id), ..NewGroup::new(format!("own {id}")) });
        assert_eq!(Group::insert_many(&rows).returning().columns(Group::id).all(db)?, [100_007, 100_009, 100_008]);
    }
}
