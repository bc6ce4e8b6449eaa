//! Writing through relations: rows together with those that belong to them, and members of relations of many to many.

#[path = "support/blog.rs"]
mod blog;
#[path = "support/harness.rs"]
mod support;

use orm::{ErrorKind, prelude::*};
use support::*;

/// A new post, whose author is filled in.
fn post(title: &str) -> NewPost {
    NewPost::new(Uuid::nil(), title, 1, true, Json(Vec::new()))
}

/// The names of the groups of a user, in order.
macro_rules! groups {
    ($db:expr, $user:expr) => {
        Group::select()
            .filter(Group::members.any(User::id.eq($user.id)))
            .columns(Group::name)
            .order_by(Group::name)
            .all($db)?
            .join(" ")
    };
}

each_dialect! {
    fn a_row_with_its_own(db) {
        let ann = User::insert()
            .set(User::email, "ann")
            .set(User::name, "Ann")
            .with_new(User::posts, [post("A1"), post("A2")])
            .with_new(User::groups, [NewGroup::new("readers"), NewGroup::new("writers")])
            .returning()
            .one(db)?;
        let posts = Post::select().columns((Post::author_id, Post::title)).order_by(Post::id).all(db)?;
        assert_eq!(posts, [(ann.id, "A1".to_owned()), (ann.id, "A2".to_owned())]);
        assert_eq!(groups!(db, ann), "readers writers");
        // The other columns of the table between have their defaults.
        assert_eq!(Membership::select().columns(Membership::rank).all(db)?, [0, 0]);

        let inserted = User::insert().set(User::email, "bob").set(User::name, "Bob").with_new(User::posts, [post("B1")]).execute(db)?;
        assert_eq!(inserted, 2);
        let none: [NewPost; 0] = [];
        let inserted = User::insert().set(User::email, "cleo").set(User::name, "Cleo").with_new(User::posts, none).execute(db)?;
        assert_eq!(inserted, 1);
    }

    fn several_rows_with_their_own(db) {
        let users = User::insert_graphs([
            user("a", "Ann").with_new(User::posts, [post("A1"), post("A2")]),
            user("b", "Bob").with_new(User::posts, []),
            user("c", "Cleo").with_new(User::posts, [post("C1")]),
        ])
        .all(db)?;
        let posts: Vec<Vec<String>> = User::posts.columns(Post::title).order_by(Post::id).load_into(&users, db)?;
        assert_eq!(posts, [vec!["A1", "A2"], vec![], vec!["C1"]]);
        assert_eq!(users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["Ann", "Bob", "Cleo"]);
    }

    fn rows_below_rows(db) {
        // Readers have two new members, one of whom has a post.
        let members = [
            user("a", "Ann").with_new(User::posts, [post("A1")]),
            user("b", "Bob").with_new(User::posts, []),
        ];
        let inserted = Group::insert().set(Group::name, "readers").with_new(Group::members, members).execute(db)?;
        // The group, two users, two memberships, one post.
        assert_eq!(inserted, 6);
        let group = Group::select().with(Group::members.order_by(User::name).with(User::posts)).one(db)?;
        let read: Vec<(&str, usize)> = group.members().iter().map(|user| (user.name.as_str(), user.posts().len())).collect();
        assert_eq!(read, [("Ann", 1), ("Bob", 0)]);
    }

    fn many_rows_belong_to_one(db) {
        let posts = (0..300).map(|number| post(&number.to_string()));
        let ann = User::insert().set(User::email, "a").set(User::name, "Ann").with_new(User::posts, posts).returning().one(db)?;
        assert_eq!(User::find(ann.id).columns(User::posts.count()).one(db)?, 300);
    }

    fn all_or_nothing(db) {
        let groups = [NewGroup::new("readers"), NewGroup::new("readers")];
        let Err(error) = User::insert()
            .set(User::email, "a")
            .set(User::name, "Ann")
            .with_new(User::posts, [post("A1")])
            .with_new(User::groups, groups)
            .execute(db)
        else {
            panic!("two groups have one name");
        };
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert!(error.violates(Group::name));
        assert_eq!((User::select().count(db)?, Post::select().count(db)?), (0, 0));
    }

    fn members(db) {
        let blog = blog::write(db)?;
        let all = Group::select().order_by(Group::id).all(db)?;
        assert_eq!(User::groups.connect(&blog.cleo, &all).execute(db)?, 3);
        assert_eq!(groups!(db, blog.cleo), "nobody readers writers");
        // Who is a member stays one, as it is.
        assert_eq!(User::groups.connect(&blog.ann, &[1, 2, 3]).execute(db)?, 1);
        let ranks = Membership::select().filter(Membership::user_id.eq(blog.ann.id)).order_by(Membership::group_id);
        assert_eq!(ranks.columns(Membership::rank).all(db)?, [1, 2, 0]);

        assert_eq!(User::groups.disconnect(&blog.ann.id, &[&all[0], &all[2]]).execute(db)?, 2);
        assert_eq!(groups!(db, blog.ann), "writers");
        assert_eq!(groups!(db, blog.bob), "readers");

        assert_eq!(User::groups.replace(&blog.ann, &[2, 3]).execute(db)?, 1);
        assert_eq!(groups!(db, blog.ann), "nobody writers");
        let nobody: [i64; 0] = [];
        assert_eq!(User::groups.replace(&blog.ann, &nobody).execute(db)?, 2);
        assert_eq!(groups!(db, blog.ann), "");
        assert_eq!(groups!(db, blog.cleo), "nobody readers writers");

        let Err(error) = User::groups.connect(&blog.ann, &[1, 99]).execute(db) else { panic!("there is no such group") };
        assert_eq!(error.kind(), ErrorKind::ForeignKeyViolation);
        assert_eq!(groups!(db, blog.ann), "");
        // From the other side.
        assert_eq!(Group::members.connect(&2, &[blog.bob.id]).execute(db)?, 1);
        assert_eq!(groups!(db, blog.bob), "readers writers");
    }
}
