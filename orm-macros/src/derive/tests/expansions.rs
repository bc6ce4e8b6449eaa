//! What the macros write.

use std::io::Write as _;

use super::{pretty, table_errors, tokens};
use crate::derive;

const USERS: &str = r#"
    #[table(name = "users")]
    pub struct User {
        #[column(primary_key, default = random_uuid())]
        pub id: Uuid,
        #[column(unique, length = 255)]
        pub email: String,
        /// What people call them.
        pub name: String,
        pub age: Option<i32>,
        #[column(default = Role::Member)]
        pub role: Role,
    }
"#;

/// Asserts that each of these stands in the output, without regard to white space.
fn check(output: &str, expected: &[&str]) {
    let squeezed = |text: &str| {
        text.split_whitespace()
            .collect::<String>()
            .replace(",)", ")")
            .replace(",}", "}")
            .replace(",]", "]")
            .replace(",>", ">")
    };
    for part in expected {
        assert!(squeezed(output).contains(&squeezed(part)), "no `{part}` in\n{output}");
    }
}

fn table(source: &str) -> String {
    assert_eq!(table_errors(source), [""; 0]);
    pretty(derive::table(tokens(source)))
}

#[test]
fn a_table_of_five_columns_is_at_most_250_lines() {
    let output = table(USERS);
    let lines = output.lines().count();
    // Past the capture of the test run, so that the number is seen when it is well, too.
    let _ = writeln!(std::io::stderr(), "a table of five columns expands to {lines} lines");
    assert!(lines <= 250, "{lines} lines of {output}");
}

#[test]
fn code_grows_with_the_number_of_columns() {
    let lines = |columns: usize| {
        let fields: String = (0..columns).map(|at| format!("#[column(unique)] pub c{at}: i32,")).collect();
        let tokens = derive::table(tokens(&format!("#[table(keyless)] pub struct Wide {{ {fields} }}")));
        tokens.to_string().len()
    };
    assert!(lines(200) < 24 * lines(10));
}

#[test]
fn markers_constants_and_definitions() {
    check(
        &table(USERS),
        &[
            "pub mod users { pub struct id; pub struct email; pub struct name; pub struct age; pub struct role; mod __names { type id = ();",
            "/// What people call them.\n pub const name: __orm::Column<users::name, User> = __orm::Column::NEW;",
            "/// `users.email`\n pub const email: __orm::Column<users::email, User>",
            "impl __orm::ColumnDef for users::id { type Table = User; type Type = Uuid; type Null = __orm::NotNull; type Path = __orm::Left<__orm::Left<__orm::Left<__orm::End>>>; type Role = __orm::KeyPart; const NAME: &'static str = \"id\"; }",
            "type Type = i32; type Null = __orm::Null; type Path = __orm::Right<__orm::Left<__orm::End>>; type Role = __orm::Plain;",
            "#[diagnostic::do_not_recommend] impl __orm::UniqueOn<users::id> for User {} #[diagnostic::do_not_recommend] impl __orm::UniqueOn<users::email> for User {}",
        ],
    );
}

#[test]
fn the_table() {
    check(
        &table(USERS),
        &[
            "const NAME: &'static str = \"users\";",
            "__orm::TableDef::new(\"users\", \"User\", &[__orm::ColumnInfo::of::<users::id>(\"id\").default(__orm::defaults::random_uuid::<users::id>())",
            "__orm::ColumnInfo::of::<users::email>(\"email\").length::<users::email>(255u32)",
            ".default(__orm::defaults::variant::<users::role, Role>(<Role>::__label(&Role::Member)))",
            "]).primary_key(&[\"id\"]).uniques(&[__orm::UniqueDef::new(::core::option::Option::None, &[\"email\"])]);",
            "const WIDTH: usize = 5usize; const PRESENT: ::core::option::Option<usize> = __orm::Some(0usize);",
            "type Key = (users::id,);",
            "type Slots = __orm::Node<__orm::Node<__orm::Node<__orm::Open<users::id>, __orm::Missing<users::email>>, __orm::Missing<users::name>>, __orm::Node<__orm::Open<users::age>, __orm::Open<users::role>>>;",
            "type New = NewUser; type Changes = UserChanges; type Aliased<A: __orm::AliasName> = UserAlias<A>;",
            "id: __orm::read::<users::id, R>(row, at)?, email: __orm::read::<users::email, R>(row, at + 1usize)?",
            "age: __orm::read_null::<users::age, R>(row, at + 3usize)?",
        ],
    );
}

/// What hides rows is in the description and in the types; a table without it has `()`.
#[test]
fn hidden_rows() {
    check(&table(USERS), &["type Key = (users::id,); type ScopedBy = ();"]);
    check(
        &table(
            r#"
            #[table(soft_delete = gone, scope(tenant, region))]
            struct Note {
                #[column(primary_key)]
                id: i64,
                tenant: i64,
                region: String,
                #[column(version)]
                version: i32,
                gone: Option<DateTime<Utc>>,
            }
            "#,
        ),
        &[
            "type ScopedBy = (notes::tenant, notes::region);",
            ".soft_delete::<notes::gone>().scope(&[\"tenant\", \"region\"]).version::<notes::version>();",
            "__orm::ColumnInfo::of::<notes::version>(\"version\").default(__orm::DefaultDef::Integer(1))",
            "type Role = __orm::VersionColumn; const NAME: &'static str = \"version\";",
            "__orm::Open<notes::version>",
            "#[diagnostic::do_not_recommend] impl __orm::SoftDeleted for Note {}",
            "#[diagnostic::do_not_recommend] impl __orm::Versioned for Note { type Version = notes::version; }",
            "/// `notes.region`\n region: ::core::option::Option<String>, /// `notes.gone`\n gone: ::core::option::Option<::core::option::Option<DateTime<Utc>>>, }",
        ],
    );
}

/// A column that queries name is used, even if nothing reads the field.
#[test]
fn fields_are_used() {
    check(&table(USERS), &["4usize => __orm::cell::<users::role>(&self.role, out),"]);
}

#[test]
fn models_and_alias() {
    check(
        &table(USERS),
        &[
            "pub id: ::core::option::Option<Uuid>, /// `users.email`\n pub email: String, /// What people call them.\n pub name: String, /// `users.age`\n pub age: ::core::option::Option<i32>",
            "pub fn new(email: impl ::core::convert::Into<String>, name: impl ::core::convert::Into<String>) -> Self",
            "const COLUMNS: &'static [&'static str] = &[\"id\", \"email\", \"name\", \"age\", \"role\"];",
            "visitor.defaulted::<users::id>(&self.id); visitor.column::<users::email>(&self.email); visitor.column::<users::name>(&self.name); visitor.nullable::<users::age>(&self.age); visitor.defaulted::<users::role>(&self.role);",
            "pub struct UserChanges { /// `users.email`\n pub email: ::core::option::Option<String>",
            "pub age: ::core::option::Option<::core::option::Option<i32>>",
            "visitor.nullable_defaulted::<users::age>(&self.age);",
            "pub id: ::orm::__private::Column<users::id, ::orm::__private::Alias<User, A>>",
            "impl<A: __orm::AliasName> __orm::AliasColumns for UserAlias<A> { type Source = __orm::Alias<User, A>;",
        ],
    );
}

#[test]
fn every_table_attribute() {
    let output = table(
        r#"
        #[table(
            rename_all = "camelCase", unique(a_b, c), unique(name = "pair", columns(c, d)),
            index(a_b, d desc), index(name = "lower_c", unique, columns(expr("lower(c)") desc), filter = "d > 0"), index(unique, d),
            check(positive = "d > 0", small = "d < 9"), check(other = "true"), comment = "hi", renamed_from = "olds",
            foreign_key(columns(a_b, c), references = Other(x, y), on_delete = cascade, name = "to_other"),
            foreign_key(columns(d), references = super::Other(z)),
            keyless, crate = my::orm, new(derive(Debug, Clone)), changes(derive(Debug)),
        )]
        pub(super) struct Thing { a_b: i32, pub(crate) c: Option<String>, pub d: i64 }
        "#,
    );
    check(
        &output,
        &[
            "pub(super) mod things { pub(in super::super) struct a_b;",
            "use my::orm::__private as __orm;",
            "const a_b: __orm::Column<things::a_b, Thing>",
            "pub(crate) const c:",
            "const NAME: &'static str = \"aB\";",
            "#[diagnostic::do_not_recommend] impl __orm::UniqueOn<(things::a_b, things::c)> for Thing {} #[diagnostic::do_not_recommend] impl __orm::UniqueOn<(things::c, things::d)> for Thing {} #[diagnostic::do_not_recommend] impl __orm::UniqueOn<things::d> for Thing {}",
            "__orm::UniqueDef::new(::core::option::Option::Some(\"pair\"), &[\"c\", \"d\"])",
            "__orm::references_pair::<things::a_b, things::c, _, _, _, _>(Other::x, Other::y, &[\"aB\", \"c\"], __orm::ForeignKeyAction::Cascade, __orm::ForeignKeyAction::NoAction).named(\"to_other\")",
            "__orm::references::<things::d, _, _>(super::Other::z, &[\"d\"],",
            ".checks(&[__orm::CheckDef { name: \"positive\", condition: \"d > 0\" }",
            "__orm::IndexDef { name: ::core::option::Option::None, unique: false, parts: &[__orm::IndexPart { key: __orm::IndexKey::Column(\"aB\"), order: __orm::IndexOrder::Ascending, options: __orm::PartOptions::NONE }, __orm::IndexPart { key: __orm::IndexKey::Column(\"d\"), order: __orm::IndexOrder::Descending, options: __orm::PartOptions::NONE }], filter: ::core::option::Option::None, options: __orm::IndexOptions::NONE }",
            "parts: &[__orm::IndexPart { key: __orm::IndexKey::Expression(\"lower(c)\"), order: __orm::IndexOrder::Descending, options: __orm::PartOptions::NONE }], filter: ::core::option::Option::Some(\"d > 0\")",
            ".renamed_from(\"olds\").comment(\"hi\")",
            "type Key = ();",
            "#[derive(Debug, Clone)] #[allow(dead_code)] pub(super) struct NewThing",
            "#[derive(Debug)] #[derive(::core::default::Default)]",
        ],
    );
}

#[test]
fn every_column_attribute() {
    let output = table(
        r#"
        #[table(without_rowid)]
        struct Item {
            #[column(primary_key)] a: i64,
            #[column(primary_key, references = Other::id, on_delete = restrict, on_update = cascade)] b: i32,
            #[column(name = "C", unique = "one_c", collation = "NOCASE", comment = "..", renamed_from = "cc")] c: String,
            #[column(precision = 10, scale = 2, check = "d > 0", index, on_update = now())] d: Decimal,
            #[column(generated = "a + 1")] e: i64,
            #[column(generated(virtual = "a + 2"), postgres(type = "int8"), sqlite(type = "INT"))] f: std::option::Option<i64>,
            #[column(default = -5)] g: i16,
            #[column(default = 1.5)] h: Option<f64>,
            #[column(default = true)] i: bool,
            #[column(default = "text")] j: String,
            #[column(default = sql("now() + interval '1 day'"))] k: Time,
            #[column(default = 0, references = Other::id, on_update = sql("1"), on_delete = set_null)] l: Option<i32>,
        }
        "#,
    );
    check(
        &output,
        &[
            "type Key = (items::a, items::b);",
            "#[diagnostic::do_not_recommend] impl __orm::UniqueOn<(items::a, items::b)> for Item {} #[diagnostic::do_not_recommend] impl __orm::UniqueOn<items::c> for Item {}",
            ".primary_key(&[\"a\", \"b\"])",
            "__orm::references::<items::b, _, _>(Other::id, &[\"b\"], __orm::ForeignKeyAction::Restrict, __orm::ForeignKeyAction::Cascade)",
            "__orm::ColumnInfo::of::<items::c>(\"c\").collation(\"NOCASE\").comment(\"..\").renamed_from(\"cc\")",
            "__orm::UniqueDef::new(::core::option::Option::Some(\"one_c\"), &[\"C\"])",
            "__orm::ColumnInfo::of::<items::d>(\"d\").on_update(__orm::defaults::now::<items::d>()).precision::<items::d>(10u32, 2u32)",
            "__orm::CheckDef { name: \"items_d_check\", condition: \"d > 0\" }",
            ".generated(\"a + 1\", __orm::GeneratedStorage::Stored)",
            ".generated(\"a + 2\", __orm::GeneratedStorage::Virtual).postgres_type(\"int8\").sqlite_type(\"INT\")",
            "type Role = __orm::GeneratedColumn;",
            "__orm::Computed<items::e>",
            "__orm::defaults::integer::<items::g>(-5i64)",
            "__orm::defaults::float::<items::h>(1.5f64)",
            "__orm::defaults::boolean::<items::i>(true)",
            "__orm::defaults::text::<items::j>(\"text\")",
            "__orm::defaults::sql::<items::k>(\"now() + interval '1 day'\")",
            ".default(__orm::defaults::integer::<items::l>(0i64)).on_update(__orm::defaults::sql::<items::l>(\"1\"))",
            "&[\"l\"], __orm::ForeignKeyAction::SetNull, __orm::ForeignKeyAction::NoAction",
            ".without_rowid()",
            "visitor.nullable_defaulted::<items::h>(&self.h)",
            "const COLUMNS: &'static [&'static str] = &[\"a\", \"b\", \"C\", \"d\", \"g\", \"h\", \"i\", \"j\", \"k\", \"l\"];",
        ],
    );
    assert!(!output.contains("visitor.column::<items::e>"));
}

#[test]
fn raw_identifiers_keep_their_rust_name() {
    check(
        &table("struct Person { #[column(primary_key)] r#type: i32, r#match: Option<i32> }"),
        &[
            "mod people { pub(super) struct r#type; pub(super) struct r#match;",
            "const r#type: __orm::Column<people::r#type, Person>",
            "const NAME: &'static str = \"type\";",
            "__orm::ColumnInfo::of::<people::r#type>(\"type\")",
            "fn new(r#type: impl ::core::convert::Into<i32>)",
        ],
    );
}

#[test]
fn literals_are_values_of_narrow_types() {
    check(
        &table("#[table(keyless)] struct Cell { a: i16, b: f32, c: i64, d: f64 }"),
        &["fn new(a: i16, b: f32, c: impl ::core::convert::Into<i64>, d: impl ::core::convert::Into<f64>) -> Self"],
    );
}

#[test]
fn a_keyless_table_is_present_by_its_first_not_null_column() {
    check(
        &table("#[table(keyless)] struct A { x: Option<i32>, y: i32 }"),
        &["mod r#as {", "const PRESENT: ::core::option::Option<usize> = __orm::Some(1usize);", "struct AAlias<Name>"],
    );
}

#[test]
fn after_an_error_the_type_can_still_be_used() {
    let source = "struct User { #[column(primery_key)] id: i64, #[column(default = Role::X, lenght = 5)] role: Role }";
    let output = pretty(derive::table(tokens(source)));
    check(
        &output,
        &[
            "::core::compile_error! {",
            "const role: __orm::Column<users::role, User>",
            "type Key = (users::id,);",
            "const DEF: &'static __orm::TableDef = &__orm::TableDef::new(\"users\", \"User\", &[]);",
            "struct NewUser",
        ],
    );
    assert!(!output.contains("Role::X"));
}

#[test]
fn db_enum() {
    let output = pretty(derive::db_enum(tokens(
        r#"#[db_enum(name = "user_role", rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum Role { SuperOwner, #[db_enum(name = "plain")] Member }"#,
    )));
    check(
        &output,
        &[
            "pub const fn __label(&self) -> &'static str { match self { Self::SuperOwner => \"SUPER_OWNER\", Self::Member => \"plain\" } }",
            "&__orm::EnumDef { name: \"user_role\", labels: &[\"SUPER_OWNER\", \"plain\"] }",
            "\"plain\" => ::core::option::Option::Some(Self::Member)",
            "type Base = __orm::EnumLabel;",
            "__orm::SqlType::Enum(<Self as __orm::DbEnum>::DEF)",
            "__orm::decode_label(row, index)",
            "__orm::value_type!(Role);",
        ],
    );
    check(
        &pretty(derive::db_enum(tokens("enum UserRole { InProgress }"))),
        &["name: \"user_role\", labels: &[\"in_progress\"]"],
    );
}

#[test]
fn db_type() {
    check(
        &pretty(derive::db_type(tokens("pub struct UserId(pub Uuid);"))),
        &[
            "type Base = <Uuid as __orm::DbType>::Base;",
            "__orm::Encode::encode(&self.0, out)",
            "::core::result::Result::Ok(Self { 0: value })",
            "__orm::DecodeError::reading::<Self>(error)",
        ],
    );
    check(&pretty(derive::db_type(tokens("struct UserId { id: Uuid }"))), &["&self.id", "Self { id: value }"]);
}

#[test]
fn row() {
    let output =
        pretty(derive::row(tokens("pub struct Activity { pub name: String, posts: i64, r#type: Option<Type> }")));
    check(
        &output,
        &[
            "pub struct ActivityColumns<Name, Posts, Type> {",
            "pub name: Name,",
            "r#type: Type",
            "__orm::Selection<__Scope, __orm::Fields<(__I0, (__I1, (__I2, ())))>> for ActivityColumns<__C0, __C1, __C2>",
            "__C2: __orm::Field<__Scope, __I2, Option<Type>>",
            "type Row = Activity;",
            "type Fields = ( __orm::Filling<__C0, String>, (__orm::Filling<__C1, i64>, (__orm::Filling<__C2, Option<Type>>, ())), );",
            "( __orm::Filling::new(self.name), (__orm::Filling::new(self.posts), (__orm::Filling::new(self.r#type), ())), )",
            "fn from_fields((name, (posts, (r#type, ()))): (String, (i64, (Option<Type>, ())))) -> Self",
        ],
    );
    let one = pretty(derive::row(tokens("struct One { self_: i32 }")));
    check(&one, &["struct OneColumns<C0>", "type Fields = (__orm::Filling<__C0, i32>, ());"]);
}

#[test]
fn alias() {
    check(
        &pretty(derive::alias(tokens("pub(crate) DirectManager"))),
        &[
            "/// The name `direct_manager` for a table.\n pub(crate) struct DirectManager;",
            "impl __orm::AliasName for DirectManager { type Tag = __orm::Hex<",
            "const NAME: &'static str = \"direct_manager\";",
        ],
    );
    check(
        &pretty(derive::alias(tokens("crate = my::orm, Manager"))),
        &["use my::orm::__private as __orm;", "struct Manager;"],
    );
    check(
        &pretty(derive::alias(tokens("/// Boss.\n Manager as \"mgr\""))),
        &["/// Boss.\n struct Manager;", "\"mgr\""],
    );
}
