//! A server that means harm.

use std::time::{Duration, Instant};

use orm::postgres::Pool;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::secret::{CANARY, report};

/// Reads a message with a length in front, after its tag if it has one.
async fn read(client: &mut TcpStream, has_tag: bool) -> std::io::Result<Vec<u8>> {
    if has_tag {
        client.read_u8().await?;
    }
    let length = usize::try_from(client.read_u32().await?).expect("a length fits");
    let mut message = vec![0; length - 4];
    client.read_exact(&mut message).await?;
    Ok(message)
}

/// Sends a message about authentication.
async fn send(client: &mut TcpStream, kind: u32, text: &[u8]) -> std::io::Result<()> {
    let length = u32::try_from(text.len() + 8).expect("a short text");
    let message = [b"R", &length.to_be_bytes()[..], &kind.to_be_bytes()[..], text].concat();
    client.write_all(&message).await
}

/// A server that asks for a password to be hashed this many times:
/// <https://www.postgresql.org/docs/current/sasl-authentication.html>.
async fn ask_for_iterations(listener: TcpListener, iterations: &str) -> std::io::Result<()> {
    let (mut client, _) = listener.accept().await?;
    read(&mut client, false).await?;
    send(&mut client, 10, b"SCRAM-SHA-256\0\0").await?;
    let first = read(&mut client, true).await?;
    let first = String::from_utf8_lossy(&first).into_owned();
    let (_, nonce) = first.rsplit_once("r=").expect("the client sends a nonce");
    send(&mut client, 11, format!("r={nonce}server,s=c2FsdA==,i={iterations}").as_bytes()).await?;
    // Whatever the client says now, it has done the work.
    drop(read(&mut client, true).await);
    Ok(())
}

/// Hashing costs as much as the server says; one that says too much would keep a processor busy for an hour.
#[tokio::test]
async fn t20_iterations_of_a_hash_have_a_limit() {
    for iterations in ["100001", "2147483648", "4294967295", "99999999999"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("the port is known").port();
        tokio::spawn(ask_for_iterations(listener, iterations));
        let start = Instant::now();
        let url = format!("postgres://anna:{CANARY}@127.0.0.1:{port}/shop?sslmode=disable");
        let Err(error) = Pool::connect(&url).await else { panic!("{iterations} iterations are taken") };
        let words = report(&error);
        assert!(words.contains("authentication error"), "{words}");
        assert!(start.elapsed() < Duration::from_secs(1), "{iterations} iterations took {:?}", start.elapsed());
    }
}
