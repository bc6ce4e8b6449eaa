//! A table is dropped.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "drop-table",
    message: "programs that use the table fail from now on, and its content is gone",
    lock: Some("AccessExclusive"),
    example: "drop table t",
    is_met: |words| words.begins("drop table"),
};
