//! A new column that rows that exist have no value for.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "add-required-column",
    message: "the statement fails as soon as the table has a row: give the column a default, or add it nullable and fill it",
    lock: None,
    example: "alter table t add column d int not null",
    is_met: |words| {
        words.alters_existing()
            && words.has("add column")
            && words.has("not null")
            && !words.has("default")
            && !words.has("generated")
    },
};
