//! The methods that every pool has.

/// The inherent methods of a pool: `pool_methods!(Pool)` in the crate that has it.
#[doc(hidden)]
#[macro_export]
macro_rules! pool_methods {
    ($pool:ident) => {
        $crate::pool_write_executor!([] $pool, $pool, |pool| $crate::pool::run::Target::Pool(pool));

        impl $pool {
            /// Runs a closure in a transaction: what it did is kept if it gives `Ok`, and undone if it gives `Err`, panics,
            /// or its future is dropped.
            ///
            /// Queries run on the handle the closure is given. On the pool itself they would run on another connection, and
            /// wait for it in vain if the transaction has the last one.
            ///
            /// # Errors
            /// The closure's error, or that of beginning or committing.
            ///
            /// ```
            /// use orm::{doctest::*, prelude::*};
            /// # orm::doctest::run(async {
            /// let db = orm::doctest::pool().await;
            /// let user: User = db
            ///     .transaction(async |tx| {
            ///         Post::delete().filter(Post::author_id.eq(1)).execute(tx).await?;
            ///         User::find(1).one(tx).await
            ///     })
            ///     .await?;
            /// assert_eq!(user.name, "Anna");
            /// # Ok::<(), orm::Error>(())
            /// # })
            /// ```
            pub async fn transaction<T, E, F>(&self, body: F) -> Result<T, E>
            where
                F: AsyncFnOnce(&$crate::pool::Transaction<'_, $pool>) -> Result<T, E>,
                E: From<$crate::error::Error>,
            {
                $crate::pool::transaction(self, body).await
            }

            /// Like [`transaction`](Self::transaction), with [options]($crate::pool::TransactionOptions): isolation, read-only, and
            /// how often the closure runs again after a conflict with another transaction. Each run is one of a clone, so what
            /// the closure captures is captured by reference or can be cloned.
            ///
            /// # Errors
            /// The closure's last error, or that of beginning or committing.
            ///
            /// ```
            /// use orm::{doctest::*, pool::{Isolation, TransactionOptions}, prelude::*};
            /// # orm::doctest::run(async {
            /// let db = orm::doctest::pool().await;
            /// let options = TransactionOptions::new().isolation(Isolation::Serializable).retry(5);
            /// let attempts: u32 = db
            ///     .transaction_with(options, async |tx| {
            ///         Post::update().set(Post::words, Post::words + 1).all_rows().execute(tx).await?;
            ///         Ok::<_, orm::Error>(tx.attempt())
            ///     })
            ///     .await?;
            /// assert_eq!(attempts, 1);
            /// # Ok::<(), orm::Error>(())
            /// # })
            /// ```
            pub async fn transaction_with<T, E, F>(
                &self,
                options: $crate::pool::TransactionOptions,
                body: F,
            ) -> Result<T, E>
            where
                F: AsyncFnOnce(&$crate::pool::Transaction<'_, $pool>) -> Result<T, E> + Clone,
                E: From<$crate::error::Error>,
            {
                $crate::pool::transaction_with(self, options, body).await
            }

            /// Runs a closure on one snapshot of the database, whatever others write meanwhile. Statements that write do not
            /// compile on its handle.
            ///
            /// # Errors
            /// The closure's error, or that of beginning.
            ///
            /// ```
            /// use orm::{doctest::*, prelude::*};
            /// # orm::doctest::run(async {
            /// let db = orm::doctest::pool().await;
            /// let (users, posts) = db
            ///     .read(async |tx| {
            ///         Ok::<_, orm::Error>((User::select().count(tx).await?, Post::select().count(tx).await?))
            ///     })
            ///     .await?;
            /// assert_eq!((users, posts), (3, 3));
            /// # Ok::<(), orm::Error>(())
            /// # })
            /// ```
            pub async fn read<T, E, F>(&self, body: F) -> Result<T, E>
            where
                F: AsyncFnOnce(&$crate::pool::ReadTransaction<'_, $pool>) -> Result<T, E>,
                E: From<$crate::error::Error>,
            {
                $crate::pool::read(self, body).await
            }

            /// Begins a transaction, which is rolled back when it is dropped without `commit`.
            ///
            /// # Errors
            /// If no connection is free in time, or the database refuses.
            ///
            /// ```
            /// use orm::{doctest::*, prelude::*};
            /// # orm::doctest::run(async {
            /// let db = orm::doctest::pool().await;
            /// let tx = db.begin().await?;
            /// Post::delete().all_rows().execute(&tx).await?;
            /// tx.rollback().await?;
            /// assert_eq!(Post::select().count(&db).await?, 3);
            /// # Ok::<(), orm::Error>(())
            /// # })
            /// ```
            pub async fn begin(&self) -> Result<$crate::pool::Transaction<'static, $pool>, $crate::error::Error> {
                $crate::pool::begin(self, &$crate::pool::TransactionOptions::new()).await
            }

            /// Like [`begin`](Self::begin), with [options]($crate::pool::TransactionOptions). Nothing is tried again.
            ///
            /// # Errors
            /// Those of [`begin`](Self::begin).
            ///
            /// ```
            /// use orm::{doctest::*, pool::TransactionOptions, prelude::*};
            /// # orm::doctest::run(async {
            /// let db = orm::doctest::pool().await;
            /// let tx = db.begin_with(TransactionOptions::new().read_only()).await?;
            /// let refused = Post::delete().all_rows().execute(&tx).await;
            /// assert_eq!(refused.map_err(|error| error.kind()), Err(orm::ErrorKind::ReadOnly));
            /// # Ok::<(), orm::Error>(())
            /// # })
            /// ```
            pub async fn begin_with(
                &self,
                options: $crate::pool::TransactionOptions,
            ) -> Result<$crate::pool::Transaction<'static, $pool>, $crate::error::Error> {
                $crate::pool::begin(self, &options).await
            }

            /// Gives a closure one connection, on which statements that are awaited together are sent together: one round
            /// trip for all of them on PostgreSQL, one after the other on SQLite.
            ///
            /// Each statement stands by itself: it is no transaction. Rows that are inserted in several statements take a
            /// transaction of their own, beside which other statements are [`TransactionOpen`]($crate::error::Error::TransactionOpen):
            /// await them alone.
            ///
            /// # Errors
            /// The closure's error, or that of getting a connection.
            ///
            /// ```
            /// use orm::{doctest::*, prelude::*};
            /// # orm::doctest::run(async {
            /// let db = orm::doctest::pool().await;
            /// let (anna, posts) = db
            ///     .batch(async |db| {
            ///         tokio::try_join!(
            ///             User::find(1).one(db),
            ///             Post::select().filter(Post::author_id.eq(1)).all(db),
            ///         )
            ///     })
            ///     .await?;
            /// assert_eq!((anna.name.as_str(), posts.len()), ("Anna", 2));
            /// # Ok::<(), orm::Error>(())
            /// # })
            /// ```
            pub async fn batch<T, E, F>(&self, body: F) -> Result<T, E>
            where
                F: AsyncFnOnce(&$crate::pool::Batch<$pool>) -> Result<T, E>,
                E: From<$crate::error::Error>,
            {
                $crate::pool::batch(self, body).await
            }

            /// Creates the tables and indexes of a schema in an empty database, in one transaction. For tests and examples:
            /// applications migrate.
            ///
            /// # Errors
            /// If one of them exists already, or the database does not understand an expression of the schema.
            pub async fn create_all(&self, schema: &$crate::schema::Schema) -> Result<(), $crate::error::Error> {
                $crate::pool::create_all(self, schema).await
            }

            /// How many connections there are, how many of them are in use, and how many callers wait for one.
            ///
            /// ```
            /// # orm::doctest::run(async {
            /// let db = orm::doctest::pool().await;
            /// assert_eq!(db.status().waiting, 0);
            /// # Ok::<(), orm::Error>(())
            /// # })
            /// ```
            pub fn status(&self) -> $crate::observe::Status {
                $crate::pool::Backend::status(self)
            }

            /// How many statements of queries have run so far on all connections; those about transactions do not count.
            ///
            /// ```
            /// use orm::{doctest::*, prelude::*};
            /// # orm::doctest::run(async {
            /// let db = orm::doctest::pool().await;
            /// let before = db.statements();
            /// User::select().all(&db).await?;
            /// assert_eq!(db.statements() - before, 1);
            /// # Ok::<(), orm::Error>(())
            /// # })
            /// ```
            pub fn statements(&self) -> u64 {
                $crate::pool::Backend::observer(self).statements()
            }
        }
    };
}
