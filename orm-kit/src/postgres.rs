//! PostgreSQL.

mod cluster;
mod given;
mod introspect;
mod online;
mod plan;
mod resume;
mod rust_types;
pub(crate) mod session;
mod shadow;
mod unmodeled;

use std::{
    thread,
    time::{Duration, Instant},
};

use orm_core::dialect::Dialect;

use crate::{
    backend::{Backend, Body, Resume},
    change::Change,
    diff::Names,
    error::Error,
    model::Model,
    plan::Plan,
    pull::{Lost, types::RustTypes},
    question::Answers,
    session::Session,
    shadow::Place,
};

/// PostgreSQL, from version 13 on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Postgres;

/// The number of the lock under which a database is migrated. Locks belong to a database, so it may be the same for all.
const LOCK: i64 = 0x6f72_6d5f_6b69_7431;

impl Backend for Postgres {
    fn dialect(&self) -> &'static dyn Dialect {
        &orm_postgres::Postgres
    }

    fn open(&self, url: &str) -> Result<Box<dyn Session>, Error> {
        Ok(Box::new(session::Owned::connect(url)?))
    }

    fn shadow(&self, place: Place<'_>) -> Result<Box<dyn Session>, Error> {
        Ok(match place {
            Place::Beside(url) => Box::new(shadow::make(url)?),
            Place::In(url) => Box::new(given::take(url)?),
        })
    }

    fn run_on_shadow(&self, shadow: &mut dyn Session, sql: &str) -> Result<(), Error> {
        cluster::run_on_shadow(shadow, sql)
    }

    fn scratch(&self, shadow: &mut dyn Session, body: &mut Body<'_>) -> Result<(), Error> {
        // What the other schema has (functions, collations, extensions) is found behind this one.
        shadow.run("create schema orm_scratch; set search_path = orm_scratch, public")?;
        let result = body(shadow);
        shadow.run("set search_path = public; drop schema orm_scratch cascade")?;
        result
    }

    fn introspect(&self, session: &mut dyn Session) -> Result<Model, Error> {
        introspect::introspect(session)
    }

    fn unmodeled(&self, session: &mut dyn Session) -> Result<Vec<Lost>, Error> {
        unmodeled::unmodeled(session)
    }

    fn rust_types(&self) -> &'static dyn RustTypes {
        &rust_types::PostgresTypes
    }

    fn names(&self) -> Names {
        Names::Compared
    }

    fn plan(&self, from: &Model, to: &Model, changes: &[Change], answers: &Answers) -> Plan {
        plan::plan(from, to, changes, answers)
    }

    fn online(&self, plan: Plan, from: &Model, changes: &[Change]) -> Plan {
        online::online(plan, from, changes)
    }

    fn is_outside_of_transactions(&self, sql: &str) -> bool {
        let words = crate::sql::without_layout(sql).to_ascii_lowercase();
        let words: Vec<&str> = words.split(' ').collect();
        match words[..] {
            ["vacuum" | "cluster", ..] => true,
            ["create" | "drop" | "alter", "database" | "tablespace" | "system" | "subscription", ..] => true,
            ["reindex", "database" | "system", ..] => true,
            ["create" | "drop" | "reindex", ..] => words.iter().take(5).any(|word| *word == "concurrently"),
            ["alter", "table", ..] => words.contains(&"detach") && words.contains(&"concurrently"),
            _ => false,
        }
    }

    fn transaction(&self, session: &mut dyn Session, _statements: &[&str], body: &mut Body<'_>) -> Result<(), Error> {
        session.run("begin")?;
        let result = body(session).and_then(|()| session.run("commit"));
        if result.is_err() {
            // If the connection is lost, the server rolls back by itself.
            drop(session.run("rollback"));
        }
        result
    }

    fn has_journal(&self, session: &mut dyn Session) -> Result<bool, Error> {
        Ok(session.value("select to_regclass('_orm_migrations')")?.is_some())
    }

    fn prepare(&self, session: &mut dyn Session) -> Result<(), Error> {
        // Who waits for a lock makes everybody after it wait too, so nobody waits for long; it is tried again.
        session.run("set application_name = 'orm-kit'; set lock_timeout = '2s'; set statement_timeout = 0")?;
        // A shadow of a process that was killed may have left what the migrations are about to make.
        cluster::drop_roles(session, false)
    }

    fn settings(&self, session: &mut dyn Session) -> Result<Vec<String>, Error> {
        // What pg_dump writes empties it.
        let path = session.value("select quote_literal(current_setting('search_path'))")?;
        Ok(path.map(|path| format!("select set_config('search_path', {path}, false)")).into_iter().collect())
    }

    fn resume(&self, session: &mut dyn Session, sql: &str) -> Result<Resume, Error> {
        resume::resume(session, sql)
    }

    fn lock(&self, session: &mut dyn Session, wait: Duration) -> Result<(), Error> {
        let began = Instant::now();
        let process = session.value("select pg_backend_pid()")?;
        loop {
            let locked = session.value(&format!("select pg_try_advisory_lock({LOCK})"))?;
            if session.value("select pg_backend_pid()")? != process {
                return Err(Error::Migrations(
                    "the connection changes between statements, as behind a pooler of transactions: migrate over a direct one"
                        .to_owned(),
                ));
            }
            if locked.as_deref() == Some("t") {
                return Ok(());
            }
            if began.elapsed() >= wait {
                let holder = session.value(&format!(
                    "select pid from pg_locks where locktype = 'advisory' and granted and objsubid = 1 \
                     and database = (select oid from pg_database where datname = current_database()) \
                     and (classid::bigint << 32 | objid::bigint) = {LOCK} limit 1"
                ))?;
                return Err(Error::Locked { holder, waited: wait });
            }
            // Not all at the same time.
            let jitter = u64::from(std::process::id()) % 50;
            thread::sleep(Duration::from_millis(50 + jitter));
        }
    }

    fn is_transient(&self, error: &Error) -> bool {
        // lock_not_available, deadlock_detected
        matches!(error, Error::Statement { code: Some(code), .. } if matches!(code.as_str(), "55P03" | "40P01"))
    }
}
