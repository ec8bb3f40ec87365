//! How likely everything is that may happen in a history.

use proptest::prelude::*;

use latchd::sandbox::trouble::{ItemFate, PageFault};

use super::Kind;
use super::acts::{Act, Calls, Charge, History, Pick, Share, TakenBack, Variant, Wrong};
use super::rough::{Blow, Odd};

/// A history of a kind.
pub(super) fn histories(kind: Kind) -> BoxedStrategy<History> {
    match kind {
        Kind::Plain | Kind::ByHand | Kind::Rebuilt => {
            let acts = proptest::collection::vec(act(), 4..60);
            (variant(), acts).prop_map(|(variant, acts)| History { variant, acts }).boxed()
        }
        Kind::Rough => {
            let acts = prop_oneof![7 => act(), 2 => blow().prop_map(Act::Rough)];
            let crowd = prop_oneof![60 => Just(false), 1 => Just(true)];
            (variant(), crowd, proptest::collection::vec(acts, 4..60))
                .prop_map(|(variant, crowd, acts)| History { variant: Variant { crowd, ..variant }, acts })
                .boxed()
        }
    }
}

/// Something that happens in rough weather alone.
fn blow() -> impl Strategy<Value = Blow> {
    prop_oneof![
        3 => Just(Blow::Copy),
        2 => any::<bool>().prop_map(|whole| Blow::PutBack { whole }),
        3 => (0_u64..120, any::<bool>()).prop_map(|(steps, late)| Blow::PowerLoss { steps, late }),
        2 => Just(Blow::EndTokens),
        2 => any::<bool>().prop_map(|is_there| Blow::Room { is_there }),
        2 => (pick(), proptest::sample::select(vec!["closed-period", "duplicate-number", "refused"]))
            .prop_map(|(invoice, code)| Blow::Dismiss { invoice, code }),
        2 => pick().prop_map(|invoice| Blow::TakeNumber { invoice }),
        6 => (0_u64..12, 1_u64..4, odd()).prop_map(|(skip, times, how)| Blow::Odd { skip, times, how }),
    ]
}

fn odd() -> impl Strategy<Value = Odd> {
    let fates = vec![
        ItemFate::Failed,
        ItemFate::Missing,
        ItemFate::Dropped,
        ItemFate::Twice,
        ItemFate::Reordered,
        ItemFate::UnknownId,
    ];
    let pages = vec![
        PageFault::Inserted,
        PageFault::Deleted,
        PageFault::Repeated,
        PageFault::RowTwice,
        PageFault::Short,
    ];
    prop_oneof![
        2 => (1_u64..120).prop_map(Odd::Late),
        4 => (1_usize..6, proptest::sample::select(fates)).prop_map(|(nth, fate)| Odd::Item { nth, fate }),
        1 => Just(Odd::ForgetRequestIds),
        1 => (0_usize..4).prop_map(|after_items| Odd::Unauthorized { after_items }),
        1 => Just(Odd::FullFeed),
        1 => proptest::sample::select(pages).prop_map(Odd::Page),
    ]
}

pub(super) fn variant() -> impl Strategy<Value = Variant> {
    let now_and_then = || prop_oneof![3 => Just(false), 1 => Just(true)];
    let vendor = (any::<bool>(), any::<bool>(), any::<bool>());
    let operator = (now_and_then(), now_and_then(), now_and_then(), now_and_then());
    (vendor, operator).prop_map(
        |((gross, note_per_charge, reversal_frees), (currencies, entries, discount_line, tax_codes))| {
            Variant {
                gross,
                note_per_charge,
                reversal_frees,
                currencies,
                entries: entries && !currencies,
                discount_line,
                tax_codes,
                crowd: false,
            }
        },
    )
}

/// Something that may happen.
pub(super) fn act() -> impl Strategy<Value = Act> {
    prop_oneof![30 => billing(), 18 => taking_back(), 14 => working(), 14 => going_on()]
}

/// What brings debts and money, and lays one on the other.
fn billing() -> impl Strategy<Value = Act> {
    let credit = (pick(), share(), prop_oneof![4 => Just(false), 1 => Just(true)]);
    prop_oneof![
        1 => Just(Act::Enter),
        8 => bill(),
        6 => (pick(), share(), pick())
            .prop_map(|(customer, share, method)| Act::Pay { customer, share, method }),
        3 => credit.prop_map(|(customer, share, opening)| Act::Credit { customer, share, opening }),
        5 => (pick(), pick(), percent())
            .prop_map(|(fund, invoice, percent)| Act::Allocate { fund, invoice, percent }),
        3 => (pick(), pick(), percent())
            .prop_map(|(fund, row, percent)| Act::Release { fund, row, percent }),
        4 => (pick(), pick(), percent(), pick())
            .prop_map(|(fund, row, percent, invoice)| Act::Move { fund, row, percent, invoice }),
        3 => (pick(), pick()).prop_map(|(fund, other)| Act::Swap { fund, other }),
    ]
}

/// What takes debts and money back.
fn taking_back() -> impl Strategy<Value = Act> {
    let charges = proptest::collection::vec((pick(), percent()), 0..3);
    let word = || proptest::option::of(any::<u8>());
    prop_oneof![
        5 => (pick(), back()).prop_map(|(payment, back)| Act::Refund { payment, back }),
        1 => (pick(), 0_i64..60).prop_map(|(payment, days_back)| Act::Bounce { payment, days_back }),
        3 => (pick(), back()).prop_map(|(credit, back)| Act::Debit { credit, back }),
        5 => (pick(), charges, 0_i64..60)
            .prop_map(|(invoice, charges, days_back)| Act::Reverse { invoice, charges, days_back }),
        3 => (pick(), percent(), 0_i64..60)
            .prop_map(|(invoice, percent, days_back)| Act::WriteOff { invoice, percent, days_back }),
        1 => (pick(), word(), word())
            .prop_map(|(invoice, po_number, notes)| Act::Amend { invoice, po_number, notes }),
    ]
}

/// What people do in the files and in QuickBooks.
fn working() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => (pick(), any::<bool>(), proptest::option::of(-1_i64..60))
            .prop_map(|(customer, adopt, days_back)| Act::Connect { customer, adopt, days_back }),
        2 => pick().prop_map(|customer| Act::Skip { customer }),
        2 => (pick(), 1_i64..40).prop_map(|(customer, days)| Act::Earlier { customer, days }),
        2 => prop_oneof![Just(1_u64), Just(700)].prop_map(|hours| Act::LookAgain { hours }),
        1 => proptest::option::of(0_i64..60).prop_map(|days_back| Act::CloseBooks { days_back }),
        1 => (pick(), percent()).prop_map(|(invoice, percent)| Act::ForeignPayment { invoice, percent }),
    ]
}

/// What processes and networks do.
fn going_on() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => prop_oneof![1_u64..30, 60_u64..400, 1_000_u64..4_000].prop_map(|minutes| Act::Wait { minutes }),
        3 => Just(Act::Once),
        4 => Just(Act::Pass),
        1 => Just(Act::Plan),
        3 => (0_u64..120, any::<bool>()).prop_map(|(steps, late)| Act::Crash { steps, late }),
        3 => trouble(),
    ]
}

fn bill() -> impl Strategy<Value = Act> {
    let discounts = prop_oneof![
        3 => Just(Vec::new()),
        2 => (1_u32..100).prop_map(|percent| vec![percent]),
        1 => Just(vec![100]),
        1 => proptest::collection::vec(1_u32..40, 2),
    ];
    let charge =
        (pick(), discounts).prop_map(|(product, discount_percents)| Charge { product, discount_percents });
    let charges = proptest::collection::vec(charge, 1..4);
    (pick(), charges, 0_usize..4, 0_i64..60).prop_map(|(customer, charges, taxes, days_back)| Act::Bill {
        customer,
        charges,
        taxes,
        days_back,
    })
}

fn share() -> impl Strategy<Value = Share> {
    let percent = prop_oneof![1_u32..100, Just(100), 101_u32..200];
    (percent, 0_usize..4, 0_i64..60).prop_map(|(percent, invoices, days_back)| Share {
        percent,
        invoices,
        days_back,
    })
}

fn back() -> impl Strategy<Value = TakenBack> {
    (percent(), any::<bool>(), 0_i64..60).prop_map(|(percent, free_first, days_back)| TakenBack {
        percent,
        free_first,
        days_back,
    })
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
    (0_u8..60).prop_map(Pick::new)
}
