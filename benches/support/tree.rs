//! Authors with articles with comments, which both sides load: the tables, what their rows are put together to by hand,
//! and how what `orm` gives is compared with that.

use std::fmt;

use orm::prelude::*;

/// The number of authors; each has ten articles, and each of these five comments.
pub const AUTHORS: usize = 1_000;
const ARTICLES_EACH: usize = 10;
const COMMENTS_EACH: usize = 5;

#[derive(Debug, Clone, PartialEq, Table)]
pub struct Author {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    pub name: String,
    pub email: String,
    pub score: f64,
    pub active: bool,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(index(author_id))]
pub struct Article {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(references = Author::id)]
    pub author_id: i64,
    pub title: String,
    pub words: i32,
    pub published: bool,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(index(article_id))]
pub struct Comment {
    #[column(primary_key, auto_increment)]
    pub id: i64,
    #[column(references = Article::id)]
    pub article_id: i64,
    pub writer: String,
    pub body: String,
}

relations! {
    Author { articles: many(Article) }
    Article { comments: many(Comment) }
}

/// All rows, to be inserted into empty tables.
pub fn rows() -> (Vec<NewAuthor>, Vec<NewArticle>, Vec<NewComment>) {
    let articles = AUTHORS * ARTICLES_EACH;
    (
        (0..AUTHORS).map(author).collect(),
        (0..articles).map(article).collect(),
        (0..articles * COMMENTS_EACH).map(comment).collect(),
    )
}

#[allow(clippy::cast_precision_loss, reason = "small numbers")]
fn author(number: usize) -> NewAuthor {
    let (name, email) = (format!("Author Number {number}"), format!("author{number}@example.com"));
    NewAuthor::new(name, email, number as f64 / 8.0, number.is_multiple_of(2))
}

/// The articles of an author do not follow each other.
fn article(number: usize) -> NewArticle {
    let words = i32::try_from(number % 1_000).unwrap_or_default();
    NewArticle::new(key(number % AUTHORS), format!("The title of article {number}"), words, number.is_multiple_of(2))
}

fn comment(number: usize) -> NewComment {
    let article = key(number % (AUTHORS * ARTICLES_EACH));
    NewComment::new(article, format!("Writer {}", number % 97), format!("What comment {number} has to say"))
}

fn key(number: usize) -> i64 {
    i64::try_from(number).map_or(i64::MAX, |number| number + 1)
}

/// An author with articles, by hand.
#[derive(Debug, Clone, PartialEq)]
pub struct AuthorTree {
    pub author: Author,
    pub articles: Vec<ArticleTree>,
}

/// An article with comments, by hand.
#[derive(Debug, Clone, PartialEq)]
pub struct ArticleTree {
    pub article: Article,
    pub comments: Vec<Comment>,
}

/// What a side loaded: rows with relations have a type of their own for each query, which has no name.
pub trait Forest: Send {
    /// The same, as it is put together by hand.
    fn trees(&self) -> Vec<AuthorTree>;
}

impl PartialEq for dyn Forest {
    fn eq(&self, other: &Self) -> bool {
        self.trees() == other.trees()
    }
}

impl fmt::Debug for dyn Forest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.trees().fmt(f)
    }
}

impl Forest for Vec<AuthorTree> {
    fn trees(&self) -> Vec<AuthorTree> {
        self.clone()
    }
}

/// Rows, and how one of them is put together by hand.
struct Rows<T>(Vec<T>, fn(&T) -> AuthorTree);

impl<T: Send> Forest for Rows<T> {
    fn trees(&self) -> Vec<AuthorTree> {
        pushed(self.0.iter().map(self.1))
    }
}

/// Rows with relations, and how one of them is put together by hand.
pub fn forest<T: Send + 'static>(rows: Vec<T>, tree: fn(&T) -> AuthorTree) -> Box<dyn Forest> {
    Box::new(Rows(rows, tree))
}

/// The items, put together as a driver does that does not know how many there are.
pub fn pushed<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut pushed = Vec::new();
    for item in items {
        pushed.push(item);
    }
    pushed
}
