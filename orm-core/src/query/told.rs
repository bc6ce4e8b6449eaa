//! What a statement can be told beside its conditions: a scope, a version, that deleted rows are meant.

use std::marker::PhantomData;

use super::{
    hidden::{Absent, AnyVersion, AtVersion, DeletedRows, Hides, LeftOut, ScopeState, Untold, VersionState},
    join::{FromClause, FromOne, source},
    scoped::OneScope,
};
use crate::{
    ast,
    executor::Shape,
    scope::{Cons, Joined, Nil, NotNull},
    table::{Source, Table},
    types::Binder,
};

/// The source a query begins with, where the query was told something.
pub struct FromTold<S, D, N> {
    scope: N,
    source: PhantomData<fn() -> (S, D)>,
}

impl<S, D, N> FromTold<S, D, N> {
    pub(crate) fn new(scope: N) -> Self {
        Self { scope, source: PhantomData }
    }
}

impl<S: Source, D: DeletedRows, N: ScopeState> FromClause for FromTold<S, D, N> {
    type Scope = Cons<Joined<S, NotNull>, Nil>;
    type Needs = ();
    type Says = N::Says<S::Table>;
    const HIDES: Hides = Hides { scope: N::WITHIN, version: false, deleted: D::HIDDEN };

    fn to_from(&self, select: &mut ast::Select) {
        select.from = Some(source::<S>());
    }

    fn add_from_shape(&self, _shape: &mut Shape) {}

    fn bind_from<'q>(&'q self, _out: &mut dyn Binder<'q>) {}

    fn to_hidden(&self, absent: Absent, out: &mut Vec<ast::Expr>) {
        Self::HIDES.to_conditions(<S::Table as Table>::DEF, S::NAME, absent, out);
    }

    fn bind_hidden<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.bind_scope(out);
    }

    fn bind_scope<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.scope.bind_scope(out);
    }
}

impl<S, D, N> OneScope for FromTold<S, D, N> {}

/// The sources of a query that has one so far: what it is told now is about all that are joined later.
#[diagnostic::on_unimplemented(
    message = "`scope`, `unscoped` and `with_deleted` come before the joins",
    label = "too late",
    note = "they are about all tables of a query: put them right after `select()`"
)]
pub trait OneSource {
    /// The source.
    type Source: Source;
    /// Whether deleted rows are seen.
    type Deleted: DeletedRows;
    /// What is said of its scope.
    type Scope: ScopeState;
    /// What is said of its scope.
    fn into_scope(self) -> Self::Scope;
}

#[diagnostic::do_not_recommend]
impl<S: Source> OneSource for FromOne<S> {
    type Source = S;
    type Deleted = LeftOut;
    type Scope = Untold;
    fn into_scope(self) -> Untold {
        Untold
    }
}

#[diagnostic::do_not_recommend]
impl<S: Source, D: DeletedRows, N: ScopeState> OneSource for FromTold<S, D, N> {
    type Source = S;
    type Deleted = D;
    type Scope = N;
    fn into_scope(self) -> N {
        self.scope
    }
}

/// The table that an update or a delete is about, and what the statement was told of its rows.
pub trait WriteTarget {
    /// The table.
    type Table: Table;
    /// Whether deleted rows are changed too.
    type Deleted: DeletedRows;
    /// What it was told of its scope.
    type Scope: ScopeState;
    /// What it was told of the version of its row.
    type Version: VersionState;
}

impl<T: Table> WriteTarget for T {
    type Table = T;
    type Deleted = LeftOut;
    type Scope = Untold;
    type Version = AnyVersion;
}

/// Table `T`, where the statement was told something.
pub struct Told<T, D, N, V>(PhantomData<(T, D, N, V)>);

impl<T: Table, D: DeletedRows, N: ScopeState, V: VersionState> WriteTarget for Told<T, D, N, V> {
    type Table = T;
    type Deleted = D;
    type Scope = N;
    type Version = V;
}

/// The values that go with a [`WriteTarget`].
pub struct Said<N, V> {
    scope: N,
    version: V,
}

impl Said<Untold, AnyVersion> {
    pub(crate) const NOTHING: Self = Self { scope: Untold, version: AnyVersion };
}

impl<N, V> Said<N, V> {
    pub(crate) fn of_scope<M>(self, scope: M) -> Said<M, V> {
        Said { scope, version: self.version }
    }

    pub(crate) fn of_version<X>(self, version: X) -> Said<N, AtVersion<X>> {
        Said { scope: self.scope, version: AtVersion(version) }
    }
}

impl<N: ScopeState, V: VersionState> Said<N, V> {
    /// The conditions of the rows that a statement about `T` does not leave out.
    pub(crate) fn to_hidden<T: WriteTarget<Scope = N, Version = V>>(&self) -> Vec<ast::Expr> {
        let hides = Hides { scope: N::WITHIN, version: V::TOLD, deleted: T::Deleted::HIDDEN };
        let mut conditions = Vec::new();
        hides.to_conditions(T::Table::DEF, T::Table::DEF.name, Absent::Never, &mut conditions);
        conditions
    }

    /// Hands the values of those conditions to the driver.
    pub(crate) fn bind_hidden<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.scope.bind_scope(out);
        self.version.bind_version(out);
    }
}
