"""The open contracts as rows to fit on, for us and for the peers alike."""

import numpy as np
import pandas as pd

NUMBERS = ["execution_days", "submission_days", "bidders", "year"]
CATEGORIES = ["cpv3", "cpv4", "cpv5", "district", "municipality", "criterion"]


def contracts(path):
    """Features, prices and days of the Portuguese works contracts."""
    raw = pd.read_csv(path)
    signed = pd.to_datetime(raw["Data de celebração"], format="%d-%m-%Y", errors="coerce")
    signed = signed.fillna(signed.min())
    cpv = raw["Cpvs"].astype(str)
    rows = pd.DataFrame(
        {
            "cpv3": cpv.str[:3],
            "cpv4": cpv.str[:4],
            "cpv5": cpv.str[:5],
            "district": raw["Distrito"].str.strip(),
            "municipality": raw["Município"].str.strip(),
            "criterion": raw["Categoria do Critério de adjudicação"].astype(str),
            "execution_days": raw["Prazo de execução (dias)"].astype(float),
            "submission_days": raw["Prazo de submissão (dias)"].astype(float),
            "bidders": raw["Número de concorrentes"].astype(float),
            "year": signed.dt.year.astype(float),
        }
    )
    days = (signed - pd.Timestamp(1970, 1, 1)).dt.days.to_numpy()
    return rows, raw["Preço Inicial (€)"].to_numpy(float), days


def splits(days, random):
    """Random fifths (all five of each shuffle), then the newest fifth."""
    rows, found = len(days), []
    for seed in range(random):
        order = np.random.default_rng(seed).permutation(rows)
        for part in range(5):
            test = np.sort(order[part * rows // 5 : (part + 1) * rows // 5])
            train = np.setdiff1d(np.arange(rows), test)
            found.append({"name": f"random {seed}.{part}", "train": train, "test": test, "by_time": False})
    order = np.argsort(days, kind="stable")
    newest = rows - rows // 5
    found.append({"name": "newest", "train": order[:newest], "test": order[newest:], "by_time": True})
    return found


def write(path, rows, target, **others):
    """Writes rows as our examples read them."""
    named = {("number:" if rows[name].dtype.kind == "f" else "category:") + name: rows[name] for name in rows}
    table = pd.DataFrame(named)
    table["target"] = target
    for name, values in others.items():
        table[name] = values
    table.to_csv(path, index=False)
