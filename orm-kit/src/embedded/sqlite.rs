//! A pool of SQLite.

use super::{Running, Target};
use crate::{
    apply::{MigrateOptions, migrate},
    error::Error,
    folder::Migration,
    sqlite::{Sqlite, session::Lent},
};

impl Target for orm_sqlite::Pool {
    fn run(&self, migrations: Vec<Migration>, options: MigrateOptions) -> Running<'_> {
        Box::pin(self.on_worker(move |connection| {
            connection.with_raw(|raw| migrate(&Sqlite, &mut Lent(raw), &migrations, &options)).map_err(Error::from)?
        }))
    }
}
