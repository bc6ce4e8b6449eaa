#[path = "../schema.rs"]
mod schema;

use schema::*;

fn text(db: &Connection) -> Result<Vec<User>, orm::Error> {
    let query = {
        let name = String::from("Ann");
        User::select().filter(User::name.eq(&name)) //~
    };
    query.all(db)
}

fn list(db: &Connection) -> Result<Vec<User>, orm::Error> {
    let mut ids = vec![Uuid::nil()];
    let query = User::select().filter(User::id.in_list(&ids));
    ids.clear(); //~
    query.all(db)
}

fn rows(db: &Connection) -> Result<u64, orm::Error> {
    let new = vec![NewUser::new("ann@example.com", "Ann")];
    let insert = User::insert_many(&new);
    drop(new); //~
    insert.execute(db)
}

fn pattern(db: &Connection) -> Result<Vec<User>, orm::Error> {
    let mut query = User::select().dynamic();
    for number in 0..10 {
        let word = number.to_string();
        query = query.filter(User::name.contains(&word)); //~
    }
    query.all(db)
}

fn changes(db: &Connection) -> Result<u64, orm::Error> {
    let update = User::update().changes(&UserChanges { name: Some("Ann".to_owned()), ..Default::default() }); //~
    update.all_rows().execute(db)
}

fn main() {}
