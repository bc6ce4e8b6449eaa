//! Text: patterns, prefixes and suffixes with hostile input, and the functions of text.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{assert_condition, check, hire};
use orm::{ErrorKind, prelude::*, sqlite::Connection};
use support::*;

/// A text that may be missing, and one whose column ignores case when it compares.
#[derive(Debug, Clone, PartialEq, Table)]
struct Note {
    #[column(primary_key, auto_increment)]
    id: i64,
    body: Option<String>,
    #[column(collation = "nocase", index, default = "")]
    folded: String,
}

/// A text with a type of its own.
#[derive(Debug, Clone, PartialEq, DbType)]
struct Slug(String);

#[derive(Debug, Clone, PartialEq, Table)]
struct Page {
    #[column(primary_key)]
    slug: Slug,
}

schema! { fn notes() = [Note, Page] }

/// Texts in which something has a meaning in `like`, in `glob`, in SQL, or at the edges of UTF-8.
const HOSTILE: [&str; 52] = [
    "",
    "%",
    "_",
    "\\",
    "*",
    "?",
    "[",
    "]",
    "[a]",
    "[^a]",
    "[]",
    "[]]",
    "[[]",
    "'",
    "''",
    "\"",
    "a",
    "b",
    "A",
    "aa",
    "ab",
    "a%b",
    "a_b",
    r"a\b",
    r"a\%b",
    r"\%",
    r"\\",
    "a*b",
    "a?b",
    "axb",
    "AXB",
    "a\nb",
    " a ",
    "--",
    "/*",
    "?1",
    "$1",
    ":a",
    "ä",
    "Ä",
    "\u{7f}",
    "\u{80}",
    "\u{7ff}",
    "\u{800}",
    "\u{d7ff}",
    "\u{d7ff}a",
    "\u{e000}",
    "\u{ffff}",
    "🦀",
    "🦀🦀b",
    "\u{10ffff}",
    "\u{10ffff}\u{10ffff}a",
];

fn store(db: &Connection, texts: &[&str]) -> Result<(), orm::Error> {
    db.create_all(&notes())?;
    for text in texts {
        Note::insert().set(Note::body, *text).execute(db)?;
    }
    Note::insert().set(Note::body, None::<String>).execute(db)?;
    Ok(())
}

/// What `like` means, said once more: `%` is any text, `_` any character, `\` takes the next character as it is.
fn is_like(text: &str, pattern: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('%') => {
            (0..=text.len()).filter(|&at| text.is_char_boundary(at)).any(|at| is_like(&text[at..], rest.as_str()))
        }
        Some(first) => {
            let mut characters = text.chars();
            let wanted = match first {
                '_' => None,
                '\\' => Some(rest.next().unwrap_or('\\')),
                _ => Some(first),
            };
            characters.next().is_some_and(|character| wanted.is_none_or(|wanted| wanted == character))
                && is_like(characters.as_str(), rest.as_str())
        }
    }
}

/// Checks which of the texts meet a condition.
macro_rules! check_texts {
    ($db:expr, $texts:expr, $condition:expr, |$text:ident| $expected:expr, $needle:expr) => {
        let found = Note::select().filter($condition).columns(Note::body).order_by(Note::id).all($db)?;
        let expected: Vec<Option<String>> =
            $texts.into_iter().filter(|&$text| $expected).map(|text| Some(text.to_owned())).collect();
        assert_eq!(found, expected, "{} of {:?}", stringify!($condition), $needle);
    };
}

on_sqlite! {
    fn like_has_two_wildcards(db) {
        hire(db)?;
        check!(db, Employee::name.like("%e"), [4, 5]);
        check!(db, Employee::name.like("_e%"), [4]);
        check!(db, Employee::name.like("b%"), []);
        check!(db, Employee::name.ilike("b%"), [2]);
        check!(db, not(Employee::name.like("%e")), [1, 2, 3]);
        assert_condition!(Employee::name.like("%e"), sqlite: r#""employees"."name" glob ?1"#);
        assert_condition!(Employee::name.ilike("b%"), sqlite: r#""employees"."name" like ?1 escape '\'"#);
    }

    fn matches_of_plain_text(db) {
        hire(db)?;
        check!(db, Employee::name.contains("e"), [4, 5]);
        check!(db, Employee::name.starts_with("E"), [5]);
        check!(db, Employee::name.ends_with("e".to_owned()), [4, 5]);
        assert_condition!(Employee::name.contains("e"), sqlite: r#"instr("employees"."name", ?1) > 0"#);
        assert_condition!(
            Employee::name.starts_with("E"),
            sqlite: r#"("employees"."name" >= ?1 and "employees"."name" < ?2)"#
        );
        assert_condition!(Employee::name.ends_with("e"), sqlite: r#""employees"."name" glob ?1"#);
    }

    /// Nothing in the text that is looked for is a wildcard.
    fn hostile_text_means_itself(db) {
        store(db, &HOSTILE)?;
        for needle in HOSTILE {
            check_texts!(db, HOSTILE, Note::body.contains(needle), |text| text.contains(needle), needle);
            check_texts!(db, HOSTILE, Note::body.starts_with(needle), |text| text.starts_with(needle), needle);
            check_texts!(db, HOSTILE, Note::body.ends_with(needle), |text| text.ends_with(needle), needle);
            check_texts!(db, HOSTILE, Note::body.eq(needle), |text| text == needle, needle);
            check_texts!(db, HOSTILE, Note::body.like(escape_like(needle)), |text| text == needle, needle);
            check_texts!(
                db,
                HOSTILE,
                Note::body.ilike(escape_like(needle)),
                |text| text.eq_ignore_ascii_case(needle),
                needle
            );
        }
    }

    /// The same patterns on a database that knows only `like`, and one in which `glob` stands for it.
    fn patterns_mean_the_same_everywhere(db) {
        store(db, &HOSTILE)?;
        let patterns = [
            "%%", "_%", "%_", "__", "___", "%_%_%", "a%", "%b", "a_b", "a%b", "%a%", "[%", "%]", "[_]", "_[%", "%*%",
            "%?%", r"\_", r"%\%%", r"a\_b", r"a\%b", r"a\\%", r"%\\%", r"%\", r"\a", "🦀%", "%🦀_", "ä", "Ä", "A%",
            "_\n_", "",
        ];
        for pattern in patterns.into_iter().chain(HOSTILE) {
            check_texts!(db, HOSTILE, Note::body.like(pattern), |text| is_like(text, pattern), pattern);
            check_texts!(
                db,
                HOSTILE,
                Note::body.ilike(pattern),
                |text| is_like(&text.to_ascii_lowercase(), &pattern.to_ascii_lowercase()),
                pattern
            );
        }
    }

    /// A prefix is a range on SQLite. Its end skips the surrogates, carries over the greatest character, and may not
    /// exist.
    fn prefixes_at_the_edges_of_utf8(db) {
        let texts = [
            "\u{d7fe}z",
            "\u{d7ff}",
            "\u{d7ff}z",
            "\u{e000}",
            "a",
            "a\u{10ffff}",
            "a\u{10ffff}z",
            "b",
            "\u{10fffe}z",
            "\u{10ffff}",
            "\u{10ffff}z",
            "\u{10ffff}\u{10ffff}",
        ];
        store(db, &texts)?;
        check_texts!(
            db,
            texts,
            Note::body.starts_with("\u{d7ff}"),
            |text| ["\u{d7ff}", "\u{d7ff}z"].contains(&text),
            "the last character before the surrogates"
        );
        check_texts!(
            db,
            texts,
            Note::body.starts_with("a\u{10ffff}"),
            |text| ["a\u{10ffff}", "a\u{10ffff}z"].contains(&text),
            "the greatest character after another"
        );
        check_texts!(
            db,
            texts,
            Note::body.starts_with("\u{10ffff}"),
            |text| ["\u{10ffff}", "\u{10ffff}z", "\u{10ffff}\u{10ffff}"].contains(&text),
            "the greatest character"
        );
        check_texts!(db, texts, Note::body.starts_with(""), |text| !text.contains("no such text"), "nothing");
    }

    /// NULL matches nothing, not even the pattern that matches every text.
    fn null_matches_no_pattern(db) {
        store(db, &["a"])?;
        let count = |condition: Result<i64, orm::Error>| condition.expect("it runs");
        assert_eq!(count(Note::select().filter(Note::body.like("%")).count(db)), 1);
        assert_eq!(count(Note::select().filter(Note::body.contains("")).count(db)), 1);
        assert_eq!(count(Note::select().filter(Note::body.starts_with("")).count(db)), 1);
        assert_eq!(count(Note::select().filter(Note::body.ends_with("")).count(db)), 1);
        assert_eq!(count(Note::select().filter(not(Note::body.ilike("%"))).count(db)), 0);
        let matched: Vec<Option<bool>> =
            Note::select().columns(Note::body.starts_with("a")).order_by(Note::id).all(db)?;
        assert_eq!(matched, [Some(true), None]);
    }

    /// Case counts, whatever the column's collation says about `=`.
    fn case_counts_in_columns_that_ignore_it(db) {
        db.create_all(&notes())?;
        for text in ["zebra", "Zebra", "ZEBRA", "yak", "[x"] {
            Note::insert().set(Note::folded, text).execute(db)?;
        }
        let texts = || Note::select().columns(Note::folded).order_by(Note::id);
        assert_eq!(texts().filter(Note::folded.eq("zebra")).all(db)?, ["zebra", "Zebra", "ZEBRA"]);
        assert_eq!(texts().filter(Note::folded.starts_with("Z")).all(db)?, ["Zebra", "ZEBRA"]);
        assert_eq!(texts().filter(Note::folded.starts_with("z")).all(db)?, ["zebra"]);
        assert_eq!(texts().filter(Note::folded.cast::<String>().starts_with("Z")).all(db)?, ["Zebra", "ZEBRA"]);
        assert_eq!(texts().filter(Note::folded.contains("Z")).all(db)?, ["Zebra", "ZEBRA"]);
        assert_eq!(texts().filter(Note::folded.ends_with("A")).all(db)?, ["ZEBRA"]);
        assert_eq!(texts().filter(Note::folded.like("Z%")).all(db)?, ["Zebra", "ZEBRA"]);
        assert_eq!(texts().filter(Note::folded.ilike("Z%")).all(db)?, ["zebra", "Zebra", "ZEBRA"]);
    }

    /// The text that is matched may be computed, from values of its own.
    fn computed_text_is_matched(db) {
        hire(db)?;
        check!(db, Employee::name.lower().starts_with("d"), [4]);
        check!(db, Employee::name.concat("!").ends_with("e!"), [4, 5]);
        check!(db, Employee::name.concat("!").starts_with("Cy!"), [3]);
        check!(db, Employee::name.concat("%").concat("_").contains("y%_"), [3]);
        check!(db, Employee::name.concat("!").starts_with("D").or(Employee::salary.eq(300)), [4, 5]);
        check!(db, Employee::salary.eq(700).and(Employee::name.concat("!").starts_with("B")), [2]);
        assert_condition!(
            Employee::name.concat("!").like("%!"),
            sqlite: r#""employees"."name" || ?1 glob ?2"#
        );
        assert_condition!(
            Employee::name.concat("!").starts_with("Cy!"),
            sqlite: concat!(
                r#"(with "matched" ("text") as (select "employees"."name" || ?1) "#,
                r#"select "text" >= ?2 and "text" < ?3 from "matched")"#
            )
        );
        let longest = Employee::select()
            .group_by(Employee::salary)
            .having(max(Employee::name).concat("!").starts_with("C"))
            .columns(Employee::salary);
        assert_eq!(longest.all(db)?, [700]);
    }

    fn newtypes_of_text_are_text(db) {
        db.create_all(&notes())?;
        Page::insert().set(Page::slug, Slug("a-page".into())).execute(db)?;
        assert!(Page::select().filter(Page::slug.starts_with("a-")).exists(db)?);
        assert!(Page::select().filter(Page::slug.ilike("A-%")).exists(db)?);
        assert_eq!(Page::select().columns(Page::slug.length()).one(db)?, 6);
    }

    /// What is stored may contain NUL, what is looked for as a plain part, too.
    fn nul_is_a_character(db) {
        let texts = ["a\0b", "a", "ab", "\0", "b"];
        store(db, &texts)?;
        for needle in ["\0", "a\0", "\0b", "a\0b"] {
            check_texts!(db, texts, Note::body.contains(needle), |text| text.contains(needle), needle);
            check_texts!(db, texts, Note::body.starts_with(needle), |text| text.starts_with(needle), needle);
            check_texts!(db, texts, Note::body.eq(needle), |text| text == needle, needle);
        }
        check_texts!(db, texts, Note::body.contains("b"), |text| text.contains('b'), "b");
    }

    /// SQLite matches a pattern with what is before the first NUL of a stored text, and takes that for the whole.
    fn a_nul_in_a_stored_text_ends_it_for_patterns(db) {
        let texts = ["a\0b", "a", "b"];
        store(db, &texts)?;
        let until_nul = |text: &str| text.split('\0').next().map(str::to_owned).unwrap_or_default();
        check_texts!(db, texts, Note::body.like("a"), |text| until_nul(text) == "a", "a");
        check_texts!(db, texts, Note::body.ilike("A"), |text| until_nul(text) == "a", "A");
        check_texts!(db, texts, Note::body.ends_with("b"), |text| until_nul(text).ends_with('b'), "b");
    }

    /// SQLite reads a pattern up to its first NUL, so one that has a NUL is refused instead of meaning something else.
    fn patterns_with_nul_are_refused(db) {
        store(db, &["a\0b"])?;
        for query in [Note::body.like("a\0%"), Note::body.ilike("a\0%"), Note::body.ends_with("\0b")] {
            let error = Note::select().filter(query).all(db).expect_err("the pattern has a NUL");
            assert_eq!(error.kind(), ErrorKind::Encode);
        }
    }

    /// SQLite refuses long patterns when it runs a statement; the error says so before.
    fn endless_patterns_are_refused(db) {
        store(db, &["a"])?;
        let long = "a".repeat(50_001);
        for query in [Note::body.like(&long), Note::body.ilike(&long), Note::body.ends_with(&long)] {
            let error = Note::select().filter(query).all(db).expect_err("the pattern is too long");
            assert_eq!(error.kind(), ErrorKind::Encode);
        }
        assert_eq!(Note::select().filter(Note::body.contains(&long)).count(db)?, 0);
        assert_eq!(Note::select().filter(Note::body.starts_with(&long)).count(db)?, 0);
    }

    fn concatenation_is_null_if_a_part_is(db) {
        store(db, &["", "🦀"])?;
        let query = Note::select().columns(Note::body.concat("-").concat(Note::body)).order_by(Note::id);
        assert_sql!(
            query,
            sqlite: r#"select "notes"."body" || ?1 || "notes"."body" from "notes" order by "notes"."id""#
        );
        assert_eq!(query.all(db)?, [Some("-".into()), Some("🦀-🦀".into()), None]);
        let nested = Note::select().columns(Note::folded.concat(Note::folded.concat("x"))).limit(1);
        assert_sql!(nested, sqlite: r#"select "notes"."folded" || ("notes"."folded" || ?1) from "notes" limit ?2"#);
        assert_eq!(nested.one(db)?, "x");
    }

    /// SQLite knows the case of ASCII letters only.
    fn functions_of_text(db) {
        store(db, &["aBÄ🦀", "", "  a b\t ", "é\0x"])?;
        let query = Note::select()
            .columns((Note::body.lower(), Note::body.upper(), Note::body.trim(), Note::body.length()))
            .order_by(Note::id);
        assert_sql!(query, sqlite: concat!(
            r#"select lower("notes"."body"), upper("notes"."body"), trim("notes"."body"), length("notes"."body") "#,
            r#"from "notes" order by "notes"."id""#
        ));
        let rows: Vec<(Option<String>, Option<String>, Option<String>, Option<i64>)> = query.all(db)?;
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(rows[0], (text("abÄ🦀"), text("ABÄ🦀"), text("aBÄ🦀"), Some(4)));
        assert_eq!(rows[1], (text(""), text(""), text(""), Some(0)));
        // Only spaces are trimmed, and a tab is none.
        assert_eq!(rows[2], (text("  a b\t "), text("  A B\t "), text("a b\t"), Some(7)));
        // The length of a text with a NUL is that of what is before it.
        assert_eq!((rows[3].2.clone(), rows[3].3), (text("é\0x"), Some(1)));
        assert_eq!(rows[4], (None, None, None, None));
        assert_eq!(Note::select().filter(Note::body.trim().eq("a b\t")).count(db)?, 1);
    }
}
