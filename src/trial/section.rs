//! Sections: which rows may be expected, and the values in them.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use serde_json::Value;

/// A kind of rows.
#[derive(Debug)]
pub(super) struct Section {
    /// Its table below `[expect]`.
    pub(super) name: &'static str,
    /// What a row may say, in the order in which it is shown. The first `named_by`
    /// of them tell one row from another.
    pub(super) fields: &'static [Field],
    pub(super) named_by: usize,
    /// What is said of some is not said of all: rows that nobody expects are no
    /// difference.
    pub(super) open: bool,
}

/// One value of a row.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Kind {
    Text,
    /// `invoice/88123`, or `company/reconnect`.
    Key,
    /// One of some words.
    Word(fn() -> Vec<&'static str>),
    Day,
    Amount,
    Count,
    Flag,
    Rows(&'static Section),
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Text(String),
    Amount(Decimal),
    Count(u64),
    Flag(bool),
    Rows(Vec<Row>),
}

/// What is said of one thing: all of it where it was found, some where it is
/// expected.
pub(super) type Row = BTreeMap<&'static str, Cell>;

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind }
}

fn entities() -> Vec<&'static str> {
    crate::model::Entity::ALL.iter().map(|entity| entity.name()).collect()
}

fn actions() -> Vec<&'static str> {
    vec!["create", "adopt", "amend", "apply", "release", "void", "restore"]
}

fn codes() -> Vec<&'static str> {
    crate::model::Code::ALL.iter().map(|code| code.name()).collect()
}

fn states() -> Vec<&'static str> {
    vec!["synced", "not-tried", "failed", "blocked", "held", "drifted", "out-of-scope"]
}

fn objects() -> Vec<&'static str> {
    vec!["Customer", "Invoice", "Payment", "CreditMemo", "JournalEntry"]
}

/// A line of a document.
static LINES: Section = Section {
    name: "lines",
    named_by: 2,
    open: false,
    fields: &[
        field("item", Kind::Text),
        field("account", Kind::Text),
        field("amount", Kind::Amount),
        field("tax", Kind::Text),
        field("side", Kind::Text),
        field("description", Kind::Text),
    ],
};

/// What a payment is put on, or what an application joins.
static APPLIED: Section = Section {
    name: "applied",
    named_by: 1,
    open: false,
    fields: &[field("to", Kind::Text), field("amount", Kind::Amount)],
};

/// Everything that can be expected in rows.
pub(super) static SECTIONS: &[Section] = &[
    Section {
        name: "plan",
        named_by: 3,
        open: false,
        fields: &[
            field("key", Kind::Key),
            field("action", Kind::Word(actions)),
            field("to", Kind::Key),
            field("object", Kind::Word(objects)),
            field("customer", Kind::Text),
            field("date", Kind::Day),
            field("currency", Kind::Text),
            field("amount", Kind::Amount),
            field("reason", Kind::Text),
        ],
    },
    Section {
        name: "total",
        named_by: 3,
        open: false,
        fields: &[
            field("entity", Kind::Word(entities)),
            field("action", Kind::Word(actions)),
            field("currency", Kind::Text),
            field("count", Kind::Count),
            field("amount", Kind::Amount),
        ],
    },
    Section {
        name: "held",
        named_by: 2,
        open: false,
        fields: &[field("key", Kind::Key), field("code", Kind::Word(codes)), field("reason", Kind::Text)],
    },
    Section {
        name: "customer",
        named_by: 1,
        open: false,
        fields: &[
            field("key", Kind::Key),
            field("id", Kind::Text),
            field("name", Kind::Text),
            field("email", Kind::Text),
            field("active", Kind::Flag),
            field("balance", Kind::Amount),
        ],
    },
    Section {
        name: "posting",
        named_by: 3,
        open: false,
        fields: &[
            field("key", Kind::Key),
            field("kind", Kind::Word(objects)),
            field("to", Kind::Key),
            field("number", Kind::Text),
            field("customer", Kind::Text),
            field("date", Kind::Day),
            field("due", Kind::Day),
            field("currency", Kind::Text),
            field("total", Kind::Amount),
            field("tax", Kind::Amount),
            field("balance", Kind::Amount),
            field("unapplied", Kind::Amount),
            field("account", Kind::Text),
            field("void", Kind::Flag),
            field("lines", Kind::Rows(&LINES)),
            field("applied", Kind::Rows(&APPLIED)),
        ],
    },
    Section {
        name: "warning",
        named_by: 2,
        open: false,
        fields: &[
            field("key", Kind::Key),
            field("code", Kind::Word(codes)),
            field("state", Kind::Word(states)),
            field("dismissed", Kind::Flag),
            field("blocks", Kind::Count),
            field("reason", Kind::Text),
        ],
    },
    Section {
        name: "notice",
        named_by: 1,
        open: false,
        fields: &[field("code", Kind::Text), field("text", Kind::Text)],
    },
    Section {
        name: "count",
        named_by: 1,
        open: true,
        fields: &[
            field("entity", Kind::Word(entities)),
            field("staxbill", Kind::Count),
            field("quickbooks", Kind::Count),
            field("in_scope", Kind::Count),
            field("synced", Kind::Count),
            field("not_tried", Kind::Count),
            field("failed", Kind::Count),
            field("blocked", Kind::Count),
            field("held", Kind::Count),
            field("drifted", Kind::Count),
            field("out_of_scope", Kind::Count),
        ],
    },
];

/// What can be expected of the whole, once.
pub(super) static WHOLE: Section = Section {
    name: "expect",
    named_by: 0,
    open: false,
    fields: &[field("outcome", Kind::Word(outcomes)), field("balanced", Kind::Flag)],
};

fn outcomes() -> Vec<&'static str> {
    vec!["complete", "failed"]
}

impl Section {
    /// The section of that name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        SECTIONS.iter().find(|section| section.name == name)
    }

    /// What tells one row from another.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.fields[..self.named_by].iter().map(|field| field.name)
    }

    /// The row that `value` holds, by the names of the fields.
    pub(super) fn row(&self, value: &Value) -> Row {
        let cells =
            self.fields.iter().filter_map(|field| Some((field.name, field.kind.cell(&value[field.name])?)));
        cells.collect()
    }

    /// A row in one line, as TOML.
    pub(super) fn inline(&'static self, row: &Row) -> String {
        let cells = self.shown(row).map(|(name, cell)| format!("{name} = {cell}"));
        format!("{{ {} }}", cells.collect::<Vec<_>>().join(", "))
    }

    /// The values of a row in the section's order.
    pub(super) fn shown<'r>(
        &'static self,
        row: &'r Row,
    ) -> impl Iterator<Item = (&'static str, String)> + 'r {
        self.fields.iter().filter_map(|field| Some((field.name, field.kind.shown(row.get(field.name)?))))
    }
}

impl Kind {
    /// The value as it was found; nothing where there is none.
    fn cell(&self, value: &Value) -> Option<Cell> {
        match self {
            Self::Text | Self::Key | Self::Word(_) | Self::Day => {
                value.as_str().map(|text| Cell::Text(text.to_owned()))
            }
            Self::Amount => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                text.parse().ok().map(Cell::Amount)
            }
            Self::Count => value.as_u64().map(Cell::Count),
            Self::Flag => value.as_bool().map(Cell::Flag),
            Self::Rows(section) => {
                let rows = value.as_array()?.iter().map(|value| section.row(value));
                Some(Cell::Rows(rows.collect()))
            }
        }
    }

    /// The value as TOML.
    pub(super) fn shown(&self, cell: &Cell) -> String {
        match (self, cell) {
            (Self::Rows(section), Cell::Rows(rows)) => {
                let rows: Vec<String> = rows.iter().map(|row| section.inline(row)).collect();
                format!("[{}]", rows.join(", "))
            }
            (Self::Day, Cell::Text(day)) => day.clone(),
            (_, cell) => cell.to_string(),
        }
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Amount(amount) => write!(f, "\"{:.*}\"", amount.scale().max(2) as usize, amount),
            Self::Count(count) => write!(f, "{count}"),
            Self::Flag(yes) => write!(f, "{yes}"),
            Self::Rows(rows) => write!(f, "[{} rows]", rows.len()),
        }
    }
}

/// A text in TOML.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
