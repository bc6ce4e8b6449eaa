//! Inputs to outputs: what is written, and every error message.

mod errors;
mod expansions;
mod views;

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse_str};

use crate::{check::check, ctxt::Ctxt, model};

fn tokens(source: &str) -> TokenStream {
    parse_str(source).expect("the test's input is valid Rust")
}

/// The output of a macro, as people would write it. That it parses is part of every test.
fn pretty(output: TokenStream) -> String {
    let file = syn::parse2(output.clone()).unwrap_or_else(|error| panic!("{error} in {output}"));
    prettyplease::unparse(&file)
}

fn derive_input(source: &str) -> DeriveInput {
    parse_str(source).expect("the test's input is a struct or an enum")
}

/// The messages of a derive of `Table`.
fn table_errors(source: &str) -> Vec<String> {
    let ctxt = Ctxt::default();
    let table = model::table::Table::parse(&derive_input(source), &ctxt);
    if let Some(table) = table {
        check(&table, &ctxt);
    }
    // Whatever is written after an error parses too.
    pretty(super::table(tokens(source)));
    ctxt.messages()
}
