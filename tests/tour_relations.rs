//! The part of the design's tour that is about relations, as written, on the pools of both databases.

#![allow(missing_docs, unreachable_pub, reason = "the design declares the tables so")]
#[path = "support/pools.rs"]
mod pools;

use orm::{Error, prelude::*};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "users")]
pub struct User {
    #[column(primary_key, default = random_uuid())]
    pub id: Uuid,
    #[column(unique, length = 255)]
    pub email: String,
    pub name: String,
    pub age: Option<i32>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "posts", index(author_id, created_at desc), check(word_count = "words >= 0"))]
pub struct Post {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(references = User::id, on_delete = cascade)]
    pub author_id: Uuid,
    pub title: String,
    pub words: i32,
    pub published: bool,
    #[column(default = now())]
    pub created_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "comments")]
pub struct Comment {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(references = Post::id, on_delete = cascade)]
    pub post_id: i64,
    #[column(references = User::id)]
    pub author_id: Uuid,
    #[column(references = User::id)]
    pub approved_by: Option<Uuid>,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "groups")]
pub struct Group {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(name = "memberships")]
pub struct Membership {
    #[column(primary_key, references = User::id)]
    pub user_id: Uuid,
    #[column(primary_key, references = Group::id)]
    pub group_id: i64,
}

relations! {
    User { posts: many(Post), }                 // through the only foreign key Post -> User
    Post { author: one(User), comments: many(Comment), }
    Comment { post: one(Post), author: one(User) via author_id, }
    User { groups: many(Group) through(Membership), }
}

schema! { pub fn schema() = [User, Post, Comment, Group, Membership] }

// Or say the shape, and let it choose the columns and relations; this type can be named, returned and serialized.
#[derive(Row, Serialize)]
#[row(of = User)]
struct Author {
    id: Uuid,
    name: String,
    #[row(relation = User::posts)]
    posts: Vec<PostTitle>,
}
#[derive(Row, Serialize)]
#[row(of = Post)]
struct PostTitle {
    id: i64,
    title: String,
}

async fn fill(db: &orm::Database) -> Result<User, Error> {
    let ann = NewUser { age: Some(40), ..NewUser::new("ann@example.com", "Ann") };
    let ann: User = User::insert().values(&ann).returning().one(db).await?;
    User::insert().values(NewUser::new("bob@example.com", "Bob")).execute(db).await?;
    let post = |title: &str, words, published| NewPost::new(ann.id, title, words, published);
    Post::insert_many(&[post("Draft", 5, false), post("Long", 2000, true), post("Short", 10, true)])
        .execute(db)
        .await?;
    Comment::insert_many(&[NewComment::new(2, ann.id, "First"), NewComment::new(2, ann.id, "Second")])
        .execute(db)
        .await?;
    Ok(ann)
}

async fn tour(db: &orm::Database) -> Result<(), Error> {
    fill(db).await?;

    let rows: Vec<(User, Option<Post>)> = User::select().left_join(User::posts).all(db).await?;
    assert_eq!(rows.len(), 4);
    let busy: Vec<(String, i64)> = User::select()
        .inner_join(User::posts)
        .group_by(User::id)
        .having(count(Post::id).gt(2))
        .columns((User::name, count(Post::id)))
        .all(db)
        .await?;
    assert_eq!(busy, [("Ann".to_owned(), 3)]);

    let authors = User::select()
        .with(User::posts.filter(Post::published.eq(true)).order_by(Post::id.desc()).limit(5).with(Post::comments))
        .filter(User::posts.any(Post::words.gt(1000)))
        .all(db)
        .await?;
    let mut said = Vec::new();
    for author in &authors {
        said.push(format!("{} wrote {}", author.name, author.posts().len())); // author derefs to User
        for post in author.posts() {
            said.push(format!("  {} ({} comments)", post.title, post.comments().len()));
        }
    }
    assert_eq!(said, ["Ann wrote 2", "  Short (0 comments)", "  Long (2 comments)"]);

    let authors: Vec<Author> = User::select().rows_as::<Author>().filter(User::age.ge(18)).all(db).await?;
    assert_eq!((authors[0].name.as_str(), authors[0].posts.len(), authors.len()), ("Ann", 3, 1));
    let json = serde_json::to_value(&authors[0]).expect("a shape is JSON");
    assert_eq!(json["id"], serde_json::json!(authors[0].id.to_string()));
    assert_eq!(authors[0].posts[0].id + authors[0].posts[1].id + authors[0].posts[2].id, 6);
    Ok(())
}

#[tokio::test]
async fn sqlite() -> Result<(), Error> {
    let db = pools::on_sqlite(&schema()).await;
    tour(&db).await
}

#[tokio::test]
async fn postgres() -> Result<(), Error> {
    let db = pools::on_postgres(&schema()).await;
    tour(&db).await
}
