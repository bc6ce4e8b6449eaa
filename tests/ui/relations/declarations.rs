#[path = "../schema.rs"]
mod schema;

use schema::*;

relations! {
    User {
        posts: many(Posts), //~
        events: many(Event) on(id = kind), //~
        late_events: many(Event) on(name = at), //~
        kinds: many(Event) on(name = kinds), //~
        words: many(Post) filter(Comment::text.eq("a")), //~
        long: many(Post) filter(Post::words), //~
    }
}

fn main() {}
