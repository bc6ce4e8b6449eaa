//! What a database has, as its own tools tell it: `pg_dump`, and the pragmas of SQLite. One line for each fact, in no order.
#![allow(unreachable_pub, reason = "shared by test files, as the other support modules")]

use std::process::Command;

use orm_kit::{
    session::Session,
    sql::{TokenKind, tokens},
};

use crate::pulled::Database;

pub fn describe(database: &Database) -> Vec<String> {
    let mut facts = match database.url().starts_with("sqlite:") {
        true => sqlite(&mut *database.session()),
        false => postgres(database.url()),
    };
    facts.sort();
    facts
}

/// The statements of `pg_dump`, those of tables cut at their lines, because the order of columns is no difference.
fn postgres(url: &str) -> Vec<String> {
    let output =
        Command::new("pg_dump").args(["-s", "--no-owner", "--no-privileges", url]).output().expect("pg_dump runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    let is_kept = |line: &&str| {
        !(line.is_empty() || line.starts_with("--") || line.starts_with('\\') || line.starts_with("SET "))
    };
    let lines: Vec<&str> = text.lines().filter(is_kept).collect();
    let text = lines.join("\n");
    let mut facts = Vec::new();
    for statement in orm_kit::sql::statements(&text) {
        match statement.strip_suffix("\n)").filter(|it| it.starts_with("CREATE TABLE")) {
            Some(table) => {
                let (name, columns) = table.split_once(" (\n").unwrap_or((table, ""));
                facts.extend(columns.lines().map(|line| format!("{name}: {}", line.trim().trim_end_matches(','))));
                facts.push(name.to_owned());
            }
            None => facts.push(statement.split_whitespace().collect::<Vec<_>>().join(" ")),
        }
    }
    facts.retain(|fact| !fact.starts_with("SELECT pg_catalog.set_config"));
    facts
}

fn sqlite(session: &mut dyn Session) -> Vec<String> {
    let mut facts = Vec::new();
    let tables = rows(
        session,
        "select name, strict, wr from pragma_table_list where schema = 'main' and type = 'table' \
        and name not like 'sqlite\\_%' escape '\\'",
    );
    for table in tables {
        let name = table[0].clone();
        facts.push(format!("table {}", table.join(" ")));
        let pragma = |function: &str, columns: &str| {
            format!("select {columns} from pragma_{function}('{}')", name.replace('\'', "''"))
        };
        let key = rows(session, &format!("{} where pk > 0 order by pk", pragma("table_xinfo", "name, lower(type)")));
        // A row id is never NULL, whether that is said or not.
        let row_id = (key.len() == 1 && key[0][1] == "integer").then(|| key[0][0].clone());
        for mut column in
            rows(session, &pragma("table_xinfo", "name, lower(type), \"notnull\", pk, hidden, dflt_value"))
        {
            if row_id.as_ref() == Some(&column[0]) {
                column[2] = "1".to_owned();
            }
            column[1].retain(|c| c != ' ');
            // No default is NULL, whether that is said or not.
            column[5] = Some(words(&column[5])).filter(|it| it != "null").unwrap_or_else(|| "-".to_owned());
            facts.push(format!("column {name}.{}", column.join(" ")));
        }
        let keys =
            rows(session, &pragma("foreign_key_list", "id, seq, \"table\", \"from\", \"to\", on_update, on_delete"));
        for id in keys.iter().filter(|row| row[1] == "0").map(|row| &row[0]) {
            let mut parts: Vec<Vec<String>> =
                keys.iter().filter(|row| row[0] == *id).map(|row| row[1..].to_vec()).collect();
            let target = parts[0][1].clone();
            let target_key =
                rows(session, &format!("select name from pragma_table_info('{target}') where pk > 0 order by pk"));
            for (part, at) in parts.iter_mut().zip(0..) {
                part[0] = String::new();
                if part[3] == "-" {
                    part[3] = target_key.get(at).map_or_else(String::new, |row| row[0].clone());
                }
            }
            let mut parts: Vec<String> = parts.into_iter().map(|part| part.join(" ").to_lowercase()).collect();
            parts.sort();
            facts.push(format!("foreign key {name}: {}", parts.join(", ")));
        }
        for index in rows(session, &pragma("index_list", "name, \"unique\", origin, partial")) {
            let parts = rows(
                session,
                &format!(
                    "select coalesce(name, '()'), \"desc\", coll from pragma_index_xinfo('{}') where key order by seqno",
                    index[0].replace('\'', "''")
                ),
            );
            let parts: Vec<String> = parts.into_iter().map(|part| part.join(" ")).collect();
            // Only indexes that were made by a statement have a name of their own.
            let own = if index[2] == "c" { index[0].as_str() } else { "" };
            facts.push(format!("index {name}: {own} {} ({})", index[1..].join(" "), parts.join(", ")));
        }
    }
    for object in rows(session, "select type, name, sql from sqlite_schema where sql is not null") {
        let text = words(&object[2]);
        if object[0] == "table" {
            for word in ["check (", "as (", "collate "] {
                facts.extend(text.match_indices(word).map(|(at, _)| format!("{}: {}", object[1], clause(&text[at..]))));
            }
            facts
                .extend(text.match_indices("initially deferred").map(|_| format!("{}: initially deferred", object[1])));
            if text.contains(" autoincrement") {
                facts.push(format!("{}: autoincrement", object[1]));
            }
        } else {
            // An expression may have parentheses of its own; what the parts are was told above.
            facts.push(text.replace(['(', ')'], "").split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    facts
}

fn rows(session: &mut dyn Session, sql: &str) -> Vec<Vec<String>> {
    let rows = session.rows(sql).expect("the query is valid");
    rows.into_iter().map(|row| row.into_iter().map(|value| value.unwrap_or_else(|| "-".to_owned())).collect()).collect()
}

/// The words of a text in one form: without quotes and comments, in lower case, with one space between.
fn words(sql: &str) -> String {
    // Brackets are quotes as well.
    let sql = sql.replace(['[', ']'], "\"");
    let words = tokens(&sql).into_iter().filter(|token| token.kind != TokenKind::Comment).map(|token| {
        let word = &sql[token.span.clone()];
        match token.kind {
            TokenKind::Quoted => word.trim_matches(['"', '`']).to_lowercase(),
            TokenKind::Text => word.to_owned(),
            _ => word.to_lowercase(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What begins a text: a word, and what follows up to the closing parenthesis, or one more word.
fn clause(text: &str) -> String {
    let mut depth = 0;
    let end = text.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        (c == ')' && depth == 0).then_some(at + 1)
    });
    match end.filter(|_| !text.starts_with("collate")) {
        Some(end) => text[..end].to_owned(),
        None => text.split(' ').take(2).collect::<Vec<_>>().join(" "),
    }
}
