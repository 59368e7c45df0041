"""Sealed bids as rows to rank, for us and for the peer alike."""

import numpy as np
import pandas as pd

WORKS = ["water", "road", "pipe", "sewer", "renovation", "repair", "construction", "design", "survey"]


def bids(path):
    """Features of each bid, whether it won, and its auction; of the bidder only what was known before the auction's day."""
    raw = pd.read_csv(path, low_memory=False)
    raw = raw[raw["norm_bid"].notna() & raw["winner"].notna()].copy()
    raw["auction"] = pd.factorize(raw["year"].astype(str) + "/" + raw["pid"].astype(str))[0]
    judged = raw.groupby("auction")["winner"].agg(["size", "sum"])
    kept = judged.index[(judged["size"] > 1) & (judged["sum"] > 0) & (judged["sum"] < judged["size"])]
    earlier = history(raw)
    chosen = raw["auction"].isin(kept)
    raw, earlier = raw[chosen].reset_index(drop=True), earlier[chosen].reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "reserve": raw["reserveprice"].astype(float),
            "bidders": raw["num_bidders"].astype(float),
            "year": raw["year"].astype(float),
            "bidder": raw["bidder_id"].astype(str),
            **{work: raw[work].map({0: "no", 1: "yes"}) for work in WORKS},
        }
    )
    rows = pd.concat([rows, earlier], axis=1)
    price = raw["norm_bid"].astype(float)
    middle = price.groupby(raw["auction"]).transform("median")
    rank = price.groupby(raw["auction"]).rank(method="min")
    prices = pd.DataFrame({"price": price, "over_median": price / middle, "price_rank": rank})
    # The file lists winners first; what is listed first must be no evidence.
    order = np.random.default_rng(0).permutation(len(raw))
    auction = pd.factorize(raw["auction"])[0][order]
    shuffled = [table.iloc[order].reset_index(drop=True) for table in (rows, prices)]
    return *shuffled, raw["winner"].to_numpy(float)[order], auction


def history(raw):
    """What was known of each bidder before the day: bids, wins, mean price, days since the last one, and the same for the same sort of work."""
    work = raw[WORKS].idxmax(axis=1)
    days = pd.to_datetime(raw["date"].astype(str)).map(pd.Timestamp.toordinal)
    table = pd.DataFrame({"bidder": raw["bidder_id"], "work": work, "day": days, "won": raw["winner"], "price": raw["norm_bid"]})
    found = pd.DataFrame(index=raw.index)
    for name, keys in [("", ["bidder"]), ("work_", ["bidder", "work"])]:
        by_day = table.groupby([*keys, "day"]).agg(bids=("won", "size"), wins=("won", "sum"), price=("price", "sum")).reset_index()
        groups = by_day.groupby(keys)
        sums = groups[["bids", "wins", "price"]].cumsum() - by_day[["bids", "wins", "price"]]
        by_day[["bids", "wins", "price"]] = sums
        by_day["since"] = by_day["day"] - groups["day"].shift()
        joined = table[[*keys, "day"]].merge(by_day, on=[*keys, "day"], how="left").set_index(raw.index)
        found[f"earlier_{name}bids"] = joined["bids"].astype(float)
        found[f"earlier_{name}wins"] = joined["wins"].astype(float)
        found[f"earlier_{name}price"] = joined["price"] / joined["bids"].where(joined["bids"] > 0)
        found[f"days_since_{name}bid"] = joined["since"].astype(float)
    return found
