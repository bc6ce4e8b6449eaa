//! PgBouncer in between, which gives each transaction another connection of the server.

use futures_util::TryStreamExt;
use orm::{
    Error,
    postgres::{Pool, Transaction},
    prelude::*,
};

use crate::{private::Bouncer, secret::report, server::Server, support::*};

/// How many rounds of statements each client runs; a round has ten statements.
fn rounds() -> u32 {
    if std::env::var_os("ORM_TORTURE").is_some() { 250 } else { 40 }
}

/// Statements of every kind, whose answers are known.
async fn round(pool: &Pool, client: u32, round: u32) -> Result<(), Error> {
    let name = format!("client {client}, round {round}");
    let email = format!("{client}.{round}@example.com");
    let role = if round.is_multiple_of(2) { Role::Owner } else { Role::Member };
    let age = i32::try_from(round).ok().filter(|age| age % 3 > 0);
    let user = NewUser { age, role: Some(role), ..user(&email, &name) };
    let user = User::insert().values(user).returning().one(pool).await?;
    assert_eq!((user.name.as_str(), user.age, user.role), (name.as_str(), age, role));

    let found = User::find(user.id).one(pool).await?;
    assert_eq!(found, user);
    let same = User::select().filter(User::created_at.eq(user.created_at).and(User::role.eq(role))).all(pool).await?;
    assert!(same.contains(&user));
    let among = User::select().filter(User::role.in_list([Role::Owner, Role::Member])).columns((User::id, User::role));
    let among: Vec<_> = among.stream(pool).try_collect().await?;
    assert!(among.contains(&(user.id, role)));

    let post = |words| NewPost::new(user.id, "it's \"so\" {1,2} \\ NULL", words, words > 1, Json(vec![name.clone()]));
    let result: Result<Vec<Post>, Error> = pool
        .transaction(async |tx: &Transaction<'_>| {
            Post::insert_many(&[post(1), post(2)]).execute(tx).await?;
            Post::update().set(Post::words, Post::words + 5).filter(Post::author_id.eq(user.id)).execute(tx).await?;
            Post::select().filter(Post::author_id.eq(user.id)).order_by(Post::words).all(tx).await
        })
        .await;
    let posts = result?;
    assert_eq!(posts.iter().map(|post| post.words).collect::<Vec<_>>(), [6, 7]);
    assert_eq!(posts[0].tags, Json(vec![name.clone()]));
    assert_eq!(posts[0].title, "it's \"so\" {1,2} \\ NULL");

    let removed = Post::delete().filter(Post::words.in_list([6, 7]).and(Post::author_id.eq(user.id)));
    assert_eq!(removed.execute(pool).await?, 2);
    let other = if role == Role::Owner { Role::Member } else { Role::Owner };
    let changed = User::update().set(User::role, other).filter(User::id.eq(user.id)).returning();
    assert_eq!(changed.one(pool).await?.role, other);
    Ok(())
}

/// Four clients share two connections of the server, and get their own answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t16_four_clients_on_two_connections() {
    let server = Server::new(Pool::options().size(1)).await;
    let bouncer = Bouncer::start("");
    let url = bouncer.url(server.name());
    let clients = (0..4).map(|client| {
        let url = url.clone();
        tokio::spawn(async move {
            let pool = Pool::options().size(2).pgbouncer(true).connect(&url).await?;
            for number in 0..rounds() {
                round(&pool, client, number).await?;
            }
            Ok::<_, Error>(())
        })
    });
    for client in futures_util::future::join_all(clients).await {
        client.expect("no client panics").unwrap_or_else(|error| panic!("{}", report(&error)));
    }
    let pool = server.connect().await;
    assert_eq!(User::select().count(&pool).await.expect("users are counted"), i64::from(4 * rounds()));
    drop(pool);
    drop(bouncer);
}

/// Without the mode, the error says that there is one.
#[tokio::test]
async fn t16_without_the_mode_the_error_names_it() {
    let server = Server::new(Pool::options().size(1)).await;
    let advice = "connect with `Pool::options().pgbouncer(true)`, or `pgbouncer=true` in the URL";

    // As it comes, PgBouncer refuses what is set while connecting.
    let bouncer = Bouncer::start("");
    let Err(error) = Pool::connect(&bouncer.url(server.name())).await else { panic!("the settings are taken") };
    let words = report(&error);
    assert!(words.contains("unsupported startup parameter: options") && words.contains(advice), "{words}");
    let pool = Pool::connect(&format!("{}?pgbouncer=true", bouncer.url(server.name()))).await;
    pool.unwrap_or_else(|error| panic!("the URL can say it: {}", report(&error)));
    // What could not be set is not left out silently.
    let options = Pool::options().pgbouncer(true).statement_timeout(std::time::Duration::from_secs(1));
    let Err(error) = options.connect(&bouncer.url(server.name())).await else { panic!("a timeout is set") };
    assert!(report(&error).contains("`statement_timeout` cannot be set through PgBouncer"), "{}", report(&error));
    drop(bouncer);

    // If it is told to leave them out, statements that were prepared are gone later.
    let bouncer = Bouncer::start("ignore_startup_parameters = options");
    let url = bouncer.url(server.name());
    let pools = [1, 2].map(|_| Pool::options().size(4).connect(&url));
    let pools = futures_util::future::try_join_all(pools).await.unwrap_or_else(|error| panic!("{}", report(&error)));
    let mut failure = None;
    for _ in 0..200 {
        let counts = pools.iter().flat_map(|pool| [pool, pool]).map(|pool| async move {
            User::select().filter(User::name.eq("x")).all(pool).await?;
            Group::select().count(pool).await
        });
        if let Err(error) = futures_util::future::try_join_all(counts).await {
            failure = Some(error);
            break;
        }
    }
    let words = report(&failure.expect("a prepared statement is looked for where it is not"));
    assert!(words.contains("prepared statement \"s") && words.contains(advice), "{words}");
    drop((pools, bouncer));
}
