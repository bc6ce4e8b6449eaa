//! Tables of every shape, wherever they are declared.

use orm::{prelude::*, sqlite::Connection};

/// A private struct with columns named after keywords and after what derives use inside.
#[derive(Debug, PartialEq, Table)]
struct Keyword {
    #[column(primary_key)]
    r#type: i64,
    r#match: Option<String>,
    table: i32,
    column: i32,
    new: i32,
    value: i32,
    out: i32,
    cells: i32,
    at: i32,
    visitor: i32,
    names: i32,
    #[column(name = "select \"from\" where")]
    quoted: bool,
}

mod inner {
    use orm::prelude::*;

    #[derive(Debug, PartialEq, Table)]
    #[table(name = "inner_users")]
    pub(crate) struct User {
        #[column(primary_key)]
        pub(crate) id: i64,
        pub(crate) name: String,
        #[column(references = super::User::id)]
        pub(crate) outer_id: Option<i64>,
    }

    pub(super) mod deeper {
        use orm::prelude::*;

        #[derive(Debug, PartialEq, Table)]
        #[table(name = "deep")]
        pub(in super::super) struct Deep {
            #[column(primary_key, references = super::User::id)]
            pub(in super::super) id: i64,
            pub(super) name: String,
        }

        impl Deep {
            pub(in super::super) fn named(id: i64, name: &str) -> NewDeep {
                NewDeep::new(id, name)
            }
        }
    }
}

#[derive(Debug, PartialEq, Table)]
struct User {
    #[column(primary_key, auto_increment)]
    id: i64,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbType)]
struct SeatNumber(i32);

#[derive(Debug, Clone, PartialEq, Eq, DbType)]
struct Label {
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
enum Colour {
    Red,
    #[db_enum(name = "dark blue")]
    DarkBlue,
}

#[derive(Debug, PartialEq, Table)]
#[table(unique(label, colour), index(expr("lower(label)")), index(unique, colour, filter = "seat > 5"))]
struct Seat {
    #[column(primary_key)]
    line: i16,
    #[column(primary_key)]
    seat: SeatNumber,
    label: Label,
    #[column(default = Colour::DarkBlue)]
    colour: Colour,
    second_colour: Option<Colour>,
}

#[derive(Debug, PartialEq, Table)]
#[table(foreign_key(columns(line, seat), references = Seat(line, seat), on_delete = set_null))]
struct Ticket {
    #[column(primary_key, default = random_uuid())]
    id: Uuid,
    line: Option<i16>,
    seat: Option<SeatNumber>,
    #[column(generated = "coalesce(line, 0) * 100")]
    hundreds: i64,
}

/// Every column has a default.
#[derive(Debug, PartialEq, Table)]
#[table(keyless)]
struct Tick {
    #[column(default = now())]
    at: DateTime<Utc>,
}

schema! {
    fn schema() = [Keyword, User, inner::User, inner::deeper::Deep, Seat, Ticket, Tick]
}

fn inside_a_function(db: &Connection) -> Result<(), orm::Error> {
    #[derive(Debug, PartialEq, Table)]
    struct Local {
        #[column(primary_key)]
        id: i64,
    }
    schema! { fn schema() = [Local] }
    alias!(Other);

    db.create_all(&schema())?;
    Local::insert().set(Local::id, 5).execute(db)?;
    let other = Local::alias::<Other>();
    let pairs = Local::select().inner_join(other.on(other.id.eq(Local::id))).all(db)?;
    assert_eq!(pairs, [(Local { id: 5 }, Local { id: 5 })]);
    Ok(())
}

fn main() -> Result<(), orm::Error> {
    let db = Connection::open_in_memory()?;
    db.create_all(&schema())?;
    inside_a_function(&db)?;

    let keyword = NewKeyword { r#match: Some("m".into()), ..NewKeyword::new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, true) };
    Keyword::insert().values(&keyword).execute(&db)?;
    let found = Keyword::select().filter(Keyword::r#match.eq("m").and(Keyword::quoted.eq(true))).one(&db)?;
    assert_eq!(found, Keyword::find(1).one(&db)?);

    let user = User::insert().set(User::name, "outer").returning().one(&db)?;
    inner::User::insert().set(inner::User::id, 7).set(inner::User::name, "inner").execute(&db)?;
    inner::User::update().set(inner::User::outer_id, user.id).all_rows().execute(&db)?;
    inner::deeper::Deep::insert().values(inner::deeper::Deep::named(7, "deep")).execute(&db)?;
    let rows = User::select()
        .inner_join(inner::User::on(inner::User::outer_id.eq(User::id)))
        .inner_join(inner::deeper::Deep::on(inner::deeper::Deep::id.eq(inner::User::id)))
        .columns((User::name, inner::User::name, inner::deeper::Deep::id))
        .all(&db)?;
    assert_eq!(rows, [("outer".into(), "inner".into(), 7)]);

    let seat = Seat::insert()
        .set(Seat::line, 3)
        .set(Seat::seat, SeatNumber(14))
        .set(Seat::label, Label { text: "window".into() })
        .returning()
        .one(&db)?;
    assert_eq!(Seat::find((3, SeatNumber(14))).one(&db)?, seat);
    let ticket = Ticket::insert().set(Ticket::line, Some(3)).set(Ticket::seat, SeatNumber(14)).returning().one(&db)?;
    assert_eq!(ticket.hundreds, 300);
    assert_eq!(Ticket::find(ticket.id).columns(Ticket::seat).one(&db)?, Some(SeatNumber(14)));
    Seat::insert_many(&[NewSeat {
        colour: Some(Colour::Red),
        ..NewSeat::new(3, SeatNumber(14), Label { text: "".into() })
    }])
    .on_conflict((Seat::line, Seat::seat))
    .update((Seat::second_colour.set(Colour::Red), Seat::label.set_to_excluded()))
    .execute(&db)?;
    Tick::insert().default_values().execute(&db)?;
    assert_eq!(Tick::select().count(&db)?, 1);
    Ok(())
}
