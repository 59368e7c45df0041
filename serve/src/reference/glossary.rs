//! The glossary tree.

use std::collections::HashMap;

use serde::Deserialize;

/// A row of `gold.glossary`.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct GlossaryNode {
    pub(crate) node_id: String,
    pub(crate) parent_id: Option<String>,
    pub(crate) level: u32,
    pub(crate) label: String,
    #[serde(default)]
    pub(crate) path: Vec<String>,
    #[serde(default)]
    pub(crate) path_ids: Vec<String>,
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) synonyms: Vec<String>,
    #[serde(default)]
    pub(crate) concepts: u64,
}

/// Nodes by id, and below each other.
#[derive(Debug, Default)]
pub(crate) struct Glossary {
    nodes: Vec<GlossaryNode>,
    by_id: HashMap<String, usize>,
    /// Parent (none for the top) → nodes below it, by label.
    below: HashMap<Option<String>, Vec<usize>>,
}

impl Glossary {
    pub(super) fn new(mut nodes: Vec<GlossaryNode>) -> Self {
        nodes.sort_by(|a, b| {
            let key = |node: &GlossaryNode| (text::fold(&node.label), node.node_id.clone());
            key(a).cmp(&key(b))
        });
        let mut glossary = Self::default();
        for (at, node) in nodes.iter().enumerate() {
            glossary.by_id.insert(node.node_id.clone(), at);
            let below = glossary.below.entry(node.parent_id.clone()).or_default();
            below.push(at);
        }
        glossary.nodes = nodes;
        glossary
    }

    /// Returns the nodes below one, or the Métiers, by label.
    pub(crate) fn children(
        &self,
        node: Option<&GlossaryNode>,
    ) -> impl Iterator<Item = &GlossaryNode> {
        let below = self.below.get(&node.map(|node| node.node_id.clone()));
        below.into_iter().flatten().map(|at| &self.nodes[*at])
    }

    /// Finds the node at the end of a path of labels or ids between slashes, from the top or from any node's id. Case and
    /// accents do not matter; a label may hold slashes itself.
    pub(crate) fn find(&self, path: &str) -> Option<&GlossaryNode> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        self.walk(None, &parts)
    }

    fn walk<'a>(
        &'a self,
        from: Option<&'a GlossaryNode>,
        parts: &[&str],
    ) -> Option<&'a GlossaryNode> {
        if parts.is_empty() {
            return from;
        }
        // Labels are no longer than the path: `Soudeur / Soudeuse` takes two parts of it.
        (1..=parts.len()).find_map(|taken| {
            let name = parts[..taken].join("/");
            let rest = &parts[taken..];
            let steps = self.named(from, name.trim()).into_iter();
            steps
                .into_iter()
                .find_map(|step| self.walk(Some(step), rest))
        })
    }

    /// The nodes that a name may mean below `from`: one with that id, then those with that label.
    fn named<'a>(&'a self, from: Option<&'a GlossaryNode>, name: &str) -> Vec<&'a GlossaryNode> {
        let is_below = |node: &GlossaryNode| {
            from.is_none_or(|from| node.parent_id.as_deref() == Some(from.node_id.as_str()))
        };
        let by_id = self.by_id.get(name).map(|at| &self.nodes[*at]);
        let folded = text::fold(name);
        let labelled = self
            .children(from)
            .filter(|node| text::fold(&node.label) == folded);
        by_id
            .filter(|node| is_below(node))
            .into_iter()
            .chain(labelled)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn glossary() -> Glossary {
        let node = |id: &str, parent: Option<&str>, label: &str| GlossaryNode {
            node_id: id.to_owned(),
            parent_id: parent.map(str::to_owned),
            label: label.to_owned(),
            ..GlossaryNode::default()
        };
        Glossary::new(vec![
            node("m", None, "Métal"),
            node("m-t", Some("m"), "Tôlerie / pliage"),
            node("m-t-f", Some("m-t"), "Tôlerie fine"),
            node("b", None, "Bois"),
        ])
    }

    #[test]
    fn a_path_is_made_of_labels_or_ids() {
        let glossary = glossary();
        let id = |path: &str| glossary.find(path).map(|node| node.node_id.as_str());
        for path in [
            "m/m-t/m-t-f",
            "m-t-f",
            "metal/tolerie / PLIAGE/Tôlerie fine/",
            "m/Tôlerie / pliage/m-t-f",
        ] {
            assert_eq!(id(path), Some("m-t-f"), "{path}");
        }
        for path in ["", "b/m-t", "métal/fer", "m//m-t", "Tôlerie fine"] {
            assert_eq!(id(path), None, "{path}");
        }
        let roots: Vec<_> = glossary
            .children(None)
            .map(|node| node.label.as_str())
            .collect();
        assert_eq!(roots, ["Bois", "Métal"]);
    }
}
