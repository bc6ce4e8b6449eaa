//! Assignments: the columns an insert, an update or an upsert sets, and to what.

use std::marker::PhantomData;

use super::{hidden, selection::One};
use crate::{
    ast,
    executor::Shape,
    expr::{Expr, IntoExpr, Lower},
    path::{Bool, False, Path, True},
    scope::{InScope, Nullability, RowLevel, ValidIn},
    table::{Changeable, ColumnDef, SetByHand},
    types::Binder,
};

/// The assignment of an expression to column `C`.
pub struct Assign<C, X> {
    pub(crate) value: X,
    column: PhantomData<fn() -> C>,
}

impl<C, X> Assign<C, X> {
    pub(crate) fn new(value: X) -> Self {
        Self { value, column: PhantomData }
    }
}

impl<C: ColumnDef, X: Lower> Assign<C, X> {
    fn to_assignment(&self) -> ast::Assignment {
        ast::Assignment { column: C::NAME, value: self.value.to_ast() }
    }
}

/// A value that is never NULL, or a column `C` that may be.
#[diagnostic::on_unimplemented(
    message = "`{C}` cannot be NULL, and this value can",
    label = "possibly NULL",
    note = "unwrap the `Option`, or use `coalesce(.., value)`"
)]
pub trait FitsColumn<C> {}
#[diagnostic::do_not_recommend]
impl<C> FitsColumn<C> for True {}

/// A value for column `C` in a statement reading `Scope`.
pub trait SetIn<Scope, Index, C>: Expr {}
impl<Sc, I, C, X> SetIn<Sc, I, C> for X
where
    C: ColumnDef,
    X: Expr + ValidIn<Sc, I>,
    X::Columns: InScope<Sc, I>,
    X::Kind: RowLevel,
    <X::Null as Nullability>::Fits<C::Null>: FitsColumn<C>,
{
}

/// A value or expression that can be given to column `C` in a statement reading `Scope`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value for `{C}`",
    label = "the type of `{C}` is another one",
    note = "convert the value in Rust, or the expression with `.cast::<..>()`"
)]
pub trait ValueIn<Scope, Index, C> {
    /// The expression.
    type Expr: Expr;
    /// Converts it.
    fn into_value(self) -> Self::Expr;
}

impl<Sc, I, C, V> ValueIn<Sc, I, C> for V
where
    C: ColumnDef,
    V: IntoExpr<C::Type>,
    V::Expr: SetIn<Sc, I, C>,
{
    type Expr = V::Expr;
    fn into_value(self) -> V::Expr {
        self.into_expr()
    }
}

/// Columns that are set, with their values: `(((), Assign<A, X>), Assign<B, Y>)`.
pub trait SetList: Send + Sync {
    /// What a database needs for the values.
    type Needs;
    /// Whether the column at this path is among them.
    type Contains<P: Path>: Bool;
    /// Adds the assignments as plain data.
    fn to_assignments(&self, out: &mut Vec<ast::Assignment>);
    /// Adds what the text depends on at run time.
    fn add_set_shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_set<'q>(&'q self, out: &mut dyn Binder<'q>);
}

/// Nothing is set yet.
pub struct NothingSet;

/// A statement to which no value was given yet.
#[diagnostic::on_unimplemented(
    message = "a model cannot be added to values that are set already",
    label = "values were given to this statement before",
    note = "give all values with `.set(..)`, or change a field of the model"
)]
pub trait NothingYet {}
#[diagnostic::do_not_recommend]
impl NothingYet for NothingSet {}

impl SetList for NothingSet {
    type Needs = ();
    type Contains<P: Path> = False;
    fn to_assignments(&self, _out: &mut Vec<ast::Assignment>) {}
    fn add_set_shape(&self, _shape: &mut Shape) {}
    fn bind_set<'q>(&'q self, _out: &mut dyn Binder<'q>) {}
}

impl<V: SetList, C: ColumnDef, X: Expr> SetList for (V, Assign<C, X>) {
    type Needs = (V::Needs, X::Needs);
    type Contains<P: Path> = <V::Contains<P> as Bool>::Or<<C::Path as Path>::Same<P>>;

    fn to_assignments(&self, out: &mut Vec<ast::Assignment>) {
        self.0.to_assignments(out);
        out.push(self.1.to_assignment());
    }

    fn add_set_shape(&self, shape: &mut Shape) {
        self.0.add_set_shape(shape);
        self.1.value.add_shape(shape);
    }

    fn bind_set<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.0.bind_set(out);
        self.1.value.bind_values(out);
    }
}

/// A column that is not set yet.
#[diagnostic::on_unimplemented(
    message = "`{C}` is set twice",
    label = "a value was given to this column before",
    note = "leave one of the two out"
)]
pub trait Assignable<C> {}
#[diagnostic::do_not_recommend]
impl<C> Assignable<C> for False {}

/// Assignments that an upsert into table `T` can make.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an assignment",
    label = "expected `column.set(value)`, `column.set_to_excluded()`, or a tuple of them",
    note = "if the conflicting row is to be left as it is, use `.do_nothing()`"
)]
pub trait AssignIn<T, Scope, Index> {}

impl<T, Sc, I, C, X> AssignIn<T, Sc, One<I>> for Assign<C, X>
where
    C: ColumnDef<Table: HasColumn<C, T>>,
    C::Role: Changeable<C> + SetByHand<C>,
    X: SetIn<Sc, I, C>,
{
}

/// The table `T`, which column `C` belongs to.
#[diagnostic::on_unimplemented(
    message = "`{C}` is not a column of `{T}`",
    label = "a column of another table",
    note = "a statement that writes sets columns of its own table only"
)]
pub trait HasColumn<C, T> {}
#[diagnostic::do_not_recommend]
impl<C, T> HasColumn<C, T> for T {}

/// Where the columns of assignments `A` are: whatever is not an assignment has none, and is reported once.
pub trait AssignListOf<A> {
    /// The assignments.
    type List: AssignList;
    /// Converts them.
    fn into_list(assignments: A) -> Self::List;
}

impl<I, C: ColumnDef, X: Expr> AssignListOf<Assign<C, X>> for One<I> {
    type List = Assign<C, X>;
    fn into_list(assignments: Assign<C, X>) -> Assign<C, X> {
        assignments
    }
}

/// The assignments of an upsert: one, or a tuple of up to 12.
pub trait AssignList: Send + Sync {
    /// What a database needs for the values.
    type Needs;
    /// Adds the assignments as plain data.
    fn to_assignments(&self, out: &mut Vec<ast::Assignment>);
    /// Adds what the text depends on at run time.
    fn add_set_shape(&self, shape: &mut Shape);
    /// Hands the values to the driver.
    fn bind_set<'q>(&'q self, out: &mut dyn Binder<'q>);
}

impl<C: ColumnDef, X: Expr> AssignList for Assign<C, X> {
    type Needs = X::Needs;

    fn to_assignments(&self, out: &mut Vec<ast::Assignment>) {
        out.push(self.to_assignment());
    }

    fn add_set_shape(&self, shape: &mut Shape) {
        self.value.add_shape(shape);
    }

    fn bind_set<'q>(&'q self, out: &mut dyn Binder<'q>) {
        self.value.bind_values(out);
    }
}

macro_rules! needs {
    () => { () };
    ($first:ident $($rest:ident)*) => { ($first::Needs, needs!($($rest)*)) };
}

macro_rules! tuples {
    ($($(($name:ident $index:ident $position:tt))+;)*) => {$(
        impl<T, Sc, $($index,)+ $($name: AssignIn<T, Sc, $index>),+> AssignIn<T, Sc, ($($index,)+)> for ($($name,)+) {}

        impl<$($name,)+ $($index: AssignListOf<$name>),+> AssignListOf<($($name,)+)> for ($($index,)+) {
            type List = ($($index::List,)+);
            fn into_list(assignments: ($($name,)+)) -> Self::List {
                ($($index::into_list(assignments.$position),)+)
            }
        }

        impl<$($name: AssignList),+> AssignList for ($($name,)+) {
            type Needs = needs!($($name)+);

            fn to_assignments(&self, out: &mut Vec<ast::Assignment>) {
                $(self.$position.to_assignments(out);)+
            }

            fn add_set_shape(&self, shape: &mut Shape) {
                $(self.$position.add_set_shape(shape);)+
            }

            fn bind_set<'q>(&'q self, out: &mut dyn Binder<'q>) {
                $(self.$position.bind_set(out);)+
            }
        }
    )*};
}

tuples! {
    (A I0 0);
    (A I0 0) (B I1 1);
    (A I0 0) (B I1 1) (C I2 2);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7) (J I8 8);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7) (J I8 8) (K I9 9);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7) (J I8 8) (K I9 9) (L I10 10);
    (A I0 0) (B I1 1) (C I2 2) (D I3 3) (E I4 4) (F I5 5) (G I6 6) (H I7 7) (J I8 8) (K I9 9) (L I10 10) (M I11 11);
}

/// Adds what every change of a row changes, if the statement does not set it itself: the columns with an `on_update`, and
/// the version.
pub(crate) fn add_on_update(table: &'static crate::schema::TableDef, set: &mut Vec<ast::Assignment>) {
    for column in table.columns {
        if let Some(value) = column.on_update
            && !set.iter().any(|assignment| assignment.column == column.name)
        {
            let value = ast::Expr::Default { value, column };
            set.push(ast::Assignment { column: column.name, value });
        }
    }
    if let Some(version) = table.version.and_then(|name| table.column(name)) {
        let value = hidden::column(table, table.name, version.name);
        let next = ast::Expr::Binary(Box::new(value), ast::BinaryOp::Add, Box::new(ast::Expr::Integer(1)));
        set.push(ast::Assignment { column: version.name, value: next });
    }
}
