//! A statement about transactions in a migration, which is one.

use super::Rule;
use crate::apply::parse::is_about_transactions;

pub(super) const RULE: Rule = Rule {
    name: "transaction",
    message: "a migration is a transaction already: what this statement ends would not be undone if a later one fails",
    lock: None,
    example: "begin",
    is_met: |words| is_about_transactions(words.all()),
};
