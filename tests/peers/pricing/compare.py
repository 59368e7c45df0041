#!/usr/bin/env python3
"""Compares our price and chance models with LightGBM and scikit-learn; `run.sh` prepares what it needs."""

import argparse
import os
import pathlib
import tempfile

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with prices/ and bids/")
parser.add_argument("--programs", type=pathlib.Path, required=True, help="folder of the built examples")
parser.add_argument("--random", type=int, default=1, help="shuffles, of five random fifths each")
parser.add_argument("--threads", type=int, default=2, help="threads of every contestant")
parser.add_argument("--only", choices=["prices", "chances"], help="one comparison")
parser.add_argument("--quick", action="store_true", help="leave out scikit-learn's boosting, the slowest")
chosen = parser.parse_args()
os.environ["OMP_NUM_THREADS"] = os.environ["RAYON_NUM_THREADS"] = str(chosen.threads)
# Waiting threads sleep: where others share the machine, spinning ones cost the peers ten times their time.
os.environ["OMP_WAIT_POLICY"] = "passive"

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        if chosen.only != "chances":
            import prices

            source = chosen.data / "prices" / "pppdata_portugal_2015_2022.csv"
            program = chosen.programs / "fit_prices"
            prices.show(*prices.compare(source, program, work, chosen))
        if chosen.only != "prices":
            import chances

            source = chosen.data / "bids" / "tsuchiura_data.csv"
            chances.show(chances.compare(source, chosen.programs / "fit_chances", work, chosen.threads))
