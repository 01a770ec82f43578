"""Rows of results as a Markdown table."""

OURS = "slimscale"


def table(rows):
    """One line per network, width and input; one column per engine, p50 in milliseconds; ours over the best peer."""
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    lines = ["| network | channels | input | " + " | ".join(map(heading(rows), engines)) + " | best peer / ours |",
             "|---" * (len(engines) + 4) + "|"]
    for key in dict.fromkeys((row["model"], row["channels"], row["input"]) for row in rows):
        group = {row["engine"]: row for row in rows if (row["model"], row["channels"], row["input"]) == key}
        cells = [milliseconds(group.get(engine)) for engine in engines]
        lines.append("| " + " | ".join([*map(str, key), *cells, ratio(group)]) + " |")
    return "\n".join(lines)


def heading(rows):
    versions = {row["engine"]: row["version"] for row in rows}
    return lambda engine: f"{engine} {versions[engine]}"


def milliseconds(row):
    if row is None:
        return "failed"
    if row["p50_ms"] is None:
        return f"other result ({row['max_abs_diff']:.2g})"
    return f"{row['p50_ms']:.1f}" if row["p50_ms"] >= 10 else f"{row['p50_ms']:.2f}"


def ratio(group):
    peers = [row["p50_ms"] for name, row in group.items() if name != OURS and row["p50_ms"]]
    ours = group.get(OURS, {}).get("p50_ms")
    return f"{min(peers) / ours:.2f}" if peers and ours else "-"
