//! Counts the instructions of one side of a case.

use std::{ffi::OsStr, path::Path};

use anyhow::{Context, Result, ensure};

use crate::{
    callgrind,
    case::{Entry, Side},
    fixture::Fixture,
};

/// The instructions of one run of a case: twice as many rounds less the rounds, so that setting up cancels out.
pub fn of(case: &Entry, side: Side, fixture: &Fixture) -> Result<f64> {
    let nowhere = Path::new("/dev/null");
    let once = count(case, side, case.rounds, fixture, nowhere)?;
    let twice = count(case, side, case.rounds * 2, fixture, nowhere)?;
    ensure!(twice > once, "{} by {side}: {twice} instructions are not more than {once}", case.name);
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    Ok((twice - once) as f64 / case.rounds as f64)
}

/// The instructions of a process that runs one side of a case this often. Its profile goes to `profile`.
pub fn count(case: &Entry, side: Side, rounds: usize, fixture: &Fixture, profile: &Path) -> Result<u64> {
    let database = fixture.copy()?;
    let (side, rounds) = (side.to_string(), rounds.to_string());
    let arguments: [&OsStr; 5] =
        ["run".as_ref(), case.name.as_ref(), side.as_ref(), rounds.as_ref(), database.path().as_ref()];
    callgrind::count(&arguments, profile).with_context(|| format!("{} by {side}", case.name))
}
