//! Triggers of SQLite, whose body is only looked at when they fire: one that a change breaks is found before the change is made.

use orm_kit::{
    Error,
    backend::{self, Backend},
    prove::{Manner, Rebuild, prove},
    question::Answers,
    shadow::Shadow,
};

/// What comes of a change of a schema, in words.
fn change(from: &str, to: &str, answers: &str, rebuild: Rebuild) -> Result<(), String> {
    let backend: &'static dyn Backend = backend::of("sqlite::memory:").expect("a URL of SQLite");
    let shadow = || Shadow::new(backend, "sqlite::memory:").expect("there is memory");
    let (mut before, mut after) = (shadow(), shadow());
    before.session().run(from).expect("the statements are valid");
    after.session().run(to).expect("the statements are valid");
    let to = after.introspect().expect("it can be read");
    let answers: Answers = serde_json::from_str(answers).expect("the answers are JSON");
    let proved = prove(backend, &mut before, &to, &answers, Manner { rebuild, ..Manner::default() });
    match proved {
        Ok(proved) => proved.down.map(drop),
        Err(Error::Unproved { problem }) => Err(problem),
        Err(error) => panic!("{error}"),
    }
}

const TABLES: &str = "create table a (id integer primary key, b text, c integer as (id * 2)); \
    create table log (id integer primary key, what text, extra text, \"it's\" text); create view v as select id, b from a;";
const WITHOUT: &str = "create table a (id integer primary key, b text, c integer as (id * 2)); \
    create table log (id integer primary key, what text, \"it's\" text);";

#[test]
fn a_column_that_a_body_uses_goes() {
    for (trigger, problem) in [
        (
            "create trigger \"on it\" after insert on a begin insert into log (what, extra) values (new.b, 'x'); end",
            "broke the trigger `on it`: table log has no column named extra",
        ),
        (
            "create trigger t before update of b on a when new.b <> '' begin update log set what = extra; end",
            "broke the trigger `t`: no such column: extra",
        ),
        (
            "create trigger t after delete on a begin delete from log where log.extra = old.b; end",
            "broke the trigger `t`: no such column: log.extra",
        ),
        (
            "create trigger if not exists t instead of update on v begin insert into log (what) select extra from log; end",
            "broke the trigger `t`: no such column: extra",
        ),
        (
            "create trigger t instead of delete on v begin select extra from log; end",
            "broke the trigger `t`: no such column: extra",
        ),
    ] {
        // Others that fire along, and one that sets it off, are fine by themselves.
        let others = "create trigger first after insert on a begin select 1; end; \
            create trigger chain after insert on log begin insert into a (b) values (new.what); \
            update a set b = 'x'; delete from a where id = 0; end";
        let (from, to) = (format!("{TABLES} {trigger}; {others}"), format!("{WITHOUT} {others}"));
        assert_eq!(change(&from, &to, "{}", Rebuild::Copy), Err(problem.to_owned()), "{trigger}");
    }
}

#[test]
fn what_is_renamed_is_renamed_in_bodies() {
    let trigger = "create trigger t after insert on a begin insert into log (what, extra) values (new.b, 'x'); end";
    let to = WITHOUT.replace("what text,", "what text, more text,");
    let answers = r#"{"renamed": {"log.more": "extra"}}"#;
    assert_eq!(change(&format!("{TABLES} {trigger}"), &to, answers, Rebuild::Copy), Ok(()));
}

/// What did not work before is nobody's fault, however the change is made.
#[test]
fn a_trigger_that_was_broken_before() {
    let broken = "create trigger t after insert on a begin insert into nowhere values (1); end; \
        create trigger u after update on a begin insert into log (what) values (old.b); end";
    let to = TABLES.replace("b text,", "b text check (b <> ''),");
    for rebuild in [Rebuild::Copy, Rebuild::InPlace] {
        assert_eq!(change(&format!("{TABLES} {broken}"), &to, "{}", rebuild), Ok(()));
    }
}
