//! A check is checked while nobody may read.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "add-check",
    message: "all rows are checked while nobody can use the table: add it `not valid`, and `validate` it by a statement of its own",
    lock: Some("AccessExclusive"),
    example: "alter table t add constraint c check (b > 0)",
    is_met: |words| words.alters_existing() && words.has("add") && words.has("check (") && !words.has("not valid"),
};
