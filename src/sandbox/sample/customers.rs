//! The table of sample customers: who is who in QuickBooks' demo company, and
//! what each of them shows.

use std::ops::RangeInclusive;

use crate::sandbox::staxbill::CustomerStatus;
use CustomerStatus::{Cancelled, Draft, Hold, Suspended};
use Habit::{AllocatedLater, Late, Never, OnTime, Over, Partial, RefusedFirst, Several};
use Plan::{Basic, Discounted, Free, Goods, Instalments, Nothing, Pro, Seats, Support, Taxed, TwoTaxes};

/// A customer of the sample account.
#[derive(Clone, Copy, Debug)]
pub struct SampleCustomer {
    /// In Stax Bill.
    pub id: i64,
    /// A company's name, or a person's first and last.
    pub name: &'static str,
    /// Whether `name` is a person's.
    pub person: bool,
    /// The same customer's id in the demo company, if it is there and alive.
    pub quickbooks: Option<u32>,
    /// Where it stands.
    pub status: CustomerStatus,
    /// What it is there for.
    pub shows: &'static str,
    /// What it is billed.
    pub plan: Plan,
    /// How it pays.
    pub habit: Habit,
}

/// What a customer is billed every month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// 49.00 through a subscription product.
    Pro,
    /// 19.00 through a subscription product.
    Basic,
    /// 3 × 33.333333, which is 100.00.
    Seats,
    /// 49.00 less 4.90.
    Discounted,
    /// 49.00 and GST at 5 %.
    Taxed,
    /// 49.00, GST at 5 % and a sales tax at 7.25 %.
    TwoTaxes,
    /// 19.00, and at first a setup and two devices through purchases.
    Goods,
    /// 2.25 hours through a purchase, and a charge without a product.
    Support,
    /// 270.00 every six months, in three instalments.
    Instalments,
    /// 49.00 less 49.00.
    Free,
    /// Nothing.
    Nothing,
}

/// How a customer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    /// Each invoice whole, within days.
    OnTime,
    /// Each invoice whole, after it fell due.
    Late,
    /// Each invoice in two payments.
    Partial,
    /// Each invoice with 20.00 too much, which stays unallocated.
    Over,
    /// Three invoices with one payment.
    Several,
    /// Before anybody says what for: the money is allocated weeks later.
    AllocatedLater,
    /// The card is refused at first, then checked, then charged.
    RefusedFirst,
    /// Not at all.
    Never,
}

impl SampleCustomer {
    /// The months before the present one in which it was billed.
    pub(super) fn billed_months_ago(&self) -> RangeInclusive<i32> {
        match self.status {
            Draft => RangeInclusive::new(1, 0),
            CustomerStatus::Active => 0..=11,
            Hold => 3..=11,
            Suspended => 2..=8,
            Cancelled => 6..=11,
        }
    }

    const fn person(self) -> Self {
        Self { person: true, ..self }
    }

    const fn is(self, status: CustomerStatus) -> Self {
        Self { status, ..self }
    }
}

const fn one(
    id: i64,
    name: &'static str,
    quickbooks: Option<u32>,
    (plan, habit): (Plan, Habit),
    shows: &'static str,
) -> SampleCustomer {
    let status = CustomerStatus::Active;
    SampleCustomer { id, name, person: false, quickbooks, status, shows, plan, habit }
}

/// Everybody, by id without a gap.
pub const CUSTOMERS: &[SampleCustomer] = &[
    one(10_482, "Amy's Bird Sanctuary", Some(1), (Pro, OnTime), "the same name"),
    one(10_483, "Bolt Bakery", None, (Pro, OnTime), "new to QuickBooks"),
    one(10_484, "Zz Test Account", None, (Basic, Never), "a test account, to be skipped"),
    one(10_485, "Cog & Co", None, (Seats, OnTime), "new, with an ampersand"),
    one(10_486, "Dormant Dairy", None, (Pro, OnTime), "cancelled, with a history").is(Cancelled),
    one(10_487, "Bill's Windsurf Shop", Some(2), (Pro, Late), "pays late"),
    one(10_488, "Cool Cars", Some(3), (Basic, Over), "pays too much"),
    one(10_489, "Diego Rodriguez", Some(4), (Basic, RefusedFirst), "a person; cards refused at first")
        .person(),
    one(10_490, "Dukes Basketball Camp LLC", Some(5), (Taxed, OnTime), "a similar name; GST"),
    one(10_491, "Dylan Sollfrank", Some(6), (Basic, OnTime), "a person").person(),
    one(10_492, "Freeman Sporting Goods", Some(7), (Seats, Several), "two jobs of the same company below it"),
    one(10_493, "Geeta Kalapatapu", Some(10), (Pro, Partial), "a person who pays in parts").person(),
    one(10_494, "Gevelber Photography", Some(11), (Discounted, OnTime), "discounts"),
    one(10_495, "Jeffs Jalopies", Some(12), (Goods, OnTime), "a similar name; goods through purchases"),
    one(10_496, "John Melton", Some(13), (Basic, Never), "a person who never pays").person(),
    one(10_497, "Kate Whelan", Some(14), (Basic, OnTime), "ambiguous: an inactive one of the same name")
        .person(),
    one(10_498, "Pyes Cakes", None, (Pro, OnTime), "ambiguous: Pye's Cakes, or Pye's Cakes & Pastries"),
    one(10_499, "KOOKIES BY KATHY", Some(16), (Basic, OnTime), "the same name in capitals"),
    one(10_500, "Mark Cho", Some(17), (Support, OnTime), "a person; support by the hour").person(),
    one(10_501, "Paulsen Medical Supply", Some(18), (TwoTaxes, Late), "a similar name; two taxes"),
    one(
        10_502,
        "Rago Travel Agency, Inc.",
        Some(19),
        (Pro, Several),
        "a similar name; one payment for three",
    ),
    one(10_503, "Red Rock Diner", Some(20), (Basic, AllocatedLater), "money allocated later"),
    one(10_504, "Rondonuwu Fruit & Vegi", Some(21), (Seats, OnTime), "a similar name"),
    one(10_505, "Barnett Design", Some(23), (Pro, OnTime), "a sub-customer there"),
    one(10_506, "Sonnenschein Family Store", Some(24), (Taxed, Partial), "GST, paid in parts"),
    one(10_507, "Sushi by Katsuyuki", Some(25), (Discounted, Over), "discounts, and pays too much"),
    one(10_508, "Travis Waldron", Some(26), (Basic, Late), "a person who pays late").person(),
    one(10_509, "Video Games by Dan", Some(27), (Goods, RefusedFirst), "goods; cards refused at first"),
    one(10_510, "Weiskopf Consulting", Some(29), (Support, Several), "support; one payment for three"),
    one(10_511, "Wedding Planning by Whitney", Some(28), (TwoTaxes, OnTime), "two taxes"),
    one(10_512, "Emily Platt", None, (Basic, OnTime), "the name of an inactive customer").person(),
    one(10_513, "Hicks Hardware", None, (Pro, OnTime), "the name of a vendor"),
    one(10_514, "Marigold Mornings", None, (Nothing, Never), "a draft, which is no record").is(Draft),
    one(10_515, "Harbour Holdings", None, (Pro, OnTime), "on hold for three months").is(Hold),
    one(10_516, "Sable Street Studio", None, (Basic, Never), "suspended, as it never pays").is(Suspended),
    one(10_517, "Larkspur Laundry", None, (Instalments, Partial), "invoices in instalments"),
    one(10_518, "Müller & Söhne GmbH", None, (Pro, OnTime), "letters of Latin-1"),
    one(10_519, "Žižkov Coffee Roasters", None, (Pro, OnTime), "letters beyond Latin-1"),
    one(10_520, "Nimbus: Cloud Hosting", None, (Seats, Late), "a colon, which QuickBooks refuses"),
    one(
        10_521,
        "Quill & Quire Booksellers",
        None,
        (Discounted, AllocatedLater),
        "discounts; allocated later",
    ),
    one(10_522, "Tern Telemetry", None, (Nothing, Never), "active, and never billed"),
    one(10_523, "Orchard Lane Preschool", None, (Free, Never), "invoices of zero"),
];
