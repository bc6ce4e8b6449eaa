//! The insert model `NewUser` and the update model `UserChanges`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::{
    expand::columns::{docs, marker},
    model::{
        column::{Cell, Column},
        table::Table,
    },
    nearest::listed,
};

/// The columns an insert may give.
fn inserted(table: &Table) -> Vec<&Column> {
    table.columns.iter().filter(|column| column.cell() != Cell::Generated).collect()
}

/// The columns an update may change.
fn changed(table: &Table) -> Vec<&Column> {
    let fixed = |column: &Column| column.primary_key.is_some() || column.version.is_some();
    inserted(table).into_iter().filter(|column| !fixed(column)).collect()
}

fn derives(paths: &TokenStream) -> Option<TokenStream> {
    (!paths.is_empty()).then(|| quote!(#[derive(#paths)]))
}

/// The declaration of `NewUser`.
pub(crate) fn new_struct(table: &Table) -> TokenStream {
    let (vis, ident, derives) = (&table.vis, format_ident!("New{}", table.ident), derives(&table.new_derives));
    let columns = inserted(table);
    let fields = columns.iter().map(|column| {
        let (docs, vis, ident, ty) = (docs(table, column), &column.vis, &column.ident, &column.ty);
        let ty = match column.cell() {
            Cell::Required | Cell::Generated => quote!(#ty),
            Cell::Nullable | Cell::Defaulted => quote!(::core::option::Option<#ty>),
            Cell::NullableDefaulted => quote!(::core::option::Option<::core::option::Option<#ty>>),
        };
        quote!(#docs #vis #ident: #ty)
    });
    let doc = new_docs(table, &columns);
    quote! {
        #[doc = #doc]
        #derives
        #[allow(dead_code)]
        #vis struct #ident { #(#fields),* }
    }
}

/// Says which columns may be left out, and what they get then.
fn new_docs(table: &Table, columns: &[&Column]) -> String {
    let name = &table.name.value;
    let of = |cells: &[Cell]| {
        listed(columns.iter().filter(|column| cells.contains(&column.cell())).map(|column| column.name.value.as_str()))
    };
    let (defaulted, nullable) = (of(&[Cell::Defaulted, Cell::NullableDefaulted]), of(&[Cell::Nullable]));
    let mut docs = format!(" A new row of `{name}`.");
    if !defaulted.is_empty() {
        docs.push_str(&format!("\n\n Get their default when left out (`None`): {defaulted}."));
    }
    if !nullable.is_empty() {
        docs.push_str(&format!("\n\n Are NULL when left out (`None`): {nullable}."));
    }
    docs
}

/// The impls of `NewUser`.
pub(crate) fn new_impls(table: &Table) -> TokenStream {
    let (vis, ident) = (&table.vis, format_ident!("New{}", table.ident));
    let columns = inserted(table);
    let required = columns.iter().filter(|column| column.cell() == Cell::Required);
    let parameters = required.map(|column| {
        let (ident, ty) = (&column.ident, &column.ty);
        // Behind `Into`, rustc takes a literal for an `i32` or an `f64`, which do not convert to these types.
        match ty.to_string().as_str() {
            "i8" | "i16" | "u8" | "u16" | "u32" | "f32" => quote!(#ident: #ty),
            _ => quote!(#ident: impl ::core::convert::Into<#ty>),
        }
    });
    let values = columns.iter().map(|column| {
        let ident = &column.ident;
        match column.cell() {
            Cell::Required => quote!(#ident: ::core::convert::Into::into(#ident)),
            _ => quote!(#ident: ::core::option::Option::None),
        }
    });
    let visits = columns.iter().map(|column| {
        let visit = match column.cell() {
            Cell::Required | Cell::Generated => quote!(column),
            Cell::Nullable => quote!(nullable),
            Cell::Defaulted => quote!(defaulted),
            Cell::NullableDefaulted => quote!(nullable_defaulted),
        };
        (*column, visit)
    });
    let cells = cells_impl(table, &ident, visits);
    quote! {
        #[allow(dead_code, clippy::too_many_arguments, clippy::new_without_default)]
        impl #ident {
            /// A row with the required columns given, and all others left out.
            #vis fn new(#(#parameters),*) -> Self {
                Self { #(#values),* }
            }
        }
        #cells
    }
}

/// The declaration of `UserChanges`.
pub(crate) fn changes_struct(table: &Table) -> TokenStream {
    let (vis, ident, derives) = (&table.vis, format_ident!("{}Changes", table.ident), derives(&table.changes_derives));
    let fields = changed(table).into_iter().map(|column| {
        let (docs, vis, ident, ty) = (docs(table, column), &column.vis, &column.ident, &column.ty);
        let ty = if column.nullable { quote!(::core::option::Option<#ty>) } else { quote!(#ty) };
        quote!(#docs #vis #ident: ::core::option::Option<#ty>)
    });
    let doc = format!(
        " Changes to a row of `{}`: a column that is `None` keeps its value.\n\n \
         Of a nullable column, `Some(None)` stores NULL.",
        table.name.value
    );
    quote! {
        #[doc = #doc]
        #derives
        #[derive(::core::default::Default)]
        #[allow(dead_code)]
        #vis struct #ident { #(#fields),* }
    }
}

/// The impls of `UserChanges`.
pub(crate) fn changes_impls(table: &Table) -> TokenStream {
    let visits = changed(table)
        .into_iter()
        .map(|column| (column, if column.nullable { quote!(nullable_defaulted) } else { quote!(defaulted) }));
    cells_impl(table, &format_ident!("{}Changes", table.ident), visits)
}

/// The impl of `Cells` for one of the models; each column comes with the visitor's method for it.
fn cells_impl<'a>(
    table: &Table,
    model: &proc_macro2::Ident,
    visits: impl Iterator<Item = (&'a Column, TokenStream)>,
) -> TokenStream {
    let ident = &table.ident;
    let (columns, visits): (Vec<&Column>, Vec<TokenStream>) = visits.unzip();
    let names = columns.iter().map(|column| &column.name.value);
    let visits: Vec<TokenStream> = columns
        .iter()
        .zip(&visits)
        .map(|(column, visit)| {
            let (field, marker) = (&column.ident, marker(table, column));
            quote!(visitor.#visit::<#marker>(&self.#field);)
        })
        .collect();
    let visitor = if visits.is_empty() { quote!(_) } else { quote!(visitor) };
    quote! {
        impl __orm::Cells for #model {
            type Table = #ident;
            const COLUMNS: &'static [&'static str] = &[#(#names),*];
            fn visit<'a, V: __orm::CellVisitor<'a>>(&'a self, #visitor: &mut V) {
                #(#visits)*
            }
        }
    }
}
