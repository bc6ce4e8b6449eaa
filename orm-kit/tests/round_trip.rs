//! Whole databases: what is read from one, created in another, and read again is the same.
//!
//! `ORM_KIT_SCHEMAS` names a folder with `postgres/*.sql` and `sqlite/*.sql`, which are tried too.

use orm_kit::{
    Error,
    backend::{self, Backend},
    diff::diff,
    model::Model,
    shadow::Shadow,
};

/// The schema of a database that was created from that of another, and that of one created from this. PostgreSQL's printer needs
/// a round to settle.
fn there_and_back(url: &str, sql: &str) -> Result<(Model, Model), Error> {
    let backend: &'static dyn Backend = backend::of(url)?;
    let mut first = Shadow::new(backend, url)?;
    // What pg_dump writes sets the search path.
    first.session().run(sql)?;
    if url.starts_with("postgres") {
        first.session().run("set search_path = public")?;
    }
    let read = first.introspect()?;
    drop(first);
    let again = |model: &Model| -> Result<Model, Error> {
        let mut shadow = Shadow::new(backend, url)?;
        shadow.recreate(model)?;
        shadow.introspect()
    };
    let settled = again(&read)?;
    let objects = |model: &Model| (model.tables.len(), model.enums.len(), model.objects.len());
    assert_eq!(objects(&settled), objects(&read));
    let last = again(&settled)?;
    Ok((settled, last))
}

fn check(url: &str, name: &str, sql: &str) -> Model {
    let (read, again) = there_and_back(url, sql).unwrap_or_else(|error| panic!("{name}: {error}"));
    let backend = backend::of(url).expect("it was one before");
    let rest: Vec<String> = diff(&read, &again, backend).iter().map(ToString::to_string).collect();
    assert_eq!(rest, Vec::<String>::new(), "{name}");
    let objects = |model: &Model| {
        let mut objects: Vec<String> =
            model.objects.iter().map(|object| format!("{object}: {}", object.text())).collect();
        objects.sort();
        objects
    };
    assert_eq!(objects(&read), objects(&again), "{name}");
    read
}

fn further(database: &str, url: &str) {
    let Ok(folder) = std::env::var("ORM_KIT_SCHEMAS") else { return };
    let folder = std::path::Path::new(&folder).join(database);
    for entry in std::fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let sql = std::fs::read_to_string(&path).expect("the file can be read");
        let model = check(url, &path.display().to_string(), &sql);
        assert!(model.tables.len() > 5, "{}: {} tables", path.display(), model.tables.len());
    }
}

#[test]
fn sqlite() {
    let model = check("sqlite::memory:", "ours", include_str!("round_trip/sqlite.sql"));
    assert_eq!((model.tables.len(), model.objects.len()), (4, 5));
    further("sqlite", "sqlite::memory:");
}

#[test]
fn postgres() {
    let url = std::env::var("ORM_TEST_POSTGRES")
        .expect("ORM_TEST_POSTGRES names a PostgreSQL server; `scripts/with-postgres cargo nextest run` starts one");
    let model = check(&url, "ours", include_str!("round_trip/postgres.sql"));
    assert_eq!((model.tables.len(), model.enums.len(), model.objects.len()), (4, 2, 15));
    further("postgres", &url);
}
