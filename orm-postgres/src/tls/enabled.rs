//! Encrypted connections, by rustls.

use std::{
    fs, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use orm_core::error::Error;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::{
    Socket,
    tls::{ChannelBinding, MakeTlsConnect, TlsConnect},
};
use tokio_rustls::{
    TlsConnector, client,
    rustls::{
        self, ClientConfig, RootCertStore,
        crypto::CryptoProvider,
        pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    },
};

use crate::{
    connect::{Verify, verification},
    tls::{end_point, verifier},
    url::{SslMode, Url, malformed},
};

/// How connections of a URL are encrypted, and which servers are trusted.
#[derive(Clone)]
pub(crate) struct Tls {
    mode: Option<SslMode>,
    verify_any: Arc<ClientConfig>,
    /// There if some server's certificate is checked.
    verify: Option<Arc<ClientConfig>>,
}

impl Tls {
    /// Reads the certificates that are needed for the servers of a URL.
    pub(crate) fn new(url: &Url) -> Result<Self, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verify_any = config(url, &provider, verifier::any(&provider))?;
        let strictest = url.hosts.iter().map(|host| verification(url.ssl_mode, &host.name)).max();
        let verify = match strictest {
            None | Some(Verify::Nothing) => None,
            Some(Verify::Authority) => Some(config(url, &provider, verifier::authority(&provider, roots(url)?))?),
            Some(Verify::Name) => Some(config(url, &provider, verifier::name(&provider, roots(url)?)?)?),
        };
        Ok(Self { mode: url.ssl_mode, verify_any, verify })
    }
}

fn config(
    url: &Url,
    provider: &Arc<CryptoProvider>,
    verifier: Arc<dyn rustls::client::danger::ServerCertVerifier>,
) -> Result<Arc<ClientConfig>, Error> {
    let versions: &[_] = if url.is_tls13_only {
        &[&rustls::version::TLS13]
    } else {
        &[&rustls::version::TLS13, &rustls::version::TLS12]
    };
    let config = ClientConfig::builder_with_provider(Arc::clone(provider))
        .with_protocol_versions(versions)
        .expect("the provider has both versions")
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match (&url.ssl_cert, &url.ssl_key) {
        (None, None) => config.with_no_client_auth(),
        (Some(certificate), Some(key)) => {
            let key = fs::read(key).map_err(|error| unreadable("sslkey", &error))?;
            let key = PrivateKeyDer::from_pem_slice(&key).map_err(|error| unreadable("sslkey", &error))?;
            let chain = certificates("sslcert", certificate)?;
            config.with_client_auth_cert(chain, key).map_err(|error| unreadable("sslcert` and `sslkey", &error))?
        }
        _ => return Err(malformed("of `sslcert` and `sslkey`, one is there without the other")),
    };
    // What <https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-SSL> asks of direct connections.
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(Arc::new(config))
}

/// The authorities whose certificates are trusted.
fn roots(url: &Url) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    match url.ssl_root_cert.as_deref() {
        Some(path) if path != "system" => {
            for certificate in certificates("sslrootcert", path)? {
                roots.add(certificate).map_err(|error| unreadable("sslrootcert", &error))?;
            }
        }
        _ => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        return Err(malformed(
            "this system trusts no authority (on Linux, the package `ca-certificates` may be missing); name a file with \
             the certificate of the server's authority as `sslrootcert`",
        ));
    }
    Ok(roots)
}

fn certificates(parameter: &str, path: &str) -> Result<Vec<CertificateDer<'static>>, Error> {
    let text = fs::read(path).map_err(|error| unreadable(parameter, &error))?;
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let certificates = certificates.map_err(|error| unreadable(parameter, &error))?;
    if certificates.is_empty() {
        return Err(unreadable(parameter, &"there is no certificate in it"));
    }
    Ok(certificates)
}

fn unreadable(parameter: &str, problem: &dyn std::fmt::Display) -> Error {
    malformed(format!("the file of `{parameter}` cannot be used: {problem}"))
}

impl MakeTlsConnect<Socket> for Tls {
    type Stream = Stream;
    type TlsConnect = Connect;
    type Error = io::Error;

    fn make_tls_connect(&mut self, host: &str) -> Result<Connect, io::Error> {
        let config = match (verification(self.mode, host), &self.verify) {
            (Verify::Nothing, _) => &self.verify_any,
            (_, Some(verify)) => verify,
            (_, None) => return Err(io::Error::other("the host is none of the URL's")),
        };
        Ok(Connect { config: Arc::clone(config), host: host.to_owned() })
    }
}

/// A connection that is about to be encrypted.
pub(crate) struct Connect {
    config: Arc<ClientConfig>,
    host: String,
}

impl TlsConnect<Socket> for Connect {
    type Stream = Stream;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, io::Error>> + Send>>;

    fn connect(self, socket: Socket) -> Self::Future {
        Box::pin(async move {
            let name =
                ServerName::try_from(self.host).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
            Ok(Stream(TlsConnector::from(self.config).connect(name, socket).await?))
        })
    }
}

/// An encrypted connection.
pub(crate) struct Stream(client::TlsStream<Socket>);

impl tokio_postgres::tls::TlsStream for Stream {
    fn channel_binding(&self) -> ChannelBinding {
        let (_, session) = self.0.get_ref();
        let certificate = session.peer_certificates().and_then(|chain| chain.first());
        let hash = certificate.and_then(|certificate| end_point::hash(certificate));
        hash.map_or_else(ChannelBinding::none, ChannelBinding::tls_server_end_point)
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
