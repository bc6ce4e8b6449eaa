//! The chapter of the guide about migrations, whose examples run as documentation tests.

#[doc = include_str!("../../docs/guide/src/migrations.md")]
mod migrations {}
