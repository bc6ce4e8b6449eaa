//! Databases to try things on, which are dropped afterwards, also when their process was killed.

use std::hash::{BuildHasher, Hasher};

use futures_util::future::join;

use super::{
    cluster,
    session::{Owned, failed},
};
use crate::{error::Error, session::Session};

/// What is said of a database that may be dropped, before the number of the server process that made it. Nothing without it is.
const MARK: &str = "a shadow of orm-kit, dropped when nobody uses it; made by server process ";

const INSUFFICIENT_PRIVILEGE: &str = "42501";

/// A database that is dropped with this.
pub(super) struct Made {
    url: String,
    name: String,
}

/// An empty database on the server of a URL, dropped with the session.
///
/// # Errors
/// If the server cannot be reached, or its user may not create databases.
pub(super) fn make(url: &str) -> Result<Owned, Error> {
    let mut maker = Owned::connect(url)?;
    // What cannot be dropped is no reason to fail.
    drop(sweep(&mut maker));
    let random = std::hash::RandomState::new().build_hasher().finish();
    let name = format!("orm_shadow_{}_{random:016x}", std::process::id());
    let process = maker.value("select pg_backend_pid()")?.unwrap_or_default();
    // Whatever the locale of the server is: texts go by their bytes.
    let create = format!("create database \"{name}\" template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'");
    let comment = format!("comment on database \"{name}\" is '{MARK}{process}'");
    // Both are on their way before the first is done, so that there is no time at which a killed process leaves one without its mark.
    let (created, marked) =
        maker.with_client(async |client| join(client.batch_execute(&create), client.batch_execute(&comment)).await)?;
    created.map_err(|error| not_made(failed(&error, &create)))?;
    let made = Made { url: url.to_owned(), name };
    marked.map_err(|error| failed(&error, &comment))?;
    let mut session = Owned::connect(&with_database(url, &made.name))?;
    session.run("set synchronous_commit = off")?;
    session.drops(made);
    Ok(session)
}

/// The error of a shadow that could not be made, with what to do.
fn not_made(error: Error) -> Error {
    let mut error = error.doing("making a shadow database".to_owned());
    if let Error::Statement { problem, code: Some(code), .. } = &mut error
        && code == INSUFFICIENT_PRIVILEGE
    {
        problem.push_str(
            "; `alter role … createdb` allows it, or an empty database can be given: with --shadow-url, ORM_SHADOW_URL, or \
             `shadow_url` in orm.toml",
        );
    }
    error
}

/// Drops the shadows whose processes ended before they could do it. Until somebody is connected to a shadow, the one that makes it is
/// connected to the server.
fn sweep(session: &mut dyn Session) -> Result<(), Error> {
    let left = session.rows(&format!(
        "select format('drop database if exists %I', d.datname) from pg_database d \
         where starts_with(shobj_description(d.oid, 'pg_database'), '{MARK}') and not exists (select from pg_stat_activity a \
            where a.datname = d.datname or '{MARK}' || a.pid = shobj_description(d.oid, 'pg_database'))"
    ))?;
    // Another process may drop them at the same time.
    left.into_iter().flatten().flatten().for_each(|sql| drop(session.run(&sql)));
    cluster::drop_roles(session, false)
}

impl Drop for Made {
    fn drop(&mut self) {
        // A database that stays behind is no reason to fail: the next shadow that is made drops it.
        if let Ok(mut session) = Owned::connect(&self.url) {
            drop(session.run(&format!("drop database if exists \"{}\" with (force)", self.name)));
            drop(cluster::drop_roles(&mut session, false));
        }
    }
}

/// The URL of another database on the same server.
fn with_database(url: &str, name: &str) -> String {
    let credentials = url.find('@').unwrap_or(0);
    let query = url[credentials..].find('?').map(|at| credentials + at);
    let (base, parameters) = query.map_or((url, None), |at| (&url[..at], Some(&url[at + 1..])));
    // Before the first `@` are user and password, whatever is in them.
    let authority = base.find('@').map(|at| at + 1).or_else(|| base.find("://").map(|at| at + 3)).unwrap_or(0);
    let end = base[authority..].find('/').map_or(base.len(), |at| authority + at);
    let parameters = parameters.map(|parameters| {
        let kept = parameters.split('&').filter(|parameter| !parameter.starts_with("dbname="));
        kept.collect::<Vec<_>>().join("&")
    });
    let query = parameters.filter(|it| !it.is_empty()).map(|it| format!("?{it}")).unwrap_or_default();
    format!("{}/{name}{query}", &base[..end])
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn another_database_of_a_url() {
        assert_eq!(with_database("postgres://a:b@h:1/c", "x"), "postgres://a:b@h:1/x");
        assert_eq!(with_database("postgres://h,i:2?sslmode=require", "x"), "postgres://h,i:2/x?sslmode=require");
        assert_eq!(with_database("postgres:///c?host=/tmp&dbname=d", "x"), "postgres:///x?host=/tmp");
    }
}
