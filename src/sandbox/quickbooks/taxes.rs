//! Puts tax codes with their rates and agencies into the books: those a company
//! starts with, those of automated tax, and those a client asks for by
//! `POST /taxservice/taxcode`.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::books::Books;
use super::country::Country;
use super::entity::{Entity, people, tax_agency, tax_code, tax_rate, tax_states};
use super::fault::Fault;
use super::json::{Object, list, number_in, object, plain, scalar, text};
use super::{normalise, references, write};

/// `Id` is no property of the service; python-quickbooks sends it as zero.
const SERVICE: &[&str] = &["Id", "TaxCode", "TaxCodeId", "TaxRateDetails", "domain", "sparse"];
const DETAIL: &[&str] = &["TaxRateName", "TaxRateId", "RateValue", "TaxAgencyId", "TaxApplicableOn"];

/// Carries out `POST /taxservice/taxcode`: makes the code and the rates that do
/// not exist yet. The answer stands without an entity's name around it.
///
/// # Errors
///
/// A name that a code or rate has already is 6240 (recorded); an agency or rate
/// that does not exist is 2500.
pub(super) fn create(books: &mut Books, body: &Object) -> Result<Value, Fault> {
    normalise::check_keys(body, "TaxService", SERVICE)?;
    let name = text(body, "TaxCode").ok_or_else(|| Fault::missing("TaxCode"))?;
    let details: Vec<&Object> = list(body, "TaxRateDetails").iter().filter_map(Value::as_object).collect();
    if details.is_empty() {
        return Err(Fault::missing("TaxRateDetails"));
    }
    if people::is_taken(books, &["TaxCode"], None, ("Name", name)) {
        return Err(Fault::name_taken());
    }
    // Everything is looked at before anything is made.
    let rates: Vec<Rate> =
        details.iter().map(|detail| Rate::read(books, detail)).collect::<Result<_, _>>()?;
    let mut names: Vec<&str> = rates.iter().filter_map(Rate::new_name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| pair[0].eq_ignore_ascii_case(pair[1])) {
        return Err(Fault::name_taken());
    }
    let (mut sales, mut purchases, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    for rate in rates {
        let (id, on_sales, answer) = rate.make(books)?;
        if on_sales { &mut sales } else { &mut purchases }.push(id);
        answers.push(answer);
    }
    let mut code = code(name, &sales);
    code["PurchaseTaxRateList"] = rate_list(&purchases);
    let id = put(books, &tax_code::ENTITY, code)?;
    Ok(json!({ "TaxCode": name, "TaxCodeId": id, "TaxRateDetails": answers }))
}

/// Puts in what companies of the country start with.
pub(super) fn seed(books: &mut Books, country: &Country) -> Result<(), Fault> {
    for (name, id) in country.agencies.iter().zip(1_u64..) {
        put(books, &tax_agency::ENTITY, json!({ "Id": id.to_string(), "DisplayName": name }))?;
    }
    for ((name, percent, agency), id) in country.rates.iter().zip(1_u64..) {
        let mut rate = rate(name, decimal(percent), &(agency + 1).to_string());
        rate["Id"] = json!(id.to_string());
        put(books, &tax_rate::ENTITY, rate)?;
    }
    for ((name, description, rates), id) in country.codes.iter().zip(2_u64..) {
        let mut code = code(name, &rates.iter().map(u64::to_string).collect::<Vec<_>>());
        code["Id"] = json!(id.to_string());
        code["Description"] = json!(description);
        put(books, &tax_code::ENTITY, code)?;
    }
    Ok(())
}

/// Puts in the codes of automated tax, one a state, unless they are there.
pub(super) fn seed_states(books: &mut Books) -> Result<(), Fault> {
    if tax_states::code_of(books, tax_states::STATES[0].code).is_some() {
        return Ok(());
    }
    for state in tax_states::STATES {
        let agency = json!({ "DisplayName": format!("{} tax authority", state.name) });
        let agency = put(books, &tax_agency::ENTITY, agency)?;
        let mut ids = Vec::new();
        for (part, percent) in state.rates {
            let name = format!("{} {part}", state.name);
            ids.push(put(books, &tax_rate::ENTITY, rate(&name, decimal(percent), &agency))?);
        }
        let mut code = code(&tax_states::code_name(state.code), &ids);
        code["TaxCodeConfigType"] = json!("SYSTEM_GENERATED");
        put(books, &tax_code::ENTITY, code)?;
    }
    Ok(())
}

/// One rate of a request: a new one, or one that exists.
enum Rate<'a> {
    New { name: &'a str, percent: Decimal, agency: String, on_sales: bool },
    Known { id: String, on_sales: bool },
}

impl<'a> Rate<'a> {
    fn read(books: &Books, detail: &'a Object) -> Result<Self, Fault> {
        normalise::check_keys(detail, "TaxRateDetails", DETAIL)?;
        let on_sales = match text(detail, "TaxApplicableOn") {
            None | Some("Sales") => true,
            Some("Purchase") => false,
            Some(other) => {
                return Err(Fault::bad_value("2170", "Invalid Enumeration", "TaxApplicableOn", other));
            }
        };
        if let Some(id) = detail.get("TaxRateId").and_then(scalar) {
            references::check(books, "TaxRate", &id)?;
            return Ok(Self::Known { id, on_sales });
        }
        let name = text(detail, "TaxRateName").ok_or_else(|| Fault::missing("TaxRateName"))?;
        let value = detail.get("RateValue").ok_or_else(|| Fault::missing("RateValue"))?;
        let percent =
            number_in(value).filter(|percent| (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(percent));
        let percent = percent
            .ok_or_else(|| Fault::bad_value("2150", "Invalid percent", "RateValue", &value.to_string()))?;
        let agency =
            detail.get("TaxAgencyId").and_then(scalar).ok_or_else(|| Fault::missing("TaxAgencyId"))?;
        references::check(books, "TaxAgency", &agency)?;
        if people::is_taken(books, &["TaxRate"], None, ("Name", name)) {
            return Err(Fault::name_taken());
        }
        Ok(Self::New { name, percent, agency, on_sales })
    }

    fn new_name(&self) -> Option<&str> {
        match self {
            Self::New { name, .. } => Some(name),
            Self::Known { .. } => None,
        }
    }

    /// The id of the rate, whether it is for sales, and what the answer says.
    fn make(self, books: &mut Books) -> Result<(String, bool, Value), Fault> {
        let (id, on_sales) = match self {
            Self::Known { id, on_sales } => (id, on_sales),
            Self::New { name, percent, agency, on_sales } => {
                (put(books, &tax_rate::ENTITY, rate(name, percent, &agency))?, on_sales)
            }
        };
        let made = books.find("TaxRate", &id).cloned().unwrap_or_default();
        let applies = if on_sales { "Sales" } else { "Purchase" };
        let answer = json!({
            "TaxRateName": made.get("Name"), "TaxRateId": id, "RateValue": made.get("RateValue"),
            "TaxAgencyId": made.get("AgencyRef").map(|agency| &agency["value"]), "TaxApplicableOn": applies,
        });
        Ok((id, on_sales, answer))
    }
}

fn rate(name: &str, percent: Decimal, agency: &str) -> Value {
    json!({ "Name": name, "Description": name, "RateValue": plain(percent), "AgencyRef": { "value": agency } })
}

fn code(name: &str, rates: &[String]) -> Value {
    json!({ "Name": name, "Taxable": true, "TaxGroup": true, "SalesTaxRateList": rate_list(rates) })
}

fn rate_list(rates: &[String]) -> Value {
    let details = rates.iter().enumerate().map(|(order, rate)| {
        json!({ "TaxRateRef": { "value": rate }, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": order })
    });
    json!({ "TaxRateDetail": details.collect::<Vec<_>>() })
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("the tables hold decimals")
}

/// Writes a list object down under the id it brings, or under the next one.
fn put(books: &mut Books, entity: &'static Entity, value: Value) -> Result<String, Fault> {
    let mut object = object(value);
    if !object.contains_key("Id") {
        let id = books.next_id(entity.sequence);
        object.insert("Id".into(), json!(id.to_string()));
    }
    let id = text(&object, "Id").unwrap_or_default().to_owned();
    write::seed(books, entity, object)?;
    Ok(id)
}
