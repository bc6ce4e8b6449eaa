//! Views: what is written, what is not, and the messages of their own.

use super::{derive_input, pretty, tokens};
use crate::{check::check, ctxt::Ctxt, derive, model::table::Table};

const STATS: &str = r#"
    #[view(name = "author_stats", as = "select 1", materialized)]
    pub struct AuthorStats {
        #[column(primary_key)]
        pub author_id: i64,
        #[column(name = "Posts")]
        pub posts: i64,
        pub last: Option<i64>,
    }
"#;

fn view(source: &str) -> String {
    assert_eq!(errors(source), [""; 0]);
    squeezed(&pretty(derive::view(tokens(source))))
}

fn errors(source: &str) -> Vec<String> {
    let ctxt = Ctxt::default();
    if let Some(view) = Table::parse_view(&derive_input(source), &ctxt) {
        check(&view, &ctxt);
    }
    // Whatever is written after an error parses too.
    pretty(derive::view(tokens(source)));
    ctxt.messages()
}

/// Without white space, and without the commas that end lists.
fn squeezed(text: &str) -> String {
    let text: String = text.split_whitespace().collect();
    text.replace(",)", ")").replace(",}", "}").replace(",>", ">")
}

#[test]
fn a_view_is_a_table_that_is_only_read() {
    let output = view(STATS);
    for part in [
        "const NAME: &'static str = \"author_stats\";",
        "const PRESENT: ::core::option::Option<usize> = __orm::Some(0usize);",
        "type Key = __orm::ViewKey<(author_stats::author_id,)>;",
        "type Slots = __orm::ReadOnly<__orm::Node<__orm::Node<",
        "type New = __orm::NoModel<Self>; type Changes = __orm::NoModel<Self>;",
        "const NAME: &'static str = \"Posts\";",
        "#[diagnostic::do_not_recommend] impl __orm::Materialized for AuthorStats {}",
        ".view(&__orm::ViewDef { postgres: ::core::option::Option::Some(\"select 1\"), \
         sqlite: ::core::option::Option::Some(\"select 1\"), materialized: true })",
        "struct AuthorStatsAlias<A>",
    ] {
        assert!(output.contains(&squeezed(part)), "no `{part}` in\n{output}");
    }
    for part in ["NewAuthorStats", "AuthorStatsChanges", "__orm::Cells"] {
        assert!(!output.contains(part), "`{part}` in\n{output}");
    }
}

#[test]
fn without_a_name_and_a_key() {
    let output =
        view(r#"#[view(sqlite = "select 1", rename_all = "camelCase")] struct AuthorStats { last_at: Option<i64> }"#);
    for part in [
        "const NAME: &'static str = \"author_stats\";",
        "const NAME: &'static str = \"lastAt\";",
        "const PRESENT: ::core::option::Option<usize> = __orm::None;",
        "type Key = __orm::ViewKey<()>;",
        "postgres: ::core::option::Option::None, sqlite: ::core::option::Option::Some(\"select 1\"), materialized: false",
    ] {
        assert!(output.contains(&squeezed(part)), "no `{part}` in\n{output}");
    }
    assert!(!output.contains("__orm::Materialized"));
}

#[test]
fn a_table_has_nothing_of_views() {
    let output = pretty(derive::table(tokens("struct User { #[column(primary_key)] id: i64 }")));
    for part in ["ViewDef", "ViewKey", "ReadOnly", "NoModel", "Materialized"] {
        assert!(!output.contains(part), "`{part}` in\n{output}");
    }
}

#[test]
fn messages() {
    let on_struct = |attributes: &str| errors(&format!("#[view({attributes})] struct Stats {{ a: i64 }}"));
    let no_query = "`Stats` has no query; write `#[view(as = \"select ..\")]`, or `postgres = \"..\"` and `sqlite = \"..\"` \
                    where the databases differ";
    assert_eq!(on_struct("name = \"stats\""), [no_query]);
    assert_eq!(on_struct("materialized"), [no_query]);
    let twice = "`Stats` has a query for both databases and one of its own; remove one of the two";
    assert_eq!(on_struct("as = \"select 1\", postgres = \"select 2\""), [twice]);
    assert_eq!(on_struct("as = \"select 1\", postgres = \"select 2\", sqlite = \"select 3\""), [twice]);
    assert_eq!(on_struct("postgres = \"select 2\", sqlite = \"select 3\""), [""; 0]);
    assert_eq!(on_struct("sqlite = \"\\n\""), ["the query of a view cannot be empty"]);
    assert_eq!(on_struct("as = select"), ["malformed `as`: write `as = \"select ..\"`"]);
    assert_eq!(on_struct("as = \"x\", materialized = true"), ["malformed `materialized`: write `materialized`"]);
    assert_eq!(on_struct("as = \"x\", name = \"\""), ["the view name is empty"]);

    let of_tables =
        |name: &str| [format!("`{name}` is about how a table stores rows; those of a view come from its query")];
    for name in [
        "unique(a)",
        "index(a)",
        "check(b = \"a > 0\")",
        "keyless",
        "soft_delete = a",
        "scope(a)",
        "new(derive(Debug))",
    ] {
        let word: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        assert_eq!(on_struct(&format!("as = \"x\", {name}")), of_tables(&word));
    }
    let on_field =
        |attribute: &str| errors(&format!("#[view(as = \"x\")] struct Stats {{ #[column({attribute})] a: i64 }}"));
    for name in [
        "default = 5",
        "references = User::id",
        "unique",
        "generated = \"x\"",
        "version",
        "length = 5",
        "on_update = now()",
    ] {
        assert_eq!(on_field(name), of_tables(name.split(' ').next().unwrap_or_default()));
    }
    assert_eq!(
        on_field("primary_kee"),
        [
            "unknown attribute `primary_kee` in `#[column(..)]`; did you mean `primary_key`? known: `name`, `primary_key`"
        ]
    );
    assert_eq!(
        errors("#[view(as = \"x\")] struct Stats(i64);"),
        [
            "`Stats` is a tuple struct; `#[derive(View)]` supports structs with named fields, such as `struct Stats { .. }`"
        ]
    );
    assert_eq!(
        errors("#[view(as = \"x\")] struct Stats { select: i64 }"),
        [
            "the column `Stats::select` would hide the method `Stats::select()`; rename the field and write `#[column(name = \"select\")]`"
        ]
    );
    assert_eq!(errors("#[view(as = \"x\")] struct Stats { delete: i64, refresh: i64 }"), [""; 0]);
    assert_eq!(errors("#[view(as = \"x\", materialized)] struct Stats { refresh: i64 }").len(), 1);
}
