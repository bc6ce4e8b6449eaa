#[path = "../schema.rs"]
mod schema;

use schema::*;

fn kept_after_the_closure(db: &Connection) -> Result<(), orm::Error> {
    let mut kept = None;
    db.transaction(|tx| {
        kept = Some(tx); //~
        Ok::<_, orm::Error>(())
    })?;
    drop(kept);
    Ok(())
}

fn main() {}
