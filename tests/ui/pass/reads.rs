//! Everything a query can read.

#[path = "../schema.rs"]
mod tables;

use tables::*;

#[derive(Debug, PartialEq, Row)]
struct Activity {
    name: String,
    posts: i64,
    words: Option<i64>,
    role: Option<Role>,
}

#[derive(Debug, PartialEq, Row)]
struct Written {
    author: User,
    post: Option<Post>,
    comment: Option<String>,
}

schema! { fn schema() = [User, Post, Comment, Group, Membership, Employee] }

fn joins(db: &Connection) -> Result<(), orm::Error> {
    let posts = || Post::on(Post::author_id.eq(User::id));
    let _: Vec<(User, Post)> = User::select().inner_join(posts()).all(db)?;
    let _: Vec<(User, Option<Post>)> = User::select().left_join(posts()).all(db)?;
    let _: Vec<(Option<User>, Post)> = User::select().right_join(posts()).all(db)?;
    let _: Vec<(Option<User>, Option<Post>)> = User::select().full_join(posts()).all(db)?;
    let _: Vec<(User, Post)> = User::select().cross_join::<Post>().filter(Post::words.gt(0)).all(db)?;
    let _: Vec<(User, Option<Post>, Option<Comment>)> = User::select()
        .left_join(posts())
        .left_join(Comment::on(Comment::post_id.eq(Post::id).and(Comment::text.ne(User::name))))
        .all(db)?;
    let _: Vec<(Option<User>, Option<Post>, Comment)> =
        User::select().inner_join(posts()).right_join(Comment::on(Comment::post_id.eq(Post::id))).all(db)?;
    let _: Vec<Written> = User::select()
        .left_join(posts())
        .left_join(Comment::on(Comment::post_id.eq(Post::id)))
        .columns(WrittenColumns { author: User::row(), post: Post::row(), comment: Comment::text })
        .all(db)?;
    let (manager, director) = (Employee::alias::<Manager>(), Employee::alias::<Director>());
    let _: Vec<(String, Option<String>, Option<String>)> = Employee::select()
        .left_join(manager.on(manager.id.eq(Employee::manager_id)))
        .left_join(director.on(director.id.eq(manager.manager_id)))
        .columns((Employee::name, manager.name, director.name))
        .order_by((director.name.desc().nulls_last(), Employee::id))
        .all(db)?;
    let _: Vec<Employee> = manager.select().filter(manager.name.starts_with("A")).all(db)?;
    Ok(())
}

fn groups(db: &Connection) -> Result<(), orm::Error> {
    let _: Vec<(Role, i64)> =
        User::select().group_by(User::role).columns((User::role, count_all())).order_by(count_all().desc()).all(db)?;
    let _: Vec<(Role, Option<i32>, Option<i64>, Option<f64>)> = User::select()
        .group_by((User::role, User::age))
        .having(count_distinct(User::name).gt(1).and(User::age.is_not_null()))
        .columns((User::role, User::age, sum(User::age), avg(User::age)))
        .order_by((User::role, max(User::name)))
        .all(db)?;
    // A column of a table that is grouped by its key has one value in a group.
    let _: Vec<(String, Option<String>, i64)> = User::select()
        .left_join(Post::on(Post::author_id.eq(User::id)))
        .group_by(User::id)
        .having(User::name.ne("").or(count(Post::id).eq(0)))
        .columns((User::name, max(Post::title), count(Post::id)))
        .order_by(User::email)
        .all(db)?;
    let _: Vec<Membership> = Membership::select().group_by((Membership::user_id, Membership::group_id)).all(db)?;
    let _: Vec<i32> =
        Membership::select().group_by((Membership::group_id, Membership::user_id)).columns(Membership::seat).all(db)?;
    let _: Vec<Activity> = User::select()
        .left_join(Post::on(Post::author_id.eq(User::id)))
        .group_by(User::id)
        .columns(ActivityColumns {
            name: User::name,
            posts: count(Post::id),
            words: sum(Post::words),
            role: User::role,
        })
        .all(db)?;
    let (count, longest, mean): (i64, Option<i32>, Option<f64>) =
        Post::select().columns((count_all(), max(Post::words), avg(Post::words))).one(db)?;
    assert_eq!((count, longest, mean), (0, None, None));
    let _: i64 = Post::select().columns(coalesce(sum(Post::words), 0)).one(db)?;
    Ok(())
}

fn expressions(db: &Connection) -> Result<(), orm::Error> {
    let _: Vec<Role> = User::select().columns(User::role).distinct().order_by(User::role).all(db)?;
    let _: Vec<(i32, Option<i32>, String, i64, bool, Option<bool>)> = User::select()
        .columns((
            coalesce(User::age, 0) + 1,
            -(User::age * 2 - 1) / 3,
            User::name.concat(" ").concat(User::email).lower().trim(),
            User::name.upper().length(),
            User::age.is_null(),
            User::age.between(1, User::age + 1),
        ))
        .filter(User::role.eq(Role::Owner).or(User::created_at.lt(now())))
        .filter(not(User::name.like("%a_")).and(User::email.ilike("%@EXAMPLE.com")))
        .filter(User::name.contains("a").or(User::name.ends_with(String::from("b"))))
        .filter(User::age.is_not_distinct_from(None::<i32>).or(User::age.is_distinct_from(Some(1))))
        .filter(User::id.in_list([Uuid::nil()]).and(User::name.in_list(&["Ann", "Bob"])))
        .filter(all((User::age.gt(1), Some(User::age.lt(5)), None.or(Some(User::name.eq("Ann"))))))
        .filter(any(vec![User::age.gt(1), User::age.gt(5)]))
        .order_by((User::age.asc().nulls_first(), User::name.length().desc()))
        .limit(5)
        .offset(1)
        .all(db)?;
    Ok(())
}

fn wide(db: &Connection) -> Result<(), orm::Error> {
    let nested: Vec<((String, (Uuid, Option<i32>)), (String,))> =
        User::select().columns(((User::name, (User::id, User::age)), (User::email,))).all(db)?;
    assert_eq!(nested, []);
    let eight = (User::id, User::email, User::name, User::age, User::role, User::created_at, User::id, User::email);
    let sixteen = (
        User::id,
        User::email,
        User::name,
        User::age,
        User::role,
        User::created_at,
        User::id,
        User::email,
        User::id,
        User::email,
        User::name,
        User::age,
        User::role,
        User::created_at,
        User::id,
        User::email,
    );
    assert_eq!(User::select().columns(eight).all(db)?.len(), 0);
    assert_eq!(User::select().columns(sixteen).count(db)?, 0);
    Ok(())
}

fn main() -> Result<(), orm::Error> {
    let db = Connection::open_in_memory()?;
    db.create_all(&schema())?;
    joins(&db)?;
    groups(&db)?;
    expressions(&db)?;
    wide(&db)
}
