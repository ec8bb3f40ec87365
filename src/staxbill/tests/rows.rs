//! One answer in, one record out.

use super::*;
use crate::model::{Currency, Money};

const HEAD: &str = r#""id":1,"paymentActivityId":71,"customerId":2,"effectiveTimestamp":"2026-01-02T03:04:05","currency":"USD""#;

/// Both payments and credits, by the name of what takes them back.
async fn standing(rest: &str) -> [Result<(String, String, String, String), String>; 2] {
    let answer = |back: &str| told(&format!("{{{HEAD},{}}}", rest.replace("TAKEN", back)));
    let payment = answer("refunds").payment(1).await.unwrap().map_err(|row| row.reason);
    let credit = answer("debits").credit(1).await.unwrap().map_err(|row| row.reason);
    [
        payment.map(|one| {
            (one.amount.to_string(), one.unallocated.to_string(), rows(&one.allocations), taken(&one.refunds))
        }),
        credit.map(|one| {
            (one.amount.to_string(), one.unallocated.to_string(), rows(&one.allocations), taken(&one.debits))
        }),
    ]
}

#[tokio::test]
async fn allocations_are_net_of_what_was_taken_back_by_identity() {
    let two = r#""TAKEN":[
        {"id":12,"effectiveTimestamp":"2026-01-04","amount":1,"invoiceAllocations":null},
        {"id":9,"effectiveTimestamp":"2026-01-03","amount":"3.0000","invoiceAllocations":[{"invoiceId":7,"amount":3}]}]"#;
    let whole = r#""TAKEN":[{"id":9,"effectiveTimestamp":"2026-01-03","amount":10,"invoiceAllocations":[{"invoiceId":7,"amount":8}]}]"#;
    let both = "9 3.00 [7:3.00], 12 1.00 []";
    let cases = [
        // (name, rest, unallocated, allocations, taken)
        ("plain", r#""amount":10.0,"unallocatedAmount":2,"invoiceAllocations":[{"invoiceId":7,"amount":"8.0000"}],"TAKEN":[]"#.to_owned(), "2.00", "7:8.00", ""),
        ("net", format!(r#""amount":10,"unallocatedAmount":1,"invoiceAllocations":[{{"invoiceId":7,"amount":5}}],{two}"#), "1.00", "7:5.00", both),
        ("gross", format!(r#""amount":10,"unallocatedAmount":2,"invoiceAllocations":[{{"invoiceId":7,"amount":8}}],{two}"#), "1.00", "7:5.00", both),
        ("net, in full", format!(r#""amount":10,"unallocatedAmount":0,"invoiceAllocations":[],{whole}"#), "0.00", "", "9 10.00 [7:8.00]"),
        ("gross, in full", format!(r#""amount":10,"unallocatedAmount":2,"invoiceAllocations":[{{"invoiceId":7,"amount":8}}],{whole}"#), "0.00", "", "9 10.00 [7:8.00]"),
        ("one invoice twice", r#""amount":10,"invoiceAllocations":[{"invoiceId":9,"amount":2},{"invoiceId":7,"amount":5},{"invoiceId":7,"amount":3}]"#.to_owned(), "0.00", "7:8.00 9:2.00", ""),
    ];
    for (name, rest, unallocated, allocations, back) in cases {
        for read in standing(&rest).await {
            let expected = ["10.00", unallocated, allocations, back].map(ToOwned::to_owned);
            assert_eq!(read.map(|(a, b, c, d)| [a, b, c, d]), Ok(expected), "{name}");
        }
    }
}

#[tokio::test]
async fn amounts_that_do_not_add_up_or_are_too_fine_are_no_record() {
    let cases = [
        (
            r#""amount":10,"unallocatedAmount":1"#,
            "0.00 allocated, 1.00 unallocated and 0.00 taken back do not make 10.00",
        ),
        (r#""amount":10.005,"unallocatedAmount":10.005"#, "the amount 10.005 is finer than USD allows"),
        (
            r#""amount":10,"unallocatedAmount":10,"TAKEN":[{"id":9,"effectiveTimestamp":"2026-01-03","amount":11}]"#,
            "more is taken back than there was (11.00 of 10.00)",
        ),
        (
            r#""amount":10,"unallocatedAmount":2,"invoiceAllocations":[{"invoiceId":7,"amount":8}],"TAKEN":[{"id":9,"effectiveTimestamp":"2026-01-03","amount":9,"invoiceAllocations":[{"invoiceId":7,"amount":9}]}]"#,
            "more is taken back than there was (9.00 of 10.00)",
        ),
        (
            r#""amount":10,"unallocatedAmount":10,"TAKEN":[{"id":9,"effectiveTimestamp":"2026-01-03","amount":0.001}]"#,
            "the amount 0.001 is finer than USD allows",
        ),
    ];
    for (rest, expected) in cases {
        for read in standing(rest).await {
            assert_eq!(read, Err(expected.to_owned()), "{rest}");
        }
    }
}

#[tokio::test]
async fn an_activity_is_a_payment_a_refund_or_nothing() {
    let of = |kind: &str, status: &str, transaction: &str| {
        format!(
            r#"{{"id":71,"customerId":2,"parentCustomerId":4,"status":"{status}","transactionType":"{kind}","method":"CreditCard (Visa ending in 1111)","transaction":{transaction}}}"#
        )
    };
    let payment = format!(r#"{{{HEAD},"amount":5,"unallocatedAmount":5}}"#);
    let refund = r#"{"id":9,"customerId":2,"originalPaymentActivityId":70,"amount":0.001}"#;
    let nameless = r#"{"id":9,"originalPaymentActivityId":null}"#;
    let refunds = "refund 9 of 2 takes back 70";
    let cases = [
        (of("Collect", "Successful", &payment), "payment 1 by 71 CreditCard Some(4)"),
        (of("Collect", "Failed", &payment), ""),
        (of("Collect", "Unknown", &payment), ""),
        (of("Collect", "Successful", "null"), ""),
        (of("Validate", "Successful", &payment), ""),
        (of("Refund", "Successful", refund), refunds),
        (of("NSF", "Successful", refund), refunds),
        (of("Chargeback", "Successful", refund), refunds),
        (of("NSF", "Successful", nameless), "odd refund 9 of 2: the refund does not name its payment"),
        (
            of("Surcharge", "Successful", nameless),
            "odd 9 of 2: latchd does not know payment activities of `Surcharge`",
        ),
        (
            of("Collect", "Successful", r#"{"id":1,"customerId":2}"#),
            "odd 1 of 2: Stax Bill's record cannot be read: missing field `effectiveTimestamp` at line 1 column 23",
        ),
        (of("Collect", "Successful", r#"{"customerId":2}"#), ""),
        ("{}".to_owned(), ""),
    ];
    for (json, expected) in cases {
        let page = told(&format!("[{json}]")).payment_activities(None, 0).await.unwrap();
        let shown = page.rows.iter().map(|row| match row {
            Ok(MoneyRow::Payment(one)) => {
                format!("payment {} by {} {} {:?}", one.id, one.activity, one.method, one.parent)
            }
            Ok(MoneyRow::Refund { id, customer, of_activity }) => {
                format!("refund {id} of {customer} takes back {of_activity}")
            }
            Ok(MoneyRow::InvalidRefund(row)) => format!("odd refund {}", invalid(row)),
            Err(row) => format!("odd {}", invalid(row)),
        });
        assert_eq!(shown.collect::<Vec<_>>().join("; "), expected, "{json}");
        let one = told(&json).payment_activity(71).await;
        assert_eq!(
            one.is_ok(),
            expected.starts_with("payment")
                || expected.starts_with("odd ") && !expected.starts_with("odd refund"),
            "{json}"
        );
    }
}

#[tokio::test]
async fn a_credit_note_tells_what_it_can() {
    let head = r#""id":3,"customerId":2,"netAmount":"10.5000","currency":"USD""#;
    let invoice = r#""invoice":{"id":88,"outstandingBalance":1},"creditNotesNumber":"04-CR-01""#;
    let cases = [
        (format!("{{{head},{invoice}}}"), "04-CR-01 of 88: 10.50"),
        (format!(r#"{{{head},"invoiceId":88,"creditNotesNumber":401}}"#), "401 of 88: 10.50"),
        (format!(r#"{{{head},{invoice},"lineItems":null}}"#), "04-CR-01 of 88: 10.50"),
        (
            format!(
                r#"{{{head},{invoice},"lineItems":[{{"chargeGroupName":null,"lineItems":[{{"lineItem":{{"id":6,"originalChargeId":5,"amount":"9.0","quickBooksId":17}},"discount":null}},{{"lineItem":{{"chargeId":8}}}}]}}]}}"#
            ),
            "04-CR-01 of 88: 10.50 6/5/9.00/17 -/8/-/-",
        ),
        (
            format!(
                r#"{{{head},{invoice},"lineItems":[{{"id":6,"originalChargeId":5,"amount":9}},"free words"]}}"#
            ),
            "04-CR-01 of 88: 10.50 6/5/9.00/- -/-/-/-",
        ),
        (
            format!(r#"{{{head},{invoice},"lineItems":[{{"id":6,"amount":9.001}}]}}"#),
            "3 of 2: the amount 9.001 is finer than USD allows",
        ),
        (format!(r#"{{{head},"creditNotesNumber":"1"}}"#), "3 of 2: credit note 1 does not name its invoice"),
        (format!(r#"{{{head},"invoiceId":88}}"#), "3 of 2: credit note 3 has no number"),
        (
            r#"{"id":3,"customerId":2,"netAmount":{}}"#.to_owned(),
            "3 of 2: Stax Bill's record cannot be read: invalid type: map, expected a Decimal type representing a fixed-point number at line 1 column 37",
        ),
    ];
    for (json, expected) in cases {
        let note = told(&json).credit_note(3).await.unwrap();
        let shown = note.map_or_else(
            |row| invalid(&row),
            |note| {
                let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
                let mut shown = format!("{} of {}: {}", note.number, note.invoice, note.amount);
                for line in note.lines {
                    let [reversal, charge] =
                        [line.reversal, line.charge].map(|id| or(id.map(|id| id.to_string())));
                    let amount = or(line.amount.map(|amount| amount.to_string()));
                    shown = format!("{shown} {reversal}/{charge}/{amount}/{}", or(line.quickbooks_id));
                }
                shown
            },
        );
        assert_eq!(shown, expected, "{json}");
    }
    // A list that was asked for by invoice need not say it again.
    let of = told(&format!(r#"[{{{head},"creditNotesNumber":"1"}}]"#)).credit_notes_of(88).await.unwrap();
    assert_eq!(of[0].as_ref().map(|note| note.invoice), Ok(88));
}

#[tokio::test]
async fn what_is_no_record_at_all_is_no_answer() {
    for body in ["null", "[]", r#"{"name":"x"}"#, "<html>"] {
        let read = told(body).credit(1).await;
        assert!(matches!(read, Err(StaxError::Unreadable(_))), "{body}: {read:?}");
        let read = told(body).payment_activity(1).await;
        assert!(matches!(read, Err(StaxError::Unreadable(_) | StaxError::NotFound(_))), "{body}: {read:?}");
    }
}

#[tokio::test]
async fn a_balance_is_an_amount_of_the_currency() {
    let yen: Currency = "JPY".parse().unwrap();
    let cases = [
        (r#"{"arBalance":277.5}"#, Currency::USD, Ok("277.50")),
        (r#"{"arBalance":"-3.000000"}"#, yen, Ok("-3")),
        (r#"{"arBalance":0.5}"#, yen, Err("the amount 0.5 is finer than JPY allows")),
    ];
    for (json, currency, expected) in cases {
        let read = told(json).ar_balance(1, currency).await.unwrap();
        assert_eq!(
            read,
            expected.map(|text| text.parse::<Money>().unwrap()).map_err(str::to_owned),
            "{json}"
        );
    }
}

#[tokio::test]
async fn a_summary_tells_what_was_reversed_and_written_off() {
    let json = r#"[{"id":88,"invoiceNumber":5,"customerId":2,"currency":"USD","effectiveTimestamp":"2026-01-02","modifiedTimestamp":"2026-01-02","invoiceAmount":20,"totalPayments":1,"totalCreditNotes":"2.5000","writeoffs":3,"outstandingBalance":13.5}]"#;
    let invoice = told(json).invoice_summary(88).await.unwrap().unwrap();
    let found = [invoice.paid, invoice.reversed, invoice.written_off, invoice.outstanding];
    assert_eq!(found.map(|amount| amount.to_string()), ["1.00", "2.50", "3.00", "13.50"]);
}

/// A proxy in between, or a server that ignores the number of the page.
#[tokio::test]
async fn a_list_that_never_goes_on_is_no_answer() {
    let row = |id: u32| format!(r#"{{"id":{id},"customerId":2,"netAmount":1,"creditNotesNumber":"{id}"}}"#);
    let page: Vec<String> = (0..1000).map(row).collect();
    let page = format!("[{}]", page.join(","));
    let client = client_of(Router::new().fallback(async move || page.clone().into_response()));
    let read = client.credit_notes_of(88).await;
    assert!(matches!(&read, Err(StaxError::Unreadable(words)) if words.contains("page before")), "{read:?}");
    assert_eq!(client.calls(), 2);
}
