//! `on conflict`.

use std::marker::PhantomData;

use super::{
    assign::{AssignIn, AssignList, AssignListOf, add_on_update},
    fetch::Needy,
    filter::{FilterIn, NoFilter},
    insert::InsertStatement,
    returning::{Returnable, Returning},
};
use crate::{
    ast,
    dialect::{Dialect, Supports},
    error::Error,
    executor::{Query, QueryKey, Shape, WriteExecutor},
    expr::{And, Column, Excluded, Lower},
    scope::{Cons, Joined, Nil, NotNull},
    table::{ColumnDef, Table},
    types::{Binder, DecodeError, RowRead},
};

/// The columns a conflict arises on: a unique column, or a tuple of columns that are unique together.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a conflict target of `{T}`",
    label = "expected a column of `{T}`, or a tuple of columns"
)]
pub trait ConflictTarget<T> {
    /// The column marker, or the tuple of markers, that must be unique.
    type Key: ConflictKey;
}

#[diagnostic::do_not_recommend]
impl<C: ColumnDef<Table = T>, T: Table> ConflictTarget<T> for Column<C, T> {
    type Key = C;
}

/// The marker of a column, or several in a tuple.
pub trait ConflictKey {
    /// The names of the columns.
    fn names() -> Vec<&'static str>;
}

impl<C: ColumnDef> ConflictKey for C {
    fn names() -> Vec<&'static str> {
        vec![C::NAME]
    }
}

macro_rules! targets {
    ($($($name:ident),+;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Table, $($name: ColumnDef<Table = T>),+> ConflictTarget<T> for ($(Column<$name, T>,)+) {
            type Key = ($($name,)+);
        }

        impl<$($name: ColumnDef),+> ConflictKey for ($($name,)+) {
            fn names() -> Vec<&'static str> {
                vec![$($name::NAME),+]
            }
        }
    )*};
}

targets! {
    A, B;
    A, B, C;
    A, B, C, D;
}

/// An insert with a conflict target, but no answer to conflicts yet.
#[must_use = "say what to do on a conflict: `.do_nothing()` or `.update(..)`"]
pub struct OnConflict<T, Q, K> {
    insert: Q,
    target: PhantomData<fn() -> (T, K)>,
}

/// What an upsert can read: the existing row, and the one that could not be inserted.
pub type ConflictScope<T> = Cons<Joined<Excluded<T>, NotNull>, Cons<Joined<T, NotNull>, Nil>>;

impl<T: Table, Q, K> OnConflict<T, Q, K> {
    pub(crate) fn new(insert: Q) -> Self {
        Self { insert, target: PhantomData }
    }

    /// Leaves the existing row as it is; the new one is not inserted.
    ///
    /// ```sql
    /// on conflict ("email") do nothing
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let inserted = User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "anna@example.com")
    ///     .set(User::name, "Ann")
    ///     .on_conflict(User::email)
    ///     .do_nothing()
    ///     .execute(&db)?;
    /// assert_eq!(inserted, 0);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn do_nothing(self) -> Upsert<T, Q, K, DoNothing> {
        Upsert { insert: self.insert, action: DoNothing, target: PhantomData }
    }

    /// Changes the existing row: `column.set(value)`, `column.set_to_excluded()`, or several in a tuple.
    ///
    /// Columns with an `on_update` that are not set get it too.
    ///
    /// ```sql
    /// on conflict ("email") do update set "name" = "excluded"."name"
    /// ```
    ///
    /// A column means the existing row's value; [`excluded`](Column::excluded) is that of the row which could not be
    /// inserted.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "anna@example.com")
    ///     .set(User::name, "Ann")
    ///     .on_conflict(User::email)
    ///     .update((User::name.set_to_excluded(), User::role.set(Role::Member)))
    ///     .execute(&db)?;
    /// let anna = User::find(1).one(&db)?;
    /// assert_eq!((anna.name.as_str(), anna.role, anna.age), ("Ann", Role::Member, Some(31)));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn update<A, I, L>(self, assignments: A) -> Upsert<T, Q, K, DoUpdate<L, NoFilter>>
    where
        A: AssignIn<T, ConflictScope<T>, I>,
        I: AssignListOf<A, List = L>,
    {
        Upsert { insert: self.insert, action: DoUpdate::new(I::into_list(assignments)), target: PhantomData }
    }
}

/// An insert that knows what to do on a conflict.
#[must_use = "an insert does nothing until it is run, for example with `.execute(&db)`"]
pub struct Upsert<T, Q, K, A> {
    pub(crate) insert: Q,
    pub(crate) action: A,
    target: PhantomData<fn() -> (T, K)>,
}

/// What happens to the existing row.
pub trait ConflictAction<T>: Send + Sync {
    /// What a database needs for it.
    type Needs;
    /// The answer as plain data.
    fn to_action(&self, target: Vec<&'static str>) -> ast::OnConflict;
    /// Adds what the text depends on at run time.
    fn add_action_shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_action<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// Nothing.
pub struct DoNothing;

impl<T> ConflictAction<T> for DoNothing {
    type Needs = ();

    fn to_action(&self, target: Vec<&'static str>) -> ast::OnConflict {
        ast::OnConflict { target, set: Vec::new(), filter: None }
    }

    fn add_action_shape(&self, _shape: &mut Shape) {}

    fn bind_action<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

/// It is changed, if it meets a condition.
pub struct DoUpdate<A, W> {
    set: A,
    filter: W,
}

impl<A> DoUpdate<A, NoFilter> {
    pub(crate) fn new(set: A) -> Self {
        Self { set, filter: NoFilter }
    }
}

impl<A, W> DoUpdate<A, W> {
    pub(crate) fn and_filter<E>(self, condition: E) -> DoUpdate<A, And<W, E>> {
        DoUpdate { set: self.set, filter: And::new(self.filter, condition) }
    }
}

impl<T, A, W> ConflictAction<T> for DoUpdate<A, W>
where
    T: Table,
    A: AssignList,
    W: Lower,
{
    type Needs = (A::Needs, W::Needs);

    fn to_action(&self, target: Vec<&'static str>) -> ast::OnConflict {
        let mut set = Vec::new();
        self.set.to_assignments(&mut set);
        add_on_update(T::DEF, &mut set);
        ast::OnConflict { target, set, filter: self.filter.to_condition() }
    }

    fn add_action_shape(&self, shape: &mut Shape) {
        self.set.add_set_shape(shape);
        self.filter.add_shape(shape);
    }

    fn bind_action<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.set.bind_set(out);
        self.filter.bind_values(out);
    }
}

impl<T: Table, Q, K, A, W> Upsert<T, Q, K, DoUpdate<A, W>> {
    /// Changes the existing row only if it meets a condition, and all earlier ones.
    ///
    /// ```sql
    /// do update set … where "users"."role" <> $3
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let changed = User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "anna@example.com")
    ///     .set(User::name, "Ann")
    ///     .on_conflict(User::email)
    ///     .update(User::name.set_to_excluded())
    ///     .filter(User::role.ne(Role::Owner))
    ///     .execute(&db)?;
    /// assert_eq!(changed, 0);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn filter<E, J, X>(self, condition: E) -> Upsert<T, Q, K, DoUpdate<A, And<W, X>>>
    where
        E: FilterIn<ConflictScope<T>, J, Filter = X>,
    {
        Upsert { insert: self.insert, action: self.action.and_filter(condition.into_filter()), target: PhantomData }
    }
}

impl<T: Table, Q: InsertStatement, K: ConflictKey, A: ConflictAction<T>> Upsert<T, Q, K, A> {
    /// Gives the row that was inserted or changed; a row left as it is gives none.
    ///
    /// ```sql
    /// insert into … on conflict … returning "users"."id", …
    /// ```
    ///
    /// Where a row may be left as it is, ask with `optional`.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let anna: User = User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "anna@example.com")
    ///     .set(User::name, "Ann")
    ///     .on_conflict(User::email)
    ///     .update(User::name.set_to_excluded())
    ///     .returning()
    ///     .one(&db)?;
    /// assert_eq!((anna.id, anna.name.as_str()), (1, "Ann"));
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn returning(self) -> Returning<T, Self> {
        Returning::new(self)
    }

    /// Runs the statement and gives the number of rows inserted or changed.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses the statement, with the violated constraint in [`Error::violation`], and
    /// [`Error::Encode`] if a value cannot be stored.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let changed = User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "anna@example.com")
    ///     .set(User::name, "Ann")
    ///     .on_conflict(User::email)
    ///     .update(User::name.set_to_excluded())
    ///     .execute(&db)?;
    /// assert_eq!(changed, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn execute<'a, E>(self, db: &'a E) -> E::Output<'a, u64>
    where
        Self: 'a,
        E: WriteExecutor + ?Sized,
        E::Dialect: Supports<<Self as Needy>::Needs>,
    {
        db.execute(self)
    }

    /// The text of the statement in this dialect, with placeholders.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*, sqlite::Sqlite};
    /// let upsert = Post::insert()
    ///     .values(NewPost::new(1, 1, "Ownership", 950))
    ///     .on_conflict(Post::id)
    ///     .update(Post::words.set_to_excluded());
    /// assert_eq!(
    ///     upsert.to_sql(Sqlite),
    ///     concat!(
    ///         r#"insert into "posts" ("id", "author_id", "title", "words") values (?1, ?2, ?3, ?4) "#,
    ///         r#"on conflict ("id") do update set "words" = "excluded"."words""#
    ///     )
    /// );
    /// ```
    pub fn to_sql<D>(&self, dialect: D) -> String
    where
        D: Dialect + Supports<<Self as Needy>::Needs>,
    {
        crate::writer::write(&ast::Statement::Insert(self.upsert_ast()), &dialect)
    }

    fn upsert_ast(&self) -> ast::Insert {
        let mut insert = self.insert.insert_ast();
        insert.on_conflict = Some(self.action.to_action(K::names()));
        insert
    }
}

impl<T: Table, Q: InsertStatement, K: ConflictKey, A: ConflictAction<T>> Needy for Upsert<T, Q, K, A> {
    type Needs = (Q::InsertNeeds, A::Needs);
}

impl<T: Table, Q: InsertStatement, K: ConflictKey, A: ConflictAction<T>> Query for Upsert<T, Q, K, A> {
    type Row = ();

    const WRITES: bool = true;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        self.add_base_shape(&mut shape);
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        self.base_statement()
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_base(out);
    }

    fn decode<R: RowRead + ?Sized>(&self, _row: &R) -> Result<(), DecodeError> {
        Ok(())
    }
}

impl<T, Q, K, A> Returnable<T> for Upsert<T, Q, K, A>
where
    T: Table,
    Q: InsertStatement,
    K: ConflictKey,
    A: ConflictAction<T>,
{
    type Needs = (Q::InsertNeeds, A::Needs);

    fn base_statement(&self) -> Result<ast::Statement, Error> {
        Ok(ast::Statement::Insert(self.upsert_ast()))
    }

    fn add_base_shape(&self, shape: &mut Shape) {
        self.insert.add_insert_shape(shape);
        self.action.add_action_shape(shape);
    }

    fn bind_base<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.insert.bind_insert(out);
        self.action.bind_action(out);
    }
}
