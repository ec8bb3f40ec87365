//! Refunds, and payments that the bank takes back.

use super::{BASIC, Case, PRO, Step};
use crate::sandbox::staxbill::SettlementStatus::{Failed, Pending, Successful};
use Step::{Bill, Bounce, Pay, Refund, Settle};

pub(super) const CASES: &[Case] = &[
    Case::new(
        10_524,
        "Almond Avenue Farm",
        "a payment refunded in full",
        &[
            (90, Bill("a", &[PRO], &[])),
            (80, Pay("p", "CreditCard", "49", &[("a", "49")])),
            (70, Refund("p", "49", &[("a", "49")])),
        ],
    ),
    Case::new(
        10_525,
        "Bluebell Boats",
        "a payment refunded in part",
        &[
            (90, Bill("a", &[PRO], &[])),
            (80, Pay("p", "ACH", "49", &[("a", "49")])),
            (70, Refund("p", "20", &[("a", "20")])),
        ],
    ),
    Case::new(
        10_526,
        "Chestnut Chairs",
        "several refunds of one payment",
        &[
            (90, Bill("a", &[PRO], &[])),
            (80, Pay("p", "Check", "49", &[("a", "49")])),
            (70, Refund("p", "10", &[("a", "10")])),
            (60, Refund("p", "15.5", &[("a", "15.5")])),
            (50, Refund("p", "3.25", &[("a", "3.25")])),
        ],
    ),
    Case::new(
        10_527,
        "Dandelion Dance",
        "a refund of a payment for several invoices",
        &[
            (90, Bill("a", &[PRO], &[])),
            (88, Bill("b", &[BASIC], &[])),
            (80, Pay("p", "CreditCard", "68", &[("a", "49"), ("b", "19")])),
            (70, Refund("p", "30", &[("a", "11"), ("b", "19")])),
        ],
    ),
    Case::new(
        10_528,
        "Elderberry Events",
        "a refund of what lay on no invoice, beside what lay on one",
        &[
            (90, Bill("a", &[PRO], &[])),
            (80, Pay("p", "Cash", "69", &[("a", "49")])),
            (70, Refund("p", "15", &[])),
            (60, Refund("p", "25", &[("a", "20")])),
        ],
    ),
    Case::new(
        10_529,
        "Foxglove Films",
        "an invoice that a refund opens and another payment closes",
        &[
            (90, Bill("a", &[PRO], &[])),
            (80, Pay("p", "CreditCard", "49", &[("a", "49")])),
            (70, Refund("p", "20", &[("a", "20")])),
            (60, Pay("q", "Check", "20", &[("a", "20")])),
        ],
    ),
    Case::new(
        10_530,
        "Gooseberry Gifts",
        "a bank transfer that bounced",
        &[(90, Bill("a", &[PRO], &[])), (80, Pay("p", "ACH", "49", &[("a", "49")])), (76, Bounce("p"))],
    ),
    Case::new(
        10_531,
        "Hawthorn Hats",
        "a settlement that failed and was taken back, and one that arrived",
        &[
            (90, Bill("a", &[PRO], &[])),
            (80, Pay("p", "ACH", "49", &[("a", "49")])),
            (79, Settle("p", Pending)),
            (75, Settle("p", Failed)),
            (74, Bounce("p")),
            (60, Pay("q", "ACH", "49", &[("a", "49")])),
            (59, Settle("q", Pending)),
            (57, Settle("q", Successful)),
        ],
    ),
    Case::new(
        10_532,
        "Iris Instruments",
        "a settlement that failed with no refund yet, and one under way",
        &[
            (90, Bill("a", &[PRO], &[])),
            (85, Bill("b", &[BASIC], &[])),
            (80, Pay("p", "ACH", "49", &[("a", "49")])),
            (75, Settle("p", Failed)),
            (3, Pay("q", "ACH", "19", &[("b", "19")])),
            (2, Settle("q", Pending)),
        ],
    ),
];
