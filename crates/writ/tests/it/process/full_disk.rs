//! A disk that fills up while the server runs: nothing is half-written, known clients go on, and room is enough to
//! recover.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

use serde_json::json;

use super::application;
use crate::support::process::{Launch, Server};

/// Fills the file system to the last byte.
pub(super) fn fill(file: &Path) {
    let mut filler = File::create(file).unwrap();
    for block in [4096, 512, 1] {
        let bytes = vec![0; block];
        let error = loop {
            if let Err(error) = filler.write_all(&bytes) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
    }
}

/// Applies one application after the other until one is refused; what the journal has room for already may succeed.
fn apply_until_refused(server: &Server) -> (Vec<String>, String) {
    let mut applied = Vec::new();
    loop {
        let id = format!("app{}", applied.len());
        let ran = server.apply(&application(&id).to_string(), &[]);
        if ran.status != Some(0) {
            let told = ran.failed(1).json();
            assert_eq!((&told["error"], &told["status"]), (&"database_full".into(), &507.into()), "{told:#}");
            let words = told["error_description"].as_str().unwrap();
            assert!(words.starts_with("nothing was changed: ") && words.contains("make room"), "{words}");
            return (applied, id);
        }
        applied.push(id);
        assert!(applied.len() < 1000, "the disk does not fill");
    }
}

#[test]
fn a_full_disk_refuses_changes_whole_and_recovers_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let server = Launch::start_on_small_disk(folder.path(), "4m");
    server.apply(&application("known").to_string(), &[]).ok();
    server.assert_serves("known");
    let filler = server.dir().join("filler");
    fill(&filler);

    let (mut applied, refused) = apply_until_refused(&server);
    server.assert_serves("known");
    for _ in 0..3 {
        server.apply(&application(&refused).to_string(), &[]).failed(1);
        let ran = server.writ(&["secret", "issue", "known", "--name", "second"]).failed(1);
        assert!(ran.stderr.contains("the disk of the database is full"), "{ran}");
    }
    applied.push("known".to_owned());
    applied.sort();
    assert_eq!(server.applications(), applied);
    let secrets = server.writ(&["secret", "list", "known", "--output", "json"]).ok().json();
    assert_eq!(secrets.as_array().unwrap().len(), 1, "{secrets:#}");

    fs::remove_file(filler).unwrap();
    let rest = json!([application(&refused), application("later")]);
    server.apply(&rest.to_string(), &[]).ok();
    for id in applied.iter().map(String::as_str).chain([&*refused, "later"]) {
        server.assert_serves(id);
    }
    server.stop();
}
