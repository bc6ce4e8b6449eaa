//! A model as a file: one object per line, so that two branches that change different objects merge without a conflict.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{
    error::Error,
    model::{Enum, Model, Object, Table, in_order_of_creation},
};

/// The version of the format this crate writes, and the newest it reads.
const VERSION: u32 = 1;

/// What a schema is after a migration, and after which other states it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The migration it was written with, without which two that change no schema would lead to the same state.
    pub migration: String,
    /// The database the model is of: `PostgreSQL` or `SQLite`.
    pub dialect: String,
    /// The states this one comes after: none for the first migration, several where branches meet.
    pub prev: Vec<String>,
    /// The schema.
    pub model: Model,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "object", rename_all = "snake_case")]
enum Line {
    Enum(Enum),
    Table(Table),
    Other(Object),
}

#[derive(Serialize, Deserialize)]
struct Head {
    version: u32,
    migration: String,
    dialect: String,
    id: String,
    prev: Vec<String>,
}

impl Snapshot {
    /// What tells this state from others: a hash of the schema, of the migration that leads to it, and of what it comes after.
    ///
    /// ```
    /// use orm_kit::{model::Model, snapshot::Snapshot};
    ///
    /// let migration = "20240101000000_a".to_owned();
    /// let first = Snapshot { migration, dialect: "SQLite".to_owned(), prev: Vec::new(), model: Model::default() };
    /// let second = Snapshot { prev: vec![first.id()], ..first.clone() };
    /// let beside = Snapshot { migration: "20240101000000_b".to_owned(), ..first.clone() };
    /// assert!(first.id() != second.id() && first.id() != beside.id());
    /// ```
    pub fn id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.dialect.as_bytes());
        for text in std::iter::once(&self.migration).chain(&self.prev).cloned().chain(self.lines()) {
            hash.update([b'\n']);
            hash.update(text.as_bytes());
        }
        hex(&hash.finalize())
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        let head = Head {
            version: VERSION,
            migration: self.migration.clone(),
            dialect: self.dialect.clone(),
            id: self.id(),
            prev: self.prev.clone(),
        };
        let mut lines = vec![to_line(&head)];
        lines.extend(self.lines());
        format!("[\n{}\n]\n", lines.join(",\n"))
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// If the text is no snapshot, is of a newer version, or does not have the id it says.
    pub fn parse(text: &str, file: &str) -> Result<Self, Error> {
        let malformed = |problem: String| Error::Snapshot { file: file.to_owned(), problem };
        let values: Vec<serde_json::Value> =
            serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
        let mut values = values.into_iter();
        let head: Head = read(values.next().unwrap_or_default()).map_err(malformed)?;
        if head.version > VERSION {
            return Err(malformed(format!(
                "it is of version {}, and this program knows version {VERSION}: it was written by a newer one",
                head.version
            )));
        }
        let mut model = Model::default();
        for value in values {
            match read(value).map_err(malformed)? {
                Line::Enum(def) => model.enums.push(def),
                Line::Table(table) => model.tables.push(table),
                Line::Other(object) => model.objects.push(object),
            }
        }
        model.objects = in_order_of_creation(model.objects);
        let snapshot = Self { migration: head.migration, dialect: head.dialect, prev: head.prev, model };
        if snapshot.id() != head.id {
            return Err(malformed(
                "its content does not have the id it says: it was edited or badly merged".to_owned(),
            ));
        }
        Ok(snapshot)
    }

    /// One line per object, in an order that does not depend on how the schema names them.
    fn lines(&self) -> Vec<String> {
        fn sorted<T: Clone, K: Ord>(items: &[T], key: impl Fn(&T) -> K) -> Vec<T> {
            let mut items = items.to_vec();
            items.sort_by_key(|item| key(item));
            items
        }
        let model = &self.model;
        let enums = sorted(&model.enums, |it| it.name.clone()).into_iter().map(Line::Enum);
        let tables = sorted(&model.tables, |it| it.name.clone()).into_iter().map(Line::Table);
        let objects = sorted(&model.objects, |it| (it.kind.to_string(), it.table.clone(), it.name.clone()));
        enums.chain(tables).chain(objects.into_iter().map(Line::Other)).map(|line| to_line(&line)).collect()
    }
}

fn to_line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("the types of a snapshot have text keys and no failing parts")
}

fn read<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of a text, as hexadecimal digits.
pub fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Column, Index, IndexKey, IndexOrder, IndexPart};

    fn snapshot() -> Snapshot {
        let column = |name: &str| Column { name: name.to_owned(), sql_type: "text".to_owned(), ..Column::default() };
        let part = IndexPart {
            key: IndexKey::Column("name".to_owned()),
            order: IndexOrder::Descending,
            nulls: None,
            collation: None,
            operator_class: None,
        };
        let table = |name: &str| Table {
            name: name.to_owned(),
            columns: vec![column("name")],
            indexes: vec![Index { name: format!("{name}_idx"), parts: vec![part.clone()], ..Index::default() }],
            ..Table::default()
        };
        let mut model = Model { tables: vec![table("users"), table("groups")], ..Model::default() };
        model.enums.push(Enum { name: "mood".to_owned(), labels: vec!["fine".to_owned()] });
        Snapshot {
            migration: "20240101000000_a".to_owned(),
            dialect: "PostgreSQL".to_owned(),
            prev: vec!["0".repeat(64)],
            model,
        }
    }

    /// Files that were written stay readable: a change of this text is a new version of the format.
    #[test]
    fn the_format() {
        let text = snapshot().to_text();
        let lines: Vec<&str> = text.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                r#"{"object":"enum","name":"mood","labels":["fine"]},"#,
                r#"{"object":"table","name":"groups","columns":[{"name":"name","type":"text"}],"indexes":[{"name":"groups_idx","parts":[{"key":{"column":"name"},"order":"descending"}]}]},"#,
                r#"{"object":"table","name":"users","columns":[{"name":"name","type":"text"}],"indexes":[{"name":"users_idx","parts":[{"key":{"column":"name"},"order":"descending"}]}]}"#,
                "]",
            ]
        );
    }

    #[test]
    fn what_is_written_is_read() {
        let snapshot = snapshot();
        let read = Snapshot::parse(&snapshot.to_text(), "snapshot.json").expect("it was just written");
        assert_eq!(read.to_text(), snapshot.to_text());
        assert_eq!(read.prev, snapshot.prev);
    }

    #[test]
    fn an_edited_file_is_refused() {
        let edited = snapshot().to_text().replace("groups_idx", "groups_index");
        let error = Snapshot::parse(&edited, "snapshot.json").expect_err("the id is that of another text");
        assert_eq!(
            error.to_string(),
            "reading `snapshot.json`: its content does not have the id it says: it was edited or badly merged"
        );
        let newer = snapshot().to_text().replace("\"version\":1", "\"version\":2");
        assert!(Snapshot::parse(&newer, "snapshot.json").is_err_and(|error| error.to_string().contains("newer")));
    }
}
