//! All rows of a table are changed at once.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "update-all",
    message: "all rows are changed in one transaction, which keeps them locked until it ends: change them in batches",
    lock: Some("RowExclusive"),
    example: "update t set b = 1",
    is_met: |words| (words.begins("update") || words.begins("delete from")) && !words.has("where"),
};
