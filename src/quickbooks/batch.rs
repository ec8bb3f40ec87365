//! Batches: up to thirty writes in one request, each with its own outcome.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::model::{ObjectKind, VendorFault};
use crate::store::{IntentItem, Operation};

use super::fault::FaultBody;
use super::meaning::is_transient;
use super::objects::Answer;

/// Items in a batch (Intuit: limits and throttles).
pub const BATCH_ITEMS_MAX: usize = 30;

/// What became of one item.
#[derive(Debug)]
pub enum ItemAnswer {
    /// Done.
    Done(Box<Answer>),
    /// Refused; the other items are not touched by it.
    Refused(Box<VendorFault>),
    /// Throttled: it was not tried.
    NotTried,
    /// The answer does not say, or names Intuit's own trouble.
    Unknown(String),
}

/// The body of a batch of `items`.
///
/// A void is never in a batch: the form of its option is not documented well
/// enough to bet a payment on it.
pub fn batch_body(items: &[IntentItem]) -> String {
    let items = items.iter().map(|item| {
        debug_assert!(item.operation != Operation::Void, "a void goes alone");
        let operation = if item.operation == Operation::Create { "create" } else { "update" };
        let (kind, body) = (item.object.name(), item.body.get());
        format!(r#"{{"bId":"{}","operation":"{operation}","{kind}":{body}}}"#, item.bid)
    });
    format!(r#"{{"BatchItemRequest":[{}]}}"#, items.collect::<Vec<_>>().join(","))
}

#[derive(Debug, Deserialize)]
pub(super) struct BatchAnswer {
    #[serde(rename = "BatchItemResponse", default)]
    items: Vec<Box<RawValue>>,
}

#[derive(Debug, Deserialize)]
struct ItemHead {
    #[serde(rename = "bId", default)]
    bid: String,
    #[serde(rename = "Fault", default)]
    fault: Option<FaultBody>,
}

impl BatchAnswer {
    /// The outcome of each item. They are found by their id alone: order is not
    /// promised.
    pub(super) fn outcomes(&self, items: &[IntentItem], intuit_tid: Option<&str>) -> Vec<ItemAnswer> {
        items.iter().map(|item| self.outcome(&item.bid, item.object, intuit_tid)).collect()
    }

    fn outcome(&self, bid: &str, kind: ObjectKind, intuit_tid: Option<&str>) -> ItemAnswer {
        let heads = self
            .items
            .iter()
            .filter_map(|raw| Some((serde_json::from_str::<ItemHead>(raw.get()).ok()?, raw)));
        let mut found = heads.filter(|(head, _)| head.bid == bid);
        let (Some((head, raw)), None) = (found.next(), found.next()) else {
            return ItemAnswer::Unknown(format!(
                "the batch's answer does not tell what became of item {bid}"
            ));
        };
        if let Some(fault) = head.fault {
            let fault = fault.words(intuit_tid.map(ToOwned::to_owned));
            return if fault.code == "3001" {
                ItemAnswer::NotTried
            } else if is_transient(&fault) {
                ItemAnswer::Unknown(format!("{} {}", fault.message, fault.detail))
            } else {
                ItemAnswer::Refused(Box::new(fault))
            };
        }
        match serde_json::from_str::<Answer>(raw.get()) {
            Ok(answer) if answer.observed().is_some_and(|object| object.kind == kind) => {
                ItemAnswer::Done(Box::new(answer))
            }
            Ok(_) => ItemAnswer::Unknown(format!("item {bid} of the batch's answer holds no {kind}")),
            Err(error) => ItemAnswer::Unknown(format!("item {bid} of the batch's answer: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_told_apart_by_their_id() {
        let json = r#"{"BatchItemResponse":[
            {"Fault":{"Error":[{"Message":"taken","code":"6240"}],"type":"ValidationFault"},"bId":"2"},
            {"Customer":{"Id":"7","SyncToken":"0","DisplayName":"A"},"bId":"1"},
            {"Fault":{"Error":[{"Message":"ThrottleExceeded","code":"3001"}],"type":"SERVICE"},"bId":"3"},
            {"Customer":{"Id":"8","SyncToken":"0"},"bId":"5"},{"Customer":{"Id":"9","SyncToken":"0"},"bId":"5"},
            {"Fault":{"Error":[{"Message":"An application error","code":"10000"}]},"bId":"6"}],"time":"x"}"#;
        let answer: BatchAnswer = serde_json::from_str(json).unwrap();
        let word = |bid: &str| format!("{:?}", answer.outcome(bid, ObjectKind::Customer, None));
        let cases = [
            ("1", "Done"),
            ("2", "Refused"),
            ("3", "NotTried"),
            ("4", "Unknown"),
            ("5", "Unknown"),
            ("6", "Unknown"),
        ];
        for (bid, expected) in cases {
            assert!(word(bid).starts_with(expected), "{bid}: {}", word(bid));
        }
        assert!(format!("{:?}", answer.outcome("1", ObjectKind::Invoice, None)).starts_with("Unknown"));
    }
}
