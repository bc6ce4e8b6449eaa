//! Reads a schema from SQLite, which keeps it as the text of statements.

use super::parse;
use crate::{
    apply::is_own_table,
    error::Error,
    model::{Model, Object, ObjectKind, in_order_of_creation},
    session::{Row, Session},
};

pub(super) fn introspect(session: &mut dyn Session) -> Result<Model, Error> {
    let mut model = Model::default();
    // What a virtual table keeps its content in is a table as well, which is its own business.
    let kinds = session.rows("select name, type from pragma_table_list where schema = 'main'")?;
    let kind_of = |name: &str| {
        kinds.iter().find(|row| row[0].as_deref() == Some(name)).and_then(|row| row[1].as_deref()).unwrap_or("table")
    };
    let objects = session.rows(
        "select type, name, tbl_name, sql from sqlite_schema \
         where sql is not null and name not like 'sqlite\\_%' escape '\\' order by rowid",
    )?;
    for row in objects {
        let [kind, name, table, sql] = texts(row);
        if is_own_table(&table) {
            continue;
        }
        match kind.as_str() {
            "table" if kind_of(&name) == "shadow" => {}
            "table" if kind_of(&name) == "virtual" => {
                model.objects.push(Object::new(ObjectKind::VirtualTable, name, None, sql));
            }
            "table" => model.tables.push(parse::table(&name, &sql)),
            "index" => {
                if let Some(owner) = model.tables.iter_mut().find(|it| it.name.eq_ignore_ascii_case(&table)) {
                    owner.indexes.push(parse::index(&name, &sql));
                }
            }
            "view" => model.objects.push(Object::new(ObjectKind::View, name, None, sql)),
            _ => model.objects.push(Object::new(ObjectKind::Trigger, name, Some(table), sql)),
        }
    }
    name_keys(&mut model);
    let views = model.objects_of(ObjectKind::View).map(|it| it.name.clone());
    let names: Vec<String> = model.tables.iter().map(|it| it.name.clone()).chain(views).collect();
    for view in model.objects.iter_mut().filter(|object| object.is_view()) {
        let reads = |name: &&String| **name != view.name && crate::sql::Syntax::Sqlite.mentions(&view.text(), name);
        view.reads = names.iter().filter(reads).cloned().collect();
    }
    model.objects = in_order_of_creation(model.objects);
    Ok(model)
}

/// Says of foreign keys that name no columns that they refer to the primary key, as others say it.
fn name_keys(model: &mut Model) {
    let keys: Vec<(String, Vec<String>)> =
        model.tables.iter().map(|table| (table.name.clone(), table.key().to_vec())).collect();
    for key in model.tables.iter_mut().flat_map(|table| &mut table.foreign_keys).filter(|key| key.references.is_empty())
    {
        let target = keys.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key.table));
        if let Some((_, columns)) = target.filter(|(_, columns)| columns.len() == key.columns.len()) {
            key.references.clone_from(columns);
        }
    }
}

fn texts<const N: usize>(row: Row) -> [String; N] {
    let mut values = row.into_iter().map(Option::unwrap_or_default);
    std::array::from_fn(|_| values.next().unwrap_or_default())
}
