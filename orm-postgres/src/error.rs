//! PostgreSQL's errors in terms that are the same on every database.

use std::time::Duration;

use orm_core::{
    error::{DatabaseError, Error, ErrorKind, Violation},
    types::EncodeError,
};
use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::{connect::POOLER, encode::Mismatch};

/// Why there is no answer, or not the one that was hoped for.
#[derive(Debug)]
pub(crate) enum Fault {
    Driver(tokio_postgres::Error),
    /// The schema changed after the statement was prepared.
    Stale(tokio_postgres::Error),
    /// The server said nothing for this long.
    Silence(Duration),
    /// Nothing was sent.
    Refused(Error),
}

impl From<tokio_postgres::Error> for Fault {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Driver(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// What a fault says about the connection.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// The server is done with the statement.
    Answered,
    /// The server does not know of the statement.
    NotSent,
    /// The connection is over.
    Ended,
    /// The server may be at work, but nothing that is sent or received from here on can be relied on.
    Lost,
}

impl Fault {
    pub(crate) fn verdict(&self) -> Verdict {
        match self {
            Self::Refused(_) => Verdict::NotSent,
            Self::Stale(_) => Verdict::Answered,
            Self::Driver(error) if is_not_encoded(error) || is_mismatch(error) => Verdict::NotSent,
            Self::Driver(error) if kind(error) == ErrorKind::ConnectionLost => Verdict::Ended,
            Self::Driver(error) if error.as_db_error().is_some() => Verdict::Answered,
            // What came over the connection is not what a server says.
            Self::Driver(_) | Self::Silence(_) => Verdict::Lost,
        }
    }

    /// Whether a statement may have failed because the schema changed after it was prepared. One that was prepared before,
    /// and is found to be wrong when its values arrive, was right once.
    pub(crate) fn is_stale(&self, was_kept: bool) -> bool {
        match self {
            Self::Driver(error) => {
                error.as_db_error().is_some_and(|error| is_stale(error) || (was_kept && is_about_names(error)))
            }
            _ => false,
        }
    }

    pub(crate) fn into_stale(self) -> Self {
        match self {
            Self::Driver(error) => Self::Stale(error),
            other => other,
        }
    }
}

/// Whether something is wrong with a statement itself, or with what it refers to: the number of a type that is gone is an
/// internal error.
fn is_about_names(error: &DbError) -> bool {
    error.code().code().starts_with("42") || *error.code() == SqlState::INTERNAL_ERROR
}

fn is_not_encoded(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<EncodeError>())
}

fn is_mismatch(error: &tokio_postgres::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<Mismatch>())
}

/// A statement that failed, with its words and its text; or a value that was not sent.
pub(crate) fn failed(fault: impl Into<Fault>, operation: String, sql: &str) -> Error {
    let fault = fault.into();
    let is_stale = matches!(fault, Fault::Stale(_));
    let error = match fault {
        Fault::Driver(error) | Fault::Stale(error) => error,
        Fault::Refused(error) => return error,
        Fault::Silence(time) => {
            let source = format!("the server did not answer within {time:?}");
            let kind = ErrorKind::ConnectionLost;
            return Error::Database(Box::new(DatabaseError::new(operation, kind, sql.to_owned(), source.into())));
        }
    };
    if is_not_encoded(&error) {
        let source = error.into_source().and_then(|source| source.downcast().ok());
        return Error::Encode { operation, source: *source.expect("the source is one that was not encoded") };
    }
    let kind = if is_stale { ErrorKind::StalePlan } else { kind(&error) };
    let mut named = DatabaseError::new(operation, kind, sql.to_owned(), Box::new(Summary::of(&error)));
    if let Some(db) = error.as_db_error() {
        named.code = Some(db.code().code().to_owned());
        named.violation = violation(db);
    }
    Error::Database(Box::new(named))
}

/// What the server says in its first line. Its details can show values of rows, so they are left out.
#[derive(Debug)]
pub(crate) struct Summary(String);

impl Summary {
    pub(crate) fn of(error: &tokio_postgres::Error) -> Self {
        Self(match error.as_db_error() {
            Some(db) => {
                let mut text = summary(db.message(), db.code().code());
                let is_about_names = [SqlState::INVALID_SQL_STATEMENT_NAME, SqlState::DUPLICATE_PSTATEMENT];
                if is_about_names.contains(db.code()) {
                    text.push_str(POOLER);
                }
                text
            }
            None => match std::error::Error::source(error) {
                Some(cause) => format!("{error}: {cause}"),
                None => error.to_string(),
            },
        })
    }
}

/// The message, unless it can be one like `invalid input syntax for type integer: "secret"`, in whose translations other
/// quotes stand. That of `raise` in a trigger says what the author of the trigger wants it to say.
fn summary(message: &str, code: &str) -> String {
    if code.starts_with("22") && (message.contains('"') || !message.is_ascii()) {
        format!("the message is left out, for it can contain values ({code})")
    } else {
        format!("{message} ({code})")
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
        SqlState::NUMERIC_VALUE_OUT_OF_RANGE
        | SqlState::DATETIME_FIELD_OVERFLOW
        | SqlState::INTERVAL_FIELD_OVERFLOW => ErrorKind::OutOfRange,
        SqlState::CHARACTER_NOT_IN_REPERTOIRE | SqlState::UNTRANSLATABLE_CHARACTER => ErrorKind::InvalidText,
        SqlState::DISK_FULL | SqlState::SEQUENCE_GENERATOR_LIMIT_EXCEEDED => ErrorKind::Full,
        SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => ErrorKind::Corrupt,
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

/// The columns of `Key (a, "B c")=(1, 2) already exists.`, named as in a statement. Keys that are expressions are left
/// out.
fn key_columns(detail: &str) -> Vec<String> {
    let keys = detail.split_once('(').map_or("", |(_, rest)| rest);
    let mut columns = Vec::new();
    let (mut depth, mut quote, mut start) = (0_usize, None, 0);
    for (at, char) in keys.char_indices() {
        match (quote, char) {
            // A doubled quote ends the name and begins it again.
            (Some(open), _) => quote = (char != open).then_some(open),
            (None, '"' | '\'') => quote = Some(char),
            (None, '(') => depth += 1,
            (None, ')' | ',') if depth == 0 => {
                columns.extend(column_name(keys[start..at].trim_start()));
                start = at + 1;
                if char == ')' {
                    break;
                }
            }
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
    }
    columns
}

/// The name in a key, unless it is an expression.
fn column_name(key: &str) -> Option<String> {
    if let Some(quoted) = key.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        let name = quoted.replace("\"\"", "\"");
        return (quoted.len() - name.len() == name.matches('"').count()).then_some(name);
    }
    let is_plain = key.chars().all(|char| char.is_alphanumeric() || matches!(char, '_' | '$'));
    (is_plain && !key.is_empty()).then(|| key.to_owned())
}

/// The columns of `Key (a, b)=(1, 2) is not present in table "t".`, where names are as they are. Where a row is still
/// referred to, the detail names columns of the other table.
fn referring_columns(detail: &str) -> Vec<String> {
    let keys = detail.strip_prefix("Key (").filter(|_| detail.contains(" is not present in table "));
    let keys = keys.and_then(|rest| rest.split_once(")=("));
    keys.map_or_else(Vec::new, |(names, _)| names.split(", ").map(str::to_owned).collect())
}

/// Whether a table changed after a statement was prepared, or the statement is gone. The message of the first is
/// translated, but not the name of the function that reports it.
fn is_stale(error: &DbError) -> bool {
    match *error.code() {
        SqlState::FEATURE_NOT_SUPPORTED => error.routine() == Some("RevalidateCachedQuery"),
        SqlState::INVALID_SQL_STATEMENT_NAME => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_a_unique_key_are_read_from_the_detail() {
        let check = |detail: &str, expected: &[&str]| assert_eq!(key_columns(detail), expected, "{detail}");
        check("Key (email)=(a@b.c) already exists.", &["email"]);
        check(r#"Key (a, "B c")=(1, 2) already exists."#, &["a", "B c"]);
        check(r#"Key ("a, b", "c)=(d", "say ""x""")=(1, 2, 3) already exists."#, &["a, b", "c)=(d", "say \"x\""]);
        check("Schlüssel »(größe)=(1)« existiert bereits.", &["größe"]);
        check(r#"Key (lower(name), b, ("A" || ')'::text), "x" + "y")=(1, 2, 3, 4) already exists."#, &["b"]);
        check("something else", &[]);
    }

    #[test]
    fn the_columns_of_a_foreign_key_are_those_of_the_row_that_refers() {
        let check = |detail: &str, expected: &[&str]| assert_eq!(referring_columns(detail), expected, "{detail}");
        check(r#"Key (author_id)=(1) is not present in table "users"."#, &["author_id"]);
        check(r#"Key (street, number)=(x, 1) is not present in table "shops"."#, &["street", "number"]);
        check(r#"Key (id)=(1) is still referenced from table "posts"."#, &[]);
        check("something else", &[]);
    }

    #[test]
    fn messages_with_values_are_left_out() {
        assert_eq!(summary("division by zero", "22012"), "division by zero (22012)");
        assert_eq!(
            summary(r#"relation "users" does not exist"#, "42P01"),
            r#"relation "users" does not exist (42P01)"#
        );
        assert!(!summary("ungültige Eingabesyntax für Typ integer: »secret«", "22P02").contains("secret"));
        assert_eq!(
            summary(r#"invalid input syntax for type integer: "secret""#, "22P02"),
            "the message is left out, for it can contain values (22P02)"
        );
    }

    #[test]
    fn codes_have_kinds() {
        let check = |code: &str, expected| assert_eq!(kind_of(&SqlState::from_code(code), None), expected, "{code}");
        check("23505", ErrorKind::UniqueViolation);
        check("23503", ErrorKind::ForeignKeyViolation);
        check("23001", ErrorKind::ForeignKeyViolation);
        check("23502", ErrorKind::NotNullViolation);
        check("23514", ErrorKind::CheckViolation);
        check("22001", ErrorKind::CheckViolation);
        check("40001", ErrorKind::SerializationFailure);
        check("40P01", ErrorKind::Deadlock);
        check("55P03", ErrorKind::Busy);
        check("57014", ErrorKind::Interrupted);
        check("25006", ErrorKind::ReadOnly);
        check("53100", ErrorKind::Full);
        check("2200H", ErrorKind::Full);
        check("XX001", ErrorKind::Corrupt);
        check("08006", ErrorKind::ConnectionLost);
        check("42P01", ErrorKind::InvalidStatement);
        check("54001", ErrorKind::TooLarge);
        check("22003", ErrorKind::OutOfRange);
        check("22008", ErrorKind::OutOfRange);
        check("22021", ErrorKind::InvalidText);
        check("22P05", ErrorKind::InvalidText);
        check("22012", ErrorKind::Other);
        let fatal = |code| kind_of(&SqlState::from_code(code), Some(Severity::Fatal));
        assert_eq!(fatal("57P01"), ErrorKind::ConnectionLost);
        assert_eq!(fatal("25P03"), ErrorKind::ConnectionLost);
        assert_eq!(kind_of(&SqlState::from_code("57P01"), Some(Severity::Error)), ErrorKind::Other);
    }
}
