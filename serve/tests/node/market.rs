//! The documents of the test snapshots.

use retrieval::{Document, DocumentConcept, Field};
use serde_json::{Value, json};

fn document(tenant: &str, id: &str, title: &str, text: &str, payload: Value) -> Document {
    Document {
        id: id.to_owned(),
        tenant: tenant.to_owned(),
        title: title.to_owned(),
        fields: vec![
            (Field::Name, title.to_owned()),
            (Field::Description, text.to_owned()),
        ],
        quality: 0.5,
        payload: payload.to_string(),
        ..Document::default()
    }
}

pub(crate) fn concepts() -> Vec<Document> {
    let concept = |id: &str, label: &str, definition: &str| {
        let payload = json!({"label": label, "path": ["Tôlerie", label], "definition": definition});
        let mut document = document("tenant_public", id, label, definition, payload);
        document.fields.push((Field::Label, label.to_owned()));
        document
    };
    vec![
        concept(
            "c_inox",
            "Tôlerie inox",
            "Mise en forme de tôles en acier inoxydable.",
        ),
        concept(
            "c_tournage",
            "Tournage CNC",
            "Usinage de pièces de révolution.",
        ),
    ]
}

pub(crate) fn companies() -> Vec<Document> {
    let company = |tenant: &str, id: &str, name: &str, text: &str, region: &str| {
        let concepts = json!([{"id": "c_inox", "label": "Tôlerie inox", "path": ["Tôlerie"]}]);
        let payload =
            json!({"name": name, "city": "Brest", "region": region, "concepts": concepts});
        let mut document = document(tenant, id, name, text, payload);
        document
            .facets
            .insert("region".to_owned(), vec![region.to_owned()]);
        document
    };
    let mut companies = vec![
        company(
            "tenant_public",
            "e1",
            "Inox Ouest",
            "Tôlerie inox agroalimentaire.",
            "Bretagne",
        ),
        company(
            "tenant_public",
            "e2",
            "Précision 69",
            "Tournage de précision.",
            "Occitanie",
        ),
        company(
            "tenant_public",
            "e3",
            "Soudure Nord",
            "Soudage inox.",
            "Hauts-de-France",
        ),
        company(
            "tenant_nord",
            "e4",
            "Secret Inox",
            "Tôlerie inox secrète.",
            "Hauts-de-France",
        ),
    ];
    // The only thing that says where 69003 is.
    let mut payload: Value = serde_json::from_str(&companies[1].payload).unwrap();
    payload["postal_code"] = json!("69003");
    (payload["latitude"], payload["longitude"]) = (json!(45.756), json!(4.868));
    companies[1].payload = payload.to_string();
    companies[0].concepts.push(DocumentConcept {
        id: "c_inox".to_owned(),
        strength: 1.0,
        is_claimed: true,
        evidence: "Tôlerie inox".to_owned(),
    });
    companies
}

pub(crate) fn offers() -> Vec<Document> {
    let offer = |tenant: &str, id: &str, title: &str, more: Value| {
        let mut payload = json!({
            "offer_id": id, "title": title, "description": "Poste en atelier.",
            "company_name": "Inox Ouest", "place_label": "29 - BREST", "contract_type": "CDI",
            "contract_label": "Contrat à durée indéterminée", "salary_label": "Mensuel de 2100 Euros",
            "competences": [{"code": "1", "libelle": "Souder à l'arc", "exigence": "E"}],
        });
        let more = more.as_object().unwrap().clone();
        payload.as_object_mut().unwrap().extend(more);
        document(tenant, id, title, "Poste en atelier.", payload)
    };
    let metrology = json!([{"code": "2", "libelle": "Métrologie", "exigence": "S"}]);
    vec![
        offer(
            "tenant_public",
            "o1",
            "Soudeur TIG",
            json!({"postal_code": "29200", "latitude": 48.3904, "longitude": -4.4861,
                   "salary_min_cents": 2_520_000, "salary_max_cents": 2_520_000}),
        ),
        offer(
            "tenant_public",
            "o2",
            "Tourneur",
            json!({"postal_code": "69003", "competences": metrology}),
        ),
        offer(
            "tenant_nord",
            "o3",
            "Soudeur secret",
            json!({"postal_code": "59000", "latitude": 50.63, "longitude": 3.06,
                   "salary_min_cents": 3_000_000, "salary_max_cents": 3_600_000}),
        ),
    ]
}
