//! Files that do not load, and what is told about them.
