//! A connection that runs text, which is all that migrating needs.

use crate::error::Error;

/// A row, each value as the database writes it as text.
pub type Row = Vec<Option<String>>;

/// A connection to a database.
pub trait Session {
    /// Runs one statement, or several with semicolons between.
    ///
    /// # Errors
    /// If the database refuses one.
    fn run(&mut self, sql: &str) -> Result<(), Error>;

    /// The rows of a query.
    ///
    /// # Errors
    /// If the database refuses it.
    fn rows(&mut self, sql: &str) -> Result<Vec<Row>, Error>;

    /// The rows of each of several queries. Where the database is asked over a network, it is asked once.
    ///
    /// # Errors
    /// If the database refuses one.
    fn rows_of_each(&mut self, queries: &[String]) -> Result<Vec<Vec<Row>>, Error> {
        queries.iter().map(|sql| self.rows(sql)).collect()
    }

    /// The first value of the first row.
    ///
    /// # Errors
    /// If the database refuses the query.
    fn value(&mut self, sql: &str) -> Result<Option<String>, Error> {
        Ok(self.rows(sql)?.into_iter().next().and_then(|row| row.into_iter().next().flatten()))
    }

    /// Runs statements one after the other.
    ///
    /// # Errors
    /// If the database refuses one.
    fn run_all(&mut self, statements: &[String]) -> Result<(), Error> {
        statements.iter().try_for_each(|sql| self.run(sql))
    }
}
