//! A table made anew, which is how SQLite changes what `alter table` cannot. See "Making Other Kinds Of Table Schema Changes" in
//! <https://www.sqlite.org/lang_altertable.html>.
//!
//! The caller turns foreign keys off before, because dropping the old table would delete what refers to it, and legacy renaming
//! on, so that what others say of the table stays.

use orm_core::ddl::{ident, quote_text};

use crate::{
    ddl,
    model::{Column, Object, Table},
    plan::Step,
    question::Answers,
};

pub(super) fn rebuild(from: &Table, to: &Table, triggers: &[&Object], answers: &Answers) -> Vec<Step> {
    let dialect = &orm_sqlite::Sqlite;
    let new_name = format!("__orm_new_{}", to.name);
    let (old, new) = (ident(dialect, &from.name), ident(dialect, &new_name));
    let mut steps = vec![
        Step::new(ddl::create_table_named(&new_name, to, dialect, &[]))
            .comment(format!("table `{}` is made anew", to.name)),
        copy(from, to, &old, &new, answers),
    ];
    if is_numbered(from) && is_numbered(to) {
        // What was deleted is not numbered again: the greatest number there ever was is kept here.
        steps.push(Step::new(format!(
            "insert into sqlite_sequence (name, seq) select {0}, 0 where not exists \
             (select 1 from sqlite_sequence where name = {0})",
            quote_text(&new_name)
        )));
        steps.push(Step::new(format!(
            "update sqlite_sequence set seq = max(seq, coalesce((select seq from sqlite_sequence where name = {}), 0)) \
             where name = {}",
            quote_text(&from.name),
            quote_text(&new_name)
        )));
    }
    // Indexes go with the table. Those that are not to come back are named, because what is not named is kept.
    let is_gone = |name: &str| !to.indexes.iter().any(|index| index.name == name);
    let gone = from.indexes.iter().filter(|index| is_gone(&index.name));
    steps.extend(gone.map(|index| Step::new(format!("drop index {}", ident(dialect, &index.name)))));
    let mut drop = Step::new(format!("drop table {old}"));
    for column in from.columns.iter().filter(|column| column.generated.is_none()) {
        if to.column(&column.name).is_none_or(|kept| kept.generated.is_some()) {
            drop = drop.loses(format!("{}.{}", to.name, column.name)).breaks();
        }
    }
    steps.push(drop);
    steps.push(Step::new(format!("alter table {new} rename to {}", ident(dialect, &to.name))));
    steps.extend(to.indexes.iter().map(|index| Step::new(ddl::create_index(&to.name, index, dialect))));
    steps.extend(triggers.iter().map(|trigger| Step::new(trigger.text())));
    steps
}

fn is_numbered(table: &Table) -> bool {
    table.columns.iter().any(|column| column.identity.is_some())
}

fn copy(from: &Table, to: &Table, old: &str, new: &str, answers: &Answers) -> Step {
    let dialect = &orm_sqlite::Sqlite;
    let mut columns = Vec::new();
    let mut values = Vec::new();
    // Full-text indexes of other tables know rows by it.
    if let Some(rowid) = hidden_rowid(from, to) {
        columns.push(rowid.to_owned());
        values.push(rowid.to_owned());
    }
    let mut may_fail = from.checks != to.checks || from.uniques != to.uniques || from.key() != to.key();
    for column in to.columns.iter().filter(|column| column.generated.is_none()) {
        let backfill = answers.backfill.get(&format!("{}.{}", to.name, column.name));
        let name = ident(dialect, &column.name);
        let using = answers.using.get(&format!("{}.{}", to.name, column.name));
        let value = match (from.column(&column.name), backfill) {
            (Some(before), backfill) => {
                may_fail |= using.is_none() && is_stricter(before, column);
                let value = using.map_or_else(|| name.clone(), |using| format!("({using})"));
                // What was said of rows without a value is about the day on which NULL is refused, and no other.
                match backfill.filter(|_| before.nullable && !column.nullable) {
                    Some(backfill) => format!("coalesce({value}, {backfill})"),
                    None => value,
                }
            }
            (None, Some(backfill)) => format!("({backfill})"),
            // What was the hidden number of a row becomes its key.
            (None, None) if is_rowid(to, column) && !from.without_rowid => "rowid".to_owned(),
            // The default of the new table fills it.
            (None, None) => continue,
        };
        columns.push(name);
        values.push(value);
    }
    let is_changed =
        |column: &&Column| from.column(&column.name).is_some_and(|before| is_lossy((before, from), (column, to)));
    let lossy = to.columns.iter().filter(is_changed);
    let lossy: Vec<String> = lossy.map(|column| format!("{}.{}", to.name, column.name)).collect();
    let step = if columns.is_empty() {
        // Nothing is left of the rows but their number.
        Step::new(format!("insert into {new} ({0}) select {0} from {old}", "rowid"))
    } else {
        Step::new(format!("insert into {new} ({}) select {} from {old}", columns.join(", "), values.join(", ")))
    };
    let step = lossy.into_iter().fold(step, Step::loses);
    if may_fail { step.may_fail() } else { step }
}

/// Whether a column is another name of the row id.
fn is_rowid(table: &Table, column: &Column) -> bool {
    !table.without_rowid && table.key() == [column.name.clone()] && column.sql_type.eq_ignore_ascii_case("integer")
}

fn is_stricter(from: &Column, to: &Column) -> bool {
    from.nullable && !to.nullable || from.sql_type != to.sql_type || from.collation != to.collation
}

/// What a column makes of the values that are put into it. See
/// <https://www.sqlite.org/datatype3.html#determination_of_column_affinity>.
#[derive(PartialEq, Eq)]
enum Affinity {
    /// Integers stay integers, and texts that are numbers become numbers.
    Number,
    /// All numbers become floating-point numbers.
    Real,
    Text,
    /// Everything stays as it is.
    Nothing,
}

fn affinity(column: &Column, table: &Table) -> Affinity {
    let name = column.sql_type.to_ascii_lowercase();
    let has = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
    if has(&["int"]) {
        Affinity::Number
    } else if has(&["char", "clob", "text"]) {
        Affinity::Text
    } else if name.is_empty() || has(&["blob"]) || table.strict && name == "any" {
        Affinity::Nothing
    } else if has(&["real", "floa", "doub"]) {
        Affinity::Real
    } else {
        Affinity::Number
    }
}

/// Whether what is stored would be changed without a word: `007` becomes 7 in a column of numbers, and 9007199254740993 is even in one
/// of floating-point numbers.
fn is_lossy((from, before): (&Column, &Table), (to, after): (&Column, &Table)) -> bool {
    let target = affinity(to, after);
    let keeps = matches!(target, Affinity::Text | Affinity::Nothing) || target == affinity(from, before);
    !keeps && from.generated.is_none() && to.generated.is_none()
}

/// A name of the row id, if both tables have one that is no column.
fn hidden_rowid(from: &Table, to: &Table) -> Option<&'static str> {
    let has_hidden =
        |table: &Table| !table.without_rowid && !table.columns.iter().any(|column| is_rowid(table, column));
    let is_column =
        |name: &str| from.columns.iter().chain(&to.columns).any(|column| column.name.eq_ignore_ascii_case(name));
    let is_kept = has_hidden(from) && has_hidden(to);
    ["rowid", "_rowid_", "oid"].into_iter().find(|name| is_kept && !is_column(name))
}
