//! Statements that reach beyond one database, and what becomes of them on a shadow, beside which are databases that people use.

use orm_core::ddl::quote_text;

use crate::{
    error::Error,
    session::Session,
    sql::{Syntax, TokenKind, unquote},
};

/// What the comment of a role says that was made for a shadow, before the shadow's name. Nothing without it is dropped.
const MARK: &str = "a role of a shadow of orm-kit, dropped with it: ";

/// What a statement does to other databases of the server.
#[derive(Debug, PartialEq, Eq)]
enum Reach {
    /// Nothing.
    None,
    /// Nothing, but it needs roles, or makes them if they are not there.
    Needs(Vec<String>),
    /// It makes a role.
    Role(String),
    /// It makes roles, and changes some too.
    Roles(Vec<String>),
    /// It changes what is theirs too.
    Beyond,
}

/// Runs a statement on a shadow, so that nothing outside of it changes. A role that does not exist is made, may nothing, and is
/// dropped with the shadow; what else reaches beyond the database is left out, because no table depends on it.
pub(super) fn run_on_shadow(session: &mut dyn Session, sql: &str) -> Result<(), Error> {
    match reach(sql) {
        Reach::None => session.run(sql),
        Reach::Needs(roles) => {
            roles.iter().try_for_each(|role| make_role(session, role))?;
            session.run(sql)
        }
        Reach::Role(role) => make_role(session, &role),
        Reach::Roles(roles) => roles.iter().try_for_each(|role| make_role(session, role)),
        Reach::Beyond => Ok(()),
    }
}

/// Makes a role if there is none of this name. Who made it is a member, as who creates a role to give it something has to be.
fn make_role(session: &mut dyn Session, name: &str) -> Result<(), Error> {
    let name = quote_text(name);
    session.run(&format!(
        "do $orm$ begin if not exists (select from pg_roles where rolname = {name}) then \
            execute format('create role %I nologin role %I', {name}, current_user); \
            execute format('comment on role %I is %L', {name}, '{MARK}' || current_database()); end if; \
         exception when duplicate_object or unique_violation then null; end $orm$"
    ))
}

/// Drops the roles that were made for shadows that are gone, and those of this database if it is a shadow at its end.
///
/// # Errors
/// If the server refuses to tell. A role that another shadow uses stays until that is gone.
pub(super) fn drop_roles(session: &mut dyn Session, of_this: bool) -> Result<(), Error> {
    let or_this = if of_this { "or d.datname = current_database()" } else { "" };
    let left = session.rows(&format!(
        "select format('drop role if exists %I', r.rolname) from pg_roles r \
         left join pg_database d on '{MARK}' || d.datname = shobj_description(r.oid, 'pg_authid') \
         where starts_with(shobj_description(r.oid, 'pg_authid'), '{MARK}') and (d.oid is null {or_this})"
    ))?;
    left.into_iter().flatten().flatten().for_each(|sql| drop(session.run(&sql)));
    Ok(())
}

/// Takes away what the roles of this shadow own or may do in it: a role that may do something cannot be dropped.
///
/// # Errors
/// If the server refuses to tell.
pub(super) fn disown_roles(session: &mut dyn Session) -> Result<(), Error> {
    let roles = session.rows(&format!(
        "select format('drop owned by %I', rolname) from pg_roles \
         where shobj_description(oid, 'pg_authid') = '{MARK}' || current_database()"
    ))?;
    roles.into_iter().flatten().flatten().try_for_each(|sql| session.run(&sql))
}

fn reach(sql: &str) -> Reach {
    let words = words(sql);
    let all: Vec<&str> = words.iter().map(String::as_str).collect();
    match all[..] {
        ["create" | "alter" | "drop", "user", "mapping", ..] => Reach::None,
        ["create", "role" | "user" | "group", name, ..] => Reach::Role(unquote(name)),
        ["alter", "role" | "user" | "group", _, "rename", "to", name] => Reach::Role(unquote(name)),
        ["alter" | "drop", "role" | "user" | "group", ..] => Reach::Beyond,
        ["create" | "alter" | "drop", "database" | "tablespace" | "subscription", ..] => Reach::Beyond,
        ["alter", "system", ..] | ["reassign" | "drop", "owned", ..] => Reach::Beyond,
        ["grant" | "revoke" | "comment" | "security", ..] => {
            match all.iter().skip_while(|word| **word != "on").nth(1) {
                // A role is granted to another one.
                None => Reach::Beyond,
                Some(&("role" | "database" | "tablespace" | "subscription" | "parameter")) => Reach::Beyond,
                Some(_) => Reach::None,
            }
        }
        ["do", ..] => reach_of_a_block(sql),
        _ => Reach::None,
    }
}

/// What a block does. One that changes roles is as good as the statement that does: it cannot be run in part.
fn reach_of_a_block(sql: &str) -> Reach {
    let all = words_of_bodies(sql);
    let changes_roles = |pair: &[String]| match [pair[0].as_str(), &pair[1]] {
        ["alter" | "drop", "role" | "user" | "group"] => pair.get(2).is_none_or(|word| word != "mapping"),
        ["drop" | "reassign", "owned"] | ["alter", "system" | "database"] => true,
        _ => false,
    };
    let grants = all.iter().enumerate().filter(|(_, word)| *word == "grant" || *word == "revoke");
    let is_of_role = |(at, _): (usize, &String)| {
        let rest = all[at..].iter().take_while(|word| *word != ";");
        !rest.clone().any(|word| word == "on")
    };
    let roles = roles_of(&all);
    let creates_role =
        all.windows(2).any(|pair| pair[0] == "create" && matches!(pair[1].as_str(), "role" | "user" | "group"));
    if all.windows(3).any(changes_roles) || grants.into_iter().any(is_of_role) {
        // The roles it makes are needed by what follows.
        return if creates_role { Reach::Roles(roles) } else { Reach::Beyond };
    }
    Reach::Needs(roles)
}

/// The words inside of the texts of a block, which are its body.
fn words_of_bodies(sql: &str) -> Vec<String> {
    let tokens = Syntax::Postgres.tokens(sql);
    let bodies = tokens.iter().filter(|token| token.kind == TokenKind::Text).map(|token| &sql[token.span.clone()]);
    let inside = |text: &str| {
        let quote = text.find('$').and_then(|_| Some(text[1..].find('$')? + 2)).unwrap_or(1);
        words(text.get(quote..text.len() - quote).unwrap_or_default())
    };
    bodies.flat_map(inside).collect()
}

/// The roles that a block creates, which mostly does so if they are not there.
fn roles_of(all: &[String]) -> Vec<String> {
    let is_role = |window: &&[String]| {
        let is_kind = matches!(window[1].as_str(), "role" | "user" | "group");
        window[0] == "create" && is_kind && window[2] != "mapping" && !window[2].starts_with('%')
    };
    all.windows(3).filter(is_role).map(|window| unquote(&window[2])).collect()
}

/// The words of a text without comments, lower case where the server makes them so.
fn words(sql: &str) -> Vec<String> {
    let tokens = Syntax::Postgres.tokens(sql).into_iter().filter(|token| token.kind != TokenKind::Comment);
    let word = |token: crate::sql::Token| match token.kind {
        TokenKind::Word => sql[token.span].to_lowercase(),
        _ => sql[token.span].to_owned(),
    };
    tokens.map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::{Reach, reach};

    fn role(name: &str) -> Reach {
        Reach::Role(name.to_owned())
    }

    #[test]
    fn what_stays_in_the_database() {
        for sql in [
            "create table role (id int)",
            "create user mapping for current_user server s",
            "grant select on table t to r",
            "revoke grant option for select on t from r",
            "comment on table t is 'on role'",
            "alter default privileges grant select on tables to r",
            "drop table owned",
            "alter table t owner to r",
            "set role r",
            "select 'create role r'",
        ] {
            assert_eq!(reach(sql), Reach::None, "{sql}");
        }
    }

    #[test]
    fn what_reaches_beyond_it() {
        for sql in [
            "alter role r password 'x'",
            "ALTER USER r in database d set search_path = a",
            "drop role if exists r",
            "grant a to b with admin option",
            "revoke admin option for a from b",
            "grant connect on database d to r",
            "grant set on parameter log_statement to r",
            "revoke all on tablespace t from r",
            "comment on role r is 'x'",
            "comment on /* the */ database d is 'x'",
            "security label on role r is 'x'",
            "create database d",
            "alter database d set work_mem = '1MB'",
            "drop tablespace t",
            "alter system set work_mem = '1MB'",
            "create subscription s connection 'host=h' publication p",
            "reassign owned by a to b",
            "drop owned by a cascade",
            "do $$ begin if exists (select from pg_roles where rolname = 'a') then drop role a; end if; end $$",
            "do 'begin alter user a password ''x''; end'",
            "do $$ begin grant a to b; grant select on t to b; end $$",
            "do $$ begin reassign owned by a to b; end $$",
        ] {
            assert_eq!(reach(sql), Reach::Beyond, "{sql}");
        }
    }

    #[test]
    fn roles() {
        let made_or_altered = "do $$ begin create role a password 'x'; exception when duplicate_object then alter role a password 'x'; end $$";
        assert_eq!(reach(made_or_altered), Reach::Roles(vec!["a".to_owned()]));
        assert_eq!(
            reach("do $$ begin grant select on t to b; drop user mapping for a server s; end $$"),
            Reach::Needs(vec![])
        );
        assert_eq!(reach("create role Reader nologin"), role("reader"));
        assert_eq!(reach("/* a */ CREATE USER \"A \"\"b\" password 'x'"), role("A \"b"));
        assert_eq!(reach("alter role a rename to b"), role("b"));
        let body = "begin if not exists (select from pg_roles where rolname = 'a') then create role a; end if; \
            create user mapping for a server s; execute format('create role %I', 'b'); -- create role c\n end";
        let needs = Reach::Needs(vec!["a".to_owned()]);
        assert_eq!(reach(&format!("do $$ {body} $$")), needs);
        assert_eq!(reach(&format!("do language plpgsql $body$ {body} $body$")), needs);
        assert_eq!(reach("do 'begin create role a; end'"), needs);
    }
}
