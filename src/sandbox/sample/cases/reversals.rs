//! Charge reversals and write-offs.

use super::{BASIC, Case, PRO, Rows, Step};
use Step::{Bill, Credit, Pay, Refund, Reverse, WriteOff};

const TAXES: Rows = &[("GST", "5"), ("CA Sales Tax", "7.25")];

pub(super) const CASES: &[Case] = &[
    Case::new(
        10_540,
        "Quince Quilts",
        "one charge reversed in three parts, with discounts and taxes",
        &[
            (90, Bill("a", &[("SEATS", "3", "33.333333", &["4.90", "1.11"]), BASIC], TAXES)),
            (80, Reverse("a", &[(0, "33.33")])),
            (70, Reverse("a", &[(0, "33.33")])),
            (60, Reverse("a", &[(0, "33.34")])),
        ],
    ),
    Case::new(
        10_541,
        "Rosehip Racing",
        "a whole invoice reversed, two charges in one note",
        &[(90, Bill("a", &[PRO, BASIC], &[("GST", "5")])), (80, Reverse("a", &[]))],
    ),
    Case::new(
        10_542,
        "Saffron Saddles",
        "a whole invoice reversed in two acts",
        &[(90, Bill("a", &[PRO, BASIC], TAXES)), (80, Reverse("a", &[(0, "20")])), (70, Reverse("a", &[]))],
    ),
    Case::new(
        10_543,
        "Thistle Theatre",
        "a paid charge reversed: the credit stays open",
        &[
            (90, Bill("a", &[PRO], &[])),
            (80, Pay("p", "CreditCard", "49", &[("a", "49")])),
            (70, Reverse("a", &[(0, "20")])),
        ],
    ),
    Case::new(
        10_544,
        "Umbra Umbrellas",
        "a paid charge reversed and the money given back",
        &[
            (90, Bill("a", &[PRO], &[])),
            (80, Pay("p", "CreditCard", "49", &[("a", "49")])),
            (70, Reverse("a", &[])),
            (69, Refund("p", "49", &[("a", "49")])),
        ],
    ),
    Case::new(
        10_545,
        "Violet Vans",
        "a partly paid invoice reversed in part, beyond what was owed",
        &[
            (90, Bill("a", &[PRO, BASIC], &[])),
            (80, Pay("p", "Check", "40", &[("a", "40")])),
            (70, Reverse("a", &[(0, "35")])),
        ],
    ),
    Case::new(
        10_546,
        "Willow Works",
        "an invoice written off whole",
        &[(200, Bill("a", &[PRO], &[("GST", "5")])), (40, WriteOff("a", "51.45"))],
    ),
    Case::new(
        10_547,
        "Xeranthemum Xylophones",
        "an invoice written off in part, then paid",
        &[
            (200, Bill("a", &[PRO], &[])),
            (60, WriteOff("a", "9")),
            (50, Pay("p", "DirectDeposit", "40", &[("a", "40")])),
        ],
    ),
    Case::new(
        10_548,
        "Yarrow Yachts",
        "an invoice paid, credited, reversed and written off by parts",
        &[
            (200, Bill("a", &[PRO, PRO], &[("GST", "5")])),
            (90, Pay("p", "ACH", "30", &[("a", "30")])),
            (80, Credit("c", "10", &[("a", "10")])),
            (70, Reverse("a", &[(1, "20")])),
            (60, WriteOff("a", "41.9")),
        ],
    ),
];
