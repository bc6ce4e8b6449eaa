//! The connections of a pool.

/// How many connections a pool has, and who wants one: what it was at some moment while it was looked at.
///
/// ```
/// # orm::doctest::run(async {
/// let db = orm::doctest::pool().await;
/// let tx = db.begin().await?;
/// let status = db.status();
/// assert_eq!((status.size, status.idle, status.in_use, status.waiting), (1, 0, 1, 0));
/// tx.commit().await?;
/// assert_eq!(db.status().in_use, 0);
/// # Ok::<(), orm::Error>(())
/// # })
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The connections that are open.
    pub size: usize,
    /// Those that nobody uses.
    pub idle: usize,
    /// Those in use.
    pub in_use: usize,
    /// The callers that wait for one.
    pub waiting: usize,
    /// The greatest number of connections.
    pub max: usize,
}

impl Status {
    /// The status of a pool that has this many connections open and in use, and at most `max`.
    pub fn new(size: usize, in_use: usize, waiting: usize, max: usize) -> Self {
        Self { size, idle: size.saturating_sub(in_use), in_use, waiting, max }
    }
}
