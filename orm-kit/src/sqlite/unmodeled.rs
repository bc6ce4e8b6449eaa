//! What the statements of a SQLite schema say that the model does not.

use crate::{
    apply::is_own_table,
    error::Error,
    pull::Lost,
    session::Session,
    sql::{Syntax, TokenKind},
};

const TABLES: &str = "select name, sql from sqlite_schema where type = 'table' and sql is not null \
    and name not like 'sqlite\\_%' escape '\\' order by rowid";

/// What belongs to tables, but not to their model.
pub(super) fn unmodeled(session: &mut dyn Session) -> Result<Vec<Lost>, Error> {
    let mut lost = Vec::new();
    for mut row in session.rows(TABLES)? {
        let (statement, name) = (row.pop().flatten().unwrap_or_default(), row.pop().flatten().unwrap_or_default());
        if !is_own_table(&name) {
            lost.extend(of_table(&statement).into_iter().map(|what| Lost::new(&name, what)));
        }
    }
    Ok(lost)
}

fn of_table(statement: &str) -> Vec<String> {
    let tokens = Syntax::Sqlite.tokens(statement).into_iter().filter(|token| token.kind != TokenKind::Comment);
    let words: Vec<String> = tokens.map(|token| statement[token.span].to_ascii_lowercase()).collect();
    let mut found = Vec::new();
    for (at, pair) in words.windows(3).enumerate() {
        match [pair[0].as_str(), &pair[1], &pair[2]] {
            ["on", "conflict", action] if action != "abort" => {
                found.push(format!("a constraint is resolved by `on conflict {action}`; here the statement fails"));
            }
            ["primary", "key", "desc"] => {
                found.push("the primary key is descending, and no row id; here it is one".to_owned())
            }
            ["primary", "key", "("] | [_, "unique", "("] => {
                let inside = words[at + 3..].iter().take_while(|word| *word != ")");
                if inside.clone().any(|word| word == "collate" || word == "desc") {
                    let inside: Vec<&str> = inside.map(String::as_str).collect();
                    found
                        .push(format!("a key has an order or a collation of its own ({}); here not", inside.join(" ")));
                }
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::of_table;

    #[test]
    fn words_that_the_model_does_not_have() {
        let check = |columns: &str, expected: usize| {
            assert_eq!(of_table(&format!("create table t ({columns})")).len(), expected, "{columns}");
        };
        check("id integer primary key, a text unique, unique (a)", 0);
        check("id integer primary key on conflict replace, a text not null on conflict abort", 1);
        check("id integer primary key desc", 1);
        check("a text, b text, primary key (a collate nocase, b), unique (b desc)", 2);
        check("a text -- on conflict ignore", 0);
    }
}
