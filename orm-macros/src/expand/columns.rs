//! The columns of a table: their markers, their constants, and what they say about themselves.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use crate::model::{
    column::{Cell, Column},
    table::Table,
};

/// The marker of a column: `users::email`.
pub(crate) fn marker(table: &Table, column: &Column) -> TokenStream {
    let (module, ident) = (&table.module, &column.ident);
    quote!(#module::#ident)
}

/// Like `marker`, but errors about it are shown at `span`.
pub(crate) fn marker_at(table: &Table, column: &Column, span: Span) -> TokenStream {
    let at = |ident: &Ident| {
        let mut ident = ident.clone();
        ident.set_span(span);
        ident
    };
    let (module, ident) = (at(&table.module), at(&column.ident));
    quote_spanned!(span=> #module::#ident)
}

/// The documentation of what is made from a column: the field's own, or the column's SQL name.
pub(crate) fn docs(table: &Table, column: &Column) -> TokenStream {
    let docs = &column.docs;
    let name = (!column.documented).then(|| format!(" `{}`", table.path(column)));
    let name = name.map(|name| quote!(#[doc = #name]));
    quote!(#name #(#docs)*)
}

/// The module of the markers.
///
/// rustc shortens the path of a type in its messages when no other type in the crate graph has that name: it would
/// say `email` for `users::email`. The aliases in `__names` give every marker a namesake, so that it is never
/// shortened.
pub(crate) fn markers(table: &Table) -> TokenStream {
    let (vis, marker_vis, module) = (&table.vis, &table.marker_vis, &table.module);
    let idents: Vec<&Ident> = table.columns.iter().map(|column| &column.ident).collect();
    let doc = format!(" The columns of `{}`, as types.", table.name.value);
    quote! {
        #[doc = #doc]
        #[doc(hidden)]
        #[allow(non_camel_case_types, non_snake_case, dead_code, unreachable_pub)]
        #vis mod #module {
            #(#marker_vis struct #idents;)*
            mod __names { #(type #idents = ();)* }
        }
    }
}

/// The constants `User::email`.
pub(crate) fn constants(table: &Table) -> TokenStream {
    let ident = &table.ident;
    let constants = table.columns.iter().map(|column| {
        let (docs, vis, name, marker) = (docs(table, column), &column.vis, &column.ident, marker(table, column));
        quote! {
            #docs
            #vis const #name: __orm::Column<#marker, #ident> = __orm::Column::NEW;
        }
    });
    quote! {
        #[allow(non_upper_case_globals, dead_code)]
        impl #ident { #(#constants)* }
    }
}

/// The `ColumnDef` impls.
pub(crate) fn column_defs(table: &Table) -> TokenStream {
    let (ident, count) = (&table.ident, table.columns.len());
    table
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| {
            let (marker, ty, name, path) = (marker(table, column), &column.ty, &column.name.value, path(at, count));
            let null = if column.nullable { quote!(Null) } else { quote!(NotNull) };
            let role = match (column.cell(), column.primary_key) {
                (Cell::Generated, _) => quote!(GeneratedColumn),
                (_, Some(_)) => quote!(KeyPart),
                _ if column.version.is_some() => quote!(VersionColumn),
                _ => quote!(Plain),
            };
            // What is wrong with the type, such as that it is private, is shown at the field's type.
            let ty = quote_spanned!(column.ty_span=> type Type = #ty;);
            quote! {
                impl __orm::ColumnDef for #marker {
                    type Table = #ident;
                    #ty
                    type Null = __orm::#null;
                    type Path = #path;
                    type Role = __orm::#role;
                    const NAME: &'static str = #name;
                }
            }
        })
        .collect()
}

/// The insert state of a row of which nothing is given: a tree of the same shape as the paths.
pub(crate) fn slots(table: &Table, columns: &[Column]) -> TokenStream {
    let [column] = columns else {
        let (left, right) = columns.split_at(columns.len().div_ceil(2));
        let (left, right) = (slots(table, left), slots(table, right));
        return quote!(__orm::Node<#left, #right>);
    };
    let marker = marker(table, column);
    match column.cell() {
        Cell::Generated => quote!(__orm::Computed<#marker>),
        Cell::Required => quote!(__orm::Missing<#marker>),
        Cell::Nullable | Cell::Defaulted | Cell::NullableDefaulted => quote!(__orm::Open<#marker>),
    }
}

/// The way to the leaf `at` in a balanced tree of `count` leaves, whose left half is the larger one.
fn path(at: usize, count: usize) -> TokenStream {
    if count <= 1 {
        return quote!(__orm::End);
    }
    let left = count.div_ceil(2);
    if at < left {
        let rest = path(at, left);
        quote!(__orm::Left<#rest>)
    } else {
        let rest = path(at - left, count - left);
        quote!(__orm::Right<#rest>)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_through_a_balanced_tree() {
        let check = |at, count, expected: &str| {
            assert_eq!(path(at, count).to_string().replace([' ', ':'], "").replace("__orm", ""), expected);
        };
        check(0, 1, "End");
        check(0, 3, "Left<Left<End>>");
        check(1, 3, "Left<Right<End>>");
        check(2, 3, "Right<End>");
    }
}
