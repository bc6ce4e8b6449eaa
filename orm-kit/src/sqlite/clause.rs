//! The clauses of a `create table` statement, each with its place in the text.

use std::ops::Range;

use super::text::Words;
use crate::model::{Deferrable, ForeignKey, ForeignKeyAction, Generated, GeneratedStorage};

/// A column, or constraints of the table: what stands between two commas.
#[derive(Debug)]
pub(super) struct Item {
    /// Where it is.
    pub(super) span: Range<usize>,
    /// The name and the type, if it is a column.
    pub(super) column: Option<(String, String)>,
    /// What is said of it.
    pub(super) clauses: Vec<Clause>,
}

/// What is said of a column or a table, with the name of the constraint before it.
#[derive(Debug)]
pub(super) struct Clause {
    /// Where it is.
    pub(super) span: Range<usize>,
    /// The name, if it is of a kind of which SQLite keeps it.
    pub(super) name: Option<String>,
    /// What it says.
    pub(super) kind: Kind,
}

/// What a clause says.
#[derive(Debug)]
pub(super) enum Kind {
    PrimaryKey {
        columns: Vec<String>,
        is_numbered: bool,
    },
    Unique(Vec<String>),
    Check(String),
    ForeignKey(ForeignKey),
    /// `null` or `not null`.
    Null {
        is_allowed: bool,
    },
    Autoincrement,
    Collate(String),
    Default(String),
    Generated(Generated),
    /// What SQLite passes over.
    Nothing,
}

/// The columns and constraints of a table, and the words that come after them.
pub(super) fn items(sql: &str) -> (Vec<Item>, Words<'_>) {
    let mut words = Words::new(sql);
    words.skip_to("(");
    let items = words.in_parentheses().items().into_iter().map(item).collect();
    (items, words)
}

fn item(mut words: Words<'_>) -> Item {
    let span = words.start()..words.last_end();
    if ["constraint", "primary", "unique", "check", "foreign"].iter().any(|word| words.is(word)) {
        return Item { span, column: None, clauses: clauses(words, None) };
    }
    let name = words.name();
    let mut sql_type: Vec<String> = Vec::new();
    while !words.is_at_end() && !starts_constraint(&words) {
        if words.is("(") {
            let arguments: Vec<String> = words.in_parentheses().items().into_iter().map(Words::expression).collect();
            let last = sql_type.pop().unwrap_or_default();
            sql_type.push(format!("{last}({})", arguments.join(", ")));
        } else {
            sql_type.push(words.name());
        }
    }
    let clauses = clauses(words, Some(&name));
    Item { span, column: Some((name, sql_type.join(" "))), clauses }
}

fn starts_constraint(words: &Words<'_>) -> bool {
    ["constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "generated", "as"]
        .iter()
        .any(|word| words.is(word))
}

/// Reads what is said of a column, or of a table.
fn clauses(mut words: Words<'_>, column: Option<&str>) -> Vec<Clause> {
    let mut clauses = Vec::new();
    while !words.is_at_end() {
        let start = words.start();
        let mut name = None;
        // Of several names, the last one counts.
        while words.take(&["constraint"]) {
            name = Some(words.name());
        }
        let kind = kind(&mut words, column, &mut name);
        if words.take(&["on", "conflict"]) {
            words.advance();
        }
        clauses.push(Clause { span: start..words.end(), name, kind });
    }
    clauses
}

fn kind(words: &mut Words<'_>, column: Option<&str>, name: &mut Option<String>) -> Kind {
    let own = |words: &mut Words<'_>| match column {
        Some(column) => vec![column.to_owned()],
        None => words.in_parentheses().names(),
    };
    if words.take(&["primary", "key"]) {
        let _ = words.take(&["asc"]) || words.take(&["desc"]);
        let (columns, is_numbered) = match column {
            Some(column) => (vec![column.to_owned()], false),
            None => key_columns(words.in_parentheses()),
        };
        Kind::PrimaryKey { columns, is_numbered }
    } else if words.take(&["unique"]) {
        Kind::Unique(own(words))
    } else if words.take(&["check"]) {
        Kind::Check(words.in_parentheses().expression())
    } else if words.is("references") || words.take(&["foreign", "key"]) {
        let columns = own(words);
        Kind::ForeignKey(foreign_key(words, name.clone(), columns))
    } else {
        // SQLite forgets the name of any other constraint.
        *name = None;
        property(words)
    }
}

fn property(words: &mut Words<'_>) -> Kind {
    if words.take(&["not", "null"]) {
        Kind::Null { is_allowed: false }
    } else if words.take(&["null"]) {
        Kind::Null { is_allowed: true }
    } else if words.take(&["autoincrement"]) {
        Kind::Autoincrement
    } else if words.take(&["collate"]) {
        Kind::Collate(words.name())
    } else if words.take(&["default"]) {
        Kind::Default(default(words))
    } else if words.take(&["generated", "always", "as"]) || words.take(&["as"]) {
        let expression = words.in_parentheses().expression();
        let storage = if words.take(&["stored"]) { GeneratedStorage::Stored } else { GeneratedStorage::Virtual };
        words.take(&["virtual"]);
        Kind::Generated(Generated { expression, storage })
    } else {
        words.advance();
        Kind::Nothing
    }
}

fn default(words: &mut Words<'_>) -> String {
    if words.is("(") {
        let inner = words.in_parentheses();
        // A value means the same in parentheses and without.
        return inner.value().unwrap_or_else(|| format!("({})", inner.expression()));
    }
    let mut text = String::new();
    if words.is("-") || words.is("+") {
        text.push_str(if words.is("-") { "-" } else { "" });
        words.advance();
    }
    text.push_str(words.text());
    words.advance();
    text
}

/// The columns of a table's primary key, and whether the only one is numbered: `primary key (id autoincrement)`.
fn key_columns(words: Words<'_>) -> (Vec<String>, bool) {
    let mut items = words.items();
    let is_numbered = items.last_mut().is_some_and(|item| item.pop("autoincrement"));
    (items.iter_mut().map(Words::name).collect(), is_numbered)
}

fn foreign_key(words: &mut Words<'_>, name: Option<String>, columns: Vec<String>) -> ForeignKey {
    words.take(&["references"]);
    let mut key = ForeignKey {
        name,
        columns,
        table: words.name(),
        references: Vec::new(),
        on_delete: ForeignKeyAction::NoAction,
        on_update: ForeignKeyAction::NoAction,
        deferrable: Deferrable::No,
    };
    if words.is("(") {
        key.references = words.in_parentheses().names();
    }
    loop {
        if words.take(&["on", "delete"]) {
            key.on_delete = action(words);
        } else if words.take(&["on", "update"]) {
            key.on_update = action(words);
        } else if words.take(&["not", "deferrable"]) {
            key.deferrable = Deferrable::No;
        } else if words.take(&["deferrable"]) {
            key.deferrable = Deferrable::InitiallyImmediate;
        } else if words.take(&["initially", "deferred"]) {
            // Without `deferrable` before it, SQLite takes it for that.
            key.deferrable = Deferrable::InitiallyDeferred;
        } else if words.take(&["match"]) {
            words.advance();
        } else if !words.take(&["initially", "immediate"]) {
            return key;
        }
    }
}

fn action(words: &mut Words<'_>) -> ForeignKeyAction {
    if words.take(&["set", "null"]) {
        ForeignKeyAction::SetNull
    } else if words.take(&["set", "default"]) {
        ForeignKeyAction::SetDefault
    } else if words.take(&["cascade"]) {
        ForeignKeyAction::Cascade
    } else if words.take(&["restrict"]) {
        ForeignKeyAction::Restrict
    } else {
        words.take(&["no", "action"]);
        ForeignKeyAction::NoAction
    }
}
