//! The attributes of a field of a struct that derives `Table`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::{Attribute, LitStr};

use crate::{
    attr::{
        Argument, Entry, Known, Number, Text,
        foreign_key::{Action, At, Deferrable, Target},
        trees,
        value::Value,
        view,
    },
    ctxt::Ctxt,
    nearest::advice,
};

/// What `#[column(..)]` says.
#[derive(Default)]
pub(crate) struct ColumnAttrs {
    pub(crate) name: Option<Text>,
    pub(crate) primary_key: Option<Span>,
    pub(crate) auto_increment: Option<Span>,
    pub(crate) numbering: Option<Ident>,
    pub(crate) unique: Option<Span>,
    pub(crate) unique_name: Option<Text>,
    pub(crate) index: Option<Span>,
    pub(crate) check: Option<Text>,
    pub(crate) default: Option<Value>,
    pub(crate) on_update: Option<Value>,
    pub(crate) generated: Option<Generated>,
    pub(crate) references: Option<Target>,
    /// `references` was written, perhaps malformed: what depends on it need not be reported.
    pub(crate) has_references: bool,
    pub(crate) on_delete: Option<At<Action>>,
    pub(crate) on_key_update: Option<At<Action>>,
    pub(crate) deferrable: Option<At<Deferrable>>,
    pub(crate) length: Option<Number>,
    pub(crate) precision: Option<Number>,
    pub(crate) scale: Option<Number>,
    pub(crate) collation: Option<Text>,
    pub(crate) comment: Option<Text>,
    pub(crate) renamed_from: Option<Text>,
    pub(crate) postgres_type: Option<Text>,
    pub(crate) sqlite_type: Option<Text>,
    pub(crate) version: Option<Span>,
}

/// How a generated column is computed.
pub(crate) struct Generated {
    pub(crate) expression: Text,
    pub(crate) storage: Storage,
    pub(crate) span: Span,
}

/// Where the value of a generated column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Storage {
    Stored,
    Virtual,
}

const KNOWN: Known = Known {
    attribute: "column",
    place: "`#[column(..)]`",
    entries: &[
        ("name", "name = \"..\""),
        ("primary_key", "primary_key"),
        ("auto_increment", "auto_increment` or `auto_increment = serial"),
        ("unique", "unique` or `unique = \"constraint_name\""),
        ("index", "index"),
        ("check", "check = \"condition\""),
        ("default", "default = .."),
        ("on_update", "on_update = .."),
        ("generated", "generated = \"expression\"` or `generated(virtual = \"expression\")"),
        ("references", "references = User::id"),
        ("on_delete", "on_delete = cascade"),
        ("deferrable", "deferrable` or `deferrable = initially_deferred"),
        ("length", "length = 255"),
        ("precision", "precision = 10"),
        ("scale", "scale = 2"),
        ("collation", "collation = \"..\""),
        ("comment", "comment = \"..\""),
        ("renamed_from", "renamed_from = \"old_name\""),
        ("postgres", "postgres(type = \"..\")"),
        ("sqlite", "sqlite(type = \"..\")"),
        ("version", "version"),
    ],
    repeatable: &[],
    misplaced: &[
        ("keyless", "`keyless` belongs on the struct, as `#[table(keyless)]`"),
        ("without_rowid", "`without_rowid` belongs on the struct, as `#[table(without_rowid)]`"),
        (
            "rename_all",
            "`rename_all` belongs on the struct, as `#[table(rename_all = \"..\")]`; a single column has `name`",
        ),
        (
            "foreign_key",
            "`foreign_key` belongs on the struct, as `#[table(foreign_key(..))]`; \
             a foreign key of one column is `references = User::id`",
        ),
        ("soft_delete", "`soft_delete` belongs on the struct, as `#[table(soft_delete = deleted_at)]`"),
        ("scope", "`scope` belongs on the struct, as `#[table(scope(tenant_id))]`"),
        ("crate", "`crate` belongs on the struct, as `#[table(crate = ..)]`"),
        ("nullable", "a column is nullable if the field is an `Option`"),
        ("not_null", "a column is NOT NULL unless the field is an `Option`"),
    ],
};

/// How rows are numbered, and what `orm-core` calls it.
pub(crate) const NUMBERINGS: [(&str, &str); 3] = [("always", "Always"), ("serial", "Serial"), ("rowid", "RowId")];

impl ColumnAttrs {
    /// Parses the attributes of a field of a table.
    pub(crate) fn parse(attributes: &[Attribute], ctxt: &Ctxt) -> Self {
        Self::of(&KNOWN, "table", attributes, ctxt)
    }

    /// Parses the attributes of a field of a view.
    pub(crate) fn parse_view(attributes: &[Attribute], ctxt: &Ctxt) -> Self {
        Self::of(&view::COLUMN, "view", attributes, ctxt)
    }

    /// Parses the attributes of a field. `outer` is the attribute of the struct.
    fn of(known: &Known, outer: &str, attributes: &[Attribute], ctxt: &Ctxt) -> Self {
        let mut attrs = Self::default();
        known.refuse(attributes, outer, "belongs on the struct; on a field write", ctxt);
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
            ctxt.error_at(attribute, "a column cannot depend on a `cfg`: the schema must be the same in every build");
        }
        let entries = known.read(attributes, ctxt);
        attrs.has_references = entries.iter().any(|entry| entry.name == "references");
        for entry in &entries {
            attrs.set(entry, ctxt);
        }
        attrs
    }

    fn set(&mut self, entry: &Entry, ctxt: &Ctxt) {
        match entry.name {
            "name" => self.name = entry.text(ctxt),
            "primary_key" => self.primary_key = entry.flag(ctxt),
            "auto_increment" => self.set_auto_increment(entry, ctxt),
            "unique" => self.set_unique(entry, ctxt),
            "index" => match entry.argument {
                Argument::None => self.index = Some(entry.span),
                _ => entry.error(
                    ctxt,
                    "on a field write only `index`; all else belongs on the struct, as `#[table(index(..))]`",
                ),
            },
            "check" => match entry.argument {
                Argument::List(_) => {
                    entry.error(
                        ctxt,
                        "a named check belongs on the struct, as `#[table(check(..))]`; \
                         on a field write `check = \"condition\"`",
                    );
                }
                _ => self.check = entry.text(ctxt),
            },
            "default" => self.default = Value::parse(entry, ctxt),
            "on_update" => self.set_on_update(entry, ctxt),
            "generated" => self.generated = Generated::parse(entry, ctxt),
            "references" => self.references = Target::parse(entry, ctxt),
            "on_delete" => self.on_delete = Action::parse(entry, ctxt),
            "deferrable" => self.deferrable = Deferrable::parse(entry, ctxt),
            "length" => self.length = entry.number(ctxt),
            "precision" => self.precision = entry.number(ctxt),
            "scale" => self.scale = entry.number(ctxt),
            "collation" => self.collation = entry.text(ctxt),
            "comment" => self.comment = entry.text(ctxt),
            "renamed_from" => self.renamed_from = entry.text(ctxt),
            "postgres" => self.postgres_type = database_type(entry, ctxt),
            "sqlite" => self.sqlite_type = database_type(entry, ctxt),
            "version" => self.version = entry.flag(ctxt),
            name => unreachable!("`{name}` is in the list of known attributes"),
        }
    }

    /// `auto_increment`, or `auto_increment = serial`.
    fn set_auto_increment(&mut self, entry: &Entry, ctxt: &Ctxt) {
        self.auto_increment = Some(entry.span);
        if matches!(entry.argument, Argument::None) {
            return;
        }
        let Some(name) = entry.value::<Ident>(ctxt) else { return };
        let known = NUMBERINGS.map(|(known, _)| known);
        if known.iter().any(|known| name == known) {
            self.numbering = Some(name);
        } else {
            let advice = advice(&name.to_string(), known);
            ctxt.error(name.span(), format!("unknown kind `{name}` of `auto_increment`; {advice}"));
        }
    }

    fn set_unique(&mut self, entry: &Entry, ctxt: &Ctxt) {
        self.unique = Some(entry.span);
        match entry.argument {
            Argument::None => {}
            Argument::List(_) => {
                entry.error(ctxt, "a constraint of several columns belongs on the struct, as `#[table(unique(a, b))]`");
            }
            _ => self.unique_name = entry.text(ctxt),
        }
    }

    /// `on_update` is the foreign key's if it is an action, else what an update stores.
    fn set_on_update(&mut self, entry: &Entry, ctxt: &Ctxt) {
        let ident = match &entry.argument {
            Argument::Value(value) => syn::parse2::<Ident>(value.clone()).ok(),
            _ => None,
        };
        let action = |ident: &Ident| self.has_references || Action::named(ident).is_some();
        if ident.as_ref().is_some_and(action) {
            self.on_key_update = Action::parse(entry, ctxt);
        } else {
            self.on_update = Value::parse(entry, ctxt);
        }
    }
}

impl Generated {
    /// Parses `generated = "sql"`, `generated(stored = "sql")` or `generated(virtual = "sql")`.
    fn parse(entry: &Entry, ctxt: &Ctxt) -> Option<Self> {
        let (storage, expression) = match &entry.argument {
            Argument::List(list) => storage(list).or_else(|| {
                entry.malformed(ctxt);
                None
            })?,
            _ => (Storage::Stored, entry.text(ctxt)?),
        };
        Some(Self { expression, storage, span: entry.span })
    }
}

fn storage(list: &TokenStream) -> Option<(Storage, Text)> {
    let (name, text) = assignment(list)?;
    match name.to_string().as_str() {
        "stored" => Some((Storage::Stored, text)),
        "virtual" => Some((Storage::Virtual, text)),
        _ => None,
    }
}

/// Parses `postgres(type = "..")`.
fn database_type(entry: &Entry, ctxt: &Ctxt) -> Option<Text> {
    let list = entry.list(ctxt)?;
    match assignment(&list) {
        Some((name, text)) if name == "type" => Some(text),
        _ => {
            entry.malformed(ctxt);
            None
        }
    }
}

/// `name = "text"`, where the name may be a keyword.
fn assignment(tokens: &TokenStream) -> Option<(Ident, Text)> {
    match trees(tokens).as_slice() {
        [TokenTree::Ident(name), TokenTree::Punct(equals), TokenTree::Literal(text)] if equals.as_char() == '=' => {
            let text: LitStr = syn::parse2(TokenTree::from(text.clone()).into()).ok()?;
            Some((name.clone(), text.into()))
        }
        _ => None,
    }
}
