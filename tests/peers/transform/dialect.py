"""Our SQL files in DuckDB's dialect: substitutions that change no meaning, and macros for functions that DuckDB lacks."""

import re

REGIONS = {
    "Auvergne-Rhône-Alpes": "01 03 07 15 26 38 42 43 63 69 73 74",
    "Bourgogne-Franche-Comté": "21 25 39 58 70 71 89 90",
    "Bretagne": "22 29 35 56",
    "Centre-Val de Loire": "18 28 36 37 41 45",
    "Corse": "2A 2B 20",
    "Grand Est": "08 10 51 52 54 55 57 67 68 88",
    "Guadeloupe": "971",
    "Guyane": "973",
    "Hauts-de-France": "02 59 60 62 80",
    "Île-de-France": "75 77 78 91 92 93 94 95",
    "La Réunion": "974",
    "Martinique": "972",
    "Mayotte": "976",
    "Normandie": "14 27 50 61 76",
    "Nouvelle-Aquitaine": "16 17 19 23 24 33 40 47 64 79 86 87",
    "Occitanie": "09 11 12 30 31 32 34 46 48 65 66 81 82",
    "Pays de la Loire": "44 49 53 72 85",
    "Provence-Alpes-Côte d'Azur": "04 05 06 13 83 84",
}

SALARY = (
    r"'^\s*(Annuel|Mensuel|Horaire)\s+de\s+([0-9.,]+)\s+(?:Euros?|€)(?:\s+à\s+([0-9.,]+)\s+(?:Euros?|€))?"
    r"(?:\s+sur\s+([0-9.,]+)\s+mois)?\s*$'"
)


def regions():
    cases = []
    for region, codes in REGIONS.items():
        codes = ", ".join(f"'{code}'" for code in codes.split())
        cases.append(f"WHEN lpad(upper(trim(d)), CAST(greatest(length(trim(d)), 2) AS INT), '0') IN ({codes}) THEN '{region.replace(chr(39), chr(39) * 2)}'")
    return "CASE " + " ".join(cases) + " END"


# What our functions do, as far as DuckDB's own reach. `clean_text` composes by NFC and opens superscripts where ours does all of NFKC, and
# `query_key` opens no ligatures: the demo market has no text on which they differ, which the comparison of the tables shows.
MACROS = [
    "cardinality(l) AS len(l)",
    "regexp_like(s, p) AS regexp_matches(s, p)",
    r"clean_text(s) AS nullif(trim(regexp_replace(translate(nfc_normalize(s), '¹²³', '123'), '[\s\p{Z}\p{Cc}]+', ' ', 'g')), '')",
    r"clean_naf(s) AS nullif(upper(regexp_replace(s, '[\s.]', '', 'g')), '')",
    "query_key(s) AS trim(regexp_replace(lower(strip_accents(s)), '[^a-z0-9]+', ' ', 'g'))",
    f"region_of(d) AS {regions()}",
    "department_of(p) AS CASE WHEN NOT regexp_matches(trim(p), '^[0-9]{5}$') THEN NULL"
    " WHEN trim(p) LIKE '20%' THEN CASE WHEN trim(p) < '20200' THEN '2A' ELSE '2B' END"
    " WHEN trim(p)[:2] IN ('97', '98') THEN trim(p)[:3] ELSE trim(p)[:2] END",
    "luhn_digit(s, i) AS CAST(s[i] AS INT)",
    "luhn_double(s, i) AS CASE WHEN luhn_digit(s, i) > 4 THEN 2 * luhn_digit(s, i) - 9 ELSE 2 * luhn_digit(s, i) END",
    "is_siren(s) AS CASE WHEN s IS NULL THEN NULL WHEN regexp_matches(s, '^[0-9]{9}$') THEN ("
    + " + ".join(f"luhn_{'digit' if place % 2 else 'double'}(s, {place})" for place in range(1, 10))
    + ") % 10 = 0 ELSE false END",
    f"salary_part(s, g) AS TRY_CAST(replace(regexp_extract(s, {SALARY}, g), ',', '.') AS DOUBLE)",
    "salary_months(s) AS CASE WHEN salary_part(s, 4) > 18 THEN NULL ELSE greatest(coalesce(salary_part(s, 4), 12), 12) END",
    f"salary_times(s) AS CASE regexp_extract(s, {SALARY}, 1) WHEN 'Annuel' THEN 1 + 0 * salary_months(s)"
    " WHEN 'Mensuel' THEN salary_months(s) WHEN 'Horaire' THEN 1820.0 * salary_months(s) / 12.0 END",
    "salary_cents(a, s) AS CASE WHEN salary_part(s, 2) * salary_times(s) BETWEEN 3000 AND 250000"
    " AND coalesce(salary_part(s, 3), salary_part(s, 2)) * salary_times(s) BETWEEN 3000 AND 250000"
    " THEN CAST(round(a * salary_times(s) * 100) AS BIGINT) END",
    "salary_min_cents(s) AS salary_cents(least(salary_part(s, 2), coalesce(salary_part(s, 3), salary_part(s, 2))), s)",
    "salary_max_cents(s) AS salary_cents(greatest(salary_part(s, 2), coalesce(salary_part(s, 3), salary_part(s, 2))), s)",
]

SUBSTITUTIONS = [
    (r"\bmake_array\(", "list_value("),
    (r"\bregexp_match\((.*)\)\[1\]", r"nullif(regexp_extract(\1, 1), '')"),
    (r"\bcolumn1\b", "col0"),
    (r"\bcolumn2\b", "col1"),
    (r"CAST\((CAST\([\w.]+ AS DATE\)) AS INT\)", r"(\1 - DATE '1970-01-01')"),
    (r"(greatest\(length\(trim\(\w+\)\), 2\))", r"CAST(\1 AS INT)"),
    # DuckDB keeps the list of one empty text where ours has an empty list.
    (r"string_to_array\((replace\(array_to_string\(synonyms.*?\)), chr\(31\)\)", r"list_filter(string_to_array(\1, chr(31)), lambda x: x <> '')"),
    (r"\bLEFT SEMI JOIN\b", "SEMI JOIN"),
    # DuckDB reserves the word.
    (r"\bAS at\b", 'AS "at"'),
    (r"\.at\b", '."at"'),
]


def translate(sql):
    """Returns one of our SELECTs in DuckDB's dialect."""
    sql = re.sub(r"--.*", "", sql)
    for pattern, replacement in SUBSTITUTIONS:
        sql = re.sub(pattern, replacement, sql)
    return sql
