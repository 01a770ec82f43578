"""Rows of results as Markdown tables."""

OURS = "slimscale"
COLLAPSED = " collapsed"  # the end of the name of an engine that got a network with a collapsed tail
REDUCED = ("bf16", "int8")  # peers' precisions below f32


def table(rows):
    """One line per network, width and input; one column per engine and precision, p50 in milliseconds; then the best
    peer's time over ours, peers of one precision at a time, those with collapsed tails apart."""
    subjects = list(dict.fromkeys(subject(row) for row in rows))
    ratios = [(title, of, precision) for title, of, precision in all_ratios() if any(of(*each) for each in subjects)
              and (OURS, precision) in subjects]
    titles = ["network", "channels", "input", *map(heading(rows), subjects), *(title for title, *_ in ratios)]
    lines = head(titles)
    for key, group in jobs(rows).items():
        cells = [milliseconds(group.get(each)) for each in subjects]
        lines.append(line([*key, *cells, *(ratio(group, of, precision) for _, of, precision in ratios)]))
    return "\n".join(lines)


def threads_table(rows):
    """One line per network, width, input, engine and precision: for each number of threads p50 in milliseconds, that
    over the first number's, and p99 over p50."""
    threads = list(dict.fromkeys(row["threads"] for row in rows))
    titles = [f"{title}{count}" for count in threads for title in ("p50 ms, ", "times as long, ", "p99 / p50, ")]
    titles.pop(1)  # the first number's over itself
    lines = head(["network", "channels", "input", "engine", *titles])
    by_threads = {count: jobs([row for row in rows if row["threads"] == count]) for count in threads}
    for key in by_threads[threads[0]]:
        for each, first in by_threads[threads[0]][key].items():
            cells = []
            for count in threads:
                row = by_threads[count].get(key, {}).get(each)
                timed = row is not None and row["p50_ms"] is not None
                cells.append(milliseconds(row))
                if count != threads[0]:
                    cells.append(f"{row['p50_ms'] / first['p50_ms']:.2f}" if timed and first["p50_ms"] else "-")
                cells.append(f"{row['p99_ms'] / row['p50_ms']:.2f}" if timed else "-")
            lines.append(line([*key, " ".join(each), *cells]))
    return "\n".join(lines)


def error_table(rows):
    """One line per network, width, input, engine and precision: its time, and how far it is from double precision."""
    lines = head(["network", "channels", "input", "engine", "p50 ms", "largest error", "mean error", "PSNR, dB",
                  "PSNR lost against the original, dB"])
    for key, group in jobs(rows).items():
        for each, row in group.items():
            lost = "-" if row["psnr_loss_db"] is None else f"{row['psnr_loss_db']:.4f}"
            lines.append(line([*key, " ".join(each), milliseconds(row), f"{row['max_abs_diff']:.2g}",
                               f"{row['mean_abs_diff']:.2g}", f"{row['psnr_db']:.1f}", lost]))
    return "\n".join(lines)


def all_ratios():
    """(title, which peers count by engine and precision, ours by precision)"""
    def peers(precision, collapsed):
        return lambda engine, kind: kind == precision and engine != OURS and engine.endswith(COLLAPSED) == collapsed

    for ours, name in (("f32", "ours"), ("q16", "q16"), ("bf16", "our bf16")):
        for precision in ("f32", *(REDUCED if ours != "f32" else ())):
            for collapsed in (False, True):
                yield (f"best {'collapsed ' if collapsed else ''}{precision} peer / {name}",
                       peers(precision, collapsed), ours)


def jobs(rows):
    """(network, channels, input) -> subject -> row"""
    groups = {}
    for row in rows:
        groups.setdefault((row["model"], row["channels"], row["input"]), {})[subject(row)] = row
    return groups


def head(titles):
    return [line(titles), "|---" * len(titles) + "|"]


def line(cells):
    return "| " + " | ".join(map(str, cells)) + " |"


def subject(row):
    return row["engine"], row["precision"]


def heading(rows):
    versions = {subject(row): row["version"] for row in rows}
    return lambda each: f"{each[0]} {versions[each]} {each[1]}"


def milliseconds(row):
    if row is None:
        return "-"
    if row["p50_ms"] is None:
        return f"untimed ({row['max_abs_diff']:.2g})"
    return f"{row['p50_ms']:.1f}" if row["p50_ms"] >= 10 else f"{row['p50_ms']:.2f}"


def ratio(group, of, precision):
    """The best time of the peers for which of(engine, precision) holds, over our time in `precision`."""
    peers = [row["p50_ms"] for (engine, kind), row in group.items() if of(engine, kind) and row["p50_ms"]]
    ours = [row["p50_ms"] for subject, row in group.items() if subject == (OURS, precision) and row["p50_ms"]]
    return f"{min(peers) / ours[0]:.2f}" if peers and ours else "-"
