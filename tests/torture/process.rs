//! How much is tried.

use std::env;

/// Whether the full counts were asked for.
pub(crate) fn is_full() -> bool {
    env::var_os("ORM_TORTURE").is_some()
}

/// The quick number, or the full one if it was asked for.
pub(crate) fn count(quick: usize, full: usize) -> usize {
    if is_full() { full } else { quick }
}
