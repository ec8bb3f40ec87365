//! What earlier reports knew, read once from the one on disk: a chart and a
//! month's figures are no reason to keep them in the state, whose values cost
//! a flush each.

use std::path::Path;

use crate::fsx;
use crate::model::RealmId;
use crate::report::{Past, Status};

/// Larger ones are of no use to anybody.
const BYTES_MAX: u64 = 256 << 20;

/// What the report in `folder` knew of this company's passes; nothing where
/// there is none, or one of another company or form.
pub(super) fn read(folder: &Path, realm_id: &RealmId) -> Past {
    last(folder, realm_id).map(Past::of).unwrap_or_default()
}

/// The number of the pass that the report in `folder` tells of, where it is one
/// of this company.
pub fn last_pass(folder: &Path, realm_id: &RealmId) -> Option<u64> {
    last(folder, realm_id).map(|status| status.last_pass.number)
}

fn last(folder: &Path, realm_id: &RealmId) -> Option<Status> {
    let bytes = fsx::read_capped(&folder.join("status.json"), BYTES_MAX).ok()?;
    let status = std::str::from_utf8(&bytes).ok().and_then(|text| Status::read(text).ok());
    status.filter(|status| status.company.realm_id == *realm_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{CompanyRow, GenerationRow, PassRow, RecentPass};

    fn status() -> Status {
        let at = "2026-11-22T15:00:00Z".parse().unwrap();
        let company = CompanyRow { name: "craigs".to_owned(), realm_id: RealmId::new("913") };
        let (applied, observed) = ("a".to_owned(), "a".to_owned());
        let generation = GenerationRow { applied, observed, rejected: None, commit: None };
        let (outcome, calls) = ("complete".to_owned(), crate::report::Calls::default());
        let pass =
            PassRow { number: 4, triggers: Vec::new(), started_at: at, finished_at: at, outcome, calls };
        let mut status = Status::new(company, generation, pass, at, []);
        let outcome = "complete".to_owned();
        status.recent_passes =
            vec![RecentPass { number: 4, finished_at: at, outcome, warnings: 1, synced: 2, writes: 3 }];
        status
    }

    #[test]
    fn only_a_report_of_the_same_company_is_gone_on_from() {
        let folder = tempfile::tempdir().unwrap();
        let here = |realm: &str| read(folder.path(), &RealmId::new(realm));
        assert_eq!(here("913"), Past::default());
        let write =
            |text: &str| fsx::write_atomic(&folder.path().join("status.json"), text.as_bytes(), 0o600);
        write(&status().to_json()).unwrap();
        assert_eq!(here("913"), Past::of(status()));
        assert_ne!(here("913"), Past::default());
        assert_eq!(here("914"), Past::default());
        write(&status().to_json()[..200]).unwrap();
        assert_eq!(here("913"), Past::default());
    }
}
