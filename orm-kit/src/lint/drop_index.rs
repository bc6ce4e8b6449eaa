//! An index is dropped while nobody may read.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "drop-index",
    message: "nobody can use the table while the index is dropped, and waits behind who waits for that: drop it with `concurrently`",
    lock: Some("AccessExclusive"),
    example: "drop index old",
    is_met: |words| words.begins("drop index") && !words.has("concurrently"),
};
