//! A table for each type, through which its values go into a database and come back.
#![allow(dead_code, unused_macros, unused_imports, unreachable_pub, reason = "each test file uses a part of it")]

use std::fmt::Debug;

use orm::{Error, prelude::*, sqlite::Connection};

/// A table with one column of a type, and one that may be NULL.
pub trait Cell: Table + Send {
    type Value: Debug + Clone + PartialEq;

    fn write(db: &Connection, id: i64, value: &Self::Value) -> Result<u64, Error>;
    fn read(db: &Connection, id: i64) -> Result<(Self::Value, Option<Self::Value>), Error>;
    fn change(db: &Connection, id: i64, value: &Self::Value) -> Result<Self::Value, Error>;

    /// The value after it was written and read.
    fn through(db: &Connection, value: &Self::Value) -> Result<Self::Value, Error> {
        Self::clear(db)?;
        Self::write(db, 1, value)?;
        let (read, nullable) = Self::read(db, 1)?;
        assert_eq!(Some(&read), nullable.as_ref(), "a nullable column gives the same");
        Ok(read)
    }

    fn clear(db: &Connection) -> Result<u64, Error> {
        Self::delete().all_rows().execute(db)
    }
}

/// A type whose values the database compares.
pub trait Compared: Cell {
    fn in_order(db: &Connection) -> Result<Vec<Self::Value>, Error>;
    fn equal(db: &Connection, value: &Self::Value) -> Result<i64, Error>;
    fn less(db: &Connection, value: &Self::Value) -> Result<i64, Error>;
    fn between(db: &Connection, low: &Self::Value, high: &Self::Value) -> Result<i64, Error>;
    fn listed(db: &Connection, values: &[Self::Value]) -> Result<i64, Error>;
    fn least(db: &Connection) -> Result<Option<Self::Value>, Error>;
    fn greatest(db: &Connection) -> Result<Option<Self::Value>, Error>;
}

/// Declares the table of a type: `cells! { Texts "texts" String, compared; }`.
macro_rules! cells {
    ($($table:ident $name:literal $ty:ty $(, $compared:ident)?;)*) => {$(
        #[derive(Debug, PartialEq, Table)]
        #[table(name = $name)]
        pub struct $table {
            #[column(primary_key)]
            pub id: i64,
            pub v: $ty,
            pub w: Option<$ty>,
        }

        impl Cell for $table {
            type Value = $ty;

            fn write(db: &Connection, id: i64, value: &$ty) -> Result<u64, Error> {
                $table::insert().set($table::id, id).set($table::v, value).set($table::w, value).execute(db)
            }

            fn read(db: &Connection, id: i64) -> Result<($ty, Option<$ty>), Error> {
                $table::find(id).columns(($table::v, $table::w)).one(db)
            }

            fn change(db: &Connection, id: i64, value: &$ty) -> Result<$ty, Error> {
                $table::update().set($table::v, value).filter($table::id.eq(id)).returning().columns($table::v).one(db)
            }
        }

        $(cells!(@$compared $table $ty);)?
    )*};
    (@compared $table:ident $ty:ty) => {
        impl Compared for $table {
            fn in_order(db: &Connection) -> Result<Vec<$ty>, Error> {
                $table::select().columns($table::v).order_by($table::v).all(db)
            }

            fn equal(db: &Connection, value: &$ty) -> Result<i64, Error> {
                $table::select().filter($table::v.eq(value)).count(db)
            }

            fn less(db: &Connection, value: &$ty) -> Result<i64, Error> {
                $table::select().filter($table::v.lt(value)).count(db)
            }

            fn between(db: &Connection, low: &$ty, high: &$ty) -> Result<i64, Error> {
                $table::select().filter($table::v.between(low, high)).count(db)
            }

            fn listed(db: &Connection, values: &[$ty]) -> Result<i64, Error> {
                $table::select().filter($table::v.in_list(values)).count(db)
            }

            fn least(db: &Connection) -> Result<Option<$ty>, Error> {
                $table::select().columns(min($table::v)).one(db)
            }

            fn greatest(db: &Connection) -> Result<Option<$ty>, Error> {
                $table::select().columns(max($table::v)).one(db)
            }
        }
    };
}
pub(crate) use cells;

/// A newtype of a text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, DbType)]
pub struct Name(pub String);

/// A newtype of a newtype of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, DbType)]
pub struct Inner(pub u16);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, DbType)]
pub struct Outer(pub Inner);

/// An enum whose labels need quoting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, DbEnum)]
pub enum Colour {
    Red,
    #[db_enum(name = "it's \"green\"; --")]
    Green,
    #[db_enum(name = "blå 🟦")]
    Blue,
}

/// What is stored as JSON.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Document {
    pub title: String,
    pub ratio: f64,
    pub count: i64,
    pub tags: Vec<Option<String>>,
}

cells! {
    Bools "bools" bool;
    Bytes1 "i8s" i8, compared;
    Bytes2 "u8s" u8, compared;
    Words "u16s" u16, compared;
    Wides "u32s" u32, compared;
    Smalls "i16s" i16, compared;
    Integers "i32s" i32, compared;
    Bigs "i64s" i64, compared;
    Singles "f32s" f32, compared;
    Doubles "f64s" f64, compared;
    Texts "texts" String, compared;
    Blobs "blobs" Vec<u8>, compared;
    Uuids "uuids" Uuid;
    Dates "dates" NaiveDate, compared;
    Times "times" NaiveTime, compared;
    Locals "locals" NaiveDateTime, compared;
    Moments "moments" DateTime<Utc>, compared;
    Decimals "decimals" Decimal, compared;
    Values "jsons" serde_json::Value;
    Documents "documents" Json<Document>;
    Names "names" Name, compared;
    Outers "outers" Outer, compared;
    Colours "colours" Colour;
}

schema! {
    pub fn cells_schema() = [
        Bools, Bytes1, Bytes2, Words, Wides, Smalls, Integers, Bigs, Singles, Doubles, Texts, Blobs, Uuids, Dates,
        Times, Locals, Moments, Decimals, Values, Documents, Names, Outers, Colours,
    ]
}

/// A new database with all of these tables.
pub fn database() -> Connection {
    let db = Connection::open_in_memory().expect("there is memory");
    db.create_all(&cells_schema()).expect("the database is empty");
    db
}
