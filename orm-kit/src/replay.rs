//! The state to which migrations lead, reached on a shadow.

use crate::{apply::parse, backend::Backend, error::Error, folder::Migration, shadow::Shadow};

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
        return statements
            .iter()
            .filter(|sql| backend.runs_in_body(sql))
            .try_for_each(|sql| backend.run_on_shadow(session, sql));
    }
    let settings = backend.settings(session)?;
    backend.transaction(session, &statements, &mut |session| {
        statements
            .iter()
            .filter(|sql| backend.runs_in_body(sql))
            .try_for_each(|sql| backend.run_on_shadow(session, sql))?;
        session.run_all(&settings)
    })
}
