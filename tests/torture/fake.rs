//! A server that lets clients in and then says what no server says.

use std::time::{Duration, Instant};

use orm::{Error, ErrorKind, postgres::Pool, prelude::*};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{measure::memory, support::*};

/// How long the server may keep silent.
const PATIENCE: Duration = Duration::from_millis(300);

/// A message: its tag, its length, and what is in it.
fn message(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 4).expect("a short message");
    [&[tag], &length.to_be_bytes()[..], content].concat()
}

/// The columns of a result: `int8` and `text` by turns.
fn description(columns: u16) -> Vec<u8> {
    let mut content = columns.to_be_bytes().to_vec();
    for column in 0..columns {
        let (oid, size) = if column % 2 == 0 { (20_u32, 8_u16) } else { (25, u16::MAX) };
        content.extend_from_slice(b"column\0\0\0\0\0\0\0");
        content.extend_from_slice(&oid.to_be_bytes());
        content.extend_from_slice(&size.to_be_bytes());
        content.extend_from_slice(&[0xff, 0xff, 0xff, 0xff, 0, 0]);
    }
    message(b'T', &content)
}

/// A row of values, each as long as it says or not.
fn row(values: &[(i32, &[u8])]) -> Vec<u8> {
    let mut content = u16::try_from(values.len()).expect("few values").to_be_bytes().to_vec();
    for (length, bytes) in values {
        content.extend_from_slice(&length.to_be_bytes());
        content.extend_from_slice(bytes);
    }
    message(b'D', &content)
}

/// What the server answers.
#[derive(Clone)]
struct Lies {
    /// To a statement that is prepared.
    prepared: Vec<u8>,
    /// To one that is run.
    run: Vec<u8>,
    /// What it says after that, without an end.
    chatter: Vec<u8>,
}

impl Lies {
    /// Only the rows are lies.
    fn of_rows(rows: Vec<u8>) -> Self {
        let run = [message(b'2', b""), rows, message(b'C', b"SELECT 1\0"), message(b'Z', b"I")].concat();
        Self { prepared: prepared(2), run, chatter: Vec::new() }
    }
}

/// What a server says about a prepared statement with this many columns.
fn prepared(columns: u16) -> Vec<u8> {
    [message(b'1', b""), message(b't', &[0, 0]), description(columns), message(b'Z', b"I")].concat()
}

async fn serve(mut client: TcpStream, lies: Lies) -> std::io::Result<()> {
    let length = client.read_u32().await?;
    let mut startup = vec![0; length as usize - 4];
    client.read_exact(&mut startup).await?;
    let welcome = [message(b'R', &[0; 4]), message(b'K', &[0; 8]), message(b'Z', b"I")].concat();
    client.write_all(&welcome).await?;
    let mut is_prepared = false;
    loop {
        let tag = client.read_u8().await?;
        let length = client.read_u32().await?;
        let mut content = vec![0; length as usize - 4];
        client.read_exact(&mut content).await?;
        match tag {
            b'P' => is_prepared = false,
            b'B' => is_prepared = true,
            // The end of what is to be answered.
            b'S' => {
                client.write_all(if is_prepared { &lies.run } else { &lies.prepared }).await?;
                while is_prepared && !lies.chatter.is_empty() {
                    client.write_all(&lies.chatter).await?;
                }
            }
            b'X' => return Ok(()),
            _ => {}
        }
    }
}

/// A pool of connections to a server that lies.
async fn pool(lies: Lies) -> Result<Pool, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let port = listener.local_addr().expect("the port is known").port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client, lies.clone()));
        }
    });
    let url = format!("postgres://anna@127.0.0.1:{port}/shop?sslmode=disable");
    Pool::options().size(1).answer_timeout(PATIENCE).connect_timeout(PATIENCE).wait(PATIENCE).connect(&url).await
}

/// Asserts that a query ends with one of these errors, soon, and that so does the next one.
async fn is_refused(what: &str, lies: Lies, expected: &[ErrorKind]) -> Result<(), Error> {
    let before = memory();
    let pool = pool(lies).await?;
    for _ in 0..2 {
        let start = Instant::now();
        let result = Group::select().all(&pool).await;
        assert!(start.elapsed() < PATIENCE * 10, "{what} took {:?}", start.elapsed());
        match result {
            Ok(rows) => panic!("{what} gives {rows:?}"),
            Err(error) => assert!(expected.contains(&error.kind()), "{what}: {error:?}"),
        }
    }
    let more = memory().saturating_sub(before);
    assert!(more < 64, "{what}: {more} MiB more");
    Ok(())
}

/// The lies are told apart from an honest answer.
#[tokio::test]
async fn t20_an_honest_answer_is_taken() -> Result<(), Error> {
    let pool = pool(Lies::of_rows(row(&[(8, &[0, 0, 0, 0, 0, 0, 0, 7]), (2, b"ab")]))).await?;
    assert_eq!(Group::select().all(&pool).await?, [Group { id: 7, name: "ab".to_owned() }]);
    Ok(())
}

/// Rows that are not what was described, or not rows.
#[tokio::test]
async fn t20_rows_that_lie() -> Result<(), Error> {
    let id: (i32, &[u8]) = (8, &[0; 8]);
    let lost = [ErrorKind::Other, ErrorKind::ConnectionLost, ErrorKind::Decode];
    for (what, rows) in [
        ("a row without columns", row(&[])),
        ("a row with a column too few", row(&[id])),
        ("a row with a column too many", row(&[id, (1, b"a"), (1, b"b")])),
        ("a value longer than its message", row(&[id, (1_000, b"a")])),
        ("a value of two gigabytes", row(&[id, (i32::MAX, b"a")])),
        ("a value of a negative length", row(&[id, (-2, b"a")])),
        ("a number of the wrong width", row(&[(3, &[0; 3]), (1, b"a")])),
        ("a number without bytes", row(&[(0, b""), (1, b"a")])),
        ("a text that is none", row(&[id, (2, &[0xff, 0xfe])])),
        ("a NULL that cannot be", row(&[(-1, b""), (-1, b"")])),
        ("a row that says it has many columns", message(b'D', &[0xff, 0xff, 0, 0])),
        ("garbage", vec![0xde, 0xad, 0xbe, 0xef, 0xde, 0xad, 0xbe, 0xef, 1, 2, 3]),
        ("a message without a length", vec![b'D', 0, 0, 0, 0]),
        ("a message of a negative length", vec![b'D', 0xff, 0xff, 0xff, 0xff]),
        ("a message of two gigabytes", vec![b'D', 0x7f, 0xff, 0xff, 0xff, 0, 0]),
        ("a message nobody knows", message(b'!', b"hello")),
        ("an answer that is none of these", message(b'v', &[0; 8])),
        ("an error without fields", message(b'E', b"\0")),
        ("an error that does not end", message(b'E', b"SERROR")),
    ] {
        is_refused(what, Lies::of_rows(rows), &lost).await?;
    }
    Ok(())
}

/// Statements that are described as what they are not.
#[tokio::test]
async fn t20_descriptions_that_lie() -> Result<(), Error> {
    let lost = [ErrorKind::Other, ErrorKind::ConnectionLost, ErrorKind::Decode];
    let honest = row(&[(8, &[0; 8]), (1, b"a")]);
    for columns in [0, 1, 3, 1_000] {
        let lies = Lies { prepared: prepared(columns), ..Lies::of_rows(honest.clone()) };
        is_refused(&format!("{columns} columns"), lies, &lost).await?;
    }
    let wants_values = [message(b'1', b""), message(b't', &[0xff, 0xff]), message(b'Z', b"I")].concat();
    is_refused("parameters that are not there", Lies { prepared: wants_values, ..Lies::of_rows(vec![]) }, &lost)
        .await?;
    let one_more = [message(b'1', b""), message(b't', &[0, 1, 0, 0, 0, 20]), description(2), message(b'Z', b"I")];
    is_refused("a parameter too many", Lies { prepared: one_more.concat(), ..Lies::of_rows(vec![]) }, &lost).await?;
    is_refused("garbage", Lies { prepared: vec![0; 100], ..Lies::of_rows(vec![]) }, &lost).await?;
    is_refused("nothing", Lies { prepared: vec![], ..Lies::of_rows(vec![]) }, &lost).await?;
    Ok(())
}

/// A server that never comes to the point: its answer does not end, and is not waited for longer than silence would be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t20_endless_chatter() -> Result<(), Error> {
    let lost = [ErrorKind::ConnectionLost];
    let notice = message(b'N', b"SNOTICE\0C00000\0Mhello\0\0").repeat(1_000);
    let status = message(b'S', b"server_version\x0015\0").repeat(1_000);
    let notification = message(b'A', b"\0\0\0\x01channel\0hello\0").repeat(1_000);
    for (what, chatter) in [("notices", notice), ("settings", status), ("notifications", notification)] {
        let lies = Lies { prepared: prepared(2), run: message(b'2', b""), chatter };
        is_refused(what, lies, &lost).await?;
    }
    Ok(())
}
