//! What can go wrong, told the same way on every database.

use std::{borrow::Cow, fmt};

use crate::{
    ast,
    expr::Column,
    table::{ColumnDef, Table},
    types::{DecodeError, DecodeFault, EncodeError},
};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The error of every operation.
///
/// The message says what was attempted; the cause is in [`source`](std::error::Error::source). Neither ever shows a
/// bound value. [`kind`](Error::kind) is the same on every database.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// `one` found no row.
    NotFound {
        /// The table that was read.
        table: &'static str,
    },
    /// `one` and `optional` found more than one row.
    MultipleRows {
        /// The table that was read.
        table: &'static str,
    },
    /// A stored value did not fit the Rust type it was read as.
    Decode {
        /// The table, or `expression` for a computed column.
        table: Cow<'static, str>,
        /// The column, or its position for a computed one.
        column: Cow<'static, str>,
        /// The type of the column.
        sql_type: Cow<'static, str>,
        /// The Rust type.
        rust_type: &'static str,
        /// Why it did not fit.
        source: DecodeFault,
    },
    /// A value could not be sent.
    Encode {
        /// The statement, in words.
        operation: String,
        /// Why it could not be sent.
        source: EncodeError,
    },
    /// The filter of an update or delete turned out empty at run time; the statement was not sent.
    EmptyFilter {
        /// The statement, in words.
        operation: String,
    },
    /// The changes of an update turned out empty at run time; the statement was not sent.
    NothingToSet {
        /// The statement, in words.
        operation: String,
    },
    /// A `distinct` query is ordered by something it does not give; the statement was not sent.
    DistinctOrder {
        /// The statement, in words.
        operation: String,
    },
    /// The database does not have this feature.
    Unsupported {
        /// The feature.
        feature: Cow<'static, str>,
        /// The database.
        dialect: &'static str,
    },
    /// The database could not be opened.
    Open {
        /// The file or the server, without secrets.
        name: String,
        /// The kind of the failure.
        kind: ErrorKind,
        /// The driver's error.
        source: BoxError,
    },
    /// The connection broke while a commit was under way: whether the transaction is committed is not known.
    CommitUnknown {
        /// What became of the connection.
        source: Box<Error>,
    },
    /// A join has no condition, because it turned out absent at run time; the statement was not sent.
    EmptyJoin {
        /// The table that was to be joined.
        table: &'static str,
    },
    /// A row that a relation to exactly one row leads to is not there: the database does not enforce the key.
    NotRelated {
        /// The table of the row that has the relation.
        table: &'static str,
        /// The relation.
        relation: &'static str,
    },
    /// A relation of a table to itself was followed to the end, and leads from a row back to it.
    Cycle {
        /// The table.
        table: &'static str,
        /// The relation.
        relation: &'static str,
    },
    /// No connection of a pool became free in time.
    PoolTimeout {
        /// The greatest number of connections.
        size: usize,
        /// How many callers wait.
        waiting: usize,
        /// How long this one waited.
        waited: std::time::Duration,
    },
    /// The connection was used while a transaction on it is open.
    TransactionOpen,
    /// The database refused a statement.
    Database(Box<DatabaseError>),
}

// Written by hand: a derive would make every application build one more parser of Rust.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { table, .. } => {
                write!(f, "no row of `{table}` matches")
            }
            Self::MultipleRows { table, .. } => {
                write!(f, "more than one row of `{table}` matches")
            }
            Self::Decode { column, sql_type, table, rust_type, .. } => {
                write!(f, "decoding column `{column}` ({sql_type}) of `{table}` as `{rust_type}`")
            }
            Self::Encode { operation, .. } => {
                write!(f, "binding the values of {operation}")
            }
            Self::EmptyFilter { operation, .. } => {
                write!(f, "{operation} has an empty filter; write `.all_rows()` if every row is meant")
            }
            Self::NothingToSet { operation, .. } => {
                write!(f, "{operation} changes nothing: every field of the changes is `None`")
            }
            Self::DistinctOrder { operation, .. } => {
                write!(f, "{operation} is distinct and ordered by something that is not among its columns")
            }
            Self::Unsupported { dialect, feature, .. } => {
                write!(f, "{dialect} does not have {feature}")
            }
            Self::Open { name, .. } => {
                write!(f, "opening the database `{name}`")
            }
            Self::NotRelated { table, relation } => {
                write!(f, "the row that `{relation}` of a row of `{table}` leads to is not there")
            }
            Self::Cycle { table, relation } => {
                write!(
                    f,
                    "following `{relation}` of `{table}` leads from a row back to it; say how far with `.depth(..)`"
                )
            }
            Self::PoolTimeout { waited, size, waiting, .. } => {
                write!(
                    f,
                    "no connection became free within {waited:?}: all {size} are in use and {waiting} callers wait"
                )
            }
            Self::CommitUnknown { .. } => {
                f.write_str("the connection was lost during a commit: whether it took place is not known")
            }
            Self::EmptyJoin { table } => {
                write!(
                    f,
                    "the join of `{table}` has no condition; write `.cross_join` if every row with every row is meant"
                )
            }
            Self::TransactionOpen => {
                write!(f, "the connection is inside a transaction: use the transaction's handle until it ends")
            }
            Self::Database(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Decode { source, .. } => Some(source),
            Self::Encode { source, .. } => Some(source),
            Self::Open { source, .. } => Some(&**source),
            Self::CommitUnknown { source } => Some(source),
            Self::Database(error) => error.source(),
            _ => None,
        }
    }
}

/// A statement that the database refused.
#[derive(Debug)]
#[non_exhaustive]
pub struct DatabaseError {
    /// The statement, in words.
    pub operation: String,
    /// What went wrong.
    pub kind: ErrorKind,
    /// The constraint that was violated.
    pub violation: Option<Violation>,
    /// The database's own code: an SQLSTATE, or an extended SQLite result code.
    pub code: Option<String>,
    /// The text of the statement, with placeholders.
    pub sql: String,
    /// The driver's error.
    pub source: BoxError,
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.kind)?;
        let Some(violation) = &self.violation else { return Ok(()) };
        match (&violation.table, &violation.constraint) {
            (Some(table), _) if !violation.columns.is_empty() => {
                write!(f, " ({table}.{})", violation.columns.join(", "))
            }
            (_, Some(constraint)) => write!(f, " (`{constraint}`)"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for DatabaseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.source)
    }
}

impl DatabaseError {
    /// A refused statement.
    pub fn new(operation: String, kind: ErrorKind, sql: String, source: BoxError) -> Self {
        Self { operation, kind, violation: None, code: None, sql, source }
    }
}

/// Which constraint a row violates, as far as the database says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Violation {
    /// The name of the constraint. SQLite names checks only.
    pub constraint: Option<String>,
    /// The table.
    pub table: Option<String>,
    /// The columns. SQLite does not say them for foreign keys and checks.
    pub columns: Vec<String>,
}

impl Violation {
    /// A violation of which nothing is known yet.
    pub fn new(constraint: Option<String>, table: Option<String>, columns: Vec<String>) -> Self {
        Self { constraint, table, columns }
    }
}

/// What went wrong, in terms that are the same on every database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// No row was found where one was expected.
    NotFound,
    /// Several rows were found where one was expected.
    MultipleRows,
    /// A row with the same unique key exists.
    UniqueViolation,
    /// The row referred to does not exist, or the row is still referred to.
    ForeignKeyViolation,
    /// NULL in a column that does not take it.
    NotNullViolation,
    /// A check condition is not met.
    CheckViolation,
    /// The transaction conflicts with another one and can be tried again.
    SerializationFailure,
    /// Transactions wait for each other; this one was ended and can be tried again.
    Deadlock,
    /// A table changed after the statement was prepared. Outside of transactions it is prepared again without a word; a
    /// transaction can be tried again as a whole.
    StalePlan,
    /// The database stayed locked by another connection for longer than the busy timeout.
    Busy,
    /// The statement was ended before it was done.
    Interrupted,
    /// The database or connection is read-only.
    ReadOnly,
    /// The disk is full.
    Full,
    /// The database file is damaged.
    Corrupt,
    /// The file is not a database.
    NotADatabase,
    /// The file or server cannot be reached or opened.
    CannotOpen,
    /// A value or statement is longer than the database takes.
    TooLarge,
    /// A number or a time that the statement computes does not fit its type.
    OutOfRange,
    /// The server cannot convert a text between the encoding of the database and UTF-8, in which texts travel.
    InvalidText,
    /// The statement is not valid: an unknown table or column, for example.
    InvalidStatement,
    /// A value could not be read.
    Decode,
    /// A value could not be sent.
    Encode,
    /// A statement was not sent because it would have been one of all rows, or of none.
    Refused,
    /// The database lacks a feature.
    Unsupported,
    /// The connection is in use by a transaction.
    TransactionOpen,
    /// The connection to the server broke.
    ConnectionLost,
    /// The connection broke while a commit was under way.
    CommitUnknown,
    /// No connection of a pool became free in time.
    PoolTimeout,
    /// Anything else.
    Other,
}

impl ErrorKind {
    /// A name for machines, in spans and metrics for example: `unique_violation`.
    ///
    /// ```
    /// assert_eq!(orm::ErrorKind::UniqueViolation.name(), "unique_violation");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::MultipleRows => "multiple_rows",
            Self::UniqueViolation => "unique_violation",
            Self::ForeignKeyViolation => "foreign_key_violation",
            Self::NotNullViolation => "not_null_violation",
            Self::CheckViolation => "check_violation",
            Self::SerializationFailure => "serialization_failure",
            Self::Deadlock => "deadlock",
            Self::StalePlan => "stale_plan",
            Self::OutOfRange => "out_of_range",
            Self::InvalidText => "invalid_text",
            Self::Busy => "busy",
            Self::Interrupted => "interrupted",
            Self::ReadOnly => "read_only",
            Self::Full => "full",
            Self::Corrupt => "corrupt",
            Self::NotADatabase => "not_a_database",
            Self::CannotOpen => "cannot_open",
            Self::TooLarge => "too_large",
            Self::InvalidStatement => "invalid_statement",
            Self::Decode => "decode",
            Self::Encode => "encode",
            Self::Refused => "refused",
            Self::Unsupported => "unsupported",
            Self::TransactionOpen => "transaction_open",
            Self::ConnectionLost => "connection_lost",
            Self::CommitUnknown => "commit_unknown",
            Self::PoolTimeout => "pool_timeout",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "no row matches",
            Self::MultipleRows => "more than one row matches",
            Self::UniqueViolation => "a row with the same unique key exists",
            Self::ForeignKeyViolation => "a foreign key is violated",
            Self::NotNullViolation => "NULL in a column that does not take it",
            Self::CheckViolation => "a check is violated",
            Self::SerializationFailure => "the transaction conflicts with another one",
            Self::Deadlock => "transactions wait for each other",
            Self::StalePlan => "a table changed after the statement was prepared",
            Self::Busy => "the database is locked by another connection",
            Self::Interrupted => "the statement was interrupted",
            Self::ReadOnly => "the database is read-only",
            Self::Full => "the database or disk is full",
            Self::Corrupt => "the database file is damaged",
            Self::NotADatabase => "the file is not a database",
            Self::CannotOpen => "the database cannot be opened",
            Self::TooLarge => "a value or the statement is too large",
            Self::OutOfRange => "a computed value is out of the range of its type",
            Self::InvalidText => "a text is not valid in its encoding, or has characters the other one lacks",
            Self::InvalidStatement => "the statement is not valid in this database",
            Self::Decode => "a value could not be read",
            Self::Encode => "a value could not be sent",
            Self::Refused => "the statement was not sent",
            Self::Unsupported => "the database lacks a feature",
            Self::TransactionOpen => "a transaction is open",
            Self::CommitUnknown => "the connection was lost during a commit",
            Self::ConnectionLost => "the connection to the database was lost",
            Self::PoolTimeout => "no connection became free in time",
            Self::Other => "the database reported an error",
        })
    }
}

impl Error {
    /// What went wrong, the same on every database.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let error = User::insert().values(NewUser::new(4, "anna@example.com", "Ann")).execute(&db).unwrap_err();
    /// assert_eq!(error.kind(), orm::ErrorKind::UniqueViolation);
    /// assert_eq!(User::find(99).one(&db).unwrap_err().kind(), orm::ErrorKind::NotFound);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound { .. } | Self::NotRelated { .. } => ErrorKind::NotFound,
            Self::MultipleRows { .. } => ErrorKind::MultipleRows,
            Self::Decode { source: DecodeFault::Overflow, .. } => ErrorKind::OutOfRange,
            Self::Decode { .. } => ErrorKind::Decode,
            Self::Encode { source: EncodeError::TooLarge { .. }, .. } => ErrorKind::TooLarge,
            Self::Encode { .. } => ErrorKind::Encode,
            Self::EmptyFilter { .. }
            | Self::NothingToSet { .. }
            | Self::DistinctOrder { .. }
            | Self::EmptyJoin { .. }
            | Self::Cycle { .. } => ErrorKind::Refused,
            Self::Unsupported { .. } => ErrorKind::Unsupported,
            Self::Open { kind, .. } => *kind,
            Self::PoolTimeout { .. } => ErrorKind::PoolTimeout,
            Self::CommitUnknown { .. } => ErrorKind::CommitUnknown,
            Self::TransactionOpen => ErrorKind::TransactionOpen,
            Self::Database(error) => error.kind,
        }
    }

    /// The database's own code, if it gave one: an SQLSTATE on PostgreSQL, an extended result code on SQLite.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let error = User::insert().values(NewUser::new(4, "anna@example.com", "Ann")).execute(&db).unwrap_err();
    /// assert_eq!(error.code(), Some("2067"));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Database(error) => error.code.as_deref(),
            Self::CommitUnknown { source } => source.code(),
            _ => None,
        }
    }

    /// The constraint that was violated, if one was.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let error = User::insert().values(NewUser::new(4, "anna@example.com", "Ann")).execute(&db).unwrap_err();
    /// let violation = error.violation().expect("a violated constraint");
    /// assert_eq!((violation.table.as_deref(), violation.columns.as_slice()), (Some("users"), &["email".to_owned()][..]));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn violation(&self) -> Option<&Violation> {
        match self {
            Self::Database(error) => error.violation.as_ref(),
            _ => None,
        }
    }

    /// The text of the statement, with placeholders, if the database refused one.
    ///
    /// Never its values.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let error = User::insert().values(NewUser::new(4, "anna@example.com", "Ann")).execute(&db).unwrap_err();
    /// assert_eq!(
    ///     error.sql(),
    ///     Some(r#"insert into "users" ("id", "email", "name", "age") values (?1, ?2, ?3, ?4)"#)
    /// );
    /// assert!(!error.to_string().contains("anna@example.com"));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn sql(&self) -> Option<&str> {
        match self {
            Self::Database(error) => Some(&error.sql),
            _ => None,
        }
    }

    /// Whether the error is a violated constraint on this column: a unique key it is part of, a check on it, NOT NULL
    /// or a foreign key. SQLite does not say which columns a foreign key or a check is about; the answer is no then.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let error = User::insert().values(NewUser::new(4, "anna@example.com", "Ann")).execute(&db).unwrap_err();
    /// assert!(error.violates(User::email));
    /// assert!(!error.violates(User::id));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn violates<C: ColumnDef, S>(&self, _column: Column<C, S>) -> bool {
        self.violation().is_some_and(|violation| {
            violation.table.as_deref() == Some(<C::Table as Table>::NAME)
                && violation.columns.iter().any(|column| column == C::NAME)
        })
    }

    /// Whether the error is a violated check of this name, which is the one it has in the schema on every database:
    /// `check(stock_is_left = "stock >= 0")`.
    ///
    /// ```
    /// use orm::prelude::*;
    ///
    /// #[derive(Table)]
    /// #[table(check(stock_is_left = "stock >= 0"))]
    /// struct Product {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     stock: i64,
    /// }
    /// schema! { fn schema() = [Product] }
    ///
    /// let db = orm::sqlite::Connection::open_in_memory()?;
    /// db.create_all(&schema())?;
    /// let error = Product::insert().values(NewProduct::new(1, -1)).execute(&db).unwrap_err();
    /// assert!(error.violates_check("stock_is_left"));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn violates_check(&self, name: &str) -> bool {
        self.kind() == ErrorKind::CheckViolation
            && self.violation().is_some_and(|violation| violation.constraint.as_deref() == Some(name))
    }

    /// Names the column a value was read from.
    #[cold]
    pub fn decode(error: DecodeError, statement: &ast::Statement) -> Self {
        let [table, column, sql_type] = crate::row::origin(statement, error.index());
        let is_computed = !matches!(statement.columns().get(error.index()), Some(ast::Expr::Column { .. }));
        let rust_type = error.rust_type();
        // PostgreSQL refuses to compute what does not fit; SQLite goes on with more bits, or with a float.
        let source = match error.into_fault() {
            DecodeFault::OutOfRange | DecodeFault::Float if is_computed => DecodeFault::Overflow,
            fault => fault,
        };
        Self::Decode { table, column, sql_type, rust_type, source }
    }
}
