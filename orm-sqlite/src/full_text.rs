//! Full-text indexes: FTS5 tables without texts of their own. See <https://www.sqlite.org/fts5.html#external_content_tables>.

use orm_core::{
    ddl::{ident, idents, quote_text},
    schema::object::FullText,
};

use crate::Sqlite;

/// The table, and the triggers that keep it up to date. A row that changes is taken out with its old texts and put in with its new
/// ones, because the index does not know what it was made of.
pub(crate) fn create(index: &FullText) -> Vec<String> {
    let dialect = &Sqlite;
    let (name, table) = (ident(dialect, index.name), ident(dialect, index.table.name));
    let columns = idents(dialect, index.columns);
    let texts = |row: &str| {
        let texts: Vec<String> =
            index.columns.iter().map(|column| format!("{row}.{}", ident(dialect, column))).collect();
        texts.join(", ")
    };
    let tokenizer =
        index.tokenizer.map(|tokenizer| format!(", tokenize={}", quote_text(tokenizer))).unwrap_or_default();
    let put = format!("insert into {name} (rowid, {columns}) values (new.rowid, {});", texts("new"));
    let take = format!("insert into {name} ({name}, rowid, {columns}) values ('delete', old.rowid, {});", texts("old"));
    let trigger = |name: &str, event: &str, body: &str| {
        let trigger = ident(dialect, &format!("{}_{name}", index.name));
        format!("create trigger {trigger} after {event} on {table} begin\n    {body}\nend")
    };
    // Another trigger of the table may update the row again before this one runs. What was then taken out would not be what the index
    // has; so this one does not look at other columns.
    let mut changing: Vec<&str> = index.columns.to_vec();
    changing.extend(index.table.primary_key.iter().filter(|key| !index.columns.contains(key)));
    let update = format!("update of {}", idents(dialect, &changing));
    vec![
        format!(
            "create virtual table {name} using fts5({columns}, content={}{tokenizer})",
            quote_text(index.table.name),
        ),
        trigger("insert", "insert", &put),
        trigger("delete", "delete", &take),
        trigger("update", &update, &format!("{take}\n    {put}")),
    ]
}
