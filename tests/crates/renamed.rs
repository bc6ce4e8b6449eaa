//! A crate that knows `orm` by another name, and in which nothing is called what it usually is.
#![deny(warnings, missing_docs, unsafe_code)]

/// Not the crate.
pub mod orm {}
/// Not the crate.
pub mod core {}
/// Not the crate.
pub mod std {}

/// Not the type of optional values, nor its variants.
pub struct Option;
/// Not a variant.
pub struct Some;
/// Not the type of results, nor its variants.
pub struct Result;
/// Not a variant.
pub struct Ok;
/// Not a list.
pub struct Vec;
/// Not the type of text.
pub struct String;
/// Not the trait.
pub trait Default {}
/// Not the trait.
pub trait Into {}
/// Not the trait.
pub trait Table {}
/// Not the trait.
pub trait Send {}
/// Not the trait.
pub trait Sized {}

use ::renamed::prelude::{DbEnum, DbType};

/// A key.
#[derive(DbType, ::std::clone::Clone, ::std::marker::Copy)]
#[db_type(crate = ::renamed)]
pub struct Id(i64);

/// A colour.
#[derive(DbEnum, ::std::clone::Clone, ::std::marker::Copy)]
#[db_enum(crate = ::renamed)]
pub enum Colour {
    /// Red.
    Red,
    /// Blue.
    Blue,
}

/// A box.
#[derive(::renamed::Table)]
#[table(crate = ::renamed, unique(name, colour), check(named = "name <> ''"), index(name, filter = "weight > 5"))]
pub struct Box {
    /// The key.
    #[column(primary_key)]
    pub id: Id,
    /// The name.
    #[column(length = 20, default = "")]
    pub name: ::std::string::String,
    /// The colour.
    #[column(default = Colour::Red)]
    pub colour: Colour,
    /// The weight.
    pub weight: ::std::option::Option<f64>,
    /// The box around it.
    #[column(references = Box::id, on_delete = set_null)]
    pub outer: ::std::option::Option<Id>,
}

/// What is in a box.
#[derive(::renamed::Row)]
#[row(crate = ::renamed)]
pub struct Content {
    /// The name of the box.
    pub name: ::std::string::String,
    /// How many boxes are in it.
    pub boxes: i64,
}

::renamed::alias!(crate = ::renamed, pub Inner);

::renamed::prelude::schema! {
    /// All tables.
    pub fn schema() = [Box]
}

/// The contents of all boxes.
pub fn contents(
    db: &::renamed::sqlite::Connection,
) -> ::std::result::Result<::std::vec::Vec<Content>, ::renamed::Error> {
    use ::renamed::{
        AliasColumns as _, Table as _,
        expr::{Expr as _, count},
    };
    let inner = Box::alias::<Inner>();
    Box::select()
        .left_join(inner.on(inner.outer.eq(Box::id)))
        .group_by(Box::id)
        .columns(ContentColumns { name: Box::name, boxes: count(inner.id) })
        .all(db)
}
