//! Connecting to a server: which of several, how it is encrypted, and what is said if it fails.

use std::{
    fmt::Write,
    future::poll_fn,
    hash::{BuildHasher, Hasher},
    net::IpAddr,
    sync::Arc,
    task::{Poll, ready},
    time::Duration,
};

use orm_core::{
    error::{Error, ErrorKind},
    observe::Place,
};
use tokio::{sync::mpsc::UnboundedSender, task::JoinHandle};
use tokio_postgres::{
    AsyncMessage, CancelToken, Client, Config, Connection, Notification, SimpleQueryMessage, Socket,
    config::{self, LoadBalanceHosts, SslNegotiation},
    error::SqlState,
    tls::TlsStream,
};

use crate::{
    error::Summary,
    options::ConnectOptions,
    tls::Tls,
    url::{Host, SslMode, Target, Url, malformed},
};

/// How much of a server's certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verify {
    Nothing,
    /// That a trusted authority has signed it.
    Authority,
    /// And that it is for this server.
    Name,
}

/// Whether a host of a URL is this machine.
fn is_local(host: &str) -> bool {
    host.starts_with('/')
        || host == "localhost"
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// The mode in which a host is connected to.
pub(crate) fn mode_of(explicit: Option<SslMode>, host: &str) -> SslMode {
    match explicit {
        // A unix socket leaves the machine for nobody; libpq ignores the mode too.
        _ if host.starts_with('/') => SslMode::Disable,
        Some(mode) => mode,
        None if is_local(host) => SslMode::Prefer,
        None => SslMode::VerifyFull,
    }
}

#[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "nothing is checked of what is not encrypted"))]
pub(crate) fn verification(explicit: Option<SslMode>, host: &str) -> Verify {
    match mode_of(explicit, host) {
        SslMode::Disable | SslMode::Allow | SslMode::Prefer | SslMode::Require => Verify::Nothing,
        SslMode::VerifyCa => Verify::Authority,
        SslMode::VerifyFull => Verify::Name,
    }
}

/// One of the servers, and how to connect to it.
struct Server {
    label: String,
    mode: SslMode,
    config: Config,
}

/// Connects to the servers of a URL.
pub(crate) struct Connector {
    name: Arc<str>,
    servers: Vec<Server>,
    target: Target,
    is_random: bool,
    is_unnamed: bool,
    timeout: Option<Duration>,
    tls: Tls,
    place: Place,
}

/// A connection that is open.
pub(crate) struct Opened {
    pub(crate) client: Client,
    /// Reads and writes the socket until the client is dropped.
    pub(crate) task: JoinHandle<()>,
}

/// Ends the statement that runs on a connection.
#[derive(Clone)]
pub(crate) struct Canceller {
    token: CancelToken,
    tls: Tls,
    timeout: Option<Duration>,
}

impl Canceller {
    /// Asks the server to end the statement. There is nobody to tell if that fails: the connection is closed anyway.
    pub(crate) async fn cancel(self) {
        let request = self.token.cancel_query(self.tls);
        match self.timeout {
            Some(timeout) => drop(tokio::time::timeout(timeout, request).await),
            None => drop(request.await),
        }
    }
}

/// Why a connection could not be made, and whether that is all there is to say.
struct Failure {
    problem: String,
    /// The server answered, and another one would answer the same.
    is_final: bool,
}

impl Connector {
    /// The same servers, but another database on them.
    #[cfg(feature = "testing")]
    pub(crate) fn with_database(mut self, name: &str) -> Self {
        for server in &mut self.servers {
            server.config.dbname(name);
        }
        self.place.namespace = name.into();
        self
    }

    /// Reads a URL, and the files it names.
    pub(crate) fn new(url: &str, options: &ConnectOptions) -> Result<Self, Error> {
        let mut url = Url::parse(url)?;
        resolve_mode(&mut url)?;
        let tls = Tls::new(&url)?;
        let is_unnamed = url.pgbouncer.unwrap_or(options.pgbouncer);
        let startup = options.startup(url.options.as_deref(), is_unnamed)?;
        let timeout = url.connect_timeout.unwrap_or(Some(options.connect_timeout));
        let application_name = url.application_name.as_deref().or(options.application_name.as_deref());
        if application_name.is_some_and(|name| name.contains('\0')) {
            return Err(malformed("the name of the application has a NUL in it"));
        }
        let servers = url.hosts.iter().map(|host| {
            let mut config = base_config(&url, timeout);
            config.host(&host.name).port(host.port);
            if let Some(address) = host.address {
                config.hostaddr(address);
            }
            startup.as_ref().map(|startup| config.options(startup));
            application_name.map(|name| config.application_name(name));
            Server { label: label(host), mode: mode_of(url.ssl_mode, &host.name), config }
        });
        Ok(Self {
            name: describe(&url).into(),
            servers: servers.collect(),
            target: url.target,
            is_unnamed,
            is_random: url.load_balance == Some(LoadBalanceHosts::Random),
            timeout,
            tls,
            place: place(&url),
        })
    }

    /// The server and database for spans and metrics.
    pub(crate) fn place(&self) -> Place {
        self.place.clone()
    }

    /// The servers and the database in words, without user and password.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Whether statements are sent without a name, because of a pooler in between.
    pub(crate) fn is_unnamed(&self) -> bool {
        self.is_unnamed
    }

    /// What ends the statement that runs on a connection.
    pub(crate) fn canceller(&self, client: &Client) -> Canceller {
        Canceller { token: client.cancel_token(), tls: self.tls.clone(), timeout: self.timeout }
    }

    /// Opens a connection to the first server that takes one and is what is asked for. What reads from the connection is
    /// spawned and ends when the client is dropped.
    pub(crate) async fn open(&self) -> Result<Opened, Error> {
        self.open_for(None).await
    }

    /// Like [`open`](Connector::open), and hands over the notifications that arrive.
    pub(crate) async fn open_listening(&self, listener: UnboundedSender<Notification>) -> Result<Opened, Error> {
        self.open_for(Some(listener)).await
    }

    async fn open_for(&self, listener: Option<UnboundedSender<Notification>>) -> Result<Opened, Error> {
        let targets: &[_] = match &self.target {
            // A second round takes what there is.
            Target::PreferStandby => &[Target::Standby, Target::Any],
            target => std::slice::from_ref(target),
        };
        let mut failures = Vec::new();
        for target in targets {
            failures.clear();
            for server in self.in_order() {
                match self.within_timeout(self.open_on(server, *target, &listener)).await {
                    Ok(client) => return Ok(client),
                    Err(failure) => {
                        failures.push((server, failure.problem));
                        if failure.is_final {
                            return Err(self.failed(&failures));
                        }
                    }
                }
            }
        }
        Err(self.failed(&failures))
    }

    fn in_order(&self) -> Vec<&Server> {
        let mut servers: Vec<_> = self.servers.iter().collect();
        if self.is_random {
            let random = std::hash::RandomState::new();
            servers.sort_by_cached_key(|server| {
                let mut hasher = random.build_hasher();
                hasher.write(server.label.as_bytes());
                hasher.finish()
            });
        }
        servers
    }

    async fn within_timeout<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let Some(timeout) = self.timeout else { return work.await };
        tokio::time::timeout(timeout, work)
            .await
            .unwrap_or_else(|_| Err(Failure { problem: format!("no answer within {timeout:?}"), is_final: false }))
    }

    fn failed(&self, failures: &[(&Server, String)]) -> Error {
        let source = match failures {
            [(_, problem)] if self.servers.len() == 1 => problem.clone(),
            _ => {
                let problems: Vec<_> =
                    failures.iter().map(|(server, problem)| format!("{}: {problem}", server.label)).collect();
                problems.join("; ")
            }
        };
        Error::Open { name: self.name.to_string(), kind: ErrorKind::CannotOpen, source: source.into() }
    }

    /// Tries the ways the mode allows, in its order.
    async fn open_on(
        &self,
        server: &Server,
        target: Target,
        listener: &Option<UnboundedSender<Notification>>,
    ) -> Result<Opened, Failure> {
        use config::SslMode::{Disable, Prefer, Require};
        let (first, second) = match server.mode {
            SslMode::Disable => (Disable, None),
            SslMode::Allow => (Disable, cfg!(feature = "tls").then_some(Require)),
            SslMode::Prefer => (Prefer, cfg!(feature = "tls").then_some(Disable)),
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (Require, None),
        };
        let failure = match (self.open_with(server, first, target, listener).await, second) {
            (Err(error), Some(second)) if is_about_encryption(&error) => {
                match self.open_with(server, second, target, listener).await {
                    // The first answer tells more than that the server has no other way.
                    Err(again) if is_about_encryption(&again) => Err(error),
                    result => result,
                }
            }
            (result, _) => result,
        };
        failure.map_err(|error| server.failure(&error))
    }

    async fn open_with(
        &self,
        server: &Server,
        mode: config::SslMode,
        target: Target,
        listener: &Option<UnboundedSender<Notification>>,
    ) -> Result<Opened, Attempt> {
        let mut config = server.config.clone();
        config.ssl_mode(mode);
        let (client, connection) = config.connect(self.tls.clone()).await.map_err(Attempt::Driver)?;
        let refusal = reading_of_texts(&connection);
        let task = drive(connection, listener.clone());
        if let Some(problem) = refusal {
            return Err(Attempt::Refused(problem));
        }
        check(&client, target).await?;
        Ok(Opened { client, task })
    }
}

/// What is wrong with how a server reads texts, if a pooler has not handed on what was said about it.
fn reading_of_texts<T: TlsStream + Unpin>(connection: &Connection<Socket, T>) -> Option<&'static str> {
    let is = |name: &str, values: &[&str]| {
        let value = connection.parameter(name)?;
        Some(values.iter().any(|expected| value.eq_ignore_ascii_case(expected)))
    };
    if is("client_encoding", &["utf8", "utf-8"]) == Some(false) {
        return Some("texts are not exchanged in UTF-8 (`client_encoding`)");
    }
    if is("standard_conforming_strings", &["on"]) == Some(false) {
        return Some("backslashes in literals are not read as they are (`standard_conforming_strings` is off)");
    }
    None
}

/// Why one way to connect failed.
enum Attempt {
    Driver(tokio_postgres::Error),
    /// The server is not what is asked for.
    Refused(&'static str),
}

/// Whether it can help to try with encryption instead of without, or the other way round: the handshake failed, or the
/// server's list of who may connect how has no entry for this way.
fn is_about_encryption(attempt: &Attempt) -> bool {
    match attempt {
        Attempt::Driver(error) => match error.code() {
            Some(code) => *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
            None => error.to_string().starts_with(TLS_FAILED),
        },
        Attempt::Refused(_) => false,
    }
}

/// What may help where a pooler is in between that does not say so.
pub(crate) const POOLER: &str =
    "; if this is PgBouncer, connect with `Pool::options().pgbouncer(true)`, or `pgbouncer=true` in the URL";

/// How the driver's errors of this kind begin; it does not tell kinds in another way.
const TLS_FAILED: &str = "error performing TLS handshake";

impl Server {
    fn failure(&self, attempt: &Attempt) -> Failure {
        let error = match attempt {
            Attempt::Refused(problem) => return Failure { problem: (*problem).to_owned(), is_final: false },
            Attempt::Driver(error) => error,
        };
        let mut problem = Summary::of(error).to_string();
        if error.to_string().starts_with(TLS_FAILED) {
            let _ = write!(problem, " (`sslmode={}`)", self.mode.name());
        }
        if problem.starts_with("unsupported startup parameter") {
            problem.push_str(POOLER);
        }
        // Of a server that is starting or stopping, others know nothing. Everything else was decided by one.
        let is_final = error.code().is_some_and(|code| *code != SqlState::CANNOT_CONNECT_NOW);
        Failure { problem, is_final }
    }
}

/// Applies what libpq says about modes and certificates:
/// <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSLROOTCERT>.
fn resolve_mode(url: &mut Url) -> Result<(), Error> {
    let is_elsewhere = |host: &Host| host.address.is_some_and(|address| !address.to_canonical().is_loopback());
    url.ssl_mode = match (url.ssl_mode, url.ssl_root_cert.as_deref()) {
        (Some(mode), Some("system")) if mode < SslMode::VerifyFull => {
            return Err(malformed(format!(
                "`sslmode={}` is too weak for `sslrootcert=system`, where anybody can have a certificate: it takes \
                 `verify-full`",
                mode.name()
            )));
        }
        (Some(SslMode::Require), Some(_)) => Some(SslMode::VerifyCa),
        // Whoever names an authority wants it to be asked.
        (None, Some(_)) => Some(SslMode::VerifyFull),
        (None, None) if url.hosts.iter().any(is_elsewhere) => Some(SslMode::VerifyFull),
        (mode, _) => mode,
    };
    if url.ssl_negotiation == Some(SslNegotiation::Direct)
        && url.hosts.iter().any(|host| mode_of(url.ssl_mode, &host.name) < SslMode::Require)
    {
        return Err(malformed("`sslnegotiation=direct` takes `sslmode=require` or more"));
    }
    Ok(())
}

/// What is the same for all servers of a URL.
fn base_config(url: &Url, timeout: Option<Duration>) -> Config {
    let mut config = Config::new();
    url.user.as_ref().map(|user| config.user(user));
    url.password.as_ref().map(|password| config.password(password));
    url.database.as_ref().map(|database| config.dbname(database));
    url.ssl_negotiation.map(|negotiation| config.ssl_negotiation(negotiation));
    url.channel_binding.map(|binding| config.channel_binding(binding));
    url.load_balance.map(|balance| config.load_balance_hosts(balance));
    timeout.map(|timeout| config.connect_timeout(timeout));
    url.tcp_user_timeout.map(|timeout| config.tcp_user_timeout(timeout));
    url.keepalives.map(|keepalives| config.keepalives(keepalives));
    url.keepalives_idle.map(|idle| config.keepalives_idle(idle));
    url.keepalives_interval.map(|interval| config.keepalives_interval(interval));
    url.keepalives_count.map(|count| config.keepalives_retries(count));
    config
}

fn label(host: &Host) -> String {
    match host.port {
        5432 => host.name.clone(),
        port if host.name.contains(':') => format!("[{}]:{port}", host.name),
        port => format!("{}:{port}", host.name),
    }
}

/// The first server and the database for spans and metrics.
fn place(url: &Url) -> Place {
    let first = url.hosts.first();
    let address = first.map_or_else(|| "localhost".to_owned(), |host| host.name.clone());
    let port = first.map_or(5432, |host| host.port);
    // Without a name, the database is called like its user.
    let namespace = url.database.as_deref().or(url.user.as_deref()).unwrap_or_default();
    Place {
        system: "postgresql",
        namespace: namespace.into(),
        pool: format!("{address}:{port}/{namespace}").into(),
        address: Some(address.into()),
        port: Some(port),
    }
}

fn describe(url: &Url) -> String {
    let hosts: Vec<_> = url.hosts.iter().map(label).collect();
    let hosts = hosts.join(", ");
    match &url.database {
        Some(database) => format!("{database} on {hosts}"),
        None => hosts,
    }
}

/// Reads from a connection until its client is dropped. Its errors reach whoever awaits an answer; notices are dropped,
/// for they can show values of rows.
fn drive<T>(mut connection: Connection<Socket, T>, listener: Option<UnboundedSender<Notification>>) -> JoinHandle<()>
where
    T: TlsStream + Unpin + Send + 'static,
{
    tokio::spawn(poll_fn(move |cx| {
        loop {
            match (ready!(connection.poll_message(cx)), &listener) {
                (None | Some(Err(_)), _) => return Poll::Ready(()),
                // Nobody may listen any more, until the client is dropped too.
                (Some(Ok(AsyncMessage::Notification(it))), Some(listener)) => drop(listener.send(it)),
                _ => {}
            }
        }
    }))
}

/// Whether a server is what is asked for.
async fn check(client: &Client, target: Target) -> Result<(), Attempt> {
    let (question, answer, problem) = match target {
        Target::Any => return Ok(()),
        Target::ReadWrite => ("show transaction_read_only", "off", "the server is read-only"),
        Target::ReadOnly => ("show transaction_read_only", "on", "the server is not read-only"),
        Target::Primary => ("select pg_catalog.pg_is_in_recovery()", "f", "the server is a standby"),
        Target::Standby | Target::PreferStandby => {
            ("select pg_catalog.pg_is_in_recovery()", "t", "the server is not a standby")
        }
    };
    let messages = client.simple_query(question).await.map_err(Attempt::Driver)?;
    let found =
        messages.iter().any(|message| matches!(message, SimpleQueryMessage::Row(row) if row.get(0) == Some(answer)));
    if found { Ok(()) } else { Err(Attempt::Refused(problem)) }
}

#[cfg(test)]
mod tests;
