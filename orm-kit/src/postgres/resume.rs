//! What became of a statement that was begun outside of a transaction.

use orm_core::ddl::{ident, quote_text};

use crate::{
    backend::Resume,
    error::Error,
    session::Session,
    sql::{self, TokenKind},
};

/// An index that could not be built concurrently stays behind and is invalid: it is dropped, and built again.
pub(super) fn resume(session: &mut dyn Session, text: &str) -> Result<Resume, Error> {
    let tokens: Vec<_> = sql::tokens(text).into_iter().filter(|token| token.kind != TokenKind::Comment).collect();
    let words: Vec<&str> = tokens.iter().map(|token| &text[token.span.clone()]).collect();
    let lower: Vec<String> = words.iter().map(|word| word.to_ascii_lowercase()).collect();
    let starts = |first: &str| lower.first().is_some_and(|word| word == first);
    let Some(at) = lower.iter().position(|word| word == "concurrently") else { return Ok(Resume::Run) };
    let skipped = lower[at + 1..].iter().take_while(|word| matches!(word.as_str(), "if" | "not" | "exists")).count();
    let Some(word) = words.get(at + 1 + skipped).filter(|_| lower[..at].iter().any(|word| word == "index")) else {
        return Ok(Resume::Run);
    };
    // A word without quotes means its lower case.
    let name = if word.starts_with('"') { sql::unquote(word) } else { word.to_ascii_lowercase() };
    let quoted = ident(&orm_postgres::Postgres, &name);
    let valid = session
        .value(&format!("select indisvalid from pg_index where indexrelid = to_regclass({})", quote_text(&quoted)))?;
    Ok(match valid.as_deref() {
        Some("t") if starts("create") => Resume::Done,
        Some(_) if starts("create") => {
            session.run(&format!("drop index concurrently {quoted}"))?;
            Resume::Run
        }
        None if starts("drop") => Resume::Done,
        _ => Resume::Run,
    })
}
