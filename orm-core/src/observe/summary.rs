//! A statement in few words.

use std::sync::Arc;

use crate::{ast::Statement, cache, dialect::Dialect, error::Error, executor::Query, writer};

/// What can be told of a statement: everything but its values.
#[derive(Debug)]
pub struct Summary {
    /// What it does: `select`.
    pub operation: &'static str,
    /// The table it is about; `None` for text that was not made from a query.
    pub table: Option<&'static str>,
    /// Both together: `select users`.
    pub name: Box<str>,
    /// The text, with placeholders.
    pub sql: Arc<str>,
}

impl Summary {
    /// That of a query, which is made once for each shape.
    pub(super) fn of_query<Q: Query>(query: &Q, dialect: &dyn Dialect) -> Result<Arc<Self>, Error> {
        let key = query.key();
        cache::summary(key, dialect, || {
            let statement = query.statement()?;
            let sql = cache::text(key, dialect, || Ok::<_, Error>(writer::write(&statement, dialect)))?;
            Ok(Self::new(&statement, sql))
        })
    }

    fn new(statement: &Statement, sql: Arc<str>) -> Self {
        let (operation, table) = (statement.operation(), statement.table());
        Self { operation, table: Some(table), name: format!("{operation} {table}").into(), sql }
    }

    /// That of a text which takes no values.
    pub(super) fn of_text(operation: &'static str, sql: &str) -> Self {
        Self { operation, table: None, name: operation.into(), sql: sql.into() }
    }
}
