//! `scope`, `unscoped`, `with_deleted` and `version` of the builders.

use super::{
    delete::Delete,
    hidden::{AtVersion, DeletedToo, NoVersion, NotTold, ScopeState, Within},
    scoped::{Everywhere, IsScope, ScopeValue, ScopeValues},
    select::Select,
    told::{FromTold, OneSource, Told, WriteTarget},
    update::Update,
};
use crate::{
    table::{ColumnDef, SoftDeleted, Source, Table, Versioned},
    types::{Encode, ToValue},
};

impl<F, W, C, G, H, O> Select<F, W, C, G, H, O> {
    /// Reads the rows of one scope: that of the table's column `tenant_id`, for example. A scope of several columns takes
    /// a tuple of values.
    ///
    /// A query that reads a table with `#[table(scope(..))]` does not compile without this or
    /// [`unscoped`](Select::unscoped). Every scoped table that is joined later is held to the same value.
    ///
    /// ```sql
    /// where "notes"."tenant_id" = $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::notes();
    /// let notes: Vec<Note> = Note::select().scope(1).order_by(Note::id).all(&db)?;
    /// assert_eq!(notes.len(), 2);
    /// # Ok::<(), orm::Error>(())
    /// ```
    ///
    /// ```compile_fail,E0277
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::notes();
    /// let notes: Vec<Note> = Note::select().all(&db)?;
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn scope<V, X, S, D, N>(self, value: V) -> Select<FromTold<S, D, Within<X>>, W, C, G, H, O>
    where
        F: OneSource<Source = S, Deleted = D, Scope = N>,
        N: NotTold,
        S: Source,
        <S::Table as Table>::ScopedBy: IsScope<S::Table> + ScopeValue<S::Table, V, Stored = X>,
        X: ScopeValues,
    {
        let value = <<S::Table as Table>::ScopedBy as ScopeValue<S::Table, V>>::store(value);
        self.with_from(|_| FromTold::new(Within(value)))
    }

    /// Reads the rows of every scope, of this table and of those that are joined later.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::notes();
    /// assert_eq!(Note::select().unscoped().count(&db)?, 3);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn unscoped<S, D, N>(self) -> Select<FromTold<S, D, Everywhere>, W, C, G, H, O>
    where
        F: OneSource<Source = S, Deleted = D, Scope = N>,
        N: NotTold,
    {
        self.with_from(|_| FromTold::new(Everywhere))
    }

    /// Reads deleted rows too, of this table and of those that are joined later: rows of tables with
    /// `#[table(soft_delete = ..)]`, which are left out otherwise.
    ///
    /// ```sql
    /// select … from "notes"                                        -- with deleted rows
    /// select … from "notes" where "notes"."deleted_at" is null     -- without
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::notes();
    /// Note::delete().scope(1).filter(Note::id.eq(1)).execute(&db)?;
    /// assert_eq!(Note::select().scope(1).count(&db)?, 1);
    /// assert_eq!(Note::select().scope(1).with_deleted().count(&db)?, 2);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn with_deleted<S, D, N>(self) -> Select<FromTold<S, DeletedToo, N>, W, C, G, H, O>
    where
        F: OneSource<Source = S, Deleted = D, Scope = N>,
        N: ScopeState,
    {
        self.with_from(|from| FromTold::new(from.into_scope()))
    }
}

impl<T: WriteTarget, V, W> Update<T, V, W> {
    /// Changes rows of one scope. A scope of several columns takes a tuple of values.
    ///
    /// An update of a table with `#[table(scope(..))]` does not compile without this or
    /// [`unscoped`](Update::unscoped).
    ///
    /// ```sql
    /// update "notes" set … where "notes"."id" = $2 and "notes"."tenant_id" = $3
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::notes();
    /// let update = || Note::update().set(Note::text, "Tea").filter(Note::id.eq(1));
    /// assert_eq!(update().scope(2).execute(&db)?, 0);
    /// assert_eq!(update().scope(1).execute(&db)?, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn scope<A, X>(self, value: A) -> Update<Told<T::Table, T::Deleted, Within<X>, T::Version>, V, W>
    where
        T::Scope: NotTold,
        <T::Table as Table>::ScopedBy: IsScope<T::Table> + ScopeValue<T::Table, A, Stored = X>,
        X: ScopeValues,
    {
        let value = <<T::Table as Table>::ScopedBy as ScopeValue<T::Table, A>>::store(value);
        self.with_said(|said| said.of_scope(Within(value)))
    }

    /// Changes rows of every scope.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::notes();
    /// assert_eq!(Note::update().set(Note::text, "").all_rows().unscoped().execute(&db)?, 3);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn unscoped(self) -> Update<Told<T::Table, T::Deleted, Everywhere, T::Version>, V, W>
    where
        T::Scope: NotTold,
    {
        self.with_said(|said| said.of_scope(Everywhere))
    }

    /// Changes deleted rows too, of a table with `#[table(soft_delete = ..)]`. They come back by setting the column to
    /// `None`.
    ///
    /// ```sql
    /// update "notes" set "deleted_at" = $1 where "notes"."id" = $2 and "notes"."tenant_id" = $3
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::notes();
    /// Note::delete().scope(1).filter(Note::id.eq(1)).execute(&db)?;
    /// let restore = Note::update().with_deleted().set(Note::deleted_at, None::<DateTime<Utc>>).filter(Note::id.eq(1));
    /// assert_eq!(restore.scope(1).execute(&db)?, 1);
    /// assert_eq!(Note::select().scope(1).count(&db)?, 2);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn with_deleted(self) -> Update<Told<T::Table, DeletedToo, T::Scope, T::Version>, V, W>
    where
        T::Table: SoftDeleted,
    {
        self.with_said(|said| said)
    }

    /// Changes the row only if it still has the version that was read. If no row has, running the update is
    /// [`Error::Stale`](crate::Error::Stale).
    ///
    /// Every update counts up the column with `#[column(version)]` by itself, so whoever comes second finds another
    /// version than the one read.
    ///
    /// ```sql
    /// update "notes" set "text" = $1, "version" = "notes"."version" + 1 where "notes"."id" = $2 and "notes"."version" = $3
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::notes();
    /// let note = Note::find(1).scope(1).one(&db)?;
    /// let save = |text| Note::update().set(Note::text, text).filter(Note::id.eq(note.id)).version(note.version).scope(1);
    /// assert_eq!(save("Tea").execute(&db)?, 1);
    /// assert!(matches!(save("Coffee").execute(&db), Err(orm::Error::Stale { table: "notes" })));
    /// assert_eq!(Note::find(1).scope(1).one(&db)?.text, "Tea");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn version<A, X>(self, version: A) -> Update<Told<T::Table, T::Deleted, T::Scope, AtVersion<X>>, V, W>
    where
        T::Version: NoVersion,
        T::Table: Versioned,
        A: ToValue<<<T::Table as Versioned>::Version as ColumnDef>::Type, Stored = X>,
        X: Encode,
    {
        self.with_said(|said| said.of_version(version.to_value()))
    }
}

impl<T: WriteTarget, W> Delete<T, W> {
    /// Deletes rows of one scope. A scope of several columns takes a tuple of values.
    ///
    /// A delete from a table with `#[table(scope(..))]` does not compile without this or
    /// [`unscoped`](Delete::unscoped).
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::notes();
    /// assert_eq!(Note::delete().scope(1).all_rows().execute(&db)?, 2);
    /// assert_eq!(Note::select().unscoped().count(&db)?, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn scope<A, X>(self, value: A) -> Delete<Told<T::Table, T::Deleted, Within<X>, T::Version>, W>
    where
        T::Scope: NotTold,
        <T::Table as Table>::ScopedBy: IsScope<T::Table> + ScopeValue<T::Table, A, Stored = X>,
        X: ScopeValues,
    {
        let value = <<T::Table as Table>::ScopedBy as ScopeValue<T::Table, A>>::store(value);
        self.with_said(|said| said.of_scope(Within(value)))
    }

    /// Deletes rows of every scope.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::notes();
    /// assert_eq!(Note::hard_delete().unscoped().all_rows().execute(&db)?, 3);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn unscoped(self) -> Delete<Told<T::Table, T::Deleted, Everywhere, T::Version>, W>
    where
        T::Scope: NotTold,
    {
        self.with_said(|said| said.of_scope(Everywhere))
    }

    /// Deletes the row only if it still has the version that was read. If no row has, running the delete is
    /// [`Error::Stale`](crate::Error::Stale).
    ///
    /// ```sql
    /// delete from "accounts" where "accounts"."id" = $1 and "accounts"."version" = $2
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::notes();
    /// let note = Note::find(1).scope(1).one(&db)?;
    /// Note::update().set(Note::text, "Tea").scope(1).filter(Note::id.eq(1)).execute(&db)?;
    /// let deleted = Note::delete().scope(1).filter(Note::id.eq(1)).version(note.version).execute(&db);
    /// assert_eq!(deleted.map_err(|error| error.kind()), Err(orm::ErrorKind::Stale));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn version<A, X>(self, version: A) -> Delete<Told<T::Table, T::Deleted, T::Scope, AtVersion<X>>, W>
    where
        T::Version: NoVersion,
        T::Table: Versioned,
        A: ToValue<<<T::Table as Versioned>::Version as ColumnDef>::Type, Stored = X>,
        X: Encode,
    {
        self.with_said(|said| said.of_version(version.to_value()))
    }
}
