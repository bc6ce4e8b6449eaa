//! Messages that others send by `notify`.

use std::{fmt, sync::Arc, time::Duration};

use orm_core::{
    dialect::Dialect,
    error::{Error, ErrorKind},
};
use tokio::sync::mpsc;
use tokio_postgres::Client;

use crate::{
    Pool, Postgres,
    connect::Connector,
    error::{failed, refused},
};

/// The wait before a lost connection is tried again; it doubles from try to try.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// How long the server may take to begin to listen.
const LONGEST_SILENCE: Duration = Duration::from_secs(10);

/// See <https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS>.
const LONGEST_NAME: usize = 63;

/// A message that somebody sent to a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notification {
    /// The name of the channel.
    pub channel: String,
    /// The message, which may be empty.
    pub message: String,
    /// The server process of whoever sent it.
    pub sender: i32,
}

/// Receives the messages sent to channels, on a connection of its own that is none of a pool's.
///
/// ```no_run
/// # async fn run(db: orm_postgres::Pool) -> Result<(), orm_core::error::Error> {
/// let mut listener = db.listen(&["jobs"]).await?;
/// loop {
///     match listener.recv().await {
///         Ok(notification) => println!("{}", notification.message),
///         // Whatever was sent meanwhile is lost: look in the tables what there is to do, and go on.
///         Err(error) if error.kind() == orm_core::ErrorKind::ConnectionLost => {}
///         Err(error) => return Err(error),
///     }
/// }
/// # }
/// ```
pub struct Listener {
    connector: Arc<Connector>,
    channels: Vec<String>,
    open: Option<Open>,
}

struct Open {
    /// Keeps the connection open.
    _client: Client,
    notifications: mpsc::UnboundedReceiver<tokio_postgres::Notification>,
}

impl Pool {
    /// Listens on channels, on a connection of its own. Messages wait in memory until they are received.
    ///
    /// ```sql
    /// listen "jobs"
    /// ```
    ///
    /// # Errors
    /// If the connection cannot be made, or the server refuses.
    pub async fn listen(&self, channels: &[&str]) -> Result<Listener, Error> {
        // The server would cut off what is longer, and listen on another channel.
        if channels.iter().any(|channel| channel.is_empty() || channel.len() > LONGEST_NAME || channel.contains('\0')) {
            let problem = "the name of a channel has from 1 to 63 bytes, and no NUL";
            return Err(refused(ErrorKind::InvalidStatement, problem, "listen".to_owned(), ""));
        }
        let channels = channels.iter().map(|channel| (*channel).to_owned()).collect();
        let mut listener = Listener { connector: self.connector(), channels, open: None };
        listener.connect().await?;
        Ok(listener)
    }
}

impl Listener {
    async fn connect(&mut self) -> Result<&mut Open, Error> {
        let (sender, notifications) = mpsc::unbounded_channel();
        let client = self.connector.open_listening(sender).await?.client;
        let mut sql = String::new();
        for channel in &self.channels {
            sql.push_str("listen ");
            Postgres.write_identifier(&mut sql, channel);
            sql.push(';');
        }
        let listening = tokio::time::timeout(LONGEST_SILENCE, client.batch_execute(&sql)).await;
        let Ok(listening) = listening else {
            let problem = "the server did not answer";
            return Err(refused(ErrorKind::ConnectionLost, problem, "listen".to_owned(), &sql));
        };
        listening.map_err(|error| failed(error, "listen".to_owned(), &sql))?;
        Ok(self.open.insert(Open { _client: client, notifications }))
    }

    /// The next message. Waits until there is one.
    ///
    /// # Errors
    /// Of the kind [`ConnectionLost`](ErrorKind::ConnectionLost) once after the connection was lost: messages may have been
    /// missed. The next call connects again, trying for as long as it takes.
    pub async fn recv(&mut self) -> Result<Notification, Error> {
        let mut pause = FIRST_PAUSE;
        while self.open.is_none() {
            if self.connect().await.is_err() {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
        let open = self.open.as_mut().expect("the loop before ends when it is open");
        match open.notifications.recv().await {
            Some(notification) => Ok(Notification {
                channel: notification.channel().to_owned(),
                message: notification.payload().to_owned(),
                sender: notification.process_id(),
            }),
            None => {
                self.open = None;
                let problem = "the connection is closed: notifications may have been missed";
                Err(refused(ErrorKind::ConnectionLost, problem, "listen".to_owned(), ""))
            }
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("channels", &self.channels).finish_non_exhaustive()
    }
}
