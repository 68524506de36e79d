//! From YAML text to nodes. JSON is read by the same parser, being YAML.
//!
//! Only what JSON can say is taken: no tags of one's own, no merge keys, no key twice. Aliases are copied within the
//! same bounds as what is written out, so that a short file cannot grow without end.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use saphyr::Scalar;
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Span, StrInput, Tag};
use serde_json::Value;
use serde_json::value::Number;

use super::node::{Data, Member, Node, Place, Size};

/// The most values in one file, aliases copied out.
const MAX_NODES: usize = 1_000_000;
/// The most bytes in one file, aliases copied out.
pub(super) const MAX_BYTES: usize = 64 << 20;
/// The deepest nesting; also bounds every recursion over nodes.
const MAX_DEPTH: usize = 64;

/// Why a text could not be read, and where.
#[derive(Debug)]
pub(super) struct SyntaxFault {
    pub(super) place: Place,
    pub(super) message: String,
}

/// Every document of a text; a list is as many documents as it has items, an empty document none.
pub(super) fn parse(text: &str) -> Result<Vec<Node>, SyntaxFault> {
    let text = json_surrogates(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut parser: Parser<'_, StrInput<'_>> = Parser::new_from_str(&text);
    let mut builder = Builder::default();
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| fault(*error.marker(), error.info()))?;
        builder.take(event, span)?;
    }
    Ok(builder.documents)
}

fn place(marker: Marker) -> Place {
    Place { line: marker.line(), column: marker.col() + 1 }
}

fn fault(marker: Marker, message: impl Into<String>) -> SyntaxFault {
    SyntaxFault { place: place(marker), message: message.into() }
}

#[derive(Default)]
struct Builder {
    documents: Vec<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    used: Size,
}

/// A collection whose end has not been read.
struct Open {
    anchor: usize,
    place: Place,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { members: Vec<Member>, seen: HashSet<String>, key: Option<(String, Place)> },
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxFault> {
        let at = span.start;
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.anchors.clear();
                Ok(())
            }
            Event::SequenceStart(anchor, tag) => self.begin(anchor, tag, Content::Sequence(Vec::new()), at),
            Event::MappingStart(anchor, tag) => {
                let content = Content::Mapping { members: Vec::new(), seen: HashSet::new(), key: None };
                self.begin(anchor, tag, content, at)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            Event::Scalar(text, style, anchor, tag) => {
                self.spend(Size { nodes: 1, bytes: text.len(), depth: 1 }, at)?;
                if self.awaits_key() {
                    return self.key(&text, style, at);
                }
                let data = Data::Scalar(scalar(text, style, tag.as_ref(), at)?);
                self.put(anchor, Node { place: place(at), data });
                Ok(())
            }
            Event::Alias(anchor) => {
                let original = self.anchors.get(&anchor).cloned();
                let mut copy = original.ok_or_else(|| fault(at, "an alias cannot refer to what contains it"))?;
                copy.place = place(at);
                self.spend(copy.size(), at)?;
                if self.awaits_key() {
                    return Err(fault(at, "a key cannot be an alias"));
                }
                self.put(0, copy);
                Ok(())
            }
        }
    }

    fn begin(
        &mut self,
        anchor: usize,
        tag: Option<Cow<'_, Tag>>,
        content: Content,
        at: Marker,
    ) -> Result<(), SyntaxFault> {
        if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) {
            return Err(fault(at, format!("the tag `{tag}` means nothing here")));
        }
        if self.awaits_key() {
            return Err(fault(at, "a key must be a word"));
        }
        self.spend(Size { nodes: 1, bytes: 0, depth: 1 }, at)?;
        self.open.push(Open { anchor, place: place(at), content });
        Ok(())
    }

    fn end(&mut self, at: Marker) -> Result<(), SyntaxFault> {
        let Some(open) = self.open.pop() else { return Err(fault(at, "unexpected end of a collection")) };
        let data = match open.content {
            Content::Sequence(items) => Data::Sequence(items),
            Content::Mapping { members, .. } => Data::Mapping(members),
        };
        self.put(open.anchor, Node { place: open.place, data });
        Ok(())
    }

    fn awaits_key(&self) -> bool {
        matches!(self.open.last(), Some(Open { content: Content::Mapping { key: None, .. }, .. }))
    }

    /// Takes a key as it is written: keys are words in every document.
    fn key(&mut self, text: &str, style: ScalarStyle, at: Marker) -> Result<(), SyntaxFault> {
        if text == "<<" && style == ScalarStyle::Plain {
            return Err(fault(at, "merge keys (`<<`) are not supported; write the values out"));
        }
        if let Some(Open { content: Content::Mapping { seen, key, .. }, .. }) = self.open.last_mut() {
            if !seen.insert(text.to_owned()) {
                return Err(fault(at, format!("the key `{text}` stands here twice")));
            }
            *key = Some((text.to_owned(), place(at)));
        }
        Ok(())
    }

    fn put(&mut self, anchor: usize, node: Node) {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            Some(Content::Sequence(items)) => items.push(node),
            Some(Content::Mapping { members, key, .. }) => {
                if let Some((key, place)) = key.take() {
                    members.push(Member { key, place, value: node });
                }
            }
            None => self.documents.extend(documents_of(node)),
        }
    }

    fn spend(&mut self, size: Size, at: Marker) -> Result<(), SyntaxFault> {
        self.used.nodes = self.used.nodes.saturating_add(size.nodes);
        self.used.bytes = self.used.bytes.saturating_add(size.bytes);
        if self.used.nodes > MAX_NODES || self.used.bytes > MAX_BYTES {
            return Err(fault(at, "too large: more than a million values or 64 MiB, aliases copied out"));
        }
        if self.open.len() + size.depth > MAX_DEPTH {
            return Err(fault(at, format!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(())
    }
}

fn documents_of(node: Node) -> Vec<Node> {
    match node.data {
        Data::Sequence(items) => items,
        Data::Scalar(Value::Null) => Vec::new(),
        Data::Scalar(_) | Data::Mapping(_) => vec![node],
    }
}

fn scalar(
    text: Cow<'_, str>,
    style: ScalarStyle,
    tag: Option<&Cow<'_, Tag>>,
    at: Marker,
) -> Result<Value, SyntaxFault> {
    if let Some(tag) = tag.filter(|tag| !tag.is_yaml_core_schema()) {
        return Err(fault(at, format!("the tag `{tag}` means nothing here")));
    }
    match Scalar::parse_from_cow_and_metadata(text, style, tag) {
        Some(Scalar::Null) => Ok(Value::Null),
        Some(Scalar::Boolean(value)) => Ok(Value::Bool(value)),
        Some(Scalar::Integer(value)) => Ok(Value::from(value)),
        Some(Scalar::FloatingPoint(value)) => Number::from_f64(value.into_inner())
            .map(Value::Number)
            .ok_or_else(|| fault(at, "infinity and not-a-number have no place here; quote it if it is a word")),
        Some(Scalar::String(value)) => Ok(Value::String(value.into_owned())),
        None => Err(fault(at, "the value does not fit its tag")),
    }
}

/// JSON writes a character beyond U+FFFF as two escapes, which YAML does not know:
///
/// > To escape an extended character that is not in the Basic Multilingual Plane, the character is represented as a
/// > 12-character sequence, encoding the UTF-16 surrogate pair.
///
/// <https://www.rfc-editor.org/rfc/rfc8259#section-7>
///
/// In a text that is JSON, such a pair becomes YAML's single escape; any other text stays as it is.
fn json_surrogates(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") || serde_json::from_str::<serde::de::IgnoredAny>(text).is_err() {
        return Cow::Borrowed(text);
    }
    let mut joined = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.find('\\').and_then(|at| rest.split_at_checked(at)) {
        joined.push_str(before);
        let (taken, after) = match surrogate_pair(escape) {
            Some((character, after)) => {
                // Writing to a String cannot fail.
                let _ = write!(joined, "\\U{:08X}", u32::from(character));
                ("", after)
            }
            // A backslash and what it escapes, so that `\\u` is not taken for the beginning of an escape.
            None => escape.split_at_checked(2).unwrap_or((escape, "")),
        };
        joined.push_str(taken);
        rest = after;
    }
    joined.push_str(rest);
    Cow::Owned(joined)
}

fn surrogate_pair(escape: &str) -> Option<(char, &str)> {
    let unit = |text: &str| u16::from_str_radix(text.strip_prefix("\\u")?, 16).ok();
    let pair = [unit(escape.get(..6)?)?, unit(escape.get(6..12)?)?];
    let character = char::decode_utf16(pair).next()?.ok().filter(|character| u32::from(*character) > 0xFFFF)?;
    Some((character, escape.get(12..)?))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn values(text: &str) -> Vec<Value> {
        parse(text).unwrap().iter().map(Node::to_json).collect()
    }

    fn fails(text: &str) -> (usize, usize, String) {
        let fault = parse(text).err().unwrap();
        (fault.place.line, fault.place.column, fault.message)
    }

    #[test]
    fn documents_are_separated_listed_or_empty() {
        let text = "# nothing\n---\na: 1\n---\n- b: [x, '1', 1, true, null, 1.5]\n- c: ''\n---\n---\n";
        let expected = vec![json!({"a": 1}), json!({"b": ["x", "1", 1, true, null, 1.5]}), json!({"c": ""})];
        assert_eq!(values(text), expected);
        assert!(values("").is_empty());
    }

    #[test]
    fn json_is_read_as_it_is_meant() {
        for text in [
            r#"{"a":"\ud83d\ude00 \\ud83d\\ude00 \u5927\/\b","b":[1,-2,1e3,2.5,true,false,null,{}],"":[]}"#,
            "{\n\t\"a\": [\n\t\t{\"b\":1},\t2\n\t],\n\t\"url\":\"https://x/#y: z\"\n}\n",
            r#"{"long":"a\nb\t\"c\" # : - ","x":{"y":{"z":[[[]]]}}}"#,
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(values(text), [expected], "{text}");
        }
    }

    #[test]
    fn a_surrogate_pair_outside_json_is_left_alone() {
        assert_eq!(values(r"a: '\ud83d\ude00'"), [json!({"a": r"\ud83d\ude00"})]);
    }

    #[test]
    fn a_key_twice_is_refused_where_it_stands_again() {
        assert_eq!(fails("a: 1\nb:\n  c: 1\n  c: 2\n"), (4, 3, "the key `c` stands here twice".to_owned()));
    }

    #[test]
    fn a_syntax_fault_says_where() {
        let (line, _, message) = fails("a: 1\nb: [1, 2\nc: 3\n");
        assert!(line >= 2 && !message.is_empty());
    }

    #[test]
    fn what_json_cannot_say_is_refused() {
        for text in
            ["a: !mine 1", "a: !!binary aGk=", "? [a]\n: b", "<<: {a: 1}", "a: .inf", "a: &x [*x]", "a: *nowhere"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_alias_is_a_copy_and_stands_where_it_is_used() {
        let nodes = parse("- a: &x {b: [1]}\n- c: *x\n").unwrap();
        assert_eq!(nodes[1].to_json(), json!({"c": {"b": [1]}}));
        assert_eq!(nodes[1].place_of("c"), Place { line: 2, column: 3 });
    }

    #[test]
    fn a_bomb_of_aliases_does_not_explode() {
        let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
        for level in 1..10 {
            let copies = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(text, "a{level}: &a{level} [{copies}]").unwrap();
        }
        assert!(fails(&text).2.starts_with("too large"));
        let wide = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(100));
        assert!(fails(&wide).2.starts_with("too large"));
        let mut deep = "a0: &a0 [x]\n".to_owned();
        for level in 1..100 {
            writeln!(deep, "a{level}: &a{level} [*a{}]", level - 1).unwrap();
        }
        assert!(fails(&deep).2.starts_with("nested deeper"));
    }

    #[test]
    fn deep_nesting_is_refused_before_it_is_built() {
        for text in ["[".repeat(100_000), "- ".repeat(100_000), "{a: ".repeat(100)] {
            assert!(parse(&text).is_err());
        }
    }

    #[test]
    fn paths_lead_to_keys_items_or_the_nearest_thing_around() {
        let text = "kind: application\nclients:\n  - grants: [a, b]\n    x.y:\n      z: 1\n";
        let node = parse(text).unwrap().remove(0);
        let place = |path: &str| {
            let place = node.place_of(path);
            (place.line, place.column)
        };
        assert_eq!(place("clients[0].grants[1]"), (3, 17));
        assert_eq!(place("clients[0].grants"), (3, 5));
        assert_eq!(place("clients[0].x.y.z"), (5, 7));
        assert_eq!(place("clients[0].missing"), (3, 5));
        assert_eq!(place("clients[9]"), (2, 1));
        assert_eq!(place(""), (1, 1));
    }
}
