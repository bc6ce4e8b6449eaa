//! `relations! { User { posts: many(Post), } Post { author: one(User), } }`.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{
    Attribute, Path, Token, braced,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream},
    punctuated::Punctuated,
};

use crate::{
    attr::default_crate,
    ctxt::Ctxt,
    nearest::{advice, nearest},
};

/// Declared relations, by table.
pub(crate) struct Relations {
    pub(crate) krate: TokenStream,
    pub(crate) tables: Vec<Owner>,
}

/// A table and its relations.
pub(crate) struct Owner {
    pub(crate) path: Path,
    pub(crate) relations: Vec<Relation>,
}

/// A relation.
pub(crate) struct Relation {
    pub(crate) attributes: Vec<TokenStream>,
    pub(crate) documented: bool,
    pub(crate) ident: Ident,
    pub(crate) count: Count,
    pub(crate) target: Path,
    pub(crate) keys: Keys,
    pub(crate) filter: Option<TokenStream>,
}

/// How many rows a relation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    Many,
    One,
    Optional,
}

/// What rows belong together by.
pub(crate) enum Keys {
    /// The foreign key of these columns, or the only one if there are none.
    Via(Vec<Ident>),
    /// Columns that are equal, the owner's first.
    On(Vec<(Ident, Ident)>),
    /// A table with a foreign key to both, of these columns, or the only ones if there are none.
    Through { table: Path, to_owner: Vec<Ident>, to_target: Vec<Ident> },
}

impl Relation {
    /// The name, without `r#`.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

/// The last name of a path: `User` of `models::User`.
pub(crate) fn last(path: &Path) -> String {
    path.segments.last().map(|segment| segment.ident.unraw().to_string()).unwrap_or_default()
}

impl Relations {
    /// Reports what is declared twice.
    pub(crate) fn check(&self, ctxt: &Ctxt) {
        for owner in &self.tables {
            for (at, relation) in owner.relations.iter().enumerate() {
                if owner.relations[..at].iter().any(|other| other.name() == relation.name()) {
                    let (name, table) = (relation.name(), last(&owner.path));
                    ctxt.error(relation.ident.span(), format!("relation `{name}` of `{table}` is declared twice"));
                }
                if relation.count != Count::Many
                    && let Keys::Through { table, .. } = &relation.keys
                {
                    let message = "a relation through another table leads to any number of rows: write `many(..)`";
                    ctxt.error_at(table, message);
                }
            }
        }
    }
}

impl Parse for Relations {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = if input.peek(Token![crate]) && input.peek2(Token![=]) {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            let krate = input.call(Path::parse_mod_style)?.into_token_stream();
            input.parse::<Token![,]>()?;
            krate
        } else {
            default_crate()
        };
        let mut tables: Vec<Owner> = Vec::new();
        while !input.is_empty() {
            let path = input.call(Path::parse_mod_style)?;
            let content;
            braced!(content in input);
            let relations = content.parse_terminated(Relation::parse, Token![,])?;
            // A table may be named several times.
            let name = path.to_token_stream().to_string();
            match tables.iter_mut().find(|owner| owner.path.to_token_stream().to_string() == name) {
                Some(owner) => owner.relations.extend(relations),
                None => tables.push(Owner { path, relations: relations.into_iter().collect() }),
            }
        }
        Ok(Self { krate, tables })
    }
}

const COUNTS: [&str; 3] = ["many", "one", "optional"];
const CLAUSES: [&str; 4] = ["through", "via", "on", "filter"];

impl Parse for Relation {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let ident = input.call(Ident::parse_any)?;
        let form = "write `posts: many(Post)`, `author: one(User)` or `editor: optional(User)`";
        if !input.peek(Token![:]) {
            return Err(syn::Error::new(ident.span(), format!("malformed relation: {form}")));
        }
        input.parse::<Token![:]>()?;
        let word: Ident = input.parse().map_err(|error| syn::Error::new(error.span(), form))?;
        let count = match word.to_string().as_str() {
            "many" => Count::Many,
            "one" => Count::One,
            "optional" => Count::Optional,
            other => {
                let message = format!("`{other}` is no kind of relation; {}", advice(other, COUNTS));
                return Err(syn::Error::new(word.span(), message));
            }
        };
        let content;
        parenthesized!(content in input);
        let target = content.call(Path::parse_mod_style)?;
        let (mut keys, mut filter) = (Keys::Via(Vec::new()), None);
        while !input.is_empty() && !input.peek(Token![,]) {
            let clause = input.call(Ident::parse_any)?;
            match clause.to_string().as_str() {
                "through" => keys = through(input)?,
                "via" => keys = Keys::Via(columns(input)?),
                "on" => {
                    let content;
                    parenthesized!(content in input);
                    keys = Keys::On(content.parse_terminated(equal, Token![,])?.into_iter().collect());
                }
                "filter" => {
                    let content;
                    parenthesized!(content in input);
                    filter = Some(content.parse()?);
                }
                other => {
                    let hint = match nearest(other, CLAUSES) {
                        Some(known) => format!("did you mean `{known}`? "),
                        None => String::new(),
                    };
                    let message = format!(
                        "unknown word `{other}` in a relation; {hint}known: `via column`, `through(Table)`, `on(own = other)`, `filter(condition)`"
                    );
                    return Err(syn::Error::new(clause.span(), message));
                }
            }
        }
        Ok(Self {
            documented: attributes.iter().any(|attribute| attribute.path().is_ident("doc")),
            attributes: attributes.iter().map(ToTokens::to_token_stream).collect(),
            ident,
            count,
            target,
            keys,
            filter,
        })
    }
}

/// `own = other`.
fn equal(input: ParseStream<'_>) -> syn::Result<(Ident, Ident)> {
    let own = input.call(Ident::parse_any)?;
    input.parse::<Token![=]>()?;
    Ok((own, input.call(Ident::parse_any)?))
}

/// `a`, or `(a, b)`.
fn columns(input: ParseStream<'_>) -> syn::Result<Vec<Ident>> {
    if !input.peek(syn::token::Paren) {
        return Ok(vec![input.call(Ident::parse_any)?]);
    }
    let content;
    parenthesized!(content in input);
    let columns: Punctuated<Ident, Token![,]> = content.parse_terminated(Ident::parse_any, Token![,])?;
    Ok(columns.into_iter().collect())
}

/// `(Membership)`, or `(Follow: follower_id -> followed_id)`.
fn through(input: ParseStream<'_>) -> syn::Result<Keys> {
    let content;
    parenthesized!(content in input);
    let table = content.call(Path::parse_mod_style)?;
    if content.is_empty() {
        return Ok(Keys::Through { table, to_owner: Vec::new(), to_target: Vec::new() });
    }
    content.parse::<Token![:]>()?;
    let to_owner = columns(&content)?;
    content.parse::<Token![->]>()?;
    let to_target = columns(&content)?;
    Ok(Keys::Through { table, to_owner, to_target })
}
