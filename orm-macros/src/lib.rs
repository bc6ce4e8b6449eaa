//! The derive macros of `orm`. Use them through that crate, which re-exports them.

mod attr;
mod case;
mod check;
mod ctxt;
mod derive;
mod embed;
mod expand;
mod fallback;
mod identifier;
mod model;
mod nearest;

use proc_macro::TokenStream;

/// Makes a struct a table: the struct is a row, and its fields are the columns.
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(Debug, Clone, Table)]
/// pub struct User {
///     #[column(primary_key, default = random_uuid())]
///     pub id: Uuid,
///     pub name: String,
/// }
///
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
///
/// schema! { fn schema() = [User, Post] }
///
/// let db = orm::sqlite::Connection::open_in_memory()?;
/// db.create_all(&schema())?;
/// let ann = User::insert().values(NewUser::new("Ann")).returning().one(&db)?;
/// Post::insert().set(Post::author_id, ann.id).set(Post::title, "Hello").execute(&db)?;
/// let post = Post::select().filter(Post::title.eq("Hello")).one(&db)?;
/// assert_eq!((post.author_id, post.words), (ann.id, None));
/// # Ok::<(), orm::Error>(())
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
/// | `index(a, b desc)`, `index(name = "..", unique, columns(a, expr("lower(b)")), filter = "..")` | An index; its parts are columns or SQL expressions, each `asc` or `desc`, and with `collate "C"` |
/// | `index(method = "gin", columns(a class "gin_trgm_ops"), include(b), with("fillfactor=70"))` | PostgreSQL: the method, the operator class of a part, columns stored along, storage parameters; a part may end with `nulls first` or `nulls last`. SQLite does without |
/// | `index(unique, nulls_not_distinct, columns(a))` | PostgreSQL, from version 15 on: two NULLs are equal |
/// | `check(name = "..")` | A named SQL condition every row meets; several are separated by commas |
/// | `foreign_key(columns(a, b), references = Other(x, y), on_delete = .., on_update = .., deferrable, name = "..")` | A foreign key of one to three columns |
/// | `keyless` | The table has no primary key |
/// | `without_rowid` | SQLite: rows are stored in the order of the primary key |
/// | `soft_delete = deleted_at` | A delete stores its time in this column, an `Option` of a date and time, and queries leave such rows out |
/// | `scope(tenant_id)`, `scope(a, b)` | The columns that say whose a row is: queries are told a value of them, `.scope(..)` |
/// | `strict = false` | SQLite: the table takes values of any type, as tables do that are not `strict` |
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
/// | `auto_increment = serial`, `= always`, `= rowid` | The same as older schemas have it: PostgreSQL's `serial`, its `generated always as identity`, a key of SQLite without `autoincrement`. Another database takes it for `auto_increment` |
/// | `unique`, `unique = "constraint_name"` | No two rows have the same value |
/// | `index` | An index of this column |
/// | `check = ".."` | An SQL condition every row meets, named `<table>_<column>_check` |
/// | `default = ..` | What a new row gets: a literal, `now()`, `random_uuid()`, `sql("..")`, or an enum's variant such as `Role::Member` |
/// | `on_update = ..` | What an update stores that does not set the column: the same forms |
/// | `generated = ".."`, `generated(virtual = "..")` | The SQL expression that computes the column, stored or computed when read |
/// | `references = User::id` | A foreign key, to a column that is unique and of the same type |
/// | `on_delete = ..`, `on_update = ..` | With `references`: `no_action`, `restrict`, `cascade`, `set_null` or `set_default` |
/// | `deferrable`, `deferrable = initially_deferred` | With `references`: a transaction can put off the check, or does so by itself |
/// | `length = 255` | The greatest length of a text, in characters |
/// | `precision = 10, scale = 2` | The digits of a decimal number, and how many of them follow the point |
/// | `collation = ".."` | The collation by which values are compared |
/// | `comment = ".."` | A comment stored with the column |
/// | `renamed_from = ".."` | The column's former name, for the migration that renames it |
/// | `version` | Integers that count the changes of a row, from 1 or the `default` on; `.version(..)` of an update says which was read |
/// | `postgres(type = "..")`, `sqlite(type = "..")` | The column's type in one of the databases, instead of the usual one; SQLite then has no check that keeps a `bool` or an enum to its values |
#[proc_macro_derive(Table, attributes(table, column))]
pub fn derive_table(input: TokenStream) -> TokenStream {
    derive::table(input.into()).into()
}

/// Makes a struct a view: the rows of a query that the database keeps under a name, read like those of a table.
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(Debug, Table)]
/// pub struct Post {
///     #[column(primary_key)]
///     pub id: i64,
///     pub author_id: i64,
///     pub words: i32,
/// }
///
/// #[derive(Debug, PartialEq, View)]
/// #[view(name = "author_stats", as = "select author_id, count(*) as posts, max(words) as longest from posts group by author_id")]
/// pub struct AuthorStats {
///     pub author_id: i64,
///     pub posts: i64,
///     pub longest: Option<i32>,
/// }
///
/// schema! { fn schema() = [Post, AuthorStats] }
///
/// let db = orm::sqlite::Connection::open_in_memory()?;
/// db.create_all(&schema())?;
/// Post::insert_many(&[NewPost::new(1, 7, 900), NewPost::new(2, 7, 1200), NewPost::new(3, 8, 400)]).execute(&db)?;
/// let busy = AuthorStats::select().filter(AuthorStats::posts.gt(1)).all(&db)?;
/// assert_eq!(busy, [AuthorStats { author_id: 7, posts: 2, longest: Some(1200) }]);
/// # Ok::<(), orm::Error>(())
/// ```
///
/// A field is the column of the query that has its name, in any order. A field of type `Option<T>` may be NULL; for any other the query
/// never gives NULL, or reading the row is an error. Besides the struct there are:
///
/// * `AuthorStats::posts` and so on: the columns, to write queries with.
/// * `AuthorStatsAlias`: the columns of the view under another name, see [`alias!`].
/// * `AuthorStats::refresh(&db)`, if the view is materialized.
///
/// There is nothing to write rows with. Relations lead from and to a view by [`relations!`] with `on`.
///
/// # On the struct: `#[view(..)]`
///
/// | Attribute | Meaning |
/// |---|---|
/// | `name = "author_stats"` | The view's name. Without it: the struct's name in snake case |
/// | `as = "select .."` | The query |
/// | `postgres = "select .."`, `sqlite = "select .."` | The query in the words of each database, instead of `as`. If one of them is missing, the view is only in schemas of the other database |
/// | `materialized` | PostgreSQL stores the rows, until `refresh`. On SQLite the view is a plain one |
/// | `rename_all = "camelCase"` | How column names are made from field names, as for tables |
/// | `crate = path` | Where `orm` is, if it is not `::orm` |
///
/// # On a field: `#[column(..)]`
///
/// | Attribute | Meaning |
/// |---|---|
/// | `name = ".."` | The column's name |
/// | `primary_key` | The query gives each value of this column once, or of these columns together: `find` takes it. The database does not check it |
#[proc_macro_derive(View, attributes(view, column))]
pub fn derive_view(input: TokenStream) -> TokenStream {
    derive::view(input.into()).into()
}

/// Makes an enum without data storable: a PostgreSQL enum type, on SQLite a text with a check.
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
/// #[db_enum(name = "user_role")]
/// pub enum Role {
///     Owner,
///     #[db_enum(name = "plain_member")]
///     Member,
/// }
/// assert_eq!((Role::Owner.label(), Role::Member.label()), ("owner", "plain_member"));
///
/// #[derive(Debug, Table)]
/// struct User {
///     #[column(primary_key, auto_increment)]
///     id: i64,
///     #[column(default = Role::Member)]
///     role: Role,
/// }
/// schema! { fn schema() = [User] }
///
/// let db = orm::sqlite::Connection::open_in_memory()?;
/// db.create_all(&schema())?;
/// User::insert().default_values().execute(&db)?;
/// assert_eq!(User::select().filter(User::role.eq(Role::Member)).count(&db)?, 1);
/// # Ok::<(), orm::Error>(())
/// ```
///
/// Labels are the variants' names in snake case. Values are equal or not; they have no `<`, since they sort in the
/// order of the variants on PostgreSQL, and as text on SQLite. Reading a label that is not among the variants is an
/// error.
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
/// ```
/// use orm::prelude::*;
///
/// #[derive(Debug, Clone, Copy, PartialEq, DbType)]
/// pub struct UserId(pub i64);
///
/// #[derive(Debug, Table)]
/// struct User {
///     #[column(primary_key)]
///     id: UserId,
///     name: String,
/// }
/// schema! { fn schema() = [User] }
///
/// let db = orm::sqlite::Connection::open_in_memory()?;
/// db.create_all(&schema())?;
/// User::insert().set(User::id, UserId(7)).set(User::name, "Ann").execute(&db)?;
/// assert_eq!(User::find(UserId(7)).one(&db)?.name, "Ann");
/// # Ok::<(), orm::Error>(())
/// ```
///
/// A column of type `UserId` can only be compared with others of that type, so that keys of different tables are not
/// mixed up:
///
/// ```compile_fail,E0277
/// # use orm::prelude::*;
/// # #[derive(DbType)]
/// # pub struct UserId(pub i64);
/// # #[derive(Table)]
/// # struct User {
/// #     #[column(primary_key)]
/// #     id: UserId,
/// # }
/// let user = User::find(7);
/// ```
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
/// ```
/// use orm::{doctest::*, prelude::*};
/// # let db = orm::doctest::sqlite();
///
/// #[derive(Debug, PartialEq, Row)]
/// struct Activity {
///     name: String,
///     posts: i64,
///     longest: Option<i32>,
/// }
///
/// let rows: Vec<Activity> = User::select()
///     .left_join(Post::on(Post::author_id.eq(User::id)))
///     .group_by(User::id)
///     .columns(ActivityColumns { name: User::name, posts: count(Post::id), longest: max(Post::words) })
///     .order_by(User::name)
///     .all(&db)?;
/// assert_eq!(rows[0], Activity { name: "Anna".to_owned(), posts: 2, longest: Some(1200) });
/// assert_eq!(rows[1], Activity { name: "Bob".to_owned(), posts: 0, longest: None });
/// # Ok::<(), orm::Error>(())
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
/// ```
/// use orm::prelude::*;
///
/// #[derive(Debug, Table)]
/// #[table(new(derive(Debug)))]
/// struct Employee {
///     #[column(primary_key)]
///     id: i64,
///     name: String,
///     #[column(references = Employee::id)]
///     manager_id: Option<i64>,
/// }
/// schema! { fn schema() = [Employee] }
///
/// alias!(Manager);
///
/// let db = orm::sqlite::Connection::open_in_memory()?;
/// db.create_all(&schema())?;
/// let ann = NewEmployee::new(1, "Ann");
/// let bob = NewEmployee { manager_id: Some(1), ..NewEmployee::new(2, "Bob") };
/// Employee::insert_many(&[ann, bob]).execute(&db)?;
///
/// let manager = Employee::alias::<Manager>();
/// let pairs: Vec<(String, Option<String>)> = Employee::select()
///     .left_join(manager.on(manager.id.eq(Employee::manager_id)))
///     .columns((Employee::name, manager.name))
///     .order_by(Employee::id)
///     .all(&db)?;
/// assert_eq!(pairs, [("Ann".to_owned(), None), ("Bob".to_owned(), Some("Ann".to_owned()))]);
/// # Ok::<(), orm::Error>(())
/// ```
///
/// In SQL it is the name in snake case, `manager`; `alias!(pub Manager as "mgr")` says another one. A visibility and
/// documentation may stand before the name. `alias!(crate = renamed, Manager)` is for a crate that knows `orm` by another
/// name.
#[proc_macro]
pub fn alias(input: TokenStream) -> TokenStream {
    derive::alias(input.into()).into()
}

/// Declares how the rows of tables lead to each other: `User::posts`, `Post::author`.
///
/// A relation is `many(Table)`, `one(Table)` or `optional(Table)`, and is found by the foreign key between the two tables:
///
/// - `many`: the other table has the key.
/// - `one`: this table has the key, and it is never NULL.
/// - `optional`: this table has the key, or the other one has it and it is unique.
///
/// What follows says more:
///
/// - `via author_id`, `via (tenant_id, author_id)`: which key is meant, where there are several.
/// - `through(Membership)`: many to many, by the keys of a table between; `through(Follow: follower_id -> followed_id)`
///   says which key leads to this table and which to the other one.
/// - `on(id = user_id)`: rows with equal values of these columns, this table's first; for views, which have no keys.
/// - `filter(Post::published.eq(true))`: only rows that meet a condition.
///   Values in it are taken once, when it is used for the first time: for the time of a query, use `now()`.
/// - `unscoped`: a table without a scope leads to rows of a scoped one, whosever they are. Otherwise both have the same scope, and
///   only rows of the same value of it are related.
///
/// A relation of a table to itself by a key that is unique follows the key; `on(id = next_id)` leads the other way.
///
/// A table may be named several times, and relations need not be declared on both sides. A row that is loaded with a
/// relation has a method of its name.
///
/// ```
/// use orm::prelude::*;
///
/// #[derive(Table)]
/// struct User {
///     #[column(primary_key)]
///     id: i64,
///     name: String,
/// }
///
/// #[derive(Table)]
/// struct Post {
///     #[column(primary_key)]
///     id: i64,
///     #[column(references = User::id)]
///     author_id: i64,
///     title: String,
/// }
///
/// relations! {
///     User { posts: many(Post), }
///     Post { author: one(User), }
/// }
/// schema! { fn schema() = [User, Post] }
///
/// let db = orm::sqlite::Connection::open_in_memory()?;
/// db.create_all(&schema())?;
/// User::insert_many(&[NewUser::new(1, "Anna")]).execute(&db)?;
/// Post::insert_many(&[NewPost::new(1, 1, "Ownership")]).execute(&db)?;
///
/// let anna = User::find(1).with(User::posts).one(&db)?;
/// assert_eq!(anna.posts()[0].title, "Ownership");
/// # Ok::<(), orm::Error>(())
/// ```
#[proc_macro]
pub fn relations(input: TokenStream) -> TokenStream {
    derive::relations(input.into()).into()
}

/// The migrations of a folder, as constants of the program: `embedded_migrations!("migrations")`. The folder is relative to the
/// `Cargo.toml` of the crate.
///
/// The compiler does not see that a folder has a new migration. A `build.rs` that prints `cargo:rerun-if-changed=migrations` tells it.
#[proc_macro]
pub fn embedded_migrations(input: TokenStream) -> TokenStream {
    embed::embedded_migrations(input.into()).into()
}
