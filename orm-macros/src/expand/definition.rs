//! The description of a table, as a constant expression.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use crate::{
    attr::{
        Text,
        column::Storage,
        foreign_key::{Action, At, Deferrable},
        value::{Value, ValueKind},
        view::ViewAttrs,
    },
    expand::columns::{marker, marker_at},
    model::{
        column::Column,
        table::{ForeignKey, Index, Key, Part, Table, Unique},
    },
};

/// The expression: `__orm::TableDef::new("users", "User", &[..]).primary_key(&["id"])` and so on, with only the parts
/// that there are.
pub(crate) fn definition(table: &Table) -> TokenStream {
    let (name, rust_name) = (&table.name.value, table.rust_name());
    let columns = table.columns.iter().map(|column| column_info(table, column));
    let key = names(table, &table.primary_key());
    let scope = names(table, &table.scope.iter().map(|(at, _)| *at).collect::<Vec<_>>());
    let parts = [
        list("primary_key", &key),
        list("uniques", &table.uniques.iter().map(|unique| unique_def(table, unique)).collect::<Vec<_>>()),
        list("foreign_keys", &table.foreign_keys.iter().map(|key| foreign_key(table, key)).collect::<Vec<_>>()),
        list("checks", &checks(table)),
        list("indexes", &table.indexes.iter().map(|index| index_def(table, index)).collect::<Vec<_>>()),
        table.renamed_from.as_ref().map(|name| quote!(.renamed_from(#name))),
        table.comment.as_ref().map(|comment| quote!(.comment(#comment))),
        table.without_rowid.map(|_| quote!(.without_rowid())),
        table.soft_delete.map(|(at, span)| marked(table, "soft_delete", &table.columns[at], span)),
        list("scope", &scope),
        table.version().and_then(|column| Some(marked(table, "version", column, column.version?))),
        (!table.strict).then(|| quote!(.not_strict())),
        table.view.as_ref().map(view_def),
    ];
    quote!(__orm::TableDef::new(#name, #rust_name, &[#(#columns),*]) #(#parts)*)
}

/// `.name::<users::column>()`, whose bounds ask of the column's type that it fits.
fn marked(table: &Table, name: &str, column: &Column, span: Span) -> TokenStream {
    let (name, marker) = (Ident::new(name, span), marker_at(table, column, span));
    quote_spanned!(span=> .#name::<#marker>())
}

/// `.name(&[..])`, if there is anything in the list.
fn list(name: &str, items: &[impl ToTokens]) -> Option<TokenStream> {
    let name = Ident::new(name, Span::call_site());
    (!items.is_empty()).then(|| quote!(.#name(&[#(#items),*])))
}

fn view_def(view: &ViewAttrs) -> TokenStream {
    let query = |own: &Option<Text>| optional(own.as_ref().or(view.both.as_ref()));
    let (postgres, sqlite, materialized) = (query(&view.postgres), query(&view.sqlite), view.materialized.is_some());
    quote!(.view(&__orm::ViewDef { postgres: #postgres, sqlite: #sqlite, materialized: #materialized }))
}

/// The SQL names of columns.
fn names<'a>(table: &'a Table, columns: &[usize]) -> Vec<&'a str> {
    columns.iter().map(|at| table.columns[*at].name.value.as_str()).collect()
}

fn optional(value: Option<&Text>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// Each call has the span of the attribute it comes from, where rustc then shows an error about the column's type.
fn column_info(table: &Table, column: &Column) -> TokenStream {
    let (marker, rust_name) = (marker(table, column), column.rust_name());
    let typed = |name: &str, span: Span, arguments: TokenStream| {
        let (name, marker) = (Ident::new(name, span), marker_at(table, column, span));
        quote_spanned!(span=> .#name::<#marker>(#arguments))
    };
    let text = |name: &str, text: &Option<Text>| {
        text.as_ref().map(|text| {
            let name = Ident::new(name, text.span);
            quote_spanned!(text.span=> .#name(#text))
        })
    };
    let value = |name: &str, value: &Option<Value>| {
        value.as_ref().map(|value| {
            let name = Ident::new(name, value.span);
            let call = default(table, column, value);
            quote_spanned!(value.span=> .#name(#call))
        })
    };
    let scale = column.scale.map_or(0, |scale| scale.value);
    let parts = [
        column.auto_increment.map(|span| typed("auto_increment", span, TokenStream::new())),
        column.numbering.map(|numbering| {
            let numbering = format_ident!("{numbering}");
            quote!(.numbering(__orm::Numbering::#numbering))
        }),
        value("default", &column.default).or_else(|| column.version.map(|_| first_version())),
        value("on_update", &column.on_update),
        column.generated.as_ref().map(|generated| {
            let expression = &generated.expression;
            let storage = match generated.storage {
                Storage::Stored => quote!(Stored),
                Storage::Virtual => quote!(Virtual),
            };
            quote!(.generated(#expression, __orm::GeneratedStorage::#storage))
        }),
        column.length.map(|length| typed("length", length.span, length.value.to_token_stream())),
        column.precision.map(|precision| {
            let value = precision.value;
            typed("precision", precision.span, quote!(#value, #scale))
        }),
        text("collation", &column.collation),
        text("comment", &column.comment),
        text("renamed_from", &column.renamed_from),
        text("postgres_type", &column.postgres_type),
        text("sqlite_type", &column.sqlite_type),
    ];
    quote!(__orm::ColumnInfo::of::<#marker>(#rust_name) #(#parts)*)
}

/// The version of a new row. That the column holds integers is asked by `version`.
fn first_version() -> TokenStream {
    quote!(.default(__orm::DefaultDef::Integer(1)))
}

/// A call of the function of `defaults` for this value, which asks of the column's type that it fits.
fn default(table: &Table, column: &Column, value: &Value) -> TokenStream {
    let (name, argument) = match &value.kind {
        ValueKind::Now => ("now", TokenStream::new()),
        ValueKind::RandomUuid => ("random_uuid", TokenStream::new()),
        ValueKind::Boolean(value) => ("boolean", value.to_token_stream()),
        ValueKind::Integer(value) => ("integer", value.to_token_stream()),
        ValueKind::Float(value) => ("float", value.to_token_stream()),
        ValueKind::Text(value) => ("text", value.to_token_stream()),
        ValueKind::Sql(value) => ("sql", value.to_token_stream()),
        ValueKind::Variant(path, ty) => {
            let ty = ty.as_ref().unwrap_or(&column.ty);
            let marker = marker_at(table, column, value.span);
            return quote_spanned!(value.span=> __orm::defaults::variant::<#marker, #ty>(<#ty>::__label(&#path)));
        }
    };
    let (name, marker) = (Ident::new(name, value.span), marker_at(table, column, value.span));
    quote_spanned!(value.span=> __orm::defaults::#name::<#marker>(#argument))
}

fn unique_def(table: &Table, unique: &Unique) -> TokenStream {
    let (name, columns) = (optional(unique.name.as_ref()), names(table, &unique.columns));
    quote!(__orm::UniqueDef::new(#name, &[#(#columns),*]))
}

fn checks(table: &Table) -> Vec<TokenStream> {
    let check = |name: &Text, condition: &Text| quote!(__orm::CheckDef { name: #name, condition: #condition });
    table.checks.iter().map(|constraint| check(&constraint.name, &constraint.condition)).collect()
}

fn index_def(table: &Table, index: &Index) -> TokenStream {
    let (name, unique, filter) = (optional(index.name.as_ref()), index.unique, optional(index.filter.as_ref()));
    let parts = index.parts.iter().map(|part| {
        let key = match &part.key {
            Key::Column(at) => {
                let name = &table.columns[*at].name.value;
                quote!(Column(#name))
            }
            Key::Expression(sql) => quote!(Expression(#sql)),
        };
        let order = if part.descending { quote!(Descending) } else { quote!(Ascending) };
        let options = part_options(part);
        quote!(__orm::IndexPart { key: __orm::IndexKey::#key, order: __orm::IndexOrder::#order, options: #options })
    });
    let options = index_options(table, index);
    quote!(__orm::IndexDef { name: #name, unique: #unique, parts: &[#(#parts),*], filter: #filter, options: #options })
}

fn part_options(part: &Part) -> TokenStream {
    if part.collation.is_none() && part.class.is_none() && part.nulls_first.is_none() {
        return quote!(__orm::PartOptions::NONE);
    }
    let (collation, class) = (optional(part.collation.as_ref()), optional(part.class.as_ref()));
    let nulls_first = match part.nulls_first {
        Some(first) => quote!(::core::option::Option::Some(#first)),
        None => quote!(::core::option::Option::None),
    };
    quote!(__orm::PartOptions { collation: #collation, operator_class: #class, nulls_first: #nulls_first })
}

fn index_options(table: &Table, index: &Index) -> TokenStream {
    let Index { with, nulls_not_distinct, .. } = index;
    if index.method.is_none() && index.include.is_empty() && with.is_empty() && !nulls_not_distinct {
        return quote!(__orm::IndexOptions::NONE);
    }
    let (method, include) = (optional(index.method.as_ref()), names(table, &index.include));
    quote!(__orm::IndexOptions {
        method: #method,
        include: &[#(#include),*],
        with: &[#(#with),*],
        nulls_not_distinct: #nulls_not_distinct,
    })
}

/// A call whose bounds ask that each column is of the same type as the one it refers to, and that the latter is unique.
fn foreign_key(table: &Table, key: &ForeignKey) -> TokenStream {
    let count = key.columns.len();
    let function = match count {
        1 => "references",
        2 => "references_pair",
        _ => "references_triple",
    };
    let span = key.targets.first().map_or(key.span, |target| target.span);
    let function = Ident::new(function, span);
    let columns = key.columns.iter().map(|at| marker_at(table, &table.columns[*at], span));
    // The columns referred to, and what each is read from, follow from the arguments.
    let inferred = vec![quote!(_); 2 * count];
    let targets = key.targets.iter().map(|target| &target.path);
    let names = names(table, &key.columns);
    let (on_delete, on_update) = (action(key.on_delete), action(key.on_update));
    let name = key.name.as_ref().map(|name| quote!(.named(#name)));
    let deferrable = key.deferrable.map(|deferrable| {
        let deferrable = match deferrable.value {
            Deferrable::InitiallyImmediate => quote!(InitiallyImmediate),
            Deferrable::InitiallyDeferred => quote!(InitiallyDeferred),
        };
        quote!(.deferrable(__orm::Deferrable::#deferrable))
    });
    quote_spanned! {span=>
        __orm::#function::<#(#columns,)* #(#inferred),*>(#(#targets,)* &[#(#names),*], #on_delete, #on_update) #name #deferrable
    }
}

fn action(action: Option<At<Action>>) -> TokenStream {
    let name = match action.map(|action| action.value) {
        None | Some(Action::NoAction) => "NoAction",
        Some(Action::Restrict) => "Restrict",
        Some(Action::Cascade) => "Cascade",
        Some(Action::SetNull) => "SetNull",
        Some(Action::SetDefault) => "SetDefault",
    };
    let name = format_ident!("{name}");
    quote!(__orm::ForeignKeyAction::#name)
}
