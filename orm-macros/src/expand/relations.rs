//! `relations!`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Path, ext::IdentExt};

use crate::{
    expand::scoped,
    model::relations::{Count, Keys, Owner, Relation, Relations, last},
};

pub(crate) fn expand(relations: &Relations) -> TokenStream {
    let tables = relations.tables.iter().map(|owner| {
        let declared = owner.relations.iter().map(|relation| declare(owner, relation));
        scoped(&relations.krate, &declared.collect())
    });
    tables.collect()
}

fn declare(owner: &Owner, relation: &Relation) -> TokenStream {
    let (table, name, target) = (&owner.path, &relation.ident, &relation.target);
    let attributes = &relation.attributes;
    let docs = docs(owner, relation);
    let (definition, loaded) = (definition(owner, relation), accessor(owner, relation));
    let span = name.span();
    // Of the tables, so that what is said of it is as private as they are.
    let declaration = quote_spanned! {span=>
        #[allow(non_camel_case_types, unreachable_pub, dead_code)]
        pub struct #name<T>(::core::marker::PhantomData<fn() -> T>);
    };
    let marker = marker(owner, relation);
    let arity = match (relation.count, &relation.filter) {
        (Count::Many, _) => quote!(Many),
        // The one row may not meet the filter.
        (Count::Optional, _) | (Count::One, Some(_)) => quote!(Optional),
        (Count::One, None) => quote!(One),
    };
    let scope = match &relation.keys {
        Keys::Through { table, .. } => quote!(__orm::ThroughTable<#target, #table>),
        _ => quote!(__orm::Direct<#target>),
    };
    let between = match &relation.keys {
        Keys::Through { table, .. } => quote!(#table),
        _ => quote!(()),
    };
    let built_in = relation.filter.as_ref().map(|condition| {
        quote! {
            fn built_in() -> __orm::BuiltIn {
                static FILTER: ::std::sync::LazyLock<::std::boxed::Box<dyn __orm::AnyCondition<'static>>> =
                    ::std::sync::LazyLock::new(|| __orm::built_in::<#scope, _, _>(#condition));
                ::core::option::Option::Some(&**FILTER)
            }
        }
    });
    quote! {
        #declaration
        #[allow(non_upper_case_globals, dead_code, private_interfaces)]
        impl #table {
            #docs
            #(#attributes)*
            pub const #name: __orm::Relation<#marker> = __orm::Relation::NEW;
        }
        impl __orm::RelationDef for #marker {
            type Owner = #table;
            type Target = #target;
            type Scope = #scope;
            type Arity = __orm::#arity;
            type Between = #between;
            const INFO: &'static __orm::RelationInfo = &#definition;
            #built_in
        }
        // Found wrong even if nobody uses it.
        const _: &__orm::RelationInfo = <#marker as __orm::RelationDef>::INFO;
        #loaded
    }
}

fn marker(owner: &Owner, relation: &Relation) -> TokenStream {
    let (name, table, target) = (&relation.ident, &owner.path, &relation.target);
    let between = match &relation.keys {
        Keys::Through { table, .. } => Some(table),
        _ => None,
    };
    quote!(#name<(#table, #target, #between)>)
}

fn docs(owner: &Owner, relation: &Relation) -> Option<TokenStream> {
    let (table, target) = (last(&owner.path), last(&relation.target));
    let doc = match relation.count {
        Count::Many => format!(" The rows of `{target}` that belong to a row of `{table}`."),
        Count::One => format!(" The row of `{target}` that a row of `{table}` belongs to."),
        Count::Optional => format!(" The row of `{target}` that goes with a row of `{table}`, if there is one."),
    };
    (!relation.documented).then(|| quote!(#[doc = #doc]))
}

fn definition(owner: &Owner, relation: &Relation) -> TokenStream {
    let (table, target, name) = (&owner.path, &relation.target, relation.name());
    let span = relation.ident.span();
    let tables = quote!((<#table as __orm::Table>::DEF, <#target as __orm::Table>::DEF));
    match &relation.keys {
        Keys::Via(via) => {
            let words = words(owner, relation, None);
            let via = names(via);
            let count = match relation.count {
                Count::Many => quote!(Many),
                Count::One => quote!(One),
                Count::Optional => quote!(Optional),
            };
            quote_spanned!(span=>
                __orm::RelationInfo::direct(#name, #tables, __orm::Count::#count, &[#(#via),*], &#words)
            )
        }
        Keys::Through { table: between, to_owner, to_target } => {
            let words = words(owner, relation, Some(between));
            let (to_owner, to_target) = (names(to_owner), names(to_target));
            quote_spanned!(span=>
                __orm::RelationInfo::through(
                    #name, #tables, <#between as __orm::Table>::DEF, (&[#(#to_owner),*], &[#(#to_target),*]), &#words
                )
            )
        }
        Keys::On(pairs) => {
            let (own, others): (Vec<&Ident>, Vec<&Ident>) = pairs.iter().map(|(own, other)| (own, other)).unzip();
            let (own_names, other_names) = (own.iter().map(|own| text(own)), others.iter().map(|other| text(other)));
            quote_spanned! {span=>
                {
                    #(__orm::same_type(<#table>::#own, <#target>::#others);)*
                    __orm::RelationInfo::on(#name, #tables, &[#(#own_names),*], &[#(#other_names),*])
                }
            }
        }
    }
}

fn text(ident: &Ident) -> String {
    ident.unraw().to_string()
}

fn names(idents: &[Ident]) -> Vec<String> {
    idents.iter().map(text).collect()
}

/// What is said when the keys do not fit.
fn words(owner: &Owner, relation: &Relation, between: Option<&Path>) -> TokenStream {
    let (name, table, target) = (relation.name(), last(&owner.path), last(&relation.target));
    let said = format!("relation `{name}` of `{table}`");
    let columns = match &relation.keys {
        Keys::Via(via) => names(via).join("`, `"),
        Keys::Through { to_owner, to_target, .. } => [names(to_owner), names(to_target)].concat().join("`, `"),
        Keys::On(_) => String::new(),
    };
    let with = if columns.is_empty() { String::new() } else { format!(" of the columns `{columns}`") };
    let [none, several, none_to_target, several_to_target, unknown] = match between {
        None => [
            format!(
                "{said}: there is no foreign key{with} between `{table}` and `{target}`; declare one with `#[column(references = ..)]`, or name the columns with `on(own = other)`"
            ),
            format!(
                "{said}: there is more than one foreign key between `{table}` and `{target}`; say which one is meant with `via column`"
            ),
            String::new(),
            String::new(),
            format!("{said}: neither `{table}` nor `{target}` has the columns `{columns}`"),
        ],
        Some(between) => {
            let between = last(between);
            let form = format!("`through({between}: to_{0} -> to_{1})`", table.to_lowercase(), target.to_lowercase());
            [
                format!(
                    "{said}: `{between}` has no foreign key to `{table}`, which a table between `{table}` and `{target}` needs"
                ),
                format!(
                    "{said}: `{between}` has more than one foreign key to `{table}`; say which one is meant: {form}"
                ),
                format!(
                    "{said}: `{between}` has no foreign key to `{target}`, which a table between `{table}` and `{target}` needs"
                ),
                format!(
                    "{said}: `{between}` has more than one foreign key to `{target}`; say which one is meant: {form}"
                ),
                format!("{said}: `{between}` does not have the columns `{columns}`"),
            ]
        }
    };
    let nullable = format!("{said}: the key can be NULL, so there may be no `{target}`: write `optional({target})`");
    let reverse =
        format!("{said}: the key is a column of `{target}`, so there may be no row: write `optional({target})`");
    let not_unique = format!(
        "{said}: several rows of `{target}` may belong to one of `{table}`: write `many({target})`, or make the key unique"
    );
    quote! {
        __orm::Words {
            none: #none,
            several: #several,
            unknown: #unknown,
            nullable: #nullable,
            reverse: #reverse,
            not_unique: #not_unique,
            none_to_target: #none_to_target,
            several_to_target: #several_to_target,
        }
    }
}

/// The method of loaded rows that reads the relation.
fn accessor(owner: &Owner, relation: &Relation) -> TokenStream {
    let (name, table) = (&relation.ident, last(&owner.path));
    let mut loaded = owner.path.clone();
    if let Some(segment) = loaded.segments.last_mut() {
        segment.ident = format_ident!("{}Loaded", segment.ident, span = segment.ident.span());
    }
    let given = format_ident!("loaded_{}", name.unraw());
    let (message, note) = (
        format!("relation `{}` was not loaded", relation.name()),
        format!("add `.with({table}::{})` to the query", relation.name()),
    );
    let label = format!("this row was read without its `{}`", relation.name());
    let (docs, marker) = (docs(owner, relation), marker(owner, relation));
    quote! {
        #[doc(hidden)]
        #[diagnostic::on_unimplemented(message = #message, label = #label, note = #note)]
        #[allow(non_camel_case_types, unreachable_pub, dead_code)]
        pub trait #given<'a, R, I> {
            type View;
            fn give(&'a self) -> Self::View;
        }
        #[diagnostic::do_not_recommend]
        #[allow(private_bounds)]
        impl<'a, L: __orm::Gives<'a, #marker, I>, I> #given<'a, #marker, I> for L {
            type View = L::View;
            fn give(&'a self) -> L::View {
                __orm::Gives::give(self)
            }
        }
        #[allow(dead_code, private_bounds)]
        impl<L, X> #loaded<L, X> {
            #docs
            pub fn #name<'a, I, V>(&'a self) -> V
            where
                L: #given<'a, #marker, I, View = V>,
            {
                #given::give(self.__relations())
            }
        }
    }
}
