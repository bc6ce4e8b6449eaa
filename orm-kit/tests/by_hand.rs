//! Constraints, indexes and columns that a migration made by hand and no schema says: they stay, under whatever names, unless what they
//! use goes.

#[path = "support/project.rs"]
mod project;

use std::fs;

use orm::schema::Schema;
use orm_kit::{
    Error,
    check::check,
    generate::GenerateOptions,
    model::{IndexKey, Table},
};
use project::{Project, each_database};

/// A schema with one kind of post.
macro_rules! posts {
    ($module:ident ($($table:tt)*): $($field:tt)*) => {
        mod $module {
            use orm::prelude::*;

            #[derive(Debug, Clone, PartialEq, Table)]
            pub(crate) struct User {
                #[column(primary_key, auto_increment)]
                pub(crate) id: i64,
            }

            #[derive(Debug, Clone, PartialEq, Table)]
            #[table($($table)*)]
            pub(crate) struct Post {
                #[column(primary_key, auto_increment)]
                pub(crate) id: i64,
                #[column(references = User::id, on_delete = cascade)]
                pub(crate) user_id: i64,
                $($field)*
            }

            schema! { pub(crate) fn schema() = [User, Post] }
        }
    };
}

posts!(first (index(title)): #[column(length = 200)] pub(crate) title: String,);
posts!(changed (index(title)): #[column(length = 100)] pub(crate) title: String, #[column(unique)] pub(crate) slug: Option<String>,);
posts!(renamed (name = "articles", renamed_from = "posts", index(headline)): #[column(length = 200, renamed_from = "title")] pub(crate) headline: String,);
posts!(answered (name = "articles", index(headline)): #[column(length = 200)] pub(crate) headline: String,);
posts!(widened (name = "posts", index(title)): pub(crate) title: String,);
posts!(slugs (name = "posts"): #[column(unique, length = 100)] pub(crate) slug: Option<String>,);
posts!(no_slugs (name = "posts"): #[column(length = 100)] pub(crate) slug: Option<String>,);
posts!(without (name = "posts"): pub(crate) slug: Option<String>,);

/// A project whose database has posts with a constraint, an index and a column of each kind that no schema says.
fn by_hand(project: &Project) -> Result<(), Error> {
    project.generate(first::schema())?;
    project.migrate()?;
    project.run("insert into users default values");
    project.run("insert into posts (user_id, title) values (1, 'One'), (1, 'Two')");
    let constraints = [
        "constraint hand_unique unique (title, user_id)",
        "constraint hand_key foreign key (note_id) references notes (id) on delete set null",
        "constraint hand_check check (length(title) < 1000)",
    ];
    let mut statements = vec!["create table notes (id integer primary key)".to_owned()];
    if project.url.starts_with("postgres") {
        statements.push("alter table posts add column note_id integer".to_owned());
        statements.extend(constraints.iter().map(|it| format!("alter table posts add {it}")));
    } else {
        let table =
            project.rows("select sql from sqlite_schema where name = 'posts'")[0][0].clone().expect("it is there");
        let index =
            project.rows("select sql from sqlite_schema where type = 'index' and sql is not null")[0][0].clone();
        let (_, inside) = table.split_once('(').expect("it has columns");
        let (inside, options) = inside.rsplit_once(')').expect("it has columns");
        let constraints = constraints.join(", ");
        statements.insert(0, "pragma foreign_keys = off".to_owned());
        statements.push(format!("create table new_posts (note_id integer, {inside}, {constraints}) {options}"));
        statements.push("insert into new_posts (id, user_id, title) select id, user_id, title from posts".to_owned());
        statements.push("drop table posts; alter table new_posts rename to posts".to_owned());
        statements.extend(index);
    }
    statements.push("create index hand_index on posts (lower(title)) where note_id is not null".to_owned());
    project.generate_with(first::schema(), GenerateOptions { custom: true, ..GenerateOptions::default() })?;
    let custom = project.migrations().pop().expect("it was just written");
    fs::write(project.folder.join(&custom.id).join("up.sql"), statements.join(";\n")).expect("it can be written");
    project.migrate()?;
    project.run("insert into notes (id) values (7); update posts set note_id = 7 where id = 1");
    assert_eq!(project.generate(first::schema())?.changes, Vec::<String>::new());
    Ok(())
}

/// What a table of the database has that was made by hand, by its kind and columns.
fn parts(project: &Project, name: &str) -> Vec<String> {
    let model = project.backend.introspect(&mut *project.session()).expect("the database can be read");
    let table: &Table = model.table(name).expect("it is there");
    let uniques = table.uniques.iter().map(|it| format!("unique {}", it.columns.join(", ")));
    let keys = table.foreign_keys.iter().map(|it| format!("key {} to {}", it.columns.join(", "), it.table));
    // The length of a text is a check without a name on SQLite, which is told once.
    let checks = table.checks.iter().filter_map(|it| Some(format!("check {}", it.name.as_ref()?)));
    let nameless = table.checks.iter().filter(|it| it.name.is_none()).count();
    assert!(nameless <= 1, "{:?}", table.checks);
    let is_of_hand = |index: &&orm_kit::model::Index| matches!(index.parts[0].key, IndexKey::Expression(_));
    let indexes = table.indexes.iter().filter(is_of_hand).map(|it| format!("index {}", it.name));
    let columns = table.columns.iter().filter(|it| it.name == "note_id").map(|it| format!("column {}", it.name));
    let mut parts: Vec<String> = uniques.chain(keys).chain(checks).chain(indexes).chain(columns).collect();
    parts.sort();
    parts
}

fn expected(unique: &str) -> Vec<String> {
    let parts =
        ["check hand_check", "column note_id", "index hand_index", "key note_id to notes", "key user_id to users"];
    parts.into_iter().map(str::to_owned).chain([format!("unique {unique}, user_id")]).collect()
}

/// Applies what was generated, and looks whether everything agrees.
fn applied(project: &Project, schema: &Schema) -> Result<(), Error> {
    project.migrate()?;
    assert_eq!(project.drift(), None);
    let checked = check(project.backend, &project.url, Some(schema), &project.folder, false)?;
    assert_eq!(checked.errors, Vec::<String>::new());
    Ok(())
}

each_database! {
    fn of_a_table_that_changes(project) {
        by_hand(&project)?;
        let generated = project.generate(changed::schema())?;
        assert_eq!(generated.not_kept, Vec::<String>::new());
        let allow = generated.loses;
        project.migrate_with(&orm_kit::apply::MigrateOptions { allow, ..Default::default() })?;
        applied(&project, &changed::schema())?;
        let mut all = expected("title");
        all.retain(|it| !it.starts_with("unique"));
        all.extend(["unique slug".to_owned(), "unique title, user_id".to_owned()]);
        assert_eq!(parts(&project, "posts"), all);
        assert_eq!(project.generate(changed::schema())?.folder, None);
    }

    fn of_a_table_and_a_column_that_are_renamed(project) {
        by_hand(&project)?;
        assert_eq!(project.generate(renamed::schema())?.not_kept, Vec::<String>::new());
        applied(&project, &renamed::schema())?;
        assert_eq!(parts(&project, "articles"), expected("headline"));
        assert_eq!(project.rows("select note_id from articles where headline = 'One'"), [[Some("7".to_owned())]]);
        assert_eq!(project.generate(renamed::schema())?.folder, None);
        project.rollback(&[])?;
        assert_eq!(parts(&project, "posts"), expected("title"));
    }

    fn of_what_an_answer_renames(project) {
        by_hand(&project)?;
        project.answer(answered::schema(), r#"{"renamed": {"articles": "posts", "articles.headline": "title"}}"#)?;
        applied(&project, &answered::schema())?;
        assert_eq!(parts(&project, "articles"), expected("headline"));
        assert_eq!(project.generate(answered::schema())?.folder, None);
    }

    /// What a type prints differently is as it was.
    fn of_a_column_that_changes_its_type(project) {
        by_hand(&project)?;
        project.run("update posts set title = upper(title)");
        let generated = project.generate(widened::schema())?;
        assert_eq!(generated.not_kept, Vec::<String>::new());
        applied(&project, &widened::schema())?;
        assert_eq!(parts(&project, "posts"), expected("title"));
        let generated = project.generate(first::schema())?;
        assert_eq!(generated.not_kept, Vec::<String>::new());
        project.migrate_with(&orm_kit::apply::MigrateOptions { allow: generated.loses, ..Default::default() })?;
        applied(&project, &first::schema())?;
        assert_eq!(parts(&project, "posts"), expected("title"));
    }

    /// What refers to a key that goes goes along, and is told.
    fn of_a_key_that_goes(project) {
        project.generate(slugs::schema())?;
        let text = "create table marks (id integer primary key, slug varchar(100), \
            constraint hand_key foreign key (slug) references posts (slug)); create index hand_index on marks (slug)";
        project.write(slugs::schema(), text)?;
        project.migrate()?;
        let generated = project.generate(no_slugs::schema())?;
        assert_eq!(generated.not_kept, ["foreign key `hand_key` of `marks`"]);
        let allow = generated.loses;
        project.migrate_with(&orm_kit::apply::MigrateOptions { allow, ..Default::default() })?;
        applied(&project, &no_slugs::schema())?;
        let model = project.backend.introspect(&mut *project.session())?;
        let marks = model.table("marks").expect("it stays");
        assert_eq!((marks.foreign_keys.len(), marks.indexes.len()), (0, 1));
        assert_eq!(project.generate(no_slugs::schema())?.folder, None);
    }

    /// What uses a column that goes goes along, and is told.
    fn of_a_column_that_goes(project) {
        by_hand(&project)?;
        let generated = project.answer(without::schema(), r#"{"renamed": {"posts.slug": null}}"#)?;
        let parts_of = ["unique constraint `hand_unique`", "check `hand_check`", "index `hand_index`"];
        assert_eq!(generated.not_kept, parts_of.map(|part| format!("{part} of `posts`")));
        project.migrate_with(&orm_kit::apply::MigrateOptions { allow: generated.loses, ..Default::default() })?;
        applied(&project, &without::schema())?;
        assert_eq!(parts(&project, "posts"), ["column note_id", "key note_id to notes", "key user_id to users"]);
    }
}

/// What PostgreSQL alone has is seen where it was made beside migrations, and goes with a column of it.
#[test]
fn of_postgres_alone() -> Result<(), Error> {
    let project = Project::postgres();
    project.generate(first::schema())?;
    project.migrate()?;
    let secured = "alter table posts enable row level security";
    for (sql, drift, back) in [
        (secured, "create row security of posts", "alter table posts disable row level security"),
        (
            "alter table posts add constraint once exclude (title with =)",
            "create exclusion constraint once of posts",
            "alter table posts drop constraint once",
        ),
        ("create extension pg_trgm", "create extension pg_trgm", "drop extension pg_trgm"),
    ] {
        project.run(sql);
        assert_eq!(project.drift().as_deref(), Some(drift));
        project.run(back);
        assert_eq!(project.drift(), None);
    }
    project
        .write(first::schema(), &format!("{secured}; alter table posts add constraint once exclude (title with =)"))?;
    project.migrate()?;
    assert_eq!(project.generate(first::schema())?.folder, None);
    project.run("alter table posts force row level security");
    assert_eq!(project.drift().as_deref(), Some("change row security of posts"));
    project.run("alter table posts no force row level security");
    assert_eq!(project.generate(renamed::schema())?.not_kept, Vec::<String>::new());
    applied(&project, &renamed::schema())?;
    project.rollback(&[])?;
    let last = project.migrations().pop().expect("it was rolled back");
    fs::remove_dir_all(project.folder.join(last.id)).expect("it can be removed");
    let generated = project.answer(without::schema(), r#"{"renamed": {"posts.slug": null}}"#)?;
    assert_eq!(generated.not_kept, ["exclusion constraint `once` of `posts`"]);
    project.migrate_with(&orm_kit::apply::MigrateOptions { allow: generated.loses, ..Default::default() })?;
    applied(&project, &without::schema())
}
