//! The real program: servers on folders of their own, started and ended as a supervisor does it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::command::{Ran, run, run_with_input};

/// A server that is not ready or not gone by then never will be.
const TIMEOUT: Duration = Duration::from_mins(1);

/// A command of this program with an environment of its own, so that nothing of the developer's leaks in.
pub(crate) fn writ() -> Command {
    from_clean_environment(Command::new(env!("CARGO_BIN_EXE_writ")))
}

#[expect(clippy::disallowed_methods, reason = "the search path is all that the program inherits")]
fn from_clean_environment(mut command: Command) -> Command {
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// A user whom file modes bind.
pub(crate) const NOBODY: &str = "65534";

/// Whether this is the superuser.
pub(crate) fn is_root() -> bool {
    let mut id = Command::new("id");
    id.arg("-u");
    run(id).ok().stdout == "0\n"
}

/// Any free port.
const FREE: &str = "127.0.0.1:0";

/// A server that is about to be started, on free ports.
pub(crate) struct Launch {
    command: Command,
    dir: PathBuf,
}

impl Launch {
    /// `writ serve` on this folder.
    pub(crate) fn serve(dir: &Path) -> Self {
        Self::serve_on(dir, "--public", FREE)
    }

    /// `writ serve` on this folder, with one listener at an address of its own.
    pub(crate) fn serve_on(dir: &Path, listener: &str, address: &str) -> Self {
        Self::new(writ(), "serve", dir).listening(listener, address)
    }

    /// `writ demo` on this folder.
    pub(crate) fn demo(dir: &Path) -> Self {
        Self::new(writ(), "demo", dir).listening("--public", FREE)
    }

    /// `writ serve` as a user whom file modes bind: root is not.
    pub(crate) fn serve_unprivileged(dir: &Path) -> Self {
        if !is_root() {
            return Self::serve(dir);
        }
        let user = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")];
        Self::serve_within(&["setpriv", &user[0], &user[1], "--clear-groups"], dir)
    }

    /// `writ serve` started by another program, which becomes it.
    pub(crate) fn serve_within(starter: &[&str], dir: &Path) -> Self {
        let [program, arguments @ ..] = starter else { panic!("no program") };
        let mut command = from_clean_environment(Command::new(program));
        command.args(arguments).arg(env!("CARGO_BIN_EXE_writ"));
        Self::new(command, "serve", dir).listening("--public", FREE)
    }

    fn new(mut command: Command, mode: &str, dir: &Path) -> Self {
        command.arg(mode).arg("--dir").arg(dir);
        Self { command, dir: dir.to_owned() }
    }

    fn listening(mut self, listener: &str, address: &str) -> Self {
        for known in ["--public", "--admin", "--gateway"] {
            self.command.args([known, if known == listener { address } else { FREE }]);
        }
        self
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// With further arguments.
    pub(crate) fn arguments(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets the working directory, which a relative folder of the server is then taken from.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self.dir = folder.join(&self.dir);
        self
    }

    /// Runs a server that cannot start, to its end.
    pub(crate) fn refused(self) -> Ran {
        run(self.command).failed(1)
    }

    /// Runs a server that was called wrongly, to its end.
    pub(crate) fn misused(self) -> Ran {
        run(self.command).failed(2)
    }

    /// Starts the server, and ends it after a while as a power cut does, ready or not.
    pub(crate) fn cut_off(mut self, after: Duration) {
        let mut child = self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Starts the server in a mount namespace of its own, where its folder is a small file system; waits until it is
    /// ready.
    pub(crate) fn start_on_small_disk(dir: &Path, size: &str) -> Server {
        let mount = format!("mount -t tmpfs -o mode=700,size={size} tmpfs \"$0\" && exec \"$@\"");
        let folder = dir.to_str().unwrap();
        // Who is not root already is root in a user namespace.
        let starter = ["unshare", "--mount", "--map-root-user", "sh", "-c", &mount, folder];
        let mut server = Self::serve_within(&starter, dir).start_unread();
        // The mount is visible to the server only, and through it.
        server.dir = PathBuf::from(format!("/proc/{}/root{folder}", server.child.id()));
        server.admin = server.read_admin_file();
        server
    }

    /// Starts the server and waits until it says that it is ready.
    pub(crate) fn start(self) -> Server {
        let mut server = self.start_unread();
        server.admin = server.read_admin_file();
        server
    }

    fn start_unread(mut self) -> Server {
        let spawned = self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.unwrap_or_else(|error| panic!("{:?}: {error}", self.command));
        let stderr = collected(child.stderr.take().unwrap());
        let lines = Mutex::new(lines(child.stdout.take().unwrap()));
        let mut server = Server { child, lines, stdout: String::new(), stderr, dir: self.dir, admin: Value::Null };
        server.wait_until_ready();
        server
    }
}

/// A running server. It is killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    lines: Mutex<Receiver<String>>,
    /// What it has printed so far.
    pub(crate) stdout: String,
    stderr: Arc<Mutex<String>>,
    dir: PathBuf,
    admin: Value,
}

impl Server {
    /// A member of `admin.json`, such as `public`.
    pub(crate) fn said(&self, member: &str) -> &str {
        self.admin[member].as_str().unwrap_or_else(|| panic!("admin.json has no `{member}`"))
    }

    /// The issuer of a front door.
    pub(crate) fn issuer(&self, door: &str) -> &str {
        self.admin["issuers"][door].as_str().unwrap_or_else(|| panic!("admin.json has no issuer `{door}`"))
    }

    /// A command for this server.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = writ();
        command.args(arguments).arg("--dir").arg(&self.dir);
        command
    }

    /// Runs a command for this server.
    pub(crate) fn writ(&self, arguments: &[&str]) -> Ran {
        run(self.command(arguments))
    }

    /// Applies documents given as text, with further arguments.
    pub(crate) fn apply(&self, documents: &str, arguments: &[&str]) -> Ran {
        let arguments: Vec<_> = ["apply", "-f", "-", "--output", "json"].iter().chain(arguments).copied().collect();
        run_with_input(self.command(&arguments), documents)
    }

    /// Asks for a token as `writ token` does; the answer is the object it prints.
    pub(crate) fn token(&self, client: &str, secret: &str, scope: &str) -> Value {
        let arguments = ["token", "--client-id", client, "--client-secret", secret, "--scope", scope];
        self.writ(&[&arguments[..], &["--output", "json"]].concat()).json()
    }

    /// The folder, as other processes reach it.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.stderr.lock().unwrap().clone()
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name, such as `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let mut kill = Command::new("sh");
        kill.args(["-c", "kill -s \"$0\" \"$1\"", name, &self.child.id().to_string()]);
        run(kill).ok();
    }

    /// Ends it as a supervisor does.
    pub(crate) fn stop(self) {
        self.signal("TERM");
        self.ended();
    }

    /// Waits until it has ended, by itself and well.
    pub(crate) fn ended(self) {
        self.ended_with(0);
    }

    /// Waits until it has ended by itself, with this status.
    pub(crate) fn ended_with(mut self, expected: i32) {
        self.read_until(|_| false);
        let status = self.child.wait().unwrap();
        let log = self.log();
        assert_eq!(status.code(), Some(expected), "{log}");
        assert!(!log.contains("panicked at"), "{log}");
    }

    /// Ends it as a power cut does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn wait_until_ready(&mut self) {
        let ready = self.read_until(|line| line == "ready");
        assert!(ready, "the server did not get ready\n{}\n{}", self.stdout, self.log());
    }

    /// Reads what it prints up to a line; `false` when it ended without.
    fn read_until(&mut self, is_last: impl Fn(&str) -> bool) -> bool {
        let started = Instant::now();
        loop {
            match self.lines.get_mut().unwrap().recv_timeout(TIMEOUT.saturating_sub(started.elapsed())) {
                Ok(line) => {
                    self.stdout.push_str(&line);
                    self.stdout.push('\n');
                    if is_last(&line) {
                        return true;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return false,
                Err(RecvTimeoutError::Timeout) => {
                    panic!("no progress in {TIMEOUT:?}\n{}\n{}", self.stdout, self.log())
                }
            }
        }
    }

    fn read_admin_file(&self) -> Value {
        let text = std::fs::read_to_string(self.dir.join("admin.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; there is nothing else to do about either.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a pipe, as they come; the channel closes with the pipe, which is when the process ends.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            // Nobody listens any more when the server was dropped.
            let Ok(()) = sender.send(line.unwrap()) else { return };
        }
    });
    receiver
}

/// The text of a pipe so far. What a thread is still writing is never half a line.
fn collected(pipe: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let shared = Arc::clone(&text);
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            let mut text = shared.lock().unwrap();
            text.push_str(&line.unwrap());
            text.push('\n');
        }
    });
    text
}
