//! A table that is changed where it is, by editing the text of its statement, where nothing of the change touches how rows are stored.
//! See the end of "Making Other Kinds Of Table Schema Changes" in <https://www.sqlite.org/lang_altertable.html>.
//!
//! The caller allows the edit with `writable_schema`, and has the schema read again afterwards.

use orm_core::ddl::{ident, quote_text};

use super::{edit, rust_types::labels_of};
use crate::{
    adopt::is_key,
    change::TableChange,
    error::Error,
    model::{Check, Column, ForeignKey, Model, Table},
    plan::{Step, Texts},
    question::Answers,
    session::{Row, Session},
};

/// The statements that edit a table, if all the changes can be made so.
pub(super) fn in_place(
    (before, to): (&Model, &Model),
    table: &str,
    changes: &[TableChange],
    answers: &Answers,
    texts: &Texts,
) -> Option<Vec<Step>> {
    let dialect = &orm_sqlite::Sqlite;
    let (from, after) = (before.table(table)?, to.table(table)?);
    let is_computed = |column: &Column| {
        let name = format!("{}.{}", from.name, column.name);
        answers.backfill.contains_key(&name) || answers.using.contains_key(&name)
    };
    if after.columns.iter().any(is_computed) || !changes.iter().all(edit::is_editable) {
        return None;
    }
    let old = texts.current.get(&from.name)?;
    // What is taken back gets the very text it had, which is what the migration expects that is applied again.
    let is_it = |earlier: &&String| edit::is_same_store(earlier, old) && edit::leads_to(earlier, after);
    let new = match texts.earlier.get(&from.name).filter(is_it) {
        Some(earlier) => earlier.clone(),
        None => edit::edit(old, after, changes)?,
    };

    let mut proofs = vec![Proof {
        says: format!(
            "`{}` is not what this migration was written for: generate it again, without --in-place",
            from.name
        ),
        condition: format!(
            "exists (select 1 from sqlite_schema where type = 'table' and name = {} and sql =\n{})",
            quote_text(&from.name),
            lines(old)
        ),
    }];
    for change in changes {
        proofs.extend(proof(change, from, (before, to))?);
    }
    let may_fail = proofs.len() > 1;
    let name = ident(dialect, &format!("__orm_proof_{}", from.name));
    let columns = proofs
        .iter()
        .enumerate()
        .map(|(number, proof)| format!("    p{number} constraint {} check (p{number})", ident(dialect, &proof.says)));
    let conditions: Vec<String> = proofs.iter().map(|proof| format!("    {}", proof.condition)).collect();
    let prove = Step::new(format!("insert into {name} select\n{}", conditions.join(",\n")));
    Some(vec![
        Step::new(format!("create table {name} (\n{}\n)", columns.collect::<Vec<_>>().join(",\n")))
            .comment(format!("table `{}` is changed where it is, if it is as expected and its rows fit", from.name)),
        if may_fail { prove.may_fail() } else { prove },
        Step::new(format!(
            "update sqlite_schema set sql =\n{}\nwhere type = 'table' and name = {} and exists (select 1 from {name})",
            lines(&new),
            quote_text(&from.name)
        )),
        // Dropping it also tells other connections that the schema is another.
        Step::new(format!("drop table {name}")),
    ])
}

/// A condition without which the text is not edited.
struct Proof {
    /// What is wrong if it is not met.
    says: String,
    condition: String,
}

/// What rows that exist have to meet before a change; `None` if it takes more than that.
fn proof(change: &TableChange, from: &Table, (before, to): (&Model, &Model)) -> Option<Option<Proof>> {
    let dialect = &orm_sqlite::Sqlite;
    let table = ident(dialect, &from.name);
    let none = |of: &str, what: &str| format!("not exists (select 1 from {table}{of} where {what})");
    Some(match change {
        TableChange::AddCheck(check) if from.checks.iter().any(|before| widens(before, check)) => None,
        TableChange::AddCheck(check) => {
            let name = check.name.as_ref().unwrap_or(&check.condition);
            let says = format!("a row of `{}` does not meet the check `{name}`", from.name);
            Some(Proof { says, condition: none("", &format!("not ({})", check.condition)) })
        }
        TableChange::ChangeColumn { from: before, to } if before.nullable && !to.nullable => {
            let says = format!("`{}.{}` is NULL in a row", from.name, to.name);
            Some(Proof { says, condition: none("", &format!("{} is null", ident(dialect, &to.name))) })
        }
        TableChange::AddForeignKey(key) => {
            let is_same = |it: &ForeignKey| {
                (&it.columns, &it.table, &it.references) == (&key.columns, &key.table, &key.references)
            };
            if from.foreign_keys.iter().any(is_same) {
                return Some(None);
            }
            let parent = to.table(&key.table).filter(|parent| is_key(parent, &key.references))?;
            // Without a type of its own, the value is compared as the column referred to compares.
            let pairs = key.columns.iter().zip(&key.references);
            let equal = pairs.map(|(own, other)| format!("p.{} = +c.{}", ident(dialect, other), ident(dialect, own)));
            let given = key.columns.iter().map(|own| format!("c.{} is not null", ident(dialect, own)));
            let row = format!(
                "select 1 from {} as p where {}",
                ident(dialect, &parent.name),
                equal.collect::<Vec<_>>().join(" and ")
            );
            let what = format!("{} and not exists ({row})", given.collect::<Vec<_>>().join(" and "));
            let says = format!(
                "a row of `{}` would refer by `{}` to a row of `{}` that does not exist",
                from.name,
                key.columns.join("`, `"),
                key.table
            );
            Some(Proof { says, condition: none(" as c", &what) })
        }
        // One that refers to nothing could not be put back in the same way.
        TableChange::DropForeignKey(key) => {
            before.table(&key.table)?;
            None
        }
        _ => None,
    })
}

/// Whether a check allows all labels that another one does.
fn widens(before: &Check, check: &Check) -> bool {
    let (Some((column, few)), Some((same, many))) = (labels_of(before), labels_of(check)) else { return false };
    column == same && few.iter().all(|label| many.contains(label))
}

/// A text of several lines, of which each stays one whatever becomes of the ends of lines in a file.
fn lines(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| format!("    {}", quote_text(line))).collect();
    lines.join(" || char(10) ||\n").replace('\r', "' || char(13) || '")
}

/// Whether a statement has the texts of the schema be edited.
pub(super) fn edits_schema(sql: &str) -> bool {
    super::pragma(sql)
        .is_some_and(|(name, value)| name == "writable_schema" && value.is_some_and(|it| super::is_on(&it)))
}

/// Checks that a connection may edit the texts of the schema.
pub(super) fn is_allowed(session: &mut dyn Session) -> Result<(), Error> {
    session.run("pragma writable_schema = on")?;
    let is_on = session.value("pragma writable_schema")?.as_deref() == Some("1");
    session.run("pragma writable_schema = off")?;
    if is_on {
        return Ok(());
    }
    Err(Error::Migrations(
        "this connection does not let the schema's text be edited (SQLITE_DBCONFIG_DEFENSIVE): open another one, or generate the \
         migration without --in-place"
            .to_owned(),
    ))
}

/// The tables with their places and texts.
pub(super) fn tables(session: &mut dyn Session) -> Result<Vec<Row>, Error> {
    session.rows("select name, rootpage, sql from sqlite_schema where type = 'table'")
}

/// Checks that the rows of tables whose text was edited meet it.
pub(super) fn are_sound(session: &mut dyn Session, before: &[Row]) -> Result<(), Error> {
    // The rows are compared with the text that is stored, not with one that was read before it was edited.
    session.run("pragma writable_schema = reset")?;
    // A table may have another name meanwhile; its place tells which it is.
    let is_edited = |row: &&Row| before.iter().any(|it| it[1] == row[1] && it[2] != row[2]);
    for row in tables(session)?.iter().filter(is_edited) {
        let name = row[0].clone().unwrap_or_default();
        let problem = session.value(&format!("pragma quick_check({})", ident(&orm_sqlite::Sqlite, &name)))?;
        if let Some(problem) = problem.filter(|it| it != "ok") {
            return Err(Error::Migrations(format!("the rows of `{name}` do not fit its new text: {problem}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::{Connection, config::DbConfig};

    use super::*;
    use crate::{
        backend::Backend,
        sqlite::{Sqlite, session::Lent},
    };

    #[test]
    fn a_connection_that_allows_no_edits() -> Result<(), rusqlite::Error> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch("create table t (a)")?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        let statements =
            ["pragma writable_schema = on", "update sqlite_schema set sql = 'create table t (a not null)'"];
        let mut runs = 0;
        let result = Sqlite.transaction(&mut Lent(&connection), &statements, &mut |_| {
            runs += 1;
            Ok(())
        });
        let message = result.expect_err("it is refused").to_string();
        assert!(message.contains("SQLITE_DBCONFIG_DEFENSIVE"), "{message}");
        assert_eq!(runs, 0);
        Ok(())
    }

    /// Rows that do not fit a text that was edited by hand.
    #[test]
    fn rows_are_looked_at_afterwards() -> Result<(), Error> {
        let connection = Connection::open_in_memory().expect("there is memory");
        let mut session = Lent(&connection);
        session.run("create table \"it's\" (a, b); insert into \"it's\" values (1, null)")?;
        for (text, problem) in
            [("a, b not null", "NULL value in it's.b"), ("a, b check (a > 1)", "CHECK constraint failed in it's")]
        {
            let statements = [
                "pragma writable_schema = on".to_owned(),
                format!("update sqlite_schema set sql = {}", quote_text(&format!("create table \"it's\" ({text})"))),
                "pragma writable_schema = reset".to_owned(),
            ];
            let texts = statements.each_ref().map(String::as_str);
            let result = Sqlite.transaction(&mut session, &texts, &mut |session| session.run_all(&statements));
            let message = result.expect_err("the row does not fit").to_string();
            assert_eq!(message, format!("the rows of `it's` do not fit its new text: {problem}"));
            session.run("insert into \"it's\" values (0, null)")?;
        }
        Ok(())
    }
}
