//! Measures time: that on the clock on the wall, and that on the processor.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What something took.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// The time on the processor of all threads of this process, in the kernel too.
    pub cpu: Duration,
    /// The time until it was done.
    pub elapsed: Duration,
}

/// A cost divided by another.
#[derive(Debug, Clone, Copy)]
pub struct Ratios {
    pub cpu: f64,
    pub elapsed: f64,
}

impl Cost {
    /// Measures what `work` takes.
    pub fn of<T>(work: impl FnOnce() -> T) -> (T, Self) {
        let (cpu, started) = (on_the_processor(), Instant::now());
        let result = work();
        (result, Self { cpu: on_the_processor() - cpu, elapsed: started.elapsed() })
    }

    /// This cost divided by another.
    pub fn over(self, other: Self) -> Ratios {
        Ratios {
            cpu: self.cpu.as_secs_f64() / other.cpu.as_secs_f64(),
            elapsed: self.elapsed.as_secs_f64() / other.elapsed.as_secs_f64(),
        }
    }
}

impl Ratios {
    /// The medians of several.
    pub fn median(samples: &[Self]) -> Self {
        let median = |value: fn(&Self) -> f64| {
            let mut values: Vec<f64> = samples.iter().map(value).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Self { cpu: median(|sample| sample.cpu), elapsed: median(|sample| sample.elapsed) }
    }
}

fn on_the_processor() -> Duration {
    clock_gettime(ClockId::ProcessCPUTime).try_into().expect("the clock began at zero")
}
