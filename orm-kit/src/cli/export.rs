//! `export`

use clap::Args;
use serde::Serialize;

use super::Context;
use crate::{ddl, error::Error, model::Model};

/// Print the statements that create the schema in an empty database
#[derive(Args)]
#[command(after_help = "Example:\n  cargo orm export --url sqlite: > schema.sql")]
pub(super) struct Export {}

#[derive(Serialize)]
struct Exported {
    statements: Vec<String>,
}

impl Export {
    pub(super) fn run(&self, context: &Context) -> Result<u8, Error> {
        let dialect = context.backend()?.dialect();
        orm_core::ddl::check_types(context.schema()?, dialect)?;
        let statements = ddl::create_all(&Model::from_schema(context.schema()?, dialect)?, dialect);
        let exported = Exported { statements };
        context.output.result(&exported, || exported.statements.iter().for_each(|sql| println!("{sql};\n")));
        Ok(0)
    }
}
