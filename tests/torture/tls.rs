//! Encryption: who is trusted, and what is refused.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use orm::{Error, postgres::Pool};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, date_time_ymd,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{
    private::Private,
    secret::{CANARY, report},
};

/// Who may connect how. The superuser needs no encryption.
const WHO: &str = "\
    host    all orm     127.0.0.1/32 trust\n\
    hostssl all hidden  127.0.0.1/32 scram-sha-256\n\
    hostnossl all plain 127.0.0.1/32 scram-sha-256\n\
    hostssl all trusted 127.0.0.1/32 trust\n\
    hostssl all carded  127.0.0.1/32 cert\n";

/// A certificate with its key, in the form of files.
struct Certified {
    certificate: String,
    key: String,
}

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key is made");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate is signed"))
    }

    fn sign(&self, params: &CertificateParams) -> Certified {
        let key = KeyPair::generate().expect("a key is made");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate is signed");
        Certified { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).expect("the name can be in a certificate");
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    params
}

/// A server with encryption, whose certificate can be changed.
struct Encrypted {
    authority: Authority,
    files: TempDir,
    server: Private,
    admin: tokio_postgres::Client,
}

impl Encrypted {
    async fn start() -> Self {
        let authority = Authority::new("the authority");
        let good = authority.sign(&params("127.0.0.1"));
        let server = Private::start(&[
            ("postgresql.auto.conf", "ssl = on\nssl_ca_file = 'root.crt'\n"),
            ("pg_hba.conf", WHO),
            ("root.crt", &authority.0.pem()),
            ("server.crt", &good.certificate),
            ("server.key", &good.key),
        ]);
        let admin = server.admin().await;
        for user in ["hidden", "plain", "trusted", "carded"] {
            let sql = format!("create role {user} login password '{CANARY}'");
            admin.batch_execute(&sql).await.expect("a role is created");
        }
        let files = tempfile::tempdir().expect("a folder can be made");
        fs::write(files.path().join("root.crt"), authority.0.pem()).expect("a file can be written");
        Self { authority, files, server, admin }
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.files.path().join(name);
        fs::write(&path, text).expect("a file can be written");
        path.to_str().expect("the path is UTF-8").to_owned()
    }

    fn url(&self, user: &str, parameters: &str) -> String {
        self.url_at(self.server.port, user, parameters)
    }

    /// `$root` stands for the authority's certificate.
    fn url_at(&self, port: u16, user: &str, parameters: &str) -> String {
        let root = self.files.path().join("root.crt");
        let parameters = parameters.replace("$root", root.to_str().expect("the path is UTF-8"));
        format!("postgres://{user}:{CANARY}@127.0.0.1:{port}/postgres?application_name=tested&{parameters}")
    }

    async fn connects(&self, user: &str, parameters: &str) -> Result<(), Error> {
        Pool::connect(&self.url(user, parameters)).await.map(drop)
    }

    /// Connects, and says whether the connection is encrypted.
    async fn is_encrypted(&self, user: &str, parameters: &str) -> bool {
        let pool = Pool::connect(&self.url(user, parameters)).await;
        let pool = pool.unwrap_or_else(|error| panic!("{user} with {parameters}: {}", report(&error)));
        let sql = "select ssl from pg_stat_ssl join pg_stat_activity using (pid)
                   where application_name = 'tested' order by backend_start desc limit 1";
        let row = self.admin.query_one(sql, &[]).await.expect("the activity can be read");
        drop(pool);
        row.get(0)
    }

    async fn is_refused(&self, user: &str, parameters: &str, expected: &str) {
        let Err(error) = self.connects(user, parameters).await else { panic!("{user} with {parameters} connects") };
        let words = report(&error);
        assert!(words.contains(expected), "{user} with {parameters}: {words}");
        assert!(words.contains("127.0.0.1"), "the server is named: {words}");
    }

    /// Gives the server another certificate, and waits until it shows it.
    async fn change_certificate(&self, other: &Certified) {
        let folder: String =
            self.admin.query_one("show data_directory", &[]).await.expect("the folder is known").get(0);
        let folder = PathBuf::from(folder);
        let before = self.loaded().await;
        write(&folder.join("server.crt"), &other.certificate);
        write(&folder.join("server.key"), &other.key);
        self.admin.batch_execute("select pg_reload_conf()").await.expect("the files are read again");
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.loaded().await == before {
            assert!(Instant::now() < deadline, "the server keeps its certificate");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// When the process that takes connections has last read its files.
    async fn loaded(&self) -> SystemTime {
        let client = self.server.admin().await;
        client.query_one("select pg_conf_load_time()", &[]).await.expect("the time is known").get(0)
    }
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("a file of the server's can be written");
}

/// Under `verify-full`, which is what other machines are connected to with, nothing but a certificate of the authority
/// for this server will do.
#[tokio::test]
async fn t50_certificates_that_are_not_right_are_refused() {
    let server = Encrypted::start().await;
    let full = "sslmode=verify-full&sslrootcert=$root";
    assert!(server.is_encrypted("hidden", full).await);
    assert!(server.is_encrypted("hidden", "sslrootcert=$root").await, "an authority that is named is asked");
    // The authorities of the system do not know this one.
    server.is_refused("hidden", "sslmode=verify-full", "UnknownIssuer").await;

    let sign = |change: &dyn Fn(&mut CertificateParams)| {
        let mut params = params("127.0.0.1");
        change(&mut params);
        server.authority.sign(&params)
    };
    let expired = sign(&|params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    });
    let early = sign(&|params| {
        params.not_before = date_time_ymd(4000, 1, 1);
        params.not_after = date_time_ymd(4001, 1, 1);
    });
    let of_client = sign(&|params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let key = KeyPair::generate().expect("a key is made");
    let alone = params("127.0.0.1").self_signed(&key).expect("a certificate is signed");
    let alone = Certified { certificate: alone.pem(), key: key.serialize_pem() };
    let of_another = Authority::new("another authority").sign(&params("127.0.0.1"));
    for (certificate, problem) in [
        (&expired, "certificate expired"),
        (&early, "certificate not valid yet"),
        (&of_client, "certificate does not allow extended key usage for server authentication"),
        (&alone, "UnknownIssuer"),
        (&of_another, "UnknownIssuer"),
    ] {
        server.change_certificate(certificate).await;
        server.is_refused("hidden", full, problem).await;
        server.is_refused("hidden", "sslmode=verify-ca&sslrootcert=$root", problem).await;
        // As in libpq, an authority that is there is asked.
        server.is_refused("hidden", "sslmode=require&sslrootcert=$root", problem).await;
        assert!(server.is_encrypted("hidden", "sslmode=require").await, "encrypted, whoever it is");
    }

    server.change_certificate(&server.authority.sign(&params("db.example.com"))).await;
    server.is_refused("hidden", full, "certificate not valid for name").await;
    assert!(server.is_encrypted("hidden", "sslmode=verify-ca&sslrootcert=$root").await);
    let named = format!("{full}&host=db.example.com&hostaddr=127.0.0.1");
    assert!(server.is_encrypted("hidden", &named).await, "the name is that of the certificate");
    let named = named.replace("db.example.com", "example.com");
    let Err(error) = server.connects("hidden", &named).await else { panic!("another name connects") };
    assert!(report(&error).contains("certificate not valid for name"), "{}", report(&error));
}

/// A server that has no encryption, or says so because somebody is in between, is not talked to where it is asked for.
#[tokio::test]
async fn t50_a_server_without_encryption_is_refused() {
    let server = Private::start(&[]);
    let url = |mode: &str| format!("postgres://orm:{CANARY}@127.0.0.1:{}/postgres?sslmode={mode}", server.port);
    for mode in ["require", "verify-ca", "verify-full"] {
        let Err(error) = Pool::connect(&url(mode)).await else { panic!("{mode} connects") };
        let words = report(&error);
        assert!(words.contains("server does not support TLS"), "{words}");
        assert!(words.contains(&format!("`sslmode={mode}`")), "what asks for it is named: {words}");
    }
    for mode in ["disable", "allow", "prefer"] {
        Pool::connect(&url(mode)).await.unwrap_or_else(|error| panic!("{mode}: {}", report(&error)));
    }
}

/// Where encryption is not asked for, the way that the server takes is found.
#[tokio::test]
async fn t50_modes_that_take_either_way() {
    let server = Encrypted::start().await;
    assert!(server.is_encrypted("hidden", "sslmode=allow").await, "the server takes no other way");
    assert!(!server.is_encrypted("plain", "sslmode=allow").await);
    assert!(server.is_encrypted("hidden", "sslmode=prefer").await);
    assert!(server.is_encrypted("hidden", "").await, "this machine is `prefer`");
    assert!(!server.is_encrypted("plain", "sslmode=prefer").await, "the server takes no other way");
    assert!(!server.is_encrypted("plain", "sslmode=disable").await);
    server.is_refused("hidden", "sslmode=disable", "no encryption").await;
    server.is_refused("plain", "sslmode=require", "no pg_hba.conf entry").await;
    assert!(server.is_encrypted("hidden", "sslmode=require&ssl_min_protocol_version=TLSv1.3").await);
}

/// A password that is tied to the certificate is no use to who shows another one.
#[tokio::test]
async fn t50_channel_binding() {
    let server = Encrypted::start().await;
    let bound = "sslmode=verify-full&sslrootcert=$root&channel_binding=require";
    assert!(server.is_encrypted("hidden", bound).await);
    server.is_refused("plain", "sslmode=disable&channel_binding=require", "did not use channel binding").await;
    // A server that takes anybody proves nothing.
    server.is_refused("trusted", bound, "did not use channel binding").await;
    assert!(server.is_encrypted("trusted", &bound.replace("require", "prefer")).await);
    assert!(server.is_encrypted("hidden", &bound.replace("require", "disable")).await);

    let mut params = params("127.0.0.1");
    params.distinguished_name.push(DnType::OrganizationName, "of P-384");
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).expect("a key is made");
    let certificate = params.self_signed(&key).expect("a certificate is signed");
    server.change_certificate(&Certified { certificate: certificate.pem(), key: key.serialize_pem() }).await;
    assert!(server.is_encrypted("hidden", "sslmode=require&channel_binding=require").await, "the hash is SHA-384");
}

/// Users that have a certificate instead of a password.
#[tokio::test]
async fn t50_certificates_of_users() {
    let server = Encrypted::start().await;
    let card = server.authority.sign(&params("carded"));
    let other = server.authority.sign(&params("somebody"));
    let with = |name: &str, card: &Certified| {
        let certificate = server.file(&format!("{name}.crt"), &card.certificate);
        let key = server.file(&format!("{name}.key"), &card.key);
        format!("sslrootcert=$root&sslcert={certificate}&sslkey={key}")
    };
    assert!(server.is_encrypted("carded", &with("carded", &card)).await);
    server.is_refused("carded", &with("other", &other), "certificate authentication failed").await;
    server.is_refused("carded", "sslrootcert=$root", "28000").await;
}

/// What a connection to a server begins with.
#[derive(Debug, PartialEq, Eq)]
enum Beginning {
    Encryption,
    Cancel,
    Else,
}

/// Hands connections on to a server, and keeps what they begin with:
/// <https://www.postgresql.org/docs/current/protocol-message-formats.html>.
async fn listen_between(port: u16) -> (u16, Arc<Mutex<Vec<Beginning>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let between = listener.local_addr().expect("the port is known").port();
    let beginnings = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&beginnings);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.expect("a connection is taken");
            let mut head = [0; 8];
            client.read_exact(&mut head).await.expect("a connection begins with a message");
            let beginning = match u32::from_be_bytes([head[4], head[5], head[6], head[7]]) {
                80_877_103 => Beginning::Encryption,
                80_877_102 => Beginning::Cancel,
                _ => Beginning::Else,
            };
            kept.lock().expect("nobody panics with it").push(beginning);
            tokio::spawn(async move {
                let mut server = TcpStream::connect(("127.0.0.1", port)).await.expect("the server answers");
                server.write_all(&head).await.expect("the message is handed on");
                drop(tokio::io::copy_bidirectional(&mut client, &mut server).await);
            });
        }
    });
    (between, beginnings)
}

/// The request to cancel a statement shows the key of the connection, with which anybody could cancel.
#[tokio::test]
async fn t50_requests_to_cancel_are_encrypted() {
    let server = Encrypted::start().await;
    let (between, beginnings) = listen_between(server.server.port).await;
    let url = server.url_at(between, "hidden", "sslmode=verify-full&sslrootcert=$root");
    let pool = Pool::connect(&url).await.unwrap_or_else(|error| panic!("{}", report(&error)));
    let slow = tokio::time::timeout(Duration::from_millis(100), pool.execute_batch("select pg_sleep(30)")).await;
    assert!(slow.is_err(), "the statement was meant to be slow");
    let sql = "select count(*) from pg_stat_activity where application_name = 'tested' and state = 'active'";
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let row = server.admin.query_one(sql, &[]).await.expect("the activity can be read");
        if row.get::<_, i64>(0) == 0 {
            break;
        }
        assert!(Instant::now() < deadline, "the statement is still running");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let beginnings = beginnings.lock().expect("nobody panics with it");
    assert_eq!(*beginnings, [Beginning::Encryption, Beginning::Encryption], "one to connect and one to cancel");
}
