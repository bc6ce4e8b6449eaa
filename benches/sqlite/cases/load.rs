//! Loading relations: a statement for each level, whose rows are put together in memory.

use std::collections::HashMap;

use orm::prelude::*;
use rusqlite::Connection;

use crate::{
    case::{Case, Rebuild},
    fixture::Input,
    tree::{AUTHORS, Article, ArticleTree, Author, AuthorTree, Comment, Forest, forest, pushed},
};

/// Authors with their articles with their comments. Authors follow each other, articles and comments do not.
fn by_orm(db: &orm::sqlite::Connection, first: i64, authors: usize) -> Result<Box<dyn Forest>, orm::Error> {
    let rows = Author::select()
        .filter(Author::id.between(first, last(first, authors)))
        .with(Author::articles.with(Article::comments))
        .all(db)?;
    Ok(forest(rows, |author| {
        let articles = author.articles().iter();
        let articles = articles.map(|article| {
            let comments = pushed(article.comments().iter().cloned());
            ArticleTree { article: (**article).clone(), comments }
        });
        AuthorTree { author: (**author).clone(), articles: pushed(articles) }
    }))
}

/// The same in one snapshot, as `orm` does it: begun and ended by statements that stay prepared.
fn in_a_transaction(db: &Connection, first: i64, authors: usize) -> rusqlite::Result<Box<dyn Forest>> {
    db.prepare_cached("begin")?.execute([])?;
    let trees = by_hand(db, first, authors);
    db.prepare_cached("commit")?.execute([])?;
    trees
}

fn by_hand(db: &Connection, first: i64, authors: usize) -> rusqlite::Result<Box<dyn Forest>> {
    let mut trees = db
        .prepare_cached("select id, name, email, score, active from authors where id between ?1 and ?2")?
        .query_map([first, last(first, authors)], |row| {
            Ok(AuthorTree { author: Author::read(row)?, articles: vec![] })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let mut articles = db
        .prepare_cached(
            "select id, author_id, title, words, published from articles \
             where author_id in (select value from json_each(?1))",
        )?
        .query_map([json(trees.iter().map(|tree| tree.author.id))], |row| {
            Ok(ArticleTree { article: Article::read(row)?, comments: vec![] })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let places: HashMap<i64, usize> = articles.iter().enumerate().map(|(at, tree)| (tree.article.id, at)).collect();
    let mut statement = db.prepare_cached(
        "select id, article_id, writer, body from comments where article_id in (select value from json_each(?1))",
    )?;
    let mut comments = statement.query([json(articles.iter().map(|tree| tree.article.id))])?;
    while let Some(row) = comments.next()? {
        let comment = Comment::read(row)?;
        if let Some(&at) = places.get(&comment.article_id) {
            articles[at].comments.push(comment);
        }
    }
    let places: HashMap<i64, usize> = trees.iter().enumerate().map(|(at, tree)| (tree.author.id, at)).collect();
    for article in articles {
        if let Some(&at) = places.get(&article.article.author_id) {
            trees[at].articles.push(article);
        }
    }
    Ok(Box::new(trees))
}

fn last(first: i64, authors: usize) -> i64 {
    first + i64::try_from(authors).unwrap_or_default() - 1
}

fn json(keys: impl Iterator<Item = i64>) -> String {
    serde_json::Value::from_iter(keys).to_string()
}

/// Declares a case: what `orm` does in one snapshot, against a hand-written way. `keys` is how many allocations the vectors of
/// keys and of who asked for them may take, which grow as rows arrive: their number depends on the logarithm of that of the rows.
macro_rules! loads {
    ($($case:ident $name:literal $title:literal $authors:expr, $by_hand:ident, rounds $rounds:literal, keys $keys:literal;)*) => {$(
        pub struct $case;

        impl Case for $case {
            const NAME: &'static str = $name;
            const TITLE: &'static str = $title;
            const BAR: f64 = 1.10;
            const ROUNDS: usize = $rounds;
            const WARM_UP: usize = 2;
            const FOR_VALUES: u64 = $keys;
            type Output = Box<dyn Forest>;

            fn orm(db: &orm::sqlite::Connection, input: &Input, round: usize) -> Result<Box<dyn Forest>, orm::Error> {
                by_orm(db, input.author(round, $authors), $authors)
            }

            fn rusqlite(db: &Connection, input: &Input, round: usize) -> rusqlite::Result<Box<dyn Forest>> {
                $by_hand(db, input.author(round, $authors), $authors)
            }
        }
    )*};
}

loads! {
    Few "load-20" "load: 20 authors, 10 articles each, 5 comments each; by hand in a transaction" 20, in_a_transaction, rounds 50, keys 40;
    FewWithoutTransaction "load-20-plain" "the same; by hand without a transaction" 20, by_hand, rounds 50, keys 40;
    Many "load-1000" "load: 1,000 authors, 10 articles each, 5 comments each; by hand in a transaction" AUTHORS, in_a_transaction, rounds 2, keys 60;
    ManyWithoutTransaction "load-1000-plain" "the same; by hand without a transaction" AUTHORS, by_hand, rounds 2, keys 60;
}

impl Rebuild for Box<dyn Forest> {
    fn rebuild(&self) -> Self {
        Box::new(self.trees())
    }
}
