//! A name that is cut.

use super::Rule;

pub(super) const RULE: Rule = Rule {
    name: "long-identifier",
    message: "PostgreSQL cuts names after 63 bytes, without an error",
    lock: None,
    example: "create table \"a_name_that_is_longer_than_the_sixty_three_bytes_that_the_server_keeps\" (id int)",
    is_met: |words| words.all().iter().any(|word| word.trim_matches('"').len() > 63 && !word.contains('\'')),
};
