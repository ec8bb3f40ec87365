//! Preflight: is this the right company, and may it be posted to as the files
//! ask for it. Kept for a day.

use jiff::SignedDuration;

use super::named::Found;
use super::{Cause, Pass, Stop};
use crate::model::{Code, Digest, Discounts, DocumentNumbers, Posting, Targets, TaxMode};
use crate::quickbooks::Preferences;
use crate::store::Commit;

/// What a preflight found holds for this long.
const HOLDS: SignedDuration = SignedDuration::from_hours(24);

impl Pass<'_> {
    /// Looks at the company where the last look is too old or the settings
    /// changed.
    pub(super) async fn preflight(&mut self) -> Result<(), Stop> {
        let world = self.world;
        let company = &world.settings.company;
        if let Some(pinned) =
            self.marks.realm_id.as_deref().filter(|pinned| *pinned != company.realm_id.as_str())
        {
            return Err(wrong_company(format!(
                "this state belongs to company {pinned}, and the files name {}; give each company its own [paths] state",
                company.realm_id
            )));
        }
        let posting = &world.settings.posting;
        let settings = Digest::of([posting.digest().as_str(), company.expect.as_str()]);
        if let Some((at, of, targets)) = &self.marks.preflight {
            let age = self.started_at.duration_since(*at);
            if *of == settings && age >= SignedDuration::ZERO && age < HOLDS && targets.objections.is_empty()
            {
                self.targets = targets.clone();
                return Ok(());
            }
        }
        self.targets = self.look_at_company().await?;
        self.marks.preflight = Some((self.started_at, settings, self.targets.clone()));
        let mut commit = Commit::new();
        commit.mark("marks", &self.marks);
        self.register.commit(commit).await?;
        Ok(())
    }

    async fn look_at_company(&self) -> Result<Targets, Stop> {
        let world = self.world;
        let company = &world.settings.company;
        let info = world.quickbooks.company_info(&company.realm_id).await?;
        if info.company_name != company.expect {
            return Err(wrong_company(format!(
                "the token opens the company `{}`, and [company] expect says `{}`; nothing was written. \
                 Connect the right company, or correct `expect`",
                info.company_name, company.expect
            )));
        }
        let preferences = world.quickbooks.preferences().await?;
        let posting = &world.settings.posting;
        let united_states = info.country.as_deref().is_none_or(|country| country == "US");
        let home = preferences.currency.home.as_ref().and_then(|home| home.value.parse().ok());
        let mut targets = Targets {
            objections: objections(&preferences, posting, united_states),
            closed_through: preferences.books.closed_through,
            home_currency: home,
            multicurrency: preferences.currency.several,
            united_states,
            ..Targets::default()
        };
        let found = Found::read(&world.quickbooks, posting).await?;
        found.fill(&mut targets, posting);
        Ok(targets)
    }
}

/// What of the company's settings forbids posting as the files ask for it.
fn objections(preferences: &Preferences, posting: &Posting, united_states: bool) -> Vec<String> {
    let sales = &preferences.sales;
    let own_numbers = posting.document_numbers == DocumentNumbers::Staxbill;
    let by_codes = match posting.tax {
        TaxMode::Codes { .. } => true,
        TaxMode::Item { .. } => false,
    };
    let rules = [
        (
            sales.auto_apply_credit,
            "AutoApplyCredit is on: QuickBooks would apply credits by itself; switch it off",
        ),
        (
            sales.auto_apply_payments,
            "AutoApplyPayments is on: QuickBooks would apply payments by itself; switch it off",
        ),
        (
            own_numbers && !sales.custom_numbers,
            "CustomTxnNumbers is off: QuickBooks would not keep Stax Bill's numbers; switch custom transaction numbers on, \
             or write document_numbers = \"quickbooks\" in [posting]",
        ),
        (
            posting.discounts == Discounts::Line && sales.allow_discount == Some(false),
            "AllowDiscount is off: QuickBooks would refuse a discount line; switch discounts on, \
             or write discounts = \"net\" in [posting]",
        ),
        (
            united_states && by_codes && preferences.tax.using_sales_tax == Some(false),
            "sales tax is off: QuickBooks would drop the tax of every invoice; switch it on, \
             or write tax = \"item\" in [posting]",
        ),
        (
            !united_states && posting.no_tax_code.is_none(),
            "the company is outside the United States, where every line needs a tax code: \
             name one that takes no tax in [posting], such as no_tax_code = \"Out of scope\"",
        ),
    ];
    rules.into_iter().filter(|(broken, _)| *broken).map(|(_, words)| words.to_owned()).collect()
}

/// Nothing is written to a company that is not the one meant.
fn wrong_company(reason: String) -> Stop {
    let todo = "Compare [company] in latchd.toml with the company in QuickBooks: realm_id, expect, and whose token it is.";
    Stop::Cause(Box::new(Cause { todo: Some(todo), ..Cause::new(Code::IdentityMismatch, reason) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ClosedPeriod, OnDrift, RefundAs, UnmappedProduct};

    fn posting() -> Posting {
        Posting {
            deferred_revenue_item: "Services".to_owned(),
            deposit_account: "Checking".to_owned(),
            discount_item: None,
            credit_item: None,
            bad_debt_item: None,
            tax: TaxMode::Item { item: None },
            no_tax_code: None,
            discounts: Discounts::Net,
            document_numbers: DocumentNumbers::Staxbill,
            refund_as: RefundAs::Payment,
            closed_period: ClosedPeriod::Hold,
            items: [].into(),
            deposit_accounts: [].into(),
            unmapped_product: UnmappedProduct::Default,
            on_drift: OnDrift::Report,
        }
    }

    #[test]
    fn a_setting_is_an_objection_only_to_what_it_forbids() {
        let net = posting();
        let line = Posting { discounts: Discounts::Line, ..posting() };
        let codes = Posting { tax: TaxMode::Codes { codes: [].into() }, ..posting() };
        let numbered = Posting { document_numbers: DocumentNumbers::Quickbooks, ..posting() };
        let free = Posting { no_tax_code: Some("Exempt".to_owned()), ..posting() };
        let good = r#""CustomTxnNumbers":true"#;
        let cases = [
            ("all is well", good, "{}", &net, true, None),
            (
                "credits",
                r#""CustomTxnNumbers":true,"AutoApplyCredit":true"#,
                "{}",
                &net,
                true,
                Some("AutoApplyCredit"),
            ),
            (
                "payments",
                r#""CustomTxnNumbers":true,"AutoApplyPayments":true"#,
                "{}",
                &net,
                true,
                Some("AutoApplyPayments"),
            ),
            ("numbers", r#""AllowDiscount":true"#, "{}", &net, true, Some("CustomTxnNumbers")),
            ("QuickBooks numbers", r#""AllowDiscount":true"#, "{}", &numbered, true, None),
            ("discounts net", r#""CustomTxnNumbers":true,"AllowDiscount":false"#, "{}", &net, true, None),
            (
                "discount lines",
                r#""CustomTxnNumbers":true,"AllowDiscount":false"#,
                "{}",
                &line,
                true,
                Some("AllowDiscount"),
            ),
            ("nothing said", good, "{}", &line, true, None),
            ("tax by item", good, r#"{"UsingSalesTax":false}"#, &net, true, None),
            ("tax by codes", good, r#"{"UsingSalesTax":false}"#, &codes, true, Some("sales tax is off")),
            ("abroad", good, "{}", &codes, false, Some("no_tax_code = ")),
            ("abroad with a code", good, r#"{"UsingSalesTax":false}"#, &free, false, None),
        ];
        for (name, sales, tax, posting, united_states, expected) in cases {
            let text = format!(r#"{{"SalesFormsPrefs":{{{sales}}},"TaxPrefs":{tax}}}"#);
            let preferences: Preferences = serde_json::from_str(&text).unwrap();
            let found = objections(&preferences, posting, united_states);
            assert_eq!(found.len(), usize::from(expected.is_some()), "{name}: {found:?}");
            assert!(
                found.iter().all(|words| words.contains(expected.unwrap_or_default())),
                "{name}: {found:?}"
            );
        }
    }
}
