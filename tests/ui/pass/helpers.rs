//! Functions over any executor, conditions and queries as values.

#[path = "../schema.rs"]
mod schema;

use orm::{
    Error, Executor, WriteExecutor,
    sqlite::{ReadTransaction, Sqlite, Transaction},
};
use schema::*;

fn everyone<E: Executor>(db: &E) -> E::Output<'_, Vec<User>> {
    User::select().order_by(User::name).all(db)
}

fn named<'a, E: Executor>(db: &'a E, name: &'a str) -> E::Output<'a, Option<User>> {
    User::select().filter(User::name.eq(name)).optional(db)
}

fn rename<'a, E: WriteExecutor>(db: &'a E, id: Uuid, name: &'a str) -> E::Output<'a, u64> {
    User::update().set(User::name, name).filter(User::id.eq(id)).execute(db)
}

fn on_sqlite<E: Executor<Dialect = Sqlite>>(db: &E) -> E::Output<'_, Vec<Invoice>> {
    Invoice::select().filter(Invoice::total.gt(Decimal::ONE)).all(db)
}

fn in_a_transaction(tx: &Transaction<'_>) -> Result<u64, Error> {
    User::delete().all_rows().execute(tx)
}

fn in_a_snapshot(tx: &ReadTransaction<'_>) -> Result<i64, Error> {
    User::select().count(tx)
}

fn search(db: &Connection, words: &[&str], limit: Option<u64>) -> Result<Vec<User>, Error> {
    let mut query = User::select().dynamic();
    for word in words {
        query = query.filter(User::name.contains(*word));
    }
    query = if words.is_empty() { query.order_by(User::name) } else { query.order_by(User::email.desc()) };
    if let Some(limit) = limit {
        query = query.limit(limit);
    }
    query.all(db)
}

fn names(db: &Connection) -> impl Iterator<Item = Result<String, Error>> + '_ {
    User::select().columns(User::name).stream(db)
}

fn main() -> Result<(), Error> {
    let db = Connection::open_in_memory()?;
    db.create_all(&orm::schema::Schema::new(&[User::DEF, Invoice::DEF]))?;
    let ann = User::insert().values(NewUser::new("ann@example.com", "Ann")).returning().one(&db)?;

    let ids = vec![ann.id];
    let known = User::select().filter(User::id.in_list(&ids)).filter(User::age.is_null());
    assert_eq!(known.to_sql(Sqlite), known.to_sql(Sqlite));
    assert_eq!(known.all(&db)?, everyone(&db)?);

    let minimum: Option<i32> = None;
    let adults = User::select().filter(minimum.map(|minimum| User::age.ge(minimum)));
    assert!(adults.exists(&db)?);

    assert_eq!(rename(&db, ann.id, "Anna")?, 1);
    assert_eq!(named(&db, "Anna")?.map(|user| user.id), Some(ann.id));
    assert_eq!(search(&db, &["An", "na"], Some(1))?.len(), 1);
    assert_eq!(names(&db).collect::<Result<Vec<_>, _>>()?, ["Anna"]);
    assert_eq!(on_sqlite(&db)?, []);
    assert_eq!(db.read(in_a_snapshot)?, 1);
    assert_eq!(db.transaction(in_a_transaction)?, 1);
    db.transaction(|tx| {
        assert_eq!(everyone(tx)?, []);
        tx.transaction(|inner| named(inner, "Anna")).map(drop)
    })
}
