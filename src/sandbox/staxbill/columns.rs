//! The names by which each list is filtered and sorted. What the vendor does
//! not list is not here: `Invoices` knows no modifiedTimestamp.

use jiff::Timestamp;
use rust_decimal::Decimal;

use super::filter::{Cell, Kind};
use super::listing::{Key, Listed};
use super::records::{Activity, ArEntry, CreditNote, Customer, Invoice, LatchType, Product, currency_id};
use super::show::schedule_status;
use super::state::State;

const CUSTOMER_STATUS: Kind = Kind::Choice(&["Draft", "Active", "Hold", "Suspended", "Cancelled"]);
const INVOICE_STATUS: Kind =
    Kind::Choice(&["Due", "Overdue", "Paid", "WrittenOff", "Void", "Disputed", "Pending"]);
const METHODS: Kind = Kind::Choice(&["Check", "DirectDeposit", "CreditCard", "Cash", "ACH", "Paypal"]);

impl<'a> Listed<'a> for &'a Customer {
    const NAMES: &'static [(&'static str, Kind)] = &[
        ("id", Kind::Whole),
        ("firstName", Kind::Text),
        ("lastName", Kind::Text),
        ("companyName", Kind::Text),
        ("primaryEmail", Kind::Text),
        ("primaryPhone", Kind::Text),
        ("reference", Kind::Text),
        ("status", CUSTOMER_STATUS),
        ("accountStatus", Kind::Choice(&["Good", "PoorStanding", "Collection"])),
        ("parentId", Kind::Whole),
        ("quickBooksId", Kind::Whole),
        ("quickBooksLatchTypeId", Kind::Whole),
        ("quickBooksSyncToken", Kind::Whole),
        ("currencyId", Kind::Whole),
        ("monthlyRecurringRevenue", Kind::Amount),
        ("arBalance", Kind::Amount),
        ("createdTimestamp", Kind::Instant),
        ("modifiedTimestamp", Kind::Instant),
    ];

    fn key(self) -> Key {
        (self.id, 0)
    }

    fn cell(self, name: &str) -> Cell<'a> {
        let fields = &self.fields;
        match name {
            "id" => Cell::Whole(self.id),
            "firstname" => Cell::text(fields.first_name.as_deref()),
            "lastname" => Cell::text(fields.last_name.as_deref()),
            "companyname" => Cell::text(fields.company_name.as_deref()),
            "primaryemail" => Cell::text(fields.primary_email.as_deref()),
            "primaryphone" => Cell::text(fields.primary_phone.as_deref()),
            "reference" => Cell::text(fields.reference.as_deref()),
            "status" => Cell::text(Some(fields.status.as_str())),
            "accountstatus" => Cell::text(Some("Good")),
            "parentid" => Cell::whole(fields.parent),
            "quickbooksid" => Cell::whole(self.quickbooks_id),
            "quickbookssynctoken" => Cell::whole(self.quickbooks_id.map(|_| 0)),
            "quickbookslatchtypeid" => Cell::whole(self.latch_type().map(LatchType::id)),
            "currencyid" => Cell::whole(currency_id(self.currency())),
            "monthlyrecurringrevenue" => Cell::Amount(Decimal::ZERO),
            "arbalance" => Cell::Amount(self.balance),
            "createdtimestamp" => Cell::Instant(self.created),
            "modifiedtimestamp" => Cell::Instant(self.modified),
            _ => Cell::Null,
        }
    }
}

impl<'a> Listed<'a> for &'a Invoice {
    const NAMES: &'static [(&'static str, Kind)] = &[
        ("id", Kind::Whole),
        ("invoiceNumber", Kind::Whole),
        ("customerId", Kind::Whole),
        ("poNumber", Kind::Text),
        ("quickBooksId", Kind::Whole),
        ("createdTimestamp", Kind::Instant),
        ("postedTimestamp", Kind::Instant),
        ("effectiveTimestamp", Kind::Instant),
        ("totalInstallments", Kind::Whole),
        ("netsuiteId", Kind::Text),
        ("salesforceId", Kind::Text),
        ("avalaraId", Kind::Text),
    ];

    fn key(self) -> Key {
        (self.id, 0)
    }

    fn cell(self, name: &str) -> Cell<'a> {
        match name {
            "id" => Cell::Whole(self.id),
            "invoicenumber" => Cell::Whole(self.number),
            "customerid" => Cell::Whole(self.customer),
            "ponumber" => Cell::text(self.po_number.as_deref()),
            "quickbooksid" => Cell::whole(self.quickbooks_id),
            "createdtimestamp" | "postedtimestamp" => Cell::Instant(self.posted),
            "effectivetimestamp" => Cell::Instant(self.effective),
            "totalinstallments" => Cell::whole(i64::try_from(self.schedules.len()).ok()),
            _ => Cell::Null,
        }
    }
}

/// One instalment of an invoice, as `invoiceSummaries` lists it.
#[derive(Clone, Copy)]
pub(super) struct SummaryRow<'a> {
    pub(super) invoice: &'a Invoice,
    pub(super) schedule: usize,
    pub(super) unsettled: bool,
    pub(super) now: Timestamp,
}

impl<'a> SummaryRow<'a> {
    /// The rows of one invoice.
    pub(super) fn all(state: &State, invoice: &'a Invoice, now: Timestamp) -> impl Iterator<Item = Self> {
        let unsettled = state.is_unsettled(invoice);
        (0..invoice.schedules.len()).map(move |schedule| Self { invoice, schedule, unsettled, now })
    }
}

impl<'a> Listed<'a> for SummaryRow<'a> {
    const NAMES: &'static [(&'static str, Kind)] = &[
        ("id", Kind::Whole),
        ("invoiceNumber", Kind::Whole),
        ("customerId", Kind::Whole),
        ("companyName", Kind::Text),
        ("firstName", Kind::Text),
        ("lastName", Kind::Text),
        ("reference", Kind::Text),
        ("currency", Kind::Text),
        ("dueDate", Kind::Instant),
        ("effectiveTimestamp", Kind::Instant),
        ("postedTimestamp", Kind::Instant),
        ("modifiedTimestamp", Kind::Instant),
        ("sumOfCharges", Kind::Amount),
        ("invoiceAmount", Kind::Amount),
        ("totalPayments", Kind::Amount),
        ("totalCreditNotes", Kind::Amount),
        ("writeoffs", Kind::Amount),
        ("outstandingBalance", Kind::Amount),
        ("unsettled", Kind::Flag),
        // Text on summaries, a number on invoices.
        ("quickBooksId", Kind::Text),
        ("invoiceStatus", INVOICE_STATUS),
    ];

    fn key(self) -> Key {
        (self.invoice.id, self.schedule)
    }

    fn cell(self, name: &str) -> Cell<'a> {
        let Self { invoice, schedule, unsettled, now } = self;
        let fields = &invoice.snapshot;
        match name {
            "companyname" => Cell::text(fields.company_name.as_deref()),
            "firstname" => Cell::text(fields.first_name.as_deref()),
            "lastname" => Cell::text(fields.last_name.as_deref()),
            "reference" => Cell::text(fields.reference.as_deref()),
            "currency" => Cell::text(Some(fields.currency())),
            "duedate" => invoice.schedules.get(schedule).map_or(Cell::Null, |one| Cell::Instant(one.due)),
            "modifiedtimestamp" => Cell::Instant(invoice.modified),
            "sumofcharges" => Cell::Amount(invoice.subtotal()),
            "invoiceamount" => Cell::Amount(invoice.amount()),
            "totalpayments" => Cell::Amount(invoice.paid),
            "totalcreditnotes" => Cell::Amount(invoice.reversed),
            "writeoffs" => Cell::Amount(invoice.written_off),
            "outstandingbalance" => Cell::Amount(invoice.outstanding()),
            "unsettled" => Cell::Flag(unsettled),
            "quickbooksid" => {
                invoice.quickbooks_id.map_or(Cell::Null, |id| Cell::Text(id.to_string().into()))
            }
            "invoicestatus" => Cell::text(Some(schedule_status(invoice, (schedule, unsettled), now))),
            shared => Listed::cell(invoice, shared),
        }
    }
}

/// A payment activity with the customer its nested names ask for.
#[derive(Clone, Copy)]
pub(super) struct ActivityRow<'a> {
    pub(super) activity: &'a Activity,
    pub(super) state: &'a State,
}

impl<'a> Listed<'a> for ActivityRow<'a> {
    const NAMES: &'static [(&'static str, Kind)] = &[
        ("id", Kind::Whole),
        ("customerId", Kind::Whole),
        ("paymentActivityStatus", Kind::Choice(&["Failed", "Successful", "Unknown"])),
        ("paymentType", Kind::Choice(&["Validate", "Collect", "Refund"])),
        ("paymentSource", Kind::Choice(&["Manual", "Automatic", "SelfServicePortal", "Import"])),
        ("paymentMethodType", METHODS),
        ("amount", Kind::Amount),
        ("createdTimestamp", Kind::Instant),
        ("modifiedTimestamp", Kind::Instant),
        ("effectiveTimestamp", Kind::Instant),
        ("Customer.QuickBooksId", Kind::Whole),
        ("Customer.Status", CUSTOMER_STATUS),
    ];

    fn key(self) -> Key {
        (self.activity.id, 0)
    }

    fn cell(self, name: &str) -> Cell<'a> {
        let activity = self.activity;
        match name {
            "id" => Cell::Whole(activity.id),
            "customerid" => Cell::Whole(activity.customer),
            "paymentactivitystatus" => Cell::text(Some(activity.status.as_str())),
            "paymenttype" => Cell::text(Some(activity.kind.as_str())),
            "paymentsource" => Cell::text(Some(super::show::source(activity))),
            "paymentmethodtype" => Cell::text(Some(&activity.method)),
            "amount" => Cell::Amount(activity.amount),
            "createdtimestamp" => Cell::Instant(activity.created),
            "modifiedtimestamp" => Cell::Instant(activity.modified),
            "effectivetimestamp" => Cell::Instant(activity.effective),
            nested => {
                let customer = self.state.customers.get(&activity.customer);
                let name = nested.strip_prefix("customer.").unwrap_or_default();
                customer.map_or(Cell::Null, |customer| customer.cell(name))
            }
        }
    }
}

/// The stream has no stamp of change: it is asked for by the transactions'
/// own dates, so that one entered late with an early date is easily missed.
impl<'a> Listed<'a> for &'a ArEntry {
    const NAMES: &'static [(&'static str, Kind)] = &[
        ("id", Kind::Whole),
        ("startDate", Kind::From),
        ("endDate", Kind::Until),
        ("effectiveTimestamp", Kind::Instant),
    ];

    fn key(self) -> Key {
        (self.id, 0)
    }

    fn cell(self, name: &str) -> Cell<'a> {
        match name {
            "id" => Cell::Whole(self.id),
            "startdate" | "enddate" | "effectivetimestamp" => Cell::Instant(self.effective),
            _ => Cell::Null,
        }
    }
}

/// A credit note with the invoice its nested names ask for.
#[derive(Clone, Copy)]
pub(super) struct CreditNoteRow<'a> {
    pub(super) note: &'a CreditNote,
    pub(super) state: &'a State,
}

impl<'a> Listed<'a> for CreditNoteRow<'a> {
    const NAMES: &'static [(&'static str, Kind)] = &[
        ("id", Kind::Whole),
        ("invoiceId", Kind::Whole),
        ("Number", Kind::Text),
        ("Invoice.CustomerId", Kind::Whole),
        ("Invoice.InvoiceNumber", Kind::Whole),
        ("Invoice.PostedTimestamp", Kind::Instant),
        ("Invoice.QuickBooksId", Kind::Whole),
    ];

    fn key(self) -> Key {
        (self.note.id, 0)
    }

    fn cell(self, name: &str) -> Cell<'a> {
        match name {
            "id" => Cell::Whole(self.note.id),
            "invoiceid" => Cell::Whole(self.note.invoice),
            "number" => Cell::text(Some(&self.note.number)),
            nested => {
                let invoice = self.state.invoices.get(&self.note.invoice);
                let name = nested.strip_prefix("invoice.").unwrap_or_default();
                invoice.map_or(Cell::Null, |invoice| invoice.cell(name))
            }
        }
    }
}

impl<'a> Listed<'a> for &'a Product {
    const NAMES: &'static [(&'static str, Kind)] = &[
        ("id", Kind::Whole),
        ("code", Kind::Text),
        ("name", Kind::Text),
        // The filter spells the last word differently from the field.
        ("netsuiteItemId", Kind::Text),
        ("salesforceId", Kind::Text),
        ("productType", Kind::Choice(&["RecurringService", "PhysicalGood", "OneTimecharge"])),
        ("status", Kind::Choice(&["Active", "Retired"])),
        ("createdTimestamp", Kind::Instant),
        ("modifiedTimestamp", Kind::Instant),
    ];

    fn key(self) -> Key {
        (self.id, 0)
    }

    fn cell(self, name: &str) -> Cell<'a> {
        match name {
            "id" => Cell::Whole(self.id),
            "code" => Cell::text(Some(&self.code)),
            "name" => Cell::text(Some(&self.name)),
            "producttype" => Cell::text(Some(match self.product_type.as_str() {
                "OneTimeCharge" => "OneTimecharge",
                other => other,
            })),
            "status" => Cell::text(Some("Active")),
            "createdtimestamp" => Cell::Instant(self.created),
            "modifiedtimestamp" => Cell::Instant(self.modified),
            _ => Cell::Null,
        }
    }
}
