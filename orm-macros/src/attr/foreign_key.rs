//! `references = User::id` on a field, `foreign_key(..)` on the struct.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Path, Token, parenthesized, parse::ParseStream, punctuated::Punctuated, spanned::Spanned};

use crate::{
    attr::{Argument, Entry, Known, Text, fields},
    ctxt::Ctxt,
    nearest::advice,
};

/// What a foreign key does when the row it refers to goes away or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::enum_variant_names, reason = "`NO ACTION` is called so in SQL")]
pub(crate) enum Action {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl Action {
    const ALL: [(&'static str, Self); 5] = [
        ("no_action", Self::NoAction),
        ("restrict", Self::Restrict),
        ("cascade", Self::Cascade),
        ("set_null", Self::SetNull),
        ("set_default", Self::SetDefault),
    ];

    /// The action of this name.
    pub(crate) fn named(name: &Ident) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| name == known).map(|(_, action)| *action)
    }

    /// Parses `on_delete = cascade`.
    pub(crate) fn parse(entry: &Entry, ctxt: &Ctxt) -> Option<At<Self>> {
        let name: Ident = entry.value(ctxt)?;
        let action = Self::named(&name);
        if action.is_none() {
            let advice = advice(&name.to_string(), Self::ALL.map(|(known, _)| known));
            ctxt.error(name.span(), format!("unknown action `{name}` of `{}`; {advice}", entry.name));
        }
        action.map(|value| At { value, span: name.span() })
    }
}

/// When a foreign key that can wait is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deferrable {
    InitiallyImmediate,
    InitiallyDeferred,
}

impl Deferrable {
    /// Parses `deferrable`, or `deferrable = initially_deferred`.
    pub(crate) fn parse(entry: &Entry, ctxt: &Ctxt) -> Option<At<Self>> {
        if matches!(entry.argument, Argument::None) {
            return Some(At { value: Self::InitiallyImmediate, span: entry.span });
        }
        let name: Ident = entry.value(ctxt)?;
        let value = match name.to_string().as_str() {
            "initially_immediate" => Self::InitiallyImmediate,
            "initially_deferred" => Self::InitiallyDeferred,
            _ => {
                entry.malformed(ctxt);
                return None;
            }
        };
        Some(At { value, span: name.span() })
    }
}

/// A value and where it was written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

/// The column a foreign key refers to, as the path `User::id`.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) path: TokenStream,
    pub(crate) span: Span,
}

impl Target {
    /// Parses `references = User::id`.
    pub(crate) fn parse(entry: &Entry, ctxt: &Ctxt) -> Option<Self> {
        let path: Path = entry.value(ctxt)?;
        if path.segments.len() < 2 {
            let path = path.to_token_stream();
            ctxt.error_at(&path, format!("name the column too, such as `references = {path}::id`"));
            return None;
        }
        Some(Self { span: path.span(), path: path.to_token_stream() })
    }
}

/// `foreign_key(..)` on the struct.
pub(crate) struct ForeignKeyAttr {
    pub(crate) span: Span,
    pub(crate) name: Option<Text>,
    pub(crate) columns: Vec<Ident>,
    pub(crate) targets: Vec<Target>,
    pub(crate) on_delete: Option<At<Action>>,
    pub(crate) on_update: Option<At<Action>>,
    pub(crate) deferrable: Option<At<Deferrable>>,
}

const OPTIONS: Known = Known {
    attribute: "foreign_key",
    place: "`foreign_key(..)`",
    entries: &[
        ("columns", "columns(a, b)"),
        ("references", "references = Other(x, y)"),
        ("on_delete", "on_delete = cascade"),
        ("on_update", "on_update = cascade"),
        ("deferrable", "deferrable` or `deferrable = initially_deferred"),
        ("name", "name = \"constraint_name\""),
    ],
    repeatable: &[],
    misplaced: &[],
};

impl ForeignKeyAttr {
    /// Parses `foreign_key(columns(a, b), references = Other(x, y), ..)`.
    pub(crate) fn parse(entry: &Entry, ctxt: &Ctxt) -> Option<Self> {
        let mut key = Self {
            span: entry.span,
            name: None,
            columns: Vec::new(),
            targets: Vec::new(),
            on_delete: None,
            on_update: None,
            deferrable: None,
        };
        for option in OPTIONS.read_list(entry.list(ctxt)?, ctxt) {
            match option.name {
                "columns" => key.columns = fields(option.list(ctxt)?, ctxt),
                "references" => key.targets = option.parse_value(targets, ctxt)?,
                "on_delete" => key.on_delete = Action::parse(&option, ctxt),
                "on_update" => key.on_update = Action::parse(&option, ctxt),
                "deferrable" => key.deferrable = Deferrable::parse(&option, ctxt),
                _ => key.name = option.text(ctxt),
            }
        }
        if key.columns.is_empty() || key.targets.is_empty() {
            entry.malformed(ctxt);
            return None;
        }
        if key.columns.len() != key.targets.len() {
            let (columns, targets) = (key.columns.len(), key.targets.len());
            entry.error(ctxt, format!("the foreign key has {columns} columns but refers to {targets}"));
            return None;
        }
        if key.columns.len() > 3 {
            entry.error(ctxt, "a foreign key has at most three columns");
            return None;
        }
        Some(key)
    }
}

/// Parses `Other(x, y)` as the paths `Other::x` and `Other::y`.
fn targets(input: ParseStream<'_>) -> syn::Result<Vec<Target>> {
    let table = Path::parse_mod_style(input)?;
    let columns;
    parenthesized!(columns in input);
    let columns = Punctuated::<Ident, Token![,]>::parse_terminated(&columns)?;
    Ok(columns
        .iter()
        .map(|column| Target { path: quote_spanned!(column.span()=> #table::#column), span: column.span() })
        .collect())
}
