//! A guide: its blocks in their order. A test takes every one, so that none is on the page that nobody has tried.

use std::collections::VecDeque;
use std::path::Path;

/// What is left of a page.
pub(super) struct Page {
    name: &'static str,
    /// The language and the text of each block.
    blocks: VecDeque<(String, String)>,
}

impl Page {
    pub(super) fn of(name: &'static str) -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../docs/guides/{name}.md"));
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut blocks = VecDeque::new();
        let mut open: Option<(String, String)> = None;
        for line in text.lines() {
            match (line.strip_prefix("```"), &mut open) {
                (Some(language), None) => open = Some((language.to_owned(), String::new())),
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (None, Some((_, text))) => {
                    text.push_str(line);
                    text.push('\n');
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{name}: a block without an end");
        Self { name, blocks }
    }

    /// The next block, which is of this language.
    #[track_caller]
    pub(super) fn next(&mut self, language: &str) -> String {
        let (found, text) = self.blocks.pop_front().unwrap_or_else(|| panic!("{}: no further block", self.name));
        assert_eq!(found, language, "{}: another block comes next:\n{text}", self.name);
        text
    }

    /// The first block that has this text.
    #[track_caller]
    pub(super) fn having(&self, text: &str) -> String {
        let found = self.blocks.iter().find(|(_, block)| block.contains(text));
        found.unwrap_or_else(|| panic!("{}: no block has `{text}`", self.name)).1.clone()
    }

    /// Ends the test unless every block was taken.
    #[track_caller]
    pub(super) fn ends(self) {
        assert!(self.blocks.is_empty(), "{}: nobody has tried {:#?}", self.name, self.blocks);
    }
}
