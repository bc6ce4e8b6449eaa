//! Large values, and how much memory they take on their way.

use std::hash::{DefaultHasher, Hasher};

use orm::{Error, prelude::*, sqlite::Connection};

use crate::{
    process::{again, count, memory, part},
    support::postgres::Database,
};

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "blobs")]
struct Blob {
    #[column(primary_key)]
    id: i64,
    bytes: Vec<u8>,
}

schema! { fn blobs() = [Blob] }

const MIB: usize = 1 << 20;

/// Bytes that no compression makes smaller, and their hash.
fn bytes(len: usize) -> (Vec<u8>, u64) {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(len);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_ne_bytes());
    }
    let hash = hash(&bytes);
    (bytes, hash)
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// How much more memory this process had at most while it did this than before, in payloads.
fn payloads<T>(len: usize, body: impl FnOnce() -> Result<T, Error>) -> Result<(T, f64), Error> {
    let before = memory("VmRSS");
    // What it had before is forgotten: <https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html>.
    std::fs::write("/proc/self/clear_refs", "5").expect("this is Linux");
    let value = body()?;
    Ok((value, (memory("VmHWM").saturating_sub(before)) as f64 / len as f64))
}

/// Runs the part of a test in a process of its own, whose memory is that of nothing else, and gives the two numbers it
/// prints.
fn measured(test: &str) -> [f64; 2] {
    let output = again(test, "alone").output().expect("the binary runs");
    let output = String::from_utf8(output.stdout).expect("it prints text");
    let numbers = output.split_once("payloads ").map(|(_, rest)| rest.lines().next().unwrap_or_default());
    let numbers: Vec<f64> =
        numbers.unwrap_or_default().split(' ').map(|it| it.parse().unwrap_or_else(|_| panic!("{output}"))).collect();
    println!("writing takes {} times the value, reading {}", numbers[0], numbers[1]);
    [numbers[0], numbers[1]]
}

/// Writes and reads one value, and prints how many times its size that takes beside the value that is written, or with
/// the value that is read.
macro_rules! alone {
    ($db:expr, $len:expr) => {{
        let (db, len) = ($db, $len);
        let (value, expected) = bytes(len);
        let insert = || Blob::insert().set(Blob::id, 1).set(Blob::bytes, &value).execute(db);
        let (_, write) = payloads(len, insert)?;
        drop(value);
        let (read, memory) = payloads(len, || Blob::find(1).columns(Blob::bytes).one(db))?;
        assert_eq!(hash(&read), expected);
        // By a stream, and as part of a row.
        drop(read);
        let row = Blob::select().stream(db).next().expect("there is a row")?;
        assert_eq!((row.bytes.len(), hash(&row.bytes)), (len, expected));
        // The value that is written was there before.
        println!("payloads {} {memory}", write + 1.0);
    }};
}

#[test]
fn t31_large_values_in_a_file() -> Result<(), Error> {
    if part().is_some() {
        let directory = tempfile::tempdir().expect("there is room for a directory");
        let db = Connection::open(directory.path().join("blobs.db"))?;
        db.create_all(&blobs())?;
        alone!(&db, count(32 * MIB, 500 * MIB));
        return Ok(());
    }
    let [write, read] = measured("blobs::t31_large_values_in_a_file");
    assert!(write <= 2.5, "writing takes {write} times the value");
    assert!(read <= 2.5, "reading takes {read} times the value");
    Ok(())
}

/// Three copies, where two and a half are wanted: `tokio-postgres` copies a message into the buffer of the socket, and
/// grows the one it reads a message into by doubling it.
#[test]
fn t31_large_values_on_a_server() -> Result<(), Error> {
    if part().is_some() {
        let db = Database::new(&blobs());
        alone!(&db, count(16 * MIB, 64 * MIB));
        return Ok(());
    }
    let [write, read] = measured("blobs::t31_large_values_on_a_server");
    assert!(write <= 3.25, "writing takes {write} times the value");
    assert!(read <= 3.25, "reading takes {read} times the value");
    Ok(())
}
