//! A unique constraint builds its index while nobody may read.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "add-unique",
    message: "an index is built while nobody can use the table: build a unique index with `concurrently`, and add the constraint `using index`",
    lock: Some("AccessExclusive"),
    example: "alter table t add constraint q unique (b)",
    is_met: |words| {
        words.alters_existing()
            && words.has("add")
            && !words.has("add column")
            && !words.has("using index")
            && (words.has("unique") || words.has("primary key"))
    },
};
