//! A store in memory over another one: for tests, and for plans, which look
//! at everything and must write nothing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Change, Row, Store, StoreError};

type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Reads through to `base`; commits stay in memory.
#[derive(Clone, Default)]
pub struct Overlay {
    base: Option<Arc<dyn Store>>,
    changes: Arc<Mutex<Changes>>,
}

impl Overlay {
    /// An empty store.
    pub fn empty() -> Self {
        Self::default()
    }

    /// A view of `base` that can be changed without changing it.
    pub fn over(base: Arc<dyn Store>) -> Self {
        Self { base: Some(base), changes: Arc::default() }
    }
}

impl Store for Overlay {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        match (changes.get(key), &self.base) {
            (Some(value), _) => Ok(value.clone()),
            (None, Some(base)) => base.get(key),
            (None, None) => Ok(None),
        }
    }

    fn scan(&self, prefix: &[u8], after: Option<&[u8]>, limit: usize) -> Result<Vec<Row>, StoreError> {
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        let from = after.map_or_else(|| prefix.to_vec(), |after| [after, b"\0"].concat());
        let mut ours = changes.range(from..).take_while(|(key, _)| key.starts_with(prefix)).peekable();
        let mut rows: Vec<Row> = Vec::new();
        let mut after = after.map(<[u8]>::to_vec);
        loop {
            let below = match &self.base {
                Some(base) => base.scan(prefix, after.as_deref(), limit)?,
                None => Vec::new(),
            };
            let exhausted = below.len() < limit;
            after = below.last().map(|(key, _)| key.clone());
            for (key, value) in below {
                while let Some((mine, change)) = ours.next_if(|(mine, _)| **mine < key) {
                    rows.extend(change.clone().map(|change| (mine.clone(), change)));
                }
                match ours.next_if(|(mine, _)| **mine == key) {
                    Some((_, change)) => rows.extend(change.clone().map(|change| (key, change))),
                    None => rows.push((key, value)),
                }
            }
            if exhausted {
                let rest = ours
                    .by_ref()
                    .filter_map(|(key, change)| change.clone().map(|change| (key.clone(), change)));
                rows.extend(rest);
            }
            if exhausted || rows.len() >= limit {
                rows.truncate(limit);
                return Ok(rows);
            }
        }
    }

    fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).extend(changes);
        Ok(())
    }

    fn waits(&self) -> bool {
        false
    }
}

/// What every store must do; run against each of them.
#[cfg(test)]
pub(super) fn conformance(store: &dyn Store) {
    let put = |key: &str, value: &str| (key.as_bytes().to_vec(), Some(value.as_bytes().to_vec()));
    let keys = |rows: Vec<Row>| {
        rows.into_iter().map(|(key, _)| String::from_utf8(key).unwrap()).collect::<Vec<_>>().join(" ")
    };
    store
        .commit(vec![
            put("a/1", "x"),
            put("a/2", "y"),
            put("a/3", "z"),
            put("b/1", "w"),
            put("c/kept", "yes"),
        ])
        .unwrap();
    assert_eq!(store.get(b"a/2").unwrap().as_deref(), Some(&b"y"[..]));
    assert_eq!(keys(store.scan(b"a/", None, 10).unwrap()), "a/1 a/2 a/3");
    assert_eq!(keys(store.scan(b"a/", None, 2).unwrap()), "a/1 a/2");
    assert_eq!(keys(store.scan(b"a/", Some(b"a/1"), 10).unwrap()), "a/2 a/3");
    store.commit(vec![(b"a/2".to_vec(), None), put("a/4", "v")]).unwrap();
    assert_eq!(keys(store.scan(b"a/", None, 10).unwrap()), "a/1 a/3 a/4");
    assert_eq!(store.get(b"a/2").unwrap(), None);
    assert_eq!(keys(store.scan(b"d/", None, 10).unwrap()), "");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_keeps_the_contract() {
        conformance(&Overlay::empty());
        conformance(&Overlay::over(Arc::new(Overlay::empty())));
    }

    #[test]
    fn an_overlay_changes_nothing_below() {
        let base = Arc::new(Overlay::empty());
        conformance(base.as_ref());
        let before = base.scan(b"", None, 100).unwrap();
        let over = Overlay::over(base.clone());
        let put = |key: &str| (key.as_bytes().to_vec(), Some(b"new".to_vec()));
        over.commit(vec![(b"a/1".to_vec(), None), put("a/0"), put("a/3"), put("a/35"), put("a/9")]).unwrap();
        for limit in 1..6 {
            let mut seen = Vec::new();
            let mut after: Option<Vec<u8>> = None;
            loop {
                let rows = over.scan(b"a/", after.as_deref(), limit).unwrap();
                seen.extend(rows.iter().map(|(key, _)| String::from_utf8(key.clone()).unwrap()));
                after = rows.last().map(|(key, _)| key.clone());
                if rows.len() < limit {
                    break;
                }
            }
            assert_eq!(seen.join(" "), "a/0 a/3 a/35 a/4 a/9", "limit {limit}");
        }
        assert_eq!(base.scan(b"", None, 100).unwrap(), before);
    }
}
