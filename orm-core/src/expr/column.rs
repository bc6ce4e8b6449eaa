//! Columns.

use std::{fmt, marker::PhantomData};

use super::{IntoExpr, Lower, expression};
use crate::{
    ast,
    executor::Shape,
    query::Assign,
    scope::{Nullability, PositionIn, Scope, ValidIn},
    table::{ColumnDef, Source, Table},
    types::{Binder, DbType},
};

/// A column `C` read from the source `S`: `User::email` is a `Column<users::email, User>`.
pub struct Column<C, S>(PhantomData<fn() -> (C, S)>);

impl<C, S> Column<C, S> {
    /// The column. Its type says all there is to say.
    pub const NEW: Self = Self(PhantomData);
}

impl<C, S> Clone for Column<C, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C, S> Copy for Column<C, S> {}

impl<C: ColumnDef, S: Source> fmt::Debug for Column<C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", S::NAME, C::NAME)
    }
}

impl<C: ColumnDef, S: Source> Lower for Column<C, S> {
    type Needs = <C::Type as DbType>::Needs;
    type Columns = Self;

    fn to_ast(&self) -> ast::Expr {
        let ty = <C::Type as DbType>::SQL_TYPE;
        let def = <C::Table as Table>::DEF.columns.iter().find(|column| column.name == C::NAME);
        let collation = def.and_then(|column| column.collation);
        ast::Expr::Column { source: S::NAME, table: <C::Table as Table>::NAME, name: C::NAME, ty, collation }
    }

    fn add_shape(&self, _shape: &mut Shape) {}

    fn bind_values<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

expression!({C: ColumnDef, S: Source} Column<C, S>, type = C::Type);

impl<Sc: Scope, I: PositionIn<Sc>, C: ColumnDef, S> ValidIn<Sc, I> for Column<C, S> {
    type Null = <C::Null as Nullability>::Or<I::Null>;
    type Kind = Sc::KindOf<C>;
}

/// The row that an upsert could not insert, as a source: `excluded`.
pub struct Excluded<T>(PhantomData<T>);

impl<T: Table> Source for Excluded<T> {
    type Table = T;
    type Tag = T::Tag;
    const NAME: &'static str = "excluded";
    const ALIAS: Option<&'static str> = None;
}

impl<C: ColumnDef> Column<C, C::Table> {
    /// The value that an upsert wanted to insert into this column; only there.
    ///
    /// ```sql
    /// "excluded"."name"
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "bob@example.com")
    ///     .set(User::name, "Robert")
    ///     .on_conflict(User::email)
    ///     .update(User::name.set(User::name.concat(" or ").concat(User::name.excluded())))
    ///     .execute(&db)?;
    /// assert_eq!(User::find(2).one(&db)?.name, "Bob or Robert");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn excluded(self) -> Column<C, Excluded<C::Table>> {
        Column::NEW
    }

    /// The assignment of a value or expression to this column, for an upsert.
    ///
    /// ```sql
    /// "name" = $1
    /// ```
    ///
    /// An insert and an update are told what to set by their own method `set`.
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "bob@example.com")
    ///     .set(User::name, "Robert")
    ///     .on_conflict(User::email)
    ///     .update(User::name.set("Somebody"))
    ///     .execute(&db)?;
    /// assert_eq!(User::find(2).one(&db)?.name, "Somebody");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn set<V, X>(self, value: V) -> Assign<C, X>
    where
        V: IntoExpr<C::Type, Expr = X>,
    {
        Assign::new(value.into_expr())
    }

    /// The assignment of the value that an upsert wanted to insert.
    ///
    /// ```sql
    /// "name" = "excluded"."name"
    /// ```
    ///
    /// ```
    /// use orm::{doctest::*, prelude::*};
    /// # let db = orm::doctest::sqlite();
    /// User::insert()
    ///     .set(User::id, 4)
    ///     .set(User::email, "bob@example.com")
    ///     .set(User::name, "Robert")
    ///     .on_conflict(User::email)
    ///     .update(User::name.set_to_excluded())
    ///     .execute(&db)?;
    /// assert_eq!(User::find(2).one(&db)?.name, "Robert");
    /// # Ok::<(), orm::Error>(())
    /// ```
    pub fn set_to_excluded(self) -> Assign<C, Column<C, Excluded<C::Table>>> {
        Assign::new(Column::NEW)
    }
}
