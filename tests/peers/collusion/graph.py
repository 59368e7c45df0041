#!/usr/bin/env python3
"""The co-bidding graph by networkx and scipy, and by ours, on the same bids: seconds, memory, and whether both find the same.

The peer builds the graph pair by pair, tests each pair that met five times or more (hypergeometric within comparable auctions, all pairs and
strata at once), keeps what Benjamini and Hochberg discover at 1 %, and takes connected components. Ours does the same, and beside it the
whole detection: screens, prices, wins, times, sharing, rings, with a score for each auction, pair and firm.
"""

import argparse
import csv
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
from scipy import stats

LEAST_SHARED = 5
FEWEST_COMPARABLE = 20


def write_bids(path, auctions, seed):
    """Ten bids an auction on average. Firms of unlike activity, most of them at home in one market and a few territories; one in fifty in a
    ring of four that meets."""
    random = np.random.default_rng(seed)
    markets, territories, firms = 40, 10, max(500, auctions // 5)
    rings = random.permutation(firms)[: 4 * (firms // 200)].reshape(-1, 4)
    home = random.integers(0, markets, firms)
    places = random.integers(0, territories, (firms, 2))
    activity = random.pareto(1.5, firms) + 0.2
    pools = {}
    for market in range(markets):
        for territory in range(territories):
            near = np.where((home == market) & (places == territory).any(axis=1), 1.0, 0.0)
            chance = activity * (near + 0.02 * (home == market) + 0.0002)
            pools[market, territory] = np.cumsum(chance) / chance.sum()
    with open(path, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["auction", "firm", "price_cents", "submitted_at", "is_winner", "market", "territory"])
        for auction in range(auctions):
            market, territory = int(random.integers(markets)), int(random.integers(territories))
            wanted = int(random.integers(2, 19))
            chosen = np.unique(np.searchsorted(pools[market, territory], random.random(3 * wanted + 10)))
            chosen = random.permutation(chosen)[:wanted]
            if random.random() < 0.02:
                # One of the rings bids too, wherever it is.
                chosen = np.union1d(chosen, rings[random.integers(len(rings))])
            prices = np.rint(np.exp(random.uniform(11, 16) + 0.08 * random.standard_normal(len(chosen)))).astype(int)
            times = random.integers(0, 1_000_000, len(chosen)) + auction * 300
            for firm, price, at in zip(chosen, prices, times):
                writer.writerow([auction, firm, price, at, int(price == prices.min()), market, territory])


def read_bids(path):
    firms, cells = defaultdict(list), {}
    with open(path) as rows:
        next(rows)
        for row in rows:
            auction, firm, _, _, _, market, territory = map(int, row.split(","))
            firms[auction].append(firm)
            cells[auction] = (market, territory)
    return firms, cells


def strata(cells):
    """Comparable auctions: market and territory where there are enough, else the rest of the market, else the rest of all."""
    sizes = Counter(cells.values())
    found = {auction: cell if sizes[cell] >= FEWEST_COMPARABLE else cell[0] for auction, cell in cells.items()}
    sizes = Counter(found.values())
    return {auction: cell if isinstance(cell, tuple) or sizes[cell] >= FEWEST_COMPARABLE else -1 for auction, cell in found.items()}


def tails(graph, firms, cells):
    """The chance of as many meetings for each pair that met often: hypergeometric counts of the strata, convolved."""
    sets = strata(cells)
    sizes = Counter(sets.values())
    active = defaultdict(Counter)
    for auction, own in firms.items():
        for firm in own:
            active[firm][sets[auction]] += 1
    pairs = [(*sorted((a, b)), weight) for a, b, weight in graph.edges(data="weight") if weight >= LEAST_SHARED]
    chances = np.ones(len(pairs))
    single, several = [], []
    for at, (a, b, met) in enumerate(pairs):
        common = [(sizes[s], active[a][s], active[b][s]) for s in active[a].keys() & active[b].keys()]
        if len(common) == 1:
            single.append((at, met, *common[0]))
        else:
            several.append((at, met, common))
    if single:
        at, met, n, one, other = np.array(single).T
        chances[at] = stats.hypergeom.sf(met - 1, n, one, other)
    # All probabilities of all strata in one call, then a convolution per pair.
    rows, bounds = [], [0]
    for _, _, common in several:
        for n, one, other in common:
            rows += [(k, n, one, other) for k in range(min(one, other) + 1)]
            bounds.append(len(rows))
    if rows:
        k, n, one, other = np.array(rows).T
        probabilities = stats.hypergeom.pmf(k, n, one, other)
    place = 0
    for at, met, common in several:
        all_of = np.ones(1)
        for _ in common:
            all_of = np.convolve(all_of, probabilities[bounds[place] : bounds[place + 1]])
            place += 1
        chances[at] = all_of[met:].sum()
    return pairs, np.minimum(chances, 1.0)


def peer(path):
    firms, cells = read_bids(path)
    start = time.perf_counter()
    graph = nx.Graph()
    for own in firms.values():
        for a, b in combinations(own, 2):
            if graph.has_edge(a, b):
                graph[a][b]["weight"] += 1
            else:
                graph.add_edge(a, b, weight=1)
    built = time.perf_counter()
    pairs, chances = tails(graph, firms, cells)
    tested = time.perf_counter()
    q = stats.false_discovery_control(chances) if len(chances) else chances
    strong = nx.Graph([(a, b) for (a, b, _), q in zip(pairs, q) if q <= 0.01])
    components = sum(1 for _ in nx.connected_components(strong))
    done = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = {"build": built - start, "test": tested - built, "seconds": done - start, "mib": peak, "pairs": graph.number_of_edges()}
    told |= {"tested": len(pairs), "communities": components}
    return told, {(a, b): (weight, chance) for (a, b, weight), chance in zip(pairs, chances)}


def ours(program, bids, edges):
    return json.loads(subprocess.run([program, bids, edges], check=True, capture_output=True, text=True).stdout)


def compare(ours, theirs, path):
    """Stops where both do not find the same pairs, weights and chances."""
    with open(path) as rows:
        edges = {(int(r["one"]), int(r["other"])): (int(r["shared"]), float(r["chance"])) for r in csv.DictReader(rows)}
    told, pairs = theirs
    assert ours["pairs"] == told["pairs"] and edges.keys() == pairs.keys(), "other pairs"
    far = 0.0
    for pair, (weight, chance) in pairs.items():
        assert edges[pair][0] == weight, f"{pair} met {edges[pair][0]} times, not {weight}"
        # The peer's small tails are differences from 1 in part; below 1e-12 they are not compared.
        if chance > 1e-12:
            far = max(far, abs(edges[pair][1] / chance - 1))
    assert far < 1e-6, f"a chance differs by {far}"
    assert ours["communities"] == told["communities"], "other communities"
    return far


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--auctions", type=int, default=100_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bids, edges = Path(folder) / "bids.csv", Path(folder) / "edges.csv"
        write_bids(bids, given.auctions, 20)
        measured = [ours(given.program, bids, edges) for _ in range(2)]
        theirs = peer(bids)
        measured += [ours(given.program, bids, edges) for _ in range(3)]
        far = compare(measured[0], theirs, edges)
    told, first = theirs[0], measured[0]
    graph, whole = (statistics.median(run[name] for run in measured) for name in ("graph_seconds", "detect_seconds"))
    print(f"{first['bids']:,} bids, {first['auctions']:,} auctions, {first['firms']:,} firms, {first['pairs']:,} pairs met, {first['tested']:,} tested,", end=" ")
    print(f"{first['communities']:,} communities; {first['threads']} cores; the same found, chances to {far:.0e}")
    print(f"{'':34}{'seconds':>9}{'peak MiB':>10}")
    print(f"{'networkx, scipy: graph, test':34}{told['seconds']:9.2f}{told['mib']:10,}   (graph {told['build']:.1f}, test {told['test']:.1f})")
    print(f"{'ours: the same, median of five':34}{graph:9.2f}{first['graph_mib']:10,}   {told['seconds'] / graph:.0f} × as fast")
    print(f"{'ours: whole detection':34}{whole:9.2f}{first['detect_mib']:10,}   {told['seconds'] / whole:.0f} × as fast")


if __name__ == "__main__":
    sys.exit(main())
