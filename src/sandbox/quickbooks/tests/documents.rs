//! Credit memos, receipts, journal entries and deposits: their shapes, their
//! rules, and what they do to the accounts.

use serde_json::{Value, json};

use super::{World, invoice, posts, printed, sale};

#[tokio::test(start_paused = true)]
async fn a_credit_memo_is_answered_as_recorded() {
    let world = World::new().await;
    world.company.set_preference("SalesFormsPrefs.CustomTxnNumbers", json!(false));
    let numbered = world.invoice("1", "1").await["DocNumber"].clone();
    assert_eq!(numbered, "1038");
    let body = json!({ "CustomerRef": { "value": "1" }, "Line": [{ "Amount": 100,
        "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": { "ItemRef": { "value": "1" } } }] });
    let made = world.put("creditmemo", body).await;
    let expected = json!({
        "RemainingCredit": printed("100.00"), "domain": "QBO", "sparse": false, "Id": "202", "SyncToken": "0",
        "MetaData": { "CreateTime": "2026-05-05T02:00:00-07:00", "LastUpdatedTime": "2026-05-05T02:00:00-07:00" },
        "CustomField": [], "DocNumber": "1039", "TxnDate": "2026-05-05",
        "CurrencyRef": { "value": "USD", "name": "United States Dollar" },
        "Line": [
            { "Id": "1", "LineNum": 1, "Amount": printed("100.00"), "DetailType": "SalesItemLineDetail",
              "SalesItemLineDetail": {
                "ItemRef": { "value": "1", "name": "Services" }, "TaxCodeRef": { "value": "NON" },
                "ItemAccountRef": { "value": "1", "name": "Services" } },
              "CustomExtensions": [] },
            { "Amount": printed("100.00"), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {} },
        ],
        "TxnTaxDetail": { "TotalTax": 0 }, "CustomerRef": { "value": "1", "name": "Amy's Bird Sanctuary" },
        "BillAddr": { "Id": "2", "Line1": "4581 Finch St.", "City": "Bayshore", "CountrySubDivisionCode": "CA",
                      "PostalCode": "94326", "Lat": "INVALID", "Long": "INVALID" },
        "FreeFormAddress": true,
        "ShipFromAddr": made["ShipFromAddr"].clone(),
        "TotalAmt": printed("100.00"), "ApplyTaxAfterDiscount": false, "PrintStatus": "NeedToPrint",
        "EmailStatus": "NotSet", "Balance": printed("100.00"),
    });
    assert_eq!(made, expected);
    assert_eq!(made["ShipFromAddr"]["Line2"], "San Pablo, CA  87999 USA");
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn a_receipt_is_answered_as_recorded_and_voided() {
    let world = World::new().await;
    world.company.set_preference("SalesFormsPrefs.CustomTxnNumbers", json!(false));
    let body = json!({ "Line": [{ "Amount": 337.5, "DetailType": "SalesItemLineDetail", "Description": "Custom Design",
        "SalesItemLineDetail": { "ItemRef": { "value": "4" }, "UnitPrice": 75, "Qty": 4.5,
                                 "TaxCodeRef": { "value": "NON" } } }] });
    let made = world.put("salesreceipt", body).await;
    let expected = json!({
        "domain": "QBO", "sparse": false, "Id": "201", "SyncToken": "0", "MetaData": made["MetaData"].clone(),
        "CustomField": [], "DocNumber": "1038", "TxnDate": "2026-05-05",
        "CurrencyRef": { "value": "USD", "name": "United States Dollar" },
        "Line": [
            { "Id": "1", "LineNum": 1, "Description": "Custom Design", "Amount": printed("337.50"),
              "DetailType": "SalesItemLineDetail",
              "SalesItemLineDetail": {
                "ItemRef": { "value": "4", "name": "Design" }, "UnitPrice": 75, "Qty": printed("4.5"),
                "ItemAccountRef": { "value": "82", "name": "Design income" }, "TaxCodeRef": { "value": "NON" } } },
            { "Amount": printed("337.50"), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {} },
        ],
        "TxnTaxDetail": { "TotalTax": 0 }, "TotalAmt": printed("337.50"), "ApplyTaxAfterDiscount": false,
        "PrintStatus": "NeedToPrint", "EmailStatus": "NotSet", "Balance": 0,
        "DepositToAccountRef": { "value": "4", "name": "Undeposited Funds" },
    });
    assert_eq!(made, expected);
    assert_eq!(world.account("4").await, "2400.02");
    world.sound();

    let void = json!({ "Id": "201", "SyncToken": "0", "sparse": true });
    assert_eq!(world.refused("salesreceipt?operation=void", void.clone()).await, "500");
    let voided = world.put("salesreceipt?operation=update&include=void", void).await;
    assert_eq!((&voided["TotalAmt"], &voided["PrivateNote"]), (&json!(0), &json!("Voided")));
    let line = &voided["Line"][0];
    assert_eq!((&line["Amount"], &line["SalesItemLineDetail"]["Qty"]), (&json!(0), &json!(0)));
    assert_eq!(world.account("4").await, "2062.52");
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn a_refund_leaves_the_account_it_names() {
    let world = World::new().await;
    let mut body = invoice("3", "40");
    assert_eq!(world.refused("refundreceipt", body.clone()).await, "2020");
    body["DepositToAccountRef"] = json!({ "value": "84" });
    assert_eq!(world.refused("refundreceipt", body.clone()).await, "6430");
    body["DepositToAccountRef"] = json!({ "value": "92" });
    let made = world.put("refundreceipt", body).await;
    assert_eq!((made["TotalAmt"].to_string(), made["Balance"].to_string()), ("40.00".into(), "0".into()));
    assert_eq!(made["DepositToAccountRef"], json!({ "value": "92", "name": "Card clearing" }));
    assert_eq!((world.account("92").await, world.account("91").await), ("-40.00".into(), "40.00".into()));
    assert_eq!(world.read("customer/3").await["Balance"], 0);
    world.sound();
    world.put("refundreceipt?operation=delete", json!({ "Id": made["Id"], "SyncToken": "0" })).await;
    assert_eq!(world.account("92").await, "0");
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn a_journal_entry_is_answered_as_recorded() {
    let world = World::new().await;
    let mut first = posts("Debit", "94", "50", None);
    first["Description"] = json!("written off");
    let body = json!({ "DocNumber": "JE-001", "PrivateNote": "n", "Line": [first, posts("Credit", "84", "50.00", Some("3"))] });
    let made = world.put("journalentry", body).await;
    let expected = json!({
        "Adjustment": false, "TotalAmt": 0, "domain": "QBO", "sparse": false, "Id": "201", "SyncToken": "0",
        "MetaData": made["MetaData"].clone(), "DocNumber": "JE-001", "TxnDate": "2026-05-05",
        "CurrencyRef": { "value": "USD", "name": "United States Dollar" }, "PrivateNote": "n",
        "Line": [
            { "Id": "0", "Description": "written off", "Amount": printed("50.00"), "DetailType": "JournalEntryLineDetail",
              "JournalEntryLineDetail": { "PostingType": "Debit", "AccountRef": { "value": "94", "name": "Bad debts" } },
              "CustomExtensions": [] },
            { "Id": "1", "Amount": printed("50.00"), "DetailType": "JournalEntryLineDetail",
              "JournalEntryLineDetail": {
                "PostingType": "Credit", "AccountRef": { "value": "84", "name": "Accounts Receivable (A/R)" },
                "Entity": { "Type": "Customer", "EntityRef": { "value": "3", "name": "Cool Cars" } } },
              "CustomExtensions": [] },
        ],
        "TxnTaxDetail": {},
    });
    assert_eq!(made, expected);
    assert_eq!(world.read("customer/3").await["Balance"].to_string(), "-50.00");
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn a_journal_entry_must_balance_and_know_its_names() {
    let world = World::new().await;
    let debit = |amount: &str| posts("Debit", "94", amount, None);
    let vendor = |mut line: Value| {
        line["JournalEntryLineDetail"]["Entity"] =
            json!({ "Type": "Vendor", "EntityRef": { "value": "56" } });
        line
    };
    let cases = [
        ("unbalanced", json!([debit("50"), posts("Credit", "91", "49.99", None)]), "2300"),
        ("one side", json!([debit("50")]), "2300"),
        ("nothing", json!([]), "2020"),
        ("negative", json!([debit("-50"), posts("Credit", "91", "-50", None)]), "2290"),
        ("nobody owes", json!([debit("50"), posts("Credit", "84", "50", None)]), "6000"),
        ("nobody is owed", json!([debit("50"), posts("Credit", "33", "50", Some("3"))]), "6000"),
        ("a vendor owes", json!([debit("50"), vendor(posts("Credit", "84", "50", None))]), "6000"),
        ("no such customer", json!([debit("50"), posts("Credit", "84", "50", Some("999"))]), "2500"),
        ("no such account", json!([debit("50"), posts("Credit", "999", "50", None)]), "2500"),
        ("no side", json!([posts("", "94", "5", None)]), "2260"),
        ("a third side", json!([posts("Left", "94", "5", None)]), "2170"),
        (
            "receivables and payables",
            json!([posts("Debit", "84", "5", Some("3")), vendor(posts("Credit", "33", "5", None))]),
            "6000",
        ),
        ("a sale", json!([sale("5")]), "2010"),
    ];
    for (name, lines, code) in cases {
        assert_eq!(world.refused("journalentry", json!({ "Line": lines })).await, code, "{name}");
    }
    assert!(world.company.objects("JournalEntry").is_empty());
}

#[tokio::test(start_paused = true)]
async fn journal_entries_are_numbered_by_the_client() {
    let world = World::new().await;
    let body = |number: Option<&str>| {
        let mut body = json!({ "Line": [posts("Debit", "94", "5", None), posts("Credit", "91", "5", None)] });
        if let Some(number) = number {
            body["DocNumber"] = json!(number);
        }
        body
    };
    assert_eq!(world.put("journalentry", body(None)).await.get("DocNumber"), None);
    assert_eq!(world.put("journalentry?include=allowautodocnum", body(None)).await["DocNumber"], "1");
    world.put("journalentry", body(Some("7"))).await;
    assert_eq!(world.refused("journalentry", body(Some("7"))).await, "6140");
    world.put("journalentry?include=allowduplicatedocnum", body(Some("7"))).await;
    assert_eq!(world.put("journalentry?include=allowautodocnum", body(None)).await["DocNumber"], "8");
    // The sales forms count on by themselves.
    world.company.set_preference("SalesFormsPrefs.CustomTxnNumbers", json!(false));
    assert_eq!(world.invoice("3", "1").await["DocNumber"], "1038");
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn sales_forms_share_their_numbers() {
    let world = World::new().await;
    let mut body = invoice("3", "40");
    body["DocNumber"] = json!("77");
    let made = world.put("creditmemo", body.clone()).await;
    body["DepositToAccountRef"] = json!({ "value": "92" });
    for path in ["invoice", "creditmemo", "salesreceipt", "refundreceipt"] {
        let reply = world.post(path, body.clone()).await;
        let rival = format!("assigned to TxnType=CreditMemo with TxnId={}", made["Id"].as_str().unwrap());
        assert_eq!(reply.fault().0, "6140", "{path}");
        assert!(reply.fault().1.ends_with(&rival), "{}", reply.body);
    }
    for path in ["invoice", "salesreceipt", "refundreceipt"] {
        world.put(&format!("{path}?include=allowduplicatedocnum"), body.clone()).await;
    }
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn a_deposit_brings_what_waited_and_freezes_it() {
    let world = World::new().await;
    let payment = world.put("payment", json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 60 })).await;
    let receipt = world.put("salesreceipt", invoice("4", "40")).await;
    let elsewhere =
        json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 1, "DepositToAccountRef": { "value": "92" } });
    let elsewhere = world.put("payment", elsewhere).await;
    let holds = |kind: &str, id: &Value, amount: &str| json!({ "Amount": amount, "LinkedTxn": [{ "TxnId": id, "TxnType": kind, "TxnLineId": "0" }] });
    let direct = |account: &str| {
        json!({ "Amount": 5, "DetailType": "DepositLineDetail",
        "DepositLineDetail": { "AccountRef": { "value": account } } })
    };
    let to_bank = |lines: Value| json!({ "DepositToAccountRef": { "value": "35" }, "Line": lines });
    let cases = [
        ("no account", json!({ "Line": [direct("25")] }), "2020"),
        ("no line", json!({ "DepositToAccountRef": { "value": "35" } }), "2020"),
        (
            "to an expense",
            json!({ "DepositToAccountRef": { "value": "94" }, "Line": [direct("25")] }),
            "6430",
        ),
        ("a part", to_bank(json!([holds("Payment", &payment["Id"], "50")])), "6000"),
        (
            "twice",
            to_bank(json!([holds("Payment", &payment["Id"], "60"), holds("Payment", &payment["Id"], "60")])),
            "620",
        ),
        ("nothing waits", to_bank(json!([holds("Payment", &elsewhere["Id"], "1")])), "620"),
        ("gone", to_bank(json!([holds("Payment", &json!("999"), "1")])), "620"),
        ("from receivables", to_bank(json!([direct("84")])), "6430"),
    ];
    for (name, body, code) in cases {
        assert_eq!(world.refused("deposit", body).await, code, "{name}");
    }
    let lines = json!([
        holds("Payment", &payment["Id"], "60"),
        holds("SalesReceipt", &receipt["Id"], "40"),
        direct("25")
    ]);
    let made = world.put("deposit", to_bank(lines)).await;
    assert_eq!(made["TotalAmt"].to_string(), "105.00");
    assert_eq!((world.account("35").await, world.account("4").await), ("1081.00".into(), "2062.52".into()));
    world.sound();
    let again = to_bank(json!([holds("Payment", &payment["Id"], "60")]));
    assert_eq!(world.refused("deposit", again).await, "6540", "in another deposit");

    let link = json!([{ "TxnId": made["Id"], "TxnType": "Deposit" }]);
    for (entity, object) in [("payment", &payment), ("salesreceipt", &receipt)] {
        let frozen = world.again(entity, object).await;
        assert_eq!((&frozen["LinkedTxn"], &frozen["SyncToken"]), (&link, &json!("0")));
        let edit = json!({ "Id": object["Id"], "SyncToken": "0", "sparse": true, "PrivateNote": "x" });
        for operation in ["", "?operation=delete", "?operation=update&include=void"] {
            assert_eq!(world.refused(&format!("{entity}{operation}"), edit.clone()).await, "6540");
        }
    }
    // What is taken out of the deposit is free again, and so is the rest with it gone.
    let less = json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true,
                       "Line": [holds("SalesReceipt", &receipt["Id"], "40")] });
    assert_eq!(world.put("deposit", less).await["TotalAmt"].to_string(), "40.00");
    world.sound();
    let note = json!({ "Id": payment["Id"], "SyncToken": "0", "sparse": true, "PrivateNote": "x" });
    assert_eq!(world.put("payment", note).await.get("LinkedTxn"), None);
    world.put("deposit?operation=delete", json!({ "Id": made["Id"], "SyncToken": "1" })).await;
    world.put("salesreceipt?operation=delete", json!({ "Id": receipt["Id"], "SyncToken": "0" })).await;
    assert_eq!(world.account("35").await, "976.00");
    world.sound();
}

#[tokio::test(start_paused = true)]
async fn a_closed_period_refuses_every_transaction() {
    let world = World::new().await;
    world.company.set_preference("AccountingInfoPrefs.BookCloseDate", json!("2026-04-30"));
    let mut form = invoice("3", "40");
    form["DepositToAccountRef"] = json!({ "value": "92" });
    let entry = json!({ "Line": [posts("Debit", "94", "5", None), posts("Credit", "91", "5", None)] });
    let deposit = json!({ "DepositToAccountRef": { "value": "35" }, "Line": [{ "Amount": 5,
        "DetailType": "DepositLineDetail", "DepositLineDetail": { "AccountRef": { "value": "25" } } }] });
    let payment = json!({ "CustomerRef": { "value": "3" }, "TotalAmt": 5 });
    let kinds = [
        ("invoice", &form),
        ("creditmemo", &form),
        ("salesreceipt", &form),
        ("refundreceipt", &form),
        ("journalentry", &entry),
        ("deposit", &deposit),
        ("payment", &payment),
    ];
    for (path, body) in kinds {
        let mut dated = body.clone();
        dated["TxnDate"] = json!("2026-04-30");
        assert_eq!(world.refused(path, dated).await, "6210", "{path}");
        let made = world.put(path, body.clone()).await;
        let back = json!({ "Id": made["Id"], "SyncToken": "0", "sparse": true, "TxnDate": "2026-04-01" });
        assert_eq!(world.refused(path, back).await, "6210", "{path}");
    }
}
