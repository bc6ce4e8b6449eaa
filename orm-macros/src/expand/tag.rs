//! The number, written as a type, that tells a table or an alias apart from others.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::identifier::hash;

/// The tag of something in the crate that is being compiled. `path` must differ for what must be told apart.
pub(crate) fn tag(path: &str) -> TokenStream {
    let name = ["CARGO_CRATE_NAME", "CARGO_PKG_NAME"].iter().find_map(|variable| std::env::var(variable).ok());
    of(&format!("{}::{path}", name.unwrap_or_default()))
}

fn of(path: &str) -> TokenStream {
    let digits = format!("{:08X}", hash(path));
    let digits = digits.chars().map(|digit| Ident::new(&format!("D{digit}"), Span::call_site()));
    quote!(__orm::Hex<#(__orm::#digits),*>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_hexadecimal_digits() {
        let expected = quote! {
            __orm::Hex<__orm::DB, __orm::DF, __orm::D9, __orm::DC, __orm::DF, __orm::D9, __orm::D6, __orm::D8>
        };
        assert_eq!(of("foobar").to_string(), expected.to_string());
    }
}
