//! The stream of AR activities: the one place where write-offs and opening
//! balances appear, with words that the vendor may add to.

use latchd::sandbox::staxbill::{ArKind, Options};
use latchd::sandbox::{Sandbox, SandboxOptions};

use super::desk::{credit, memo, write_off};
use super::shop::{assert_all_synced, bill, create_all, customer, dec, noon, pass};
use crate::company::{Company, counts, options};

fn company(kind: ArKind, token: &str, files: &str) -> Company {
    let tokens = [(kind, token.to_owned())].into_iter().collect();
    let staxbill = Options { tokens, ..Options::default() };
    Company::with(Sandbox::bare(SandboxOptions { staxbill, ..options(false) }), files)
}

/// One notice a token, however many there are; the files can teach it.
#[tokio::test(start_paused = true)]
async fn an_unknown_token_is_one_notice_until_the_files_know_it() {
    let mut company = company(ArKind::WriteOff, "ForgivenDebt", &create_all(1));
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let ids = ["30.00", "20.00"].map(|part| write_off(&company, invoice, "2026-04-01", part));
    for _ in 0..2 {
        let status = pass(&company).await;
        let told: Vec<_> = status.notices.iter().filter(|one| one.text.contains("ForgivenDebt")).collect();
        assert_eq!(told.len(), 1, "{:?}", status.notices);
        assert_eq!(counts(&status, 6), (0, 0, 0));
    }
    company.files = format!("[transaction_types]\nForgivenDebt = \"write-off\"\n{}", create_all(1));
    pass(&company).await;
    let status = pass(&company).await;
    assert_all_synced(&status);
    assert_eq!(counts(&status, 6), (2, 2, 2));
    assert!(status.notices.iter().all(|one| !one.text.contains("ForgivenDebt")), "{:?}", status.notices);
    assert_eq!(memo(&company, &format!("write-off/{}", ids[0])), (dec("30"), dec("0")));
}

/// What is known under another word is read the same.
#[tokio::test(start_paused = true)]
async fn a_credit_under_another_word_is_a_credit() {
    let files = format!("[transaction_types]\nGoodwill = \"credit\"\n{}", create_all(1));
    let company = company(ArKind::Credit, "Goodwill", &files);
    let bolt = customer(&company, "Bolt Bakery");
    let invoice = bill(&company, bolt, noon("2026-03-01"), "100.00");
    let id = credit(&company, bolt, "2026-03-02", "30.00", &[(invoice, "30.00")]);
    assert_all_synced(&pass(&company).await);
    assert_eq!(memo(&company, &format!("credit/{id}")), (dec("30"), dec("0")));
}
