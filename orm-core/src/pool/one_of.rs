//! A pool that is one of two.

/// One of two: that of PostgreSQL, or that of SQLite.
#[derive(Debug, Clone)]
pub enum Either<P, S> {
    /// The one of PostgreSQL.
    Postgres(P),
    /// The one of SQLite.
    Sqlite(S),
}

/// A pool of PostgreSQL or of SQLite, or one that is either: for what works on the pools themselves, as migrations do.
pub trait OneOf<P, S> {
    /// Which one it is.
    fn which(&self) -> Either<&P, &S>;
}
