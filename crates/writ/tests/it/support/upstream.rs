//! A server behind the gateway, written by hand: it notes every byte of every request, and answers as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request as it arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Request line and headers, with their line ends.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// What stood between the last chunk and the end.
    pub(crate) trailers: String,
    /// Whether its end could not be found, or in two places.
    pub(crate) broken: bool,
}

/// A running server.
pub(crate) struct Upstream {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
    open: Arc<Mutex<Vec<TcpStream>>>,
    stopped: Arc<AtomicBool>,
}

type Answer = dyn Fn(&Seen, &mut TcpStream) + Send + Sync;

impl Upstream {
    /// One that answers every request with 200 and `ok`.
    pub(crate) fn plain() -> Self {
        Self::answering(|_, stream| drop(stream.write_all(OK.as_bytes())))
    }

    /// One that answers each request, read to its end, as it is told.
    pub(crate) fn answering(answer: impl Fn(&Seen, &mut TcpStream) + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), answer)
    }

    /// The same at an address of its own.
    pub(crate) fn at(address: SocketAddr, answer: impl Fn(&Seen, &mut TcpStream) + Send + Sync + 'static) -> Self {
        let answer: Arc<Answer> = Arc::new(answer);
        Self::listening(address, move |stream, seen| serve(stream, seen, &*answer))
    }

    /// One that does with each connection what it is told.
    pub(crate) fn speaking(speak: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        Self::listening("127.0.0.1:0".parse().unwrap(), move |stream, _| speak(stream))
    }

    fn listening(address: SocketAddr, speak: impl Fn(TcpStream, &Mutex<Vec<Seen>>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let upstream = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            connections: Arc::default(),
            open: Arc::default(),
            stopped: Arc::default(),
        };
        let (seen, connections) = (Arc::clone(&upstream.seen), Arc::clone(&upstream.connections));
        let (open, stopped) = (Arc::clone(&upstream.open), Arc::clone(&upstream.stopped));
        let speak = Arc::new(speak);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                connections.fetch_add(1, Ordering::SeqCst);
                let (stream, seen, speak) = (stream.unwrap(), Arc::clone(&seen), Arc::clone(&speak));
                let other = stream.try_clone().unwrap();
                open.lock().unwrap().push(stream.try_clone().unwrap());
                std::thread::spawn(move || {
                    speak(stream, &seen);
                    // The caller may have gone first.
                    drop(other.shutdown(Shutdown::Both));
                });
            }
        });
        upstream
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The one request so far.
    #[track_caller]
    pub(crate) fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:#?}");
        seen.remove(0)
    }

    /// Forgets the requests so far.
    pub(crate) fn forget(&self) {
        self.seen.lock().unwrap().clear();
    }

    /// How many connections were made to it.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Upstream {
    /// The address refuses connections from then on, and those that are open end.
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        // The listener is closed when its thread has seen this connection.
        while TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok() {
            std::thread::sleep(Duration::from_millis(5));
        }
        for stream in self.open.lock().unwrap().drain(..) {
            // Most have ended already.
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

/// The answer of a plain upstream.
pub(crate) const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok";

/// An address at which nobody listens.
pub(crate) fn nowhere() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn serve(stream: TcpStream, seen: &Mutex<Vec<Seen>>, answer: &Answer) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        seen.lock().unwrap().push(request.clone());
        if request.broken {
            return;
        }
        answer(&request, &mut writer);
    }
}

/// Reads a request as strictly as one can; `None` at the end of the connection, or of what can be understood.
pub(crate) fn read(reader: &mut impl BufRead) -> Option<Seen> {
    let mut seen = Seen { head: section(reader)?, ..Seen::default() };
    let owned = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let (lengths, codings) = (owned(seen.all("content-length")), owned(seen.all("transfer-encoding")));
    let whole = match (&lengths[..], &codings[..]) {
        ([], []) => Some(()),
        ([length], []) => length.parse().ok().and_then(|length: u64| {
            let read = reader.take(length).read_to_end(&mut seen.body).ok()?;
            (read as u64 == length).then_some(())
        }),
        ([], [coding]) if coding == "chunked" => {
            chunks(reader, &mut seen.body).map(|trailers| seen.trailers = trailers)
        }
        (_, _) => None,
    };
    seen.broken = whole.is_none();
    Some(seen)
}

/// Reads chunks and then the trailers.
fn chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> Option<String> {
    loop {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.strip_suffix("\r\n")?, 16).ok()?;
        if size == 0 {
            return section(reader);
        }
        reader.take(size as u64).read_to_end(body).ok()?;
        let mut end = [0; 2];
        reader.read_exact(&mut end).ok()?;
        (&end == b"\r\n").then_some(())?;
    }
}

/// Lines up to an empty one.
fn section(reader: &mut impl BufRead) -> Option<String> {
    let mut lines = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            return Some(lines);
        }
        lines.push_str(&line);
    }
}

impl Seen {
    /// The request line, without HTTP's version.
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap().strip_suffix(" HTTP/1.1").unwrap()
    }

    /// Every value of a header.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let lines = self.head.lines().skip(1).map(|line| line.split_once(':').unwrap());
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
    }

    /// A header that is there once at most.
    #[track_caller]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let all = self.all(name);
        assert!(all.len() < 2, "{name} is there twice: {}", self.head);
        all.first().copied()
    }
}
