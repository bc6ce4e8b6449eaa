//! A column of a table.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{Attribute, Field, GenericArgument, PathArguments, Type, ext::IdentExt, spanned::Spanned};

use crate::{
    attr::{
        Number, Text,
        column::{ColumnAttrs, Generated, NUMBERINGS},
        foreign_key::{Action, At},
        table::CheckAttr,
        value::Value,
    },
    case::Case,
    ctxt::Ctxt,
    identifier,
    model::table::{ForeignKey, Index, Part, Table, Unique},
};

/// A field of a struct that derives `Table` or `View`.
pub(crate) struct Column {
    pub(crate) ident: Ident,
    pub(crate) vis: TokenStream,
    /// The field's documentation and deprecation, which go to everything made from it.
    pub(crate) docs: Vec<TokenStream>,
    pub(crate) documented: bool,
    /// The type of its values, without `Option`.
    pub(crate) ty: TokenStream,
    pub(crate) ty_span: Span,
    pub(crate) nullable: bool,
    pub(crate) name: Text,
    pub(crate) primary_key: Option<Span>,
    pub(crate) auto_increment: Option<Span>,
    /// How rows are numbered, if not in the usual way.
    pub(crate) numbering: Option<&'static str>,
    pub(crate) default: Option<Value>,
    pub(crate) on_update: Option<Value>,
    pub(crate) generated: Option<Generated>,
    pub(crate) length: Option<Number>,
    pub(crate) precision: Option<Number>,
    pub(crate) scale: Option<Number>,
    pub(crate) collation: Option<Text>,
    pub(crate) comment: Option<Text>,
    pub(crate) renamed_from: Option<Text>,
    pub(crate) postgres_type: Option<Text>,
    pub(crate) sqlite_type: Option<Text>,
    /// The column counts the changes of a row.
    pub(crate) version: Option<Span>,
    /// Foreign key actions written without `references`.
    pub(crate) stray_actions: Vec<(&'static str, At<Action>)>,
}

/// How an insert model holds a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Must be given: `T`.
    Required,
    /// NULL if left out: `Option<T>`.
    Nullable,
    /// The default if left out: `Option<T>`.
    Defaulted,
    /// The default if left out, or NULL: `Option<Option<T>>`.
    NullableDefaulted,
    /// Computed by the database: not there.
    Generated,
}

impl Column {
    /// How the insert model holds this column.
    pub(crate) fn cell(&self) -> Cell {
        // A version begins at 1 by itself.
        let has_default = self.default.is_some() || self.auto_increment.is_some() || self.version.is_some();
        match (self.generated.is_some(), self.nullable, has_default) {
            (true, ..) => Cell::Generated,
            (_, false, false) => Cell::Required,
            (_, true, false) => Cell::Nullable,
            (_, false, true) => Cell::Defaulted,
            (_, true, true) => Cell::NullableDefaulted,
        }
    }

    /// The name of the field, without `r#`.
    pub(crate) fn rust_name(&self) -> String {
        self.ident.unraw().to_string()
    }
}

impl Table {
    /// Adds the column of a field, and the keys and constraints declared on the field.
    pub(crate) fn add(&mut self, ident: &Ident, field: &Field, rename_all: Option<Case>, ctxt: &Ctxt) {
        let parse = if self.view.is_some() { ColumnAttrs::parse_view } else { ColumnAttrs::parse };
        let attrs = parse(&field.attrs, ctxt);
        let at = self.columns.len();
        let rust_name = ident.unraw().to_string();
        let default = rename_all.map_or(rust_name.clone(), |case| case.apply(&rust_name));
        let default = Text { value: default, span: ident.span() };
        let name = identifier::choose("column", attrs.name, default, ctxt);

        if let Some(span) = attrs.unique {
            self.uniques.push(Unique { name: attrs.unique_name, columns: vec![at], span });
        }
        if let Some(span) = attrs.index {
            self.indexes.push(Index::plain(vec![Part::plain(at)], span));
        }
        if let Some(condition) = attrs.check {
            let check_name = identifier::shorten(format!("{}_{}_check", self.name.value, name.value));
            self.checks.push(CheckAttr { name: Text { value: check_name, span: condition.span }, condition });
        }
        let actions = [("on_delete", attrs.on_delete), ("on_update", attrs.on_key_update)];
        let mut stray_actions = Vec::new();
        if let Some(target) = attrs.references {
            self.foreign_keys.push(ForeignKey {
                name: None,
                columns: vec![at],
                span: target.span,
                targets: vec![target],
                on_delete: attrs.on_delete,
                on_update: attrs.on_key_update,
                deferrable: attrs.deferrable,
            });
        } else if !attrs.has_references {
            if let Some(deferrable) = attrs.deferrable {
                let message = format!(
                    "`{}.{}` is `deferrable` but no foreign key; add `references = Table::column`",
                    self.name.value, name.value
                );
                ctxt.error(deferrable.span, message);
            }
            stray_actions.extend(actions.into_iter().filter_map(|(name, action)| Some((name, action?))));
        }

        let (ty, nullable) = match option(&field.ty) {
            Some(inner) => (inner.to_token_stream(), true),
            None => (field.ty.to_token_stream(), false),
        };
        self.columns.push(Column {
            ident: ident.clone(),
            vis: field.vis.to_token_stream(),
            docs: field.attrs.iter().filter(|attribute| is_carried(attribute)).map(ToTokens::to_token_stream).collect(),
            documented: field.attrs.iter().any(|attribute| attribute.path().is_ident("doc")),
            ty,
            ty_span: field.ty.span(),
            nullable,
            name,
            primary_key: attrs.primary_key,
            auto_increment: attrs.auto_increment,
            numbering: attrs.numbering.and_then(|name| NUMBERINGS.iter().find(|it| name == it.0)).map(|it| it.1),
            default: attrs.default,
            on_update: attrs.on_update,
            generated: attrs.generated,
            length: attrs.length,
            precision: attrs.precision,
            scale: attrs.scale,
            collation: attrs.collation,
            comment: attrs.comment,
            renamed_from: attrs.renamed_from,
            postgres_type: attrs.postgres_type,
            sqlite_type: attrs.sqlite_type,
            version: attrs.version,
            stray_actions,
        });
    }
}

fn is_carried(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc") || attribute.path().is_ident("deprecated")
}

/// The `T` of an `Option<T>`. A type alias of an `Option` cannot be recognized.
pub(crate) fn option(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Group(group) => option(&group.elem),
        Type::Paren(paren) => option(&paren.elem),
        Type::Path(path) if path.qself.is_none() => {
            let last = path.path.segments.last().filter(|last| last.ident == "Option")?;
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
            match arguments.args.first() {
                Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner),
                _ => None,
            }
        }
        _ => None,
    }
}
