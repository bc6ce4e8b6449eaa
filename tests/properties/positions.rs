//! What stands in each position where a value can: the text is one and the same for all values.

use orm::{
    Error, ErrorKind,
    postgres::Postgres,
    prelude::*,
    sqlite::{Connection, Sqlite},
};
use proptest::{
    collection::vec,
    prelude::{Strategy, prop_assert_eq},
};

use super::{
    Checked,
    cells::*,
    fail, properties, run_cases, stored,
    support::{self, postgres::Database},
    text_for,
};

/// What stands in a position where a value can.
struct Position<D> {
    name: &'static str,
    find: fn(&D, &str) -> Result<Vec<String>, Error>,
    show: fn(&str) -> String,
    matches: fn(&str, &str) -> bool,
    is_pattern: bool,
}

/// A database with its positions, and a sentinel that no value may reach.
trait Positions: Sized + 'static {
    fn positions() -> Vec<Position<Self>>;
    fn set_up_sentinel(&self) -> Result<(), Error>;
    fn sentinel(&self) -> i64;
}

/// Conditions with a value, and the stored texts that meet them.
macro_rules! conditions {
    ($($name:literal, |$value:ident| $condition:expr, |$stored:ident, $text:ident| $matches:expr $(, $pattern:ident)?;)*) => {
        fn of_sqlite() -> Vec<Position<Connection>> {
            conditions!(@list Sqlite $($name, |$value| $condition, |$stored, $text| $matches $(, $pattern)?;)*)
        }

        fn of_postgres() -> Vec<Position<Database>> {
            conditions!(@list Postgres $($name, |$value| $condition, |$stored, $text| $matches $(, $pattern)?;)*)
        }
    };
    (@list $dialect:ident $($name:literal, |$value:ident| $condition:expr, |$stored:ident, $text:ident| $matches:expr $(, $pattern:ident)?;)*) => {
        vec![$(Position {
            name: $name,
            find: |db, $value| Texts::select().columns(Texts::v).filter($condition).all(db),
            show: |$value| Texts::select().columns(Texts::v).filter($condition).to_sql($dialect),
            matches: |$stored, $text| $matches,
            is_pattern: false $(|| stringify!($pattern) == "pattern")?,
        },)*]
    };
}

conditions! {
    "equal", |value| Texts::v.eq(value), |stored, text| stored == text;
    "not equal", |value| Texts::v.ne(value), |stored, text| stored != text;
    "less", |value| Texts::v.lt(value), |stored, text| stored < text;
    "between", |value| Texts::v.between("", value), |stored, text| stored <= text;
    "in a list", |value| Texts::v.in_list([value, "other"]), |stored, text| stored == text || stored == "other";
    "contains", |value| Texts::v.contains(value), |stored, text| stored.contains(text);
    "starts with", |value| Texts::v.starts_with(value), |stored, text| stored.starts_with(text);
    "concatenated", |value| Texts::v.concat(value).eq(Texts::w.concat(value)), |_stored, _text| true;
    "coalesced", |value| coalesce(Texts::w, value).eq(Texts::v), |_stored, _text| true;
    "not distinct", |value| Texts::w.is_not_distinct_from(value), |stored, text| stored == text;
    "ends with", |value| Texts::v.ends_with(value), |stored, text| before_nul(stored).ends_with(text), pattern;
    "like", |value| Texts::v.like(escape_like(value)), |stored, text| before_nul(stored) == text, pattern;
    "ends like", |value| Texts::v.like(format!("%{}", escape_like(value))), |stored, text| before_nul(stored).ends_with(text), pattern;
}

/// What `like` and `glob` see of a stored text, in SQLite: the rest is not matched. PostgreSQL's texts have no NUL.
fn before_nul(stored: &str) -> &str {
    stored.split('\0').next().unwrap_or_default()
}

impl Positions for Connection {
    fn positions() -> Vec<Position<Self>> {
        of_sqlite()
    }

    fn set_up_sentinel(&self) -> Result<(), Error> {
        self.execute_batch("create table sentinel (a integer); insert into sentinel values (7)")
    }

    fn sentinel(&self) -> i64 {
        stored::number(self, "select sum(a) from sentinel")
    }
}

impl Positions for Database {
    fn positions() -> Vec<Position<Self>> {
        of_postgres()
    }

    fn set_up_sentinel(&self) -> Result<(), Error> {
        self.execute_batch("create table sentinel (a integer); insert into sentinel values (7)")
    }

    fn sentinel(&self) -> i64 {
        let rows = self.raw("select sum(a) from sentinel").expect("the sentinel is there");
        rows[0][0].as_deref().and_then(|sum| sum.parse().ok()).expect("it has a row")
    }
}

fn check<D: Positions>(db: &D, values: &[String]) -> Checked
where
    Texts: CellIn<D>,
{
    <Texts as CellIn<D>>::clear(db).map_err(fail)?;
    for (id, value) in (1..).zip(values) {
        <Texts as CellIn<D>>::write(db, id, value).map_err(fail)?;
    }
    for Position { name, find, show, matches, is_pattern } in D::positions() {
        let text = show("plain");
        for value in values {
            prop_assert_eq!(&show(value), &text, "the text of `{}` depends on the value", name);
            if is_pattern && value.contains('\0') {
                let error = find(db, value).expect_err("a pattern ends at a NUL");
                prop_assert_eq!(error.kind(), ErrorKind::Encode);
                continue;
            }
            let mut found = find(db, value).map_err(fail)?;
            let mut expected: Vec<String> = values.iter().filter(|stored| matches(stored, value)).cloned().collect();
            // The order is checked elsewhere.
            found.sort();
            expected.sort();
            prop_assert_eq!(found, expected, "{} {:?}", name, value);
        }
    }
    let order = |value: &str| {
        let query = Texts::select().columns(Texts::v).order_by((coalesce(Texts::w, value).desc(), Texts::id));
        (query.to_sql(Sqlite), query.to_sql(Postgres))
    };
    prop_assert_eq!(order(&values[0]), order("plain"));
    Ok(())
}

/// A value with a NUL is refused in every position, before anything is sent.
#[test]
fn t23_values_with_a_nul_are_refused_by_postgres() {
    let db = Database::fresh();
    for Position { name, find, show, .. } in Database::positions() {
        assert_eq!(show("a\0b"), show("plain"), "the text of `{name}` depends on the value");
        assert_eq!(find(&db, "a\0b").expect_err(name).kind(), ErrorKind::Encode, "{name}");
    }
}

/// Texts of which a server can be sent many.
fn short(db: &impl support::TestDatabase) -> impl Strategy<Value = Vec<String>> {
    vec(text_for(db).prop_map(|text| text.chars().take(500).collect()), 1..6)
}

each_database! {
    fn t02_values_do_not_change_the_text(db) {
        db.set_up_sentinel()?;
        let cases = run_cases(64, short(db), |values| check(db, &values));
        cases.unwrap_or_else(|failure| panic!("{failure}"));
        assert_eq!(db.sentinel(), 7, "the sentinel is there");
    }
}

properties! {
    64 cases:

    /// Patterns find what they would find in Rust; wildcards in a text to look for are no wildcards.
    fn t02_patterns_are_escaped(db, stored in "[a%_*?\\[\\]\\\\^-]{0,6}", pattern in "[a%_*?\\[\\]\\\\^-]{0,3}") {
        Texts::through(db, &stored).map_err(fail)?;
        let count = |query: Result<i64, Error>| query.map(|count| count == 1).map_err(fail);
        let escaped = format!("%{}%", escape_like(&pattern));
        let found = [
            count(Texts::select().filter(Texts::v.contains(&pattern)).count(db))?,
            count(Texts::select().filter(Texts::v.starts_with(&pattern)).count(db))?,
            count(Texts::select().filter(Texts::v.ends_with(&pattern)).count(db))?,
            count(Texts::select().filter(Texts::v.like(&escaped)).count(db))?,
            count(Texts::select().filter(Texts::v.ilike(&escaped)).count(db))?,
        ];
        let contains = stored.contains(&pattern);
        let expected = [contains, stored.starts_with(&pattern), stored.ends_with(&pattern), contains, contains];
        prop_assert_eq!(found, expected, "{:?} in {:?}", &pattern, &stored);
    }

    /// Values that are written stand in no text either: of inserts, updates and upserts.
    fn t02_written_values_do_not_change_the_text(db, value in text_for(db)) {
        let insert = |value: &str| {
            let insert = Texts::insert().set(Texts::id, 1).set(Texts::v, value);
            (insert.to_sql(Sqlite), insert.to_sql(Postgres))
        };
        let update = |value: &str| {
            let update = Texts::update().set(Texts::v, value).filter(Texts::w.ne(value));
            (update.to_sql(Sqlite).expect("it has a filter"), update.to_sql(Postgres).expect("it has a filter"))
        };
        let upsert = |value: &str| {
            let insert = Texts::insert().set(Texts::id, 1).set(Texts::v, value);
            let upsert = insert.on_conflict(Texts::id).update(Texts::v.set(value));
            (upsert.to_sql(Sqlite), upsert.to_sql(Postgres))
        };
        prop_assert_eq!(insert(&value), insert("x"));
        prop_assert_eq!(update(&value), update("x"));
        prop_assert_eq!(upsert(&value), upsert("x"));
        Texts::clear(db).map_err(fail)?;
        let upsert = || {
            let insert = Texts::insert().set(Texts::id, 1).set(Texts::v, "first");
            insert.on_conflict(Texts::id).update(Texts::v.set(&value))
        };
        upsert().execute(db).map_err(fail)?;
        let written = upsert().returning().columns(Texts::v).one(db).map_err(fail)?;
        prop_assert_eq!(&written, &value);
    }
}
