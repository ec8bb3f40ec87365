//! Customers with all that tells who they are: names, e-mails, telephones,
//! addresses. A pass needs none of it; whoever compares customers does.

use bytes::Bytes;
use http::Method;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::client::{MINOR_VERSION, QuickBooks, ROWS, parse};
use super::fault::CallError;
use super::objects::Named;

/// A customer, also an inactive one. What is not a text is not there: nothing
/// of it is posted, and one odd field must not hide a customer.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Contact {
    /// Its id.
    pub id: String,
    /// Whether it may be used.
    pub active: Option<bool>,
    /// The unique name.
    #[serde(deserialize_with = "text")]
    pub display_name: Option<String>,
    /// With its parents, `Parent:Child`.
    #[serde(deserialize_with = "text")]
    pub fully_qualified_name: Option<String>,
    /// The firm.
    #[serde(deserialize_with = "text")]
    pub company_name: Option<String>,
    /// First name.
    #[serde(deserialize_with = "text")]
    pub given_name: Option<String>,
    /// Last name.
    #[serde(deserialize_with = "text")]
    pub family_name: Option<String>,
    /// Internal notes, which bear our mark.
    #[serde(deserialize_with = "text")]
    pub notes: Option<String>,
    /// E-mail; may hold several.
    #[serde(rename = "PrimaryEmailAddr", deserialize_with = "inner")]
    pub email: Option<String>,
    /// Telephone.
    #[serde(rename = "PrimaryPhone", deserialize_with = "inner")]
    pub phone: Option<String>,
    /// Another one.
    #[serde(rename = "AlternatePhone", deserialize_with = "inner")]
    pub other_phone: Option<String>,
    /// A mobile one.
    #[serde(deserialize_with = "inner")]
    pub mobile: Option<String>,
    /// Where bills go.
    pub bill_addr: Option<PostalAddress>,
    /// Where goods go.
    pub ship_addr: Option<PostalAddress>,
    /// Its currency.
    #[serde(rename = "CurrencyRef")]
    pub currency: Option<Named>,
    /// The customer that it belongs to.
    #[serde(rename = "ParentRef")]
    pub parent: Option<Named>,
}

/// An address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct PostalAddress {
    /// Street.
    #[serde(deserialize_with = "text")]
    pub line1: Option<String>,
    /// Street, continued.
    #[serde(deserialize_with = "text")]
    pub line2: Option<String>,
    /// City.
    #[serde(deserialize_with = "text")]
    pub city: Option<String>,
    /// State or province.
    #[serde(rename = "CountrySubDivisionCode", deserialize_with = "text")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(deserialize_with = "text")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(deserialize_with = "text")]
    pub country: Option<String>,
}

impl QuickBooks {
    /// All customers, inactive ones too, a page at a time: a query names only
    /// active ones unless it asks for both (Intuit: data queries).
    pub async fn each_contact(&self, mut then: impl FnMut(Contact)) -> Result<(), CallError> {
        #[derive(Deserialize)]
        struct Answer {
            #[serde(rename = "QueryResponse", default)]
            rows: Rows,
        }
        #[derive(Default, Deserialize)]
        struct Rows {
            #[serde(rename = "Customer", default)]
            customers: Vec<Contact>,
        }
        let mut position = 1;
        loop {
            let statement = format!(
                "SELECT * FROM Customer WHERE Active IN (true, false) ORDERBY Id \
                 STARTPOSITION {position} MAXRESULTS {ROWS}"
            );
            let path = format!("query?{MINOR_VERSION}");
            let answer = self.read(Method::POST, &path, Bytes::from(statement)).await?;
            let customers = parse::<Answer>("query", answer.body())?.rows.customers;
            let count = customers.len();
            customers.into_iter().for_each(&mut then);
            if count < ROWS {
                return Ok(());
            }
            position += count;
        }
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.trim().is_empty() => Some(text),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => None,
    })
}

/// The one text in `{"Address": "…"}` or `{"FreeFormNumber": "…"}`.
fn inner<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let found = ["Address", "FreeFormNumber"].into_iter().find_map(|key| value.get(key)?.as_str());
    Ok(found.filter(|text| !text.trim().is_empty()).map(ToOwned::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_hides_no_customer() {
        let json = r#"{"Id":"58","DisplayName":"Amy","CompanyName":7,"Notes":" ","Active":true,
            "PrimaryEmailAddr":{"Address":"a@b.example"},"PrimaryPhone":null,"Mobile":{"FreeFormNumber":"555 0100"},
            "BillAddr":{"Line1":"1 Main","PostalCode":94213,"Lat":"INVALID"},"ParentRef":{"value":"3"}}"#;
        let contact: Contact = serde_json::from_str(json).unwrap();
        assert_eq!(contact.display_name.as_deref(), Some("Amy"));
        assert_eq!((contact.company_name, contact.notes, contact.phone), (None, None, None));
        assert_eq!(contact.email.as_deref(), Some("a@b.example"));
        assert_eq!(contact.mobile.as_deref(), Some("555 0100"));
        assert_eq!(contact.bill_addr.unwrap().line1.as_deref(), Some("1 Main"));
        assert_eq!(contact.parent.unwrap().value, "3");
    }
}
