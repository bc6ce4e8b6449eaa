//! What only PostgreSQL has: single sessions, copying, and messages to listeners.

#[path = "support/pools.rs"]
mod pools;
#[path = "support/harness.rs"]
mod support;

use std::time::Duration;

use orm::{
    Error, ErrorKind,
    pool::TransactionOptions,
    postgres::{Connection, Pool, PostgresCommands},
    prelude::*,
    testing::TestDatabase,
};
use support::*;

async fn database() -> TestDatabase {
    pools::on_postgres(&schema()).await
}

fn pool(database: &TestDatabase) -> &Pool {
    database.as_postgres().expect("it is PostgreSQL")
}

/// A single session in the database of a test.
async fn session(database: &TestDatabase) -> Connection {
    let pool = pool(database);
    let name = pool.with_client(async |client| client.query_one("select current_database()", &[]).await).await;
    let name: String = name.expect("a connection is free").expect("the question is understood").get(0);
    let (base, _) =
        pools::server().rsplit_once('/').map(|(base, rest)| (base.to_owned(), rest.to_owned())).expect("a URL");
    Connection::connect(&format!("{base}/{name}")).await.expect("the database takes connections")
}

/// Copied rows are what inserted ones would be: defaults, NULLs, enums, documents and texts that look like the format.
#[tokio::test]
async fn copied_rows_are_read_back() -> Result<(), Error> {
    let database = database().await;
    let db = pool(&database);
    let users: Vec<NewUser> = (0..3_000)
        .map(|n| NewUser {
            age: (n % 3 != 0).then_some(n),
            role: (n % 2 == 0).then_some(Role::Owner),
            ..NewUser::new(format!("{n}@example.com"), format!("\\N\t\"{n}\"\n\\."))
        })
        .collect();
    assert_eq!(db.copy_in(&users).await?, 3_000);
    let user: User = User::select().filter(User::email.eq("4@example.com")).one(db).await?;
    assert_eq!((user.age, user.role, user.name.as_str()), (Some(4), Role::Owner, "\\N\t\"4\"\n\\."));
    assert_eq!(User::select().filter(User::role.eq(Role::Member)).count(db).await?, 1_500);
    assert_eq!(User::select().filter(User::age.is_null()).count(db).await?, 1_000);

    let posts = [NewPost::new(user.id, "Copied", 100, false, Json(vec!["a".to_owned(), "b".to_owned()]))];
    assert_eq!(db.copy_in(&posts).await?, 1);
    let post = Post::select().one(db).await?;
    assert_eq!((post.id, post.tags.0), (1, vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(db.copy_in::<NewPost>(&[]).await?, 0);
    Ok(())
}

/// One row that is refused undoes them all; the connection goes on.
#[tokio::test]
async fn a_copy_is_all_or_nothing() -> Result<(), Error> {
    let database = database().await;
    let db = pool(&database);
    let rows = [user("a@b.c", "A"), user("a@b.c", "B")];
    assert_eq!(db.copy_in(&rows).await.expect_err("the email is unique").kind(), ErrorKind::UniqueViolation);
    // Rows of another shape are another command.
    let rows = [
        user("a@b.c", "A"),
        NewUser { age: Some(1), ..user("b@b.c", "B") },
        NewUser { age: Some(1), ..user("a@b.c", "C") },
    ];
    let error = db.copy_in(&rows).await.expect_err("the email is unique");
    assert!(error.violates(User::email), "{error}");
    let error = db.copy_in(&[user("nul@b.c", "a\0b")]).await.expect_err("a text has no NUL");
    assert_eq!(error.kind(), ErrorKind::Encode);
    assert_eq!(User::select().count(db).await?, 0);

    let tx = db.begin().await?;
    assert_eq!(tx.copy_in(&[user("a@b.c", "A")]).await?, 1);
    tx.rollback().await?;
    assert_eq!(User::select().count(db).await?, 0);
    Ok(())
}

/// What a session has stays with it: temporary tables, settings. Transactions that are dropped are undone before its next
/// statement.
#[tokio::test]
async fn a_connection_is_one_session() -> Result<(), Error> {
    let database = database().await;
    let db = session(&database).await;
    db.execute_batch("create temporary table groups (id bigint primary key, name text not null)").await?;
    Group::insert().set(Group::id, 1).set(Group::name, "temporary").execute(&db).await?;
    assert_eq!(Group::select().count(&db).await?, 1);
    assert_eq!(Group::select().count(pool(&database)).await?, 0, "the pool sees the table that is not temporary");

    let tx = db.begin().await?;
    Group::delete().all_rows().execute(&tx).await?;
    drop(tx);
    assert_eq!(Group::select().count(&db).await?, 1);
    let sleep = db.with_client(async |client| client.batch_execute("select pg_sleep(10)").await);
    assert!(tokio::time::timeout(Duration::from_millis(50), sleep).await.is_err());
    let slow = db.execute_batch("select pg_sleep(10)");
    assert!(tokio::time::timeout(Duration::from_millis(50), slow).await.is_err());
    let count = tokio::time::timeout(Duration::from_secs(5), Group::select().count(&db));
    assert_eq!(count.await.expect("what was given up is cancelled")?, 1);
    Ok(())
}

/// A session that is lost stays lost.
#[tokio::test]
async fn a_lost_connection_stays_lost() -> Result<(), Error> {
    let database = database().await;
    let db = session(&database).await;
    pool(&database)
        .execute_batch("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()")
        .await?;
    for _ in 0..2 {
        let error = Group::select().count(&db).await.expect_err("the connection is gone");
        assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    }
    assert_eq!(Group::select().count(pool(&database)).await?, 0, "a pool connects again");
    Ok(())
}

/// Messages arrive in order, those of a transaction with its commit, those of one that is rolled back never.
#[tokio::test]
async fn messages_arrive() -> Result<(), Error> {
    let database = database().await;
    let db = pool(&database);
    let mut listener = db.listen(&["jobs", "odd \"name\""]).await?;
    db.notify("jobs", "1").await?;
    db.notify("odd \"name\"", "").await?;
    db.notify("others", "nobody listens").await?;
    let tx = db.begin().await?;
    tx.notify("jobs", "never").await?;
    tx.rollback().await?;
    let tx = db.begin().await?;
    tx.notify("jobs", "2").await?;
    let nothing = async {
        assert_eq!(listener.recv().await?.message, "1");
        let odd = listener.recv().await?;
        assert_eq!((odd.channel.as_str(), odd.message.as_str()), ("odd \"name\"", ""));
        Ok::<_, Error>(tokio::time::timeout(Duration::from_millis(50), listener.recv()).await.is_err())
    };
    assert!(nothing.await?, "the transaction is not committed");
    tx.commit().await?;
    assert_eq!(listener.recv().await?.message, "2");
    let error = db.notify("jobs", &"x".repeat(10_000)).await.expect_err("a message has at most 8,000 bytes");
    assert_eq!(error.kind(), ErrorKind::Other);
    Ok(())
}

/// A listener whose connection is lost says so once, and connects again.
#[tokio::test]
async fn a_listener_connects_again() -> Result<(), Error> {
    let database = database().await;
    let db = pool(&database);
    let mut listener = db.listen(&["jobs"]).await?;
    db.execute_batch("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()").await?;
    assert_eq!(listener.recv().await.expect_err("the connection is gone").kind(), ErrorKind::ConnectionLost);
    let received = tokio::spawn(async move { listener.recv().await });
    for _ in 0..100 {
        db.notify("jobs", "again").await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
        if received.is_finished() {
            break;
        }
    }
    assert_eq!(received.await.expect("the task ends")?.message, "again");
    Ok(())
}

/// A copy that the server refuses before it begins leaves nothing behind that somebody else would get as an answer.
#[tokio::test]
async fn a_copy_that_is_refused_at_once() -> Result<(), Error> {
    let database = TestDatabase::create(&pools::server(), &schema()).await?;
    let db = pool(&database);
    for _ in 0..3 {
        let tx = db.begin_with(TransactionOptions::new().read_only()).await?;
        assert_eq!(tx.copy_in(&[user("a@b.c", "A")]).await.expect_err("it only reads").kind(), ErrorKind::ReadOnly);
        drop(tx.rollback().await);
        db.transaction(async |tx| Group::select().count(tx).await).await?;
    }
    db.execute_batch("create view people as select * from users; alter table users rename to hidden; alter view people rename to users; create rule nothing as on insert to users do instead nothing").await?;
    for _ in 0..3 {
        assert!(db.copy_in(&[user("a@b.c", "A")]).await.is_err(), "a view takes no copies");
        assert_eq!(db.transaction(async |tx| Group::select().count(tx).await).await?, 0);
    }
    Ok(())
}

/// A value that the server's column cannot take is not sent, and harms nobody.
#[tokio::test]
async fn a_value_of_another_type_leaves_the_session_as_it_was() -> Result<(), Error> {
    let database = database().await;
    let db = session(&database).await;
    db.execute_batch("alter table groups alter column name type bytea using null").await?;
    db.execute_batch("set application_name to 'kept'").await?;
    assert!(Group::insert().set(Group::name, "a text").execute(&db).await.is_err());
    let name = db.with_client(async |client| client.query_one("show application_name", &[]).await).await?;
    assert_eq!(name.expect("the session goes on").get::<_, String>(0), "kept");
    Ok(())
}

/// A transaction that is dropped ends on the server, whether or not the session is used again.
#[tokio::test]
async fn a_transaction_that_is_dropped_ends_by_itself() -> Result<(), Error> {
    let database = database().await;
    let db = session(&database).await;
    let tx = db.begin().await?;
    Group::insert().set(Group::name, "locked").execute(&tx).await?;
    drop(tx);
    let other = tokio::time::timeout(
        Duration::from_secs(5),
        Group::insert().set(Group::name, "locked").execute(pool(&database)),
    );
    assert_eq!(other.await.expect("nothing is locked")?, 1);
    assert_eq!(Group::select().count(&db).await?, 1);
    Ok(())
}

/// The name of a channel is taken as it is, or refused.
#[tokio::test]
async fn names_of_channels_are_not_cut_off() -> Result<(), Error> {
    let database = database().await;
    for name in ["", "a\0b", &"x".repeat(64)] {
        let error = pool(&database).listen(&[name]).await.expect_err("the name is none");
        assert_eq!(error.kind(), ErrorKind::InvalidStatement);
    }
    Ok(())
}
