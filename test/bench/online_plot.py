"""Curves of `scripts/bench online` as one SVG: progress over time of every way, and the services' update latency."""
import html
import math
import statistics

COLOURS = ("#444444", "#999999", "#b3261e", "#e07b39", "#2e7d32", "#1565c0", "#6a1b9a", "#00838f", "#795548", "#c2185b", "#9e9d24",
           "#37474f")
WIDTH, HEIGHT, LEFT, TOP, LEGEND, GAP = 620, 300, 60, 40, 260, 60


def write_svg(file, curves, latencies, unit="share done, by WAL"):
    """`curves`: title → way → [(second, share done)]; `latencies`: way → [(second, milliseconds)]."""
    panels = []
    for title, ways in curves.items():
        panels.append((title, unit, {name: points for name, points in ways.items()}, False))
    if latencies:
        panels.append(("updates of the services, p99 of each second", "ms",
                       {name: by_second(values) for name, values in latencies.items()}, True))
    height = TOP + len(panels) * (HEIGHT + GAP + TOP)
    width = LEFT + WIDTH + LEGEND
    body = "".join(panel(number * (HEIGHT + GAP + TOP), *values) for number, values in enumerate(panels))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                    f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>{body}</svg>\n')


def by_second(values):
    seconds = {}
    for at, milliseconds in values:
        seconds.setdefault(int(at), []).append(milliseconds)
    return [(second, max(sorted(found)[min(len(found) - 1, int(0.99 * len(found)))], 0.1))
            for second, found in sorted(seconds.items())]


def panel(top, title, unit, ways, logarithmic):
    points = [point for found in ways.values() for point in found]
    longest = max((at for at, _ in points), default=1) or 1
    values = [value for _, value in points] or [1]
    low, high = (math.log10(min(values)), math.log10(max(values))) if logarithmic else (0, max(values))
    if high <= low:
        high = low + 1

    def place(at, value):
        height = (math.log10(value) if logarithmic else value) - low
        return f"{LEFT + at / longest * WIDTH:.1f},{top + TOP + HEIGHT - height / (high - low) * HEIGHT:.1f}"

    text = (f'<text x="{LEFT}" y="{top + 24}" font-size="15">{html.escape(title)}</text>'
            f'<rect x="{LEFT}" y="{top + TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#cccccc"/>')
    for part in range(6):
        value = low + (high - low) * part / 5
        label = f"{10 ** value:.3g}" if logarithmic else f"{value:.2g}"
        y = top + TOP + HEIGHT - HEIGHT * part / 5
        text += (f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{y:.0f}" y2="{y:.0f}" stroke="#eeeeee"/>'
                 f'<text x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{label}</text>'
                 f'<text x="{LEFT + WIDTH * part / 5:.0f}" y="{top + TOP + HEIGHT + 16}" text-anchor="middle">'
                 f"{longest * part / 5:.3g} s</text>")
    text += f'<text x="{LEFT - 6}" y="{top + TOP - 8}" text-anchor="end">{html.escape(unit)}</text>'
    for number, (name, found) in enumerate(ways.items()):
        colour = COLOURS[number % len(COLOURS)]
        line = " ".join(place(at, value) for at, value in found)
        middle = statistics.median(value for _, value in found) if found and logarithmic else None
        label = name if middle is None else f"{name} ({middle:.1f})"
        y = top + TOP + 14 + number * 18
        text += (f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
                 f'<line x1="{LEFT + WIDTH + 10}" x2="{LEFT + WIDTH + 28}" y1="{y - 4}" y2="{y - 4}" stroke="{colour}" '
                 f'stroke-width="3"/><text x="{LEFT + WIDTH + 34}" y="{y}">{html.escape(label)}</text>')
    return text
