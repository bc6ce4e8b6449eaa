//! Loading the rows of relations, a statement for each level.

use std::pin::Pin;

use super::{
    Arity, Extras, ExtrasOf, Relation, RelationDef, RelationInfo,
    both::both,
    children::Children,
    key::{Key, KeyColumns, Keys},
    loaded::Entry,
    rows::RelatedRows,
    wanted::Wanted,
};
use crate::{
    dialect::Dialect,
    error::Error,
    executor::Runner,
    expr::Lower,
    query::{Filtering, OrderList},
    table::Table,
    types::{DecodeError, RowRead},
};

/// Something that is loaded for rows: the rows of a relation.
pub trait Load: Send + Sync {
    /// What is loaded for one row.
    type Entry: Send;
    /// What a database needs for it.
    type Needs;

    /// The columns of the owner that hold the key, and where they are in its rows: `places` gives the place of the first,
    /// second, … of them.
    #[doc(hidden)]
    fn key(&self, places: &mut dyn FnMut(usize) -> usize) -> KeyPlaces;

    /// The positions of these columns in the owner's table.
    #[doc(hidden)]
    fn key_columns(&self) -> &'static [usize];

    /// Loads what belongs to rows with these keys.
    #[doc(hidden)]
    fn load<R: Runner>(&self, on: &R, keys: Keys) -> impl Future<Output = Result<Vec<Self::Entry>, Error>> + Send;

    /// Adds the texts of the statements.
    #[doc(hidden)]
    fn sql(&self, dialect: &dyn Dialect, out: &mut Vec<String>);
}

/// What `with` accepts: a relation, whole or in part, of one table's rows.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be loaded",
    label = "expected a relation",
    note = "relations are declared by `relations!` and named like `User::posts`"
)]
pub trait Loadable: Load {
    /// The table whose rows it is loaded for.
    type Owner: Table;
}

impl<R, W, C, O, N, E> Loadable for Relation<R, W, C, O, N, E>
where
    R: RelationDef,
    Self: Load,
{
    type Owner = R::Owner;
}

/// Where the columns of a key are in a row.
#[doc(hidden)]
pub struct KeyPlaces(pub(crate) KeyColumns);

/// What is loaded for rows: nothing, or several things as nested pairs, the last one first.
pub trait Loads: Send + Sync {
    /// What is loaded for one row.
    type Entries: Send;
    /// The keys of a row.
    type Keys: Send;
    /// The keys of rows.
    type Parents: Default + Send;
    /// Where the keys are in a row.
    type Places: Send + Sync;
    /// What a database needs for it.
    type Needs;

    /// Whether nothing is loaded.
    const IS_EMPTY: bool;

    /// What is loaded, if that is nothing.
    #[doc(hidden)]
    fn nothing() -> Option<Self::Entries>;
    /// The positions, in the owner's table, of all columns that hold keys.
    #[doc(hidden)]
    fn key_columns(&self, out: &mut Vec<usize>);
    #[doc(hidden)]
    fn all_key_columns(&self) -> Vec<usize> {
        let mut columns = Vec::new();
        self.key_columns(&mut columns);
        columns
    }
    #[doc(hidden)]
    fn places(&self, place: &mut dyn FnMut(usize) -> usize) -> Self::Places;
    #[doc(hidden)]
    #[allow(clippy::missing_errors_doc, reason = "hidden")]
    fn read<R: RowRead + ?Sized>(places: &Self::Places, row: &R) -> Result<Self::Keys, DecodeError>;
    #[doc(hidden)]
    fn push(keys: Self::Keys, parents: &mut Self::Parents);
    #[doc(hidden)]
    fn load<R: Runner>(
        &self,
        on: &R,
        parents: Self::Parents,
        rows: usize,
    ) -> impl Future<Output = Result<Vec<Self::Entries>, Error>> + Send;
    #[doc(hidden)]
    fn sql(&self, dialect: &dyn Dialect, out: &mut Vec<String>);
}

impl Loads for () {
    type Entries = ();
    type Keys = ();
    type Parents = ();
    type Places = ();
    type Needs = ();

    const IS_EMPTY: bool = true;

    fn nothing() -> Option<()> {
        Some(())
    }

    fn key_columns(&self, _out: &mut Vec<usize>) {}

    fn places(&self, _place: &mut dyn FnMut(usize) -> usize) {}

    #[inline]
    fn read<R: RowRead + ?Sized>((): &(), _row: &R) -> Result<(), DecodeError> {
        Ok(())
    }

    #[inline]
    fn push((): (), (): &mut ()) {}

    async fn load<R: Runner>(&self, _on: &R, (): (), rows: usize) -> Result<Vec<()>, Error> {
        Ok(vec![(); rows])
    }

    fn sql(&self, _dialect: &dyn Dialect, _out: &mut Vec<String>) {}
}

/// The key of a row for one load.
#[doc(hidden)]
pub struct RowKey(Option<Key>);

impl<A: Load, B: Loads> Loads for (A, B) {
    type Entries = (A::Entry, B::Entries);
    type Keys = (RowKey, B::Keys);
    type Parents = (Keys, B::Parents);
    type Places = (KeyPlaces, B::Places);
    type Needs = (A::Needs, B::Needs);

    const IS_EMPTY: bool = false;

    fn nothing() -> Option<Self::Entries> {
        None
    }

    fn key_columns(&self, out: &mut Vec<usize>) {
        out.extend(self.0.key_columns());
        self.1.key_columns(out);
    }

    fn places(&self, place: &mut dyn FnMut(usize) -> usize) -> Self::Places {
        // The key columns of the second come after those of the first.
        let own = self.0.key_columns().len();
        (self.0.key(place), self.1.places(&mut |at| place(own + at)))
    }

    #[inline]
    fn read<R: RowRead + ?Sized>(places: &Self::Places, row: &R) -> Result<Self::Keys, DecodeError> {
        Ok((RowKey(places.0.0.read(row)?), B::read(&places.1, row)?))
    }

    #[inline]
    fn push(keys: Self::Keys, parents: &mut Self::Parents) {
        parents.0.push(keys.0.0);
        B::push(keys.1, &mut parents.1);
    }

    async fn load<R: Runner>(&self, on: &R, parents: Self::Parents, rows: usize) -> Result<Vec<Self::Entries>, Error> {
        if B::IS_EMPTY {
            let rest = self.1.load(on, parents.1, rows).await?;
            return Ok(self.0.load(on, parents.0).await?.into_iter().zip(rest).collect());
        }
        // On the heap: beside each other, the futures of many relations would be too much for a stack.
        let first = heap(self.0.load(on, parents.0));
        // Begun in the order in which they were asked for.
        let (rest, first) = both(load_all(&self.1, on, parents.1, rows), first).await;
        let (rest, first) = (rest?, first?);
        Ok(first.into_iter().zip(rest).collect())
    }

    fn sql(&self, dialect: &dyn Dialect, out: &mut Vec<String>) {
        self.1.sql(dialect, out);
        self.0.sql(dialect, out);
    }
}

/// Loads all of these for rows, in a future whose type is not known to the one around it: of futures within futures, one for
/// each level and each relation of it, rustc gives up on layout and `Send` after about ten.
async fn load_all<R: Runner, N: Loads>(
    loads: &N,
    on: &R,
    parents: N::Parents,
    rows: usize,
) -> Result<Vec<N::Entries>, Error> {
    if let Some(nothing) = (0..rows).map(|_| N::nothing()).collect() {
        return Ok(nothing);
    }
    heap(loads.load(on, parents, rows)).await
}

impl<R, W, C, O, N, E> Load for Relation<R, W, C, O, N, E>
where
    R: RelationDef,
    W: Filtering,
    C: RelatedRows<N, E::Values>,
    O: OrderList,
    N: Loads,
    E: ExtrasOf,
{
    type Entry = Entry<R, W::Arity<R::Arity>, C::Row>;
    type Needs = (W::Needs, (C::Needs, (O::Needs, (N::Needs, E::Needs))));

    fn key(&self, places: &mut dyn FnMut(usize) -> usize) -> KeyPlaces {
        KeyPlaces(KeyColumns::new(R::INFO.owner, R::INFO.owner_key.as_slice(), places))
    }

    fn key_columns(&self) -> &'static [usize] {
        R::INFO.owner_key.as_slice()
    }

    async fn load<X: Runner>(&self, on: &X, keys: Keys) -> Result<Vec<Self::Entry>, Error> {
        let slots = rows_of::<X, W::Arity<R::Arity>, W, C, O, N, E>(on, self.children(), &keys).await?;
        finish::<W::Arity<R::Arity>, C::Row, _>(slots, R::INFO, Entry::new)
    }

    fn sql(&self, dialect: &dyn Dialect, out: &mut Vec<String>) {
        self.children().sql(dialect, out);
    }
}

/// Reads the rows that belong to those with these keys.
pub(crate) async fn rows_of<X, A, W, C, O, N, E>(
    on: &X,
    children: Children<'_, W, C, O, N, E>,
    keys: &Keys,
) -> Result<Vec<A::Slot<C::Row>>, Error>
where
    X: Runner,
    A: Arity,
    W: Lower,
    C: RelatedRows<N, E::Values>,
    O: OrderList,
    N: Loads,
    E: ExtrasOf,
{
    let mut slots: Vec<A::Slot<C::Row>> = Vec::new();
    slots.resize_with(keys.len(), Default::default);
    let wanted = Wanted::new(keys);
    if wanted.is_empty() {
        return Ok(slots);
    }
    let nested = children.nested;
    let names = children.extras.names();
    let query = children.of(&wanted);
    if N::nothing().is_some() {
        on.rows(&query, |placed| {
            for (parent, found) in placed {
                if let Some(entries) = N::nothing() {
                    A::put(&mut slots[parent], C::assemble(found.row, entries, found.extras, &names));
                }
            }
            Ok(())
        })
        .await?;
        return Ok(slots);
    }
    let mut rows = Vec::new();
    let mut parents = N::Parents::default();
    on.rows(&query, |placed| {
        for (parent, found) in placed {
            rows.push((parent, found.row, found.extras));
            N::push(found.keys, &mut parents);
        }
        Ok(())
    })
    .await?;
    let entries = load_all(nested, on, parents, rows.len()).await?;
    for ((parent, row, extras), entries) in rows.into_iter().zip(entries) {
        A::put(&mut slots[parent], C::assemble(row, entries, extras, &names));
    }
    Ok(slots)
}

/// What was read for each row; an error if a row that must be there is not.
pub(crate) fn finish<A: Arity, T: Send, V>(
    slots: Vec<A::Slot<T>>,
    info: &'static RelationInfo,
    mut make: impl FnMut(A::Value<T>) -> V,
) -> Result<Vec<V>, Error> {
    let missing = || Error::NotRelated { table: info.owner.name, relation: info.name };
    slots.into_iter().map(|slot| A::finish(slot).map(&mut make).ok_or_else(missing)).collect()
}

/// Computed values are part of what is loaded.
impl<E: crate::query::Columns, D: crate::query::Decoder> ExtrasOf for Extras<E, D> {
    type Values = D;
    type Needs = E::Needs;
    type Columns = E;

    fn columns(&self) -> &E {
        &self.columns
    }

    fn names(&self) -> super::loaded::Names {
        (!self.names.is_empty()).then(|| self.names.as_slice().into())
    }
}

fn heap<'f, T>(future: impl Future<Output = T> + Send + 'f) -> Pin<Box<dyn Future<Output = T> + Send + 'f>> {
    Box::pin(future)
}
