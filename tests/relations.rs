//! Relations: loaded to any depth, joined along, filtered through, counted.

#[path = "support/blog.rs"]
mod blog;
#[path = "support/company.rs"]
mod company;
#[path = "support/harness.rs"]
mod support;

use company::hire;
use orm::{Error, ErrorKind, prelude::*};
use support::*;

/// The titles of posts.
fn titles(posts: &[Post]) -> Vec<&str> {
    posts.iter().map(|post| post.title.as_str()).collect()
}

each_dialect! {
    fn many(db) {
        blog::write(db)?;
        let query = User::select().with(User::posts.order_by(Post::id.desc())).order_by(User::name);
        let post = r#""posts"."id", "posts"."author_id", "posts"."title", "posts"."words", "posts"."published", "posts"."tags", "posts"."created_at""#;
        let user = r#""users"."id", "users"."email", "users"."name", "users"."age", "users"."role", "users"."created_at", "users"."updated_at""#;
        assert_sql!(
            query,
            postgres: format!(
                r#"select {user} from "users" order by "users"."name";
select {post} from "posts" where "posts"."author_id" = any($1) order by "posts"."id" desc"#
            ),
            sqlite: format!(
                r#"select {user} from "users" order by "users"."name";
select {post} from "posts" where "posts"."author_id" in (select value from json_each(?1)) order by "posts"."id" desc"#
            ),
        );
        let users = query.all(db)?;
        assert_eq!(titles(users[0].posts()), ["A2", "A1"]);
        assert_eq!(titles(users[1].posts()), ["B1"]);
        assert_eq!((users[2].name.as_str(), users[2].posts().len()), ("Cleo", 0));
    }

    fn one_and_back(db) {
        blog::write(db)?;
        let posts = Post::select()
            .with(Post::author.with(User::posts.order_by(Post::id)))
            .order_by(Post::title)
            .all(db)?;
        let read: Vec<(&str, &str, Vec<&str>)> = posts
            .iter()
            .map(|post| (post.title.as_str(), post.author().name.as_str(), titles(post.author().posts())))
            .collect();
        assert_eq!(read, [
            ("A1", "Ann", vec!["A1", "A2"]),
            ("A2", "Ann", vec!["A1", "A2"]),
            ("B1", "Bob", vec!["B1"]),
        ]);
    }

    fn optional_and_of_a_table_to_itself(db) {
        hire(db)?;
        let everyone = Employee::select()
            .with(Employee::manager.with(Employee::manager))
            .with(Employee::reports.order_by(Employee::id))
            .order_by(Employee::id)
            .all(db)?;
        let dee = &everyone[3];
        let bob = dee.manager().expect("Dee has a manager");
        assert_eq!((bob.name.as_str(), bob.manager().map(|ada| ada.name.as_str())), ("Bob", Some("Ada")));
        assert!(everyone[4].manager().is_none());
        let reports: Vec<&str> = everyone[0].reports().iter().map(|report| report.name.as_str()).collect();
        assert_eq!(reports, ["Bob", "Cy"]);
    }

    fn through_a_table_between(db) {
        blog::write(db)?;
        let users = User::select()
            .with(User::groups.filter(Membership::rank.gt(1)).order_by(Membership::rank.desc()).extra("rank", Membership::rank))
            .order_by(User::name)
            .all(db)?;
        let read: Vec<Vec<(&str, i32)>> =
            users.iter().map(|user| user.groups().iter().map(|group| (group.name.as_str(), *group.extras())).collect()).collect();
        assert_eq!(read, [vec![("writers", 2)], vec![("readers", 3)], vec![]]);

        let groups = Group::select().with(Group::members.order_by(User::name).with(User::posts)).order_by(Group::name).all(db)?;
        let read: Vec<(&str, Vec<(&str, usize)>)> = groups
            .iter()
            .map(|group| (group.name.as_str(), group.members().iter().map(|user| (user.name.as_str(), user.posts().len())).collect()))
            .collect();
        // Ann is a member of two groups, and has her posts in both.
        assert_eq!(read, [
            ("nobody", vec![]),
            ("readers", vec![("Ann", 2), ("Bob", 1)]),
            ("writers", vec![("Ann", 2)]),
        ]);
    }

    fn pages_of_each_row(db) {
        blog::write(db)?;
        let query = User::select()
            .with(User::posts.order_by(Post::words.desc()).limit(1).offset(1).columns(Post::title))
            .order_by(User::name);
        let inner = r#"select "posts"."title" as "1", "posts"."author_id" as "2", row_number() over (partition by "posts"."author_id" order by "posts"."words" desc) as "row" from "posts" where "posts"."author_id""#;
        let outer = r#"select "1", "2" from"#;
        assert_eq!(
            query.to_sql(orm::postgres::Postgres)[1],
            format!(r#"{outer} ({inner} = any($1)) as "ranked" where "row" <= $2 and "row" > $3 order by "row""#)
        );
        assert_eq!(
            query.to_sql(orm::sqlite::Sqlite)[1],
            format!(
                r#"{outer} ({inner} in (select value from json_each(?1))) as "ranked" where "row" <= ?2 and "row" > ?3 order by "row""#
            )
        );
        let users = query.all(db)?;
        assert_eq!(users.iter().map(|user| user.posts()).collect::<Vec<_>>(), [vec!["A1".to_owned()], vec![], vec![]]);
    }

    fn declared_filters(db) {
        blog::write(db)?;
        let users = User::select().with(User::published).filter(User::published.exists()).order_by(User::name).all(db)?;
        assert_eq!(users.iter().map(|user| titles(user.published())).collect::<Vec<_>>(), [["A1"], ["B1"]]);
        assert_eq!(User::find(users[0].id).columns(User::published.count()).one(db)?, 1);
    }

    fn filters_through_relations(db) {
        blog::write(db)?;
        let names = |query: Vec<String>| query.join(" ");
        let by = User::select().columns(User::name).order_by(User::name);
        let query = by.filter(User::posts.any(Post::words.gt(15)));
        assert_sql!(query, both: r#"select "users"."name" from "users" where exists (select 1 from "posts" where "posts"."author_id" = "users"."id" and "posts"."words" > $1) order by "users"."name""#);
        assert_eq!(names(query.all(db)?), "Ann Bob");
        let by = || User::select().columns(User::name).order_by(User::name);
        assert_eq!(names(by().filter(User::posts.none(Post::words.gt(15))).all(db)?), "Cleo");
        assert_eq!(names(by().filter(User::posts.every(Post::published)).all(db)?), "Bob Cleo");
        assert_eq!(names(by().filter(User::posts.count().ge(2)).all(db)?), "Ann");
        assert_eq!(names(by().filter(User::groups.any(Group::name.eq("writers"))).all(db)?), "Ann");
        assert_eq!(names(by().filter(User::groups.any(Membership::rank.eq(3))).all(db)?), "Bob");
        assert_eq!(
            names(by().filter(User::groups.any(Group::members.any(User::name.eq("Bob")))).all(db)?),
            "Ann Bob"
        );
        let posts = Post::select().filter(Post::author.any(User::age.ge(18))).columns(Post::title).order_by(Post::id).all(db)?;
        assert_eq!(posts, ["A1", "A2"]);
    }

    fn filters_along_a_table_to_itself(db) {
        hire(db)?;
        let query = Employee::select()
            .filter(Employee::reports.any(Employee::reports.any(Employee::salary.lt(600))))
            .columns(Employee::name);
        assert_sql!(query, both: r#"select "employees"."name" from "employees" where exists (select 1 from "employees" as "reports_2" where "reports_2"."manager_id" = "employees"."id" and exists (select 1 from "employees" as "reports" where "reports"."manager_id" = "reports_2"."id" and "reports"."salary" < $1))"#);
        assert_eq!(query.all(db)?, ["Ada"]);
        let names = Employee::select()
            .columns((Employee::name, Employee::manager.value(Employee::name)))
            .order_by((Employee::manager.value(Employee::salary).desc().nulls_last(), Employee::id))
            .all(db)?;
        let names: Vec<(&str, Option<&str>)> = names.iter().map(|(name, manager)| (name.as_str(), manager.as_deref())).collect();
        assert_eq!(names, [("Bob", Some("Ada")), ("Cy", Some("Ada")), ("Dee", Some("Bob")), ("Ada", None), ("Eve", None)]);
    }

    fn joins_along_relations(db) {
        blog::write(db)?;
        let query = User::select().left_join(User::posts).columns((User::name, Post::title)).order_by((User::name, Post::id));
        assert_sql!(query, both: r#"select "users"."name", "posts"."title" from "users" left join "posts" on "posts"."author_id" = "users"."id" order by "users"."name", "posts"."id""#);
        let rows: Vec<(String, Option<String>)> = query.all(db)?;
        assert_eq!((rows.len(), rows[3].clone()), (4, ("Cleo".to_owned(), None)));

        let query = User::select().left_join(User::groups).columns((User::name, Group::name)).order_by((User::name, Group::name));
        assert_sql!(query, both: r#"select "users"."name", "groups"."name" from "users" left join ("groups" inner join "memberships" on "memberships"."group_id" = "groups"."id") on "memberships"."user_id" = "users"."id" order by "users"."name", "groups"."name""#);
        let rows: Vec<(String, Option<String>)> = query.all(db)?;
        let rows: Vec<(&str, Option<&str>)> = rows.iter().map(|(user, group)| (user.as_str(), group.as_deref())).collect();
        assert_eq!(rows, [("Ann", Some("readers")), ("Ann", Some("writers")), ("Bob", Some("readers")), ("Cleo", None)]);

        let rows: Vec<(User, Option<Post>)> = User::select().left_join(User::published).all(db)?;
        assert_eq!(rows.len(), 3);
    }

    fn computed_values(db) {
        blog::write(db)?;
        let users = User::select()
            .extra("posts", User::posts.count())
            .extra("words", User::posts.sum(Post::words))
            .with(User::posts.extra("doubled", Post::words * 2).order_by(Post::id))
            .order_by(User::posts.count().desc())
            .limit(1)
            .all(db)?;
        let (posts, words): (&i64, &Option<i64>) = users[0].extras();
        assert_eq!((*posts, *words), (2, Some(30)));
        assert_eq!(*users[0].posts()[1].extras(), 40);
    }

    fn the_ways_to_run(db) {
        let blog = blog::write(db)?;
        let ann = User::find(blog.ann.id).with(User::posts.order_by(Post::id)).one(db)?;
        assert_eq!(titles(ann.posts()), ["A1", "A2"]);
        assert_eq!(ann.clone(), ann);
        assert_eq!(ann.into_row(), blog.ann);
        assert!(User::select().filter(User::name.eq("Nobody")).with(User::posts).optional(db)?.is_none());
        let missing = User::select().filter(User::name.eq("Nobody")).with(User::posts).one(db);
        assert_eq!(missing.map_err(|error| error.kind()).err(), Some(ErrorKind::NotFound));
        let several = User::select().with(User::posts).one(db);
        assert_eq!(several.map_err(|error| error.kind()).err(), Some(ErrorKind::MultipleRows));
        let first = User::select().with(User::posts).order_by(User::name.desc()).first(db)?;
        assert_eq!(first.map(|user| user.name.clone()).as_deref(), Some("Cleo"));
        let users = User::select().order_by(User::name).all(db)?;
        let posts: Vec<Vec<Post>> = User::posts.order_by(Post::id).load_into(&users, db)?;
        assert_eq!(posts.iter().map(|posts| titles(posts)).collect::<Vec<_>>(), [vec!["A1", "A2"], vec!["B1"], vec![]]);
    }

    fn shapes(db) {
        #[derive(Debug, PartialEq, Row)]
        #[row(of = User)]
        struct Author {
            name: String,
            #[row(column = User::age)]
            years: Option<i32>,
            #[row(relation = User::posts, filter = Post::words.lt(25), order_by = Post::id.desc(), limit = 1)]
            posts: Vec<Title>,
        }

        #[derive(Debug, PartialEq, Row)]
        #[row(of = Post)]
        struct Title {
            title: String,
            #[row(relation = Post::author)]
            author: Name,
        }

        #[derive(Debug, PartialEq, Row)]
        #[row(of = User)]
        struct Name {
            name: String,
        }

        blog::write(db)?;
        let authors: Vec<Author> = User::select().rows_as::<Author>().filter(User::age.is_not_null()).order_by(User::name).all(db)?;
        let title = Title { title: "A2".to_owned(), author: Name { name: "Ann".to_owned() } };
        assert_eq!(authors, [
            Author { name: "Ann".to_owned(), years: Some(30), posts: vec![title] },
            Author { name: "Cleo".to_owned(), years: Some(17), posts: vec![] },
        ]);
        let posts = Post::select().with(Post::author.rows_as::<Name>()).order_by(Post::id).all(db)?;
        assert_eq!(posts[2].author().name, "Bob");
    }
}

on_sqlite! {
    fn a_row_that_must_be_there(db) {
        blog::write(db)?;
        // As an import does that turns the checks off.
        db.execute_batch("pragma foreign_keys = off; delete from users where name = 'Bob'")?;
        let error: Error = match Post::select().with(Post::author).all(db) {
            Err(error) => error,
            Ok(posts) => panic!("{} posts have authors", posts.len()),
        };
        assert_eq!(error.to_string(), "the row that `author` of a row of `posts` leads to is not there");
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
}

each_dialect! {
    fn trees(db) {
        hire(db)?;
        let query = Employee::select().with(Employee::reports.order_by(Employee::id).recursive()).filter(Employee::manager_id.is_null());
        let everyone = query.order_by(Employee::id).all(db)?;
        let ada = &everyone[0];
        let names: Vec<&str> = ada.reports().iter().map(|report| report.name.as_str()).collect();
        assert_eq!(names, ["Bob", "Cy"]);
        assert_eq!((ada.reports()[0].depth(), ada.reports()[0].children()[0].name.as_str()), (1, "Dee"));
        assert!(everyone[1].reports().is_empty());

        let one_level = Employee::find(1).with(Employee::reports.recursive().depth(1)).one(db)?;
        assert!(one_level.reports().iter().all(|report| report.children().is_empty()));

        let dee = Employee::find(4).with(Employee::manager.recursive()).one(db)?;
        let chain: Vec<&str> = dee.manager().iter().map(|manager| manager.name.as_str()).collect();
        assert_eq!(chain, ["Bob", "Ada"]);
    }

    fn rows_that_lead_back_to_themselves(db) {
        hire(db)?;
        Employee::update().set(Employee::manager_id, 4).filter(Employee::id.eq(1)).execute(db)?;
        let Err(error) = Employee::find(4).with(Employee::manager.recursive()).one(db) else { panic!("there is no end") };
        assert_eq!(error.to_string(), "following `manager` of `employees` leads from a row back to it; say how far with `.depth(..)`");
        let dee = Employee::find(4).with(Employee::manager.recursive().depth(5)).one(db)?;
        let chain: Vec<i32> = dee.manager().iter().map(|manager| manager.id).collect();
        assert_eq!(chain, [2, 1, 4, 2, 1]);
    }
}

#[test]
fn a_deep_tree_is_dropped_level_by_level() -> Result<(), Error> {
    let db = orm::sqlite::Connection::open_in_memory()?;
    db.create_all(&schema())?;
    let employee = |id: i32| NewEmployee { manager_id: (id > 1).then_some(id - 1), ..NewEmployee::new(id, "E", 1) };
    Employee::insert_many(&(1..=3_000).map(employee).collect::<Vec<_>>()).execute(&db)?;
    let first = Employee::find(1).with(Employee::reports.recursive()).one(&db)?;
    assert_eq!(first.reports()[0].depth(), 2_998);
    Ok(())
}
