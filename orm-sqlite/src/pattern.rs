//! Patterns, in the forms the conditions of the dialect expect.

use orm_core::types::{EncodeError, Matching};

/// The longest pattern `like` and `glob` take. See <https://www.sqlite.org/limits.html#max_like_pattern_length>.
const LONGEST: usize = 50_000;

/// The pattern of `like … escape '\'` for [`Matching::ILike`], of `glob` for the others.
///
/// # Errors
/// If the pattern has a NUL, where SQLite would end it, or is too long.
pub(crate) fn translate(matching: Matching, pattern: &str) -> Result<String, EncodeError> {
    if pattern.contains('\0') {
        return Err(EncodeError::OutOfRange { sql_type: "a pattern, which has no NUL" });
    }
    let translated = match matching {
        Matching::ILike => complete_escape(pattern),
        Matching::Like => like_to_glob(pattern),
        _ => {
            let mut glob = String::with_capacity(pattern.len() + 1);
            glob.push('*');
            pattern.chars().for_each(|char| push_literal(&mut glob, char));
            glob
        }
    };
    if translated.len() > LONGEST {
        return Err(EncodeError::TooLarge { bytes: translated.len(), limit: LONGEST });
    }
    Ok(translated)
}

/// The smallest text that is greater than every text with this prefix; `None` if there is none.
pub(crate) fn successor(prefix: &str) -> Option<String> {
    let (at, next) = prefix.char_indices().rev().find_map(|(at, char)| Some((at, next_char(char)?)))?;
    let mut successor = String::with_capacity(at + next.len_utf8());
    successor.push_str(&prefix[..at]);
    successor.push(next);
    Some(successor)
}

/// Skips the surrogates, which are no characters.
fn next_char(char: char) -> Option<char> {
    match char {
        '\u{d7ff}' => Some('\u{e000}'),
        _ => char::from_u32(u32::from(char) + 1),
    }
}

/// `%`, `_` and what is escaped, as `glob` spells it.
fn like_to_glob(pattern: &str) -> String {
    let mut glob = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        match char {
            '%' => glob.push('*'),
            '_' => glob.push('?'),
            // A backslash at the end stands for itself.
            '\\' => push_literal(&mut glob, chars.next().unwrap_or('\\')),
            _ => push_literal(&mut glob, char),
        }
    }
    glob
}

/// A character that means itself: `glob` has no escape character, but sets of one character.
fn push_literal(glob: &mut String, char: char) {
    if matches!(char, '*' | '?' | '[') {
        glob.push('[');
        glob.push(char);
        glob.push(']');
    } else {
        glob.push(char);
    }
}

/// A backslash at the end escapes nothing; it is made to stand for itself.
fn complete_escape(pattern: &str) -> String {
    let backslashes = pattern.len() - pattern.trim_end_matches('\\').len();
    let mut pattern = pattern.to_owned();
    if backslashes % 2 == 1 {
        pattern.push('\\');
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(matching: Matching, pattern: &str, expected: &str) {
        assert_eq!(translate(matching, pattern).expect("the pattern is valid"), expected);
    }

    #[test]
    fn like_becomes_glob() {
        check(Matching::Like, "a%b_c", "a*b?c");
        check(Matching::Like, r"100\% *[x]?", "100% [*][[]x][?]");
        check(Matching::Like, r"a\\b\", r"a\b\");
    }

    #[test]
    fn an_end_is_literal() {
        check(Matching::EndsWith, r"%_*\", r"*%_[*]\");
        check(Matching::EndsWith, "", "*");
    }

    #[test]
    fn ilike_keeps_its_pattern() {
        check(Matching::ILike, r"a\%b%", r"a\%b%");
        check(Matching::ILike, r"a\", r"a\\");
        check(Matching::ILike, r"a\\", r"a\\");
    }

    #[test]
    fn what_sqlite_does_not_take_is_refused() {
        assert!(matches!(translate(Matching::Like, "a\0"), Err(EncodeError::OutOfRange { .. })));
        let long = "a".repeat(LONGEST + 1);
        assert!(matches!(translate(Matching::ILike, &long), Err(EncodeError::TooLarge { .. })));
    }

    #[test]
    fn a_successor_ends_the_range_of_a_prefix() {
        assert_eq!(successor("ab").as_deref(), Some("ac"));
        assert_eq!(successor("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(successor("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(successor("\u{10ffff}"), None);
        assert_eq!(successor(""), None);
    }
}
