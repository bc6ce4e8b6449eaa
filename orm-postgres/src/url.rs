//! URLs of databases, as libpq reads them.
//!
//! A message about a URL shows names of parameters only: where a URL is malformed, any other part of it can be a piece of
//! the password.

use std::{borrow::Cow, net::IpAddr, time::Duration};

use orm_core::error::{Error, ErrorKind};
use tokio_postgres::config::{ChannelBinding, LoadBalanceHosts, SslNegotiation};

/// How a URL that could not be read is called, for it has no name yet.
const UNNAMED: &str = "the database URL";

/// Which servers of several are taken, by what they allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Target {
    #[default]
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// How much encryption is asked for. See <https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

impl SslMode {
    /// The mode as it is written in a URL.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Allow => "allow",
            Self::Prefer => "prefer",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }
}

/// One of the servers of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host {
    /// A name, an address, or the folder of a unix socket. Certificates are checked against it.
    pub(crate) name: String,
    /// The address to use instead of looking the name up.
    pub(crate) address: Option<IpAddr>,
    pub(crate) port: u16,
}

/// What a URL says. Has no `Debug`, for it has the password.
#[derive(Default)]
pub(crate) struct Url {
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Vec<u8>>,
    pub(crate) database: Option<String>,
    pub(crate) hosts: Vec<Host>,
    pub(crate) options: Option<String>,
    pub(crate) application_name: Option<String>,
    pub(crate) ssl_mode: Option<SslMode>,
    pub(crate) ssl_root_cert: Option<String>,
    pub(crate) ssl_cert: Option<String>,
    pub(crate) ssl_key: Option<String>,
    pub(crate) ssl_negotiation: Option<SslNegotiation>,
    pub(crate) is_tls13_only: bool,
    pub(crate) pgbouncer: Option<bool>,
    pub(crate) channel_binding: Option<ChannelBinding>,
    pub(crate) target: Target,
    pub(crate) load_balance: Option<LoadBalanceHosts>,
    /// `Some(None)` if the URL says that connecting may take any time.
    pub(crate) connect_timeout: Option<Option<Duration>>,
    pub(crate) tcp_user_timeout: Option<Duration>,
    pub(crate) keepalives: Option<bool>,
    pub(crate) keepalives_idle: Option<Duration>,
    pub(crate) keepalives_interval: Option<Duration>,
    pub(crate) keepalives_count: Option<u32>,
    fallback_application_name: Option<String>,
    names: Vec<String>,
    addresses: Vec<IpAddr>,
    ports: Vec<u16>,
}

/// A URL that cannot be used, and why.
pub(crate) fn malformed(problem: impl Into<String>) -> Error {
    Error::Open { name: UNNAMED.to_owned(), kind: ErrorKind::CannotOpen, source: problem.into().into() }
}

fn invalid(parameter: &str, expected: &str) -> Error {
    malformed(format!("the parameter `{parameter}` is not {expected}"))
}

impl Url {
    /// Reads a URL: `postgres://user:password@host:port/database?parameter=value`.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        let Some(rest) = rest else { return Err(malformed("it does not begin with `postgres://`")) };
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, Some(path)),
            None => (rest, None),
        };
        let mut url = Self::default();
        let (credentials, hosts) = match authority.split_once('@') {
            Some((credentials, hosts)) => (Some(credentials), hosts),
            None => (None, authority),
        };
        // The credentials end at the first `@`, and at the first `/` or `?` if there is none before.
        if hosts.contains('@') || path.is_some_and(|path| path.contains('@')) {
            return Err(unescaped());
        }
        if let Some(credentials) = credentials {
            url.credentials(credentials)?;
        }
        if !hosts.is_empty() {
            hosts.split(',').try_for_each(|host| url.host(host))?;
        }
        if let Some(database) = path.filter(|path| !path.is_empty()) {
            url.database = Some(text_of(database)?);
        }
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let Some((key, value)) = pair.split_once('=') else {
                return Err(unescaped());
            };
            let may_be_secret = credentials.is_none() || query.is_some_and(|query| query.contains('@'));
            url.parameter(&text_of(key)?, value, may_be_secret)?;
        }
        url.finish()
    }

    fn credentials(&mut self, credentials: &str) -> Result<(), Error> {
        let (user, password) = match credentials.split_once(':') {
            Some((user, password)) => (user, Some(password)),
            None => (credentials, None),
        };
        if !user.is_empty() {
            self.user = Some(text_of(user)?);
        }
        // Passwords are bytes to the server. An empty one is none, as for libpq.
        if let Some(password) = password.filter(|password| !password.is_empty()) {
            self.password = Some(decoded(password)?.into_owned());
        }
        Ok(())
    }

    fn host(&mut self, host: &str) -> Result<(), Error> {
        let (name, port) = match host.strip_prefix('[') {
            Some(rest) => {
                let Some((name, rest)) = rest.split_once(']') else {
                    return Err(malformed("an IPv6 address has no closing bracket"));
                };
                if name.parse::<std::net::Ipv6Addr>().is_err() {
                    return Err(malformed("what is in brackets is not an IPv6 address"));
                }
                match rest.strip_prefix(':') {
                    Some(port) => (name, Some(port)),
                    None if rest.is_empty() => (name, None),
                    None => return Err(malformed("an IPv6 address is followed by something that is no port")),
                }
            }
            None => match host.split_once(':') {
                Some((name, port)) => (name, Some(port)),
                None => (host, None),
            },
        };
        self.names.push(text_of(name)?);
        let port = port.filter(|port| !port.is_empty()).unwrap_or("5432");
        self.ports.push(port.parse().map_err(|_| unescaped())?);
        Ok(())
    }

    /// Takes a parameter of <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS>.
    fn parameter(&mut self, key: &str, raw: &str, may_be_secret: bool) -> Result<(), Error> {
        if key == "password" {
            self.password = Some(decoded(raw)?.into_owned());
            return Ok(());
        }
        let value = text_of(raw)?;
        match key {
            "user" => self.user = Some(value),
            "dbname" => self.database = Some(value),
            "host" => self.names = value.split(',').map(str::to_owned).collect(),
            "hostaddr" => self.addresses = each(key, &value, "an address, or several with commas between them")?,
            "port" => {
                let ports = value.split(',').map(|port| if port.is_empty() { "5432" } else { port });
                self.ports = each(key, &ports.collect::<Vec<_>>().join(","), "a port, or several")?;
            }
            "options" => self.options = Some(value),
            "application_name" => self.application_name = Some(value),
            "fallback_application_name" => self.fallback_application_name = Some(value),
            "connect_timeout" => self.connect_timeout = Some(seconds(key, &value)?),
            "tcp_user_timeout" => {
                let milliseconds: u64 = number(key, &value)?;
                self.tcp_user_timeout = (milliseconds > 0).then(|| Duration::from_millis(milliseconds));
            }
            "keepalives" => self.keepalives = Some(number::<u8>(key, &value)? != 0),
            "keepalives_idle" => self.keepalives_idle = seconds(key, &value)?,
            "keepalives_interval" => self.keepalives_interval = seconds(key, &value)?,
            "keepalives_count" => self.keepalives_count = Some(number(key, &value)?),
            "sslrootcert" => self.ssl_root_cert = Some(value),
            "sslcert" => self.ssl_cert = Some(value),
            "sslkey" => self.ssl_key = Some(value),
            _ => return self.choice(key, &value, may_be_secret),
        }
        Ok(())
    }

    /// Takes a parameter that is one of a few words.
    fn choice(&mut self, key: &str, value: &str, may_be_secret: bool) -> Result<(), Error> {
        let expected = match key {
            "sslmode" | "ssl" => {
                const MODES: [SslMode; 6] = [
                    SslMode::Disable,
                    SslMode::Allow,
                    SslMode::Prefer,
                    SslMode::Require,
                    SslMode::VerifyCa,
                    SslMode::VerifyFull,
                ];
                self.ssl_mode = match (key, value) {
                    ("ssl", "true") => Some(SslMode::Require),
                    ("ssl", _) => return Err(invalid(key, "`true`; there is `sslmode` for everything else")),
                    _ => MODES.into_iter().find(|mode| mode.name() == value),
                };
                self.ssl_mode
                    .is_none()
                    .then_some("one of `disable`, `allow`, `prefer`, `require`, `verify-ca`, `verify-full`")
            }
            "sslnegotiation" => {
                self.ssl_negotiation = match value {
                    "postgres" => Some(SslNegotiation::Postgres),
                    "direct" => Some(SslNegotiation::Direct),
                    _ => None,
                };
                self.ssl_negotiation.is_none().then_some("`postgres` or `direct`")
            }
            "ssl_min_protocol_version" => {
                self.is_tls13_only = value == "TLSv1.3";
                let is_known = matches!(value, "" | "TLSv1" | "TLSv1.1" | "TLSv1.2" | "TLSv1.3");
                (!is_known).then_some("one of `TLSv1`, `TLSv1.1`, `TLSv1.2`, `TLSv1.3`")
            }
            "channel_binding" => {
                self.channel_binding = match value {
                    "disable" => Some(ChannelBinding::Disable),
                    "prefer" => Some(ChannelBinding::Prefer),
                    "require" => Some(ChannelBinding::Require),
                    _ => None,
                };
                self.channel_binding.is_none().then_some("one of `disable`, `prefer`, `require`")
            }
            "target_session_attrs" => {
                self.target = match value {
                    "any" => Target::Any,
                    "read-write" => Target::ReadWrite,
                    "read-only" => Target::ReadOnly,
                    "primary" => Target::Primary,
                    "standby" => Target::Standby,
                    "prefer-standby" => Target::PreferStandby,
                    _ => {
                        let words = "one of `any`, `read-write`, `read-only`, `primary`, `standby`, `prefer-standby`";
                        return Err(invalid(key, words));
                    }
                };
                None
            }
            "load_balance_hosts" => {
                self.load_balance = match value {
                    "disable" => Some(LoadBalanceHosts::Disable),
                    "random" => Some(LoadBalanceHosts::Random),
                    _ => None,
                };
                self.load_balance.is_none().then_some("`disable` or `random`")
            }
            // Not one of libpq's, but known from elsewhere.
            "pgbouncer" => {
                self.pgbouncer = value.parse().ok();
                self.pgbouncer.is_none().then_some("`true` or `false`")
            }
            // Texts are exchanged in UTF-8, whatever the encoding of the database is.
            "client_encoding" => {
                let is_utf8 = ["auto", "utf8", "utf-8"].iter().any(|name| value.eq_ignore_ascii_case(name));
                (!is_utf8).then_some("`UTF8`, in which texts are always exchanged")
            }
            "gssencmode" => {
                (!matches!(value, "disable" | "prefer")).then_some("`disable` or `prefer`: there is no GSSAPI")
            }
            _ if may_be_secret || !is_word(key) => {
                return Err(malformed(
                    "it has an unknown parameter; special characters of user and password are written percent-encoded \
                     (`@` as `%40`, `/` as `%2F`, `?` as `%3F`)",
                ));
            }
            _ => return Err(malformed(format!("the parameter `{key}` is unknown or not supported"))),
        };
        expected.map_or(Ok(()), |expected| Err(invalid(key, expected)))
    }

    /// Puts names, addresses and ports together.
    fn finish(mut self) -> Result<Self, Error> {
        if self.names.is_empty() && self.addresses.is_empty() {
            self.names.push("localhost".to_owned());
        }
        let count = self.names.len().max(self.addresses.len());
        if !self.addresses.is_empty() && !self.names.is_empty() && self.addresses.len() != self.names.len() {
            return Err(malformed("there are not as many in `hostaddr` as there are hosts"));
        }
        if self.ports.len() > 1 && self.ports.len() != count {
            return Err(malformed("there are not as many ports as there are hosts"));
        }
        for at in 0..count {
            let address = self.addresses.get(at).copied();
            let name = self.names.get(at).filter(|name| !name.is_empty()).cloned();
            let name = name.or_else(|| address.map(|address| address.to_string()));
            let port = self.ports.get(at).or_else(|| self.ports.first()).copied().unwrap_or(5432);
            self.hosts.push(Host { name: name.unwrap_or_else(|| "localhost".to_owned()), address, port });
        }
        self.application_name = self.application_name.or(self.fallback_application_name.take());
        let texts = [&self.user, &self.database, &self.options, &self.application_name];
        if texts.into_iter().flatten().any(|text| text.contains('\0')) {
            return Err(malformed("it has a NUL in it"));
        }
        Ok(self)
    }
}

fn unescaped() -> Error {
    malformed(
        "it is not `postgres://user:password@host:port/database?parameter=value`; special characters of user and \
         password are written percent-encoded (`@` as `%40`, `/` as `%2F`, `?` as `%3F`)",
    )
}

fn is_word(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

fn number<T: std::str::FromStr>(key: &str, value: &str) -> Result<T, Error> {
    value.trim().parse().map_err(|_| invalid(key, "a number in its range"))
}

/// A number of seconds; none if it is zero or less.
fn seconds(key: &str, value: &str) -> Result<Option<Duration>, Error> {
    let seconds: i32 = number(key, value)?;
    Ok(u64::try_from(seconds).ok().filter(|seconds| *seconds > 0).map(Duration::from_secs))
}

fn each<T: std::str::FromStr>(key: &str, values: &str, expected: &str) -> Result<Vec<T>, Error> {
    values.split(',').map(|value| value.parse().map_err(|_| invalid(key, expected))).collect()
}

/// The bytes a percent-encoded text stands for.
fn decoded(text: &str) -> Result<Cow<'_, [u8]>, Error> {
    if !text.contains('%') {
        return Ok(Cow::Borrowed(text.as_bytes()));
    }
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                let code = digit().zip(digit()).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
                code.ok_or_else(|| malformed("a `%` is not followed by two hexadecimal digits"))?
            }
            _ => byte,
        });
    }
    Ok(Cow::Owned(out))
}

fn text_of(text: &str) -> Result<String, Error> {
    String::from_utf8(decoded(text)?.into_owned()).map_err(|_| malformed("a percent-encoded part is not UTF-8"))
}

#[cfg(test)]
mod tests;
