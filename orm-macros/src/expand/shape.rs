//! `#[derive(Row)]` with `#[row(of = User)]`: a struct that says which columns and relations of a row it has.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use crate::{
    expand::{row::nested, scoped},
    model::row::{Row, RowField, ShapeField, ShapeRelation},
};

pub(crate) fn expand(row: &Row, of: &TokenStream) -> TokenStream {
    let ident = &row.ident;
    let (relations, columns): (Vec<_>, Vec<_>) =
        row.fields.iter().partition(|field| matches!(field.shape, ShapeField::Relation(_)));
    let positions = columns.iter().map(|field| position(field, of));
    let types = nested(columns.iter().map(|field| &field.ty));
    let loads = nested(relations.iter().map(|RowField { ty, .. }| quote!(__orm::ShapeLoad<#ty>)));
    let related = nested(relations.iter().map(|field| related(field)));
    let (values, entries) =
        (nested(columns.iter().map(|field| &field.ident)), nested(relations.iter().map(|field| &field.ident)));
    let fields = row.fields.iter().map(|field| &field.ident);
    let impls = quote! {
        impl __orm::RowShape for #ident {
            type Of = #of;
            type Fields = #types;
            type Loads = #loads;
            const COLUMNS: &'static [usize] = &[#(#positions),*];
            fn loads() -> Self::Loads {
                #related
            }
            fn assemble(#values: Self::Fields, #entries: <Self::Loads as __orm::Loads>::Entries) -> Self {
                Self { #(#fields),* }
            }
        }
    };
    scoped(&row.krate, &impls)
}

fn position(field: &RowField, of: &TokenStream) -> TokenStream {
    let RowField { ident, ty, .. } = field;
    let column = match &field.shape {
        ShapeField::Column(Some(column)) => column.clone(),
        // A column that is not there is reported at the field.
        _ => quote_spanned!(ident.span()=> <#of>::#ident),
    };
    quote_spanned!(ty.span()=> __orm::shape_column::<#ty, _, _, _>(#column))
}

fn related(field: &RowField) -> TokenStream {
    let (ty, ShapeField::Relation(shape)) = (&field.ty, &field.shape) else { return TokenStream::new() };
    let ShapeRelation { relation, filter, order_by, limit } = shape;
    let span = relation.span();
    let mut load = match filter {
        None => quote_spanned!(span=> __orm::related::<_, #ty>(#relation)),
        Some(filter) => quote_spanned!(span=>
            __orm::related_filtered::<_, #ty>(#relation, {
                static FILTER: ::std::sync::LazyLock<::std::boxed::Box<dyn __orm::AnyCondition<'static>>> =
                    ::std::sync::LazyLock::new(|| __orm::shape_filter(#relation, #filter));
                &**FILTER
            })
        ),
    };
    if let Some(keys) = order_by {
        load = quote! {
            #load.ordered({
                static ORDER: ::std::sync::LazyLock<::std::boxed::Box<dyn __orm::AnyOrder<'static>>> =
                    ::std::sync::LazyLock::new(|| __orm::shape_order(#relation, #keys));
                &**ORDER
            })
        };
    }
    if let Some(limit) = limit {
        load = quote!(#load.limited(#limit));
    }
    load
}
