"""Run the benchmarks and print their figures: ``python -m benchmarks [NAME …] [--json] [--smoke]``.

At the end stands what was asked of the live reading beside what was measured; nothing fails for that.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from dataclasses import asdict

from benchmarks.bars import verdicts
from benchmarks.registry import BENCHMARKS, LIVE, Benchmark, Result


def main() -> int:
    """Run what is asked for; return one if two answers to the same problem differ, or something came to no end."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure Lodeworks, side by side with its peers where there are some.",
        epilog="Benchmarks: " + "; ".join(f"{b.name}: {b.about}" for b in BENCHMARKS),
    )
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=f"which; all that do not take long unless given; `watching` is {', '.join(LIVE)}")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.add_argument("--smoke", action="store_true", help="small sizes: whether everything runs and agrees")
    options = parser.parse_args()
    known = {benchmark.name: benchmark for benchmark in BENCHMARKS}
    names = [one for name in options.names for one in (LIVE if name == "watching" else (name,))]
    unknown = [name for name in names if name not in known]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    chosen = [known[name] for name in names] or [b for b in BENCHMARKS if b.default]
    results: list[Result] = []
    fallen: list[str] = []
    for benchmark in chosen:
        try:
            _run(benchmark, results, smoke=options.smoke, as_json=options.json)
        except Exception:  # minutes of other figures are not lost for it
            traceback.print_exc()
            fallen.append(benchmark.name)
    told = list(verdicts(results))
    if told and not options.json:
        print(f"\n  {'asked of the live reading':<56} {'bar':>10} {'measured':>12}", *told, sep="\n")
    bad = [result for result in results if not result.good]
    for result in bad:
        print(f"{result.benchmark}, {result.case}: {result.quantity} {result.ours:.2g}", file=sys.stderr)
    for name in fallen:
        print(f"{name} came to no end", file=sys.stderr)
    return 1 if bad or fallen else 0


def _run(benchmark: Benchmark, results: list[Result], *, smoke: bool, as_json: bool) -> None:
    if not as_json:
        print(f"\n{benchmark.name}: {benchmark.about}")
        print(f"  {'case':<30} {'quantity':<26} {'ours':>12} {'peer':>12} {'ratio':>8}")
    for result in benchmark.run(benchmark, benchmark.smoke if smoke else benchmark.cases):
        results.append(result)
        print(json.dumps(asdict(result)) if as_json else _line(result), flush=True)


def _line(result: Result) -> str:
    peer = "" if result.peer is None else f"{result.peer:.4g}"
    ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
    return (
        f"  {result.case:<30} {result.quantity:<26} {result.ours:>12.4g} {peer:>12} {ratio:>8} "
        f"{result.peer_name or ''}".rstrip()
    )


if __name__ == "__main__":
    sys.exit(main())
