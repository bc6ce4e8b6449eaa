//! More tables are emptied than are named.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "truncate",
    message: "tables that refer to this one are emptied too",
    lock: Some("AccessExclusive"),
    example: "truncate t cascade",
    is_met: |words| words.begins("truncate") && words.has("cascade"),
};
