//! The fuzzer: libFuzzer around one of the targets, which the variable `WRIT_FUZZ_TARGET` names.

#![no_main]

use std::sync::LazyLock;

mod targets;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("WRIT_FUZZ_TARGET").unwrap_or_default();
    let target = targets::TARGETS.iter().find(|(known, _)| *known == name);
    target.unwrap_or_else(|| panic!("WRIT_FUZZ_TARGET names no target: {name:?}")).1
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| TARGET(input));
