//! Conditions combined: `and`, `or`, `not`, lists of conditions, and conditions that may be absent.

#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::{assert_condition, check, everyone, hire};
use orm::prelude::*;
use support::*;

each_dialect! {
    /// `and` binds more than `or` in SQL; what the text means is what the calls say.
    fn calls_decide_what_belongs_together(db) {
        hire(db)?;
        let (first, rich, led) = (Employee::id.eq(1), Employee::salary.ge(700), Employee::manager_id.is_not_null());
        check!(db, Employee::id.eq(5).or(Employee::salary.ge(700)).and(Employee::manager_id.is_not_null()), [2, 3]);
        check!(db, Employee::id.eq(5).or(Employee::salary.ge(700).and(Employee::manager_id.is_not_null())), [2, 3, 5]);
        check!(
            db,
            Employee::id.eq(1).and(Employee::salary.ge(700)).or(Employee::manager_id.is_not_null()),
            [1, 2, 3, 4]
        );
        check!(db, first.and(rich.or(led)), [1]);
        assert_condition!(
            Employee::id.eq(5).or(Employee::salary.ge(700)).and(Employee::manager_id.is_not_null()),
            both: concat!(
                r#"("employees"."id" = $1 or "employees"."salary" >= $2) "#,
                r#"and "employees"."manager_id" is not null"#
            )
        );
        assert_condition!(
            Employee::id.eq(5).or(Employee::salary.ge(700).and(Employee::manager_id.is_not_null())),
            both: concat!(
                r#""employees"."id" = $1 "#,
                r#"or ("employees"."salary" >= $2 and "employees"."manager_id" is not null)"#
            )
        );
    }

    /// A second filter does not become part of an `or` in the one before it.
    fn filters_are_joined_by_and(db) {
        hire(db)?;
        let query = everyone()
            .filter(Employee::id.eq(1).or(Employee::id.eq(5)))
            .filter(Employee::salary.lt(500).or(Employee::salary.gt(10_000)))
            .columns(Employee::id);
        assert_sql!(query, both: concat!(
            r#"select "employees"."id" from "employees" where ("employees"."id" = $1 or "employees"."id" = $2) "#,
            r#"and ("employees"."salary" < $3 or "employees"."salary" > $4)"#
        ));
        assert_eq!(query.all(db)?, [5]);
    }

    fn a_chain_has_no_parentheses(db) {
        hire(db)?;
        check!(db, Employee::id.gt(1).and(Employee::id.lt(5)).and(Employee::salary.eq(700)), [2, 3]);
        check!(db, Employee::id.gt(1).and(Employee::id.lt(5).and(Employee::salary.eq(700))), [2, 3]);
        let text = r#""employees"."id" > $1 and "employees"."id" < $2 and "employees"."salary" = $3"#;
        assert_condition!(Employee::id.gt(1).and(Employee::id.lt(5)).and(Employee::salary.eq(700)), both: text);
        assert_condition!(Employee::id.gt(1).and(Employee::id.lt(5).and(Employee::salary.eq(700))), both: text);
        assert_condition!(all((Employee::id.gt(1), Employee::id.lt(5), Employee::salary.eq(700))), both: text);
    }

    fn not_is_about_the_whole_condition(db) {
        hire(db)?;
        check!(db, not(Employee::id.eq(1).or(Employee::salary.eq(700))), [4, 5]);
        check!(db, not(Employee::id.eq(1)).or(Employee::salary.eq(900)), [1, 2, 3, 4, 5]);
        check!(db, not(not(Employee::id.eq(1))), [1]);
        check!(db, not(Employee::id.between(2, 4).and(Employee::salary.eq(700))), [1, 4, 5]);
        check!(db, not(Employee::id.lt(3)).eq(Employee::salary.lt(600)), [1, 2, 4, 5]);
        assert_condition!(
            not(Employee::id.eq(1).or(Employee::salary.eq(700))),
            both: r#"not ("employees"."id" = $1 or "employees"."salary" = $2)"#
        );
        assert_condition!(not(not(Employee::id.eq(1))), both: r#"not (not ("employees"."id" = $1))"#);
        assert_condition!(
            not(Employee::id.lt(3)).eq(Employee::salary.lt(600)),
            both: r#"(not ("employees"."id" < $1)) = ("employees"."salary" < $2)"#
        );
    }

    /// A column of type `bool` is a condition.
    fn a_boolean_column_is_a_condition(db) {
        let ann = User::insert().set(User::email, "a").set(User::name, "Ann").returning().one(db)?;
        for (title, published) in [("draft", false), ("public", true)] {
            Post::insert()
                .set(Post::author_id, ann.id)
                .set(Post::title, title)
                .set(Post::words, 1)
                .set(Post::published, published)
                .set(Post::tags, Json(Vec::new()))
                .execute(db)?;
        }
        let titles = || Post::select().columns(Post::title);
        assert_sql!(
            titles().filter(Post::published),
            both: r#"select "posts"."title" from "posts" where "posts"."published""#
        );
        assert_eq!(titles().filter(Post::published).all(db)?, ["public"]);
        assert_eq!(titles().filter(not(Post::published)).all(db)?, ["draft"]);
        assert_eq!(titles().filter(Post::published.eq(Post::words.gt(5))).all(db)?, ["draft"]);
        assert_eq!(titles().filter(Post::published.or(Post::title.eq("draft"))).count(db)?, 2);
    }

    /// False or NULL is NULL, true or NULL is true; false and NULL is false, true and NULL is NULL.
    fn null_is_unknown(db) {
        hire(db)?;
        // Of Ada and Eve, who have no manager, the comparison is NULL.
        check!(db, Employee::manager_id.eq(1).or(Employee::salary.gt(800)), [1, 2, 3]);
        check!(db, not(Employee::manager_id.eq(1).or(Employee::salary.gt(800))), [4]);
        check!(db, not(Employee::manager_id.eq(1).and(Employee::salary.gt(800))), [2, 3, 4, 5]);
        let known: Vec<Option<bool>> = everyone()
            .columns(Employee::manager_id.eq(1).and(Employee::salary.gt(800)))
            .order_by(Employee::id)
            .all(db)?;
        assert_eq!(known, [None, Some(false), Some(false), Some(false), Some(false)]);
    }

    /// An absent condition adds nothing, wherever it stands.
    fn an_absent_condition_adds_nothing(db) {
        hire(db)?;
        let salary = |amount: Option<i32>| amount.map(|amount| Employee::salary.eq(amount));
        check!(db, salary(None), [1, 2, 3, 4, 5]);
        check!(db, salary(Some(700)), [2, 3]);
        check!(db, Employee::id.gt(3).and(salary(None)), [4, 5]);
        check!(db, Employee::id.gt(3).and(salary(Some(300))), [5]);
        check!(db, Employee::id.gt(3).or(salary(None)), [4, 5]);
        check!(db, Employee::id.gt(3).or(salary(Some(900))), [1, 4, 5]);
        check!(db, all((salary(None), Employee::id.gt(3))), [4, 5]);
        check!(db, any((salary(None), Employee::id.gt(3))), [4, 5]);
        check!(db, any((salary(Some(900)), salary(Some(300)))), [1, 5]);
        check!(db, any((salary(None), salary(None))), [1, 2, 3, 4, 5]);
        check!(db, not(salary(None)), [1, 2, 3, 4, 5]);
        check!(db, not(salary(None)).and(not(salary(Some(900)))), [2, 3, 4, 5]);
        check!(db, Some(Some(Employee::id.eq(1))), [1]);
        check!(db, Some(salary(None)), [1, 2, 3, 4, 5]);
        assert_condition!(
            any((all((salary(None), Employee::id.gt(3))), salary(None))),
            both: r#""employees"."id" > $1"#
        );
        let unfiltered = everyone().filter(salary(None)).filter(not(salary(None))).columns(Employee::id);
        assert_sql!(unfiltered, both: r#"select "employees"."id" from "employees""#);
    }

    /// The text differs with what is absent, and each run gets the text that belongs to its values.
    fn each_presence_has_its_own_text(db) {
        hire(db)?;
        let find = |name: Option<&str>, least: Option<i32>, most: Option<i32>| {
            everyone()
                .filter(name.map(|name| Employee::name.eq(name)))
                .filter(least.map(|least| Employee::salary.ge(least)))
                .filter(most.map(|most| Employee::salary.le(most)))
                .columns(Employee::id)
                .order_by(Employee::id)
                .all(db)
        };
        for _ in 0..2 {
            assert_eq!(find(None, None, None)?, [1, 2, 3, 4, 5]);
            assert_eq!(find(None, Some(500), None)?, [1, 2, 3, 4]);
            assert_eq!(find(None, None, Some(500))?, [4, 5]);
            assert_eq!(find(None, Some(500), Some(700))?, [2, 3, 4]);
            assert_eq!(find(Some("Cy"), None, Some(700))?, [3]);
            assert_eq!(find(Some("Bob"), Some(700), None)?, [2]);
        }
    }

    fn lists_of_conditions(db) {
        hire(db)?;
        check!(db, all([Employee::salary.ne(300), Employee::salary.ne(900)]), [2, 3, 4]);
        check!(db, any([Employee::id.eq(1), Employee::id.eq(5)]), [1, 5]);
        check!(db, not(any([Employee::id.eq(1), Employee::id.eq(5)])), [2, 3, 4]);
        check!(
            db,
            all([any([Employee::id.eq(1), Employee::id.eq(2)]), any([Employee::id.eq(2), Employee::id.eq(3)])]),
            [2]
        );
        check!(db, any([2, 3, 4].map(|id| Employee::id.eq(id))).and(Employee::salary.lt(600)), [4]);
        check!(db, all((Employee::salary.gt(400), Employee::manager_id.eq(1), Some(Employee::id.ne(2)))), [3]);
        check!(db, any((Employee::salary.gt(800), Employee::manager_id.eq(2))), [1, 4]);
        check!(db, all([Some(Employee::id.eq(1)), None]), [1]);
        check!(db, any([None, Some(Employee::id.eq(1))]), [1]);
        assert_condition!(
            all([any([Employee::id.eq(1), Employee::id.eq(2)]), any([Employee::id.eq(3)])]),
            both: r#"("employees"."id" = $1 or "employees"."id" = $2) and "employees"."id" = $3"#
        );
        assert_condition!(
            any([all([Employee::id.eq(1), Employee::id.eq(2)]), all([Employee::id.eq(3)])]),
            both: r#"("employees"."id" = $1 and "employees"."id" = $2) or "employees"."id" = $3"#
        );
        assert_condition!(not(all([Employee::id.eq(1)])), both: r#"not ("employees"."id" = $1)"#);
    }

    /// All of nothing holds and adds nothing; one of nothing never holds. A list of absent conditions is absent itself.
    fn empty_lists_of_conditions(db) {
        hire(db)?;
        let none = || (0..0).map(|id| Employee::id.eq(id)).collect::<Vec<_>>();
        check!(db, all(none()), [1, 2, 3, 4, 5]);
        check!(db, any(none()), []);
        check!(db, not(any(none())), [1, 2, 3, 4, 5]);
        check!(db, not(all(none())), [1, 2, 3, 4, 5]);
        check!(db, any(none()).or(Employee::id.eq(2)), [2]);
        check!(db, any(none()).and(Employee::id.eq(2)), []);
        check!(db, all(none()).or(Employee::id.eq(2)), [2]);
        check!(db, any([None, None, Some(Employee::id.eq(1)).filter(|_| false)]), [1, 2, 3, 4, 5]);
        assert_condition!(any(none()), both: "false");
        assert_condition!(not(any(none())).and(Employee::id.eq(2)), both: r#"not false and "employees"."id" = $1"#);
        assert_sql!(
            everyone().filter(all(none())).columns(Employee::id),
            both: r#"select "employees"."id" from "employees""#
        );
    }

    /// SQLite refuses trees deeper than 1,000, and a chain of `and` is a tree as deep as it is long: it is split.
    fn chains_of_five_thousand_terms(db) {
        hire(db)?;
        const TERMS: i32 = 5_000;
        fn terms<C>(term: impl Fn(i32) -> C) -> Vec<C> {
            (0..TERMS).map(term).collect()
        }
        check!(db, any(terms(|number| Employee::id.eq(number + 4))), [4, 5]);
        check!(db, all(terms(|number| Employee::salary.ne(number + 600))), [4, 5]);
        check!(db, not(any(terms(|number| Employee::id.eq(number + 4)))), [1, 2, 3]);
        check!(db, all(terms(|_| any([Employee::salary.eq(500)]))), [4]);
        let mut dynamic = everyone().columns(Employee::id).order_by(Employee::id).dynamic();
        for number in 0..TERMS {
            dynamic = dynamic.filter(Employee::salary.ne(number + 600));
        }
        assert_eq!(dynamic.all(db)?, [4, 5]);
        let mut either = everyone().columns(Employee::id).order_by(Employee::id).dynamic();
        for number in 0..TERMS {
            either = either.filter(Employee::id.gt(3).or(Employee::salary.eq(number)));
        }
        assert_eq!(either.all(db)?, [4, 5]);
    }

    /// The parts of a long chain keep the order in which they were given.
    fn long_chains_keep_their_order(_db) {
        let query =
            everyone().filter(all((0..65).map(|id| Employee::id.ne(id)).collect::<Vec<_>>())).columns(Employee::id);
        let text = query.to_sql(orm::sqlite::Sqlite);
        let placeholders: Vec<&str> =
            text.split("<> ").skip(1).filter_map(|rest| rest.split([' ', ')']).next()).collect();
        let numbers: Vec<String> = (1..=65).map(|number| format!("?{number}")).collect();
        assert_eq!(placeholders, numbers);
        assert!(text.contains(r#"<> ?32) and ("employees"."id" <> ?33"#), "{text}");
    }
}
