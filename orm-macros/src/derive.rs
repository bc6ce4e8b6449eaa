//! Each macro from its input to its output: parse, check, expand.

use proc_macro2::TokenStream;
use syn::{DeriveInput, parse2};

use crate::{
    check::check,
    ctxt::Ctxt,
    expand, fallback, identifier,
    model::{alias::Alias, db_enum::DbEnum, db_type::DbType, relations::Relations, row::Row, table::Table},
};

/// `#[derive(Table)]`.
pub(crate) fn table(input: TokenStream) -> TokenStream {
    table_or_view(input, Table::parse)
}

/// `#[derive(View)]`.
pub(crate) fn view(input: TokenStream) -> TokenStream {
    table_or_view(input, Table::parse_view)
}

fn table_or_view(input: TokenStream, parse: fn(&DeriveInput, &Ctxt) -> Option<Table>) -> TokenStream {
    run(
        input,
        |input, ctxt| {
            let table = parse(input, ctxt);
            if let Some(table) = &table {
                check(table, ctxt);
            }
            table
        },
        |table| expand::table::expand(&table, &expand::definition::definition(&table)),
        fallback::table,
    )
}

/// `#[derive(DbEnum)]`.
pub(crate) fn db_enum(input: TokenStream) -> TokenStream {
    let expand = |db_enum| expand::db_enum::expand(&db_enum);
    run(input, DbEnum::parse, expand, expand)
}

/// `#[derive(DbType)]`.
pub(crate) fn db_type(input: TokenStream) -> TokenStream {
    let expand = |db_type| expand::db_type::expand(&db_type);
    run(input, DbType::parse, expand, expand)
}

/// `#[derive(Row)]`.
pub(crate) fn row(input: TokenStream) -> TokenStream {
    run(input, Row::parse, |row| expand::row::expand(&row), |row| fallback::row(&row))
}

/// `alias!`.
pub(crate) fn alias(input: TokenStream) -> TokenStream {
    let ctxt = Ctxt::default();
    match parse2::<Alias>(input) {
        Ok(alias) => {
            identifier::check("alias", &alias.name, &ctxt);
            ctxt.finish().into_iter().chain([expand::alias::expand(&alias)]).collect()
        }
        Err(error) => error.to_compile_error(),
    }
}

/// `relations!`.
pub(crate) fn relations(input: TokenStream) -> TokenStream {
    let ctxt = Ctxt::default();
    match parse2::<Relations>(input) {
        Ok(relations) => {
            relations.check(&ctxt);
            ctxt.finish().unwrap_or_else(|| expand::relations::expand(&relations))
        }
        Err(error) => error.to_compile_error(),
    }
}

/// Parses and expands; after an error, writes the errors and the fallback.
fn run<T>(
    input: TokenStream,
    parse: impl FnOnce(&DeriveInput, &Ctxt) -> Option<T>,
    expand: impl FnOnce(T) -> TokenStream,
    fallback: impl FnOnce(T) -> TokenStream,
) -> TokenStream {
    let input: DeriveInput = match parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let ctxt = Ctxt::default();
    let model = parse(&input, &ctxt);
    match (model, ctxt.finish()) {
        (Some(model), None) => expand(model),
        (Some(model), Some(errors)) => [errors, fallback(model)].into_iter().collect(),
        (None, errors) => errors.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
