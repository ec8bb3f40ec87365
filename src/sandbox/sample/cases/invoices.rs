//! Invoices of every form: long ones, odd products, nothing to pay, amended.

use super::{BASIC, Case, PRO, Step};
use Step::{Amend, Bill, LongBill, Pay};

pub(super) const CASES: &[Case] = &[
    Case::new(
        10_549,
        "Zinnia Zoo",
        "an invoice of 120 lines, the first with a text of 5,000 letters",
        &[(90, LongBill("a", 120)), (80, Pay("p", "Check", "121.2", &[("a", "121.2")]))],
    ),
    Case::new(
        10_550,
        "Acorn Analytics",
        "quantities whose product with the price is finer than a cent",
        &[
            (
                90,
                Bill(
                    "a",
                    &[("SEATS", "7", "14.285714", &[]), ("SUPPORT-HOUR", "0.3333", "80.01", &["0.01"])],
                    &[],
                ),
            ),
            (80, Pay("p", "CreditCard", "126.66", &[("a", "126.66")])),
        ],
    ),
    Case::new(
        10_551,
        "Beech Beverages",
        "several charges with several discounts each, and several taxes",
        &[
            (
                90,
                Bill(
                    "a",
                    &[
                        ("PRO-MONTHLY", "2", "49.00", &["4.90", "0.33"]),
                        BASIC,
                        ("GATEWAY", "3", "89.5", &["10", "5", "0.07"]),
                    ],
                    &[("GST", "5"), ("CA Sales Tax", "7.25"), ("Levy", "0.5")],
                ),
            ),
            (80, Pay("p", "Cash", "100", &[("a", "100")])),
        ],
    ),
    Case::new(
        10_552,
        "Clover Clinics",
        "lines of zero, and an invoice of zero",
        &[
            (90, Bill("a", &[PRO, ("SETUP", "1", "0", &[])], &[])),
            (60, Bill("b", &[("BASIC-MONTHLY", "1", "19.00", &["19"])], &[])),
            (55, Pay("p", "ACH", "49", &[("a", "49")])),
        ],
    ),
    Case::new(
        10_553,
        "Daisy Drums",
        "order number and notes amended after posting",
        &[
            (90, Bill("a", &[PRO], &[])),
            (85, Amend("a", "PO-2026/17", "Please pay by transfer.\n\tThank you: \"team\" 🙂")),
        ],
    ),
    Case::new(
        10_554,
        "Elm Elevators",
        "a product that no table of items names",
        &[(90, Bill("a", &[("LEGACY-UNIT", "4", "2.50", &[]), PRO], &[]))],
    ),
    Case::new(
        10_555,
        "Fern Freight",
        "documents of a year that has been closed since",
        &[
            (385, Bill("a", &[PRO], &[])),
            (380, Pay("p", "Check", "49", &[("a", "49")])),
            (340, Bill("b", &[PRO], &[])),
        ],
    ),
];
