//! The statements that carry out changes: each with a comment, and with what it may do to data and to programs that run.

use std::collections::BTreeMap;

use orm_core::{ddl::ident, dialect::Dialect};

pub use crate::rename::Rename;

/// A statement of a migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The statement.
    pub sql: String,
    /// What it is for, if that is not what it says.
    pub comment: Option<String>,
    /// What it does beside what it is for.
    pub classes: Vec<Class>,
}

/// What a statement does to data, and to programs and people that use the database meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Class {
    /// What is stored in this place is gone afterwards: `users.age`, or a table.
    LosesData(String),
    /// It fails if the rows that exist do not meet what is asked of them.
    MayFail,
    /// Programs that know the schema as it was fail.
    BreaksRunningCode,
}

/// The statements by which tables were made, where a table can be changed by editing them.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    /// What they are, by the tables' names.
    pub current: BTreeMap<String, String>,
    /// What they were in the schema that is planned for, if it was there before.
    pub earlier: BTreeMap<String, String>,
}

/// The statements of a migration, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// The statements.
    pub steps: Vec<Step>,
}

impl Step {
    /// A statement that does no harm.
    pub fn new(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), comment: None, classes: Vec::new() }
    }

    pub(crate) fn loses(mut self, what: impl Into<String>) -> Self {
        self.classes.push(Class::LosesData(what.into()));
        self
    }

    pub(crate) fn may_fail(mut self) -> Self {
        self.classes.push(Class::MayFail);
        self
    }

    pub(crate) fn breaks(mut self) -> Self {
        self.classes.push(Class::BreaksRunningCode);
        self
    }

    pub(crate) fn comment(mut self, comment: impl Into<String>) -> Self {
        self.comment = Some(comment.into());
        self
    }
}

/// The words before the name of what a statement loses, in a migration's file.
pub const LOSES: &str = "-- loses data: ";

impl Plan {
    /// The text of a migration's file: each statement with its classes as comments before it.
    pub fn to_sql(&self) -> String {
        let mut text = String::new();
        for step in &self.steps {
            for line in step.comment.iter().flat_map(|comment| comment.lines()) {
                text.push_str(&format!("-- {line}\n"));
            }
            for class in &step.classes {
                text.push_str(&match class {
                    Class::LosesData(what) => format!("{LOSES}{what}\n"),
                    Class::MayFail => "-- may fail on rows that exist\n".to_owned(),
                    Class::BreaksRunningCode => "-- breaks programs that know the schema as it was\n".to_owned(),
                });
            }
            text.push_str(step.sql.trim_end());
            text.push_str(";\n\n");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }

    /// What is gone afterwards.
    pub fn losses(&self) -> Vec<String> {
        losses(&self.to_sql())
    }
}

/// What a migration's file says is gone afterwards.
pub fn losses(sql: &str) -> Vec<String> {
    sql.lines().filter_map(|line| line.strip_prefix(LOSES)).map(|what| what.trim().to_owned()).collect()
}

/// The statement that renames a table or column.
pub fn rename(rename: &Rename, dialect: &dyn Dialect) -> Step {
    let ident = |name: &str| ident(dialect, name);
    Step::new(match rename {
        Rename::Table { from, to } => format!("alter table {} rename to {}", ident(from), ident(to)),
        Rename::Column { table, from, to } => {
            format!("alter table {} rename column {} to {}", ident(table), ident(from), ident(to))
        }
    })
    .breaks()
}
