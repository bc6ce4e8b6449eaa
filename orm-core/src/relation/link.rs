//! Members of a relation of many to many: connecting, disconnecting and replacing them.

use std::{borrow::Borrow, marker::PhantomData};

use super::{
    Relation, RelationDef, Through,
    children::column,
    graph::insert_rows,
    key::{KeyCell, KeyOf},
    wanted::bind_lists,
};
use crate::{
    ast::{self, Expr},
    error::Error,
    executor::{Extent, Plan, Query, QueryKey, Runner, Shape, WriteExecutor},
    query::{ManyAction, NoRows},
    table::{CellVisitor, Cells, ColumnDef, Table},
    types::{Binder, DecodeError, Encode, RowRead, SqlType, ToValue},
};

/// The table between two that are related many to many.
#[diagnostic::on_unimplemented(
    message = "this relation leads straight to its rows",
    label = "there is no table between",
    note = "members are connected where a relation goes `through(..)` a table; here, the key is a column of one of the two: set it"
)]
pub trait JoinTable: Table {}
#[diagnostic::do_not_recommend]
impl<T: Table> JoinTable for T {}

/// A row of table `T`, or the value of its primary key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a row of `{T}` nor the value of its primary key",
    label = "expected a row of `{T}`, or its key"
)]
pub trait Identifies<T, How>: Send + Sync {
    #[doc(hidden)]
    fn key(&self, columns: &[usize]) -> Vec<KeyCell>;
}

/// By the row.
#[derive(Debug)]
pub enum ByRow {}
/// By the value of the primary key.
#[derive(Debug)]
pub enum ByKey {}

#[diagnostic::do_not_recommend]
impl<T: Table, P: Borrow<T> + Send + Sync> Identifies<T, ByRow> for P {
    fn key(&self, columns: &[usize]) -> Vec<KeyCell> {
        cells(self.borrow(), columns)
    }
}

#[diagnostic::do_not_recommend]
impl<T, V, C> Identifies<T, (ByKey, C)> for V
where
    T: Table<Key = (C,)>,
    C: ColumnDef,
    V: ToValue<C::Type> + Clone + Send + Sync,
{
    fn key(&self, columns: &[usize]) -> Vec<KeyCell> {
        // Keys may be those of other columns than the primary key.
        if !columns.iter().map(|&at| T::DEF.columns[at].name).eq(T::DEF.primary_key.iter().copied()) {
            return Vec::new();
        }
        let mut key = KeyOf::default();
        let value = self.clone().to_value();
        value.encode(&mut key);
        let ty = columns.first().map_or(SqlType::Text, |&column| T::DEF.columns[column].sql_type);
        vec![key.into_cell(ty)]
    }
}

fn cells<T: Table>(row: &T, columns: &[usize]) -> Vec<KeyCell> {
    columns.iter().map(|&column| KeyOf::cell(row, column, T::DEF.columns[column].sql_type)).collect()
}

/// A row of the table between.
struct LinkRow<J> {
    /// The cells, by the positions of their columns.
    cells: Vec<(usize, KeyCell)>,
    table: PhantomData<fn() -> J>,
}

impl<J: Table> Cells for LinkRow<J> {
    type Table = J;
    const COLUMNS: &'static [&'static str] = J::New::COLUMNS;

    fn visit<'a, V: CellVisitor<'a>>(&'a self, visitor: &mut V) {
        for name in Self::COLUMNS {
            match self.cells.iter().find(|(column, _)| J::DEF.columns[*column].name == *name) {
                Some((_, cell)) => visitor.given(cell),
                None => visitor.left_out(),
            }
        }
    }
}

/// Rows that are there already stay as they are.
struct UnlessThere;

impl<T> ManyAction<T> for UnlessThere {
    type Needs = ();

    fn to_conflict(&self) -> Option<ast::OnConflict> {
        Some(ast::OnConflict { target: Vec::new(), set: Vec::new(), filter: None })
    }

    fn add_conflict_shape(&self, _shape: &mut Shape) {}

    fn bind_conflict<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

/// The table between, if there is one, as what rows can be inserted into.
pub trait Between: Send + Sync + 'static {
    /// Inserts rows of these cells.
    #[doc(hidden)]
    fn insert<X: Runner>(on: &X, rows: Vec<Vec<(usize, KeyCell)>>) -> impl Future<Output = Result<u64, Error>> + Send;
}

impl Between for () {
    async fn insert<X: Runner>(_on: &X, _rows: Vec<Vec<(usize, KeyCell)>>) -> Result<u64, Error> {
        Ok(0)
    }
}

impl<J: Table> Between for J {
    async fn insert<X: Runner>(on: &X, rows: Vec<Vec<(usize, KeyCell)>>) -> Result<u64, Error> {
        let rows: Vec<LinkRow<J>> = rows.into_iter().map(|cells| LinkRow { cells, table: PhantomData }).collect();
        insert_rows(on, &rows, &UnlessThere, &NoRows, |()| Ok(())).await
    }
}

/// The cells of a row of the table between.
fn link_cells(through: &Through, owner: Vec<KeyCell>, target: Vec<KeyCell>) -> Vec<(usize, KeyCell)> {
    let owner = through.to_owner.as_slice().iter().copied().zip(owner);
    owner.chain(through.to_target.as_slice().iter().copied().zip(target)).collect()
}

/// Inserts rows of the table between for pairs of rows.
pub(super) async fn link<'r, R: RelationDef, X: Runner>(
    on: &X,
    pairs: impl Iterator<Item = (&'r R::Owner, &'r R::Target)> + Send,
) -> Result<u64, Error> {
    let Some(through) = &R::INFO.through else { return Ok(0) };
    let (owner_key, target_key) = (R::INFO.owner_key.as_slice(), R::INFO.target_key.as_slice());
    let cells = |(owner, target)| link_cells(through, cells(owner, owner_key), cells(target, target_key));
    let rows = pairs.map(cells).collect();
    R::Between::insert(on, rows).await
}

/// Which members a row gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Connect,
    Disconnect,
    Replace,
}

/// A change of the members of a relation of many to many.
///
/// It runs in one transaction.
#[must_use = "members do not change until it is run, for example with `.execute(&db)`"]
pub struct Members<R> {
    change: Change,
    owner: Vec<KeyCell>,
    targets: Vec<Vec<KeyCell>>,
    relation: PhantomData<fn() -> R>,
}

impl<R: RelationDef> Relation<R> {
    fn members<O, P, A, B>(change: Change, owner: &O, targets: &[P]) -> Members<R>
    where
        O: Identifies<R::Owner, A>,
        P: Identifies<R::Target, B>,
    {
        const {
            assert!(!R::FILTERED, "members of a relation with a declared filter do not change: use one without it");
            assert!(
                match R::INFO.through {
                    Some(Through { table, .. }) => table.soft_delete.is_none(),
                    None => true,
                },
                "members do not change where the table between keeps its deleted rows: insert and delete those rows"
            );
        }
        let owner = owner.key(R::INFO.owner_key.as_slice());
        let targets = targets.iter().map(|target| target.key(R::INFO.target_key.as_slice())).collect();
        Members { change, owner, targets, relation: PhantomData }
    }

    /// Makes rows members: inserts rows of the table between, unless they are there.
    ///
    /// Rows are given as they are, or as their primary keys. The other columns of the table between get their defaults; whether a
    /// member is there already is what its unique keys say.
    ///
    /// ```sql
    /// insert into "memberships" ("user_id", "group_id") values ($1, $2), … on conflict do nothing
    /// ```
    ///
    /// ```
    /// use orm::prelude::*;
    ///
    /// #[derive(Table)]
    /// struct Post {
    ///     #[column(primary_key)]
    ///     id: i64,
    /// }
    /// #[derive(Table)]
    /// struct Tag {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     name: String,
    /// }
    /// #[derive(Table)]
    /// struct PostTag {
    ///     #[column(primary_key, references = Post::id)]
    ///     post_id: i64,
    ///     #[column(primary_key, references = Tag::id)]
    ///     tag_id: i64,
    /// }
    /// relations! {
    ///     Post { tags: many(Tag) through(PostTag) }
    /// }
    /// schema! { fn schema() = [Post, Tag, PostTag] }
    ///
    /// let db = orm::sqlite::Connection::open_in_memory()?;
    /// db.create_all(&schema())?;
    /// let post = Post::insert().set(Post::id, 1).returning().one(&db)?;
    /// Tag::insert_many(&[NewTag::new(1, "rust"), NewTag::new(2, "sql"), NewTag::new(3, "orm")]).execute(&db)?;
    ///
    /// assert_eq!(Post::tags.connect(&post, &[1, 2]).execute(&db)?, 2);
    /// assert_eq!(Post::tags.disconnect(&post, &[1]).execute(&db)?, 1);
    /// assert_eq!(Post::tags.replace(&post, &[2, 3]).execute(&db)?, 1);
    /// let tags = Post::tags.columns(Tag::name).order_by(Tag::id).load_into(&[post], &db)?;
    /// assert_eq!(tags, [["sql", "orm"]]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn connect<O, P, A, B>(self, owner: &O, targets: &[P]) -> Members<R>
    where
        R::Between: JoinTable,
        O: Identifies<R::Owner, A>,
        P: Identifies<R::Target, B>,
    {
        Self::members(Change::Connect, owner, targets)
    }

    /// Makes rows no members any more: deletes their rows of the table between.
    ///
    /// Like [`connect`](Relation::connect), but the other way around.
    ///
    /// ```sql
    /// delete from "memberships" where "user_id" = $1 and "group_id" = any($2)
    /// ```
    pub fn disconnect<O, P, A, B>(self, owner: &O, targets: &[P]) -> Members<R>
    where
        R::Between: JoinTable,
        O: Identifies<R::Owner, A>,
        P: Identifies<R::Target, B>,
    {
        Self::members(Change::Disconnect, owner, targets)
    }

    /// Makes these rows the only members: deletes the rows of the table between of all others, and inserts those that are
    /// missing. The number of rows is that of both.
    ///
    /// Like [`connect`](Relation::connect), but for all members at once. No rows at all removes every member.
    ///
    /// ```sql
    /// delete from "memberships" where "user_id" = $1 and not "group_id" = any($2);
    /// insert into "memberships" ("user_id", "group_id") values ($1, $2), … on conflict do nothing
    /// ```
    pub fn replace<O, P, A, B>(self, owner: &O, targets: &[P]) -> Members<R>
    where
        R::Between: JoinTable,
        O: Identifies<R::Owner, A>,
        P: Identifies<R::Target, B>,
    {
        Self::members(Change::Replace, owner, targets)
    }
}

impl<R: RelationDef> Members<R> {
    /// Runs the change and gives the number of rows of the table between that were inserted and deleted.
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses a row, for instance because one that is to be a member does not exist.
    pub fn execute<'a, E>(self, db: &'a E) -> E::Output<'a, u64>
    where
        E: WriteExecutor + ?Sized,
    {
        db.run_plan(self)
    }
}

impl<R: RelationDef> Plan for Members<R> {
    type Output = u64;

    const EXTENT: Extent = Extent::Writes;

    async fn run<X: Runner>(self, on: &X) -> Result<u64, Error> {
        let Self { change, owner, targets, .. } = self;
        let Some(through) = &R::INFO.through else { return Ok(0) };
        // A key by itself says nothing of the other columns, such as those of a scope.
        let (own, others) = (R::INFO.owner_key.as_slice().len(), R::INFO.target_key.as_slice().len());
        if owner.len() != own || targets.iter().any(|target| target.len() != others) {
            return Err(Error::NeedsRow { table: R::INFO.owner.name, relation: R::INFO.name });
        }
        let mut changed = 0;
        if change != Change::Connect {
            let unlink = Unlink { through, owner: &owner, targets: &targets, others: change == Change::Replace };
            changed += on.rows(&unlink, |()| Ok(())).await?;
        }
        if change != Change::Disconnect {
            let rows = targets.into_iter().map(|target| link_cells(through, owner.clone(), target)).collect();
            changed += R::Between::insert(on, rows).await?;
        }
        Ok(changed)
    }
}

/// Deletes rows of the table between.
struct Unlink<'a> {
    through: &'static Through,
    owner: &'a [KeyCell],
    targets: &'a [Vec<KeyCell>],
    /// Those of all other members, instead of those of these.
    others: bool,
}

impl Query for Unlink<'_> {
    type Row = ();

    const WRITES: bool = true;

    fn key(&self) -> QueryKey {
        let mut shape = Shape::default();
        shape.add(std::ptr::from_ref(self.through).addr() as u64);
        shape.add(u64::from(self.others));
        QueryKey::of::<Self>(&shape)
    }

    fn statement(&self) -> Result<ast::Statement, Error> {
        let Through { table, to_owner, to_target } = self.through;
        let at = |&at: &usize| column(table, table.name, at);
        let equal = |own: &usize| {
            let param = Expr::Param(table.columns[*own].sql_type);
            Expr::Binary(Box::new(at(own)), ast::BinaryOp::Eq, Box::new(param))
        };
        let mut conditions: Vec<Expr> = to_owner.as_slice().iter().map(equal).collect();
        let types = to_target.as_slice().iter().map(|&at| table.columns[at].sql_type).collect();
        let members = Expr::among(to_target.as_slice().iter().map(at).collect(), types);
        conditions.push(if self.others { Expr::Not(Box::new(members)) } else { members });
        let filter = Some(Expr::And(conditions));
        Ok(ast::Statement::Delete(ast::Delete { table: table.name, filter, returning: Vec::new() }))
    }

    fn bind<'q>(&'q self, out: &mut dyn Binder<'q>) {
        for cell in self.owner {
            cell.encode(out);
        }
        let columns = self.through.to_target.as_slice().len();
        bind_lists(self.targets.len(), columns, out, &|row, column, out| self.targets[row][column].encode(out));
    }

    fn decode<R: RowRead + ?Sized>(&self, _row: &R) -> Result<(), DecodeError> {
        Ok(())
    }
}
