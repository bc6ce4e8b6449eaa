//! Migrations in the program itself, for applications that migrate when they start.

mod postgres;
mod sqlite;

use std::pin::Pin;

use orm_core::pool::{Either, OneOf};

use crate::{
    apply::{MigrateOptions, Migrated},
    error::Error,
    folder::Migration,
};

/// The migrations of a folder, as they were when the program was compiled: see [`embedded_migrations!`](crate::embedded_migrations).
#[derive(Debug, Clone, Copy)]
pub struct Embedded(#[doc(hidden)] pub &'static [EmbeddedMigration]);

/// A migration with the texts of its files.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub struct EmbeddedMigration {
    pub id: &'static str,
    pub up: &'static str,
    pub down: &'static str,
    pub snapshot: &'static str,
}

impl Embedded {
    fn read(self) -> Result<Vec<Migration>, Error> {
        self.0.iter().map(|it| Migration::parse(it.id, it.up, it.down, it.snapshot)).collect()
    }
}

/// A future of a run.
pub type Running<'a> = Pin<Box<dyn Future<Output = Result<Migrated, Error>> + Send + 'a>>;

/// A pool whose database can be migrated: `orm::postgres::Pool`, `orm::sqlite::Pool` and `orm::Database`.
#[diagnostic::on_unimplemented(message = "`{Self}` is no pool whose database can be migrated")]
pub trait Target {
    #[doc(hidden)]
    fn run(&self, migrations: Vec<Migration>, options: MigrateOptions) -> Running<'_>;
}

impl<T: OneOf<orm_postgres::Pool, orm_sqlite::Pool>> Target for T {
    fn run(&self, migrations: Vec<Migration>, options: MigrateOptions) -> Running<'_> {
        match self.which() {
            Either::Postgres(pool) => postgres::run(pool, migrations, options),
            Either::Sqlite(pool) => sqlite::run(pool, migrations, options),
        }
    }
}

/// Applies the migrations that the database of a pool does not have yet. Of several processes that start at the same time, one
/// migrates, and the others wait for it.
///
/// # Errors
/// If the history does not fit the migrations, a statement fails, or a migration loses something: that has to be allowed by
/// [`migrate_with`].
///
/// ```
/// # orm::doctest::run(async {
/// let pool = orm::sqlite::Pool::open_in_memory()?;
/// let migrated = orm_kit::migrate(&pool, orm_kit::embedded_migrations!("tests/migrations")).await?;
/// assert_eq!(migrated.applied, ["20240101000000_create_notes"]);
/// # Ok::<(), orm_kit::Error>(())
/// # })
/// ```
pub async fn migrate(pool: &impl Target, migrations: Embedded) -> Result<Migrated, Error> {
    migrate_with(pool, migrations, MigrateOptions::default()).await
}

/// Like [`migrate`], with options: what may be lost, how long to wait.
///
/// # Errors
/// Those of [`migrate`].
pub async fn migrate_with(
    pool: &impl Target,
    migrations: Embedded,
    options: MigrateOptions,
) -> Result<Migrated, Error> {
    pool.run(migrations.read()?, options).await
}

/// Like [`migrate`] if `ORM_AUTO_MIGRATE` is `1` or `true`. Otherwise nothing is applied, and what would be is
/// [told](Migrated::would_run).
///
/// # Errors
/// Those of [`migrate`].
pub async fn auto_migrate(pool: &impl Target, migrations: Embedded) -> Result<Migrated, Error> {
    let is_on = std::env::var("ORM_AUTO_MIGRATE").is_ok_and(|value| value == "1" || value.eq_ignore_ascii_case("true"));
    migrate_with(pool, migrations, MigrateOptions { dry_run: !is_on, ..MigrateOptions::default() }).await
}
