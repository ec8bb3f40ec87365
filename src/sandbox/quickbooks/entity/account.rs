//! Accounts: the chart that items, payments and discounts post to.

use serde_json::json;

use super::super::books::Books;
use super::super::exchange;
use super::super::fault::Fault;
use super::super::json::{Object, decimal, reference as reference_in, text as text_in};
use super::super::ledger;
use super::field::{amount, flag, idle, reference, text};
use super::{Change, Class, Draft, Entity, Field, Sequence, Voiding, currency, payment, people};

pub(crate) static ENTITY: Entity = Entity {
    name: "Account",
    class: Class::List,
    sequence: Sequence::Accounts,
    parts: &[FIELDS],
    keys: &["Name", "FullyQualifiedName", "ParentRef", "AccountType"],
    name_property: Some("Name"),
    counted: false,
    voiding: Voiding::Never,
    complete,
    entries: super::posts_nothing,
    blank: super::stays,
    settle,
};

const FIELDS: &[Field] = &[
    text("Name", 100).queryable(),
    text("Description", 100),
    text("AccountType", 40).queryable(),
    text("AccountSubType", 80).queryable(),
    text("Classification", 20).queryable().read_only(),
    text("FullyQualifiedName", 500).queryable().read_only(),
    text("AcctNum", 20),
    flag("SubAccount"),
    reference("ParentRef", "Account"),
    flag("Active").queryable(),
    amount("CurrentBalance").queryable().read_only(),
    amount("CurrentBalanceWithSubAccounts").read_only(),
    reference("CurrencyRef", ""),
    reference("TaxCodeRef", ""),
    idle("OpeningBalance"),
    idle("OpeningBalanceDate"),
    idle("BankNum"),
    idle("AcctNumExtn"),
    idle("AccountAlias"),
    idle("TxnLocationType"),
    idle("TaxAccount"),
    idle("OnlineBankingEnabled"),
    idle("FIName"),
    idle("JournalCodeRef"),
    idle("AccountEx"),
    idle("LocalizedName"),
];

/// Type, what it is on the balance sheet, and the sub-type it gets unasked.
const TYPES: &[(&str, &str, &str)] = &[
    ("Bank", "Asset", "CashOnHand"),
    ("Accounts Receivable", "Asset", "AccountsReceivable"),
    ("Other Current Asset", "Asset", "EmployeeCashAdvances"),
    ("Fixed Asset", "Asset", "FurnitureAndFixtures"),
    ("Other Asset", "Asset", "Licenses"),
    ("Accounts Payable", "Liability", "AccountsPayable"),
    ("Credit Card", "Liability", "CreditCard"),
    ("Other Current Liability", "Liability", "OtherCurrentLiabilities"),
    ("Long Term Liability", "Liability", "NotesPayable"),
    ("Equity", "Equity", "OpeningBalanceEquity"),
    ("Income", "Revenue", "SalesOfProductIncome"),
    ("Other Income", "Revenue", "OtherInvestmentIncome"),
    ("Cost of Goods Sold", "Expense", "SuppliesMaterialsCogs"),
    ("Expense", "Expense", "Travel"),
    ("Other Expense", "Expense", "OtherMiscellaneousExpense"),
];

/// Sub-types that tell their type where only the sub-type is sent.
const SUB_TYPES: &[(&str, &str)] = &[
    ("Checking", "Bank"),
    ("Savings", "Bank"),
    ("UndepositedFunds", "Other Current Asset"),
    ("DeferredRevenue", "Other Current Liability"),
    ("SalesTaxPayable", "Other Current Liability"),
    ("ServiceFeeIncome", "Income"),
    ("DiscountsRefundsGiven", "Income"),
    ("BadDebts", "Expense"),
];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    if draft.text("Name").is_some_and(|name| name.contains('"')) {
        return Err(Fault::characters("Name"));
    }
    people::check_parent(books, draft, "Account")?;
    people::complete_name(books, draft, "Account")?;
    let (kind, class, sub_type) = classify(draft).ok_or_else(|| {
        Fault::new("6010", "Invalid account type", "Account type or sub-type must be specified and valid.")
    })?;
    check_parent_type(books, draft, kind)?;
    check_kept(draft, kind)?;
    check_retype(books, draft, (kind, class))?;
    check_needed(books, draft)?;
    check_number(books, draft)?;
    draft.set("AccountType", kind);
    draft.set("Classification", class);
    draft.default("AccountSubType", sub_type);
    draft.set("SubAccount", json!(draft.reference("ParentRef").is_some()));
    complete_currency(books, draft)?;
    draft.default("CurrentBalance", json!(0));
    draft.default("CurrentBalanceWithSubAccounts", json!(0));
    Ok(())
}

/// A sub-account has the type of the account above it.
fn check_parent_type(books: &Books, draft: &Draft<'_>, kind: &str) -> Result<(), Fault> {
    let above = draft.reference("ParentRef").and_then(|id| ledger::account_type(books, id));
    if above.is_none_or(|above| above == kind) {
        return Ok(());
    }
    Err(Fault::known("6010").because("A sub-account must have the type of its parent."))
}

/// The accounts the service posts to by itself stay what they are (our reading).
fn check_kept(draft: &Draft<'_>, kind: &str) -> Result<(), Fault> {
    let Some(old) = draft.old else { return Ok(()) };
    let debts = matches!(text_in(old, "AccountType"), Some("Accounts Receivable" | "Accounts Payable"));
    let gains = text_in(old, "AccountSubType") == Some(exchange::SUB_TYPE);
    let type_stays = text_in(old, "AccountType") == Some(kind);
    let sub_type_stays = draft.text("AccountSubType") == text_in(old, "AccountSubType");
    if (!debts || type_stays) && (!gains || (type_stays && sub_type_stays)) {
        return Ok(());
    }
    Err(Fault::known("6010").because("The type of an account that the company needs cannot be changed."))
}

/// No account turns into receivables or payables; what was
/// posted to keeps its side of the statements, and what stands below an account
/// keeps it at its type (all our reading).
fn check_retype(books: &Books, draft: &Draft<'_>, (kind, class): (&str, &str)) -> Result<(), Fault> {
    let Some((old, id)) = draft.old.zip(draft.id) else { return Ok(()) };
    let before = text_in(old, "AccountType").unwrap_or_default();
    if before == kind {
        return Ok(());
    }
    if DEBTS.contains(&kind) {
        return Err(Fault::known("6010").because("An account cannot be turned into A/R or A/P."));
    }
    if text_in(old, "Classification") != Some(class) && books.ledger().knows(id) {
        return Err(Fault::business("You can't change the classification of an account that has been used."));
    }
    if books.shelf("Account").with("ParentRef", &id.to_string()).next().is_some() {
        return Err(Fault::known("6010").because("A sub-account must have the type of its parent."));
    }
    Ok(())
}

const DEBTS: [&str; 2] = ["Accounts Receivable", "Accounts Payable"];

/// The company's first receivables and payables of a currency, Undeposited
/// Funds, Opening Balance Equity, exchange gains and tax debts stay active, because
/// the service itself posts there.
fn check_needed(books: &Books, draft: &Draft<'_>) -> Result<(), Fault> {
    let Some((old, id)) = draft.old.zip(draft.id).filter(|_| !draft.active()) else { return Ok(()) };
    let same = |known: &Object| {
        let of = |object| (text_in(object, "AccountType"), reference_in(object, "CurrencyRef"));
        of(known) == of(old)
    };
    let debts = text_in(old, "AccountType").is_some_and(|kind| DEBTS.contains(&kind));
    let first = || books.shelf("Account").by_id().find(|(_, kept)| same(&kept.object)).map(|(id, _)| id);
    let sub_type = text_in(old, "AccountSubType").unwrap_or_default();
    let own = ["GlobalTaxPayable", "SalesTaxPayable", exchange::SUB_TYPE].contains(&sub_type);
    let waits = id.to_string() == payment::UNDEPOSITED_FUNDS;
    if own || waits || id == ledger::OPENING_EQUITY || (debts && first() == Some(id)) {
        return Err(Fault::business("You can't make an account inactive that QuickBooks itself uses."));
    }
    Ok(())
}

/// Two active accounts may not share a number.
fn check_number(books: &Books, draft: &Draft<'_>) -> Result<(), Fault> {
    let Some(number) = draft.text("AcctNum").filter(|_| draft.sends("AcctNum")) else { return Ok(()) };
    let taken = books.shelf("Account").by_id().any(|(id, kept)| {
        let same = kept.object.get("AcctNum").is_some_and(|known| known == number);
        same && Some(id) != draft.id && kept.object.get("Active") != Some(&json!(false))
    });
    if taken { Err(Fault::name_taken()) } else { Ok(()) }
}

/// Money, debts and other assets may be kept in another currency (recorded but
/// for credit cards and receivables), everything else is in the company's own
/// (our reading). It is chosen once.
fn complete_currency(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let foreign = ["Bank", "Credit Card", "Accounts Receivable", "Accounts Payable", "Other Asset"];
    let kind = draft.text("AccountType").unwrap_or_default().to_owned();
    currency::complete_once(books, draft)?;
    let home = draft.reference("CurrencyRef") == Some(books.home_currency());
    let above = draft.reference("ParentRef").and_then(|id| books.find("Account", id));
    let above = above.map(|above| reference_in(above, "CurrencyRef").unwrap_or(books.home_currency()));
    if above.is_some_and(|above| draft.reference("CurrencyRef") != Some(above)) {
        return Err(Fault::known("2220").because("Invalid currency. A sub-account has that of its parent."));
    }
    if home || foreign.contains(&kind.as_str()) {
        return Ok(());
    }
    Err(Fault::known("2220")
        .because(format!("Invalid currency. An account of type {kind} has the home currency.")))
}

/// What an account holds counts with those above it, wherever it stands now.
fn settle(books: &mut Books, id: u64, change: Change<'_>) {
    people::rename_below(books, id, &ENTITY, change);
    let (Some(old), Some(new)) = (change.old, change.new) else { return };
    let above = |object: &Object| reference_in(object, "ParentRef").and_then(|id| id.parse().ok());
    if above(old) != above(new) {
        let held = decimal(old, "CurrentBalanceWithSubAccounts");
        books.move_accounts_above(above(old), -held);
        books.move_accounts_above(above(new), held);
    }
    // What an account holds may come to be shown, or be shown no more.
    books.show_balance(id);
}

/// Money goes into a bank account or an other current asset, and comes from one.
pub(crate) fn check_money(books: &Books, id: &str) -> Result<(), Fault> {
    if matches!(ledger::account_type(books, id), Some("Bank" | "Other Current Asset")) {
        return Ok(());
    }
    let detail = "A payment is deposited to a bank account or an other current asset account.";
    Err(Fault::new("6430", "Invalid account type", detail))
}

/// Whether an account is the one where money waits for a deposit.
pub(crate) fn holds_undeposited(books: &Books, id: &str) -> bool {
    books.find("Account", id).and_then(|account| text_in(account, "AccountSubType"))
        == Some("UndepositedFunds")
}

fn classify(draft: &Draft<'_>) -> Option<(&'static str, &'static str, &'static str)> {
    let of_type = |kind: &str| TYPES.iter().find(|(name, _, _)| *name == kind).copied();
    if let Some(kind) = draft.text("AccountType") {
        return of_type(kind);
    }
    let sub_type = draft.text("AccountSubType")?;
    let by_default = TYPES.iter().find(|(_, _, default)| *default == sub_type).copied();
    let listed = SUB_TYPES.iter().find(|(name, _)| *name == sub_type);
    by_default.or_else(|| of_type(listed?.1))
}
