//! Rows with what was loaded for them.

use std::{fmt, marker::PhantomData, ops::Deref, sync::Arc};

use super::{Arity, RelationDef};
use crate::{
    path::{Here, There},
    table::Table,
};

/// A row of table `T` with relations `L` and computed values `X`: what the struct `UserLoaded` is made of.
#[derive(Clone)]
pub struct Loaded<T, L, X> {
    pub(crate) row: T,
    pub(crate) relations: L,
    pub(crate) extras: X,
    pub(crate) names: Names,
}

/// The names of computed values.
pub(crate) type Names = Option<Arc<[&'static str]>>;

impl<T, L, X> Loaded<T, L, X> {
    /// The row alone; what was loaded for it is dropped.
    pub fn into_row(self) -> T {
        self.row
    }

    /// What was loaded for the row.
    pub fn relations(&self) -> &L {
        &self.relations
    }
}

impl<T, L, X> Loaded<T, L, X> {
    /// The computed values, in the order in which they were asked for: a reference to the only one, or a tuple of them.
    pub fn extras<'a>(&'a self) -> X::Refs
    where
        X: ExtraValues<'a>,
    {
        self.extras.refs()
    }
}

impl<T, L, X> Deref for Loaded<T, L, X> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.row
    }
}

impl<T: PartialEq, L: PartialEq, X: PartialEq> PartialEq for Loaded<T, L, X> {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row && self.relations == other.relations && self.extras == other.extras
    }
}

impl<T: fmt::Debug, L: DebugFields, X: fmt::Debug> fmt::Debug for Loaded<T, L, X> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Loaded");
        debug.field("row", &self.row);
        self.relations.fields(&mut debug);
        if self.names.is_some() {
            debug.field("extras", &self.extras);
        }
        debug.finish()
    }
}

/// Relations that can be shown, each under its name.
pub trait DebugFields {
    #[doc(hidden)]
    fn fields(&self, out: &mut fmt::DebugStruct<'_, '_>);
}

impl DebugFields for () {
    fn fields(&self, _out: &mut fmt::DebugStruct<'_, '_>) {}
}

impl<R: RelationDef, A: Arity, T: Send, Rest: DebugFields> DebugFields for (Entry<R, A, T>, Rest)
where
    A::Value<T>: fmt::Debug,
{
    fn fields(&self, out: &mut fmt::DebugStruct<'_, '_>) {
        self.1.fields(out);
        out.field(R::INFO.name, &self.0.value);
    }
}

/// What a row of a table becomes when something is loaded for it: `UserLoaded`, written by `#[derive(Table)]`.
pub trait LoadedRow<T, L, X>: Sized {
    #[doc(hidden)]
    fn from_loaded(loaded: Loaded<T, L, X>) -> Self;
}

/// The rows that relation `R` leads to from one row.
pub struct Entry<R, A: Arity, T: Send> {
    pub(crate) value: A::Value<T>,
    relation: PhantomData<fn() -> R>,
}

impl<R, A: Arity, T: Send> Entry<R, A, T> {
    pub(crate) fn new(value: A::Value<T>) -> Self {
        Self { value, relation: PhantomData }
    }
}

impl<R, A: Arity, T: Send> Clone for Entry<R, A, T>
where
    A::Value<T>: Clone,
{
    fn clone(&self) -> Self {
        Self::new(self.value.clone())
    }
}

impl<R, A: Arity, T: Send> PartialEq for Entry<R, A, T>
where
    A::Value<T>: PartialEq,
{
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// Loaded relations that have `R` among them, at a position that rustc finds.
#[doc(hidden)]
pub trait Gives<'a, R, Index> {
    type View;
    fn give(&'a self) -> Self::View;
}

#[diagnostic::do_not_recommend]
impl<'a, R, A: Arity, T: Send + 'a, Rest> Gives<'a, R, Here> for (Entry<R, A, T>, Rest) {
    type View = A::View<'a, T>;
    fn give(&'a self) -> A::View<'a, T> {
        A::view(&self.0.value)
    }
}

#[diagnostic::do_not_recommend]
impl<'a, R, First, Rest: Gives<'a, R, I>, I> Gives<'a, R, There<I>> for (First, Rest) {
    type View = Rest::View;
    fn give(&'a self) -> Rest::View {
        self.1.give()
    }
}

/// What is loaded for a row, and what the row becomes: itself if nothing is.
pub trait Assemble<T>: Sized {
    /// The row with what was loaded.
    type Row: Send;
    #[doc(hidden)]
    fn assemble(self, row: T, names: &Names) -> Self::Row;
}

impl<T: Table> Assemble<T> for ((), ()) {
    type Row = T;
    #[inline]
    fn assemble(self, row: T, _names: &Names) -> T {
        row
    }
}

impl<T: Table, A: Send, B: Send, X: Send> Assemble<T> for ((A, B), X) {
    type Row = T::Loaded<(A, B), X>;
    #[inline]
    fn assemble(self, row: T, names: &Names) -> Self::Row {
        let loaded = Loaded { row, relations: self.0, extras: self.1, names: names.clone() };
        LoadedRow::from_loaded(loaded)
    }
}

/// Computed values of a row.
pub trait ExtraValues<'a> {
    /// References to them.
    type Refs;
    #[doc(hidden)]
    fn refs(&'a self) -> Self::Refs;
}

/// A tuple to which one more can be added.
pub trait Append<T> {
    /// The longer tuple.
    type Out;
    #[doc(hidden)]
    fn append(self, value: T) -> Self::Out;
}

impl<T> Append<T> for () {
    type Out = (T,);
    fn append(self, value: T) -> (T,) {
        (value,)
    }
}

macro_rules! extras {
    ($($($name:ident $at:tt)+;)*) => {$(
        impl<T: Table, $($name: Send),+> Assemble<T> for ((), ($($name,)+)) {
            type Row = T::Loaded<(), ($($name,)+)>;
            fn assemble(self, row: T, names: &Names) -> Self::Row {
                LoadedRow::from_loaded(Loaded { row, relations: (), extras: self.1, names: names.clone() })
            }
        }

        extras!(@refs $($name $at)+);

        impl<Last, $($name),+> Append<Last> for ($($name,)+) {
            type Out = ($($name,)+ Last,);
            fn append(self, value: Last) -> Self::Out {
                ($(self.$at,)+ value,)
            }
        }
    )*};
    (@refs $only:ident $at:tt) => {
        impl<'a, $only: 'a> ExtraValues<'a> for ($only,) {
            type Refs = &'a $only;
            fn refs(&'a self) -> &'a $only {
                &self.0
            }
        }
    };
    (@refs $($name:ident $at:tt)+) => {
        impl<'a, $($name: 'a),+> ExtraValues<'a> for ($($name,)+) {
            type Refs = ($(&'a $name,)+);
            fn refs(&'a self) -> Self::Refs {
                ($(&self.$at,)+)
            }
        }
    };
}

extras! {
    A 0;
    A 0 B 1;
    A 0 B 1 C 2;
    A 0 B 1 C 2 D 3;
    A 0 B 1 C 2 D 3 E 4;
    A 0 B 1 C 2 D 3 E 4 F 5;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6;
    A 0 B 1 C 2 D 3 E 4 F 5 G 6 H 7;
}

/// Declares what the rows of a table become when something is loaded for them, for `#[derive(Table)]`.
#[doc(hidden)]
#[macro_export]
macro_rules! __loaded_row {
    ($vis:vis $row:ident $loaded:ident $doc:literal) => {
        #[doc = $doc]
        ///
        /// Reads like the row itself; the relations that were loaded are methods.
        #[allow(dead_code)]
        $vis struct $loaded<L, X = ()>($crate::relation::Loaded<$row, L, X>);

        #[allow(dead_code)]
        impl<L, X> $loaded<L, X> {
            /// The row alone; what was loaded for it is dropped.
            $vis fn into_row(self) -> $row {
                self.0.into_row()
            }

            /// The computed values, in the order in which they were asked for: a reference to the only one, or a tuple of
            /// references.
            $vis fn extras<'a>(&'a self) -> X::Refs
            where
                X: $crate::relation::ExtraValues<'a>,
            {
                self.0.extras()
            }

            #[doc(hidden)]
            $vis fn __relations(&self) -> &L {
                self.0.relations()
            }
        }

        impl<L, X> ::core::ops::Deref for $loaded<L, X> {
            type Target = $row;
            fn deref(&self) -> &$row {
                &self.0
            }
        }

        impl<L, X> ::core::borrow::Borrow<$row> for $loaded<L, X> {
            fn borrow(&self) -> &$row {
                &self.0
            }
        }

        impl<L, X> $crate::relation::LoadedRow<$row, L, X> for $loaded<L, X> {
            fn from_loaded(loaded: $crate::relation::Loaded<$row, L, X>) -> Self {
                Self(loaded)
            }
        }

        impl<L, X> ::core::clone::Clone for $loaded<L, X>
        where
            $crate::relation::Loaded<$row, L, X>: ::core::clone::Clone,
        {
            fn clone(&self) -> Self {
                Self(::core::clone::Clone::clone(&self.0))
            }
        }

        impl<L, X> ::core::cmp::PartialEq for $loaded<L, X>
        where
            $crate::relation::Loaded<$row, L, X>: ::core::cmp::PartialEq,
        {
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        }

        impl<L, X> ::core::fmt::Debug for $loaded<L, X>
        where
            $crate::relation::Loaded<$row, L, X>: ::core::fmt::Debug,
        {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.0, f)
            }
        }

        $crate::__serialize_loaded!($row $loaded);
    };
}

/// The row can be serialized with what was loaded for it.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __serialize_loaded {
    ($row:ident $loaded:ident) => {
        impl<L, X> $crate::relation::serde::Serialize for $loaded<L, X>
        where
            $crate::relation::Loaded<$row, L, X>: $crate::relation::serde::Serialize,
        {
            fn serialize<S: $crate::relation::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::relation::serde::Serialize::serialize(&self.0, serializer)
            }
        }
    };
}

/// Without the feature `serde`, nothing.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __serialize_loaded {
    ($row:ident $loaded:ident) => {};
}
