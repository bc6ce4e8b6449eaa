//! What only a person knows: whether a column was renamed, or what rows that exist get in a new one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Something a schema does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Question {
    /// Something is gone and something of the same kind is new: is it the same under another name?
    Renamed {
        /// The new table (`people`) or column (`people.full_name`).
        of: String,
        /// What it may have been called.
        candidates: Vec<String>,
    },
    /// A column takes no NULL and has no default: what do rows that exist get?
    Backfill {
        /// The column: `people.age`.
        of: String,
    },
}

/// The answers to questions, as given in a file, by options, or at a prompt.
///
/// ```
/// use orm_kit::question::Answers;
///
/// let answers: Answers = serde_json::from_str(r#"{
///     "renamed": {"people": "users", "people.full_name": "name", "people.age": null},
///     "backfill": {"people.age": "0"}
/// }"#)?;
/// assert_eq!(answers.renamed["people"].as_deref(), Some("users"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// What a new table or column was called before; `None` if it is new.
    #[serde(default)]
    pub renamed: BTreeMap<String, Option<String>>,
    /// The SQL expression whose value rows that exist get.
    #[serde(default)]
    pub backfill: BTreeMap<String, String>,
    /// The SQL expression that makes a column's new value of the old one: for another type, or for a label that is gone.
    #[serde(default)]
    pub using: BTreeMap<String, String>,
}

impl std::fmt::Display for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Renamed { of, candidates } => {
                let candidates: Vec<String> = candidates.iter().map(|name| format!("`{name}`")).collect();
                write!(f, "is `{of}` new, or renamed from {}?", candidates.join(" or "))
            }
            Self::Backfill { of } => {
                write!(f, "`{of}` takes no NULL and has no default: which value do rows that exist get?")
            }
        }
    }
}

pub(crate) fn list(questions: &[Question]) -> String {
    questions.iter().map(|question| format!("  {question}")).collect::<Vec<_>>().join("\n")
}
