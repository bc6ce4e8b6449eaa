//! What was made by hand in migrations and is none of the schema's business: it was in no snapshot, so nobody meant it to go.

use crate::{
    error::Error,
    model::{
        Check, Column, ForeignKey, Index, IndexKey, Model, Object, ObjectKind, Table, Unique, in_order_of_creation,
    },
    question::Answers,
    rename::{Rename, renames},
    sql::{self, Syntax, TokenKind},
};

/// The schema that is asked for, with what was made by hand. No renames are open.
///
/// # Errors
/// None but those of renames.
pub(crate) fn adopt(wanted: &Model, reached: &Model, managed: &Model, syntax: Syntax) -> Result<Model, Error> {
    let mut to = whole(wanted, reached, managed, &Answers::default(), syntax)?;
    let mut lost = parts(&mut to, wanted, reached, managed, syntax);
    to.objects = objects(&to, reached, managed, syntax, &mut lost);
    Ok(to)
}

/// The schema that is asked for, with tables, types and columns that were made by hand.
///
/// # Errors
/// If an answer renames what cannot be renamed.
pub(crate) fn whole(
    wanted: &Model,
    reached: &Model,
    managed: &Model,
    answers: &Answers,
    syntax: Syntax,
) -> Result<Model, Error> {
    let mut to = wanted.clone();
    for table in &reached.tables {
        let becomes = |it: &Table| {
            let answer = answers.renamed.get(&it.name).map(Option::as_deref);
            answer.unwrap_or(it.renamed_from.as_deref()) == Some(&table.name)
        };
        if managed.table(&table.name).or(to.table(&table.name)).is_none() && !wanted.tables.iter().any(becomes) {
            to.tables.push(table.clone());
        }
    }
    let of_hand = |name: &str| managed.enum_type(name).is_none() && wanted.enum_type(name).is_none();
    to.enums.extend(reached.enums.iter().filter(|def| of_hand(&def.name)).cloned());
    let (renames, _) = renames(reached, &to, answers)?;
    let (reached, managed) = (under_new_names(reached, &renames, syntax), under_new_names(managed, &renames, syntax));
    for target in &mut to.tables {
        let Some(table) = reached.table(&target.name) else { continue };
        let before = managed.table(&target.name);
        let is_foreign = |column: &&Column| {
            let has = |table: &Table| table.column(&column.name).is_some();
            !has(target) && !before.is_some_and(has)
        };
        let columns: Vec<Column> = table.columns.iter().filter(is_foreign).cloned().collect();
        target.columns.extend(columns);
    }
    Ok(to)
}

/// Adds the constraints and indexes that were made by hand, after renames were carried out. What uses what goes cannot stay, and
/// is told.
pub(crate) fn parts(to: &mut Model, wanted: &Model, reached: &Model, managed: &Model, syntax: Syntax) -> Vec<String> {
    let mut lost = Vec::new();
    for target in &mut to.tables {
        let Some(table) = reached.table(&target.name) else { continue };
        let own = wanted.table(&target.name);
        let gone = gone(table, target);
        target.columns.retain_mut(|column| {
            if own.is_some_and(|own| own.column(&column.name).is_some()) {
                return true;
            }
            // What it is computed from is told by its new names.
            let reached = table.column(&column.name).cloned();
            *column = reached.unwrap_or_else(|| column.clone());
            let is_kept = column.generated.as_ref().is_none_or(|it| !mentions(&it.expression, &gone, syntax));
            if !is_kept {
                lost.push(format!("column `{}` of `{}`", column.name, table.name));
            }
            is_kept
        });
    }
    let after = to.clone();
    for target in &mut to.tables {
        let Some(table) = reached.table(&target.name) else { continue };
        if wanted.table(&target.name).is_none() {
            let columns = std::mem::take(&mut target.columns);
            let (uniques, foreign_keys, checks, indexes) = Default::default();
            *target = Table { columns, uniques, foreign_keys, checks, indexes, ..table.clone() };
        }
        adopt_parts(target, table, managed, &after, syntax, &mut lost);
    }
    lost
}

/// The objects that are asked for, and those beside them that nobody declared, before or now. What belongs to something that goes,
/// goes with it; a constraint of a column that goes is told.
pub(crate) fn objects(
    to: &Model,
    reached: &Model,
    managed: &Model,
    syntax: Syntax,
    lost: &mut Vec<String>,
) -> Vec<Object> {
    let was_declared = |object: &Object| managed.object(object).is_some_and(|it| it.declared);
    let declared: Vec<&Object> = to.objects.iter().filter(|object| object.declared).collect();
    let is_kept = |object: &&Object| !declared.iter().any(|it| it.is(object)) && !was_declared(object);
    let mut kept: Vec<&Object> = reached.objects.iter().filter(is_kept).collect();
    kept.retain(|object| {
        let tables = object.table.as_ref().and_then(|name| Some((reached.table(name)?, to.table(name)?)));
        let gone = tables.map(|(before, after)| gone(before, after)).unwrap_or_default();
        let goes = object.kind == ObjectKind::Exclusion && mentions(&object.text(), &gone, syntax);
        if goes {
            let table = object.table.as_deref().unwrap_or_default();
            lost.push(format!("{} `{}` of `{table}`", object.kind, object.name));
        }
        !goes
    });
    loop {
        let has_owner = |object: &&Object| {
            let Some(owner) = &object.table else { return true };
            let is_owner = |it: &&Object| it.name == *owner && it.table.is_none();
            // What owns a trigger may be something that is not read, such as a foreign table.
            let was_there = reached.table(owner).is_some() || reached.objects.iter().any(|it| is_owner(&it));
            !was_there || to.table(owner).is_some() || declared.iter().chain(&kept).any(is_owner)
        };
        let left: Vec<&Object> = kept.iter().copied().filter(has_owner).collect();
        if left.len() == kept.len() {
            break;
        }
        kept = left;
    }
    in_order_of_creation(declared.into_iter().chain(kept).cloned().collect())
}

fn adopt_parts(
    target: &mut Table,
    reached: &Table,
    before: &Model,
    to: &Model,
    syntax: Syntax,
    lost: &mut Vec<String>,
) {
    let nothing = Table::default();
    let managed = before.table(&reached.name).unwrap_or(&nothing);
    let gone = gone(reached, target);
    let has = |names: &[String]| names.iter().any(|name| gone.contains(name));
    let mut keeps = |kind: &str, name: Option<&str>, uses_what_goes: bool| {
        if uses_what_goes {
            let name = name.map(|name| format!(" `{name}`")).unwrap_or_default();
            lost.push(format!("{kind}{name} of `{}`", reached.name));
        }
        !uses_what_goes
    };
    let uniques = foreign(&target.uniques, &reached.uniques, &managed.uniques, syntax);
    target
        .uniques
        .extend(uniques.filter(|it| keeps("unique constraint", it.name.as_deref(), has(&it.columns))).cloned());
    let keys = foreign(&target.foreign_keys, &reached.foreign_keys, &managed.foreign_keys, syntax).filter(|it| {
        let is_there = |other: &Table| it.references.iter().all(|name| other.column(name).is_some());
        // The key it refers to may have been made by hand as well, and stays then.
        let is_key = |model: &Model| model.table(&it.table).is_some_and(|other| is_key(other, &it.references));
        let goes = !to.table(&it.table).is_some_and(is_there) || is_key(before) && !is_key(to);
        keeps("foreign key", it.name.as_deref(), has(&it.columns) || goes)
    });
    let keys: Vec<ForeignKey> = keys.cloned().collect();
    target.foreign_keys.extend(keys);
    let checks = foreign(&target.checks, &reached.checks, &managed.checks, syntax);
    let checks = checks.filter(|it| keeps("check", it.name.as_deref(), mentions(&it.condition, &gone, syntax)));
    let checks: Vec<Check> = checks.cloned().collect();
    target.checks.extend(checks);
    let indexes = foreign(&target.indexes, &reached.indexes, &managed.indexes, syntax).filter(|it| {
        let in_key = it.parts.iter().any(|part| match &part.key {
            IndexKey::Column(name) => gone.contains(name),
            IndexKey::Expression(expression) => mentions(expression, &gone, syntax),
        });
        let in_filter = it.filter.as_ref().is_some_and(|filter| mentions(filter, &gone, syntax));
        keeps("index", Some(&it.name), in_key || in_filter || has(&it.include))
    });
    let indexes: Vec<Index> = indexes.cloned().collect();
    target.indexes.extend(indexes);
}

/// Whether foreign keys can refer to these columns of a table; none are those of its primary key.
pub(crate) fn is_key(table: &Table, columns: &[String]) -> bool {
    let is_same = |key: &[String]| key.len() == columns.len() && key.iter().all(|name| columns.contains(name));
    let of_index = |index: &Index| -> Option<Vec<String>> {
        let names = index.parts.iter().map(|part| match &part.key {
            IndexKey::Column(name) => Some(name.clone()),
            IndexKey::Expression(_) => None,
        });
        names.collect::<Option<_>>().filter(|_| index.unique && index.filter.is_none())
    };
    table.primary_key.as_ref().is_some_and(|key| columns.is_empty() || is_same(&key.columns))
        || table.uniques.iter().any(|unique| is_same(&unique.columns))
        || table.indexes.iter().filter_map(of_index).any(|names| is_same(&names))
}

/// The columns that a table has no more.
fn gone(reached: &Table, target: &Table) -> Vec<String> {
    let is_gone = |column: &&Column| target.column(&column.name).is_none();
    reached.columns.iter().filter(is_gone).map(|column| column.name.clone()).collect()
}

fn mentions(text: &str, names: &[String], syntax: Syntax) -> bool {
    names.iter().any(|name| syntax.mentions(text, name))
}

/// Something of a table that is known by its name, or by what it is where it has none.
trait Part: Clone {
    fn is_same(&self, other: &Self, syntax: Syntax) -> bool;
}

fn is_same_name(one: Option<&String>, other: Option<&String>) -> bool {
    one.is_some() && one == other
}

impl Part for Unique {
    fn is_same(&self, other: &Self, _: Syntax) -> bool {
        is_same_name(self.name.as_ref(), other.name.as_ref()) || self.columns == other.columns
    }
}

impl Part for ForeignKey {
    fn is_same(&self, other: &Self, _: Syntax) -> bool {
        is_same_name(self.name.as_ref(), other.name.as_ref())
            || (&self.columns, &self.table) == (&other.columns, &other.table)
    }
}

impl Part for Check {
    fn is_same(&self, other: &Self, syntax: Syntax) -> bool {
        // Without names, SQLite tells them by their text, in which a rename puts quotes.
        is_same_name(self.name.as_ref(), other.name.as_ref())
            || (&self.name, &other.name) == (&None, &None)
                && words(&self.condition, syntax) == words(&other.condition, syntax)
    }
}

impl Part for Index {
    fn is_same(&self, other: &Self, _: Syntax) -> bool {
        self.name == other.name
    }
}

/// What is reached, but neither managed nor asked for.
fn foreign<'r, T: Part>(target: &[T], reached: &'r [T], managed: &[T], syntax: Syntax) -> std::vec::IntoIter<&'r T> {
    let is_known = |item: &T| target.iter().chain(managed).any(|it| it.is_same(item, syntax));
    reached.iter().filter(|item| !is_known(item)).collect::<Vec<_>>().into_iter()
}

/// The words of an expression, names without their quotes.
fn words(text: &str, syntax: Syntax) -> Vec<String> {
    let word = |token: sql::Token| match token.kind {
        TokenKind::Quoted => sql::unquote(&text[token.span]),
        _ => text[token.span].to_owned(),
    };
    syntax.tokens(text).into_iter().map(word).collect()
}

/// A schema whose tables and columns have their new names, where they stand as names. Expressions that are compared get them as well.
pub(crate) fn under_new_names(model: &Model, renames: &[Rename], syntax: Syntax) -> Model {
    let mut model = model.clone();
    for rename in renames {
        for table in &mut model.tables {
            match rename {
                Rename::Table { from, to } => {
                    let names = std::iter::once(&mut table.name);
                    names.chain(table.foreign_keys.iter_mut().map(|key| &mut key.table)).for_each(|name| {
                        give(name, from, to);
                    });
                }
                Rename::Column { table: of, from, to } => rename_column(table, of, (from, to), syntax),
            }
        }
        if let Rename::Table { from, to } = rename {
            for object in &mut model.objects {
                object.table.iter_mut().for_each(|name| give(name, from, to));
                if object.kind == ObjectKind::RowSecurity {
                    give(&mut object.name, from, to);
                }
            }
        }
    }
    model
}

fn give(name: &mut String, from: &str, to: &str) {
    if name == from {
        to.clone_into(name);
    }
}

fn rename_column(table: &mut Table, of: &str, (from, to): (&str, &str), syntax: Syntax) {
    for key in table.foreign_keys.iter_mut().filter(|key| key.table == of) {
        key.references.iter_mut().for_each(|name| give(name, from, to));
    }
    if table.name != of {
        return;
    }
    let own = table.columns.iter_mut().map(|column| &mut column.name);
    let keys = table.primary_key.iter_mut().flat_map(|key| &mut key.columns);
    let uniques = table.uniques.iter_mut().flat_map(|unique| &mut unique.columns);
    let references = table.foreign_keys.iter_mut().flat_map(|key| &mut key.columns);
    own.chain(keys).chain(uniques).chain(references).for_each(|name| give(name, from, to));
    for check in &mut table.checks {
        let mut words = words(&check.condition, syntax);
        if words.iter().any(|word| word == from) {
            words.iter_mut().for_each(|word| give(word, from, to));
            check.condition = words.join(" ");
        }
    }
}
