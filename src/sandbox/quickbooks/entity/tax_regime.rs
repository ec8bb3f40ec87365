//! Which way a company's tax goes, and what that means for the code on a line.

use super::super::books::Books;
use super::super::country::Country;
use super::super::fault::Fault;
use super::super::json::{Object, flag};
use super::Draft;

/// How a company takes tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Regime {
    /// Sales tax is turned off (`TaxPrefs.UsingSalesTax`): every line is `NON`
    /// and a tax that is sent is not taken over. That is our reading.
    Off,
    /// United States by hand: lines are `TAX` or `NON`, the form names the code.
    Manual,
    /// United States by Intuit (`TaxPrefs.PartnerTaxEnabled`): the address
    /// decides, and a line without a code counts as `TAX`.
    Automated,
    /// Everywhere else: each line names its code.
    PerLine,
}

/// Whether amounts hold their tax; a matter of companies outside the United
/// States alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Calculation {
    Excluded,
    Inclusive,
    NotApplicable,
}

impl Regime {
    pub(crate) fn of(books: &Books) -> Self {
        if !Country::of(books).is_us() {
            Self::PerLine
        } else if !books.allows("TaxPrefs.UsingSalesTax") {
            Self::Off
        } else if books.allows("TaxPrefs.PartnerTaxEnabled") {
            Self::Automated
        } else {
            Self::Manual
        }
    }

    /// How the amounts of a form are meant. In the United States the property
    /// means nothing and is not kept.
    ///
    /// # Errors
    ///
    /// Elsewhere it is required: 2020 without it.
    pub(crate) fn calculation(self, draft: &mut Draft<'_>) -> Result<Calculation, Fault> {
        let calculation = match draft.text("GlobalTaxCalculation") {
            None if self == Self::PerLine => return Err(Fault::missing("GlobalTaxCalculation")),
            None | Some("TaxExcluded") => Calculation::Excluded,
            Some("TaxInclusive") => Calculation::Inclusive,
            Some("NotApplicable") => Calculation::NotApplicable,
            Some(other) => {
                return Err(Fault::bad_value("2170", "Invalid Enumeration", "GlobalTaxCalculation", other));
            }
        };
        if self == Self::PerLine {
            return Ok(calculation);
        }
        draft.object.remove("GlobalTaxCalculation");
        Ok(Calculation::Excluded)
    }

    /// The code a line comes to carry.
    ///
    /// # Errors
    ///
    /// 6100 in the United States for anything but `TAX` and `NON`; elsewhere
    /// 6000 without a code (recorded) and 6160 for one that does not exist.
    pub(crate) fn line_code(
        self,
        books: &Books,
        (sent, calculation): (Option<String>, Calculation),
        (item, customer): (&Object, &Object),
    ) -> Result<Option<String>, Fault> {
        let us = || match sent.as_deref() {
            None | Some("TAX" | "NON") => Ok(sent.clone()),
            Some(other) => Err(us_code(other)),
        };
        let taxable = || flag(item, "Taxable") == Some(true) && flag(customer, "Taxable") != Some(false);
        match self {
            Self::Off => us().map(|_| Some("NON".to_owned())),
            Self::Manual => us().map(|code| code.or_else(|| Some("NON".to_owned()))),
            Self::Automated => {
                us().map(|code| code.or_else(|| Some(if taxable() { "TAX" } else { "NON" }.to_owned())))
            }
            Self::PerLine if calculation == Calculation::NotApplicable => Ok(None),
            Self::PerLine => {
                let tax = Country::of(books).tax;
                let lacking =
                    || format!("Make sure all your transactions have a {tax} rate before you save.");
                let code = sent.ok_or_else(|| Fault::business(&lacking()))?;
                let known = books.find("TaxCode", &code).filter(|code| flag(code, "Active") != Some(false));
                let unknown = || Fault::bad_value("6160", "Invalid tax code", TAX_CODE, &code);
                known.map(|_| Some(code.clone())).ok_or_else(unknown)
            }
        }
    }
}

const TAX_CODE: &str = "Line.SalesItemLineDetail.TaxCodeRef";

fn us_code(supplied: &str) -> Fault {
    let detail = format!("Valid Line TaxCodes for US should be TAX or NON. Supplied value:{supplied}");
    Fault::known("6100").because(detail).at(TAX_CODE)
}
