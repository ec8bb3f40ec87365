//! Credits and refunds on both sides of a start, and in a year that has been
//! closed since.

use super::{BASIC, Case, PRO, Step};
use Step::{Bill, Credit, Debit, Lift, Pay, Put, Refund};

pub(super) const CASES: &[Case] = &[
    Case::new(
        10_573,
        "Yew Yoga",
        "a refund of a payment in a year that has been closed since",
        &[
            (385, Bill("a", &[PRO], &[])),
            (380, Pay("p", "Check", "49", &[("a", "49")])),
            (80, Refund("p", "10", &[("a", "10")])),
            (70, Bill("b", &[BASIC], &[])),
        ],
    ),
    Case::new(
        10_574,
        "Zelkova Zithers",
        "a credit before the start, put on an invoice and taken back after it",
        &[
            (200, Credit("c", "40", &[])),
            (90, Bill("a", &[PRO], &[])),
            (80, Put("c", "a", "25")),
            (70, Debit("c", "20", &[("a", "5")])),
        ],
    )
    .counts_for_days(120),
    Case::new(
        10_575,
        "Aspen Audio",
        "a credit after the start for an invoice before it, moved and taken back",
        &[
            (200, Bill("a", &[PRO], &[])),
            (90, Bill("b", &[BASIC], &[])),
            (80, Credit("c", "30", &[("a", "30")])),
            (70, Lift("c", "a", "18")),
            (70, Put("c", "b", "10")),
            (60, Debit("c", "9", &[("a", "4")])),
        ],
    )
    .counts_for_days(120),
];
