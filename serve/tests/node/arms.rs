use actix_web::test::TestRequest;
use schemas::{Arm, ArmCard, ExperimentCard};
use serde_json::{Value, json};

use crate::harness::{Harness, Reply};

const EXPERIMENT: &str = "mots";
const INOX: &str = r#"{"query": "tôlerie inox pour l'agroalimentaire", "tenant": "tenant_demo"}"#;

/// Half of the users are answered by words alone.
fn card() -> ExperimentCard {
    let words =
        json!({ "lexical": 1.0, "subword": 0.0, "vector": 0.0, "concept": 0.0, "context": 0.0 });
    let arm_b = ArmCard {
        fusion: Some(words),
        ..ArmCard::default()
    };
    ExperimentCard {
        name: EXPERIMENT.to_owned(),
        share: 0.5,
        arms: [(Arm::A, ArmCard::default()), (Arm::B, arm_b)].into(),
    }
}

async fn experimenting() -> Harness {
    let harness = Harness::new();
    let pointer = harness.publish_experiment('a', card()).await;
    harness.announce("CURRENT", &pointer);
    assert_eq!(harness.current.refresh().await, serve::Refresh::Swapped);
    harness
}

async fn ask(harness: &Harness, user: Option<&str>) -> Reply {
    let request = TestRequest::post().uri("/api/match").set_payload(INOX);
    let request = match user {
        Some(user) => request.insert_header(("x-user-id", user)),
        None => request,
    };
    harness.send(request).await
}

/// A user of each arm.
fn users() -> [String; 2] {
    let tenant = "tenant_demo".parse().unwrap();
    let of = |arm: Arm| {
        let mut users = (0..100).map(|number| format!("user-{number}"));
        users.find(|user| card().enrol(&tenant, user).arm == arm)
    };
    [of(Arm::A).unwrap(), of(Arm::B).unwrap()]
}

fn legs(reply: &Reply) -> Vec<&str> {
    let shares = reply.body["shortlist"][0]["contributions"].as_array();
    let weighty = shares
        .unwrap()
        .iter()
        .filter(|share| share["weight"] != 0.0);
    weighty
        .map(|share| share["name"].as_str().unwrap())
        .collect()
}

#[actix_web::test]
async fn each_user_is_answered_by_the_own_arm_again_and_again_also_from_the_cache() {
    let harness = experimenting().await;
    let [a, b] = users();
    let mut first: Vec<Value> = Vec::new();
    for round in 0..3 {
        for (place, (user, arm)) in [(&a, "A"), (&b, "B")].into_iter().enumerate() {
            let reply = ask(&harness, Some(user)).await;
            assert_eq!(reply.status, 200, "{reply:?}");
            assert_eq!(reply.headers["x-arm"], arm);
            assert_eq!(reply.body["arm"], arm);
            let is_by_words_alone = legs(&reply) == ["lexical"];
            assert_eq!(is_by_words_alone, arm == "B", "{reply:?}");
            let shortlist = reply.body["shortlist"].clone();
            if round == 0 {
                first.push(shortlist);
            } else {
                assert_eq!(first[place], shortlist);
            }
        }
    }
    assert_ne!(first[0][0]["score"], first[1][0]["score"]);
    let results = &harness.get("/health").await.body["caches"]["results"];
    assert_eq!(results["hits"], 4, "{results}");
}

#[actix_web::test]
async fn who_names_no_user_is_served_arm_a_and_takes_no_part() {
    let harness = experimenting().await;
    let [a, b] = users();
    let reply = ask(&harness, None).await;
    assert_eq!(reply.headers["x-arm"], "A");
    assert_eq!(
        reply.body["shortlist"],
        ask(&harness, Some(&a)).await.body["shortlist"]
    );
    ask(&harness, Some(&b)).await;
    let told = |row: &Value, column: &str| row[column].as_str().map(str::to_owned);
    let rows = harness.logged();
    let told = |column| rows.iter().map(|row| told(row, column)).collect::<Vec<_>>();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        told("experiment"),
        [None, some(EXPERIMENT), some(EXPERIMENT)]
    );
    assert_eq!(told("arm"), [None, some("A"), some("B")]);
    let tenant = "tenant_demo".parse().unwrap();
    let hash = |user: &str| Some(card().enrol(&tenant, user).user_hash);
    assert_eq!(told("user_hash"), [None, hash(&a), hash(&b)]);
    assert!(rows.iter().all(|row| !row.to_string().contains(&b)));
}

#[actix_web::test]
async fn without_an_experiment_answers_and_log_name_no_arm() {
    let harness = Harness::serving().await;
    let reply = ask(&harness, Some("user-1")).await;
    assert_eq!(reply.status, 200);
    assert!(!reply.headers.contains_key("x-arm") && reply.body.get("arm").is_none());
    let rows = harness.logged();
    for column in ["experiment", "arm", "user_hash"] {
        assert_eq!(rows[0][column], Value::Null, "{column}");
    }
}

#[actix_web::test]
async fn a_user_that_cannot_be_read_is_refused_by_name() {
    let harness = experimenting().await;
    for user in [" ", &"x".repeat(201), "é"] {
        let reply = ask(&harness, Some(user)).await;
        assert_eq!(reply.status, 422, "{user}");
        assert!(
            reply.body.to_string().contains("X-User-Id"),
            "{}",
            reply.body
        );
    }
}
