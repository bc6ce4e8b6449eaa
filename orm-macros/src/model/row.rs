//! A struct that derives `Row`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident};
use syn::{DeriveInput, ext::IdentExt};

use crate::{
    attr::{Entry, Known, default_crate},
    case::Case,
    ctxt::Ctxt,
    model::input,
};

/// A struct that rows of a query are read as.
pub(crate) struct Row {
    pub(crate) ident: Ident,
    pub(crate) vis: TokenStream,
    pub(crate) krate: TokenStream,
    /// The table whose rows it is a shape of.
    pub(crate) of: Option<TokenStream>,
    pub(crate) fields: Vec<RowField>,
}

/// One field of it.
pub(crate) struct RowField {
    pub(crate) ident: Ident,
    pub(crate) vis: TokenStream,
    pub(crate) ty: TokenStream,
    /// The type parameter for the expression that fills it, in the declaration people read: the field's name.
    pub(crate) parameter: Ident,
    /// What fills it in a struct that is the shape of a table's rows.
    pub(crate) shape: ShapeField,
}

/// What fills a field of a shape.
pub(crate) enum ShapeField {
    /// The column of the field's name, or this one.
    Column(Option<TokenStream>),
    /// The rows of a relation.
    Relation(ShapeRelation),
}

/// A relation, and what of it is meant.
pub(crate) struct ShapeRelation {
    pub(crate) relation: TokenStream,
    pub(crate) filter: Option<TokenStream>,
    pub(crate) order_by: Option<TokenStream>,
    pub(crate) limit: Option<TokenStream>,
}

const KNOWN: Known = Known {
    attribute: "row",
    place: "`#[row(..)]`",
    entries: &[("crate", "crate = path"), ("of", "of = Table")],
    repeatable: &[],
    misplaced: &[
        ("relation", "`relation` belongs on a field: `#[row(relation = User::posts)] posts: Vec<Post>`"),
        ("column", "`column` belongs on a field: `#[row(column = User::email)] mail: String`"),
    ],
};

const FIELD: Known = Known {
    place: "`#[row(..)]` of a field",
    entries: &[
        ("column", "column = Table::column"),
        ("relation", "relation = Table::relation"),
        ("filter", "filter = condition"),
        ("order_by", "order_by = keys"),
        ("limit", "limit = 5"),
    ],
    misplaced: &[("of", "`of` belongs on the struct: `#[row(of = User)] struct Author { .. }`")],
    ..KNOWN
};

impl Row {
    /// Parses the struct. `None` if it is of a kind that cannot be a row.
    pub(crate) fn parse(input: &DeriveInput, ctxt: &Ctxt) -> Option<Self> {
        let entries = KNOWN.read(&input.attrs, ctxt);
        let entry = |name| entries.iter().find(|entry| entry.name == name);
        let krate = entry("crate").and_then(|entry| entry.krate(ctxt)).unwrap_or_else(default_crate);
        let of = entry("of").and_then(|entry| entry.krate(ctxt));
        let fields = input::named_fields(input, "Row", "a row", ctxt)?;
        let mut row =
            Self { ident: input.ident.clone(), vis: input.vis.to_token_stream(), krate, of, fields: Vec::new() };
        for (ident, field) in fields {
            let entries = FIELD.read(&field.attrs, ctxt);
            if row.of.is_none()
                && let Some(entry) = entries.first()
            {
                let form = "say which table it is a shape of: `#[row(of = Table)]` on the struct";
                entry.error(ctxt, format!("`{}` needs a table; {form}", entry.name));
            }
            let shape = shape(&entries, ctxt);
            let (vis, ty) = (field.vis.to_token_stream(), field.ty.to_token_stream());
            let parameter = row.parameter(ident);
            row.fields.push(RowField { ident: ident.clone(), vis, ty, parameter, shape });
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

/// What fills a field of a shape.
fn shape(entries: &[Entry], ctxt: &Ctxt) -> ShapeField {
    let tokens = |name| {
        let entry = entries.iter().find(|entry: &&Entry| entry.name == name)?;
        entry.parse_value(|input: syn::parse::ParseStream<'_>| input.parse::<TokenStream>(), ctxt)
    };
    let Some(relation) = tokens("relation") else {
        for entry in entries.iter().filter(|entry| entry.name != "column" && entry.name != "relation") {
            entry.error(ctxt, format!("`{}` is about a relation: write `relation = Table::relation`, too", entry.name));
        }
        return ShapeField::Column(tokens("column"));
    };
    ShapeField::Relation(ShapeRelation {
        relation,
        filter: tokens("filter"),
        order_by: tokens("order_by"),
        limit: tokens("limit"),
    })
}
