//! The derive macros of `orm`. Use them through that crate, which re-exports them.

mod attr;
mod case;
mod check;
mod ctxt;
mod derive;
mod expand;
mod fallback;
mod identifier;
mod model;
mod nearest;

use proc_macro::TokenStream;

/// Makes a struct a table: the struct is a row, and its fields are the columns.
///
/// ```text
/// #[derive(Debug, Clone, Table)]
/// #[table(name = "posts", index(author_id, created_at desc), check(word_count = "words >= 0"))]
/// pub struct Post {
///     #[column(primary_key, auto_increment)]
///     pub id: i64,
///     #[column(references = User::id, on_delete = cascade)]
///     pub author_id: Uuid,
///     #[column(length = 200)]
///     pub title: String,
///     pub words: Option<i32>,
///     #[column(default = now())]
///     pub created_at: DateTime<Utc>,
/// }
/// ```
///
/// A field of type `Option<T>` is a column that may be NULL, any other is NOT NULL. Field names are column names.
/// Besides the struct there are then:
///
/// * `Post::title` and so on: the columns, to write queries with.
/// * `NewPost`: a row to insert. Columns that have a default or may be NULL are `Option`s; `NewPost::new(..)` takes the
///   others.
/// * `PostChanges`: changes to a row, every column an `Option`, with a `Default`.
/// * `PostAlias`: the columns of the table under another name, see [`alias!`].
///
/// Documentation and `#[deprecated]` on a field are carried to all of these.
///
/// # On the struct: `#[table(..)]`
///
/// Columns are named by their fields.
///
/// | Attribute | Meaning |
/// |---|---|
/// | `name = "posts"` | The table's name. Without it: the struct's name in snake case and plural, such as `blog_posts` of `BlogPost` |
/// | `rename_all = "camelCase"` | How column names are made from field names: `camelCase`, `PascalCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case` |
/// | `unique(a, b)`, `unique(name = "..", columns(a, b))` | Columns that are unique together |
/// | `index(a, b desc)`, `index(name = "..", unique, columns(a, expr("lower(b)")), filter = "..")` | An index; its parts are columns or SQL expressions, each `asc` or `desc` |
/// | `check(name = "..")` | A named SQL condition every row meets; several are separated by commas |
/// | `foreign_key(columns(a, b), references = Other(x, y), on_delete = .., on_update = .., name = "..")` | A foreign key of one to three columns |
/// | `keyless` | The table has no primary key |
/// | `without_rowid` | SQLite: rows are stored in the order of the primary key |
/// | `comment = ".."` | A comment stored with the table |
/// | `renamed_from = ".."` | The table's former name, for the migration that renames it |
/// | `new(derive(..))`, `changes(derive(..))` | Derives for `NewPost` and `PostChanges` |
/// | `crate = path` | Where `orm` is, if it is not `::orm` |
///
/// # On a field: `#[column(..)]`
///
/// | Attribute | Meaning |
/// |---|---|
/// | `name = ".."` | The column's name |
/// | `primary_key` | Part of the primary key, which is composite if several fields have it |
/// | `auto_increment` | The database numbers new rows |
/// | `unique`, `unique = "constraint_name"` | No two rows have the same value |
/// | `index` | An index of this column |
/// | `check = ".."` | An SQL condition every row meets, named `<table>_<column>_check` |
/// | `default = ..` | What a new row gets: a literal, `now()`, `random_uuid()`, `sql("..")`, or an enum's variant such as `Role::Member` |
/// | `on_update = ..` | What an update stores that does not set the column: the same forms |
/// | `generated = ".."`, `generated(virtual = "..")` | The SQL expression that computes the column, stored or computed when read |
/// | `references = User::id` | A foreign key, to a column that is unique and of the same type |
/// | `on_delete = ..`, `on_update = ..` | With `references`: `no_action`, `restrict`, `cascade`, `set_null` or `set_default` |
/// | `length = 255` | The greatest length of a text, in characters |
/// | `precision = 10, scale = 2` | The digits of a decimal number, and how many of them follow the point |
/// | `collation = ".."` | The collation by which values are compared |
/// | `comment = ".."` | A comment stored with the column |
/// | `renamed_from = ".."` | The column's former name, for the migration that renames it |
/// | `postgres(type = "..")`, `sqlite(type = "..")` | The column's type in one of the databases, instead of the usual one |
#[proc_macro_derive(Table, attributes(table, column))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    derive::table(input.into()).into()
}

/// Makes an enum without data storable: a PostgreSQL enum type, on SQLite a text with a check.
///
/// ```text
/// #[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
/// #[db_enum(name = "user_role")]
/// pub enum Role {
///     Owner,
///     #[db_enum(name = "plain_member")]
///     Member,
/// }
/// ```
///
/// Labels are the variants' names in snake case, and sort in the order of the variants on PostgreSQL.
///
/// | Attribute | Meaning |
/// |---|---|
/// | `name = ".."` on the enum | The name of the SQL type. Without it: the enum's name in snake case |
/// | `rename_all = "camelCase"` on the enum | How labels are made from variants: `camelCase`, `PascalCase`, `snake_case`, `SCREAMING_SNAKE_CASE`, `kebab-case` |
/// | `name = ".."` on a variant | Its label |
/// | `crate = path` on the enum | Where `orm` is, if it is not `::orm` |
#[proc_macro_derive(DbEnum, attributes(db_enum))]
pub fn derive_db_enum(input: TokenStream) -> TokenStream {
    derive::db_enum(input.into()).into()
}

/// Makes a struct around a single value storable, as that value is.
///
/// ```text
/// #[derive(Debug, Clone, Copy, PartialEq, DbType)]
/// pub struct UserId(pub Uuid);
/// ```
///
/// A column of type `UserId` can only be compared with others of that type, so that keys of different tables are not
/// mixed up.
///
/// | Attribute | Meaning |
/// |---|---|
/// | `#[db_type(crate = path)]` | Where `orm` is, if it is not `::orm` |
#[proc_macro_derive(DbType, attributes(db_type))]
pub fn derive_db_type(input: TokenStream) -> TokenStream {
    derive::db_type(input.into()).into()
}

/// Makes a struct the row type of queries that name their columns.
///
/// ```text
/// #[derive(Debug, Row)]
/// struct Activity {
///     name: String,
///     posts: i64,
/// }
///
/// let rows: Vec<Activity> = User::select()
///     .left_join(User::posts)
///     .group_by(User::id)
///     .columns(ActivityColumns { name: User::name, posts: count(Post::id) })
///     .all(&db)?;
/// ```
///
/// `ActivityColumns` has the same fields, each holding the expression that fills the field of the row. An expression
/// that can be NULL needs an `Option`.
///
/// | Attribute | Meaning |
/// |---|---|
/// | `#[row(crate = path)]` | Where `orm` is, if it is not `::orm` |
#[proc_macro_derive(Row, attributes(row))]
pub fn derive_row(input: TokenStream) -> TokenStream {
    derive::row(input.into()).into()
}

/// Declares a name under which a table can be joined once more.
///
/// ```text
/// alias!(Manager);
///
/// let manager = Employee::alias::<Manager>();
/// let pairs = Employee::select()
///     .left_join(manager.on(manager.id.eq(Employee::manager_id)))
///     .columns((Employee::name, manager.name));
/// ```
///
/// In SQL it is the name in snake case, `manager`; `alias!(pub Manager as "mgr")` says another one. A visibility and
/// documentation may stand before the name.
#[proc_macro]
pub fn alias(input: TokenStream) -> TokenStream {
    derive::alias(input.into()).into()
}
