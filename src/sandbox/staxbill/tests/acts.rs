//! What each of the biller's acts moves: this is what a client can see change.

use super::*;

/// The ids that count as modified since an act, in customers, invoice
/// summaries and payment activities.
async fn moved(account: &Arc<Account>) -> [Vec<i64>; 3] {
    let since = "query=modifiedTimestamp:2026-11-22T15:00:01%7C";
    let mut moved = [const { Vec::new() }; 3];
    for (list, ids_of) in
        ["customers", "invoiceSummaries", "PaymentActivities/GetByAccountID"].iter().zip(&mut moved)
    {
        *ids_of = ids(&get(account, &format!("/v1/{list}?{since}")).await);
    }
    moved
}

fn payment(allocations: Vec<(i64, Decimal)>) -> NewPayment {
    NewPayment {
        customer: 10_482,
        amount: dec("30"),
        effective: at("2026-10-01T00:00:00Z"),
        method: "Check".to_owned(),
        allocations,
        ..NewPayment::default()
    }
}

#[tokio::test(start_paused = true)]
async fn acts_move_what_they_touch_and_nothing_else() {
    type Act = fn(&Account);
    let table: [(&str, Act, [&[i64]; 3]); 11] = [
        (
            "add a customer",
            |account| {
                account.add_customer(NewCustomer::default());
            },
            [&[10_484], &[], &[]],
        ),
        (
            "edit one",
            |account| account.edit_customer(10_482, |one| one.reference = None),
            [&[10_482], &[], &[]],
        ),
        ("activate one", |account| account.set_status(10_483, CustomerStatus::Active), [&[10_483], &[], &[]]),
        (
            "post an invoice of the past",
            |account| {
                let effective = at("2026-10-01T00:00:00Z");
                let charges = vec![charge("One", None, "1")];
                let new = NewInvoice { customer: 10_482, effective, charges, ..NewInvoice::default() };
                account.post_invoice(new);
            },
            [&[], &[88_103], &[]],
        ),
        ("amend one", |account| account.amend_invoice(88_101, None, Some("note")), [&[], &[88_101], &[]]),
        (
            "pay on account",
            |account| {
                account.collect_payment(payment(vec![]));
            },
            [&[], &[], &[118_401]],
        ),
        (
            "pay an invoice",
            |account| {
                account.collect_payment(payment(vec![(88_101, dec("30"))]));
            },
            [&[], &[88_101], &[118_401]],
        ),
        ("allocate later", |account| account.allocate(7_613_000, 88_101, dec("20")), [&[], &[88_101], &[]]),
        ("take back", |account| account.deallocate(7_613_000, 88_100, dec("1")), [&[], &[88_100], &[]]),
        ("hold back", |account| account.hold_back(7_613_000), [&[], &[], &[118_400]]),
        (
            "let the vendor's own synchronisation run",
            |account| account.synchronised_by_vendor(10_482, 900),
            [&[], &[], &[]],
        ),
    ];
    for (name, act, expected) in table {
        let account = account(false, clock());
        tokio::time::advance(Duration::from_secs(5)).await;
        act(&account);
        assert_eq!(moved(&account).await, expected, "{name}");
        for customer in account.customers() {
            let (open, free) = account.ledger(customer.id);
            assert_eq!(open - free, customer.balance, "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_vendors_own_ids_are_seen_everywhere() {
    let account = account(false, clock());
    account.synchronised_by_vendor(10_482, 900);
    account.hold_back(7_613_000);
    for (path, pointer, id) in [
        ("customers/10482", "/quickBooksId", json!(900)),
        ("customers/10482/overview", "/quickbooksId", json!(900)),
        ("Invoices/88101", "/quickBooksId", json!(902)),
        ("invoiceSummaries?query=quickBooksId:902", "/0/quickBooksId", json!("902")),
        ("Invoices?query=quickBooksId:902", "/0/id", json!(88_101)),
        ("payments/7613000", "/quickBooksId", json!(904)),
        ("payments/7613000", "/invoiceAllocations/0/quickbooksId", json!(901)),
        ("payments/7613000", "/sendToQuickbooksOnline", json!(false)),
        ("PaymentActivities/118400", "/transaction/quickBooksId", json!(904)),
        ("PaymentActivities/GetByAccountID?query=Customer.QuickBooksId:900", "/0/id", json!(118_400)),
    ] {
        let body = get(&account, &format!("/v1/{path}")).await;
        assert_eq!(body.pointer(pointer), Some(&id), "{path} {pointer}");
    }
}

/// Acts that Stax Bill's screens would not allow, of which nothing remains.
#[tokio::test(start_paused = true)]
async fn impossible_acts_panic() {
    refused([
        ("more than was paid", |account| account.allocate(7_613_000, 88_101, dec("20.01"))),
        ("more than is owed", |account| {
            account
                .collect_payment(NewPayment { amount: dec("500"), ..payment(vec![(88_101, dec("112.51"))]) });
        }),
        ("nothing", |account| account.allocate(7_613_000, 88_101, Decimal::ZERO)),
        ("another's invoice", |account| {
            account.collect_payment(NewPayment { customer: 10_483, ..payment(vec![(88_101, dec("1"))]) });
        }),
        ("more than lies there", |account| account.deallocate(7_613_000, 88_100, dec("40.01"))),
        ("instalments that do not add up", |account| {
            let installments = vec![(30, dec("1"))];
            account.post_invoice(NewInvoice { customer: 10_482, installments, ..NewInvoice::default() });
        }),
        ("a part beyond the second invoice", |account| {
            account.collect_payment(payment(vec![(88_101, dec("20")), (88_100, dec("10.01"))]));
        }),
        ("an invoice twice, beyond what is owed", |account| {
            let rows = vec![(88_100, dec("40")), (88_100, dec("40"))];
            account.collect_payment(NewPayment { amount: dec("100"), ..payment(rows) });
        }),
        ("more than a payment can be", |account| {
            account.collect_payment(NewPayment { amount: Decimal::MAX, ..payment(vec![]) });
        }),
        ("a credit on another's invoice", |account| {
            let allocations = vec![(88_101, dec("1"))];
            let (customer, amount) = (10_483, dec("1"));
            account.give_credit(NewCredit { customer, amount, allocations, ..NewCredit::default() });
        }),
        ("a credit beyond what is owed", |account| {
            let allocations = vec![(88_101, dec("500"))];
            let (customer, amount) = (10_482, dec("500"));
            account.give_credit(NewCredit { customer, amount, allocations, ..NewCredit::default() });
        }),
    ]);
}

/// As above, where the act would have been half done.
#[tokio::test(start_paused = true)]
async fn impossible_ends_undo_nothing() {
    refused([
        ("a refund of more than is free", |account| {
            let (payment, allocations) = (7_613_000, vec![(88_100, dec("10"))]);
            account.refund(NewRefund { payment, amount: dec("50"), allocations, ..NewRefund::default() });
        }),
        ("a refund off an invoice where nothing lies", |account| {
            let (payment, allocations) = (7_613_000, vec![(88_100, dec("1")), (88_101, dec("1"))]);
            account.refund(NewRefund { payment, amount: dec("2"), allocations, ..NewRefund::default() });
        }),
        ("a charge reversed twice over", |account| {
            let charges = vec![(5_200_000, None), (5_200_000, Some(dec("1")))];
            account.reverse(NewReversal { invoice: 88_100, charges, ..NewReversal::default() });
        }),
        ("a charge of another invoice", |account| {
            let charges = vec![(5_200_000, None), (5_200_004, None)];
            account.reverse(NewReversal { invoice: 88_100, charges, ..NewReversal::default() });
        }),
        ("more written off than is owed", |account| {
            account.write_off(88_100, dec("500"), (Timestamp::default(), None));
        }),
        ("a product that is there", |account| {
            account.add_product(NewProduct { code: "PRO".to_owned(), ..NewProduct::default() });
        }),
        ("an invoice due at the end of days", |account| {
            let (customer, charges) = (10_482, vec![charge("Seats", Some("PRO"), "1")]);
            let due_days = i64::MAX;
            account.post_invoice(NewInvoice { customer, charges, due_days, ..NewInvoice::default() });
        }),
        ("ids without end", |account| account.synchronised_by_vendor(10_482, i64::MAX)),
    ]);
}

type Act = fn(&Account);

fn refused<const N: usize>(table: [(&str, Act); N]) {
    for (name, act) in table {
        let account = account(false, clock());
        let records = || {
            let mut state = account.state();
            state.version = 0;
            format!("{state:?}")
        };
        let before = records();
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| act(&account)));
        assert!(outcome.is_err(), "{name}");
        assert_eq!(records(), before, "{name}: all or nothing");
    }
}
