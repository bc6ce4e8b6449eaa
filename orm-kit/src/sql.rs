//! The words of SQL text: where statements end, what is a comment, which texts differ only in their layout.
//!
//! Nothing here knows grammar. Both databases share the words, with the quotes of both.

use std::ops::Range;

/// A word of SQL text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it is in the text.
    pub span: Range<usize>,
}

/// What a word of SQL text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or a keyword, without quotes.
    Word,
    /// A name in quotes: `"a"`, `` `a` ``.
    Quoted,
    /// A text: `'a'`, `e'a\n'`, `$$a$$`, `x'00'`.
    Text,
    /// A number.
    Number,
    /// Anything else, one character or one operator.
    Symbol,
    /// A comment.
    Comment,
}

/// The words of a text, without the space between them. What is not closed ends with the text.
pub fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = sql[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = token(&sql[at..], first);
        tokens.push(Token { kind, span: at..at + length });
        at += length;
    }
    tokens
}

fn token(rest: &str, first: char) -> (TokenKind, usize) {
    if rest.starts_with("--") {
        return (TokenKind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (TokenKind::Comment, block_comment(rest));
    }
    match first {
        '\'' => (TokenKind::Text, quoted(rest, 0, '\'', Backslash::Plain)),
        '"' | '`' => (TokenKind::Quoted, quoted(rest, 0, first, Backslash::Plain)),
        '$' => match dollar_quoted(rest) {
            Some(length) => (TokenKind::Text, length),
            None => (TokenKind::Symbol, 1),
        },
        '0'..='9' => {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_');
            (TokenKind::Number, end.unwrap_or(rest.len()))
        }
        _ if is_word(first) => {
            let end = rest.find(|c: char| !is_word(c) && !c.is_ascii_digit() && c != '$').unwrap_or(rest.len());
            // A prefix of a text: `e'…'`, `x'…'`, `b'…'`, `n'…'`.
            if rest[end..].starts_with('\'') && end == 1 && "eExXbBnN".contains(first) {
                let backslash = if matches!(first, 'e' | 'E') { Backslash::Escapes } else { Backslash::Plain };
                return (TokenKind::Text, quoted(rest, 1, '\'', backslash));
            }
            (TokenKind::Word, end)
        }
        _ => {
            let operators = ["::", "||", "<=", ">=", "<>", "!=", "==", "->>", "->"];
            let length = operators.iter().find(|it| rest.starts_with(**it)).map_or(first.len_utf8(), |it| it.len());
            (TokenKind::Symbol, length)
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Backslash {
    Plain,
    Escapes,
}

fn is_word(c: char) -> bool {
    c.is_alphabetic() || c == '_' || !c.is_ascii() && !c.is_whitespace()
}

fn quoted(rest: &str, start: usize, quote: char, backslash: Backslash) -> usize {
    let mut chars = rest.char_indices().skip(start + 1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && backslash == Backslash::Escapes {
            chars.next();
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return at + c.len_utf8();
            }
        }
    }
    rest.len()
}

fn dollar_quoted(rest: &str) -> Option<usize> {
    let tag = 1 + rest[1..].find(|c: char| !c.is_alphanumeric() && c != '_')?;
    if !rest[tag..].starts_with('$') || rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let tag = &rest[..=tag];
    Some(rest[tag.len()..].find(tag).map_or(rest.len(), |end| tag.len() * 2 + end))
}

/// Comments nest in PostgreSQL. In SQLite they do not, where `/* /* */` is a comment; nobody writes that.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

/// The statements of a text, each with the comments before it, without the semicolon at its end.
///
/// The body of a trigger (`begin … end`) and of a function (`begin atomic … end`) is part of its statement.
///
/// ```
/// let statements = orm_kit::sql::statements("-- first\nselect ';'; create trigger t after insert on a begin select 1; end;");
/// assert_eq!(statements, ["-- first\nselect ';'", "create trigger t after insert on a begin select 1; end"]);
/// ```
pub fn statements(sql: &str) -> Vec<&str> {
    let mut statements = Vec::new();
    let mut start = None;
    let mut words: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    let mut is_empty = true;
    for token in tokens(sql) {
        let text = &sql[token.span.clone()];
        start.get_or_insert(token.span.start);
        match token.kind {
            TokenKind::Comment => continue,
            TokenKind::Symbol if text == ";" && depth == 0 => {
                if !is_empty {
                    statements.push(sql[start.unwrap_or_default()..token.span.start].trim());
                }
                (start, is_empty, depth) = (None, true, 0);
                words.clear();
                continue;
            }
            TokenKind::Word => {
                let word = text.to_ascii_lowercase();
                let has_body = words.first().is_some_and(|first| first == "create")
                    && words.iter().take(6).any(|word| matches!(word.as_str(), "trigger" | "function" | "procedure"));
                match word.as_str() {
                    "begin" if has_body => depth += 1,
                    "case" if depth > 0 => depth += 1,
                    "end" if depth > 0 => depth -= 1,
                    _ => {}
                }
                if words.len() < 6 {
                    words.push(word);
                }
            }
            _ => {}
        }
        is_empty = false;
    }
    if let Some(start) = start.filter(|_| !is_empty) {
        statements.push(sql[start..].trim());
    }
    statements
}

/// The words of a text without its comments, with one space between: equal for texts that differ in their layout only.
///
/// ```
/// use orm_kit::sql::without_layout;
///
/// assert_eq!(without_layout("select  1 -- one"), without_layout("select /* one */ 1"));
/// assert_ne!(without_layout("select 'a  b'"), without_layout("select 'a b'"));
/// ```
pub fn without_layout(sql: &str) -> String {
    let words = tokens(sql).into_iter().filter(|token| token.kind != TokenKind::Comment);
    words.map(|token| &sql[token.span]).collect::<Vec<_>>().join(" ")
}

/// Whether a text has a name in it as a word of its own, quoted or not.
pub fn mentions(sql: &str, name: &str) -> bool {
    tokens(sql).into_iter().any(|token| match token.kind {
        TokenKind::Word => sql[token.span].eq_ignore_ascii_case(name),
        TokenKind::Quoted => unquote(&sql[token.span]) == name,
        _ => false,
    })
}

/// A name as it is stored, of a word or a name in quotes.
pub(crate) fn unquote(text: &str) -> String {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '`' | '\'' | '[')) else {
        return text.to_owned();
    };
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    let (double, single) = (format!("{quote}{quote}"), quote.to_string());
    inner.replace(&double, &single)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sql: &str, expected: &[&str]) {
        assert_eq!(statements(sql), expected);
    }

    #[test]
    fn semicolons_that_end_nothing() {
        check("select ';', \";\", `;`; select 2", &["select ';', \";\", `;`", "select 2"]);
        check("select $$;$$, $a$;$$;$a$; select e'\\';'", &["select $$;$$, $a$;$$;$a$", "select e'\\';'"]);
        check(
            "select 'it''s;' -- a; b\n; /* ; /* ; */ */ select 3;",
            &["select 'it''s;' -- a; b", "/* ; /* ; */ */ select 3"],
        );
    }

    #[test]
    fn bodies_are_part_of_their_statement() {
        let trigger = "create trigger t after update on a begin update a set b = case when 1 then 2 end; select 1; end";
        check(&format!("{trigger};select 1"), &[trigger, "select 1"]);
        let function = "create or replace function f() returns int begin atomic select 1; end";
        check(&format!("{function};begin;select 1;end"), &[function, "begin", "select 1", "end"]);
    }

    #[test]
    fn comments_alone_are_no_statement() {
        check("-- nothing\n;;\n/* at all", &[]);
        check("", &[]);
    }

    #[test]
    fn what_is_not_closed_ends_with_the_text() {
        check("select 'abc", &["select 'abc"]);
        check("select $1, $x", &["select $1, $x"]);
        check("select \"ä", &["select \"ä"]);
    }

    #[test]
    fn names_are_words_of_their_own() {
        assert!(mentions("(Age > 0)", "age") && mentions("\"it\"\"s\"", "it\"s"));
        assert!(!mentions("(page > 'age')", "age"));
    }
}
