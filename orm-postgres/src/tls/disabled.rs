//! No encrypted connections, because the feature `tls` is off.

use orm_core::error::{Error, ErrorKind};
use tokio_postgres::{
    NoTls, Socket,
    tls::{MakeTlsConnect, NoTlsError, NoTlsStream},
};

use crate::{
    connect::mode_of,
    url::{SslMode, Url},
};

/// Encrypts nothing.
#[derive(Clone)]
pub(crate) struct Tls;

impl Tls {
    /// Refuses URLs that ask for encryption.
    pub(crate) fn new(url: &Url) -> Result<Self, Error> {
        for host in &url.hosts {
            let mode = mode_of(url.ssl_mode, &host.name);
            if mode >= SslMode::Require {
                let because = if url.ssl_mode.is_some() { "" } else { ", which is what it is for other machines," };
                let source = format!("`sslmode={}`{because} needs the cargo feature `tls`", mode.name());
                return Err(Error::Open {
                    name: host.name.clone(),
                    kind: ErrorKind::Unsupported,
                    source: source.into(),
                });
            }
        }
        Ok(Self)
    }
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = NoTlsStream;
    type TlsConnect = NoTls;
    type Error = NoTlsError;

    fn make_tls_connect(&mut self, _host: &str) -> Result<NoTls, NoTlsError> {
        Ok(NoTls)
    }
}
