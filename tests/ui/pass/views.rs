//! Views of every shape, wherever they are declared.

use orm::{dialect::Supports, prelude::*, schema::Schema, sqlite::Connection};

#[derive(Table)]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    pub name: String,
}

mod inner {
    use orm::prelude::*;

    /// Private columns, names of keywords, and those of what tables have beyond views.
    #[derive(Debug, PartialEq, View)]
    #[view(name = "inner users", rename_all = "camelCase", as = "select id as \"type\", name as \"refreshedName\", 1 as new from users")]
    pub(crate) struct Names {
        #[column(primary_key)]
        pub(crate) r#type: i64,
        refreshed_name: Option<String>,
        new: i32,
    }

    impl Names {
        pub(crate) fn name(&self) -> Option<&str> {
            self.refreshed_name.as_deref().filter(|_| self.new == 1)
        }
    }
}

/// A view that is not public, of one column, for one database.
#[derive(View)]
#[view(name = "last", sqlite = "select max(id) as id from users", materialized)]
struct Last {
    id: Option<i64>,
}

relations! {
    User { names: optional(inner::Names) on(id = r#type) }
}

schema! { fn schema() = [inner::Names, User, Last] }

/// Code for every table and view.
fn all<T: Table>(db: &Connection) -> Result<Vec<T>, orm::Error>
where
    orm::sqlite::Sqlite: Supports<orm::dialect::ColumnsOf<T>>,
{
    db.create_all(&Schema::new(&[]))?;
    T::row();
    Ok(Vec::new())
}

fn main() -> Result<(), orm::Error> {
    let db = Connection::open_in_memory()?;
    db.create_all(&schema())?;
    User::insert_many(&[NewUser::new(1, "Ann"), NewUser::new(2, "Bob")]).execute(&db)?;
    let bob = inner::Names::find(2).one(&db)?;
    assert_eq!((bob.r#type, bob.name()), (2, Some("Bob")));
    Last::refresh(&db)?;
    assert_eq!(Last::select().one(&db)?.id, Some(2));
    let users = User::select().with(User::names).order_by(User::id).all(&db)?;
    assert_eq!(users[1].names(), Some(&bob));
    assert!(all::<Last>(&db)?.is_empty() && all::<User>(&db)?.is_empty());
    Ok(())
}
