//! What can be said about connections besides the URL.

use std::time::Duration;

use orm_core::{
    error::Error,
    observe::{Hooks, QueryEvent},
};

use crate::{Connection, Pool, connect::Connector, url::malformed};

/// How to connect, and how many connections to keep.
///
/// Where a URL and the options say something about the same thing, the URL is right: it is what whoever runs the
/// program can change.
///
/// ```no_run
/// # async fn run() -> Result<(), orm_core::error::Error> {
/// use std::time::Duration;
///
/// let pool = orm_postgres::Pool::options()
///     .size(20)
///     .statement_timeout(Duration::from_secs(30))
///     .application_name("shop")
///     .connect("postgres://shop@db.example.com/shop")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct PoolOptions {
    pub(crate) size: usize,
    pub(crate) wait: Duration,
    pub(crate) idle: Duration,
    pub(crate) connection: ConnectOptions,
    pub(crate) hooks: Hooks,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            size: 10,
            wait: Duration::from_secs(5),
            idle: Duration::from_secs(20),
            connection: ConnectOptions::default(),
            hooks: Hooks::default(),
        }
    }
}

/// What is said about one connection.
#[derive(Debug, Clone)]
pub(crate) struct ConnectOptions {
    pub(crate) connect_timeout: Duration,
    pub(crate) statement_timeout: Option<Duration>,
    pub(crate) idle_in_transaction_timeout: Option<Duration>,
    pub(crate) application_name: Option<String>,
    pub(crate) search_path: Option<Vec<String>>,
    pub(crate) pgbouncer: bool,
    pub(crate) statement_cache: usize,
    pub(crate) answer_timeout: Option<Duration>,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            statement_timeout: None,
            idle_in_transaction_timeout: None,
            application_name: None,
            search_path: None,
            pgbouncer: false,
            statement_cache: 256,
            answer_timeout: None,
        }
    }
}

impl PoolOptions {
    /// The greatest number of connections; 10 unless said otherwise, and at least one.
    pub fn size(mut self, connections: usize) -> Self {
        self.size = connections.max(1);
        self
    }

    /// How long to wait for a connection; five seconds unless said otherwise.
    pub fn wait(mut self, timeout: Duration) -> Self {
        self.wait = timeout;
        self
    }

    /// How long a server may keep silent while an answer is awaited, or the next row of one; there is no limit unless
    /// said otherwise.
    ///
    /// Ends what would wait forever for a server that is gone without a word, behind a network that does not say so either.
    /// The statement is [`ConnectionLost`](orm_core::ErrorKind::ConnectionLost) then, and its connection is closed. Must be
    /// longer than the longest statement takes until its first row.
    pub fn answer_timeout(mut self, timeout: Duration) -> Self {
        self.connection.answer_timeout = Some(timeout);
        self
    }

    /// Calls a function after every statement of a query, with its text, table, duration and number of rows. Never with
    /// its values.
    pub fn on_query(mut self, hook: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static) -> Self {
        self.hooks.on_query(hook);
        self
    }

    /// Like [`on_query`](Self::on_query), but only for statements that take at least this long.
    pub fn on_slow_query(
        mut self,
        threshold: Duration,
        hook: impl Fn(&QueryEvent<'_>) + Send + Sync + 'static,
    ) -> Self {
        self.hooks.on_slow_query(threshold, hook);
        self
    }

    /// Warns of every statement that takes at least this long, with an event of the feature `tracing`. Without that
    /// feature, use [`on_slow_query`](Self::on_slow_query), which warns, too.
    pub fn slow_query_threshold(mut self, threshold: Duration) -> Self {
        self.hooks.slow_query_threshold(threshold);
        self
    }

    /// These hooks, and its own where there are none: what a database that is chosen at run time says for all of them.
    #[doc(hidden)]
    pub fn hooks(mut self, hooks: &Hooks) -> Self {
        self.hooks = hooks.clone().or(&self.hooks);
        self
    }

    /// Connects a single session instead of a pool: see [`Connection`].
    ///
    /// # Errors
    /// Those of [`connect`](PoolOptions::connect).
    pub async fn connect_single(self, url: &str) -> Result<Connection, Error> {
        let connector = Connector::new(url, &self.connection)?;
        Connection::open(self, connector).await
    }

    /// How long connecting to one server may take, encryption and password included; ten seconds unless said otherwise.
    /// The URL's `connect_timeout` comes first.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connection.connect_timeout = timeout;
        self
    }

    /// How long a connection may go unused before it is closed; twenty seconds unless said otherwise.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle = timeout;
        self
    }

    /// How long the server lets a statement run; the server's own setting unless said otherwise, zero for no limit.
    ///
    /// Sets [`statement_timeout`](https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-STATEMENT-TIMEOUT).
    /// A statement that takes longer is an error of the kind `Interrupted`.
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.connection.statement_timeout = Some(timeout);
        self
    }

    /// How long the server waits for the next statement of an open transaction before it closes the connection; the
    /// server's own setting unless said otherwise, zero for no limit.
    ///
    /// Sets [`idle_in_transaction_session_timeout`](https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-IDLE-IN-TRANSACTION-SESSION-TIMEOUT).
    pub fn idle_in_transaction_timeout(mut self, timeout: Duration) -> Self {
        self.connection.idle_in_transaction_timeout = Some(timeout);
        self
    }

    /// The name of the program, as `pg_stat_activity` and the server's log show it. The URL's `application_name` comes
    /// first.
    ///
    /// The server [cuts it](https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-APPLICATION-NAME)
    /// after 63 bytes.
    pub fn application_name(mut self, name: impl Into<String>) -> Self {
        self.connection.application_name = Some(name.into());
        self
    }

    /// The schemas in which tables are looked for, in order; the server's own setting unless said otherwise.
    ///
    /// Names are taken as they are, but for `$user`, which stands for the schema
    /// [named like the user](https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH).
    pub fn search_path<S: Into<String>>(mut self, schemas: impl IntoIterator<Item = S>) -> Self {
        self.connection.search_path = Some(schemas.into_iter().map(Into::into).collect());
        self
    }

    /// Whether connections go through PgBouncer, or another pooler, that gives each transaction another connection of
    /// the server ([transaction pooling](https://www.pgbouncer.org/features.html)). The URL's `pgbouncer=true` says the
    /// same.
    ///
    /// Statements are not kept prepared then: each is sent with its text, in one round trip. The timeouts and the search
    /// path cannot be set from here, because PgBouncer refuses them; set them on the server (`alter role … set …`).
    /// Enums are read as text, so a `distinct` query cannot be ordered by an enum it gives. Columns of types that an
    /// extension adds, such as `citext`, cannot be read: the driver would ask for them by a prepared statement.
    pub fn pgbouncer(mut self, is_between: bool) -> Self {
        self.connection.pgbouncer = is_between;
        self
    }

    /// How many statements each connection keeps prepared; 256 unless said otherwise, and at least one. The one that was
    /// not used for the longest time makes room.
    pub fn statement_cache(mut self, statements: usize) -> Self {
        self.connection.statement_cache = statements.max(1);
        self
    }

    /// Connects to the server of a URL: `postgres://user:password@host:port/database?parameter=value`.
    ///
    /// What the URL may have is what [libpq](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS)
    /// takes: several hosts, unix sockets, `sslmode`, `sslrootcert`, `sslcert` and `sslkey`, `channel_binding`,
    /// `target_session_attrs`, `options` and more. Special characters of user and password are percent-encoded.
    ///
    /// If the URL says nothing of `sslmode`, connections to other machines are `verify-full`: encrypted, with a
    /// certificate of an authority that this system, or `sslrootcert`, trusts. Those to this machine (`localhost`, a
    /// loopback address, a unix socket) are `prefer`, without a check of the certificate.
    ///
    /// # Errors
    /// If the URL is malformed, or the server does not answer, is not the one its certificate should name, or refuses.
    /// Errors never show the password.
    pub async fn connect(self, url: &str) -> Result<Pool, Error> {
        let connector = Connector::new(url, &self.connection)?;
        Pool::open(self, connector).await
    }
}

impl ConnectOptions {
    /// What is sent to the server while connecting, as its
    /// [`options`](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-OPTIONS): these settings,
    /// then those of the URL, then what results depend on, whatever is set for the role or the database.
    ///
    /// A pooler that shares connections takes none of its own.
    pub(crate) fn startup(&self, from_url: Option<&str>, is_shared: bool) -> Result<Option<String>, Error> {
        let mut own = Vec::new();
        for (name, timeout) in [
            ("statement_timeout", self.statement_timeout),
            ("idle_in_transaction_session_timeout", self.idle_in_transaction_timeout),
        ] {
            own.extend(timeout.map(|timeout| (name, milliseconds(timeout).to_string())));
        }
        if let Some(schemas) = &self.search_path {
            own.push(("search_path", schema_list(schemas)?));
        }
        if is_shared {
            return match own.first() {
                None => Ok(from_url.map(str::to_owned)),
                Some((name, _)) => Err(malformed(format!(
                    "`{name}` cannot be set through PgBouncer, which refuses it: set it on the server, with `alter role`"
                ))),
            };
        }
        let own = own.iter().map(|(name, value)| setting(name, value));
        let pinned = PINNED.iter().map(|(name, value)| setting(name, value));
        let all: Vec<_> = own.chain(from_url.map(str::to_owned)).chain(pinned).collect();
        Ok(Some(all.join(" ")))
    }
}

/// What casts to text and literals of `create_all` depend on. The encoding is always sent by the driver.
const PINNED: [(&str, &str); 5] = [
    ("bytea_output", "hex"),
    ("datestyle", "ISO"),
    ("extra_float_digits", "1"),
    ("intervalstyle", "postgres"),
    ("standard_conforming_strings", "on"),
];

/// A setting as it is written in `options`, where spaces end it and backslashes take them away.
fn setting(name: &str, value: &str) -> String {
    let mut text = format!("-c {name}=");
    for char in value.chars() {
        if char.is_ascii_whitespace() || matches!(char, '\\' | '\x0b') {
            text.push('\\');
        }
        text.push(char);
    }
    text
}

/// The server counts in milliseconds; less than one would be no limit.
fn milliseconds(timeout: Duration) -> i32 {
    let rounded = timeout.as_nanos().div_ceil(1_000_000);
    i32::try_from(rounded).unwrap_or(i32::MAX)
}

fn schema_list(schemas: &[String]) -> Result<String, Error> {
    let mut names = Vec::with_capacity(schemas.len());
    for name in schemas {
        // The server would cut a longer name and look for another schema.
        if name.is_empty() || name.len() > 63 || name.contains('\0') {
            return Err(malformed("a schema of `search_path` has a name of no or more than 63 bytes, or a NUL in it"));
        }
        names.push(format!("\"{}\"", name.replace('"', "\"\"")));
    }
    Ok(names.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(options: PoolOptions, from_url: Option<&str>, expected: &str) {
        let sent = options.connection.startup(from_url, false).expect("the settings can be sent");
        let sent = sent.expect("settings are pinned");
        let pinned = "-c bytea_output=hex -c datestyle=ISO -c extra_float_digits=1 -c intervalstyle=postgres \
                      -c standard_conforming_strings=on";
        let rest = sent.strip_suffix(pinned).expect("what results depend on comes last");
        assert_eq!(rest.trim_end(), expected);
    }

    #[test]
    fn settings_are_sent_while_connecting() {
        let options = PoolOptions::default;
        check(options(), None, "");
        check(options(), Some("-c geqo=off"), "-c geqo=off");
        let timeouts =
            options().statement_timeout(Duration::from_micros(1_500)).idle_in_transaction_timeout(Duration::MAX);
        let expected = "-c statement_timeout=2 -c idle_in_transaction_session_timeout=2147483647";
        check(timeouts, None, expected);
        check(options().statement_timeout(Duration::ZERO), None, "-c statement_timeout=0");
        let path = options().search_path(["a", "B c", "say \"x\"", "back\\slash", "$user"]);
        let expected = r#"-c search_path="a","B\ c","say\ ""x""","back\\slash","$user" -c geqo=off"#;
        check(path, Some("-c geqo=off"), expected);
        check(options().search_path::<String>([]), None, "-c search_path=");
    }

    #[test]
    fn a_schema_that_the_server_would_read_otherwise_is_refused() {
        let long = "x".repeat(64);
        for name in ["", "a\0b", &long] {
            let options = PoolOptions::default().search_path([name]);
            assert!(options.connection.startup(None, false).is_err(), "{name:?}");
        }
    }

    #[test]
    fn pgbouncer_is_sent_no_settings() {
        let options = || PoolOptions::default().pgbouncer(true);
        assert_eq!(options().connection.startup(None, true).expect("nothing is set"), None);
        let refused = options().search_path(["a"]).connection.startup(None, true).expect_err("it cannot be set");
        let source = std::error::Error::source(&refused).expect("there is a reason").to_string();
        assert!(source.starts_with("`search_path` cannot be set through PgBouncer"), "{source}");
    }
}
