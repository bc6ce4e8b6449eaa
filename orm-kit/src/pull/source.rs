//! Source text: items as `prettyplease` lays them out, with comments, which it knows none of.

use super::{
    attributes::{Attributes, attributes},
    draft::{Draft, TableDraft, draft},
    names::{ident, variant},
    relations::{Relation, relations},
    report::{Lost, Pulled},
    types::{Type, needs, rust_name},
    words::Case,
};
use crate::{
    backend::Backend,
    model::{Model, Object, ObjectKind},
};

/// What a line of documentation begins with that is to be a comment.
const MARK: char = '\u{1}';

/// The widest line.
const WIDTH: usize = 100;

/// A schema as source.
pub(super) fn source(model: &Model, backend: &dyn Backend, unmodeled: Vec<Lost>) -> Pulled {
    let mut lost = Vec::new();
    let draft = draft(model, backend.rust_types(), &mut lost);
    lost.extend(beside_tables(model, &draft));
    lost.extend(unmodeled);
    let variants: Vec<Vec<String>> = draft.enums.iter().map(|def| variants(&def.labels)).collect();
    let mut writer = Writer {
        model,
        dialect: backend.dialect().name(),
        draft: &draft,
        variants,
        lost,
        all_lost: Vec::new(),
        text: String::new(),
        written: Vec::new(),
    };
    for at in 0..draft.tables.len() {
        writer.table(at, backend);
    }
    for at in 0..draft.enums.len() {
        writer.enumeration(at);
    }
    let relations = relations(&draft);
    writer.relations(&relations);
    writer.schema();
    writer.rest();
    let mut needs: Vec<&'static str> =
        draft.tables.iter().flat_map(|table| &table.fields).filter_map(|field| needs(&field.ty.ty)).collect();
    needs.sort_unstable();
    needs.dedup();
    let Writer { text, all_lost, .. } = writer;
    let head = head(&needs);
    Pulled {
        source: format!("{head}{text}"),
        tables: draft.tables.len(),
        relations: relations.len(),
        needs,
        lost: all_lost,
    }
}

fn head(needs: &[&str]) -> String {
    let needs = match needs {
        [] => String::new(),
        needs => format!("//!\n//! Needs {}.\n", needs.join(" and ")),
    };
    format!("//! The tables of the database, as they were pulled from it.\n{needs}\nuse orm::prelude::*;\n")
}

/// What a database has beside tables, and what belongs to tables without being declared with them.
fn beside_tables(model: &Model, draft: &Draft<'_>) -> Vec<Lost> {
    let mut lost = Vec::new();
    for (at, def) in draft.enums.iter().enumerate() {
        let uses = |ty: &Type| match ty {
            Type::Enum(found) => *found == at,
            Type::Array(item) => **item == Type::Enum(at),
            _ => false,
        };
        if def.is_type && !draft.tables.iter().flat_map(|table| &table.fields).any(|field| uses(&field.ty.ty)) {
            lost.push(Lost::new(
                "",
                format!("no column is of the enum type `{}`, so that the schema does not have it", def.name),
            ));
        }
    }
    for def in model.enums.iter().filter(|def| !draft.enums.iter().any(|it| it.name == def.name)) {
        lost.push(Lost::new("", format!("the enum type `{}` is left out: a label has 1 to 63 bytes", def.name)));
    }
    lost
}

/// What a schema declares beside tables, an item each.
fn objects(model: &Model, dialect: &str) -> Vec<String> {
    let function = if dialect == "SQLite" { "sqlite" } else { "postgres" };
    let item = |object: &Object| match object.kind {
        ObjectKind::Extension => format!("        extension({:?}),\n", object.name),
        _ => format!("        {function}({}),\n", raw(object.text().trim_end())),
    };
    model.objects.iter().map(item).collect()
}

/// A text as a raw literal, or with escapes if it has what source may not have.
fn raw(text: &str) -> String {
    if printable(&text.replace('\n', "\t")) != text.replace('\n', "\t") {
        return format!("{text:?}");
    }
    let marks =
        (1..).map(|count| "#".repeat(count)).find(|marks| !text.contains(&format!("\"{marks}"))).unwrap_or_default();
    format!("r{marks}\"{text}\"{marks}")
}

/// The names of the variants of labels, no two the same.
fn variants(labels: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for label in labels {
        let name = variant(label);
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name));
        names.push(free.unwrap_or_default());
    }
    names
}

struct Writer<'d, 'm> {
    model: &'m Model,
    /// The name of the database.
    dialect: &'static str,
    draft: &'d Draft<'m>,
    /// The variants of every enum.
    variants: Vec<Vec<String>>,
    /// What is lost of the schema as a whole, and of tables by what is not part of the model.
    lost: Vec<Lost>,
    /// What was written as a comment.
    all_lost: Vec<Lost>,
    text: String,
    /// The enums that are written.
    written: Vec<usize>,
}

impl Writer<'_, '_> {
    /// Writes an item after an empty line, its documentation that is marked as comments.
    fn item(&mut self, tokens: &str) {
        let file = syn::parse_file(tokens).expect("what is put together here is Rust");
        let text = prettyplease::unparse(&file).replace(&format!("///{MARK}"), "//");
        let text = spaced(&text);
        self.text.push('\n');
        self.text.push_str(&text);
    }

    fn table(&mut self, at: usize, backend: &dyn Backend) {
        let this = &self.draft.tables[at];
        let variant_of = |def: usize, label: &str| {
            let labels = &self.draft.enums[def].labels;
            let position = labels.iter().position(|it| it == label)?;
            Some(format!("{}::{}", self.draft.enum_names[def], self.variants[def][position]))
        };
        let attributes = attributes(self.draft, at, backend, &variant_of);
        let (of_table, rest) = std::mem::take(&mut self.lost).into_iter().partition(|lost| self.is_about(lost, this));
        self.lost = rest;
        let of_table: Vec<Lost> = [this.lost.clone(), attributes.lost.clone(), of_table].concat();
        let text = self.structure(this, &attributes, &of_table);
        self.item(&text);
        self.all_lost.extend(of_table);
        for (field, lost) in this.fields.iter().zip(&attributes.lost_of_fields) {
            self.all_lost.extend(field.lost.iter().chain(lost).cloned());
        }
        for field in &this.fields {
            let ty = match &field.ty.ty {
                Type::Array(item) => item,
                ty => ty,
            };
            if let Type::Enum(def) = ty {
                self.enumeration(*def);
            }
        }
    }

    fn is_about(&self, lost: &Lost, table: &TableDraft<'_>) -> bool {
        lost.at == table.table.name || lost.at.strip_prefix(&table.table.name).is_some_and(|rest| rest.starts_with('.'))
    }

    fn structure(&self, this: &TableDraft<'_>, attributes: &Attributes, lost: &[Lost]) -> String {
        let mut text = docs(this.table.comment.as_deref());
        text.push_str(&comments(lost));
        text.push_str("#[derive(Debug, Clone, PartialEq, Table)]");
        if !attributes.table.is_empty() {
            text.push_str(&format!("#[table({})]", attributes.table.join(", ")));
        }
        text.push_str(&format!("pub struct {} {{", this.name));
        for (position, field) in this.fields.iter().enumerate() {
            text.push_str(&docs(field.column.comment.as_deref()));
            text.push_str(&comments(&field.lost));
            text.push_str(&comments(&attributes.lost_of_fields[position]));
            if !attributes.fields[position].is_empty() {
                text.push_str(&format!("#[column({})]", attributes.fields[position].join(", ")));
            }
            let ty = rust_name(&field.ty.ty, &self.draft.enum_names);
            let ty = if field.is_option { format!("Option<{ty}>") } else { ty };
            text.push_str(&format!("pub {}: {ty},", ident(&field.name)));
        }
        text.push('}');
        text
    }

    /// Writes an enum, if it is not written yet.
    fn enumeration(&mut self, at: usize) {
        if self.written.contains(&at) {
            return;
        }
        self.written.push(at);
        let (def, name) = (&self.draft.enums[at], &self.draft.enum_names[at]);
        let mut attributes = Vec::new();
        if def.is_type && Case::Snake.apply(name) != def.name {
            attributes.push(format!("name = {:?}", def.name));
        }
        let explicit = |case: Case| {
            self.variants[at].iter().zip(&def.labels).filter(|(name, label)| case.apply(name) != **label).count()
        };
        let (case_name, case) =
            Case::ALL.into_iter().min_by_key(|(_, case)| explicit(*case)).unwrap_or(("snake_case", Case::Snake));
        let case = if explicit(case) < explicit(Case::Snake) {
            attributes.push(format!("rename_all = {case_name:?}"));
            case
        } else {
            Case::Snake
        };
        let mut text = "#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]".to_owned();
        if !attributes.is_empty() {
            text.push_str(&format!("#[db_enum({})]", attributes.join(", ")));
        }
        text.push_str(&format!("pub enum {name} {{"));
        for (variant, label) in self.variants[at].iter().zip(&def.labels) {
            if case.apply(variant) != *label {
                text.push_str(&format!("#[db_enum(name = {label:?})]"));
            }
            text.push_str(&format!("{variant},"));
        }
        text.push('}');
        self.item(&text);
    }

    fn relations(&mut self, relations: &[Relation]) {
        if relations.is_empty() {
            return;
        }
        self.text.push_str("\nrelations! {\n");
        for owned in relations.chunk_by(|one, other| one.owner == other.owner) {
            self.text.push_str(&format!("    {} {{\n", self.draft.tables[owned[0].owner].name));
            for relation in owned {
                self.text.push_str(&format!("        {}: {},\n", ident(&relation.name), relation.declaration));
            }
            self.text.push_str("    }\n");
        }
        self.text.push_str("}\n");
    }

    fn schema(&mut self) {
        let names: Vec<&str> = self.draft.tables.iter().map(|table| table.name.as_str()).collect();
        let line = format!("    pub fn schema() = [{}]\n", names.join(", "));
        let list = if line.len() <= WIDTH {
            line
        } else {
            let lines: String = names.iter().map(|name| format!("        {name},\n")).collect();
            format!("    pub fn schema() = [\n{lines}    ]\n")
        };
        let objects: String = objects(self.model, self.dialect).concat();
        let list = match objects.as_str() {
            "" => list,
            objects => format!("{} with [\n{objects}    ]\n", list.trim_end()),
        };
        self.text.push_str(&format!("\nschema! {{\n    /// What is in the database.\n{list}}}\n"));
    }

    /// What belongs to no table.
    fn rest(&mut self) {
        for lost in std::mem::take(&mut self.lost) {
            self.text.push('\n');
            for line in lines(&lost) {
                self.text.push_str(format!("// {line}").trim_end());
                self.text.push('\n');
            }
            self.all_lost.push(lost);
        }
    }
}

/// Puts the space before the words that follow an expression of an index, `expr("lower(name)") desc`, which `prettyplease` leaves out.
fn spaced(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\")") {
        let (before, after) = rest.split_at(at + 2);
        spaced.push_str(before);
        // A quote after a backslash is one of a text.
        let is_end = !before[..at].ends_with('\\');
        if is_end && ["collate ", "class ", "desc", "nulls "].iter().any(|word| after.starts_with(word)) {
            spaced.push(' ');
        }
        rest = after;
    }
    spaced + rest
}

/// The lines of a comment about what is lost.
fn lines(lost: &Lost) -> Vec<String> {
    let sql = lost.sql.iter().flat_map(|sql| sql.lines()).map(|line| format!("    {line}"));
    let colon = if lost.sql.is_some() { ":" } else { "" };
    std::iter::once(format!("pull: {}{colon}", lost.what)).chain(sql).map(|line| printable(&line)).collect()
}

fn comments(lost: &[Lost]) -> String {
    let lines = lost.iter().flat_map(lines);
    lines.map(|line| format!("#[doc = {:?}]", format!("{MARK} {line}").trim_end())).collect()
}

fn docs(comment: Option<&str>) -> String {
    let lines = comment.into_iter().flat_map(str::lines);
    lines.map(|line| format!("#[doc = {:?}]", format!(" {}", printable(line)).trim_end())).collect()
}

/// A line as it may stand in a comment: rustc refuses some characters there.
fn printable(line: &str) -> String {
    let is_refused = |c: char| {
        c.is_control() && c != '\t' || ('\u{202a}'..='\u{202e}').contains(&c) || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    line.chars().map(|c| if is_refused(c) { ' ' } else { c }).collect()
}
