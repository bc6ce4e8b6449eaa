//! A schema, a few rows, and questions about them: everything in one page.

use orm::{prelude::*, sqlite::Connection};

/// The struct is the row. The derive adds the columns (`User::email`), `NewUser` and `UserChanges`.
#[derive(Debug, Table)]
struct User {
    #[column(primary_key, auto_increment)]
    id: i64,
    #[column(unique)]
    email: String,
    name: String,
    age: Option<i32>,
}

#[derive(Debug, Table)]
#[table(index(author_id))]
struct Post {
    #[column(primary_key, auto_increment)]
    id: i64,
    #[column(references = User::id, on_delete = cascade)]
    author_id: i64,
    title: String,
    #[column(default = now())]
    created_at: DateTime<Utc>,
}

schema! { fn schema() = [User, Post] }

fn main() -> Result<(), orm::Error> {
    let db = Connection::open_in_memory()?;
    db.create_all(&schema())?;

    // Leaving out a required column, such as the name, does not compile.
    let ann: User = User::insert().set(User::email, "ann@example.com").set(User::name, "Ann").returning().one(&db)?;
    Post::insert().set(Post::author_id, ann.id).set(Post::title, "Hello").execute(&db)?;

    // Many rows at once; those that are there already are changed.
    let users = [
        NewUser { age: Some(31), ..NewUser::new("ann@example.com", "Anna") },
        NewUser { age: Some(17), ..NewUser::new("bob@example.com", "Bob") },
    ];
    User::insert_many(&users)
        .on_conflict(User::email)
        .update((User::name.set_to_excluded(), User::age.set_to_excluded()))
        .execute(&db)?;

    let adults: Vec<User> = User::select().filter(User::age.ge(18)).order_by(User::name).all(&db)?;
    println!("Adults: {adults:?}");

    // The right side of a left join is an `Option`, because there may be none.
    let posts: Vec<(User, Option<Post>)> =
        User::select().left_join(Post::on(Post::author_id.eq(User::id))).order_by(User::name).all(&db)?;
    for (user, post) in &posts {
        println!("{}: {}", user.name, post.as_ref().map_or("nothing yet", |post| &post.title));
    }

    // A column that is neither grouped nor aggregated does not compile.
    let counts: Vec<(String, i64)> = User::select()
        .left_join(Post::on(Post::author_id.eq(User::id)))
        .group_by(User::id)
        .columns((User::name, count(Post::id)))
        .order_by(User::name)
        .all(&db)?;
    println!("Posts: {counts:?}");

    User::update().set(User::age, User::age + 1).filter(User::name.eq("Bob")).execute(&db)?;
    User::delete().filter(User::id.eq(ann.id)).execute(&db)?;
    println!("{} users and {} posts are left", User::select().count(&db)?, Post::select().count(&db)?);
    Ok(())
}
