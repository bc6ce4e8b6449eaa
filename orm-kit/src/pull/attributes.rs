//! The attributes of structs and fields.

use orm_core::schema::constraint_name;

use super::{
    draft::{Draft, Field, TableDraft},
    names::ident,
    report::Lost,
    types::{DefaultValue, RustTypes},
    words::Case,
};
use crate::{
    backend::Backend,
    diff::Names,
    model::{
        Deferrable, ForeignKey, ForeignKeyAction, GeneratedStorage, Identity, Index, IndexKey, IndexOrder, IndexPart,
        Nulls, Table,
    },
    sql::Syntax,
};

/// What is written on a struct and its fields.
#[derive(Default)]
pub(super) struct Attributes {
    pub(super) table: Vec<String>,
    pub(super) fields: Vec<Vec<String>>,
    /// What is lost, by field; of the table itself in `lost`.
    pub(super) lost_of_fields: Vec<Vec<Lost>>,
    pub(super) lost: Vec<Lost>,
}

/// The attributes of a table.
pub(super) fn attributes(
    draft: &Draft<'_>,
    at: usize,
    backend: &dyn Backend,
    variant: &dyn Fn(usize, &str) -> Option<String>,
) -> Attributes {
    let types = backend.rust_types();
    let this = &draft.tables[at];
    let table = this.table;
    let mut out = Attributes {
        fields: vec![Vec::new(); this.fields.len()],
        lost_of_fields: vec![Vec::new(); this.fields.len()],
        ..Attributes::default()
    };
    let default_name = super::words::plural(&Case::Snake.apply(&this.name));
    if table.name != default_name {
        out.table.push(format!("name = {:?}", table.name));
    }
    let rename_all = rename_all(&this.fields);
    if let Some((name, _)) = rename_all {
        out.table.push(format!("rename_all = {name:?}"));
    }
    if table.primary_key.is_none() {
        out.table.push("keyless".to_owned());
    }
    if !table.strict && types.can_be_strict(table) {
        out.table.push("strict = false".to_owned());
    }
    if table.without_rowid {
        out.table.push("without_rowid".to_owned());
    }
    for (position, field) in this.fields.iter().enumerate() {
        let plain = rename_all.map_or_else(|| field.name.clone(), |(_, case)| case.apply(&field.name));
        if plain != field.column.name {
            out.fields[position].push(format!("name = {:?}", field.column.name));
        }
        column(this, field, types, variant, &mut out.fields[position], &mut out.lost_of_fields[position]);
    }
    let mut writer =
        Writer { draft, this, compares_names: backend.names() == Names::Compared, syntax: backend.syntax(), out };
    writer.uniques();
    writer.foreign_keys();
    writer.checks();
    writer.indexes();
    let mut out = writer.out;
    if let Some(comment) = &table.comment {
        out.table.push(format!("comment = {comment:?}"));
    }
    for (field, attributes) in this.fields.iter().zip(&mut out.fields) {
        if let Some(comment) = &field.column.comment {
            attributes.push(format!("comment = {comment:?}"));
        }
    }
    out
}

/// The case that spares most names of columns, if it spares any.
fn rename_all(fields: &[Field<'_>]) -> Option<(&'static str, Case)> {
    let explicit = |case: Option<Case>| {
        let name = |field: &&Field<'_>| case.map_or_else(|| field.name.clone(), |case| case.apply(&field.name));
        fields.iter().filter(|field| name(field) != field.column.name).count()
    };
    let best = Case::ALL.into_iter().min_by_key(|(_, case)| explicit(Some(*case)))?;
    (explicit(Some(best.1)) + 1 < explicit(None)).then_some(best)
}

fn column(
    this: &TableDraft<'_>,
    field: &Field<'_>,
    types: &dyn RustTypes,
    variant: &dyn Fn(usize, &str) -> Option<String>,
    out: &mut Vec<String>,
    lost: &mut Vec<Lost>,
) {
    let column = field.column;
    let at = format!("{}.{}", this.table.name, column.name);
    if this.table.key().iter().any(|name| name.eq_ignore_ascii_case(&column.name)) {
        out.push("primary_key".to_owned());
    }
    let before = this.fields.iter().take_while(|other| other.column.name != column.name);
    let numbered = before.filter(|other| other.column.identity.is_some());
    match column.identity {
        Some(_) if numbered.count() > 0 => {
            lost.push(Lost::new(
                at,
                "the column is numbered by the database, and not the first one; here it is not numbered",
            ));
        }
        Some(Identity::ByDefault) if !this.table.key().is_empty() && this.table.key() != [column.name.clone()] => {
            let what = "the column is numbered by the database, and not the primary key; here it is not numbered";
            lost.push(Lost::new(at, what));
        }
        Some(Identity::ByDefault) => out.push("auto_increment".to_owned()),
        Some(Identity::Always) => out.push("auto_increment = always".to_owned()),
        Some(Identity::Serial) => out.push("auto_increment = serial".to_owned()),
        None if types.is_row_id(this.table, column) => out.push("auto_increment = rowid".to_owned()),
        None => {}
    }
    out.extend(field.ty.attributes.iter().cloned());
    if let Some(default) = &column.default {
        let sql = || format!("sql({default:?})");
        let value = match types.default(default, &field.ty.ty) {
            DefaultValue::Rust(text) => text,
            DefaultValue::Sql(text) => format!("sql({text:?})"),
            DefaultValue::Label(label) => match field.ty.ty {
                super::types::Type::Enum(at) => variant(at, &label).unwrap_or_else(sql),
                _ => sql(),
            },
        };
        out.push(format!("default = {value}"));
    }
    if let Some(generated) = &column.generated {
        out.push(match generated.storage {
            GeneratedStorage::Stored => format!("generated = {:?}", generated.expression),
            GeneratedStorage::Virtual => format!("generated(virtual = {:?})", generated.expression),
        });
    }
    if let Some(collation) = &column.collation {
        out.push(format!("collation = {collation:?}"));
    }
}

struct Writer<'d, 'm> {
    draft: &'d Draft<'m>,
    this: &'d TableDraft<'m>,
    compares_names: bool,
    syntax: Syntax,
    out: Attributes,
}

impl Writer<'_, '_> {
    fn table(&self) -> &Table {
        self.this.table
    }

    fn lose(&mut self, what: String) {
        let lost = Lost::new(&self.this.table.name, what);
        self.out.lost.push(lost);
    }

    fn names(&self, positions: &[usize]) -> String {
        positions.iter().map(|&at| ident(&self.this.fields[at].name)).collect::<Vec<_>>().join(", ")
    }

    /// The name of a constraint, if it is not the one that it gets by itself.
    fn own_name(&self, name: Option<&String>, columns: &[String], suffix: &str) -> Option<String> {
        let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
        let default = constraint_name(&self.table().name, &columns, suffix);
        name.filter(|name| self.compares_names && **name != default).cloned()
    }

    fn uniques(&mut self) {
        let mut known: Vec<Vec<usize>> = vec![sorted(self.this.key())];
        for unique in &self.this.table.uniques {
            let Some(positions) = self.this.positions(&unique.columns) else { continue };
            let columns = unique.columns.join(", ");
            if known.contains(&sorted(positions.clone())) {
                self.lose(format!("the unique constraint ({columns}) is left out: the columns are unique already"));
                continue;
            }
            if unique.nulls_not_distinct {
                self.lose(format!(
                    "two NULLs are equal for the unique constraint ({columns}) (`nulls not distinct`); here not"
                ));
            }
            self.deferrable(unique.deferrable, &format!("the unique constraint ({columns})"));
            known.push(sorted(positions.clone()));
            let name = self.own_name(unique.name.as_ref(), &unique.columns, "key");
            match (positions.as_slice(), name) {
                ([at], None) => self.out.fields[*at].push("unique".to_owned()),
                ([at], Some(name)) => self.out.fields[*at].push(format!("unique = {name:?}")),
                (_, None) => self.out.table.push(format!("unique({})", self.names(&positions))),
                (_, Some(name)) => {
                    let columns = self.names(&positions);
                    self.out.table.push(format!("unique(name = {name:?}, columns({columns}))"));
                }
            }
        }
    }

    fn deferrable(&mut self, deferrable: Deferrable, what: &str) {
        let when = match deferrable {
            Deferrable::No => return,
            Deferrable::InitiallyImmediate => "`deferrable`",
            Deferrable::InitiallyDeferred => "`deferrable initially deferred`",
        };
        self.lose(format!("{what} is {when}; here it is checked by every statement"));
    }

    fn foreign_keys(&mut self) {
        let mut by_itself: Vec<usize> = Vec::new();
        for key in &self.this.keys {
            let target = &self.draft.tables[key.target];
            let actions = actions(key.key);
            let name = self.own_name(key.key.name.as_ref(), &key.key.columns, "fkey");
            let to: Vec<String> = key.references.iter().map(|&at| ident(&target.fields[at].name)).collect();
            if let ([at], None) = (key.columns.as_slice(), &name)
                && !by_itself.contains(at)
            {
                by_itself.push(*at);
                self.out.fields[*at].push(format!("references = {}::{}", target.name, to[0]));
                self.out.fields[*at].extend(actions);
                continue;
            }
            let mut parts = vec![
                format!("columns({})", self.names(&key.columns)),
                format!("references = {}({})", target.name, to.join(", ")),
            ];
            parts.extend(actions);
            parts.extend(name.map(|name| format!("name = {name:?}")));
            self.out.table.push(format!("foreign_key({})", parts.join(", ")));
        }
    }

    fn checks(&mut self) {
        let implied: Vec<usize> = self.this.fields.iter().flat_map(|field| field.ty.implied.iter().copied()).collect();
        let mut by_itself: Vec<usize> = Vec::new();
        let mut number = 0;
        let checks = self.this.table.checks.iter().enumerate().filter(|(at, _)| !implied.contains(at));
        for (_, check) in checks {
            let mentioned: Vec<usize> = (0..self.this.fields.len())
                .filter(|&at| self.syntax.mentions(&check.condition, &self.this.fields[at].column.name))
                .collect();
            if let [at] = mentioned[..]
                && !by_itself.contains(&at)
            {
                let column = self.this.fields[at].column.name.as_str();
                let default = constraint_name(&self.table().name, &[column], "check");
                if !self.compares_names || check.name.as_ref() == Some(&default) {
                    by_itself.push(at);
                    self.out.fields[at].push(format!("check = {:?}", check.condition));
                    continue;
                }
            }
            let name = check.name.clone().filter(|name| syn::parse_str::<syn::Ident>(name).is_ok());
            let name = match (name, self.compares_names) {
                (Some(name), _) => name,
                (None, false) => {
                    number += 1;
                    format!("check{number}")
                }
                (None, true) => {
                    let name = check.name.as_deref().unwrap_or_default();
                    self.lose(format!(
                        "the check `{name}` is left out: its name is no name in Rust ({})",
                        check.condition
                    ));
                    continue;
                }
            };
            self.out.table.push(format!("check({name} = {:?})", check.condition));
        }
    }

    fn indexes(&mut self) {
        let mut unique_sets: Vec<Vec<usize>> = vec![sorted(self.this.key())];
        unique_sets
            .extend(self.this.table.uniques.iter().filter_map(|it| self.this.positions(&it.columns)).map(sorted));
        let mut by_itself: Vec<usize> = Vec::new();
        for index in &self.this.table.indexes {
            let mut parts = Vec::new();
            let mut positions = Vec::new();
            for part in &index.parts {
                let mut text = match &part.key {
                    IndexKey::Column(name) => {
                        let Some(at) = self.this.field(name) else { continue };
                        positions.push(at);
                        ident(&self.this.fields[at].name)
                    }
                    IndexKey::Expression(sql) => format!("expr({sql:?})"),
                };
                text.push_str(&modifiers(part));
                parts.push(text);
            }
            let is_set = index.unique && index.filter.is_none() && positions.len() == index.parts.len();
            if is_set && unique_sets.contains(&sorted(positions.clone())) {
                self.lose(format!("the unique index `{}` is left out: its columns are unique already", index.name));
                continue;
            }
            if is_set {
                unique_sets.push(sorted(positions.clone()));
            }
            let bare = Index { name: index.name.clone(), parts: index.parts.clone(), ..Index::default() };
            let is_plain = *index == bare && modifiers(&index.parts[0]).is_empty();
            if let ([at], [_], true) = (positions.as_slice(), index.parts.as_slice(), is_plain)
                && !by_itself.contains(at)
                && index.name == constraint_name(&self.table().name, &[&self.this.fields[*at].column.name], "idx")
            {
                by_itself.push(*at);
                self.out.fields[*at].push("index".to_owned());
                continue;
            }
            let mut options = vec![format!("name = {:?}", index.name)];
            options.extend(index.unique.then(|| "unique".to_owned()));
            options.extend(index.nulls_not_distinct.then(|| "nulls_not_distinct".to_owned()));
            options.extend(index.method.as_ref().map(|method| format!("method = {method:?}")));
            options.push(format!("columns({})", parts.join(", ")));
            let include: Option<Vec<usize>> = self.this.positions(&index.include).filter(|it| !it.is_empty());
            options.extend(include.map(|include| format!("include({})", self.names(&include))));
            let with: Vec<String> = index.with.iter().map(|parameter| format!("{parameter:?}")).collect();
            options.extend((!with.is_empty()).then(|| format!("with({})", with.join(", "))));
            options.extend(index.filter.as_ref().map(|filter| format!("filter = {filter:?}")));
            self.out.table.push(format!("index({})", options.join(", ")));
        }
    }
}

fn sorted(mut positions: Vec<usize>) -> Vec<usize> {
    positions.sort_unstable();
    positions
}

/// What follows the key of a part of an index.
fn modifiers(part: &IndexPart) -> String {
    let mut text = String::new();
    if let Some(collation) = &part.collation {
        text.push_str(&format!(" collate {collation:?}"));
    }
    if let Some(class) = &part.operator_class {
        text.push_str(&format!(" class {class:?}"));
    }
    if part.order == IndexOrder::Descending {
        text.push_str(" desc");
    }
    text.push_str(match part.nulls {
        Some(Nulls::First) => " nulls first",
        Some(Nulls::Last) => " nulls last",
        None => "",
    });
    text
}

fn actions(key: &ForeignKey) -> Vec<String> {
    let word = |action: ForeignKeyAction| {
        Some(match action {
            ForeignKeyAction::NoAction => return None,
            ForeignKeyAction::Restrict => "restrict",
            ForeignKeyAction::Cascade => "cascade",
            ForeignKeyAction::SetNull => "set_null",
            ForeignKeyAction::SetDefault => "set_default",
        })
    };
    let on_delete = word(key.on_delete).map(|word| format!("on_delete = {word}"));
    let on_update = word(key.on_update).map(|word| format!("on_update = {word}"));
    let deferrable = match key.deferrable {
        Deferrable::No => None,
        Deferrable::InitiallyImmediate => Some("deferrable".to_owned()),
        Deferrable::InitiallyDeferred => Some("deferrable = initially_deferred".to_owned()),
    };
    on_delete.into_iter().chain(on_update).chain(deferrable).collect()
}
