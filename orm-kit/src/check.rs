//! Looks at the migrations without a database of the application: whether they lead to what they say, and whether branches fit.

use std::path::Path;

use orm_core::schema::Schema;
use serde::Serialize;

use crate::{
    adopt::adopt,
    backend::Backend,
    branch::ancestors,
    diff::diff,
    error::Error,
    folder::{self, Migration},
    lint::{self, Finding},
    model::Model,
    replay::{replay, run},
    shadow::{Place, Shadow, difference_of_texts},
    snapshot::Snapshot,
};

/// What was found.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Checked {
    /// What is wrong.
    pub errors: Vec<String>,
    /// What the statements of the migrations do while they run.
    pub findings: Vec<Finding>,
    /// The migration that merges branches, if one was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<String>,
}

/// Replays all migrations on a shadow, and compares: the schema after each with its snapshot, the last one with the Rust schema,
/// the order of branches with the other order. With `merge`, branches whose order does not matter get a migration that says so.
///
/// # Errors
/// If the files cannot be read, or a shadow not be made. What is found is no error, but part of the result.
pub fn check<'u>(
    backend: &'static dyn Backend,
    place: impl Into<Place<'u>>,
    schema: Option<&Schema>,
    folder: &Path,
    merge: bool,
) -> Result<Checked, Error> {
    check_at(backend, place.into(), schema, folder, merge)
}

fn check_at(
    backend: &'static dyn Backend,
    place: Place<'_>,
    schema: Option<&Schema>,
    folder: &Path,
    merge: bool,
) -> Result<Checked, Error> {
    let migrations = folder::read(folder)?;
    let mut checked = Checked { findings: lint::lint(backend, &migrations), ..Checked::default() };
    let heads = folder::heads(&migrations);
    if heads.len() > 1 {
        merge_heads(backend, place, folder, &migrations, &heads, merge, &mut checked)?;
        return Ok(checked);
    }
    let mut shadow = Shadow::new(backend, place)?;
    let mut managed = Model::default();
    for migration in &migrations {
        if let Err(error) = run(backend, &mut shadow, &migration.up) {
            checked.errors.push(format!("`{}` fails: {error}", migration.id));
            return Ok(checked);
        }
        let reached = shadow.introspect()?;
        // A snapshot of one branch knows nothing of the other.
        if is_linear(&migrations) {
            let mut expected = adopt(&migration.snapshot.model, &reached, &managed, backend.syntax())?;
            // Another version of the server spells the same text in another way.
            expected.objects.iter_mut().for_each(|object| object.declared = false);
            let changes = diff(&reached, &expected, backend);
            if !changes.is_empty() {
                let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
                checked.errors.push(format!(
                    "`{}/snapshot.json` is not what `up.sql` leads to; what is missing:\n{}",
                    migration.id,
                    changes.join("\n")
                ));
            }
        }
        managed = migration.snapshot.model.clone();
    }
    if let Some(schema) = schema {
        let wanted = shadow.normalize(&Model::from_schema(schema, backend.dialect())?)?;
        let reached = shadow.introspect()?;
        let to = adopt(&wanted, &reached, &managed, backend.syntax())?;
        let changes = diff(&reached, &to, backend);
        if !changes.is_empty() {
            let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
            checked.errors.push(format!("the schema has changes without a migration:\n{}", changes.join("\n")));
        }
    }
    Ok(checked)
}

fn is_linear(migrations: &[Migration]) -> bool {
    migrations.windows(2).all(|pair| pair[1].snapshot.prev == [pair[0].snapshot.id()])
}

/// Applies branches in either order, and compares what comes out.
fn merge_heads(
    backend: &'static dyn Backend,
    place: Place<'_>,
    folder: &Path,
    migrations: &[Migration],
    heads: &[&Migration],
    merge: bool,
    checked: &mut Checked,
) -> Result<(), Error> {
    let branches: Vec<Vec<&Migration>> = heads
        .iter()
        .map(|head| {
            let before = ancestors(head, migrations);
            let is_own = |it: &&Migration| it.id == head.id || before.contains(&it.snapshot.id());
            migrations.iter().filter(is_own).collect()
        })
        .collect();
    let is_shared = |it: &Migration| branches.iter().all(|branch| branch.iter().any(|other| other.id == it.id));
    let shared: Vec<&Migration> = migrations.iter().filter(|it| is_shared(it)).collect();
    let own = |branch: &Vec<&'_ Migration>| -> Vec<Migration> {
        branch.iter().filter(|it| !is_shared(it)).map(|it| (*it).clone()).collect()
    };
    let own: Vec<Vec<Migration>> = branches.iter().map(own).collect();
    let mut outcomes: Vec<Model> = Vec::new();
    for turn in 0..own.len() {
        let mut order: Vec<&Migration> = shared.clone();
        for migration in own.iter().cycle().skip(turn).take(own.len()).flatten() {
            if !order.iter().any(|it| it.id == migration.id) {
                order.push(migration);
            }
        }
        let names: Vec<String> = order[shared.len()..].iter().map(|it| format!("`{}`", it.id)).collect();
        let mut shadow = Shadow::new(backend, place)?;
        if let Err(error) = replay(backend, &mut shadow, &order) {
            checked.errors.push(format!("the branches do not fit: {} fails in this order: {error}", names.join(", ")));
            return Ok(());
        }
        outcomes.push(shadow.introspect()?);
    }
    for other in &outcomes[1..] {
        if let Some(rest) = difference_of_texts(&outcomes[0], other, backend) {
            checked.errors.push(format!("what the branches lead to depends on their order:\n{rest}"));
            return Ok(());
        }
    }
    let names: Vec<String> = heads.iter().map(|head| format!("`{}`", head.id)).collect();
    if !merge {
        checked
            .errors
            .push(format!("{} come from branches, in whatever order: `check --merge` notes that", names.join(" and ")));
        return Ok(());
    }
    let outcome = outcomes.remove(0);
    let id = folder::new_id("merge", migrations)?;
    let migration = Migration {
        id: id.clone(),
        up: "-- Both branches lead to the same schema in either order.\n".to_owned(),
        down: "-- There is nothing to take back.\n".to_owned(),
        snapshot: Snapshot {
            migration: id,
            dialect: backend.dialect().name().to_owned(),
            prev: heads.iter().map(|head| head.snapshot.id()).collect(),
            model: managed_of(outcome, heads),
        },
    };
    folder::write(folder, &migration)?;
    checked.merged = Some(migration.id);
    Ok(())
}

/// What one of the branches knows of a schema. The rest was made by hand.
fn managed_of(mut outcome: Model, heads: &[&Migration]) -> Model {
    let models = || heads.iter().map(|head| &head.snapshot.model);
    outcome.tables.retain(|table| models().any(|model| model.table(&table.name).is_some()));
    outcome.enums.retain(|def| models().any(|model| model.enum_type(&def.name).is_some()));
    for table in &mut outcome.tables {
        let owners: Vec<_> = models().filter_map(|model| model.table(&table.name)).collect();
        table.columns.retain(|column| owners.iter().any(|owner| owner.column(&column.name).is_some()));
        table.indexes.retain(|index| owners.iter().any(|owner| owner.indexes.iter().any(|it| it.name == index.name)));
    }
    for object in &mut outcome.objects {
        object.declared = models().any(|model| model.object(object).is_some_and(|it| it.declared));
    }
    outcome
}
