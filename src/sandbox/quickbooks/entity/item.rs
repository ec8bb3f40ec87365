//! Items: what invoice lines sell, and through which account.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::super::books::Books;
use super::super::fault::Fault;
use super::super::json;
use super::super::{normalise, references};
use super::field::{amount, date, flag, idle, number, open, reference, text};
use super::{Class, Draft, Entity, Field, Sequence, Voiding, people};

pub(crate) static ENTITY: Entity = Entity {
    name: "Item",
    class: Class::List,
    sequence: Sequence::Items,
    parts: &[FIELDS],
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
    open("ItemGroupDetail"),
    flag("PrintGroupedItems"),
    idle("PurchaseTaxIncluded"),
    idle("PurchaseTaxCodeRef"),
    idle("PrefVendorRef"),
    idle("ItemCategoryType"),
    idle("AbatementRate"),
    idle("ReverseChargeRate"),
    idle("ServiceType"),
    idle("UQCDisplayText"),
    idle("UQCId"),
    idle("Source"),
];

const TYPES: &[&str] = &["Service", "NonInventory", "Inventory", "Group", "Category"];

fn complete(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    people::check_parent(books, draft, "Item")?;
    people::complete_name(books, draft, "Item")?;
    draft.default("Type", json!("Service"));
    let kind = draft.text("Type").unwrap_or_default().to_owned();
    if !TYPES.contains(&kind.as_str()) {
        return Err(Fault::bad_value("2170", "Invalid Enumeration", "Type", &kind));
    }
    if draft.old.is_some_and(|old| crosses(json::text(old, "Type"), &kind)) {
        return Err(Fault::business(
            "The type of a bundle, a category or an inventory item cannot be changed.",
        ));
    }
    draft.default("Taxable", json!(false));
    complete_place(draft)?;
    match kind.as_str() {
        "Group" => complete_bundle(books, draft),
        "Category" => complete_category(books, draft),
        "Inventory" => complete_sold(books, draft).and_then(|()| complete_stock(draft)),
        _ => complete_sold(books, draft),
    }
}

/// Only things that are not counted may turn from one kind into the other.
fn crosses(old: Option<&str>, new: &str) -> bool {
    let loose = |kind: &str| matches!(kind, "Service" | "NonInventory");
    old.is_some_and(|old| old != new && !(loose(old) && loose(new)))
}

/// Something below another is a sub-item and tells its level.
fn complete_place(draft: &mut Draft<'_>) -> Result<(), Fault> {
    if draft.reference("ParentRef").is_none() {
        let lost = json::flag(draft.sent, "SubItem") == Some(true);
        draft.object.remove("Level");
        draft.object.remove("SubItem");
        return if lost { Err(Fault::missing("ParentRef")) } else { Ok(()) };
    }
    let level = draft.text("FullyQualifiedName").map_or(0, |name| name.split(':').count() - 1);
    draft.set("SubItem", json!(true));
    draft.set("Level", json!(level));
    Ok(())
}

fn complete_sold(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let income = draft.reference("IncomeAccountRef");
    check_account(books, income.ok_or_else(|| Fault::missing("IncomeAccountRef"))?)?;
    draft.default("UnitPrice", json!(0));
    draft.default("PurchaseCost", json!(0));
    let counted = draft.text("Type") == Some("Inventory");
    draft.default("TrackQtyOnHand", json!(counted));
    draft.default("DeferredRevenue", json!(false));
    Ok(())
}

/// What a client must say about something that is counted, when it is made.
const STOCK: &[&str] = &["ExpenseAccountRef", "AssetAccountRef", "QtyOnHand", "InvStartDate"];

/// Inventory needs its accounts, its quantity and the day of it. The demo
/// company's own, which came before anyone called, lack some of them.
fn complete_stock(draft: &mut Draft<'_>) -> Result<(), Fault> {
    if draft.id.is_some() {
        return Ok(());
    }
    let lacking = STOCK.iter().find(|key| !draft.sends(key));
    lacking.map_or(Ok(()), |key| Err(Fault::missing(key)))
}

/// A bundle has parts, each something that is sold, and no account of its own.
fn complete_bundle(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let group = draft.object.get("ItemGroupDetail").and_then(Value::as_object).cloned();
    let group = group.ok_or_else(|| Fault::missing("ItemGroupDetail"))?;
    normalise::check_keys(&group, "ItemGroupDetail", &["ItemGroupLine"])?;
    let mut parts = Vec::new();
    for part in json::list(&group, "ItemGroupLine") {
        let part = part.as_object().ok_or_else(|| Fault::property("ItemGroupLine"))?;
        normalise::check_keys(part, "ItemGroupLine", &["ItemRef", "Qty", "UOMRef"])?;
        let id = json::reference(part, "ItemRef").ok_or_else(|| Fault::missing("ItemGroupLine.ItemRef"))?;
        let item = references::check(books, "Item", id)?;
        if matches!(json::text(item, "Type"), Some("Group" | "Category")) {
            return Err(Fault::business("A bundle cannot hold a bundle or a category."));
        }
        let quantity = part.get("Qty").map_or(Ok(Decimal::ONE), |sent| normalise::quantity("Qty", sent))?;
        parts.push(json!({ "ItemRef": { "value": id }, "Qty": json::plain(quantity) }));
    }
    if parts.is_empty() {
        return Err(Fault::missing("ItemGroupLine"));
    }
    draft.set("ItemGroupDetail", json!({ "ItemGroupLine": parts }));
    draft.default("PrintGroupedItems", json!(false));
    Ok(())
}

/// A category only holds others, and stands below none but categories.
fn complete_category(books: &Books, draft: &mut Draft<'_>) -> Result<(), Fault> {
    let above = draft.reference("ParentRef").and_then(|id| books.find("Item", id));
    if above.is_some_and(|above| json::text(above, "Type") != Some("Category")) {
        return Err(Fault::known("700").because("The parent of a category must be a category."));
    }
    draft.object.remove("Taxable");
    Ok(())
}

/// Sales may go through any account but receivables and payables.
fn check_account(books: &Books, id: &str) -> Result<(), Fault> {
    let kind = books.find("Account", id).and_then(|account| json::text(account, "AccountType"));
    if matches!(kind, Some("Accounts Receivable" | "Accounts Payable")) {
        return Err(Fault::known("6430").because("Invalid account type used for the item's income account."));
    }
    Ok(())
}
