//! What a person does next about a record.

use jiff::civil::Date;

use super::Look;
use crate::model::{Code, CustomerStatus, Key, State, Verb};
use crate::report::WaitRow;

impl Look<'_> {
    /// In a sentence; it begins with `Nothing` where that is so.
    pub(super) fn next(&self, waits_for: &[WaitRow], start: Option<Date>) -> String {
        match self.record.state {
            State::Synced => "Nothing: QuickBooks holds what it should.".to_owned(),
            State::OutOfScope => format!("Nothing: {}.", self.left_out(start)),
            State::NotTried | State::Blocked => self.wait_out(waits_for),
            State::Failed | State::Held | State::Drifted => {
                let Some(fault) = &self.record.fault else {
                    return "Nothing: latchd tries it again with the next pass.".to_owned();
                };
                let dismissed = self.reported(self.key, fault.code).and_then(|row| row.dismissed.as_ref());
                match dismissed {
                    Some(_) => "Nothing: it was dismissed in the files.".to_owned(),
                    None => self.remedy(self.key, fault.code),
                }
            }
        }
    }

    /// What to do about a warning: the last report may know more than the
    /// catalogue, such as the very line to write.
    pub(super) fn remedy(&self, key: Key, code: Code) -> String {
        match self.reported(key, code) {
            Some(row) => row.remedy.clone(),
            None => code.remedy().todo.to_owned(),
        }
    }

    fn is_dismissed(&self, row: &WaitRow) -> bool {
        let warnings = self.beside.last.iter().flat_map(|status| &status.warnings);
        warnings
            .filter(|one| one.key == row.key && Some(one.code) == row.code)
            .any(|one| one.dismissed.is_some())
    }

    fn wait_out(&self, waits_for: &[WaitRow]) -> String {
        let root = waits_for.iter().rev().find(|row| row.remedy.is_some());
        if let Some(root) = root.filter(|root| self.is_dismissed(root)) {
            return format!("Nothing: it waits for {}, which was dismissed in the files.", root.key);
        }
        if let Some((root, remedy)) = root.and_then(|root| Some((root, root.remedy.as_ref()?))) {
            return format!("{}: {remedy}", root.key);
        }
        if let Some(nearest) = waits_for.first() {
            return format!("Nothing: it waits for {}.", nearest.key);
        }
        match self.beside.last.and_then(|status| status.next_pass_at) {
            Some(at) => {
                let at = at.strftime("%Y-%m-%d %H:%M UTC");
                format!("Nothing: it waits for its first attempt, in the pass of {at} at the latest.")
            }
            None => "Nothing: it waits for its first attempt, in the next pass.".to_owned(),
        }
    }

    /// Why it does not count.
    fn left_out(&self, start: Option<Date>) -> String {
        let (record, customer) = (self.record, Key::customer(self.record.customer));
        if !record.send {
            return "Stax Bill says not to send it".to_owned();
        }
        let status = record.status.filter(|_| self.key == customer);
        match self.link().map(|link| &link.verb) {
            Some(Verb::Skip { why }) => format!("the files leave {customer} alone: {why}"),
            Some(Verb::Unlink { why }) => format!("the files unlink {customer}: {why}"),
            Some(Verb::Adopt { .. } | Verb::Create { .. }) => match (record.date, start) {
                (Some(date), Some(start)) if date < start => {
                    format!("it is dated before the customer's start, {start}")
                }
                _ if status == Some(CustomerStatus::Draft) => "Stax Bill's customer is a draft".to_owned(),
                _ => "it does not count".to_owned(),
            },
            None => match status {
                Some(CustomerStatus::Draft) => "Stax Bill's customer is a draft".to_owned(),
                Some(CustomerStatus::Cancelled) => "it is cancelled in Stax Bill and has no line".to_owned(),
                Some(CustomerStatus::Active | CustomerStatus::Hold | CustomerStatus::Suspended) | None => {
                    format!("{customer} has no line, and it does not count without one")
                }
            },
        }
    }
}
