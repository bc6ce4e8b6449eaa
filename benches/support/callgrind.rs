//! Counts instructions, with callgrind.

use std::{
    env,
    ffi::OsStr,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

/// Checks that callgrind can be run.
pub fn check() -> Result<()> {
    let found = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    bail!(
        "`valgrind` is not installed, and counts the instructions: \
         `apt-get install valgrind libc6-dbg`, `dnf install valgrind` or `pacman -S valgrind`"
    )
}

/// The instructions of a process of this program that is given these arguments. Its profile goes to `profile`.
pub fn count<A: AsRef<OsStr>>(arguments: &[A], profile: &Path) -> Result<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--error-exitcode=1"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(env::current_exe()?)
        .args(arguments)
        .output()
        .context("running valgrind")?;
    let messages = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "failed under valgrind:\n{messages}");
    // `==1234== Collected : 5678`
    let collected = messages.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, count)| count.trim());
    let count = collected.with_context(|| format!("valgrind gave no count:\n{messages}"))?;
    count.parse().with_context(|| format!("valgrind counted `{count}`"))
}
