//! What a statement leaves out by itself: deleted rows, the rows of others, rows of another version.
//!
//! Each of the three is a state in the statement's type, from which the conditions follow. Conditions on the source a
//! query begins with stand in `where`; those on a joined one in `on`, so that a left join keeps the rows of its left
//! side.

use super::scoped::{Everywhere, Saying, ScopeColumns, ScopeValues, ScopedTo};
use crate::{
    ast::{BinaryOp, Expr},
    schema::TableDef,
    table::Table,
    types::{Binder, Encode},
};

/// Whether a statement sees deleted rows.
pub trait DeletedRows: 'static {
    /// It does not.
    const HIDDEN: bool;
}

/// Deleted rows are left out.
pub struct LeftOut;
/// Deleted rows are rows like others.
pub struct DeletedToo;

impl DeletedRows for LeftOut {
    const HIDDEN: bool = true;
}

impl DeletedRows for DeletedToo {
    const HIDDEN: bool = false;
}

/// What a statement was told of its scope.
pub trait ScopeState: Send + Sync {
    /// What a query that begins with table `T` says of scopes.
    type Says<T: Table>: Saying;
    /// It was told a value.
    const WITHIN: bool;
    /// Hands the value to the driver, column by column.
    fn bind_scope<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// It was told nothing.
pub struct Untold;
/// It was told a value.
pub struct Within<X>(pub(crate) X);

impl ScopeState for Untold {
    type Says<T: Table> = <T::ScopedBy as ScopeColumns>::Untold<T>;
    const WITHIN: bool = false;
    fn bind_scope<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

impl<X: ScopeValues> ScopeState for Within<X> {
    type Says<T: Table> = ScopedTo<T::ScopedBy>;
    const WITHIN: bool = true;
    fn bind_scope<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.0.bind_values(out);
    }
}

impl ScopeState for Everywhere {
    type Says<T: Table> = Self;
    const WITHIN: bool = false;
    fn bind_scope<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

/// A statement that was not told its scope yet.
#[diagnostic::on_unimplemented(
    message = "the scope of this statement is said already",
    label = "said a second time",
    note = "a statement has one `.scope(..)` or `.unscoped()`"
)]
pub trait NotTold {}
#[diagnostic::do_not_recommend]
impl NotTold for Untold {}

/// What a statement was told of the version of its row.
pub trait VersionState: Send + Sync {
    /// It was told one.
    const TOLD: bool;
    /// Hands the version to the driver.
    fn bind_version<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// Rows of any version.
pub struct AnyVersion;
/// The row that has this version.
pub struct AtVersion<X>(pub(crate) X);

impl VersionState for AnyVersion {
    const TOLD: bool = false;
    fn bind_version<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

impl<X: Encode> VersionState for AtVersion<X> {
    const TOLD: bool = true;
    fn bind_version<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.0.encode(out);
    }
}

/// A statement that was not told a version yet.
#[diagnostic::on_unimplemented(
    message = "the version is said already",
    label = "said a second time",
    note = "a statement has one `.version(..)`"
)]
pub trait NoVersion {}
#[diagnostic::do_not_recommend]
impl NoVersion for AnyVersion {}

/// Whether a full join can have put NULLs in the place of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// The row is there.
    Never,
    /// A row that is not there is kept.
    Possibly,
}

/// Which rows of a source are left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hides {
    pub(crate) scope: bool,
    pub(crate) version: bool,
    pub(crate) deleted: bool,
}

impl Hides {
    /// Adds the conditions that rows of this table meet which are not left out: first those with values, in the order
    /// of scope and version.
    pub(crate) fn to_conditions(
        self,
        def: &'static TableDef,
        source: &'static str,
        absent: Absent,
        out: &mut Vec<Expr>,
    ) {
        if self.scope {
            out.extend(def.scope.iter().map(|name| equal(def, source, name, absent)));
        }
        if self.version {
            out.extend(def.version.map(|name| equal(def, source, name, absent)));
        }
        if self.deleted {
            out.extend(not_deleted(def, source));
        }
    }
}

/// The condition that a row of a source is not marked as deleted, if the table keeps such rows.
pub(crate) fn not_deleted(def: &'static TableDef, source: &'static str) -> Option<Expr> {
    def.soft_delete.map(|name| Expr::IsNull(Box::new(column(def, source, name))))
}

/// A column of a table as an expression.
pub(crate) fn column(def: &'static TableDef, source: &'static str, name: &str) -> Expr {
    Expr::column(def, source, def.column(name).expect("a description names columns of its own table"))
}

/// The condition that a column has the value that is bound.
fn equal(def: &'static TableDef, source: &'static str, name: &str, absent: Absent) -> Expr {
    let ty = def.column(name).expect("a description names columns of its own table").sql_type;
    let equal = Expr::Binary(Box::new(column(def, source, name)), BinaryOp::Eq, Box::new(Expr::Param(ty)));
    match absent {
        Absent::Never => equal,
        Absent::Possibly => Expr::Or(vec![equal, Expr::IsNull(Box::new(column(def, source, name)))]),
    }
}

/// A condition and others, in this order.
pub(crate) fn both(condition: Option<Expr>, others: Vec<Expr>) -> Option<Expr> {
    Expr::all(std::iter::once(condition).chain(others.into_iter().map(Some)))
}
