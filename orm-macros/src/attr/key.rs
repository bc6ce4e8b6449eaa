//! `unique(..)` and `index(..)` on the struct.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{LitStr, ext::IdentExt};

use crate::{
    attr::{Argument, Entry, Text, split, trees},
    ctxt::Ctxt,
};

/// A unique constraint or an index, as written.
pub(crate) struct KeyAttr {
    pub(crate) span: Span,
    pub(crate) name: Option<Text>,
    pub(crate) unique: bool,
    pub(crate) parts: Vec<PartAttr>,
    pub(crate) filter: Option<Text>,
}

/// One part of an index key.
pub(crate) struct PartAttr {
    pub(crate) key: PartKey,
    pub(crate) descending: bool,
}

/// What a part of an index is computed from.
pub(crate) enum PartKey {
    Field(Ident),
    Expression(Text),
}

impl KeyAttr {
    /// Parses `unique(a, b)` or `unique(name = "..", columns(a, b))`.
    pub(crate) fn parse_unique(entry: &Entry, ctxt: &Ctxt) -> Option<Self> {
        if matches!(entry.argument, Argument::None) {
            entry.error(
                ctxt,
                "`unique` without columns belongs on a field, as `#[column(unique)]`; \
                 on the struct write `unique(a, b)`",
            );
            return None;
        }
        let key = Self::parse(entry, ctxt)?;
        let plain = |part: &PartAttr| matches!(part.key, PartKey::Field(_)) && !part.descending;
        if key.unique || key.filter.is_some() || !key.parts.iter().all(plain) {
            entry.error(
                ctxt,
                "`unique` takes fields; with an order, an expression or a filter write `index(unique, ..)`",
            );
            return None;
        }
        Some(key)
    }

    /// Parses `index(a, b desc)`, with `name = ".."`, `unique`, `filter = ".."` among the parts, which may also be
    /// grouped in `columns(..)`.
    pub(crate) fn parse_index(entry: &Entry, ctxt: &Ctxt) -> Option<Self> {
        if matches!(entry.argument, Argument::None) {
            entry.error(
                ctxt,
                "`index` without columns belongs on a field, as `#[column(index)]`; on the struct write `index(a, b)`",
            );
            return None;
        }
        Self::parse(entry, ctxt)
    }

    fn parse(entry: &Entry, ctxt: &Ctxt) -> Option<Self> {
        let mut key = Self { span: entry.span, name: None, unique: false, parts: Vec::new(), filter: None };
        let mut failed = false;
        for chunk in split(entry.list(ctxt)?) {
            if let Err(message) = key.option_or_part(&chunk) {
                ctxt.error_at(chunk, message);
                failed = true;
            }
        }
        if key.parts.is_empty() && !failed {
            entry.error(ctxt, format!("the `{}` names no column", entry.name));
        }
        (!failed && !key.parts.is_empty()).then_some(key)
    }

    fn option_or_part(&mut self, chunk: &TokenStream) -> Result<(), String> {
        match trees(chunk).as_slice() {
            [TokenTree::Ident(option), TokenTree::Punct(equals), text @ ..] if equals.as_char() == '=' => {
                let option = option.unraw().to_string();
                let place = match option.as_str() {
                    "name" => &mut self.name,
                    "filter" => &mut self.filter,
                    _ => {
                        return Err(format!("unknown option `{option}`; known: `name`, `filter`, `unique`, `columns`"));
                    }
                };
                let text = literal(text).ok_or_else(|| format!("malformed `{option}`: write `{option} = \"..\"`"))?;
                match place.replace(text) {
                    Some(_) => Err(format!("`{option}` is given twice")),
                    None => Ok(()),
                }
            }
            [TokenTree::Ident(columns), TokenTree::Group(list)]
                if columns == "columns" && list.delimiter() == Delimiter::Parenthesis =>
            {
                for chunk in split(list.stream()) {
                    self.parts.push(part(&trees(&chunk))?);
                }
                Ok(())
            }
            [TokenTree::Ident(unique)] if unique == "unique" => {
                self.unique = true;
                Ok(())
            }
            tokens => {
                self.parts.push(part(tokens)?);
                Ok(())
            }
        }
    }
}

fn part(tokens: &[TokenTree]) -> Result<PartAttr, String> {
    let (tokens, descending) = match tokens {
        [key @ .., TokenTree::Ident(order)] if !key.is_empty() && order == "desc" => (key, true),
        [key @ .., TokenTree::Ident(order)] if !key.is_empty() && order == "asc" => (key, false),
        key => (key, false),
    };
    let key = match tokens {
        [TokenTree::Ident(field)] => Some(PartKey::Field(field.clone())),
        [TokenTree::Ident(expr), TokenTree::Group(sql)] if expr == "expr" => {
            literal(&trees(&sql.stream())).map(PartKey::Expression)
        }
        _ => None,
    };
    match key {
        Some(key) => Ok(PartAttr { key, descending }),
        None => Err("malformed part: write a field, `field desc`, or `expr(\"lower(email)\")`".to_owned()),
    }
}

fn literal(tokens: &[TokenTree]) -> Option<Text> {
    match tokens {
        [literal] => syn::parse2::<LitStr>(literal.to_token_stream()).ok().map(Text::from),
        _ => None,
    }
}
