//! What goes wrong, as answers.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use orm::{Error, ErrorKind};
use serde::Serialize;

/// Why a request is not answered as it was meant to be.
#[derive(Debug)]
pub enum Failure {
    /// What is to be created is there already.
    Conflict(String),
    /// The request is understood, and impossible.
    Unprocessable(String),
    /// Something with the database.
    Database(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

#[derive(Debug, Serialize)]
struct Problem {
    error: String,
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, error) = match self {
            Self::Conflict(error) => (StatusCode::CONFLICT, error),
            Self::Unprocessable(error) => (StatusCode::UNPROCESSABLE_ENTITY, error),
            Self::Database(error) => match error.kind() {
                ErrorKind::NotFound => (StatusCode::NOT_FOUND, "there is no such thing".to_owned()),
                ErrorKind::CheckViolation => {
                    (StatusCode::UNPROCESSABLE_ENTITY, "a value is not one that is stored".to_owned())
                }
                ErrorKind::PoolTimeout => (StatusCode::SERVICE_UNAVAILABLE, "too much to do".to_owned()),
                _ => {
                    // An error names the statement, and never the values in it.
                    eprintln!("{:#}", anyhow::Error::from(error));
                    (StatusCode::INTERNAL_SERVER_ERROR, "something went wrong".to_owned())
                }
            },
        };
        (status, Json(Problem { error })).into_response()
    }
}
