//! Relations on pools: loads inside transactions, and many at once.

#[path = "support/pools.rs"]
mod pools;
#[path = "support/harness.rs"]
mod support;

use futures_util::future::try_join_all;
use orm::{Error, ErrorKind, prelude::*};
use pools::each_pool;
use support::*;

/// What a body gives up with.
#[derive(Debug, PartialEq)]
enum GaveUp {
    ByChoice,
    Database(ErrorKind),
}

impl From<Error> for GaveUp {
    fn from(error: Error) -> Self {
        Self::Database(error.kind())
    }
}

macro_rules! add_user {
    ($db:expr, $name:expr) => {
        User::insert().set(User::email, $name).set(User::name, $name).returning().one($db).await?
    };
}

macro_rules! add_post {
    ($db:expr, $author:expr, $title:expr) => {
        Post::insert()
            .set(Post::author_id, $author)
            .set(Post::title, $title)
            .set(Post::words, 1)
            .set(Post::published, true)
            .set(Post::tags, Json(Vec::new()))
            .execute($db)
            .await?
    };
}

each_pool! {
    /// A load sees what its transaction wrote, and nobody does after it was rolled back.
    async fn inside_a_transaction(db) {
        let ann = add_user!(db, "ann");
        let id = ann.id;
        let result = db
            .transaction(async |tx| {
                add_post!(tx, id, "draft");
                let user = User::find(id).with(User::posts.with(Post::author)).one(tx).await?;
                let read: Vec<(&str, &str)> =
                    user.posts().iter().map(|post| (post.title.as_str(), post.author().name.as_str())).collect();
                assert_eq!(read, [("draft", "ann")]);
                let posts = User::posts.columns(Post::title).load_into(&[&user], tx).await?;
                assert_eq!(posts, [["draft"]]);
                Err::<(), _>(GaveUp::ByChoice)
            })
            .await;
        assert_eq!(result, Err(GaveUp::ByChoice));
        assert!(User::find(id).with(User::posts).one(db).await?.posts().is_empty());
        db.transaction(async |tx| {
            add_post!(tx, id, "kept");
            Ok::<_, Error>(())
        })
        .await?;
        assert_eq!(User::find(id).with(User::posts).one(db).await?.posts().len(), 1);
    }

    /// More loads than there are connections, each given its own rows.
    async fn many_at_once(db) {
        let mut ids = Vec::new();
        for name in ["ann", "bob", "cleo", "dot"] {
            let user = add_user!(db, name);
            for post in 0..ids.len() {
                add_post!(db, user.id, format!("{name} {post}"));
            }
            ids.push(user.id);
        }
        let load = |id: Uuid| User::find(id).with(User::posts.order_by(Post::id).with(Post::author)).one(db);
        let users = try_join_all(ids.iter().cycle().take(40).map(|id| load(*id))).await?;
        for (at, user) in users.iter().enumerate() {
            assert_eq!(user.id, ids[at % 4]);
            assert_eq!(user.posts().len(), at % 4);
            assert!(user.posts().iter().all(|post| post.author().id == user.id));
        }
    }

    /// A load is a future like others: dropped before its end, it leaves the pool as it was.
    async fn dropped_early(db) {
        let ann = add_user!(db, "ann");
        add_post!(db, ann.id, "one");
        for _ in 0..20 {
            let load = User::select().with(User::posts.with(Post::author)).all(db);
            let _ = tokio::time::timeout(std::time::Duration::ZERO, load).await;
        }
        assert_eq!(User::find(ann.id).with(User::posts).one(db).await?.posts().len(), 1);
    }
}
