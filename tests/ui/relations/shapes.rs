#[path = "../schema.rs"]
mod schema;

use schema::*;

relations! {
    User { posts: many(Post), groups: many(Group) through(Membership) }
    Post { author: one(User), comments: many(Comment) }
    Comment { post: one(Post) }
    Employee { manager: optional(Employee) via manager_id }
}

#[derive(Row)]
#[row(of = Post)]
struct Title {
    title: String,
}

#[derive(Row)]
#[row(of = User)]
struct Name {
    name: String,
}

#[derive(Row)]
#[row(of = Employee)]
struct Boss {
    name: String,
}

#[derive(Row)]
#[row(of = Comment)]
struct Comments {
    text: String,
}

struct Plain {
    name: String,
}

#[derive(Row)]
#[row(of = User)]
struct Types {
    name: i64, //~
    age: i32, //~
    #[row(column = User::email)] //~
    mail: Option<i32>,
}

#[derive(Row)]
#[row(of = User)]
struct Columns {
    nickname: String, //~
    #[row(column = Post::title)] //~
    title: String,
    #[row(column = User::nickname)] //~
    called: String,
}

#[derive(Row)]
#[row(of = User)]
struct Relations {
    #[row(relation = User::posts)]
    one: Title, //~
    #[row(relation = User::posts)]
    optional: Option<Title>, //~
    #[row(relation = User::posts)] //~
    other_table: Vec<Name>,
    #[row(relation = User::friends)] //~
    missing: Vec<Name>,
    #[row(relation = Post::comments)] //~
    of_posts: Vec<Comments>,
    #[row(relation = User::name)] //~
    column: Vec<Title>,
}

#[derive(Row)]
#[row(of = Employee)]
struct Optional {
    #[row(relation = Employee::manager)]
    one: Boss, //~
    #[row(relation = Employee::manager)]
    many: Vec<Boss>, //~
}

#[derive(Row)]
#[row(of = Post)]
struct Conditions {
    #[row(relation = Post::author, filter = User::age.gt(1))]
    filtered: Name, //~
    #[row(relation = Post::author, filter = Comment::text.eq("a"))] //~
    elsewhere: Option<Name>,
    #[row(relation = Post::author, filter = User::age)] //~
    not_a_condition: Option<Name>,
    #[row(relation = Post::author, order_by = Comment::id)] //~
    ordered: Name,
    #[row(relation = Post::author, limit = "many")] //~
    limited: Name,
}

fn of_other_tables(db: &Connection) {
    let _ = Post::select().rows_as::<Name>().all(db); //~
    let _ = User::select().with(User::posts.rows_as::<Name>()).all(db); //~
    let _ = User::select().rows_as::<Plain>(); //~
    let _ = User::select().columns(User::name).rows_as::<Name>().all(db); //~
    let _ = User::select().rows_as::<Name>().filter(Post::id.eq(1)).all(db); //~
}

fn main() {}
