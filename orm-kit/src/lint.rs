//! What the statements of a migration do to a database in use: which locks they take and for how long.

mod add_check;
mod add_foreign_key;
mod add_required_column;
mod add_unique;
mod change_type;
mod create_index;
mod drop_column;
mod drop_index;
mod drop_table;
mod long_identifier;
mod rename;
mod rewriting_column;
mod set_not_null;
mod transaction;
mod truncate;
mod update_all;

use serde::Serialize;

use crate::{backend::Backend, folder::Migration, sql, sql::TokenKind};

/// A statement about which there is something to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The migration.
    pub migration: String,
    /// The rule.
    pub rule: &'static str,
    /// What the statement does.
    pub message: String,
    /// The strongest lock it takes, in PostgreSQL's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lock: Option<&'static str>,
    /// The statement.
    pub sql: String,
}

/// A rule about statements.
pub(crate) struct Rule {
    /// By which it is allowed in a comment.
    pub(crate) name: &'static str,
    /// What such a statement does, and what to do instead.
    pub(crate) message: &'static str,
    /// The lock it takes on a table that exists, as measured.
    pub(crate) lock: Option<&'static str>,
    /// A statement that it is about, on the tables of the tests.
    #[cfg_attr(not(test), expect(dead_code, reason = "what the rule says is measured with it"))]
    pub(crate) example: &'static str,
    /// Whether a statement is one of these.
    pub(crate) is_met: fn(&Words<'_>) -> bool,
}

const RULES: &[Rule] = &[
    create_index::RULE,
    drop_index::RULE,
    add_foreign_key::RULE,
    add_check::RULE,
    add_unique::RULE,
    set_not_null::RULE,
    change_type::RULE,
    rewriting_column::RULE,
    add_required_column::RULE,
    rename::RULE,
    drop_column::RULE,
    drop_table::RULE,
    transaction::RULE,
    truncate::RULE,
    update_all::RULE,
    long_identifier::RULE,
];

/// The words of a statement, keywords in lower case.
pub(crate) struct Words<'s> {
    words: Vec<String>,
    /// Tables that the same migration creates, which nobody uses yet.
    created: &'s [String],
}

impl<'s> Words<'s> {
    fn new(text: &str, created: &'s [String]) -> Self {
        let tokens = sql::tokens(text).into_iter().filter(|token| token.kind != TokenKind::Comment);
        let words = tokens.map(|token| match token.kind {
            TokenKind::Word => text[token.span].to_ascii_lowercase(),
            _ => text[token.span].to_owned(),
        });
        Self { words: words.collect(), created }
    }

    /// Whether the statement begins with these words; `_` is any word.
    pub(crate) fn begins(&self, words: &str) -> bool {
        let mut own = self.words.iter();
        words.split(' ').all(|word| own.next().is_some_and(|own| word == "_" || own == word))
    }

    /// Whether these words are in the statement, one after the other; `_` is any word.
    pub(crate) fn has(&self, words: &str) -> bool {
        let words: Vec<&str> = words.split(' ').collect();
        self.words.windows(words.len()).any(|own| own.iter().zip(&words).all(|(own, word)| *word == "_" || own == word))
    }

    pub(crate) fn all(&self) -> &[String] {
        &self.words
    }

    /// Whether it is about a table that was there before: the name after this word.
    pub(crate) fn is_on_existing(&self, word: &str) -> bool {
        let name = self.words.iter().skip_while(|own| *own != word).nth(1);
        name.is_some_and(|name| !self.created.contains(&sql::unquote(name)))
    }

    /// Whether it alters a table that was there before.
    pub(crate) fn alters_existing(&self) -> bool {
        self.begins("alter table") && self.is_on_existing("table")
    }
}

/// What there is to say about the statements of migrations. Rules are about PostgreSQL; SQLite has one writer, which waits for nobody.
///
/// A comment before a statement allows what it does: `-- allow create-index: the table is small`.
pub(crate) fn lint(backend: &'static dyn Backend, migrations: &[Migration]) -> Vec<Finding> {
    if !backend.dialect().has_enum_types() {
        return Vec::new();
    }
    migrations.iter().flat_map(of_migration).collect()
}

fn of_migration(migration: &Migration) -> Vec<Finding> {
    let statements = sql::statements(&migration.up);
    let created: Vec<String> = statements.iter().filter_map(|text| created_table(text)).collect();
    let mut findings = Vec::new();
    for text in &statements {
        let words = Words::new(text, &created);
        let mut allowed = allowed(text);
        for rule in RULES.iter().filter(|rule| (rule.is_met)(&words)) {
            if let Some(at) = allowed.iter().position(|(name, _)| name == rule.name) {
                let (_, reason) = allowed.remove(at);
                if !reason.is_empty() {
                    continue;
                }
            }
            findings.push(finding(migration, rule.name, rule.message.to_owned(), rule.lock, text));
        }
        for (name, _) in allowed {
            let message = format!("`allow {name}` allows nothing here");
            findings.push(finding(migration, "unused-allow", message, None, text));
        }
    }
    findings
}

fn finding(
    migration: &Migration,
    rule: &'static str,
    message: String,
    lock: Option<&'static str>,
    text: &str,
) -> Finding {
    Finding { migration: migration.id.clone(), rule, message, lock, sql: sql::without_layout(text) }
}

fn created_table(text: &str) -> Option<String> {
    let words = Words::new(text, &[]);
    let at = if words.begins("create table if not exists") { 5 } else { 2 };
    words.begins("create table").then(|| words.all().get(at).map(|name| sql::unquote(name)))?
}

/// What comments before a statement allow, with the reasons.
fn allowed(text: &str) -> Vec<(String, String)> {
    let comments = sql::tokens(text).into_iter().filter(|token| token.kind == TokenKind::Comment);
    let lines = comments.filter_map(|token| text[token.span].strip_prefix("-- allow "));
    lines
        .map(|line| line.split_once(':').unwrap_or((line, "")))
        .map(|(name, reason)| (name.trim().to_owned(), reason.trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::Model, snapshot::Snapshot};

    fn check(up: &str, expected: &[&str]) {
        let snapshot = Snapshot {
            migration: String::new(),
            dialect: "PostgreSQL".to_owned(),
            prev: Vec::new(),
            model: Model::default(),
        };
        let migration = Migration { id: "m".to_owned(), up: up.to_owned(), down: String::new(), snapshot };
        let found: Vec<&str> = of_migration(&migration).iter().map(|finding| finding.rule).collect();
        assert_eq!(found, expected, "{up}");
    }

    #[test]
    fn every_rule_knows_its_example() {
        for rule in RULES {
            check(rule.example, &[rule.name]);
        }
    }

    #[test]
    fn new_tables_have_no_users() {
        check("create table t (id int); create index i on t (id); alter table t add check (id > 0)", &[]);
        check("create table if not exists \"T x\" (id int); create index i on \"T x\" (id)", &[]);
        check("create table t (id int); create index i on u (id)", &["create-index"]);
    }

    #[test]
    fn what_is_done_in_the_right_way() {
        check("create index concurrently i on t (a); drop index concurrently i", &[]);
        check("alter table t add constraint c check (a > 0) not valid; alter table t validate constraint c", &[]);
        check("alter table t add constraint f foreign key (a) references u (id) not valid", &[]);
        check("alter table t add constraint q unique using index i", &[]);
        check("alter table t add column b int; alter table t add column c timestamptz not null default now()", &[]);
        check("alter table t alter column a drop not null; update t set a = 1 where a is null", &[]);
    }

    #[test]
    fn a_reason_allows() {
        check("-- allow create-index: ten rows\ncreate index i on t (a)", &[]);
        check("-- allow create-index\ncreate index i on t (a)", &["create-index"]);
        check("-- allow drop-index: why not\ncreate index i on t (a)", &["create-index", "unused-allow"]);
    }

    /// The locks are those that the server takes.
    #[test]
    fn locks_are_as_measured() {
        let url = std::env::var("ORM_TEST_POSTGRES").expect(
            "ORM_TEST_POSTGRES names a PostgreSQL server; `scripts/with-postgres cargo nextest run` starts one",
        );
        let mut session = crate::backend::of(&url)
            .and_then(|it| it.shadow(crate::shadow::Place::Beside(&url)))
            .expect("the server makes databases");
        session
            .run("create table u (id int primary key); create table t (id int primary key, a int not null, b int, c text); \
                  create index old on t (a)")
            .expect("the database is empty");
        let table = session.value("select 't'::regclass::oid").expect("the table is there").expect("it has a number");
        for rule in RULES.iter().filter(|rule| rule.lock.is_some()) {
            session.run(&format!("begin; {}", rule.example)).unwrap_or_else(|error| panic!("{}: {error}", rule.name));
            let held = session
                .rows(&format!(
                    "select replace(mode, 'Lock', '') from pg_locks where pid = pg_backend_pid() and relation = {table}"
                ))
                .expect("the catalog can be read");
            session.run("rollback").expect("a transaction is open");
            let held: Vec<&str> = held.iter().filter_map(|row| row[0].as_deref()).collect();
            let order = [
                "AccessShare",
                "RowShare",
                "RowExclusive",
                "ShareUpdateExclusive",
                "Share",
                "ShareRowExclusive",
                "Exclusive",
                "AccessExclusive",
            ];
            let strongest = held.iter().max_by_key(|mode| order.iter().position(|it| it == *mode));
            assert_eq!(strongest.copied(), rule.lock, "{}: {held:?}", rule.name);
        }
    }
}
