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
    pub(crate) method: Option<Text>,
    pub(crate) include: Vec<Ident>,
    pub(crate) with: Vec<Text>,
    pub(crate) nulls_not_distinct: bool,
}

/// One part of an index key.
pub(crate) struct PartAttr {
    pub(crate) key: PartKey,
    pub(crate) descending: bool,
    pub(crate) collation: Option<Text>,
    pub(crate) class: Option<Text>,
    pub(crate) nulls_first: Option<bool>,
}

/// What a part of an index is computed from.
pub(crate) enum PartKey {
    Field(Ident),
    Expression(Text),
}

const KNOWN: &str = "`name`, `filter`, `unique`, `columns`, `method`, `include`, `with`, `nulls_not_distinct`";

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
        let plain = |part: &PartAttr| {
            let is_bare = part.collation.is_none() && part.class.is_none() && part.nulls_first.is_none();
            matches!(part.key, PartKey::Field(_)) && !part.descending && is_bare
        };
        let has_options =
            key.method.is_some() || !key.include.is_empty() || !key.with.is_empty() || key.nulls_not_distinct;
        if key.unique || key.filter.is_some() || has_options || !key.parts.iter().all(plain) {
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
        let mut key = Self {
            span: entry.span,
            name: None,
            unique: false,
            parts: Vec::new(),
            filter: None,
            method: None,
            include: Vec::new(),
            with: Vec::new(),
            nulls_not_distinct: false,
        };
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
                    "method" => &mut self.method,
                    _ => {
                        return Err(format!("unknown option `{option}`; known: {KNOWN}"));
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
            [TokenTree::Ident(include), TokenTree::Group(list)] if include == "include" => {
                for chunk in split(list.stream()) {
                    match trees(&chunk).as_slice() {
                        [TokenTree::Ident(field)] => self.include.push(field.clone()),
                        _ => return Err("malformed `include`: write fields, `include(a, b)`".to_owned()),
                    }
                }
                Ok(())
            }
            [TokenTree::Ident(with), TokenTree::Group(list)] if with == "with" => {
                for chunk in split(list.stream()) {
                    let text = literal(&trees(&chunk));
                    self.with.push(text.ok_or("malformed `with`: write `with(\"fillfactor=70\")`")?);
                }
                Ok(())
            }
            [TokenTree::Ident(nulls)] if nulls == "nulls_not_distinct" => {
                self.nulls_not_distinct = true;
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

fn part(mut tokens: &[TokenTree]) -> Result<PartAttr, String> {
    let mut part = PartAttr {
        key: PartKey::Expression(Text { value: String::new(), span: Span::call_site() }),
        descending: false,
        collation: None,
        class: None,
        nulls_first: None,
    };
    // From the end: what is left is the key, which may be a field of the name of a word.
    loop {
        tokens = match tokens {
            [key @ .., TokenTree::Ident(nulls), TokenTree::Ident(place)]
                if !key.is_empty() && nulls == "nulls" && (place == "first" || place == "last") =>
            {
                part.nulls_first = Some(place == "first");
                key
            }
            [key @ .., TokenTree::Ident(word), text @ TokenTree::Literal(_)]
                if !key.is_empty() && (word == "collate" || word == "class") =>
            {
                let place = if word == "class" { &mut part.class } else { &mut part.collation };
                *place = literal(std::slice::from_ref(text));
                key
            }
            [key @ .., TokenTree::Ident(order)] if !key.is_empty() && (order == "desc" || order == "asc") => {
                part.descending = order == "desc";
                key
            }
            _ => break,
        };
    }
    let key = match tokens {
        [TokenTree::Ident(field)] => Some(PartKey::Field(field.clone())),
        [TokenTree::Ident(expr), TokenTree::Group(sql)] if expr == "expr" => {
            literal(&trees(&sql.stream())).map(PartKey::Expression)
        }
        _ => None,
    };
    match key {
        Some(key) => Ok(PartAttr { key, ..part }),
        None => Err("malformed part: write a field, `field desc`, or `expr(\"lower(email)\")`".to_owned()),
    }
}

fn literal(tokens: &[TokenTree]) -> Option<Text> {
    match tokens {
        [literal] => syn::parse2::<LitStr>(literal.to_token_stream()).ok().map(Text::from),
        _ => None,
    }
}
