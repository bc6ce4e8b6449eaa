//! Groups: by one column, by several, by a primary key; `having`, and what of the groups can be read.

#[path = "support/blog.rs"]
mod blog;
#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{everyone, hire};
use orm::prelude::*;
use support::*;

each_dialect! {
    fn by_one_column(db) {
        hire(db)?;
        let query = everyone()
            .group_by(Employee::salary)
            .columns((Employee::salary, count_all()))
            .order_by(Employee::salary.desc());
        assert_sql!(query, both: concat!(
            r#"select "employees"."salary", count(*) from "employees" "#,
            r#"group by "employees"."salary" order by "employees"."salary" desc"#
        ));
        assert_eq!(query.all(db)?, [(900, 1), (700, 2), (500, 1), (300, 1)]);
    }

    /// NULLs are one group.
    fn by_a_column_with_nulls(db) {
        hire(db)?;
        let groups: Vec<(Option<i32>, i64, i32)> = everyone()
            .group_by(Employee::manager_id)
            .columns((Employee::manager_id, count(Employee::id), max(Employee::salary)))
            .order_by(Employee::manager_id.asc().nulls_first())
            .all(db)?;
        assert_eq!(groups, [(None, 2, 900), (Some(1), 2, 700), (Some(2), 1, 500)]);
    }

    fn by_several_columns(db) {
        hire(db)?;
        let query = everyone()
            .group_by((Employee::manager_id, Employee::salary))
            .columns((Employee::salary, Employee::manager_id, count_all()))
            .order_by((Employee::salary, Employee::manager_id));
        assert_sql!(query, both: concat!(
            r#"select "employees"."salary", "employees"."manager_id", count(*) from "employees" "#,
            r#"group by "employees"."manager_id", "employees"."salary" "#,
            r#"order by "employees"."salary", "employees"."manager_id""#
        ));
        assert_eq!(query.all(db)?, [(300, None, 1), (500, Some(2), 1), (700, Some(1), 2), (900, None, 1)]);
    }

    /// The primary key determines the other columns of its table, and the whole row.
    fn by_a_primary_key(db) {
        let blog = blog::write(db)?;
        let query = || User::select().left_join(Post::on(Post::author_id.eq(User::id))).group_by(User::id);
        let sums = query().columns((User::name, User::age, count(Post::id), sum(Post::words))).order_by(User::name);
        let from = concat!(
            r#"from "users" left join "posts" on "posts"."author_id" = "users"."id" "#,
            r#"group by "users"."id" order by "users"."name""#
        );
        let columns = r#""users"."name", "users"."age", count("posts"."id")"#;
        assert_sql!(
            sums,
            postgres: format!(r#"select {columns}, cast(sum("posts"."words") as bigint) {from}"#),
            sqlite: format!(r#"select {columns}, sum("posts"."words") {from}"#)
        );
        let rows: Vec<(String, Option<i32>, i64, Option<i64>)> = sums.all(db)?;
        assert_eq!(
            rows,
            [
                ("Ann".into(), Some(30), 2, Some(30)),
                ("Bob".into(), None, 1, Some(30)),
                ("Cleo".into(), Some(17), 0, None),
            ]
        );
        let rows: Vec<(User, i64)> =
            query().columns((User::row(), count(Post::id))).order_by(count(Post::id)).all(db)?;
        assert_eq!(rows[0], (blog.cleo, 0));
        let whole: Vec<User> = User::select().group_by(User::id).order_by(User::name).all(db)?;
        assert_eq!(whole, [blog.ann, blog.bob, User { ..rows[0].0.clone() }]);
    }

    fn by_a_composite_primary_key(db) {
        blog::write(db)?;
        let rows: Vec<(i64, i32, i64)> = Membership::select()
            .group_by((Membership::user_id, Membership::group_id))
            .columns((Membership::group_id, Membership::rank, count_all()))
            .order_by(Membership::rank)
            .all(db)?;
        assert_eq!(rows, [(1, 1, 1), (2, 2, 1), (1, 3, 1)]);
    }

    /// The columns of both tables are determined.
    fn by_the_keys_of_two_tables(db) {
        blog::write(db)?;
        let rows: Vec<(String, String, i64)> = User::select()
            .inner_join(Membership::on(Membership::user_id.eq(User::id)))
            .inner_join(Group::on(Group::id.eq(Membership::group_id)))
            .group_by((User::id, Group::id))
            .columns((Group::name, User::name, sum(Membership::rank)))
            .order_by((Group::name, User::name))
            .all(db)?;
        assert_eq!(
            rows,
            [
                ("readers".into(), "Ann".into(), 1),
                ("readers".into(), "Bob".into(), 3),
                ("writers".into(), "Ann".into(), 2),
            ]
        );
    }

    fn by_an_alias(db) {
        hire(db)?;
        let manager = Employee::alias::<Manager>();
        let rows: Vec<(String, i64)> = everyone()
            .inner_join(manager.on(manager.id.eq(Employee::manager_id)))
            .group_by(manager.id)
            .columns((manager.name, count(Employee::id)))
            .order_by((count(Employee::id).desc(), manager.name))
            .all(db)?;
        assert_eq!(rows, [("Ada".into(), 2), ("Bob".into(), 1)]);
        let optional: Vec<(Option<String>, i64)> = everyone()
            .left_join(manager.on(manager.id.eq(Employee::manager_id)))
            .group_by(manager.id)
            .columns((manager.name, count_all()))
            .order_by(manager.name.asc().nulls_first())
            .all(db)?;
        assert_eq!(optional, [(None, 2), (Some("Ada".into()), 2), (Some("Bob".into()), 1)]);
    }

    fn having_keeps_groups(db) {
        hire(db)?;
        let groups = || everyone().group_by(Employee::manager_id);
        let query = groups().having(count_all().gt(1)).columns(sum(Employee::salary)).order_by(sum(Employee::salary));
        assert_sql!(
            query,
            postgres: concat!(
                r#"select cast(sum("employees"."salary") as bigint) from "employees" "#,
                r#"group by "employees"."manager_id" having count(*) > $1 "#,
                r#"order by cast(sum("employees"."salary") as bigint)"#
            ),
            sqlite: concat!(
                r#"select sum("employees"."salary") from "employees" group by "employees"."manager_id" "#,
                r#"having count(*) > ?1 order by sum("employees"."salary")"#
            )
        );
        assert_eq!(query.all(db)?, [1200, 1400]);
        let ids = |query: Result<Vec<Option<i32>>, orm::Error>| query.expect("it runs");
        let managers =
            || groups().columns(Employee::manager_id).order_by(Employee::manager_id.asc().nulls_first());
        assert_eq!(ids(managers().having(max(Employee::salary).ge(700)).all(db)), [None, Some(1)]);
        assert_eq!(ids(managers().having(max(Employee::salary).ne(min(Employee::salary))).all(db)), [None]);
        assert_eq!(
            ids(managers().having(Employee::manager_id.is_not_null()).having(count_all().eq(1)).all(db)),
            [Some(2)]
        );
        assert_eq!(
            ids(managers().having(not(Employee::manager_id.eq(1)).or(count_all().eq(2))).all(db)),
            [None, Some(1), Some(2)]
        );
        let none: Option<i64> = None;
        assert_eq!(ids(managers().having(none.map(|count| count_all().eq(count))).all(db)).len(), 3);
    }

    /// Values are bound in the order of the text: columns, joins, filter, having, order, page.
    fn values_are_bound_in_order(db) {
        hire(db)?;
        let other = Employee::alias::<Manager>();
        let query = everyone()
            .filter(Employee::id.ne(5))
            .left_join(other.on(other.id.eq(Employee::manager_id).and(other.salary.gt(800))))
            .group_by(Employee::manager_id)
            .having(count_all().lt(3))
            .columns((coalesce(Employee::manager_id, 77), count(other.id) + 1000))
            .order_by((sum(Employee::salary) * -1).desc())
            .limit(2)
            .offset(1);
        let same = concat!(
            r#"select coalesce("employees"."manager_id", $1), count("manager"."id") + $2 from "employees" "#,
            r#"left join "employees" as "manager" "#,
            r#"on "manager"."id" = "employees"."manager_id" and "manager"."salary" > $3 "#,
            r#"where "employees"."id" <> $4 group by "employees"."manager_id" having count(*) < $5 "#,
        );
        assert_sql!(
            query,
            postgres: format!(
                r#"{same}order by cast(sum("employees"."salary") as bigint) * $6 desc limit $7 offset $8"#
            ),
            sqlite: format!(r#"{same}order by sum("employees"."salary") * $6 desc limit $7 offset $8"#).replace('$', "?")
        );
        // By ascending sums: manager 2 (500), none (900, without Eve), manager 1 (1400).
        assert_eq!(query.all(db)?, [(77, 1000), (1, 1002)]);
    }

    fn an_empty_table_has_no_groups(db) {
        assert_eq!(everyone().group_by(Employee::salary).columns((Employee::salary, count_all())).all(db)?.len(), 0);
        assert_eq!(everyone().group_by(Employee::salary).columns(max(Employee::id)).first(db)?, None);
        hire(db)?;
        let none = everyone().filter(Employee::id.gt(9)).group_by(Employee::salary).columns(sum(Employee::id));
        assert_eq!(none.optional(db)?, None);
    }

    /// In a group there is a row, so aggregates of columns that are never NULL are never NULL; after a left join they
    /// can be.
    fn nullability_of_aggregates_in_groups(db) {
        hire(db)?;
        blog::write(db)?;
        let never: Vec<(i64, f64, i32, String)> = everyone()
            .group_by(Employee::salary)
            .columns((sum(Employee::id), avg(Employee::id), min(Employee::id), max(Employee::name)))
            .order_by(Employee::salary)
            .limit(2)
            .all(db)?;
        assert_eq!(never, [(5, 5.0, 5, "Eve".into()), (4, 4.0, 4, "Dee".into())]);
        let nullable: Vec<(Option<i64>, Option<i32>, i64)> = everyone()
            .group_by(Employee::salary)
            .columns((sum(Employee::manager_id), max(Employee::manager_id), count(Employee::manager_id)))
            .order_by(Employee::salary)
            .all(db)?;
        assert_eq!(nullable, [(None, None, 0), (Some(2), Some(2), 1), (Some(2), Some(1), 2), (None, None, 0)]);
        let joined: Vec<(String, Option<String>, Option<f64>)> = User::select()
            .left_join(Post::on(Post::author_id.eq(User::id)))
            .group_by(User::id)
            .columns((User::name, max(Post::title), avg(Post::words)))
            .order_by(User::name)
            .all(db)?;
        assert_eq!(joined[0], ("Ann".into(), Some("A2".into()), Some(15.0)));
        assert_eq!(joined[2], ("Cleo".into(), None, None));
    }

    fn groups_in_an_order_that_is_not_read(db) {
        hire(db)?;
        let salaries: Vec<i32> = everyone()
            .group_by(Employee::salary)
            .columns(Employee::salary)
            .order_by((count_all().desc(), max(Employee::name).desc()))
            .all(db)?;
        assert_eq!(salaries, [700, 300, 500, 900]);
        let distinct: Vec<i64> =
            everyone().group_by(Employee::salary).columns(count_all()).distinct().order_by(count_all()).all(db)?;
        assert_eq!(distinct, [1, 2]);
    }
}
