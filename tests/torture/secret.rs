//! A password that must not be seen.

use std::error::Error as StdError;

use orm::Error;

/// Looks like nothing else, and has nothing in it that would be encoded.
pub(crate) const CANARY: &str = "canary8f3a71";

/// The error and its causes in words, none of which shows the password.
pub(crate) fn report(error: &Error) -> String {
    let mut words = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push(error.to_string());
        assert!(!format!("{error:?}").contains(CANARY), "a cause shows the password: {error:?}");
        cause = error.source();
    }
    let words = words.join(": ");
    assert!(!words.contains(CANARY), "the message shows the password: {words}");
    assert!(!format!("{error:?}").contains(CANARY), "the error shows the password: {error:?}");
    words
}
