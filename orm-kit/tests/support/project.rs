//! A folder of migrations and a database of a test's own.
#![allow(dead_code, unreachable_pub, unused_imports, unused_macros, reason = "each test file uses a part of it")]

use std::path::PathBuf;

use orm::schema::Schema;
use orm_kit::{
    Error,
    apply::{MigrateOptions, Migrated, RollbackOptions, migrate, rollback},
    backend::{self, Backend},
    folder::{self, Migration},
    generate::{GenerateOptions, Generated, generate},
    question::Answers,
    session::{Row, Session},
    status::{Status, drift, status},
};
use tempfile::TempDir;

pub struct Project {
    pub backend: &'static dyn Backend,
    pub url: String,
    pub folder: PathBuf,
    server: Option<(String, String)>,
    _temporary: TempDir,
}

impl Project {
    pub fn sqlite() -> Self {
        let temporary = tempfile::tempdir().expect("a folder for temporary files");
        let url = format!("sqlite:{}", temporary.path().join("app.db").display());
        Self::new(url, None, temporary)
    }

    pub fn postgres() -> Self {
        let server = std::env::var("ORM_TEST_POSTGRES").expect(
            "ORM_TEST_POSTGRES names a PostgreSQL server; `scripts/with-postgres cargo nextest run` starts one",
        );
        let temporary = tempfile::tempdir().expect("a folder for temporary files");
        let name = format!("orm_kit_{}", temporary.path().file_name().unwrap_or_default().to_string_lossy())
            .replace(|c: char| !c.is_ascii_alphanumeric(), "_")
            .to_lowercase();
        let backend = backend::of(&server).expect("a URL of PostgreSQL");
        let mut session = backend.open(&server).expect("the server of the tests answers");
        session.run(&format!("create database {name}")).expect("the server makes databases");
        let (base, _) = server.rsplit_once('/').expect("the URL ends with a database");
        Self::new(format!("{base}/{name}"), Some((server.clone(), name)), temporary)
    }

    fn new(url: String, server: Option<(String, String)>, temporary: TempDir) -> Self {
        let backend = backend::of(&url).expect("a URL of a database");
        Self { backend, url, folder: temporary.path().join("migrations"), server, _temporary: temporary }
    }

    pub fn session(&self) -> Box<dyn Session> {
        self.backend.open(&self.url).expect("the database answers")
    }

    pub fn rows(&self, sql: &str) -> Vec<Row> {
        self.session().rows(sql).expect("the query is valid")
    }

    pub fn run(&self, sql: &str) {
        self.session().run(sql).expect("the statements are valid");
    }

    pub fn generate(&self, schema: Schema) -> Result<Generated, Error> {
        self.generate_with(schema, GenerateOptions::default())
    }

    pub fn generate_with(&self, schema: Schema, options: GenerateOptions) -> Result<Generated, Error> {
        generate(self.backend, &self.url, &schema, &self.folder, &options)
    }

    /// A migration by hand, of which this is the text; gives its id.
    pub fn write(&self, schema: Schema, up: &str) -> Result<String, Error> {
        self.generate_with(schema, GenerateOptions { custom: true, ..GenerateOptions::default() })?;
        let id = self.migrations().pop().expect("it was just written").id;
        self.rewrite(&id, up);
        Ok(id)
    }

    /// Gives a migration another text.
    pub fn rewrite(&self, id: &str, up: &str) {
        std::fs::write(self.folder.join(id).join("up.sql"), up).expect("it can be written");
    }

    pub fn answer(&self, schema: Schema, answers: &str) -> Result<Generated, Error> {
        let answers: Answers = serde_json::from_str(answers).expect("the answers are JSON");
        self.generate_with(schema, GenerateOptions { answers, ..GenerateOptions::default() })
    }

    pub fn migrations(&self) -> Vec<Migration> {
        folder::read(&self.folder).expect("the folder can be read")
    }

    pub fn migrate(&self) -> Result<Migrated, Error> {
        self.migrate_with(&MigrateOptions::default())
    }

    pub fn migrate_with(&self, options: &MigrateOptions) -> Result<Migrated, Error> {
        migrate(self.backend, &mut *self.session(), &self.migrations(), options)
    }

    pub fn rollback(&self, allow: &[&str]) -> Result<Migrated, Error> {
        let allow = allow.iter().map(|&name| name.to_owned()).collect();
        let options = RollbackOptions { allow, ..RollbackOptions::default() };
        rollback(self.backend, &mut *self.session(), &self.migrations(), &options)
    }

    pub fn status(&self) -> Status {
        status(self.backend, &mut *self.session(), &self.migrations()).expect("the database can be read")
    }

    pub fn drift(&self) -> Option<String> {
        drift(self.backend, &mut *self.session(), &self.url, &self.migrations()).expect("the database can be read")
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.server
            && let Ok(mut session) = self.backend.open(server)
        {
            drop(session.run(&format!("drop database if exists {name} with (force)")));
        }
    }
}

/// Runs one body on each database, with a folder and a database of its own.
macro_rules! each_database {
    ($($(#[$attribute:meta])* fn $name:ident($project:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            fn body($project: crate::project::Project) -> Result<(), orm_kit::Error> {
                $body
                Ok(())
            }

            $(#[$attribute])*
            #[test]
            fn sqlite() -> Result<(), orm_kit::Error> {
                body(crate::project::Project::sqlite())
            }

            $(#[$attribute])*
            #[test]
            fn postgres() -> Result<(), orm_kit::Error> {
                body(crate::project::Project::postgres())
            }
        }
    )*};
}
pub(crate) use each_database;
