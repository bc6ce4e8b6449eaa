use orm::{prelude::*, sqlite::Connection};

#[derive(Table)]
struct Article {
    #[column(primary_key)]
    id: i64,
    tags: Vec<String>,
}

fn whole_rows(db: &Connection) {
    let _ = Article::select().all(db); //~
}

fn columns(db: &Connection) {
    let _ = Article::select().columns(Article::tags).all(db); //~
}

fn filter(db: &Connection) {
    let _ = Article::delete().filter(Article::tags.has("rust")).execute(db); //~
}

fn insert(db: &Connection) {
    let _ = Article::insert().set(Article::id, 1).set(Article::tags, ["rust"]).execute(db); //~
}

fn insert_many(db: &Connection) {
    let _ = Article::insert_many(&[NewArticle::new(1, vec![])]).execute(db); //~
}

fn update(db: &Connection) {
    let _ = Article::update().changes(&ArticleChanges::default()).all_rows().execute(db); //~
}

fn without_the_column(db: &Connection) {
    let _ = Article::select().columns(Article::id).filter(Article::id.gt(1)).all(db);
}

fn lists_of_arrays() {
    let _ = Article::tags.in_list(&[vec!["rust".to_owned()]]); //~
}

fn not_an_array() {
    let _ = Article::id.has(1); //~
}

fn other_items() {
    let _ = Article::tags.has(1); //~
}

fn main() {}
