//! Whether what a process holds stays flat: what is growth, and what is noise.
//!
//! One figure alone proves nothing: an allocator keeps what it was given, and a
//! reading may fall into a pass. So many readings become one figure, their
//! median; and growth is the median of all slopes between two such figures
//! (Theil and Sen), which a single odd one does not move. What the books
//! themselves grew by in the meantime is told by a fresh process over them.

/// What a process holds at an hour.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    /// Hours since the soak began.
    pub(super) hour: usize,
    /// Resident memory of its own.
    pub(super) kib: i64,
    /// Open file handles.
    pub(super) handles: usize,
}

/// How far each may grow in all, from the end of the first day on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tolerance {
    pub(super) kib: i64,
    pub(super) handles: i64,
}

/// The figures of a soak, and what they say.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    /// Medians of memory, a window each.
    pub(super) kib: Vec<i64>,
    /// Medians of handles.
    pub(super) handles: Vec<i64>,
    /// What a fresh process holds at the end, with the same books.
    pub(super) fresh: i64,
}

impl Figures {
    /// The medians of windows of so many hours, without the first one, which
    /// begins with what is done once.
    pub(super) fn of(readings: &[Reading], hours: usize, fresh: Reading) -> Self {
        let mut windows: Vec<Vec<Reading>> = Vec::new();
        for reading in readings {
            let window = reading.hour / hours;
            windows.resize_with(windows.len().max(window + 1), Vec::new);
            windows[window].push(*reading);
        }
        let windows = windows.into_iter().skip(1).filter(|window| !window.is_empty());
        let (mut kib, mut handles) = (Vec::new(), Vec::new());
        for window in windows {
            kib.push(median(window.iter().map(|one| one.kib).collect()));
            let count = |one: &Reading| i64::try_from(one.handles).expect("few handles");
            handles.push(median(window.iter().map(count).collect()));
        }
        Self { kib, handles, fresh: fresh.kib }
    }

    /// By how much memory and handles grew from the first figure to the last,
    /// beyond what the same books take of a fresh process.
    pub(super) fn growth(&self) -> (i64, i64) {
        let books = self.kib.first().map_or(0, |first| (self.fresh - first).max(0));
        (growth(&self.kib) - books, growth(&self.handles))
    }

    pub(super) fn judge(&self, tolerance: Tolerance) -> Result<(), String> {
        let (kib, handles) = self.growth();
        if kib > tolerance.kib || handles > tolerance.handles {
            return Err(format!(
                "it grew by {kib} KiB ({} allowed) and {handles} handles ({} allowed): {self:?}",
                tolerance.kib, tolerance.handles
            ));
        }
        Ok(())
    }
}

/// The median slope, over all steps.
fn growth(figures: &[i64]) -> i64 {
    let steps = i64::try_from(figures.len()).expect("few figures") - 1;
    let mut slopes = Vec::new();
    for (at, from) in figures.iter().enumerate() {
        for (further, to) in figures.iter().enumerate().skip(at + 1) {
            let far = i64::try_from(further - at).expect("few figures");
            slopes.push((to - from) * steps / far);
        }
    }
    if slopes.is_empty() { 0 } else { median(slopes) }
}

fn median(mut all: Vec<i64>) -> i64 {
    all.sort_unstable();
    all[all.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    type ByHour = fn(i64) -> i64;

    /// Readings of a week whose memory and handles follow from the hour.
    fn week(kib: ByHour, handles: ByHour, fresh: i64) -> Figures {
        let reading = |hour: i64| Reading {
            hour: usize::try_from(hour).unwrap(),
            kib: kib(hour),
            handles: usize::try_from(handles(hour)).unwrap(),
        };
        Figures::of(&(0..168).map(reading).collect::<Vec<_>>(), 24, Reading { kib: fresh, ..reading(0) })
    }

    #[test]
    fn growth_is_told_from_noise() {
        let cases: [(&str, ByHour, ByHour, bool); 8] = [
            ("nothing", |_| 50_000, |_| 20, true),
            ("noise", |hour| 50_000 + (hour * 7_919) % 3_000, |hour| 20 + hour % 3, true),
            ("the first day", |hour| 10_000 + 1_000 * hour.min(20), |hour| 10 + hour.min(10), true),
            ("one peak", |hour| if hour / 24 == 4 { 90_000 } else { 50_000 }, |_| 20, true),
            ("a leak under noise", |hour| 50_000 + 30 * hour + (hour * 7_919) % 3_000, |_| 20, false),
            ("a handle a day", |_| 50_000, |hour| 20 + hour / 24, false),
            ("books", |hour| 50_000 + 20 * hour, |_| 20, true),
            ("what goes down", |hour| 50_000 - 100 * hour, |hour| 200 - hour, true),
        ];
        for (what, kib, handles, flat) in cases {
            let figures = week(kib, handles, if what == "books" { 53_000 } else { 50_000 });
            let judged = figures.judge(Tolerance { kib: 2_048, handles: 2 });
            assert_eq!(judged.is_ok(), flat, "{what}: {judged:?} {:?}", figures.growth());
        }
    }
}
