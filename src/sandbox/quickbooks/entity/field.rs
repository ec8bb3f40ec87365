//! What the service knows about a property: its form, whether a client may
//! set it, and whether a query may ask for it.

/// The form of a property's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text of at most so many characters.
    Text(usize),
    Flag,
    /// Money, kept in cents.
    Amount,
    /// A quantity or price, kept as sent.
    Number,
    Date,
    /// A reference to the named entity; one that is not carried here is taken
    /// as it is.
    Reference(&'static str),
    Email,
    Phone,
    Url,
    Address,
    /// `{"value": text}`, as `CustomerMemo`.
    Memo(usize),
    /// Any JSON; the entity's own rules look at it.
    Open,
}

/// One property of an entity.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// Values sent for other properties are ignored without a word.
    pub(crate) writable: bool,
    /// Whether a query may filter and sort by it.
    pub(crate) queryable: bool,
    /// Whether a query may sort by it, though not filter.
    pub(crate) sortable: bool,
}

impl Field {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, writable: true, queryable: false, sortable: false }
    }

    pub(crate) const fn queryable(mut self) -> Self {
        self.queryable = true;
        self
    }

    pub(crate) const fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    pub(crate) const fn read_only(mut self) -> Self {
        self.writable = false;
        self
    }
}

pub(crate) const fn text(name: &'static str, max: usize) -> Field {
    Field::new(name, Kind::Text(max))
}

pub(crate) const fn flag(name: &'static str) -> Field {
    Field::new(name, Kind::Flag)
}

pub(crate) const fn amount(name: &'static str) -> Field {
    Field::new(name, Kind::Amount)
}

pub(crate) const fn number(name: &'static str) -> Field {
    Field::new(name, Kind::Number)
}

pub(crate) const fn date(name: &'static str) -> Field {
    Field::new(name, Kind::Date)
}

pub(crate) const fn reference(name: &'static str, target: &'static str) -> Field {
    Field::new(name, Kind::Reference(target))
}

pub(crate) const fn email(name: &'static str) -> Field {
    Field::new(name, Kind::Email)
}

pub(crate) const fn phone(name: &'static str) -> Field {
    Field::new(name, Kind::Phone)
}

pub(crate) const fn url(name: &'static str) -> Field {
    Field::new(name, Kind::Url)
}

pub(crate) const fn address(name: &'static str) -> Field {
    Field::new(name, Kind::Address)
}

pub(crate) const fn memo(name: &'static str, max: usize) -> Field {
    Field::new(name, Kind::Memo(max))
}

pub(crate) const fn open(name: &'static str) -> Field {
    Field::new(name, Kind::Open)
}

/// A property the class has and the sandbox does not act upon: known, so not
/// refused, and not kept.
pub(crate) const fn idle(name: &'static str) -> Field {
    Field::new(name, Kind::Open).read_only()
}

/// Properties of every class. `sparse` and the two of the lock are read by the
/// write itself.
pub(crate) const COMMON: &[&str] = &[
    "Id",
    "SyncToken",
    "MetaData",
    "CustomField",
    "AttachableRef",
    "domain",
    "status",
    "sparse",
    "ClientEntityId",
    "V4IDPseudonym",
    "CustomExtensions",
];
