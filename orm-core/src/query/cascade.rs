//! What a delete does to other tables.

use std::{
    collections::{HashMap, HashSet},
    marker::PhantomData,
};

use super::{delete::Delete, fetch::Needy, filter::HasFilter, returning::Returnable, scoped::Tells, told::WriteTarget};
use crate::{
    ast::{self, Expr},
    dialect::Supports,
    error::Error,
    executor::{Executor, Extent, Plan, Query, QueryKey, Runner, Shape, WriteExecutor},
    relation::{Key, KeyColumns, Keys, Wanted, column},
    schema::{ForeignKeyAction, ForeignKeyDef, Schema, TableDef},
    table::Table,
    types::{Binder, DecodeError, RowRead},
};

/// The rows of a table that refer to rows which are deleted, and what the schema does to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cascade {
    /// The table.
    pub table: &'static str,
    /// Its columns that refer to the deleted rows.
    pub columns: &'static [&'static str],
    /// What happens to its rows: with `NoAction` and `Restrict`, the delete fails unless they are deleted along as well.
    pub action: ForeignKeyAction,
    /// How many there are. A row that is deleted for several reasons is counted for the first.
    pub rows: u64,
}

/// What a delete did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deleted {
    /// The number of rows that were deleted, without those of other tables.
    pub rows: u64,
    /// What happened to rows that referred to them, in the order in which they were found.
    pub cascades: Vec<Cascade>,
}

/// A delete that tells what the schema does to other rows: what [`cascades`](Delete::cascades) gives.
#[must_use = "a delete does nothing until it is run, for example with `.execute(&db)`"]
pub struct Cascading<Q, T> {
    delete: Q,
    schema: Schema,
    table: PhantomData<fn() -> T>,
}

impl<T: WriteTarget, W> Delete<T, W> {
    /// Tells what the schema does to rows of other tables that refer to the deleted ones: which are deleted along,
    /// which lose their reference, which forbid the delete.
    ///
    /// The rows are looked for before the delete, in its transaction, with one statement for each foreign key and level.
    /// [`tell`](Cascading::tell) only looks.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let delete = || User::delete().filter(User::id.eq(1)).cascades(&schema());
    /// let told = delete().tell(&db)?;
    /// assert_eq!((told[0].table, told[0].columns, told[0].rows), ("posts", &["author_id"][..], 2));
    ///
    /// let deleted = delete().execute(&db)?;
    /// assert_eq!((deleted.rows, deleted.cascades), (1, told));
    /// assert_eq!(Post::select().count(&db)?, 1);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn cascades(self, schema: &Schema) -> Cascading<Self, T::Table>
    where
        T::Scope: Tells<T::Table>,
        W: HasFilter,
    {
        Cascading { delete: self, schema: *schema, table: PhantomData }
    }
}

impl<Q, T: Table> Cascading<Q, T> {
    /// Looks for the rows, and deletes nothing.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses a statement, [`Error::EmptyFilter`] if the filter turned out empty.
    pub fn tell<'a, E>(self, db: &'a E) -> E::Output<'a, Vec<Cascade>>
    where
        Q: Returnable<T> + Needy + 'a,
        E: Executor + ?Sized,
        E::Dialect: Supports<<Q as Needy>::Needs>,
    {
        db.run_plan(Telling(self))
    }

    /// Runs the delete, and tells what happened.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses the delete, for instance because a row that refers to a deleted one forbids
    /// it; nothing is deleted then. [`Error::EmptyFilter`] if the filter turned out empty.
    pub fn execute<'a, E>(self, db: &'a E) -> E::Output<'a, Deleted>
    where
        Q: Query<Row = ()> + Returnable<T> + Needy + 'a,
        E: WriteExecutor + ?Sized,
        E::Dialect: Supports<<Q as Needy>::Needs>,
    {
        db.run_plan(self)
    }
}

impl<Q: Query<Row = ()> + Returnable<T>, T: Table> Plan for Cascading<Q, T> {
    type Output = Deleted;

    const EXTENT: Extent = Extent::Writes;

    async fn run<R: Runner>(self, on: &R) -> Result<Deleted, Error> {
        let cascades = cascades(on, &self.delete, &self.schema).await?;
        let rows = on.rows(&self.delete, |()| Ok(())).await?;
        Ok(Deleted { rows, cascades })
    }
}

/// A look at what a delete would do.
struct Telling<Q, T>(Cascading<Q, T>);

impl<Q: Returnable<T>, T: Table> Plan for Telling<Q, T> {
    type Output = Vec<Cascade>;

    const EXTENT: Extent = Extent::Reads;

    async fn run<R: Runner>(self, on: &R) -> Result<Vec<Cascade>, Error> {
        cascades(on, &self.0.delete, &self.0.schema).await
    }
}

/// Follows the foreign keys to the rows that a delete is about.
async fn cascades<Q: Returnable<T>, T: Table, R: Runner>(
    on: &R,
    delete: &Q,
    schema: &Schema,
) -> Result<Vec<Cascade>, Error> {
    // A delete that marks rows is an update, of which foreign keys know nothing.
    let ast::Statement::Delete(ast::Delete { filter, .. }) = delete.base_statement()? else { return Ok(Vec::new()) };
    let doomed = Doomed { delete, filter, reading: Reading::of(T::DEF, schema), table: PhantomData };
    let mut told: Vec<Cascade> = Vec::new();
    let mut seen: HashMap<&'static str, HashSet<Key>> = HashMap::new();
    let mut level = vec![(T::DEF, read(on, &doomed, T::DEF, &mut seen).await?)];
    while let Some((table, rows)) = level.pop() {
        for (child, key) in referring(schema, table) {
            let keys = rows.keys(key.references);
            let wanted = Wanted::new(&keys);
            if wanted.is_empty() {
                continue;
            }
            let children = Referring { child, key, wanted: &wanted, reading: Reading::of(child, schema) };
            let found = match key.on_delete {
                ForeignKeyAction::Cascade => {
                    let found = read(on, &children, child, &mut seen).await?;
                    let count = found.rows.len() as u64;
                    level.push((child, found));
                    count
                }
                _ => on.rows(&children, |_| Ok(())).await?,
            };
            match told.iter_mut().find(|cascade| cascade.table == child.name && cascade.columns == key.columns) {
                Some(cascade) => cascade.rows += found,
                None if found > 0 => {
                    let action = key.on_delete;
                    told.push(Cascade { table: child.name, columns: key.columns, action, rows: found });
                }
                None => {}
            }
        }
    }
    Ok(told)
}

/// The foreign keys that refer to a table, and whose they are.
fn referring<'s>(
    schema: &'s Schema,
    table: &'static TableDef,
) -> impl Iterator<Item = (&'static TableDef, &'static ForeignKeyDef)> + use<'s> {
    let keys = schema.tables().iter().flat_map(|child| child.foreign_keys.iter().map(|key| (*child, key)));
    keys.filter(|(_, key)| key.table == table.name)
}

fn positions(table: &TableDef, names: &[&str]) -> Vec<usize> {
    names.iter().filter_map(|name| table.columns.iter().position(|column| column.name == *name)).collect()
}

/// Which columns of a table are read: those that tell its rows apart, and those that others refer to.
struct Reading {
    table: &'static TableDef,
    identity: Vec<usize>,
    referred: Vec<&'static [&'static str]>,
}

impl Reading {
    fn of(table: &'static TableDef, schema: &Schema) -> Self {
        let mut referred: Vec<&'static [&'static str]> = Vec::new();
        for (_, key) in referring(schema, table) {
            if !referred.contains(&key.references) {
                referred.push(key.references);
            }
        }
        Self { table, identity: positions(table, table.primary_key), referred }
    }

    /// The groups of columns, that of the identity first.
    fn groups(&self) -> impl Iterator<Item = Vec<usize>> + '_ {
        let referred = self.referred.iter().map(|names| positions(self.table, names));
        std::iter::once(self.identity.clone()).chain(referred)
    }

    fn columns(&self) -> Vec<Expr> {
        let columns: Vec<Expr> = self.groups().flatten().map(|at| column(self.table, self.table.name, at)).collect();
        if columns.is_empty() { vec![Expr::Integer(1)] } else { columns }
    }

    fn add_shape(&self, shape: &mut Shape) {
        shape.add(std::ptr::from_ref(self.table).addr() as u64);
        for group in self.groups() {
            shape.add(group.len() as u64);
            group.iter().for_each(|&at| shape.add(at as u64));
        }
    }

    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<Vec<Option<Key>>, DecodeError> {
        let mut place = 0;
        let read = |group: Vec<usize>| {
            let start = place;
            place += group.len();
            if group.is_empty() {
                return Ok(None);
            }
            KeyColumns::new(self.table, &group, |at| start + at).read(row)
        };
        self.groups().map(read).collect()
    }
}

/// Rows that will be deleted: their keys, by the columns that others refer to.
struct Found {
    referred: Vec<&'static [&'static str]>,
    rows: Vec<Vec<Option<Key>>>,
}

impl Found {
    fn keys(&self, columns: &[&str]) -> Keys {
        let mut keys = Keys::default();
        let group = self.referred.iter().position(|names| *names == columns);
        for row in &self.rows {
            keys.push(group.and_then(|at| row.get(at)?.clone()));
        }
        keys
    }
}

/// Reads rows that were not seen before.
async fn read<R: Runner, Q: Query<Row = Vec<Option<Key>>> + Reads>(
    on: &R,
    query: &Q,
    table: &'static TableDef,
    seen: &mut HashMap<&'static str, HashSet<Key>>,
) -> Result<Found, Error> {
    let seen = seen.entry(table.name).or_default();
    let mut rows = Vec::new();
    on.rows(query, |mut row| {
        let identity = if row.is_empty() { None } else { row.remove(0) };
        if identity.is_none_or(|identity| seen.insert(identity)) {
            rows.push(row);
        }
        Ok(())
    })
    .await?;
    Ok(Found { referred: query.referred(), rows })
}

/// A query that reads keys.
trait Reads {
    fn referred(&self) -> Vec<&'static [&'static str]>;
}

/// The rows that a delete is about.
struct Doomed<'q, Q, T> {
    delete: &'q Q,
    filter: Option<Expr>,
    reading: Reading,
    table: PhantomData<fn() -> T>,
}

impl<Q, T> Reads for Doomed<'_, Q, T> {
    fn referred(&self) -> Vec<&'static [&'static str]> {
        self.reading.referred.clone()
    }
}

impl<Q: Returnable<T>, T: Table> Query for Doomed<'_, Q, T> {
    type Row = Vec<Option<Key>>;

    const WRITES: bool = false;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        self.delete.add_base_shape(&mut shape);
        self.reading.add_shape(&mut shape);
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        Ok(ast::Statement::Select(ast::Select {
            columns: self.reading.columns(),
            from: Some(ast::Source::Table { name: T::NAME, alias: None }),
            filter: self.filter.clone(),
            ..ast::Select::default()
        }))
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.delete.bind_base(out);
    }

    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<Self::Row, DecodeError> {
        self.reading.decode(row)
    }
}

/// The rows of a table that refer to others.
struct Referring<'w> {
    child: &'static TableDef,
    key: &'static ForeignKeyDef,
    wanted: &'w Wanted<'w>,
    reading: Reading,
}

impl Reads for Referring<'_> {
    fn referred(&self) -> Vec<&'static [&'static str]> {
        self.reading.referred.clone()
    }
}

impl Query for Referring<'_> {
    type Row = Vec<Option<Key>>;

    const WRITES: bool = false;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        shape.add(std::ptr::from_ref(self.key).addr() as u64);
        self.reading.add_shape(&mut shape);
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        let columns = positions(self.child, self.key.columns);
        let types = columns.iter().map(|&at| self.child.columns[at].sql_type).collect();
        let columns = columns.iter().map(|&at| column(self.child, self.child.name, at)).collect();
        Ok(ast::Statement::Select(ast::Select {
            columns: self.reading.columns(),
            from: Some(ast::Source::Table { name: self.child.name, alias: None }),
            filter: Some(Expr::among(columns, types)),
            ..ast::Select::default()
        }))
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        let columns = positions(self.child, self.key.columns);
        self.wanted.bind(columns.iter().map(|&at| self.child.columns[at].sql_type), out);
    }

    fn decode<R: RowRead + ?Sized>(&self, row: &R) -> Result<Self::Row, DecodeError> {
        self.reading.decode(row)
    }
}
