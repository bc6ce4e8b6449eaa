//! The number, written as a type, that tells a table or an alias apart from others.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

use crate::identifier::hash;

/// The tag of a table or an alias: a hash of its SQL name, since that is what must differ within a query. Case is left
/// aside, because SQLite does.
pub(crate) fn tag(name: &str) -> TokenStream {
    of(&name.to_lowercase())
}

fn of(name: &str) -> TokenStream {
    let digits = format!("{:08X}", hash(name));
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
