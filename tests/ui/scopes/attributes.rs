use orm::prelude::*;

#[derive(Table)]
#[table(soft_delete = deleted)] //~
struct UnknownMark {
    #[column(primary_key)]
    id: i64,
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Table)]
#[table(soft_delete = deleted_at)] //~
struct MarkThatIsNeverNull {
    #[column(primary_key)]
    id: i64,
    deleted_at: DateTime<Utc>,
}

#[derive(Table)]
#[table(soft_delete = deleted)] //~
struct MarkOfAnotherType {
    #[column(primary_key)]
    id: i64,
    deleted: Option<bool>,
}

#[derive(Table)]
#[table(soft_delete = deleted)] //~
struct MarkWithoutTime {
    #[column(primary_key)]
    id: i64,
    deleted: Option<NaiveDate>,
}

#[derive(Table)]
#[table(soft_delete = deleted_at)] //~
struct MarkWithDefault {
    #[column(primary_key)]
    id: i64,
    #[column(default = now())]
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Table)]
#[table(soft_delete)] //~
struct MarkWithoutColumn {
    #[column(primary_key)]
    id: i64,
}

#[derive(Table)]
struct MarkOnAField {
    #[column(primary_key)]
    id: i64,
    #[column(soft_delete)] //~
    deleted_at: Option<DateTime<Utc>>,
}

#[derive(Table)]
#[table(scope(tenant))] //~
struct UnknownScope {
    #[column(primary_key)]
    id: i64,
    tenant_id: i64,
}

#[derive(Table)]
#[table(scope(tenant_id))] //~
struct ScopeThatCanBeNull {
    #[column(primary_key)]
    id: i64,
    tenant_id: Option<i64>,
}

#[derive(Table)]
#[table(scope(tenant_id))] //~
struct ScopeWithDefault {
    #[column(primary_key)]
    id: i64,
    #[column(default = 1)]
    tenant_id: i64,
}

#[derive(Table)]
#[table(scope(tenant_id, tenant_id))] //~
struct ScopeTwice {
    #[column(primary_key)]
    id: i64,
    tenant_id: i64,
}

#[derive(Table)]
#[table(scope = tenant_id)] //~
struct ScopeWithoutParentheses {
    #[column(primary_key)]
    id: i64,
    tenant_id: i64,
}

#[derive(Table)]
struct ScopeOnAField {
    #[column(primary_key)]
    id: i64,
    #[column(scope)] //~
    tenant_id: i64,
}

#[derive(Table)]
#[table(version)] //~
struct VersionOnTheStruct {
    #[column(primary_key)]
    id: i64,
}

#[derive(Table)]
struct VersionThatCanBeNull {
    #[column(primary_key)]
    id: i64,
    #[column(version)] //~
    version: Option<i32>,
}

#[derive(Table)]
struct VersionOfAnotherType {
    #[column(primary_key)]
    id: i64,
    #[column(version)] //~
    version: String,
}

#[derive(Table)]
struct VersionAsKey {
    #[column(primary_key, version)] //~
    id: i64,
}

#[derive(Table)]
struct Counter {
    #[column(primary_key)]
    id: i64,
    #[column(version)]
    first: i32,
    #[column(version)] //~
    second: i32,
}

fn main() {}
