//! What nobody sensible asks: every path with ids and queries made to break
//! it. Each is answered, none with an error of the server's own.

use super::*;

const PATHS: [&str; 26] = [
    "customers/{}",
    "customers/{}/overview",
    "customers/{}/invoices",
    "customers/{}/invoiceSummaries",
    "customers/{}/paymentactivities",
    "customers/{}/customerArActivities",
    "invoices/{}",
    "invoices/{}/paymentAllocations",
    "invoices/{}/creditAllocations",
    "payments/{}",
    "paymentActivities/{}",
    "refunds/{}",
    "credits/{}",
    "debits/{}",
    "creditNotes/{}",
    "customerAddressPreferences/{}",
    "customerBillingSetting/{}",
    "Addresses/{}",
    "Products/{}",
    "subscriptionProducts/{}",
    "Purchases/{}",
    "customers?{}",
    "invoices?{}",
    "invoiceSummaries?{}",
    "PaymentActivities/GetByAccountID?{}",
    "aractivities?{}",
];
const IDS: [&str; 8] = [
    "-9223372036854775808",
    "9223372036854775807",
    "9223372036854775808",
    "-1",
    "0",
    "400000",
    "%C3%A9",
    "1e3",
];
const NAMES: [&str; 9] = [
    "createdTimestamp",
    "startDate",
    "endDate",
    "id",
    "amount",
    "arBalance",
    "status",
    "Customer.QuickBooksId",
    "companyName",
];
const PIECES: [&str; 20] = [
    "2018-01-01",
    "T00:00:00",
    "T00:00:0",
    "%C3%A9",
    "%7C",
    "Z",
    "-",
    "%2B",
    "9999-12-31",
    "-009999-01-01",
    "9223372036854775807",
    "79228162514264337593543950335",
    "-",
    ".",
    ",",
    ";",
    "*",
    "[empty]",
    "%F0%9F%92%B8",
    "%00",
];

/// A sequence that is the same every time.
struct Dice(u64);

impl Dice {
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        from[usize::try_from(self.0 >> 33).unwrap() % from.len()]
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_asked_breaks_the_account() {
    let account = account(false, clock());
    let mut dice = Dice(7);
    let mut asked = vec![
        "aractivities?query=startDate:2018-01-01T00:00:0%C3%A9".to_owned(),
        "customers?query=createdTimestamp:2018-01-01T00:00:0%C3%A9%7C".to_owned(),
        "customers?pageNumber=18446744073709551615&pageSize=18446744073709551615".to_owned(),
    ];
    for path in PATHS {
        if path.contains('?') {
            for _ in 0..80 {
                let value: String = (0..4).map(|_| dice.pick(&PIECES)).collect();
                let query = format!("query={}:{value}", dice.pick(&NAMES));
                asked.push(path.replace("{}", &query));
            }
        } else {
            asked.extend(IDS.iter().map(|id| path.replace("{}", id)));
        }
    }
    for path in asked {
        let (status, ..) = send(&account, Method::GET, &format!("/v1/{path}")).await;
        assert!([200, 400, 404].contains(&status.as_u16()), "{path}: {status}");
    }
    assert_eq!(account.audit(), [""; 0]);
}
