//! Everything a statement can write.

#[path = "../schema.rs"]
mod tables;

use tables::*;

schema! { fn schema() = [User, Post, Comment, Group, Membership] }

fn main() -> Result<(), orm::Error> {
    let mut db = Connection::open_in_memory()?;
    db.create_all(&schema())?;

    let text = String::from("Ann");
    let ann = User::insert().set(User::name, &text).set(User::email, text.clone()).returning().one(&db)?;
    let id: Uuid = User::insert()
        .set(User::name, "Bob")
        .set(User::email, "bob")
        .set(User::age, None::<i32>)
        .set(User::role, Role::Owner)
        .set(User::created_at, now())
        .returning()
        .columns(User::id)
        .one(&db)?;
    let new = vec![NewUser::new("c", "Cleo"), NewUser { age: Some(3), ..NewUser::new("d", "Dora") }];
    let ids: Vec<(Uuid, i32)> =
        User::insert_many(&new).returning().columns((User::id, coalesce(User::age, 0))).all(&db)?;
    assert_eq!(ids.len(), 2);
    assert_eq!(User::insert_many(&[]).execute(&db)?, 0);
    User::insert().values(&new[0]).on_conflict(User::email).do_nothing().execute(&db)?;
    User::insert().values(NewUser::new("c", "Cleo")).on_conflict(User::id).do_nothing().execute(&db).unwrap_err();
    User::insert_many(&new)
        .on_conflict(User::email)
        .update((
            User::name.set_to_excluded(),
            User::age.set(User::age + User::age.excluded()),
            User::role.set(Role::Owner),
        ))
        .filter(User::name.ne(User::name.excluded()).and(User::age.is_null()))
        .returning()
        .all(&db)?;

    let tx = db.begin()?;
    let membership = NewMembership::new(ann.id, GroupId(1), 4);
    Group::insert().values(NewGroup::new(GroupId(1), "g", BadgeId(2))).execute(&tx)?;
    Membership::insert()
        .values(&membership)
        .on_conflict((Membership::group_id, Membership::seat))
        .update(Membership::rank.set(Membership::rank + 1))
        .execute(&tx)?;
    Membership::update().set_key(Membership::user_id, id).set(Membership::rank, 7).all_rows().execute(&tx)?;
    assert_eq!(Membership::find((id, GroupId(1))).columns(Membership::rank).one(&tx)?, 7);
    tx.commit()?;

    let changes = UserChanges { age: Some(None), name: Some("Anna".into()), ..UserChanges::default() };
    let changed = User::update().changes(&changes).filter(User::id.eq(ann.id)).returning().one(&db)?;
    assert_eq!((changed.name.as_str(), changed.age), ("Anna", None));
    User::update()
        .set(User::age, coalesce(User::age, 0) + 1)
        .set(User::name, User::name.concat("!"))
        .filter(Some(User::age.is_null()))
        .filter(None.or(Some(User::name.ne("Bob"))))
        .execute(&db)?;
    Membership::delete().all_rows().execute(&db)?;
    let gone: Vec<String> = User::delete().filter(User::name.ne("Bob")).returning().columns(User::name).all(&db)?;
    assert_eq!(gone.len(), 3);
    Ok(())
}
