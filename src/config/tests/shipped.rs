//! The files that a package installs.

use std::path::Path;

use super::{MINIMAL, load_files};
use crate::config::keys::{DISMISS, DISMISS_RULE, Keys, LINK, RESEND, TABLES, TOP};
use crate::config::{load, load_from};
use crate::model::TaxMode;

fn shipped() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config/latchd.toml")
}

#[test]
fn load_as_they_are() {
    let config = load(&shipped()).map_err(|errors| errors.to_string()).unwrap();
    assert!(config.decisions.links.is_empty());
    let folders: Vec<_> =
        config.files.iter().filter_map(|(path, _)| path.parent()?.file_name()?.to_str()).collect();
    assert_eq!(folders, ["config", "dismiss.d", "links.d", "resend.d"]);
}

/// Every key of the contract that this version carries out stands there, in
/// force or as a comment; with all comments in force it still loads, and the
/// defaults that the comments show are the true ones.
#[test]
fn show_every_key_with_its_true_default() {
    let config = load(&shipped()).unwrap();
    let (main, text) = config.files[0].clone();
    let mut whole = String::new();
    for line in text.lines() {
        let shown = line.strip_prefix("# ").filter(|shown| shown.contains(" = ") || shown.starts_with('['));
        whole.push_str(shown.filter(|_| !line.contains('…')).unwrap_or(line));
        whole.push('\n');
    }
    let all =
        load_from(&main, &vec![(main.clone(), whole.clone())]).map_err(|errors| errors.to_string()).unwrap();
    assert_eq!(format!("{:?}", all.settings.limits), format!("{:?}", config.settings.limits));
    assert_eq!(all.settings.schedule, config.settings.schedule);
    assert_eq!(all.settings.customers, config.settings.customers);
    assert_eq!(all.settings.paths, config.settings.paths);
    assert_eq!(all.settings.staxbill.base_url, config.settings.staxbill.base_url);
    assert_eq!(all.settings.quickbooks.api_url, config.settings.quickbooks.api_url);
    let (shown, default) = (&all.settings.posting, &config.settings.posting);
    assert_eq!(shown.on_drift, default.on_drift);
    assert_eq!(shown.unmapped_product, default.unmapped_product);
    assert_eq!(shown.discounts, default.discounts);
    assert_eq!(shown.document_numbers, default.document_numbers);
    assert_eq!(shown.refund_as, default.refund_as);
    assert_eq!(shown.closed_period, default.closed_period);
    assert_eq!(default.tax, TaxMode::Item { item: None });
    assert_eq!(shown.tax, TaxMode::Item { item: Some("Sales tax collected".to_owned()) });
    // They are refused beside the defaults of refund_as and on_activation.
    assert!(text.contains("\n# refund_account = ") && text.contains("\n# start = "));
    let later = ["refund_account", "start", "quickbooks_reads_month"];
    for (table, keys) in TABLES {
        if let Keys::Fixed(keys) = keys {
            assert!(whole.contains(&format!("[{table}]")), "{table}");
            for key in keys.iter().chain(TOP).filter(|key| !later.contains(key)) {
                assert!(whole.contains(&format!("\n{key} = ")), "{table}.{key}");
            }
        }
    }
}

/// What `links.d` shows as a comment loads, and so does the example with every
/// key of a link; between them nothing that a link may hold is left out.
#[test]
fn the_links_that_are_shown_load() {
    let comments = include_str!("../../../config/links.d/links.toml");
    let example = include_str!("../../../examples/links.toml");
    let shown = |line: &&str| line.contains(" = { ") || line.starts_with('[');
    let lines: Vec<&str> =
        comments.lines().filter_map(|line| line.strip_prefix("# ")).filter(shown).collect();
    for (links, expected) in [(lines.join("\n").as_str(), 5), (example, 13)] {
        let loaded = load_files(&[("latchd.toml", MINIMAL), ("links.d/a.toml", links)]);
        let decisions = loaded.map_err(|errors| errors.to_string()).unwrap().decisions;
        assert_eq!(decisions.links.len(), expected);
        assert!(decisions.shared_without_word().is_empty());
    }
    for key in LINK {
        let beside = [format!("{{ {key} = "), format!(", {key} = "), format!("\n{key} = ")];
        assert!(beside.iter().any(|form| example.contains(form)), "{key}");
    }
}

/// What `dismiss.d` and `resend.d` show as comments loads, and so do the
/// examples with every key.
#[test]
fn the_dismissals_and_resends_that_are_shown_load() {
    let shown = |comments: &'static str| -> String {
        let lines = comments.lines().filter_map(|line| line.strip_prefix("# "));
        lines.filter(|line| line.contains(" = ") || line.starts_with('[')).collect::<Vec<_>>().join("\n")
    };
    let load = |text: &str| {
        let loaded = load_files(&[("latchd.toml", MINIMAL), ("links.d/a.toml", text)]);
        loaded.map_err(|errors| errors.to_string()).unwrap().decisions.exceptions
    };
    let dismissed = load(&shown(include_str!("../../../config/dismiss.d/dismiss.toml")));
    assert_eq!((dismissed.dismissals.len(), dismissed.rules.len()), (1, 0));
    let sent = load(&shown(include_str!("../../../config/resend.d/resend.toml")));
    assert_eq!(sent.resends.len(), 1);
    let (dismiss, resend) =
        (include_str!("../../../examples/dismiss.toml"), include_str!("../../../examples/resend.toml"));
    let dismissed = load(dismiss);
    assert_eq!((dismissed.dismissals.len(), dismissed.rules.len()), (2, 1));
    let rule = &dismissed.rules["old-crossings"];
    assert_eq!((rule.max_matches, rule.dismissal.at.to_string()), (25, "links.d/a.toml:20".to_owned()));
    assert_eq!(load(resend).resends.len(), 2);
    let stands = |text: &str, key: &str| {
        ["{ ", ", ", "\n"].iter().any(|before| text.contains(&format!("{before}{key} = ")))
    };
    for key in DISMISS.iter().chain(DISMISS_RULE) {
        assert!(stands(dismiss, key), "{key}");
    }
    for key in RESEND {
        assert!(stands(resend, key), "{key}");
    }
}
