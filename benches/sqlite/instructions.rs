//! Counts instructions, with callgrind.

use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    case::{Entry, Side},
    fixture::Fixture,
};

/// Checks that callgrind can be run.
pub fn check_valgrind() -> Result<()> {
    let found = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    bail!(
        "`valgrind` is not installed, and counts the instructions: \
         `apt-get install valgrind libc6-dbg`, `dnf install valgrind` or `pacman -S valgrind`"
    )
}

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
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--error-exitcode=1"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(env::current_exe()?)
        .args(["run", case.name, &side.to_string(), &rounds.to_string()])
        .arg(database.path())
        .output()
        .context("running valgrind")?;
    let messages = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} by {side} failed under valgrind:\n{messages}", case.name);
    // `==1234== Collected : 5678`
    let collected = messages.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, count)| count.trim());
    let count = collected.with_context(|| format!("valgrind gave no count:\n{messages}"))?;
    count.parse().with_context(|| format!("valgrind counted `{count}`"))
}
