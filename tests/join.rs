//! Joins: every kind, whole rows and columns of them, several tables, aliases, and filters around them.

#[path = "support/blog.rs"]
mod blog;
#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{everyone, hire};
use orm::{Error, ErrorKind, prelude::*, table::Alias};
use support::*;

alias!(
    /// The manager of a manager.
    Boss as "the boss"
);
alias!(Other);

/// A table in which every column but the key can be NULL.
#[derive(Debug, Clone, PartialEq, Table)]
struct Detail {
    note: Option<String>,
    more: Option<i64>,
    #[column(primary_key)]
    employee_id: i32,
}

schema! { fn details() = [Detail] }

/// The ids on both sides of pairs.
fn ids(pairs: &[(Option<Employee>, Option<Employee>)]) -> Vec<(Option<i32>, Option<i32>)> {
    let id = |employee: &Option<Employee>| employee.as_ref().map(|employee| employee.id);
    pairs.iter().map(|(left, right)| (id(left), id(right))).collect()
}

each_dialect! {
    fn inner_join_gives_pairs(db) {
        let blog = blog::write(db)?;
        let query = User::select().inner_join(Post::on(Post::author_id.eq(User::id))).order_by(Post::title);
        let columns =
            User::select().inner_join(Post::on(Post::author_id.eq(User::id))).columns((User::name, Post::title));
        assert_sql!(columns, both: concat!(
            r#"select "users"."name", "posts"."title" from "users" "#,
            r#"inner join "posts" on "posts"."author_id" = "users"."id""#
        ));
        let rows: Vec<(User, Post)> = query.all(db)?;
        assert_eq!(
            rows.iter().map(|(user, post)| (&user.name[..], &post.title[..])).collect::<Vec<_>>(),
            [("Ann", "A1"), ("Ann", "A2"), ("Bob", "B1")]
        );
        assert_eq!(rows[0].0, blog.ann);
        assert_eq!(
            (rows[2].1.author_id, rows[2].1.words, &rows[2].1.tags.0),
            (blog.bob.id, 30, &vec!["B1".to_owned()])
        );
        let titles: Vec<(String, String)> = columns.order_by(Post::title).all(db)?;
        assert_eq!(titles[2], ("Bob".into(), "B1".into()));
    }

    fn left_join_gives_none_where_there_is_no_partner(db) {
        let blog = blog::write(db)?;
        let rows: Vec<(User, Option<Post>)> = User::select()
            .left_join(Post::on(Post::author_id.eq(User::id).and(Post::published)))
            .order_by(User::name)
            .all(db)?;
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0].1.as_ref().map(|post| &post.title[..]), Some("A1"));
        assert_eq!(rows[2], (blog.cleo, None));
        let columns = User::select()
            .left_join(Post::on(Post::author_id.eq(User::id)))
            .columns((User::name, Post::title, Post::words + 1, Post::title.is_null()))
            .order_by((User::name, Post::title));
        assert_sql!(columns, both: concat!(
            r#"select "users"."name", "posts"."title", "posts"."words" + $1, "posts"."title" is null from "users" "#,
            r#"left join "posts" on "posts"."author_id" = "users"."id" order by "users"."name", "posts"."title""#
        ));
        let rows: Vec<(String, Option<String>, Option<i32>, bool)> = columns.all(db)?;
        assert_eq!(rows[0], ("Ann".into(), Some("A1".into()), Some(11), false));
        assert_eq!(rows[3], ("Cleo".into(), None, None, true));
    }

    /// Whether a partner was found does not depend on columns that can be NULL.
    fn a_partner_of_nulls_is_a_partner(db) {
        hire(db)?;
        db.create_all(&details())?;
        Detail::insert().set(Detail::employee_id, 2).execute(db)?;
        let rows: Vec<(Employee, Option<Detail>)> = everyone()
            .left_join(Detail::on(Detail::employee_id.eq(Employee::id)))
            .filter(Employee::id.le(2))
            .order_by(Employee::id)
            .all(db)?;
        assert_eq!(rows[0].1, None);
        assert_eq!(rows[1].1, Some(Detail { note: None, more: None, employee_id: 2 }));
    }

    fn right_join_gives_none_on_the_left(db) {
        hire(db)?;
        let manager = Employee::alias::<Manager>();
        let query =
            everyone().right_join(manager.on(manager.id.eq(Employee::manager_id))).order_by((manager.id, Employee::id));
        let pairs: Vec<(Option<Employee>, Employee)> = query.all(db)?;
        let pairs: Vec<_> =
            pairs.into_iter().map(|(employee, manager)| (employee.map(|it| it.id), manager.id)).collect();
        assert_eq!(pairs, [(Some(2), 1), (Some(3), 1), (Some(4), 2), (None, 3), (None, 4), (None, 5)]);
        let names: Vec<(Option<String>, String)> = everyone()
            .right_join(manager.on(manager.id.eq(Employee::manager_id)))
            .filter(manager.id.gt(4))
            .columns((Employee::name, manager.name))
            .all(db)?;
        assert_eq!(names, [(None, "Eve".into())]);
        assert_sql!(
            everyone().right_join(manager.on(manager.id.eq(Employee::manager_id))).columns(manager.id),
            both: concat!(
                r#"select "manager"."id" from "employees" "#,
                r#"right join "employees" as "manager" on "manager"."id" = "employees"."manager_id""#
            )
        );
    }

    fn full_join_gives_none_on_both_sides(db) {
        hire(db)?;
        let manager = Employee::alias::<Manager>();
        let pairs: Vec<(Option<Employee>, Option<Employee>)> = everyone()
            .full_join(manager.on(manager.id.eq(Employee::manager_id)))
            .order_by((Employee::id.asc().nulls_last(), manager.id))
            .all(db)?;
        assert_eq!(
            ids(&pairs),
            [
                (Some(1), None),
                (Some(2), Some(1)),
                (Some(3), Some(1)),
                (Some(4), Some(2)),
                (Some(5), None),
                (None, Some(3)),
                (None, Some(4)),
                (None, Some(5)),
            ]
        );
        assert_sql!(
            everyone().full_join(manager.on(manager.id.eq(Employee::manager_id))).columns(Employee::id),
            both: concat!(
                r#"select "employees"."id" from "employees" "#,
                r#"full join "employees" as "manager" on "manager"."id" = "employees"."manager_id""#
            )
        );
    }

    fn cross_join_gives_every_pair(db) {
        hire(db)?;
        Group::insert().set(Group::name, "x").execute(db)?;
        Group::insert().set(Group::name, "y").execute(db)?;
        let pairs: Vec<(String, String)> = everyone()
            .filter(Employee::id.lt(3))
            .cross_join::<Group>()
            .columns((Employee::name, Group::name))
            .order_by((Employee::name, Group::name.desc()))
            .all(db)?;
        assert_eq!(pairs, [("Ada", "y"), ("Ada", "x"), ("Bob", "y"), ("Bob", "x")].map(|(a, b)| (a.into(), b.into())));
        assert_sql!(
            everyone().cross_join::<Alias<Employee, Other>>().columns(Employee::id),
            both: r#"select "employees"."id" from "employees" cross join "employees" as "other""#
        );
        assert_eq!(everyone().cross_join::<Alias<Employee, Other>>().count(db)?, 25);
        let whole: Vec<(Employee, Group)> = everyone().cross_join::<Group>().all(db)?;
        assert_eq!(whole.len(), 10);
    }

    /// Two tables joined through the one in the middle.
    fn three_tables(db) {
        let blog = blog::write(db)?;
        let query = || {
            User::select()
                .left_join(Membership::on(Membership::user_id.eq(User::id)))
                .left_join(Group::on(Group::id.eq(Membership::group_id)))
                .order_by((User::name, Group::name))
        };
        let rows: Vec<(User, Option<Membership>, Option<Group>)> = query().all(db)?;
        assert_eq!(rows.len(), 4);
        assert_eq!(
            rows[1],
            (
                blog.ann.clone(),
                Some(Membership { user_id: blog.ann.id, group_id: 2, rank: 2 }),
                Some(Group { id: 2, name: "writers".into() }),
            )
        );
        assert_eq!(rows[3], (blog.cleo, None, None));
        let columns = User::select()
            .inner_join(Membership::on(Membership::user_id.eq(User::id)))
            .inner_join(Group::on(Group::id.eq(Membership::group_id).and(Group::name.ne("writers"))))
            .filter(Membership::rank.gt(1))
            .columns((Group::name, User::name));
        assert_sql!(columns, both: concat!(
            r#"select "groups"."name", "users"."name" from "users" "#,
            r#"inner join "memberships" on "memberships"."user_id" = "users"."id" "#,
            r#"inner join "groups" on "groups"."id" = "memberships"."group_id" and "groups"."name" <> $1 "#,
            r#"where "memberships"."rank" > $2"#
        ));
        assert_eq!(columns.all(db)?, [("readers".into(), "Bob".into())]);
    }

    /// What a join makes of the sources before it adds up: everything left of a right join is an `Option`.
    fn kinds_of_joins_mix(db) {
        blog::write(db)?;
        let rows: Vec<(Option<User>, Option<Membership>, Group)> = User::select()
            .inner_join(Membership::on(Membership::user_id.eq(User::id)))
            .right_join(Group::on(Group::id.eq(Membership::group_id)))
            .order_by((Group::id, Membership::rank))
            .all(db)?;
        let names: Vec<_> = rows
            .into_iter()
            .map(|(user, membership, group)| (user.map(|it| it.name), membership.map(|it| it.rank), group.name))
            .collect();
        assert_eq!(
            names,
            [
                (Some("Ann".into()), Some(1), "readers".into()),
                (Some("Bob".into()), Some(3), "readers".into()),
                (Some("Ann".into()), Some(2), "writers".into()),
                (None, None, "nobody".into()),
            ]
        );
        let rows: Vec<(User, Option<Post>, Group)> = User::select()
            .left_join(Post::on(Post::author_id.eq(User::id)))
            .cross_join::<Group>()
            .filter(Group::id.eq(3))
            .order_by((User::name, Post::title))
            .all(db)?;
        assert_eq!(rows.len(), 4);
        assert_eq!((rows[3].0.name.as_str(), rows[3].1.is_none(), rows[3].2.name.as_str()), ("Cleo", true, "nobody"));
        let rows: Vec<(Option<User>, Option<Membership>, Option<Group>, Option<Post>)> = User::select()
            .left_join(Membership::on(Membership::user_id.eq(User::id)))
            .full_join(Group::on(Group::id.eq(Membership::group_id)))
            .left_join(Post::on(Post::author_id.eq(User::id).and(Post::published)))
            .all(db)?;
        // Ann twice and Bob once with groups, Cleo without one, and the group without users.
        assert_eq!(rows.len(), 5);
        assert_eq!(rows.iter().filter(|row| row.0.is_none()).count(), 1);
        assert_eq!(rows.iter().filter(|row| row.2.is_none()).count(), 1);
        assert_eq!(rows.iter().filter(|row| row.3.is_some()).count(), 3);
    }

    fn a_table_joins_itself(db) {
        hire(db)?;
        let manager = Employee::alias::<Manager>();
        let boss = Employee::alias::<Boss>();
        let query = everyone()
            .left_join(manager.on(manager.id.eq(Employee::manager_id)))
            .left_join(boss.on(boss.id.eq(manager.manager_id)))
            .columns((Employee::name, manager.name, boss.name))
            .order_by(Employee::id);
        assert_sql!(query, both: concat!(
            r#"select "employees"."name", "manager"."name", "the boss"."name" from "employees" "#,
            r#"left join "employees" as "manager" on "manager"."id" = "employees"."manager_id" "#,
            r#"left join "employees" as "the boss" on "the boss"."id" = "manager"."manager_id" "#,
            r#"order by "employees"."id""#
        ));
        let names: Vec<(String, Option<String>, Option<String>)> = query.all(db)?;
        assert_eq!(names[0], ("Ada".into(), None, None));
        assert_eq!(names[1], ("Bob".into(), Some("Ada".into()), None));
        assert_eq!(names[3], ("Dee".into(), Some("Bob".into()), Some("Ada".into())));
        let rows: Vec<(Employee, Employee, Employee)> = everyone()
            .inner_join(manager.on(manager.id.eq(Employee::manager_id)))
            .inner_join(boss.on(boss.id.eq(manager.manager_id)))
            .all(db)?;
        assert_eq!(rows.iter().map(|(a, b, c)| (a.id, b.id, c.id)).collect::<Vec<_>>(), [(4, 2, 1)]);
    }

    /// A query can begin with an alias, and compare two names of one table by anything but equality.
    fn aliases_are_sources_like_tables(db) {
        hire(db)?;
        let other = Employee::alias::<Other>();
        let query = other.select().filter(other.salary.lt(600)).columns(other.name).order_by(other.name);
        assert_sql!(query, both: concat!(
            r#"select "other"."name" from "employees" as "other" "#,
            r#"where "other"."salary" < $1 order by "other"."name""#
        ));
        assert_eq!(query.all(db)?, ["Dee", "Eve"]);
        let rows: Vec<Employee> = other.select().filter(other.id.eq(1)).all(db)?;
        assert_eq!(rows[0].name, "Ada");
        let equals: Vec<(String, String)> = everyone()
            .inner_join(other.on(other.salary.eq(Employee::salary).and(other.id.gt(Employee::id))))
            .columns((Employee::name, other.name))
            .all(db)?;
        assert_eq!(equals, [("Bob".into(), "Cy".into())]);
        let from_alias: Vec<(Employee, Option<Employee>)> =
            other.select().left_join(Employee::on(Employee::id.eq(other.manager_id))).filter(other.id.eq(4)).all(db)?;
        assert_eq!(from_alias[0].1.as_ref().map(|manager| manager.id), Some(2));
    }

    /// Values of the join's condition come before those of the filter in the text, whatever was called before.
    fn filters_before_and_after_a_join(db) {
        blog::write(db)?;
        let query = User::select()
            .filter(User::name.ne("Cleo"))
            .left_join(Post::on(Post::author_id.eq(User::id).and(Post::words.gt(15))))
            .filter(Post::title.is_distinct_from("B1"))
            .columns((User::name, Post::title));
        assert_sql!(query, both: concat!(
            r#"select "users"."name", "posts"."title" from "users" "#,
            r#"left join "posts" on "posts"."author_id" = "users"."id" and "posts"."words" > $1 "#,
            r#"where "users"."name" <> $2 and "posts"."title" is distinct from $3"#
        ));
        assert_eq!(query.all(db)?, [("Ann".into(), Some("A2".into()))]);
        // A condition of the join keeps users without a partner, the same condition as a filter does not.
        let joined = || User::select().left_join(Post::on(Post::author_id.eq(User::id)));
        assert_eq!(joined().filter(Post::words.gt(25)).count(db)?, 1);
        assert_eq!(
            User::select().left_join(Post::on(Post::author_id.eq(User::id).and(Post::words.gt(25)))).count(db)?,
            3
        );
        assert_eq!(joined().filter(Post::id.is_null()).columns(User::name).all(db)?, ["Cleo"]);
    }

    /// A condition that is absent at run time does not join every row with every other: `cross_join` says so.
    fn an_absent_condition_is_refused(db) {
        hire(db)?;
        let other = Employee::alias::<Other>();
        let pairs = |same: Option<i32>| {
            everyone()
                .inner_join(other.on(same.map(|salary| other.salary.eq(salary))))
                .columns((Employee::id, other.id))
        };
        for error in [
            pairs(None).all(db).map(|_| ()),
            pairs(None).count(db).map(|_| ()),
            pairs(None).exists(db).map(|_| ()),
            pairs(None).dynamic().first(db).map(|_| ()),
        ] {
            let error = error.expect_err("the join has no condition");
            assert!(matches!(error, Error::EmptyJoin { table: "employees" }), "{error:?}");
            assert_eq!(error.kind(), ErrorKind::Refused);
        }
        assert_eq!(pairs(Some(700)).count(db)?, 10);
        let part: Option<i32> = None;
        let condition = other.id.gt(Employee::id).and(part.map(|salary| other.salary.eq(salary)));
        assert_eq!(everyone().inner_join(other.on(condition)).count(db)?, 10);
    }

    /// Whole rows are columns, too: some of the sources, in any order, beside expressions.
    fn whole_rows_among_columns(db) {
        let blog = blog::write(db)?;
        let rows: Vec<(Option<Post>, String, User)> = User::select()
            .left_join(Post::on(Post::author_id.eq(User::id)))
            .filter(User::name.eq("Cleo"))
            .columns((Post::row(), User::name, User::row()))
            .all(db)?;
        assert_eq!(rows, [(None, "Cleo".into(), blog.cleo)]);
        let manager = Employee::alias::<Manager>();
        hire(db)?;
        let managers: Vec<Option<Employee>> = everyone()
            .left_join(manager.on(manager.id.eq(Employee::manager_id)))
            .columns(manager.row())
            .order_by(Employee::id)
            .all(db)?;
        assert_eq!(
            managers.into_iter().map(|it| it.map(|it| it.id)).collect::<Vec<_>>(),
            [None, Some(1), Some(1), Some(2), None]
        );
    }

    /// Any condition joins, but PostgreSQL keeps the rows of both sides only where it can merge or hash.
    fn full_join_by_an_inequality(db) {
        hire(db)?;
        let other = Employee::alias::<Other>();
        let pairs = everyone().full_join(other.on(other.salary.gt(Employee::salary))).count(db);
        let refused = Err(ErrorKind::Other);
        assert_eq!(pairs.map_err(|error| error.kind()), either!(db, postgres: refused, sqlite: Ok(11)));
        // Ada earns the most and Eve the least.
        assert_eq!(everyone().left_join(other.on(other.salary.gt(Employee::salary))).count(db)?, 10);
        let both = other.salary.eq(Employee::salary).and(other.id.gt(Employee::id));
        assert_eq!(everyone().full_join(other.on(both)).count(db)?, 9);
    }
}

/// A table without a key and without a column that is never NULL.
#[derive(Debug, Clone, PartialEq, Table)]
#[table(keyless)]
struct Note {
    title: Option<String>,
    author: Option<i32>,
}

schema! { fn notes() = [Note] }

#[test]
fn a_row_that_begins_with_null_is_found_by_a_left_join() -> Result<(), orm::Error> {
    let db = orm::sqlite::Connection::open_in_memory()?;
    db.create_all(&schema())?;
    db.create_all(&notes())?;
    Employee::insert_many(&[NewEmployee::new(1, "Ada", 900), NewEmployee::new(2, "Bob", 700)]).execute(&db)?;
    Note::insert().set(Note::author, 1).execute(&db)?;
    let rows: Vec<(Employee, Option<Note>)> =
        Employee::select().left_join(Note::on(Note::author.eq(Employee::id))).order_by(Employee::id).all(&db)?;
    assert_eq!(rows[0].1, Some(Note { title: None, author: Some(1) }));
    assert_eq!(rows[1].1, None);
    Ok(())
}
