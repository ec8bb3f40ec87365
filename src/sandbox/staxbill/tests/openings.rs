//! What the vendor leaves open: tokens, the stream's dates, its own
//! synchronisation, and the small lists beside the documents.

use super::*;

#[tokio::test(start_paused = true)]
async fn the_stream_holds_every_kind_and_adds_up() {
    let account = account(false, clock());
    let all = get(&account, "/v1/aractivities?pageSize=1000").await;
    let sum = |name: &str| -> Decimal { all.as_array().unwrap().iter().map(|row| decimal(&row[name])).sum() };
    assert_eq!(sum("arDebit") - sum("arCredit"), dec("277.5"), "the balance");
    let own = "/v1/customers/10482/customerArActivities?query=";
    for (query, count) in [
        ("startDate:2026-01-10;endDate:2026-01-11", 5),
        ("startDate:2026-02-20T12:00:00;endDate:2026-02-20T12:00:01", 1),
        ("startDate:2026-02-20;endDate:2026-02-20T12:00:00", 0),
        ("startDate:2026-01-01T00:00:00.000Z", 16),
    ] {
        assert_eq!(get(&account, &format!("{own}{query}")).await.as_array().unwrap().len(), count, "{query}");
    }
    assert_eq!(get(&account, "/v1/customers/10483/customerArActivities").await, json!([]));
    let charge = &get(&account, "/v1/aractivities?query=id:5200000").await[0];
    assert_eq!((&charge["transactionType"], &charge["productCode"]), (&json!("Charge"), &json!("PRO")));
}

#[tokio::test(start_paused = true)]
async fn tokens_can_be_others() {
    let tokens = BTreeMap::from([(ArKind::Payment, "CollectPayment".to_owned())]);
    let account = Account::empty(Options { tokens, throttled: false, ..Options::default() }, clock());
    let customer = account.add_customer(NewCustomer::default());
    let id = account.collect_payment(NewPayment { customer, amount: dec("1"), ..NewPayment::default() });
    let entry = &get(&account, &format!("/v1/aractivities?query=id:{id}")).await[0];
    assert_eq!(entry["transactionType"], "CollectPayment");
    let default: std::collections::BTreeSet<_> = ArKind::ALL.iter().map(|kind| kind.token()).collect();
    assert_eq!(default.len(), ArKind::ALL.len(), "no token means two kinds");
}

#[tokio::test(start_paused = true)]
async fn the_vendors_own_synchronisation_runs_every_hour() {
    let time = clock();
    let account = account(false, time.clone());
    let euros = NewCustomer { currency: Some("EUR".to_owned()), ..NewCustomer::default() };
    let foreign = account.add_customer(euros);
    let pay = |customer| NewPayment { customer, amount: dec("1"), ..NewPayment::default() };
    let (theirs, held) = (account.collect_payment(pay(foreign)), account.collect_payment(pay(10_482)));
    account.hold_back(held);
    account.own_synchronisation(true);
    let state = async |id: i64| {
        let shown = get(&account, &format!("/v1/payments/{id}")).await;
        (shown["quickBooksId"].is_i64(), shown["quickBooksAttemptNumber"].as_i64().unwrap())
    };
    for (minutes, ours, others) in
        [(59, (false, 0), (false, 0)), (1, (true, 1), (false, 1)), (120, (true, 1), (false, 3))]
    {
        tokio::time::advance(Duration::from_mins(minutes)).await;
        assert_eq!((state(7_613_000).await, state(theirs).await), (ours, others), "{minutes}");
        assert_eq!(state(held).await, (false, 0), "held back");
    }
    assert!(get(&account, "/v1/Invoices/88100").await["quickBooksId"].is_i64());
    assert!(get(&account, "/v1/customers/10482").await["quickBooksId"].is_i64());
    account.own_synchronisation(false);
    tokio::time::advance(Duration::from_hours(5)).await;
    assert_eq!(state(theirs).await, (false, 3));
}

#[tokio::test(start_paused = true)]
async fn addresses_countries_and_settings_are_one_request_each() {
    let account = account(false, clock());
    let address = |city: &str| Address {
        line1: "1 Main St.".to_owned(),
        city: city.to_owned(),
        state: "Ontario".to_owned(),
        postal_zip: "K1A 0A9".to_owned(),
        country: "Canada".to_owned(),
    };
    account.edit_customer(10_482, |fields| {
        (fields.billing_address, fields.shipping_address) =
            (Some(address("Ottawa")), Some(address("London")));
    });
    let both = get(&account, "/v1/customerAddressPreferences/10482").await;
    for (kind, city) in [("billingAddress", "Ottawa"), ("shippingAddress", "London")] {
        let id = both[kind]["id"].as_i64().unwrap();
        let one = get(&account, &format!("/v1/Addresses/{id}")).await;
        assert_eq!(
            (&one["city"], &one["countryId"], &one["stateId"]),
            (&json!(city), &json!(124), &json!(10))
        );
        assert_eq!(one, both[kind]);
    }
    assert_eq!(both["useBillingAddressAsShippingAddress"], false);
    let (status, ..) = send(&account, Method::GET, "/v1/addresses/410483").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let countries = get(&account, "/v1/Countries").await;
    let canada = countries.as_array().unwrap().iter().find(|one| one["iso3"] == "CAN").unwrap();
    assert_eq!(canada["states"][0]["combinedIsoCode"], "CA-ON");
    assert_eq!(get(&account, "/v1/customerBillingSetting/10482").await["term"], "Net30");
    assert_eq!(ids(&get(&account, "/v1/customerSummary").await), [10_483, 10_482]);
}
