//! Text: patterns, prefixes and suffixes with hostile input, and the functions of text.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{assert_condition, check, hire};
use orm::{ErrorKind, prelude::*};
use support::*;

/// A text that may be missing, and one that is not.
#[derive(Debug, Clone, PartialEq, Table)]
struct Note {
    #[column(primary_key, auto_increment)]
    id: i64,
    body: Option<String>,
    #[column(default = "")]
    title: String,
}

/// A text whose column ignores case when it compares. `nocase` is a collation of SQLite.
#[derive(Debug, Clone, PartialEq, Table)]
struct Animal {
    #[column(primary_key, auto_increment)]
    id: i64,
    #[column(collation = "nocase", index)]
    name: String,
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
schema! { fn animals() = [Animal] }

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

fn store(db: &impl TestDatabase, texts: &[&str]) -> Result<(), orm::Error> {
    db.create(&notes())?;
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

each_dialect! {
    fn like_has_two_wildcards(db) {
        hire(db)?;
        check!(db, Employee::name.like("%e"), [4, 5]);
        check!(db, Employee::name.like("_e%"), [4]);
        check!(db, Employee::name.like("b%"), []);
        check!(db, Employee::name.ilike("b%"), [2]);
        check!(db, not(Employee::name.like("%e")), [1, 2, 3]);
        assert_condition!(
            Employee::name.like("%e"),
            postgres: r#""employees"."name" like $1"#,
            sqlite: r#""employees"."name" glob ?1"#
        );
        assert_condition!(
            Employee::name.ilike("b%"),
            postgres: r#""employees"."name" ilike $1"#,
            sqlite: r#""employees"."name" like ?1 escape '\'"#
        );
    }

    fn matches_of_plain_text(db) {
        hire(db)?;
        check!(db, Employee::name.contains("e"), [4, 5]);
        check!(db, Employee::name.starts_with("E"), [5]);
        check!(db, Employee::name.ends_with("e".to_owned()), [4, 5]);
        assert_condition!(
            Employee::name.contains("e"),
            postgres: r#""employees"."name" like $1"#,
            sqlite: r#"instr("employees"."name", ?1) > 0"#
        );
        assert_condition!(
            Employee::name.starts_with("E"),
            postgres: r#""employees"."name" like $1"#,
            sqlite: r#"("employees"."name" >= ?1 and "employees"."name" < ?2)"#
        );
        assert_condition!(
            Employee::name.ends_with("e"),
            postgres: r#""employees"."name" like $1"#,
            sqlite: r#""employees"."name" glob ?1"#
        );
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
            postgres: r#""employees"."name" || $1 like $2"#,
            sqlite: r#""employees"."name" || ?1 glob ?2"#
        );
        assert_condition!(
            Employee::name.concat("!").starts_with("Cy!"),
            postgres: r#""employees"."name" || $1 like $2"#,
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

    fn concatenation_is_null_if_a_part_is(db) {
        store(db, &["", "🦀"])?;
        let query = Note::select().columns(Note::body.concat("-").concat(Note::body)).order_by(Note::id);
        assert_sql!(
            query,
            both: r#"select "notes"."body" || $1 || "notes"."body" from "notes" order by "notes"."id""#
        );
        assert_eq!(query.all(db)?, [Some("-".into()), Some("🦀-🦀".into()), None]);
        let nested = Note::select().columns(Note::title.concat(Note::title.concat("x"))).limit(1);
        assert_sql!(nested, both: r#"select "notes"."title" || ("notes"."title" || $1) from "notes" limit $2"#);
        assert_eq!(nested.one(db)?, "x");
    }

    /// SQLite knows the case of ASCII letters only, as does PostgreSQL in the locale `C`, which the tests run in.
    fn functions_of_text(db) {
        store(db, &["aBÄ🦀", "", "  a b\t "])?;
        let query = Note::select()
            .columns((Note::body.lower(), Note::body.upper(), Note::body.trim(), Note::body.length()))
            .order_by(Note::id);
        assert_sql!(
            query,
            postgres: concat!(
                r#"select lower("notes"."body"), upper("notes"."body"), trim("notes"."body"), "#,
                r#"cast(length("notes"."body") as bigint) from "notes" order by "notes"."id""#
            ),
            sqlite: concat!(
                r#"select lower("notes"."body"), upper("notes"."body"), trim("notes"."body"), length("notes"."body") "#,
                r#"from "notes" order by "notes"."id""#
            )
        );
        let rows: Vec<(Option<String>, Option<String>, Option<String>, Option<i64>)> = query.all(db)?;
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(rows[0], (text("abÄ🦀"), text("ABÄ🦀"), text("aBÄ🦀"), Some(4)));
        assert_eq!(rows[1], (text(""), text(""), text(""), Some(0)));
        // Only spaces are trimmed, and a tab is none.
        assert_eq!(rows[2], (text("  a b\t "), text("  A B\t "), text("a b\t"), Some(7)));
        assert_eq!(rows[3], (None, None, None, None));
        assert_eq!(Note::select().filter(Note::body.trim().eq("a b\t")).count(db)?, 1);
    }

    /// SQLite refuses long patterns when it runs a statement; the error says so before.
    fn endless_patterns(db) {
        store(db, &["a"])?;
        let long = "a".repeat(50_001);
        for query in [Note::body.like(&long), Note::body.ilike(&long), Note::body.ends_with(&long)] {
            let found = Note::select().filter(query).count(db).map_err(|error| error.kind());
            assert_eq!(found, either!(db, postgres: Ok(0), sqlite: Err(ErrorKind::TooLarge)));
        }
        assert_eq!(Note::select().filter(Note::body.contains(&long)).count(db)?, 0);
        assert_eq!(Note::select().filter(Note::body.starts_with(&long)).count(db)?, 0);
    }

    /// The length of a text is a number of 64 bits, with which one can compute as such.
    fn lengths_are_wide(db) {
        hire(db)?;
        check!(db, Employee::name.length().lt(5_000_000_000), [1, 2, 3, 4, 5]);
        check!(db, (Employee::name.length() * 2_000_000_000).eq(4_000_000_000), [3]);
        check!(db, Employee::name.length().in_list([2, 5_000_000_000]), [3]);
    }
}

on_sqlite! {
    /// Case counts, whatever the column's collation says about `=`.
    fn case_counts_in_columns_that_ignore_it(db) {
        db.create_all(&animals())?;
        for text in ["zebra", "Zebra", "ZEBRA", "yak", "[x"] {
            Animal::insert().set(Animal::name, text).execute(db)?;
        }
        let texts = || Animal::select().columns(Animal::name).order_by(Animal::id);
        assert_eq!(texts().filter(Animal::name.eq("zebra")).all(db)?, ["zebra", "Zebra", "ZEBRA"]);
        assert_eq!(texts().filter(Animal::name.starts_with("Z")).all(db)?, ["Zebra", "ZEBRA"]);
        assert_eq!(texts().filter(Animal::name.starts_with("z")).all(db)?, ["zebra"]);
        assert_eq!(texts().filter(Animal::name.cast::<String>().starts_with("Z")).all(db)?, ["Zebra", "ZEBRA"]);
        assert_eq!(texts().filter(Animal::name.contains("Z")).all(db)?, ["Zebra", "ZEBRA"]);
        assert_eq!(texts().filter(Animal::name.ends_with("A")).all(db)?, ["ZEBRA"]);
        assert_eq!(texts().filter(Animal::name.like("Z%")).all(db)?, ["Zebra", "ZEBRA"]);
        assert_eq!(texts().filter(Animal::name.ilike("Z%")).all(db)?, ["zebra", "Zebra", "ZEBRA"]);
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
        // Functions keep it, but the length of a text is that of what is before it.
        let functions = Note::select().filter(Note::id.eq(1)).columns((Note::body.trim(), Note::body.length()));
        assert_eq!(functions.one(db)?, (Some("a\0b".into()), Some(1)));
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
}

/// A text in the order of a language, which also knows the case of all letters. SQLite has no such collation.
#[derive(Debug, Clone, PartialEq, Table)]
struct Word {
    #[column(primary_key, collation = "und-x-icu")]
    text: String,
}

schema! { fn words() = [Word] }

on_postgres! {
    /// What a locale knows of letters counts where the column's collation is that of one.
    fn letters_of_a_locale(db) {
        db.create_all(&words())?;
        for text in ["Zebra", "äpfel", "apfel", "ÄPFEL", "zebra"] {
            Word::insert().set(Word::text, text).execute(db)?;
        }
        let texts = || Word::select().columns(Word::text).order_by(Word::text);
        assert_eq!(texts().all(db)?, ["apfel", "äpfel", "ÄPFEL", "zebra", "Zebra"]);
        assert_eq!(texts().filter(Word::text.ilike("ä%")).all(db)?, ["äpfel", "ÄPFEL"]);
        assert_eq!(texts().filter(Word::text.like("ä%")).all(db)?, ["äpfel"]);
        assert_eq!(texts().filter(Word::text.starts_with("Z")).all(db)?, ["Zebra"]);
        assert_eq!(texts().filter(Word::text.lower().eq("äpfel")).all(db)?, ["äpfel", "ÄPFEL"]);
        assert_eq!(Word::select().columns((min(Word::text), max(Word::text.upper()))).one(db)?, (Some("apfel".into()), Some("ZEBRA".into())));
    }

    /// A text has no NUL, so one that has is refused wherever it stands.
    fn texts_with_nul_are_refused(db) {
        store(db, &["a"])?;
        let find = Note::select;
        for result in [
            find().filter(Note::body.eq("a\0")).count(db),
            find().filter(Note::body.contains("\0")).count(db),
            find().filter(Note::body.starts_with("a\0")).count(db),
            find().filter(Note::body.ends_with("\0")).count(db),
            find().filter(Note::body.like("a\0%")).count(db),
            find().filter(Note::body.ilike("a\0%")).count(db),
            find().filter(Note::body.concat("\0").eq("a")).count(db),
            find().filter(Note::body.in_list(["a", "\0"])).count(db),
        ] {
            assert_eq!(result.expect_err("the text has a NUL").kind(), ErrorKind::Encode);
        }
    }
}
