//! How much is done, and what it takes.

/// How often something is tried, or how much of it there is: in every run, and when the environment asks for torture.
pub(crate) fn times(usual: usize, torture: usize) -> usize {
    if std::env::var_os("ORM_TORTURE").is_some() { torture } else { usual }
}

/// The memory this process has now, in MiB.
pub(crate) fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the line is there");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") / 1024
}
