//! Starting: the edges of a real process.

use std::path::Path;
use std::sync::Arc;

use uuid::Uuid;

use super::{Exit, Failure};
use crate::clock::SystemClock;
use crate::config::{self, Config, SecretSources};
use crate::daemon::{EMPTIED, emptied};
use crate::engine::{Edges, Engine};
use crate::http::WireTransport;

/// The network, the clock and the secrets of this machine.
pub(super) fn edges() -> Result<Edges, Failure> {
    let secrets = SecretSources::of_process();
    let wire = || {
        WireTransport::new(&secrets.env)
            .map_err(|error| Failure::new(Exit::Unfinished, format!("error: {error}")))
    };
    let (transport, alerts) = (Arc::new(wire()?), Arc::new(wire()?));
    Ok(Edges { transport, alerts, clock: Arc::new(SystemClock), secrets, epoch: Uuid::new_v4() })
}

/// Files and engine for a command that makes one pass; one that only looks
/// leaves a state that is not sound as it is.
pub(super) fn engine(path: &Path, looks: bool) -> Result<(Config, Engine), Failure> {
    let config = config::load(path)?;
    let open = if looks { Engine::open_to_look } else { Engine::open };
    let engine = open(&config, edges()?)?;
    let links = engine.register.marks()?.links;
    if emptied(&config, links) {
        return Err(Failure::new(Exit::InvalidFiles, format!("error: {EMPTIED}\n\nnothing was changed")));
    }
    Ok((config, engine))
}
