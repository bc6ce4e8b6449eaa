//! `coalesce`: a value where there is none.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{assert_condition, check, everyone, hire};
use orm::{expr::IntoExpr, prelude::*};
use support::*;

#[derive(Debug, Clone, Copy, PartialEq, DbEnum)]
#[db_enum(name = "a \"mood\"")]
enum Mood {
    Good,
    Bad,
}

#[derive(Debug, Clone, PartialEq, Table)]
struct Day {
    #[column(primary_key, auto_increment)]
    id: i64,
    mood: Mood,
}

schema! { fn days() = [Day] }

each_dialect! {
    fn a_value_stands_for_null(db) {
        hire(db)?;
        let query = everyone().columns(coalesce(Employee::manager_id, 0)).order_by(Employee::id);
        assert_sql!(
            query,
            both: r#"select coalesce("employees"."manager_id", $1) from "employees" order by "employees"."id""#
        );
        let managers: Vec<i32> = query.all(db)?;
        assert_eq!(managers, [0, 1, 1, 2, 0]);
    }

    /// The result is an `Option` only if both sides can be NULL.
    fn nullability_is_that_of_both_sides(db) {
        hire(db)?;
        let own_id: Vec<i32> =
            everyone().columns(coalesce(Employee::manager_id, Employee::id)).order_by(Employee::id).all(db)?;
        assert_eq!(own_id, [1, 1, 1, 2, 5]);
        let nothing: Vec<Option<i32>> =
            everyone().columns(coalesce(Employee::manager_id, None::<i32>)).order_by(Employee::id).all(db)?;
        assert_eq!(nothing, [None, Some(1), Some(1), Some(2), None]);
        let never: Vec<i32> =
            everyone().columns(coalesce(Employee::id, Employee::manager_id)).order_by(Employee::id).all(db)?;
        assert_eq!(never, [1, 2, 3, 4, 5]);
        let nested: Vec<i32> = everyone()
            .columns(coalesce(Employee::manager_id, coalesce(Employee::manager_id * 2, -1)))
            .order_by(Employee::id)
            .all(db)?;
        assert_eq!(nested, [-1, 1, 1, 2, -1]);
    }

    fn in_conditions_and_orders(db) {
        hire(db)?;
        check!(db, coalesce(Employee::manager_id, 0).lt(2), [1, 2, 3, 5]);
        check!(db, coalesce(Employee::manager_id.eq(1), true), [1, 2, 3, 5]);
        check!(db, not(coalesce(Employee::manager_id.eq(1), false)), [1, 4, 5]);
        assert_condition!(
            coalesce(Employee::manager_id, 0).lt(2).and(Employee::id.gt(1)),
            both: r#"coalesce("employees"."manager_id", $1) < $2 and "employees"."id" > $3"#
        );
        let ordered =
            everyone().columns(Employee::id).order_by((coalesce(Employee::manager_id, 9).desc(), Employee::id));
        assert_eq!(ordered.all(db)?, [1, 5, 4, 2, 3]);
    }

    /// The nullable side of a join, and an aggregate of no rows, get a value too.
    fn after_joins_and_around_aggregates(db) {
        hire(db)?;
        let manager = Employee::alias::<Manager>();
        let names: Vec<String> = everyone()
            .left_join(manager.on(manager.id.eq(Employee::manager_id)))
            .columns(coalesce(manager.name, "nobody"))
            .order_by(Employee::id)
            .all(db)?;
        assert_eq!(names, ["nobody", "Ada", "Ada", "Bob", "nobody"]);
        let total: i64 = everyone().filter(Employee::id.gt(99)).columns(coalesce(sum(Employee::salary), 0)).one(db)?;
        assert_eq!(total, 0);
        let inside: Option<i64> = everyone().columns(sum(coalesce(Employee::manager_id, 10))).one(db)?;
        assert_eq!(inside, Some(24));
    }

    fn text_dates_and_enums(db) {
        User::insert().set(User::email, "a").set(User::name, "Ann").execute(db)?;
        let row: (String, Role, i32) = User::select()
            .columns((coalesce(User::name, "?"), coalesce(User::role, Role::Owner), coalesce(User::age, -1)))
            .one(db)?;
        assert_eq!(row, ("Ann".into(), Role::Member, -1));
        assert_eq!(User::select().filter(coalesce(User::created_at, now()).le(User::updated_at)).count(db)?, 1);
    }

    /// A value is an expression, too. Where nothing beside it has a type, PostgreSQL is told that of the value.
    fn values_among_themselves(db) {
        hire(db)?;
        fn value<T: orm::types::DbType, V: IntoExpr<T>>(value: V) -> V::Expr {
            value.into_expr()
        }
        let (one, text) = (|| value::<i64, _>(1), || value::<String, _>("a"));
        let query = Employee::find(1).columns((
            one(),
            coalesce(value::<i64, _>(None::<i64>), 2),
            one() + 3,
            one() / 2,
            -one(),
            one().is_null(),
            one().between(0, 2),
            one().in_list([1, 2]),
            one().eq(one()),
            text().concat("b"),
            text().upper(),
            text().length(),
            text().like("a"),
            one().cast::<String>(),
            value::<f64, _>(0.5) / 0.25,
        ));
        assert_sql!(
            query,
            postgres: concat!(
                r#"select cast($1 as bigint), coalesce(cast($2 as bigint), $3), cast($4 as bigint) + $5, "#,
                r#"cast($6 as bigint) / nullif(cast($7 as bigint), 0), -cast($8 as bigint), "#,
                r#"cast($9 as bigint) is null, cast($10 as bigint) between $11 and $12, "#,
                r#"cast($13 as bigint) = any($14), cast($15 as bigint) = $16, cast($17 as text) || $18, "#,
                r#"upper(cast($19 as text)), cast(length(cast($20 as text)) as bigint), $21 like $22, "#,
                r#"cast(cast($23 as bigint) as text), "#,
                r#"cast($24 as double precision) / nullif(cast($25 as double precision), 0) "#,
                r#"from "employees" where "employees"."id" = $26"#
            ),
            sqlite: concat!(
                r#"select ?1, coalesce(?2, ?3), ?4 + ?5, ?6 / nullif(?7, 0), -?8, ?9 is null, ?10 between ?11 and ?12, "#,
                r#"?13 in (select value from json_each(?14)), ?15 = ?16, ?17 || ?18, upper(?19), length(?20), "#,
                r#"?21 glob ?22, cast(?23 as text), ?24 / nullif(?25, 0) from "employees" where "employees"."id" = ?26"#
            )
        );
        let row = query.one(db)?;
        assert_eq!((row.0, row.1, row.2, row.3, row.4), (1, 2, 4, Some(0), -1));
        assert_eq!((row.5, row.6, row.7, row.8), (false, true, true, true));
        assert_eq!((row.9.as_str(), row.10.as_str(), row.11, row.12), ("ab", "A", 1, true));
        assert_eq!((row.13.as_str(), row.14), ("1", Some(2.0)));
        let grouped = everyone().columns((sum(one()), max(text()), count(one()))).one(db)?;
        assert_eq!(grouped, (Some(5), Some("a".into()), 5));
        assert_eq!(everyone().columns(value::<i64, _>(7)).distinct().count(db)?, 1);
        assert_eq!(everyone().columns(Employee::id).order_by((text(), Employee::id.desc())).first(db)?, Some(5));
        db.create_all(&days())?;
        let moods = Day::insert()
            .set(Day::mood, Mood::Good)
            .returning()
            .columns((value::<Mood, _>(Mood::Bad), coalesce(value::<Mood, _>(None::<Mood>), Mood::Good)));
        assert_eq!(moods.one(db)?, (Mood::Bad, Mood::Good));
    }
}
