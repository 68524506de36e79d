//! Runs a client that programmers really use, from `tests/clients`: one JSON object in, one
//! JSON object out. `cargo xtask test` installs the clients and sets the environment.

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A client that has not answered by then never will.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Runs `tests/clients/python/{script}`, for instance `idaas_core.py`.
pub(crate) fn python(script: &str, config: &Value) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/python");
    let mut command = Command::new(setting("WRIT_TEST_PYTHON"));
    // No compiled files beside the sources, and nothing from the user's own site-packages.
    command.args(["-B", "-s"]).arg(folder.join(script));
    run(command, script, config)
}

/// Runs `tests/clients/node/{script}`, for instance `openid_client.mjs`.
pub(crate) fn node(script: &str, config: &Value) -> Value {
    let mut command = Command::new(setting("WRIT_TEST_NODE"));
    // The scripts are a link beside the packages; Node must look for those where the link is.
    command.args(["--preserve-symlinks", "--preserve-symlinks-main"]);
    command.arg(PathBuf::from(setting("WRIT_TEST_NODE_MODULES")).join("clients").join(script));
    run(command, script, config)
}

#[expect(clippy::disallowed_methods, reason = "what `cargo xtask test` hands over")]
pub(crate) fn setting(name: &str) -> OsString {
    std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set: this test needs `cargo xtask test`"))
}

fn run(mut command: Command, script: &str, config: &Value) -> Value {
    let mut child = command
        .arg(config.to_string())
        .env("no_proxy", "127.0.0.1,localhost")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{script}: {error}"));
    let stdout = collected(child.stdout.take().unwrap());
    let stderr = collected(child.stderr.take().unwrap());
    let in_time = ended_in_time(&mut child);
    let (stdout, stderr) = (stdout.join().unwrap(), stderr.join().unwrap());
    assert!(in_time, "{script} gave no answer in {TIMEOUT:?}\n{stdout}{stderr}");
    serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{script} printed no JSON: {error}\n{stdout}{stderr}"))
}

/// Reads to the end on a thread of its own, so that a full pipe stops nobody.
fn collected(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn ended_in_time(child: &mut Child) -> bool {
    let started = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if started.elapsed() > TIMEOUT {
            child.kill().unwrap();
            child.wait().unwrap();
            return false;
        }
        sleep(Duration::from_millis(20));
    }
    true
}
