//! What the analysis finds: a term, its kind and where it stands.

/// What a token is; every kind but [`Kind::Word`] is kept whole and never stemmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A French word; its term is a stem.
    Word,
    /// An acronym of the trades: `cnc`, `tig`, `r&d`.
    Acronym,
    /// A plain number: `1200`, `0.5`.
    Number,
    /// A number with its unit, in a canonical unit: `0.02mm`, `5axe`, `ø12`, `58hrc`.
    Measure,
    /// A tolerance or surface finish: `0.02mm` read from `± 0,02 mm`, `h7`, `ra0.8`.
    Tolerance,
    /// A material grade: `316l`, `aw6082`, `42crmo4`.
    Material,
    /// A standard: `iso9001`, `iso2768-mk`.
    Standard,
    /// A part number or any other mix of letters and digits.
    Code,
    /// An e-mail address or the host of a web address.
    Address,
}

/// One term of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The normalised term that indexes and queries compare.
    pub term: String,
    /// The folded surface: for a word its unstemmed form, else the term itself.
    pub surface: String,
    /// What the term is.
    pub kind: Kind,
    /// Rank among the terms that count. Stop words take no position; the end of a sentence takes one, so that no phrase
    /// crosses it. Two tokens at one position are alternatives (`iso3834` and `iso3834-2`), the most specific last.
    pub position: usize,
    /// First byte in the text as given; always on a character boundary.
    pub start: usize,
    /// One past the last byte in the text as given; always on a character boundary.
    pub end: usize,
    /// The accented form of a word that was written with accents, lower case, without plural: `soudé`, `pièce`. Two words that
    /// share a term and this form too are the closer match (`moulé` is not `moule`); a word written without accents has none.
    pub accented: Option<String>,
}

impl Token {
    /// Whether the term is technical: only the same term matches it, never a stem, a part of it or a near miss.
    ///
    /// ```
    /// let tokens = text::analyze("tournage CNC en 316L");
    /// assert_eq!(tokens.iter().map(text::Token::is_technical).collect::<Vec<_>>(), [false, true, true]);
    /// ```
    pub fn is_technical(&self) -> bool {
        self.kind != Kind::Word
    }
}
