//! Triggers that fail whenever they fire, which SQLite tells by then only.

use orm_core::ddl::{ident, idents};

use super::text::Words;
use crate::{backend::Broken, error::Error, session::Session};

struct Trigger {
    name: String,
    table: String,
    event: Event,
}

#[derive(Clone, Copy)]
enum Event {
    Insert,
    Update,
    Delete,
}

/// The triggers whose body does not fit the schema: each is put together for a statement that would fire it, and not run.
pub(super) fn broken(session: &mut dyn Session) -> Result<Vec<Broken>, Error> {
    let rows = session.rows("select name, tbl_name, sql from sqlite_schema where type = 'trigger' order by rowid")?;
    let triggers =
        rows.into_iter().filter_map(|row| <[String; 3]>::try_from(row.into_iter().flatten().collect::<Vec<_>>()).ok());
    let triggers: Vec<Trigger> =
        triggers.filter_map(|[name, table, sql]| Some(Trigger { event: event(&sql)?, name, table })).collect();
    let mut broken = Vec::new();
    for trigger in &triggers {
        // Along with it go the other triggers of the statement, and those that it sets off.
        if fire(session, trigger).is_ok() {
            continue;
        }
        session.run("savepoint orm_triggers")?;
        let others = triggers.iter().filter(|other| other.name != trigger.name);
        let drop = |other: &Trigger| format!("drop trigger {}", ident(&orm_sqlite::Sqlite, &other.name));
        let alone = session.run_all(&others.map(drop).collect::<Vec<_>>()).map(|()| fire(session, trigger));
        session.run("rollback to orm_triggers; release orm_triggers")?;
        if let Err(problem) = alone? {
            broken.push(Broken { what: format!("the trigger `{}`", trigger.name), problem });
        }
    }
    Ok(broken)
}

/// Has SQLite put a statement together that fires a trigger, or tells why it cannot.
fn fire(session: &mut dyn Session, trigger: &Trigger) -> Result<(), String> {
    let dialect = &orm_sqlite::Sqlite;
    let table = ident(dialect, &trigger.table);
    let problem = |error: Error| match error {
        Error::Statement { problem, .. } => problem,
        error => error.to_string(),
    };
    let sql = match trigger.event {
        Event::Insert => format!("insert into {table} default values"),
        Event::Delete => format!("delete from {table}"),
        Event::Update => {
            // What is computed cannot be set.
            let columns = session.rows(&format!("pragma table_xinfo({table})")).map_err(problem)?;
            let names =
                columns.into_iter().filter(|row| row[6].as_deref() == Some("0")).filter_map(|mut row| row[1].take());
            let set = names.map(|name| format!("{0} = {0}", idents(dialect, &[name])));
            format!("update {table} set {}", set.collect::<Vec<_>>().join(", "))
        }
    };
    session.run(&format!("explain {sql}")).map_err(problem)
}

/// What fires a trigger, by its statement: `create trigger name after update of a on t …`.
fn event(sql: &str) -> Option<Event> {
    let mut words = Words::new(sql);
    words.skip_to("trigger");
    words.advance();
    words.take(&["if", "not", "exists"]);
    words.name();
    while !words.is_at_end() {
        for (word, event) in [("insert", Event::Insert), ("update", Event::Update), ("delete", Event::Delete)] {
            if words.is(word) {
                return Some(event);
            }
        }
        words.advance();
    }
    None
}
