//! A lake with small snapshots in a temporary folder, and a node that serves it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use actix_web::{
    App,
    body::to_bytes,
    dev::Service,
    http::{StatusCode, header::HeaderValue},
    middleware::from_fn,
    test::{TestRequest, init_service},
    web::Data,
};
use encoder::Encoder;
use retrieval::{Document, Vectors};
use schemas::{
    EncoderCard, ExperimentCard, FileEntry, MANIFEST_CHECKSUM, MANIFEST_FILE, MANIFEST_FORMAT,
    Manifest, Pointer, RerankerCard, SnapshotId,
};
use serde_json::{Value, json};
use serve::{Collector, CollectorSettings, Current, Gatekeeper, Loader, Node, NodeParts, Permits};
use snapshot::Reader;
use tempfile::TempDir;

use crate::market;

/// A lake, and the parts of the node that serves it.
pub(crate) struct Harness {
    lake: TempDir,
    pub(crate) current: Arc<Current>,
    pub(crate) collector: Arc<Collector>,
    pub(crate) gatekeeper: Arc<Gatekeeper>,
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

impl Harness {
    pub(crate) fn new() -> Self {
        Self::with_weights(Path::new("no-weights"))
    }

    /// An empty lake, and a node with the encoders of a folder.
    pub(crate) fn with_weights(weights: &Path) -> Self {
        Self::reranking_within(weights, Duration::from_secs(60))
    }

    /// As [`Harness::with_weights`], and so much time to rerank.
    pub(crate) fn reranking_within(weights: &Path, budget: Duration) -> Self {
        let lake = tempfile::tempdir().unwrap();
        let reader = Reader::open(lake.path().to_str().unwrap()).unwrap();
        let (cache, weights) = (lake.path().join("cache"), weights.to_owned());
        let settings = CollectorSettings {
            landing: lake.path().join("landing"),
            node: "test".to_owned(),
            rotate_bytes: 1 << 20,
            rotate_after: Duration::from_secs(60),
            queue_lines: 64,
        };
        let clock = || chrono::DateTime::UNIX_EPOCH;
        let loader = Loader::new(reader, cache, weights, 1 << 24).reranking_within(budget);
        Self {
            current: Arc::new(Current::new(loader)),
            collector: Arc::new(Collector::start(settings, clock, &["queries"]).unwrap()),
            gatekeeper: Arc::new(Gatekeeper::open()),
            lake,
        }
    }

    /// A lake whose only snapshot is announced and served.
    pub(crate) async fn serving() -> Self {
        let harness = Self::new();
        let pointer = harness.publish('a', true).await;
        harness.announce("CURRENT", &pointer);
        assert_eq!(harness.current.refresh().await, serve::Refresh::Swapped);
        harness
    }

    /// Writes a snapshot whose id is 32 times `digit`, its offers with vectors of two numbers or with none.
    pub(crate) async fn publish(&self, digit: char, has_vectors: bool) -> Pointer {
        let rows = [[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]];
        let vectors = has_vectors.then(|| Vectors {
            model: "tiny@000000000000".to_owned(),
            dimension: 2,
            rows: rows.map(|row| Some(row.to_vec())).into(),
        });
        self.build(digit, [None, None, vectors], None).await
    }

    /// Writes a snapshot that runs an experiment.
    pub(crate) async fn publish_experiment(&self, digit: char, card: ExperimentCard) -> Pointer {
        let Pointer { id, .. } = self.build(digit, [None, None, None], None).await;
        let dir = self.snapshot_dir(&id);
        let bytes = fs::read(dir.join(MANIFEST_FILE)).unwrap();
        let manifest: Manifest = serde_json::from_slice(&bytes).unwrap();
        let experiment = Some(card);
        seal(
            &dir,
            &Manifest {
                experiment,
                ..manifest
            },
        )
    }

    /// Writes a snapshot that names a cross-encoder.
    pub(crate) async fn publish_reranked(&self, digit: char, id: &str) -> Pointer {
        let card = RerankerCard {
            id: id.to_owned(),
            weight: 1.0,
        };
        self.build(digit, [None, None, None], Some(card)).await
    }

    /// Writes a snapshot with these lines as its KPIs.
    pub(crate) async fn publish_kpis(&self, digit: char, lines: &str) -> Pointer {
        let id = digit.to_string().repeat(32).parse().unwrap();
        let folder = self.snapshot_dir(&id).join("kpis");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("marketplace_kpis.jsonl"), lines).unwrap();
        self.build(digit, [None, None, None], None).await
    }

    /// Writes a snapshot whose documents are embedded by an encoder.
    pub(crate) async fn publish_embedded(&self, digit: char, encoder: &Encoder) -> Pointer {
        let vectors = |documents: Vec<Document>| {
            let texts: Vec<_> = documents
                .iter()
                .map(|document| &*document.fields[1].1)
                .collect();
            Some(Vectors {
                model: encoder.id().to_owned(),
                dimension: encoder.dimension(),
                rows: encoder
                    .encode(&texts)
                    .unwrap()
                    .into_iter()
                    .map(Some)
                    .collect(),
            })
        };
        let sections = [market::companies(), market::concepts(), market::offers()];
        self.build(digit, sections.map(vectors), None).await
    }

    /// Builds the collections of companies, concepts and offers, and writes the manifest.
    async fn build(
        &self,
        digit: char,
        vectors: [Option<Vectors>; 3],
        reranker: Option<RerankerCard>,
    ) -> Pointer {
        let id: SnapshotId = digit.to_string().repeat(32).parse().unwrap();
        let dir = self.snapshot_dir(&id);
        fs::create_dir_all(&dir).unwrap();
        let card = vectors.iter().flatten().next().map(|vectors| EncoderCard {
            id: vectors.model.clone(),
            dimension: vectors.dimension,
        });
        let sections = [
            ("companies", market::companies()),
            ("concepts", market::concepts()),
            ("offers", market::offers()),
        ];
        for ((name, documents), vectors) in sections.into_iter().zip(vectors) {
            retrieval::build(&dir.join(name), documents, vectors)
                .await
                .unwrap();
        }
        write_manifest(&dir, id, card, reranker)
    }

    pub(crate) fn lake(&self) -> &Path {
        self.lake.path()
    }

    pub(crate) fn snapshot_dir(&self, id: &SnapshotId) -> PathBuf {
        self.lake.path().join("snapshots").join(id.as_str())
    }

    /// Points `CURRENT` or `PIN` at a snapshot.
    pub(crate) fn announce(&self, pointer_file: &str, pointer: &Pointer) {
        let path = self.lake.path().join("snapshots").join(pointer_file);
        fs::write(path, serde_json::to_vec(pointer).unwrap()).unwrap();
    }

    /// Reads the announced pointer.
    pub(crate) fn announced(&self) -> Pointer {
        let path = self.lake.path().join("snapshots/CURRENT");
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    pub(crate) fn unpin(&self) {
        fs::remove_file(self.lake.path().join("snapshots/PIN")).unwrap();
    }

    /// Stops the query log and reads its rows.
    pub(crate) fn logged(&self) -> Vec<Value> {
        self.landed("queries")
    }

    /// Stops the collector and reads the rows of a table.
    pub(crate) fn landed(&self, table: &str) -> Vec<Value> {
        self.collector.stop();
        let dir = self
            .lake
            .path()
            .join("landing")
            .join(table)
            .join("node=test");
        let files = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        let text: String = files
            .inspect(|path| assert_eq!(path.extension().unwrap(), "jsonl"))
            .map(|path| fs::read_to_string(path).unwrap())
            .collect();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    pub(crate) async fn send(&self, request: TestRequest) -> Reply {
        let parts = NodeParts {
            current: self.current.clone(),
            collector: self.collector.clone(),
            permits: Permits::new(2, Duration::from_secs(5)),
            is_behind_proxy: false,
        };
        let node = Node::new(parts, [7; 32]).guarded_by(self.gatekeeper.clone());
        let node = Data::new(node);
        let app = App::new()
            .app_data(node)
            .wrap(from_fn(serve::edge))
            .configure(serve::routes);
        let app = init_service(app).await;
        let response = app.call(request.to_request()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body()).await.unwrap();
        let text = |value: &HeaderValue| value.to_str().unwrap().to_owned();
        Reply {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
        }
    }

    pub(crate) async fn get(&self, uri: &str) -> Reply {
        self.send(TestRequest::get().uri(uri)).await
    }

    pub(crate) async fn post(&self, uri: &str, body: &str) -> Reply {
        let peer = "192.0.2.7:5000".parse().unwrap();
        let request = TestRequest::post()
            .uri(uri)
            .peer_addr(peer)
            .set_payload(body.to_owned());
        self.send(request.insert_header(("user-agent", "test/1")))
            .await
    }
}

/// Writes the manifest of a folder by hand, as the pipeline does, and returns the pointer to it.
fn write_manifest(
    dir: &Path,
    id: SnapshotId,
    encoder: Option<EncoderCard>,
    reranker: Option<RerankerCard>,
) -> Pointer {
    let mut files = BTreeMap::new();
    list(dir, dir, &mut files);
    let manifest = Manifest {
        format: MANIFEST_FORMAT,
        id,
        slot: "2026-11-20".parse().unwrap(),
        parent: None,
        code_digest: "code".to_owned(),
        contracts: BTreeMap::new(),
        files,
        tables: BTreeMap::new(),
        encoder,
        reranker,
        experiment: None,
        held: BTreeMap::new(),
        carried_over: BTreeMap::new(),
        gates: Vec::new(),
        fusion: json!({}),
    };
    seal(dir, &manifest)
}

fn seal(dir: &Path, manifest: &Manifest) -> Pointer {
    let bytes = serde_json::to_vec_pretty(manifest).unwrap();
    let digest = blake3::hash(&bytes).to_hex().to_string();
    fs::write(dir.join(MANIFEST_FILE), &bytes).unwrap();
    fs::write(dir.join(MANIFEST_CHECKSUM), &digest).unwrap();
    Pointer {
        id: manifest.id.clone(),
        manifest_blake3: digest,
    }
}

fn list(root: &Path, dir: &Path, files: &mut BTreeMap<String, FileEntry>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(root, &path, files);
        } else {
            let bytes = fs::read(&path).unwrap();
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            let blake3 = blake3::hash(&bytes).to_hex().to_string();
            files.insert(
                name,
                FileEntry {
                    bytes: bytes.len() as u64,
                    blake3,
                },
            );
        }
    }
}
