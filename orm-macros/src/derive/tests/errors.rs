//! Every message.

use super::{derive_input, pretty, table_errors, tokens};
use crate::{ctxt::Ctxt, derive, model};

/// Asserts that a struct gives exactly these messages; an expected message may be the beginning.
#[track_caller]
fn check(source: &str, expected: &[&str]) {
    compare(&table_errors(source), expected);
}

#[track_caller]
fn compare(messages: &[String], expected: &[&str]) {
    let same = messages.len() == expected.len()
        && messages.iter().zip(expected).all(|(message, expected)| message.starts_with(expected));
    assert!(same, "{messages:#?}\n are not \n{expected:#?}");
}

/// Like `check`, with this field beside a primary key.
#[track_caller]
fn field(field: &str, expected: &[&str]) {
    check(&format!("struct User {{ #[column(primary_key)] id: i64, {field} }}"), expected);
}

/// Like `check`, with this attribute on a struct with the fields `id`, `email` and `age`.
#[track_caller]
fn attribute(attribute: &str, expected: &[&str]) {
    let fields = "#[column(primary_key)] id: i64, email: String, age: Option<i32>";
    check(&format!("#[table({attribute})] struct User {{ {fields} }}"), expected);
}

#[test]
fn all_errors_are_reported_at_once() {
    check(
        r#"
        #[table(name = "", index(emial), colour = "red")]
        struct User {
            id: i64,
            #[column(lenght = 255, unique(a))]
            email: String,
            #[column(auto_increment)]
            age: Option<i32>,
        }
        "#,
        &[
            "unknown attribute `colour` in `#[table(..)]`; known: `name`, `rename_all`, `unique`, `index`, `check`, `foreign_key`, `keyless`",
            "the table name is empty",
            "unknown attribute `lenght` in `#[column(..)]`; did you mean `length`? known: `name`, `primary_key`",
            "a constraint of several columns belongs on the struct, as `#[table(unique(a, b))]`",
            "`User` has no field `emial`; did you mean `email`? known: `id`, `email`, `age`",
            "`User` has no primary key; mark the field or fields of the key with `#[column(primary_key)]`, or the struct with `#[table(keyless)]`",
            "`users.age` is `auto_increment` and cannot be an `Option`",
        ],
    );
}

#[test]
fn keys() {
    check("struct User { id: i64 }", &["`User` has no primary key; mark"]);
    check(
        "struct User { #[column(primry_key)] id: i64 }",
        &["unknown attribute `primry_key` in `#[column(..)]`; did you mean `primary_key`?"],
    );
    check("struct User { #[column(primary_key = true)] id: i64 }", &["malformed `primary_key`: write `primary_key`"]);
    attribute("keyless", &["`User` is keyless but `users.id` is its primary key; remove one of the two"]);
    check(
        "#[table(keyless, without_rowid)] struct A { a: i32 }",
        &["`A` is keyless; a table without row ids needs a primary key"],
    );
    check(
        "struct A { #[column(primary_key)] a: Option<i32> }",
        &["`as.a` is part of the primary key and cannot be an `Option`"],
    );
    check(
        "struct A { #[column(primary_key, generated = \"1\")] a: i32 }",
        &["`as.a` is generated and cannot be part of the primary key"],
    );
}

#[test]
fn auto_increment() {
    check(
        "struct A { #[column(primary_key, auto_increment)] a: i64, #[column(auto_increment)] b: i64 }",
        &["`as.b` is the second `auto_increment` column, after `as.a`; a table has at most one"],
    );
    check(
        "#[table(without_rowid)] struct A { #[column(primary_key, auto_increment)] a: i64 }",
        &["`as.a` cannot be `auto_increment`: the table is `without_rowid`"],
    );
    field(
        "#[column(deferrable)] n: i64",
        &["`users.n` is `deferrable` but no foreign key; add `references = Table::column`"],
    );
    field(
        "#[column(references = Other::id, deferrable = later)] n: i64",
        &["malformed `deferrable`: write `deferrable` or `deferrable = initially_deferred`"],
    );
    check(
        "struct A { #[column(primary_key, auto_increment = serail)] a: i64 }",
        &["unknown kind `serail` of `auto_increment`; did you mean `serial`?"],
    );
    check(
        "struct A { #[column(primary_key, auto_increment(serial))] a: i64 }",
        &["malformed `auto_increment`: write `auto_increment` or `auto_increment = serial`"],
    );
    check(
        "#[table(strict)] struct A { #[column(primary_key)] a: i64 }",
        &["malformed `strict`: write `strict = false`"],
    );
    let composite = "#[column(primary_key, auto_increment)] a: i64, #[column(primary_key)] b: i64";
    for fields in [composite, "#[column(primary_key)] b: i64, #[column(auto_increment)] a: i64"] {
        let expected = "`as.a` is `auto_increment` and must be the whole primary key, as SQLite asks";
        check(&format!("struct A {{ {fields} }}"), &[expected]);
    }
    field("#[column(auto_increment)] n: Option<i64>", &["`users.n` is `auto_increment` and cannot be an `Option`"]);
    field(
        "#[column(auto_increment, default = 1)] n: i64",
        &["`users.n` is `auto_increment` and cannot have a default too"],
    );
    field(
        "#[column(auto_increment, generated = \"1\")] n: i64",
        &["`users.n` is generated and cannot be `auto_increment`"],
    );
}

#[test]
fn values() {
    field("#[column(generated = \"1\", default = 1)] n: i64", &["`users.n` is generated and cannot have a default"]);
    field(
        "#[column(generated = \"1\", on_update = 1)] n: i64",
        &["`users.n` is generated and cannot have an `on_update` value"],
    );
    field(
        "#[column(generated(persisted = \"1\"))] n: i64",
        &["malformed `generated`: write `generated = \"expression\"` or `generated(virtual = \"expression\")`"],
    );
    field("#[column(default = now)] n: i64", &["write `default = now()`"]);
    field("#[column(default = now(1))] n: i64", &["write `default = now()` or `default = random_uuid()`"]);
    field("#[column(default = sql(x))] n: i64", &["write the SQL expression as a literal: `default = sql(\"..\")`"]);
    field(
        "#[column(default)] n: i64",
        &[
            "malformed `default`: write a literal, `now()`, `random_uuid()`, `sql(\"..\")`, or an enum's variant such as `Role::Member`",
        ],
    );
    field("#[column(default = 1 + 1)] n: i64", &["malformed `default`: write a literal"]);
    field("#[column(default = f())] n: i64", &["malformed `default`: write a literal"]);
    field("#[column(default = -\"x\")] n: i64", &["malformed `default`: write a literal"]);
    field("#[column(default = 9223372036854775808)] n: i64", &["`9223372036854775808` does not fit into 64 bits"]);
    field("#[column(default = -9223372036854775808)] n: i64", &[]);
    field("#[column(default = 1e999)] n: f64", &["`1e999` does not fit into a 64-bit float"]);
    field("#[column(on_update = 1 + 1)] n: i64", &["malformed `on_update`: write a literal"]);
}

#[test]
fn malformed_and_repeated_attributes() {
    field("#[column(length)] n: String", &["malformed `length`: write `length = 255`"]);
    field("#[column(length = \"9\")] n: String", &["malformed `length`: write `length = 255`"]);
    field("#[column(length = -9)] n: String", &["malformed `length`: write `length = 255`"]);
    field("#[column(length = 99999999999)] n: String", &["malformed `length`: write `length = 255`"]);
    field("#[column(length = 1, length = 2)] n: String", &["`length` is given twice"]);
    field("#[column(length = 1)] #[column(length = 2)] n: String", &["`length` is given twice"]);
    field("#[column] n: String", &["malformed attribute: write `#[column(..)]`"]);
    field("#[column(\"x\")] n: String", &["not an attribute; `#[column(..)]` takes `name`, `primary_key`"]);
    field("#[column(unique = 5)] n: String", &["malformed `unique`: write `unique` or `unique = \"constraint_name\"`"]);
    field("#[column(postgres(kind = \"x\"))] n: String", &["malformed `postgres`: write `postgres(type = \"..\")`"]);
    field("#[column(sqlite = \"x\")] n: String", &["malformed `sqlite`: write `sqlite(type = \"..\")`"]);
    field(
        "#[column(scale = 2)] n: Decimal",
        &["`users.n` has a `scale` but no `precision`; write `precision = 10, scale = 2`"],
    );
    field("#[column(precision = x, scale = 2)] n: Decimal", &["malformed `precision`: write `precision = 10`"]);
    attribute("name", &["malformed `name`: write `name = \"users\"`"]);
    attribute("name = \"a\", name = \"b\"", &["`name` is given twice"]);
    attribute("crate = \"x\"", &["malformed `crate`: write `crate = path`"]);
    attribute("changes(derive(Debug, Default))", &["the update model is `Default` already; leave out the derive"]);
    attribute("new(Debug)", &["malformed `new`: write `new(derive(Debug, Clone))`"]);
    attribute("check(\"age > 0\")", &["malformed `check`: write `check(name = \"condition\")`"]);
    attribute(
        "rename_all = \"camelcase\"",
        &["unknown case `camelcase`; did you mean `camelCase`? known: `camelCase`, `PascalCase`"],
    );
}

#[test]
fn attributes_in_the_wrong_place() {
    attribute(
        "unique",
        &["`unique` without columns belongs on a field, as `#[column(unique)]`; on the struct write `unique(a, b)`"],
    );
    attribute(
        "index",
        &["`index` without columns belongs on a field, as `#[column(index)]`; on the struct write `index(a, b)`"],
    );
    attribute("primary_key(id)", &["`primary_key` belongs on the fields of the key, as `#[column(primary_key)]`"]);
    attribute("length = 5", &["`length` belongs on a field, as `#[column(length = 255)]`"]);
    check(
        "#[column(name = \"x\")] struct A { #[column(primary_key)] #[table(unique)] a: i32 }",
        &[
            "`#[column(..)]` belongs on a field; on the struct write `#[table(..)]`",
            "`#[table(..)]` belongs on the struct; on a field write `#[column(..)]`",
        ],
    );
    field(
        "#[column(index(a, b))] n: i32",
        &["on a field write only `index`; all else belongs on the struct, as `#[table(index(..))]`"],
    );
    field(
        "#[column(check(a = \"b\"))] n: i32",
        &["a named check belongs on the struct, as `#[table(check(..))]`; on a field write `check = \"condition\"`"],
    );
    field("#[column(keyless)] n: i32", &["`keyless` belongs on the struct, as `#[table(keyless)]`"]);
    field("#[column(foreign_key(x))] n: i32", &["`foreign_key` belongs on the struct, as `#[table(foreign_key(..))]`"]);
    field("#[column(nullable)] n: i32", &["a column is nullable if the field is an `Option`"]);
    field("#[cfg(unix)] n: i32", &["a column cannot depend on a `cfg`: the schema must be the same in every build"]);
}

#[test]
fn foreign_keys() {
    field(
        "#[column(on_delete = cascade)] n: i32",
        &["`users.n` has `on_delete` but no foreign key; add `references = Table::column`"],
    );
    field(
        "#[column(on_update = cascade)] n: i32",
        &["`users.n` has `on_update` but no foreign key; add `references = Table::column`"],
    );
    field("#[column(references = User)] n: i32", &["name the column too, such as `references = User::id`"]);
    field(
        "#[column(references = \"users\", on_delete = cascade)] n: i32",
        &["malformed `references`: write `references = User::id`"],
    );
    field(
        "#[column(refrences = User::id, on_delete = cascade)] n: i32",
        &["unknown attribute `refrences` in `#[column(..)]`; did you mean `references`?"],
    );
    field(
        "#[column(references = User::id, on_delete = casade)] n: i32",
        &[
            "unknown action `casade` of `on_delete`; did you mean `cascade`? known: `no_action`, `restrict`, `cascade`, `set_null`, `set_default`",
        ],
    );
    field(
        "#[column(references = User::id, on_update = nothing)] n: i32",
        &["unknown action `nothing` of `on_update`; known: `no_action`"],
    );
    field(
        "#[column(references = User::id, on_delete = set_null)] n: i32",
        &["`users.n` is NOT NULL, so `on_delete = set_null` would always fail; make the field an `Option`"],
    );
    attribute(
        "foreign_key(columns(id, agee), references = B(x, y))",
        &["`User` has no field `agee`; did you mean `age`?"],
    );
    attribute(
        "foreign_key(columns(id, age), references = B(x, y), on_update = set_null)",
        &["`users.id` is NOT NULL, so `on_update = set_null`"],
    );
    attribute("foreign_key(columns(id), references = B(x, y))", &["the foreign key has 1 columns but refers to 2"]);
    attribute(
        "foreign_key(columns(id))",
        &["malformed `foreign_key`: write `foreign_key(columns(a, b), references = Other(x, y))`"],
    );
    attribute(
        "foreign_key(column(id), references = B(x))",
        &["unknown attribute `column` in `foreign_key(..)`; did you mean `columns`? known: `columns`, `references`"],
    );
    attribute(
        "foreign_key(columns(id), references = B::x)",
        &["malformed `references`: write `references = Other(x, y)`"],
    );
    check(
        "#[table(keyless, foreign_key(columns(a, b, c, d), references = B(a, b, c, d)))] struct A { a: i32, b: i32, c: i32, d: i32 }",
        &["a foreign key has at most three columns"],
    );
}

#[test]
fn keys_of_several_columns() {
    attribute("unique(emall)", &["`User` has no field `emall`; did you mean `email`? known: `id`, `email`, `age`"]);
    attribute("unique(a, b)", &["`User` has no field `a`; known", "`User` has no field `b`; known"]);
    attribute("unique(email, email)", &["`email` is named twice"]);
    attribute("unique()", &["the `unique` names no column"]);
    attribute("index(name = \"x\")", &["the `index` names no column"]);
    attribute(
        "unique(email desc)",
        &["`unique` takes fields; with an order, an expression or a filter write `index(unique, ..)`"],
    );
    attribute("index(email down)", &["malformed part: write a field, `field desc`, or `expr(\"lower(email)\")`"]);
    attribute(
        "index(email, order = \"x\")",
        &[
            "unknown option `order`; known: `name`, `filter`, `unique`, `columns`, `method`, `include`, `with`, `nulls_not_distinct`",
        ],
    );
    attribute("index(email, filter = 5)", &["malformed `filter`: write `filter = \"..\"`"]);
    attribute("index(email, name = \"a\", name = \"b\")", &["`name` is given twice"]);
    attribute(
        "unique(email, age), unique(age, email)",
        &["`users.email` and `users.age`: already declared unique, or the primary key"],
    );
    attribute("unique(id)", &["`users.id`: already declared unique, or the primary key; remove one of the two"]);
    attribute("unique(email), index(unique, email)", &["`users.email`: already declared unique"]);
    attribute("unique(email), index(unique, email, filter = \"x\")", &[]);
}

#[test]
fn names() {
    let long = "n".repeat(64);
    field("#[column(name = \"ID\")] n: i32", &["`users.ID` is the column of two fields, `id` and `n`"]);
    field("#[column(name = \"\")] n: i32", &["the column name is empty"]);
    field(
        "select: i32",
        &[
            "the column `User::select` would hide the method `User::select()`; rename the field and write `#[column(name = \"select\")]`",
        ],
    );
    field("#[column(name = \"a\\0\")] n: i32", &["the column name `a\\u{0}` contains a NUL character"]);
    field(
        &format!("{long}: i32"),
        &[&format!("the column name `{long}` is 64 bytes long; PostgreSQL cuts off everything after 63")],
    );
    field("#[column(renamed_from = \"\")] n: i32", &["the former name is empty"]);
    field("#[column(unique = \"\")] n: i32", &["the constraint name is empty"]);
    attribute(&format!("name = \"{long}\""), &["the table name `nnn"]);
    attribute("index(name = \"\", email)", &["the index name is empty"]);
    attribute("check(a = \"x\", a = \"y\")", &["`a` is the name of two constraints"]);
    attribute("index(name = \"a\", email), index(name = \"a\", age)", &["`a` is the name of two indexes"]);
}

#[test]
fn kinds_of_types() {
    let supported = "`#[derive(Table)]` supports structs with named fields, such as `struct A { .. }`";
    check(
        "enum A { B }",
        &[&format!("`A` is an enum; {supported}; an enum can be the type of a column with `#[derive(DbEnum)]`")],
    );
    check("union A { a: i32 }", &[&format!("`A` is a union; {supported}")]);
    check("struct A(i32);", &[&format!("`A` is a tuple struct; {supported}")]);
    check("struct A;", &[&format!("`A` has no fields; {supported}")]);
    check("struct A {}", &["`A` has no fields; a table has at least one column"]);
    check("struct A<T> { a: T }", &["`A` is generic; a table has no type, lifetime or const parameters"]);
}

#[test]
fn enums() {
    let check = |source: &str, expected: &[&str]| {
        let ctxt = Ctxt::default();
        let parsed = model::db_enum::DbEnum::parse(&derive_input(source), &ctxt);
        drop(parsed);
        compare(&ctxt.messages(), expected);
        pretty(derive::db_enum(tokens(source)));
    };
    check(
        "struct A(i32);",
        &[
            "`A` is not an enum; `#[derive(DbEnum)]` supports enums without data, a struct around a single value derives `DbType`",
        ],
    );
    check("enum A {}", &["`A` has no variants; an enum type has at least one label"]);
    check("enum A<T> { B(T) }", &["`A` is generic; an enum type has no type, lifetime or const parameters"]);
    check(
        "enum A { B(i32), C { x: i32 } }",
        &[
            "`A::B` has data; `#[derive(DbEnum)]` supports enums without data, while `Json<A>` stores any",
            "`A::C` has data; `#[derive(DbEnum)]` supports enums without data",
        ],
    );
    check("enum A { B, #[db_enum(name = \"b\")] C }", &["`b` is the label of both `B` and `C`"]);
    check(
        "#[db_enum(name = \"\")] enum A { #[db_enum(name = \"\")] B }",
        &["the enum type name is empty", "the label name is empty"],
    );
    check(
        "#[db_enum(nmae = \"x\")] enum A { B }",
        &[
            "unknown attribute `nmae` in `#[db_enum(..)]` of an enum; did you mean `name`? known: `name`, `rename_all`, `crate`",
        ],
    );
    check(
        "enum A { #[db_enum(rename_all = \"x\")] B }",
        &["`rename_all` belongs on the enum; a single variant has `name`"],
    );
}

#[test]
fn newtypes_rows_and_aliases() {
    let db_type = |source: &str, expected: &str| {
        let ctxt = Ctxt::default();
        assert!(model::db_type::DbType::parse(&derive_input(source), &ctxt).is_none());
        compare(&ctxt.messages(), &[expected]);
    };
    db_type(
        "struct A(i32, i32);",
        "`A` is not a newtype; `#[derive(DbType)]` supports structs with a single field, such as `struct A(i64);`",
    );
    db_type(
        "enum A { B }",
        "`A` is not a newtype; `#[derive(DbType)]` supports structs with a single field, such as `struct A(i64);`; an enum without data derives `DbEnum`",
    );
    db_type("struct A<T>(T);", "`A` is generic; a newtype that is stored has no type");
    db_type(
        "struct A(Option<i32>);",
        "a newtype cannot hold NULL; leave out the `Option` and make the column `Option<A>`",
    );

    let row = |source: &str, expected: &str| {
        let ctxt = Ctxt::default();
        let parsed = model::row::Row::parse(&derive_input(source), &ctxt);
        drop(parsed);
        compare(&ctxt.messages(), &[expected]);
    };
    row("struct A(i32);", "`A` is a tuple struct; `#[derive(Row)]` supports structs with named fields");
    row("struct A<'a> { a: &'a str }", "`A` is generic; a row has no type");
    row(
        "#[row(off = User)] struct A { a: i32 }",
        "unknown attribute `off` in `#[row(..)]`; did you mean `of`? known: `crate`, `of`",
    );
    row(
        "#[row(of = User)] struct A { #[row(name = \"x\")] a: i32 }",
        "unknown attribute `name` in `#[row(..)]` of a field; known: `column`, `relation`, `filter`, `order_by`, `limit`",
    );
    row(
        "struct A { #[row(relation = User::posts)] a: Vec<B> }",
        "`relation` needs a table; say which table it is a shape of: `#[row(of = Table)]` on the struct",
    );
    row(
        "#[row(of = User)] struct A { #[row(limit = 3)] a: i32 }",
        "`limit` is about a relation: write `relation = Table::relation`, too",
    );
    row(
        "#[row(relation = User::posts)] struct A { a: i32 }",
        "`relation` belongs on a field: `#[row(relation = User::posts)] posts: Vec<Post>`",
    );
    let relations = |source: &str, expected: &str| {
        let output = derive::relations(tokens(source)).to_string();
        assert!(output.contains(&format!("{expected:?}")), "{output}");
    };
    relations("User { posts: many(Post), posts: many(Post) }", "relation `posts` of `User` is declared twice");
    relations("User { posts: many(Post) } User { posts: one(Post) }", "relation `posts` of `User` is declared twice");
    relations(
        "User { posts: mnay(Post) }",
        "`mnay` is no kind of relation; did you mean `many`? known: `many`, `one`, `optional`",
    );
    relations(
        "User { posts }",
        "malformed relation: write `posts: many(Post)`, `author: one(User)` or `editor: optional(User)`",
    );
    relations(
        "User { groups: one(Group) through(Membership) }",
        "a relation through another table leads to any number of rows: write `many(..)`",
    );
    relations(
        "User { posts: many(Post) by author_id }",
        "unknown word `by` in a relation; known: `via column`, `through(Table)`, `on(own = other)`, `filter(condition)`, `unscoped`",
    );

    let alias = |source: &str| derive::alias(tokens(source)).to_string();
    assert!(alias("\"x\"").contains("write `alias!(Manager)` or `alias!(pub Manager as"));
    assert!(alias("A B").contains("write `alias!(Manager)`"));
    assert!(alias("A as \"\"").contains("the alias name is empty"));
}

#[test]
fn soft_deletes() {
    let mark = |field: &str, expected: &[&str]| {
        check(
            &format!("#[table(soft_delete = gone)] struct A {{ #[column(primary_key)] id: i64, {field} }}"),
            expected,
        );
    };
    mark("gone: Option<DateTime<Utc>>", &[]);
    mark("gone: DateTime<Utc>", &["`as.gone` is NULL in rows that are not deleted; make the field an `Option`"]);
    mark(
        "#[column(default = now())] gone: Option<DateTime<Utc>>",
        &["`as.gone` has a default, so new rows would be deleted; remove it"],
    );
    mark(
        "#[column(generated = \"x\")] gone: Option<DateTime<Utc>>",
        &["`as.gone` is generated, so a delete cannot set it"],
    );
    attribute("soft_delete = agee", &["`User` has no field `agee`; did you mean `age`? known: `id`, `email`, `age`"]);
    attribute("soft_delete", &["malformed `soft_delete`: write `soft_delete = deleted_at`"]);
    attribute("soft_delete(age)", &["malformed `soft_delete`: write `soft_delete = deleted_at`"]);
    attribute("soft_delete = age, soft_delete = age", &["`soft_delete` is given twice"]);
    field(
        "#[column(soft_delete)] gone: Option<i32>",
        &["`soft_delete` belongs on the struct, as `#[table(soft_delete = deleted_at)]`"],
    );
}

#[test]
fn scopes() {
    let scope = |field: &str, expected: &[&str]| {
        check(&format!("#[table(scope(tenant))] struct A {{ #[column(primary_key)] id: i64, {field} }}"), expected);
    };
    scope("tenant: i64", &[]);
    scope("tenant: Option<i64>", &["`as.tenant` is the scope of the table and cannot be an `Option`"]);
    let given = "`as.tenant` is the scope of the table, so an insert must give it";
    scope("#[column(default = 1)] tenant: i64", &[given]);
    scope("#[column(generated = \"1\")] tenant: i64", &[given]);
    scope("#[column(version)] tenant: i64", &["`as.tenant` is the scope of the table and cannot be its version"]);
    attribute("scope(emial)", &["`User` has no field `emial`; did you mean `email`? known: `id`, `email`, `age`"]);
    attribute("scope(email, email)", &["`email` is named twice"]);
    attribute("scope", &["malformed `scope`: write `scope(tenant_id)`"]);
    attribute("scope()", &["malformed `scope`: write `scope(tenant_id)`"]);
    attribute("scope(\"email\")", &["malformed `scope`: write `scope(tenant_id)`"]);
    check(
        "#[table(scope(a, b, c, d))] struct A { #[column(primary_key)] a: i8, b: i8, c: i8, d: i8 }",
        &["a scope has at most 3 columns"],
    );
    field("#[column(scope)] tenant: i32", &["`scope` belongs on the struct, as `#[table(scope(tenant_id))]`"]);
}

#[test]
fn versions() {
    field("#[column(version)] version: i32", &[]);
    field("#[column(version, default = 0)] version: i32", &[]);
    field(
        "#[column(version)] version: Option<i32>",
        &["`users.version` is the version of its row and cannot be an `Option`"],
    );
    field("#[column(version = 1)] version: i32", &["malformed `version`: write `version`"]);
    field(
        "#[column(version, generated = \"1\")] version: i32",
        &["`users.version` is generated and cannot be the version of its row"],
    );
    field(
        "#[column(version, on_update = 1)] version: i32",
        &["`users.version` has an `on_update` value and cannot be the version of its row"],
    );
    field(
        "#[column(version)] a: i32, #[column(version)] b: i32",
        &["`users.b` is the second version, after `users.a`; a table has at most one"],
    );
    check(
        "struct A { #[column(primary_key, version)] a: i32 }",
        &["`as.a` is part of the primary key and cannot be the version of its row"],
    );
    attribute("version", &["`version` belongs on a field, as `#[column(version)]`"]);
}
