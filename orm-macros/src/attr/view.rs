//! The attributes of a struct that derives `View`, and of its fields.

use proc_macro2::Span;
use syn::Attribute;

use crate::{
    attr::{Entry, Known, Text, default_crate, table::TableAttrs},
    ctxt::Ctxt,
};

/// What `#[view(..)]` says of the view's query.
#[derive(Default)]
pub(crate) struct ViewAttrs {
    /// The query of both databases.
    pub(crate) both: Option<Text>,
    pub(crate) postgres: Option<Text>,
    pub(crate) sqlite: Option<Text>,
    pub(crate) materialized: Option<Span>,
}

/// Attributes that tables have and views have not, each with its message.
macro_rules! of_tables {
    ($($name:literal)*) => {
        &[$((
            $name,
            concat!("`", $name, "` is about how a table stores rows; those of a view come from its query"),
        )),*]
    };
}

const KNOWN: Known = Known {
    attribute: "view",
    place: "`#[view(..)]`",
    entries: &[
        ("name", "name = \"author_stats\""),
        ("as", "as = \"select ..\""),
        ("postgres", "postgres = \"select ..\""),
        ("sqlite", "sqlite = \"select ..\""),
        ("materialized", "materialized"),
        ("rename_all", "rename_all = \"camelCase\""),
        ("crate", "crate = path"),
    ],
    repeatable: &[],
    misplaced: of_tables!(
        "unique" "index" "check" "foreign_key" "keyless" "without_rowid" "soft_delete" "scope" "strict" "comment" "renamed_from"
        "new" "changes"
    ),
};

/// What may stand on a field.
pub(crate) const COLUMN: Known = Known {
    attribute: "column",
    place: "`#[column(..)]`",
    entries: &[("name", "name = \"..\""), ("primary_key", "primary_key")],
    repeatable: &[],
    misplaced: of_tables!(
        "auto_increment" "unique" "index" "check" "default" "on_update" "generated" "references" "on_delete" "deferrable" "length"
        "precision" "scale" "collation" "comment" "renamed_from" "postgres" "sqlite" "version"
    ),
};

impl ViewAttrs {
    /// Parses the attributes of the struct.
    pub(crate) fn parse(attributes: &[Attribute], ctxt: &Ctxt) -> TableAttrs {
        let mut attrs = TableAttrs::none();
        let mut view = Self::default();
        KNOWN.refuse(attributes, "column", "belongs on a field; on the struct write", ctxt);
        for entry in KNOWN.read(attributes, ctxt) {
            match entry.name {
                "name" => attrs.name = entry.text(ctxt),
                "rename_all" => attrs.rename_all = entry.case(ctxt),
                "crate" => attrs.krate = entry.krate(ctxt).unwrap_or_else(default_crate),
                _ => view.set(&entry, ctxt),
            }
        }
        attrs.view = Some(view);
        attrs
    }

    fn set(&mut self, entry: &Entry, ctxt: &Ctxt) {
        match entry.name {
            "as" => self.both = query(entry, ctxt),
            "postgres" => self.postgres = query(entry, ctxt),
            "sqlite" => self.sqlite = query(entry, ctxt),
            "materialized" => self.materialized = entry.flag(ctxt),
            name => unreachable!("`{name}` is in the list of known attributes"),
        }
    }

    /// Whether a query is there for at least one database.
    pub(crate) fn has_query(&self) -> bool {
        [&self.both, &self.postgres, &self.sqlite].iter().any(|query| query.is_some())
    }
}

/// The query. A malformed one counts as given.
fn query(entry: &Entry, ctxt: &Ctxt) -> Option<Text> {
    let Some(text) = entry.text(ctxt) else { return Some(Text { value: String::new(), span: entry.span }) };
    if text.value.trim().is_empty() {
        entry.error(ctxt, "the query of a view cannot be empty");
    }
    Some(text)
}
