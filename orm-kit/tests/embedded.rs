//! Applications that migrate when they start.

#[path = "support/project.rs"]
mod project;

use orm::Table;
use orm_kit::{Embedded, EmbeddedMigration, Error, auto_migrate, embedded_migrations, migrate, migrate_with};
use project::Project;

mod notes {
    use orm::prelude::*;

    #[derive(Debug, Clone, PartialEq, Table)]
    pub(crate) struct Note {
        #[column(primary_key, auto_increment)]
        pub(crate) id: i64,
        pub(crate) text: String,
    }

    schema! { pub(crate) fn schema() = [Note] }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(future)
}

#[test]
fn a_pool_of_sqlite() -> Result<(), Error> {
    let project = Project::sqlite();
    run(async {
        let path = project.url.trim_start_matches("sqlite:");
        let pool = orm::sqlite::Pool::open(path)?;
        assert_eq!(auto_migrate(&pool, embedded_migrations!("tests/migrations")).await?.would_run.len(), 1);
        assert_eq!(migrate(&pool, embedded_migrations!("tests/migrations")).await?.applied.len(), 1);
        assert_eq!(migrate(&pool, embedded_migrations!("tests/migrations")).await?.applied.len(), 0);
        notes::Note::insert().set(notes::Note::text, "Milk").execute(&pool).await?;
        assert_eq!(notes::Note::select().count(&pool).await?, 1);
        Ok(())
    })
}

/// The migrations of a project as a program has them.
fn embedded(project: &Project) -> Embedded {
    let migrations = project.migrations().into_iter().map(|it| EmbeddedMigration {
        id: it.id.leak(),
        up: it.up.leak(),
        down: it.down.leak(),
        snapshot: it.snapshot.to_text().leak(),
    });
    Embedded(migrations.collect::<Vec<_>>().leak())
}

#[test]
fn pools_of_postgres_at_the_same_time() -> Result<(), Error> {
    let project = Project::postgres();
    project.generate(notes::schema())?;
    let migrations = embedded(&project);
    run(async {
        let pools =
            [orm::postgres::Pool::connect(&project.url).await?, orm::postgres::Pool::connect(&project.url).await?];
        let (one, other) = tokio::join!(migrate(&pools[0], migrations), migrate(&pools[1], migrations));
        assert_eq!(one?.applied.len() + other?.applied.len(), 1);
        notes::Note::insert().set(notes::Note::text, "Milk").execute(&pools[0]).await?;
        assert_eq!(notes::Note::select().count(&pools[1]).await?, 1);
        // What migrating sets is not left behind on connections of the pool.
        let timeout = pools[0].with_client(async |client| client.query_one("show lock_timeout", &[]).await).await?;
        assert_eq!(timeout.expect("it is a setting").get::<_, String>(0), "0");
        Ok(())
    })
}

/// The database is the one of a URL that is known when the program runs.
#[test]
fn a_database_of_either_kind() -> Result<(), Error> {
    for project in [Project::sqlite(), Project::postgres()] {
        project.generate(notes::schema())?;
        let migrations = embedded(&project);
        run(async {
            let db = orm::Database::connect(&project.url).await?;
            assert_eq!(migrate(&db, migrations).await?.applied.len(), 1);
            assert_eq!(migrate(&db, migrations).await?.applied.len(), 0);
            notes::Note::insert().set(notes::Note::text, "Milk").execute(&db).await?;
            assert_eq!(notes::Note::select().count(&db).await?, 1);
            Ok::<(), Error>(())
        })?;
    }
    Ok(())
}

/// A future that is dropped leaves no lock behind.
#[test]
fn a_start_that_is_given_up() -> Result<(), Error> {
    let project = Project::postgres();
    project.generate(notes::schema())?;
    let migrations = embedded(&project);
    run(async {
        let pool = orm::postgres::Pool::connect(&project.url).await?;
        for pause in [0, 1, 3, 10] {
            let pause = std::time::Duration::from_millis(pause);
            drop(tokio::time::timeout(pause, migrate(&pool, migrations)).await);
        }
        let options = orm_kit::apply::MigrateOptions { wait: std::time::Duration::from_secs(20), ..Default::default() };
        migrate_with(&pool, migrations, options).await?;
        assert_eq!(notes::Note::select().count(&pool).await?, 0);
        Ok(())
    })
}
