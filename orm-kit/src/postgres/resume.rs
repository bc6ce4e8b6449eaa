//! What became of a statement that was begun outside of a transaction.

use orm_core::ddl::quote_text;

use crate::{
    backend::Resume,
    error::Error,
    session::Session,
    sql::{self, TokenKind},
};

/// An index that could not be built concurrently stays behind and is invalid: it is dropped, and built again.
pub(super) fn resume(session: &mut dyn Session, text: &str) -> Result<Resume, Error> {
    match Begun::parse(text) {
        Some(Begun::Create { index, table }) => {
            // An index is in the schema of its table, whatever the search path says. Long names are cut off, as the server does.
            let rows = session.rows(&format!(
                "select indisvalid, format('%I.%I', nspname, relname) from pg_index \
                 join pg_class on pg_class.oid = indexrelid join pg_namespace on pg_namespace.oid = relnamespace \
                 where indrelid = to_regclass({}) and relname = {}::name",
                quote_text(&table),
                quote_text(&index)
            ))?;
            let found = rows.into_iter().next().map(|row| (row[0].as_deref() == Some("t"), row[1].clone()));
            match found {
                Some((true, _)) => return Ok(Resume::Done),
                Some((false, Some(name))) => session.run(&format!("drop index concurrently {name}"))?,
                _ => {}
            }
            Ok(Resume::Run)
        }
        Some(Begun::Drop { index }) => {
            let found = session.value(&format!("select to_regclass({})", quote_text(&index)))?;
            Ok(if found.is_some() { Resume::Run } else { Resume::Done })
        }
        None => Ok(Resume::Run),
    }
}

/// A statement about an index that is known by its name.
#[derive(Debug, PartialEq, Eq)]
enum Begun {
    /// The name is as it is stored, the one of the table as it is written.
    Create { index: String, table: String },
    /// The name is as it is written.
    Drop { index: String },
}

impl Begun {
    /// `create [unique] index concurrently [if not exists] name on [only] table …`, or
    /// `drop index concurrently [if exists] name [cascade | restrict]`. Nothing, if there is any doubt.
    fn parse(text: &str) -> Option<Self> {
        let tokens = sql::tokens(text).into_iter().filter(|token| token.kind != TokenKind::Comment);
        let words: Vec<(TokenKind, &str)> = tokens.map(|token| (token.kind, &text[token.span])).collect();
        let mut words = &words[..];
        let is_create = take(&mut words, "create");
        if !is_create && !take(&mut words, "drop") {
            return None;
        }
        take(&mut words, "unique");
        if !take(&mut words, "index") || !take(&mut words, "concurrently") {
            return None;
        }
        if take(&mut words, "if") {
            take(&mut words, "not");
            take(&mut words, "exists");
        }
        // An index without a name: `create index concurrently on …`.
        if is_create && words.first().is_some_and(|(_, word)| word.eq_ignore_ascii_case("on")) {
            return None;
        }
        let index = name(&mut words)?;
        if !is_create {
            let is_end = words.is_empty() || take(&mut words, "cascade") || take(&mut words, "restrict");
            return (is_end && words.is_empty()).then(|| Self::Drop { index: index.concat() });
        }
        let [index] = index[..] else { return None };
        if !take(&mut words, "on") {
            return None;
        }
        take(&mut words, "only");
        let table = name(&mut words)?.concat();
        // A word without quotes means its lower case.
        let index = if index.starts_with('"') { sql::unquote(index) } else { index.to_ascii_lowercase() };
        Some(Self::Create { index, table })
    }
}

/// Steps over the next word if it is this keyword.
fn take(words: &mut &[(TokenKind, &str)], keyword: &str) -> bool {
    match words {
        [(TokenKind::Word, word), rest @ ..] if word.eq_ignore_ascii_case(keyword) => {
            *words = rest;
            true
        }
        _ => false,
    }
}

/// Steps over a name, with the dots and the names before it.
fn name<'t>(words: &mut &[(TokenKind, &'t str)]) -> Option<Vec<&'t str>> {
    let mut parts = Vec::new();
    loop {
        let [(TokenKind::Word | TokenKind::Quoted, part), rest @ ..] = *words else { return None };
        parts.push(*part);
        *words = rest;
        match words {
            [(TokenKind::Symbol, "."), rest @ ..] => {
                parts.push(".");
                *words = rest;
            }
            _ => return Some(parts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Begun;

    fn check(sql: &str, expected: Option<Begun>) {
        assert_eq!(Begun::parse(sql), expected, "{sql}");
    }

    #[test]
    fn names_with_schemas() {
        let create =
            |index: &str, table: &str| Some(Begun::Create { index: index.to_owned(), table: table.to_owned() });
        check("create index concurrently I on T (a)", create("i", "T"));
        check(
            "create unique index concurrently if not exists \"I\"\"x\" on only s . \"T\" (a)",
            create("I\"x", "s.\"T\""),
        );
        let drop = |index: &str| Some(Begun::Drop { index: index.to_owned() });
        check("drop index concurrently i", drop("i"));
        check("drop index concurrently if exists s/* */.\"I\" cascade", drop("s.\"I\""));
    }

    #[test]
    fn doubts() {
        check("create index concurrently on t (a)", None);
        check("create index concurrently s.i on t (a)", None);
        check("drop index concurrently a, b", None);
        check("drop index concurrently u&\"a\"", None);
        check("reindex index concurrently i", None);
        check("create index i on t (a)", None);
        check("vacuum", None);
    }
}
