//! The layer: keeps what spans hold, and makes a line of each event.

use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::fields::Fields;
use super::line::{Dress, Happening};
use crate::clock::{Clock, SystemClock};

type Write = Box<dyn Fn(&str) + Send + Sync>;

/// Lines of a form, to a place.
pub(super) struct Lines {
    dress: Dress,
    write: Write,
}

impl Lines {
    pub(super) fn new(dress: Dress, write: Write) -> Self {
        Self { dress, write }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let text = |value: serde_json::Value| value.as_str().map(ToOwned::to_owned);
        let message = fields.take("message").and_then(text).unwrap_or_default();
        // What comes from the `log` crate bears its module in a field.
        let target = fields.take("log.target").and_then(text);
        fields.0.retain(|(name, _)| !name.starts_with("log."));
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.surround(outer);
            }
        }
        let target = target.as_deref().unwrap_or_else(|| event.metadata().target());
        let level = *event.metadata().level();
        let at = SystemClock.now();
        let happening = Happening { at, level, target, message: &message, fields: &fields };
        (self.write)(&self.dress.line(&happening));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::super::Form;
    use super::*;

    #[test]
    fn an_event_bears_what_it_happened_in_and_says_the_nearest() {
        let told = Arc::new(Mutex::new(Vec::<String>::new()));
        let heard = Arc::clone(&told);
        let dress = Dress { form: Form::Json, colour: false, dated: true, ranked: false };
        let lines = Lines::new(dress, Box::new(move |line| heard.lock().unwrap().push(line.to_owned())));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            let _pass = tracing::info_span!("pass", company = "craigs", pass = 3_u64).entered();
            tracing::info!("nobody's");
            let record = tracing::info_span!("record", key = "invoice/1", entity = tracing::field::Empty);
            record.record("entity", "invoice");
            let _record = record.entered();
            tracing::warn!(key = "invoice/2", full = true, code = ?Some(5), "told\n{}", "twice");
        });
        let told = told.lock().unwrap();
        let read = |at: usize| serde_json::from_str::<Value>(&told[at]).unwrap();
        let (first, second) = (read(0), read(1));
        assert_eq!((&first["message"], &first["pass"]), (&json!("nobody's"), &json!(3)));
        assert_eq!(first.get("key"), None);
        for (name, value) in [
            ("level", json!("WARN")),
            ("message", json!("told\ntwice")),
            ("company", json!("craigs")),
            ("pass", json!(3)),
            ("entity", json!("invoice")),
            ("key", json!("invoice/2")),
            ("full", json!(true)),
            ("code", json!("Some(5)")),
        ] {
            assert_eq!(second[name], value, "{name}: {second}");
        }
        assert!(told.iter().all(|line| line.matches('\n').count() == 1), "{told:?}");
    }

    #[test]
    fn a_text_of_pages_is_cut() {
        let told = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&told);
        let dress = Dress { form: Form::Text, colour: false, dated: false, ranked: true };
        let lines = Lines::new(dress, Box::new(move |line| heard.lock().unwrap().push_str(line)));
        let pages = "\u{9b}".repeat(100_000);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
            tracing::info!(why = pages, "{pages}");
        });
        let told = told.lock().unwrap();
        assert!(told.len() < 48 * 1024, "the journal cuts a line of {} bytes", told.len());
    }
}
