//! Credits, debits and opening balances.

use super::{BASIC, Case, PRO, Step};
use Step::{Bill, Credit, Debit, Lift, Opening, Pay, Put};

pub(super) const CASES: &[Case] = &[
    Case::new(
        10_533,
        "Jasmine Joinery",
        "a credit that covers an invoice",
        &[(90, Bill("a", &[PRO], &[])), (80, Credit("c", "49", &[("a", "49")]))],
    ),
    Case::new(
        10_534,
        "Kelp Kayaks",
        "a credit allocated late, in two parts",
        &[
            (90, Credit("c", "60", &[])),
            (80, Bill("a", &[PRO], &[])),
            (70, Put("c", "a", "49")),
            (60, Bill("b", &[BASIC], &[])),
            (50, Put("c", "b", "11")),
            (40, Pay("p", "Check", "8", &[("b", "8")])),
        ],
    ),
    Case::new(
        10_535,
        "Lavender Lamps",
        "a credit moved from one invoice to another, and one never allocated",
        &[
            (90, Bill("a", &[PRO], &[])),
            (85, Bill("b", &[PRO], &[])),
            (80, Credit("c", "49", &[("a", "49")])),
            (70, Lift("c", "a", "30")),
            (70, Put("c", "b", "30")),
            (60, Credit("d", "5.55", &[])),
        ],
    ),
    Case::new(
        10_536,
        "Mulberry Mills",
        "debits of a credit: of what lay on none, then of what lay on an invoice",
        &[
            (90, Bill("a", &[PRO], &[])),
            (80, Credit("c", "40", &[("a", "30")])),
            (70, Debit("c", "10", &[])),
            (60, Debit("c", "12.5", &[("a", "12.5")])),
        ],
    ),
    Case::new(
        10_537,
        "Nettle Nursery",
        "a credit taken back in full",
        &[
            (90, Bill("a", &[PRO], &[])),
            (80, Credit("c", "20", &[("a", "20")])),
            (70, Debit("c", "20", &[("a", "20")])),
        ],
    ),
    Case::new(
        10_538,
        "Oleander Optics",
        "credit in hand when the account began, and money owed then",
        &[
            (390, Opening("o", "30", &[])),
            (390, Bill("old", &[("SETUP", "1", "75", &[])], &[])),
            (90, Bill("a", &[PRO], &[])),
            (80, Put("o", "a", "25")),
        ],
    ),
    Case::new(
        10_539,
        "Peony Pianos",
        "a credit and a payment on one invoice",
        &[
            (90, Bill("a", &[PRO, BASIC], &[])),
            (80, Credit("c", "18", &[("a", "18")])),
            (70, Pay("p", "CreditCard", "50", &[("a", "50")])),
        ],
    ),
];
