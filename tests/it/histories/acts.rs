//! What may happen in a history: to the account, to the operator's files, on
//! the network, and to the process.

use super::rough::Blow;

/// A history: in what company it happens, and what.
#[derive(Clone, Debug)]
pub(super) struct History {
    pub(super) variant: Variant,
    pub(super) acts: Vec<Act>,
}

/// What kind of company it is: how Stax Bill reads what its vendor leaves
/// open, and what the operator chose before the first day.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "any of them goes with any other")]
pub(super) struct Variant {
    /// Stax Bill shows allocations before refunds and debits.
    pub(super) gross: bool,
    /// Each reversed charge has a credit note of its own.
    pub(super) note_per_charge: bool,
    /// Reversing what was paid sets the payment free.
    pub(super) reversal_frees: bool,
    /// Customers are billed in dollars, euros and yen.
    pub(super) currencies: bool,
    /// Refunds become journal entries. Those of foreign money are held, so that
    /// there is none.
    pub(super) entries: bool,
    /// Discounts have a line of their own.
    pub(super) discount_line: bool,
    /// Taxes are QuickBooks' own.
    pub(super) tax_codes: bool,
    /// More than a page of customers came before ours.
    pub(super) crowd: bool,
}

/// One thing that happens. Where it picks something that is not there, nothing
/// happens, so that any part of a history is a history.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// A customer is entered.
    Enter,
    /// An invoice is posted, with so many taxes.
    Bill { customer: Pick, charges: Vec<Charge>, taxes: usize, days_back: i64 },
    /// A payment of so much of what is owed (over 100: more than that) lies on
    /// the oldest open invoices, on so many of them.
    Pay { customer: Pick, share: Share, method: Pick },
    /// The same as a credit, or as what was in hand when the account began.
    Credit { customer: Pick, share: Share, opening: bool },
    /// What is free of a payment or a credit is put on an open invoice.
    Allocate { fund: Pick, invoice: Pick, percent: u32 },
    /// A part of what lies on an invoice is taken off again.
    Release { fund: Pick, row: Pick, percent: u32 },
    /// The same, and it is put on another invoice at once.
    Move { fund: Pick, row: Pick, percent: u32, invoice: Pick },
    /// Two funds change places: each lets go of what the other takes.
    Swap { fund: Pick, other: Pick },
    /// A payment is given back.
    Refund { payment: Pick, back: TakenBack },
    /// The bank takes a payment back.
    Bounce { payment: Pick, days_back: i64 },
    /// A credit is taken back.
    Debit { credit: Pick, back: TakenBack },
    /// So much of each of some charges is reversed; of all where none is named.
    Reverse { invoice: Pick, charges: Vec<(Pick, u32)>, days_back: i64 },
    /// So much of what is owed on an invoice is written off.
    WriteOff { invoice: Pick, percent: u32, days_back: i64 },
    /// An invoice's order number and notes are amended.
    Amend { invoice: Pick, po_number: Option<u8>, notes: Option<u8> },
    /// QuickBooks' books are closed up to so many days ago, or reopened.
    CloseBooks { days_back: Option<i64> },
    /// A bookkeeper enters a payment of so much of what is open on one of our
    /// invoices.
    ForeignPayment { invoice: Pick, percent: u32 },
    /// The operator links a customer that is not linked.
    Connect { customer: Pick, adopt: bool, days_back: Option<i64> },
    /// The operator leaves out a customer that is not linked.
    Skip { customer: Pick },
    /// The operator moves a start back.
    Earlier { customer: Pick, days: i64 },
    /// The operator says after how many hours everything is looked at again.
    LookAgain { hours: u64 },
    /// Time passes.
    Wait { minutes: u64 },
    /// `latchd once`, in a process of its own.
    Once,
    /// A pass of the daemon, which waits for no open write.
    Pass,
    /// The files and both sides are looked at, nothing else.
    Plan,
    /// A pass is killed after so many steps of the network's clock.
    Crash { steps: u64, late: bool },
    /// Calls to come go wrong.
    Trouble { skip: u64, times: u64, calls: Calls, what: Wrong },
    /// The weather is rough.
    Rough(Blow),
}

/// Which one of however many there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pick(u8);

impl Pick {
    pub(super) fn new(place: u8) -> Self {
        Self(place)
    }

    /// That one of `all`, which are not none.
    pub(super) fn get<T>(self, all: &[T]) -> &T {
        &all[usize::from(self.0) % all.len()]
    }
}

/// A line of an invoice: one of the biller's products and its discounts.
#[derive(Clone, Debug)]
pub(super) struct Charge {
    pub(super) product: Pick,
    pub(super) discount_percents: Vec<u32>,
}

/// How much of what is owed, on how many invoices, how long ago.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share {
    pub(super) percent: u32,
    pub(super) invoices: usize,
    pub(super) days_back: i64,
}

/// How much is taken back, whether of what is free first, and how long ago.
#[derive(Clone, Copy, Debug)]
pub(super) struct TakenBack {
    pub(super) percent: u32,
    pub(super) free_first: bool,
    pub(super) days_back: i64,
}

/// Which calls go wrong. Those for tokens are not among them: the answer that
/// bears a new refresh token is the only place where it stands, so that a
/// person must connect again where it is lost.
#[derive(Clone, Copy, Debug)]
pub(super) enum Calls {
    StaxBill,
    QuickBooks,
    QuickBooksPosts,
}

/// How a call goes wrong.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wrong {
    /// It is lost on its way.
    Refused,
    /// Its answer is lost.
    Cut,
    /// Half its answer is lost.
    Half,
    /// It is one too many.
    TooMany,
    /// The server stumbles before.
    Unavailable,
    /// The server stumbles after.
    Stumbled,
    /// A proxy answers.
    Html,
}
