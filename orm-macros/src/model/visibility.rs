//! Visibilities as written, and as seen from the module that the column markers are in.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Visibility;

/// The same visibility, written one module further in.
pub(crate) fn from_within(visibility: &Visibility) -> TokenStream {
    let Visibility::Restricted(restricted) = visibility else {
        return match visibility {
            Visibility::Public(_) => visibility.to_token_stream(),
            _ => quote!(pub(super)),
        };
    };
    let path = &restricted.path;
    match path.segments.first() {
        Some(first) if first.ident == "super" => quote!(pub(in super::#path)),
        Some(first) if first.ident == "self" => quote!(pub(super)),
        _ => visibility.to_token_stream(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visibilities_within_the_module() {
        let check = |outside: &str, within: &str| {
            let visibility: Visibility = syn::parse_str(outside).expect("a visibility");
            let expected: Visibility = syn::parse_str(within).expect("a visibility");
            assert_eq!(from_within(&visibility).to_string(), expected.to_token_stream().to_string());
        };
        check("", "pub(super)");
        check("pub", "pub");
        check("pub(crate)", "pub(crate)");
        check("pub(self)", "pub(super)");
        check("pub(super)", "pub(in super::super)");
        check("pub(in super::super)", "pub(in super::super::super)");
        check("pub(in crate::models)", "pub(in crate::models)");
    }
}
