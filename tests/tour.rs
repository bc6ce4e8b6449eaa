//! The tour of the design, as written.

#[path = "support/harness.rs"]
mod support;

use orm::prelude::*;
use support::*;

#[derive(Debug, PartialEq, Row)]
struct Activity {
    name: String,
    posts: i64,
    last: Option<DateTime<Utc>>,
}

each_dialect! {
    fn select(db) {
        let ann: User = User::insert()
            .set(User::email, "ann@example.com")
            .set(User::name, "Ann")
            .returning()
            .one(db)?;
        assert_eq!(ann.role, Role::Member);
        let name = Some("Ann");
        let adults: Vec<User> = User::select()
            .filter(User::age.ge(18))
            .filter(name.map(|n| User::name.eq(n)))
            .order_by((User::name.asc(), User::id.desc()))
            .limit(20)
            .all(db)?;
        assert_eq!(adults, []);
        assert_eq!(User::find(ann.id).one(db)?, ann);
        assert_eq!(User::select().filter(User::email.eq("ann@example.com")).optional(db)?, Some(ann.clone()));
        assert_eq!(User::select().filter(User::role.eq(Role::Owner)).count(db)?, 0);
        assert!(User::select().exists(db)?);
    }

    fn joins(db) {
        let ann = User::insert().set(User::email, "a").set(User::name, "Ann").returning().one(db)?;
        User::insert().set(User::email, "b").set(User::name, "Bob").execute(db)?;
        let post = Post::insert()
            .set(Post::author_id, ann.id)
            .set(Post::title, "T")
            .set(Post::words, 5)
            .set(Post::published, true)
            .set(Post::tags, Json(vec!["x".to_owned()]))
            .returning()
            .one(db)?;
        let rows: Vec<(User, Option<Post>)> =
            User::select().left_join(Post::on(Post::author_id.eq(User::id))).order_by(User::name).all(db)?;
        assert_eq!(rows[0].1, Some(post));
        assert_eq!(rows[1].1, None);
        let rows: Vec<(String, Option<String>)> = User::select()
            .left_join(Post::on(Post::author_id.eq(User::id).and(Post::published.eq(true))))
            .columns((User::name, Post::title))
            .order_by(User::name)
            .all(db)?;
        assert_eq!(rows, [("Ann".into(), Some("T".into())), ("Bob".into(), None)]);
        let busy: Vec<(String, i64)> = User::select()
            .inner_join(Post::on(Post::author_id.eq(User::id)))
            .group_by(User::id)
            .having(count(Post::id).gt(0))
            .columns((User::name, count(Post::id)))
            .all(db)?;
        assert_eq!(busy, [("Ann".into(), 1)]);
        let rows: Vec<Activity> = User::select()
            .left_join(Post::on(Post::author_id.eq(User::id)))
            .group_by(User::id)
            .columns(ActivityColumns { name: User::name, posts: count(Post::id), last: max(Post::created_at) })
            .order_by(User::name)
            .all(db)?;
        assert_eq!(rows[1], Activity { name: "Bob".into(), posts: 0, last: None });
        let manager = Employee::alias::<Manager>();
        let pairs: Vec<(String, Option<String>)> = Employee::select()
            .left_join(manager.on(manager.id.eq(Employee::manager_id)))
            .columns((Employee::name, manager.name))
            .all(db)?;
        assert_eq!(pairs, []);
        let mut q = User::select().dynamic();
        for word in ["A", "n"] {
            q = q.filter(User::name.contains(word));
        }
        assert_eq!(q.all(db)?.len(), 1);
        let names: Result<Vec<User>, orm::Error> = User::select().stream(db).collect();
        assert_eq!(names?.len(), 2);
    }

    fn writes(db) {
        let new_users = [NewUser::new("a", "A"), NewUser { age: Some(3), ..NewUser::new("b", "B") }];
        assert_eq!(User::insert_many(&new_users).execute(db)?, 2);
        assert_eq!(
            User::insert_many(&new_users)
                .on_conflict(User::email)
                .update((User::name.set_to_excluded(), User::role.set(Role::Member)))
                .execute(db)?,
            2
        );
        let id = User::select().filter(User::email.eq("b")).one(db)?.id;
        let changed: u64 = User::update().set(User::age, User::age + 1).filter(User::id.eq(id)).execute(db)?;
        assert_eq!(changed, 1);
        assert_eq!(User::find(id).one(db)?.age, Some(4));
        User::update()
            .changes(&UserChanges { name: Some("Anna".into()), ..Default::default() })
            .filter(User::id.eq(id))
            .execute(db)?;
        assert_eq!(User::find(id).one(db)?.name, "Anna");
        User::delete().filter(User::id.eq(id)).execute(db)?;
        assert_eq!(User::select().count(db)?, 1);
    }
}
