//! Views, triggers and virtual tables of SQLite.

use orm_core::ddl::ident;

use crate::{
    change::Change,
    model::{Model, Object, ObjectKind},
    plan::Step,
    sql::Syntax,
};

/// The triggers of a table that come back after it was made anew.
pub(super) fn kept_triggers<'m>(table: &str, from: &'m Model, changes: &[Change]) -> Vec<&'m Object> {
    let changes = |object: &Object| {
        let is_meant = |change: &Change| matches!(change, Change::DropObject(it) | Change::ChangeObject { from: it, .. } if it.is(object));
        changes.iter().any(is_meant)
    };
    from.objects.iter().filter(|object| object.table.as_deref() == Some(table) && !changes(object)).collect()
}

/// The statements that create an object, with what it is to have at once.
pub(super) fn create(object: &Object) -> Vec<Step> {
    let mut steps: Vec<Step> = object.sql.iter().map(Step::new).collect();
    if has_content_elsewhere(object) {
        steps.push(fill(object));
    }
    steps
}

fn fill(object: &Object) -> Step {
    let name = ident(&orm_sqlite::Sqlite, &object.name);
    Step::new(format!("insert into {name} ({name}) values ('rebuild')"))
}

/// Fills the full-text indexes of a table whose texts may be others now. No trigger saw them change.
pub(super) fn fill_again(table: &str, from: &Model, to: &Model) -> Vec<Step> {
    let (Some(before), Some(after)) = (from.table(table), to.table(table)) else { return Vec::new() };
    if before.columns.iter().all(|column| after.column(&column.name) == Some(column)) {
        return Vec::new();
    }
    let is_of_it = |object: &&Object| {
        has_content_elsewhere(object) && Syntax::Sqlite.mentions(&object.text().replace('\'', "\""), table)
    };
    to.objects.iter().filter(|object| from.object(object).is_some()).filter(is_of_it).map(fill).collect()
}

/// The statement that drops an object.
pub(super) fn drop(object: &Object) -> Step {
    let kind = match object.kind {
        ObjectKind::VirtualTable => "table".to_owned(),
        kind => kind.to_string(),
    };
    let step = Step::new(format!("drop {kind} {}", ident(&orm_sqlite::Sqlite, &object.name)));
    match object.kind {
        ObjectKind::View => step.breaks(),
        ObjectKind::VirtualTable if !has_content_elsewhere(object) => step.loses(&object.name).breaks(),
        _ => step,
    }
}

/// Whether it is a full-text index of what a table has, so that it can be made anew.
fn has_content_elsewhere(object: &Object) -> bool {
    let text = Syntax::Sqlite.without_layout(&object.text()).to_ascii_lowercase();
    object.kind == ObjectKind::VirtualTable
        && text.contains(" fts5 ")
        && text.contains(" content = ")
        && !text.contains(" content = ''")
}
