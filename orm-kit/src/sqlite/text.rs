//! A cursor over the words of a statement, and how SQLite's expressions are written out: always in the same layout.

use crate::sql::{self, Syntax, Token, TokenKind};

/// Reads a statement word by word. Comments are left out.
pub(super) struct Words<'s> {
    sql: &'s str,
    tokens: Vec<Token>,
    at: usize,
}

impl<'s> Words<'s> {
    pub(super) fn new(sql: &'s str) -> Self {
        let mut tokens = Syntax::Sqlite.tokens(sql);
        tokens.retain(|token| token.kind != TokenKind::Comment);
        Self { sql, tokens, at: 0 }
    }

    fn token(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn text(&self) -> &'s str {
        self.token().map_or("", |token| &self.sql[token.span.clone()])
    }

    /// All the words with their places, names without their quotes.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, String)> + '_ {
        self.tokens.iter().map(|token| {
            let text = &self.sql[token.span.clone()];
            let is_name = token.kind == TokenKind::Quoted;
            (token.span.start, if is_name { sql::unquote(text) } else { text.to_owned() })
        })
    }

    /// Where the next word begins in the text.
    pub(super) fn start(&self) -> usize {
        self.token().map_or(self.sql.len(), |token| token.span.start)
    }

    /// Where the word before the next one ends in the text.
    pub(super) fn end(&self) -> usize {
        self.tokens[..self.at.min(self.tokens.len())].last().map_or(0, |token| token.span.end)
    }

    /// Where the last word ends in the text.
    pub(super) fn last_end(&self) -> usize {
        self.tokens.last().map_or(0, |token| token.span.end)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    /// Whether the next word is this keyword or symbol.
    pub(super) fn is(&self, word: &str) -> bool {
        self.token().is_some_and(|token| {
            matches!(token.kind, TokenKind::Word | TokenKind::Symbol)
                && self.sql[token.span.clone()].eq_ignore_ascii_case(word)
        })
    }

    /// Steps over the next words if they are these.
    pub(super) fn take(&mut self, words: &[&str]) -> bool {
        let start = self.at;
        for word in words {
            if !self.is(word) {
                self.at = start;
                return false;
            }
            self.advance();
        }
        true
    }

    /// Steps over everything before this keyword or symbol, which stays the next word.
    pub(super) fn skip_to(&mut self, word: &str) {
        while !self.is_at_end() && !self.is(word) {
            self.advance();
        }
    }

    /// Reads a name.
    pub(super) fn name(&mut self) -> String {
        let name = sql::unquote(self.text());
        self.advance();
        name
    }

    /// Reads what is in the parentheses that open here, as words of their own.
    pub(super) fn in_parentheses(&mut self) -> Words<'s> {
        let mut inner = Words { sql: self.sql, tokens: Vec::new(), at: 0 };
        if !self.take(&["("]) {
            return inner;
        }
        let mut depth = 1;
        while let Some(token) = self.token().cloned() {
            match &self.sql[token.span.clone()] {
                "(" if token.kind == TokenKind::Symbol => depth += 1,
                ")" if token.kind == TokenKind::Symbol => depth -= 1,
                _ => {}
            }
            self.advance();
            if depth == 0 {
                break;
            }
            inner.tokens.push(token);
        }
        inner
    }

    /// The parts between commas.
    pub(super) fn items(self) -> Vec<Words<'s>> {
        let mut items = Vec::new();
        let mut item = Vec::new();
        let mut depth = 0;
        for token in self.tokens {
            match &self.sql[token.span.clone()] {
                "(" if token.kind == TokenKind::Symbol => depth += 1,
                ")" if token.kind == TokenKind::Symbol => depth -= 1,
                "," if token.kind == TokenKind::Symbol && depth == 0 => {
                    items.push(Words { sql: self.sql, tokens: std::mem::take(&mut item), at: 0 });
                    continue;
                }
                _ => {}
            }
            item.push(token);
        }
        items.push(Words { sql: self.sql, tokens: item, at: 0 });
        items
    }

    /// The names of a list of names.
    pub(super) fn names(self) -> Vec<String> {
        self.items().into_iter().map(|mut item| item.name()).collect()
    }

    /// The last words, if they are this keyword and one more.
    pub(super) fn pop_option(&mut self, keyword: &str) -> Option<String> {
        let count = self.tokens.len();
        let at = count.checked_sub(2)?;
        let is_keyword = self.sql[self.tokens[at].span.clone()].eq_ignore_ascii_case(keyword);
        if !is_keyword || at == 0 {
            return None;
        }
        let value = sql::unquote(&self.sql[self.tokens[at + 1].span.clone()]);
        self.tokens.truncate(at);
        Some(value)
    }

    /// Removes the last word if it is this one and not the only one.
    pub(super) fn pop(&mut self, word: &str) -> bool {
        let is_last = self.tokens.len() > 1
            && self.tokens.last().is_some_and(|token| {
                token.kind == TokenKind::Word && self.sql[token.span.clone()].eq_ignore_ascii_case(word)
            });
        if is_last {
            self.tokens.pop();
        }
        is_last
    }

    /// The only word, if it is a name.
    pub(super) fn only_name(&self) -> Option<String> {
        match &self.tokens[..] {
            [token] if matches!(token.kind, TokenKind::Word | TokenKind::Quoted) => {
                Some(sql::unquote(&self.sql[token.span.clone()]))
            }
            _ => None,
        }
    }

    /// All the words, if they are a value: a number, a text, `true`, `current_timestamp`.
    pub(super) fn value(&self) -> Option<String> {
        const VALUES: [&str; 6] = ["null", "true", "false", "current_time", "current_date", "current_timestamp"];
        let text = |token: &Token| &self.sql[token.span.clone()];
        let mut tokens = self.tokens.as_slice();
        while let [open, inner @ .., close] = tokens {
            if (text(open), text(close)) != ("(", ")") {
                break;
            }
            tokens = inner;
        }
        match tokens {
            [value] => match value.kind {
                TokenKind::Number | TokenKind::Text => Some(text(value).to_owned()),
                TokenKind::Word => {
                    VALUES.iter().any(|known| known.eq_ignore_ascii_case(text(value))).then(|| text(value).to_owned())
                }
                _ => None,
            },
            [sign, number] if number.kind == TokenKind::Number && matches!(text(sign), "-" | "+") => {
                Some(format!("{}{}", text(sign).trim_start_matches('+'), text(number)))
            }
            _ => None,
        }
    }

    /// The words that are left, in the one layout in which expressions are compared, without parentheses around all.
    pub(super) fn expression(mut self) -> String {
        loop {
            let rest = &self.tokens[self.at.min(self.tokens.len())..];
            let is_symbol = |token: &Token, symbol: &str| {
                token.kind == TokenKind::Symbol && &self.sql[token.span.clone()] == symbol
            };
            if !rest.first().is_some_and(|token| is_symbol(token, "(")) {
                break;
            }
            let mut depth = 0;
            let closes = rest.iter().position(|token| {
                depth += i32::from(is_symbol(token, "(")) - i32::from(is_symbol(token, ")"));
                depth == 0
            });
            if closes != Some(rest.len() - 1) {
                break;
            }
            let inner = rest[1..rest.len() - 1].to_vec();
            self = Words { sql: self.sql, tokens: inner, at: 0 };
        }
        self.layout()
    }

    fn layout(&self) -> String {
        let mut text = String::new();
        let mut previous: Option<(&str, TokenKind)> = None;
        for token in &self.tokens[self.at.min(self.tokens.len())..] {
            let word = &self.sql[token.span.clone()];
            let is_tight = match previous {
                None => true,
                Some(("(" | ".", TokenKind::Symbol)) => true,
                Some((name, TokenKind::Word)) if word == "(" => !is_keyword(name),
                Some(_) => matches!(word, ")" | "," | ".") && token.kind == TokenKind::Symbol,
            };
            if !is_tight {
                text.push(' ');
            }
            text.push_str(word);
            previous = Some((word, token.kind));
        }
        text
    }
}

/// Words before a parenthesis that are no function.
fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 21] = [
        "and", "as", "between", "case", "collate", "else", "exists", "from", "glob", "in", "is", "like", "not", "null",
        "on", "or", "over", "select", "then", "when", "where",
    ];
    KEYWORDS.iter().any(|keyword| keyword.eq_ignore_ascii_case(word))
}
