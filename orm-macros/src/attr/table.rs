//! The attributes of a struct that derives `Table`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Attribute, LitBool, LitStr, Token, ext::IdentExt, parse::ParseStream, punctuated::Punctuated};

use crate::{
    attr::{Entry, Known, Text, default_crate, derives, foreign_key::ForeignKeyAttr, key::KeyAttr, view::ViewAttrs},
    case::Case,
    ctxt::Ctxt,
};

/// What `#[table(..)]` says.
pub(crate) struct TableAttrs {
    /// The path of the `orm` crate.
    pub(crate) krate: TokenStream,
    pub(crate) name: Option<Text>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) keyless: Option<Span>,
    pub(crate) without_rowid: Option<Span>,
    pub(crate) strict: bool,
    pub(crate) comment: Option<Text>,
    pub(crate) renamed_from: Option<Text>,
    pub(crate) new_derives: TokenStream,
    pub(crate) changes_derives: TokenStream,
    pub(crate) uniques: Vec<KeyAttr>,
    pub(crate) indexes: Vec<KeyAttr>,
    pub(crate) checks: Vec<CheckAttr>,
    pub(crate) foreign_keys: Vec<ForeignKeyAttr>,
    pub(crate) soft_delete: Option<Ident>,
    pub(crate) scope: Vec<Ident>,
    /// What makes the struct a view instead.
    pub(crate) view: Option<ViewAttrs>,
}

/// A named check constraint.
pub(crate) struct CheckAttr {
    pub(crate) name: Text,
    pub(crate) condition: Text,
}

const KNOWN: Known = Known {
    attribute: "table",
    place: "`#[table(..)]`",
    entries: &[
        ("name", "name = \"users\""),
        ("rename_all", "rename_all = \"camelCase\""),
        ("unique", "unique(a, b)"),
        ("index", "index(a, b desc)"),
        ("check", "check(name = \"condition\")"),
        ("foreign_key", "foreign_key(columns(a, b), references = Other(x, y))"),
        ("keyless", "keyless"),
        ("without_rowid", "without_rowid"),
        ("soft_delete", "soft_delete = deleted_at"),
        ("scope", "scope(tenant_id)"),
        ("strict", "strict = false"),
        ("comment", "comment = \"..\""),
        ("renamed_from", "renamed_from = \"old_name\""),
        ("crate", "crate = path"),
        ("new", "new(derive(Debug, Clone))"),
        ("changes", "changes(derive(Debug, Clone))"),
    ],
    repeatable: &["unique", "index", "check", "foreign_key"],
    misplaced: &[
        (
            "primary_key",
            "`primary_key` belongs on the fields of the key, as `#[column(primary_key)]`; \
             on several fields it makes a composite key",
        ),
        ("auto_increment", "`auto_increment` belongs on a field, as `#[column(auto_increment)]`"),
        ("references", "`references` belongs on a field, or in `foreign_key(columns(a, b), references = Other(x, y))`"),
        ("default", "`default` belongs on a field, as `#[column(default = ..)]`"),
        ("on_update", "`on_update` belongs on a field, as `#[column(on_update = ..)]`"),
        ("on_delete", "`on_delete` belongs on a field, as `#[column(references = .., on_delete = cascade)]`"),
        ("length", "`length` belongs on a field, as `#[column(length = 255)]`"),
        ("precision", "`precision` belongs on a field, as `#[column(precision = 10)]`"),
        ("scale", "`scale` belongs on a field, as `#[column(precision = 10, scale = 2)]`"),
        ("collation", "`collation` belongs on a field, as `#[column(collation = \"..\")]`"),
        ("generated", "`generated` belongs on a field, as `#[column(generated = \"..\")]`"),
        ("version", "`version` belongs on a field, as `#[column(version)]`"),
    ],
};

impl TableAttrs {
    /// What a struct without attributes says.
    pub(crate) fn none() -> Self {
        Self {
            krate: default_crate(),
            name: None,
            rename_all: None,
            keyless: None,
            without_rowid: None,
            strict: true,
            comment: None,
            renamed_from: None,
            new_derives: TokenStream::new(),
            changes_derives: TokenStream::new(),
            uniques: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            foreign_keys: Vec::new(),
            soft_delete: None,
            scope: Vec::new(),
            view: None,
        }
    }

    /// Parses the attributes of the struct.
    pub(crate) fn parse(attributes: &[Attribute], ctxt: &Ctxt) -> Self {
        let mut attrs = Self::none();
        KNOWN.refuse(attributes, "column", "belongs on a field; on the struct write", ctxt);
        for entry in KNOWN.read(attributes, ctxt) {
            attrs.set(&entry, ctxt);
        }
        attrs
    }

    fn set(&mut self, entry: &Entry, ctxt: &Ctxt) {
        match entry.name {
            "name" => self.name = entry.text(ctxt),
            "rename_all" => self.rename_all = entry.case(ctxt),
            "unique" => self.uniques.extend(KeyAttr::parse_unique(entry, ctxt)),
            "index" => self.indexes.extend(KeyAttr::parse_index(entry, ctxt)),
            "check" => self.checks.extend(checks(entry, ctxt)),
            "foreign_key" => self.foreign_keys.extend(ForeignKeyAttr::parse(entry, ctxt)),
            "keyless" => self.keyless = entry.flag(ctxt),
            "without_rowid" => self.without_rowid = entry.flag(ctxt),
            "soft_delete" => self.soft_delete = entry.parse_value(Ident::parse_any, ctxt),
            "scope" => self.scope = scope(entry, ctxt),
            "strict" => self.strict = entry.value::<LitBool>(ctxt).is_none_or(|strict| strict.value),
            "comment" => self.comment = entry.text(ctxt),
            "renamed_from" => self.renamed_from = entry.text(ctxt),
            "crate" => self.krate = entry.krate(ctxt).unwrap_or_else(default_crate),
            "new" => self.new_derives = derives::parse(entry, ctxt).unwrap_or_default(),
            "changes" => self.changes_derives = derives::parse(entry, ctxt).unwrap_or_default(),
            name => unreachable!("`{name}` is in the list of known attributes"),
        }
    }
}

/// Parses `scope(tenant_id, region)`.
fn scope(entry: &Entry, ctxt: &Ctxt) -> Vec<Ident> {
    let fields =
        |input: ParseStream<'_>| Punctuated::<Ident, Token![,]>::parse_terminated_with(input, Ident::parse_any);
    let Some(list) = entry.list(ctxt) else { return Vec::new() };
    match syn::parse::Parser::parse2(fields, list) {
        Ok(fields) if !fields.is_empty() => fields.into_iter().collect(),
        _ => {
            entry.malformed(ctxt);
            Vec::new()
        }
    }
}

/// Parses `check(name = "condition", other = "condition")`.
fn checks(entry: &Entry, ctxt: &Ctxt) -> Vec<CheckAttr> {
    let parser = |input: ParseStream<'_>| {
        let check = |input: ParseStream<'_>| {
            let name = syn::Ident::parse_any(input)?;
            input.parse::<Token![=]>()?;
            let condition = input.parse::<LitStr>()?;
            let name = Text { value: name.unraw().to_string(), span: name.span() };
            Ok(CheckAttr { name, condition: condition.into() })
        };
        Punctuated::<CheckAttr, Token![,]>::parse_terminated_with(input, check)
    };
    let Some(list) = entry.list(ctxt) else { return Vec::new() };
    match syn::parse::Parser::parse2(parser, list) {
        Ok(checks) if !checks.is_empty() => checks.into_iter().collect(),
        _ => {
            entry.malformed(ctxt);
            Vec::new()
        }
    }
}
