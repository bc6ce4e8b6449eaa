//! Migrations that reach beyond their database, on the server of which are others.

#[path = "support/project.rs"]
mod project;

use orm_kit::{
    Error,
    check::check,
    generate::{GenerateOptions, generate},
    shadow::Place,
};
use project::Project;

mod notes {
    use orm::prelude::*;

    #[derive(Debug, Clone, PartialEq, Table)]
    pub(crate) struct Note {
        #[column(primary_key, auto_increment)]
        pub(crate) id: i64,
        pub(crate) text: String,
    }

    schema! { pub(crate) fn schema() = [Note] }
}

/// A project whose migrations make roles of these names and use them, and what those of the server are called.
fn with_roles(place: &str) -> Result<(Project, Vec<String>), Error> {
    let project = Project::postgres();
    let name = |role: &str| format!("orm_kit_{place}_{role}_{}", std::process::id());
    let roles = ["reader", "writer", "owner", "guard"].map(name).to_vec();
    let [reader, writer, owner, guard] = &roles[..] else { unreachable!("there are four") };
    let database = project.url.rsplit('/').next().expect("the URL ends with a database");
    project.generate(notes::schema())?;
    let text = format!(
        "create role {reader} login password 'secret'; create user {writer} in role {reader}; create role {owner}_first; \
         alter role {owner}_first rename to {owner}; grant {owner} to {writer}; comment on role {owner} is 'the owner'; \
         do $$ begin if not exists (select from pg_roles where rolname = '{guard}') then create role {guard}; end if; end $$; \
         alter role {reader} set search_path = notes; grant connect on database {database} to {reader}; \
         alter table notes enable row level security; alter table notes owner to {owner}; grant select on notes to {reader}; \
         grant usage on schema public to {reader}; alter default privileges grant select on tables to {reader}; \
         create policy see on notes for select to {reader}, {guard} using (id > 0)"
    );
    project.write(notes::schema(), &text)?;
    Ok((project, roles))
}

fn there(project: &Project, roles: &[String]) -> usize {
    let list: Vec<String> = roles.iter().map(|role| format!("'{role}', '{role}_first'")).collect();
    project.rows(&format!("select from pg_roles where rolname in ({})", list.join(", "))).len()
}

fn drop_all(project: &Project, roles: &[String]) {
    project.run("drop table notes cascade");
    for role in roles {
        project.run(&format!("drop owned by {role}; drop role {role}"));
    }
}

/// Migrations are tried before and after the roles are there, and leave the server as it was.
fn are_tried(project: &Project, place: Place<'_>, roles: &[String]) -> Result<(), Error> {
    let generate = || generate(project.backend, place, &notes::schema(), &project.folder, &GenerateOptions::default());
    assert_eq!(generate()?.changes, Vec::<String>::new());
    assert_eq!(there(project, roles), 0);
    assert_eq!(project.migrate()?.applied.len(), 2);
    assert_eq!(there(project, roles), 4);
    let of_roles =
        "select rolname, rolcanlogin, shobj_description(oid, 'pg_authid'), rolconfig from pg_roles order by 1";
    let before = project.rows(of_roles);
    assert_eq!(generate()?.changes, Vec::<String>::new());
    let checked = check(project.backend, place, Some(&notes::schema()), &project.folder, false)?;
    assert_eq!(checked.errors, Vec::<String>::new());
    let ours = |rows: Vec<Vec<Option<String>>>| {
        let is_ours = |row: &Vec<Option<String>>| roles.iter().any(|role| row[0].as_ref() == Some(role));
        rows.into_iter().filter(is_ours).collect::<Vec<_>>()
    };
    assert_eq!(ours(project.rows(of_roles)), ours(before));
    drop_all(project, roles);
    Ok(())
}

#[test]
fn roles_beside_the_database() -> Result<(), Error> {
    let (project, roles) = with_roles("beside")?;
    are_tried(&project, Place::Beside(&project.url), &roles)
}

#[test]
fn roles_of_a_given_shadow() -> Result<(), Error> {
    let (project, roles) = with_roles("given")?;
    let given = Project::postgres();
    are_tried(&project, Place::In(&given.url), &roles)
}

/// A role that a killed process left is gone before migrations make it.
#[test]
fn roles_that_were_left() -> Result<(), Error> {
    let (project, roles) = with_roles("left")?;
    let reader = &roles[0];
    let mark = "a role of a shadow of orm-kit, dropped with it: orm_shadow_1_that_is_gone";
    project.run(&format!("create role {reader}; comment on role {reader} is '{mark}'"));
    assert_eq!(project.migrate()?.applied.len(), 2);
    let login = project.rows(&format!("select rolcanlogin from pg_roles where rolname = '{reader}'"));
    assert_eq!(login, [[Some("t".to_owned())]]);
    drop_all(&project, &roles);
    Ok(())
}

/// What only other databases see is left out on a shadow, where it would fail, or do it.
#[test]
fn databases_and_settings() -> Result<(), Error> {
    let project = Project::postgres();
    project.generate(notes::schema())?;
    let database = format!("orm_kit_made_{}", std::process::id());
    let text = format!(
        "create database {database}; alter system set deadlock_timeout = '1234ms'; create tablespace nowhere location '/nowhere'; \
         create subscription none connection 'host=nowhere.invalid' publication none; create table made (id int)"
    );
    project.write(notes::schema(), &text)?;
    assert_eq!(project.generate(notes::schema())?.changes, Vec::<String>::new());
    assert_eq!(project.rows(&format!("select from pg_database where datname = '{database}'")).len(), 0);
    let settings = "select from pg_file_settings where name = 'deadlock_timeout'";
    assert_eq!(project.rows(settings).len(), 0);
    Ok(())
}
