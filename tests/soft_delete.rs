//! Tables whose deleted rows stay, marked: `#[table(soft_delete = ..)]`.

#[path = "support/harness.rs"]
mod support;

use orm::{Error, ErrorKind, prelude::*};
use support::{TestDatabase, assert_sql, each_dialect};

#[derive(Debug, Clone, PartialEq, Table)]
#[table(soft_delete = deleted_at)]
struct Author {
    #[column(primary_key)]
    id: i64,
    #[column(unique)]
    name: String,
    #[column(name = "gone at")]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(soft_delete = removed_at)]
struct Book {
    #[column(primary_key)]
    id: i64,
    #[column(references = Author::id, on_delete = cascade)]
    author_id: i64,
    title: String,
    removed_at: Option<NaiveDateTime>,
    #[column(default = 0, on_update = 7)]
    touched: i32,
}

/// A table without deleted rows.
#[derive(Debug, Clone, PartialEq, Table)]
struct Loan {
    #[column(primary_key)]
    id: i64,
    book_id: i64,
}

schema! { fn library() = [Author, Book, Loan] }

alias!(Other);

fn time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_000_000_000, 0).expect("in range")
}

/// Authors 1, 2 and 3, of whom 2 is deleted. Books 11 and 12 of 1, of which 12 is deleted; 21 of 2; none of 3. A loan of
/// each book.
fn fill(db: &impl TestDatabase) -> Result<(), Error> {
    db.create(&library())?;
    let author = |id, deleted_at| NewAuthor { deleted_at, ..NewAuthor::new(id, format!("author {id}")) };
    Author::insert_many(&[author(1, None), author(2, Some(time())), author(3, None)]).execute(db)?;
    let book = |id, removed_at| NewBook { removed_at, ..NewBook::new(id, id / 10, format!("book {id}")) };
    Book::insert_many(&[book(11, None), book(12, Some(time().naive_utc())), book(21, None)]).execute(db)?;
    Loan::insert_many(&[NewLoan::new(1, 11), NewLoan::new(2, 12), NewLoan::new(3, 21)]).execute(db).map(drop)
}

/// The id of an author or a book, if there is one.
fn id<T>(row: Option<T>, id: impl Fn(&T) -> i64) -> Option<i64> {
    row.as_ref().map(id)
}

each_dialect! {
    /// Whatever a query gives, it gives of the rows that are not deleted.
    fn reads_leave_out_deleted_rows(db) {
        fill(db)?;
        let names = || Author::select().columns(Author::name).order_by(Author::id);
        assert_sql!(
            names(),
            both: r#"select "authors"."name" from "authors" where "authors"."gone at" is null order by "authors"."id""#,
        );
        assert_eq!(names().all(db)?, ["author 1", "author 3"]);
        assert_sql!(
            Author::find(2),
            both: r#"select "authors"."id", "authors"."name", "authors"."gone at" from "authors" where "authors"."id" = $1 and "authors"."gone at" is null"#,
        );
        assert_eq!(Author::find(2).optional(db)?, None);
        assert_eq!(Author::find(2).one(db).map_err(|error| error.kind()), Err(ErrorKind::NotFound));
        assert_eq!(Author::find(1).one(db)?.name, "author 1");
        assert_eq!(Author::select().count(db)?, 2);
        assert!(!Author::select().filter(Author::id.eq(2)).exists(db)?);
        assert_eq!(Author::select().order_by(Author::id.desc()).first(db)?.map(|author| author.id), Some(3));
        assert_eq!(Author::select().stream(db).count(), 2);
        let longest = Author::select().columns(max(Author::id));
        assert_eq!(longest.filter(Author::id.lt(3)).one(db)?, Some(1));
        let other = Author::alias::<Other>();
        assert_sql!(
            other.select().columns(other.id),
            both: r#"select "other"."id" from "authors" as "other" where "other"."gone at" is null"#,
        );
    }

    /// The condition stands beside others, whatever they are.
    fn conditions_of_the_query_stay_together(db) {
        fill(db)?;
        let query = Author::select().columns(Author::id).filter(Author::id.eq(1).or(Author::id.eq(2)));
        assert_sql!(
            query,
            both: r#"select "authors"."id" from "authors" where ("authors"."id" = $1 or "authors"."id" = $2) and "authors"."gone at" is null"#,
        );
        assert_eq!(query.all(db)?, [1]);
        let absent = Author::select().columns(Author::id).filter(None.map(|id: i64| Author::id.eq(id)));
        assert_eq!(absent.count(db)?, 2);
        let dynamic = Author::select().columns(Author::id).filter(Author::id.gt(1)).dynamic().filter(Author::id.lt(9));
        assert_sql!(
            dynamic,
            both: r#"select "authors"."id" from "authors" where ("authors"."id" > $1 and "authors"."gone at" is null) and "authors"."id" < $2"#,
        );
        assert_eq!(dynamic.limit(5).all(db)?, [3]);
    }

    /// `with_deleted` is about every table of the query, and about nothing else of it.
    fn with_deleted(db) {
        fill(db)?;
        let query = Author::select().with_deleted().columns(Author::id).order_by(Author::id);
        assert_sql!(query, both: r#"select "authors"."id" from "authors" order by "authors"."id""#);
        assert_eq!(query.all(db)?, [1, 2, 3]);
        assert_eq!(Author::find(2).with_deleted().one(db)?.deleted_at, Some(time()));
        assert_eq!(Author::select().filter(Author::id.gt(1)).with_deleted().count(db)?, 2);
        let books = Author::select().with_deleted().inner_join(Book::on(Book::author_id.eq(Author::id)));
        assert_eq!(books.count(db)?, 3);
        let loans = || Loan::select().with_deleted().inner_join(Book::on(Book::id.eq(Loan::book_id)));
        assert_eq!(loans().count(db)?, 3);
        assert_eq!(loans().columns(Loan::id).filter(Book::removed_at.is_not_null()).all(db)?, [2]);
    }

    /// An inner join drops what has a deleted partner.
    fn inner_joins(db) {
        fill(db)?;
        let query = || Loan::select().inner_join(Book::on(Book::id.eq(Loan::book_id)));
        assert_sql!(
            query().columns(Loan::id),
            both: r#"select "loans"."id" from "loans" inner join "books" on "books"."id" = "loans"."book_id" and "books"."removed_at" is null"#,
        );
        assert_eq!(query().columns(Loan::id).order_by(Loan::id).all(db)?, [1, 3]);
        let authors = query().inner_join(Author::on(Author::id.eq(Book::author_id))).columns(Loan::id);
        assert_eq!(authors.all(db)?, [1]);
        assert_eq!(Book::select().inner_join(Author::on(Author::id.eq(Book::author_id))).count(db)?, 1);
    }

    /// A left join keeps its left rows: those whose partner is deleted have none.
    fn left_joins(db) {
        fill(db)?;
        let query = || Author::select().left_join(Book::on(Book::author_id.eq(Author::id).and(Book::id.ne(0))));
        assert_sql!(
            query().columns((Author::id, Book::id)).filter(Author::id.gt(0)),
            both: r#"select "authors"."id", "books"."id" from "authors" left join "books" on "books"."author_id" = "authors"."id" and "books"."id" <> $1 and "books"."removed_at" is null where "authors"."id" > $2 and "authors"."gone at" is null"#,
        );
        let rows: Vec<(i64, Option<i64>)> = query().columns((Author::id, Book::id)).order_by(Author::id).all(db)?;
        assert_eq!(rows, [(1, Some(11)), (3, None)]);
        let rows: Vec<(i64, Option<i64>)> = Loan::select()
            .left_join(Book::on(Book::id.eq(Loan::book_id)))
            .columns((Loan::id, Book::id))
            .order_by(Loan::id)
            .all(db)?;
        assert_eq!(rows, [(1, Some(11)), (2, None), (3, Some(21))]);
        let counted = query().group_by(Author::id).columns((Author::id, count(Book::id))).order_by(Author::id);
        assert_eq!(counted.all(db)?, [(1, 1), (3, 0)]);
    }

    /// A right join keeps its right rows: the condition on the left ones is in `on`, that on the right ones in `where`.
    fn right_joins(db) {
        fill(db)?;
        let query = || Author::select().right_join(Book::on(Book::author_id.eq(Author::id)));
        assert_sql!(
            query().columns(Book::id),
            both: r#"select "books"."id" from "authors" right join "books" on "books"."author_id" = "authors"."id" and "authors"."gone at" is null where "books"."removed_at" is null"#,
        );
        let rows: Vec<(Option<i64>, i64)> = query().columns((Author::id, Book::id)).order_by(Book::id).all(db)?;
        assert_eq!(rows, [(Some(1), 11), (None, 21)]);
    }

    /// A full join keeps both: without a condition in both places a deleted row came back as one without partner.
    fn full_joins(db) {
        fill(db)?;
        let query = || Author::select().full_join(Book::on(Book::author_id.eq(Author::id)));
        assert_sql!(
            query().columns(count_all()),
            both: r#"select count(*) from "authors" full join "books" on "books"."author_id" = "authors"."id" and "authors"."gone at" is null and "books"."removed_at" is null where "authors"."gone at" is null and "books"."removed_at" is null"#,
        );
        let rows: Vec<(Option<Author>, Option<Book>)> = query().all(db)?;
        let mut rows: Vec<_> =
            rows.into_iter().map(|(author, book)| (id(author, |author| author.id), id(book, |book| book.id))).collect();
        rows.sort_unstable();
        assert_eq!(rows, [(None, Some(21)), (Some(1), Some(11)), (Some(3), None)]);
    }

    fn cross_joins(db) {
        fill(db)?;
        let query = || Author::select().cross_join::<Book>().columns((Author::id, Book::id));
        assert_sql!(
            query(),
            both: r#"select "authors"."id", "books"."id" from "authors" cross join "books" where "authors"."gone at" is null and "books"."removed_at" is null"#,
        );
        let mut rows = query().all(db)?;
        rows.sort_unstable();
        assert_eq!(rows, [(1, 11), (1, 21), (3, 11), (3, 21)]);
    }

    /// A join whose condition turned out absent is refused as ever, though the deleted rows are a condition.
    fn absent_join_conditions_are_refused(db) {
        fill(db)?;
        let join = Author::select().inner_join(Book::on(None.map(|id: i64| Book::id.eq(id))));
        assert!(matches!(join.all(db), Err(Error::EmptyJoin { table: "books" })));
    }

    /// A delete is an update of the rows that are not deleted yet, with what every update of a row stores.
    fn deletes_mark_rows(db) {
        fill(db)?;
        let delete = || Author::delete().filter(Author::id.le(2));
        assert_sql!(
            delete(),
            postgres: r#"update "authors" set "gone at" = now() where "authors"."id" <= $1 and "authors"."gone at" is null"#,
            sqlite: r#"update "authors" set "gone at" = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') where "authors"."id" <= ?1 and "authors"."gone at" is null"#,
        );
        assert_sql!(
            Book::delete().all_rows(),
            postgres: r#"update "books" set "removed_at" = (now() at time zone 'utc'), "touched" = 7 where "books"."removed_at" is null"#,
            sqlite: r#"update "books" set "removed_at" = strftime('%Y-%m-%dT%H:%M:%f000', 'now'), "touched" = 7 where "books"."removed_at" is null"#,
        );
        assert_eq!(delete().execute(db)?, 1, "one of the two was deleted before");
        assert_eq!(delete().execute(db)?, 0);
        assert_eq!(Author::find(2).with_deleted().one(db)?.deleted_at, Some(time()), "its time is the first one");
        let now = Author::find(1).with_deleted().one(db)?.deleted_at.expect("it is deleted");
        assert!((Utc::now() - now).num_seconds().abs() < 60);
        assert_eq!(Book::select().count(db)?, 2, "nothing follows a row that is still there");
        assert_eq!(Book::delete().all_rows().execute(db)?, 2);
        assert_eq!(Book::select().count(db)?, 0);
        assert_eq!(Book::select().with_deleted().filter(Book::touched.eq(7)).count(db)?, 2);
    }

    fn deletes_give_their_rows(db) {
        fill(db)?;
        let delete = || Author::delete().filter(Author::id.in_list(&[1, 2])).returning();
        assert_sql!(
            delete().columns(Author::id),
            postgres: r#"update "authors" set "gone at" = now() where "authors"."id" = any($1) and "authors"."gone at" is null returning "authors"."id""#,
            sqlite: r#"update "authors" set "gone at" = strftime('%Y-%m-%dT%H:%M:%f000Z', 'now') where "authors"."id" in (select value from json_each(?1)) and "authors"."gone at" is null returning "authors"."id""#,
        );
        let deleted: Author = delete().one(db)?;
        assert!(deleted.id == 1 && deleted.deleted_at.is_some());
        assert_eq!(delete().optional(db)?, None);
        assert_eq!(Author::delete().all_rows().returning().columns(Author::id).all(db)?, [3]);
    }

    /// What a filter that turns out empty means is not changed by the condition that is there by itself.
    fn empty_filters_are_refused(db) {
        fill(db)?;
        let absent = || None.map(|id: i64| Author::id.eq(id));
        let refused = |result: Result<u64, Error>| {
            assert_eq!(result.expect_err("the filter is empty").kind(), ErrorKind::Refused);
        };
        refused(Author::delete().filter(absent()).execute(db));
        refused(Author::hard_delete().filter(absent()).execute(db));
        refused(Author::update().set(Author::name, "x").filter(absent()).execute(db));
        refused(Author::update().set(Author::name, "x").filter(absent()).with_deleted().execute(db));
        assert_eq!(Author::select().count(db)?, 2);
    }

    fn hard_deletes_remove_rows(db) {
        fill(db)?;
        let delete = || Author::hard_delete().filter(Author::deleted_at.is_not_null());
        assert_sql!(delete(), both: r#"delete from "authors" where "authors"."gone at" is not null"#);
        assert_sql!(
            delete().returning().columns(Author::id),
            both: r#"delete from "authors" where "authors"."gone at" is not null returning "authors"."id""#,
        );
        assert_eq!(delete().execute(db)?, 1);
        assert_eq!(Author::select().with_deleted().count(db)?, 2);
        assert_eq!(Book::select().with_deleted().count(db)?, 2, "the books of a row that is gone went with it");
        assert_sql!(Author::hard_delete().all_rows(), both: r#"delete from "authors""#);
        assert_eq!(Author::hard_delete().all_rows().returning().all(db)?.len(), 2);
    }

    /// An update skips deleted rows, and brings them back if it is told that they are meant.
    fn updates_and_restoring(db) {
        fill(db)?;
        let rename = || Author::update().set(Author::deleted_at, None::<DateTime<Utc>>).filter(Author::id.eq(2));
        assert_sql!(
            rename(),
            both: r#"update "authors" set "gone at" = $1 where "authors"."id" = $2 and "authors"."gone at" is null"#,
        );
        assert_eq!(rename().execute(db)?, 0);
        assert_sql!(rename().with_deleted(), both: r#"update "authors" set "gone at" = $1 where "authors"."id" = $2"#);
        let changes = AuthorChanges { name: Some("x".into()), ..AuthorChanges::default() };
        assert_eq!(Author::update().changes(&changes).filter(Author::id.eq(2)).execute(db)?, 0);
        assert_eq!(Author::update().with_deleted().changes(&changes).filter(Author::id.eq(2)).execute(db)?, 1);
        let restored: Author = rename().with_deleted().returning().one(db)?;
        assert_eq!(restored, Author { id: 2, name: "x".into(), deleted_at: None });
        assert_eq!(Author::find(2).one(db)?, restored);
        assert_eq!(Author::update().set(Author::deleted_at, now()).all_rows().execute(db)?, 3);
    }

    /// A unique key counts deleted rows, and so does an upsert: it meets them, and can bring them back.
    fn upserts_meet_deleted_rows(db) {
        fill(db)?;
        let insert = || Author::insert().set(Author::id, 4).set(Author::name, "author 2");
        assert_eq!(insert().execute(db).expect_err("the name is taken").kind(), ErrorKind::UniqueViolation);
        let upsert = || insert().on_conflict(Author::name).update(Author::deleted_at.set(None::<DateTime<Utc>>));
        assert_sql!(
            upsert(),
            both: r#"insert into "authors" ("id", "name") values ($1, $2) on conflict ("name") do update set "gone at" = $3"#,
        );
        assert_eq!(upsert().returning().one(db)?.id, 2);
        assert_eq!(Author::find(2).one(db)?.deleted_at, None);
    }
}
