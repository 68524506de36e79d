//! The store itself: its statements, its faults.

mod faults;
mod reading;
mod statements;
