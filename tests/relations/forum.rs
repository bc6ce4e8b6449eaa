//! A forum: members who invite and follow each other, write topics and replies, and sit in circles.
#![allow(unreachable_pub, reason = "the other modules use it")]

use std::borrow::Borrow;

use orm::{Error, prelude::*};

use crate::support::TestDatabase;

#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub struct Member {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
    #[column(references = Member::id)]
    pub invited_by: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub struct Topic {
    #[column(primary_key)]
    pub id: i64,
    #[column(references = Member::id)]
    pub author_id: i64,
    #[column(references = Member::id)]
    pub editor_id: Option<i64>,
    pub title: String,
    pub score: i32,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "replies", new(derive(Debug)))]
pub struct Reply {
    #[column(primary_key)]
    pub id: i64,
    #[column(references = Topic::id)]
    pub topic_id: i64,
    #[column(references = Member::id)]
    pub author_id: Option<i64>,
    pub text: String,
}

/// A table between two with a key of its own, so that the same two can be in it several times.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub struct Seat {
    #[column(primary_key)]
    pub id: i64,
    #[column(references = Member::id)]
    pub member_id: i64,
    #[column(references = Circle::id)]
    pub circle_id: i64,
    pub role: String,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub struct Circle {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
    pub about: Option<String>,
}

/// A table between a table and itself.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub struct Follow {
    #[column(primary_key, references = Member::id)]
    pub follower_id: i64,
    #[column(primary_key, references = Member::id)]
    pub followed_id: i64,
    pub since: i32,
}

/// At most one for each member.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub struct Profile {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique, references = Member::id)]
    pub member_id: i64,
    pub bio: String,
    pub public: bool,
}

/// A table whose primary key is that of another.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(new(derive(Debug)))]
pub struct Photo {
    #[column(primary_key, references = Profile::id)]
    pub profile_id: i64,
    pub url: String,
}

relations! {
    Member {
        inviter: optional(Member) via invited_by,
        invitees: many(Member) via invited_by,
        topics: many(Topic) via author_id,
        edited: many(Topic) via editor_id,
        hot: many(Topic) via author_id filter(Topic::score.gt(4)),
        replies: many(Reply),
        seats: many(Seat),
        circles: many(Circle) through(Seat),
        chaired: many(Circle) through(Seat) filter(Seat::role.eq("chair")),
        following: many(Member) through(Follow: follower_id -> followed_id),
        followers: many(Member) through(Follow: followed_id -> follower_id),
        profile: optional(Profile),
        public_profile: optional(Profile) filter(Profile::public),
    }
    Topic {
        author: one(Member) via author_id,
        editor: optional(Member) via editor_id,
        replies: many(Reply),
        invited_author: one(Member) via author_id filter(Member::invited_by.is_not_null()),
    }
    Reply { topic: one(Topic), author: optional(Member) }
    Seat { member: one(Member), circle: one(Circle) }
    Circle { members: many(Member) through(Seat), described: many(Member) through(Seat) filter(Seat::role.ne("guest")) }
    Profile { member: one(Member), photo: optional(Photo) }
    Photo { profile: one(Profile) }
}

schema! { pub fn schema() = [Member, Topic, Reply, Circle, Seat, Follow, Profile, Photo] }

/// Creates the forum.
///
/// | member | invited by | follows (since) | circles (role) | profile |
/// |---|---|---|---|---|
/// | 1 Ada | | Ben (7), Cid (3) | chess (chair), cooking (guest) | 1 "tea", public, with a photo |
/// | 2 Ben | Ada | Ada (5) | chess (guest), chess (chair) | 2 "runs" |
/// | 3 Cid | Ada | Cid (1) | cycling (guest) | |
/// | 4 Dot | Ben | | | |
///
/// | topic | author | editor | score | replies (author) |
/// |---|---|---|---|---|
/// | 1 Rust 1 | Ada | Ben | 5 | 1 (Ben), 2 (Cid) |
/// | 2 Rust 2 | Ada | | 3 | 3 (Ada) |
/// | 3 Rust 3 | Ada | Cid | 8 | |
/// | 4 SQL 1 | Ben | | 2 | 4 (Dot) |
/// | 5 SQL 2 | Ben | Ada | 9 | |
/// | 6 Go 1 | Cid | | 4 | 5 (nobody) |
///
/// The circle `cellar` has no members.
pub fn write(db: &impl TestDatabase) -> Result<(), Error> {
    db.create(&schema())?;
    for (id, name, invited_by) in [(1, "Ada", None), (2, "Ben", Some(1)), (3, "Cid", Some(1)), (4, "Dot", Some(2))] {
        Member::insert().set(Member::id, id).set(Member::name, name).set(Member::invited_by, invited_by).execute(db)?;
    }
    for (id, author, editor, title, score) in [
        (1, 1, Some(2), "Rust 1", 5),
        (2, 1, None, "Rust 2", 3),
        (3, 1, Some(3), "Rust 3", 8),
        (4, 2, None, "SQL 1", 2),
        (5, 2, Some(1), "SQL 2", 9),
        (6, 3, None, "Go 1", 4),
    ] {
        Topic::insert()
            .set(Topic::id, id)
            .set(Topic::author_id, author)
            .set(Topic::editor_id, editor)
            .set(Topic::title, title)
            .set(Topic::score, score)
            .execute(db)?;
    }
    for (id, topic, author) in [(1, 1, Some(2)), (2, 1, Some(3)), (3, 2, Some(1)), (4, 4, Some(4)), (5, 6, None)] {
        Reply::insert()
            .set(Reply::id, id)
            .set(Reply::topic_id, topic)
            .set(Reply::author_id, author)
            .set(Reply::text, format!("reply {id}"))
            .execute(db)?;
    }
    for (id, name, about) in
        [(1, "chess", Some("a game")), (2, "cooking", None), (3, "cycling", None), (4, "cellar", None)]
    {
        Circle::insert().set(Circle::id, id).set(Circle::name, name).set(Circle::about, about).execute(db)?;
    }
    for (id, member, circle, role) in
        [(1, 1, 1, "chair"), (2, 1, 2, "guest"), (3, 2, 1, "guest"), (4, 2, 1, "chair"), (5, 3, 3, "guest")]
    {
        Seat::insert()
            .set(Seat::id, id)
            .set(Seat::member_id, member)
            .set(Seat::circle_id, circle)
            .set(Seat::role, role)
            .execute(db)?;
    }
    for (follower, followed, since) in [(1, 2, 7), (1, 3, 3), (2, 1, 5), (3, 3, 1)] {
        Follow::insert()
            .set(Follow::follower_id, follower)
            .set(Follow::followed_id, followed)
            .set(Follow::since, since)
            .execute(db)?;
    }
    for (id, bio, public) in [(1, "tea", true), (2, "runs", false)] {
        Profile::insert()
            .set(Profile::id, id)
            .set(Profile::member_id, id)
            .set(Profile::bio, bio)
            .set(Profile::public, public)
            .execute(db)?;
    }
    Photo::insert().set(Photo::profile_id, 1).set(Photo::url, "ada.png").execute(db)?;
    Ok(())
}

/// The names of members.
pub fn names<M: Borrow<Member>>(members: &[M]) -> Vec<&str> {
    members.iter().map(|member| member.borrow().name.as_str()).collect()
}

/// The ids of topics.
pub fn ids<T: Borrow<Topic>>(topics: &[T]) -> Vec<i64> {
    topics.iter().map(|topic| topic.borrow().id).collect()
}
