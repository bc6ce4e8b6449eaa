//! Models → tokens.
//!
//! What names the user's items is written beside them; the impls go into an anonymous constant, where one import
//! gives `orm`'s private module the short name `__orm`. The generated code only calls into that module, and is of a
//! size proportional to the number of columns.

pub(crate) mod alias;
pub(crate) mod alias_columns;
pub(crate) mod cells;
pub(crate) mod columns;
pub(crate) mod db_enum;
pub(crate) mod db_type;
pub(crate) mod definition;
pub(crate) mod relations;
pub(crate) mod row;
pub(crate) mod shape;
pub(crate) mod table;
pub(crate) mod tag;

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::table::private;

/// Impls, in a scope where `__orm` is the private module of `krate`. They use deprecated fields and variants too; only
/// the user's own uses are to be reported.
fn scoped(krate: &TokenStream, impls: &TokenStream) -> TokenStream {
    let private = private(krate);
    quote! {
        #[allow(deprecated)]
        const _: () = {
            use #private as __orm;
            #impls
        };
    }
}
