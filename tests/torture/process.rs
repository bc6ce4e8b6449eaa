//! Tests that start themselves again as other processes, which can be killed.

use std::{
    env,
    process::{Command, Stdio},
};

/// Whether the full counts were asked for.
pub(crate) fn is_full() -> bool {
    env::var_os("ORM_TORTURE").is_some()
}

/// The quick number, or the full one if it was asked for.
pub(crate) fn count(quick: usize, full: usize) -> usize {
    if is_full() { full } else { quick }
}

/// The name of the variable that makes a test play the part of another process.
const PART: &str = "ORM_TORTURE_PART";

/// What this process was started with by [`again`], if it was.
pub(crate) fn part() -> Option<String> {
    env::var(PART).ok()
}

/// The command that starts a test of this binary again, in which [`part`] gives `argument`. What it prints is piped,
/// behind what the harness prints.
pub(crate) fn again(test: &str, argument: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("the binary has a path"));
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command.env(PART, argument).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// The number in a line of `/proc/self/status`, in bytes: `VmHWM` is the most memory this process ever had.
pub(crate) fn memory(line: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let found = status.lines().find_map(|it| it.strip_prefix(line)?.strip_prefix(':')?.trim().strip_suffix(" kB"));
    found.and_then(|kilobytes| kilobytes.parse::<usize>().ok()).expect("the line is there") * 1024
}
