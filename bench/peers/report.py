"""Rows of results as a Markdown table."""

OURS = "slimscale"
COLLAPSED = " collapsed"  # the end of the name of an engine that got a network with a collapsed tail


def table(rows):
    """One line per network, width and input; one column per engine and precision, with p50 in milliseconds; then the best
    f32 peer's time over ours, and the same for peers with collapsed tails and for q16, if there are any."""
    subjects = list(dict.fromkeys(subject(row) for row in rows))
    def plain(engine, precision):
        return precision == "f32" and not engine.endswith(COLLAPSED)

    ratios = [("best f32 peer / ours", plain, "f32")]
    if any(row["engine"].endswith(COLLAPSED) for row in rows):
        ratios.append(("best collapsed / ours", lambda engine, _: engine.endswith(COLLAPSED), "f32"))
    if any(row["precision"] == "q16" for row in rows):
        ratios.append(("best f32 peer / q16", plain, "q16"))
        ratios.append(("best reduced peer / q16", lambda _, precision: precision != "f32", "q16"))
    titles = ["network", "channels", "input", *map(heading(rows), subjects), *(title for title, *_ in ratios)]
    lines = ["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"]
    for key in dict.fromkeys((row["model"], row["channels"], row["input"]) for row in rows):
        group = {subject(row): row for row in rows if (row["model"], row["channels"], row["input"]) == key}
        cells = [milliseconds(group.get(each)) for each in subjects]
        lines.append("| " + " | ".join([*map(str, key), *cells, *(ratio(group, of, precision) for _, of, precision in ratios)]) + " |")
    return "\n".join(lines)


def subject(row):
    return row["engine"], row["precision"]


def heading(rows):
    versions = {subject(row): row["version"] for row in rows}
    return lambda each: f"{each[0]} {versions[each]} {each[1]}"


def milliseconds(row):
    if row is None:
        return "-"
    if row["p50_ms"] is None:
        return f"other result ({row['max_abs_diff']:.2g})"
    return f"{row['p50_ms']:.1f}" if row["p50_ms"] >= 10 else f"{row['p50_ms']:.2f}"


def ratio(group, of, precision):
    """The best time of the peers for which of(engine, precision) holds, over our time in `precision`."""
    peers = [row["p50_ms"] for (engine, kind), row in group.items()
             if engine != OURS and of(engine, kind) and row["p50_ms"]]
    ours = [row["p50_ms"] for subject, row in group.items() if subject == (OURS, precision) and row["p50_ms"]]
    return f"{min(peers) / ours[0]:.2f}" if peers and ours else "-"
