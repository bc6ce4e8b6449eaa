//! A new column whose value differs from row to row.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "rewriting-column",
    message: "every row gets a value of its own, so the table is written anew while nobody can use it: add the column without it, and fill it in batches",
    lock: Some("AccessExclusive"),
    example: "alter table t add column d uuid default gen_random_uuid()",
    is_met: |words| {
        words.alters_existing()
            && words.has("add column")
            && [
                "gen_random_uuid",
                "random",
                "clock_timestamp",
                "nextval",
                "serial",
                "bigserial",
                "smallserial",
                "identity",
                "stored",
            ]
            .iter()
            .any(|word| words.has(word))
    },
};
