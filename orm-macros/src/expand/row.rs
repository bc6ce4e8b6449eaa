//! `#[derive(Row)]`: the struct of expressions that fill a row.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use crate::{
    expand::scoped,
    model::row::{Row, RowField},
};

/// `ActivityColumns` and its impls.
pub(crate) fn expand(row: &Row) -> TokenStream {
    let structure = structure(row);
    let impls = [columns(row), selection(row)].into_iter().collect();
    let impls = scoped(&row.krate, &impls);
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
fn nested(items: impl DoubleEndedIterator<Item = impl ToTokens>) -> TokenStream {
    items.rev().fold(quote!(()), |rest, item| quote!((#item, #rest)))
}

fn columns(row: &Row) -> TokenStream {
    let (name, parameters) = (name(row), parameters(row, "C"));
    let field: Vec<&Ident> = row.fields.iter().map(|field| &field.ident).collect();
    let needs = nested(parameters.iter().map(|parameter| quote!(<#parameter as __orm::Columns>::Needs)));
    quote! {
        impl<#(#parameters: __orm::Columns),*> __orm::Columns for #name<#(#parameters),*> {
            const WIDTH: usize = #(<#parameters as __orm::Columns>::WIDTH)+*;
            type Needs = #needs;
            fn lower(&self, out: &mut ::std::vec::Vec<__orm::ast::Expr>) {
                #(__orm::Columns::lower(&self.#field, out);)*
            }
            fn shape(&self, shape: &mut __orm::Shape) {
                #(__orm::Columns::shape(&self.#field, shape);)*
            }
            fn bind<'q>(&'q self, out: &mut dyn __orm::Binder<'q>) {
                #(__orm::Columns::bind(&self.#field, out);)*
            }
        }
    }
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
    let kinds = parameters.iter().zip(&bounds).map(|(parameter, bound)| quote!(<#parameter as #bound>::Kind));
    let kind = kinds.rev().reduce(|rest, kind| quote!(<#kind as __orm::Kind>::With<#rest>));
    let index = nested(indices.iter());
    let decoders = nested(parameters.iter().zip(&bounds).map(|(field, bound)| quote!(<#field as #bound>::Decoder)));
    let types = nested(row.fields.iter().map(|RowField { ty, .. }| ty));
    let pattern = nested(field.iter());
    quote! {
        impl<__Scope, #(#indices,)* #(#parameters),*> __orm::Selection<__Scope, #index> for #name<#(#parameters),*>
        where
            #(#parameters: #bounds,)*
        {
            type Decoder = __orm::Projected<#ident, #decoders>;
            type Kind = #kind;
        }
        impl __orm::FromFields for #ident {
            type Fields = #types;
            fn from_fields(#pattern: #types) -> Self {
                Self { #(#field),* }
            }
        }
    }
}
