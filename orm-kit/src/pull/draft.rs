//! The tables of a schema with their names and types in Rust, before they are written.

use orm_core::types::SqlType;

use super::{
    names::{Taken, is_sql_name},
    report::Lost,
    types::{ColumnType, EnumDraft, RustTypes, Type},
};
use crate::model::{Column, ForeignKey, ForeignKeyAction, IndexKey, Model, Table};

/// A schema whose tables, columns and enums have names in Rust.
pub(super) struct Draft<'m> {
    pub(super) tables: Vec<TableDraft<'m>>,
    pub(super) enums: Vec<EnumDraft>,
    /// The names of the enums in Rust, in their order.
    pub(super) enum_names: Vec<String>,
}

/// A table as a struct.
pub(super) struct TableDraft<'m> {
    pub(super) table: &'m Table,
    /// The name of the struct.
    pub(super) name: String,
    pub(super) fields: Vec<Field<'m>>,
    pub(super) keys: Vec<KeyDraft<'m>>,
    /// The names that no relation can have.
    pub(super) members: Taken,
    /// What is lost of the table as a whole.
    pub(super) lost: Vec<Lost>,
}

/// A column as a field.
pub(super) struct Field<'m> {
    pub(super) column: &'m Column,
    /// The name, without `r#`.
    pub(super) name: String,
    pub(super) ty: ColumnType,
    pub(super) is_option: bool,
    pub(super) lost: Vec<Lost>,
}

/// A foreign key that Rust can say.
pub(super) struct KeyDraft<'m> {
    pub(super) key: &'m ForeignKey,
    /// The positions of the fields.
    pub(super) columns: Vec<usize>,
    /// The position of the table referred to.
    pub(super) target: usize,
    /// The positions of its fields.
    pub(super) references: Vec<usize>,
}

impl<'m> TableDraft<'m> {
    pub(super) fn field(&self, column: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.column.name.eq_ignore_ascii_case(column))
    }

    /// The positions of columns, if all of them have a field.
    pub(super) fn positions(&self, columns: &[String]) -> Option<Vec<usize>> {
        columns.iter().map(|column| self.field(column)).collect()
    }

    pub(super) fn key(&self) -> Vec<usize> {
        self.positions(self.table.key()).unwrap_or_default()
    }

    /// The sets of columns that are unique in all rows, each once, in the order in which they are declared.
    pub(super) fn unique_sets(&self) -> Vec<Vec<usize>> {
        let uniques = self.table.uniques.iter().map(|unique| unique.columns.clone());
        let indexes = self.table.indexes.iter().filter(|it| it.unique && it.filter.is_none()).filter_map(|index| {
            let columns = index.parts.iter().map(|part| match &part.key {
                IndexKey::Column(name) => Some(name.clone()),
                IndexKey::Expression(_) => None,
            });
            columns.collect::<Option<Vec<String>>>()
        });
        let sets = uniques.chain(indexes).filter_map(|columns| self.positions(&columns));
        Some(self.key()).filter(|key| !key.is_empty()).into_iter().chain(sets).collect()
    }
}

/// Names everything, and finds the types of all columns.
pub(super) fn draft<'m>(model: &'m Model, types: &dyn RustTypes, lost: &mut Vec<Lost>) -> Draft<'m> {
    let mut taken = Taken::types();
    let has_name = |table: &&Table| {
        let is_fine = is_sql_name(&table.name);
        if !is_fine {
            lost.push(Lost::new(&table.name, "the table is left out: a name has 1 to 63 bytes"));
        }
        is_fine
    };
    let tables: Vec<&Table> = model.tables.iter().filter(has_name).collect();
    let names: Vec<String> = tables.iter().map(|table| taken.take_table(&table.name)).collect();
    let enums: Vec<EnumDraft> =
        types.enums(model).into_iter().filter(|def| def.labels.iter().all(|label| is_sql_name(label))).collect();
    let name_of = |table: &Option<String>| {
        tables.iter().position(|it| Some(&it.name) == table.as_ref()).map_or_else(String::new, |at| names[at].clone())
    };
    let enum_names = enums.iter().map(|def| taken.take_enum(&def.name, &name_of(&def.table))).collect();
    let tables = tables.into_iter().zip(names).map(|(table, name)| {
        let mut members = Taken::members();
        let mut dropped = Vec::new();
        let fields = fields(table, model, types, &enums, &mut members, &mut dropped);
        TableDraft { table, name, fields, keys: Vec::new(), members, lost: dropped }
    });
    let mut draft = Draft { tables: tables.collect(), enums, enum_names };
    same_integers(&mut draft, types);
    foreign_keys(&mut draft);
    draft
}

fn fields<'m>(
    table: &'m Table,
    model: &Model,
    types: &dyn RustTypes,
    enums: &[EnumDraft],
    members: &mut Taken,
    lost: &mut Vec<Lost>,
) -> Vec<Field<'m>> {
    let mut fields: Vec<Field<'m>> = Vec::new();
    for column in &table.columns {
        let at = format!("{}.{}", table.name, column.name);
        let same = |field: &Field<'_>| field.column.name.eq_ignore_ascii_case(&column.name);
        if !is_sql_name(&column.name) {
            lost.push(Lost::new(at, "the column is left out: a name has 1 to 63 bytes"));
            continue;
        }
        if let Some(other) = fields.iter().find(|field| same(field)) {
            let what = format!("the column is left out: it differs from `{}` in case only", other.column.name);
            lost.push(Lost::new(at, what));
            continue;
        }
        let ty = types.column(table, column, model, enums);
        let mut lost = Vec::new();
        if let Some(problem) = &ty.problem {
            lost.push(Lost::new(&at, problem));
        }
        let is_key = table.key().iter().any(|name| name.eq_ignore_ascii_case(&column.name));
        if is_key && column.nullable {
            lost.push(Lost::new(&at, "NULL can be stored in this part of the primary key; the field is no `Option`"));
        }
        let is_option = column.nullable && !is_key;
        fields.push(Field { column, name: members.take_field(&column.name), ty, is_option, lost });
    }
    // The parts of a primary key are in the order of their fields.
    let order: Vec<usize> = table
        .key()
        .iter()
        .filter_map(|name| fields.iter().position(|field| field.column.name.eq_ignore_ascii_case(name)))
        .collect();
    let mut places = order.clone();
    places.sort_unstable();
    let mut slots: Vec<Option<Field<'m>>> = fields.into_iter().map(Some).collect();
    let mut keys: Vec<Option<Field<'m>>> = order.iter().map(|&at| slots[at].take()).collect();
    for (place, field) in places.into_iter().zip(keys.iter_mut()) {
        slots[place] = field.take();
    }
    slots.into_iter().flatten().collect()
}

/// Gives integers the Rust type of the column they refer to, since only values of one type can be compared.
fn same_integers(draft: &mut Draft<'_>, types: &dyn RustTypes) {
    let is_integer = |ty: &Type| matches!(ty, Type::Plain(SqlType::SmallInt | SqlType::Integer | SqlType::BigInt));
    for at in 0..draft.tables.len() {
        let table = draft.tables[at].table;
        for key in &table.foreign_keys {
            let Some((own, target, other)) = resolve(draft, at, key) else { continue };
            for (own, other) in own.into_iter().zip(other) {
                let wanted = draft.tables[target].fields[other].ty.ty.clone();
                let field = &mut draft.tables[at].fields[own];
                if field.ty.ty != wanted && is_integer(&wanted) && is_integer(&field.ty.ty) {
                    let spelled = types.spelled(field.column);
                    field.ty = ColumnType::of(wanted).with(spelled);
                }
            }
        }
    }
}

/// The fields of a foreign key, the table it refers to, and the fields there.
fn resolve(draft: &Draft<'_>, at: usize, key: &ForeignKey) -> Option<(Vec<usize>, usize, Vec<usize>)> {
    let own = draft.tables[at].positions(&key.columns)?;
    let target = draft.tables.iter().position(|it| it.table.name.eq_ignore_ascii_case(&key.table))?;
    let references = match key.references.as_slice() {
        [] => draft.tables[target].key(),
        names => draft.tables[target].positions(names)?,
    };
    (own.len() == references.len()).then_some((own, target, references))
}

fn foreign_keys(draft: &mut Draft<'_>) {
    for at in 0..draft.tables.len() {
        let table = draft.tables[at].table;
        for key in &table.foreign_keys {
            match foreign_key(draft, at, key) {
                Ok(key) => draft.tables[at].keys.push(key),
                Err(reason) => {
                    let columns = key.columns.join(", ");
                    let what = format!("the foreign key ({columns}) to `{}` is left out: {reason}", key.table);
                    draft.tables[at].lost.push(Lost::new(&table.name, what));
                }
            }
        }
    }
}

fn foreign_key<'m>(draft: &Draft<'_>, at: usize, key: &'m ForeignKey) -> Result<KeyDraft<'m>, String> {
    let Some((columns, target, references)) = resolve(draft, at, key) else {
        return Err("there is no such table among those of the schema".to_owned());
    };
    let (own, other) = (&draft.tables[at], &draft.tables[target]);
    if columns.len() > 3 {
        return Err("a foreign key has at most three columns".to_owned());
    }
    for (&from, &to) in columns.iter().zip(&references) {
        let (from, to) = (&own.fields[from], &other.fields[to]);
        if from.ty.ty != to.ty.ty {
            return Err(format!("`{}` and `{}` have different types in Rust", from.column.name, to.column.name));
        }
    }
    if !other.unique_sets().contains(&references) {
        return Err("the columns it refers to are not declared unique in this order".to_owned());
    }
    let sets_null = [key.on_delete, key.on_update].contains(&ForeignKeyAction::SetNull);
    if sets_null && columns.iter().any(|&at| !own.fields[at].is_option) {
        return Err("its columns are never NULL, and it sets them to NULL".to_owned());
    }
    Ok(KeyDraft { key, columns, target, references })
}
