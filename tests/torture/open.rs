//! Connections that cannot be made: what is said, and what is not.

use std::time::{Duration, Instant};

use orm::{
    Error, ErrorKind,
    postgres::{Pool, PoolOptions},
};
use tokio::net::TcpListener;

use crate::{
    private::Private,
    secret::{CANARY, report},
};

async fn is_refused(options: PoolOptions, url: &str, expected: &[&str]) {
    let Err(error) = options.connect(url).await else { panic!("{url} connects") };
    assert_eq!(error.kind(), ErrorKind::CannotOpen);
    assert!(matches!(error, Error::Open { .. }), "{error:?}");
    let words = report(&error);
    for expected in expected {
        assert!(words.contains(expected), "{url}: {words}");
    }
}

/// The error names the database and the server, and what is wrong, and not the password.
#[tokio::test]
async fn t38_failures_to_connect_are_told_without_the_password() {
    let server = Private::start(&[(
        "pg_hba.conf",
        "host all orm 127.0.0.1/32 trust\nhost all anna 127.0.0.1/32 scram-sha-256\nhost all old 127.0.0.1/32 md5\n",
    )]);
    let admin = server.admin().await;
    let roles = "create role anna login password 'another'; set password_encryption = 'md5'; \
                 create role old login password 'another'";
    admin.batch_execute(roles).await.expect("roles are created");
    let at = format!("127.0.0.1:{}", server.port);
    let named = format!("`shop on {at}`");
    let options = Pool::options;

    for user in ["anna", "old"] {
        let wrong = format!("password authentication failed for user \"{user}\" (28P01)");
        is_refused(options(), &format!("postgres://{user}:{CANARY}@{at}/shop"), &[&named, &wrong]).await;
    }
    is_refused(options(), &format!("postgres://anna@{at}/shop"), &[&named, "password missing"]).await;
    let missing = "database \"shop\" does not exist (3D000)";
    is_refused(options(), &format!("postgres://orm:{CANARY}@{at}/shop"), &[&named, missing]).await;
    let closed = format!("postgres://anna:{CANARY}@127.0.0.1:1/shop");
    is_refused(options(), &closed, &["`shop on 127.0.0.1:1`", "Connection refused"]).await;
    let unknown = format!("postgres://anna:{CANARY}@nowhere.invalid/shop?sslmode=disable");
    is_refused(options(), &unknown, &["`shop on nowhere.invalid`", "error connecting to server"]).await;
    let socket = format!("postgres://anna:{CANARY}@/shop?host=/nowhere");
    is_refused(options(), &socket, &["`shop on /nowhere`", "No such file"]).await;
    let option = format!("postgres://orm:{CANARY}@{at}/postgres?options=-c%20nonsense%3D1");
    is_refused(options(), &option, &["unrecognized configuration parameter \"nonsense\""]).await;
    // The password ends at the first `@`; the host would be the rest of it.
    is_refused(options(), &format!("postgres://anna:p@{CANARY}@{at}/shop"), &["percent-encoded"]).await;
    let several = format!("postgres://anna:{CANARY}@127.0.0.1:1,127.0.0.1:2/shop");
    let both = ["127.0.0.1:1: error connecting", "127.0.0.1:2: error connecting"];
    is_refused(options(), &several, &both).await;
}

/// A server that takes the connection and says nothing does not hold up anybody for longer than the timeout.
#[tokio::test]
async fn t19_a_server_that_says_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("the port is known").port();
    let url = format!("postgres://anna:{CANARY}@127.0.0.1:{port}/shop");
    let start = Instant::now();
    let options = Pool::options().connect_timeout(Duration::from_millis(200));
    is_refused(options, &url, &["no answer within 200ms"]).await;
    // The URL comes first.
    let options = Pool::options().connect_timeout(Duration::from_secs(60));
    is_refused(options, &format!("{url}?connect_timeout=1"), &["no answer within 1s"]).await;
    assert!(start.elapsed() < Duration::from_secs(5), "took {:?}", start.elapsed());
}

/// Of several servers, the first that is what is asked for is taken.
#[tokio::test]
async fn several_hosts_are_tried_in_order() {
    let server = Private::start(&[]);
    let reading = Private::start(&[("postgresql.auto.conf", "default_transaction_read_only = on\n")]);
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let silent = silent.local_addr().expect("the port is known").port();
    let name = "several";
    let url = |first: u16, parameters: &str| {
        let hosts = format!("127.0.0.1:{first},127.0.0.1:{},127.0.0.1:{}", reading.port, server.port);
        format!("postgres://orm@{hosts}/postgres?application_name={name}&{parameters}")
    };
    let sql = format!("select count(*) from pg_stat_activity where application_name = '{name}'");
    let options = || Pool::options().connect_timeout(Duration::from_millis(500));
    // Nobody listens on port 1.
    for (first, parameters, on_reading) in [
        (silent, "", true),
        (1, "target_session_attrs=any", true),
        (1, "target_session_attrs=read-only", true),
        (1, "target_session_attrs=read-write", false),
        (1, "target_session_attrs=primary", true),
        (1, "target_session_attrs=prefer-standby", true),
    ] {
        let pool = options().connect(&url(first, parameters)).await;
        let pool = pool.unwrap_or_else(|error| panic!("{parameters}: {}", report(&error)));
        for (server, expected) in [(&reading, on_reading), (&server, !on_reading)] {
            let admin = server.admin().await;
            // A connection that was not taken may take a moment to be gone.
            let deadline = Instant::now() + Duration::from_secs(2);
            loop {
                let count: i64 = admin.query_one(&sql, &[]).await.expect("the activity can be read").get(0);
                if (count > 0) == expected {
                    break;
                }
                assert!(Instant::now() < deadline, "{parameters}: {count} connections");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
        drop(pool);
    }
    is_refused(options(), &url(1, "target_session_attrs=standby"), &["the server is not a standby"]).await;
}
