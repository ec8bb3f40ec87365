//! Conditions under which the service turns calls away though nothing is wrong
//! with them: switches for those who test how a client bears them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::fault::Fault;

/// A standing condition of the company or of its connection. Several may hold
/// at once; the first in this order that concerns a call answers it. Which
/// calls each concerns is our reading, not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The app was disconnected from the company: every call, 403 with 3100.
    Disconnected,
    /// The person who connected the app is no administrator any more: every
    /// call, 401 with 120.
    AdminLost,
    /// The company lives on another cluster: every call, 130.
    WrongCluster,
    /// The company is locked: every call, 140.
    LockedOut,
    /// The company is under maintenance: every call, 150.
    Maintenance,
    /// The company's data was wiped and begun anew: every call, 10200.
    Reset,
    /// Subscription ended or unpaid: every write, 6190; reads go on.
    Unsubscribed,
    /// The connecting person's role may not enter anything: every write, 5020.
    NoPermission,
    /// The company's plan lacks the feature: every write, 5030.
    NotInPlan,
    /// Somebody has a list open in the company's own screens: writes of
    /// customers, vendors and employees, 6000.
    NamesBusy,
    /// Queries cannot be carried out for now: every query, 4002.
    QueriesDown,
}

/// The conditions that hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing(BTreeSet<Refusal>);

impl Standing {
    pub(super) fn set(&mut self, refusal: Refusal, holds: bool) {
        if holds {
            self.0.insert(refusal);
        } else {
            self.0.remove(&refusal);
        }
    }

    pub(super) fn all(&self) -> Vec<Refusal> {
        self.0.iter().copied().collect()
    }

    /// Whether a call gets past the door.
    pub(super) fn call(&self) -> Result<(), Fault> {
        refuse(self.0.iter().find_map(|refusal| refusal.of_call()))
    }

    /// Whether a query is carried out, alone or in a batch.
    pub(super) fn query(&self) -> Result<(), Fault> {
        refuse(self.0.iter().find_map(|refusal| refusal.of_query()))
    }

    /// Whether something of `entity` may be written, alone or in a batch.
    pub(super) fn write(&self, entity: &str) -> Result<(), Fault> {
        refuse(self.0.iter().find_map(|refusal| refusal.of_write(entity)))
    }
}

fn refuse(fault: Option<Fault>) -> Result<(), Fault> {
    fault.map_or(Ok(()), Err)
}

impl Refusal {
    /// Every one there is, in the order they are looked at.
    pub const ALL: [Self; 11] = [
        Self::Disconnected,
        Self::AdminLost,
        Self::WrongCluster,
        Self::LockedOut,
        Self::Maintenance,
        Self::Reset,
        Self::Unsubscribed,
        Self::NoPermission,
        Self::NotInPlan,
        Self::NamesBusy,
        Self::QueriesDown,
    ];

    /// What every call meets.
    fn of_call(self) -> Option<Fault> {
        let code = match self {
            Self::Disconnected => "3100",
            Self::AdminLost => "120",
            Self::WrongCluster => "130",
            Self::LockedOut => "140",
            Self::Maintenance => "150",
            Self::Reset => "10200",
            Self::Unsubscribed
            | Self::NoPermission
            | Self::NotInPlan
            | Self::NamesBusy
            | Self::QueriesDown => return None,
        };
        Some(Fault::known(code))
    }

    /// What a query meets, alone or in a batch.
    fn of_query(self) -> Option<Fault> {
        (self == Self::QueriesDown).then(|| Fault::known("4002"))
    }

    /// What a write of `entity` meets, alone or in a batch.
    fn of_write(self, entity: &str) -> Option<Fault> {
        let name = ["Customer", "Vendor", "Employee"].iter().any(|name| name.eq_ignore_ascii_case(entity));
        match self {
            Self::Unsubscribed => Some(Fault::known("6190")),
            Self::NoPermission => Some(Fault::known("5020")),
            Self::NotInPlan => {
                Some(Fault::known("5030").because(format!("Feature Not Supported Error : {entity}")))
            }
            Self::NamesBusy if name => Some(Fault::business(
                "You can only add or edit one name at a time. Someone else is adding or editing a name right \
                 now. Please wait and try again.",
            )),
            Self::NamesBusy
            | Self::QueriesDown
            | Self::Disconnected
            | Self::AdminLost
            | Self::WrongCluster
            | Self::LockedOut
            | Self::Maintenance
            | Self::Reset => None,
        }
    }
}
