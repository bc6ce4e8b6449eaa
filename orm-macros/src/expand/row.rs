//! `#[derive(Row)]`: the struct of expressions that fill a row.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::{
    expand::{scoped, shape},
    model::row::{Row, RowField},
};

/// `ActivityColumns` and its impls.
pub(crate) fn expand(row: &Row) -> TokenStream {
    if let Some(of) = &row.of {
        return shape::expand(row, of);
    }
    let structure = structure(row);
    let impls = scoped(&row.krate, &selection(row));
    quote!(#structure #impls)
}

fn structure(row: &Row) -> TokenStream {
    let (vis, name) = (&row.vis, name(row));
    let parameters = row.fields.iter().map(|field| &field.parameter);
    let fields = row.fields.iter().map(|RowField { ident, vis, parameter, .. }| {
        let doc = format!(" Fills [`{}::{ident}`].", row.ident);
        quote!(#[doc = #doc] #vis #ident: #parameter)
    });
    let doc = format!(" The expressions that fill the fields of [`{}`].", row.ident);
    quote! {
        #[doc = #doc]
        #[allow(dead_code)]
        #vis struct #name<#(#parameters),*> { #(#fields),* }
    }
}

fn name(row: &Row) -> Ident {
    format_ident!("{}Columns", row.ident)
}

/// One type parameter per field. Unlike the names in the declaration, these never hide the type of a field.
fn parameters(row: &Row, prefix: &str) -> Vec<Ident> {
    (0..row.fields.len()).map(|at| format_ident!("__{prefix}{at}")).collect()
}

/// `(a, (b, (c, ())))`.
pub(crate) fn nested(items: impl DoubleEndedIterator<Item = impl ToTokens>) -> TokenStream {
    items.rev().fold(quote!(()), |rest, item| quote!((#item, #rest)))
}

fn selection(row: &Row) -> TokenStream {
    let (name, ident) = (name(row), &row.ident);
    let (parameters, indices) = (parameters(row, "C"), parameters(row, "I"));
    let field: Vec<&Ident> = row.fields.iter().map(|field| &field.ident).collect();
    let bounds: Vec<TokenStream> = row
        .fields
        .iter()
        .zip(&indices)
        .map(|(RowField { ty, .. }, index)| quote!(__orm::Field<__Scope, #index, #ty>))
        .collect();
    let index = nested(indices.iter());
    let fields = nested(
        parameters.iter().zip(&row.fields).map(|(field, RowField { ty, .. })| quote!(__orm::Filling<#field, #ty>)),
    );
    let values = nested(field.iter().map(|field| quote!(__orm::Filling::new(self.#field))));
    let types = nested(row.fields.iter().map(|RowField { ty, .. }| ty));
    let pattern = nested(field.iter());
    quote! {
        impl<__Scope, #(#indices,)* #(#parameters),*> __orm::Selection<__Scope, __orm::Fields<#index>>
            for #name<#(#parameters),*>
        where
            #(#parameters: #bounds,)*
        {
        }
        impl<#(#parameters),*> __orm::Projection for #name<#(#parameters),*> {
            type Row = #ident;
            type Fields = #fields;
            fn into_fields(self) -> Self::Fields {
                #values
            }
        }
        impl __orm::FromFields for #ident {
            type Fields = #types;
            fn from_fields(#pattern: #types) -> Self {
                Self { #(#field),* }
            }
        }
    }
}
