#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]
#![allow(rustdoc::broken_intra_doc_links, reason = "the README links to files of the repository")]

/// Everything a schema and its queries need: `use orm::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "chrono")]
    #[doc(no_inline)]
    pub use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
    pub use orm_core::expr::{
        CollectionExpr, Condition, Expr, all, any, avg, coalesce, count, count_all, count_distinct, escape_like, max,
        min, not, now, sum,
    };
    pub use orm_core::relation::NewRow;
    pub use orm_core::schema;
    pub use orm_core::table::{AliasColumns, Table};
    #[cfg(feature = "json")]
    pub use orm_core::types::Json;
    pub use orm_core::types::{DbEnum, DbType, Interval, Range};
    pub use orm_macros::{DbEnum, DbType, Row, Table, View, alias, relations};
    #[cfg(feature = "decimal")]
    #[doc(no_inline)]
    pub use rust_decimal::Decimal;
    #[cfg(feature = "uuid")]
    #[doc(no_inline)]
    pub use uuid::Uuid;
}

// Running queries: what can go wrong, and what a driver implements.
pub use orm_core::error::{DatabaseError, Error, ErrorKind, Violation};
pub use orm_core::executor::{self, Executor, Query, WriteExecutor};

/// Transactions on pools and what they have in common: options, isolation, events of statements.
#[cfg(feature = "pool")]
pub mod pool {
    pub use orm_core::pool::{
        Batch, BoxFuture, BoxStream, Isolation, QueryEvent, ReadTransaction, Status, Transaction, TransactionOptions,
    };
}

// Schemas: derives, the macros that declare names, and the constant description they make.
pub use orm_core::schema;
pub use orm_core::table::{AliasColumns, Table};
pub use orm_macros::{DbEnum, DbType, Row, Table, View, alias, relations};

// Expressions, builders and types, for naming them in signatures.
pub use orm_core::{dialect, expr, query, relation, scope, table, types, view};

#[cfg(all(feature = "postgres", feature = "sqlite", feature = "pool"))]
mod database;
#[cfg(all(feature = "postgres", feature = "sqlite", feature = "pool"))]
mod options;

// A database that is chosen at run time.
#[cfg(all(feature = "postgres", feature = "sqlite", feature = "pool"))]
pub use {
    database::{Database, PostgresAndSqlite},
    options::DatabaseOptions,
};

/// PostgreSQL: a pool of connections, its transactions, and the dialect.
#[cfg(feature = "postgres")]
pub mod postgres {
    pub use orm_postgres::*;
}

/// SQLite: a blocking connection, its transactions, and the dialect.
#[cfg(feature = "sqlite")]
pub mod sqlite {
    pub use orm_sqlite::*;
}

#[cfg(feature = "testing")]
pub mod testing;

/// A database for the examples in the documentation. Not part of the public interface.
#[cfg(feature = "_doctest")]
#[doc(hidden)]
#[allow(missing_docs, reason = "the columns of the examples need no explanation")]
pub mod doctest;

#[cfg(all(
    doctest,
    feature = "postgres",
    feature = "sqlite",
    feature = "chrono",
    feature = "decimal",
    feature = "json",
    feature = "uuid"
))]
mod guide;

/// What generated code calls. Not part of the public interface.
#[doc(hidden)]
pub mod __private {
    pub use core::option::Option::{None, Some};
    pub use orm_core::__array_item as array_item;
    pub use orm_core::__loaded_row as loaded_row;
    pub use orm_core::__value_type as value_type;
    pub use orm_core::ast;
    pub use orm_core::executor::Shape;
    pub use orm_core::expr::{Column, Condition};
    pub use orm_core::path::{D0, D1, D2, D3, D4, D5, D6, D7, D8, D9, DA, DB, DC, DD, DE, DF, End, Hex, Left, Right};
    pub use orm_core::query::{AnyCondition, AnyOrder, Field, Fields, Filling, FromFields, Projection, Selection};
    pub use orm_core::relation::{
        Arity, BuiltIn, Count, Direct, Entry, LoadedBefore, LoadedLast, Loads, Many, One, Optional, Relation,
        RelationDef, RelationInfo, RowShape, ShapeLoad, ThroughTable, Words, related, related_filtered, same_type,
        shape_column, shape_filter, shape_order,
    };
    pub use orm_core::schema::{
        CheckDef, ColumnInfo, DefaultDef, Deferrable, EnumDef, ForeignKeyAction, ForeignKeyDef, GeneratedStorage,
        IndexDef, IndexKey, IndexOptions, IndexOrder, IndexPart, Numbering, PartOptions, TableDef, UniqueDef, ViewDef,
        defaults, references, references_pair, references_triple,
    };
    pub use orm_core::scope::{Kind, NotNull, Null};
    pub use orm_core::table::{
        Alias, AliasColumns, AliasName, CellVisitor, Cells, ColumnDef, Computed, GeneratedColumn, KeyPart, Missing,
        Node, Open, Plain, SoftDeleted, Table, UniqueOn, VersionColumn, Versioned, cell, cell_null, read, read_null,
    };
    pub use orm_core::types::{
        Binder, DbEnum, DbType, Decode, DecodeError, Encode, EnumLabel, RowRead, SqlType, decode_label,
    };
    pub use orm_core::view::{Materialized, NoModel, ReadOnly, ViewKey};
}
