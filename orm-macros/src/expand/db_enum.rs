//! `#[derive(DbEnum)]`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{expand::scoped, model::db_enum::DbEnum};

/// The impls.
///
/// The label is a function of its own because defaults call it in constants, where trait methods cannot be called.
pub(crate) fn expand(db_enum: &DbEnum) -> TokenStream {
    let DbEnum { ident, krate, name, variants } = db_enum;
    let name = &name.value;
    let labels = variants.iter().map(|variant| &variant.label.value);
    let to_label = variants.iter().map(|variant| {
        let (ident, label) = (&variant.ident, &variant.label.value);
        let data = variant.has_data.then(|| quote!({ .. }));
        quote!(Self::#ident #data => #label)
    });
    let from_label = variants.iter().filter(|variant| !variant.has_data).map(|variant| {
        let (ident, label) = (&variant.ident, &variant.label.value);
        quote!(#label => ::core::option::Option::Some(Self::#ident))
    });
    let impls = quote! {
        impl #ident {
            #[doc(hidden)]
            #[allow(dead_code, clippy::trivially_copy_pass_by_ref)]
            pub const fn __label(&self) -> &'static str {
                match self { #(#to_label,)* }
            }
        }
        impl __orm::DbEnum for #ident {
            const DEF: &'static __orm::EnumDef = &__orm::EnumDef { name: #name, labels: &[#(#labels),*] };
            fn label(&self) -> &'static str {
                self.__label()
            }
            fn from_label(label: &str) -> ::core::option::Option<Self> {
                match label {
                    #(#from_label,)*
                    _ => ::core::option::Option::None,
                }
            }
        }
        impl __orm::DbType for #ident {
            type Base = __orm::EnumLabel;
            type Needs = ();
            const SQL_TYPE: __orm::SqlType = __orm::SqlType::Enum(<Self as __orm::DbEnum>::DEF);
        }
        impl __orm::Encode for #ident {
            fn encode<'q>(&'q self, out: &mut dyn __orm::Binder<'q>) {
                out.label(self.__label())
            }
        }
        impl __orm::Decode for #ident {
            #[inline]
            fn decode<R: __orm::RowRead + ?::core::marker::Sized>(
                row: &R,
                index: usize,
            ) -> ::core::result::Result<Self, __orm::DecodeError> {
                __orm::decode_label(row, index)
            }
        }
        __orm::array_item!(#ident);
        __orm::value_type!(#ident);
    };
    scoped(krate, &impls)
}
