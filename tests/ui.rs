//! Programs that rustc must refuse, with the messages it gives, and programs that it must accept.
//!
//! A line that ends in `//~` has a mistake, and so has the line above one that consists of it: rustc reports exactly one
//! error for each, there. A changed message is written by `TRYBUILD=overwrite` and read like any other text for users.

use std::{collections::BTreeSet, fs, path::Path};

const TOPICS: [&str; 12] = [
    "scope",
    "types",
    "nullability",
    "grouping",
    "statements",
    "dialects",
    "schema",
    "relations",
    "lifetimes",
    "scopes",
    "views",
    "objects",
];

#[test]
fn programs() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    for topic in TOPICS {
        cases.compile_fail(format!("tests/ui/{topic}/*.rs"));
    }
}

/// One error for each mistake, at its line; its headline is in words and not about our traits, and the place of the
/// mistake is among the first ten lines.
#[test]
fn messages() {
    let mut errors = 0;
    for topic in TOPICS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui").join(topic);
        for entry in fs::read_dir(folder).expect("the topic has a folder") {
            let path = entry.expect("the folder can be read").path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                errors += check(&path);
            }
        }
    }
    assert!(errors > 300, "{errors} errors are not all of them");
}

/// The number of errors of a program.
fn check(path: &Path) -> usize {
    let source = fs::read_to_string(path).expect("the program can be read");
    let messages = fs::read_to_string(path.with_extension("stderr")).expect("the program has its messages");
    let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("the program is here").display();

    let mut mistakes = BTreeSet::new();
    for (number, line) in source.lines().enumerate() {
        match line.trim() {
            "//~" => assert!(mistakes.insert(number)),
            line if line.ends_with("//~") => assert!(mistakes.insert(number + 1)),
            _ => {}
        }
    }
    let mut reported = BTreeSet::new();
    for error in messages.split("\n\n").filter(|part| part.starts_with("error")) {
        let headline = error.lines().next().unwrap_or_default();
        for raw in ["trait bound", "type mismatch", "its trait bounds were", "orm_core", "`_`"] {
            assert!(!headline.contains(raw), "{name}: {headline}");
        }
        let caret = error.lines().position(|line| line.contains('^') || line.contains("___-"));
        assert!(caret.is_some_and(|caret| caret < 10), "{name}: {error}");
        let place = format!("--> {name}:");
        let line = error.split(&place).nth(1).and_then(|place| place.split(':').next()?.parse().ok());
        let line: usize = line.unwrap_or_else(|| panic!("{name}: elsewhere: {error}"));
        assert!(reported.insert(line), "{name}:{line}: a second error: {headline}");
    }
    assert_eq!(mistakes, reported, "{name}: the lines with mistakes, and those with errors");
    reported.len()
}
