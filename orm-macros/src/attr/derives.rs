//! `new(derive(Debug, Clone))`: derives for a generated model.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::{
    attr::{Entry, trees},
    ctxt::Ctxt,
};

/// The paths in `derive(..)`, as they are.
pub(crate) fn parse(entry: &Entry, ctxt: &Ctxt) -> Option<TokenStream> {
    let list = entry.list(ctxt)?;
    match trees(&list).as_slice() {
        [TokenTree::Ident(derive), TokenTree::Group(paths)]
            if derive == "derive" && paths.delimiter() == Delimiter::Parenthesis =>
        {
            let is_default = |path: TokenTree| matches!(path, TokenTree::Ident(name) if name == "Default");
            if entry.name == "changes" && paths.stream().into_iter().any(is_default) {
                entry.error(ctxt, "the update model is `Default` already; leave out the derive");
            }
            Some(paths.stream())
        }
        _ => {
            entry.malformed(ctxt);
            None
        }
    }
}
