//! PostgreSQL's errors in terms that are the same on every database.

use orm_core::error::{DatabaseError, Error, ErrorKind, Violation};
use tokio_postgres::error::{DbError, SqlState};

/// A statement that failed, with its words and its text.
pub(crate) fn failed(error: tokio_postgres::Error, operation: String, sql: &str) -> Error {
    let mut named = DatabaseError::new(operation, kind(&error), sql.to_owned(), Box::new(Summary::of(&error)));
    if let Some(db) = error.as_db_error() {
        named.code = Some(db.code().code().to_owned());
        named.violation = violation(db);
    }
    Error::Database(Box::new(named))
}

/// The server could not be reached, or did not let us in.
pub(crate) fn not_connected(error: &tokio_postgres::Error, name: String) -> Error {
    Error::Open { name, kind: ErrorKind::CannotOpen, source: Box::new(Summary::of(error)) }
}

/// What the server says in its first line. Its details can show values of rows, so they are left out.
#[derive(Debug)]
struct Summary(String);

impl Summary {
    fn of(error: &tokio_postgres::Error) -> Self {
        Self(match error.as_db_error() {
            Some(db) => format!("{} ({})", db.message(), db.code().code()),
            None => match std::error::Error::source(error) {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            },
        })
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Summary {}

fn kind(error: &tokio_postgres::Error) -> ErrorKind {
    let Some(code) = error.code() else {
        return if error.is_closed() { ErrorKind::ConnectionLost } else { ErrorKind::Other };
    };
    match *code {
        SqlState::UNIQUE_VIOLATION => ErrorKind::UniqueViolation,
        SqlState::FOREIGN_KEY_VIOLATION => ErrorKind::ForeignKeyViolation,
        SqlState::NOT_NULL_VIOLATION => ErrorKind::NotNullViolation,
        SqlState::CHECK_VIOLATION => ErrorKind::CheckViolation,
        SqlState::T_R_SERIALIZATION_FAILURE => ErrorKind::SerializationFailure,
        SqlState::T_R_DEADLOCK_DETECTED => ErrorKind::Deadlock,
        SqlState::LOCK_NOT_AVAILABLE => ErrorKind::Busy,
        SqlState::QUERY_CANCELED => ErrorKind::Interrupted,
        SqlState::READ_ONLY_SQL_TRANSACTION => ErrorKind::ReadOnly,
        SqlState::DISK_FULL => ErrorKind::Full,
        SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN => ErrorKind::ConnectionLost,
        _ => match &code.code()[..2] {
            "08" => ErrorKind::ConnectionLost,
            "42" => ErrorKind::InvalidStatement,
            "54" => ErrorKind::TooLarge,
            _ => ErrorKind::Other,
        },
    }
}

fn violation(error: &DbError) -> Option<Violation> {
    let constraint = error.constraint().map(str::to_owned);
    let table = error.table().map(str::to_owned);
    let columns: Vec<String> = match error.column() {
        Some(column) => vec![column.to_owned()],
        None => error.detail().map(key_columns).unwrap_or_default(),
    };
    (constraint.is_some() || !columns.is_empty()).then(|| Violation::new(constraint, table, columns))
}

/// The columns of `Key (a, b)=(1, 2) already exists.`
fn key_columns(detail: &str) -> Vec<String> {
    let columns = detail.strip_prefix("Key (").and_then(|rest| rest.split_once(")=("));
    let columns = columns.map(|(columns, _)| columns).unwrap_or_default();
    columns.split(", ").filter(|name| !name.is_empty()).map(|name| name.trim_matches('"').to_owned()).collect()
}

/// Whether a statement failed because a table it was prepared for has changed since, or because it is gone.
pub(crate) fn is_stale(error: &tokio_postgres::Error) -> bool {
    match error.as_db_error() {
        Some(db) if *db.code() == SqlState::FEATURE_NOT_SUPPORTED => db.routine() == Some("RevalidateCachedQuery"),
        Some(db) => *db.code() == SqlState::INVALID_SQL_STATEMENT_NAME,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_a_key_are_read_from_the_detail() {
        assert_eq!(key_columns("Key (email)=(a@b.c) already exists."), ["email"]);
        assert_eq!(key_columns(r#"Key (a, "B c")=(1, 2) already exists."#), ["a", "B c"]);
        assert_eq!(key_columns("something else"), Vec::<String>::new());
    }
}
