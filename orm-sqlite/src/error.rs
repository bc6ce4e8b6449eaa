//! SQLite's result codes and messages, as the errors that are the same on every database.

use std::ffi::c_int;

use orm_core::error::{DatabaseError, Error, ErrorKind, Violation};
use rusqlite::ffi;

/// A call that SQLite refused.
#[derive(Debug)]
pub(crate) struct Failure {
    code: c_int,
    message: Option<String>,
    phase: Phase,
}

/// What was being done with a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Only its text was known, so a message cannot contain values.
    Preparing,
    /// It ran with its values.
    Running,
}

impl Failure {
    #[cold]
    pub(crate) fn new(code: c_int, message: Option<String>, phase: Phase) -> Self {
        Self { code, message, phase }
    }

    /// A statement that is not sent.
    #[cold]
    pub(crate) fn invalid(message: &str) -> Self {
        Self::new(ffi::SQLITE_ERROR, Some(message.to_owned()), Phase::Preparing)
    }

    /// What `rusqlite` reports of a call that takes no values.
    #[cold]
    pub(crate) fn from_driver(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(error, message) => Self::new(error.extended_code, message, Phase::Preparing),
            rusqlite::Error::SqlInputError { error, msg, .. } => {
                Self::new(error.extended_code, Some(msg), Phase::Preparing)
            }
            other => Self::invalid(&other.to_string()),
        }
    }

    /// The error of a statement in a transaction that SQLite rolled back because of an error of this kind.
    #[cold]
    pub(crate) fn rolled_back(kind: ErrorKind) -> Error {
        let operation = "statement in a transaction that was rolled back when an earlier one failed".to_owned();
        let source = rusqlite::Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_ABORT_ROLLBACK),
            Some("the transaction was rolled back".to_owned()),
        );
        let mut error = DatabaseError::new(operation, kind, String::new(), Box::new(source));
        error.code = Some(ffi::SQLITE_ABORT_ROLLBACK.to_string());
        Error::Database(Box::new(error))
    }

    /// Whether the message may be about the text of the statement, which was prepared again to run it.
    pub(crate) fn is_generic(&self) -> bool {
        self.primary() == ffi::SQLITE_ERROR && self.phase == Phase::Running
    }

    /// What went wrong. See <https://www.sqlite.org/rescode.html>.
    pub(crate) fn kind(&self) -> ErrorKind {
        match self.code {
            // A read that has to become a write finds that another connection wrote since.
            ffi::SQLITE_BUSY_SNAPSHOT => return ErrorKind::SerializationFailure,
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
                return ErrorKind::UniqueViolation;
            }
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => return ErrorKind::ForeignKeyViolation,
            // `on delete restrict` and `on update restrict` are triggers to SQLite.
            ffi::SQLITE_CONSTRAINT_TRIGGER if self.message.as_deref() == Some("FOREIGN KEY constraint failed") => {
                return ErrorKind::ForeignKeyViolation;
            }
            ffi::SQLITE_CONSTRAINT_NOTNULL => return ErrorKind::NotNullViolation,
            // Values have the type of their column, so the float is what an integer became when it overflowed.
            ffi::SQLITE_CONSTRAINT_DATATYPE if self.starts_with("cannot store REAL value in INT") => {
                return ErrorKind::OutOfRange;
            }
            // A strict table checks the type of what it stores.
            ffi::SQLITE_CONSTRAINT_CHECK | ffi::SQLITE_CONSTRAINT_DATATYPE => return ErrorKind::CheckViolation,
            _ => {}
        }
        match self.primary() {
            ffi::SQLITE_ERROR if self.exceeds_a_limit() => ErrorKind::TooLarge,
            ffi::SQLITE_ERROR if self.message.as_deref() == Some("integer overflow") => ErrorKind::OutOfRange,
            ffi::SQLITE_ERROR if self.phase == Phase::Preparing => ErrorKind::InvalidStatement,
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => ErrorKind::Busy,
            ffi::SQLITE_INTERRUPT => ErrorKind::Interrupted,
            ffi::SQLITE_READONLY => ErrorKind::ReadOnly,
            ffi::SQLITE_FULL => ErrorKind::Full,
            ffi::SQLITE_CORRUPT => ErrorKind::Corrupt,
            ffi::SQLITE_NOTADB => ErrorKind::NotADatabase,
            ffi::SQLITE_CANTOPEN | ffi::SQLITE_PERM => ErrorKind::CannotOpen,
            ffi::SQLITE_TOOBIG => ErrorKind::TooLarge,
            _ => ErrorKind::Other,
        }
    }

    /// The error of a statement. `table` is the one the statement is about, if that is known.
    #[cold]
    pub(crate) fn into_error(self, operation: String, table: Option<&str>, sql: String) -> Error {
        let violation = self.violation(table);
        let code = self.code;
        let mut error = DatabaseError::new(operation, self.kind(), sql, Box::new(self.into_driver_error()));
        error.violation = violation;
        error.code = Some(code.to_string());
        Error::Database(Box::new(error))
    }

    /// The error of opening a database.
    #[cold]
    pub(crate) fn into_open_error(self, name: &str) -> Error {
        // There is no statement yet that could be invalid.
        let kind = match self.kind() {
            ErrorKind::InvalidStatement => ErrorKind::CannotOpen,
            kind => kind,
        };
        Error::Open { name: name.to_owned(), kind, source: Box::new(self.into_driver_error()) }
    }

    /// Whether the statement has more of something than SQLite takes. See <https://www.sqlite.org/limits.html>.
    fn exceeds_a_limit(&self) -> bool {
        let limits = [
            "variable number must be between",
            "too many ",
            "Expression tree is too large",
            "at most 64 tables in a join",
            "parser stack overflow",
            "LIKE or GLOB pattern too complex",
        ];
        limits.iter().any(|limit| self.starts_with(limit))
    }

    fn starts_with(&self, words: &str) -> bool {
        self.message.as_deref().is_some_and(|message| message.starts_with(words))
    }

    fn primary(&self) -> c_int {
        self.code & 0xff
    }

    fn into_driver_error(self) -> rusqlite::Error {
        let message = if self.is_free_of_values() { self.message } else { None };
        rusqlite::Error::SqliteFailure(ffi::Error::new(self.code), message)
    }

    /// Whether the message is one that cannot contain bound values, as "bad JSON path: 'secret'" would. A message of
    /// `raise()` in a trigger says what the author of the trigger wants it to say.
    fn is_free_of_values(&self) -> bool {
        let named = matches!(
            self.code,
            ffi::SQLITE_CONSTRAINT_UNIQUE
                | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                | ffi::SQLITE_CONSTRAINT_ROWID
                | ffi::SQLITE_CONSTRAINT_FOREIGNKEY
                | ffi::SQLITE_CONSTRAINT_NOTNULL
                | ffi::SQLITE_CONSTRAINT_CHECK
                | ffi::SQLITE_CONSTRAINT_DATATYPE
                | ffi::SQLITE_CONSTRAINT_TRIGGER
        );
        let fixed =
            ["integer overflow", "malformed JSON", "string or blob too big", "LIKE or GLOB pattern too complex"];
        self.phase == Phase::Preparing
            || named
            || self.message.as_deref().is_some_and(|message| fixed.contains(&message))
    }

    /// The constraint that a message like "UNIQUE constraint failed: users.email, users.name" names.
    fn violation(&self, table: Option<&str>) -> Option<Violation> {
        if self.primary() != ffi::SQLITE_CONSTRAINT {
            return None;
        }
        let message = self.message.as_deref().unwrap_or_default();
        if self.code == ffi::SQLITE_CONSTRAINT_DATATYPE {
            let column = message.rsplit_once(" column ").map(|(_, column)| column);
            return Some(column.map_or_else(Violation::default, |column| of_columns(column, table)));
        }
        let Some((_, subject)) = message.split_once(" constraint failed: ") else { return Some(Violation::default()) };
        Some(if self.code == ffi::SQLITE_CONSTRAINT_CHECK {
            Violation::new(Some(subject.to_owned()), None, Vec::new())
        } else if let Some(index) = subject.strip_prefix("index '") {
            // A unique index on expressions.
            let index = index.strip_suffix('\'').unwrap_or(index);
            Violation::new(Some(index.to_owned()), table.map(str::to_owned), Vec::new())
        } else {
            of_columns(subject, table)
        })
    }
}

/// `users.email, users.name`. Names are not quoted, so a table whose name has a point is only recognized if it is the
/// one the statement is about.
fn of_columns(subject: &str, table: Option<&str>) -> Violation {
    let known = table.filter(|table| subject.strip_prefix(table).is_some_and(|rest| rest.starts_with('.')));
    let Some(table) = known.or_else(|| subject.split_once('.').map(|(table, _)| table)) else {
        return Violation::default();
    };
    let columns = subject[table.len() + 1..].split(&format!(", {table}.")).map(str::to_owned).collect();
    Violation::new(None, Some(table.to_owned()), columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: c_int, message: &str, kind: ErrorKind, expected: Violation) {
        let failure = Failure::new(code, Some(message.to_owned()), Phase::Running);
        assert_eq!(failure.kind(), kind);
        let error = failure.into_error("insert into `users`".to_owned(), Some("users"), "insert …".to_owned());
        assert_eq!(error.violation(), Some(&expected));
    }

    fn columns(table: &str, columns: &[&str]) -> Violation {
        Violation::new(None, Some(table.to_owned()), columns.iter().map(|&column| column.to_owned()).collect())
    }

    #[test]
    fn constraints_are_named() {
        check(
            ffi::SQLITE_CONSTRAINT_UNIQUE,
            "UNIQUE constraint failed: users.email, users.a, b",
            ErrorKind::UniqueViolation,
            columns("users", &["email", "a, b"]),
        );
        check(
            ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
            "UNIQUE constraint failed: posts.id",
            ErrorKind::UniqueViolation,
            columns("posts", &["id"]),
        );
        check(
            ffi::SQLITE_CONSTRAINT_UNIQUE,
            "UNIQUE constraint failed: index 'users_expr_key'",
            ErrorKind::UniqueViolation,
            Violation::new(Some("users_expr_key".to_owned()), Some("users".to_owned()), Vec::new()),
        );
        check(
            ffi::SQLITE_CONSTRAINT_NOTNULL,
            "NOT NULL constraint failed: users.name",
            ErrorKind::NotNullViolation,
            columns("users", &["name"]),
        );
        check(
            ffi::SQLITE_CONSTRAINT_CHECK,
            "CHECK constraint failed: word_count",
            ErrorKind::CheckViolation,
            Violation::new(Some("word_count".to_owned()), None, Vec::new()),
        );
        check(
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY,
            "FOREIGN KEY constraint failed",
            ErrorKind::ForeignKeyViolation,
            Violation::default(),
        );
        check(
            ffi::SQLITE_CONSTRAINT_TRIGGER,
            "FOREIGN KEY constraint failed",
            ErrorKind::ForeignKeyViolation,
            Violation::default(),
        );
        check(
            ffi::SQLITE_CONSTRAINT_DATATYPE,
            "cannot store TEXT value in INTEGER column users.age",
            ErrorKind::CheckViolation,
            columns("users", &["age"]),
        );
    }

    #[test]
    fn an_overflow_is_out_of_range() {
        let check = |code, message: &str, expected| {
            assert_eq!(Failure::new(code, Some(message.to_owned()), Phase::Running).kind(), expected, "{message}");
        };
        let (error, datatype) = (ffi::SQLITE_ERROR, ffi::SQLITE_CONSTRAINT_DATATYPE);
        check(error, "integer overflow", ErrorKind::OutOfRange);
        check(datatype, "cannot store REAL value in INTEGER column users.age", ErrorKind::OutOfRange);
        check(datatype, "cannot store REAL value in TEXT column users.name", ErrorKind::CheckViolation);
    }

    #[test]
    fn a_table_whose_name_has_a_point_is_recognized() {
        assert_eq!(of_columns("a.b.c", Some("a.b")), columns("a.b", &["c"]));
        assert_eq!(of_columns("nothing", None), Violation::default());
    }

    #[test]
    fn messages_with_values_are_left_out() {
        let failure = |message: &str| Failure::new(ffi::SQLITE_ERROR, Some(message.to_owned()), Phase::Running);
        assert!(!failure("bad JSON path: 'canary'").into_driver_error().to_string().contains("canary"));
        assert_eq!(failure("integer overflow").into_driver_error().to_string(), "integer overflow");
    }
}
