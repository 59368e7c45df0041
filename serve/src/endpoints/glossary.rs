//! `GET /api/glossary/{path}`: the tree from Métier to Variante, one node at a time.

use actix_web::{HttpRequest, HttpResponse};
use matching::ConceptRef;
use serde::Serialize;

use crate::{
    ApiError, Code,
    edge::Arrival,
    node::Answering,
    parameters::Parameters,
    reference::{GlossaryNode, Supply, Thing},
};

#[derive(Debug, Serialize)]
struct Answer {
    request_id: String,
    snapshot_id: String,
    /// None at the root.
    node: Option<Shown>,
    /// The nodes below, by label.
    children: Vec<Shown>,
    /// The concepts that hang from the node itself.
    concepts: Vec<ConceptRef>,
    /// Companies that the tenant sees and that have a concept at or under the node; at the root, all companies.
    companies: u64,
}

#[derive(Debug, Serialize)]
struct Shown {
    id: String,
    label: String,
    level: u32,
    path: Vec<String>,
    path_ids: Vec<String>,
    description: Option<String>,
    synonyms: Vec<String>,
    /// Concepts at or under it.
    concepts: u64,
    /// Companies that have one of them.
    companies: u64,
}

impl Shown {
    fn new(node: &GlossaryNode, supply: &Supply, tenant: &str) -> Self {
        Self {
            id: node.node_id.clone(),
            label: node.label.clone(),
            level: node.level,
            path: node.path.clone(),
            path_ids: node.path_ids.clone(),
            description: node.description.clone(),
            synonyms: node.synonyms.clone(),
            concepts: node.concepts,
            companies: supply.companies(tenant, Thing::Node(&node.node_id), None),
        }
    }
}

/// Answers the node at the end of a path of labels or ids; without a path, the root.
pub(crate) async fn get(
    Answering(serving): Answering,
    arrival: Arrival,
    request: HttpRequest,
    mut parameters: Parameters,
) -> Result<HttpResponse, ApiError> {
    let tenant = parameters.take_tenant_or_public(&request)?;
    parameters.take_language()?;
    parameters.finish()?;
    let tenant = tenant.as_str();
    let (glossary, supply) = (
        serving.reference().glossary()?,
        serving.reference().supply()?,
    );
    let path = request.match_info().load::<String>().unwrap_or_default();
    let node = match path.trim_matches('/') {
        "" => None,
        path => Some(glossary.find(path).ok_or_else(|| unknown_node(path))?),
    };
    let of_node = |node: &GlossaryNode| serving.mentions().kin(&node.path).cloned().collect();
    let thing = node.map_or(Thing::All, |node| Thing::Node(&node.node_id));
    let children = glossary.children(node);
    Ok(HttpResponse::Ok().json(Answer {
        request_id: arrival.request_id,
        snapshot_id: serving.id().to_string(),
        node: node.map(|node| Shown::new(node, supply, tenant)),
        children: children
            .map(|node| Shown::new(node, supply, tenant))
            .collect(),
        concepts: node.map(of_node).unwrap_or_default(),
        companies: supply.companies(tenant, thing, None),
    }))
}

fn unknown_node(path: &str) -> ApiError {
    ApiError::new(
        Code::NotFound,
        format!("Le glossaire n'a rien à « {path} »."),
        format!("The glossary has nothing at \"{path}\"."),
    )
}
