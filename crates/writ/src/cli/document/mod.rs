//! The documents of `writ apply -f`: read, completed from the environment and files, checked, and every fault told
//! with file, line and column, whether it was found here or by the server.

mod node;
mod resolve;
mod source;
mod yaml;

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::path::PathBuf;
use std::rc::Rc;

use node::{Data, Node, Place};
use resolve::Surroundings;
use serde_json::{Value, json};
use writ_core::document;

use crate::config::Environment;

/// The documents of one `apply`, in the order in which they are sent.
#[derive(Default)]
pub(crate) struct Batch {
    documents: Vec<Located>,
}

/// A document, and where every part of it stands.
struct Located {
    file: Rc<str>,
    node: Node,
    value: Value,
    /// What came from the environment or files, and is not to be repeated.
    from_outside: Vec<String>,
}

/// What is wrong with a document, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    file: Rc<str>,
    place: Option<Place>,
    path: String,
    message: String,
}

impl Fault {
    /// For scripts.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "file": &*self.file,
            "line": self.place.map(|place| place.line),
            "column": self.place.map(|place| place.column),
            "path": self.path,
            "message": self.message,
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(place) = self.place {
            write!(f, ":{}:{}", place.line, place.column)?;
        }
        if self.path.is_empty() {
            write!(f, ": {}", self.message)
        } else {
            write!(f, ": {}: {}", self.path, self.message)
        }
    }
}

impl Batch {
    /// Reads what `-f` names. Every text and every document is looked at; any fault refuses the whole.
    pub(crate) fn load(paths: &[PathBuf], environment: &Environment, stdin: &mut dyn Read) -> Result<Self, Vec<Fault>> {
        let mut batch = Self::default();
        let mut faults = Vec::new();
        for source in source::read_all(paths, stdin) {
            match source {
                Ok(source) => batch.add(&source, environment, &mut faults),
                Err((name, message)) => {
                    faults.push(Fault { file: name.into(), place: None, path: String::new(), message });
                }
            }
        }
        faults.extend(batch.twice());
        if faults.is_empty() { Ok(batch) } else { Err(faults) }
    }

    /// Whether nothing at all is described.
    pub(crate) fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// The body of the request.
    pub(crate) fn to_json(&self) -> Value {
        self.documents.iter().map(|document| document.value.clone()).collect()
    }

    /// A fault that the server found, in terms of the files.
    pub(crate) fn fault(&self, document: usize, path: &str, message: &str) -> Option<Fault> {
        self.documents.get(document).map(|document| document.fault(path, message))
    }

    fn add(&mut self, source: &source::Source, environment: &Environment, faults: &mut Vec<Fault>) {
        let file: Rc<str> = source.name.as_str().into();
        let nodes = match yaml::parse(&source.text) {
            Ok(nodes) => nodes,
            Err(fault) => {
                return faults.push(Fault {
                    file,
                    place: Some(fault.place),
                    path: String::new(),
                    message: fault.message,
                });
            }
        };
        for mut node in nodes {
            let resolution = resolve::resolve(&mut node, &Surroundings { folder: &source.folder, environment });
            let unresolved = !resolution.faults.is_empty();
            faults.extend(resolution.faults.into_iter().map(|(place, path, message)| Fault {
                file: Rc::clone(&file),
                place: Some(place),
                path,
                message,
            }));
            let value = node.to_json();
            let located = Located { file: Rc::clone(&file), node, value, from_outside: resolution.values };
            // What could not be resolved would only be told a second time, in less fitting words.
            if !unresolved {
                faults.extend(located.check());
            }
            self.documents.push(located);
        }
    }

    /// The same object described twice would leave open which description is meant.
    fn twice(&self) -> Vec<Fault> {
        let mut first = HashMap::new();
        let mut faults = Vec::new();
        for document in &self.documents {
            let Some(identity) = document.identity() else { continue };
            let place = document.node.place;
            if let Some((file, at)) = first.insert(identity, (Rc::clone(&document.file), place)) {
                let Place { line, column } = at;
                faults.push(document.fault("", &format!("the same object stands already at {file}:{line}:{column}")));
            }
        }
        faults
    }
}

impl Located {
    fn check(&self) -> Option<Fault> {
        let fault = document::from_json(0, self.value.clone()).err()?;
        Some(self.fault(&fault.path, &fault.message))
    }

    fn identity(&self) -> Option<(String, String)> {
        let document = document::from_json(0, self.value.clone()).ok()?;
        Some((document.kind().to_string(), document.name().to_owned()))
    }

    fn fault(&self, path: &str, message: &str) -> Fault {
        let path = self.path_of_unknown_field(path, message).unwrap_or_else(|| path.to_owned());
        let place = Some(self.node.place_of(&path));
        Fault { file: Rc::clone(&self.file), place, path, message: self.without_values(message) }
    }

    /// Inside values whose `kind` decides their shape the reader loses the path; the message still has the name.
    fn path_of_unknown_field(&self, path: &str, message: &str) -> Option<String> {
        let (name, _) = message.strip_prefix("unknown field `")?.split_once('`')?;
        let Data::Mapping(members) = &self.node.at(path)?.data else { return None };
        let dot = if path.is_empty() { "" } else { "." };
        members.iter().any(|member| member.key == name).then(|| format!("{path}{dot}{name}"))
    }

    fn without_values(&self, message: &str) -> String {
        let outside = self.from_outside.iter().filter(|value| value.len() > 2);
        outside.fold(message.to_owned(), |message, value| message.replace(value.as_str(), "(value not shown)"))
    }
}

/// The documents of a text as they are read, for the test of what `get` writes.
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
pub(super) fn read_back(text: &str) -> Value {
    yaml::parse(text).unwrap().iter().map(Node::to_json).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new<const N: usize>(files: [(&str, &str); N]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in files {
                std::fs::write(folder.path().join(name), text).unwrap();
            }
            Self(folder)
        }

        fn load<const N: usize>(&self, names: &[&str], environment: [(&str, &str); N]) -> Result<Value, Vec<String>> {
            let paths: Vec<_> = names.iter().map(|name| self.path(name)).collect();
            Batch::load(&paths, &environment.into(), &mut &b"{kind: network_zone, name: stdin, cidrs: []}"[..])
                .map(|batch| batch.to_json())
                .map_err(|faults| faults.iter().map(|fault| self.shorten(fault)).collect())
        }

        fn path(&self, name: &str) -> PathBuf {
            if name == "-" { name.into() } else { self.0.path().join(name) }
        }

        fn shorten(&self, fault: &Fault) -> String {
            fault.to_string().replace(&format!("{}/", self.0.path().display()), "")
        }
    }

    const ZONE: &str = "kind: network_zone\nname: a\ncidrs: []\n";

    #[test]
    fn every_fault_of_every_document_is_told_with_file_line_and_column() {
        let folder = Folder::new([
            ("a.yaml", "kind: application\nid: x\nclients:\n  - grant: []\n---\nkind: rout\n---\n- kind: tenant\n"),
            ("b.yaml", "kind: network_zone\nname: 7\ncidrs: []\n"),
            ("c.json", "{\"kind\": \"network_zone\",\n \"name\": \"a\", \"name\": \"b\"}"),
            ("notes.txt", "ignored: ["),
        ]);
        let faults = folder.load(&["."], []).unwrap_err().join("\n").replace("./", "");
        let expected = [
            "a.yaml:4:5: clients[0].grant: unknown field `grant`, expected one of",
            "a.yaml:6:1: kind: unknown kind `rout`; the kinds are tenant,",
            "a.yaml:8:3: missing field `name`",
            "b.yaml:2:1: name: invalid type: integer `7`, expected a string",
            "c.json:2:15: the key `name` stands here twice",
        ];
        let lines: Vec<_> = faults.lines().collect();
        assert_eq!(lines.len(), expected.len(), "{faults}");
        for (line, start) in lines.iter().zip(expected) {
            assert!(line.starts_with(start), "{line}\n{start}");
        }
    }

    #[test]
    fn an_unknown_field_of_a_credential_is_told_where_it_stands() {
        let text = "kind: application\nid: x\nclients:\n  - credentials:\n      - kind: secret\n        valeu: 1\n";
        let faults = Folder::new([("a.yaml", text)]).load(&["a.yaml"], []).unwrap_err();
        assert!(
            faults[0].starts_with("a.yaml:6:9: clients[0].credentials[0].valeu: unknown field `valeu`"),
            "{faults:?}"
        );
    }

    #[test]
    fn values_come_from_the_environment_and_from_files_beside_the_document() {
        let text = "kind: network_zone\nname: {from_env: NAME}\ncidrs: [{from_file: range.txt}]\n";
        let folder = Folder::new([("a.yaml", text), ("range.txt", "203.0.113.0/24\r\n")]);
        let documents = folder.load(&["a.yaml", "-"], [("NAME", "office")]).unwrap();
        assert_eq!(documents[0], json!({"kind": "network_zone", "name": "office", "cidrs": ["203.0.113.0/24"]}));
        assert_eq!(documents[1]["name"], "stdin");
    }

    #[test]
    fn keys_and_certificates_come_from_files() {
        let key = include_str!("../../../../writ-core/tests/it/pem/ec.pub.pem");
        let certificate = include_str!("../../../../writ-core/tests/it/pem/first.crt.pem");
        let crl = include_str!("../../../../writ-core/tests/it/pem/crl.pem");
        let text = "kind: provider\nname: ca\ntype: private_ca\nanchors: [{from_file: ca.pem}]\ncrls: [{from_file: crl.pem}]\n---\n\
                    kind: provider\nname: p7\ntype: pkcs7\nsigners: [{from_file: ca.pem}]\nsigning_time: attribute\nmax_age: 5m\n---\n\
                    kind: application\nid: x\nclients:\n  - credentials:\n      - {kind: public_key, pem: {from_file: key.pem}}\n      \
                    - {kind: certificate, pem: {from_env: CERTIFICATE}}\n";
        let folder = Folder::new([("a.yaml", text), ("ca.pem", certificate), ("crl.pem", crl), ("key.pem", key)]);
        let documents = folder.load(&["a.yaml"], [("CERTIFICATE", certificate)]).unwrap();
        assert_eq!(documents[0]["anchors"][0], certificate.trim_end());
        assert_eq!(documents[0]["crls"][0], crl.trim_end());
        assert_eq!(documents[1]["signers"][0], certificate.trim_end());
        let credentials = &documents[2]["clients"][0]["credentials"];
        assert_eq!((&credentials[0]["pem"], &credentials[1]["pem"]), (&json!(key.trim_end()), &json!(certificate)));
    }

    #[test]
    fn what_is_missing_is_named_and_never_empty() {
        let text = "kind: network_zone\nname: {from_env: NAME}\ncidrs:\n  - {from_file: none}\n  - {from_file: empty}\n  - {from_env: A, x: 1}\n  - from_file: [1]\n";
        let folder = Folder::new([("a.yaml", text), ("empty", "\n")]);
        for environment in [[("NAME", "")], [("OTHER", "x")]] {
            let faults = folder.load(&["a.yaml"], environment).unwrap_err();
            assert_eq!(faults[0], "a.yaml:2:7: name: the environment variable NAME is not set or empty");
            assert!(faults[1].starts_with("a.yaml:4:5: cidrs[0]: none: No such file"), "{faults:?}");
            assert_eq!(faults[2], "a.yaml:5:5: cidrs[1]: empty: the file is empty");
            assert_eq!(faults[3], "a.yaml:6:5: cidrs[2]: `from_env` stands alone; nothing can be added to it");
            assert_eq!((faults[4].as_str(), faults.len()), ("a.yaml:7:5: cidrs[3]: `from_file` takes one string", 5));
        }
    }

    #[test]
    fn a_value_from_outside_is_not_repeated_in_a_fault() {
        let text = "kind: application\nid: x\nstatus: {from_env: SECRET}\n";
        let faults = Folder::new([("a.yaml", text)]).load(&["a.yaml"], [("SECRET", "hunter2")]).unwrap_err();
        assert!(faults[0].contains("(value not shown)") && !faults[0].contains("hunter2"), "{faults:?}");
    }

    #[test]
    fn one_object_twice_is_refused_naming_both_places() {
        let folder =
            Folder::new([("a.yaml", ZONE), ("b.yaml", "---\nkind: network_zone\nname: a\ncidrs: [\"::1\"]\n")]);
        let faults = folder.load(&["a.yaml", "b.yaml"], []).unwrap_err();
        assert!(
            faults[0].starts_with("b.yaml:2:1: the same object stands already at ")
                && faults[0].ends_with("a.yaml:1:1")
        );
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let folder = Folder::new([("a.yaml", ZONE)]);
        std::fs::create_dir(folder.path("empty")).unwrap();
        let faults = folder.load(&["none.yaml", "empty", "-", "-"], []).unwrap_err();
        assert!(faults[0].starts_with("none.yaml: No such file"), "{faults:?}");
        assert_eq!(faults[1], "empty: the folder holds no *.yaml, *.yml or *.json");
        assert_eq!(faults[2], "-: standard input can be read once");
    }

    #[test]
    fn a_fault_of_the_server_is_told_in_terms_of_the_files() {
        let folder = Folder::new([("a.yaml", ZONE), ("b.yaml", "- kind: tenant\n  name: t\n  hosts: [a, b]\n")]);
        let paths = [folder.path("a.yaml"), folder.path("b.yaml")];
        let batch = Batch::load(&paths, &Environment::default(), &mut &b""[..]).ok().unwrap();
        let fault = batch.fault(1, "hosts[1]", "already taken").unwrap();
        assert_eq!(folder.shorten(&fault), "b.yaml:3:14: hosts[1]: already taken");
        assert_eq!(batch.fault(2, "", ""), None);
    }
}
