//! The statements of a migration, if all of them can be run so that nothing is left half done.

use crate::{backend::Backend, error::Error, sql::Syntax};

/// The statements of a text, of which none has run yet.
///
/// # Errors
/// If a comment or a quote has no end, a statement ends the transaction that the migration is, or foreign keys are turned off for
/// statements that cannot run in a transaction.
pub(crate) fn statements<'t>(backend: &'static dyn Backend, text: &'t str, file: &str) -> Result<Vec<&'t str>, Error> {
    let syntax = Syntax::of(backend.dialect().name());
    let refused = |problem: String| Error::Migrations(format!("{file} was not run: {problem}"));
    syntax.check_closed(text).map_err(|error| refused(error.to_string()))?;
    let statements = syntax.statements(text);
    if let Some(sql) = statements.iter().find(|sql| is_about_transactions(&words(syntax, sql))) {
        return Err(refused(format!(
            "`{}` begins or ends a transaction, and a migration is one already: remove the statement",
            syntax.without_layout(sql)
        )));
    }
    let outside = statements.iter().find(|sql| backend.is_outside_of_transactions(sql));
    let around = statements.iter().find(|sql| backend.is_about_the_whole(sql));
    if let (Some(outside), Some(around)) = (outside, around) {
        return Err(refused(format!(
            "`{}` is for a whole transaction, and `{}` cannot run in one: move one of them to a migration of its own",
            syntax.without_layout(around),
            syntax.without_layout(outside)
        )));
    }
    Ok(statements)
}

fn words(syntax: Syntax, sql: &str) -> Vec<String> {
    syntax.without_layout(sql).to_ascii_lowercase().split(' ').map(str::to_owned).collect()
}

/// Whether a statement of these words begins or ends a transaction. Going back to a savepoint does not.
pub(crate) fn is_about_transactions(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["begin" | "commit" | "end" | "abort", ..] | ["start" | "prepare", "transaction", ..] => true,
        ["rollback", ..] => !words.contains(&"to"),
        _ => false,
    }
}
