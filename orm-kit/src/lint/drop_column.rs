//! A column is dropped.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "drop-column",
    message: "programs that read the column fail from now on, and its content is gone",
    lock: Some("AccessExclusive"),
    example: "alter table t drop column b",
    is_met: |words| words.alters_existing() && words.has("drop column"),
};
