//! `alias!(pub Manager as "mgr")`, and `alias!(crate = renamed, pub Manager)`.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{
    Attribute, LitStr, Path, Token, Visibility,
    ext::IdentExt,
    parse::{Parse, ParseStream},
};

use crate::{
    attr::{Text, default_crate},
    case::Case,
};

/// A name under which a table is joined.
pub(crate) struct Alias {
    pub(crate) ident: Ident,
    pub(crate) vis: TokenStream,
    pub(crate) attributes: Vec<TokenStream>,
    pub(crate) documented: bool,
    pub(crate) name: Text,
    pub(crate) krate: TokenStream,
}

impl Parse for Alias {
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
        let attributes = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        let malformed = |span| syn::Error::new(span, "write `alias!(Manager)` or `alias!(pub Manager as \"mgr\")`");
        let ident: Ident = input.parse().map_err(|error| malformed(error.span()))?;
        let name = if input.parse::<Option<Token![as]>>()?.is_some() {
            input.parse::<LitStr>()?.into()
        } else {
            Text { value: Case::Snake.apply(&ident.unraw().to_string()), span: ident.span() }
        };
        if !input.is_empty() {
            return Err(malformed(input.span()));
        }
        Ok(Self {
            ident,
            vis: vis.to_token_stream(),
            documented: attributes.iter().any(|attribute| attribute.path().is_ident("doc")),
            attributes: attributes.iter().map(ToTokens::to_token_stream).collect(),
            name,
            krate,
        })
    }
}
