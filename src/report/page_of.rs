//! Where a person looks at an object: its page in QuickBooks.

use crate::model::{ObjectId, ObjectKind};

/// The address of an object's page in QuickBooks; `production`: in real books,
/// else in Intuit's sandbox. Whoever opens it is signed in to the company.
///
/// Source: Intuit's base for deep links, `https://qbo.intuit.com/app/` and
/// `https://sandbox.qbo.intuit.com/app/`, with the pages as the browser shows
/// them: `invoice?txnId=1042`.
pub fn page_of(production: bool, kind: ObjectKind, id: &ObjectId) -> String {
    let host = if production { "qbo.intuit.com" } else { "sandbox.qbo.intuit.com" };
    let page = match kind {
        ObjectKind::Customer => "customerdetail?nameId",
        ObjectKind::Invoice => "invoice?txnId",
        ObjectKind::CreditMemo => "creditmemo?txnId",
        ObjectKind::JournalEntry => "journal?txnId",
        ObjectKind::Payment => "recvpayment?txnId",
    };
    // QuickBooks' ids are digits; whatever else came could leave the query.
    let id: String = id.as_str().chars().filter(char::is_ascii_alphanumeric).collect();
    format!("https://{host}/app/{page}={id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_page_in_both_worlds() {
        let cases = [
            (true, ObjectKind::Invoice, "https://qbo.intuit.com/app/invoice?txnId=1042"),
            (true, ObjectKind::Customer, "https://qbo.intuit.com/app/customerdetail?nameId=1042"),
            (true, ObjectKind::Payment, "https://qbo.intuit.com/app/recvpayment?txnId=1042"),
            (false, ObjectKind::CreditMemo, "https://sandbox.qbo.intuit.com/app/creditmemo?txnId=1042"),
            (false, ObjectKind::JournalEntry, "https://sandbox.qbo.intuit.com/app/journal?txnId=1042"),
        ];
        for (production, kind, page) in cases {
            assert_eq!(page_of(production, kind, &ObjectId::new("1042")), page);
        }
        let odd = page_of(true, ObjectKind::Invoice, &ObjectId::new("1&x=\u{1b}2"));
        assert_eq!(odd, "https://qbo.intuit.com/app/invoice?txnId=1x2");
    }
}
