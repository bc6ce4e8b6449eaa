//! A table is written anew for another type.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "change-type",
    message: "the table and its indexes are written anew while nobody can use them, unless the types are stored alike",
    lock: Some("AccessExclusive"),
    example: "alter table t alter column b type bigint",
    is_met: |words| words.alters_existing() && words.has("alter column _ type"),
};
