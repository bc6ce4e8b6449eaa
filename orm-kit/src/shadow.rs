//! A database of the same kind as the real one, empty and soon gone, in which text becomes what the server makes of it.
//!
//! Nothing is compared as text that the database can normalize: a default, a check, the condition of an index. Both schemas go
//! through a shadow, so that what is left to compare is spelled by the same server.

use crate::{
    backend::Backend,
    ddl,
    diff::diff,
    error::Error,
    model::{Model, Object, ObjectKind, Table},
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

    /// Creates everything in a model.
    ///
    /// # Errors
    /// If something cannot be created.
    pub fn recreate(&mut self, model: &Model) -> Result<(), Error> {
        create(&mut *self.session, ddl::create_all(model, self.backend.dialect()))
            .map_err(|error| error.doing("making a shadow database like the database".to_owned()))
    }

    /// A model as the server prints it. Its objects are declared.
    ///
    /// # Errors
    /// If the server refuses a statement: the schema is not one for this database.
    pub fn normalize(&mut self, model: &Model) -> Result<Model, Error> {
        let mut current = model.clone();
        let dialect = self.backend.dialect();
        // They belong to the whole database, in which the scratch is.
        let extensions: Vec<Object> = model.objects_of(ObjectKind::Extension).cloned().collect();
        for _ in 0..ROUNDS {
            let mut read = Model::default();
            let backend = self.backend;
            backend.scratch(&mut *self.session, &mut |session| {
                create(session, ddl::create_all(&current, dialect))?;
                read = backend.introspect(session)?;
                Ok(())
            })?;
            read.objects.retain(|object| object.kind != ObjectKind::Extension);
            read.objects.splice(0..0, extensions.iter().cloned());
            read.objects.iter_mut().for_each(|object| object.declared = true);
            let is_settled = read == current || has_printed_texts(&read, &current);
            current = read;
            if is_settled {
                break;
            }
        }
        if let Some(object) = model.objects.iter().find(|object| !current.objects.iter().any(|it| object.became(it))) {
            return Err(Error::Usage(format!("the {object} is declared, and there is none after it was created")));
        }
        Ok(with_order_and_hints(current, model))
    }
}

/// Whether a schema is printed like that wherever it is printed again: all that the server can spell in several ways stands there as it
/// was given.
fn has_printed_texts(read: &Model, given: &Model) -> bool {
    let texts = |model: &Model| -> Vec<Vec<String>> {
        let sorted = |mut texts: Vec<String>| {
            texts.sort();
            texts
        };
        let of_tables = read.tables.iter().filter_map(|table| model.table(&table.name));
        of_tables.map(|table| sorted(ddl::expressions(table).map(str::to_owned).collect())).collect()
    };
    read.objects == given.objects && texts(read) == texts(given)
}

/// Runs statements that create something, many at once.
///
/// What functions and their like refer to is not known, so what fails is tried again after the rest.
fn create(session: &mut dyn Session, statements: Vec<String>) -> Result<(), Error> {
    let mut left = Vec::new();
    for batch in statements.chunks(BATCH) {
        if session.run(&format!("begin;\n{};\ncommit", batch.join(";\n"))).is_err() {
            // SQLite may have rolled back by itself.
            drop(session.run("rollback"));
            left.extend(batch.iter().filter(|sql| session.run(sql).is_err()));
        }
    }
    while !left.is_empty() {
        let count = left.len();
        let mut failure = None;
        left.retain(|sql| match session.run(sql) {
            Ok(()) => false,
            Err(error) => {
                failure.get_or_insert(error);
                true
            }
        });
        if let Some(error) = failure.filter(|_| left.len() == count) {
            return Err(error);
        }
    }
    Ok(())
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

/// What differs between two schemas of which one was made from the other, in words; `None` if they are equal.
pub(crate) fn difference(from: &Model, to: &Model, backend: &dyn Backend) -> Option<String> {
    let lines: Vec<String> = diff(from, to, backend).iter().map(ToString::to_string).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Like [`difference`], between schemas that the same statements made, so that objects that nobody declares have the same text too.
pub(crate) fn difference_of_texts(from: &Model, to: &Model, backend: &dyn Backend) -> Option<String> {
    let objects = to.objects.iter().map(|object| Object { declared: true, ..object.clone() }).collect();
    difference(from, &Model { objects, ..to.clone() }, backend)
}
