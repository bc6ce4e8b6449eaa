#[path = "../schema.rs"]
mod schema;

use schema::*;

#[derive(View)]
#[view(as = "select author_id, count(*) as posts from posts group by author_id")]
pub struct AuthorStats {
    #[column(primary_key)]
    pub author_id: Uuid,
    pub posts: i64,
}

fn inserted(db: &Connection, author: Uuid) {
    let _ = AuthorStats::insert().set(AuthorStats::author_id, author).set(AuthorStats::posts, 5).execute(db); //~
}

fn inserted_by_halves(db: &Connection) {
    let _ = AuthorStats::insert().set(AuthorStats::posts, 5).execute(db); //~
}

fn inserted_in_numbers(db: &Connection) {
    let _ = AuthorStats::insert_many(&[]).execute(db); //~
}

fn updated(db: &Connection) {
    let _ = AuthorStats::update().set(AuthorStats::posts, 5).filter(AuthorStats::posts.gt(5)).execute(db); //~
}

fn deleted(db: &Connection) {
    let _ = AuthorStats::delete().all_rows().execute(db); //~
}

fn deleted_for_good(db: &Connection) {
    let _ = AuthorStats::hard_delete().all_rows().execute(db); //~
}

fn modelled() {
    let _ = NewAuthorStats::new(Uuid::nil(), 5); //~
}

fn changed() {
    let _ = AuthorStatsChanges::default(); //~
}

#[derive(Table)]
struct Badge {
    #[column(primary_key)]
    id: i64,
    #[column(references = AuthorStats::author_id)] //~
    author_id: Uuid,
}

fn main() {}
