//! Loading relations: a statement for each level, whose rows are put together in memory.

use std::collections::HashMap;

use anyhow::Result;
use deadpool_postgres::GenericClient;
use orm::prelude::*;
use tokio_postgres::IsolationLevel;

use crate::{
    case::Case,
    fixture::Input,
    tree::{AUTHORS, Article, ArticleTree, Author, AuthorTree, Comment, Forest, forest, pushed},
};

/// Authors with their articles with their comments.
async fn by_orm(db: &orm::postgres::Pool, first: i64, authors: usize) -> Result<Box<dyn Forest>, orm::Error> {
    let rows = Author::select()
        .filter(Author::id.between(first, last(first, authors)))
        .with(Author::articles.with(Article::comments))
        .all(db)
        .await?;
    Ok(forest(rows, |author| {
        let articles = author.articles().iter();
        let articles = articles.map(|article| {
            let comments = pushed(article.comments().iter().cloned());
            ArticleTree { article: (**article).clone(), comments }
        });
        AuthorTree { author: (**author).clone(), articles: pushed(articles) }
    }))
}

/// The same in one snapshot, as `orm` does it.
async fn in_a_transaction(db: &deadpool_postgres::Pool, first: i64, authors: usize) -> Result<Box<dyn Forest>> {
    let mut client = db.get().await?;
    let snapshot = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    let snapshot = snapshot.start().await?;
    let trees = by_hand(&snapshot, first, authors).await?;
    snapshot.commit().await?;
    Ok(trees)
}

async fn without_transaction(db: &deadpool_postgres::Pool, first: i64, authors: usize) -> Result<Box<dyn Forest>> {
    let client = db.get().await?;
    by_hand(&client, first, authors).await
}

async fn by_hand(client: &impl GenericClient, first: i64, authors: usize) -> Result<Box<dyn Forest>> {
    let sql = "select id, name, email, score, active from authors where id between $1 and $2";
    let statement = client.prepare_cached(sql).await?;
    let rows = client.query(&statement, &[&first, &last(first, authors)]).await?;
    let mut trees = Vec::with_capacity(rows.len());
    for row in &rows {
        trees.push(AuthorTree { author: Author::read(row)?, articles: Vec::new() });
    }

    let sql = "select id, author_id, title, words, published from articles where author_id = any($1)";
    let statement = client.prepare_cached(sql).await?;
    let keys: Vec<i64> = trees.iter().map(|tree| tree.author.id).collect();
    let rows = client.query(&statement, &[&keys]).await?;
    let mut articles = Vec::with_capacity(rows.len());
    for row in &rows {
        articles.push(ArticleTree { article: Article::read(row)?, comments: Vec::new() });
    }

    let sql = "select id, article_id, writer, body from comments where article_id = any($1)";
    let statement = client.prepare_cached(sql).await?;
    let keys: Vec<i64> = articles.iter().map(|tree| tree.article.id).collect();
    let places: HashMap<i64, usize> = keys.iter().enumerate().map(|(at, &key)| (key, at)).collect();
    for row in client.query(&statement, &[&keys]).await? {
        let comment = Comment::read(&row)?;
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

/// Declares a case: what `orm` does in one snapshot, against a hand-written way.
macro_rules! loads {
    ($($case:ident $name:literal $title:literal $authors:expr, $by_hand:ident, rounds $rounds:literal;)*) => {$(
        pub struct $case;

        impl Case for $case {
            const NAME: &'static str = $name;
            const TITLE: &'static str = $title;
            const BAR: f64 = 1.10;
            const ROUNDS: usize = $rounds;
            const WARM_UP: usize = 2;
            const TOGETHER: bool = false;
            type Output = Box<dyn Forest>;

            async fn orm(db: &orm::postgres::Pool, input: &Input, round: usize) -> Result<Box<dyn Forest>, orm::Error> {
                by_orm(db, input.author(round, $authors), $authors).await
            }

            async fn by_hand(db: &deadpool_postgres::Pool, input: &Input, round: usize) -> Result<Box<dyn Forest>> {
                $by_hand(db, input.author(round, $authors), $authors).await
            }
        }
    )*};
}

loads! {
    Few "load-20" "load: 20 authors, 10 articles each, 5 comments each; by hand in a transaction" 20, in_a_transaction, rounds 64;
    FewWithoutTransaction "load-20-plain" "the same; by hand without a transaction" 20, without_transaction, rounds 64;
    Many "load-1000" "load: 1,000 authors, 10 articles each, 5 comments each; by hand in a transaction" AUTHORS, in_a_transaction, rounds 2;
    ManyWithoutTransaction "load-1000-plain" "the same; by hand without a transaction" AUTHORS, without_transaction, rounds 2;
}
