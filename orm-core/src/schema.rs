//! What a schema says about its tables, as constant data.
//!
//! `#[derive(Table)]` writes one [`TableDef`] per table. Everything that works on a schema without knowing its Rust
//! types reads these: `create_all`, the migration kit, the names in error messages.

mod build;
pub mod object;
mod typed;

pub use self::typed::{
    BoolColumn, DecimalColumn, FloatColumn, IntegerColumn, NoKey, NoKeyEither, SameKeyType, TemporalColumn, TextColumn,
    TimestampColumn, UuidColumn, defaults, references, references_pair, references_triple,
};
use crate::types::SqlType;

/// The tables and views (and with them the enum types) and [other objects](object) that belong to a database, in the order they were
/// named.
///
/// Written with `schema!`:
///
/// ```
/// use orm::{doctest::{Post, User}, prelude::*};
///
/// schema! { fn schema() = [User, Post] }
/// assert_eq!(schema().tables().len(), 2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schema {
    tables: &'static [&'static TableDef],
    objects: &'static [object::Object],
}

impl Schema {
    /// A schema of these tables.
    ///
    /// What [`schema!`](crate::schema!) calls.
    ///
    /// ```
    /// use orm::{doctest::User, prelude::*, schema::Schema};
    ///
    /// const USERS: Schema = Schema::new(&[User::DEF]);
    /// assert_eq!(USERS.tables()[0].name, "users");
    /// ```
    pub const fn new(tables: &'static [&'static TableDef]) -> Self {
        Self { tables, objects: &[] }
    }

    /// The schema with these objects beside its tables, instead of those it had.
    ///
    /// What [`schema!`](crate::schema!) calls.
    ///
    /// ```
    /// use orm::schema::{Schema, object::extension};
    ///
    /// const SCHEMA: Schema = Schema::new(&[]).with(&[extension("citext")]);
    /// assert_eq!(SCHEMA.objects().len(), 1);
    /// ```
    #[must_use]
    pub const fn with(self, objects: &'static [object::Object]) -> Self {
        Self { objects, ..self }
    }

    /// The tables and views, in the order they were named; [`TableDef::view`] tells which are views.
    ///
    /// ```
    /// let names: Vec<&str> = orm::doctest::schema().tables().iter().map(|table| table.name).collect();
    /// assert_eq!(names, ["users", "posts"]);
    /// ```
    pub const fn tables(&self) -> &'static [&'static TableDef] {
        self.tables
    }

    /// What there is beside tables, in the order it was named.
    ///
    /// ```
    /// assert!(orm::doctest::schema().objects().is_empty());
    /// ```
    pub const fn objects(&self) -> &'static [object::Object] {
        self.objects
    }

    /// The table or view of this SQL name.
    ///
    /// ```
    /// let schema = orm::doctest::schema();
    /// let posts = schema.table("posts").expect("the table of `Post`");
    /// assert_eq!((posts.rust_name, posts.foreign_keys[0].table), ("Post", "users"));
    /// assert!(schema.table("comments").is_none());
    /// ```
    pub fn table(&self, name: &str) -> Option<&'static TableDef> {
        self.tables.iter().copied().find(|table| table.name == name)
    }

    /// The enum types used by the columns of tables and views, each once.
    ///
    /// ```
    /// let enums = orm::doctest::schema().enums();
    /// assert_eq!((enums[0].name, enums[0].labels), ("user_role", &["owner", "member"][..]));
    /// ```
    pub fn enums(&self) -> Vec<&'static EnumDef> {
        let mut enums: Vec<&'static EnumDef> = Vec::new();
        for column in self.tables.iter().flat_map(|table| table.columns) {
            let ty = match column.sql_type {
                SqlType::Array(item) => *item,
                ty => ty,
            };
            if let SqlType::Enum(def) = ty
                && !enums.iter().any(|known| known.name == def.name)
            {
                enums.push(def);
            }
        }
        enums
    }
}

/// A table: its columns, keys, constraints and indexes. Or a view, which is read like a table and stores nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableDef {
    /// The SQL name.
    pub name: &'static str,
    /// The Rust struct it comes from.
    pub rust_name: &'static str,
    /// The columns, in the order of the struct's fields.
    pub columns: &'static [ColumnInfo],
    /// The names of the primary key's columns; empty for a table declared `keyless`.
    pub primary_key: &'static [&'static str],
    /// Unique constraints, those of single columns included.
    pub uniques: &'static [UniqueDef],
    /// Foreign keys, those of single columns included.
    pub foreign_keys: &'static [ForeignKeyDef],
    /// Check constraints.
    pub checks: &'static [CheckDef],
    /// Indexes other than those of the primary key and of unique constraints.
    pub indexes: &'static [IndexDef],
    /// The name this table had before, if it is being renamed.
    pub renamed_from: Option<&'static str>,
    /// The comment stored with the table.
    pub comment: Option<&'static str>,
    /// SQLite: no hidden row id, the rows are stored in the primary key's order.
    pub without_rowid: bool,
    /// The column with the time at which a row was deleted, if a delete only marks rows: those in which it is NULL are
    /// not deleted.
    pub soft_delete: Option<&'static str>,
    /// The columns that every query gives a value of, so that it is about one tenant's rows; empty if rows belong to
    /// nobody.
    pub scope: &'static [&'static str],
    /// The column that counts the changes of a row.
    pub version: Option<&'static str>,
    /// SQLite: values are checked against the types of their columns, as far as `strict` tables know these types.
    pub strict: bool,
    /// What makes this a view; `None` for a table.
    pub view: Option<&'static ViewDef>,
}

impl TableDef {
    /// A table with nothing declared but its columns.
    pub const fn new(name: &'static str, rust_name: &'static str, columns: &'static [ColumnInfo]) -> Self {
        Self {
            name,
            rust_name,
            columns,
            primary_key: &[],
            uniques: &[],
            foreign_keys: &[],
            checks: &[],
            indexes: &[],
            renamed_from: None,
            comment: None,
            without_rowid: false,
            soft_delete: None,
            scope: &[],
            version: None,
            strict: true,
            view: None,
        }
    }

    /// The column of this SQL name.
    ///
    /// ```
    /// use orm::{doctest::User, prelude::*};
    ///
    /// let age = User::DEF.column("age").expect("a column of `User`");
    /// assert!(age.nullable && age.default.is_none());
    /// ```
    pub fn column(&self, name: &str) -> Option<&ColumnInfo> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A view: the query whose rows it has, in the words of each database.
///
/// Written by `#[derive(View)]`; the columns are those of the [`TableDef`] that has it.
///
/// ```
/// use orm::schema::{TableDef, ViewDef};
///
/// const VIEW: ViewDef = ViewDef { postgres: Some("select 1 as one"), sqlite: Some("select 1 as one"), materialized: false };
/// const DEF: TableDef = TableDef { view: Some(&VIEW), ..TableDef::new("ones", "One", &[]) };
/// assert!(DEF.view.is_some_and(|view| !view.materialized));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewDef {
    /// The query on PostgreSQL; `None` if the view is not there.
    pub postgres: Option<&'static str>,
    /// The query on SQLite; `None` if the view is not there.
    pub sqlite: Option<&'static str>,
    /// PostgreSQL: the rows are stored, as they were when the view was created or last refreshed. SQLite has no such views
    /// and runs the query each time.
    pub materialized: bool,
}

impl ViewDef {
    /// The query, in the words of each database that has the view.
    ///
    /// ```
    /// use orm::schema::ViewDef;
    ///
    /// let view = ViewDef { postgres: None, sqlite: Some("select 1 as one"), materialized: false };
    /// assert_eq!(view.query().sqlite, Some("select 1 as one"));
    /// ```
    pub const fn query(&self) -> object::Statement {
        object::Statement { postgres: self.postgres, sqlite: self.sqlite }
    }
}

/// A column: its type and everything declared beside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ColumnInfo {
    /// The SQL name.
    pub name: &'static str,
    /// The name of the struct's field.
    pub rust_name: &'static str,
    /// The neutral SQL type, which each dialect spells in its own way.
    pub sql_type: SqlType,
    /// Whether NULL may be stored.
    pub nullable: bool,
    /// Whether the database numbers new rows by itself.
    pub auto_increment: bool,
    /// How it does so.
    pub numbering: Numbering,
    /// What a new row gets when no value is given.
    pub default: Option<DefaultDef>,
    /// What an update stores when it does not set the column.
    pub on_update: Option<DefaultDef>,
    /// The expression that computes the column.
    pub generated: Option<GeneratedDef>,
    /// The greatest length of a text, in characters.
    pub length: Option<u32>,
    /// The number of digits of a decimal, and how many of them follow the point.
    pub precision: Option<(u32, u32)>,
    /// The collation by which values are compared.
    pub collation: Option<&'static str>,
    /// The comment stored with the column.
    pub comment: Option<&'static str>,
    /// The name this column had before, if it is being renamed.
    pub renamed_from: Option<&'static str>,
    /// The type as written in PostgreSQL, instead of the usual spelling of `sql_type`.
    pub postgres_type: Option<&'static str>,
    /// The type as written in SQLite, instead of the usual spelling of `sql_type`.
    pub sqlite_type: Option<&'static str>,
}

impl ColumnInfo {
    /// A column with nothing declared but its name and type.
    pub const fn new(name: &'static str, rust_name: &'static str, sql_type: SqlType, nullable: bool) -> Self {
        Self {
            name,
            rust_name,
            sql_type,
            nullable,
            auto_increment: false,
            numbering: Numbering::Identity,
            default: None,
            on_update: None,
            generated: None,
            length: None,
            precision: None,
            collation: None,
            comment: None,
            renamed_from: None,
            postgres_type: None,
            sqlite_type: None,
        }
    }
}

/// How a database numbers new rows. What one database does not have is like `Identity` there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Numbering {
    /// By numbers that are never used again. An insert may bring one of its own.
    #[default]
    Identity,
    /// PostgreSQL: like `Identity`, but an insert may not bring a number.
    Always,
    /// PostgreSQL: by the next number of a sequence, as columns of the type `serial` have it.
    Serial,
    /// SQLite: by the number after the greatest that is there.
    RowId,
}

/// What a default, or an `on_update`, stores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum DefaultDef {
    /// The time of the statement.
    Now,
    /// A random (version 4) UUID.
    RandomUuid,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Integer(i64),
    /// A floating-point number.
    Float(f64),
    /// A text, or the label of an enum's variant.
    Text(&'static str),
    /// An SQL expression, as the database reads it.
    Sql(&'static str),
}

/// How a generated column is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GeneratedDef {
    /// The SQL expression.
    pub expression: &'static str,
    /// Whether the value is kept with the row or computed when read.
    pub storage: GeneratedStorage,
}

/// Where the value of a generated column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeneratedStorage {
    /// Kept with the row.
    Stored,
    /// Computed when read. PostgreSQL has this from version 18 on.
    Virtual,
}

/// A unique constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UniqueDef {
    /// The name, if one was given.
    pub name: Option<&'static str>,
    /// The columns that are unique together.
    pub columns: &'static [&'static str],
}

impl UniqueDef {
    /// The constraint of these columns.
    pub const fn new(name: Option<&'static str>, columns: &'static [&'static str]) -> Self {
        Self { name, columns }
    }
}

/// A foreign key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForeignKeyDef {
    /// The name, if one was given.
    pub name: Option<&'static str>,
    /// The referring columns.
    pub columns: &'static [&'static str],
    /// The table referred to.
    pub table: &'static str,
    /// The columns referred to, in the order of `columns`.
    pub references: &'static [&'static str],
    /// What happens to the referring rows when the row referred to is deleted.
    pub on_delete: ForeignKeyAction,
    /// What happens to the referring rows when the key referred to changes.
    pub on_update: ForeignKeyAction,
    /// When it is checked.
    pub deferrable: Deferrable,
}

/// When a foreign key is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deferrable {
    /// By every statement.
    #[default]
    No,
    /// By every statement, unless a transaction defers it.
    InitiallyImmediate,
    /// At the end of the transaction.
    InitiallyDeferred,
}

/// What a foreign key does when the row it refers to goes away or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForeignKeyAction {
    /// The statement fails, at its end.
    #[default]
    NoAction,
    /// The statement fails, at once.
    Restrict,
    /// The referring rows are deleted or changed too.
    Cascade,
    /// The referring columns become NULL.
    SetNull,
    /// The referring columns get their default.
    SetDefault,
}

/// A check constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckDef {
    /// The constraint's name.
    pub name: &'static str,
    /// The SQL condition every row meets.
    pub condition: &'static str,
}

/// An index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexDef {
    /// The name, if one was given.
    pub name: Option<&'static str>,
    /// Whether two rows may not have equal keys.
    pub unique: bool,
    /// The parts of the key, the leading one first.
    pub parts: &'static [IndexPart],
    /// The SQL condition of the rows that are in the index; `None` for all rows.
    pub filter: Option<&'static str>,
    /// What only PostgreSQL's indexes have.
    pub options: IndexOptions,
}

/// What an index of PostgreSQL has beyond its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexOptions {
    /// The access method: `gin`; `None` for a B-tree.
    pub method: Option<&'static str>,
    /// The columns that are stored along without being part of the key.
    pub include: &'static [&'static str],
    /// Storage parameters, such as `fillfactor=70`.
    pub with: &'static [&'static str],
    /// Two NULLs count as equal.
    pub nulls_not_distinct: bool,
}

impl IndexOptions {
    /// A plain index.
    pub const NONE: Self = Self { method: None, include: &[], with: &[], nulls_not_distinct: false };
}

/// One part of an index key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexPart {
    /// What is indexed.
    pub key: IndexKey,
    /// In which order.
    pub order: IndexOrder,
    /// How values are compared, and where NULLs are.
    pub options: PartOptions,
}

/// What a part of an index says beyond what is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartOptions {
    /// The collation, if it is not that of the column.
    pub collation: Option<&'static str>,
    /// PostgreSQL: the operator class, if it is not the type's own.
    pub operator_class: Option<&'static str>,
    /// PostgreSQL: whether NULLs are first, if not where the order puts them.
    pub nulls_first: Option<bool>,
}

impl PartOptions {
    /// A plain part.
    pub const NONE: Self = Self { collation: None, operator_class: None, nulls_first: None };
}

/// What a part of an index is computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexKey {
    /// A column, by its SQL name.
    Column(&'static str),
    /// An SQL expression.
    Expression(&'static str),
}

/// The order of a part of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IndexOrder {
    /// Smallest first.
    #[default]
    Ascending,
    /// Greatest first.
    Descending,
}

/// An enum type: its name and labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EnumDef {
    /// The SQL name of the type.
    pub name: &'static str,
    /// The labels, in the order of the variants.
    pub labels: &'static [&'static str],
}

#[doc(hidden)]
impl ForeignKeyDef {
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    #[must_use]
    pub const fn deferrable(mut self, deferrable: Deferrable) -> Self {
        self.deferrable = deferrable;
        self
    }
}

/// The name of a constraint or index for which none was given: `posts_author_id_fkey`, `posts_title_key`,
/// `posts_author_id_idx`.
///
/// A name longer than 63 bytes, which PostgreSQL would cut silently, is cut here and ended with a hash of the whole.
///
/// ```
/// use orm::schema::constraint_name;
///
/// assert_eq!(constraint_name("posts", &["author_id"], "fkey"), "posts_author_id_fkey");
/// ```
pub fn constraint_name(table: &str, columns: &[&str], suffix: &str) -> String {
    let name = format!("{table}_{}_{suffix}", columns.join("_"));
    shorten(name)
}

fn shorten(name: String) -> String {
    const LONGEST: usize = 63;
    if name.len() <= LONGEST {
        return name;
    }
    // FNV-1a: a hash that stays the same across releases, since the result is stored in databases.
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let mut cut = LONGEST - 9;
    while !name.is_char_boundary(cut) {
        cut -= 1;
    }
    format!("{}_{hash:08x}", &name[..cut])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_built_from_the_table_and_its_columns() {
        assert_eq!(constraint_name("posts", &["author_id", "title"], "key"), "posts_author_id_title_key");
    }

    #[test]
    fn long_names_are_cut_at_a_character_and_stay_different() {
        let a = constraint_name(&"ä".repeat(40), &["x"], "key");
        let b = constraint_name(&"ä".repeat(40), &["y"], "key");
        assert!(a.len() <= 63 && b.len() <= 63);
        assert_ne!(a, b);
    }
}
