//! The store itself: its statements, its faults.

mod faults;
mod migrations;
mod reading;
mod statements;
