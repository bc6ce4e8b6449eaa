//! Plans a migration and tries it on a shadow with rows in every table: up, compared with what is asked for, down, compared with what
//! was before, and up again.

use std::collections::BTreeMap;

use orm_core::ddl::ident;
use serde::Deserialize;

use crate::{
    adopt,
    backend::{Backend, Broken},
    change::{Change, TableChange},
    diff::diff,
    error::Error,
    model::{Column, Model, Object, ObjectKind, Table},
    plan::{self, Plan, Step, Texts},
    question::{Answers, Question},
    rename::{Rename, renames},
    replay, rows,
    session::Session,
    shadow::{Shadow, difference},
    sql,
};

/// A migration that does what it should.
#[derive(Debug, Clone)]
pub struct Proved {
    /// The statements of the migration.
    pub up: Plan,
    /// Those that take it back, or why that is not possible.
    pub down: Result<Plan, String>,
    /// The changes, for people.
    pub changes: Vec<Change>,
    /// What got other names.
    pub renames: Vec<Rename>,
    /// What was made by hand and goes with what it uses.
    pub not_kept: Vec<String>,
    /// Tables for which no rows were found that fit, so that nothing is known of how the migration treats rows of theirs.
    pub without_rows: Vec<String>,
    /// The schema after the migration, with what is kept as it is.
    pub to: Model,
}

/// How long others may have to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Locking {
    /// As long as it takes: all is one transaction.
    #[default]
    Transaction,
    /// As short as can be: statements that do so run one by one.
    Online,
}

/// What becomes of the rows of a table that `alter table` cannot change, on SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rebuild {
    /// They are copied into a table that is made anew.
    #[default]
    Copy,
    /// They stay where they are, as far as that is possible, and the text of the table is edited.
    InPlace,
}

/// How a schema is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Manner {
    /// How long others may have to wait.
    pub locking: Locking,
    /// What becomes of the rows of a table that `alter table` cannot change.
    pub rebuild: Rebuild,
}

impl Manner {
    fn texts(self, backend: &'static dyn Backend, shadow: &mut Shadow) -> Result<BTreeMap<String, String>, Error> {
        match self.rebuild {
            Rebuild::Copy => Ok(BTreeMap::new()),
            Rebuild::InPlace => backend.texts(shadow.session()),
        }
    }
}

/// Plans the migration from the state of a shadow to a schema, and proves it.
///
/// # Errors
/// [`Error::Questions`] if the schema does not say all, [`Error::Unproved`] if the plan does not lead to the schema, loses rows, or
/// fails.
pub fn prove(
    backend: &'static dyn Backend,
    shadow: &mut Shadow,
    to: &Model,
    answers: &Answers,
    manner: Manner,
) -> Result<Proved, Error> {
    prove_beside(backend, shadow, to, None, answers, manner)
}

/// Like [`prove`], but what the shadow has beside what is managed stays: it was made by hand.
pub(crate) fn prove_beside(
    backend: &'static dyn Backend,
    shadow: &mut Shadow,
    wanted: &Model,
    managed: Option<&Model>,
    answers: &Answers,
    manner: Manner,
) -> Result<Proved, Error> {
    let from = shadow.introspect()?;
    let broken = backend.broken(shadow.session())?;
    let earlier = manner.texts(backend, shadow)?;
    let mut to = match managed {
        Some(managed) => adopt::whole(wanted, &from, managed, answers, backend.syntax())?,
        None => wanted.clone(),
    };
    let (renames, questions) = renames(&from, &to, answers)?;
    if !questions.is_empty() {
        return Err(Error::Questions { questions });
    }
    let without_rows = rows::fill(shadow.session(), &from, &to, backend.dialect())?;
    let rename_steps: Vec<Step> = renames.iter().map(|it| plan::rename(it, backend.dialect())).collect();
    run(backend, shadow, &rename_steps)?;
    let renamed = shadow.introspect()?;
    let managed = managed.map(|managed| adopt::under_new_names(managed, &renames, backend.syntax()));
    let not_kept = managed.as_ref().map(|managed| adopt::parts(&mut to, wanted, &renamed, managed, backend.syntax()));
    let mut not_kept = not_kept.unwrap_or_default();
    if to.tables != wanted.tables {
        // What was made by hand is spelled by the server as the types of its columns ask for. What uses something that a place beside the
        // schema has not is left as it is.
        to = shadow.normalize(&to).unwrap_or(to);
    }
    to.objects = adopt::objects(&to, &renamed, &managed.unwrap_or_default(), backend.syntax(), &mut not_kept);
    let changes = diff(&renamed, &to, backend);
    let questions = missing_values(&changes, answers);
    if !questions.is_empty() {
        return Err(Error::Questions { questions });
    }
    let texts = Texts { current: manner.texts(backend, shadow)?, ..Texts::default() };
    if let Some(problem) = broken_trigger(&changes, &renames, &to) {
        return Err(unproved(problem));
    }
    let mut up = backend.plan_in_place(&renamed, &to, &changes, answers, &texts);
    if manner.locking == Locking::Online {
        up = backend.online(up, &renamed, &changes);
    }
    let before = all_contents(backend, shadow.session(), &renamed, &to, answers)?;
    run(backend, shadow, &up.steps)?;
    is_as_planned(backend, shadow, &to, &broken, "")?;
    let after = all_contents(backend, shadow.session(), &to, &renamed, answers)?;
    if let Some(table) = before.keys().find(|table| before.get(*table) != after.get(*table)) {
        return Err(unproved(format!("the rows of `{table}` are not what they were")));
    }
    let mut whole = Plan { steps: rename_steps };
    whole.steps.extend(up.steps.iter().cloned());
    if whole.steps.is_empty() {
        return Ok(Proved { up: whole, down: Ok(Plan::default()), changes, renames, not_kept, without_rows, to });
    }
    let down =
        take_back(backend, shadow, (&with_changed_declared(from, &changes), &broken), &renames, (manner, earlier));
    if down.is_ok() {
        run(backend, shadow, &whole.steps)?;
        is_as_planned(backend, shadow, &to, &broken, " after it was taken back and applied again")?;
    }
    let down = down.map_err(|error| report(&error));
    Ok(Proved { up: whole, down, changes, renames, not_kept, without_rows, to })
}

/// The schema before, in which the text of objects counts that were changed.
fn with_changed_declared(mut from: Model, changes: &[Change]) -> Model {
    // By its name alone: its table may have another one meanwhile.
    let is_changed = |object: &Object| {
        changes.iter().any(|change| match change {
            Change::ChangeObject { from: it, .. } => {
                it.kind == object.kind && (it.name == object.name || it.kind == ObjectKind::RowSecurity)
            }
            _ => false,
        })
    };
    from.objects.iter_mut().for_each(|object| object.declared = is_changed(object));
    from
}

/// Plans the way back, and goes it.
fn take_back(
    backend: &'static dyn Backend,
    shadow: &mut Shadow,
    (from, broken): (&Model, &[Broken]),
    renames: &[Rename],
    (manner, earlier): (Manner, BTreeMap<String, String>),
) -> Result<Plan, Error> {
    let back: Vec<Rename> = in_reverse(renames);
    let rename_steps: Vec<Step> = back.iter().map(|it| plan::rename(it, backend.dialect())).collect();
    run(backend, shadow, &rename_steps)?;
    let current = shadow.introspect()?;
    let changes = diff(&current, from, backend);
    let answers = fillers(&changes, from, backend);
    let texts = Texts { current: manner.texts(backend, shadow)?, earlier };
    let down = backend.plan_in_place(&current, from, &changes, &answers, &texts);
    run(backend, shadow, &down.steps)?;
    is_as_planned(backend, shadow, from, broken, " when it was taken back")?;
    let mut whole = Plan { steps: rename_steps };
    whole.steps.extend(down.steps);
    Ok(whole)
}

/// Renames that take renames back. A column's table has its new name while columns are renamed, so tables come last.
fn in_reverse(renames: &[Rename]) -> Vec<Rename> {
    renames.iter().rev().map(Rename::reversed).collect()
}

fn run(backend: &'static dyn Backend, shadow: &mut Shadow, steps: &[Step]) -> Result<(), Error> {
    if steps.is_empty() {
        return Ok(());
    }
    let text = Plan { steps: steps.to_vec() }.to_sql();
    replay::run(backend, shadow, &text).map_err(|error| unproved(format!("failed: {}", report(&error))))
}

fn is_as_planned(
    backend: &'static dyn Backend,
    shadow: &mut Shadow,
    expected: &Model,
    broken: &[Broken],
    when: &str,
) -> Result<(), Error> {
    let reached = shadow.introspect()?;
    if let Some(rest) = difference(&reached, expected, backend) {
        return Err(unproved(format!("did not lead to the schema{when}; what is missing:\n{rest}")));
    }
    for view in expected.objects.iter().filter(|object| object.is_view()) {
        let sql = format!("select * from {} limit 0", ident(backend.dialect(), &view.name));
        shadow.session().rows(&sql).map_err(|error| unproved(format!("broke a view: {}", report(&error))))?;
    }
    // What was broken before is none of the plan's doing.
    let is_new = |it: &Broken| !broken.iter().any(|before| before.what == it.what);
    if let Some(it) = backend.broken(shadow.session())?.into_iter().find(is_new) {
        return Err(unproved(format!("broke {}{when}: {}", it.what, it.problem)));
    }
    Ok(())
}

fn unproved(problem: String) -> Error {
    Error::Unproved { problem }
}

/// An error with the statement it is about.
fn report(error: &Error) -> String {
    match error {
        Error::Statement { problem, sql, .. } => format!("{problem}\n{sql}"),
        Error::Unproved { problem } => problem.clone(),
        error => error.to_string(),
    }
}

/// What is stored in the columns that both schemas have, with the same type.
fn all_contents(
    backend: &'static dyn Backend,
    session: &mut dyn Session,
    this: &Model,
    other: &Model,
    answers: &Answers,
) -> Result<rows::Contents, Error> {
    let mut contents = rows::Contents::new();
    for table in &this.tables {
        let Some(same) = other.table(&table.name) else { continue };
        let is_kept = |column: &&Column| {
            let name = format!("{}.{}", table.name, column.name);
            // Somebody said what its values become.
            !answers.using.contains_key(&name)
                && !answers.backfill.contains_key(&name)
                && same.column(&column.name).is_some_and(|it| {
                    it.sql_type == column.sql_type && it.generated.is_none() && column.generated.is_none()
                    // NULLs may be filled.
                    && it.nullable == column.nullable
                })
        };
        let mut columns: Vec<String> = table.columns.iter().filter(is_kept).map(|it| it.name.clone()).collect();
        columns.sort();
        contents.insert(table.name.clone(), rows::contents(session, &table.name, &columns, backend.dialect())?);
    }
    Ok(contents)
}

/// A trigger that stays and whose function names a column that goes. No database looks into a function before it is called.
fn broken_trigger(changes: &[Change], renames: &[Rename], to: &Model) -> Option<String> {
    let dropped = changes.iter().flat_map(|change| {
        let inside: &[TableChange] = if let Change::ChangeTable { changes, .. } = change { changes } else { &[] };
        let table = if let Change::ChangeTable { table, .. } = change { table.as_str() } else { "" };
        inside.iter().filter_map(move |change| match change {
            TableChange::DropColumn(column) => Some((table, column.name.as_str())),
            _ => None,
        })
    });
    let renamed = renames.iter().filter_map(|rename| match rename {
        Rename::Column { table, from, .. } => Some((table.as_str(), from.as_str())),
        Rename::Table { .. } => None,
    });
    for (table, column) in dropped.chain(renamed) {
        if to.table(table).is_some_and(|table| table.column(column).is_some()) {
            continue;
        }
        for trigger in to.objects_of(ObjectKind::Trigger).filter(|it| it.table.as_deref() == Some(table)) {
            let function = to.objects_of(ObjectKind::Function).find(|function| {
                trigger.reads.contains(&function.name) && sql::mentions_column_of_row(&function.text(), column)
            });
            if let Some(function) = function {
                let (trigger, function) = (&trigger.name, &function.name);
                return Some(format!(
                    "would break the trigger `{trigger}` of `{table}`: its function {function} names the column `{column}`, which goes"
                ));
            }
        }
    }
    None
}

/// Columns whose value in rows that exist nobody said.
fn missing_values(changes: &[Change], answers: &Answers) -> Vec<Question> {
    let in_tables = changes.iter().filter_map(|change| match change {
        Change::ChangeTable { table, changes } => Some((table, changes)),
        _ => None,
    });
    let mut questions = Vec::new();
    for (table, changes) in in_tables {
        for change in changes {
            if let TableChange::AddColumn(column) = change
                && needs_value(column)
            {
                let of = format!("{table}.{}", column.name);
                if !answers.backfill.contains_key(&of) {
                    questions.push(Question::Backfill { of });
                }
            }
        }
    }
    questions
}

fn needs_value(column: &Column) -> bool {
    !column.nullable && column.default.is_none() && column.generated.is_none() && column.identity.is_none()
}

/// Values for the columns that come back without their content.
fn fillers(changes: &[Change], from: &Model, backend: &'static dyn Backend) -> Answers {
    let mut answers = Answers::default();
    for change in changes {
        let Change::ChangeTable { table, changes } = change else { continue };
        let Some(owner): Option<&Table> = from.table(table) else { continue };
        for change in changes {
            if let TableChange::AddColumn(column) = change
                && needs_value(column)
            {
                let filler = rows::filler(column, owner, from, backend.dialect());
                answers.backfill.insert(format!("{table}.{}", column.name), filler);
            }
        }
    }
    answers
}
