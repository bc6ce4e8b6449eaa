//! A table or column gets another name.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "rename",
    message: "programs that know the old name fail from now on",
    lock: Some("AccessExclusive"),
    example: "alter table t rename column b to d",
    is_met: |words| words.alters_existing() && (words.has("rename column") || words.has("rename to")),
};
