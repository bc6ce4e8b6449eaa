use std::error::Error as _;

use super::*;

fn connector(url: &str) -> Result<Connector, String> {
    let connector = Connector::new(url, &ConnectOptions::default());
    connector.map_err(|error| error.source().expect("there is a reason").to_string())
}

/// Without the feature, there is nothing that could be asked for.
#[cfg(feature = "tls")]
#[test]
fn encryption_is_asked_for_where_the_network_is() {
    let check = |url: &str, expected: &[(SslMode, Verify)]| {
        let mut read = Url::parse(url).expect("the URL is well formed");
        resolve_mode(&mut read).expect("the mode fits");
        let found: Vec<_> = read
            .hosts
            .iter()
            .map(|host| (mode_of(read.ssl_mode, &host.name), verification(read.ssl_mode, &host.name)))
            .collect();
        assert_eq!(found, expected, "{url}");
    };
    use SslMode::*;
    for local in ["", "localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"] {
        check(&format!("postgres://{local}/shop"), &[(Prefer, Verify::Nothing)]);
    }
    for remote in ["db", "localhost.example.com", "10.0.0.1", "0.0.0.0", "[2001:db8::1]"] {
        check(&format!("postgres://{remote}/shop"), &[(VerifyFull, Verify::Name)]);
    }
    check("postgres:///shop?host=/run&sslmode=verify-full", &[(Disable, Verify::Nothing)]);
    check("postgres://localhost,db/shop", &[(Prefer, Verify::Nothing), (VerifyFull, Verify::Name)]);
    // The name says that it is here, the address that it is not.
    check("postgres://localhost?hostaddr=10.0.0.1", &[(VerifyFull, Verify::Name)]);
    check("postgres://localhost?hostaddr=127.0.0.1", &[(Prefer, Verify::Nothing)]);
    check("postgres://db?sslmode=disable", &[(Disable, Verify::Nothing)]);
    check("postgres://db?sslmode=allow", &[(Allow, Verify::Nothing)]);
    check("postgres://db?sslmode=require", &[(Require, Verify::Nothing)]);
    check("postgres://localhost?sslmode=verify-ca", &[(VerifyCa, Verify::Authority)]);
    // With an authority, as in libpq.
    check("postgres://db?sslmode=require&sslrootcert=f", &[(VerifyCa, Verify::Authority)]);
    check("postgres://localhost?sslrootcert=f", &[(VerifyFull, Verify::Name)]);
}

#[test]
fn weak_combinations_are_refused() {
    let check = |url: &str, expected: &str| {
        let Err(problem) = connector(url) else { panic!("{url} is not refused") };
        assert!(problem.contains(expected), "{url}: {problem}");
    };
    check("postgres://localhost?sslrootcert=system&sslmode=require", "too weak for `sslrootcert=system`");
    check("postgres://localhost?sslnegotiation=direct", "`sslnegotiation=direct` takes `sslmode=require`");
}

#[cfg(feature = "tls")]
#[test]
fn files_that_cannot_be_used_are_named_by_their_parameter() {
    let check = |url: &str, expected: &str| {
        let Err(problem) = connector(url) else { panic!("{url} is not refused") };
        assert!(problem.starts_with(expected), "{url}: {problem}");
    };
    let missing = "the file of `sslrootcert` cannot be used: ";
    check("postgres://localhost?sslrootcert=/nowhere/ca.pem", missing);
    check(
        "postgres://localhost?sslrootcert=/dev/null",
        "the file of `sslrootcert` cannot be used: there is no certificate",
    );
    check("postgres://localhost?sslcert=/nowhere/c.pem", "of `sslcert` and `sslkey`, one is there without the other");
    check("postgres://localhost?sslcert=/dev/null&sslkey=/nowhere/k", "the file of `sslkey` cannot be used: ");
}

#[cfg(not(feature = "tls"))]
#[test]
fn without_the_feature_encryption_is_refused() {
    let check = |url: &str, expected: &str| assert_eq!(connector(url).err().as_deref(), Some(expected), "{url}");
    check("postgres://localhost?sslmode=require", "`sslmode=require` needs the cargo feature `tls`");
    let remote = "`sslmode=verify-full`, which is what it is for other machines, needs the cargo feature `tls`";
    check("postgres://db.example.com", remote);
    assert!(connector("postgres://localhost").is_ok());
    assert!(connector("postgres://db.example.com?sslmode=disable").is_ok());
}

#[test]
fn a_database_is_named_without_its_user() {
    let check = |url: &str, expected: &str| {
        let connector = connector(url).expect("the URL can be used");
        assert_eq!(&**connector.name(), expected, "{url}");
    };
    check("postgres://anna:secret@localhost/shop", "shop on localhost");
    check("postgres://anna:secret@localhost:5433,[::1]:1", "localhost:5433, [::1]:1");
    check("postgres://%2Frun/shop", "shop on /run");
    check("postgres:///?user=anna", "localhost");
}
