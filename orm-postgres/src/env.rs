//! Connecting to what the environment names.

use std::env::{self, VarError};

use orm_core::error::{Error, ErrorKind};

use crate::{Pool, PoolOptions};

const URL: &str = "DATABASE_URL";
const SIZE: &str = "DB_POOL_SIZE";

impl Pool {
    /// Connects to the server whose URL is in the environment variable `DATABASE_URL`, with as many connections as
    /// `DB_POOL_SIZE` says: ten if it is not set.
    ///
    /// # Errors
    /// Like [`PoolOptions::connect`]; also if `DATABASE_URL` is not set, or `DB_POOL_SIZE` is not a number of at least one.
    /// The error names the variable.
    pub async fn from_env() -> Result<Self, Error> {
        Self::options().connect_from_env().await
    }
}

impl PoolOptions {
    /// Like [`connect`](PoolOptions::connect), but to the server whose URL is in the environment variable `DATABASE_URL`,
    /// and with as many connections as `DB_POOL_SIZE` says, if it is set.
    ///
    /// # Errors
    /// Like `connect`; also if `DATABASE_URL` is not set, or `DB_POOL_SIZE` is not a number of at least one. The error names
    /// the variable.
    pub async fn connect_from_env(self) -> Result<Pool, Error> {
        let (options, url) = self.with(|name| env::var(name))?;
        options.connect(&url).await
    }

    /// The options and the URL that variables say.
    fn with(self, variable: impl Fn(&str) -> Result<String, VarError>) -> Result<(Self, String), Error> {
        let url = match variable(URL) {
            Ok(url) if url.is_empty() => return Err(unusable(URL, "it is empty")),
            Ok(url) => url,
            Err(VarError::NotPresent) => return Err(unusable(URL, "it is not set")),
            Err(VarError::NotUnicode(_)) => return Err(unusable(URL, "it is not UTF-8")),
        };
        let options = match variable(SIZE) {
            Err(VarError::NotPresent) => self,
            Ok(size) if size.is_empty() => self,
            size => match size.ok().and_then(|size| size.trim().parse().ok()).filter(|size| *size > 0) {
                Some(size) => self.size(size),
                None => return Err(unusable(SIZE, "it is not a number of at least one")),
            },
        };
        Ok((options, url))
    }
}

fn unusable(variable: &str, problem: &str) -> Error {
    let source = format!("the environment variable `{variable}` cannot be used: {problem}");
    Error::Open { name: variable.to_owned(), kind: ErrorKind::CannotOpen, source: source.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: Option<&str>, size: Option<&str>, expected: Result<usize, &str>) {
        let result = PoolOptions::default().with(|name| {
            let value = if name == URL { url } else { size };
            value.map(str::to_owned).ok_or(VarError::NotPresent)
        });
        let result = result
            .map(|(options, _)| options.size)
            .map_err(|error| std::error::Error::source(&error).expect("there is a reason").to_string());
        let expected = expected.map_err(|problem| format!("the environment variable {problem}"));
        assert_eq!(result, expected, "{url:?} {size:?}");
    }

    #[test]
    fn variables_are_checked() {
        let url = Some("postgres://localhost/test");
        check(url, None, Ok(10));
        check(url, Some(""), Ok(10));
        check(url, Some("3"), Ok(3));
        check(None, Some("3"), Err("`DATABASE_URL` cannot be used: it is not set"));
        check(Some(""), None, Err("`DATABASE_URL` cannot be used: it is empty"));
        for size in ["0", "-1", "ten", "1.5", "99999999999999999999"] {
            check(url, Some(size), Err("`DB_POOL_SIZE` cannot be used: it is not a number of at least one"));
        }
    }
}
