//! Edits the text of a `create table` statement, word by word: what is not changed stays as it was written.

use std::{cmp::Reverse, ops::Range};

use super::{
    clause::{self, Clause, Item, Kind},
    parse,
    text::Words,
};
use crate::{
    change::TableChange,
    ddl,
    diff::diff,
    model::{Column, ForeignKey, GeneratedStorage, Model, Table},
    sql::{Syntax, TokenKind},
};

/// Whether rows are stored in the same way before and after a change, so that it can be made by an edit.
pub(super) fn is_editable(change: &TableChange) -> bool {
    match change {
        TableChange::ChangeColumn { from, to } => {
            let (nullable, default, comment) = (to.nullable, to.default.clone(), to.comment.clone());
            let (sql_type, renamed_from) = (to.sql_type.clone(), to.renamed_from.clone());
            let same = Column { nullable, default, comment, sql_type, renamed_from, ..from.clone() };
            same == *to && from.sql_type.eq_ignore_ascii_case(&to.sql_type)
        }
        TableChange::AddCheck(_)
        | TableChange::DropCheck(_)
        | TableChange::AddForeignKey(_)
        | TableChange::DropForeignKey(_)
        | TableChange::CreateIndex(_)
        | TableChange::DropIndex(_)
        | TableChange::RenameIndex { .. }
        | TableChange::Comment(_) => true,
        _ => false,
    }
}

/// The text with changes made that can be, if it is certain that rows are stored in the same way afterwards.
pub(super) fn edit(text: &str, to: &Table, changes: &[TableChange]) -> Option<String> {
    let dialect = &orm_sqlite::Sqlite;
    let mut edits = Edits {
        text,
        items: clause::items(text).0,
        cuts: Vec::new(),
        additions: Vec::new(),
        constraints: String::new(),
    };
    for change in changes {
        match change {
            TableChange::ChangeColumn { from, to } => edits.change_column(from, to)?,
            TableChange::DropCheck(check) => {
                edits
                    .cut(|it| it.name == check.name && matches!(&it.kind, Kind::Check(it) if *it == check.condition))?;
            }
            TableChange::DropForeignKey(key) => {
                edits.cut(|it| matches!(&it.kind, Kind::ForeignKey(it) if is_same(it, key)))?;
            }
            TableChange::AddCheck(check) => edits.add_constraint(&ddl::check(check, dialect)),
            TableChange::AddForeignKey(key) => edits.add_constraint(&ddl::foreign_key(key, dialect)),
            // Those are statements of their own, and comments are not stored.
            _ => {}
        }
    }
    let new = edits.made();
    (is_same_store(text, &new) && leads_to(&new, to)).then_some(new)
}

/// Whether a text is that of a table.
pub(super) fn leads_to(text: &str, table: &Table) -> bool {
    let mut read = parse::table(&table.name, text);
    read.indexes.clone_from(&table.indexes);
    read.comment.clone_from(&table.comment);
    for key in read.foreign_keys.iter_mut().filter(|key| key.references.is_empty()) {
        if let Some(same) = table.foreign_keys.iter().find(|it| is_same(key, it)) {
            key.references.clone_from(&same.references);
        }
    }
    let model = |table: Table| Model { tables: vec![table], ..Model::default() };
    diff(&model(read), &model(table.clone()), &super::Sqlite).is_empty()
}

/// Whether rows are stored in the same way with either text: all is the same but what can be edited.
pub(super) fn is_same_store(one: &str, other: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let items = clause::items(text).0;
        let is_editable = |clause: &&Clause| {
            matches!(clause.kind, Kind::Null { .. } | Kind::Default(_) | Kind::Check(_) | Kind::ForeignKey(_))
        };
        let edited: Vec<Range<usize>> =
            items.iter().flat_map(|item| &item.clauses).filter(is_editable).map(|it| it.span.clone()).collect();
        let start = items.first().map_or(0, |item| item.span.start);
        let is_kept = |at: usize| at >= start && !edited.iter().any(|span| span.contains(&at));
        Words::new(text).all().filter(|(at, word)| is_kept(*at) && word != ",").map(|(_, word)| word).collect()
    };
    words(one) == words(other)
}

/// Whether they are the same, of which the first may refer to the primary key without naming it.
fn is_same(text: &ForeignKey, key: &ForeignKey) -> bool {
    let references = if text.references.is_empty() { &key.references } else { &text.references };
    ForeignKey { references: references.clone(), ..text.clone() } == *key
}

struct Edits<'s> {
    text: &'s str,
    items: Vec<Item>,
    /// The item and the clause of each that goes.
    cuts: Vec<(usize, usize)>,
    /// What columns get, each at its place.
    additions: Vec<(usize, String)>,
    /// What the table gets, after all columns.
    constraints: String,
}

impl Edits<'_> {
    fn add_constraint(&mut self, clause: &str) {
        self.constraints.push_str(&format!(",\n    {clause}"));
    }

    /// Has the first clause go that is such a one and does not go already.
    fn cut(&mut self, is_it: impl Fn(&Clause) -> bool) -> Option<()> {
        let all = self.items.iter().enumerate().flat_map(|(item, it)| (0..it.clauses.len()).map(move |at| (item, at)));
        let found = all
            .into_iter()
            .find(|(item, at)| !self.cuts.contains(&(*item, *at)) && is_it(&self.items[*item].clauses[*at]))?;
        self.cuts.push(found);
        Some(())
    }

    fn change_column(&mut self, from: &Column, to: &Column) -> Option<()> {
        let is_it = |item: &Item| matches!(&item.column, Some((name, _)) if *name == to.name);
        let at = self.items.iter().position(is_it)?;
        let (start, end) = (self.items[at].span.start, self.items[at].span.end);
        let of_column = |item: &Item, is_it: fn(&Kind) -> bool| -> Vec<(usize, usize)> {
            let clauses = item.clauses.iter().enumerate().filter(|(_, clause)| is_it(&clause.kind));
            clauses.map(|(clause, _)| (at, clause)).collect()
        };
        if from.nullable != to.nullable {
            self.cuts.extend(of_column(&self.items[at], |kind| matches!(kind, Kind::Null { .. })));
            if !to.nullable {
                self.additions.push((end, " not null".to_owned()));
            }
        }
        if from.default != to.default {
            // A row that is older than its column has no value there, and reads as what the default is. SQLite writes a column that
            // is added later on the line of the one before it.
            if self.text[..start].ends_with(", ") || !self.was_there_at_first(at) {
                return None;
            }
            self.cuts.extend(of_column(&self.items[at], |kind| matches!(kind, Kind::Default(_))));
            if let Some(default) = &to.default {
                self.additions.push((end, format!(" default {default}")));
            }
        }
        Some(())
    }

    /// Whether a column is as old as its table: it or one after it is such as cannot be added later.
    fn was_there_at_first(&self, at: usize) -> bool {
        let is_first = |item: &Item| {
            let has = |is_it: fn(&Kind) -> bool| item.clauses.iter().any(|clause| is_it(&clause.kind));
            has(|kind| matches!(kind, Kind::PrimaryKey { .. } | Kind::Unique(_)))
                || has(|kind| matches!(kind, Kind::Generated(it) if it.storage == GeneratedStorage::Stored))
                || has(|kind| matches!(kind, Kind::Null { is_allowed: false }))
                    && !has(|kind| matches!(kind, Kind::Default(_)))
        };
        self.items[at..].iter().any(|item| item.column.is_some() && is_first(item))
    }

    fn made(self) -> String {
        let mut edits: Vec<(Range<usize>, &str)> = Vec::new();
        for (number, item) in self.items.iter().enumerate() {
            let goes = |clause: &usize| self.cuts.contains(&(number, *clause));
            if item.column.is_none() && (0..item.clauses.len()).all(|clause| goes(&clause)) {
                // With the comma before it: a table begins with a column.
                let before = number.checked_sub(1).map_or(item.span.start, |before| self.items[before].span.end);
                edits.push((before..item.span.end, ""));
                continue;
            }
            for clause in (0..item.clauses.len()).filter(goes) {
                let span = &item.clauses[clause].span;
                let before = &self.text[item.span.start..span.start];
                let mut words = Syntax::Sqlite.tokens(before);
                words.retain(|word| word.kind != TokenKind::Comment);
                let start = item.span.start + words.last().map_or(0, |word| word.span.end);
                edits.push((start..span.end, ""));
            }
        }
        // Of what is added at one place, the constraints of the table come last.
        let end = self.items.last().map_or(self.text.len(), |item| item.span.end);
        edits.push((end..end, &self.constraints));
        edits.extend(self.additions.iter().map(|(at, text)| (*at..*at, text.as_str())));
        // From the end on, so that places stay what they are, and what goes before what comes.
        edits.sort_by_key(|(span, _)| Reverse(span.start));
        let mut text = self.text.to_owned();
        for (span, new) in edits {
            text.replace_range(span, new);
        }
        text
    }
}
