//! `#[derive(Table)]` and `#[derive(View)]`: the table itself, and everything together.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::{
    expand::{
        alias_columns, cells,
        columns::{column_defs, constants, marker, markers, slots},
        scoped,
        tag::tag,
    },
    model::table::{Table, private},
};

/// All that the derive writes; of a view, without the models for writing. `definition` is the table's description, a constant
/// expression.
pub(crate) fn expand(table: &Table, definition: &TokenStream) -> TokenStream {
    let (markers, aliased) = (markers(table), alias_columns::structure(table));
    let is_written = table.view.is_none();
    let models = is_written.then(|| [cells::new_struct(table), cells::changes_struct(table)]);
    let models: TokenStream = models.into_iter().flatten().collect();
    let model_impls = is_written.then(|| [cells::new_impls(table), cells::changes_impls(table)]);
    let impls = [
        constants(table),
        column_defs(table),
        unique_on(table),
        marker_impls(table),
        table_impl(table, definition),
        model_impls.into_iter().flatten().collect(),
        alias_columns::impls(table),
    ];
    let impls = scoped(&table.krate, &impls.into_iter().collect());
    let loaded = loaded_row(table);
    quote!(#markers #models #aliased #loaded #impls)
}

/// What a table's rows are written by, and the key they are found by; of a view, what stands for it.
struct Parts {
    key: TokenStream,
    slots: TokenStream,
    new: TokenStream,
    changes: TokenStream,
}

impl Parts {
    fn of(table: &Table) -> Self {
        let key = table.primary_key();
        let key = key.iter().map(|at| marker(table, &table.columns[*at]));
        let (key, slots) = (quote!((#(#key,)*)), slots(table, &table.columns));
        if table.view.is_some() {
            let (key, slots) = (quote!(__orm::ViewKey<#key>), quote!(__orm::ReadOnly<#slots>));
            let model = quote!(__orm::NoModel<Self>);
            return Self { key, slots, new: model.clone(), changes: model };
        }
        let (new, changes) = (format_ident!("New{}", table.ident), format_ident!("{}Changes", table.ident));
        Self { key, slots, new: quote!(#new), changes: quote!(#changes) }
    }
}

/// The row with what was loaded for it, `UserLoaded`.
fn loaded_row(table: &Table) -> TokenStream {
    let (vis, ident, private) = (&table.vis, &table.ident, private(&table.krate));
    let (loaded, doc) =
        (format_ident!("{ident}Loaded"), format!(" A row of `{}` with what was loaded for it.", table.name.value));
    quote!(#private::loaded_row! { #vis #ident #loaded #doc })
}

fn table_impl(table: &Table, definition: &TokenStream) -> TokenStream {
    let (ident, name, width) = (&table.ident, &table.name.value, table.columns.len());
    let Parts { key, slots, new, changes } = Parts::of(table);
    let alias = format_ident!("{ident}Alias");
    let present =
        table.primary_key().first().copied().or_else(|| table.columns.iter().position(|column| !column.nullable));
    let present = match present {
        Some(at) => quote!(__orm::Some(#at)),
        None => quote!(__orm::None),
    };
    let loaded = format_ident!("{ident}Loaded");
    // A column that queries name, but no code reads from a row, is no dead code: this reads every field.
    let cells = table.columns.iter().enumerate().map(|(at, column)| {
        let (field, marker) = (&column.ident, marker(table, column));
        let cell = if column.nullable { quote!(cell_null) } else { quote!(cell) };
        quote!(#at => __orm::#cell::<#marker>(&self.#field, out),)
    });
    let tag = tag(name);
    let scoped_by = scoped_by(table);
    let reads = table.columns.iter().enumerate().map(|(at, column)| {
        let (field, marker) = (&column.ident, marker(table, column));
        let read = if column.nullable { quote!(read_null) } else { quote!(read) };
        let at = if at == 0 { quote!(at) } else { quote!(at + #at) };
        quote!(#field: __orm::#read::<#marker, R>(row, #at)?)
    });
    quote! {
        impl __orm::Table for #ident {
            const NAME: &'static str = #name;
            const DEF: &'static __orm::TableDef = &#definition;
            const WIDTH: usize = #width;
            const PRESENT: ::core::option::Option<usize> = #present;
            type Tag = #tag;
            type Key = #key;
            type ScopedBy = #scoped_by;
            type Slots = #slots;
            type New = #new;
            type Changes = #changes;
            type Aliased<A: __orm::AliasName> = #alias<A>;
            type Loaded<L: ::core::marker::Send, X: ::core::marker::Send> = #loaded<L, X>;
            fn cell<'q>(&'q self, column: usize, out: &mut dyn __orm::Binder<'q>) {
                match column {
                    #(#cells)*
                    _ => {}
                }
            }
            fn decode<R: __orm::RowRead + ?::core::marker::Sized>(
                row: &R,
                at: usize,
            ) -> ::core::result::Result<Self, __orm::DecodeError> {
                ::core::result::Result::Ok(Self { #(#reads),* })
            }
        }
    }
}

/// The columns that scope the table: one, a tuple of several, or `()`.
fn scoped_by(table: &Table) -> TokenStream {
    let markers: Vec<TokenStream> = table.scope.iter().map(|(at, _)| marker(table, &table.columns[*at])).collect();
    match markers.as_slice() {
        [marker] => quote!(#marker),
        markers => quote!((#(#markers),*)),
    }
}

/// The impls that only some tables have.
fn marker_impls(table: &Table) -> TokenStream {
    let ident = &table.ident;
    let soft_deleted =
        table.soft_delete.map(|_| quote!(#[diagnostic::do_not_recommend] impl __orm::SoftDeleted for #ident {}));
    let versioned = table.version().map(|column| {
        let marker = marker(table, column);
        quote! {
            #[diagnostic::do_not_recommend]
            impl __orm::Versioned for #ident { type Version = #marker; }
        }
    });
    let materialized = table.view.as_ref().and_then(|view| view.materialized);
    let materialized =
        materialized.map(|_| quote!(#[diagnostic::do_not_recommend] impl __orm::Materialized for #ident {}));
    quote!(#soft_deleted #versioned #materialized)
}

/// The impls saying which columns are unique together, each once.
fn unique_on(table: &Table) -> TokenStream {
    let ident = &table.ident;
    let mut known = Vec::new();
    for (columns, _) in table.unique_sets() {
        if !known.contains(&columns) {
            known.push(columns);
        }
    }
    known
        .iter()
        .map(|columns| {
            let markers: Vec<TokenStream> = columns.iter().map(|at| marker(table, &table.columns[*at])).collect();
            match markers.as_slice() {
                [marker] => quote!(#[diagnostic::do_not_recommend] impl __orm::UniqueOn<#marker> for #ident {}),
                markers => quote!(#[diagnostic::do_not_recommend] impl __orm::UniqueOn<(#(#markers),*)> for #ident {}),
            }
        })
        .collect()
}
