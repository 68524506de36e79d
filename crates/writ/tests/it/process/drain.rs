//! Ctrl-C and SIGTERM: what is under way is finished, nothing new is taken, and the status is 0.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::{application, secret_of, server};
use crate::support::process::Server;

/// A token request whose body is still on its way.
struct Request {
    stream: BufReader<TcpStream>,
    body: String,
}

impl Request {
    /// Sends the head, and waits until the server asks for the body: then it is under way.
    fn begin(server: &Server) -> Self {
        let secret = secret_of("known").replace(' ', "+").replace(',', "%2C");
        let body = format!("grant_type=client_credentials&client_id=known&client_secret={secret}&scope=read");
        let host = server.said("public").strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let head = format!(
            "POST /oauth2/token HTTP/1.1\r\nHost: {host}\r\nExpect: 100-continue\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut request = Self { stream: BufReader::new(stream), body };
        assert_eq!(request.line(), "HTTP/1.1 100 Continue");
        assert_eq!(request.line(), "");
        request
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Sends the body and reads the answer to its end.
    fn finish(mut self) -> String {
        self.stream.get_mut().write_all(self.body.as_bytes()).unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

fn wait_until_closed(server: &Server) {
    let started = Instant::now();
    while TcpStream::connect(server.said("public").strip_prefix("http://").unwrap()).is_ok() {
        assert!(started.elapsed() < Duration::from_secs(30), "the listener stays open");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_request_that_is_under_way_is_answered_and_no_other_is_taken() {
    for signal in ["INT", "TERM"] {
        let (_folder, server) = server();
        server.apply(&application("known").to_string(), &[]).ok();
        let request = Request::begin(&server);
        server.signal(signal);
        wait_until_closed(&server);
        let answer = request.finish();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("\"access_token\":"), "{answer}");
        server.ended();
    }
}

#[test]
fn a_second_ctrl_c_does_not_wait() {
    let (_folder, server) = server();
    let _request = Request::begin(&server);
    server.signal("INT");
    wait_until_closed(&server);
    server.signal("INT");
    server.ended_with(130);
}
