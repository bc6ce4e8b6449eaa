//! A table: its columns, keys and constraints.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{DeriveInput, Field, ext::IdentExt};

use crate::{
    attr::{
        Text,
        foreign_key::{Action, At, Deferrable, Target},
        table::{CheckAttr, TableAttrs},
        view::ViewAttrs,
    },
    case::{Case, plural},
    ctxt::Ctxt,
    identifier,
    model::{column::Column, input, resolve, visibility},
};

/// A struct that derives `Table`, or `View`: a table that is only read.
pub(crate) struct Table {
    pub(crate) ident: Ident,
    pub(crate) vis: TokenStream,
    /// The visibility of the struct as written in the module of the markers.
    pub(crate) marker_vis: TokenStream,
    /// The path of the `orm` crate.
    pub(crate) krate: TokenStream,
    pub(crate) name: Text,
    /// The module of the markers: the table's name as a Rust name.
    pub(crate) module: Ident,
    pub(crate) columns: Vec<Column>,
    /// Unique constraints, those of single columns first.
    pub(crate) uniques: Vec<Unique>,
    pub(crate) indexes: Vec<Index>,
    pub(crate) checks: Vec<CheckAttr>,
    /// Foreign keys, those of single columns first.
    pub(crate) foreign_keys: Vec<ForeignKey>,
    /// The column that marks deleted rows, and where it was named.
    pub(crate) soft_delete: Option<(usize, Span)>,
    /// The columns that scope the table, and where each was named.
    pub(crate) scope: Vec<(usize, Span)>,
    pub(crate) keyless: Option<Span>,
    pub(crate) without_rowid: Option<Span>,
    pub(crate) strict: bool,
    pub(crate) comment: Option<Text>,
    pub(crate) renamed_from: Option<Text>,
    pub(crate) new_derives: TokenStream,
    pub(crate) changes_derives: TokenStream,
    /// What makes it a view.
    pub(crate) view: Option<ViewAttrs>,
}

/// A unique constraint over the columns at these positions.
pub(crate) struct Unique {
    pub(crate) name: Option<Text>,
    pub(crate) columns: Vec<usize>,
    pub(crate) span: Span,
}

/// An index.
pub(crate) struct Index {
    pub(crate) name: Option<Text>,
    pub(crate) unique: bool,
    pub(crate) parts: Vec<Part>,
    pub(crate) filter: Option<Text>,
    pub(crate) method: Option<Text>,
    /// The columns that are stored along.
    pub(crate) include: Vec<usize>,
    pub(crate) with: Vec<Text>,
    pub(crate) nulls_not_distinct: bool,
    pub(crate) span: Span,
}

/// One part of an index key.
pub(crate) struct Part {
    pub(crate) key: Key,
    pub(crate) descending: bool,
    pub(crate) collation: Option<Text>,
    pub(crate) class: Option<Text>,
    pub(crate) nulls_first: Option<bool>,
}

impl Part {
    /// A column in ascending order.
    pub(crate) fn plain(column: usize) -> Self {
        Self { key: Key::Column(column), descending: false, collation: None, class: None, nulls_first: None }
    }
}

impl Index {
    /// An index of these parts without anything else.
    pub(crate) fn plain(parts: Vec<Part>, span: Span) -> Self {
        Self {
            name: None,
            unique: false,
            parts,
            filter: None,
            method: None,
            include: Vec::new(),
            with: Vec::new(),
            nulls_not_distinct: false,
            span,
        }
    }
}

/// What a part of an index is computed from.
pub(crate) enum Key {
    /// The column at this position.
    Column(usize),
    Expression(Text),
}

/// A foreign key.
pub(crate) struct ForeignKey {
    pub(crate) name: Option<Text>,
    pub(crate) columns: Vec<usize>,
    pub(crate) targets: Vec<Target>,
    pub(crate) on_delete: Option<At<Action>>,
    pub(crate) on_update: Option<At<Action>>,
    pub(crate) deferrable: Option<At<Deferrable>>,
    pub(crate) span: Span,
}

impl Table {
    /// Parses the struct. `None` if it is of a kind that cannot be a table; other errors leave out what they are in.
    pub(crate) fn parse(input: &DeriveInput, ctxt: &Ctxt) -> Option<Self> {
        let attrs = TableAttrs::parse(&input.attrs, ctxt);
        let fields = input::named_fields(input, "Table", "a table", ctxt)?;
        Some(Self::of(input, attrs, fields, ctxt))
    }

    /// Like `parse`, but of a view.
    pub(crate) fn parse_view(input: &DeriveInput, ctxt: &Ctxt) -> Option<Self> {
        let attrs = ViewAttrs::parse(&input.attrs, ctxt);
        let fields = input::named_fields(input, "View", "a view", ctxt)?;
        Some(Self::of(input, attrs, fields, ctxt))
    }

    fn of(input: &DeriveInput, attrs: TableAttrs, fields: Vec<(&Ident, &Field)>, ctxt: &Ctxt) -> Self {
        let ident = &input.ident;
        let snake = Case::Snake.apply(&ident.unraw().to_string());
        let (kind, default) = if attrs.view.is_some() { ("view", snake) } else { ("table", plural(&snake)) };
        let default = Text { value: default, span: ident.span() };
        let name = identifier::choose(kind, attrs.name, default, ctxt);

        let mut table = Self {
            ident: ident.clone(),
            vis: input.vis.to_token_stream(),
            marker_vis: visibility::from_within(&input.vis),
            krate: attrs.krate,
            module: module(&name.value, ident.span()),
            name,
            columns: Vec::new(),
            uniques: Vec::new(),
            indexes: Vec::new(),
            checks: Vec::new(),
            foreign_keys: Vec::new(),
            soft_delete: None,
            scope: Vec::new(),
            keyless: attrs.keyless,
            without_rowid: attrs.without_rowid,
            strict: attrs.strict,
            comment: attrs.comment,
            renamed_from: attrs.renamed_from,
            new_derives: attrs.new_derives,
            changes_derives: attrs.changes_derives,
            view: attrs.view,
        };
        for (ident, field) in fields {
            table.add(ident, field, attrs.rename_all, ctxt);
        }
        let names = resolve::Fields::new(&table.ident, &table.columns);
        table.uniques.extend(attrs.uniques.into_iter().filter_map(|key| names.unique(key, ctxt)));
        table.indexes.extend(attrs.indexes.into_iter().filter_map(|key| names.index(key, ctxt)));
        table.foreign_keys.extend(attrs.foreign_keys.into_iter().filter_map(|key| names.foreign_key(key, ctxt)));
        table.soft_delete = attrs.soft_delete.and_then(|field| Some((names.column(&field, ctxt)?, field.span())));
        let scope = names.columns(attrs.scope.iter(), ctxt).unwrap_or_default();
        table.scope = scope.into_iter().zip(attrs.scope.iter().map(Ident::span)).collect();
        table.checks.extend(attrs.checks);
        table
    }

    /// The name of the struct, without `r#`.
    pub(crate) fn rust_name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// The positions of the primary key's columns.
    pub(crate) fn primary_key(&self) -> Vec<usize> {
        self.columns.iter().enumerate().filter(|(_, column)| column.primary_key.is_some()).map(|(at, _)| at).collect()
    }

    /// The column that counts the changes of a row.
    pub(crate) fn version(&self) -> Option<&Column> {
        self.columns.iter().find(|column| column.version.is_some())
    }

    /// What is unique in every row: the columns of the primary key, of unique constraints, and of unique indexes over
    /// plain columns and all rows; and where it is declared.
    pub(crate) fn unique_sets(&self) -> Vec<(Vec<usize>, Span)> {
        let key = self.primary_key();
        let key_span = key.first().and_then(|first| self.columns[*first].primary_key);
        let uniques = self.uniques.iter().map(|unique| (unique.columns.clone(), unique.span));
        let indexes = self.indexes.iter().filter_map(|index| Some((index.unique_columns()?, index.span)));
        key_span.map(|span| (key, span)).into_iter().chain(uniques).chain(indexes).collect()
    }

    /// How messages name a column: `users.email`.
    pub(crate) fn path(&self, column: &Column) -> String {
        format!("{}.{}", self.name.value, column.name.value)
    }
}

impl Index {
    /// The columns, if they are unique together in all rows.
    fn unique_columns(&self) -> Option<Vec<usize>> {
        let column = |part: &Part| match part.key {
            Key::Column(column) => Some(column),
            Key::Expression(_) => None,
        };
        (self.unique && self.filter.is_none()).then(|| self.parts.iter().map(column).collect())?
    }
}

/// The SQL name of a table as the name of a module. It is in lower case, so that it never is the name of one of the
/// generated code's type parameters.
fn module(name: &str, span: Span) -> Ident {
    let mut module: String =
        name.chars().map(|c| if c.is_alphanumeric() { c.to_lowercase().to_string() } else { "_".to_owned() }).collect();
    if !module.starts_with(|c: char| c.is_alphabetic()) {
        module.insert_str(0, "table_");
    }
    if let Ok(ident) = syn::parse_str::<Ident>(&module) {
        return Ident::new(&ident.to_string(), span);
    }
    match module.as_str() {
        "self" | "super" | "crate" => Ident::new(&format!("{module}_"), span),
        keyword if keyword.is_ascii() => Ident::new_raw(keyword, span),
        _ => Ident::new("table", span),
    }
}

/// The private module of `orm` that generated code uses.
pub(crate) fn private(krate: &TokenStream) -> TokenStream {
    quote!(#krate::__private)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_named_after_the_table() {
        let check = |name: &str, expected: &str| assert_eq!(module(name, Span::call_site()).to_string(), expected);
        check("users", "users");
        check("Order Items", "order_items");
        check("type", "r#type");
        check("self", "self_");
        check("2fa", "table_2fa");
        check("", "table_");
        check("größe", "größe");
        check("n\0", "n_");
    }
}
