//! Typed queries: builders whose types say what they read and give.

mod assign;
mod conflict;
mod delete;
mod dynamic;
mod fetch;
mod filter;
mod find;
mod group;
mod insert;
mod insert_many;
mod join;
mod loading;
mod order;
mod page;
mod returning;
pub mod select;
mod selection;
mod update;
mod whole;
mod wrap;

pub(crate) use self::whole::lower_source;
pub use self::{
    assign::{
        Assign, AssignIn, AssignList, AssignListOf, Assignable, FitsColumn, HasColumn, NothingSet, NothingYet, SetIn,
        SetList, ValueIn,
    },
    conflict::{ConflictAction, ConflictKey, ConflictScope, ConflictTarget, DoNothing, DoUpdate, OnConflict, Upsert},
    delete::Delete,
    dynamic::{AnyCondition, AnyOrder, DynamicSelect, Portable},
    fetch::Needy,
    filter::{EveryRow, Filter, FilterIn, Filtering, HasFilter, NoFilter},
    find::FindKey,
    group::{GroupBy, GroupIn, GroupList, GroupedAt, Grouping, HavingIn, IsGrouped, Ungrouped},
    insert::{
        AllGiven, DefaultValues, Insert, InsertRow, InsertStatement, NamesColumns, NewRow, NoValues, WriteValues,
    },
    insert_many::{InsertMany, ManyAction, ManyPart, NoRows, On, OnConflictMany, Plainly},
    join::{CrossJoinIn, FromClause, FromOne, Join, JoinIn, JoinTarget, JoinType, JoinedFrom},
    loading::{Loading, WholeTable},
    order::{OrderByIn, OrderClause, OrderList, ThenBy, Unordered},
    page::Page,
    returning::{Returnable, Returning, ReturningIn, WrittenScope},
    select::{AllRows, From, Groupable, Joinable, Select, SelectQuery},
    selection::{
        Columns, ColumnsIn, Conversion, Converted, Decoder, Each, Exactly, Field, Fields, Filling, FromFields, ListOf,
        One, Projected, Projection, ReadAs, Reading, RowSource, Scalar, Selected, Selection, Wrapped,
    },
    update::{ChangeSet, Changes, SetsSomething, Update},
    whole::{ReadsRow, RowDecoder, WholeRow, WholeRows},
    wrap::{Counted, Exists},
};
