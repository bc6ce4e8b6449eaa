//! An enum that derives `DbEnum`.

use proc_macro2::{Ident, TokenStream};
use syn::{Data, DeriveInput, Fields, ext::IdentExt};

use crate::{
    attr::{Known, Text, default_crate},
    case::Case,
    ctxt::Ctxt,
    identifier,
    model::input,
};

/// An enum whose values are the labels of an SQL enum type.
pub(crate) struct DbEnum {
    pub(crate) ident: Ident,
    pub(crate) krate: TokenStream,
    pub(crate) name: Text,
    pub(crate) variants: Vec<Variant>,
}

/// A variant and its label.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    pub(crate) label: Text,
    /// It has data, which was reported; only what is written after an error contains such a variant.
    pub(crate) has_data: bool,
}

const ENUM: Known = Known {
    attribute: "db_enum",
    place: "`#[db_enum(..)]` of an enum",
    entries: &[
        ("name", "name = \"user_role\""),
        ("rename_all", "rename_all = \"camelCase\""),
        ("crate", "crate = path"),
    ],
    repeatable: &[],
    misplaced: &[],
};

const VARIANT: Known = Known {
    attribute: "db_enum",
    place: "`#[db_enum(..)]` of a variant",
    entries: &[("name", "name = \"label\"")],
    repeatable: &[],
    misplaced: &[
        ("rename_all", "`rename_all` belongs on the enum; a single variant has `name`"),
        ("crate", "`crate` belongs on the enum"),
    ],
};

impl DbEnum {
    /// Parses the enum. `None` if it is of a kind that cannot be stored; after other errors, what is left of it.
    pub(crate) fn parse(input: &DeriveInput, ctxt: &Ctxt) -> Option<Self> {
        let ident = &input.ident;
        let (mut name, mut rename_all, mut krate) = (None, Case::Snake, default_crate());
        for entry in ENUM.read(&input.attrs, ctxt) {
            match entry.name {
                "name" => name = entry.text(ctxt),
                "rename_all" => rename_all = entry.case(ctxt).unwrap_or(Case::Snake),
                _ => krate = entry.krate(ctxt).unwrap_or(krate),
            }
        }
        let Data::Enum(data) = &input.data else {
            let hint = "a struct around a single value derives `DbType`";
            ctxt.error(
                ident.span(),
                format!("`{ident}` is not an enum; `#[derive(DbEnum)]` supports enums without data, {hint}"),
            );
            return None;
        };
        input::not_generic(input, "an enum type", ctxt)?;
        if data.variants.is_empty() {
            ctxt.error(ident.span(), format!("`{ident}` has no variants; an enum type has at least one label"));
            return None;
        }
        let default = Text { value: Case::Snake.apply(&ident.unraw().to_string()), span: ident.span() };
        let name = identifier::choose("enum type", name, default, ctxt);

        let mut parsed = Self { ident: ident.clone(), krate, name, variants: Vec::new() };
        for variant in &data.variants {
            parsed.add(variant, rename_all, ctxt);
        }
        Some(parsed)
    }

    fn add(&mut self, variant: &syn::Variant, rename_all: Case, ctxt: &Ctxt) {
        let (enum_ident, ident) = (&self.ident, &variant.ident);
        let has_data = !matches!(variant.fields, Fields::Unit);
        if has_data {
            ctxt.error_at(
                &variant.fields,
                format!(
                    "`{enum_ident}::{ident}` has data; `#[derive(DbEnum)]` supports enums without data, \
                     while `Json<{enum_ident}>` stores any"
                ),
            );
        }
        let name = VARIANT.read(&variant.attrs, ctxt).first().and_then(|entry| entry.text(ctxt));
        let default = Text { value: rename_all.apply(&ident.unraw().to_string()), span: ident.span() };
        let label = identifier::choose("label", name, default, ctxt);
        if let Some(other) = self.variants.iter().find(|other| other.label.value == label.value) {
            let other = &other.ident;
            ctxt.error(label.span, format!("`{}` is the label of both `{other}` and `{ident}`", label.value));
        }
        self.variants.push(Variant { ident: ident.clone(), label, has_data });
    }
}
