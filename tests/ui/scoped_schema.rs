//! Tables that hide rows, for the programs about scopes.
#![allow(dead_code, unused_imports, reason = "each program uses a part of it")]

pub use orm::{prelude::*, sqlite::Connection};

#[derive(Debug, Clone, PartialEq, Table)]
#[table(scope(tenant_id), soft_delete = deleted_at)]
pub struct Task {
    #[column(primary_key)]
    pub id: i64,
    pub tenant_id: Uuid,
    pub title: String,
    #[column(version)]
    pub version: i32,
    pub deleted_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(scope(tenant_id))]
pub struct Step {
    #[column(primary_key)]
    pub id: i64,
    pub tenant_id: Uuid,
    pub task_id: i64,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(scope(region))]
pub struct Depot {
    #[column(primary_key)]
    pub id: i64,
    pub region: i32,
}

#[derive(Debug, Clone, PartialEq, Table)]
#[table(scope(region, shelf))]
pub struct Part {
    #[column(primary_key)]
    pub id: i64,
    pub region: i32,
    pub shelf: String,
}

#[derive(Debug, Clone, PartialEq, Table)]
pub struct Tenant {
    #[column(primary_key)]
    pub id: Uuid,
    pub name: String,
}

alias!(pub Other);
