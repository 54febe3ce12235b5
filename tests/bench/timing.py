"""Benchmarks as ratios: what we do against a floor, side by side in one run on one machine.

A benchmark is a file here with a function `run(bench)`; bin/bench gives each a database of its own,
which is dropped afterwards:

    def run(bench):
        partner = bench.env["res.partner"].create({"name": "Partner"})
        bench.compare(
            "write on a partner",
            ours=lambda: partner.write({"comment": "x"}),
            floor=lambda: stock.write({"comment": "x"}),
            limit=1.10,
        )

Each round calls both, in turn first and second, and undoes what they wrote.  What else the machine
does only ever adds time: the fastest quarter of the rounds is compared.
"""

import gc
import importlib
import statistics
import sys
import time
import tracemalloc
from contextlib import contextmanager


class Bench:
    def __init__(self, env):
        self.env = env
        self.rows = []

    def compare(
        self,
        name,
        ours,
        floor,
        limit=None,
        extra_queries=None,
        rounds=9,
        setup=None,
        floor_env=None,
    ):
        """Measures `ours` against `floor`: functions without arguments, or of what `setup` returns.

        :param limit: the ratio of times that is still good
        :param extra_queries: how many queries more than the floor are still good
        :param setup: called before each measurement, not measured itself
        :param floor_env: the environment that `floor` works in, where it is another one
        """
        sides = {"ours": ours, "floor": floor}
        envs = {"ours": self.env, "floor": floor_env or self.env}
        seconds, queries = {"ours": [], "floor": []}, {}
        for side in sides:  # fills the caches of registry and database
            self.measure(sides[side], setup, envs[side])
        for number in range(rounds):
            for side in ("ours", "floor") if number % 2 else ("floor", "ours"):
                duration, queries[side] = self.measure(sides[side], setup, envs[side])
                seconds[side].append(duration)
        fast = {side: fastest(times) for side, times in seconds.items()}
        ratio = fast["ours"] / fast["floor"]
        more = queries["ours"] - queries["floor"]
        good = (limit is None or ratio <= limit) and (
            extra_queries is None or more <= extra_queries
        )
        self.rows.append(
            {
                "what": name,
                "ours": f"{fast['ours'] * 1000:.1f} ms",
                "floor": f"{fast['floor'] * 1000:.1f} ms",
                "ratio": f"{ratio:.2f}",
                "limit": "" if limit is None else f"{limit:.2f}",
                "queries": f"{queries['ours']} / {queries['floor']}",
                "": "" if good else "OVER",
            }
        )
        return ratio

    def compare_memory(self, name, ours, floor, limit=None):
        """The most memory that `ours` has at a time, against `floor`; what is there before is free.

        Counted is what Python allocates.
        """
        peaks = [self.measure_memory(function) for function in (ours, floor)]
        ratio = peaks[0] / peaks[1]
        self.rows.append(
            {
                "what": f"{name}: memory",
                "ours": f"{peaks[0] / 2**20:.1f} MB",
                "floor": f"{peaks[1] / 2**20:.1f} MB",
                "ratio": f"{ratio:.2f}",
                "limit": "" if limit is None else f"{limit:.2f}",
                "queries": "",
                "": "OVER" if limit is not None and ratio > limit else "",
            }
        )
        return ratio

    def measure_memory(self, function):
        """Bytes, from cold record caches."""
        self.env.flush_all()
        self.env.invalidate_all()
        gc.collect()
        tracemalloc.start()
        try:
            function()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    def measure(self, function, setup=None, env=None):
        """Seconds and queries of one call from cold record caches, whose writes are undone."""
        env = env or self.env
        with self.undone(env):
            arguments = (setup(),) if setup else ()
            env.flush_all()
            env.invalidate_all()
            gc.collect()
            queries, start = env.cr.sql_log_count, time.perf_counter()
            function(*arguments)
            env.flush_all()
            duration = time.perf_counter() - start
            return duration, env.cr.sql_log_count - queries

    @contextmanager
    def undone(self, env):
        env.flush_all()
        env.cr.execute("SAVEPOINT bench")
        try:
            yield
        finally:
            env.clear()
            env.cr.execute("ROLLBACK TO SAVEPOINT bench")
            env.cr.execute("RELEASE SAVEPOINT bench")

    def print_table(self):
        if not self.rows:
            return
        rows = [dict.fromkeys(self.rows[0]) | {name: name for name in self.rows[0]}, *self.rows]
        widths = {name: max(len(row[name]) for row in rows) for name in rows[0]}
        for row in rows:
            first, *others = row
            cells = [row[first].ljust(widths[first]), *(row[n].rjust(widths[n]) for n in others)]
            print("  ".join(cells).rstrip(), flush=True)

    @property
    def is_over(self):
        return any(row[""] for row in self.rows)


def fastest(seconds):
    """The mean of the fastest quarter."""
    return statistics.mean(sorted(seconds)[: -(-len(seconds) // 4)])


def main(env, name):
    """Runs one benchmark; the exit code tells whether a ratio is over its limit."""
    bench = Bench(env)
    try:
        importlib.import_module(name).run(bench)
    finally:
        bench.print_table()
    sys.exit(1 if bench.is_over else 0)
