//! Writes the migration that a change of the Rust schema asks for.

use std::path::{Path, PathBuf};

use orm_core::schema::Schema;
use serde::Serialize;

use crate::{
    apply::allowed,
    backend::Backend,
    change::Change,
    error::Error,
    folder::{self, IRREVERSIBLE, Migration},
    model::Model,
    prove::{Locking, Manner, Proved, Rebuild, prove_beside},
    question::Answers,
    rename::Rename,
    replay::replay,
    shadow::{Place, Shadow},
    snapshot::Snapshot,
    sql,
};

/// What to generate.
#[derive(Debug, Clone, Default)]
pub struct GenerateOptions {
    /// The name of the migration; by default, one of what it does.
    pub name: Option<String>,
    /// A migration to be written by hand.
    pub custom: bool,
    /// Only tell whether there is something to generate.
    pub check: bool,
    /// Build indexes and check constraints without keeping others waiting. Such a migration is not one transaction.
    pub online: bool,
    /// SQLite: whether rows stay where they are, if only constraints and defaults of their table change.
    pub rebuild: Rebuild,
    /// What the schema does not say.
    pub answers: Answers,
    /// Tables that may be dropped, where dropping them looks like a mistake.
    pub allow: Vec<String>,
}

/// What was generated.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Generated {
    /// The migration's folder, if one was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// The changes, in words.
    pub changes: Vec<String>,
    /// What the migration loses.
    pub loses: Vec<String>,
    /// Why it cannot be taken back, if so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub irreversible: Option<String>,
    /// What was made by hand and goes with what it uses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_kept: Vec<String>,
    /// Tables for which no rows were found that fit, so that the migration was tried on them without rows.
    pub without_rows: Vec<String>,
    /// The text of `up.sql`.
    pub up: String,
}

/// Compares the schema with the migrations, and writes one of the difference after it was proved on a shadow database: applied to
/// tables with rows, compared, taken back, and applied again. If there is no difference, nothing is written.
///
/// The database of a URL is not touched; on PostgreSQL the shadow is made on its server, or in the place that is given.
///
/// # Errors
/// [`Error::Questions`] if the schema does not say all, [`Error::Refused`] if suspiciously many tables would be dropped,
/// [`Error::Unproved`] if the migration does not do what it should.
pub fn generate<'u>(
    backend: &'static dyn Backend,
    place: impl Into<Place<'u>>,
    schema: &Schema,
    folder: &Path,
    options: &GenerateOptions,
) -> Result<Generated, Error> {
    generate_at(backend, place.into(), schema, folder, options)
}

fn generate_at(
    backend: &'static dyn Backend,
    place: Place<'_>,
    schema: &Schema,
    folder: &Path,
    options: &GenerateOptions,
) -> Result<Generated, Error> {
    orm_core::ddl::check_types(schema, backend.dialect())?;
    let migrations = folder::read(folder)?;
    let heads = folder::heads(&migrations);
    if heads.len() > 1 {
        let names: Vec<String> = heads.iter().map(|head| format!("`{}`", head.id)).collect();
        return Err(Error::Migrations(format!(
            "{} come from branches that were not merged: run `check --merge`",
            names.join(" and ")
        )));
    }
    let last = heads.first().copied();
    if options.custom {
        return custom(backend, folder, &migrations, last, options);
    }
    if schema.tables().is_empty() {
        return Err(Error::Usage("the schema has no tables".to_owned()));
    }
    let mut shadow = Shadow::new(backend, place)?;
    replay(backend, &mut shadow, &migrations.iter().collect::<Vec<_>>())?;
    let wanted = shadow.normalize(&Model::from_schema(schema, backend.dialect())?)?;
    let managed = last.map(|last| last.snapshot.model.clone()).unwrap_or_default();
    let locking = if options.online { Locking::Online } else { Locking::Transaction };
    let manner = Manner { locking, rebuild: options.rebuild };
    let proved = prove_beside(backend, &mut shadow, &wanted, Some(&managed), &options.answers, manner)?;
    let mut generated = Generated {
        changes: in_words(&proved),
        loses: proved.up.losses(),
        irreversible: proved.down.clone().err(),
        not_kept: proved.not_kept.clone(),
        without_rows: proved.without_rows.clone(),
        up: proved.up.to_sql(),
        ..Generated::default()
    };
    if proved.up.steps.is_empty() {
        return Ok(Generated::default());
    }
    if options.check {
        return Ok(generated);
    }
    not_too_many(&proved.changes, &managed, &options.allow)?;
    let name = options.name.clone().unwrap_or_else(|| name_of(&proved));
    let id = folder::new_id(&name, &migrations)?;
    let migration = Migration {
        id: id.clone(),
        up: generated.up.clone(),
        down: match &proved.down {
            Ok(plan) => plan.to_sql(),
            Err(reason) => format!("{IRREVERSIBLE}{}\n", reason.replace('\n', " ")),
        },
        snapshot: Snapshot {
            migration: id,
            dialect: backend.dialect().name().to_owned(),
            prev: last.map(|last| last.snapshot.id()).into_iter().collect(),
            model: Model { objects: proved.to.objects, ..wanted },
        },
    };
    generated.folder = Some(folder::write(folder, &migration)?);
    Ok(generated)
}

/// A migration without statements, whose schema is that of the one before. Until somebody says how, it cannot be taken back.
fn custom(
    backend: &'static dyn Backend,
    folder: &Path,
    migrations: &[Migration],
    last: Option<&Migration>,
    options: &GenerateOptions,
) -> Result<Generated, Error> {
    let name = options.name.as_deref().unwrap_or("custom");
    let id = folder::new_id(name, migrations)?;
    let migration = Migration {
        id: id.clone(),
        up: "-- What this migration does.\n".to_owned(),
        down: format!("{IRREVERSIBLE}nobody said how; what takes it back stands here instead of this line\n"),
        snapshot: Snapshot {
            migration: id,
            dialect: backend.dialect().name().to_owned(),
            prev: last.map(|last| last.snapshot.id()).into_iter().collect(),
            model: last.map(|last| last.snapshot.model.clone()).unwrap_or_default(),
        },
    };
    let up = migration.up.clone();
    Ok(Generated { folder: Some(folder::write(folder, &migration)?), up, ..Generated::default() })
}

/// A table that is missing from the schema by mistake becomes one that is dropped.
pub(crate) fn not_too_many(changes: &[Change], before: &Model, allow: &[String]) -> Result<(), Error> {
    let dropped: Vec<String> = changes
        .iter()
        .filter_map(|change| if let Change::DropTable(table) = change { Some(table.name.clone()) } else { None })
        .collect();
    if dropped.len() > 1 || dropped.len() * 5 > before.tables.len() {
        allowed(dropped.into_iter(), allow)?;
    }
    Ok(())
}

/// The changes, for people.
pub(crate) fn in_words(proved: &Proved) -> Vec<String> {
    let renames = proved.renames.iter().map(|rename| match rename {
        Rename::Table { from, to } => format!("rename table {from} to {to}"),
        Rename::Column { table, from, to } => format!("{table}: rename column {from} to {to}"),
    });
    renames
        .chain(proved.changes.iter().flat_map(|it| it.to_string().lines().map(str::to_owned).collect::<Vec<_>>()))
        .collect()
}

/// The name of a function without its arguments.
fn plain(name: &str) -> String {
    sql::unquote(name.split('(').next().unwrap_or_default())
}

/// A name of what a migration does: `create_users`, `change_posts_and_2_more`.
fn name_of(proved: &Proved) -> String {
    let renames = proved.renames.iter().map(|rename| match rename {
        Rename::Table { from, to } => format!("rename_{from}_to_{to}"),
        Rename::Column { table, .. } => format!("change_{table}"),
    });
    let changes = proved.changes.iter().map(|change| match change {
        Change::CreateEnum(def) | Change::DropEnum(def) | Change::ChangeEnum { to: def, .. } => {
            format!("change_{}", def.name)
        }
        Change::CreateTable(table) => format!("create_{}", table.name),
        Change::DropTable(table) => format!("drop_{}", table.name),
        Change::ChangeTable { table, .. } => format!("change_{table}"),
        Change::CreateObject(object) => format!("create_{}", plain(&object.name)),
        Change::DropObject(object) => format!("drop_{}", plain(&object.name)),
        Change::ChangeObject { to, .. } => format!("change_{}", plain(&to.name)),
    });
    let mut names: Vec<String> = renames.chain(changes).collect();
    names.dedup();
    let first: String = names.first().map(|name| name.chars().take(60).collect()).unwrap_or_default();
    match names.len() {
        1 => first,
        count => format!("{first}_and_{}_more", count - 1),
    }
}
