use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, Signature, UseTree};

use crate::{File, Violation};

/// What the rules want to know about one Rust file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outline {
    pub(crate) functions: Vec<Function>,
    pub(crate) types: Vec<Type>,
    pub(crate) modules: Vec<Spot>,
    /// Calls of `unwrap()` outside tests.
    pub(crate) unwraps: Vec<usize>,
    /// `allow` and `expect` attributes without a reason.
    pub(crate) silent_lints: Vec<usize>,
    /// Mentions of a `fs` module outside tests, such as `std::fs`.
    pub(crate) file_access: Vec<Spot>,
}

/// A name and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    pub(crate) name: String,
    pub(crate) line: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// From `fn` to the closing brace.
    pub(crate) lines: usize,
    /// Without `self`.
    pub(crate) arguments: usize,
    /// Whether a test runner calls it.
    pub(crate) is_test: bool,
    /// Whether a trait dictates its signature.
    pub(crate) is_dictated: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Type {
    pub(crate) name: String,
    pub(crate) line: usize,
    /// The fields of a struct, or of the largest variant of an enum.
    pub(crate) fields: usize,
    /// The variants of an enum; empty for everything else.
    pub(crate) variants: Vec<Spot>,
    /// Whether it derives `Serialize`.
    pub(crate) is_serialized: bool,
}

impl Outline {
    /// Reads `file`; a file that is no Rust is a violation.
    pub(crate) fn of(file: &File) -> Result<Self, Violation> {
        let parsed = syn::parse_file(&file.text).map_err(|error| {
            let line = error.span().start().line;
            Violation::at(&file.path, line, format!("is not Rust: {error}"))
        })?;
        let mut reader = Reader {
            outline: Self::default(),
            in_test: file.is_test(),
            in_trait_impl: false,
        };
        reader.visit_file(&parsed);
        Ok(reader.outline)
    }
}

struct Reader {
    outline: Outline,
    in_test: bool,
    in_trait_impl: bool,
}

impl Reader {
    fn within_test(&mut self, is_test: bool, walk: impl FnOnce(&mut Self)) {
        let outside = self.in_test;
        self.in_test |= is_test;
        walk(self);
        self.in_test = outside;
    }

    fn add_function(&mut self, signature: &Signature, whole: Span, attributes: &[Attribute]) {
        let line = line_of(signature.fn_token.span);
        let receiver = usize::from(signature.receiver().is_some());
        self.outline.functions.push(Function {
            name: signature.ident.to_string(),
            line,
            lines: whole.end().line + 1 - line,
            arguments: signature.inputs.len() - receiver,
            is_test: has_test_attribute(attributes),
            is_dictated: self.in_trait_impl,
        });
    }

    fn add_type(
        &mut self,
        name: &syn::Ident,
        attributes: &[Attribute],
        fields: usize,
        variants: Vec<Spot>,
    ) {
        self.outline.types.push(Type {
            name: name.to_string(),
            line: line_of(name.span()),
            fields,
            variants,
            is_serialized: derives_serialize(attributes),
        });
    }

    fn note_path(&mut self, segments: &[String], span: Span) {
        let is_access = segments
            .windows(2)
            .any(|pair| pair[1] == "fs" && FILE_LIBRARIES.contains(&pair[0].as_str()));
        if is_access && !self.in_test {
            self.outline.file_access.push(Spot {
                name: segments.join("::"),
                line: line_of(span),
            });
        }
    }

    fn note_use(&mut self, tree: &UseTree, prefix: &[String]) {
        let joined = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.note_use(&path.tree, &joined(&path.ident)),
            UseTree::Name(name) => self.note_path(&joined(&name.ident), name.span()),
            UseTree::Rename(rename) => self.note_path(&joined(&rename.ident), rename.span()),
            UseTree::Glob(glob) => self.note_path(prefix, glob.span()),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.note_use(tree, prefix);
                }
            }
        }
    }

    /// Looks through what a macro was given, which `syn` does not understand.
    fn note_tokens(&mut self, tokens: TokenStream, is_proptest: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (index, token) in tokens.iter().enumerate() {
            let next = tokens.get(index + 1).map(ToString::to_string);
            let word = token.to_string();
            if word == "." && next.as_deref() == Some("unwrap") && !self.in_test {
                self.outline.unwraps.push(line_of(token.span()));
            }
            if let (true, "fn", Some(name)) = (is_proptest, word.as_str(), next) {
                self.outline.functions.push(Function {
                    name,
                    line: line_of(token.span()),
                    lines: 1,
                    arguments: 0,
                    is_test: true,
                    is_dictated: false,
                });
            }
            if let TokenTree::Group(group) = token {
                self.note_tokens(group.stream(), false);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.outline.modules.push(Spot {
            name: item.ident.to_string(),
            line: line_of(item.ident.span()),
        });
        self.within_test(is_for_tests(&item.attrs), |it| {
            visit::visit_item_mod(it, item)
        });
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add_function(&item.sig, item.span(), &item.attrs);
        self.within_test(is_for_tests(&item.attrs), |it| {
            visit::visit_item_fn(it, item)
        });
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let outside = self.in_trait_impl;
        self.in_trait_impl = item.trait_.is_some();
        self.within_test(is_for_tests(&item.attrs), |it| {
            visit::visit_item_impl(it, item)
        });
        self.in_trait_impl = outside;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.add_function(&item.sig, item.span(), &item.attrs);
        self.within_test(is_for_tests(&item.attrs), |it| {
            visit::visit_impl_item_fn(it, item)
        });
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.add_function(&item.sig, item.span(), &item.attrs);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.add_type(&item.ident, &item.attrs, item.fields.len(), Vec::new());
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        let sizes = item.variants.iter().map(|variant| variant.fields.len());
        let variant = |variant: &syn::Variant| Spot {
            name: variant.ident.to_string(),
            line: line_of(variant.ident.span()),
        };
        let variants = item.variants.iter().map(variant).collect();
        self.add_type(&item.ident, &item.attrs, sizes.max().unwrap_or(0), variants);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.add_type(&item.ident, &item.attrs, 0, Vec::new());
        visit::visit_item_trait(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.add_type(&item.ident, &item.attrs, 0, Vec::new());
        visit::visit_item_type(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.within_test(is_for_tests(&item.attrs), |it| it.note_use(&item.tree, &[]));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|it| it.ident.to_string())
            .collect();
        self.note_path(&segments, path.span());
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if call.method == "unwrap" && call.args.is_empty() && !self.in_test {
            self.outline.unwraps.push(line_of(call.method.span()));
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.note_tokens(call.tokens.clone(), call.path.is_ident("proptest"));
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let is_lint = attribute.path().is_ident("allow") || attribute.path().is_ident("expect");
        if is_lint && !mentions(attribute, "reason") {
            self.outline.silent_lints.push(line_of(attribute.span()));
        }
    }
}

fn line_of(span: Span) -> usize {
    span.start().line
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    let is_cfg = |it: &Attribute| it.path().is_ident("cfg") && mentions(it, "test");
    has_test_attribute(attributes) || attributes.iter().any(is_cfg)
}

fn has_test_attribute(attributes: &[Attribute]) -> bool {
    let is_test = |it: &Attribute| {
        it.path()
            .segments
            .last()
            .is_some_and(|last| last.ident == "test")
    };
    attributes.iter().any(is_test)
}

fn derives_serialize(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|it| it.path().is_ident("derive") && mentions(it, "Serialize"))
}

/// Whether the arguments of an attribute contain the word `word`.
fn mentions(attribute: &Attribute, word: &str) -> bool {
    let syn::Meta::List(list) = &attribute.meta else {
        return false;
    };
    contains_word(list.tokens.clone(), word)
}

fn contains_word(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Group(group) => contains_word(group.stream(), word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

const FILE_LIBRARIES: [&str; 5] = ["std", "tokio", "cap_std", "rustix", "async_fs"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tree;

    fn outline(text: &str) -> Outline {
        let tree = Tree::of(&[("crates/a/src/lib.rs", text)]);
        Outline::of(tree.files().next().unwrap()).unwrap()
    }

    #[test]
    fn functions_are_measured_from_their_first_word_to_their_brace() {
        let found = outline(
            "/// Doc.\n#[inline]\npub fn add(\n    a: u8,\n    b: u8,\n) -> u8 {\n    a + b\n}\n",
        );
        assert_eq!((found.functions[0].line, found.functions[0].lines), (3, 6));
        assert_eq!(found.functions[0].arguments, 2);
    }

    #[test]
    fn unwraps_and_files_count_outside_tests_only() {
        let found = outline(
            "use std::{fs, io};\nfn f() { g().unwrap(); println!(\"{}\", g().unwrap()); }\n\
             #[cfg(test)]\nmod tests { use std::fs; fn f() { g().unwrap(); } }\n",
        );
        assert_eq!(found.unwraps, [2, 2]);
        assert_eq!(found.file_access.len(), 1);
    }

    #[test]
    fn tests_inside_proptest_are_seen() {
        let found = outline(
            "#[cfg(test)] mod tests { proptest! { #[test] fn it_holds_always(a: u8) {} } }",
        );
        assert_eq!(found.functions[0].name, "it_holds_always");
        assert!(found.functions[0].is_test);
    }

    #[test]
    fn lint_exceptions_without_a_reason_are_seen() {
        let found = outline(
            "#[allow(unused)]\nfn f() {}\n#[expect(unused, reason = \"why\")]\nfn g() {}\n",
        );
        assert_eq!(found.silent_lints, [1]);
    }
}
