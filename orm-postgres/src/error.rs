//! PostgreSQL's errors in terms that are the same on every database.

use orm_core::{
    error::{DatabaseError, Error, ErrorKind, Violation},
    types::EncodeError,
};
use tokio_postgres::error::{DbError, Severity, SqlState};

/// A statement that failed, with its words and its text; or a value that was not sent.
pub(crate) fn failed(error: tokio_postgres::Error, operation: String, sql: &str) -> Error {
    if std::error::Error::source(&error).is_some_and(|source| source.is::<EncodeError>())
        && let Some(source) = error.into_source()
        && let Ok(source) = source.downcast::<EncodeError>()
    {
        return Error::Encode { operation, source: *source };
    }
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

/// A statement that is refused here, because the protocol cannot carry it.
pub(crate) fn refused(kind: ErrorKind, problem: &'static str, operation: String, sql: &str) -> Error {
    Error::Database(Box::new(DatabaseError::new(operation, kind, sql.to_owned(), problem.into())))
}

fn kind(error: &tokio_postgres::Error) -> ErrorKind {
    match error.as_db_error() {
        Some(db) => kind_of(db.code(), db.parsed_severity()),
        None if error.is_closed() => ErrorKind::ConnectionLost,
        None => ErrorKind::Other,
    }
}

/// See <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn kind_of(code: &SqlState, severity: Option<Severity>) -> ErrorKind {
    match *code {
        SqlState::UNIQUE_VIOLATION => ErrorKind::UniqueViolation,
        SqlState::FOREIGN_KEY_VIOLATION | SqlState::RESTRICT_VIOLATION => ErrorKind::ForeignKeyViolation,
        SqlState::NOT_NULL_VIOLATION => ErrorKind::NotNullViolation,
        // A text that is longer than its column. Where there is no such type, a check says so.
        SqlState::CHECK_VIOLATION | SqlState::STRING_DATA_RIGHT_TRUNCATION => ErrorKind::CheckViolation,
        SqlState::T_R_SERIALIZATION_FAILURE => ErrorKind::SerializationFailure,
        SqlState::T_R_DEADLOCK_DETECTED => ErrorKind::Deadlock,
        SqlState::LOCK_NOT_AVAILABLE => ErrorKind::Busy,
        SqlState::QUERY_CANCELED => ErrorKind::Interrupted,
        SqlState::READ_ONLY_SQL_TRANSACTION => ErrorKind::ReadOnly,
        SqlState::DISK_FULL | SqlState::SEQUENCE_GENERATOR_LIMIT_EXCEEDED => ErrorKind::Full,
        SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => ErrorKind::Corrupt,
        SqlState::FEATURE_NOT_SUPPORTED => ErrorKind::Unsupported,
        // The server ends the connection after such an error.
        _ if matches!(severity, Some(Severity::Fatal | Severity::Panic)) => ErrorKind::ConnectionLost,
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
    let columns = match (error.column(), error.detail()) {
        (Some(column), _) => vec![column.to_owned()],
        (None, Some(detail)) if *error.code() == SqlState::UNIQUE_VIOLATION => key_columns(detail),
        (None, Some(detail)) if *error.code() == SqlState::FOREIGN_KEY_VIOLATION => referring_columns(detail),
        _ => Vec::new(),
    };
    (constraint.is_some() || !columns.is_empty()).then(|| Violation::new(constraint, table, columns))
}

/// The columns of `Key (a, "B c")=(1, 2) already exists.`, where names are quoted as they would be in a statement. Keys
/// that are expressions are left out.
fn key_columns(detail: &str) -> Vec<String> {
    let mut columns = Vec::new();
    let mut rest = detail.split_once('(').map_or("", |(_, rest)| rest);
    loop {
        let (name, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => rest.split_at(rest.find(|char: char| !(char.is_alphanumeric() || "_$".contains(char))).unwrap_or(0)),
        }
        .into();
        let (name, after): (String, &str) = (name, after);
        if after.starts_with(", ") || after.starts_with(")=(") {
            columns.push(name);
        }
        match end_of_key(after) {
            Some(next) => rest = next,
            None => return columns,
        }
    }
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
