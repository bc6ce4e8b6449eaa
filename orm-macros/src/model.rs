//! The parsed inputs of the derives: what they say, without the syntax they said it in.

pub(crate) mod alias;
pub(crate) mod column;
pub(crate) mod db_enum;
pub(crate) mod db_type;
pub(crate) mod input;
pub(crate) mod relations;
pub(crate) mod resolve;
pub(crate) mod row;
pub(crate) mod table;
pub(crate) mod visibility;
