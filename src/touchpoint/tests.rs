//! Touchpoints of small trees.
