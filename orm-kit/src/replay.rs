//! The state to which migrations lead, reached on a shadow.

use crate::{
    apply::parse,
    backend::Backend,
    error::Error,
    folder::Migration,
    model::{Model, Table},
    shadow::Shadow,
};

/// Runs migrations on a shadow, one after the other.
///
/// # Errors
/// If one fails.
pub(crate) fn replay(
    backend: &'static dyn Backend,
    shadow: &mut Shadow,
    migrations: &[&Migration],
) -> Result<(), Error> {
    for migration in migrations {
        run_file(backend, shadow, &migration.up, &format!("`{}/up.sql`", migration.id))
            .map_err(|error| error.doing(format!("trying `{}` on a shadow database", migration.id)))?;
    }
    Ok(())
}

/// Runs the text of a migration on a shadow.
pub(crate) fn run(backend: &'static dyn Backend, shadow: &mut Shadow, text: &str) -> Result<(), Error> {
    run_file(backend, shadow, text, "the text")
}

fn run_file(backend: &'static dyn Backend, shadow: &mut Shadow, text: &str, file: &str) -> Result<(), Error> {
    let statements = parse::statements(backend, text, file)?;
    let session = shadow.session();
    if statements.iter().any(|sql| backend.is_outside_of_transactions(sql)) {
        return statements.iter().filter(|sql| backend.runs_in_body(sql)).try_for_each(|sql| session.run(sql));
    }
    let settings = backend.settings(session)?;
    backend.transaction(session, &statements, &mut |session| {
        statements.iter().filter(|sql| backend.runs_in_body(sql)).try_for_each(|sql| session.run(sql))?;
        session.run_all(&settings)
    })
}

/// The schema that is asked for, with what was made by hand in migrations and is none of the schema's business: it was in no
/// snapshot, so nobody meant it to go.
pub(crate) fn adopt(wanted: &Model, reached: &Model, managed: &Model) -> Model {
    let mut to = wanted.clone();
    for table in &reached.tables {
        let is_known = managed.table(&table.name).is_some()
            || to.tables.iter().any(|it| it.renamed_from.as_deref() == Some(&table.name));
        match to.tables.iter_mut().find(|it| it.name == table.name) {
            None if !is_known => to.tables.push(table.clone()),
            None => {}
            Some(target) => {
                let before = managed.table(&table.name).cloned().unwrap_or_default();
                adopt_parts(target, table, &before);
            }
        }
    }
    let of_hand = |name: &str| managed.enum_type(name).is_none() && wanted.enum_type(name).is_none();
    to.enums.extend(reached.enums.iter().filter(|def| of_hand(&def.name)).cloned());
    to
}

fn adopt_parts(target: &mut Table, reached: &Table, managed: &Table) {
    /// What is reached by its name, but neither managed nor asked for.
    fn foreign<T: Clone>(target: &[T], reached: &[T], managed: &[T], name: impl Fn(&T) -> Option<String>) -> Vec<T> {
        let has = |list: &[T], item: &T| list.iter().any(|it| name(it) == name(item));
        let is_foreign = |item: &&T| name(item).is_some() && !has(target, item) && !has(managed, item);
        reached.iter().filter(is_foreign).cloned().collect()
    }
    target.indexes.extend(foreign(&target.indexes, &reached.indexes, &managed.indexes, |it| Some(it.name.clone())));
    target.checks.extend(foreign(&target.checks, &reached.checks, &managed.checks, |it| it.name.clone()));
    let renamed: Vec<String> = target.columns.iter().filter_map(|column| column.renamed_from.clone()).collect();
    let columns = foreign(&target.columns, &reached.columns, &managed.columns, |it| Some(it.name.clone()));
    target.columns.extend(columns.into_iter().filter(|column| !renamed.contains(&column.name)));
}
