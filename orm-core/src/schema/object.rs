//! What a database has beside tables: extensions, sequences, views, functions, triggers, policies, full-text indexes.
//!
//! `schema!` takes them behind the tables, where the functions of this module need no import:
//!
//! ```
//! use orm::{doctest::{Post, User}, prelude::*};
//!
//! #[derive(Table)]
//! #[table(name = "tasks")]
//! struct Task {
//!     #[column(primary_key)]
//!     id: i64,
//!     #[column(default = now())]
//!     changed_at: DateTime<Utc>,
//! }
//!
//! schema! {
//!     fn schema() = [User, Post, Task] with [
//!         view("long_posts", "select id, title from posts where words > 1000"),
//!         updated_at(Task::changed_at),
//!         full_text("posts_search", (Post::title,)),
//!         extension("citext"),
//!     ];
//! }
//!
//! let db = orm::sqlite::Connection::open_in_memory()?;
//! db.create_all(&schema())?;
//! # Ok::<(), orm::Error>(())
//! ```
//!
//! The kit keeps them as it keeps tables: `generate` writes what has to change, in an order that the database accepts, and proves it.
//! What a database does not have at all is left out there, as each function says.

use super::{TableDef, TemporalColumn, TextColumn, ViewDef};
use crate::{
    expr::Column,
    table::{ColumnDef, Table},
    view::Stored,
};

/// Something of a database that is no table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Object {
    /// See [`extension`].
    Extension {
        /// The name.
        name: &'static str,
    },
    /// See [`sequence`].
    Sequence(Sequence),
    /// See [`view`].
    View {
        /// The name.
        name: &'static str,
        /// Its query.
        view: ViewDef,
    },
    /// See [`sql`].
    Statement(Statement),
    /// See [`updated_at`].
    UpdatedAt {
        /// The table.
        table: &'static TableDef,
        /// The SQL name of the column.
        column: &'static str,
    },
    /// See [`full_text`].
    FullText(FullText),
    /// See [`row_security`].
    RowSecurity {
        /// The SQL name of the table.
        table: &'static str,
        /// Whether it holds for the owner of the table too.
        forced: bool,
    },
    /// See [`policy`].
    Policy(Policy),
}

/// A sequence; see [`sequence`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sequence {
    /// The name.
    pub name: &'static str,
    /// The first number.
    pub start: Option<i64>,
    /// What is added for the next number.
    pub increment: i64,
    /// The smallest number.
    pub min: Option<i64>,
    /// The greatest number.
    pub max: Option<i64>,
    /// Whether it begins anew after the last number.
    pub cycles: bool,
}

/// SQL text, which may be another one for each database; see [`sql`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// The text for PostgreSQL, if it is for that.
    pub postgres: Option<&'static str>,
    /// The text for SQLite, if it is for that.
    pub sqlite: Option<&'static str>,
}

/// A full-text index; see [`full_text`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FullText {
    /// The name.
    pub name: &'static str,
    /// The table whose texts are indexed.
    pub table: &'static TableDef,
    /// The SQL names of the columns.
    pub columns: &'static [&'static str],
    /// How texts are taken apart, in the words of SQLite's FTS5: `porter`, `trigram`.
    pub tokenizer: Option<&'static str>,
}

/// A policy of row security; see [`policy`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The name.
    pub name: &'static str,
    /// The SQL name of the table.
    pub table: &'static str,
    /// Whether it takes rows away from what other policies allow.
    pub restrictive: bool,
    /// The statements it is for: `all`, `select`, `insert`, `update` or `delete`.
    pub command: &'static str,
    /// The roles it is for; nobody named means everybody.
    pub roles: &'static [&'static str],
    /// The condition of rows that are there.
    pub using: Option<&'static str>,
    /// The condition of rows that are written.
    pub check: Option<&'static str>,
}

/// An extension of PostgreSQL, such as `citext` or `pg_trgm`.
///
/// `create extension if not exists "citext"`, before everything else. SQLite has none, and nothing is created there.
///
/// ```
/// use orm::schema::{Schema, object::extension};
///
/// const SCHEMA: Schema = Schema::new(&[]).with(&[extension("citext")]);
/// assert_eq!(orm_core::ddl::create_statements(&SCHEMA, &orm::postgres::Postgres), [r#"create extension if not exists "citext""#]);
/// assert!(orm_core::ddl::create_statements(&SCHEMA, &orm::sqlite::Sqlite).is_empty());
/// ```
pub const fn extension(name: &'static str) -> Object {
    Object::Extension { name }
}

/// A sequence of PostgreSQL that belongs to no column, for numbers given out by `nextval('invoice_numbers')`.
///
/// Numbers begin with 1 and go up by 1 unless [`Object::start`] and its siblings say something else. SQLite has no sequences, and
/// nothing is created there.
///
/// ```
/// use orm::schema::{Schema, object::sequence};
///
/// const SCHEMA: Schema = Schema::new(&[]).with(&[sequence("invoice_numbers").start(1000).increment(10)]);
/// let statements = orm_core::ddl::create_statements(&SCHEMA, &orm::postgres::Postgres);
/// assert_eq!(statements, [r#"create sequence "invoice_numbers" increment by 10 start with 1000"#]);
/// ```
pub const fn sequence(name: &'static str) -> Object {
    Object::Sequence(Sequence { name, start: None, increment: 1, min: None, max: None, cycles: false })
}

/// A view: a query that is read like a table.
///
/// Its text is the same on both databases; [`view_of`] takes one for each. `#[derive(View)]` declares a view whose columns have types.
///
/// ```
/// use orm::schema::{Schema, object::view};
///
/// const SCHEMA: Schema = Schema::new(&[]).with(&[view("ones", "select 1 as one")]);
/// let statements = orm_core::ddl::create_statements(&SCHEMA, &orm::sqlite::Sqlite);
/// assert_eq!(statements, ["create view \"ones\" as\nselect 1 as one"]);
/// ```
pub const fn view(name: &'static str, query: &'static str) -> Object {
    view_of(name, Statement { postgres: Some(query), sqlite: Some(query) })
}

/// A view whose query is not the same on both databases, or is on one only.
///
/// ```
/// use orm::schema::{Schema, object::{Statement, view_of}};
///
/// const TODAY: Statement = Statement { postgres: Some("select current_date as today"), sqlite: Some("select date() as today") };
/// const SCHEMA: Schema = Schema::new(&[]).with(&[view_of("today", TODAY)]);
/// let statements = orm_core::ddl::create_statements(&SCHEMA, &orm::sqlite::Sqlite);
/// assert_eq!(statements, ["create view \"today\" as\nselect date() as today"]);
/// ```
pub const fn view_of(name: &'static str, query: Statement) -> Object {
    Object::View { name, view: ViewDef { postgres: query.postgres, sqlite: query.sqlite, materialized: false } }
}

/// A view whose rows PostgreSQL stores until it is told to `refresh materialized view`. On SQLite it is a view like others, whose
/// rows are those of now.
///
/// ```
/// use orm::schema::{Schema, object::materialized_view};
///
/// const SCHEMA: Schema = Schema::new(&[]).with(&[materialized_view("ones", "select 1 as one")]);
/// let statements = orm_core::ddl::create_statements(&SCHEMA, &orm::postgres::Postgres);
/// assert_eq!(statements, ["create materialized view \"ones\" as\nselect 1 as one"]);
/// ```
pub const fn materialized_view(name: &'static str, query: &'static str) -> Object {
    Object::View { name, view: ViewDef { postgres: Some(query), sqlite: Some(query), materialized: true } }
}

/// A statement that creates something, the same on both databases: a trigger, a view, a function.
/// What belongs to it may follow after a semicolon, such as the indexes of a materialized view.
///
/// One statement creates one thing. The kit reads what it is and what it is called from its first words, and compares it as the
/// database prints it.
///
/// ```
/// use orm::schema::{Schema, object::sql};
///
/// const SCHEMA: Schema = Schema::new(&[]).with(&[sql("create view ones as select 1 as one")]);
/// let statements = orm_core::ddl::create_statements(&SCHEMA, &orm::postgres::Postgres);
/// assert_eq!(statements, ["create view ones as select 1 as one"]);
/// ```
pub const fn sql(text: &'static str) -> Object {
    Object::Statement(Statement { postgres: Some(text), sqlite: Some(text) })
}

/// A statement that creates something on PostgreSQL: a function, a trigger, a procedure, an aggregate, a domain.
///
/// ```
/// use orm::schema::{Schema, object::postgres};
///
/// const SCHEMA: Schema = Schema::new(&[]).with(&[postgres("create domain positive as int check (value > 0)")]);
/// assert!(orm_core::ddl::create_statements(&SCHEMA, &orm::sqlite::Sqlite).is_empty());
/// ```
pub const fn postgres(text: &'static str) -> Object {
    Object::Statement(Statement { postgres: Some(text), sqlite: None })
}

/// A statement that creates something on SQLite: a trigger, a virtual table.
///
/// ```
/// use orm::schema::{Schema, object::sqlite};
///
/// const SCHEMA: Schema = Schema::new(&[]).with(&[sqlite("create virtual table places using rtree(id, west, east)")]);
/// assert!(orm_core::ddl::create_statements(&SCHEMA, &orm::postgres::Postgres).is_empty());
/// ```
pub const fn sqlite(text: &'static str) -> Object {
    Object::Statement(Statement { postgres: None, sqlite: Some(text) })
}

/// Has the database itself store the time of every update in a column, whoever writes.
///
/// An update that gives the column another value than it had keeps that value. On PostgreSQL it is a trigger before the update, with a
/// function for the columns of this name; on SQLite a trigger after it, which is a second update of the row. `on_update = now()` does
/// the same for updates written with this library, for nothing.
///
/// ```
/// use orm::{schema::{Schema, object::updated_at}, prelude::*};
///
/// #[derive(Table)]
/// #[table(name = "tasks")]
/// struct Task {
///     #[column(primary_key)]
///     id: i64,
///     #[column(default = now())]
///     changed_at: DateTime<Utc>,
/// }
///
/// const SCHEMA: Schema = Schema::new(&[Task::DEF]).with(&[updated_at(Task::changed_at)]);
/// let statements = orm_core::ddl::create_statements(&SCHEMA, &orm::sqlite::Sqlite);
/// assert!(statements[1].starts_with(r#"create trigger "tasks_changed_at_touch" after update on "tasks""#));
/// ```
pub const fn updated_at<C: ColumnDef<Type: TemporalColumn>, S>(column: Column<C, S>) -> Object {
    let _ = column;
    Object::UpdatedAt { table: <C::Table as Table>::DEF, column: C::NAME }
}

/// A full-text index of SQLite over columns of a table: an FTS5 table of this name that keeps no texts of its own, with the triggers
/// that keep it up to date.
///
/// `select rowid from posts_search where posts_search match 'rust'` finds the row ids. On PostgreSQL nothing is created: there, an
/// index on `to_tsvector(..)` is declared with the table. See <https://www.sqlite.org/fts5.html#external_content_tables>.
///
/// ```
/// use orm::{doctest::Post, schema::{Schema, object::full_text}, prelude::*};
///
/// const SCHEMA: Schema = Schema::new(&[Post::DEF]).with(&[full_text("posts_search", (Post::title,)).tokenizer("porter")]);
/// let statements = orm_core::ddl::create_statements(&SCHEMA, &orm::sqlite::Sqlite);
/// let table = r#"create virtual table "posts_search" using fts5("title", content='posts', tokenize='porter')"#;
/// assert!(statements.iter().any(|sql| sql == table));
/// ```
pub const fn full_text<C: IndexedTexts>(name: &'static str, columns: C) -> Object {
    let _ = columns;
    assert!(
        !C::TABLE.without_rowid,
        "a full-text index knows rows by their row ids, which a table `without_rowid` has not"
    );
    Object::FullText(FullText { name, table: C::TABLE, columns: C::COLUMNS, tokenizer: None })
}

/// Turns row security on for a table of PostgreSQL: what no [`policy`] allows is not there for anybody but the table's owner.
///
/// `alter table "posts" enable row level security`. SQLite has no users to tell apart, and nothing is done there.
///
/// ```
/// use orm::{doctest::Post, schema::{Schema, object::row_security}, prelude::*};
///
/// const SCHEMA: Schema = Schema::new(&[Post::DEF]).with(&[row_security::<Post>().forced()]);
/// let statements = orm_core::ddl::create_statements(&SCHEMA, &orm::postgres::Postgres);
/// assert!(statements.iter().any(|sql| sql == r#"alter table "posts" enable row level security, force row level security"#));
/// ```
pub const fn row_security<T: Table<Slots: Stored<T>>>() -> Object {
    Object::RowSecurity { table: T::DEF.name, forced: false }
}

/// A policy of a table with [`row_security`]: which rows a role sees and writes. PostgreSQL only.
///
/// It is for all statements and everybody unless [`Object::command`] and [`Object::to`] say something else.
///
/// ```
/// use orm::{doctest::Post, schema::{Schema, object::policy}, prelude::*};
///
/// const OWN: Schema = Schema::new(&[Post::DEF])
///     .with(&[policy::<Post>("own").command("select").using("author_id::text = current_setting('app.user')")]);
/// let statements = orm_core::ddl::create_statements(&OWN, &orm::postgres::Postgres);
/// let policy = r#"create policy "own" on "posts" for select to public using (author_id::text = current_setting('app.user'))"#;
/// assert!(statements.iter().any(|sql| sql == policy));
/// ```
pub const fn policy<T: Table<Slots: Stored<T>>>(name: &'static str) -> Object {
    Object::Policy(Policy {
        name,
        table: T::DEF.name,
        restrictive: false,
        command: "all",
        roles: &[],
        using: None,
        check: None,
    })
}

/// Columns of one table: `(Post::title, Post::body)`.
#[diagnostic::on_unimplemented(
    message = "a full-text index is over a tuple of text columns of one table",
    label = "expected columns, as in `(Post::title, Post::body)`"
)]
pub trait IndexedTexts: Copy {
    /// The table.
    const TABLE: &'static TableDef;
    /// The SQL names of the columns.
    const COLUMNS: &'static [&'static str];
}

macro_rules! indexed_texts {
    ($($first:ident $($column:ident)*;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Table, $first: ColumnDef<Table = T, Type: TextColumn>, $($column: ColumnDef<Table = T, Type: TextColumn>,)*>
            IndexedTexts for (Column<$first, T>, $(Column<$column, T>,)*)
        {
            const TABLE: &'static TableDef = T::DEF;
            const COLUMNS: &'static [&'static str] = &[$first::NAME, $($column::NAME),*];
        }
    )*};
}
indexed_texts! {
    A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H;
}

/// Changes what an object is declared with. What does not belong to the kind of object is an error of constant evaluation, which
/// rustc reports where the schema is declared.
impl Object {
    /// The first number of a sequence.
    ///
    /// ```
    /// use orm::schema::object::{Object, sequence};
    ///
    /// assert!(matches!(sequence("numbers").start(7), Object::Sequence(it) if it.start == Some(7)));
    /// ```
    #[must_use]
    pub const fn start(self, start: i64) -> Self {
        match self {
            Self::Sequence(it) => Self::Sequence(Sequence { start: Some(start), ..it }),
            _ => panic!("only a sequence has a first number"),
        }
    }

    /// What a sequence adds for its next number; it may be negative, and not 0.
    ///
    /// ```
    /// use orm::schema::object::{Object, sequence};
    ///
    /// assert!(matches!(sequence("numbers").increment(-1), Object::Sequence(it) if it.increment == -1));
    /// ```
    #[must_use]
    pub const fn increment(self, increment: i64) -> Self {
        match self {
            Self::Sequence(_) if increment == 0 => panic!("a sequence cannot add nothing"),
            Self::Sequence(it) => Self::Sequence(Sequence { increment, ..it }),
            _ => panic!("only a sequence has an increment"),
        }
    }

    /// The smallest and the greatest number of a sequence.
    ///
    /// ```
    /// use orm::schema::object::{Object, sequence};
    ///
    /// assert!(matches!(sequence("numbers").between(1, 99), Object::Sequence(it) if it.max == Some(99)));
    /// ```
    #[must_use]
    pub const fn between(self, min: i64, max: i64) -> Self {
        match self {
            Self::Sequence(it) => Self::Sequence(Sequence { min: Some(min), max: Some(max), ..it }),
            _ => panic!("only a sequence has a smallest and a greatest number"),
        }
    }

    /// Has a sequence begin anew after its last number, instead of failing.
    ///
    /// ```
    /// use orm::schema::object::{Object, sequence};
    ///
    /// assert!(matches!(sequence("numbers").between(1, 99).cycle(), Object::Sequence(it) if it.cycles));
    /// ```
    #[must_use]
    pub const fn cycle(self) -> Self {
        match self {
            Self::Sequence(it) => Self::Sequence(Sequence { cycles: true, ..it }),
            _ => panic!("only a sequence can begin anew"),
        }
    }

    /// How the texts of a full-text index are taken apart, as FTS5 names it: `unicode61`, `porter`, `trigram`.
    ///
    /// ```
    /// use orm::{doctest::Post, schema::object::{Object, full_text}, prelude::*};
    ///
    /// let index = full_text("posts_search", (Post::title,)).tokenizer("trigram");
    /// assert!(matches!(index, Object::FullText(it) if it.tokenizer == Some("trigram")));
    /// ```
    #[must_use]
    pub const fn tokenizer(self, tokenizer: &'static str) -> Self {
        match self {
            Self::FullText(it) => Self::FullText(FullText { tokenizer: Some(tokenizer), ..it }),
            _ => panic!("only a full-text index has a tokenizer"),
        }
    }

    /// Has row security hold for the table's owner too.
    ///
    /// ```
    /// use orm::{doctest::Post, schema::object::{Object, row_security}, prelude::*};
    ///
    /// assert!(matches!(row_security::<Post>().forced(), Object::RowSecurity { forced: true, .. }));
    /// ```
    #[must_use]
    pub const fn forced(self) -> Self {
        match self {
            Self::RowSecurity { table, .. } => Self::RowSecurity { table, forced: true },
            _ => panic!("only row security can be forced"),
        }
    }

    const fn policy(self) -> Policy {
        match self {
            Self::Policy(policy) => policy,
            _ => panic!("only a policy has commands, roles and conditions"),
        }
    }

    /// The statements a policy is for: `all`, `select`, `insert`, `update` or `delete`.
    ///
    /// ```
    /// use orm::{doctest::Post, schema::object::{Object, policy}, prelude::*};
    ///
    /// assert!(matches!(policy::<Post>("own").command("delete"), Object::Policy(it) if it.command == "delete"));
    /// ```
    #[must_use]
    pub const fn command(self, command: &'static str) -> Self {
        Self::Policy(Policy { command, ..self.policy() })
    }

    /// The roles a policy is for. They are not created.
    ///
    /// ```
    /// use orm::{doctest::Post, schema::object::{Object, policy}, prelude::*};
    ///
    /// assert!(matches!(policy::<Post>("own").to(&["app"]), Object::Policy(it) if it.roles == ["app"]));
    /// ```
    #[must_use]
    pub const fn to(self, roles: &'static [&'static str]) -> Self {
        Self::Policy(Policy { roles, ..self.policy() })
    }

    /// The condition of the rows that are there: others are not seen, changed or deleted.
    ///
    /// ```
    /// use orm::{doctest::Post, schema::object::{Object, policy}, prelude::*};
    ///
    /// assert!(matches!(policy::<Post>("short").using("words < 100"), Object::Policy(it) if it.using == Some("words < 100")));
    /// ```
    #[must_use]
    pub const fn using(self, condition: &'static str) -> Self {
        Self::Policy(Policy { using: Some(condition), ..self.policy() })
    }

    /// The condition of the rows that are written: others are refused with an error.
    ///
    /// ```
    /// use orm::{doctest::Post, schema::object::{Object, policy}, prelude::*};
    ///
    /// assert!(matches!(policy::<Post>("short").check("words < 100"), Object::Policy(it) if it.check == Some("words < 100")));
    /// ```
    #[must_use]
    pub const fn check(self, condition: &'static str) -> Self {
        Self::Policy(Policy { check: Some(condition), ..self.policy() })
    }

    /// Has a policy take rows away from what others allow.
    ///
    /// ```
    /// use orm::{doctest::Post, schema::object::{Object, policy}, prelude::*};
    ///
    /// assert!(matches!(policy::<Post>("short").restrictive(), Object::Policy(it) if it.restrictive));
    /// ```
    #[must_use]
    pub const fn restrictive(self) -> Self {
        Self::Policy(Policy { restrictive: true, ..self.policy() })
    }
}
