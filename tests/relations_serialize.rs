//! Rows with relations as JSON: nested under their names.

use orm::prelude::*;
use serde::Serialize;
use serde_json::json;

#[derive(Debug, Clone, PartialEq, Table, Serialize)]
#[table(name = "authors")]
struct Author {
    #[column(primary_key)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Table, Serialize)]
#[table(name = "books")]
struct Book {
    #[column(primary_key)]
    id: i64,
    #[column(references = Author::id)]
    #[serde(skip)]
    author_id: i64,
    title: Option<String>,
}

relations! {
    Author { books: many(Book) }
    Book { author: one(Author) }
}
schema! { fn schema() = [Author, Book] }

#[derive(Serialize, Row)]
#[row(of = Author)]
struct Shelf {
    name: String,
    #[row(relation = Author::books, order_by = Book::id)]
    books: Vec<Title>,
}

#[derive(Serialize, Row)]
#[row(of = Book)]
struct Title {
    title: Option<String>,
}

fn library() -> Result<orm::sqlite::Connection, orm::Error> {
    let db = orm::sqlite::Connection::open_in_memory()?;
    db.create_all(&schema())?;
    Author::insert_many(&[NewAuthor::new(1, "Ann"), NewAuthor::new(2, "Bob")]).execute(&db)?;
    Book::insert_many(&[NewBook { title: Some("One".to_owned()), ..NewBook::new(1, 1) }, NewBook::new(2, 1)])
        .execute(&db)?;
    Ok(db)
}

#[test]
fn relations_are_nested_under_their_names() -> Result<(), orm::Error> {
    let db = library()?;
    let authors = Author::select()
        .extra("count", Author::books.count())
        .with(Author::books.order_by(Book::id).with(Book::author).extra("shouted", Book::title.upper()))
        .order_by(Author::id)
        .all(&db)?;
    let ann = json!({ "id": 1, "name": "Ann" });
    assert_eq!(
        serde_json::to_value(&authors).expect("rows are JSON"),
        json!([
            {
                "id": 1,
                "name": "Ann",
                "count": 2,
                "books": [
                    { "id": 1, "title": "One", "shouted": "ONE", "author": ann },
                    { "id": 2, "title": null, "shouted": null, "author": ann },
                ],
            },
            { "id": 2, "name": "Bob", "count": 0, "books": [] },
        ])
    );
    Ok(())
}

#[test]
fn shapes_are_what_they_say() -> Result<(), orm::Error> {
    let db = library()?;
    let shelves = Author::select().rows_as::<Shelf>().order_by(Author::id).all(&db)?;
    assert_eq!(
        serde_json::to_value(&shelves).expect("rows are JSON"),
        json!([
            { "name": "Ann", "books": [{ "title": "One" }, { "title": null }] },
            { "name": "Bob", "books": [] },
        ])
    );
    Ok(())
}
