//! Settings of roles and databases, and those that a pool sends.

use std::time::{Duration, Instant};

use crate::{secret::report, server::Server, support::*};
use orm::{
    Error, ErrorKind,
    postgres::{Pool, Transaction},
    prelude::*,
};

/// A column of every kind whose text depends on a setting, with defaults that are literals.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "sensitive", new(derive(Debug, Clone)))]
struct Sensitive {
    #[column(primary_key)]
    id: i32,
    text: String,
    bytes: Vec<u8>,
    float: f64,
    single: f32,
    date: NaiveDate,
    moment: DateTime<Utc>,
    local: NaiveDateTime,
    #[column(default = "C:\\temp\\'x'")]
    path: String,
}

schema! { fn sensitive() = [Sensitive] }

fn row() -> NewSensitive {
    let date = NaiveDate::from_ymd_opt(2024, 2, 1).expect("a day");
    let local = date.and_hms_micro_opt(23, 30, 0, 1).expect("a time");
    NewSensitive::new(
        1,
        "Zoë \\ 日本 '\u{1f600}'",
        b"\x00\\\xff".to_vec(),
        0.1 + 0.2,
        1.0e-40,
        date,
        local.and_utc(),
        local,
    )
}

async fn results(pool: &Pool) -> Result<Vec<Sensitive>, Error> {
    let row = row();
    Sensitive::select()
        .filter(Sensitive::text.eq(row.text.as_str()))
        .filter(Sensitive::bytes.eq(row.bytes.clone()))
        .filter(Sensitive::float.eq(row.float))
        .filter(Sensitive::date.eq(row.date))
        .filter(Sensitive::moment.eq(row.moment))
        .filter(Sensitive::local.in_list([row.local]))
        .filter(Sensitive::text.contains("\\ 日本 '"))
        .all(pool)
        .await
}

/// Whatever is set for the role, rows are read and written as they are; also where settings cannot be sent.
#[tokio::test]
async fn t04_settings_of_the_role_change_nothing() {
    let server = Server::new(Pool::options().size(1)).await;
    let role = format!("odd_{}", server.name());
    server.administer(&format!("create role {role} superuser login")).await;
    let url = server.url().replace("//orm@", &format!("//{role}@"));
    assert!(url.contains(&role), "the test server's user is `orm`: {url}");
    let mut expected = None;
    for setting in [
        "client_encoding = latin1",
        "client_encoding = sql_ascii",
        "standard_conforming_strings = off",
        "escape_string_warning = off",
        "datestyle = 'sql, dmy'",
        "intervalstyle = sql_standard",
        "bytea_output = escape",
        "extra_float_digits = -15",
        "timezone = 'Pacific/Kiritimati'",
        "lc_numeric = 'C'",
        "array_nulls = off",
        "transform_null_equals = on",
        "default_transaction_isolation = serializable",
        "plan_cache_mode = force_generic_plan",
    ] {
        server.administer(&format!("alter role {role} reset all; alter role {role} set {setting}")).await;
        for pgbouncer in [false, true] {
            let pool = Pool::options().size(1).pgbouncer(pgbouncer).connect(&url).await;
            if pgbouncer && setting == "standard_conforming_strings = off" {
                // Literals of `create_all` would be read by another rule, and nothing can be done about it from here.
                let error = pool.expect_err("literals are read by another rule");
                assert!(report(&error).contains("`standard_conforming_strings` is off"), "{}", report(&error));
                continue;
            }
            let pool = pool.unwrap_or_else(|error| panic!("{setting}: {}", report(&error)));
            let result = async {
                pool.create_all(&sensitive()).await?;
                Sensitive::insert().values(row()).execute(&pool).await?;
                let rows = results(&pool).await?;
                pool.execute_batch("drop table sensitive").await?;
                Ok::<_, Error>(rows)
            };
            let rows = result.await.unwrap_or_else(|error| panic!("{setting}: {}", report(&error)));
            assert_eq!(rows.len(), 1, "{setting}");
            assert_eq!(rows[0].path, "C:\\temp\\'x'", "{setting}");
            assert_eq!((&rows[0].text, &rows[0].bytes), (&row().text, &row().bytes), "{setting}");
            assert_eq!(rows, *expected.get_or_insert(rows.clone()), "{setting}");
        }
    }
    let other = format!("drop owned by {role}; drop role {role}");
    server.administer(&other).await;
}

/// A timeout of the server ends a statement; the connection goes on.
#[tokio::test]
async fn a_statement_may_not_take_longer_than_its_timeout() {
    let server = Server::new(Pool::options().size(1).statement_timeout(Duration::from_millis(50))).await;
    let pool = server.pool().clone();
    let result: Result<(), Error> =
        pool.transaction(async |tx: &Transaction<'_>| tx.execute_batch("select pg_sleep(5)").await).await;
    assert_eq!(result.expect_err("the statement takes too long").kind(), ErrorKind::Interrupted);
    assert_eq!(Group::select().count(&pool).await.expect("the next statement works"), 0);
}

/// A transaction that waits for its program for too long is ended by the server.
#[tokio::test]
async fn a_transaction_may_not_be_idle_longer_than_its_timeout() {
    let server = Server::new(Pool::options().size(1).idle_in_transaction_timeout(Duration::from_millis(50))).await;
    let pool = server.pool().clone();
    let result: Result<(), Error> = pool
        .transaction(async |tx: &Transaction<'_>| {
            Group::insert().set(Group::name, "lost").execute(tx).await?;
            tokio::time::sleep(Duration::from_millis(500)).await;
            Group::select().count(tx).await?;
            Ok(())
        })
        .await;
    assert_eq!(result.expect_err("the transaction is ended").kind(), ErrorKind::ConnectionLost);
    assert_eq!(Group::select().count(&pool).await.expect("the next statement works"), 0);
}

/// Tables are made and looked for in the schemas that are named, whose names are taken as they are.
#[tokio::test]
async fn schemas_are_looked_into_in_order() {
    let server = Server::new(Pool::options().size(1)).await;
    let plain = server.connect().await;
    plain.execute_batch(r#"create schema "say ""x"", B\ c"; create schema other"#).await.expect("schemas are made");
    let path = ["say \"x\", B\\ c", "other"];
    let pool = Pool::options().size(1).search_path(path).connect(server.url()).await.expect("the schemas can be named");
    pool.create_all(&schema()).await.expect("tables are made in the first schema");
    Group::insert().set(Group::name, "in a schema").execute(&pool).await.expect("the table is found");
    let batch = r#"do $$ begin assert (select name from "say ""x"", B\ c".groups) = 'in a schema'; end $$"#;
    plain.execute_batch(batch).await.expect("the table is in the first schema");
    assert_eq!(Group::select().count(&plain).await.expect("other connections look elsewhere"), 0);
    let behind = Pool::options().size(1).search_path(["other", path[0]]).connect(server.url()).await;
    let behind = behind.expect("the schemas can be named");
    assert_eq!(Group::select().count(&behind).await.expect("the second schema is looked into"), 1);
}

/// The name of the program is what the server shows; the one in the URL comes first.
#[tokio::test]
async fn the_name_of_the_application_is_shown() {
    let server = Server::new(Pool::options().size(1)).await;
    let options = || Pool::options().size(1).application_name("sho'p \\ \"x\"");
    let pool = options().connect(server.url()).await.expect("the name can be sent");
    let same = r#"do $$ begin assert current_setting('application_name') = 'sho''p \ "x"'; end $$"#;
    pool.execute_batch(same).await.expect("the name is as it was given");
    let pool = options().connect(&format!("{}?application_name=other", server.url())).await.expect("the URL is right");
    let other = "do $$ begin assert current_setting('application_name') = 'other'; end $$";
    pool.execute_batch(other).await.expect("the URL comes first");
    let url = format!("{}?options=-c%20work_mem%3D1MB%20-c%20datestyle%3Dgerman", server.url());
    let pool = options().connect(&url).await.expect("the URL has further options");
    let both = "do $$ begin
        assert current_setting('work_mem') = '1MB' and current_setting('datestyle') like 'ISO%';
    end $$";
    pool.execute_batch(both).await.expect("what results depend on cannot be changed");
}

/// No more statements are kept on the server than the options say.
#[tokio::test]
async fn prepared_statements_have_a_limit() {
    let server = Server::new(Pool::options().size(1).statement_cache(2)).await;
    let pool = server.pool().clone();
    let result: Result<(), Error> = pool
        .transaction(async |tx: &Transaction<'_>| {
            Group::select().count(tx).await?;
            User::select().count(tx).await?;
            Post::select().count(tx).await?;
            Employee::select().count(tx).await?;
            tx.execute_batch("do $$ begin assert (select count(*) from pg_prepared_statements) = 2; end $$").await
        })
        .await;
    result.expect("two statements are kept");
}

/// Connections that nobody uses are closed, and what closes them ends with the pool.
#[tokio::test]
async fn idle_connections_are_closed() {
    let server = Server::new(Pool::options().size(1)).await;
    const IDLE: &str = "state = 'idle' and application_name = 'sweep'";
    let before = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let options = Pool::options().size(4).idle_timeout(Duration::from_millis(300)).application_name("sweep");
    let pool = options.connect(server.url()).await.expect("the database takes connections");
    let counts = (0..4).map(|_| Group::select().count(&pool));
    futures_util::future::try_join_all(counts).await.expect("four connections work");
    assert_eq!(server.connections(IDLE).await, 4);
    let deadline = Instant::now() + Duration::from_secs(3);
    while server.connections(IDLE).await > 0 {
        assert!(Instant::now() < deadline, "connections stay open");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // One that is in use does not count as idle.
    let result: Result<(), Error> = pool
        .transaction(async |tx: &Transaction<'_>| {
            tokio::time::sleep(Duration::from_millis(700)).await;
            Group::insert().set(Group::name, "slow").execute(tx).await?;
            Ok(())
        })
        .await;
    result.expect("the connection stays while it is used");
    assert_eq!(Group::select().count(&pool).await.expect("the connection was given back"), 1);
    drop(pool);
    while tokio::runtime::Handle::current().metrics().num_alive_tasks() > before {
        assert!(Instant::now() < deadline + Duration::from_secs(3), "tasks outlive the pool");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
