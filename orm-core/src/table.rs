//! Tables and columns as types: what `#[derive(Table)]` and `#[derive(View)]` implement.

use std::marker::PhantomData;

use crate::{
    dialect::Supports,
    executor::{Shape, WriteExecutor},
    expr::{And, Condition},
    path::{End, Left, Path, Right, Tag},
    query::{
        self, AnyVersion, Delete, DeletedToo, FindKey, From, Insert, InsertMany, Join, NoFilter, NoValues, NothingSet,
        ScopeColumns, Select, Told, Untold, Update, WholeRow,
    },
    relation::{InsertGraphs, LoadedRow, NewGraph},
    schema::{ColumnInfo, TableDef},
    scope::Nullability,
    types::{Binder, DbType, Decode, DecodeError, Encode, RowRead},
    view::{Materialized, Refresh, Stored},
};

/// A table or a view, which is the struct its rows are read as.
///
/// Implemented by `#[derive(Table)]` and `#[derive(View)]`, never by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table",
    label = "not a table",
    note = "`#[derive(Table)]` makes a struct a table"
)]
pub trait Table: Sized + Send + Sync + 'static {
    /// The SQL name.
    const NAME: &'static str;
    /// The description of the table that the kit reads.
    const DEF: &'static TableDef;
    /// The number of columns.
    const WIDTH: usize;
    /// The position of a column that is never NULL, the first of the primary key if there is one: a left join found no
    /// row exactly if it is NULL. `None` if every column can be NULL.
    const PRESENT: Option<usize>;
    /// The number that tells the table apart from others at the type level.
    type Tag: Tag;
    /// The column markers of the primary key as a tuple; `()` for a keyless table. A view's are within a
    /// [`ViewKey`](crate::view::ViewKey).
    type Key: 'static;
    /// The columns that scope the table: the marker of one, a tuple of several; `()` for a table without a scope.
    type ScopedBy: ScopeColumns;
    /// The insert state of a row of which nothing is given yet: a balanced tree of [`Node`]s over [`Missing`],
    /// [`Open`] and [`Computed`]. That of a view is within a [`ReadOnly`](crate::view::ReadOnly).
    type Slots;
    /// The insert model, `NewUser`.
    type New: Cells<Table = Self> + Send + Sync;
    /// The update model, `UserChanges`.
    type Changes: Cells<Table = Self> + Send + Sync;
    /// The columns of an alias, each readable as a field.
    type Aliased<A: AliasName>: AliasColumns;

    /// What a row becomes when something is loaded for it, `UserLoaded`: the row with relations `L` and computed values `X`.
    type Loaded<L: Send, X: Send>: LoadedRow<Self, L, X> + Send;

    /// Hands over the value of the column at this position.
    #[doc(hidden)]
    fn cell<'q>(&'q self, column: usize, out: &mut dyn Binder<'q>);

    /// Reads a row whose first column is at `at`.
    ///
    /// # Errors
    /// If a column holds a value that does not fit its Rust type.
    fn decode<R: RowRead + ?Sized>(row: &R, at: usize) -> Result<Self, DecodeError>;

    /// Starts a query that reads this table.
    ///
    /// ```sql
    /// select "users"."id", "users"."name" from "users"
    /// ```
    ///
    /// Columns are named one by one, never `*`, so a column added to the table later changes nothing. Of a table with
    /// `#[table(soft_delete = ..)]`, deleted rows are left out; of one with `#[table(scope(..))]`, the query says whose rows
    /// it reads with [`scope`](Select::scope).
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let users: Vec<User> = User::select().order_by(User::id).all(&db)?;
    /// assert_eq!(users.len(), 3);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn select() -> Select<From<Self>> {
        Select::new()
    }

    /// Starts a query for the row with this primary key: a value, or a tuple of values for a composite key.
    ///
    /// ```sql
    /// select … from "users" where "users"."id" = $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let anna: User = User::find(1).one(&db)?;
    /// let nobody: Option<User> = User::find(99).optional(&db)?;
    /// assert_eq!((anna.name.as_str(), nobody), ("Anna", None));
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn find<K, X>(key: K) -> Select<From<Self>, And<NoFilter, X>>
    where
        Self::Key: FindKey<Self, K, Filter = X>,
    {
        query::select::find(key)
    }

    /// Starts an insert of one row.
    ///
    /// What is not set gets its default, or NULL; leaving out a column that has neither does not compile.
    ///
    /// ```sql
    /// insert into "users" ("id", "email", "name") values ($1, $2, $3)
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let dora: User = User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "dora@example.com")
    ///     .set(User::name, "Dora")
    ///     .returning()
    ///     .one(&db)?;
    /// assert_eq!((dora.age, dora.role), (None, Role::Member));
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn insert() -> Insert<Self, Self::Slots, NoValues>
    where
        Self::Slots: Stored<Self>,
    {
        Insert::new()
    }

    /// Inserts any number of rows.
    ///
    /// All of them or none: several statements are one transaction. No rows at all is fine; nothing is sent then.
    ///
    /// ```sql
    /// -- PostgreSQL, for any number of rows
    /// insert into "users" ("id", "email") select * from unnest($1::bigint[], $2::text[])
    /// -- SQLite, for 64, 16 or 1 rows
    /// insert into "users" ("id", "email") values (?1, ?2), (?3, ?4), …
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let new = [NewUser::new(4, "dora@example.com", "Dora"), NewUser::new(5, "emil@example.com", "Emil")];
    /// assert_eq!(User::insert_many(&new).execute(&db)?, 2);
    /// assert_eq!(User::insert_many(&[]).execute(&db)?, 0);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn insert_many(rows: &[Self::New]) -> InsertMany<'_, Self>
    where
        Self::Slots: Stored<Self>,
    {
        InsertMany::new(rows)
    }

    /// Inserts any number of rows, each together with rows that belong to it.
    ///
    /// All of them or none, in one transaction, with a statement for each relation and level.
    /// [`with_new`](crate::relation::NewRow::with_new) of an insert model says what belongs to it.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let dora = NewUser::new(4, "dora@example.com", "Dora");
    /// let inserted = User::insert_graphs([dora.with_new(User::posts, [NewPost::new(4, 0, "Traits", 500)])]).all(&db)?;
    /// assert_eq!((inserted.len(), Post::find(4).one(&db)?.author_id), (1, 4));
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn insert_graphs<G>(rows: impl IntoIterator<Item = G>) -> InsertGraphs<Self, G>
    where
        G: NewGraph<Self>,
        Self::Slots: Stored<Self>,
    {
        InsertGraphs::new(rows)
    }

    /// Starts an update.
    ///
    /// It takes something to set, and a filter or `all_rows()`; without them it does not compile.
    ///
    /// ```sql
    /// update "users" set "age" = "users"."age" + $1 where "users"."id" = $2
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let changed = User::update().set(User::age, User::age + 1).filter(User::id.eq(1)).execute(&db)?;
    /// assert_eq!((changed, User::find(1).one(&db)?.age), (1, Some(32)));
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn update() -> Update<Self, NothingSet, NoFilter>
    where
        Self::Slots: Stored<Self>,
    {
        Update::new()
    }

    /// Starts a delete.
    ///
    /// It takes a filter or `all_rows()`; without them it does not compile. Rows of a table with
    /// `#[table(soft_delete = ..)]` are marked and stay; [`hard_delete`](Table::hard_delete) removes them.
    ///
    /// ```sql
    /// delete from "posts" where "posts"."published" = $1
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// assert_eq!(Post::delete().filter(Post::published.eq(false)).execute(&db)?, 1);
    /// assert_eq!(Post::select().count(&db)?, 2);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn delete() -> Delete<Self, NoFilter>
    where
        Self::Slots: Stored<Self>,
    {
        Delete::new()
    }

    /// Starts a delete that removes rows, of a table whose [`delete`](Table::delete) only marks them as deleted.
    ///
    /// Rows that are marked already are removed like all others.
    ///
    /// ```sql
    /// delete from "notes" where "notes"."deleted_at" < $1
    /// ```
    ///
    /// ```
    /// use orm::prelude::*;
    ///
    /// #[derive(Table)]
    /// #[table(soft_delete = deleted_at)]
    /// struct Note {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     deleted_at: Option<DateTime<Utc>>,
    /// }
    /// schema! { fn schema() = [Note] }
    ///
    /// let db = orm::sqlite::Connection::open_in_memory()?;
    /// db.create_all(&schema())?;
    /// Note::insert_many(&[NewNote::new(1), NewNote::new(2)]).execute(&db)?;
    /// Note::delete().filter(Note::id.eq(1)).execute(&db)?;
    /// assert_eq!(Note::hard_delete().filter(Note::deleted_at.is_not_null()).execute(&db)?, 1);
    /// assert_eq!(Note::select().with_deleted().count(&db)?, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn hard_delete() -> Delete<Told<Self, DeletedToo, Untold, AnyVersion>, NoFilter>
    where
        Self: SoftDeleted,
    {
        Delete::new()
    }

    /// Makes a materialized view store the rows that its query gives now.
    ///
    /// ```sql
    /// refresh materialized view "author_stats"
    /// ```
    ///
    /// On PostgreSQL, reading the view waits until this is over; in a transaction, until the transaction is. SQLite stores no rows
    /// of views, so there is nothing to do.
    ///
    /// # Errors
    /// [`Error::Database`](crate::Error::Database) if the query fails, or the view belongs to somebody else. The view keeps its rows
    /// then.
    ///
    /// ```
    /// use orm::prelude::*;
    ///
    /// #[derive(Table)]
    /// struct Sale {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     amount: i64,
    /// }
    ///
    /// #[derive(View)]
    /// #[view(as = "select count(*) as sales from sales", materialized)]
    /// struct Total {
    ///     sales: i64,
    /// }
    /// schema! { fn schema() = [Sale, Total] }
    ///
    /// let db = orm::sqlite::Connection::open_in_memory()?;
    /// db.create_all(&schema())?;
    /// Sale::insert_many(&[NewSale::new(1, 5)]).execute(&db)?;
    /// Total::refresh(&db)?;
    /// assert_eq!(Total::select().one(&db)?.sales, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn refresh<E>(db: &E) -> E::Output<'_, ()>
    where
        Self: Materialized,
        E: WriteExecutor + ?Sized,
    {
        db.run_plan(Refresh::<Self>::NEW)
    }

    /// This table as the right side of a join, with the condition to join by.
    ///
    /// The condition may read this table and those the query has before it.
    ///
    /// ```sql
    /// join "posts" on "posts"."author_id" = "users"."id"
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let rows: Vec<(User, Post)> = User::select()
    ///     .inner_join(Post::on(Post::author_id.eq(User::id)))
    ///     .order_by(Post::id)
    ///     .all(&db)?;
    /// assert_eq!((rows[2].0.name.as_str(), rows[2].1.title.as_str()), ("Cleo", "Lifetimes"));
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn on<C, X>(condition: C) -> Join<Self, X>
    where
        C: Condition<Checked = X>,
    {
        Join::new(condition.checked())
    }

    /// The whole row as one of the columns of a query, beside others: a `User`, or an `Option<User>` on the nullable
    /// side of a join.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let posts: Vec<(User, i64)> = User::select()
    ///     .left_join(Post::on(Post::author_id.eq(User::id)))
    ///     .group_by(User::id)
    ///     .columns((User::row(), count(Post::id)))
    ///     .order_by(User::id)
    ///     .all(&db)?;
    /// assert_eq!((posts[0].0.name.as_str(), posts[0].1), ("Anna", 2));
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn row() -> WholeRow<Self> {
        WholeRow::NEW
    }

    /// This table under another name, for joining it a second time.
    ///
    /// `alias!` declares the name; the columns are fields of what this gives, such as `younger.age`.
    ///
    /// ```sql
    /// from "users" inner join "users" as "younger" on "younger"."age" < "users"."age"
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// alias!(Younger);
    ///
    /// let younger = User::alias::<Younger>();
    /// let pairs: Vec<(String, String)> = User::select()
    ///     .inner_join(younger.on(younger.age.lt(User::age)))
    ///     .columns((User::name, younger.name))
    ///     .all(&db)?;
    /// assert_eq!(pairs, [("Anna".to_owned(), "Cleo".to_owned())]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn alias<A: AliasName>() -> Self::Aliased<A> {
        Self::Aliased::NEW
    }
}

/// What the type of a column says. Implemented for the markers `#[derive(Table)]` writes, such as `users::email`.
pub trait ColumnDef: 'static {
    /// The table it belongs to.
    type Table: Table;
    /// The Rust type of its values, without `Option`.
    type Type: DbType;
    /// Whether NULL may be stored.
    type Null: Nullability;
    /// Its position in the table.
    type Path: Path + 'static;
    /// What may be done with it: [`Plain`], [`KeyPart`], [`VersionColumn`] or [`GeneratedColumn`].
    type Role;
    /// The SQL name.
    const NAME: &'static str;
}

/// A column with nothing special about it.
pub struct Plain;
/// A column of the primary key: given on insert, changed only by `set_key`.
pub struct KeyPart;
/// A column the database computes.
pub struct GeneratedColumn;

/// The column that counts the changes of a row: given on insert, counted up by updates.
pub struct VersionColumn;

/// A table whose deleted rows stay, marked with the time at which they were deleted.
#[diagnostic::on_unimplemented(
    message = "`{Self}` keeps no deleted rows",
    label = "a delete removes the rows of this table",
    note = "`#[table(soft_delete = deleted_at)]` makes a delete mark them instead"
)]
pub trait SoftDeleted: Table {}

/// A table with a column that counts the changes of a row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no version",
    label = "no column counts the changes of a row",
    note = "`#[column(version)]` on a field of integers makes it count them"
)]
pub trait Versioned: Table {
    /// The marker of the column.
    type Version: ColumnDef;
}

/// A column an insert may give a value for.
#[diagnostic::on_unimplemented(
    message = "`{C}` is a generated column and cannot be set",
    label = "the database computes this column"
)]
pub trait Insertable<C> {}
#[diagnostic::do_not_recommend]
impl<C> Insertable<C> for Plain {}
#[diagnostic::do_not_recommend]
impl<C> Insertable<C> for KeyPart {}
#[diagnostic::do_not_recommend]
impl<C> Insertable<C> for VersionColumn {}

/// A column an update may set.
#[diagnostic::on_unimplemented(
    message = "`{C}` cannot be changed with `set`",
    label = "part of the primary key, or generated",
    note = "a primary key is changed with `.set_key(..)`; a generated column is computed by the database"
)]
pub trait Changeable<C> {}
#[diagnostic::do_not_recommend]
impl<C> Changeable<C> for Plain {}
// The message of a version comes from `SetByHand`.
#[diagnostic::do_not_recommend]
impl<C> Changeable<C> for VersionColumn {}

/// A column that does not count by itself.
#[diagnostic::on_unimplemented(
    message = "`{C}` counts the changes of a row and cannot be set",
    label = "every update counts it up by itself",
    note = "`.version(..)` says which version an update is about"
)]
pub trait SetByHand<C> {}
#[diagnostic::do_not_recommend]
impl<C> SetByHand<C> for Plain {}
#[diagnostic::do_not_recommend]
impl<C> SetByHand<C> for KeyPart {}
#[diagnostic::do_not_recommend]
impl<C> SetByHand<C> for GeneratedColumn {}

/// A column `set_key` may change.
#[diagnostic::on_unimplemented(
    message = "`{C}` is not part of the primary key",
    label = "not a key column",
    note = "use `.set(..)`"
)]
pub trait ChangeableKey<C> {}
#[diagnostic::do_not_recommend]
impl<C> ChangeableKey<C> for KeyPart {}

/// A table in which column `K`, or the columns of the tuple `K` together, are unique: the primary key or a unique
/// constraint.
#[diagnostic::on_unimplemented(
    message = "`{K}` is not unique in `{Self}`",
    label = "not a primary key and not a unique constraint",
    note = "declare it with `#[column(unique)]`, or `#[table(unique(a, b))]` for columns that are unique together"
)]
pub trait UniqueOn<K> {}

/// Something columns are read from: a table, or a table under another name.
pub trait Source: 'static {
    /// The table.
    type Table: Table;
    /// The number that tells the source apart at the type level.
    type Tag: Tag;
    /// The name columns are qualified with.
    const NAME: &'static str;
    /// The name given to it, if it is not the table's own.
    const ALIAS: Option<&'static str>;
}

impl<T: Table> Source for T {
    type Table = T;
    type Tag = T::Tag;
    const NAME: &'static str = T::NAME;
    const ALIAS: Option<&'static str> = None;
}

/// A source that a query can name in `from`: a table or an alias, not the row of an upsert.
pub trait NamedSource: Source {}
impl<T: Table> NamedSource for T {}
impl<T: Table, A: AliasName> NamedSource for Alias<T, A> {}

/// Table `T` under the name `A`.
pub struct Alias<T, A>(PhantomData<(T, A)>);

/// A name for a table, declared by `alias!`.
pub trait AliasName: 'static {
    /// The number that tells the name apart at the type level.
    type Tag: Tag;
    /// The SQL name.
    const NAME: &'static str;
}

impl<T: Table, A: AliasName> Source for Alias<T, A> {
    type Table = T;
    type Tag = A::Tag;
    const NAME: &'static str = A::NAME;
    const ALIAS: Option<&'static str> = Some(A::NAME);
}

/// The columns of an alias, as a struct with a field for each.
pub trait AliasColumns: Sized {
    /// The table under its other name.
    type Source: Source;
    /// The columns.
    const NEW: Self;

    /// The alias as the right side of a join, with the condition to join by.
    ///
    /// ```sql
    /// join "users" as "other" on "users"."age" > "other"."age"
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// alias!(Other);
    ///
    /// let other = User::alias::<Other>();
    /// let older = User::select().inner_join(other.on(User::age.gt(other.age))).columns(User::name).all(&db)?;
    /// assert_eq!(older, ["Anna"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn on<C, X>(&self, condition: C) -> Join<Self::Source, X>
    where
        C: Condition<Checked = X>,
    {
        Join::new(condition.checked())
    }

    /// The whole row of the alias as one of the columns of a query.
    ///
    /// An `Option` on the nullable side of a join.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// alias!(Other);
    ///
    /// let other = User::alias::<Other>();
    /// let rows: Vec<(String, Option<User>)> = User::select()
    ///     .left_join(other.on(other.age.lt(User::age)))
    ///     .columns((User::name, other.row()))
    ///     .order_by(User::id)
    ///     .all(&db)?;
    /// assert_eq!(rows[0].1.as_ref().map(|user| user.id), Some(3));
    /// assert_eq!(rows[1], ("Bob".to_owned(), None));
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn row(&self) -> WholeRow<Self::Source> {
        WholeRow::NEW
    }

    /// Starts a query that reads the table under this name.
    ///
    /// ```sql
    /// select "other"."id", … from "users" as "other"
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// alias!(Other);
    ///
    /// let other = User::alias::<Other>();
    /// let bob: User = other.select().filter(other.id.eq(2)).one(&db)?;
    /// assert_eq!(bob.name, "Bob");
    /// # Ok::<(), orm::Error>(())
    /// ```
    fn select(&self) -> Select<From<Self::Source>> {
        Select::new()
    }
}

/// A model of some of a table's columns, each of which may be left out: `NewUser`, `UserChanges`.
pub trait Cells {
    /// The table.
    type Table: Table;
    /// The SQL names of the columns, in the order `visit` shows them.
    const COLUMNS: &'static [&'static str];
    /// Shows every cell to the visitor, in the order of `COLUMNS`.
    fn visit<'a, V: CellVisitor<'a>>(&'a self, visitor: &mut V);

    /// The columns that have a value.
    fn given_columns(&self) -> Vec<&'static ColumnInfo>
    where
        Self: Sized,
    {
        NameCells::of(self)
    }

    /// A hash of which columns have a value: equal for rows that give the same columns.
    fn given_shape(&self) -> u64
    where
        Self: Sized,
    {
        GivenCells::of(self).shape()
    }

    /// Hands the values to a driver, in the order of [`given_columns`](Cells::given_columns).
    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>)
    where
        Self: Sized,
    {
        self.visit(&mut BindCells(out));
    }
}

/// Is shown the cells of a row.
pub trait CellVisitor<'a> {
    /// A cell with a value, which may be NULL.
    fn given<T: Encode>(&mut self, value: &'a T);
    /// A cell that is left out: the column's default on insert, no change on update.
    fn left_out(&mut self);

    /// A value for a column that is never NULL.
    fn column<C: ColumnDef>(&mut self, value: &'a C::Type) {
        self.given(value);
    }

    /// A value for a column that may be NULL.
    fn nullable<C: ColumnDef>(&mut self, value: &'a Option<C::Type>) {
        self.given(value);
    }

    /// A value that may be left out, for a column that is never NULL.
    fn defaulted<C: ColumnDef>(&mut self, value: &'a Option<C::Type>) {
        match value {
            Some(value) => self.given(value),
            None => self.left_out(),
        }
    }

    /// A value that may be left out, for a column that may be NULL.
    fn nullable_defaulted<C: ColumnDef>(&mut self, value: &'a Option<Option<C::Type>>) {
        match value {
            Some(value) => self.given(value),
            None => self.left_out(),
        }
    }
}

/// Reads the column `C`, for generated code.
#[doc(hidden)]
#[inline]
#[allow(clippy::missing_errors_doc, reason = "called by generated code only")]
pub fn read<C: ColumnDef, R: RowRead + ?Sized>(row: &R, index: usize) -> Result<C::Type, DecodeError> {
    C::Type::decode(row, index)
}

/// Reads the nullable column `C`, for generated code.
#[doc(hidden)]
#[inline]
#[allow(clippy::missing_errors_doc, reason = "called by generated code only")]
pub fn read_null<C: ColumnDef, R: RowRead + ?Sized>(row: &R, index: usize) -> Result<Option<C::Type>, DecodeError> {
    Option::<C::Type>::decode(row, index)
}

/// Hands over a value of the column `C`, for generated code.
#[doc(hidden)]
#[inline]
pub fn cell<'q, C: ColumnDef>(value: &'q C::Type, out: &mut dyn Binder<'q>) {
    value.encode(out);
}

/// Hands over a value of the nullable column `C`, for generated code.
#[doc(hidden)]
#[inline]
pub fn cell_null<'q, C: ColumnDef>(value: &'q Option<C::Type>, out: &mut dyn Binder<'q>) {
    value.encode(out);
}

/// Hands the given cells of a row to a driver.
pub(crate) struct BindCells<'a, 'q>(pub(crate) &'a mut dyn Binder<'q>);

impl<'q> CellVisitor<'q> for BindCells<'_, 'q> {
    fn given<T: Encode>(&mut self, value: &'q T) {
        value.encode(self.0);
    }

    fn left_out(&mut self) {}
}

/// Which cells of a row are given, which is part of the text, and how many.
#[derive(Default)]
pub(crate) struct GivenCells {
    shape: Shape,
    position: u64,
    given: usize,
}

impl<'a> CellVisitor<'a> for GivenCells {
    fn given<C: Encode>(&mut self, _value: &'a C) {
        self.position += 1;
        self.given += 1;
    }

    fn left_out(&mut self) {
        self.shape.add(self.position);
        self.position += 1;
    }
}

impl GivenCells {
    pub(crate) fn of<R: Cells>(row: &R) -> Self {
        let mut cells = Self::default();
        row.visit(&mut cells);
        cells
    }

    pub(crate) fn shape(&self) -> u64 {
        self.shape.value()
    }

    pub(crate) fn count(&self) -> usize {
        self.given
    }
}

/// The columns of the given cells of a row.
#[derive(Default)]
pub(crate) struct NameCells {
    given: Vec<bool>,
}

impl<'a> CellVisitor<'a> for NameCells {
    fn given<C: Encode>(&mut self, _value: &'a C) {
        self.given.push(true);
    }

    fn left_out(&mut self) {
        self.given.push(false);
    }
}

impl NameCells {
    /// The given columns of a row.
    pub(crate) fn of<R: Cells>(row: &R) -> Vec<&'static ColumnInfo> {
        let mut cells = Self::default();
        row.visit(&mut cells);
        // A model has its columns in the order of the table's, some of which it has not.
        let mut columns = <R::Table as Table>::DEF.columns.iter();
        let named = R::COLUMNS.iter().zip(cells.given);
        named.filter_map(|(name, given)| columns.find(|column| column.name == *name).filter(|_| given)).collect()
    }
}

/// An inner node of a table's insert state.
pub struct Node<L, R>(PhantomData<(L, R)>);
/// A required column without a value.
pub struct Missing<C>(PhantomData<C>);
/// A column that may be left out, without a value.
pub struct Open<C>(PhantomData<C>);
/// A column with a value.
pub struct Given<C>(PhantomData<C>);
/// A column the database computes.
pub struct Computed<C>(PhantomData<C>);

/// A table's insert state, or a part of one, whose columns have types that database `D` has.
pub trait StoredBy<D> {}
impl<D, L: StoredBy<D>, R: StoredBy<D>> StoredBy<D> for Node<L, R> {}
impl<D: Supports<<C::Type as DbType>::Needs>, C: ColumnDef> StoredBy<D> for Missing<C> {}
impl<D: Supports<<C::Type as DbType>::Needs>, C: ColumnDef> StoredBy<D> for Open<C> {}
impl<D: Supports<<C::Type as DbType>::Needs>, C: ColumnDef> StoredBy<D> for Computed<C> {}

/// An insert state, or a part of one, in which a value is given to the column `C` at path `P`.
pub trait Put<P, C> {
    /// The column's state before.
    type Slot;
    /// The insert state after it.
    type Out;
}

impl<P, C, L: Put<P, C>, R> Put<Left<P>, C> for Node<L, R> {
    type Slot = L::Slot;
    type Out = Node<L::Out, R>;
}

impl<P, C, L, R: Put<P, C>> Put<Right<P>, C> for Node<L, R> {
    type Slot = R::Slot;
    type Out = Node<L, R::Out>;
}

impl<C, S> Put<End, C> for S {
    type Slot = S;
    type Out = Given<C>;
}

/// A column to which no value was given yet.
#[diagnostic::on_unimplemented(
    message = "`{C}` is set twice",
    label = "a value was given to this column before",
    note = "leave one of the two out"
)]
pub trait Settable<C> {}
#[diagnostic::do_not_recommend]
impl<C> Settable<C> for Missing<C> {}
#[diagnostic::do_not_recommend]
impl<C> Settable<C> for Open<C> {}
// The message of a generated column comes from `Insertable`.
#[diagnostic::do_not_recommend]
impl<C> Settable<C> for Computed<C> {}

/// An insert state in which every required column has a value.
pub trait Complete {}
impl<L: Complete, R: Complete> Complete for Node<L, R> {}
impl<C> Complete for Missing<C> where Missing<C>: HasValue<C> {}
impl<C> Complete for Open<C> {}
impl<C> Complete for Given<C> {}
impl<C> Complete for Computed<C> {}

/// Never implemented for a missing column: carries the message.
#[diagnostic::on_unimplemented(
    message = "no value for the required column `{C}`",
    label = "a required column has no value yet",
    note = "add `.set(..)` for `{C}`, give the column a default, or make its type an `Option`"
)]
pub trait HasValue<C> {}
