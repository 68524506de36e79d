//! The use cases of Writ: authenticate, permit, issue, apply; the model behind them and its store. Knows no HTTP.

pub mod document;
