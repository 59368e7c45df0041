//! How a selector says what it means: by name, or by something that jobs have.

use crate::{
    facts::{JobFacts, Outcome, Part, Standing},
    glob::Pattern,
    graph::{Graph, Node},
};

/// What a job must be or have.
#[derive(Debug, Clone)]
pub(crate) enum Method {
    /// Its name, what it writes, or its layer.
    Name(Pattern),
    Tag(Pattern),
    Owner(Pattern),
    Layer(Pattern),
    ResourceType(Pattern),
    Dag(Pattern),
    Source(Pattern),
    /// A file or folder, relative to the project.
    Path(Pattern),
    /// A file's name, with or without its ending.
    File(Pattern),
    State(State),
    Result(Outcome),
    /// Its landing files are others.
    Fresher,
}

/// A state against an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    New,
    Old,
    Unmodified,
    /// New, or changed in more than its environment.
    Modified,
    /// Changed in this part.
    ModifiedIn(Part),
}

/// The methods, as a selector names them.
pub(crate) const METHODS: [&str; 14] = [
    "name",
    "fqn",
    "tag",
    "owner",
    "group",
    "layer",
    "resource_type",
    "dag",
    "source",
    "path",
    "file",
    "state",
    "result",
    "source_status",
];

const STATES: [&str; 9] = [
    "modified",
    "modified.sql",
    "modified.contract",
    "modified.code",
    "modified.config",
    "modified.environment",
    "new",
    "old",
    "unmodified",
];

impl Method {
    /// Reads a method and its value; the error says what is wrong with the value.
    pub(crate) fn new(method: Option<&str>, value: &str) -> Result<Self, String> {
        let pattern = || Pattern::new(value);
        let Some(method) = method else {
            let is_file = [".sql", ".toml", ".rs"].iter().any(|e| value.ends_with(e));
            return match value {
                path if path.contains('/') => pattern().map(Self::Path),
                _ if is_file => pattern().map(Self::File),
                _ => pattern().map(Self::Name),
            };
        };
        Ok(match method {
            "name" | "fqn" => Self::Name(pattern()?),
            "tag" => Self::Tag(pattern()?),
            "owner" | "group" => Self::Owner(pattern()?),
            "layer" => Self::Layer(pattern()?),
            "resource_type" => Self::ResourceType(pattern()?),
            "dag" => Self::Dag(pattern()?),
            "source" => Self::Source(pattern()?),
            "path" => Self::Path(pattern()?),
            "file" => Self::File(pattern()?),
            "state" => Self::State(state(value)?),
            "result" => {
                let found = Outcome::NAMES.iter().find(|(name, _)| *name == value);
                let known = || Outcome::NAMES.map(|(name, _)| name).join(", ");
                let found =
                    found.ok_or_else(|| format!("`{value}` is no result: expected {}", known()));
                Self::Result(found?.1)
            }
            "source_status" if value == "fresher" => Self::Fresher,
            "source_status" => {
                return Err(format!("`{value}` is no source status: expected fresher"));
            }
            _ => return Err(format!("there is no method `{method}`")),
        })
    }

    /// Says whether a job is what is meant.
    pub(crate) fn matches(&self, node: &Node, facts: &JobFacts) -> bool {
        let standing = facts.standing.as_ref();
        match self {
            Self::Name(p) => {
                p.matches(&node.name) || p.matches(&node.writes) || p.text() == node.layer
            }
            Self::Tag(p) => node.tags.iter().any(|tag| p.matches(tag)),
            Self::Owner(p) => node.owner.as_ref().is_some_and(|owner| p.matches(owner)),
            Self::Layer(p) => p.matches(&node.layer),
            Self::ResourceType(p) => p.matches(&node.resource_type),
            Self::Dag(p) => node.dags.iter().any(|dag| p.matches(dag)),
            Self::Source(p) => {
                let is =
                    |table: &String| p.matches(table) || p.matches(&format!("landing.{table}"));
                node.sources.iter().any(is)
            }
            Self::Path(p) => node.paths.iter().any(|path| p.holds(path)),
            Self::File(p) => node.paths.iter().any(|path| {
                let file = path.rsplit('/').next().unwrap_or(path);
                let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
                p.matches(file) || p.matches(stem)
            }),
            Self::State(State::New) => standing == Some(&Standing::New),
            Self::State(State::Old) => standing.is_some_and(|one| *one != Standing::New),
            Self::State(State::Unmodified) => standing.is_some_and(|one| !one.is_modified()),
            Self::State(State::Modified) => standing.is_some_and(Standing::is_modified),
            Self::State(State::ModifiedIn(part)) => {
                matches!(standing, Some(Standing::Changed(parts)) if parts.contains(part))
            }
            Self::Result(outcome) => facts.outcome == Some(*outcome),
            Self::Fresher => facts.is_fresher,
        }
    }

    /// Returns what no job is or has, and what comes near, where matching nothing is a slip of the hand.
    pub(crate) fn missing(&self, graph: &Graph) -> Option<(String, String)> {
        let nodes = || graph.nodes().iter();
        let (what, pattern, known): (&str, &Pattern, Vec<String>) = match self {
            Self::State(_) | Self::Result(_) | Self::Fresher => return None,
            Self::Name(p) => (
                "is called",
                p,
                nodes()
                    .flat_map(|n| [n.name.clone(), n.writes.clone(), n.layer.clone()])
                    .collect(),
            ),
            Self::Tag(p) => (
                "has the tag",
                p,
                nodes().flat_map(|n| n.tags.clone()).collect(),
            ),
            Self::Owner(p) => (
                "has the owner",
                p,
                nodes().filter_map(|n| n.owner.clone()).collect(),
            ),
            Self::Layer(p) => (
                "is in the layer",
                p,
                nodes().map(|n| n.layer.clone()).collect(),
            ),
            Self::ResourceType(p) => (
                "makes a",
                p,
                nodes().map(|n| n.resource_type.clone()).collect(),
            ),
            Self::Dag(p) => (
                "belongs to the DAG",
                p,
                nodes().flat_map(|n| n.dags.clone()).collect(),
            ),
            Self::Source(p) => (
                "reads the landing table",
                p,
                nodes().flat_map(|n| n.sources.clone()).collect(),
            ),
            Self::Path(p) | Self::File(p) => (
                "is said by the file",
                p,
                nodes().flat_map(|n| n.paths.clone()).collect(),
            ),
        };
        Some((format!("{what} {}", pattern.text()), near(pattern, known)))
    }
}

fn state(value: &str) -> Result<State, String> {
    let unknown = || {
        let expected = STATES.join(", ");
        Err(format!("`{value}` is no state: expected one of {expected}"))
    };
    Ok(match value.split_once('.') {
        None => match value {
            "modified" => State::Modified,
            "new" => State::New,
            "old" => State::Old,
            "unmodified" => State::Unmodified,
            _ => return unknown(),
        },
        Some(("modified", part)) => match Part::NAMES.iter().find(|(name, _)| *name == part) {
            Some((_, part)) => State::ModifiedIn(*part),
            None => return unknown(),
        },
        Some(_) => return unknown(),
    })
}

/// How many are suggested.
const NEAR: usize = 4;

/// Names what comes near a value, as the end of a sentence.
fn near(pattern: &Pattern, mut known: Vec<String>) -> String {
    known.sort();
    known.dedup();
    known.retain(|one| !one.is_empty());
    if pattern.is_glob() {
        return String::new();
    }
    let said = nearest(pattern.text(), known.iter().map(String::as_str));
    match said.as_slice() {
        [] if known.len() <= 12 && !known.is_empty() => format!("; there is {}", known.join(", ")),
        [] => String::new(),
        said => format!("; did you mean {}?", said.join(", ")),
    }
}

/// Returns the names that somebody may have meant: those that hold the text, then those that are written alike.
pub(crate) fn nearest<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let distance = |name: &str| {
        let short = name.rsplit(['.', '/']).next().unwrap_or(name);
        strsim::osa_distance(name, text).min(strsim::osa_distance(short, text))
    };
    let mut found: Vec<(usize, &str)> = known
        .map(|name| (distance(name), name))
        .filter(|(far, name)| *far <= 1 + text.len() / 5 || (text.len() > 2 && name.contains(text)))
        .collect();
    found.sort();
    found.into_iter().take(NEAR).map(|(_, name)| name).collect()
}
