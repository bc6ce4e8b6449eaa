//! What is measured.

mod filter;
mod load;
mod read;
mod write;

use crate::case::Entry;

/// All cases, in the order of the table.
pub fn all() -> Vec<Entry> {
    vec![
        Entry::of::<read::FindByKey>(),
        Entry::of::<read::FindByText>(),
        Entry::of::<read::HundredRows>(),
        Entry::of::<read::AllRows>(),
        Entry::of::<read::Joined>(),
        Entry::of::<filter::HundredKeys>(),
        Entry::of::<filter::OptionalFilters>(),
        Entry::of::<filter::Analyzed>(),
        Entry::of::<load::Few>(),
        Entry::of::<load::FewWithoutTransaction>(),
        Entry::of::<load::Many>(),
        Entry::of::<load::ManyWithoutTransaction>(),
        Entry::of::<write::Insert>(),
        Entry::of::<write::InsertLoop>(),
        Entry::of::<write::InsertMany>(),
        Entry::of::<write::InsertManyIndexed>(),
        Entry::of::<write::UpdateByKey>(),
    ]
}
