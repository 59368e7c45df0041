use super::*;

fn leg(name: &'static str, raw: f64, value: f64) -> Contribution {
    Contribution {
        name,
        rank: Some(1),
        raw,
        calibrated: raw,
        weight: 1.0,
        value,
    }
}

fn concept(is_claimed: bool, evidence: &str) -> HitConcept {
    HitConcept {
        id: "c1".to_owned(),
        value: 0.9,
        relevance: 0.9,
        strength: 1.0,
        is_claimed,
        evidence: evidence.to_owned(),
    }
}

fn hit(contributions: Vec<Contribution>, concepts: Vec<HitConcept>, terms: &[&str]) -> Hit {
    Hit {
        id: "e1".to_owned(),
        tenant: "tenant_public".to_owned(),
        title: "Martin".to_owned(),
        score: contributions.iter().map(|leg| leg.value).sum(),
        contributions,
        matched_terms: terms.iter().map(|term| (*term).to_owned()).collect(),
        concepts,
        payload: String::new(),
    }
}

fn said(subject: Subject, hit: &Hit, filters: &Filters, language: Language) -> Vec<String> {
    let concepts = [ConceptRef {
        id: "c1".to_owned(),
        label: "Tournage CNC".to_owned(),
        path: Vec::new(),
    }];
    reasons(&Facts {
        subject,
        hit,
        concepts: &concepts,
        filters,
        language,
    })
}

fn french(hit: &Hit) -> Vec<String> {
    said(Subject::Company, hit, &Filters::new(), Language::French)
}

#[test]
fn claimed_and_found_know_how_are_told_apart() {
    let of = |is_claimed, evidence| {
        french(&hit(
            vec![leg("concept", 0.9, 0.2)],
            vec![concept(is_claimed, evidence)],
            &[],
        ))
    };
    assert_eq!(
        of(true, ""),
        ["Savoir-faire « Tournage CNC » déclaré par l'entreprise."]
    );
    assert_eq!(of(true, "tournage cnc"), of(true, ""));
    assert_eq!(
        of(false, "Atelier de tournage jusqu'à Ø 400."),
        [
            "Savoir-faire « Tournage CNC » relevé pour cette entreprise : \
          « Atelier de tournage jusqu'à Ø 400 »."
        ]
    );
    assert_eq!(of(true, "Déclaré par l'entreprise"), of(true, ""));
    assert_eq!(
        of(false, "« tournage CNC » : Moyens : tours …"),
        [
            "Savoir-faire « Tournage CNC » relevé pour cette entreprise — « tournage CNC » : Moyens : tours …"
        ]
    );
    assert!(of(false, &"très long ".repeat(40))[0].chars().count() < 260);
}

#[test]
fn words_are_counted_in_the_grammar() {
    let of = |terms: &[&str]| french(&hit(vec![leg("lexical", 3.0, 0.4)], Vec::new(), terms));
    assert_eq!(of(&["inox"]), ["Le mot « inox » figure dans sa fiche."]);
    assert_eq!(
        of(&["tôlerie", "inox", "agroalimentaire"]),
        ["Les mots « tôlerie », « inox » et « agroalimentaire » figurent dans sa fiche."]
    );
    let many = of(&["a", "b", "c", "d", "e", "f", "g", "h"]);
    assert!(
        many[0].ends_with("« f » et 2 autres figurent dans sa fiche."),
        "{many:?}"
    );
}

#[test]
fn the_leg_that_gives_most_speaks_first_and_small_ones_are_silent() {
    let legs = vec![
        leg("lexical", 1.0, 0.1),
        leg("subword", 0.1, 0.001),
        leg("vector", 0.62, 0.3),
        leg("concept", 0.0, 0.0),
        leg("context", 0.8, 0.05),
    ];
    assert_eq!(
        french(&hit(legs, Vec::new(), &["inox"])),
        [
            "Le sens du texte est proche de la demande (similarité 0,62).",
            "Le mot « inox » figure dans sa fiche.",
            "La fiche de l'entreprise est bien renseignée.",
        ]
    );
}

#[test]
fn filters_are_reasons_too() {
    let filters = Filters::from([
        (
            "region".to_owned(),
            vec!["Bretagne".to_owned(), "Normandie".to_owned()],
        ),
        ("department".to_owned(), vec!["29".to_owned()]),
    ]);
    let hit = hit(vec![leg("lexical", 1.0, 0.4)], Vec::new(), &["inox"]);
    assert_eq!(
        said(Subject::Company, &hit, &filters, Language::French)[1..],
        ["Entreprise située dans la région demandée (Bretagne ou Normandie)."]
    );
}

#[test]
fn english_is_spoken_on_request() {
    let legs = vec![leg("concept", 0.9, 0.2), leg("lexical", 1.0, 0.1)];
    let hit = hit(legs, vec![concept(true, "")], &["inox", "TIG"]);
    assert_eq!(
        said(Subject::Offer, &hit, &Filters::new(), Language::English),
        [
            "Know-how \"Tournage CNC\" asked for by the offer.",
            "The words \"inox\" and \"TIG\" are in the offer.",
        ]
    );
}

#[test]
fn a_hit_without_evidence_says_that_it_is_weak() {
    let said = french(&hit(vec![leg("context", 0.2, 0.01)], Vec::new(), &[]));
    assert!(said[0].starts_with("Rapprochement faible"), "{said:?}");
}

#[test]
fn the_second_reading_is_a_reason_where_it_finds_that_they_fit() {
    let read = |probability| hit(vec![leg("rerank", probability, 0.4)], Vec::new(), &[]);
    assert_eq!(
        french(&read(0.876)),
        ["Relue avec la demande, sa fiche y répond (pertinence 88 %)."]
    );
    assert_eq!(
        said(
            Subject::Offer,
            &read(0.9),
            &Filters::new(),
            Language::English
        ),
        ["Read together with the request, the offer answers it (relevance 90 %)."]
    );
    assert!(french(&read(0.3))[0].starts_with("Rapprochement faible"));
}
