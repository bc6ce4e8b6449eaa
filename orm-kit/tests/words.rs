//! Texts of SQLite whose words would be others in PostgreSQL: names in brackets and backticks, dollars that begin no text.

#[path = "support/project.rs"]
mod project;

use orm_kit::{
    Error,
    generate::GenerateOptions,
    pull::pull,
    push::{PushOptions, push},
};
use project::Project;

mod tables {
    use orm::prelude::*;

    #[derive(Debug, Clone, PartialEq, Table)]
    #[table(check(dollars = "[a 'b'] <> '$x$' and `c;d` <> '$x$' and \"$e$\" <> ';'"))]
    pub(crate) struct Item {
        #[column(primary_key)]
        pub(crate) id: i64,
        #[column(name = "a 'b'")]
        pub(crate) a: String,
        #[column(name = "c;d", default = "$x$; [")]
        pub(crate) c: String,
        #[column(name = "$e$", check = "e$ <> ''")]
        pub(crate) e: String,
        #[column(name = "e$")]
        pub(crate) f: String,
    }

    schema! { pub(crate) fn schema() = [Item] }
}

#[test]
fn pushed_and_pulled() -> Result<(), Error> {
    let project = Project::sqlite();
    let push = || push(project.backend, &project.url, &tables::schema(), &PushOptions::default());
    assert_eq!(push()?.changes.len(), 1);
    assert_eq!(push()?.changes, Vec::<String>::new());
    project.run("insert into items values (1, 'a', 'c', 'e', 'f')");
    project.run("insert into items values (2, 'a', 'c', '$x$', 'f')");
    project.session().run("insert into items values (3, 'a', '$x$', 'e', 'f')").expect_err("a check refuses it");
    let pulled = pull(project.backend, &project.url)?;
    assert_eq!(pulled.lost, []);
    Ok(())
}

/// What is made by hand beside it is read as well, and stays.
#[test]
fn made_by_hand() -> Result<(), Error> {
    let project = Project::sqlite();
    let generate = || project.generate_with(tables::schema(), GenerateOptions::default());
    generate()?;
    project.write(
        tables::schema(),
        "create table [by 'hand'] (`x;y` text default '$$', z$ integer check (z$ > 0 and [x';y] <> '$z'), [x';y] text);\n\
         create view [all of 'it'] as select `x;y` from [by 'hand'] where `x;y` <> '$$;'",
    )?;
    assert_eq!(generate()?.folder, None);
    assert_eq!(project.migrate()?.applied.len(), 2);
    assert_eq!(project.drift(), None);
    let model = project.backend.introspect(&mut *project.session())?;
    assert_eq!(model.objects[0].reads, ["by 'hand'"]);
    let hand = model.table("by 'hand'").expect("it is there");
    assert_eq!((hand.columns.len(), hand.checks.len()), (3, 1));
    Ok(())
}
