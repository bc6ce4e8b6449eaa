//! Rows are read for NULLs while nobody may read them.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "set-not-null",
    message: "all rows are read while nobody can use the table: add a check that the column is not null, `not valid`, and `validate` it before",
    lock: Some("AccessExclusive"),
    example: "alter table t alter column a set not null",
    is_met: |words| words.alters_existing() && words.has("set not null"),
};
