//! SQLite.

mod clause;
mod edit;
mod in_place;
mod introspect;
mod objects;
mod parse;
mod plan;
mod rebuild;
mod rust_types;
pub(crate) mod session;
mod text;
mod triggers;
mod unmodeled;

use std::{collections::BTreeMap, time::Duration};

use orm_core::dialect::Dialect;

use crate::{
    backend::{Backend, Body, Broken},
    change::Change,
    diff::Names,
    error::Error,
    model::Model,
    plan::{Plan, Texts},
    pull::{Lost, types::RustTypes},
    question::Answers,
    session::{Row, Session},
    shadow::Place,
    sql::{Syntax, TokenKind, unquote},
};

/// SQLite, from the version on that is built along.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sqlite;

/// Whether a statement has foreign keys not checked, which does nothing in a transaction.
fn turns_foreign_keys_off(sql: &str) -> bool {
    pragma(sql).is_some_and(|(name, value)| name == "foreign_keys" && value.is_some_and(|value| !is_on(&value)))
}

/// Whether the value of a pragma means yes. Whatever SQLite does not know means no.
fn is_on(value: &str) -> bool {
    matches!(value, "on" | "yes" | "true") || value.parse::<u8>().is_ok_and(|number| number != 0)
}

/// The name of a pragma and its value, if a statement is one: `pragma [schema.]name`, `… = value`, `… (value)`.
fn pragma(sql: &str) -> Option<(String, Option<String>)> {
    let tokens = Syntax::Sqlite.tokens(sql).into_iter().filter(|token| token.kind != TokenKind::Comment);
    let words: Vec<String> = tokens.map(|token| unquote(&sql[token.span]).to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (name, rest) = match words[..] {
        ["pragma", _, ".", name, ref rest @ ..] | ["pragma", name, ref rest @ ..] => (name, rest),
        _ => return None,
    };
    let value = match rest {
        ["=" | "(", "+", value, ..] | ["=" | "(", value, ..] => Some((*value).to_owned()),
        _ => None,
    };
    Some((name.to_owned(), value))
}

fn path_of(url: &str) -> &str {
    let path = url.strip_prefix("sqlite:").unwrap_or(url);
    path.strip_prefix("//").unwrap_or(path)
}

fn words(sql: &str) -> String {
    Syntax::Sqlite.without_layout(sql).to_ascii_lowercase()
}

impl Backend for Sqlite {
    fn dialect(&self) -> &'static dyn Dialect {
        &orm_sqlite::Sqlite
    }

    fn open(&self, url: &str) -> Result<Box<dyn Session>, Error> {
        Ok(Box::new(session::Owned::open(path_of(url))?))
    }

    fn open_existing(&self, url: &str) -> Result<Box<dyn Session>, Error> {
        let path = path_of(url);
        if path != ":memory:" && !std::path::Path::new(path).exists() {
            return Err(Error::Usage(format!("there is no database `{path}`")));
        }
        self.open(url)
    }

    fn shadow(&self, place: Place<'_>) -> Result<Box<dyn Session>, Error> {
        if let Place::In(_) = place {
            return Err(Error::Usage(
                "a shadow of SQLite is in memory, and needs no place: leave out --shadow-url".to_owned(),
            ));
        }
        Ok(Box::new(session::Owned::in_memory()?))
    }

    fn scratch(&self, shadow: &mut dyn Session, body: &mut Body<'_>) -> Result<(), Error> {
        let _ = shadow;
        body(&mut session::Owned::in_memory()?)
    }

    fn introspect(&self, session: &mut dyn Session) -> Result<Model, Error> {
        introspect::introspect(session)
    }

    fn broken(&self, session: &mut dyn Session) -> Result<Vec<Broken>, Error> {
        triggers::broken(session)
    }

    fn unmodeled(&self, session: &mut dyn Session) -> Result<Vec<Lost>, Error> {
        unmodeled::unmodeled(session)
    }

    fn rust_types(&self) -> &'static dyn RustTypes {
        &rust_types::SqliteTypes
    }

    fn names(&self) -> Names {
        Names::Decoration
    }

    fn plan(&self, from: &Model, to: &Model, changes: &[Change], answers: &Answers) -> Plan {
        plan::plan(from, to, changes, answers, &Texts::default())
    }

    fn texts(&self, session: &mut dyn Session) -> Result<BTreeMap<String, String>, Error> {
        let rows = session.rows("select name, sql from sqlite_schema where type = 'table' and sql is not null")?;
        Ok(rows
            .into_iter()
            .filter_map(|row| row.into_iter().collect::<Option<Vec<_>>>()?.try_into().ok())
            .map(|[name, sql]: [String; 2]| (name, sql))
            .collect())
    }

    fn plan_in_place(&self, from: &Model, to: &Model, changes: &[Change], answers: &Answers, texts: &Texts) -> Plan {
        plan::plan(from, to, changes, answers, texts)
    }

    fn is_outside_of_transactions(&self, sql: &str) -> bool {
        words(sql).starts_with("vacuum") || pragma(sql).is_some_and(|(name, _)| name == "journal_mode")
    }

    fn transaction(&self, session: &mut dyn Session, statements: &[&str], body: &mut Body<'_>) -> Result<(), Error> {
        let is_edited = statements.iter().any(|sql| in_place::edits_schema(sql));
        if !is_edited {
            return without_foreign_keys(session, statements, body);
        }
        in_place::is_allowed(session)?;
        let result = without_foreign_keys(session, statements, &mut |session| {
            let before = in_place::tables(session)?;
            body(session)?;
            in_place::are_sound(session, &before)
        });
        // A statement that failed has left it on, and the schema in memory may be one that was rolled back.
        session.run("pragma writable_schema = reset")?;
        result
    }

    fn is_about_the_whole(&self, sql: &str) -> bool {
        turns_foreign_keys_off(sql) || in_place::edits_schema(sql)
    }

    fn runs_in_body(&self, sql: &str) -> bool {
        !turns_foreign_keys_off(sql)
    }

    fn has_journal(&self, session: &mut dyn Session) -> Result<bool, Error> {
        let count = session.value("select count(*) from sqlite_schema where name = '_orm_migrations'")?;
        Ok(count.as_deref() != Some("0"))
    }

    fn lock(&self, _session: &mut dyn Session, _wait: Duration) -> Result<(), Error> {
        // The transaction of a migration is the only one that writes, and waits for others by itself.
        Ok(())
    }

    fn is_transient(&self, error: &Error) -> bool {
        // SQLITE_BUSY and SQLITE_LOCKED, with whatever says more of them.
        let code = |code: &str| code.parse::<i32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6));
        matches!(error, Error::Statement { code: Some(text), .. } if code(text))
    }
}

/// A transaction, with foreign keys not checked if a statement says so.
fn without_foreign_keys(session: &mut dyn Session, statements: &[&str], body: &mut Body<'_>) -> Result<(), Error> {
    if !statements.iter().any(|sql| turns_foreign_keys_off(sql)) {
        return write(session, body);
    }
    let before = session.value("pragma foreign_keys")?;
    session.run("pragma foreign_keys = off")?;
    if session.value("pragma foreign_keys")?.as_deref() != Some("0") {
        return Err(Error::Migrations("foreign keys cannot be turned off inside of a transaction".to_owned()));
    }
    let result = write(session, &mut |session| {
        let violations = session.rows("pragma foreign_key_check")?;
        let belongings = session.rows(BELONGINGS)?;
        body(session)?;
        keep_belongings(session, statements, belongings)?;
        no_new_violations(session, &violations)
    });
    session.run("pragma legacy_alter_table = off")?;
    session.run(&format!("pragma foreign_keys = {}", before.as_deref().unwrap_or("1")))?;
    result
}

fn write(session: &mut dyn Session, body: &mut Body<'_>) -> Result<(), Error> {
    session.run("begin immediate")?;
    let result = body(session).and_then(|()| session.run("commit"));
    if result.is_err() {
        // SQLite goes on after an error, and would commit the half that worked. Some errors have rolled back already.
        drop(session.run("rollback"));
    }
    result
}

/// What belongs to a table and goes with it.
const BELONGINGS: &str =
    "select name, tbl_name, sql, type from sqlite_schema where type in ('trigger', 'index') and sql is not null";

/// Triggers and indexes that went with a table that was made anew, and that the migration knows nothing of, are made anew too.
fn keep_belongings(session: &mut dyn Session, statements: &[&str], before: Vec<Row>) -> Result<(), Error> {
    let names = |session: &mut dyn Session, sql: &str| -> Result<Vec<Option<String>>, Error> {
        Ok(session.rows(sql)?.into_iter().map(|mut row| row.remove(0)).collect())
    };
    let left = names(session, BELONGINGS)?;
    let tables = names(session, "select name from sqlite_schema where type in ('table', 'view')")?;
    for row in before {
        let [Some(name), table, Some(sql), Some(kind)] = &row[..] else { continue };
        let was_dropped = || {
            statements.iter().any(|statement| {
                words(statement).starts_with(&format!("drop {kind}")) && Syntax::Sqlite.mentions(statement, name)
            })
        };
        if !left.iter().flatten().any(|it| it == name) && tables.contains(table) && !was_dropped() {
            session.run(sql)?;
        }
    }
    Ok(())
}

fn no_new_violations(session: &mut dyn Session, before: &[Row]) -> Result<(), Error> {
    let violations = session.rows("pragma foreign_key_check")?;
    let Some(new) = violations.iter().find(|row| !before.contains(row)) else { return Ok(()) };
    let name = |at: usize| new.get(at).cloned().flatten().unwrap_or_default();
    Err(Error::Migrations(format!("a row of `{}` would refer to a row of `{}` that does not exist", name(0), name(2))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_keys_are_turned_off_in_many_spellings() {
        for sql in [
            "pragma foreign_keys = off",
            "PRAGMA Foreign_Keys=0",
            "pragma main.foreign_keys = off",
            "pragma \"main\" . [foreign_keys] (no)",
            "pragma `foreign_keys` = 'false'",
            "-- it's\npragma /* /* */ foreign_keys(off)",
            "\u{feff}pragma foreign_keys = off",
            "pragma foreign_keys = -1",
            "pragma foreign_keys = offf",
        ] {
            assert!(turns_foreign_keys_off(sql), "{sql}");
        }
        for sql in [
            "pragma foreign_keys",
            "pragma main.foreign_keys = 'on'",
            "pragma foreign_keys(+1)",
            "pragma foreign_key_check(t)",
            "pragma defer_foreign_keys = off",
            "select foreign_keys = off",
        ] {
            assert!(!turns_foreign_keys_off(sql), "{sql}");
        }
    }

    #[test]
    fn statements_of_no_transaction() {
        let check = |sql: &str| Sqlite.is_outside_of_transactions(sql);
        assert!(check("vacuum") && check("/* /* */ VACUUM main") && check("pragma main.journal_mode = wal"));
        assert!(!check("pragma journal_size_limit = 1") && !check("select 'vacuum'"));
    }
}
