//! What is measured.

mod read;
mod write;

use crate::case::Entry;

/// All cases, in the order of the table.
pub fn all() -> Vec<Entry> {
    vec![
        Entry::of::<read::FindByKey>(),
        Entry::of::<read::HundredRows>(),
        Entry::of::<read::AllRows>(),
        Entry::of::<read::Joined>(),
        Entry::of::<write::Insert>(),
        Entry::of::<write::UpdateByKey>(),
        Entry::of::<write::Transaction>(),
        Entry::of::<write::InsertValues>(),
        Entry::of::<write::InsertUnnest>(),
    ]
}
