//! The inputs that the fuzzer found worth keeping, through the functions that the fuzzer calls.

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::fuzz_targets::TARGETS;

fn listed(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

#[test]
fn every_input_of_the_corpus_keeps_every_promise_and_takes_no_time() {
    let mut broken = Vec::new();
    for (target, check) in TARGETS {
        for file in listed(&corpus().join(target)) {
            let input = fs::read(&file).unwrap();
            let start = Instant::now();
            let kept = catch_unwind(|| check(&input)).is_ok();
            // A hundred times what the slowest takes here, because machines can be busy.
            if !kept || start.elapsed() > Duration::from_secs(5) {
                broken.push((file, start.elapsed()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A target without inputs would never be run by the test above.
#[test]
fn every_target_has_a_folder_in_the_corpus_and_every_folder_a_target() {
    let targets = BTreeSet::from(TARGETS.map(|(target, _)| corpus().join(target)));
    assert_eq!(BTreeSet::from_iter(listed(&corpus())), targets);
    assert!(targets.iter().all(|folder| !listed(folder).is_empty()));
}
