//! A network between the pool and the server that can be told to misbehave.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    sync::watch,
};

/// What becomes of what passes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Weather {
    Fine,
    /// Nothing arrives any more, in either direction, and nobody is told.
    Stalled,
    /// Every byte arrives by itself.
    Crumbs,
    /// Everything arrives later, in either direction.
    Slow(Duration),
    /// After this many bytes of the server's, the connection is closed.
    Cut(usize),
    /// Connections are reset.
    Reset,
    /// The server hangs up, and the client is not told.
    HalfOpen,
}

/// What connections of a proxy share.
struct Network {
    server: SocketAddr,
    weather: watch::Receiver<Weather>,
    open: AtomicUsize,
    made: AtomicUsize,
}

pub(crate) struct Proxy {
    url: String,
    weather: watch::Sender<Weather>,
    network: Arc<Network>,
}

impl Proxy {
    /// A proxy to the server of a URL.
    pub(crate) async fn new(url: &str) -> Self {
        let (scheme, rest) = url.split_once('@').expect("the URL has a user");
        let (server, database) = rest.split_once('/').expect("the URL has a database");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("the port is known").port();
        let (weather, changes) = watch::channel(Weather::Fine);
        let network = Arc::new(Network {
            server: server.parse().expect("the server has an address"),
            weather: changes,
            open: AtomicUsize::new(0),
            made: AtomicUsize::new(0),
        });
        tokio::spawn(Arc::clone(&network).listen(listener));
        Self { url: format!("{scheme}@127.0.0.1:{port}/{database}"), weather, network }
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn set(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// How many connections clients have open.
    pub(crate) fn open(&self) -> usize {
        self.network.open.load(Ordering::Relaxed)
    }

    /// How many connections clients have made so far.
    pub(crate) fn made(&self) -> usize {
        self.network.made.load(Ordering::Relaxed)
    }
}

impl Network {
    async fn listen(self: Arc<Self>, listener: TcpListener) {
        while let Ok((client, _)) = listener.accept().await {
            let network = Arc::clone(&self);
            tokio::spawn(async move {
                network.made.fetch_add(1, Ordering::Relaxed);
                network.open.fetch_add(1, Ordering::Relaxed);
                // However it ended, both ends are closed now.
                drop(network.connect(client).await);
                network.open.fetch_sub(1, Ordering::Relaxed);
            });
        }
    }

    async fn connect(&self, client: TcpStream) -> io::Result<()> {
        let server = TcpStream::connect(self.server).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (mut client, mut server) = (client.into_split(), server.into_split());
        tokio::select! {
            ended = self.pump(&mut client.0, &mut server.1, false) => ended?,
            ended = self.pump(&mut server.0, &mut client.1, true) => ended?,
        }
        match *self.weather.borrow() {
            // Closing with a linger of nothing is what sends a reset.
            Weather::Reset => client.0.as_ref().set_zero_linger()?,
            Weather::HalfOpen => {}
            _ => return Ok(()),
        }
        if *self.weather.borrow() == Weather::HalfOpen {
            drop(server);
            // Until the client gives up.
            let mut swallowed = [0; 1024];
            while client.0.read(&mut swallowed).await? > 0 {}
        }
        Ok(())
    }

    async fn pump(&self, from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, is_answer: bool) -> io::Result<()> {
        let mut weather = self.weather.clone();
        let mut passed = 0;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = tokio::select! {
                read = from.read(&mut buffer) => read?,
                storm = weather.wait_for(|it| matches!(it, Weather::Reset | Weather::HalfOpen)) => {
                    return storm.map(drop).map_err(io::Error::other);
                }
            };
            if read == 0 {
                return Ok(());
            }
            let bytes = &buffer[..read];
            let now = *weather.wait_for(|it| *it != Weather::Stalled).await.map_err(io::Error::other)?;
            match now {
                Weather::Fine | Weather::Stalled => to.write_all(bytes).await?,
                Weather::Slow(time) => {
                    tokio::time::sleep(time).await;
                    to.write_all(bytes).await?;
                }
                Weather::Crumbs => {
                    for byte in bytes {
                        to.write_all(&[*byte]).await?;
                        tokio::task::yield_now().await;
                    }
                }
                Weather::Cut(after) if is_answer => {
                    let left = after - passed;
                    to.write_all(&bytes[..read.min(left)]).await?;
                    if read >= left {
                        return Ok(());
                    }
                    passed += read;
                }
                Weather::Cut(_) => to.write_all(bytes).await?,
                Weather::Reset | Weather::HalfOpen => return Ok(()),
            }
        }
    }
}
