//! Field names in keys and constraints → positions of columns.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::{
    attr::{
        foreign_key::ForeignKeyAttr,
        key::{KeyAttr, PartAttr, PartKey},
    },
    ctxt::Ctxt,
    model::{
        column::Column,
        table::{ForeignKey, Index, Key, Part, Unique},
    },
    nearest::advice,
};

/// The fields of a struct, by name.
pub(crate) struct Fields {
    table: String,
    names: Vec<String>,
}

impl Fields {
    /// The fields these columns come from.
    pub(crate) fn new(table: &Ident, columns: &[Column]) -> Self {
        Self { table: table.to_string(), names: columns.iter().map(Column::rust_name).collect() }
    }

    /// A unique constraint; `None` if it names a field that does not exist.
    pub(crate) fn unique(&self, key: KeyAttr, ctxt: &Ctxt) -> Option<Unique> {
        let KeyAttr { name, span, .. } = key;
        let fields = key.parts.iter().filter_map(|part| match &part.key {
            PartKey::Field(field) => Some(field),
            PartKey::Expression(_) => None,
        });
        let columns = self.columns(fields, ctxt)?;
        Some(Unique { name, columns, span })
    }

    /// An index; `None` if it names a field that does not exist.
    pub(crate) fn index(&self, key: KeyAttr, ctxt: &Ctxt) -> Option<Index> {
        let KeyAttr { name, unique, filter, method, with, nulls_not_distinct, span, .. } = key;
        let include = self.columns(key.include.iter(), ctxt)?;
        let fields = key.parts.iter().filter_map(|part| match &part.key {
            PartKey::Field(field) => Some(field),
            PartKey::Expression(_) => None,
        });
        let mut columns = self.columns(fields, ctxt)?.into_iter();
        let parts = key.parts.into_iter().filter_map(|part| {
            let key = match part.key {
                PartKey::Field(_) => Key::Column(columns.next()?),
                PartKey::Expression(sql) => Key::Expression(sql),
            };
            let PartAttr { descending, collation, class, nulls_first, .. } = part;
            Some(Part { key, descending, collation, class, nulls_first })
        });
        let parts = parts.collect();
        Some(Index { name, unique, parts, filter, method, include, with, nulls_not_distinct, span })
    }

    /// A foreign key; `None` if it names a field that does not exist.
    pub(crate) fn foreign_key(&self, key: ForeignKeyAttr, ctxt: &Ctxt) -> Option<ForeignKey> {
        let ForeignKeyAttr { name, targets, on_delete, on_update, deferrable, span, .. } = key;
        let columns = self.columns(key.columns.iter(), ctxt)?;
        Some(ForeignKey { name, columns, targets, on_delete, on_update, deferrable, span })
    }

    /// The positions of these fields; `None` after an error, of which there is one per field.
    pub(crate) fn columns<'a>(&self, fields: impl Iterator<Item = &'a Ident>, ctxt: &Ctxt) -> Option<Vec<usize>> {
        let mut columns = Some(Vec::new());
        for field in fields {
            let column = self.column(field, ctxt);
            columns = columns.zip(column).and_then(|(mut columns, column)| {
                if columns.contains(&column) {
                    ctxt.error(field.span(), format!("`{field}` is named twice"));
                    return None;
                }
                columns.push(column);
                Some(columns)
            });
        }
        columns
    }

    /// The position of a field; `None` after an error.
    pub(crate) fn column(&self, field: &Ident, ctxt: &Ctxt) -> Option<usize> {
        let name = field.unraw().to_string();
        let column = self.names.iter().position(|known| *known == name);
        if column.is_none() {
            let advice = advice(&name, self.names.iter().map(String::as_str));
            ctxt.error(field.span(), format!("`{}` has no field `{name}`; {advice}", self.table));
        }
        column
    }
}
