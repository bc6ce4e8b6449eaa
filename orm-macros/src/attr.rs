//! Attributes → values.
//!
//! An attribute is cut at its commas first and each entry is parsed by itself, so that one malformed entry does not
//! hide the others.

pub(crate) mod column;
pub(crate) mod derives;
pub(crate) mod foreign_key;
pub(crate) mod key;
pub(crate) mod table;
pub(crate) mod value;
pub(crate) mod view;

use proc_macro2::{Delimiter, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::{Attribute, LitInt, LitStr, Meta, Path, ext::IdentExt, parse::Parse};

use crate::{
    case::Case,
    ctxt::Ctxt,
    nearest::{advice, listed, nearest},
};

/// A text and where it was written.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) value: String,
    pub(crate) span: Span,
}

impl ToTokens for Text {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let mut literal = Literal::string(&self.value);
        literal.set_span(self.span);
        tokens.append(literal);
    }
}

/// A number and where it was written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number {
    pub(crate) value: u32,
    pub(crate) span: Span,
}

/// What may stand in one attribute.
pub(crate) struct Known {
    /// The attribute's name: `column`.
    pub(crate) attribute: &'static str,
    /// How messages call the place: "`#[column(..)]`".
    pub(crate) place: &'static str,
    /// The entries and how each is written.
    pub(crate) entries: &'static [(&'static str, &'static str)],
    /// The entries that may be given several times.
    pub(crate) repeatable: &'static [&'static str],
    /// Entries that belong elsewhere, and the message saying where.
    pub(crate) misplaced: &'static [(&'static str, &'static str)],
}

impl Known {
    fn names(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.entries.iter().map(|(name, _)| *name)
    }

    /// Reports the attributes of another name, which stand at the wrong place: on a field, or on the struct.
    pub(crate) fn refuse(&self, attributes: &[Attribute], name: &str, why: &str, ctxt: &Ctxt) {
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
            ctxt.error_at(attribute, format!("`#[{name}(..)]` {why} {}", self.place));
        }
    }

    /// The entries of all attributes of this name. Of an entry given twice, and of an unknown one that cannot be
    /// guessed, only the error remains.
    pub(crate) fn read(&self, attributes: &[Attribute], ctxt: &Ctxt) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(self.attribute)) {
            let Meta::List(list) = &attribute.meta else {
                ctxt.error_at(attribute, format!("malformed attribute: write `#[{}(..)]`", self.attribute));
                continue;
            };
            self.extend(&mut entries, list.tokens.clone(), ctxt);
        }
        entries
    }

    /// Like `read`, but of one list.
    pub(crate) fn read_list(&self, list: TokenStream, ctxt: &Ctxt) -> Vec<Entry> {
        let mut entries = Vec::new();
        self.extend(&mut entries, list, ctxt);
        entries
    }

    fn extend(&self, entries: &mut Vec<Entry>, list: TokenStream, ctxt: &Ctxt) {
        for chunk in split(list) {
            let Some(entry) = self.entry(chunk, ctxt) else { continue };
            let repeated = entries.iter().any(|other| other.name == entry.name);
            if repeated && !self.repeatable.contains(&entry.name) {
                entry.error(ctxt, format!("`{}` is given twice", entry.name));
            } else {
                entries.push(entry);
            }
        }
    }

    fn entry(&self, chunk: TokenStream, ctxt: &Ctxt) -> Option<Entry> {
        let mut rest = chunk.clone().into_iter();
        let Some(TokenTree::Ident(ident)) = rest.next() else {
            ctxt.error_at(chunk, format!("not an attribute; {} takes {}", self.place, listed(self.names())));
            return None;
        };
        let given = ident.unraw().to_string();
        let mut guessed = false;
        let known = self.entries.iter().find(|(name, _)| *name == given).or_else(|| {
            guessed = true;
            let message = match self.misplaced.iter().find(|(name, _)| *name == given) {
                Some((_, message)) => (*message).to_owned(),
                None => {
                    format!("unknown attribute `{given}` in {}; {}", self.place, advice(&given, self.names()))
                }
            };
            ctxt.error(ident.span(), message);
            let near = nearest(&given, self.names())?;
            self.entries.iter().find(|(name, _)| *name == near)
        });
        let (name, form) = known?;
        let argument = Argument::parse(rest);
        Some(Entry { name, form, span: ident.span(), argument, tokens: chunk, guessed })
    }
}

/// One entry of an attribute: `name`, `name = value` or `name(list)`.
pub(crate) struct Entry {
    pub(crate) name: &'static str,
    pub(crate) span: Span,
    pub(crate) argument: Argument,
    tokens: TokenStream,
    form: &'static str,
    /// The name is a guess, whose error was reported. The entry is kept so that what depends on it gives no second
    /// error, and reports nothing about itself.
    guessed: bool,
}

/// What follows the name of an entry.
pub(crate) enum Argument {
    None,
    Value(TokenStream),
    List(TokenStream),
    Malformed,
}

impl Argument {
    fn parse(mut rest: impl Iterator<Item = TokenTree>) -> Self {
        match (rest.next(), rest.next()) {
            (None, _) => Self::None,
            (Some(TokenTree::Group(list)), None) if list.delimiter() == Delimiter::Parenthesis => {
                Self::List(list.stream())
            }
            (Some(TokenTree::Punct(equals)), Some(first)) if equals.as_char() == '=' => {
                Self::Value(std::iter::once(first).chain(rest).collect())
            }
            _ => Self::Malformed,
        }
    }
}

impl Entry {
    /// Reports an error at the whole entry.
    pub(crate) fn error(&self, ctxt: &Ctxt, message: impl std::fmt::Display) {
        if !self.guessed {
            ctxt.error_at(&self.tokens, message);
        }
    }

    /// Reports that the entry is not written as it should be.
    pub(crate) fn malformed(&self, ctxt: &Ctxt) {
        self.error(ctxt, format!("malformed `{}`: write `{}`", self.name, self.form));
    }

    /// An entry without an argument. It counts as given even if an argument was written.
    pub(crate) fn flag(&self, ctxt: &Ctxt) -> Option<Span> {
        if !matches!(self.argument, Argument::None) {
            self.malformed(ctxt);
        }
        Some(self.span)
    }

    /// The value of `name = value`.
    pub(crate) fn value<T: Parse>(&self, ctxt: &Ctxt) -> Option<T> {
        self.parse_value(T::parse, ctxt)
    }

    /// The value of `name = value`, read with a parser.
    pub(crate) fn parse_value<F: syn::parse::Parser>(&self, parser: F, ctxt: &Ctxt) -> Option<F::Output> {
        let value = match &self.argument {
            Argument::Value(value) => parser.parse2(value.clone()).ok(),
            _ => None,
        };
        if value.is_none() {
            self.malformed(ctxt);
        }
        value
    }

    /// The text of `name = "text"`.
    pub(crate) fn text(&self, ctxt: &Ctxt) -> Option<Text> {
        self.value::<LitStr>(ctxt).map(Text::from)
    }

    /// The number of `name = 5`. A malformed one counts as given.
    pub(crate) fn number(&self, ctxt: &Ctxt) -> Option<Number> {
        let literal: Option<LitInt> = self.value(ctxt);
        let value = literal.as_ref().map_or(Ok(0), LitInt::base10_parse).unwrap_or_else(|_| {
            self.malformed(ctxt);
            0
        });
        Some(Number { value, span: literal.map_or(self.span, |literal| literal.span()) })
    }

    /// The path of `crate = path`.
    pub(crate) fn krate(&self, ctxt: &Ctxt) -> Option<TokenStream> {
        self.parse_value(Path::parse_mod_style, ctxt).map(|path| path.to_token_stream())
    }

    /// The case of `rename_all = "camelCase"`.
    pub(crate) fn case(&self, ctxt: &Ctxt) -> Option<Case> {
        let text = self.text(ctxt)?;
        let case = Case::ALL.iter().find(|(name, _)| *name == text.value);
        if case.is_none() {
            let known = Case::ALL.map(|(name, _)| name);
            ctxt.error(text.span, format!("unknown case `{}`; {}", text.value, advice(&text.value, known)));
        }
        case.map(|(_, case)| *case)
    }

    /// What is in the parentheses of `name(list)`.
    pub(crate) fn list(&self, ctxt: &Ctxt) -> Option<TokenStream> {
        if let Argument::List(list) = &self.argument {
            return Some(list.clone());
        }
        self.malformed(ctxt);
        None
    }
}

impl From<LitStr> for Text {
    fn from(literal: LitStr) -> Self {
        Self { value: literal.value(), span: literal.span() }
    }
}

/// The default of `crate = path`.
pub(crate) fn default_crate() -> TokenStream {
    quote!(::orm)
}

/// Cuts tokens at their commas.
pub(crate) fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut chunks = Vec::new();
    let mut chunk = TokenStream::new();
    for token in tokens {
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => chunks.push(std::mem::take(&mut chunk)),
            _ => chunk.append(token),
        }
    }
    chunks.push(chunk);
    chunks.retain(|chunk| !chunk.is_empty());
    chunks
}

/// The tokens of a chunk as a slice, for matching on its shape.
pub(crate) fn trees(tokens: &TokenStream) -> Vec<TokenTree> {
    tokens.clone().into_iter().collect()
}

/// The Rust names of fields in a list; anything else is reported.
pub(crate) fn fields(list: TokenStream, ctxt: &Ctxt) -> Vec<Ident> {
    let mut fields = Vec::new();
    for chunk in split(list) {
        match trees(&chunk).as_slice() {
            [TokenTree::Ident(field)] => fields.push(field.clone()),
            _ => ctxt.error_at(chunk, "not a field: write the names of fields, `columns(a, b)`"),
        }
    }
    fields
}
