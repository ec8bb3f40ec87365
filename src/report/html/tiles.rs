//! Tiles: the figures at the head of the page.

use super::super::phrase;
use super::super::status::{Status, WarningRow};
use super::{figures, warnings};

/// A figure at the head of the page.
pub(super) struct Tile {
    pub(super) label: &'static str,
    pub(super) value: String,
    /// Lines of its own.
    pub(super) note: Vec<String>,
    pub(super) tone: &'static str,
}

/// Warnings, what waits for them, what is in sync, and whether open amounts
/// agree.
pub(super) fn tiles(status: &Status) -> Vec<Tile> {
    let standing = status.standing();
    let waiting = |rows: &[&WarningRow]| rows.iter().map(|row| row.blocks.records).sum::<u64>();
    let (waits, left) = (waiting(&standing), waiting(&status.dismissed()));
    let (synced, in_scope) = status
        .entities
        .iter()
        .fold((0, 0), |(synced, scope), row| (synced + row.synced, scope + row.in_scope));
    let unexplained = status.tie_out.unexplained.len() as u64;
    let dismissed = status.dismissed().len() as u64;
    vec![
        Tile {
            label: "Warnings",
            value: figures::grouped(standing.len() as u64),
            note: vec![format!("{} dismissed", figures::grouped(dismissed))],
            tone: if standing.is_empty() { "ok" } else { "warn" },
        },
        Tile {
            label: "Waiting for them",
            value: phrase::counted(waits, "record"),
            note: {
                let mut sums: Vec<_> = warnings::held_up(&standing).iter().map(figures::amount).collect();
                if sums.is_empty() {
                    sums.push("no money waits".to_owned());
                }
                sums.extend((left > 0).then(|| format!("{} for dismissed ones", figures::grouped(left))));
                sums
            },
            tone: if waits == 0 { "ok" } else { "warn" },
        },
        Tile {
            label: "In sync",
            value: figures::share(synced, in_scope),
            note: vec![format!("{} of {} in scope", figures::grouped(synced), figures::grouped(in_scope))],
            tone: if synced == in_scope { "ok" } else { "warn" },
        },
        Tile {
            label: "Open amounts",
            value: match (status.tie_out.customers, unexplained) {
                (0, _) => "not compared".to_owned(),
                (_, 0) => "agree".to_owned(),
                (_, 1) => "1 differs".to_owned(),
                (_, count) => format!("{} differ", figures::grouped(count)),
            },
            note: vec![phrase::counted(status.tie_out.customers, "customer")],
            tone: if status.tie_out.balanced { "ok" } else { "bad" },
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::sample;
    use super::*;

    #[test]
    fn what_waits_is_counted_and_summed_over_the_same_rows() {
        let mut status = sample();
        let tile = |status: &Status| {
            let tile = tiles(status).remove(1);
            (tile.value, tile.note.join("; "), tile.tone)
        };
        let (value, note, tone) = tile(&status);
        let sum: u64 = status.warnings.iter().map(|row| row.blocks.records).sum();
        assert_eq!((value, tone), (phrase::counted(sum, "record"), "warn"));
        assert!(!note.contains("dismissed"), "{note}");
        status.warnings.iter_mut().for_each(|row| row.dismissed = Some("by hand".to_owned()));
        let expected = format!("no money waits; {} for dismissed ones", figures::grouped(sum));
        assert_eq!(tile(&status), ("0 records".to_owned(), expected, "ok"));
    }
}
