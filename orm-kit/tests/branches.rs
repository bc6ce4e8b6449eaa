//! Migrations of two branches: merged if their order does not matter, and found if it does.

#[path = "support/project.rs"]
mod project;

use std::fs;

use orm::{
    Table,
    schema::{Schema, object::view},
};
use orm_kit::{Error, check::check, folder, generate::GenerateOptions};
use project::{Project, each_database};

/// A table as it is on either branch.
macro_rules! item {
    ($module:ident: $($field:tt)*) => {
        mod $module {
            use orm::prelude::*;

            #[derive(Debug, Clone, PartialEq, Table)]
            #[table(name = "items")]
            pub(crate) struct Item {
                #[column(primary_key, auto_increment)]
                pub(crate) id: i64,
                $($field)*
            }
        }
    };
}

item!(base: pub(crate) name: String,);
item!(with_age: pub(crate) name: String, pub(crate) age: Option<i32>,);
item!(with_size: pub(crate) name: String, pub(crate) size: Option<i32>,);
item!(with_both: pub(crate) name: String, pub(crate) age: Option<i32>, pub(crate) size: Option<i32>,);
item!(renamed: #[column(renamed_from = "name")] pub(crate) title: String,);
item!(indexed: #[column(index)] pub(crate) name: String,);

const BASE: Schema = Schema::new(&[base::Item::DEF]);
const WITH_AGE: Schema = Schema::new(&[with_age::Item::DEF]);
const WITH_SIZE: Schema = Schema::new(&[with_size::Item::DEF]);
const WITH_BOTH: Schema = Schema::new(&[with_both::Item::DEF]);
const RENAMED: Schema = Schema::new(&[renamed::Item::DEF]);
const INDEXED: Schema = Schema::new(&[indexed::Item::DEF]);

const WITH_VIEW: Schema = WITH_AGE.with(&[view("names", "select name from items")]);
const WITH_BOTH_AND_VIEW: Schema = WITH_BOTH.with(&[view("names", "select name from items")]);

/// Generates a migration on each of two branches, and puts them together.
fn branches(project: &Project, one: Schema, other: Schema) -> Result<(), Error> {
    project.generate(BASE)?;
    let first = project.generate(one)?.folder.expect("there is a change");
    let aside = project.folder.with_file_name("aside");
    fs::rename(&first, &aside).expect("it can be moved");
    let options = GenerateOptions { name: Some("other".to_owned()), ..GenerateOptions::default() };
    project.generate_with(other, options)?;
    fs::rename(&aside, &first).expect("it can be moved back");
    assert_eq!(folder::read(&project.folder)?.len(), 3);
    Ok(())
}

fn checked(project: &Project, schema: &Schema, merge: bool) -> Result<Vec<String>, Error> {
    Ok(check(project.backend, &project.url, Some(schema), &project.folder, merge)?.errors)
}

each_database! {
    fn columns_of_two_branches(project) {
        branches(&project, WITH_AGE, WITH_SIZE)?;
        let error = project.generate(WITH_BOTH).expect_err("the branches are not merged");
        assert!(error.to_string().contains("run `check --merge`"), "{error}");
        let errors = checked(&project, &WITH_BOTH, false)?;
        assert!(errors[0].contains("in whatever order"), "{errors:?}");
        assert_eq!(checked(&project, &WITH_BOTH, true)?, Vec::<String>::new());
        assert_eq!(checked(&project, &WITH_BOTH, false)?, Vec::<String>::new());
        assert_eq!(project.generate(WITH_BOTH)?.folder, None);
        assert_eq!(project.migrate()?.applied.len(), 4);
        assert_eq!(project.drift(), None);
    }

    /// A database that has one branch gets the other after they were merged, and not before.
    fn the_other_branch_comes_late(project) {
        branches(&project, WITH_AGE, WITH_SIZE)?;
        let all = project.migrations();
        let aside = project.folder.with_file_name("aside");
        fs::rename(project.folder.join(&all[1].id), &aside).expect("it can be moved");
        project.migrate()?;
        fs::rename(&aside, project.folder.join(&all[1].id)).expect("it can be moved back");
        let error = project.migrate().expect_err("the order was not proved not to matter");
        assert!(error.to_string().contains("which is applied already: run `check --merge`"), "{error}");
        checked(&project, &WITH_BOTH, true)?;
        assert_eq!(project.migrate()?.applied[0], all[1].id);
        assert_eq!(project.drift(), None);
        assert_eq!(project.generate(WITH_BOTH)?.folder, None);
    }

    /// What a branch declared is still declared after both were merged, and goes when the schema has it no more.
    fn an_object_of_one_branch(project) {
        branches(&project, WITH_VIEW, WITH_SIZE)?;
        assert_eq!(checked(&project, &WITH_BOTH_AND_VIEW, true)?, Vec::<String>::new());
        assert_eq!(project.generate(WITH_BOTH_AND_VIEW)?.folder, None);
        assert_eq!(project.generate(WITH_BOTH)?.changes, ["drop view names"]);
        project.migrate()?;
        assert_eq!(project.drift(), None);
    }

    /// Two migrations that change no schema are two states, also where one text is the other.
    fn custom_migrations_of_two_branches(project) {
        project.generate(BASE)?;
        let custom = |name: &str| {
            let options = GenerateOptions { custom: true, name: Some(name.to_owned()), ..GenerateOptions::default() };
            Ok::<_, Error>(project.generate_with(BASE, options)?.folder.expect("it is written"))
        };
        let first = custom("one")?;
        let aside = project.folder.with_file_name("aside");
        fs::rename(&first, &aside).expect("it can be moved");
        custom("other")?;
        fs::rename(&aside, &first).expect("it can be moved back");
        let error = project.generate(BASE).expect_err("the branches are not merged");
        assert!(error.to_string().contains("come from branches that were not merged"), "{error}");
        assert_eq!(checked(&project, &BASE, true)?, Vec::<String>::new());
        assert_eq!(project.migrations()[3].snapshot.prev.len(), 2);
        assert_eq!(project.migrate()?.applied.len(), 4);
        assert_eq!(project.drift(), None);
    }

    /// One branch renames what the other uses.
    fn branches_that_do_not_fit(project) {
        branches(&project, RENAMED, INDEXED)?;
        let errors = checked(&project, &RENAMED, true)?;
        assert!(errors[0].contains("the branches do not fit"), "{errors:?}");
        assert_eq!(project.migrations().len(), 3);
    }

    /// Both branches write the same view anew: the last one to do so has its way.
    fn a_view_of_both_branches(project) {
        branches(&project, WITH_AGE, WITH_SIZE)?;
        let view = |what: &str| format!(";\ndrop view if exists labels;\ncreate view labels as select {what} as label from items;\n");
        let all = project.migrations();
        for (migration, what) in all[1..].iter().zip(["name", "upper(name)"]) {
            let text = format!("{}{}", migration.up.trim_end().trim_end_matches(';'), view(what));
            fs::write(project.folder.join(&migration.id).join("up.sql"), text).expect("it can be written");
        }
        let errors = checked(&project, &WITH_BOTH, true)?;
        assert_eq!(errors, ["what the branches lead to depends on their order:\nchange view labels"]);
        assert_eq!(project.migrations().len(), 3);
    }
}
