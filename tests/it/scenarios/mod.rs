//! What goes wrong, and what latchd makes of it.
