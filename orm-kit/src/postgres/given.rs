//! A database that the user gives to try things on: empty before, and empty afterwards.

use std::time::Duration;

use super::{Postgres, cluster, session::Owned};
use crate::{
    backend::Backend,
    error::Error,
    session::{Row, Session},
};

/// A connection to a database that is emptied with this.
pub(super) struct Given(Owned);

/// What the comment of a schema says while the database is a shadow, before the extensions that were there. Without it, nothing is
/// dropped.
const MARK: &str = "while this schema is here, orm-kit drops everything in this database; but not the extensions: ";

/// How long another process may have the database.
const WAIT: Duration = Duration::from_secs(60);

/// Everything in a database that a new one has not, and what drops it. What belongs to an extension goes with it, and an
/// extension that was there before stays.
const CONTENT: &str = "select format('%s %s', i.type, i.identity), \
        format('drop %s if exists %s cascade', replace(replace(i.type, '-', ' '), 'statistics object', 'statistics'), i.identity) \
    from (select 'pg_namespace'::regclass::oid as catalog, oid from pg_namespace \
            where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'public', '_orm_shadow') \
        union all select distinct classid, objid from pg_depend where refclassid = 'pg_namespace'::regclass \
            and refobjid = (select oid from pg_namespace where nspname = 'public') and deptype = 'n' \
            and classid <> 'pg_extension'::regclass \
        union all select 'pg_extension'::regclass, oid from pg_extension where extname <> 'plpgsql' \
            and extname <> all (string_to_array(split_part(obj_description(to_regnamespace('_orm_shadow')), ': ', 2), ',')) \
        union all select 'pg_event_trigger'::regclass, oid from pg_event_trigger \
        union all select 'pg_publication'::regclass, oid from pg_publication \
        union all select 'pg_foreign_server'::regclass, oid from pg_foreign_server \
        union all select 'pg_foreign_data_wrapper'::regclass, oid from pg_foreign_data_wrapper) o, \
        lateral pg_identify_object(o.catalog, o.oid, 0) i \
    where not exists (select from pg_depend e where e.classid = o.catalog and e.objid = o.oid and e.deptype = 'e') \
    order by o.catalog, i.identity";

/// The database of a URL as a shadow, if it is empty, or was left by a process that was killed while it was a shadow.
///
/// # Errors
/// If it cannot be reached, is not empty, or is another process's shadow for too long.
pub(super) fn take(url: &str) -> Result<Given, Error> {
    if !is_postgres(url) {
        return Err(Error::Usage("the URL of a shadow of PostgreSQL begins with `postgres://`".to_owned()));
    }
    let mut session = Owned::connect(url)?;
    Postgres.lock(&mut session, WAIT).map_err(|error| match error {
        Error::Locked { waited, .. } => {
            Error::Refused(format!("another process uses the shadow database, and did not finish within {waited:?}"))
        }
        error => error,
    })?;
    if is_marked(&mut session)? {
        empty(&mut session)?;
    }
    let content = session.rows(CONTENT)?;
    if let Some(first) = content.first().and_then(|row| row.first()?.as_ref()) {
        return Err(Error::Refused(format!(
            "the database that was given for shadows is not empty: it has {first}{}",
            if content.len() > 1 { format!(", and {} more", content.len() - 1) } else { String::new() }
        )));
    }
    session.run(&format!(
        "begin; create schema _orm_shadow; do $$ begin execute format('comment on schema _orm_shadow is %L', '{MARK}' || \
         (select coalesce(string_agg(extname, ','), '') from pg_extension)); end $$; commit"
    ))?;
    session.run("set synchronous_commit = off")?;
    Ok(Given(session))
}

/// Whether a URL is one of PostgreSQL.
fn is_postgres(url: &str) -> bool {
    crate::backend::of(url).is_ok_and(|backend| backend.dialect().name() == Postgres.dialect().name())
}

fn is_marked(session: &mut dyn Session) -> Result<bool, Error> {
    let marked =
        session.value(&format!("select starts_with(obj_description(to_regnamespace('_orm_shadow')), '{MARK}')"))?;
    Ok(marked.as_deref() == Some("t"))
}

/// The statements that take away what roles may do in what stays: the schema `public`, and what will be created.
const PRIVILEGES: &str = "\
    select distinct format('revoke all on schema public from %I', r.rolname) from pg_namespace n, aclexplode(n.nspacl) g \
        join pg_roles r on r.oid = g.grantee where n.nspname = 'public' and g.grantee <> n.nspowner \
    union select distinct format('alter default privileges for role %I%s revoke all on %s from %I', o.rolname, \
        coalesce(' in schema ' || quote_ident(n.nspname), ''), case d.defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' \
        when 'f' then 'routines' when 'T' then 'types' else 'schemas' end, r.rolname) \
        from pg_default_acl d join pg_roles o on o.oid = d.defaclrole left join pg_namespace n on n.oid = d.defaclnamespace, \
        aclexplode(d.defaclacl) g join pg_roles r on r.oid = g.grantee where g.grantee <> d.defaclrole";

/// Drops everything that was made in a shadow, and then its mark.
fn empty(session: &mut dyn Session) -> Result<(), Error> {
    // One may have gone with another.
    let statements: Vec<String> = session.rows(CONTENT)?.into_iter().filter_map(|mut row| row.pop()?).collect();
    session.run_all(&statements)?;
    let privileges: Vec<String> = session.rows(PRIVILEGES)?.into_iter().filter_map(|mut row| row.pop()?).collect();
    session.run_all(&privileges)?;
    cluster::disown_roles(session)?;
    session.run("create schema if not exists public")?;
    cluster::drop_roles(session, true)?;
    session.run("drop schema _orm_shadow")
}

impl Drop for Given {
    fn drop(&mut self) {
        let session = &mut self.0;
        // What stays behind has its mark, and goes when the database is a shadow again.
        drop(session.run("rollback; reset session authorization; reset all; set client_min_messages = warning"));
        drop(empty(session));
    }
}

impl Session for Given {
    fn run(&mut self, sql: &str) -> Result<(), Error> {
        self.0.run(sql)
    }

    fn rows(&mut self, sql: &str) -> Result<Vec<Row>, Error> {
        self.0.rows(sql)
    }

    fn rows_of_each(&mut self, queries: &[String]) -> Result<Vec<Vec<Row>>, Error> {
        self.0.rows_of_each(queries)
    }
}
