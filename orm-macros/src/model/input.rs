//! What a derive can be put on.

use proc_macro2::Ident;
use syn::{Data, DataStruct, DeriveInput, Field, Fields, Generics};

use crate::ctxt::Ctxt;

/// The named fields of a struct without generics; anything else is reported. `derive` names the derive, `what` what
/// it makes of the struct: "a table".
pub(crate) fn named_fields<'a>(
    input: &'a DeriveInput,
    derive: &str,
    what: &str,
    ctxt: &Ctxt,
) -> Option<Vec<(&'a Ident, &'a Field)>> {
    let ident = &input.ident;
    let supported =
        format!("`#[derive({derive})]` supports structs with named fields, such as `struct {ident} {{ .. }}`");
    let fields = match &input.data {
        Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) => &fields.named,
        Data::Struct(DataStruct { fields: Fields::Unnamed(fields), .. }) => {
            ctxt.error_at(fields, format!("`{ident}` is a tuple struct; {supported}"));
            return None;
        }
        Data::Struct(_) => {
            ctxt.error(ident.span(), format!("`{ident}` has no fields; {supported}"));
            return None;
        }
        Data::Enum(_) => {
            let hint =
                if derive == "Table" { "; an enum can be the type of a column with `#[derive(DbEnum)]`" } else { "" };
            ctxt.error(ident.span(), format!("`{ident}` is an enum; {supported}{hint}"));
            return None;
        }
        Data::Union(_) => {
            ctxt.error(ident.span(), format!("`{ident}` is a union; {supported}"));
            return None;
        }
    };
    if fields.is_empty() {
        ctxt.error(ident.span(), format!("`{ident}` has no fields; {what} has at least one column"));
        return None;
    }
    not_generic(input, what, ctxt)?;
    Some(fields.iter().filter_map(|field| Some((field.ident.as_ref()?, field))).collect())
}

/// Reports generic parameters.
pub(crate) fn not_generic(input: &DeriveInput, what: &str, ctxt: &Ctxt) -> Option<()> {
    let Generics { params, .. } = &input.generics;
    if params.is_empty() {
        return Some(());
    }
    let ident = &input.ident;
    ctxt.error_at(params, format!("`{ident}` is generic; {what} has no type, lifetime or const parameters"));
    None
}
