//! The columns of a table under another name, `UserAlias`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::{
    expand::columns::{docs, marker},
    model::table::{Table, private},
};

/// The type parameter for the name. A table called `A` must not be hidden by it.
fn parameter(table: &Table) -> Ident {
    if table.ident == "A" { format_ident!("Name") } else { format_ident!("A") }
}

/// The declaration of `UserAlias`.
pub(crate) fn structure(table: &Table) -> TokenStream {
    let (vis, ident, a) = (&table.vis, &table.ident, parameter(table));
    let (alias, private) = (format_ident!("{ident}Alias"), private(&table.krate));
    let fields = table.columns.iter().map(|column| {
        let (docs, vis, field, marker) = (docs(table, column), &column.vis, &column.ident, marker(table, column));
        quote!(#docs #vis #field: #private::Column<#marker, #private::Alias<#ident, #a>>)
    });
    let doc = format!(" The columns of `{}` under another name.", table.name.value);
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #vis struct #alias<#a> { #(#fields),* }
    }
}

/// The impl that makes them.
pub(crate) fn impls(table: &Table) -> TokenStream {
    let (ident, a, alias) = (&table.ident, parameter(table), format_ident!("{}Alias", table.ident));
    let fields = table.columns.iter().map(|column| &column.ident);
    quote! {
        impl<#a: __orm::AliasName> __orm::AliasColumns for #alias<#a> {
            type Source = __orm::Alias<#ident, #a>;
            const NEW: Self = Self { #(#fields: __orm::Column::NEW),* };
        }
    }
}
