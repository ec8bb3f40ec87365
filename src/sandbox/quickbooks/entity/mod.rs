//! The entities of the Accounting API that the sandbox carries. Each is one
//! file with its properties and its rules, and one entry in `ENTITIES`.

use super::books::Books;
use super::fault::Fault;
use super::json::Object;
use super::ledger::Entry;

pub(crate) mod account;
pub(crate) mod attachable;
pub(crate) mod class;
pub(crate) mod company_currency;
pub(crate) mod credit_memo;
pub(crate) mod currency;
pub(crate) mod custom_field;
pub(crate) mod customer;
pub(crate) mod customer_type;
pub(crate) mod department;
pub(crate) mod deposit;
pub(crate) mod deposit_lines;
pub(crate) mod discount_line;
pub(crate) mod draft;
pub(crate) mod employee;
pub(crate) mod exchange_rate;
pub(crate) mod field;
pub(crate) mod form_fields;
pub(crate) mod group_line;
pub(crate) mod invoice;
pub(crate) mod item;
pub(crate) mod journal_entry;
pub(crate) mod journal_lines;
pub(crate) mod line_ids;
pub(crate) mod list;
pub(crate) mod payment;
pub(crate) mod payment_lines;
pub(crate) mod payment_method;
pub(crate) mod people;
pub(crate) mod refund_receipt;
pub(crate) mod sales_form;
pub(crate) mod sales_line;
pub(crate) mod sales_lines;
pub(crate) mod sales_receipt;
pub(crate) mod singleton;
pub(crate) mod tax;
pub(crate) mod tax_agency;
pub(crate) mod tax_code;
pub(crate) mod tax_per_line;
pub(crate) mod tax_rate;
pub(crate) mod tax_regime;
pub(crate) mod tax_rows;
pub(crate) mod tax_states;
pub(crate) mod term;
pub(crate) mod vendor;

pub(crate) use draft::{Choices, Draft};
pub(crate) use field::{Field, Kind};

/// Every entity with rules of its own.
pub(crate) static ENTITIES: &[&Entity] = &[
    &singleton::COMPANY_INFO,
    &singleton::PREFERENCES,
    &account::ENTITY,
    &item::ENTITY,
    &customer::ENTITY,
    &vendor::ENTITY,
    &employee::ENTITY,
    &term::ENTITY,
    &payment_method::ENTITY,
    &class::ENTITY,
    &department::ENTITY,
    &customer_type::ENTITY,
    &company_currency::ENTITY,
    &tax_agency::ENTITY,
    &tax_rate::ENTITY,
    &tax_code::ENTITY,
    &invoice::ENTITY,
    &payment::ENTITY,
    &attachable::ENTITY,
    &credit_memo::ENTITY,
    &sales_receipt::ENTITY,
    &refund_receipt::ENTITY,
    &journal_entry::ENTITY,
    &deposit::ENTITY,
];

/// Forms that share one sequence of numbers.
pub(crate) const SALES_FORMS: [&str; 4] = ["Invoice", "CreditMemo", "SalesReceipt", "RefundReceipt"];

/// Entities the service has and the sandbox holds none of: a query or the
/// change feed finds nothing, a write is refused.
static EMPTY: &[&str] = &[
    "Bill",
    "BillPayment",
    "Budget",
    "Estimate",
    "Purchase",
    "PurchaseOrder",
    "TimeActivity",
    "Transfer",
    "VendorCredit",
];

/// Which counter gives out an entity's ids. Ids are unique within one, not
/// over the company: customer 5 and account 5 are different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sequence {
    Names,
    Items,
    Accounts,
    Transactions,
    Addresses,
    Files,
    Terms,
    PaymentMethods,
    Classes,
    Departments,
    CustomerTypes,
    Currencies,
    TaxAgencies,
    TaxRates,
    TaxCodes,
}

impl Sequence {
    /// The first id it gives out, where a company's first is `first_id`. Classes
    /// have long ids (recorded), which no client may take for small numbers.
    pub(crate) fn first(self, first_id: u64) -> u64 {
        match self {
            Self::Classes => 5_000_000_000_000_000_000 + first_id,
            // Files are counted far above everything else (recorded).
            Self::Files => 5_000_000_000_000_000_001,
            Self::Names
            | Self::Items
            | Self::Accounts
            | Self::Transactions
            | Self::Addresses
            | Self::Terms
            | Self::PaymentMethods
            | Self::Departments
            | Self::CustomerTypes
            | Self::Currencies
            | Self::TaxAgencies
            | Self::TaxRates
            | Self::TaxCodes => first_id,
        }
    }
}

/// What kind of thing an entity is, which decides what may be done to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Has a name and is made inactive instead of deleted.
    List,
    /// Has a date and an amount and can be deleted.
    Transaction,
    /// There is one.
    Singleton,
    /// Hangs on others; deleted for good, and without a token (recorded).
    File,
    /// A list that the API reads and does not write.
    ReadOnly,
}

/// How a client asks for a void, which differs by entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Voiding {
    /// `operation=void`.
    Operation,
    /// `operation=update&include=void`.
    Include,
    /// The API has none; the transaction can only be deleted.
    Never,
}

/// An entity: its properties, and its rules as functions.
pub(crate) struct Entity {
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    pub(crate) sequence: Sequence,
    /// The properties of the class besides [`field::COMMON`], in parts because
    /// forms share some.
    pub(crate) parts: &'static [&'static [Field]],
    /// Properties that are looked up often enough to be indexed.
    pub(crate) keys: &'static [&'static str],
    /// The property lists sort by without ORDERBY; `None` sorts by change.
    pub(crate) name_property: Option<&'static str>,
    /// Whether lists of it carry `totalCount`; irregular over entities (recorded).
    pub(crate) counted: bool,
    pub(crate) voiding: Voiding,
    /// Checks a draft and fills in what the service fills in.
    pub(crate) complete: fn(&Books, &mut Draft<'_>) -> Result<(), Fault>,
    /// What the object posts in the ledger.
    pub(crate) entries: fn(&Books, &Object) -> Vec<Entry>,
    /// Turns an object into its voided self.
    pub(crate) blank: fn(&mut Object),
    /// Carries a change over to the transactions it is linked with.
    pub(crate) settle: fn(&mut Books, u64, Change<'_>),
}

impl std::fmt::Debug for Entity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// An object before and after a write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change<'a> {
    pub(crate) old: Option<&'a Object>,
    pub(crate) new: Option<&'a Object>,
}

/// What a name in a URL or a query stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Known {
    Carried(&'static Entity),
    Empty(&'static str),
}

impl Entity {
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'static Field> {
        self.parts.iter().copied().flatten()
    }

    /// The property of that exact name.
    pub(crate) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields().find(|field| field.name == name)
    }

    /// The names the class knows, for the refusal of another.
    pub(crate) fn known_properties(&self) -> Vec<&'static str> {
        let common = field::COMMON.iter().copied().filter(|name| self.field(name).is_none());
        self.fields().map(|field| field.name).chain(common).collect()
    }
}

/// Finds an entity by name in any case.
pub(crate) fn lookup(name: &str) -> Option<Known> {
    let carried = ENTITIES.iter().find(|entity| entity.name.eq_ignore_ascii_case(name));
    let empty = || EMPTY.iter().find(|known| known.eq_ignore_ascii_case(name));
    carried.map(|entity| Known::Carried(entity)).or_else(|| empty().map(|name| Known::Empty(name)))
}

/// The carried entity of that canonical name.
pub(crate) fn carried(name: &str) -> Option<&'static Entity> {
    ENTITIES.iter().find(|entity| entity.name == name).copied()
}

/// For entities that move no money.
pub(crate) fn posts_nothing(_: &Books, _: &Object) -> Vec<Entry> {
    Vec::new()
}

/// For entities that cannot be voided.
pub(crate) fn stays(_: &mut Object) {}

/// For entities that link to nothing.
pub(crate) fn settles_nothing(_: &mut Books, _: u64, _: Change<'_>) {}
