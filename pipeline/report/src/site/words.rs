//! The words of the site's own text, in French and English. What contracts say stays as it was written.

use lineage::Kind;

/// A language of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// French.
    French,
    /// English.
    English,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::French, Self::English];

    /// Returns its code, which names its folder.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.words().code
    }

    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Self::French => &FRENCH,
            Self::English => &ENGLISH,
        }
    }
}

macro_rules! words {
    ($($name:ident: $french:literal, $english:literal;)*) => {
        /// Every phrase of the site.
        pub(crate) struct Words { $(pub(crate) $name: &'static str,)* }
        const FRENCH: Words = Words { $($name: $french,)* };
        const ENGLISH: Words = Words { $($name: $english,)* };
    };
}

words! {
    code: "fr", "en";
    name: "Français", "English";
    title: "Les données de MarketLounge", "MarketLounge's data";
    intro: "Tables, DAG et correspondances de sources, d'après les contrats, le SQL et le registre des exécutions. Les descriptions sont telles qu'elles ont été écrites.",
        "Tables, DAGs and source mappings, from contracts, SQL and the ledger of runs. Descriptions are as they were written.";
    skip: "Aller au contenu", "Skip to the content";
    navigation: "Navigation", "Navigation";
    contents: "← Sommaire", "← Contents";
    search: "Chercher une table, une colonne, un DAG ou une source", "Search for a table, a column, a DAG or a source";
    found: "Résultats\u{a0}:", "Results:";
    nothing: "Rien ne correspond.", "Nothing matches.";
    table: "Table", "Table";
    tables: "Tables", "Tables";
    column: "Colonne", "Column";
    columns: "Colonnes", "Columns";
    kind: "Type", "Type";
    null: "Vide possible", "May be empty";
    yes: "oui", "yes";
    no: "non", "no";
    unit: "Unité", "Unit";
    personal: "Personnel", "Personal";
    personal_yes: "personnel", "personal";
    sensitive: "sensible", "sensitive";
    meaning: "Sens", "Meaning";
    key_mark: "clé", "key";
    grain: "Une ligne est", "A row is";
    key: "Clé", "Key";
    owner: "Responsable", "Owner";
    freshness: "Fraîcheur", "Freshness";
    version: "Version du contrat", "Contract version";
    rules: "Règles", "Rules";
    rule: "Règle", "Rule";
    claim: "Exigence", "Claim";
    otherwise: "Sinon", "Otherwise";
    no_rules: "Le contrat ne pose aucune règle.", "The contract has no rules.";
    warn: "signalé", "warned";
    quarantine: "quarantaine", "quarantine";
    fail_job: "la tâche échoue", "the job fails";
    fail_snapshot: "l'instantané est refusé", "the snapshot is refused";
    audit: "Dernier audit", "Last audit";
    no_audit: "Aucune exécution de ce lac n'en a parlé.", "No run of this lake told of it.";
    run: "Exécution", "Run";
    when: "Quand", "When";
    made: "✓ construite", "✓ made";
    already: "↷ inchangée", "↷ unchanged";
    rows: "Lignes", "Rows";
    refused: "Lignes refusées", "Rows refused";
    broken: "Lignes en défaut", "Rows that break it";
    state: "État", "State";
    holds: "✓ respectée", "✓ holds";
    breaks: "✗ enfreinte", "✗ broken";
    lineage: "Lignage", "Lineage";
    lineage_figure: "Ce que lit la table à gauche, ce qui la lit à droite, jusqu'à deux pas. Pointez une case pour éclairer ses liens\u{a0}; elle mène à sa page.",
        "What the table reads on the left, what reads it on the right, up to two steps. Point at a box to light its edges; it leads to its page.";
    origin: "D'où viennent les colonnes", "Where columns come from";
    sources: "Vient de", "Comes from";
    unknown: "une tâche la calcule sans dire de quelles colonnes", "a job works it out, and does not say of which columns";
    literal: "valeur écrite dans le SQL", "a value written in the SQL";
    sql: "SQL", "SQL";
    by_job: "Une tâche en Rust construit cette table.", "A job in Rust makes this table.";
    dag: "DAG", "DAG";
    dags: "DAG", "DAGs";
    schedule: "Horaire", "Schedule";
    zone: "Fuseau", "Time zone";
    targets: "Cibles", "Targets";
    jobs: "Tâches", "Jobs";
    jobs_caption: "Dans l'ordre d'exécution, déduit de ce que chacune lit et écrit", "In the order in which they run, derived from what each reads and writes";
    job: "Tâche", "Job";
    writes: "Écrit", "Writes";
    source: "Correspondance de source", "Source mapping";
    source_list: "Correspondances de sources", "Source mappings";
    feeds: "Alimente", "Feeds";
    files: "Fichiers", "Files";
    fields: "Champs de la source", "Fields of the source";
    steps: "Étapes", "Steps";
    used_by: "Construite par", "Made by";
    landing: "landing\u{a0}: fichiers tels que reçus", "landing: files as they came";
    silver: "silver\u{a0}: lignes valides, dernier état", "silver: valid rows, latest state";
    gold: "gold\u{a0}: tables lues par les personnes et les modèles", "gold: tables that people and models read";
    identity: "identique", "identity";
    transformation: "calcul sur la ligne", "worked out of the row";
    aggregation: "agrégat de lignes", "aggregated over rows";
    join: "jointure", "join";
    group_by: "regroupement", "grouping";
    filter: "filtre", "filter";
    sort: "tri", "sort";
    window: "fenêtre", "window";
    conditional: "condition", "condition";
}

impl Words {
    /// Names a way of bearing on a column.
    pub(crate) const fn kind_of(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Identity => self.identity,
            Kind::Transformation => self.transformation,
            Kind::Aggregation => self.aggregation,
            Kind::Join => self.join,
            Kind::GroupBy => self.group_by,
            Kind::Filter => self.filter,
            Kind::Sort => self.sort,
            Kind::Window => self.window,
            Kind::Conditional => self.conditional,
        }
    }
}
