//! An index is built while nobody may write.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "create-index",
    message: "nobody can write to the table until the index is built: build it with `concurrently`",
    lock: Some("Share"),
    example: "create index i on t (b)",
    is_met: |words| {
        words.has("index _ on")
            && (words.begins("create index") || words.begins("create unique index"))
            && !words.has("concurrently")
            && words.is_on_existing("on")
    },
};
