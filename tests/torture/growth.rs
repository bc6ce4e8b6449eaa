//! Statements without number.

use orm::{Error, postgres::PoolOptions, prelude::*};

use crate::{
    measure::{memory, times},
    server::Server,
    support::*,
};

/// The number of a statement decides which of its conditions are there, and so its text.
macro_rules! query {
    ($number:expr) => {{
        let number: u32 = $number;
        let if_set = |bit: u32| (number >> bit) & 1 == 1;
        macro_rules! when {
            ($bit:literal) => {
                if_set($bit).then(|| Group::id.ne(-1 - $bit))
            };
        }
        Group::select()
            .filter(when!(0))
            .filter(when!(1))
            .filter(when!(2))
            .filter(when!(3))
            .filter(when!(4))
            .filter(when!(5))
            .filter(when!(6))
            .filter(when!(7))
            .filter(when!(8))
            .filter(when!(9))
            .filter(when!(10))
            .filter(when!(11))
            .filter(when!(12))
            .filter(when!(13))
            .filter(when!(14))
            .filter(when!(15))
            .filter(when!(16))
            .filter(when!(17))
            .filter(when!(18))
            .filter(when!(19))
    }};
}

/// However many texts there are, a connection keeps a bounded number of statements, and the process a bounded number of
/// texts.
#[tokio::test]
async fn t45_statements_without_number() -> Result<(), Error> {
    let texts = u32::try_from(times(4_000, 1_000_000)).expect("a small number");
    let server = Server::new(PoolOptions::default().size(1)).await;
    let sqlite = orm::sqlite::Pool::open_in_memory()?;
    sqlite.create_all(&schema()).await?;
    let warm = texts / 3;
    let mut before = 0;
    for number in 0..texts {
        if number == warm {
            before = memory();
        }
        assert_eq!(query!(number).count(&sqlite).await?, 0);
        if number % 4 == 0 {
            assert_eq!(query!(number).all(server.pool()).await?, []);
        }
    }
    let more = memory().saturating_sub(before);
    eprintln!("{texts} texts: {before} MiB after a third of them, {more} MiB more at the end");
    assert!(more < 24, "{more} MiB more");
    server
        .pool()
        .transaction(async |tx| {
            // Ours, and those by which the driver asks for types.
            tx.execute_batch("do $$ begin assert (select count(*) from pg_prepared_statements) <= 260; end $$").await?;
            tx.execute_batch("do $$ begin assert (select count(*) from pg_prepared_statements) >= 256; end $$").await
        })
        .await
}
