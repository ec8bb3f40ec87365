//! Customers: their list, their addresses, and what they owe.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::client::{Ask, Since, StaxBill, StaxPage, changed};
use super::fault::StaxError;
use super::odd::row;
use super::wire::{AddressPreferenceRow, CustomerRow, money};
use crate::model::{Address, Currency, Customer, InvalidRow, Money};

/// The one field of a customer's overview that is wanted.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OverviewRow {
    ar_balance: Decimal,
}

impl StaxBill {
    /// Customers changed since.
    pub async fn customers(&self, since: Since, page: usize) -> Result<StaxPage<Customer>, StaxError> {
        self.list(&Ask::page("customers", &changed(since), page), |raw| {
            row(raw, |row: CustomerRow| Some(row.record()))
        })
        .await
    }

    /// One customer as it is now.
    pub async fn customer(&self, id: u64) -> Result<Result<Customer, InvalidRow>, StaxError> {
        self.record(&format!("customers/{id}"), CustomerRow::record).await
    }

    /// Billing and shipping address of a customer; none where it has none.
    pub async fn addresses(&self, customer: u64) -> Result<(Option<Address>, Option<Address>), StaxError> {
        let row: AddressPreferenceRow =
            match self.one(&format!("customerAddressPreferences/{customer}")).await {
                Ok(row) => row,
                Err(StaxError::NotFound(_)) => return Ok((None, None)),
                Err(error) => return Err(error),
            };
        let billing = row.billing_address.map(Address::from);
        let shipping = row.shipping_address.map(Address::from);
        let same = row.use_billing_address_as_shipping_address;
        Ok((billing.clone(), if same { billing } else { shipping }))
    }

    /// What a customer owes by Stax Bill's own account, in its currency; the
    /// inner error says why it is no amount.
    pub async fn ar_balance(
        &self,
        customer: u64,
        currency: Currency,
    ) -> Result<Result<Money, String>, StaxError> {
        let row: OverviewRow = self.one(&format!("customers/{customer}/overview")).await?;
        Ok(money(row.ar_balance, currency))
    }
}
