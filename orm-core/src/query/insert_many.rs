//! `insert` of any number of rows.

use std::marker::PhantomData;

use super::{
    assign::{AssignIn, AssignListOf},
    conflict::{ConflictAction, ConflictKey, ConflictScope, ConflictTarget, DoNothing, DoUpdate},
    fetch::Needy,
    filter::{FilterIn, NoFilter},
    returning::{ReturningIn, WrittenScope},
    select::AllRows,
    selection::{ListOf, RowSource},
};
use crate::{
    ast,
    dialect::{ColumnsOf, Dialect, Supports},
    error::Error,
    executor::{Batch, Query, QueryKey, Shape, WriteExecutor},
    expr::And,
    schema::ColumnInfo,
    scope::Constant,
    table::{BindCells, Cells, GivenCells, NameCells, Table, UniqueOn},
    types::{Binder, DecodeError, RowRead, SqlType},
};

/// An insert of any number of rows, in one transaction.
///
/// PostgreSQL is sent an array of values for each column, in one statement for up to 20,000 rows; rows with a column of
/// arrays, or one whose PostgreSQL type the schema names (`#[column(postgres(type = ".."))]`), are written out instead.
/// SQLite is sent statements of a fixed size that stay prepared: 64, 16 or 1 rows, fewer of wide tables. Rows beside each
/// other that give the same columns share a statement. No rows at all is fine: nothing is sent.
///
/// If one row is refused, none is inserted.
#[must_use = "an insert does nothing until it is run, for example with `.execute(&db)`"]
pub struct InsertMany<'a, T: Table, A = Plainly, C = NoRows> {
    rows: &'a [T::New],
    action: A,
    columns: C,
}

/// What happens when a row with the same key exists.
pub trait ManyAction<T>: Send + Sync {
    /// What a database needs for it.
    type Needs;
    /// The answer as plain data.
    fn to_conflict(&self) -> Option<ast::OnConflict>;
    /// Adds what the text depends on at run time.
    fn add_conflict_shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_conflict<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// It is an error.
pub struct Plainly;

impl<T> ManyAction<T> for Plainly {
    type Needs = ();
    fn to_conflict(&self) -> Option<ast::OnConflict> {
        None
    }
    fn add_conflict_shape(&self, _shape: &mut Shape) {}
    fn bind_conflict<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

/// On a conflict on `K`, the action `A`.
pub struct On<K, A> {
    action: A,
    target: PhantomData<fn() -> K>,
}

impl<T: Table, K: ConflictKey, A: ConflictAction<T>> ManyAction<T> for On<K, A> {
    type Needs = A::Needs;
    fn to_conflict(&self) -> Option<ast::OnConflict> {
        Some(self.action.to_action(K::names()))
    }
    fn add_conflict_shape(&self, shape: &mut Shape) {
        self.action.add_action_shape(shape);
    }
    fn bind_conflict<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.action.bind_action(out);
    }
}

/// The statement gives no rows.
pub struct NoRows;

impl<Sc> RowSource<Sc> for NoRows {
    type Row = ();
    type Kind = Constant;
    type Needs = ();
    fn lower_rows(&self, _out: &mut Vec<ast::Expr>) {}
    fn shape_rows(&self, _shape: &mut Shape) {}
    fn bind_rows<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
    fn decode_row<R: RowRead + ?Sized>(_row: &R) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl<'a, T: Table> InsertMany<'a, T> {
    pub(crate) fn new(rows: &'a [T::New]) -> Self {
        Self { rows, action: Plainly, columns: NoRows }
    }

    /// What to do with rows whose key exists. The target is a unique column, or a tuple of columns that are unique
    /// together.
    ///
    /// ```sql
    /// on conflict ("email") do …
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let new = [NewUser::new(4, "anna@example.com", "Ann"), NewUser::new(5, "dora@example.com", "Dora")];
    /// assert_eq!(User::insert_many(&new).on_conflict(User::email).do_nothing().execute(&db)?, 1);
    /// assert_eq!(User::find(1).one(&db)?.name, "Anna");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn on_conflict<K, U>(self, target: K) -> OnConflictMany<'a, T, U>
    where
        K: ConflictTarget<T, Key = U>,
        T: UniqueOn<U>,
    {
        let _ = target;
        OnConflictMany { rows: self.rows, target: PhantomData }
    }
}

/// An insert of many rows with a conflict target, but no answer to conflicts yet.
#[must_use = "say what to do on a conflict: `.do_nothing()` or `.update(..)`"]
pub struct OnConflictMany<'a, T: Table, K> {
    rows: &'a [T::New],
    target: PhantomData<fn() -> K>,
}

impl<'a, T: Table, K> OnConflictMany<'a, T, K> {
    /// Leaves existing rows as they are.
    ///
    /// ```sql
    /// on conflict ("email") do nothing
    /// ```
    ///
    /// They are not counted, and not returned.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let new = [NewUser::new(4, "anna@example.com", "Ann"), NewUser::new(5, "dora@example.com", "Dora")];
    /// let inserted = User::insert_many(&new).on_conflict(User::email).do_nothing().returning().all(&db)?;
    /// assert_eq!(inserted.len(), 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn do_nothing(self) -> InsertMany<'a, T, On<K, DoNothing>> {
        InsertMany { rows: self.rows, action: On { action: DoNothing, target: PhantomData }, columns: NoRows }
    }

    /// Changes existing rows: `column.set(value)`, `column.set_to_excluded()`, or several in a tuple.
    ///
    /// ```sql
    /// on conflict ("email") do update set "name" = "excluded"."name"
    /// ```
    ///
    /// Columns with an `on_update` that are not set get it too.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let new = [NewUser::new(4, "anna@example.com", "Ann"), NewUser::new(5, "dora@example.com", "Dora")];
    /// User::insert_many(&new).on_conflict(User::email).update(User::name.set_to_excluded()).execute(&db)?;
    /// assert_eq!(User::find(1).one(&db)?.name, "Ann");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn update<A, I, L>(self, assignments: A) -> InsertMany<'a, T, On<K, DoUpdate<L, NoFilter>>>
    where
        A: AssignIn<T, ConflictScope<T>, I>,
        I: AssignListOf<A, List = L>,
    {
        let action = On { action: DoUpdate::new(I::into_list(assignments)), target: PhantomData };
        InsertMany { rows: self.rows, action, columns: NoRows }
    }
}

impl<'a, T: Table, K, A, W> InsertMany<'a, T, On<K, DoUpdate<A, W>>> {
    /// Changes only existing rows that meet a condition, and all earlier ones.
    ///
    /// ```sql
    /// do update set … where "users"."role" <> $3
    /// ```
    ///
    /// `User::name` is the existing row's, `User::name.excluded()` the new one's.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let new = [NewUser::new(4, "anna@example.com", "Ann"), NewUser::new(5, "dora@example.com", "Dora")];
    /// let changed = User::insert_many(&new)
    ///     .on_conflict(User::email)
    ///     .update(User::name.set_to_excluded())
    ///     .filter(User::role.ne(Role::Owner))
    ///     .execute(&db)?;
    /// assert_eq!((changed, User::find(1).one(&db)?.name.as_str()), (1, "Anna"));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn filter<E, J, X>(self, condition: E) -> InsertMany<'a, T, On<K, DoUpdate<A, And<W, X>>>>
    where
        E: FilterIn<ConflictScope<T>, J, Filter = X>,
    {
        let action = On { action: self.action.action.and_filter(condition.into_filter()), target: PhantomData };
        InsertMany { rows: self.rows, action, columns: NoRows }
    }
}

impl<'a, T: Table, A: ManyAction<T>> InsertMany<'a, T, A> {
    /// Gives the rows that were inserted or changed, in no particular order.
    ///
    /// ```sql
    /// insert into … returning "users"."id", …
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let new = [NewPost::new(4, 2, "Traits", 700), NewPost::new(5, 2, "Macros", 1500)];
    /// let posts: Vec<Post> = Post::insert_many(&new).returning().all(&db)?;
    /// assert_eq!(posts.iter().map(|post| post.published).collect::<Vec<_>>(), [false, false]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn returning(self) -> InsertMany<'a, T, A, AllRows> {
        InsertMany { rows: self.rows, action: self.action, columns: AllRows }
    }

    /// Inserts the rows and gives the number of rows inserted or changed.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses the statement, with the violated constraint in [`Error::violation`], and
    /// [`Error::Encode`] if a value cannot be stored. No row is inserted then.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let new: Vec<NewPost> = (4..1000).map(|id| NewPost::new(id, 2, format!("Part {id}"), 100)).collect();
    /// assert_eq!(Post::insert_many(&new).execute(&db)?, 996);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn execute<'e, E>(self, db: &'e E) -> E::Output<'e, u64>
    where
        Self: Batch + Needy + 'e,
        E: WriteExecutor + ?Sized,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.execute_many(self)
    }
}

impl<'a, T: Table, A: ManyAction<T>> InsertMany<'a, T, A, AllRows> {
    /// Gives these expressions of the written rows instead of the whole rows.
    ///
    /// ```sql
    /// returning "users"."id"
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let new = [NewPost::new(4, 2, "Traits", 700), NewPost::new(5, 2, "Macros", 1500)];
    /// let mut ids: Vec<i64> = Post::insert_many(&new).returning().columns(Post::id).all(&db)?;
    /// ids.sort();
    /// assert_eq!(ids, [4, 5]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn columns<E, I, L>(self, columns: E) -> InsertMany<'a, T, A, L>
    where
        E: ReturningIn<T, I>,
        I: ListOf<E, WrittenScope<T>, List = L>,
    {
        InsertMany { rows: self.rows, action: self.action, columns: I::into_list(columns) }
    }
}

impl<T: Table, A, C> InsertMany<'_, T, A, C> {
    /// Inserts the rows and gives what `returning` asks for.
    ///
    /// # Errors
    /// Those of [`execute`](InsertMany::execute), and [`Error::Decode`] if a stored value does not fit its Rust type.
    /// No row is inserted then.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let new = [NewPost::new(4, 2, "Traits", 700)];
    /// let posts = Post::insert_many(&new).returning().all(&db)?;
    /// assert_eq!(posts[0].title, "Traits");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn all<'e, E, R>(self, db: &'e E) -> E::Output<'e, Vec<R>>
    where
        Self: Batch<Row = R> + Needy + 'e,
        R: Send + 'e,
        E: WriteExecutor + ?Sized,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.fetch_many(self)
    }

    /// The texts of the statements that insert the rows in this dialect, with placeholders.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*, sqlite::Sqlite};
    /// let new: Vec<NewPost> = (1..=100).map(|id| NewPost::new(id, 1, "Title", 100)).collect();
    /// let texts = Post::insert_many(&new).to_sql(Sqlite);
    /// // 64 + 16 + 16 rows, and 4 times one.
    /// assert_eq!(texts.len(), 7);
    /// assert_eq!(texts[6], r#"insert into "posts" ("id", "author_id", "title", "words") values (?1, ?2, ?3, ?4)"#);
    /// ```
    pub fn to_sql<D>(&self, dialect: D) -> Vec<String>
    where
        Self: Batch + Needy,
        D: Dialect + Supports<<Self as Needy>::Needs>,
    {
        let mut texts = Vec::new();
        let mut start = 0;
        while let Some((part, next)) = self.part(start, &dialect) {
            texts.extend(part.statement().map(|statement| crate::writer::write(&statement, &dialect)));
            start = next;
        }
        texts
    }
}

impl<T: Table, A: ManyAction<T>, C: RowSource<WrittenScope<T>>> Needy for InsertMany<'_, T, A, C> {
    type Needs = (ColumnsOf<T>, (A::Needs, C::Needs));
}

fn given<R: Cells>(row: &R) -> (u64, usize) {
    let cells = GivenCells::of(row);
    (cells.shape(), cells.count())
}

impl<T, A, C> Batch for InsertMany<'_, T, A, C>
where
    T: Table,
    A: ManyAction<T>,
    C: RowSource<WrittenScope<T>>,
{
    type Row = C::Row;
    type Part<'p>
        = ManyPart<'p, T, A, C>
    where
        Self: 'p;

    fn part(&self, start: usize, dialect: &dyn Dialect) -> Option<(ManyPart<'_, T, A, C>, usize)> {
        let (part, rows) = ManyPart::next(self.rows.get(start..)?, &self.action, &self.columns, dialect)?;
        Some((part, start + rows))
    }
}

/// Some rows of an [`InsertMany`], in one statement.
pub struct ManyPart<'a, T: Table, A, C, R = <T as Table>::New> {
    rows: &'a [R],
    /// Whether they are bound column by column, so that their number is not part of the text.
    as_arrays: bool,
    action: &'a A,
    columns: &'a C,
    table: PhantomData<fn() -> T>,
}

impl<'a, T: Table, A, C, R: Cells<Table = T>> ManyPart<'a, T, A, C, R> {
    /// The statement that begins with the first of these rows, and how many of them it inserts. `None` if there are
    /// none.
    pub(crate) fn next(rest: &'a [R], action: &'a A, columns: &'a C, dialect: &dyn Dialect) -> Option<(Self, usize)> {
        let first = rest.first()?;
        let (shape, width) = given(first);
        let arrays = match width {
            0 => None,
            _ => dialect.insert_arrays(&mut std::iter::once_with(|| NameCells::of(first)).flatten()),
        };
        let most = match arrays {
            // `default values` is a row by itself.
            _ if width == 0 => 1,
            Some(most) => most.clamp(1, rest.len()),
            None => dialect.insert_chunk(rest.len(), width).max(1),
        };
        // Rows in one statement give the same columns.
        let run = 1 + rest[1..most].iter().take_while(|row| given(*row).0 == shape).count();
        let (rows, as_arrays) = match arrays {
            _ if width == 0 => (1, false),
            // One row is the same statement as that of `insert`.
            Some(_) if run > 1 => (run, true),
            _ => (dialect.insert_chunk(run, width).clamp(1, run), false),
        };
        let part = ManyPart { rows: &rest[..rows], as_arrays, action, columns, table: PhantomData };
        Some((part, rows))
    }
}

impl<T: Table, A, C, R: Cells<Table = T>> ManyPart<'_, T, A, C, R> {
    /// The columns the rows give values for.
    fn given(&self) -> Vec<&'static ColumnInfo> {
        self.rows.first().map(NameCells::of).unwrap_or_default()
    }
}

impl<T, A, C, N> Query for ManyPart<'_, T, A, C, N>
where
    T: Table,
    N: Cells<Table = T> + Send + Sync,
    A: ManyAction<T>,
    C: RowSource<WrittenScope<T>>,
{
    type Row = C::Row;

    const WRITES: bool = true;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        shape.add(if self.as_arrays { u64::MAX } else { self.rows.len() as u64 });
        if let Some(row) = self.rows.first() {
            shape.add(given(row).0);
        }
        self.action.add_conflict_shape(&mut shape);
        self.columns.shape_rows(&mut shape);
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        let given = self.given();
        let columns = given.iter().map(|column| column.name).collect();
        let types = given.iter().map(|column| column.sql_type);
        let rows = if self.as_arrays {
            ast::Rows::Arrays(types.collect())
        } else {
            ast::Rows::Values(vec![types.map(ast::Expr::Param).collect(); self.rows.len()])
        };
        let mut returning = Vec::new();
        self.columns.lower_rows(&mut returning);
        let on_conflict = self.action.to_conflict();
        let insert = ast::Insert { table: T::NAME, columns, rows, on_conflict, returning };
        Ok(ast::Statement::Insert(insert))
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        if self.as_arrays {
            let types: Vec<SqlType> = self.given().iter().map(|column| column.sql_type).collect();
            out.begin_rows(self.rows.len(), &types);
        }
        for row in self.rows {
            row.visit(&mut BindCells(out));
        }
        if self.as_arrays {
            out.end_rows();
        }
        self.action.bind_conflict(out);
        self.columns.bind_rows(out);
    }

    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<C::Row, DecodeError> {
        C::decode_row(row)
    }
}
