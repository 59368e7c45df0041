//! The language of reasons and of problem details.

/// The language in which the node speaks to a caller: French unless English is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Language {
    /// The default.
    #[default]
    French,
    /// Asked for with `lang=en`.
    English,
}

impl Language {
    /// Reads `fr` or `en`.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        match code {
            "fr" => Some(Self::French),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// Reads `lang` from a query string; anything but `lang=en` is French.
    pub(crate) fn of_query_string(query: &str) -> Self {
        let lang = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
        lang.and_then(Self::parse).unwrap_or_default()
    }

    /// Chooses between two texts.
    pub(crate) fn pick<T>(self, french: T, english: T) -> T {
        match self {
            Self::French => french,
            Self::English => english,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_is_the_default_and_english_is_asked_for() {
        assert_eq!(Language::of_query_string(""), Language::French);
        assert_eq!(
            Language::of_query_string("ids=a&lang=en"),
            Language::English
        );
        assert_eq!(Language::of_query_string("lang=de"), Language::French);
    }
}
