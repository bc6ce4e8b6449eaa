//! `#[derive(DbType)]`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::{expand::scoped, model::db_type::DbType};

/// The impls: all of them those of the value inside.
pub(crate) fn expand(db_type: &DbType) -> TokenStream {
    let DbType { ident, krate, field, ty } = db_type;
    let impls = quote! {
        impl __orm::DbType for #ident {
            type Base = <#ty as __orm::DbType>::Base;
            type Needs = <#ty as __orm::DbType>::Needs;
            const SQL_TYPE: __orm::SqlType = <#ty as __orm::DbType>::SQL_TYPE;
        }
        impl __orm::Encode for #ident {
            fn encode<'q>(&'q self, out: &mut dyn __orm::Binder<'q>) {
                __orm::Encode::encode(&self.#field, out)
            }
        }
        impl __orm::Decode for #ident {
            #[inline]
            fn decode<R: __orm::RowRead + ?::core::marker::Sized>(
                row: &R,
                index: usize,
            ) -> ::core::result::Result<Self, __orm::DecodeError> {
                match <#ty as __orm::Decode>::decode(row, index) {
                    ::core::result::Result::Ok(value) => ::core::result::Result::Ok(Self { #field: value }),
                    ::core::result::Result::Err(error) => {
                        ::core::result::Result::Err(__orm::DecodeError::reading::<Self>(error))
                    }
                }
            }
        }
        __orm::array_item!(#ident);
        __orm::value_type!(#ident);
    };
    scoped(krate, &impls)
}
