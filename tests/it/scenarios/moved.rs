//! Matched documents that a person gives to another customer afterwards.

use serde_json::json;

use super::by_hand::{self, AMY, adopt_amy, lines, matching, object, open};
use super::desk::{credit, laid};
use super::shop::{
    assert_all_synced, bill, count_writes, customer, dec, id_of, marked, noon, pass, pay, the, warned,
};
use crate::company::Company;

const BILL: &str = "2";

#[tokio::test(start_paused = true)]
async fn what_went_to_another_customer_is_told_and_nothing_is_applied_to_it() {
    for restore in [false, true] {
        let mut company = Company::bare("");
        let amy = customer(&company, "Amy's Bird Sanctuary");
        let invoice = bill(&company, amy, noon("2026-02-10"), "100.00");
        let paid = pay(&company, amy, noon("2026-02-20"), "30.00", &[]);
        let given = credit(&company, amy, "2026-02-15", "40.00", &[]);
        let theirs = [
            ("Invoice", by_hand::invoice(&company, AMY, "B-7", ("2026-02-10", "100.00"))),
            ("Payment", by_hand::payment(&company, AMY, ("2026-02-20", "30.00"), &[])),
            ("CreditMemo", by_hand::memo(&company, AMY, "B-13", ("2026-02-15", "40.00"))),
        ];
        let keys = [format!("invoice/{invoice}"), format!("payment/{paid}"), format!("credit/{given}")];
        let matches = [0, 1, 2].map(|at| (keys[at].clone(), theirs[at].1.as_str()));
        company.files = adopt_amy("2026-03-01", &matching(&matches));
        if restore {
            company.posting = "on_drift = \"restore\"".to_owned();
        }
        assert_all_synced(&pass(&company).await);
        let give = |to: &str| {
            for (kind, id) in &theirs {
                let books = company.sandbox.quickbooks.bookkeeper();
                books.edit(kind, id, json!({ "CustomerRef": { "value": to } })).unwrap();
            }
        };
        give(BILL);
        let other = bill(&company, amy, noon("2026-03-10"), "50.00");
        let new = pay(&company, amy, noon("2026-03-11"), "60.00", &[(invoice, "60.00")]);
        company.sandbox.staxbill.allocate(paid, other, dec("30.00"));
        company.sandbox.staxbill.allocate_credit(given, other, dec("20.00"));
        for _ in 0..2 {
            let status = pass(&company).await;
            for key in &keys {
                assert_eq!(warned(&status, key), ["drifted"], "{restore}");
                let row = status.warnings.iter().find(|row| row.key == *key).unwrap();
                for named in ["customer 2, ", "customer 1's"] {
                    assert!(row.reason.contains(named), "{}", row.reason);
                }
            }
            assert_eq!(lines(&company, &theirs[1].1), []);
            assert_eq!(open(&company, "Invoice", &theirs[0].1), dec("100"));
            assert_eq!(open(&company, "Invoice", &id_of(&company, &format!("invoice/{other}"))), dec("50"));
            assert!(laid(&company, &keys[2]).is_empty());
            assert_eq!(object(&company, "Invoice", &theirs[0].1)["CustomerRef"]["value"], BILL);
            assert!(keys.iter().all(|key| marked(&company, key).is_empty()));
        }
        let writes = count_writes(&company);
        pass(&company).await;
        assert_eq!(writes(), 0);
        give(AMY);
        assert_all_synced(&pass(&company).await);
        assert_eq!(lines(&company, &theirs[1].1).len(), 1);
        assert_eq!(open(&company, "Invoice", &theirs[0].1), dec("40"));
        the(&company, &format!("payment/{new}"));
    }
}
