//! What may happen in a history: to the account, to the operator's files, on
//! the network, and to the process.

use proptest::prelude::*;

/// One thing that happens. Where it picks something that is not there, nothing
/// happens, so that any part of a history is a history.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// A customer is entered.
    Enter,
    /// An invoice is posted.
    Bill { customer: Pick, charges: Vec<Charge>, taxed: bool, days_back: i64 },
    /// A payment of so much of what is owed (over 100: more than that) lies on
    /// the oldest open invoices, on so many of them.
    Pay { customer: Pick, percent: u32, invoices: usize, days_back: i64, method: Pick },
    /// A payment's free money is put on an open invoice.
    Allocate { payment: Pick, invoice: Pick, percent: u32 },
    /// A part of what lies on an invoice is taken off again.
    Release { payment: Pick, row: Pick, percent: u32 },
    /// The same, and it is put on another invoice at once.
    Move { payment: Pick, row: Pick, percent: u32, invoice: Pick },
    /// Two payments change places: each lets go of what the other takes.
    Swap { payment: Pick, other: Pick },
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
}

/// Which one of however many there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pick(u8);

impl Pick {
    /// That one of `all`, which are not none.
    pub(super) fn get<T>(self, all: &[T]) -> &T {
        &all[usize::from(self.0) % all.len()]
    }
}

/// A line of an invoice: one of the player's products and a discount.
#[derive(Clone, Debug)]
pub(super) struct Charge {
    pub(super) product: Pick,
    pub(super) discount_percent: u32,
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

/// A history.
pub(super) fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        1 => Just(Act::Enter),
        8 => bill(),
        6 => pay(),
        4 => (pick(), pick(), percent())
            .prop_map(|(payment, invoice, percent)| Act::Allocate { payment, invoice, percent }),
        3 => (pick(), pick(), percent())
            .prop_map(|(payment, row, percent)| Act::Release { payment, row, percent }),
        4 => (pick(), pick(), percent(), pick())
            .prop_map(|(payment, row, percent, invoice)| Act::Move { payment, row, percent, invoice }),
        3 => (pick(), pick()).prop_map(|(payment, other)| Act::Swap { payment, other }),
        4 => (pick(), any::<bool>(), proptest::option::of(-1_i64..60))
            .prop_map(|(customer, adopt, days_back)| Act::Connect { customer, adopt, days_back }),
        1 => pick().prop_map(|customer| Act::Skip { customer }),
        1 => (pick(), 1_i64..40).prop_map(|(customer, days)| Act::Earlier { customer, days }),
        1 => prop_oneof![Just(1_u64), Just(700)].prop_map(|hours| Act::LookAgain { hours }),
        3 => prop_oneof![1_u64..30, 60_u64..400, 1_000_u64..4_000].prop_map(|minutes| Act::Wait { minutes }),
        3 => Just(Act::Once),
        4 => Just(Act::Pass),
        1 => Just(Act::Plan),
        3 => (0_u64..80, any::<bool>()).prop_map(|(steps, late)| Act::Crash { steps, late }),
        3 => trouble(),
    ];
    proptest::collection::vec(act, 4..60)
}

fn bill() -> impl Strategy<Value = Act> {
    let discount = prop_oneof![3 => Just(0_u32), 2 => 1_u32..100, 1 => Just(100)];
    let charge =
        (pick(), discount).prop_map(|(product, discount_percent)| Charge { product, discount_percent });
    let charges = proptest::collection::vec(charge, 1..4);
    (pick(), charges, any::<bool>(), 0_i64..60).prop_map(|(customer, charges, taxed, days_back)| Act::Bill {
        customer,
        charges,
        taxed,
        days_back,
    })
}

fn pay() -> impl Strategy<Value = Act> {
    let percent = prop_oneof![1_u32..100, Just(100), 101_u32..200];
    (pick(), percent, 0_usize..4, 0_i64..60, pick()).prop_map(
        |(customer, percent, invoices, days_back, method)| Act::Pay {
            customer,
            percent,
            invoices,
            days_back,
            method,
        },
    )
}

fn trouble() -> impl Strategy<Value = Act> {
    let wrongs = vec![
        Wrong::Refused,
        Wrong::Cut,
        Wrong::Cut,
        Wrong::Half,
        Wrong::TooMany,
        Wrong::Unavailable,
        Wrong::Stumbled,
        Wrong::Html,
    ];
    let calls = vec![Calls::StaxBill, Calls::QuickBooks, Calls::QuickBooksPosts, Calls::QuickBooksPosts];
    let (calls, wrongs) = (proptest::sample::select(calls), proptest::sample::select(wrongs));
    (0_u64..25, 1_u64..6, calls, wrongs).prop_map(|(skip, times, calls, what)| Act::Trouble {
        skip,
        times,
        calls,
        what,
    })
}

fn percent() -> impl Strategy<Value = u32> {
    prop_oneof![1_u32..100, Just(100)]
}

fn pick() -> impl Strategy<Value = Pick> {
    (0_u8..60).prop_map(Pick)
}
