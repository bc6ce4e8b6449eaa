//! Queries and statements of every shape, for tests of what becomes of them.
#![allow(dead_code, unused_imports, unreachable_pub, reason = "each test file uses a part of it")]

use orm::{Error, prelude::*, sqlite::Connection};

use crate::support::{postgres::Database, *};

/// The same functions for each database: how a condition is written depends on its type, so a function cannot be told of
/// all.
macro_rules! shapes {
    ($($name:ident: $database:ty),*) => {$(
        pub mod $name {
            use super::*;

            /// Some rows in every table.
            pub fn fill(db: &$database) -> Result<(), Error> {
                let employees: Vec<NewEmployee> = (1..=200).map(|id| NewEmployee::new(id, format!("name {id}"), id * 10)).collect();
                Employee::insert_many(&employees).execute(db)?;
                let users: Vec<NewUser> = (0..200).map(|id| user(&format!("{id}@example.com"), &format!("name {id}"))).collect();
                let users = User::insert_many(&users).returning().all(db)?;
                for (index, author) in users.iter().enumerate() {
                    Post::insert()
                        .set(Post::author_id, author.id)
                        .set(Post::title, format!("title {index}"))
                        .set(Post::words, index as i32)
                        .set(Post::published, index % 2 == 0)
                        .set(Post::tags, Json(Vec::new()))
                        .execute(db)?;
                }
                Ok(())
            }

            /// Runs a query of every shape that reads, with values that change from round to round.
            pub fn read_everything(db: &$database, round: i32) -> Result<(), Error> {
                let name = format!("name {round}");
                let employees = Employee::select;
                employees().all(db)?;
                employees().filter(Employee::salary.eq(round * 10)).one(db)?;
                employees().filter(Employee::salary.ne(round)).first(db)?;
                employees().filter(Employee::salary.between(round, round + 5)).all(db)?;
                employees().filter(Employee::id.lt(round)).filter(Employee::id.gt(-round)).all(db)?;
                employees().filter(Employee::manager_id.is_null()).limit(round as u64).offset(1).all(db)?;
                employees().filter(Employee::manager_id.is_distinct_from(round)).count(db)?;
                employees().filter(Employee::name.like(format!("{name}%"))).all(db)?;
                employees().filter(Employee::name.ilike(&name)).all(db)?;
                employees().filter(Employee::name.contains(&name)).all(db)?;
                employees().filter(Employee::name.starts_with(&name)).all(db)?;
                employees().filter(Employee::name.ends_with(&name)).all(db)?;
                employees().filter(Employee::name.concat("!").starts_with(&name)).all(db)?;
                employees().filter(Employee::id.in_list((0..round).collect::<Vec<_>>())).all(db)?;
                employees().filter(Employee::name.in_list([&name])).all(db)?;
                employees().filter((round % 2 == 0).then(|| Employee::id.eq(round))).all(db)?;
                employees().filter(all([Employee::id.ne(round), Employee::id.ne(1)])).count(db)?;
                employees().filter(any([1, 2, round].map(|id| Employee::id.eq(id)))).all(db)?;
                employees().filter(not(Employee::name.eq(&name)).or(Employee::salary.gt(round))).exists(db)?;
                employees().columns((Employee::salary * round, coalesce(Employee::manager_id, round))).all(db)?;
                employees().columns(Employee::salary / 100).distinct().all(db)?;
                employees().order_by((Employee::salary + round).desc()).limit(3).all(db)?;
                let order = if round % 2 == 0 { Employee::name.asc() } else { Employee::name.desc() };
                employees().order_by((order, Employee::id)).first(db)?;
                employees()
                    .group_by(Employee::salary)
                    .having(count_all().gt(i64::from(round)))
                    .columns(Employee::salary)
                    .all(db)?;
                employees().columns((sum(Employee::salary), avg(Employee::id), min(Employee::name))).one(db)?;
                Employee::find(round).one(db)?;
                Employee::find(-round).optional(db)?;
                let email = format!("{round}@example.com");
                let ann = User::select().filter(User::email.eq(&email)).one(db)?;
                User::find(ann.id).one(db)?;
                User::select().filter(User::email.starts_with(&email)).count(db)?;
                User::select().filter(User::created_at.le(ann.created_at)).filter(User::role.eq(Role::Member)).count(db)?;
                Post::select().filter(Post::author_id.eq(ann.id)).order_by(Post::created_at.desc()).limit(5).all(db)?;
                let joined = || User::select().left_join(Post::on(Post::author_id.eq(User::id).and(Post::words.ge(round))));
                joined().filter(User::email.eq(&email)).all(db)?;
                joined().group_by(User::id).columns((User::name, count(Post::id))).order_by(count(Post::id)).limit(2).all(db)?;
                let manager = Employee::alias::<Manager>();
                employees().inner_join(manager.on(manager.id.eq(Employee::id))).filter(manager.salary.eq(round)).all(db)?;
                let mut dynamic = employees().dynamic().order_by(Employee::id);
                for part in 0..round % 3 {
                    dynamic = dynamic.filter(Employee::salary.gt(part));
                }
                dynamic.limit(1).all(db)?;
                let streamed: Result<Vec<_>, Error> = employees().filter(Employee::id.le(round)).stream(db).collect();
                assert_eq!(streamed?.len(), round as usize);
                Ok(())
            }

            /// Runs a statement of every shape that writes, and leaves the rows as they were.
            pub fn write_everything(db: &$database, round: i32) -> Result<(), Error> {
                let name = format!("group {round}");
                Group::insert().set(Group::name, &name).execute(db)?;
                Group::insert().set(Group::name, &name).on_conflict(Group::name).do_nothing().execute(db)?;
                Group::insert()
                    .set(Group::name, &name)
                    .on_conflict(Group::name)
                    .update(Group::name.set_to_excluded())
                    .execute(db)?;
                let many: Vec<NewGroup> = (0..round % 20).map(|index| NewGroup::new(format!("{name} {index}"))).collect();
                Group::insert_many(&many).execute(db)?;
                Group::update().set(Group::name, Group::name.concat("!")).filter(Group::name.starts_with(&name)).execute(db)?;
                Group::update()
                    .changes(&GroupChanges { name: Some(name.clone()) })
                    .filter(Group::name.eq(name + "!"))
                    .returning()
                    .all(db)?;
                Group::delete().filter(Group::id.in_list([i64::from(round)])).execute(db)?;
                Group::delete().filter(Group::name.contains("group")).returning().all(db)?;
                assert_eq!(Group::select().count(db)?, 0);
                Employee::update().set(Employee::salary, round * 10).filter(Employee::id.eq(round)).execute(db)?;
                Ok(())
            }
        }
    )*};
}

shapes! { sqlite: Connection, postgres: Database }
