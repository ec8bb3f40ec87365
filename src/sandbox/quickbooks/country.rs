//! What differs by the country a company does its books in: its currency, what
//! it calls its tax, and the tax codes it starts with.

use super::books::Books;
use super::json::text;

/// A country the sandbox can set a company up in.
#[derive(Debug)]
pub(super) struct Country {
    /// As `CompanyInfo.Country` has it.
    pub(super) code: &'static str,
    pub(super) currency: &'static str,
    /// What a refusal calls the tax that a line lacks (recorded for Canada).
    pub(super) tax: &'static str,
    pub(super) agencies: &'static [&'static str],
    /// Name, percent, and which of the agencies it is owed to.
    pub(super) rates: &'static [(&'static str, &'static str, usize)],
    /// Name, description, and the ids of the rates; ids of codes start at 2.
    pub(super) codes: &'static [(&'static str, &'static str, &'static [u64])],
}

impl Country {
    /// The country of that code in any case; the United States for one that is
    /// not known.
    pub(super) fn named(code: &str) -> &'static Self {
        ALL.iter().find(|country| country.code.eq_ignore_ascii_case(code)).unwrap_or(&ALL[0])
    }

    pub(super) fn of(books: &Books) -> &'static Self {
        let card = books.shelf("CompanyInfo").get(1);
        Self::named(card.and_then(|kept| text(&kept.object, "Country")).unwrap_or_default())
    }

    /// The United States tax a form as a whole, everyone else each line.
    pub(super) fn is_us(&self) -> bool {
        self.code == "US"
    }
}

/// The codes of the United States are those of the demo company (recorded in
/// part); the others are common codes of new companies there, their ids ours.
static ALL: &[Country] = &[
    Country {
        code: "US",
        currency: "USD",
        tax: "sales tax",
        agencies: &["Arizona Dept. of Revenue", "Board of Equalization"],
        rates: &[("AZ State tax", "7.1", 0), ("Tucson City", "2", 0), ("California", "8", 1)],
        codes: &[("California", "California", &[3]), ("Tucson", "Tucson", &[1, 2])],
    },
    Country {
        code: "CA",
        currency: "CAD",
        tax: "GST/HST",
        agencies: &["Canada Revenue Agency", "Ministry of Finance (BC)", "Revenu Québec"],
        rates: &[
            ("GST/HST Exempt", "0", 0),
            ("GST/HST ZR", "0", 0),
            ("GST", "5", 0),
            ("HST ON", "13", 0),
            ("PST BC", "7", 1),
            ("QST", "9.975", 2),
        ],
        codes: &[
            ("Exempt", "Exempt", &[1]),
            ("Zero-rated", "Zero-rated", &[2]),
            ("Out of Scope", "Out of Scope", &[]),
            ("GST", "GST", &[3]),
            ("HST ON", "HST (ON)", &[4]),
            ("GST/PST BC", "GST and PST (BC)", &[3, 5]),
            ("GST/QST QC - 9.975", "GST and QST (QC)", &[3, 6]),
        ],
    },
    Country {
        code: "GB",
        currency: "GBP",
        tax: "VAT",
        agencies: &["HMRC"],
        rates: &[
            ("20.0% S (Sales)", "20", 0),
            ("5.0% R (Sales)", "5", 0),
            ("0.0% Z (Sales)", "0", 0),
            ("Exempt (Sales)", "0", 0),
        ],
        codes: &[
            ("20.0% S", "Standard rate", &[1]),
            ("5.0% R", "Reduced rate", &[2]),
            ("0.0% Z", "Zero rate", &[3]),
            ("Exempt", "Exempt", &[4]),
            ("No VAT", "No VAT", &[]),
        ],
    },
    Country {
        code: "AU",
        currency: "AUD",
        tax: "GST",
        agencies: &["Australian Taxation Office"],
        rates: &[("GST (sales)", "10", 0), ("GST-free (sales)", "0", 0)],
        codes: &[("GST", "GST", &[1]), ("GST free", "GST free", &[2]), ("Out of scope", "Out of scope", &[])],
    },
];
