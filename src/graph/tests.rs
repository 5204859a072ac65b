//! Graphs from hand-made touchpoints.
