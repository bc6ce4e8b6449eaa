use orm::prelude::*;

#[derive(Table)]
#[table(
    name = "", //~
    index(emial), //~
    colour = "red" //~
)]
struct User {
    //~
    id: i64,
    #[column(lenght = 255)] //~
    email: String,
    #[column(auto_increment)] //~
    age: Option<i32>,
}

fn used_all_the_same() {
    let _ = User::select().filter(User::email.eq("ann@example.com")).order_by(User::id);
    let _ = User::find(5);
}

fn main() {}
