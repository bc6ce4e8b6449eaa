//! A foreign key is checked while nobody may write.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "add-foreign-key",
    message: "all rows are checked while nobody can write to either table: add it `not valid`, and `validate` it by a statement of its own",
    lock: Some("ShareRowExclusive"),
    example: "alter table t add constraint f foreign key (b) references u (id)",
    is_met: |words| words.alters_existing() && words.has("foreign key") && !words.has("not valid"),
};
