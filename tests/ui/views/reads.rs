#[path = "../schema.rs"]
mod schema;

use schema::*;

#[derive(View)]
#[view(as = "select author_id, count(*) as posts, max(subtitle) as subtitle from posts group by author_id")]
pub struct AuthorStats {
    #[column(primary_key)]
    pub author_id: Uuid,
    pub posts: i64,
    pub subtitle: Option<String>,
}

#[derive(View)]
#[view(as = "select count(*) as posts from posts")]
pub struct Total {
    pub posts: i64,
}

fn found_without_a_key(db: &Connection) {
    let _ = Total::find(5).one(db); //~
}

fn found_by_another_type(db: &Connection) {
    let _ = AuthorStats::find(5).one(db); //~
}

fn refreshed_without_being_stored(db: &Connection) {
    let _ = Total::refresh(db); //~
}

fn refreshed_table(db: &Connection) {
    let _ = User::refresh(db); //~
}

fn compared_with_another_type(db: &Connection) {
    let _ = AuthorStats::select().filter(AuthorStats::posts.eq("5")).all(db); //~
}

fn not_joined(db: &Connection) {
    let _ = User::select().filter(AuthorStats::posts.gt(5)).all(db); //~
}

fn absent_side(db: &Connection) {
    let query = User::select().left_join(AuthorStats::on(AuthorStats::author_id.eq(User::id)));
    let _: Vec<(User, i64)> = query.columns((User::row(), AuthorStats::posts)).all(db).unwrap(); //~
}

fn nullable_column(db: &Connection) {
    let _: Vec<String> = AuthorStats::select().columns(AuthorStats::subtitle).all(db).unwrap(); //~
}

fn determined_by_nothing(db: &Connection) {
    let _ = AuthorStats::select().group_by(AuthorStats::author_id).columns(AuthorStats::posts).all(db); //~
}

fn whole_row_of_a_group(db: &Connection) {
    let _ = AuthorStats::select().group_by(AuthorStats::author_id).all(db); //~
}

fn main() {}
