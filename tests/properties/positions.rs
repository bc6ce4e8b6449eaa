//! What stands in each position where a value can: the text is one and the same for all values.

use orm::{
    Error, ErrorKind,
    prelude::*,
    sqlite::{Connection, Sqlite},
};
use proptest::{
    collection::vec,
    prelude::{Strategy, prop_assert_eq, proptest},
};

use super::{Checked, cases, cells::*, fail, hostile_text, stored::number, with_database};

type Find = fn(&Connection, &str) -> Result<Vec<String>, Error>;
type Show = fn(&str) -> String;
type Matches = fn(&str, &str) -> bool;

/// What stands in a position where a value can.
struct Position {
    name: &'static str,
    find: Find,
    show: Show,
    matches: Matches,
}

/// Conditions with a value, and the stored texts that meet them.
macro_rules! conditions {
    ($list:ident $($name:literal, |$value:ident| $condition:expr, |$stored:ident, $text:ident| $matches:expr;)*) => {
        const $list: &[Position] = &[$(Position {
            name: $name,
            find: |db, $value| Texts::select().columns(Texts::v).filter($condition).all(db),
            show: |$value| Texts::select().columns(Texts::v).filter($condition).to_sql(Sqlite),
            matches: |$stored, $text| $matches,
        },)*];
    };
}

conditions! {
    CONDITIONS
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
}

conditions! {
    PATTERNS
    "ends with", |value| Texts::v.ends_with(value), |stored, text| before_nul(stored).ends_with(text);
    "like", |value| Texts::v.like(escape_like(value)), |stored, text| before_nul(stored) == text;
    "ends like", |value| Texts::v.like(format!("%{}", escape_like(value))), |stored, text| before_nul(stored).ends_with(text);
}

/// What `like` and `glob` see of a stored text, in SQLite: the rest is not matched.
fn before_nul(stored: &str) -> &str {
    stored.split('\0').next().unwrap_or_default()
}
fn check(values: &[String]) -> Checked {
    with_database(|db| {
        Texts::clear(db).map_err(fail)?;
        db.execute_batch(
            "create table if not exists sentinel (a integer); delete from sentinel; insert into sentinel values (7)",
        )
        .map_err(fail)?;
        for (id, value) in (1..).zip(values) {
            Texts::insert().set(Texts::id, id).set(Texts::v, value).set(Texts::w, value).execute(db).map_err(fail)?;
        }
        for Position { name, find, show, matches } in CONDITIONS.iter().chain(PATTERNS) {
            let text = show("plain");
            for value in values {
                prop_assert_eq!(&show(value), &text, "the text of `{}` depends on the value", name);
                let is_pattern = PATTERNS.iter().any(|pattern| pattern.name == *name);
                if is_pattern && value.contains('\0') {
                    let error = find(db, value).expect_err("a pattern ends at a NUL");
                    prop_assert_eq!(error.kind(), ErrorKind::Encode);
                    continue;
                }
                let mut found = find(db, value).map_err(fail)?;
                let mut expected: Vec<String> =
                    values.iter().filter(|stored| matches(stored, value)).cloned().collect();
                // The order is checked elsewhere.
                found.sort();
                expected.sort();
                prop_assert_eq!(found, expected, "{} {:?}", name, value);
            }
        }
        let order = |value: &str| {
            Texts::select().columns(Texts::v).order_by((coalesce(Texts::w, value).desc(), Texts::id)).to_sql(Sqlite)
        };
        prop_assert_eq!(order(&values[0]), order("plain"));
        prop_assert_eq!(number(db, "select sum(a) from sentinel"), 7, "the sentinel is there");
        Ok(())
    })
}

fn short(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    text.prop_map(|text| text.chars().take(500).collect())
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn t02_values_do_not_change_the_text(values in vec(short(hostile_text()), 1..6)) {
        check(&values)?;
    }

    /// Patterns find what they would find in Rust; wildcards in a text to look for are no wildcards.
    #[test]
    fn t02_patterns_are_escaped(stored in "[a%_*?\\[\\]\\\\^-]{0,6}", pattern in "[a%_*?\\[\\]\\\\^-]{0,3}") {
        with_database(|db| {
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
            Ok(())
        })?;
    }

    /// Values that are written stand in no text either: of inserts, updates and upserts.
    #[test]
    fn t02_written_values_do_not_change_the_text(value in hostile_text()) {
        let insert = |value: &str| Texts::insert().set(Texts::id, 1).set(Texts::v, value).to_sql(Sqlite);
        let update = |value: &str| {
            Texts::update().set(Texts::v, value).filter(Texts::w.ne(value)).to_sql(Sqlite).expect("it has a filter")
        };
        let upsert = |value: &str| {
            let insert = Texts::insert().set(Texts::id, 1).set(Texts::v, value);
            insert.on_conflict(Texts::id).update(Texts::v.set(value)).to_sql(Sqlite)
        };
        prop_assert_eq!(insert(&value), insert("x"));
        prop_assert_eq!(update(&value), update("x"));
        prop_assert_eq!(upsert(&value), upsert("x"));
        with_database(|db| {
            Texts::clear(db).map_err(fail)?;
            let upsert = || {
                let insert = Texts::insert().set(Texts::id, 1).set(Texts::v, "first");
                insert.on_conflict(Texts::id).update(Texts::v.set(&value))
            };
            upsert().execute(db).map_err(fail)?;
            let written = upsert().returning().columns(Texts::v).one(db).map_err(fail)?;
            prop_assert_eq!(&written, &value);
            Ok(())
        })?;
    }
}
