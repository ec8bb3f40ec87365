//! Faults: collects what is wrong while the files are read, so that nothing
//! stops at the first error.

use std::cell::{RefCell, RefMut};
use std::ops::Range;

use super::error::{ConfigError, ConfigErrors};
use super::files::SourceFile;

/// A place in one of the files that are being read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Spot {
    /// Which file, in the order in which they were read.
    pub file: usize,
    start: usize,
    end: usize,
}

impl Spot {
    pub(super) fn new(file: usize, span: Range<usize>) -> Self {
        Self { file, start: span.start, end: span.end }
    }

    /// A file as a whole.
    pub(super) fn whole(file: usize) -> Self {
        Self { file, start: 0, end: usize::MAX }
    }

    /// Where it begins.
    pub(super) fn start(&self) -> usize {
        self.start
    }

    fn span(&self) -> Option<Range<usize>> {
        (self.end != usize::MAX).then_some(self.start..self.end)
    }
}

#[derive(Debug)]
struct Fault {
    spot: Spot,
    message: String,
    remedy: Option<String>,
    other: Option<Spot>,
}

/// What is wrong so far.
#[derive(Debug, Default)]
pub(super) struct Faults(RefCell<Vec<Fault>>);

/// The fault just reported, to add to it.
pub(super) struct Reported<'f>(RefMut<'f, Fault>);

impl Faults {
    /// Reports a fault; `{other}` in the message stands for the place given
    /// with [`Reported::other`].
    pub(super) fn report(&self, spot: &Spot, message: impl Into<String>) -> Reported<'_> {
        let mut faults = self.0.borrow_mut();
        faults.push(Fault { spot: spot.clone(), message: message.into(), remedy: None, other: None });
        Reported(RefMut::map(faults, |faults| faults.last_mut().expect("one was pushed just now")))
    }

    /// Whether nothing is wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// All faults, sorted by file and line.
    pub(super) fn into_errors(self, files: &[SourceFile]) -> ConfigErrors {
        let mut faults = self.0.into_inner();
        faults.sort_by(|one, other| one.spot.cmp(&other.spot));
        faults.dedup_by(|one, other| one.spot == other.spot && one.message == other.message);
        ConfigErrors(faults.into_iter().map(|fault| fault.into_error(files)).collect())
    }
}

impl Fault {
    fn into_error(self, files: &[SourceFile]) -> ConfigError {
        let other = self.other.map(|other| {
            let file = &files[other.file];
            format!("{}:{}", file.name, file.line(other.start))
        });
        let message = other.map_or(self.message.clone(), |other| self.message.replace("{other}", &other));
        let error = files[self.spot.file].error(self.spot.span(), message);
        ConfigError { remedy: self.remedy, ..error }
    }
}

impl Reported<'_> {
    /// Adds what to do.
    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.0.remedy = Some(remedy.into());
        self
    }

    /// Adds the other place that the message speaks of.
    pub(super) fn other(mut self, spot: &Spot) -> Self {
        self.0.other = Some(spot.clone());
        self
    }
}
