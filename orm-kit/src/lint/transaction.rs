//! A statement about transactions in a migration, which is one.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "transaction",
    message: "a migration is a transaction already: what this statement ends would not be undone if a later one fails",
    lock: None,
    example: "begin",
    is_met: |words| {
        matches!(words.all().first().map(String::as_str), Some("begin" | "commit" | "rollback" | "end"))
            || words.begins("start transaction")
    },
};
