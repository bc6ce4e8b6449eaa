//! Prints statements: the only place that knows clause order, parentheses and placeholders.

mod delete;
mod expr;
mod insert;
mod refresh;
mod select;
mod update;

use crate::{
    ast::Statement,
    dialect::Dialect,
    schema::{ColumnInfo, DefaultDef},
};

pub use self::expr::Precedence;

/// The text of a statement.
///
/// ```
/// # extern crate orm_core as orm;
/// # use orm::{ast, dialect::Dialect, writer};
/// # fn check(dialect: &dyn Dialect) {
/// let delete = ast::Statement::Delete(ast::Delete { table: "users", filter: None, returning: Vec::new() });
/// assert_eq!(writer::write(&delete, dialect), r#"delete from "users""#);
/// # }
/// ```
pub fn write(statement: &Statement, dialect: &dyn Dialect) -> String {
    let mut writer = Writer::new(dialect);
    match statement {
        Statement::Select(select) => writer.select(select),
        Statement::Insert(insert) => writer.insert(insert),
        Statement::Update(update) => writer.update(update),
        Statement::Delete(delete) => writer.delete(delete),
        Statement::Refresh(refresh) => writer.refresh(refresh),
    }
    writer.finish()
}

/// Collects the text of one statement.
pub struct Writer<'d> {
    text: String,
    params: usize,
    dialect: &'d dyn Dialect,
}

impl<'d> Writer<'d> {
    /// An empty text for this dialect.
    pub fn new(dialect: &'d dyn Dialect) -> Self {
        Self { text: String::new(), params: 0, dialect }
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }

    /// The dialect that is written.
    pub fn dialect(&self) -> &'d dyn Dialect {
        self.dialect
    }

    /// Adds words of SQL.
    pub fn push(&mut self, sql: &str) {
        self.text.push_str(sql);
    }

    /// Adds a name, quoted.
    pub fn ident(&mut self, name: &str) {
        self.dialect.write_identifier(&mut self.text, name);
    }

    /// Adds the placeholder of the next value.
    pub fn param(&mut self) {
        self.params += 1;
        self.dialect.write_placeholder(&mut self.text, self.params);
    }

    /// Adds what the schema says a column gets.
    pub(crate) fn default(&mut self, value: &DefaultDef, column: &ColumnInfo) {
        self.dialect.write_default(&mut self.text, value, column);
    }

    /// Adds items with commas between them.
    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut write: impl FnMut(&mut Self, T)) {
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            write(self, item);
        }
    }
}
