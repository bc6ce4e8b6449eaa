//! How many rows a relation leads to, as types.

use super::info::Count;

/// How many rows a relation leads to: [`Many`], [`One`] or [`Optional`].
pub trait Arity: 'static {
    /// The same, as a value.
    const COUNT: Count;
    /// What is loaded for a row: a `Vec<T>`, a `T` or an `Option<T>`.
    type Value<T: Send>: Send;
    /// What a loaded row gives access to: a `&[T]`, a `&T` or an `Option<&T>`.
    type View<'a, T: Send + 'a>;
    /// What rows are collected in.
    type Slot<T: Send>: Default + Send;
    /// What it is for a relation with a filter, which the one row may not meet.
    type Filtered: Arity;

    /// Adds a row.
    fn put<T: Send>(slot: &mut Self::Slot<T>, row: T);
    /// The rows that were collected; `None` if there must be one and is none.
    fn finish<T: Send>(slot: Self::Slot<T>) -> Option<Self::Value<T>>;
    /// Shows what was loaded.
    fn view<'a, T: Send + 'a>(value: &'a Self::Value<T>) -> Self::View<'a, T>;
}

/// Any number of rows.
#[derive(Debug)]
pub enum Many {}
/// One row.
#[derive(Debug)]
pub enum One {}
/// One row or none.
#[derive(Debug)]
pub enum Optional {}

impl Arity for Many {
    const COUNT: Count = Count::Many;
    type Value<T: Send> = Vec<T>;
    type View<'a, T: Send + 'a> = &'a [T];
    type Slot<T: Send> = Vec<T>;
    type Filtered = Self;

    #[inline]
    fn put<T: Send>(slot: &mut Vec<T>, row: T) {
        slot.push(row);
    }

    fn finish<T: Send>(slot: Vec<T>) -> Option<Vec<T>> {
        Some(slot)
    }

    fn view<'a, T: Send + 'a>(value: &'a Vec<T>) -> &'a [T] {
        value
    }
}

impl Arity for One {
    const COUNT: Count = Count::One;
    type Value<T: Send> = T;
    type View<'a, T: Send + 'a> = &'a T;
    type Slot<T: Send> = Option<T>;
    type Filtered = Optional;

    #[inline]
    fn put<T: Send>(slot: &mut Option<T>, row: T) {
        slot.get_or_insert(row);
    }

    fn finish<T: Send>(slot: Option<T>) -> Option<T> {
        slot
    }

    fn view<'a, T: Send + 'a>(value: &'a T) -> &'a T {
        value
    }
}

impl Arity for Optional {
    const COUNT: Count = Count::Optional;
    type Value<T: Send> = Option<T>;
    type View<'a, T: Send + 'a> = Option<&'a T>;
    type Slot<T: Send> = Option<T>;
    type Filtered = Self;

    #[inline]
    fn put<T: Send>(slot: &mut Option<T>, row: T) {
        slot.get_or_insert(row);
    }

    fn finish<T: Send>(slot: Option<T>) -> Option<Option<T>> {
        Some(slot)
    }

    fn view<'a, T: Send + 'a>(value: &'a Option<T>) -> Option<&'a T> {
        value.as_ref()
    }
}
