//! `alias!`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{
    expand::{scoped, tag::tag},
    model::alias::Alias,
};

/// The type and its impl.
pub(crate) fn expand(alias: &Alias) -> TokenStream {
    let Alias { ident, vis, attributes, documented, name, krate } = alias;
    let name = &name.value;
    let doc = (!documented).then(|| format!(" The name `{name}` for a table.")).map(|doc| quote!(#[doc = #doc]));
    let tag = tag(name);
    let impls = quote! {
        impl __orm::AliasName for #ident {
            type Tag = #tag;
            const NAME: &'static str = #name;
        }
    };
    let impls = scoped(krate, &impls);
    quote! {
        #doc
        #(#attributes)*
        #vis struct #ident;
        #impls
    }
}
