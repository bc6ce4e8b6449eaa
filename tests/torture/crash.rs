//! Processes beside this one: many that write at once, and some that are killed.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::Child,
    time::{Duration, Instant},
};

use orm::{Error, postgres::Pool, prelude::*, sqlite::Connection};

use crate::{
    process::{again, count, part},
    server::Server,
    stored::{number, stored, text},
    support::*,
};

fn counter(db: &Connection) -> Result<Employee, Error> {
    Employee::find(1).one(db)
}

/// Counts up, reading the number before writing it, and prints how long each transaction took in microseconds.
fn count_up(path: &Path, rounds: usize) {
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let path = path.to_owned();
            std::thread::spawn(move || {
                let db = Connection::open(path).expect("the file is a database");
                for _ in 0..rounds {
                    let start = Instant::now();
                    let counted = db.transaction(|tx| {
                        let salary = Employee::find(1).columns(Employee::salary).one(tx)?;
                        Employee::update().set(Employee::salary, salary + 1).filter(Employee::id.eq(1)).execute(tx)
                    });
                    assert_eq!(counted.expect("nobody gives up"), 1);
                    println!("took {}", start.elapsed().as_micros());
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().expect("it does not panic"));
}

const THREADS: usize = 4;
const PROCESSES: usize = 4;
/// What a connection waits for others, unless it is told otherwise.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The lines of a process that begin with this word.
fn lines(child: &mut Child, word: &'static str) -> impl Iterator<Item = String> + use<> {
    let output = child.stdout.take().expect("the output is piped");
    let lines = BufReader::new(output).lines().map_while(Result::ok);
    lines.filter_map(move |line| line.split_once(&format!("{word} ")).map(|(_, rest)| rest.to_owned()))
}

/// Four processes of four threads count up one number: none of them hears of a lock, none waits for too long, and no
/// update is lost.
#[test]
fn t33_processes_do_not_lose_updates() -> Result<(), Error> {
    let rounds = count(25, 2_000);
    if let Some(path) = part() {
        count_up(Path::new(&path), rounds);
        return Ok(());
    }
    let directory = tempfile::tempdir().expect("there is room for a directory");
    let path = directory.path().join("counter.db");
    let db = Connection::open(&path)?;
    db.create_all(&schema())?;
    db.execute_batch("insert into employees (id, name, salary) values (1, 'counter', 0)")?;
    let start = || again("crash::t33_processes_do_not_lose_updates", path.to_str().expect("it is UTF-8")).spawn();
    let mut children: Vec<Child> = (0..PROCESSES).map(|_| start().expect("the binary runs")).collect();
    let mut times = Vec::new();
    for child in &mut children {
        times.extend(lines(child, "took").map(|micros| micros.parse::<u64>().expect("a number")));
    }
    for mut child in children {
        assert!(child.wait().expect("it ended").success(), "a writer gave up");
    }
    let transactions = PROCESSES * THREADS * rounds;
    assert_eq!((counter(&db)?.salary, times.len()), (i32::try_from(transactions).expect("few"), transactions));
    times.sort_unstable();
    let slow = Duration::from_micros(times[times.len() * 99 / 100]);
    println!("{transactions} transactions, p50 {} us, p99 {slow:?}", times[times.len() / 2]);
    assert!(slow < BUSY_TIMEOUT, "one of a hundred took {slow:?}");
    Ok(())
}

/// How many times a writer is killed, and after how long; the seed is fixed.
fn kills() -> impl Iterator<Item = Duration> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..count(10, 500)).map(move |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        Duration::from_micros(1_000 + state % 30_000)
    })
}

/// Lets a process write until it is killed, this long after its first row; gives the last row that it says is there.
fn kill(mut child: Child, after: Duration) -> i64 {
    let mut acknowledged = lines(&mut child, "committed");
    let first = acknowledged.next().expect("a row is written");
    std::thread::sleep(after);
    // `SIGKILL`.
    child.kill().expect("it runs");
    let last = acknowledged.last().unwrap_or(first);
    child.wait().expect("it ended");
    last.parse().expect("a number")
}

/// Writes rows and says so, for ever: two rows in each transaction, of which there must be none or both.
fn write_rows(db: &Connection) -> Result<(), Error> {
    let last = Group::select().columns(max(Group::id)).one(db)?.unwrap_or(0);
    for id in (last + 1..).step_by(2) {
        db.transaction(|tx| {
            Group::insert().set(Group::id, id).set(Group::name, format!("{id:0200}")).execute(tx)?;
            Group::insert().set(Group::id, id + 1).set(Group::name, format!("{:0200}", id + 1)).execute(tx)
        })?;
        println!("committed {}", id + 1);
    }
    Ok(())
}

/// A writer killed at any point leaves a whole database, with every row that it was told is there.
#[test]
fn t42_killed_writers_of_a_file() -> Result<(), Error> {
    if let Some(path) = part() {
        return write_rows(&Connection::open(path)?);
    }
    let directory = tempfile::tempdir().expect("there is room for a directory");
    let path = directory.path().join("killed.db");
    Connection::open(&path)?.create_all(&schema())?;
    for after in kills() {
        let command = again("crash::t42_killed_writers_of_a_file", path.to_str().expect("it is UTF-8")).spawn();
        let acknowledged = kill(command.expect("the binary runs"), after);
        let db = Connection::open(&path)?;
        assert_eq!(stored(&db, "pragma integrity_check"), text("ok"));
        let rows = Group::select().count(&db)?;
        assert!(rows >= acknowledged, "{acknowledged} rows were acknowledged, {rows} are there");
        assert_eq!((rows % 2, number(&db, "select max(id) from groups")), (0, rows), "a transaction is whole");
    }
    println!("{} rows after the last", Group::select().count(&Connection::open(&path)?)?);
    Ok(())
}

/// Like a file: what the server said is committed is there, and a transaction whose client is gone is undone.
#[tokio::test]
async fn t42_killed_clients_of_a_server() -> Result<(), Error> {
    if let Some(url) = part() {
        let pool = Pool::options().size(1).connect(&url).await?;
        let last = Group::select().columns(max(Group::id)).one(&pool).await?.unwrap_or(0);
        for id in (last + 1..).step_by(2) {
            pool.transaction(async |tx| {
                Group::insert().set(Group::id, id).set(Group::name, id.to_string()).execute(tx).await?;
                Group::insert().set(Group::id, id + 1).set(Group::name, (id + 1).to_string()).execute(tx).await
            })
            .await?;
            println!("committed {}", id + 1);
        }
    }
    let server = Server::new(Pool::options().size(1)).await;
    let pool = server.pool().clone();
    for after in kills() {
        let command = again("crash::t42_killed_clients_of_a_server", server.url()).spawn();
        let child = command.expect("the binary runs");
        let acknowledged = tokio::task::spawn_blocking(move || kill(child, after)).await.expect("it does not panic");
        // The server hears of it when it next reads or writes.
        let deadline = Instant::now() + Duration::from_secs(2);
        while server.connections("state = 'active' or state like 'idle in transaction%'").await > 0 {
            assert!(Instant::now() < deadline, "the server keeps the transaction of a client that is gone");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let (rows, last) = Group::select().columns((count_all(), max(Group::id))).one(&pool).await?;
        assert!(rows >= acknowledged, "{acknowledged} rows were acknowledged, {rows} are there");
        assert_eq!((rows % 2, last), (0, Some(rows)), "a transaction is whole");
    }
    Ok(())
}
