//! Inserts of any number of rows.

#[path = "support/harness.rs"]
mod support;

use orm::{Error, ErrorKind, dialect::Dialect, prelude::*};
use support::*;

fn groups(count: usize) -> Vec<NewGroup> {
    (1..=count).map(|number| NewGroup::new(format!("group {number}"))).collect()
}

/// The numbers of rows in the statements that insert this many into SQLite.
fn chunks(rows: usize) -> Vec<usize> {
    let texts = Group::insert_many(&groups(rows)).to_sql(orm::sqlite::Sqlite);
    texts.iter().map(|text| text.matches("(?").count()).collect()
}

/// One text for any number of rows, and that of `insert` for one.
#[test]
fn rows_are_sent_in_few_statements() {
    let one = r#"insert into "groups" ("name") values ($1)"#;
    let many = r#"insert into "groups" ("name") select * from unnest($1::text[])"#;
    let check = |rows, expected: &[&str]| {
        assert_eq!(Group::insert_many(&groups(rows)).to_sql(orm::postgres::Postgres), expected, "{rows} rows");
    };
    check(0, &[]);
    check(1, &[one]);
    check(2, &[many]);
    check(20_000, &[many]);
    check(20_001, &[many, one]);
    check(50_000, &[many; 3]);
}

#[test]
fn rows_are_sent_in_statements_of_three_sizes() {
    let check = |rows, expected: &[usize]| assert_eq!(chunks(rows), expected, "{rows} rows");
    check(0, &[]);
    check(1, &[1]);
    check(15, &[1; 15]);
    check(16, &[16]);
    check(17, &[16, 1]);
    check(63, &[[16; 3].as_slice(), &[1; 15]].concat());
    check(64, &[64]);
    check(65, &[64, 1]);
    check(1_000, &[[64; 15].as_slice(), &[16; 2], &[1; 8]].concat());
}

/// A table of 200 columns besides its key.
macro_rules! wide {
    ($($name:ident)*) => {
        #[derive(Debug, Clone, PartialEq, Table)]
        #[table(name = "wide")]
        struct Wide {
            #[column(primary_key)]
            id: i64,
            $($name: i32,)*
        }

        /// A row whose columns hold the numbers that follow its key.
        fn wide(id: i64) -> NewWide {
            let mut next = i32::try_from(id).expect("a small number") * 1_000;
            NewWide { id, $($name: { next += 1; next },)* }
        }

        impl Wide {
            fn numbers(&self) -> Vec<i32> {
                vec![$(self.$name),*]
            }
        }
    };
}
#[rustfmt::skip]
wide! {
    a00 a01 a02 a03 a04 a05 a06 a07 a08 a09 a10 a11 a12 a13 a14 a15 a16 a17 a18 a19 a20 a21 a22 a23 a24
    a25 a26 a27 a28 a29 a30 a31 a32 a33 a34 a35 a36 a37 a38 a39 a40 a41 a42 a43 a44 a45 a46 a47 a48 a49
    b00 b01 b02 b03 b04 b05 b06 b07 b08 b09 b10 b11 b12 b13 b14 b15 b16 b17 b18 b19 b20 b21 b22 b23 b24
    b25 b26 b27 b28 b29 b30 b31 b32 b33 b34 b35 b36 b37 b38 b39 b40 b41 b42 b43 b44 b45 b46 b47 b48 b49
    c00 c01 c02 c03 c04 c05 c06 c07 c08 c09 c10 c11 c12 c13 c14 c15 c16 c17 c18 c19 c20 c21 c22 c23 c24
    c25 c26 c27 c28 c29 c30 c31 c32 c33 c34 c35 c36 c37 c38 c39 c40 c41 c42 c43 c44 c45 c46 c47 c48 c49
    d00 d01 d02 d03 d04 d05 d06 d07 d08 d09 d10 d11 d12 d13 d14 d15 d16 d17 d18 d19 d20 d21 d22 d23 d24
    d25 d26 d27 d28 d29 d30 d31 d32 d33 d34 d35 d36 d37 d38 d39 d40 d41 d42 d43 d44 d45 d46 d47 d48 d49
}

schema! { fn wide_schema() = [Wide] }

/// A table whose every column can be left out.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "options", new(derive(Debug, Clone)))]
struct Choice {
    #[column(primary_key, auto_increment)]
    id: i64,
    #[column(default = 10)]
    a: i32,
    #[column(default = 20)]
    b: Option<i32>,
}

schema! { fn choices() = [Choice] }

fn choice(a: Option<i32>, b: Option<Option<i32>>) -> NewChoice {
    NewChoice { a, b, ..NewChoice::new() }
}

each_dialect! {
    /// No rows are no statement.
    fn no_rows_do_nothing(db) {
        assert_eq!(Group::insert_many(&[]).execute(db)?, 0);
        assert_eq!(Group::insert_many(&[]).returning().all(db)?, []);
        assert_eq!(Group::insert_many(&[]).on_conflict(Group::name).do_nothing().execute(db)?, 0);
        assert_eq!(Group::select().count(db)?, 0);
    }

    /// The number of rows is what comes back, and every row is there with its own values, in order.
    fn every_number_of_rows(db) {
        for rows in [1, 15, 16, 17, 63, 64, 65, 1_000] {
            let before = Group::select().columns(max(Group::id)).one(db)?.unwrap_or(0);
            let new = groups(rows);
            assert_eq!(Group::insert_many(&new).execute(db)?, rows as u64);
            let names: Vec<String> =
                Group::select().columns(Group::name).filter(Group::id.gt(before)).order_by(Group::id).all(db)?;
            let expected: Vec<String> = new.iter().map(|group| group.name.clone()).collect();
            assert_eq!(names, expected);
            Group::delete().all_rows().execute(db)?;
        }
    }

    /// The text of one statement, and how many there are.
    fn the_statements(db) {
        let rows = [NewGroup::new("a"), NewGroup { id: Some(9), ..NewGroup::new("b") }, NewGroup::new("c")];
        assert_sql!(
            Group::insert_many(&rows),
            postgres: "insert into \"groups\" (\"name\") values ($1);\n\
                insert into \"groups\" (\"id\", \"name\") values ($1, $2);\n\
                insert into \"groups\" (\"name\") values ($1)",
            sqlite: "insert into \"groups\" (\"name\") values (?1);\n\
                insert into \"groups\" (\"id\", \"name\") values (?1, ?2);\n\
                insert into \"groups\" (\"name\") values (?1)",
        );
        assert_eq!(Group::insert_many(&rows).execute(db)?, 3);
        assert_eq!(Group::select().filter(Group::name.eq("b")).one(db)?.id, 9);
        let two = groups(2);
        assert_sql!(
            Group::insert_many(&two),
            postgres: r#"insert into "groups" ("name") select * from unnest($1::text[])"#,
            sqlite: "insert into \"groups\" (\"name\") values (?1);\ninsert into \"groups\" (\"name\") values (?1)",
        );
    }

    /// More rows than a statement takes values for.
    fn t21_100_000_rows(db) {
        assert_eq!(Group::insert_many(&groups(100_000)).execute(db)?, 100_000);
        let numbers = (count_all(), count_distinct(Group::name), max(Group::id), min(Group::id));
        assert_eq!(Group::select().columns(numbers).one(db)?, (100_000, 100_000, Some(100_000), Some(1)));
    }

    /// A cell that is left out gets its default, in whichever rows it is left out.
    fn rows_may_leave_out_different_cells(db) {
        db.create_all(&choices())?;
        let kinds =
            [choice(None, None), choice(Some(1), None), choice(None, Some(None)), choice(Some(2), Some(Some(3)))];
        let rows: Vec<NewChoice> = (0..1_000).map(|at| kinds[at * at / 7 % 4].clone()).collect();
        let count =
            |kind: usize| i64::try_from((0..1_000).filter(|at| at * at / 7 % 4 == kind).count()).expect("small");
        let rows: Vec<NewChoice> =
            rows.into_iter().zip(1..).map(|(row, id)| NewChoice { id: Some(id), ..row }).collect();
        assert_eq!(Choice::insert_many(&rows).execute(db)?, 1_000);
        let stored = |a: i32, b: Option<i32>| {
            Choice::select().filter(Choice::a.eq(a)).filter(Choice::b.is_not_distinct_from(b)).count(db)
        };
        assert_eq!(stored(10, Some(20))?, count(0));
        assert_eq!(stored(1, Some(20))?, count(1));
        assert_eq!(stored(10, None)?, count(2));
        assert_eq!(stored(2, Some(3))?, count(3));
        let read: Vec<Choice> = Choice::select().order_by(Choice::id).all(db)?;
        for (read, new) in read.iter().zip(&rows) {
            assert_eq!((read.a, read.b), (new.a.unwrap_or(10), new.b.unwrap_or(Some(20))));
        }
    }

    /// Rows of which everything is left out are `default values`, one by one.
    fn rows_of_defaults(db) {
        db.create_all(&choices())?;
        let rows = vec![NewChoice::new(); 20];
        let texts = [r#"insert into "options" default values"#; 20].join(";\n");
        assert_sql!(Choice::insert_many(&rows), postgres: texts, sqlite: texts);
        assert_eq!(Choice::insert_many(&rows).execute(db)?, 20);
        let read = Choice::insert_many(&rows[..2]).returning().all(db)?;
        assert_eq!(read, [Choice { id: 21, a: 10, b: Some(20) }, Choice { id: 22, a: 10, b: Some(20) }]);
    }

    /// What comes back is one row for each row that was inserted.
    fn returning(db) {
        let rows = groups(70);
        assert_sql!(
            Group::insert_many(&rows[..1]).returning().columns(Group::id),
            both: r#"insert into "groups" ("name") values ($1) returning "groups"."id""#,
        );
        let written: Vec<Group> = Group::insert_many(&rows).returning().all(db)?;
        assert_eq!(written.len(), 70);
        let mut expected: Vec<Group> = Group::select().all(db)?;
        let mut written = written;
        written.sort_by_key(|group| group.id);
        expected.sort_by_key(|group| group.id);
        assert_eq!(written, expected);
        Group::delete().all_rows().execute(db)?;
        let mut names: Vec<String> = Group::insert_many(&rows).returning().columns(Group::name).all(db)?;
        names.sort();
        let mut expected: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
        expected.sort();
        assert_eq!(names, expected);
    }

    /// If one row is refused, none is there: neither those of its own statement nor those of earlier ones.
    fn a_failure_in_the_middle_undoes_everything(db) {
        for rows in [2, 17, 65, 1_000] {
            let mut new = groups(rows);
            new[rows - 1].name = "group 1".to_owned();
            let error = Group::insert_many(&new).execute(db).expect_err("a name is there twice");
            assert_eq!(error.kind(), ErrorKind::UniqueViolation);
            assert!(error.violates(Group::name));
            assert_eq!(Group::select().count(db)?, 0, "{rows} rows");
            let error = Group::insert_many(&new).returning().all(db).expect_err("a name is there twice");
            assert_eq!(error.kind(), ErrorKind::UniqueViolation);
            assert_eq!(Group::select().count(db)?, 0, "{rows} rows");
        }
        assert_eq!(Group::insert_many(&groups(3)).execute(db)?, 3);
    }

    /// 150 rows of 201 columns.
    fn t21_wide_tables(db) {
        db.create_all(&wide_schema())?;
        let rows: Vec<NewWide> = (1..=150).map(wide).collect();
        assert_eq!(Wide::insert_many(&rows).execute(db)?, 150);
        for (row, id) in Wide::select().order_by(Wide::id).all(db)?.iter().zip(1_i32..) {
            assert_eq!(row.numbers(), (1..=200).map(|number| id * 1_000 + number).collect::<Vec<_>>());
        }
        Wide::update().set(Wide::d49, Wide::a00 + Wide::d48).filter(Wide::id.eq(150)).execute(db)?;
        assert_eq!(Wide::find(150).one(db)?.d49, 150_001 + 150_199);
    }
}

on_sqlite! {
    /// No rows do not begin a transaction of their own inside of another.
    fn no_rows_in_a_transaction(db) {
        let kept = db.statement_cache_len();
        db.transaction(|tx| Group::insert_many(&[]).execute(tx))?;
        assert_eq!(db.statement_cache_len(), kept, "a transaction of its own is not begun");
    }

    /// 100,000 rows need no more than three statements, each prepared once.
    fn t21_100_000_rows_are_few_statements(db) {
        let rows = groups(100_000);
        // What was prepared before the tables were created is prepared once more.
        db.transaction(|_| Ok::<_, Error>(()))?;
        let (kept, prepared_again) = (db.statement_cache_len(), db.reprepares());
        assert_eq!(Group::insert_many(&rows).execute(db)?, 100_000);
        assert_eq!(Group::select().count(db)?, 100_000);
        assert!(db.statement_cache_len() <= kept + 3, "two sizes and the count");
        assert_eq!(db.reprepares(), prepared_again);
    }

    /// In a transaction only the insert is undone, and the transaction goes on.
    fn a_failure_in_a_transaction_undoes_the_insert_alone(db) {
        db.transaction(|tx| {
            Group::insert().set(Group::name, "before").execute(tx)?;
            let mut new = groups(500);
            new[400].name = "before".to_owned();
            let error = Group::insert_many(&new).execute(tx).expect_err("the name exists");
            assert_eq!(error.kind(), ErrorKind::UniqueViolation);
            assert_eq!(Group::select().count(tx)?, 1);
            Group::insert_many(&groups(100)).execute(tx)?;
            Ok::<_, Error>(())
        })?;
        assert_eq!(Group::select().count(db)?, 101);
        let rolled_back = db.transaction(|tx| {
            Group::insert_many(&[NewGroup::new("x"), NewGroup::new("y")]).execute(tx)?;
            Err::<(), _>(Error::TransactionOpen)
        });
        assert!(rolled_back.is_err());
        assert_eq!(Group::select().count(db)?, 101);
    }
}

#[test]
fn t21_statements_stay_within_the_number_of_values() {
    let sqlite = |rows, columns, expected| assert_eq!(orm::sqlite::Sqlite.insert_chunk(rows, columns), expected);
    sqlite(100, 511, 64);
    sqlite(100, 512, 16);
    sqlite(100, 2_000, 16);
    sqlite(100, 2_048, 1);
    sqlite(15, 1, 1);
    let postgres = |rows, columns, expected| assert_eq!(orm::postgres::Postgres.insert_chunk(rows, columns), expected);
    postgres(100, 655, 100);
    postgres(100, 656, 99);
    postgres(100, 65_535, 1);
    postgres(100, 65_536, 1);
    postgres(1, 1, 1);
    // As many rows as there are, of the widest table a statement can fill.
    let rows: Vec<NewWide> = (1..=400).map(wide).collect();
    let values = |texts: Vec<String>, sign| texts.iter().map(|text| text.matches(sign).count()).collect::<Vec<_>>();
    let texts = Wide::insert_many(&rows[..150]).to_sql(orm::sqlite::Sqlite);
    assert_eq!(values(texts, '?'), [[64 * 201; 2].as_slice(), &[16 * 201], &[201; 6]].concat());
    let texts = Wide::insert_many(&rows).to_sql(orm::postgres::Postgres);
    assert_eq!(values(texts, '$'), [201]);
    let rows: Vec<NewWide> = (1..=4_000).map(wide).collect();
    assert_eq!(Wide::insert_many(&rows).to_sql(orm::postgres::Postgres).len(), 3, "400,000 values in each");
}
