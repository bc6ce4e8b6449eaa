//! Runs migrations.

/// Whether a table is the kit's own, which no schema has.
pub(crate) fn is_own_table(name: &str) -> bool {
    name.starts_with("_orm_")
}
