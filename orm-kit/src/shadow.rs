//! A database of the same kind as the real one, empty and soon gone, in which text becomes what the server makes of it.
//!
//! Nothing is compared as text that the database can normalize: a default, a check, the condition of an index. Both schemas go
//! through a shadow, so that what is left to compare is spelled by the same server.

use crate::{
    backend::Backend,
    ddl,
    diff::{Names, diff},
    error::Error,
    model::{Carried, Model, Table},
    session::Session,
};

/// How often a schema is read back until its text stays the same. PostgreSQL's printer settles after two times.
const ROUNDS: usize = 4;

/// How many statements are sent at once. PostgreSQL takes longer for each the more tables one transaction creates.
const BATCH: usize = 16;

/// Where shadows of PostgreSQL are. Those of SQLite are in memory.
#[derive(Clone, Copy)]
pub enum Place<'u> {
    /// Beside the database of this URL, on its server: each a database of its own. The user has to be allowed to create databases.
    Beside(&'u str),
    /// In the database of this URL, which has to be empty, and is so again afterwards.
    In(&'u str),
}

impl<'u> From<&'u str> for Place<'u> {
    fn from(url: &'u str) -> Self {
        Self::Beside(url)
    }
}

impl<'u> From<&'u String> for Place<'u> {
    fn from(url: &'u String) -> Self {
        Self::Beside(url)
    }
}

/// A database to try things on. It is gone when this is dropped.
pub struct Shadow {
    backend: &'static dyn Backend,
    session: Box<dyn Session>,
}

impl Shadow {
    /// Makes a shadow of the database of a URL, or in a place that was given for it.
    ///
    /// # Errors
    /// If the database cannot be reached, its user may not create databases, or the place is not empty.
    pub fn new<'u>(backend: &'static dyn Backend, place: impl Into<Place<'u>>) -> Result<Self, Error> {
        Ok(Self { backend, session: backend.shadow(place.into())? })
    }

    /// The connection to the shadow.
    pub fn session(&mut self) -> &mut dyn Session {
        &mut *self.session
    }

    /// The schema of the shadow.
    ///
    /// # Errors
    /// If the database refuses to tell.
    pub fn introspect(&mut self) -> Result<Model, Error> {
        self.backend.introspect(&mut *self.session)
    }

    /// Creates everything in a model, with what is kept as it is.
    ///
    /// What refers to what is not known of functions and their like, so what fails is tried again after the rest.
    ///
    /// # Errors
    /// If something cannot be created.
    pub fn recreate(&mut self, model: &Model) -> Result<(), Error> {
        let dialect = self.backend.dialect();
        let carried = |is_first: bool| {
            let of_turn = move |object: &&Carried| object.table.is_none() == is_first;
            model.carried.iter().filter(of_turn).map(|object| object.sql.clone())
        };
        let mut statements: Vec<String> = carried(true).collect();
        statements.extend(ddl::create_all(model, dialect));
        statements.extend(model.views.iter().flat_map(|view| ddl::create_view(view, dialect)));
        statements.extend(carried(false));
        while !statements.is_empty() {
            let count = statements.len();
            let mut failure = None;
            statements.retain(|sql| match self.session.run(sql) {
                Ok(()) => false,
                Err(error) => {
                    failure.get_or_insert(error);
                    true
                }
            });
            if let Some(error) = failure.filter(|_| statements.len() == count) {
                return Err(error.doing("making a shadow database like the database".to_owned()));
            }
        }
        Ok(())
    }

    /// The tables and types of a model as the server prints them.
    ///
    /// # Errors
    /// If the server refuses a statement: the schema is not one for this database.
    pub fn normalize(&mut self, model: &Model) -> Result<Model, Error> {
        let mut current = model.clone();
        let dialect = self.backend.dialect();
        for _ in 0..ROUNDS {
            let mut read = Model::default();
            let backend = self.backend;
            backend.scratch(&mut *self.session, &mut |session| {
                let statements = ddl::create_all(&current, dialect);
                statements.chunks(BATCH).try_for_each(|batch| session.run(&batch.join(";\n")))?;
                read = backend.introspect(session)?;
                Ok(())
            })?;
            // What the scratch did not make is not part of the schema.
            let read = Model { tables: read.tables, enums: read.enums, ..Model::default() };
            if read == current {
                break;
            }
            current = read;
        }
        Ok(with_order_and_hints(current, model))
    }
}

/// The order of tables and the old names, which a database does not know.
fn with_order_and_hints(mut read: Model, model: &Model) -> Model {
    let position = |table: &Table| model.tables.iter().position(|it| it.name == table.name);
    read.tables.sort_by_key(position);
    for table in &mut read.tables {
        let Some(original) = model.table(&table.name) else { continue };
        table.renamed_from.clone_from(&original.renamed_from);
        for column in &mut table.columns {
            column.renamed_from = original.column(&column.name).and_then(|it| it.renamed_from.clone());
        }
    }
    read
}

/// What differs between two schemas of which one was made from the other, in words; `None` if they are equal. What is kept as it is
/// and views count by their names, because the server prints them anew where what they read changes.
pub(crate) fn difference(from: &Model, to: &Model, names: Names) -> Option<String> {
    in_words(from, to, names, |_, _| false)
}

/// Like [`difference`], between schemas that the same statements made, so that views and what is kept have the same text too.
pub(crate) fn difference_of_texts(from: &Model, to: &Model, backend: &dyn Backend) -> Option<String> {
    let words = |text: &str| backend.syntax().without_layout(text);
    in_words(from, to, backend.names(), |from, to| words(from) != words(to))
}

fn in_words(from: &Model, to: &Model, names: Names, differs: impl Fn(&str, &str) -> bool) -> Option<String> {
    let mut lines: Vec<String> = diff(from, to, names).iter().map(ToString::to_string).collect();
    let (before, after) = (texts(from), texts(to));
    let find = |texts: &[Named], name: &str| texts.iter().find(|it| it.name == name).map(|it| it.text.clone());
    for it in before.iter().filter(|it| find(&after, &it.name).is_none()) {
        lines.push(format!("drop {}", it.name));
    }
    for it in &after {
        match find(&before, &it.name) {
            None => lines.push(format!("create {}", it.name)),
            Some(text) if differs(&text, &it.text) => lines.push(format!("change {}", it.name)),
            Some(_) => {}
        }
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Something that is compared as a whole.
struct Named {
    /// What it is and what it is called: `view names`, `trigger log of users`.
    name: String,
    text: String,
}

fn texts(model: &Model) -> Vec<Named> {
    let carried = model.carried.iter().map(|object| {
        let of = object.table.as_ref().map(|table| format!(" of {table}")).unwrap_or_default();
        let name =
            Some(&object.name).filter(|name| !name.is_empty()).map(|name| format!(" {name}")).unwrap_or_default();
        Named { name: format!("{}{name}{of}", object.kind), text: object.sql.clone() }
    });
    let views = model.views.iter().map(|view| {
        let kind = if view.materialized { "materialized view" } else { "view" };
        let text = [std::slice::from_ref(&view.definition), &view.indexes].concat().join(";\n");
        Named { name: format!("{kind} {}", view.name), text }
    });
    let extensions = model
        .extensions
        .iter()
        .map(|extension| Named { name: format!("extension {}", extension.name), text: String::new() });
    extensions.chain(carried).chain(views).collect()
}
