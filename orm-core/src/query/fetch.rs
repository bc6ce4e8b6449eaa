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
    ($executor:ident $(, $checked:ident: $check:ident)?) => {
        /// Runs the query and gives all its rows.
        ///
        /// # Errors
        /// [`Error::Database`] if the database refuses the query, [`Error::Encode`] if a value cannot be sent, [`Error::Decode`] if a
        /// stored value does not fit its Rust type.
        ///
        /// ```
        /// use orm::{doctest::*, prelude::*};
        /// # let db = orm::doctest::sqlite();
        /// let users: Vec<User> = User::select().all(&db)?;
        /// assert_eq!(users.len(), 3);
        /// # Ok::<(), orm::Error>(())
        /// ```
        pub fn all<'a, E, R>(self, db: &'a E) -> E::Output<'a, Vec<R>>
        where
            $($checked: $check,)?
            Self: Query<Row = R> + Needy + 'a,
            R: Send + 'a,
            E: $executor + ?Sized,
            E::Dialect: Supports<<Self as Needy>::Needs>,
        {
            db.fetch_all(self)
        }

        /// Runs the query and gives its only row. None is [`Error::NotFound`], several are [`Error::MultipleRows`].
        ///
        /// # Errors
        /// [`Error::NotFound`], [`Error::MultipleRows`], and those of `all`.
        ///
        /// ```
        /// use orm::{doctest::*, prelude::*};
        /// # let db = orm::doctest::sqlite();
        /// let anna: User = User::find(1).one(&db)?;
        /// assert_eq!(anna.name, "Anna");
        /// assert_eq!(User::find(99).one(&db).map_err(|error| error.kind()), Err(orm::ErrorKind::NotFound));
        /// # Ok::<(), orm::Error>(())
        /// ```
        pub fn one<'a, E, R>(self, db: &'a E) -> E::Output<'a, R>
        where
            $($checked: $check,)?
            Self: Query<Row = R> + Needy + 'a,
            R: Send + 'a,
            E: $executor + ?Sized,
            E::Dialect: Supports<<Self as Needy>::Needs>,
        {
            db.fetch_one(self)
        }

        /// Runs the query and gives its only row, if there is one. Several are [`Error::MultipleRows`].
        ///
        /// # Errors
        /// [`Error::MultipleRows`], and those of `all`.
        ///
        /// ```
        /// use orm::{doctest::*, prelude::*};
        /// # let db = orm::doctest::sqlite();
        /// assert_eq!(User::find(99).optional(&db)?, None);
        /// # Ok::<(), orm::Error>(())
        /// ```
        pub fn optional<'a, E, R>(self, db: &'a E) -> E::Output<'a, Option<R>>
        where
            $($checked: $check,)?
            Self: Query<Row = R> + Needy + 'a,
            R: Send + 'a,
            E: $executor + ?Sized,
            E::Dialect: Supports<<Self as Needy>::Needs>,
        {
            db.fetch_optional(self)
        }

        /// Runs the query and gives its rows as they arrive: an iterator on a blocking connection, a stream elsewhere.
        ///
        /// Memory is needed for one row at a time. The query is over when the stream is dropped.
        ///
        /// # Errors
        /// Each row is a `Result`; the errors are those of `all`, and there are no rows after one.
        ///
        /// ```
        /// use orm::{doctest::*, prelude::*};
        /// # let db = orm::doctest::sqlite();
        /// let mut words = 0;
        /// for post in Post::select().stream(&db) {
        ///     words += post?.words;
        /// }
        /// assert_eq!(words, 2500);
        /// # Ok::<(), orm::Error>(())
        /// ```
        pub fn stream<'a, E>(self, db: &'a E) -> E::Stream<'a, Self>
        where
            $($checked: $check,)?
            Self: Query + Needy + 'a,
            E: $executor + ?Sized,
            E::Dialect: Supports<<Self as Needy>::Needs>,
        {
            db.fetch_stream(self)
        }

        /// The database's plan for the query, a line per step. The query itself is not run.
        ///
        /// The text is the database's own and differs between its versions. PostgreSQL plans for the values of the query, and
        /// its text shows them.
        ///
        /// # Errors
        /// [`Error::Database`] if the database refuses the query.
        ///
        /// ```
        /// use orm::{doctest::*, prelude::*};
        /// # let db = orm::doctest::sqlite();
        /// let plan = User::find(1).explain(&db)?;
        /// assert!(plan.contains("users"), "{plan}");
        /// # Ok::<(), orm::Error>(())
        /// ```
        pub fn explain<'a, E>(self, db: &'a E) -> E::Output<'a, String>
        where
            $($checked: $check,)?
            Self: Query + Needy + 'a,
            E: $executor + ?Sized,
            E::Dialect: Supports<<Self as Needy>::Needs>,
        {
            db.fetch_plan(self)
        }
    };
}

pub(crate) use fetch_methods;
