//! Users with posts, and groups they are members of, for tests of joins and groups.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use orm::{Error, prelude::*};

use crate::support::{Group, Membership, Post, TestDatabase, User};

/// Users, by name, with their posts and groups.
///
/// | user | age | posts (words) | groups (rank) |
/// |---|---|---|---|
/// | Ann | 30 | A1 (10, published), A2 (20) | readers (1), writers (2) |
/// | Bob | | B1 (30, published) | readers (3) |
/// | Cleo | 17 | | |
///
/// A third group, `nobody`, has no members.
pub fn write(db: &impl TestDatabase) -> Result<Blog, Error> {
    let user = |name: &str, age: Option<i32>| {
        User::insert()
            .set(User::email, name.to_lowercase())
            .set(User::name, name)
            .set(User::age, age)
            .returning()
            .one(db)
    };
    let blog = Blog { ann: user("Ann", Some(30))?, bob: user("Bob", None)?, cleo: user("Cleo", Some(17))? };
    for name in ["readers", "writers", "nobody"] {
        Group::insert().set(Group::name, name).execute(db)?;
    }
    for (user, group, rank) in [(&blog.ann, 1, 1), (&blog.ann, 2, 2), (&blog.bob, 1, 3)] {
        Membership::insert()
            .set(Membership::user_id, user.id)
            .set(Membership::group_id, group)
            .set(Membership::rank, rank)
            .execute(db)?;
    }
    for (author, title, words, published) in
        [(&blog.ann, "A1", 10, true), (&blog.ann, "A2", 20, false), (&blog.bob, "B1", 30, true)]
    {
        Post::insert()
            .set(Post::author_id, author.id)
            .set(Post::title, title)
            .set(Post::words, words)
            .set(Post::published, published)
            .set(Post::tags, Json(vec![title.to_owned()]))
            .execute(db)?;
    }
    Ok(blog)
}

/// The users.
pub struct Blog {
    pub ann: User,
    pub bob: User,
    pub cleo: User,
}
