//! A pool of SQLite.

use super::Running;
use crate::{
    apply::{MigrateOptions, migrate},
    error::Error,
    folder::Migration,
    sqlite::{Sqlite, session::Lent},
};

pub(super) fn run(pool: &orm_sqlite::Pool, migrations: Vec<Migration>, options: MigrateOptions) -> Running<'_> {
    Box::pin(pool.on_worker(move |connection| {
        connection.with_raw(|raw| migrate(&Sqlite, &mut Lent(raw), &migrations, &options)).map_err(Error::from)?
    }))
}
