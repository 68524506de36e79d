//! Measuring one source file.

use std::path::{Path, PathBuf};

use anyhow::Result;
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, ImplItemFn, ItemFn, ItemImpl, ItemMod, Meta, Signature, TraitItemFn};

/// A source file without its tests.
pub(super) struct Measured {
    pub(super) lines: usize,
    pub(super) functions: Vec<Function>,
}

/// A function, from its first keyword to its closing brace.
pub(super) struct Function {
    pub(super) file: PathBuf,
    /// From 1.
    pub(super) line: usize,
    pub(super) name: String,
    pub(super) lines: usize,
    /// With `self`, as clippy counts.
    pub(super) parameters: usize,
}

impl Function {
    /// Where it is, in a form that editors follow.
    pub(super) fn place(&self) -> String {
        format!("{}:{} {}", self.file.display(), self.line, self.name)
    }
}

/// Parses the source and measures it; source that does not parse is an error.
pub(super) fn measure(file: &Path, source: &str) -> Result<Measured> {
    let parsed = syn::parse_file(source)?;
    let mut visitor = Visitor { file, functions: Vec::new(), test_lines: 0 };
    visitor.visit_file(&parsed);
    Ok(Measured { lines: source.lines().count() - visitor.test_lines, functions: visitor.functions })
}

struct Visitor<'a> {
    file: &'a Path,
    functions: Vec<Function>,
    test_lines: usize,
}

impl Visitor<'_> {
    /// Whether the item is there for tests only; then its lines are set aside.
    fn leaves_out(&mut self, attributes: &[Attribute], span: Span) -> bool {
        let is_test = attributes.iter().any(is_cfg_test);
        if is_test {
            self.test_lines += span.end().line + 1 - span.start().line;
        }
        is_test
    }

    fn function(&mut self, signature: &Signature, body: &Block) {
        let start = signature.span().start().line;
        self.functions.push(Function {
            file: self.file.to_owned(),
            line: start,
            name: signature.ident.to_string(),
            lines: body.brace_token.span.close().end().line + 1 - start,
            parameters: signature.inputs.len(),
        });
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !self.leaves_out(&item.attrs, item.span()) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if !self.leaves_out(&item.attrs, item.span()) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !self.leaves_out(&item.attrs, item.span()) {
            self.function(&item.sig, &item.block);
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.function(&item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

fn is_cfg_test(attribute: &Attribute) -> bool {
    matches!(&attribute.meta, Meta::List(list) if list.path.is_ident("cfg") && list.tokens.to_string() == "test")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    const SOURCE: &str = "\
struct A;

impl A {
    /// Not counted.
    pub fn two(
        &self, a: u8) -> u8 {
        a
    }
}

trait B { fn declared(&self); fn one(&self) {} }

#[cfg(test)]
mod tests {
    fn test() {}
}
";

    #[test]
    fn functions_are_measured_and_tests_are_left_out() {
        let measured = measure(Path::new("a.rs"), SOURCE).unwrap();
        assert_eq!(measured.lines, 12);
        let functions = measured.functions.iter();
        let seen: Vec<_> = functions.map(|f| (f.place(), f.lines, f.parameters)).collect();
        assert_eq!(seen, [("a.rs:5 two".into(), 4, 2), ("a.rs:11 one".into(), 1, 1)]);
    }
}
