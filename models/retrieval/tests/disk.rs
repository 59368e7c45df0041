//! A collection on disk: built, opened, verified, and refused when it is not what was built.

#[path = "market/mod.rs"]
mod market;

use std::path::Path;

use market::{Ask, market, random_documents, random_query};
use retrieval::{Collection, Document, RetrievalError, Vectors, build, read_keys, verify};

#[tokio::test]
async fn what_is_built_is_what_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (documents, vectors) = random_documents(3, 200);
    let memory = Collection::in_memory(documents.clone(), Some(vectors.clone())).unwrap();
    let stats = build(folder.path(), documents, Some(vectors))
        .await
        .unwrap();
    let opened = Collection::open(folder.path()).await.unwrap();
    assert_eq!((opened.stats(), memory.stats()), (&stats, &stats));
    assert_eq!(
        (opened.model(), opened.dimension()),
        (Some("random"), Some(16))
    );
    for seed in 0..20 {
        let ask = random_query(seed, 50);
        assert_eq!(ask.of(&opened), ask.of(&memory));
    }
    assert_eq!(verify(folder.path()).await.unwrap(), stats);
    let mut keys = Vec::new();
    read_keys(folder.path(), |tenant, id| {
        keys.push((tenant.to_owned(), id.to_owned()))
    })
    .await
    .unwrap();
    let every = memory.every_document();
    let every: Vec<_> = every
        .map(|document| (document.tenant, document.id))
        .collect();
    assert_eq!(keys, every);
}

#[tokio::test]
async fn the_digest_depends_on_content_only() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (documents, vectors) = random_documents(4, 60);
    let first = build(one.path(), documents.clone(), Some(vectors.clone()))
        .await
        .unwrap();
    let reversed: Vec<Document> = documents.iter().rev().cloned().collect();
    let rows = vectors.rows.iter().rev().cloned().collect();
    let second = build(
        &other.path().join("é à"),
        reversed,
        Some(Vectors {
            rows,
            ..vectors.clone()
        }),
    )
    .await
    .unwrap();
    assert_eq!(first, second);
    let again = build(one.path(), documents.clone(), Some(vectors.clone()))
        .await
        .unwrap();
    assert_eq!(first, again);
    let lexical_only = build(one.path(), documents.clone(), None).await.unwrap();
    assert_ne!(first.digest, lexical_only.digest);
    assert!(
        Collection::open(one.path())
            .await
            .unwrap()
            .dimension()
            .is_none()
    );
    let mut changed = documents;
    changed[7].payload.push(' ');
    assert_ne!(
        build(one.path(), changed, Some(vectors))
            .await
            .unwrap()
            .digest,
        first.digest
    );
}

#[tokio::test]
async fn an_empty_collection_answers_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let stats = build(folder.path(), Vec::new(), None).await.unwrap();
    assert_eq!((stats.documents, stats.terms), (0, 0));
    let opened = Collection::open(folder.path()).await.unwrap();
    assert_eq!(Ask::text("usinage").of(&opened).matches, 0);
    verify(folder.path()).await.unwrap();
    let no_rows = Vectors {
        model: "m".to_owned(),
        dimension: 4,
        rows: vec![None; market().len()],
    };
    build(folder.path(), market(), Some(no_rows)).await.unwrap();
    let opened = Collection::open(folder.path()).await.unwrap();
    assert!(
        Ask {
            vector: Some(vec![1.0; 4]),
            ..Ask::text("usinage")
        }
        .of(&opened)
        .is_lexical_only
    );
}

#[tokio::test]
async fn contradictory_input_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut twice = market();
    twice.push(market().remove(0));
    let vectors = |rows| {
        Some(Vectors {
            model: "m".to_owned(),
            dimension: 2,
            rows,
        })
    };
    let inputs = [
        (twice, None),
        (market(), vectors(vec![None])),
        (market(), vectors(vec![Some(vec![1.0]); market().len()])),
        (
            market(),
            vectors(vec![Some(vec![f32::NAN, 1.0]); market().len()]),
        ),
    ];
    for (documents, vectors) in inputs {
        let refused = build(folder.path(), documents, vectors).await;
        assert!(matches!(refused, Err(RetrievalError::Invalid { .. })));
    }
}

#[tokio::test]
async fn a_damaged_collection_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (documents, vectors) = random_documents(9, 40);
    let other = tempfile::tempdir().unwrap();
    build(other.path(), market(), None).await.unwrap();
    for file in ["lexical.bin", "shown.bin", "vectors.bin", "collection.json"] {
        build(folder.path(), documents.clone(), Some(vectors.clone()))
            .await
            .unwrap();
        let path = folder.path().join(file);
        let bytes = std::fs::read(&path).unwrap();
        for at in [0, bytes.len() / 2] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0xff;
            std::fs::write(&path, damaged).unwrap();
            assert_corrupt(folder.path()).await;
        }
        std::fs::copy(other.path().join(file), &path).unwrap();
        assert_corrupt(folder.path()).await;
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(
            Collection::open(folder.path()).await,
            Err(RetrievalError::Io { .. })
        ));
    }
}

async fn assert_corrupt(folder: &Path) {
    let opened = Collection::open(folder).await;
    assert!(
        matches!(opened, Err(RetrievalError::Corrupt { .. })),
        "{opened:?}"
    );
    assert!(verify(folder).await.is_err());
}

#[tokio::test]
async fn mapped_files_of_another_collection_are_refused() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (documents, vectors) = random_documents(9, 40);
    let mut changed = (documents.clone(), vectors.clone());
    changed.0[3].payload.push(' ');
    let row = changed.1.rows.iter_mut().flatten().next().unwrap();
    row.reverse();
    build(other.path(), changed.0, Some(changed.1))
        .await
        .unwrap();
    for file in ["shown.bin", "vectors.bin"] {
        build(folder.path(), documents.clone(), Some(vectors.clone()))
            .await
            .unwrap();
        verify(folder.path()).await.unwrap();
        // Its own checksum holds, so only who compares it with the tables sees that it belongs elsewhere.
        std::fs::copy(other.path().join(file), folder.path().join(file)).unwrap();
        let refused = verify(folder.path()).await;
        assert!(
            matches!(refused, Err(RetrievalError::Corrupt { .. })),
            "{file}: {refused:?}"
        );
    }
}
