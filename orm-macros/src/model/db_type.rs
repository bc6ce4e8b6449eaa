//! A newtype that derives `DbType`.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Data, DeriveInput, Fields};

use crate::{
    attr::{Known, default_crate},
    ctxt::Ctxt,
    model::{column::option, input},
};

/// A struct around one value, stored as that value is.
pub(crate) struct DbType {
    pub(crate) ident: Ident,
    pub(crate) krate: TokenStream,
    /// The name or the number of the field.
    pub(crate) field: TokenStream,
    pub(crate) ty: TokenStream,
}

const KNOWN: Known = Known {
    attribute: "db_type",
    place: "`#[db_type(..)]`",
    entries: &[("crate", "crate = path")],
    repeatable: &[],
    misplaced: &[],
};

impl DbType {
    /// Parses the struct. `None` if it is not a newtype.
    pub(crate) fn parse(input: &DeriveInput, ctxt: &Ctxt) -> Option<Self> {
        let entries = KNOWN.read(&input.attrs, ctxt);
        let krate = entries.first().and_then(|entry| entry.krate(ctxt)).unwrap_or_else(default_crate);
        let ident = &input.ident;
        let fields = match &input.data {
            Data::Struct(data) => data.fields.iter().collect(),
            _ => Vec::new(),
        };
        let [field] = fields.as_slice() else {
            let hint = match &input.data {
                Data::Enum(_) => "; an enum without data derives `DbEnum`",
                _ => "",
            };
            let supported =
                format!("`#[derive(DbType)]` supports structs with a single field, such as `struct {ident}(i64);`");
            ctxt.error(ident.span(), format!("`{ident}` is not a newtype; {supported}{hint}"));
            return None;
        };
        input::not_generic(input, "a newtype that is stored", ctxt)?;
        if option(&field.ty).is_some() {
            ctxt.error_at(
                &field.ty,
                format!("a newtype cannot hold NULL; leave out the `Option` and make the column `Option<{ident}>`"),
            );
            return None;
        }
        let name = match &input.data {
            Data::Struct(data) if matches!(data.fields, Fields::Named(_)) => field.ident.to_token_stream(),
            _ => syn::Index::from(0).to_token_stream(),
        };
        Some(Self { ident: ident.clone(), krate, field: name, ty: field.ty.to_token_stream() })
    }
}
