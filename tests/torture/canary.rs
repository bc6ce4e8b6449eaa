//! A secret that is in a password, in values and in rows, and in nothing that is printed.

use std::sync::{Mutex, Once};

use orm::{Error, postgres::Pool, prelude::*};

use crate::{server::Server, stored::report, support::*};

const CANARY: &str = "canary-7d1e";

/// What every crate of this process has logged, at every level.
static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Log;

impl log::Log for Log {
    fn enabled(&self, _metadata: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut logged = LOGGED.lock().expect("nobody panics while logging");
        logged.push_str(&format!("{} {}: {}\n", record.level(), record.target(), record.args()));
    }

    fn flush(&self) {}
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&Log).expect("there is no other logger");
        log::set_max_level(log::LevelFilter::Trace);
    });
}

/// Everything that can be printed of an error.
fn printed(error: &Error) -> String {
    format!("{error}\n{error:?}\n{error:#?}\n{}\n{:?}\n{:?}", report(error), error.sql(), error.violation())
}

fn assert_silent(printed: &str) {
    assert!(!printed.contains(CANARY), "{printed}");
}

/// Neither a URL that is not valid nor a server that is not there make the password part of an error.
#[tokio::test]
async fn t38_passwords_are_not_shown() {
    listen();
    for url in [
        "postgres://user:canary-7d1e@127.0.0.1:1/database",
        "postgres://user:canary-7d1e@127.0.0.1:port/database",
        "postgres://user:canary-7d1e@[::1/database",
        "postgres://user:canary-7d1e@host/database?sslmode=canary-7d1e",
        "postgres://user:canary-7d1e@host/database?unknown=canary-7d1e",
        "postgres://user:canary-7d1e%@host/database",
        "postgres://user:canary-7d1e%ff@host/database",
        "host=127.0.0.1 port=1 user=u password=canary-7d1e",
        "host=127.0.0.1 port=x password=canary-7d1e",
        "password='canary-7d1e",
        "password=canary-7d1e canary-7d1e",
        "canary-7d1e",
    ] {
        let error = Pool::connect(url).await.expect_err("there is no such server");
        assert_silent(&printed(&error));
        assert_silent(&format!("{:?}", Pool::options()));
    }
    assert_silent(&LOGGED.lock().expect("nobody panics while logging"));
}

/// Handles do not show what they were opened with, and the log has the texts of statements, and no values.
#[tokio::test]
async fn t38_handles_and_logs_do_not_show_values() -> Result<(), Error> {
    listen();
    let server = Server::new(Pool::options().size(1)).await;
    // The server of the tests does not ask for a password.
    let url = server.url().replacen("://orm@", "://orm:canary-7d1e@", 1);
    assert!(url.contains(CANARY), "the URL has a password");
    let pool = Pool::options().size(1).connect(&url).await?;
    assert_silent(&format!("{pool:?} {pool:#?}"));
    let user = NewUser { age: Some(717_171), ..user(CANARY, CANARY) };
    let ann = User::insert().values(&user).returning().one(&pool).await?;
    User::insert_many(&[NewUser { email: "b".into(), ..user.clone() }]).execute(&pool).await?;
    let twice = User::insert().values(&user).execute(&pool).await.expect_err("the email exists");
    assert_silent(&printed(&twice));
    User::select().filter(User::name.in_list([CANARY])).all(&pool).await?;
    User::select().filter(User::name.contains(CANARY).and(User::age.eq(717_171))).all(&pool).await?;
    let post = NewPost { tags: Json(vec![CANARY.to_owned()]), ..NewPost::new(ann.id, CANARY, 1, false, vec![]) };
    Post::insert().values(post).execute(&pool).await?;
    let failed: Result<(), Error> = pool
        .transaction(async |tx| {
            User::update().set(User::name, format!("{CANARY}!")).all_rows().execute(tx).await?;
            Post::select().filter(Post::title.eq(CANARY)).all(tx).await?;
            User::update().set(User::email, CANARY).all_rows().execute(tx).await?;
            Ok(())
        })
        .await;
    assert_silent(&printed(&failed.expect_err("the emails are equal")));
    // The one text that shows values: whoever asks PostgreSQL for a plan gets that for the values of the query.
    let plan = User::select().filter(User::email.eq(CANARY)).explain(&pool).await?;
    assert!(plan.contains(CANARY), "{plan}");
    let logged = LOGGED.lock().expect("nobody panics while logging").clone();
    assert!(logged.contains("executing statement"), "nothing was logged: {logged}");
    assert_silent(&logged);
    assert!(!logged.contains("717171"), "{logged}");
    Ok(())
}

each_dialect! {
    /// An error that ends the program prints itself.
    fn t38_panics_do_not_show_values(db) {
        User::insert().values(user(CANARY, CANARY)).execute(db)?;
        let database = std::panic::AssertUnwindSafe(db);
        let panic = std::panic::catch_unwind(|| {
            User::insert().values(user(CANARY, CANARY)).execute(*database).expect("the email exists")
        });
        let panic = panic.expect_err("it panics");
        let message = panic.downcast_ref::<String>().expect("it has a message");
        assert!(message.contains("UniqueViolation"), "{message}");
        assert_silent(message);
        let panic = std::panic::catch_unwind(|| {
            User::select().filter(User::email.eq(CANARY)).columns(User::id.eq(Uuid::nil())).optional(*database).map(|row| {
                assert_eq!(row, None, "on purpose");
            })
        });
        assert_silent(panic.expect_err("there is a row").downcast_ref::<String>().expect("it has a message"));
        assert_eq!(User::select().count(db)?, 1, "the connection goes on");
    }
}
