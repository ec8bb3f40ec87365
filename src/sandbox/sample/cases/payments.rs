//! Payments by others, moved, held back, never made; and documents on both
//! sides of a start.

use super::{BASIC, Case, PRO, Step};
use Step::{
    Attempts, Bill, Credit, HoldBack, Lift, OwnSync, ParentPays, Pay, PayWithFees, Put, Refund, Reverse,
    WriteOff,
};

pub(super) const CASES: &[Case] = &[
    Case::new(
        10_563,
        "Maple Group",
        "a parent with an invoice of its own",
        &[(90, Bill("a", &[PRO], &[])), (80, Pay("p", "CreditCard", "49", &[("a", "49")]))],
    ),
    Case::new(
        10_564,
        "Maple Branch",
        "a child for which its parent paid",
        &[(90, Bill("a", &[BASIC], &[])), (80, ParentPays("p", "19", &[("a", "19")]))],
    )
    .child_of(10_563),
    Case::new(
        10_565,
        "Nutmeg Networks",
        "a payment that is not to be sent",
        &[
            (90, Bill("a", &[PRO], &[])),
            (80, Pay("p", "Check", "20", &[("a", "20")])),
            (79, HoldBack("p")),
            (70, Pay("q", "Check", "29", &[("a", "29")])),
        ],
    ),
    Case::new(
        10_566,
        "Oak Orchards",
        "money allocated late, then moved to another invoice",
        &[
            (90, Bill("a", &[PRO], &[])),
            (88, Bill("b", &[PRO], &[])),
            (80, Pay("p", "DirectDeposit", "60", &[])),
            (70, Put("p", "a", "49")),
            (60, Lift("p", "a", "30")),
            (60, Put("p", "b", "41")),
        ],
    ),
    Case::new(
        10_567,
        "Poplar Posters",
        "a long reference, fees and a surcharge",
        &[(90, Bill("a", &[PRO], &[])), (80, PayWithFees("p", "49", &[("a", "49")]))],
    ),
    Case::new(
        10_568,
        "Redwood Rentals",
        "attempts refused, never answered and only looked at",
        &[(90, Bill("a", &[PRO], &[])), (80, Attempts("49"))],
    ),
    Case::new(
        10_569,
        "Sorrel Studios",
        "an invoice before the start paid after it, and the reverse",
        &[
            (200, Bill("a", &[PRO], &[])),
            (190, Pay("p", "Check", "30", &[])),
            (90, Bill("b", &[PRO], &[])),
            (80, Put("p", "b", "30")),
            (70, Pay("q", "Check", "68", &[("a", "49"), ("b", "19")])),
        ],
    )
    .counts_for_days(120),
    Case::new(
        10_570,
        "Tamarind Tours",
        "a payment before the start refunded after it",
        &[
            (200, Bill("a", &[PRO], &[])),
            (190, Pay("p", "ACH", "49", &[("a", "49")])),
            (80, Refund("p", "19", &[("a", "19")])),
            (70, Pay("q", "ACH", "5", &[])),
        ],
    )
    .counts_for_days(120),
    Case::new(
        10_571,
        "Vetiver Ventures",
        "an invoice before the start credited, reversed and written off after it",
        &[
            (200, Bill("a", &[PRO, PRO], &[])),
            (90, Bill("b", &[PRO], &[])),
            (80, Credit("c", "30", &[("a", "20"), ("b", "10")])),
            (70, Reverse("a", &[(0, "15")])),
            (60, WriteOff("a", "33")),
        ],
    )
    .counts_for_days(120),
    Case::new(
        10_572,
        "Wisteria Wines",
        "posted before by Stax Bill's own synchronisation",
        &[
            (90, Bill("a", &[PRO], &[])),
            (80, Pay("p", "CreditCard", "49", &[("a", "49")])),
            (70, OwnSync),
            (60, Bill("b", &[PRO], &[])),
        ],
    ),
];
