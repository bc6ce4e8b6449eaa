//! The methods that run a query which gives rows.

/// A query that needs features of a database.
pub trait Needy {
    /// The features: one, or a tuple of needs.
    type Needs;
}

// The type of a row is a parameter of its own rather than `Self::Row`: a return type that names a projection of `Self` makes
// rustc say that the method does not exist where a query is wrong, instead of why it is.
/// The ways to run a query, for the inherent impl of each builder that gives rows.
macro_rules! fetch_methods {
    ($executor:ident) => {
        /// Runs the query and gives all its rows.
        pub fn all<'a, E, R>(self, db: &'a E) -> E::Output<'a, Vec<R>>
        where
            Self: Query<Row = R> + Needy + 'a,
            R: Send + 'a,
            E: $executor,
            E::Dialect: Supports<<Self as Needy>::Needs>,
        {
            db.fetch_all(self)
        }

        /// Runs the query and gives its only row. None is [`Error::NotFound`], several are [`Error::MultipleRows`].
        pub fn one<'a, E, R>(self, db: &'a E) -> E::Output<'a, R>
        where
            Self: Query<Row = R> + Needy + 'a,
            R: Send + 'a,
            E: $executor,
            E::Dialect: Supports<<Self as Needy>::Needs>,
        {
            db.fetch_one(self)
        }

        /// Runs the query and gives its only row, if there is one. Several are [`Error::MultipleRows`].
        pub fn optional<'a, E, R>(self, db: &'a E) -> E::Output<'a, Option<R>>
        where
            Self: Query<Row = R> + Needy + 'a,
            R: Send + 'a,
            E: $executor,
            E::Dialect: Supports<<Self as Needy>::Needs>,
        {
            db.fetch_optional(self)
        }

        /// Runs the query and gives its rows as they arrive: an iterator on a blocking connection, a stream elsewhere.
        pub fn stream<'a, E>(self, db: &'a E) -> E::Stream<'a, Self>
        where
            Self: Query + Needy + 'a,
            E: $executor,
            E::Dialect: Supports<<Self as Needy>::Needs>,
        {
            db.fetch_stream(self)
        }

        /// The database's plan for the query, a line per step. The query itself is not run.
        pub fn explain<'a, E>(self, db: &'a E) -> E::Output<'a, String>
        where
            Self: Query + Needy + 'a,
            E: $executor,
            E::Dialect: Supports<<Self as Needy>::Needs>,
        {
            db.fetch_plan(self)
        }
    };
}

pub(crate) use fetch_methods;
