//! Objects beside tables, declared in the schema: created, changed and dropped by migrations, and taken back.

#[path = "support/project.rs"]
mod project;

use orm_kit::{
    Error,
    check::check,
    push::{PushOptions, push},
};
use project::{Project, each_database};

mod tables {
    use orm::prelude::*;

    #[derive(Debug, Clone, PartialEq, Table)]
    pub(crate) struct User {
        #[column(primary_key, auto_increment)]
        pub(crate) id: i64,
        pub(crate) name: String,
        #[column(default = now())]
        pub(crate) changed_at: DateTime<Utc>,
    }

    #[derive(Debug, Clone, PartialEq, Table)]
    pub(crate) struct Post {
        #[column(primary_key, auto_increment)]
        pub(crate) id: i64,
        #[column(references = User::id, on_delete = cascade)]
        pub(crate) user_id: i64,
        pub(crate) title: String,
        pub(crate) words: i32,
    }

    schema! { pub(crate) fn schema() = [User, Post] }
}

mod first {
    use super::tables::{Post, User};
    use orm::prelude::*;

    schema! {
        pub(crate) fn schema() = [User, Post] with [
            extension("pg_trgm"),
            sequence("invoice_numbers").start(1000),
            view("long_posts", "select id, title, words from posts where words > 1000"),
            view("long_titles", "select title from long_posts"),
            materialized_view("word_counts", "select user_id, sum(words) as words from posts group by user_id"),
            updated_at(User::changed_at),
            full_text("posts_search", (Post::title,)),
            row_security::<Post>(),
            policy::<Post>("readers").command("select").using("words > 0"),
            postgres("create function shout(t text) returns text language sql immutable as $$ select upper(t) || '!' $$"),
            postgres("create function log_post() returns trigger language plpgsql as $$ begin new.words = coalesce(new.words, 0); return new; end $$"),
            postgres("create trigger log before insert on posts for each row execute function log_post()"),
            sqlite("create trigger log after insert on posts when new.words is null begin update posts set words = 0 where id = new.id; end"),
        ];
    }
}

/// Every object is another one, or gone.
mod later {
    use super::tables::{Post, User};
    use orm::prelude::*;

    schema! {
        pub(crate) fn schema() = [User, Post] with [
            sequence("invoice_numbers").start(1000).increment(5),
            // A column more at the end, and one less.
            view("long_posts", "select id, title, words, user_id from posts where words > 500"),
            view("long_titles", "select 1 as one from long_posts"),
            materialized_view("word_counts", "select user_id, max(words) as words from posts group by user_id"),
            full_text("posts_search", (Post::title,)).tokenizer("porter"),
            row_security::<Post>().forced(),
            policy::<Post>("readers").command("select").to(&["public"]).using("words > 1"),
            postgres("create function shout(t text) returns varchar language sql immutable as $$ select upper(t) || '!!' $$"),
            postgres("create function log_post() returns trigger language plpgsql as $$ begin return new; end $$"),
            postgres("create trigger log before insert or update on posts for each row execute function log_post()"),
            sqlite("create trigger log after update on posts when new.words is null begin update posts set words = 0 where id = new.id; end"),
        ];
    }
}

fn texts(rows: Vec<Vec<Option<String>>>) -> Vec<String> {
    rows.into_iter().map(|row| row.into_iter().map(|it| it.unwrap_or_default()).collect::<Vec<_>>().join(" ")).collect()
}

fn objects(project: &Project) -> Vec<String> {
    let model = project.backend.introspect(&mut *project.session()).expect("the database can be read");
    let mut objects: Vec<String> = model.objects.iter().map(ToString::to_string).collect();
    objects.sort();
    objects
}

fn applied(project: &Project) -> Result<(), Error> {
    project.generate(first::schema())?;
    project.migrate()?;
    project.run("insert into users (name) values ('Ann'), ('Bob')");
    project.run("insert into posts (user_id, title, words) values (1, 'Running far', 2000), (2, 'Two', 600)");
    Ok(())
}

each_database! {
    fn there_and_back(project) {
        applied(&project)?;
        let is_sqlite = project.url.starts_with("sqlite");
        let expected: &[&str] = if is_sqlite {
            &[
                "trigger log of posts", "trigger posts_search_delete of posts", "trigger posts_search_insert of posts",
                "trigger posts_search_update of posts", "trigger users_changed_at_touch of users", "view long_posts",
                "view long_titles", "view word_counts", "virtual table posts_search",
            ]
        } else {
            &[
                "extension pg_trgm", "function log_post()", "function shout(t text)", "function touch_changed_at()",
                "materialized view word_counts", "policy readers of posts", "row security of posts",
                "sequence invoice_numbers", "trigger log of posts", "trigger users_changed_at_touch of users",
                "view long_posts", "view long_titles",
            ]
        };
        assert_eq!(objects(&project), expected);
        assert_eq!(project.generate(first::schema())?.changes, Vec::<String>::new());
        assert_eq!(project.drift(), None);
        assert_eq!(texts(project.rows("select title from long_titles")), ["Running far"]);

        let generated = project.generate(later::schema())?;
        insta::assert_snapshot!(format!("later_{}", project.backend.dialect().name()), generated.up);
        assert_eq!(generated.irreversible, None);
        project.migrate()?;
        assert_eq!(texts(project.rows("select count(*) from long_titles")), ["2"]);
        assert_eq!(project.generate(later::schema())?.changes, Vec::<String>::new());
        let checked = check(project.backend, &project.url, Some(&later::schema()), &project.folder, false)?;
        assert_eq!(checked.errors, Vec::<String>::new());
        assert_eq!(project.drift(), None);

        project.rollback(&[])?;
        assert_eq!(objects(&project), expected);
        assert_eq!(project.drift(), None);
        assert_eq!(texts(project.rows("select title from long_titles")), ["Running far"]);
    }

    /// The same without migrations. What the schema does not declare stays, because nobody knows who made it.
    fn pushed(project) {
        let none = PushOptions::default();
        project.run("create table ours (a integer); create view by_hand as select a from ours");
        let allowed = PushOptions { allow: vec!["ours".to_owned()], ..PushOptions::default() };
        project.run("drop view by_hand; drop table ours");
        push(project.backend, &project.url, &first::schema(), &allowed)?;
        project.run("create view by_hand as select id from posts");
        assert_eq!(push(project.backend, &project.url, &first::schema(), &none)?.changes, Vec::<String>::new());
        push(project.backend, &project.url, &later::schema(), &none)?;
        assert_eq!(push(project.backend, &project.url, &later::schema(), &none)?.changes, Vec::<String>::new());
        assert!(objects(&project).contains(&"view by_hand".to_owned()));
    }

    fn nothing_is_declared_any_more(project) {
        applied(&project)?;
        project.write(first::schema(), "create view by_hand as select id from long_posts")?;
        project.migrate()?;
        let error = project.generate(tables::schema()).map(|it| it.up).expect_err("a view made by hand reads one that goes");
        assert!(error.to_string().contains("by_hand"), "{error}");
        project.write(first::schema(), "drop view by_hand")?;
        let generated = project.generate(tables::schema())?;
        let losses: &[&str] = if project.url.starts_with("sqlite") { &[] } else { &["invoice_numbers"] };
        assert_eq!(generated.loses, losses);
        let options = orm_kit::apply::MigrateOptions { allow: generated.loses, ..Default::default() };
        project.migrate_with(&options)?;
        assert_eq!(objects(&project), Vec::<String>::new());
        assert_eq!(texts(project.rows("select count(*) from posts")), ["2"]);
    }

    /// The database itself stores the time of an update, whoever writes.
    fn times_of_updates(project) {
        applied(&project)?;
        project.run("update users set changed_at = '2020-01-01T00:00:00.000000Z'");
        project.run("update users set name = 'Anna' where id = 1");
        let old = "select name from users where changed_at < '2021-01-01T00:00:00.000000Z'";
        assert_eq!(texts(project.rows(old)), ["Bob"]);
    }
}

/// An index over rows that were there before it, which follows inserts, updates and deletes, also after its table was made anew.
#[test]
fn full_text_of_rows_that_were_there() -> Result<(), Error> {
    let project = Project::sqlite();
    project.generate(tables::schema())?;
    project.migrate()?;
    project.run("insert into users (name) values ('Ann'); insert into posts (user_id, title, words) values (1, 'running', 1), (1, 'two', 2)");
    project.generate(first::schema())?;
    project.migrate()?;
    let found = |word: &str| {
        let sql =
            format!("select p.id from posts_search s join posts p on p.id = s.rowid where posts_search match '{word}'");
        texts(project.rows(&sql))
    };
    assert_eq!((found("running"), found("run")), (vec!["1".to_owned()], vec![]));
    project.generate(later::schema())?;
    project.migrate()?;
    assert_eq!(found("run"), ["1"]);
    project.run("update posts set title = 'three' where id = 1; delete from posts where id = 2; insert into posts (user_id, title, words) values (1, 'Four', 1)");
    assert_eq!(
        (found("run"), found("two"), found("three"), found("four")),
        (vec![], vec![], vec!["1".to_owned()], vec!["3".to_owned()])
    );
    project.run("insert into posts_search (posts_search) values ('integrity-check')");
    Ok(())
}

/// Both have a trigger after an update, and one of them is an update itself.
#[test]
fn a_table_that_is_indexed_and_touched() -> Result<(), Error> {
    use orm::prelude::*;

    #[derive(Debug, Clone, PartialEq, Table)]
    struct Article {
        #[column(primary_key, auto_increment)]
        id: i64,
        title: String,
        body: String,
        #[column(default = now())]
        changed_at: DateTime<Utc>,
    }
    schema! {
        fn schema() = [Article] with [
            full_text("articles_search", (Article::title, Article::body)),
            updated_at(Article::changed_at),
        ];
    }
    schema! {
        fn the_other_way() = [Article] with [
            updated_at(Article::changed_at),
            full_text("articles_search", (Article::title, Article::body)),
        ];
    }
    const LONG: &str = "a much longer title than the row and all others had before it was changed";
    for schema in [schema(), the_other_way()] {
        let project = Project::sqlite();
        project.generate(schema)?;
        project.migrate()?;
        project.run(
            "insert into articles (title, body) values ('first', 'one'), ('second', 'two');
             update articles set changed_at = '2020-01-01T00:00:00.000000Z';
             update articles set title = 'third' where id = 1; update articles set id = 7 where id = 2; delete from articles where id = 1",
        );
        let found = |word: &str| {
            texts(project.rows(&format!("select rowid from articles_search where articles_search match '{word}'")))
        };
        assert_eq!((found("first"), found("third"), found("second")), (vec![], vec![], vec!["7".to_owned()]));
        project.run(&format!("update articles set title = '{LONG}', body = '{LONG}'"));
        project.run("insert into articles_search (articles_search, rank) values ('integrity-check', 1)");
    }
    Ok(())
}

/// A table that is made anew with other texts is indexed again.
#[test]
fn full_text_of_a_table_made_anew() -> Result<(), Error> {
    use orm::prelude::*;

    #[derive(Debug, Clone, PartialEq, Table)]
    #[table(name = "articles")]
    struct Article {
        #[column(primary_key, auto_increment)]
        id: i64,
        title: Option<String>,
    }
    mod required {
        use orm::prelude::*;

        #[derive(Debug, Clone, PartialEq, Table)]
        #[table(name = "articles")]
        pub(crate) struct Article {
            #[column(primary_key, auto_increment)]
            pub(crate) id: i64,
            pub(crate) title: String,
        }
        schema! { pub(crate) fn schema() = [Article] with [full_text("articles_search", (Article::title,))] }
    }
    const FIRST: orm::schema::Schema = orm::schema::Schema::new(&[Article::DEF]).with(&[orm::schema::object::sqlite(
        "create virtual table articles_search using fts5(\"title\", content='articles')",
    )]);
    let project = Project::sqlite();
    project.generate(FIRST)?;
    project.migrate()?;
    project.run("insert into articles (title) values (null), ('second')");
    project.run("insert into articles_search (articles_search) values ('rebuild')");
    let generated = project.answer(required::schema(), r#"{"backfill": {"articles.title": "'untitled'"}}"#)?;
    let options = orm_kit::apply::MigrateOptions { allow: generated.loses, ..Default::default() };
    project.migrate_with(&options)?;
    let found = texts(project.rows("select rowid from articles_search where articles_search match 'untitled'"));
    assert_eq!(found, ["1"]);
    project.run("insert into articles_search (articles_search, rank) values ('integrity-check', 1)");
    Ok(())
}

/// What belongs to a view goes with it and comes back with it.
#[test]
fn a_view_that_takes_inserts() -> Result<(), Error> {
    use orm::prelude::*;

    schema! {
        fn first() = [tables::User] with [
            view("names", "select id, name from users"),
            sqlite("create trigger new_name instead of insert on names begin insert into users (name) values (new.name); end"),
        ];
    }
    schema! {
        fn later() = [tables::User] with [
            view("names", "select name, id from users"),
            sqlite("create trigger new_name instead of insert on names begin insert into users (name) values (new.name); end"),
        ];
    }
    schema! { fn last() = [tables::User] }
    let project = Project::sqlite();
    for schema in [first(), later(), last()] {
        assert_eq!(project.generate(schema)?.irreversible, None);
        project.migrate()?;
    }
    assert_eq!(objects(&project), Vec::<String>::new());
    project.rollback(&[])?;
    project.run("insert into names (name) values ('Ann')");
    assert_eq!(texts(project.rows("select name from users")), ["Ann"]);
    Ok(())
}

/// A function is looked into by nobody before it is called.
#[test]
fn a_column_that_a_trigger_needs() -> Result<(), Error> {
    use orm::prelude::*;

    #[derive(Debug, Clone, PartialEq, Table)]
    #[table(name = "users")]
    struct Untouched {
        #[column(primary_key, auto_increment)]
        id: i64,
        name: String,
    }
    schema! { fn first() = [tables::User] with [updated_at(tables::User::changed_at)] }
    schema! { fn without() = [Untouched] }
    let project = Project::postgres();
    push(project.backend, &project.url, &first(), &PushOptions::default())?;
    let options = PushOptions { allow: vec!["users.changed_at".to_owned()], ..PushOptions::default() };
    let error = push(project.backend, &project.url, &without(), &options).expect_err("updates would fail from now on");
    assert!(error.to_string().contains("the trigger `users_changed_at_touch` of `users`"), "{error}");
    project.run("drop trigger users_changed_at_touch on users");
    push(project.backend, &project.url, &without(), &options)?;
    Ok(())
}

/// Functions of one name, one that reads a view, one that gives back rows; a trigger of a table in partitions, with row security.
#[test]
fn functions_and_partitions() -> Result<(), Error> {
    use orm::prelude::*;

    schema! {
        fn declared() = [tables::User] with [
            postgres("create function twice(a integer) returns integer language sql immutable as 'select a * 2'"),
            postgres("create function twice(a text) returns text language sql immutable as 'select a || a'"),
            postgres("create function counted() returns bigint language sql as 'select count(*) from names'"),
            postgres("create function everybody() returns setof users language sql as 'select * from users'"),
            postgres("create function stop_it() returns trigger language plpgsql as 'begin return null; end'"),
            view("names", "select name from users"),
            postgres("create table events (at date not null, what text collate \"C\", amount integer, \
                doubled integer generated always as (amount * 2) stored) partition by range (at)"),
            postgres("create table events_rest partition of events default"),
            postgres("create trigger stopped before insert on events for each row execute function stop_it()"),
            postgres("alter table events enable row level security"),
        ];
    }
    schema! { fn without() = [tables::User] }
    let project = Project::postgres();
    assert_eq!(project.generate(declared())?.irreversible, None);
    project.migrate()?;
    assert_eq!(project.generate(declared())?.changes, Vec::<String>::new());
    assert_eq!(project.drift(), None);
    let generated = "select attgenerated, attcollation::regcollation from pg_attribute where attrelid = 'events'::regclass and attnum > 1";
    assert_eq!(texts(project.rows(generated)), [" \"C\"", " -", "s -"]);
    let generated = project.generate(without())?;
    assert_eq!(generated.loses, ["events_rest", "events"]);
    let options = orm_kit::apply::MigrateOptions { allow: generated.loses, ..Default::default() };
    project.migrate_with(&options)?;
    project.rollback(&[])?;
    assert_eq!(project.drift(), None);
    Ok(())
}

/// A view with a struct is created and changed like one without.
mod typed {
    use super::tables::{Post, User};
    use orm::prelude::*;

    #[derive(Debug, Clone, PartialEq, View)]
    #[view(name = "busy", as = "select user_id, count(*) as posts from posts group by user_id")]
    pub(crate) struct Busy {
        #[column(primary_key)]
        pub(crate) user_id: i64,
        pub(crate) posts: i64,
    }

    pub(crate) mod later {
        use super::{Post, User};
        use orm::prelude::*;

        #[derive(Debug, Clone, PartialEq, View)]
        #[view(name = "busy", as = "select user_id, count(*) as posts from posts where words > 700 group by user_id")]
        pub(crate) struct Busy {
            #[column(primary_key)]
            pub(crate) user_id: i64,
            pub(crate) posts: i64,
        }
        schema! { pub(crate) fn schema() = [User, Post, Busy] }
    }

    schema! { pub(crate) fn schema() = [User, Post, Busy] }
}

each_database! {
    fn views_with_structs(project) {
        applied(&project)?;
        let without = project.generate(typed::schema())?;
        let options = orm_kit::apply::MigrateOptions { allow: without.loses, ..Default::default() };
        project.migrate_with(&options)?;
        assert_eq!(texts(project.rows("select user_id, posts from busy order by 1")), ["1 1", "2 1"]);
        assert_eq!(project.generate(typed::schema())?.changes, Vec::<String>::new());
        let generated = project.generate(typed::later::schema())?;
        assert_eq!(generated.changes, ["change view busy"]);
        project.migrate()?;
        assert_eq!(texts(project.rows("select user_id, posts from busy order by 1")), ["1 1"]);
        assert_eq!(objects(&project), ["view busy"]);
    }
}

#[test]
fn statements_that_create_nothing_known() {
    use orm::prelude::*;
    schema! { fn table() = [tables::User] with [sql("create table t (a integer)")] }
    let project = Project::sqlite();
    let error = project.generate(table()).expect_err("a table is declared as a struct");
    let message = "the schema declares `create table t (a integer) …`, which is not a statement that creates an object beside tables";
    assert_eq!(error.to_string(), message);
    schema! { fn twice() = [tables::User] with [view("v", "select 1"), view("v", "select 2")] }
    let error = project.generate(twice()).expect_err("one name is for one view");
    assert_eq!(error.to_string(), "the view v is declared twice");
    schema! { fn broken() = [tables::User] with [view("v", "select nothing from users")] }
    let error = project.generate(broken()).expect_err("there is no such column");
    assert!(error.to_string().contains("nothing"), "{error}");
}

/// What belongs to a view stays when the view is made anew because a column below it changes.
#[test]
fn what_belongs_to_a_view() -> Result<(), Error> {
    mod wider {
        use orm::prelude::*;

        #[derive(Debug, Clone, PartialEq, Table)]
        pub(crate) struct User {
            #[column(primary_key, auto_increment)]
            pub(crate) id: i64,
            #[column(length = 200)]
            pub(crate) name: String,
            #[column(default = now())]
            pub(crate) changed_at: DateTime<Utc>,
        }
        schema! { pub(crate) fn schema() = [User, super::tables::Post] }
    }
    let project = Project::postgres();
    project.generate(tables::schema())?;
    project.write(
        tables::schema(),
        "create view names with (security_barrier = true) as select id, name from users;
         create view names_again as select name from names;
         comment on view names is 'who''s who';
         comment on column names.name is 'as called';
         grant select, update on names to public;
         create function stop_it() returns trigger language plpgsql as $$ begin return null; end $$;
         create trigger no_delete instead of delete on names for each row execute function stop_it();
         create materialized view counted as select name, count(*) from users group by name;
         create unique index counted_once on counted (name);
         create trigger asleep before update of name on users for each row execute function stop_it();
         alter table users disable trigger asleep",
    )?;
    project.migrate()?;
    let facts = |project: &Project| {
        let model = project.backend.introspect(&mut *project.session()).expect("the database can be read");
        let mut facts: Vec<String> = model.objects.iter().flat_map(|object| object.sql.clone()).collect();
        facts.sort();
        facts
    };
    let before = facts(&project);
    assert_eq!(before.len(), 11, "{before:#?}");
    let generated = project.generate(wider::schema())?;
    assert!(generated.up.contains("drop view"), "{}", generated.up);
    let options = orm_kit::apply::MigrateOptions { allow: generated.loses, ..Default::default() };
    project.migrate_with(&options)?;
    let casts = |facts: Vec<String>| facts.join("\n").replace("::text", "").replace(['(', ')'], "");
    assert_eq!(casts(facts(&project)), casts(before.clone()));
    assert_eq!(project.drift(), None);
    project.rollback(&["users.name"])?;
    assert_eq!(casts(facts(&project)), casts(before));
    Ok(())
}
