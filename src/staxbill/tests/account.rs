//! Every reading against the sandbox's account.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::*;
use crate::model::{ActivityKind, Currency, TransactionTypes};
use crate::sandbox::clock::SandboxClock;
use crate::sandbox::staxbill::{
    Account, Allocations, ArKind, CreditNotes, NewCharge, NewCredit, NewCustomer, NewDebit, NewInvoice,
    NewPayment, NewRefund, NewReversal, Options, router,
};

const NOW: &str = "2026-11-22T15:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

struct Books {
    account: Arc<Account>,
    client: StaxBill,
    parent: i64,
    child: i64,
    /// 100 less 2.50 and 10, tax 5: 112.50 each.
    invoices: [i64; 3],
}

fn books(options: Options) -> Books {
    let clock = SandboxClock::starting_at(at(NOW));
    let account = Account::empty(Options { throttled: false, ..options }, clock);
    let parent = account.add_customer(NewCustomer::default());
    let child = account.add_customer(NewCustomer { parent: Some(parent), ..NewCustomer::default() });
    let charge = |amount: &str, discounts: Vec<Decimal>| NewCharge {
        name: "Seats".to_owned(),
        quantity: Decimal::ONE,
        unit_price: dec(amount),
        amount: dec(amount),
        discounts,
        ..NewCharge::default()
    };
    let invoices = ["2026-01-10", "2026-02-10", "2026-03-10"].map(|day| {
        let effective = at(&format!("{day}T19:11:00.0009221Z"));
        account.recorded_at(effective).post_invoice(NewInvoice {
            customer: child,
            effective,
            charges: vec![charge("100", vec![dec("2.5")]), charge("10", vec![])],
            taxes: vec![("GST".to_owned(), dec("5"), dec("5"))],
            due_days: 30,
            ..NewInvoice::default()
        })
    });
    let client = client_of(router(Arc::clone(&account)));
    Books { account, client, parent, child, invoices }
}

impl Books {
    fn pay(&self, amount: &str, allocations: &[(i64, &str)]) -> u64 {
        let id = self.account.collect_payment(NewPayment {
            customer: self.child,
            amount: dec(amount),
            effective: at(NOW),
            method: "CreditCard".to_owned(),
            allocations: placed(allocations),
            parent: Some(self.parent),
            ..NewPayment::default()
        });
        unsigned(id)
    }

    fn credit(&self, amount: &str, allocations: &[(i64, &str)], opening: bool) -> u64 {
        unsigned(self.account.give_credit(NewCredit {
            customer: self.child,
            amount: dec(amount),
            effective: at(NOW),
            reference: Some("referral".to_owned()),
            allocations: placed(allocations),
            opening,
        }))
    }
}

fn placed(allocations: &[(i64, &str)]) -> Vec<(i64, Decimal)> {
    allocations.iter().map(|(invoice, amount)| (*invoice, dec(amount))).collect()
}

fn unsigned(id: i64) -> u64 {
    u64::try_from(id).unwrap()
}

fn options(allocations: Allocations) -> Options {
    Options { allocations, ..Options::default() }
}

#[tokio::test(start_paused = true)]
async fn payments_and_refunds_come_in_one_list_and_lie_alike_net_or_gross() {
    for reading in [Allocations::Net, Allocations::Gross] {
        let books = books(options(reading));
        let [first, second, _] = books.invoices;
        let paid = books.pay("60", &[(first, "40"), (second, "15")]);
        let payment = i64::try_from(paid).unwrap();
        let refund = books.account.refund(NewRefund {
            payment,
            amount: dec("20"),
            effective: at(NOW),
            reference: None,
            allocations: placed(&[(first, "12"), (second, "4")]),
        });
        let bounced = books.pay("7", &[(second, "7")]);
        let nsf = books.account.bounce(i64::try_from(bounced).unwrap(), at(NOW));
        let page = books.client.payment_activities(None, 0).await.unwrap();
        let mut payments = Vec::new();
        let mut refunds = Vec::new();
        for row in page.rows {
            match row.unwrap() {
                MoneyRow::Payment(payment) => payments.push(payment),
                MoneyRow::Refund { id, customer, of_activity } => refunds.push((id, customer, of_activity)),
                MoneyRow::InvalidRefund(row) => panic!("{}", invalid(&row)),
            }
        }
        let shown: Vec<_> = payments
            .iter()
            .map(|one| {
                let lies = rows(&one.allocations);
                let back = taken(&one.refunds);
                format!(
                    "{} {} {} {lies} | {back} | {} {:?}",
                    one.id, one.amount, one.unallocated, one.method, one.parent
                )
            })
            .collect();
        let parent = books.parent;
        let expected = [
            format!(
                "{paid} 60.00 1.00 {first}:28.00 {second}:11.00 | {refund} 20.00 [{first}:12.00 {second}:4.00] | CreditCard Some({parent})"
            ),
            format!("{bounced} 7.00 0.00  | {nsf} 7.00 [{second}:7.00] | CreditCard Some({parent})"),
        ];
        assert_eq!(shown, expected, "{reading:?}");
        let child = unsigned(books.child);
        let back =
            [(unsigned(refund), child, payments[0].activity), (unsigned(nsf), child, payments[1].activity)];
        assert_eq!(refunds, back, "{reading:?}");
        for payment in &payments {
            let one = books.client.payment_activity(payment.activity).await.unwrap();
            assert_eq!(one.as_ref(), Ok(payment), "{reading:?}");
        }
        assert_eq!(books.client.payments_of_invoice(unsigned(first)).await.unwrap(), [paid]);
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_changed_since_is_listed() {
    let books = books(Options::default());
    books.pay("1", &[]);
    tokio::time::advance(Duration::from_mins(5)).await;
    let late = books.pay("2", &[]);
    let page = books.client.payment_activities(Some(at("2026-11-22T15:01:00Z")), 0).await.unwrap();
    let ids: Vec<_> = page
        .rows
        .into_iter()
        .map(|row| match row.unwrap() {
            MoneyRow::Payment(payment) => payment.id,
            row @ (MoneyRow::Refund { .. } | MoneyRow::InvalidRefund(_)) => panic!("{row:?}"),
        })
        .collect();
    assert_eq!((ids, page.more), (vec![late], false));
    let refund = books.client.payment_activity(1).await;
    assert!(matches!(refund, Err(StaxError::NotFound(_))), "{refund:?}");
}

#[tokio::test(start_paused = true)]
async fn credits_lie_alike_net_or_gross() {
    for reading in [Allocations::Net, Allocations::Gross] {
        let books = books(options(reading));
        let [first, second, _] = books.invoices;
        let id = books.credit("30", &[(first, "10"), (second, "15")], false);
        let debit = books.account.debit(NewDebit {
            credit: i64::try_from(id).unwrap(),
            amount: dec("17"),
            effective: at(NOW),
            reference: None,
            allocations: placed(&[(first, "10"), (second, "4")]),
        });
        let credit = books.client.credit(id).await.unwrap().unwrap();
        assert_eq!(rows(&credit.allocations), format!("{second}:11.00"), "{reading:?}");
        assert_eq!(taken(&credit.debits), format!("{debit} 17.00 [{first}:10.00 {second}:4.00]"));
        assert_eq!(
            (credit.amount.to_string(), credit.unallocated.to_string()),
            ("30.00".to_owned(), "2.00".to_owned())
        );
        assert_eq!((credit.opening, credit.reference.as_deref()), (false, Some("referral")));
        assert_eq!(books.client.credit_allocations(unsigned(second)).await.unwrap(), [id]);
        assert_eq!(books.client.credit_allocations(unsigned(first)).await.unwrap(), [0_u64; 0]);
    }
    let none = books(Options::default()).client.credit(5).await;
    assert!(matches!(none, Err(StaxError::NotFound(_))), "{none:?}");
}

#[tokio::test(start_paused = true)]
async fn credit_notes_name_their_invoice_and_their_reversals() {
    for (by, count) in [(CreditNotes::PerAct, 1), (CreditNotes::PerCharge, 2)] {
        let books = books(Options { credit_notes: by, ..Options::default() });
        let [first, second, _] = books.invoices;
        for invoice in [first, second] {
            let new = NewReversal { invoice, effective: at(NOW), ..NewReversal::default() };
            assert_eq!(books.account.reverse(new).len(), count);
        }
        let all = books.client.credit_notes(0).await.unwrap();
        assert_eq!((all.rows.len(), all.more), (2 * count, false), "{by:?}");
        let notes = books.client.credit_notes_of(unsigned(second)).await.unwrap();
        let notes: Vec<_> = notes.into_iter().map(Result::unwrap).collect();
        assert!(notes.iter().all(|note| note.invoice == unsigned(second) && note.lines.is_empty()));
        let sum: crate::model::Money = notes.iter().map(|note| note.amount).sum();
        assert_eq!((notes.len(), sum.to_string()), (count, "112.50".to_owned()), "{by:?}");
        let mut parts = Vec::new();
        for note in &notes {
            let whole = books.client.credit_note(note.id).await.unwrap().unwrap();
            assert_eq!((&whole.number, whole.amount), (&note.number, note.amount));
            let ids: Vec<u64> = whole.lines.iter().map(|line| line.reversal.unwrap()).collect();
            let activities = books.client.ar_activities_by_id(&ids).await.unwrap();
            for (line, activity) in whole.lines.iter().zip(activities) {
                let activity = activity.unwrap();
                assert_eq!(activity.kind, ActivityKind::ChargeReversal);
                let reversal = reversal(&activity, Currency::USD).unwrap();
                assert_eq!((Some(reversal.charge), Some(reversal.amount)), (line.charge, line.amount));
                parts.push(reversal.amount.to_string());
            }
        }
        assert_eq!(parts, ["100.00", "10.00"], "{by:?}");
        let summary = books.client.invoice_summary(unsigned(second)).await.unwrap().unwrap();
        assert_eq!(summary.reversed.to_string(), "112.50");
    }
}

#[tokio::test(start_paused = true)]
async fn the_stream_tells_what_no_list_does_under_any_token() {
    let token = |kind: ArKind| format!("Acct_{}", kind.token());
    let tokens: BTreeMap<ArKind, String> = ArKind::ALL.into_iter().map(|kind| (kind, token(kind))).collect();
    let own = [
        (ArKind::OpeningBalance, ActivityKind::OpeningCredit),
        (ArKind::WriteOff, ActivityKind::WriteOff),
        (ArKind::Credit, ActivityKind::Credit),
    ];
    let types = TransactionTypes::with(own.map(|(kind, is)| (token(kind).to_uppercase(), is)));
    let mut books = books(Options { tokens, ..Options::default() });
    books.client = typed(router(Arc::clone(&books.account)), types);
    let [first, second, _] = books.invoices;
    let opening = books.credit("25", &[(first, "5")], true);
    let credit = books.credit("3", &[], false);
    let gone = unsigned(books.account.write_off(second, dec("12.5"), (at(NOW), Some("gone away"))));
    let newest = books.client.ar_activities(Order::NewestFirst, 0, 3).await.unwrap();
    let newest_rows: Vec<_> = newest.rows.into_iter().map(Result::unwrap).collect();
    let ids: Vec<u64> = newest_rows.iter().map(|row| row.id).collect();
    assert_eq!((ids, newest.more), (vec![gone, credit, opening], true));
    let kinds: Vec<_> = newest_rows.iter().map(|row| row.kind.clone()).collect();
    assert_eq!(kinds, [ActivityKind::WriteOff, ActivityKind::Credit, ActivityKind::OpeningCredit]);
    let plain = books.client.understanding(&TransactionTypes::default());
    let strange = plain.ar_activities(Order::NewestFirst, 0, 3).await.unwrap().rows;
    let strange = strange.into_iter().filter(|row| !kinds.contains(&row.as_ref().unwrap().kind)).count();
    assert_eq!((strange, plain.calls()), (3, books.client.calls()), "other words over the same connection");
    let off = write_off(&newest_rows[0], Currency::USD).unwrap();
    assert_eq!((off.id, off.invoice, off.amount.to_string()), (gone, unsigned(second), "12.50".to_owned()));
    assert_eq!(off.reference.as_deref(), Some("gone away"));
    let in_hand = credit_in(&newest_rows[2], Currency::USD).unwrap();
    assert_eq!((in_hand.id, rows(&in_hand.allocations)), (opening, format!("{first}:5.00")));
    assert_eq!(in_hand.unallocated.to_string(), "20.00");
    assert!(matches!(books.client.credit(opening).await, Err(StaxError::NotFound(_))));

    let child = unsigned(books.child);
    let own = books.client.ar_activities_of(child, 0).await.unwrap();
    let own: Vec<_> = own.rows.into_iter().map(Result::unwrap).collect();
    let unknown = own.iter().filter(|row| matches!(row.kind, ActivityKind::Unknown(_))).count();
    assert_eq!((own.len(), unknown), (15, 12), "three invoices of two charges, a discount and a tax");
    let balance = books.client.ar_balance(child, Currency::USD).await.unwrap().unwrap();
    let sum: Decimal = own.iter().map(|row| row.amount).sum();
    assert_eq!(balance.decimal(), -sum);
    let summary = books.client.invoice_summary(unsigned(second)).await.unwrap().unwrap();
    assert_eq!(summary.written_off.to_string(), "12.50");
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_the_stream_is_known_without_configuration() {
    let types = TransactionTypes::default();
    for kind in ArKind::ALL {
        let known = types.kind_of(kind.token(), Decimal::ONE);
        let expected = match kind {
            ArKind::Credit => ActivityKind::Credit,
            ArKind::OpeningBalance => ActivityKind::OpeningCredit,
            ArKind::Debit => ActivityKind::Debit,
            ArKind::ReverseCharge => ActivityKind::ChargeReversal,
            ArKind::WriteOff => ActivityKind::WriteOff,
            ArKind::Charge
            | ArKind::Discount
            | ArKind::Tax
            | ArKind::Payment
            | ArKind::Refund
            | ArKind::ReverseDiscount
            | ArKind::ReverseTax => ActivityKind::Other,
        };
        assert_eq!(known, expected, "{kind:?}");
    }
}
