//! Random acts: whatever a biller does, no money is made or lost.

use super::*;

struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound.max(1)
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        (!all.is_empty()).then(|| &all[self.below(all.len())])
    }

    /// A part of an amount, in cents, above zero; none where there is none.
    fn part(&mut self, of: Decimal) -> Option<Decimal> {
        let percent = Decimal::from([100, 50, 33, 1][self.below(4)]);
        let part = (of * percent / Decimal::ONE_HUNDRED).round_dp(2).min(of);
        (part > Decimal::ZERO).then_some(part)
    }
}

#[tokio::test(start_paused = true)]
async fn money_is_conserved_whatever_a_biller_does() {
    for seed in 1..=120 {
        let mut dice = Dice(seed);
        let options = Options {
            throttled: false,
            reversal_frees_payments: seed % 2 == 0,
            credit_notes: if seed % 3 == 0 { CreditNotes::PerCharge } else { CreditNotes::PerAct },
            ..Options::default()
        };
        let account = Account::empty(options, clock());
        account.add_customer(NewCustomer::default());
        account.add_customer(NewCustomer::default());
        for step in 0..80 {
            act(&account, &mut dice);
            let wrong = account.audit();
            assert!(wrong.is_empty(), "seed {seed}, step {step}: {wrong:?}");
        }
        let kinds: std::collections::BTreeSet<_> = account.ar().iter().map(|one| one.kind).collect();
        assert!(kinds.len() > 6, "seed {seed} did next to nothing: {kinds:?}");
    }
}

fn act(account: &Account, dice: &mut Dice) -> Option<()> {
    let customer = dice.pick(&account.customers())?.id;
    let effective = account.present();
    match dice.below(10) {
        0 | 1 => bill(account, dice, customer),
        2 | 3 => cover(account, dice, customer)?,
        4 => refund(account, dice)?,
        5 => {
            let credits: Vec<_> = account.credits().into_iter().filter(|one| !one.opening).collect();
            let credit = dice.pick(&credits)?;
            let rows: Vec<_> = credit.allocations.iter().map(|one| (one.invoice, one.amount)).collect();
            let lifted: Decimal = rows.iter().map(|row| row.1).sum();
            let amount = lifted + dice.part(credit.unallocated()).unwrap_or_default();
            if amount > Decimal::ZERO {
                let (credit, reference) = (credit.id, None);
                account.debit(NewDebit { credit, amount, effective, reference, allocations: rows });
            }
        }
        6 => {
            let invoices = account.invoices();
            let invoice = dice.pick(&invoices)?;
            let left: Vec<_> = invoice.charges.iter().filter(|one| one.reversed < one.amount).collect();
            let charge = dice.pick(&left)?;
            let part = dice.part(charge.amount - charge.reversed)?;
            let charges = if dice.below(4) == 0 { Vec::new() } else { vec![(charge.id, Some(part))] };
            let new = NewReversal { invoice: invoice.id, charges, effective, reference: None };
            account.reverse(new);
        }
        7 => {
            let invoices = account.invoices();
            let invoice = dice.pick(&invoices)?;
            let amount = dice.part(invoice.outstanding())?;
            account.write_off(invoice.id, amount, (effective, None));
        }
        8 => {
            let payments: Vec<_> =
                account.payments().into_iter().filter(|one| !one.allocations.is_empty()).collect();
            let payment = dice.pick(&payments)?;
            let row = dice.pick(&payment.allocations)?;
            account.deallocate(payment.id, row.invoice, dice.part(row.amount)?);
        }
        _ => {
            let payments: Vec<_> =
                account.payments().into_iter().filter(|one| one.refunded < one.amount).collect();
            account.bounce(dice.pick(&payments)?.id, effective);
        }
    }
    Some(())
}

fn bill(account: &Account, dice: &mut Dice, customer: i64) {
    let charges: Vec<_> = (0..=dice.below(3))
        .map(|place| {
            let mut one = charge("One", None, ["100", "33.33", "0.01", "7"][dice.below(4)]);
            let part = dice.part(one.amount).filter(|_| place == 1);
            one.discounts = part.into_iter().collect();
            one
        })
        .collect();
    let net: Decimal = charges.iter().map(|one| one.amount - one.discounts.iter().sum::<Decimal>()).sum();
    let taxes = [("GST", "0.05"), ("PST", "0.0725")].iter().take(dice.below(3));
    let taxes = taxes.map(|(name, rate)| ((*name).to_owned(), dec(rate), (net * dec(rate)).round_dp(2)));
    let (taxes, effective) = (taxes.collect(), account.present());
    account.post_invoice(NewInvoice { customer, effective, charges, taxes, ..NewInvoice::default() });
}

/// A payment or a credit, put on the customer's first open invoices.
fn cover(account: &Account, dice: &mut Dice, customer: i64) -> Option<()> {
    let open = account.invoices().into_iter().filter(|one| one.customer == customer);
    let open: Vec<_> = open.filter(|one| one.outstanding() > Decimal::ZERO).take(2).collect();
    let mut allocations = Vec::new();
    for invoice in &open {
        allocations.push((invoice.id, dice.part(invoice.outstanding())?));
    }
    let amount = allocations.iter().map(|row| row.1).sum::<Decimal>() + Decimal::from(dice.below(3));
    if amount.is_zero() {
        return None;
    }
    let effective = account.present();
    if dice.below(4) == 0 {
        let opening = dice.below(2) == 0;
        let reference = None;
        account.give_credit(NewCredit { customer, amount, effective, reference, allocations, opening });
    } else {
        let method = "ACH".to_owned();
        let new = NewPayment { customer, amount, effective, method, allocations, ..NewPayment::default() };
        account.collect_payment(new);
    }
    Some(())
}

fn refund(account: &Account, dice: &mut Dice) -> Option<()> {
    let payments = account.payments();
    let payment = dice.pick(&payments)?;
    let mut allocations = Vec::new();
    for row in &payment.allocations {
        allocations.push((row.invoice, dice.part(row.amount)?));
    }
    let lifted: Decimal = allocations.iter().map(|row| row.1).sum();
    let amount = lifted + dice.part(payment.unallocated()).unwrap_or_default();
    if amount > Decimal::ZERO {
        let (payment, effective, reference) = (payment.id, account.present(), None);
        account.refund(NewRefund { payment, amount, effective, reference, allocations });
    }
    Some(())
}
