//! Typed queries: builders whose types say what they read and give.

mod assign;
mod cascade;
mod conflict;
mod delete;
mod dynamic;
mod fetch;
mod filter;
mod find;
mod group;
mod hidden;
mod insert;
mod insert_many;
mod join;
mod loading;
mod order;
mod page;
mod returning;
mod scoped;
pub mod select;
mod selection;
mod tell;
mod told;
mod update;
mod whole;
mod wrap;

pub use self::{
    assign::{
        Assign, AssignIn, AssignList, AssignListOf, Assignable, FitsColumn, HasColumn, NothingSet, NothingYet, SetIn,
        SetList, ValueIn,
    },
    cascade::{Cascade, Cascading, Deleted},
    conflict::{ConflictAction, ConflictKey, ConflictScope, ConflictTarget, DoNothing, DoUpdate, OnConflict, Upsert},
    delete::Delete,
    dynamic::{AnyCondition, AnyOrder, DynamicSelect, Portable},
    fetch::Needy,
    filter::{EveryRow, Filter, FilterIn, Filtering, HasFilter, NoFilter},
    find::FindKey,
    group::{GroupBy, GroupIn, GroupList, GroupedAt, Grouping, HavingIn, IsGrouped, Ungrouped},
    hidden::{
        Absent, AnyVersion, AtVersion, DeletedRows, DeletedToo, Hides, LeftOut, NoVersion, NotTold, ScopeState, Untold,
        VersionState, Within,
    },
    insert::{
        AllGiven, DefaultValues, Insert, InsertRow, InsertStatement, NamesColumns, NewRow, NoValues, WriteValues,
    },
    insert_many::{InsertMany, ManyAction, ManyPart, NoRows, On, OnConflictMany, Plainly},
    join::{CrossJoinIn, FromClause, FromOne, Join, JoinIn, JoinTarget, JoinType, JoinedFrom},
    loading::{Loading, WholeTable},
    order::{Limited, OrderByIn, OrderClause, OrderList, Paged, ThenBy, Undeleted, Unlimited, Unordered},
    page::Page,
    returning::{Returnable, Returning, ReturningIn, WrittenScope},
    scoped::{
        Everywhere, IsScope, NoScope, NotLacking, NothingSaid, OneScope, Saying, ScopeColumns, ScopeSaid, ScopeType,
        ScopeValue, ScopeValues, ScopedTo, Shares, Tells,
    },
    select::{AllRows, From, Groupable, Joinable, Select, SelectQuery},
    selection::{
        Columns, ColumnsIn, Conversion, Converted, Decoder, Each, Exactly, Field, Fields, Filling, FromFields, ListOf,
        One, Projected, Projection, ReadAs, Reading, RowSource, Scalar, Selected, Selection, Wrapped,
    },
    told::{FromTold, OneSource, Said, Told, WriteTarget},
    update::{ChangeSet, Changes, SetsSomething, Update},
    whole::{ReadsRow, RowDecoder, WholeRow, WholeRows},
    wrap::{Counted, Exists},
};
pub(crate) use self::{hidden::not_deleted, whole::lower_source};
