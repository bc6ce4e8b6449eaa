//! How relations are loaded: one statement for each level, all of which see one state of the database.

#[path = "support/blog.rs"]
mod blog;
#[path = "support/pools.rs"]
mod pools;
#[path = "support/harness.rs"]
mod support;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use orm::{Error, assert_queries, prelude::*};
use pools::each_pool;
use support::*;

/// Writes this many users with three posts each, and a group of all of them.
macro_rules! people {
    ($db:expr, $count:literal) => {{
        let users = (0..$count).map(|number| user(&format!("{number}@example.com"), &format!("User {number}")));
        let users: Vec<User> = User::insert_many(&users.collect::<Vec<_>>()).returning().all($db).await?;
        let posts = users
            .iter()
            .flat_map(|user| (0..3).map(|words| NewPost::new(user.id, "A post", words, true, Json(vec![]))));
        Post::insert_many(&posts.collect::<Vec<_>>()).execute($db).await?;
        let group: Group = Group::insert().set(Group::name, "everybody").returning().one($db).await?;
        let members: Vec<NewMembership> = users.iter().map(|user| NewMembership::new(user.id, group.id)).collect();
        Membership::insert_many(&members).execute($db).await?;
        users
    }};
}

each_pool! {
    /// However many rows there are.
    async fn one_statement_for_each_level(db) {
        let users = people!(db, 200);
        let loaded = assert_queries!(2, db, User::select().with(User::posts).all(db).await?);
        assert!(loaded.len() == 200 && loaded.iter().all(|user| user.posts().len() == 3));
        let only = assert_queries!(2, db, User::find(users[7].id).with(User::posts).one(db).await?);
        assert_eq!(only.posts().len(), 3);

        let deep = User::select().with(User::posts.with(Post::author.with(User::groups.with(Group::members))));
        let deep = assert_queries!(5, db, deep.all(db).await?);
        assert_eq!(deep[199].posts()[2].author().groups()[0].members().len(), 200);

        let wide = User::select().with(User::posts).with(User::groups).with(User::memberships.with(Membership::group));
        let wide = assert_queries!(5, db, wide.limit(50).all(db).await?);
        assert_eq!((wide[49].groups().len(), wide[49].memberships()[0].group().name.as_str()), (1, "everybody"));
    }

    async fn pages_and_columns_are_no_further_statements(db) {
        let users = people!(db, 30);
        let query = User::select()
            .with(User::posts.filter(Post::published).order_by(Post::words.desc()).limit(2).columns(Post::words))
            .extra("posts", User::posts.count());
        let loaded = assert_queries!(2, db, query.all(db).await?);
        assert!(loaded.iter().all(|user| user.posts() == [2, 1] && *user.extras() == 3));
        let posts = assert_queries!(1, db, User::posts.load_into(&users, db).await?);
        assert!(posts.len() == 30 && posts.iter().all(|posts| posts.len() == 3));
        let posts = assert_queries!(2, db, User::posts.with(Post::author).load_into(&users, db).await?);
        assert_eq!(posts[29][0].author().id, users[29].id);
    }

    /// Nothing is asked for where there is nobody to ask for.
    async fn levels_below_nothing_are_not_read(db) {
        let query = || User::select().with(User::posts.with(Post::author)).with(User::groups.with(Group::members));
        assert!(assert_queries!(1, db, query().all(db).await?).is_empty());
        User::insert().values(user("a@example.com", "Ann")).execute(db).await?;
        let users = assert_queries!(3, db, query().all(db).await?);
        assert!(users[0].posts().is_empty() && users[0].groups().is_empty());
        assert!(assert_queries!(0, db, User::posts.load_into(&[] as &[User], db).await?).is_empty());
    }

    /// In a transaction that is open already, and in one that only reads.
    async fn one_statement_for_each_level_in_transactions(db) {
        people!(db, 10);
        let query = || User::select().with(User::posts.with(Post::author));
        let loaded = assert_queries!(3, db, db.transaction(async |tx| query().all(tx).await).await?);
        assert_eq!(loaded.len(), 10);
        let loaded = assert_queries!(3, db, db.read(async |tx| query().all(tx).await).await?);
        assert_eq!(loaded.len(), 10);
    }
}

on_sqlite! {
    fn one_statement_for_each_level_on_a_blocking_connection(db) {
        blog::write(db)?;
        let users = assert_queries!(4, db, User::select().with(User::posts.with(Post::author)).with(User::groups).all(db)?);
        assert_eq!(users.len(), 3);
        let users = assert_queries!(2, db, db.read(|tx| User::select().with(User::posts).all(tx))?);
        assert_eq!(users.len(), 3);
    }
}

/// Changes a user and the posts together, so that the user's age is always the number of the posts.
macro_rules! change {
    ($tx:expr, $user:expr, $change:expr) => {{
        let (tx, user): (_, Uuid) = ($tx, $user);
        match $change % 4 {
            3 => {
                Post::delete().filter(Post::author_id.eq(user)).execute(tx).await?;
                User::update().set(User::age, 0).filter(User::id.eq(user)).execute(tx).await?;
            }
            _ => {
                User::update().set(User::age, User::age + 2).filter(User::id.eq(user)).execute(tx).await?;
                let post = || NewPost::new(user, "A post", 1, true, Json(vec![]));
                Post::insert_many(&[post(), post()]).execute(tx).await?;
            }
        }
    }};
}

each_pool! {
    runtime(flavor = "multi_thread", worker_threads = 4)

    /// A writer that changes parents and children together is seen before or after, never in between.
    async fn a_load_sees_one_state(db) {
        let mut users = Vec::new();
        for number in 0..4 {
            let user = user(&format!("{number}@example.com"), "A user");
            let user: User = User::insert().values(NewUser { age: Some(0), ..user }).returning().one(db).await?;
            users.push(user.id);
        }
        let is_over = Arc::new(AtomicBool::new(false));
        let writer = tokio::spawn({
            let (db, is_over) = (db.clone(), Arc::clone(&is_over));
            async move {
                let mut changes = 0;
                while !is_over.load(Ordering::Relaxed) {
                    db.transaction(async |tx| {
                        change!(tx, users[changes % 4], changes / 4);
                        Ok::<_, Error>(())
                    })
                    .await?;
                    changes += 1;
                }
                Ok::<_, Error>(changes)
            }
        });
        let readers = (0..3).map(|_| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut states = Vec::new();
                while states.len() < 40 {
                    let users = User::select().with(User::posts.with(Post::author)).order_by(User::id).all(&db).await?;
                    for user in &users {
                        assert_eq!(user.age, i32::try_from(user.posts().len()).ok(), "the posts of a user");
                        assert!(user.posts().iter().all(|post| post.author().age == user.age), "the author of a post");
                    }
                    let state: Vec<_> = users.iter().map(|user| user.age).collect();
                    // Only loads between which something was written count.
                    if states.last() != Some(&state) {
                        states.push(state);
                    }
                }
                Ok::<_, Error>(())
            })
        });
        for reader in readers.collect::<Vec<_>>() {
            reader.await.expect("every load saw one state")?;
        }
        is_over.store(true, Ordering::Relaxed);
        let changes = writer.await.expect("the writer does not panic")?;
        assert!(changes >= 40);
    }
}
