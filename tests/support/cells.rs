//! A table for each type, through which its values go into a database and come back.
#![allow(dead_code, unused_macros, unused_imports, unreachable_pub, reason = "each test file uses a part of it")]

use std::fmt::Debug;

use orm::{Error, prelude::*, sqlite::Connection};

use crate::support::postgres::Database;

/// A table with one column of a type, and one that may be NULL.
pub trait Cell: Table + Send {
    type Value: Debug + Clone + PartialEq;
}

/// A cell in a database.
pub trait CellIn<D>: Cell {
    fn write(db: &D, id: i64, value: &Self::Value) -> Result<u64, Error>;
    fn read(db: &D, id: i64) -> Result<(Self::Value, Option<Self::Value>), Error>;
    fn change(db: &D, id: i64, value: &Self::Value) -> Result<Self::Value, Error>;
    fn clear(db: &D) -> Result<u64, Error>;

    /// The value after it was written and read.
    fn through(db: &D, value: &Self::Value) -> Result<Self::Value, Error> {
        Self::clear(db)?;
        Self::write(db, 1, value)?;
        let (read, nullable) = Self::read(db, 1)?;
        assert_eq!(Some(&read), nullable.as_ref(), "a nullable column gives the same");
        Ok(read)
    }
}

/// A type whose values the database compares.
pub trait Compared<D>: CellIn<D> {
    fn in_order(db: &D) -> Result<Vec<Self::Value>, Error>;
    fn equal(db: &D, value: &Self::Value) -> Result<i64, Error>;
    fn less(db: &D, value: &Self::Value) -> Result<i64, Error>;
    fn between(db: &D, low: &Self::Value, high: &Self::Value) -> Result<i64, Error>;
    fn listed(db: &D, values: &[Self::Value]) -> Result<i64, Error>;
    fn least(db: &D) -> Result<Option<Self::Value>, Error>;
    fn greatest(db: &D) -> Result<Option<Self::Value>, Error>;
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
        }

        cells!(@cell Connection $table $ty);
        cells!(@cell Database $table $ty);
        $(cells!(@$compared Connection $table $ty); cells!(@$compared Database $table $ty);)?
    )*};
    (@cell $database:ident $table:ident $ty:ty) => {
        impl CellIn<$database> for $table {
            fn write(db: &$database, id: i64, value: &$ty) -> Result<u64, Error> {
                $table::insert().set($table::id, id).set($table::v, value).set($table::w, value).execute(db)
            }

            fn read(db: &$database, id: i64) -> Result<($ty, Option<$ty>), Error> {
                $table::find(id).columns(($table::v, $table::w)).one(db)
            }

            fn change(db: &$database, id: i64, value: &$ty) -> Result<$ty, Error> {
                $table::update().set($table::v, value).filter($table::id.eq(id)).returning().columns($table::v).one(db)
            }

            fn clear(db: &$database) -> Result<u64, Error> {
                $table::delete().all_rows().execute(db)
            }
        }
    };
    (@compared $database:ident $table:ident $ty:ty) => {
        impl Compared<$database> for $table {
            fn in_order(db: &$database) -> Result<Vec<$ty>, Error> {
                $table::select().columns($table::v).order_by($table::v).all(db)
            }

            fn equal(db: &$database, value: &$ty) -> Result<i64, Error> {
                $table::select().filter($table::v.eq(value)).count(db)
            }

            fn less(db: &$database, value: &$ty) -> Result<i64, Error> {
                $table::select().filter($table::v.lt(value)).count(db)
            }

            fn between(db: &$database, low: &$ty, high: &$ty) -> Result<i64, Error> {
                $table::select().filter($table::v.between(low, high)).count(db)
            }

            fn listed(db: &$database, values: &[$ty]) -> Result<i64, Error> {
                $table::select().filter($table::v.in_list(values)).count(db)
            }

            fn least(db: &$database) -> Result<Option<$ty>, Error> {
                $table::select().columns(min($table::v)).one(db)
            }

            fn greatest(db: &$database) -> Result<Option<$ty>, Error> {
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

/// Opens a new database with all of these tables.
pub trait Fresh {
    fn fresh() -> Self;
}

impl Fresh for Connection {
    fn fresh() -> Self {
        let db = Connection::open_in_memory().expect("there is memory");
        db.create_all(&cells_schema()).expect("the database is empty");
        db
    }
}

impl Fresh for Database {
    fn fresh() -> Self {
        Database::new(&cells_schema())
    }
}

/// Runs one body on every database, each time on a new one with all of these tables.
macro_rules! each_database {
    ($($(#[$attribute:meta])* fn $name:ident($db:ident) $body:block)*) => {$(
        $crate::cells::each_database!(@in $name [$(#[$attribute])*] $db $body
            sqlite: orm::sqlite::Connection, postgres: crate::support::postgres::Database);
    )*};
    (@in $name:ident $attributes:tt $db:ident $body:block $($test:ident: $database:ty),*) => {
        mod $name {
            use super::*;
            $($crate::cells::each_database!(@test $test $attributes $db $body $database);)*
        }
    };
    (@test $test:ident [$($attribute:tt)*] $db:ident $body:block $database:ty) => {
        $($attribute)*
        #[test]
        fn $test() -> Result<(), orm::Error> {
            let database = <$database as $crate::cells::Fresh>::fresh();
            let $db = &database;
            $body
            #[allow(unreachable_code)]
            Ok(())
        }
    };
}
pub(crate) use each_database;

/// Like `each_database!`, but for what only PostgreSQL has.
macro_rules! only_postgres {
    ($($(#[$attribute:meta])* fn $name:ident($db:ident) $body:block)*) => {$(
        $crate::cells::each_database!(@in $name [$(#[$attribute])*] $db $body
            postgres: crate::support::postgres::Database);
    )*};
}
pub(crate) use only_postgres;
