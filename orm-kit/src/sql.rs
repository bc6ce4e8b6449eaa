//! The words of SQL text: where statements end, what is a comment, which texts differ only in their layout.
//!
//! Nothing here knows grammar. Both databases share most of the words; [`Syntax`] says which ones they do not.

use std::ops::Range;

use crate::error::Error;

/// Whose words a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// Comments nest, and texts may be in dollars or have escapes.
    Postgres,
    /// The first `*/` ends a comment, and names may be in brackets.
    Sqlite,
}

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

impl Syntax {
    /// That of a database with this name, as snapshots have it.
    pub fn of(dialect: &str) -> Self {
        if dialect == "SQLite" { Self::Sqlite } else { Self::Postgres }
    }

    /// Like [`tokens`], in the words of one database.
    pub fn tokens(self, sql: &str) -> Vec<Token> {
        self.scan(sql).0
    }

    /// Checks that every comment and every quote ends before the text does.
    ///
    /// # Errors
    /// If one does not: the rest of the text is part of it, and would not run.
    ///
    /// ```
    /// use orm_kit::sql::Syntax;
    ///
    /// assert!(Syntax::Sqlite.check_closed("/* /* */ select 1").is_ok());
    /// let error = Syntax::Postgres.check_closed("/* /* */ select 1").unwrap_err();
    /// assert_eq!(error.to_string(), "the comment that begins in line 1 has no end");
    /// ```
    pub fn check_closed(self, sql: &str) -> Result<(), Error> {
        let (tokens, is_closed) = self.scan(sql);
        let Some(last) = tokens.last().filter(|_| !is_closed) else { return Ok(()) };
        let line = 1 + sql[..last.span.start].matches('\n').count();
        let what = match last.kind {
            TokenKind::Comment => "comment",
            TokenKind::Quoted => "name in quotes",
            _ => "text in quotes",
        };
        Err(Error::Migrations(format!("the {what} that begins in line {line} has no end")))
    }

    /// The words, and whether the last one is whole.
    fn scan(self, sql: &str) -> (Vec<Token>, bool) {
        let mut tokens = Vec::new();
        let mut is_closed = true;
        let mut at = 0;
        while let Some(first) = sql[at..].chars().next() {
            // Editors put a mark of the encoding before a file.
            if first.is_whitespace() || first == '\u{feff}' {
                at += first.len_utf8();
                continue;
            }
            let rest = &sql[at..];
            let (kind, length) = self.token(rest, first);
            is_closed = length.is_some();
            let length = length.unwrap_or(rest.len());
            tokens.push(Token { kind, span: at..at + length });
            at += length;
        }
        (tokens, is_closed)
    }

    /// The word at the start, and its length if it has an end.
    fn token(self, rest: &str, first: char) -> (TokenKind, Option<usize>) {
        let is_postgres = self == Self::Postgres;
        if rest.starts_with("--") {
            let end = rest.find(|c| c == '\n' || c == '\r' && is_postgres);
            return (TokenKind::Comment, Some(end.unwrap_or(rest.len())));
        }
        if rest.starts_with("/*") {
            return (TokenKind::Comment, self.block_comment(rest));
        }
        match first {
            '\'' => (TokenKind::Text, quoted(rest, 0, '\'', Backslash::Plain)),
            '"' | '`' => (TokenKind::Quoted, quoted(rest, 0, first, Backslash::Plain)),
            '[' if !is_postgres => (TokenKind::Quoted, rest.find(']').map(|end| end + 1)),
            '$' if is_postgres => dollar_quoted(rest).unwrap_or((TokenKind::Symbol, Some(1))),
            '0'..='9' => (TokenKind::Number, Some(number(rest))),
            _ if is_word(first) => {
                let end = rest.find(|c: char| !is_word(c) && !c.is_ascii_digit() && c != '$').unwrap_or(rest.len());
                // A prefix of a text: `e'…'`, `x'…'`, `b'…'`, `n'…'`. SQLite has the second one only.
                let prefixes = if is_postgres { "eExXbBnN" } else { "xX" };
                if rest[end..].starts_with('\'') && end == 1 && prefixes.contains(first) {
                    let escapes = is_postgres && matches!(first, 'e' | 'E');
                    let backslash = if escapes { Backslash::Escapes } else { Backslash::Plain };
                    return (TokenKind::Text, quoted(rest, 1, '\'', backslash));
                }
                (TokenKind::Word, Some(end))
            }
            _ => {
                let operators = ["::", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>", "->>", "->"];
                let length = operators.iter().find(|it| rest.starts_with(**it)).map_or(first.len_utf8(), |it| it.len());
                (TokenKind::Symbol, Some(length))
            }
        }
    }

    /// Comments nest in PostgreSQL. In SQLite they do not, where `/* /* */` is a comment.
    fn block_comment(self, rest: &str) -> Option<usize> {
        let mut depth = 1;
        let mut at = 2;
        while let Some(next) = rest[at..].chars().next() {
            if rest[at..].starts_with("*/") {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            } else if self == Self::Postgres && rest[at..].starts_with("/*") {
                depth += 1;
                at += 2;
            } else {
                at += next.len_utf8();
            }
        }
        None
    }

    /// Like [`statements`](statements()), in the words of one database.
    pub fn statements(self, sql: &str) -> Vec<&str> {
        let mut statements = Vec::new();
        let mut start = None;
        let mut words: Vec<String> = Vec::new();
        let mut depth = 0_usize;
        let mut is_empty = true;
        for token in self.tokens(sql) {
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
                        && words
                            .iter()
                            .take(6)
                            .any(|word| matches!(word.as_str(), "trigger" | "function" | "procedure"));
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

    /// Like [`mentions`], in the words of one database.
    pub fn mentions(self, sql: &str, name: &str) -> bool {
        self.tokens(sql).into_iter().any(|token| match token.kind {
            TokenKind::Word => sql[token.span].eq_ignore_ascii_case(name),
            TokenKind::Quoted => unquote(&sql[token.span]) == name,
            _ => false,
        })
    }

    /// Like [`without_layout`], in the words of one database.
    pub fn without_layout(self, sql: &str) -> String {
        let words = self.tokens(sql).into_iter().filter(|token| token.kind != TokenKind::Comment);
        words.map(|token| &sql[token.span]).collect::<Vec<_>>().join(" ")
    }
}

/// The words of a text, without the space between them. What is not closed ends with the text.
pub fn tokens(sql: &str) -> Vec<Token> {
    Syntax::Postgres.tokens(sql)
}

/// The length of a number: `1`, `1.5`, `1e-7`, `0x1f`, `1_000`.
fn number(rest: &str) -> usize {
    let part =
        |rest: &str| rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.' && c != '_').unwrap_or(rest.len());
    let end = part(rest);
    let is_decimal = |text: &str| text.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '_');
    let has_exponent = rest[..end].strip_suffix(['e', 'E']).is_some_and(is_decimal);
    let exponent = rest[end..].strip_prefix(['+', '-']).filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    match exponent.filter(|_| has_exponent) {
        Some(exponent) => end + 1 + part(exponent),
        None => end,
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

fn quoted(rest: &str, start: usize, quote: char, backslash: Backslash) -> Option<usize> {
    let mut chars = rest.char_indices().skip(start + 1).peekable();
    while let Some((at, c)) = chars.next() {
        if c == '\\' && backslash == Backslash::Escapes {
            chars.next();
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return Some(at + c.len_utf8());
            }
        }
    }
    None
}

fn dollar_quoted(rest: &str) -> Option<(TokenKind, Option<usize>)> {
    let tag = 1 + rest[1..].find(|c: char| !c.is_alphanumeric() && c != '_')?;
    if !rest[tag..].starts_with('$') || rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let tag = &rest[..=tag];
    Some((TokenKind::Text, rest[tag.len()..].find(tag).map(|end| tag.len() * 2 + end)))
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
    Syntax::Postgres.statements(sql)
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
    Syntax::Postgres.without_layout(sql)
}

/// Whether a text has a name in it as a word of its own, quoted or not.
pub fn mentions(sql: &str, name: &str) -> bool {
    Syntax::Postgres.mentions(sql, name)
}

/// Whether the body of a function of PostgreSQL names a column of the row a trigger is about: `new.name`, `old.name`.
pub(crate) fn mentions_column_of_row(function: &str, column: &str) -> bool {
    let of_body = |body: &str| {
        let words: Vec<String> = tokens(body)
            .into_iter()
            .filter(|token| token.kind != TokenKind::Comment)
            .map(|token| match token.kind {
                TokenKind::Quoted => unquote(&body[token.span]),
                _ => body[token.span].to_lowercase(),
            })
            .collect();
        words.windows(3).any(|it| (it[0] == "new" || it[0] == "old") && it[1] == "." && it[2] == column)
    };
    let texts = tokens(function).into_iter().filter(|token| token.kind == TokenKind::Text);
    texts.map(|token| &function[token.span]).any(|text| {
        of_body(text.trim_matches(|c: char| c == '$' || c == '\'' || c.is_alphanumeric() && text.starts_with('$')))
    })
}

/// A name as it is stored, of a word or a name in quotes.
pub(crate) fn unquote(text: &str) -> String {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '`' | '\'' | '[')) else {
        return text.to_owned();
    };
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    if quote == '[' {
        // Nothing stands for a bracket in brackets.
        return inner.to_owned();
    }
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
    fn words_of_one_database() {
        let sql = "/* /* */ select 1; select [a;']";
        assert_eq!(Syntax::Sqlite.statements(sql), ["/* /* */ select 1", "select [a;']"]);
        assert_eq!(Syntax::Postgres.statements("/* /* */ select 1; */ select 2"), ["/* /* */ select 1; */ select 2"]);
        assert_eq!(Syntax::Sqlite.statements("\u{feff}select 1"), ["select 1"]);
    }

    #[test]
    fn what_has_no_end_is_said() {
        let check = |syntax: Syntax, sql: &str, expected: &str| {
            let problem = syntax.check_closed(sql).err().map(|error| error.to_string()).unwrap_or_default();
            assert_eq!(problem, expected, "{sql}");
        };
        for syntax in [Syntax::Postgres, Syntax::Sqlite] {
            check(syntax, "select 'a', \"b\", `c` -- it's\n/* d */ -- e", "");
            check(syntax, "select 1;\n\n/* all\nof it", "the comment that begins in line 3 has no end");
            check(syntax, "select 1;\nselect 'a'' ", "the text in quotes that begins in line 2 has no end");
            check(syntax, "select \"a", "the name in quotes that begins in line 1 has no end");
        }
        check(Syntax::Postgres, "select $a$ $b$", "the text in quotes that begins in line 1 has no end");
        check(Syntax::Postgres, "select e'\\'", "the text in quotes that begins in line 1 has no end");
        check(Syntax::Postgres, "/* /* */ */ select $1", "");
        check(Syntax::Sqlite, "/* /* */ select '\\', $a$, [it's]", "");
    }

    #[test]
    fn numbers_and_operators_are_one_word() {
        let check = |sql: &str, expected: &str| assert_eq!(without_layout(sql), expected);
        check("1e-7+1.5E+10-2e5", "1e-7 + 1.5E+10 - 2e5");
        check("0x1e-7, 1e-a, 1-7", "0x1e - 7 , 1e - a , 1 - 7");
        check("a<<2>>b<=c->>d", "a << 2 >> b <= c ->> d");
    }

    #[test]
    fn names_are_words_of_their_own() {
        assert!(mentions("(Age > 0)", "age") && mentions("\"it\"\"s\"", "it\"s"));
        assert!(!mentions("(page > 'age')", "age"));
        // A dollar begins a text in PostgreSQL only, and a bracket a name in SQLite only.
        let sql = "[a 'b'] = $x$ + c$x$ or `d``e` = e'\\' or f";
        for name in ["a 'b'", "d`e", "f", "e"] {
            assert!(Syntax::Sqlite.mentions(sql, name), "{name}");
        }
        assert!(!Syntax::Sqlite.mentions(sql, "b") && !mentions("$x$ c $x$", "c"));
    }
}
