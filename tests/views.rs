//! Views: declared beside the tables they read, and read like them.

#[path = "support/blog.rs"]
mod blog;
#[path = "support/pools.rs"]
mod pools;
#[path = "support/harness.rs"]
mod support;

use orm::{Error, ErrorKind, prelude::*, schema::ViewDef};
use support::*;

#[derive(Debug, Clone, PartialEq, View)]
#[view(
    name = "author_stats",
    as = "select author_id, count(*) as posts, max(created_at) as last, max(case when published then words end) as longest
          from posts group by author_id"
)]
struct AuthorStats {
    // The order is not that of the query.
    posts: i64,
    author_id: Uuid,
    longest: Option<i32>,
    last: Option<DateTime<Utc>>,
}

/// A view of a view, in the words of each database, with names that need quotes.
#[derive(Debug, Clone, PartialEq, View)]
#[view(
    name = "post \"counts\"",
    postgres = r#"select posts as "How Many", string_agg(role::text, ',' order by role) as roles from author_stats
                  join users on users.id = author_id group by posts"#,
    sqlite = r#"select posts as "How Many", group_concat(role, ',') as roles from author_stats
                join users on users.id = author_id group by posts"#
)]
struct PostCounts {
    #[column(primary_key, name = "How Many")]
    how_many: i64,
    roles: Option<String>,
}

/// Members, by a key of two columns that are not the first.
#[derive(Debug, Clone, PartialEq, View)]
#[view(as = "select nullif(rank, 3) as rank, user_id, group_id, rank > 1 as senior from memberships")]
struct Seat {
    rank: Option<i32>,
    #[column(primary_key)]
    user_id: Uuid,
    #[column(primary_key)]
    group_id: i64,
    senior: bool,
}

/// A column of an enum, which on PostgreSQL is a type of its own.
#[derive(Debug, Clone, PartialEq, View)]
#[view(rename_all = "camelCase", as = r#"select role as "theRole", count(*) as members from users group by role"#)]
struct RoleCounts {
    the_role: Role,
    members: i64,
}

#[derive(Debug, Clone, PartialEq, View)]
#[view(name = "word_total", as = "select sum(words) as words from posts", materialized)]
struct WordTotal {
    words: Option<i64>,
}

relations! {
    User { stats: optional(AuthorStats) on(id = author_id) }
    AuthorStats { author: one(User) on(author_id = id), written: many(Post) on(author_id = author_id) }
}

// A view is named after those it reads; tables may be anywhere.
schema! { fn views() = [AuthorStats, PostCounts, Seat, WordTotal] }
schema! { fn everything() = [AuthorStats, User, PostCounts, Post, RoleCounts, WordTotal, Seat, Group, Membership] }

alias!(Other);

/// One row of a query of named columns.
#[derive(Debug, PartialEq, Row)]
struct Line {
    name: String,
    posts: Option<i64>,
}

/// Some columns of the view, and the row it is about.
#[derive(Debug, PartialEq, Row)]
#[row(of = AuthorStats)]
struct Shape {
    posts: i64,
    #[row(relation = AuthorStats::author)]
    author: Named,
}

#[derive(Debug, PartialEq, Row)]
#[row(of = User)]
struct Named {
    name: String,
}

/// The names and numbers of posts of a query's rows.
fn counted(rows: &[(User, Option<AuthorStats>)]) -> Vec<(&str, Option<i64>)> {
    rows.iter().map(|(user, stats)| (user.name.as_str(), stats.as_ref().map(|stats| stats.posts))).collect()
}

each_dialect! {
    fn rows_filtered_and_ordered(db) {
        let blog = blog::write(db)?;
        db.create_all(&views())?;
        let query = AuthorStats::select().filter(AuthorStats::posts.gt(1));
        assert_sql!(query, both: concat!(
            r#"select "author_stats"."posts", "author_stats"."author_id", "author_stats"."longest", "author_stats"."last" "#,
            r#"from "author_stats" where "author_stats"."posts" > $1"#
        ));
        let last = Post::select().filter(Post::author_id.eq(blog.ann.id)).columns(max(Post::created_at)).one(db)?;
        assert!(last.is_some());
        assert_eq!(query.all(db)?, [AuthorStats { posts: 2, author_id: blog.ann.id, longest: Some(10), last }]);
        let posts = AuthorStats::select().columns(AuthorStats::posts).order_by(AuthorStats::posts.desc());
        assert_eq!(posts.all(db)?, [2, 1]);
        let at = last.expect("it is there");
        let since = AuthorStats::select().filter(AuthorStats::author_id.eq(blog.ann.id).and(AuthorStats::last.eq(at)));
        assert_eq!((since.count(db)?, AuthorStats::select().filter(AuthorStats::last.lt(at)).count(db)?), (1, 0));
    }

    fn nullable_columns(db) {
        let blog = blog::write(db)?;
        Post::update().set(Post::published, false).all_rows().execute(db)?;
        db.create_all(&views())?;
        let bob = AuthorStats::select().filter(AuthorStats::author_id.eq(blog.bob.id)).one(db)?;
        assert_eq!((bob.posts, bob.longest), (1, None));
        assert_eq!(AuthorStats::select().filter(AuthorStats::longest.is_null()).count(db)?, 2);
        assert_eq!(AuthorStats::select().columns(coalesce(AuthorStats::longest, 0)).all(db)?, [0, 0]);
    }

    fn inner_joins_with_tables(db) {
        let blog = blog::write(db)?;
        db.create_all(&views())?;
        let query = AuthorStats::select()
            .inner_join(User::on(User::id.eq(AuthorStats::author_id)))
            .filter(User::age.is_not_null());
        let rows: Vec<(AuthorStats, User)> = query.all(db)?;
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].0.posts, &rows[0].1), (2, &blog.ann));
        let columns = User::select()
            .inner_join(AuthorStats::on(AuthorStats::author_id.eq(User::id)))
            .columns((User::name, AuthorStats::posts))
            .order_by(AuthorStats::posts);
        assert_sql!(columns, both: concat!(
            r#"select "users"."name", "author_stats"."posts" from "users" "#,
            r#"inner join "author_stats" on "author_stats"."author_id" = "users"."id" order by "author_stats"."posts""#
        ));
        assert_eq!(columns.all(db)?, [("Bob".to_owned(), 1), ("Ann".to_owned(), 2)]);
    }

    /// The side of the view is absent, and so are its columns.
    fn left_joins_with_tables(db) {
        blog::write(db)?;
        db.create_all(&views())?;
        let rows: Vec<(User, Option<AuthorStats>)> = User::select()
            .left_join(AuthorStats::on(AuthorStats::author_id.eq(User::id)))
            .order_by(User::name)
            .all(db)?;
        assert_eq!(counted(&rows), [("Ann", Some(2)), ("Bob", Some(1)), ("Cleo", None)]);
        let lines: Vec<Line> = User::select()
            .left_join(AuthorStats::on(AuthorStats::author_id.eq(User::id).and(AuthorStats::posts.gt(1))))
            .columns(LineColumns { name: User::name, posts: AuthorStats::posts })
            .order_by(User::name)
            .all(db)?;
        let line = |name: &str, posts| Line { name: name.to_owned(), posts };
        assert_eq!(lines, [line("Ann", Some(2)), line("Bob", None), line("Cleo", None)]);
        let stats: Vec<(AuthorStats, Option<User>)> = AuthorStats::select()
            .left_join(User::on(User::id.eq(AuthorStats::author_id).and(User::age.is_null())))
            .order_by(AuthorStats::posts)
            .all(db)?;
        assert_eq!(stats.iter().map(|(_, user)| user.is_some()).collect::<Vec<_>>(), [true, false]);
    }

    fn aggregates_over_a_view(db) {
        blog::write(db)?;
        db.create_all(&views())?;
        let totals = AuthorStats::select().columns((count_all(), sum(AuthorStats::posts), max(AuthorStats::longest)));
        assert_sql!(
            totals,
            postgres: concat!(
                r#"select count(*), cast(sum("author_stats"."posts") as bigint), "#,
                r#"max("author_stats"."longest") from "author_stats""#
            ),
            sqlite: r#"select count(*), sum("author_stats"."posts"), max("author_stats"."longest") from "author_stats""#,
        );
        assert_eq!(totals.one(db)?, (2, Some(3), Some(30)));
        let seats = Seat::select()
            .group_by(Seat::group_id)
            .columns((Seat::group_id, count(Seat::rank), max(Seat::rank)))
            .order_by(Seat::group_id);
        assert_eq!(seats.all(db)?, [(1, 1, Some(1)), (2, 1, Some(2))]);
    }

    fn aliases(db) {
        let blog = blog::write(db)?;
        db.create_all(&views())?;
        let other = AuthorStats::alias::<Other>();
        let query = AuthorStats::select()
            .inner_join(other.on(other.posts.gt(AuthorStats::posts)))
            .columns((AuthorStats::author_id, other.row()));
        let rows = query.all(db)?;
        assert_eq!(rows.len(), 1);
        assert_eq!((rows[0].0, rows[0].1.author_id), (blog.bob.id, blog.ann.id));
        assert_eq!(other.select().filter(other.posts.lt(2)).columns(other.author_id).all(db)?, [blog.bob.id]);
    }

    fn counts_pages_and_streams(db) {
        let blog = blog::write(db)?;
        db.create_all(&views())?;
        assert_eq!(AuthorStats::select().count(db)?, 2);
        assert_eq!(Seat::select().filter(Seat::senior).count(db)?, 2);
        let page = AuthorStats::select().order_by(AuthorStats::posts).limit(1).offset(1).all(db)?;
        assert_eq!(page.iter().map(|stats| stats.author_id).collect::<Vec<_>>(), [blog.ann.id]);
        let posts: Result<Vec<i64>, Error> = AuthorStats::select()
            .order_by(AuthorStats::posts)
            .stream(db)
            .map(|row| row.map(|stats| stats.posts))
            .collect();
        assert_eq!(posts?, [1, 2]);
    }

    /// `primary_key` says which columns find a row, and which one is NULL where a left join found none.
    fn rows_by_a_key(db) {
        let blog = blog::write(db)?;
        db.create_all(&views())?;
        let query = Seat::find((blog.bob.id, 1));
        assert_sql!(query, both: concat!(
            r#"select "seat"."rank", "seat"."user_id", "seat"."group_id", "seat"."senior" from "seat" "#,
            r#"where "seat"."user_id" = $1 and "seat"."group_id" = $2"#
        ));
        let seat = Seat { rank: None, user_id: blog.bob.id, group_id: 1, senior: true };
        assert_eq!(query.one(db)?, seat);
        assert_eq!(Seat::find((blog.cleo.id, 1)).optional(db)?, None);
        let rows: Vec<(User, Option<Seat>)> =
            User::select().left_join(Seat::on(Seat::user_id.eq(User::id))).filter(User::name.ne("Ann")).order_by(User::name).all(db)?;
        assert_eq!(rows, [(blog.bob, Some(seat)), (blog.cleo, None)]);
    }

    fn names_and_queries_of_each_database(db) {
        blog::write(db)?;
        db.create_all(&views())?;
        let query = PostCounts::find(1);
        assert_sql!(query, both: concat!(
            r#"select "post ""counts"""."How Many", "post ""counts"""."roles" from "post ""counts""" "#,
            r#"where "post ""counts"""."How Many" = $1"#
        ));
        assert_eq!(query.one(db)?, PostCounts { how_many: 1, roles: Some("member".to_owned()) });
    }

    fn relations_from_and_to_views(db) {
        blog::write(db)?;
        db.create_all(&views())?;
        let users = User::select().with(User::stats).order_by(User::name).all(db)?;
        let posts: Vec<Option<i64>> = users.iter().map(|user| user.stats().map(|stats| stats.posts)).collect();
        assert_eq!(posts, [Some(2), Some(1), None]);
        let stats = AuthorStats::select()
            .with(AuthorStats::author)
            .with(AuthorStats::written.order_by(Post::id))
            .order_by(AuthorStats::posts)
            .all(db)?;
        let read: Vec<(&str, usize)> =
            stats.iter().map(|stats| (stats.author().name.as_str(), stats.written().len())).collect();
        assert_eq!(read, [("Bob", 1), ("Ann", 2)]);
        let shape = |name: &str, posts| Shape { posts, author: Named { name: name.to_owned() } };
        let shapes = AuthorStats::select().rows_as::<Shape>().order_by(AuthorStats::posts).all(db)?;
        assert_eq!(shapes, [shape("Bob", 1), shape("Ann", 2)]);
        let busy = User::select().filter(User::stats.any(AuthorStats::posts.gt(1))).columns(User::name);
        assert_eq!(busy.all(db)?, ["Ann"]);
    }

    /// PostgreSQL stores the rows until the next refresh; SQLite runs the query each time.
    fn materialized_views(db) {
        blog::write(db)?;
        db.create_all(&views())?;
        let words = || WordTotal::select().columns(WordTotal::words).one(db);
        assert_eq!(words()?, Some(60));
        Post::update().set(Post::words, Post::words + 1).all_rows().execute(db)?;
        assert_eq!(words()?, either!(db, postgres: Some(60), sqlite: Some(63)));
        WordTotal::refresh(db)?;
        assert_eq!(words()?, Some(63));
        Post::delete().all_rows().execute(db)?;
        WordTotal::refresh(db)?;
        assert_eq!(words()?, None);
    }

    /// What the query gives is not known when the program is compiled.
    fn a_null_where_the_struct_says_there_is_none(db) {
        #[derive(Debug, View)]
        #[view(name = "faulty", as = "select title, nullif(words, 10) as words from posts")]
        struct Faulty {
            title: String,
            words: i32,
        }
        schema! { fn faulty() = [Faulty] }
        blog::write(db)?;
        db.create_all(&faulty())?;
        assert_eq!(Faulty::select().filter(Faulty::words.is_not_distinct_from(20)).one(db)?.title, "A2");
        let error = Faulty::select().all(db).expect_err("the first has no words");
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains("column `words`") && error.to_string().contains("of `faulty`"), "{error}");
    }

    fn a_view_that_only_the_other_database_has(db) {
        let (name, schema) = either!(db, postgres: ("only_sqlite", sqlite_only()), sqlite: ("only_postgres", postgres_only()));
        let error = db.create_all(&schema).expect_err("the view has no query for this database");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().ends_with(&format!("the view `{name}`, which has no query for it")), "{error}");
        db.create_all(&either!(db, postgres: postgres_only(), sqlite: sqlite_only()))?;
    }

    /// Nothing is left if the query of a view is refused.
    fn a_query_that_is_refused(db) {
        #[derive(View)]
        #[view(name = "fine", as = "select 1 as one")]
        struct Fine {
            one: i32,
        }
        #[derive(View)]
        #[view(name = "broken", as = "selekt 1 as one")]
        struct Broken {
            one: i32,
        }
        schema! { fn broken() = [Fine, Broken] }
        let _ = (Fine::one, Broken::one);
        let error = db.create_all(&broken()).expect_err("it is no SQL");
        assert_eq!(error.kind(), ErrorKind::InvalidStatement);
        assert!(error.to_string().starts_with(r#"create view "broken" as"#), "{error}");
        assert_eq!(Fine::select().count(db).expect_err("it was not created").kind(), ErrorKind::InvalidStatement);
    }
}

#[derive(View)]
#[view(name = "only_postgres", postgres = "select 1 as one")]
struct PostgresOnly {
    one: i32,
}

#[derive(View)]
#[view(name = "only_sqlite", sqlite = "select 1 as one")]
struct SqliteOnly {
    one: i32,
}

schema! { fn postgres_only() = [PostgresOnly] }
schema! { fn sqlite_only() = [SqliteOnly] }

pools::each_pool! {
    async fn refreshed_in_a_transaction(db) {
        db.create_all(&views()).await?;
        let written = |words: i32| async move {
            let id = User::insert().set(User::email, words.to_string()).set(User::name, "x").returning().one(db).await?.id;
            Post::insert_many(&[NewPost::new(id, "x", words, true, Json(Vec::new()))]).execute(db).await
        };
        let words = || WordTotal::select().columns(WordTotal::words).one(db);
        written(5).await?;
        db.transaction(async |tx| {
            Post::update().set(Post::words, 7).all_rows().execute(tx).await?;
            WordTotal::refresh(tx).await
        })
        .await?;
        assert_eq!(words().await?, Some(7));
        let undone: Result<(), Error> = db
            .transaction(async |tx| {
                Post::delete().all_rows().execute(tx).await?;
                WordTotal::refresh(tx).await?;
                assert_eq!(WordTotal::select().columns(WordTotal::words).one(tx).await?, None);
                Err(Error::Unsupported { feature: "going on".into(), dialect: "the test" })
            })
            .await;
        assert!(undone.is_err());
        assert_eq!(words().await?, Some(7));
        written(3).await?;
        WordTotal::refresh(db).await?;
        assert_eq!(words().await?, Some(10));
    }
}

#[test]
fn descriptions() {
    let view = |name: &str| everything().table(name).and_then(|table| table.view).copied();
    assert_eq!(view("users"), None);
    let query = "select sum(words) as words from posts";
    let total = ViewDef { postgres: Some(query), sqlite: Some(query), materialized: true };
    assert_eq!(view("word_total"), Some(total));
    let counts = view("post \"counts\"").expect("it is a view");
    assert!(counts.postgres.is_some_and(|query| query.contains("string_agg")));
    assert!(counts.sqlite.is_some_and(|query| query.contains("group_concat")));
    assert!(!counts.materialized);
    let seat = everything().table("seat").expect("it has the struct's name");
    assert_eq!(seat.primary_key, ["user_id", "group_id"]);
    let nullable: Vec<&str> = seat.columns.iter().filter(|column| column.nullable).map(|column| column.name).collect();
    assert_eq!(nullable, ["rank"]);
}

/// Wherever views stand in a schema, they are created after all tables, and their enums are types of the schema.
#[test]
fn views_are_created_after_tables() {
    let statements = orm_core::ddl::create_statements(&everything(), &orm::postgres::Postgres);
    let words = |statement: &String| statement.split(" (").next()?.split(" as").next().map(str::to_owned);
    let named: Vec<String> =
        statements.iter().filter_map(words).filter(|words| !words.starts_with("create index")).collect();
    assert_eq!(
        named,
        [
            r#"create type "user_role""#,
            r#"create table "users""#,
            r#"create table "posts""#,
            r#"create table "groups""#,
            r#"create table "memberships""#,
            r#"create view "author_stats""#,
            r#"create view "post ""counts""""#,
            r#"create view "role_counts""#,
            r#"create materialized view "word_total""#,
            r#"create view "seat""#,
        ]
    );
    let plain = orm_core::ddl::create_statements(&everything(), &orm::sqlite::Sqlite);
    assert!(plain.contains(&"create view \"word_total\" as\nselect sum(words) as words from posts".to_owned()));
}

macro_rules! check_roles {
    ($db:expr) => {{
        let db = $db;
        blog::write(db)?;
        User::update().set(User::role, Role::Owner).filter(User::name.eq("Ann")).execute(db)?;
        let members = RoleCounts::select().filter(RoleCounts::the_role.eq(Role::Member));
        assert_sql!(members, both: concat!(
            r#"select "role_counts"."theRole", "role_counts"."members" from "role_counts" "#,
            r#"where "role_counts"."theRole" = $1"#
        ));
        assert_eq!(members.all(db)?, [RoleCounts { the_role: Role::Member, members: 2 }]);
        let users = User::select().inner_join(RoleCounts::on(RoleCounts::the_role.eq(User::role)));
        let users = users.filter(RoleCounts::members.eq(1)).columns((User::name, RoleCounts::the_role));
        assert_eq!(users.all(db)?, [("Ann".to_owned(), Role::Owner)]);
    }};
}

/// In one schema with the tables, so that the type is made once.
#[test]
fn columns_of_enums() -> Result<(), Error> {
    let db = orm::sqlite::Connection::open_in_memory()?;
    db.create_all(&everything())?;
    check_roles!(&db);
    check_roles!(&support::postgres::Database::new(&everything()));
    Ok(())
}
