//! Relations of a table to itself, followed to the end.

use std::{fmt, ops::Deref};

use super::{
    Arity, Extras, KeyPlaces, Load, Loadable, Many, Relation, RelationDef, TargetRow,
    children::Children,
    key::{Key, KeyColumns, KeyOf, Keys},
    load::rows_of,
    loaded::Entry,
};
use crate::{
    dialect::Dialect,
    error::Error,
    executor::Runner,
    query::{Filtering, OrderList},
};

/// A row with the rows below it: what a relation to many rows gives that is followed to the end.
///
/// Reads like the row itself.
#[derive(Clone, PartialEq)]
pub struct Tree<T> {
    row: T,
    children: Forest<T>,
}

impl<T> Tree<T> {
    /// The rows right below this one.
    pub fn children(&self) -> &[Self] {
        &self.children.0
    }

    /// The row alone.
    pub fn into_row(self) -> T {
        self.row
    }

    /// The row, and the trees below it.
    pub fn into_parts(mut self) -> (T, Vec<Self>) {
        let children = std::mem::take(&mut self.children.0);
        (self.row, children)
    }

    /// How many levels of rows there are below this one.
    pub fn depth(&self) -> usize {
        let (mut depth, mut level): (usize, Vec<&Self>) = (0, self.children().iter().collect());
        while !level.is_empty() {
            depth += 1;
            level = level.into_iter().flat_map(Self::children).collect();
        }
        depth
    }
}

impl<T> Deref for Tree<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.row
    }
}

impl<T: fmt::Debug> fmt::Debug for Tree<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("row", &self.row).field("children", &self.children.0).finish()
    }
}

/// Trees beside each other, which go one after the other however deep they are.
#[derive(Clone, PartialEq)]
struct Forest<T>(Vec<Tree<T>>);

impl<T> Drop for Forest<T> {
    fn drop(&mut self) {
        let mut rest = std::mem::take(&mut self.0);
        while let Some(mut tree) = rest.pop() {
            rest.append(&mut tree.children.0);
        }
    }
}

#[cfg(feature = "serde")]
impl<T: serde::Serialize> serde::Serialize for Tree<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Flat<'a, T> {
            #[serde(flatten)]
            row: &'a T,
            children: &'a [Tree<T>],
        }
        Flat { row: &self.row, children: self.children() }.serialize(serializer)
    }
}

/// A relation of a table to itself.
#[diagnostic::on_unimplemented(
    message = "a relation of `{T}` to `{Self}` cannot be followed any further",
    label = "leads to another table",
    note = "only relations of a table to itself are recursive"
)]
pub trait SameTable<T> {}
#[diagnostic::do_not_recommend]
impl<T> SameTable<T> for T {}

/// What following a relation to the end gives for a row: trees of the rows below it, or the rows above it.
pub trait Following: Arity {
    /// What a row of the result is.
    type Item<T: Send>: Send;
    #[doc(hidden)]
    fn collect<T: Send>(nodes: Vec<Node<T>>, parents: usize) -> Vec<Vec<Self::Item<T>>>;
}

/// A row that was found, and whose it is: that of another one, or of one of the rows that were begun with.
#[doc(hidden)]
pub struct Node<T> {
    row: T,
    above: Above,
}

#[derive(Clone, Copy)]
enum Above {
    Start(usize),
    Node(usize),
}

impl Following for Many {
    type Item<T: Send> = Tree<T>;

    fn collect<T: Send>(nodes: Vec<Node<T>>, parents: usize) -> Vec<Vec<Tree<T>>> {
        let mut roots: Vec<Vec<Tree<T>>> = Vec::new();
        roots.resize_with(parents, Vec::new);
        let mut below: Vec<Vec<Tree<T>>> = Vec::new();
        below.resize_with(nodes.len(), Vec::new);
        // A row comes after the one it belongs to, so that from the end on, all rows below one are there.
        for (at, Node { row, above }) in nodes.into_iter().enumerate().rev() {
            let mut children = std::mem::take(&mut below[at]);
            children.reverse();
            let tree = Tree { row, children: Forest(children) };
            match above {
                Above::Start(start) => roots[start].push(tree),
                Above::Node(node) => below[node].push(tree),
            }
        }
        roots.iter_mut().for_each(|trees| trees.reverse());
        roots
    }
}

macro_rules! chains {
    ($($arity:ty),*) => {$(
        impl Following for $arity {
            type Item<T: Send> = T;

            fn collect<T: Send>(nodes: Vec<Node<T>>, parents: usize) -> Vec<Vec<T>> {
                let mut chains: Vec<Vec<T>> = Vec::new();
                chains.resize_with(parents, Vec::new);
                let mut start_of = Vec::with_capacity(nodes.len());
                for Node { row, above } in nodes {
                    let start = match above {
                        Above::Start(start) => start,
                        Above::Node(node) => start_of[node],
                    };
                    start_of.push(start);
                    chains[start].push(row);
                }
                chains
            }
        }
    )*};
}
chains!(super::One, super::Optional);

/// A relation of a table to itself that is followed to the end, or to a depth: what `recursive()` gives.
#[must_use = "a relation does nothing until it is loaded"]
pub struct Recursive<R, W, O> {
    relation: Relation<R, W, TargetRow<R>, O>,
    depth: Option<usize>,
}

impl<R: RelationDef, W, O> Relation<R, W, TargetRow<R>, O> {
    /// Follows the relation to the end: the rows it leads to, those that these lead to, and so on.
    ///
    /// A relation to many rows gives a [`Tree`] for each; one to a single row gives the rows above as a slice, the nearest
    /// one first. It takes one statement for each level; filter, order, limit and offset are those of each level. Rows that lead
    /// back to themselves are [`Error::Cycle`]; with [`depth`](Recursive::depth), they are followed as far as that.
    ///
    /// ```
    /// use orm::prelude::*;
    ///
    /// #[derive(Table)]
    /// struct Folder {
    ///     #[column(primary_key)]
    ///     id: i64,
    ///     name: String,
    ///     #[column(references = Folder::id)]
    ///     parent_id: Option<i64>,
    /// }
    /// relations! {
    ///     Folder { parent: optional(Folder), folders: many(Folder) }
    /// }
    /// schema! { fn schema() = [Folder] }
    ///
    /// let db = orm::sqlite::Connection::open_in_memory()?;
    /// db.create_all(&schema())?;
    /// let folder = |id, name: &str, parent_id| NewFolder { parent_id, ..NewFolder::new(id, name) };
    /// Folder::insert_many(&[folder(1, "home", None), folder(2, "ann", Some(1)), folder(3, "mail", Some(2))]).execute(&db)?;
    ///
    /// let home = Folder::find(1).with(Folder::folders.recursive()).one(&db)?;
    /// assert_eq!(home.folders()[0].children()[0].name, "mail");
    ///
    /// let mail = Folder::find(3).with(Folder::parent.recursive()).one(&db)?;
    /// let path: Vec<&str> = mail.parent().iter().map(|folder| folder.name.as_str()).collect();
    /// assert_eq!(path, ["ann", "home"]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn recursive(self) -> Recursive<R, W, O>
    where
        R::Target: SameTable<R::Owner>,
    {
        Recursive { relation: self, depth: None }
    }
}

impl<R, W, O> Recursive<R, W, O> {
    /// Follows the relation this many times at most.
    pub fn depth(mut self, levels: usize) -> Self {
        self.depth = Some(levels);
        self
    }
}

/// The key of a row for this relation.
fn key_of<R: RelationDef>(row: &R::Target) -> Option<Key> {
    KeyOf::row(row, R::INFO.owner_key.as_slice())
}

impl<R, W, O> Load for Recursive<R, W, O>
where
    R: RelationDef<Arity: Following>,
    W: Filtering,
    O: OrderList,
{
    type Entry = Entry<R, Many, <R::Arity as Following>::Item<R::Target>>;
    type Needs = (W::Needs, (crate::dialect::ColumnsOf<R::Target>, O::Needs));

    fn key(&self, places: &mut dyn FnMut(usize) -> usize) -> KeyPlaces {
        KeyPlaces(KeyColumns::new(R::INFO.owner, R::INFO.owner_key.as_slice(), places))
    }

    fn key_columns(&self) -> &'static [usize] {
        R::INFO.owner_key.as_slice()
    }

    async fn load<X: Runner>(&self, on: &X, keys: Keys) -> Result<Vec<Self::Entry>, Error> {
        let parents = keys.len();
        let mut nodes: Vec<Node<R::Target>> = Vec::new();
        let starts = keys.clone();
        let mut level = keys;
        let mut above: Vec<Above> = (0..parents).map(Above::Start).collect();
        let mut followed = 0;
        while level.is_any() && self.depth.is_none_or(|depth| followed < depth) {
            let children: Children<'_, W, TargetRow<R>, O, (), Extras> = self.relation.children();
            let found = rows_of::<X, Many, W, TargetRow<R>, O, (), Extras>(on, children, &level).await?;
            level = Keys::default();
            let owners = std::mem::take(&mut above);
            for (owner, rows) in owners.into_iter().zip(found) {
                for row in rows {
                    let key = key_of::<R>(&row);
                    if self.depth.is_none() && leads_back::<R>(&nodes, &starts, owner, key.as_ref()) {
                        return Err(Error::Cycle { table: R::INFO.owner.name, relation: R::INFO.name });
                    }
                    above.push(Above::Node(nodes.len()));
                    nodes.push(Node { row, above: owner });
                    level.push(key);
                }
            }
            followed += 1;
        }
        Ok(R::Arity::collect(nodes, parents).into_iter().map(Entry::new).collect())
    }

    fn sql(&self, dialect: &dyn Dialect, out: &mut Vec<String>) {
        self.relation.children().sql(dialect, out);
    }
}

impl<R, W, O> Loadable for Recursive<R, W, O>
where
    R: RelationDef,
    Self: Load,
{
    type Owner = R::Owner;
}

/// Whether a row with this key is among those that led to it.
fn leads_back<R: RelationDef>(nodes: &[Node<R::Target>], starts: &Keys, mut above: Above, key: Option<&Key>) -> bool {
    let Some(key) = key else { return false };
    loop {
        match above {
            Above::Start(start) => return starts.get(start) == Some(key),
            Above::Node(node) if key_of::<R>(&nodes[node].row).as_ref() == Some(key) => return true,
            Above::Node(node) => above = nodes[node].above,
        }
    }
}
