//! A struct that derives `Row`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident};
use syn::{DeriveInput, ext::IdentExt};

use crate::{
    attr::{Known, default_crate},
    case::Case,
    ctxt::Ctxt,
    model::input,
};

/// A struct that rows of a query are read as.
pub(crate) struct Row {
    pub(crate) ident: Ident,
    pub(crate) vis: TokenStream,
    pub(crate) krate: TokenStream,
    pub(crate) fields: Vec<RowField>,
}

/// One field of it.
pub(crate) struct RowField {
    pub(crate) ident: Ident,
    pub(crate) vis: TokenStream,
    pub(crate) ty: TokenStream,
    /// The type parameter for the expression that fills it, in the declaration people read: the field's name.
    pub(crate) parameter: Ident,
}

const KNOWN: Known = Known {
    attribute: "row",
    place: "`#[row(..)]`",
    entries: &[("crate", "crate = path")],
    repeatable: &[],
    misplaced: &[],
};

const FIELD: Known = Known { place: "`#[row(..)]` of a field", entries: &[], ..KNOWN };

impl Row {
    /// Parses the struct. `None` if it is of a kind that cannot be a row.
    pub(crate) fn parse(input: &DeriveInput, ctxt: &Ctxt) -> Option<Self> {
        let entries = KNOWN.read(&input.attrs, ctxt);
        let krate = entries.first().and_then(|entry| entry.krate(ctxt)).unwrap_or_else(default_crate);
        let fields = input::named_fields(input, "Row", "a row", ctxt)?;
        let mut row = Self { ident: input.ident.clone(), vis: input.vis.to_token_stream(), krate, fields: Vec::new() };
        for (ident, field) in fields {
            FIELD.read(&field.attrs, ctxt);
            let (vis, ty) = (field.vis.to_token_stream(), field.ty.to_token_stream());
            let parameter = row.parameter(ident);
            row.fields.push(RowField { ident: ident.clone(), vis, ty, parameter });
        }
        Some(row)
    }

    /// The field's name as the name of a type, or a number if that cannot be one or is taken.
    fn parameter(&self, field: &Ident) -> Ident {
        let name = Case::Pascal.apply(&field.unraw().to_string());
        let numbered = format_ident!("C{}", self.fields.len());
        match syn::parse_str::<Ident>(&name) {
            Ok(name) if self.fields.iter().all(|other| other.parameter != name) => name,
            _ => numbered,
        }
    }
}
