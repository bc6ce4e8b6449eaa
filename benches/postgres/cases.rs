//! What is measured.

mod load;
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
        Entry::of::<load::Few>(),
        Entry::of::<load::FewWithoutTransaction>(),
        Entry::of::<load::Many>(),
        Entry::of::<load::ManyWithoutTransaction>(),
        Entry::of::<write::Insert>(),
        Entry::of::<write::UpdateByKey>(),
        Entry::of::<write::Transaction>(),
        Entry::of::<write::InsertValues>(),
        Entry::of::<write::InsertUnnest>(),
    ]
}
