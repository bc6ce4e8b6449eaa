use std::error::Error as _;

use super::*;

fn parsed(url: &str) -> Url {
    match Url::parse(url) {
        Ok(url) => url,
        Err(error) => panic!("{url}: {}", error.source().expect("there is a reason")),
    }
}

fn hosts(url: &str, expected: &[(&str, u16)]) {
    let url_hosts = parsed(url).hosts;
    let found: Vec<_> = url_hosts.iter().map(|host| (host.name.as_str(), host.port)).collect();
    assert_eq!(found, expected, "{url}");
}

/// The reason, which never shows what can be a piece of the password.
fn refused(url: &str, expected: &str) {
    let Err(error) = Url::parse(url) else { panic!("{url} is not refused") };
    let problem = error.source().expect("there is a reason").to_string();
    assert!(problem.contains(expected), "{url}: {problem}");
    for text in [error.to_string(), format!("{error:?}"), problem] {
        assert!(!text.contains("secret"), "{url}: {text}");
    }
}

#[test]
fn the_parts_of_a_url() {
    let url =
        parsed("postgresql://some%20one:p%40ss%2Fw%3f%23%25@db.example.com:6543/the%2Fbase?options=-c%20geqo%3Doff");
    assert_eq!(url.user.as_deref(), Some("some one"));
    assert_eq!(url.password.as_deref(), Some(&b"p@ss/w?#%"[..]));
    assert_eq!(url.database.as_deref(), Some("the/base"));
    assert_eq!(url.options.as_deref(), Some("-c geqo=off"));
    assert_eq!(url.hosts, [Host { name: "db.example.com".to_owned(), address: None, port: 6543 }]);

    let url = parsed("postgres://anna:a:b#c%ff@h");
    assert_eq!((url.user.as_deref(), url.password.as_deref()), (Some("anna"), Some(&b"a:b#c\xff"[..])));
    assert_eq!(url.database, None);
    let url = parsed("postgres://?user=anna&password=a%26b&dbname=shop");
    assert_eq!((url.user.as_deref(), url.password.as_deref()), (Some("anna"), Some(&b"a&b"[..])));
    assert_eq!(url.database.as_deref(), Some("shop"));
    assert!(parsed("postgres://anna:@h").password.is_none());
}

#[test]
fn hosts_of_every_kind() {
    hosts("postgres://", &[("localhost", 5432)]);
    hosts("postgres:///shop", &[("localhost", 5432)]);
    hosts("postgres://h", &[("h", 5432)]);
    hosts("postgres://h:", &[("h", 5432)]);
    hosts("postgres://u@[::1]:5433/shop", &[("::1", 5433)]);
    hosts("postgres://[2001:db8::7]", &[("2001:db8::7", 5432)]);
    hosts("postgres://a:1,b,[::1]:3/shop", &[("a", 1), ("b", 5432), ("::1", 3)]);
    hosts("postgres://%2Fvar%2Frun/shop", &[("/var/run", 5432)]);
    hosts("postgres:///shop?host=/var/run&port=6000", &[("/var/run", 6000)]);
    hosts("postgres:///shop?host=a,b&port=1,2", &[("a", 1), ("b", 2)]);
    hosts("postgres:///shop?host=a,b&port=1", &[("a", 1), ("b", 1)]);
    hosts("postgres:///shop?hostaddr=10.0.0.1", &[("10.0.0.1", 5432)]);
    let named = parsed("postgres://a,b/shop?hostaddr=10.0.0.1,::1").hosts;
    assert_eq!((named[0].name.as_str(), named[0].address), ("a", Some(IpAddr::from([10, 0, 0, 1]))));
    assert_eq!(named[1].address.map(|address| address.is_loopback()), Some(true));
}

#[test]
fn parameters() {
    let url = parsed(
        "postgres://h?sslmode=verify-ca&sslrootcert=%2Fca.pem&channel_binding=require&target_session_attrs=prefer-standby\
         &connect_timeout=3&tcp_user_timeout=1500&keepalives=0&keepalives_idle=9&keepalives_interval=2&keepalives_count=4\
         &application_name=shop&load_balance_hosts=random&client_encoding=utf8&gssencmode=disable\
         &ssl_min_protocol_version=TLSv1.3&sslnegotiation=direct&sslcert=c&sslkey=k",
    );
    assert_eq!(url.ssl_mode, Some(SslMode::VerifyCa));
    assert_eq!(url.ssl_root_cert.as_deref(), Some("/ca.pem"));
    assert_eq!(url.channel_binding, Some(ChannelBinding::Require));
    assert_eq!(url.target, Target::PreferStandby);
    assert_eq!(url.connect_timeout, Some(Some(Duration::from_secs(3))));
    assert_eq!(url.tcp_user_timeout, Some(Duration::from_millis(1500)));
    assert_eq!((url.keepalives, url.keepalives_count), (Some(false), Some(4)));
    assert_eq!(url.keepalives_idle, Some(Duration::from_secs(9)));
    assert_eq!(url.keepalives_interval, Some(Duration::from_secs(2)));
    assert_eq!(url.application_name.as_deref(), Some("shop"));
    assert_eq!(url.load_balance, Some(LoadBalanceHosts::Random));
    assert_eq!(url.ssl_negotiation, Some(SslNegotiation::Direct));
    assert!(url.is_tls13_only);
    assert_eq!((url.ssl_cert.as_deref(), url.ssl_key.as_deref()), (Some("c"), Some("k")));

    assert_eq!(parsed("postgres://h").pgbouncer, None);
    assert_eq!(parsed("postgres://h?pgbouncer=true").pgbouncer, Some(true));
    assert_eq!(parsed("postgres://h").connect_timeout, None);
    assert_eq!(parsed("postgres://h?connect_timeout=0").connect_timeout, Some(None));
    assert_eq!(parsed("postgres://h?ssl=true").ssl_mode, Some(SslMode::Require));
    assert_eq!(parsed("postgres://h?fallback_application_name=a").application_name.as_deref(), Some("a"));
    let both = "postgres://h?fallback_application_name=a&application_name=b@c";
    assert_eq!(parsed(both).application_name.as_deref(), Some("b@c"));
}

#[test]
fn what_is_malformed_is_refused_without_showing_it() {
    let encoded = "are written percent-encoded";
    refused("mysql://anna:secret@h/shop", "does not begin with `postgres://`");
    refused("host=h password=secret", "does not begin with `postgres://`");
    refused("postgres://anna:sec@secret@h/shop", encoded);
    refused("postgres://anna:sec/secret@h/shop", encoded);
    refused("postgres://anna:sec?secret@h/shop", encoded);
    refused("postgres://anna:12/secret@h/shop", encoded);
    refused("postgres://anna:12?secret=3@h/shop", encoded);
    refused("postgres://anna:12@h?secret=3@h/shop", encoded);
    refused("postgres://anna:12?secret=3", encoded);
    refused("postgres://anna:secret%4@h/shop", "a `%` is not followed by two hexadecimal digits");
    refused("postgres://anna:secret%zz@h/shop", "a `%` is not followed by two hexadecimal digits");
    refused("postgres://secret%ff:x@h/shop", "a percent-encoded part is not UTF-8");
    refused("postgres://anna:secret@h:port/shop", encoded);
    refused("postgres://anna:secret@h:65536/shop", encoded);
    refused("postgres://anna:secret@[::1/shop", "no closing bracket");
    refused("postgres://anna:secret@[secret]/shop", "not an IPv6 address");
    refused("postgres://anna:secret@[::1]x/shop", "something that is no port");
    refused("postgres://anna:secret@h/shop?sslmode", encoded);
    refused("postgres://anna:secret@h/shop?sslmode=secret", "`sslmode` is not one of `disable`, `allow`");
    refused("postgres://anna:secret@h/shop?target_session_attrs=secret", "`target_session_attrs` is not one of");
    refused("postgres://anna:secret@h/shop?channel_binding=secret", "`channel_binding` is not one of");
    refused("postgres://anna:secret@h/shop?connect_timeout=secret", "`connect_timeout` is not a number");
    refused("postgres://anna:secret@h/shop?client_encoding=latin1", "in which texts are always exchanged");
    refused("postgres://anna:secret@h/shop?gssencmode=require", "there is no GSSAPI");
    refused("postgres://anna:secret@h/shop?require_auth=md5", "`require_auth` is unknown or not supported");
    refused("postgres://anna:secret@a,b/shop?hostaddr=::1", "not as many in `hostaddr`");
    refused("postgres:///shop?host=a,b,c&port=1,2&password=secret", "not as many ports");
    refused("postgres://anna:secret@h/sh%00op", "a NUL");
}
