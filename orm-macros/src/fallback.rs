//! What is written after an error, so that the users of a type see the error and not its consequences.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{
    expand,
    model::{row::Row, table::Table},
};

/// The table without its description: columns, models and alias work, and nothing that an attribute says is compiled.
pub(crate) fn table(mut table: Table) -> TokenStream {
    give_key(&mut table);
    table.new_derives = TokenStream::new();
    table.changes_derives = TokenStream::new();
    let (name, rust_name) = (&table.name.value, table.rust_name());
    let definition = quote!(__orm::TableDef::new(#name, #rust_name, &[]));
    expand::table::expand(&table, &definition)
}

/// The row, or a shape that reads nothing: what a field says of a relation is not compiled.
pub(crate) fn row(row: &Row) -> TokenStream {
    let Some(of) = &row.of else { return expand::row::expand(row) };
    let ident = &row.ident;
    let shape = quote! {
        impl __orm::RowShape for #ident {
            type Of = #of;
            type Fields = ();
            type Loads = ();
            const COLUMNS: &'static [usize] = &[];
            fn loads() {}
            fn assemble((): (), (): ()) -> Self {
                ::core::unreachable!("a program with errors does not run")
            }
        }
    };
    expand::scoped(&row.krate, &shape)
}

/// A table whose primary key is missing or faulty gets its `id`, or its first column, as the key: without one every
/// `find` would be an error too.
fn give_key(table: &mut Table) {
    if table.view.is_some() || table.keyless.is_some() || !table.primary_key().is_empty() {
        return;
    }
    let id = table.columns.iter().position(|column| column.ident == "id").unwrap_or(0);
    if let Some(column) = table.columns.get_mut(id) {
        column.generated = None;
        column.primary_key = Some(column.ident.span());
    }
}
