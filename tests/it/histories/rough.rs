//! Rough weather: the power goes, old states are put back, tokens end, the disk
//! is full, strangers take our numbers, and QuickBooks answers oddly.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use latchd::report::Status;
use latchd::sandbox::staxbill::NewCustomer;
use latchd::sandbox::trouble::{ItemFate, Kind, PageFault, Rule};
use serde_json::json;

use super::acts::{Act, Pick};
use super::disk::{Copy, Disk, folder_of};
use super::oracle;
use super::player::{Player, QUICKBOOKS};
use super::rebuilt::Anew;
use super::wire::{Broken, DISMISSED, UNNOTICED};

/// Whom strangers bill.
const STRANGER: &str = "Somebody else";
/// More customers than a page of a list holds.
const CROWD: usize = 1_001;

/// Something that happens in rough weather alone.
#[derive(Clone, Copy, Debug)]
pub(super) enum Blow {
    /// The state is copied.
    Copy,
    /// The copy is put back; `whole`: with what stands beside the database.
    PutBack { whole: bool },
    /// The power goes in the middle of a pass.
    PowerLoss { steps: u64, late: bool },
    /// Every access token ends.
    EndTokens,
    /// There is no room for a new token, or there is again.
    Room { is_there: bool },
    /// A bookkeeper gives the number of an invoice to a document of a stranger's.
    TakeNumber { invoice: Pick },
    /// The operator leaves one kind of warning of an invoice alone.
    Dismiss { invoice: Pick, code: &'static str },
    /// Calls to QuickBooks are answered oddly.
    Odd { skip: u64, times: u64, how: Odd },
}

/// How a call is answered oddly.
#[derive(Clone, Copy, Debug)]
pub(super) enum Odd {
    /// It takes effect only so many seconds later.
    Late(u64),
    /// One item of a batch fares badly.
    Item { nth: usize, fate: ItemFate },
    /// What it knows of request ids is forgotten before it.
    ForgetRequestIds,
    /// The token ends before it, and of a batch some items are carried out.
    Unauthorized { after_items: usize },
    /// The change feed is full.
    FullFeed,
    /// A page is not the page that it should be.
    Page(PageFault),
}

/// What rough weather needs of a company.
pub(super) struct Rough {
    disk: Disk,
    folder: PathBuf,
    copy: Option<Copy>,
    /// Invoices of strangers.
    strangers: Vec<String>,
}

impl Player {
    /// The state lies on a disk from now on that can lose its power.
    pub(super) fn brave(&mut self) {
        let (disk, folder) = (Disk::default(), folder_of(&self.played.company.main()));
        let (engine, place) = (disk.clone(), folder.clone());
        let clock = self.played.company.sandbox.clock.clone();
        self.played.company.opens = Some(Box::new(move || engine.open(&place, clock.now())));
        self.rough = Some(Rough { disk, folder, copy: None, strangers: Vec::new() });
    }

    /// What begins its state anew by hand.
    pub(super) fn anew(&self) -> Option<Anew> {
        let clock = self.played.company.sandbox.clock.clone();
        self.rough.as_ref().map(|rough| Anew::new(rough.disk.clone(), rough.folder.clone(), clock))
    }

    /// What the wire sees of the disk.
    pub(super) fn disk(&self) -> std::sync::Arc<dyn latchd::store::Store> {
        let rough = self.rough.as_ref();
        rough.map_or_else(|| std::sync::Arc::clone(&self.played.company.store), |rough| rough.disk.flushed())
    }

    pub(super) async fn blow(&mut self, blow: Blow) {
        match blow {
            Blow::Copy => {
                let Some(rough) = &mut self.rough else { return };
                rough.copy = Some(rough.disk.copy(&rough.folder));
            }
            Blow::PutBack { whole } => self.put_back(whole).await,
            Blow::PowerLoss { steps, late } => {
                self.crash(steps, late).await;
                if let Some(rough) = &self.rough {
                    rough.disk.lose_power();
                }
            }
            Blow::EndTokens => self.played.company.sandbox.quickbooks.expire_access_tokens(),
            Blow::Room { is_there } => self.room(is_there),
            Blow::TakeNumber { invoice } => self.take_number(invoice),
            Blow::Dismiss { invoice, code } => {
                let invoices = self.played.company.sandbox.staxbill.invoices();
                if !invoices.is_empty() {
                    let key = format!("invoice/{}", invoice.get(&invoices).id);
                    self.played.dismissed.insert(key, code);
                    self.write_files();
                }
            }
            Blow::Odd { skip, times, how } => {
                let kind = match how {
                    Odd::Late(seconds) => Kind::LateEffect { seconds },
                    Odd::Item { nth, fate } => Kind::BatchItem { nth, fate, code: None },
                    Odd::ForgetRequestIds => Kind::ForgetRequestIds,
                    Odd::Unauthorized { after_items } => Kind::Unauthorized { after_items },
                    Odd::FullFeed => Kind::FullFeed,
                    Odd::Page(how) => Kind::Page { how },
                };
                let rule = Rule::next(QUICKBOOKS, kind);
                let rule = match how {
                    Odd::Item { .. } => Rule { path: format!("{QUICKBOOKS}/*/batch"), ..rule },
                    Odd::Late(_) | Odd::ForgetRequestIds | Odd::Unauthorized { .. } => rule.method("POST"),
                    Odd::FullFeed => Rule { path: format!("{QUICKBOOKS}/*/cdc"), ..rule },
                    Odd::Page(_) => Rule { path: format!("{QUICKBOOKS}/*/query"), ..rule },
                };
                self.played.company.sandbox.trouble.add(rule.nth(skip + 1).times(times));
            }
        }
    }

    /// The weather is fine again: there is room, and strangers' documents are
    /// taken out.
    pub(super) fn calm(&mut self) {
        self.room(true);
        self.played.dismissed.clear();
        self.write_files();
        let Some(rough) = &mut self.rough else { return };
        for id in std::mem::take(&mut rough.strangers) {
            let books = self.played.company.sandbox.quickbooks.bookkeeper();
            books.delete("Invoice", &id).expect("it is theirs to take out");
        }
    }

    /// What the files leave alone is marked so in the report, and nothing else.
    pub(super) fn left_alone(&self, status: &Status) {
        let wrong = status.warnings.iter().find(|row| {
            let code = self.played.dismissed.get(&row.key);
            row.dismissed.is_some() != code.is_some_and(|code| *code == row.code.name())
        });
        if let (Some(row), Some(trace)) = (wrong, &self.trace) {
            let words = format!("{} {}: {:?}", row.key, row.code.name(), row.dismissed);
            trace.wire.breaks(Broken::new(DISMISSED, words));
        }
    }

    /// An older state than its anchor says is noticed by the first pass.
    async fn put_back(&mut self, whole: bool) {
        let Some(rough) = &self.rough else { return };
        let Some(copy) = &rough.copy else { return };
        self.engine = None;
        if whole {
            // It takes longer than Intuit works on what was sent last: of that such a
            // state knows nothing.
            self.played.company.wait(Duration::from_mins(3)).await;
        }
        let is_other = rough.disk.put_back(&rough.folder, copy, whole);
        self.played.put_back |= is_other;
        if whole || !is_other {
            return;
        }
        let (_, status) = self.played.company.once().await;
        if !status.notices.iter().any(|notice| notice.code == "state-rebuilt")
            && let Some(trace) = &self.trace
        {
            let words = format!("a state behind its anchor was used, and told: {:?}", status.notices);
            trace.wire.breaks(Broken::new(UNNOTICED, words));
        }
    }

    /// A folder stands where the new token would be written, or none.
    fn room(&self, is_there: bool) {
        let Some(rough) = &self.rough else { return };
        let beside = rough.folder.join("token.json.new");
        if is_there {
            // There may have been none.
            let _ = fs::remove_dir(beside);
        } else {
            let _ = fs::create_dir(beside);
        }
    }

    /// Nothing where the books are closed, or where the invoice stands already.
    fn take_number(&mut self, invoice: Pick) {
        let account = &self.played.company.sandbox.staxbill;
        let posted = oracle::marks(&self.played);
        let free =
            account.invoices().into_iter().filter(|one| !posted.contains(&format!("invoice/{}", one.id)));
        let free: Vec<String> = free.map(|one| one.number.to_string()).collect();
        if free.is_empty() {
            return;
        }
        let number = invoice.get(&free);
        let quickbooks = &self.played.company.sandbox.quickbooks;
        let stranger = quickbooks.objects("Customer").into_iter().find(|one| one["DisplayName"] == STRANGER);
        let stranger = stranger.map_or_else(
            || quickbooks.bookkeeper().create("Customer", json!({ "DisplayName": STRANGER })),
            Ok,
        );
        let body = json!({
            "CustomerRef": { "value": stranger.expect("the name is free")["Id"] }, "DocNumber": number,
            "Line": [{
                "Amount": 7, "DetailType": "SalesItemLineDetail",
                "SalesItemLineDetail": { "ItemRef": { "value": "1" }, "TaxCodeRef": { "value": "NON" } },
            }],
        });
        if let (Ok(object), Some(rough)) = (quickbooks.bookkeeper().create("Invoice", body), &mut self.rough)
        {
            rough.strangers.push(object["Id"].as_str().expect("an object has an id").to_owned());
        }
    }

    /// Customers that nobody decides about, before ours: more than one page of
    /// them.
    pub(super) fn crowd(&self) {
        for number in 1..=self.others() {
            let company_name = Some(format!("Stranger {number}"));
            let stranger = NewCustomer { company_name, ..NewCustomer::default() };
            self.played.company.sandbox.staxbill.add_customer(stranger);
        }
    }

    /// How many customers came before ours.
    pub(super) fn others(&self) -> usize {
        if self.played.variant.crowd { CROWD } else { 0 }
    }
}

/// Whether an act is one of rough weather.
pub(super) fn blow_of(act: &Act) -> Option<Blow> {
    if let Act::Rough(blow) = act { Some(*blow) } else { None }
}
