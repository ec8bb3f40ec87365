//! Plans that are asked for beside the passes: made between two of them, so that
//! no write is under way while both sides are looked at. They hold nothing up: a
//! pass that is due ends one, and it is begun anew after that.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::files::{EMPTIED, emptied};
use crate::config::{self, Config};
use crate::engine::Engine;
use crate::pass::{self, Cause, World};
use crate::plan::PlanAnswer;
use crate::socket::{FileTexts, Line, Problem};

/// Between two signs of life.
const SIGN: Duration = Duration::from_secs(5);
/// A plan that passes come before is begun so often.
const BEGUN_MAX: u32 = 3;

/// One question.
#[derive(Clone)]
pub(super) struct PlanAsked {
    /// `latchd.toml` and what it includes.
    pub(super) files: Arc<FileTexts>,
    /// Where the answer goes; nobody takes it any more where this is closed.
    pub(super) lines: mpsc::Sender<Line>,
}

/// The questions, one after the other.
pub(super) struct Plans {
    asked: mpsc::Receiver<PlanAsked>,
    present: Option<Present>,
}

/// The one that is being answered, or waits for the pass that came before it.
struct Present {
    asked: PlanAsked,
    begun: u32,
    work: Option<LocalBoxFuture<'static, ()>>,
}

impl Plans {
    pub(super) fn new(asked: mpsc::Receiver<PlanAsked>) -> Self {
        Self { asked, present: None }
    }

    /// Takes the next question, or answers the present one. It may be left at
    /// any moment and goes on where it was.
    pub(super) async fn work(&mut self, engine: &Engine, config: &Arc<Config>) {
        let present = match &mut self.present {
            Some(present) => present,
            None => match self.asked.recv().await {
                Some(asked) => self.present.insert(Present { asked, begun: 0, work: None }),
                None => return std::future::pending().await,
            },
        };
        if present.work.is_none() {
            present.begun += 1;
        }
        let work = present.work.get_or_insert_with(|| {
            let world = engine.world(config, CancellationToken::new());
            present.asked.clone().answer(world, Arc::clone(config)).boxed_local()
        });
        work.await;
        self.present = None;
    }

    /// A pass comes first.
    pub(super) fn overtaken(&mut self) {
        let Some(present) = &mut self.present else { return };
        if present.work.take().is_none() {
            return;
        }
        // Who reads slowly, or hung up, misses it.
        if present.begun < BEGUN_MAX {
            let words = "a pass came first; the plan begins anew after it";
            let _ = present.asked.lines.try_send(Line::progress(words));
        } else {
            let words = "passes came first, again and again; ask again when the files have come to rest";
            let _ = present.asked.lines.try_send(Line::error(Problem::Busy, words));
            self.present = None;
        }
    }

    /// The daemon ends.
    pub(super) fn ended(&mut self) {
        let waiting = std::iter::from_fn(|| self.asked.try_recv().ok());
        for asked in self.present.take().map(|present| present.asked).into_iter().chain(waiting) {
            let words = "the daemon ends; ask again when it is back";
            let _ = asked.lines.try_send(Line::error(Problem::Failed, words));
        }
    }
}

impl PlanAsked {
    /// Makes the plan and answers; ends early where nobody waits for it.
    async fn answer(self, world: World, present: Arc<Config>) {
        let line = tokio::select! {
            line = self.line(world, present) => line,
            () = self.lines.closed() => return,
        };
        // Who hung up does not want it.
        let _ = self.lines.send(line).await;
    }

    async fn line(&self, mut world: World, present: Arc<Config>) -> Line {
        let (files, register) = (Arc::clone(&self.files), world.register.clone());
        let read = tokio::task::spawn_blocking(move || {
            let links = register.marks().map_err(|error| Line::error(Problem::Failed, error.to_string()))?;
            candidate(&files, &present, links.links)
        });
        let config = match read.await {
            Ok(Ok(config)) => config,
            Ok(Err(refused)) => return refused,
            Err(error) => return Line::error(Problem::Failed, error.to_string()),
        };
        // How Stax Bill's words are understood is the candidate's too.
        world.staxbill = Arc::new(world.staxbill.understanding(&config.settings.transaction_types));
        (world.settings, world.decisions) = (config.settings, config.decisions);
        world.generation = config.generation;
        // How far a pass is, is told elsewhere.
        world.progress = watch::Sender::default();
        let mut progress = world.progress.subscribe();
        let plan = pass::plan(&world);
        tokio::pin!(plan);
        let planned = loop {
            tokio::select! {
                planned = &mut plan => break planned,
                () = tokio::time::sleep(SIGN) => {
                    let now = progress.borrow_and_update().clone();
                    let counted = if now.total > 0 { format!(" {} of {}", now.done, now.total) } else { String::new() };
                    // A slow reader misses some of them.
                    let _ = self.lines.try_send(Line::progress(format!("{}{counted}", now.phase)));
                }
            }
        };
        match planned {
            Ok((_, causes)) if causes.iter().any(Cause::stops) => {
                let told = causes
                    .iter()
                    .map(|cause| format!("{} ({})\nTo do: {}", cause.reason, cause.code, cause.todo()));
                Line::error(Problem::Failed, told.collect::<Vec<_>>().join("\n"))
            }
            Ok((plan, _)) => Line::result(&PlanAnswer::of(&plan)),
            Err(error) => Line::error(Problem::Failed, error.to_string()),
        }
    }
}

/// The files, where a plan under them says anything about this state, and can be
/// made with the daemon's own connections: to other addresses its token and key
/// are not sent.
fn candidate(FileTexts(files): &FileTexts, present: &Config, links: usize) -> Result<Config, Line> {
    let refused = |words: String| Line::error(Problem::BadRequest, words);
    let Some((main, _)) = files.first() else {
        return Err(refused("a plan needs files".to_owned()));
    };
    let config = config::load_from(main, files).map_err(|errors| refused(errors.to_string()))?;
    fits(&config, present).map_err(refused)?;
    if emptied(&config, links) {
        return Err(refused(EMPTIED.to_owned()));
    }
    Ok(config)
}

/// Whether something can be said of these files with the daemon's connections.
pub(super) fn fits(config: &Config, present: &Config) -> Result<(), String> {
    let (theirs, ours) = (&config.settings, &present.settings);
    if theirs.company.realm_id != ours.company.realm_id {
        return Err(format!(
            "the files are about company {}, and this daemon keeps {}",
            theirs.company.realm_id, ours.company.realm_id
        ));
    }
    let addresses = [
        ("[staxbill] base_url", &theirs.staxbill.base_url, &ours.staxbill.base_url),
        ("[quickbooks] api_url", &theirs.quickbooks.api_url, &ours.quickbooks.api_url),
        ("[quickbooks] discovery_url", &theirs.quickbooks.discovery_url, &ours.quickbooks.discovery_url),
    ];
    if let Some((key, theirs, ours)) = addresses.into_iter().find(|(_, theirs, ours)| theirs != ours) {
        return Err(format!(
            "{key} of the files is {theirs}, and this daemon speaks to {ours}; ask with the address that is in force, \
             or end the daemon and ask without it"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_candidate_of_other_addresses_or_another_company_is_refused() {
        let text = include_str!("../../config/latchd.toml");
        let main = PathBuf::from("/etc/latchd/latchd.toml");
        let files = |text: &str| FileTexts(vec![(main.clone(), text.to_owned())]);
        let load = |text: &str| config::load_from(&main, &files(text).0).unwrap();
        let present = load(text);
        candidate(&files(text), &present, 0).unwrap();
        let realm = present.settings.company.realm_id.as_str();
        let at = |table: &str, line: &str| text.replacen(table, &format!("{table}\n{line}"), 1);
        let cases = [
            (text.replace(realm, "123"), "are about company 123"),
            (at("[staxbill]", "base_url = \"https://staging.example/v1\""), "[staxbill] base_url"),
            (at("[quickbooks]", "api_url = \"https://x.example\""), "[quickbooks] api_url"),
            (at("[quickbooks]", "discovery_url = \"https://x.example/d\""), "[quickbooks] discovery_url"),
        ];
        for (text, words) in cases {
            let refused = format!("{:?}", candidate(&files(&text), &present, 0).unwrap_err());
            assert!(refused.contains(words) && refused.contains("BadRequest"), "{refused}");
        }
        let other = at("[company]", "# another text");
        assert!(format!("{:?}", candidate(&files(&other), &present, 3).unwrap_err()).contains("allow_empty"));
    }
}
