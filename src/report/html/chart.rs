//! The last passes as columns: warnings that stood after each, writes that
//! each decided on.

use super::super::past::RecentPass;
use super::super::phrase;
use super::figures;

/// A column and the room beside it.
const STEP: u64 = 10;
/// A column.
const WIDTH: u64 = 7;
/// The highest column.
const HEIGHT: u64 = 56;
/// Columns that there is room for though fewer passes were made.
const LEAST: usize = 15;

/// One chart.
pub(super) struct Chart {
    pub(super) title: &'static str,
    pub(super) class: &'static str,
    pub(super) now: String,
    pub(super) most: String,
    pub(super) width: u64,
    pub(super) height: u64,
    pub(super) columns: Vec<Column>,
    /// What the chart shows, in words.
    pub(super) words: String,
    pub(super) first: u64,
    pub(super) last: u64,
}

/// A pass.
pub(super) struct Column {
    pub(super) from: u64,
    pub(super) top: u64,
    pub(super) width: u64,
    pub(super) height: u64,
    pub(super) failed: bool,
    pub(super) title: String,
}

/// Both charts; none before the first pass ended.
pub(super) fn charts(passes: &[RecentPass]) -> Vec<Chart> {
    let chart = |title, class, of: fn(&RecentPass) -> u64| {
        let (first, last) = (passes.first()?, passes.last()?);
        let most = passes.iter().map(of).max().unwrap_or(0);
        let failed = passes.iter().filter(|pass| pass.outcome == "failed").count() as u64;
        let now = figures::grouped(of(last));
        let shown = figures::grouped(most);
        let words = format!(
            "{title}, passes {} to {}: {now} at the last, {shown} at most; {failed} failed",
            first.number, last.number,
        );
        let columns = passes.iter().enumerate().map(|(at, pass)| column(at as u64, pass, of(pass), most));
        Some(Chart {
            title,
            class,
            now,
            most: shown,
            width: passes.len().max(LEAST) as u64 * STEP,
            height: HEIGHT,
            columns: columns.collect(),
            words,
            first: first.number,
            last: last.number,
        })
    };
    let warnings = chart("Warnings after each pass", "warnings", |pass| pass.warnings);
    let writes = chart("Writes of each pass", "writes", |pass| pass.writes);
    [warnings, writes].into_iter().flatten().collect()
}

fn column(at: u64, pass: &RecentPass, value: u64, most: u64) -> Column {
    // Nought has a foot too: a pass was made, and nothing was to do.
    let height = (u128::from(value) * u128::from(HEIGHT) / u128::from(most.max(1))).max(2);
    let height = u64::try_from(height).unwrap_or(HEIGHT).min(HEIGHT);
    let title = format!(
        "Pass {}, {}: {}, {}, {}",
        pass.number,
        phrase::moment(pass.finished_at),
        super::line(&pass.outcome),
        phrase::counted(pass.warnings, "warning"),
        phrase::counted(pass.writes, "write")
    );
    let failed = pass.outcome == "failed";
    Column { from: at * STEP, top: HEIGHT - height, width: WIDTH, height, failed, title }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fit_whatever_the_figures_are() {
        let pass = |number, warnings, writes| RecentPass {
            number,
            finished_at: "2026-11-22T15:00:00Z".parse().unwrap(),
            outcome: if number == 2 { "failed" } else { "complete" }.to_owned(),
            warnings,
            synced: 0,
            writes,
        };
        assert!(charts(&[]).is_empty());
        let both = charts(&[pass(1, 0, u64::MAX), pass(2, 3, 0), pass(3, 6, 1)]);
        for chart in &both {
            assert_eq!((chart.columns.len(), chart.first, chart.last), (3, 1, 3));
            for column in &chart.columns {
                assert_eq!(column.top + column.height, HEIGHT);
                assert!(column.height >= 2 && column.from + column.width <= chart.width);
            }
            assert!(chart.columns[1].failed && chart.words.ends_with("; 1 failed"), "{}", chart.words);
        }
        assert_eq!(both[0].columns.iter().map(|column| column.height).collect::<Vec<_>>(), [2, 28, 56]);
        assert_eq!(
            both[0].words,
            "Warnings after each pass, passes 1 to 3: 6 at the last, 6 at most; 1 failed"
        );
    }
}
