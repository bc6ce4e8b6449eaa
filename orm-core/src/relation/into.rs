//! Loading for rows that are in memory already.

use std::borrow::Borrow;

use super::{
    ExtrasOf, Keys, Load, RelatedRows, Relation, RelationDef,
    key::KeyOf,
    load::{Loads, finish, rows_of},
};
use crate::{
    dialect::Supports,
    error::Error,
    executor::{Executor, Extent, Plan, Runner},
    query::{Filtering, OrderList},
};

/// A row of table `T`: the row itself, one with relations, or a reference to one.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a row of `{T}`", label = "expected rows of `{T}`")]
pub trait OwnerRow<T> {
    /// The row.
    fn owner_row(&self) -> &T;
}

#[diagnostic::do_not_recommend]
impl<T, P: Borrow<T>> OwnerRow<T> for P {
    fn owner_row(&self) -> &T {
        self.borrow()
    }
}

/// A load for rows whose keys are known.
struct LoadFor<L> {
    relation: L,
    keys: Keys,
}

impl<R, W, C, O, N, X> Plan for LoadFor<Relation<R, W, C, O, N, X>>
where
    R: RelationDef,
    W: Filtering,
    C: RelatedRows<N, X::Values>,
    O: OrderList,
    N: Loads,
    X: ExtrasOf,
{
    type Output = Vec<<W::Arity<R::Arity> as super::Arity>::Value<C::Row>>;

    const EXTENT: Extent = if N::IS_EMPTY { Extent::ReadsOnce } else { Extent::Reads };

    async fn run<E: Runner>(self, on: &E) -> Result<Self::Output, Error> {
        let Self { relation, keys } = self;
        let slots = rows_of::<E, W::Arity<R::Arity>, W, C, O, N, X>(on, relation.children(), &keys).await?;
        finish::<W::Arity<R::Arity>, C::Row, _>(slots, R::INFO, |rows| rows)
    }
}

impl<R, W, C, O, N, X> Relation<R, W, C, O, N, X>
where
    R: RelationDef,
    W: Filtering,
    C: RelatedRows<N, X::Values>,
    O: OrderList,
    N: Loads,
    X: ExtrasOf,
{
    /// Loads the related rows of rows that are in memory: what belongs to the first row comes first, and so on.
    ///
    /// One statement for each level, whatever the number of rows; with a stream, collect some rows and load for these.
    ///
    /// ```sql
    /// select … from "posts" where "posts"."author_id" = any($1)
    /// ```
    ///
    /// # Errors
    /// [`Error::Database`] if the database refuses a statement, [`Error::Decode`] if a stored value does not fit its Rust type,
    /// [`Error::NotRelated`] if a row that a relation to one row leads to is not there.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// let users: Vec<User> = User::select().order_by(User::id).all(&db)?;
    /// let posts: Vec<Vec<Post>> = User::posts.order_by(Post::id).load_into(&users, &db)?;
    /// assert_eq!(posts.iter().map(Vec::len).collect::<Vec<_>>(), [2, 0, 1]);
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn load_into<'a, P, E, V>(self, rows: &[P], db: &'a E) -> E::Output<'a, Vec<V>>
    where
        Self: 'a,
        W::Arity<R::Arity>: super::Arity<Value<C::Row> = V>,
        P: OwnerRow<R::Owner>,
        E: Executor + ?Sized,
        E::Dialect: Supports<<Self as Load>::Needs>,
        V: Send + 'a,
    {
        let mut keys = Keys::default();
        for row in rows {
            keys.push(KeyOf::row(row.owner_row(), R::INFO.owner_key.as_slice()));
        }
        db.run_plan(LoadFor { relation: self, keys })
    }
}
