//! What can go wrong, and the exit code of each.

use std::path::PathBuf;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A database could not be reached, or a statement failed before anything was planned.
    #[error(transparent)]
    Database(#[from] orm_core::error::Error),
    /// The database refused a statement.
    #[error("{doing}: {problem}\n{sql}")]
    Statement {
        /// What was being done.
        doing: String,
        /// The database's message.
        problem: String,
        /// The code of the error: `23505`, or SQLite's number.
        code: Option<String>,
        /// The statement.
        sql: String,
    },
    /// A snapshot could not be read.
    #[error("reading `{file}`: {problem}")]
    Snapshot {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A file could not be read or written.
    #[error("{doing} `{}`", path.display())]
    File {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// A migration that was planned does not do what it should. Nothing was written.
    #[error("the planned migration was tried on a shadow database and {problem}")]
    Unproved {
        /// What happened instead.
        problem: String,
    },
    /// The migrations in the folder do not fit the database, or each other.
    #[error("{0}")]
    Migrations(String),
    /// Another process is migrating.
    #[error("another process{} is migrating, and did not finish within {waited:?}", holder.as_ref().map(|pid| format!(" (server process {pid})")).unwrap_or_default())]
    Locked {
        /// The process of the server that holds the lock, if the database tells.
        holder: Option<String>,
        /// How long was waited.
        waited: std::time::Duration,
    },
    /// Something only the person who changed the schema knows.
    #[error("{} no answer:\n{}", if questions.len() == 1 { "a question has" } else { "some questions have" }, crate::question::list(questions))]
    Questions {
        /// The questions.
        questions: Vec<crate::question::Question>,
    },
    /// What was asked for would lose data, or is not done to such a database.
    #[error("{0}")]
    Refused(String),
    /// The command cannot be understood.
    #[error("{0}")]
    Usage(String),
}

impl Error {
    pub(crate) fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { doing, path, source }
    }

    /// The same, told as part of something else.
    pub(crate) fn doing(mut self, what: String) -> Self {
        if let Self::Statement { doing, .. } = &mut self {
            *doing = what;
        }
        self
    }

    /// The exit code of a command that ends with this: 4 for open questions, 5 for what is refused, 1 for the rest.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Questions { .. } => 4,
            Self::Refused(_) => 5,
            _ => 1,
        }
    }
}

/// A number of things in words: `1 row`, `2 rows`.
pub(crate) fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}
