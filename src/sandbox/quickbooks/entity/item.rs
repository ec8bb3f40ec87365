//! Items: what invoice lines sell, and through which account.

use serde_json::json;

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json;
use super::field::{amount, date, flag, idle, number, reference, text};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, people};

pub(crate) static ENTITY: Entity = Entity {
    name: "Item",
    class: Class::List,
    sequence: Sequence::Items,
    fields: FIELDS,
    keys: &["Name", "FullyQualifiedName", "ParentRef"],
    name_property: Some("Name"),
    counted: false,
    voiding: Voiding::Never,
    complete,
    entries: super::posts_nothing,
    blank: super::stays,
    settle: |books, id, change| people::rename_below(books, id, &ENTITY, change),
};

const FIELDS: &[Field] = &[
    text("Name", 100).queryable(),
    text("Sku", 100).queryable(),
    text("Description", 4000),
    text("Type", 20).queryable(),
    flag("Active").queryable(),
    text("FullyQualifiedName", 500).queryable().read_only(),
    flag("Taxable"),
    flag("SalesTaxIncluded"),
    number("UnitPrice"),
    number("PurchaseCost"),
    text("PurchaseDesc", 4000),
    reference("IncomeAccountRef", "Account"),
    reference("ExpenseAccountRef", "Account"),
    reference("AssetAccountRef", "Account"),
    flag("TrackQtyOnHand"),
    number("QtyOnHand"),
    date("InvStartDate"),
    flag("SubItem"),
    reference("ParentRef", "Item"),
    number("Level").read_only(),
    flag("DeferredRevenue"),
    reference("SalesTaxCodeRef", "TaxCode"),
    reference("TaxClassificationRef", ""),
    reference("ClassRef", "Class"),
    amount("ReorderPoint"),
    idle("PurchaseTaxIncluded"),
    idle("PurchaseTaxCodeRef"),
    idle("PrefVendorRef"),
    idle("ItemGroupDetail"),
    idle("ItemCategoryType"),
    idle("PrintGroupedItems"),
    idle("AbatementRate"),
    idle("ReverseChargeRate"),
    idle("ServiceType"),
    idle("UQCDisplayText"),
    idle("UQCId"),
    idle("Source"),
];

const TYPES: &[&str] = &["Service", "NonInventory", "Inventory", "Group", "Category"];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    people::complete_name(books, draft, "Item")?;
    draft.default("Type", json!("Service"));
    let kind = draft.text("Type").unwrap_or_default().to_owned();
    if !TYPES.contains(&kind.as_str()) {
        return Err(Fault::bad_value("2170", "Invalid Enumeration", "Type", &kind));
    }
    if matches!(kind.as_str(), "Service" | "NonInventory" | "Inventory") {
        let income = draft.reference("IncomeAccountRef");
        check_account(books, income.ok_or_else(|| Fault::missing("IncomeAccountRef"))?)?;
    }
    draft.default("Taxable", json!(false));
    draft.default("UnitPrice", json!(0));
    draft.default("PurchaseCost", json!(0));
    draft.default("TrackQtyOnHand", json!(kind == "Inventory"));
    draft.default("DeferredRevenue", json!(false));
    Ok(())
}

/// Sales may go through any account but receivables and payables.
fn check_account(books: &Books, id: &str) -> Result<(), Fault> {
    let kind = books.find("Account", id).and_then(|account| json::text(account, "AccountType"));
    if matches!(kind, Some("Accounts Receivable" | "Accounts Payable")) {
        let message = "Invalid account type";
        return Err(Fault::new("6430", message, "Invalid account type used for the item's income account."));
    }
    Ok(())
}
