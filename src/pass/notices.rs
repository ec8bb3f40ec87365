//! Notices: what is worth a look and holds nothing up.

use std::sync::PoisonError;

use super::{Cause, Holds, Notice, Pass};
use crate::model::{Code, Key, Money, RecordState};

impl Pass<'_> {
    /// A fund that can be applied as far as it fits, and no further.
    pub(super) fn note_foreign(&self, (fund, beyond): (Key, Money), invoice: &RecordState) {
        let text = format!(
            "{fund}: documents that are not ours stand on invoice {} in QuickBooks; {beyond} of it stays unapplied",
            invoice.label
        );
        self.crowded.lock().unwrap_or_else(PoisonError::into_inner).insert(fund, text);
    }

    /// Warnings of the whole company that hold nothing up yet: a connection
    /// that will end, unless it has ended already.
    pub(super) fn early(&self) -> Vec<Cause> {
        if self.causes.iter().any(|cause| cause.code == Code::Reconnect) {
            return Vec::new();
        }
        let ending = self.world.quickbooks.ending();
        ending.map(|reason| Cause::of(Holds::Nothing, Code::Reconnect, reason)).into_iter().collect()
    }

    pub(super) fn all_notices(&self) -> Vec<Notice> {
        let mut notices = self.notices.clone();
        notices.extend(self.token_notices());
        notices.extend(self.crowded());
        notices.extend(self.left_notices());
        notices.extend(self.anew_notice());
        notices
    }

    fn crowded(&self) -> Vec<Notice> {
        let crowded = self.crowded.lock().unwrap_or_else(PoisonError::into_inner);
        let notice = |text: &String| Notice { code: "possible-duplicate", text: text.clone(), at: None };
        crowded.values().map(notice).collect()
    }
}
