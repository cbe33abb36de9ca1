"""Writes docs/performance.md from the latest figures, so that no number is copied by hand."""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmarks.result import LATEST, Result, shown

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
HEAD = """# Performance

Written by `make bench` from `benchmarks/latest.json`. Quote ratios, not figures: the machine was shared. What is compared
with what, and why, is decision [18](decisions/0018-what-the-benchmarks-compare.md).

- **own files**: the switch with no links. **with both partners**: NCIC and the DMV run as programs with their own databases on the
  same cores, and each inquiry asks them too.
- Every commit is durable (`fsync`, `synchronous_commit`). The load generator runs on the same cores.
- Mixes: *numbers* is plates 60 %, licences 30 %, messages 10 %; *field* is plates 44 %, names 33 %, licences 14 %, messages 5 %, guns 2 %, driver histories 1 %, supervision 1 %.
  The rates of *field* below were measured with the mix before that: plates 45 %, names 35 %, licences 15 %, messages 5 %, and
  before a change had anything that follows it.
- *From the court to the car*: from the first byte of an order that a court submits over HTTP to the hit in a car that asks again and
  again over TCP, one new order a second, while 64 stations ask *field* 162 times a second; all partners on the same cores.
- *One agency's flood*: ten agencies ask for plates at given instants, in one process with the switch; one of them asks fifty times as
  much. The times are those of the nine others, from when a text was due until its answer is written down. *all in one line* is the
  same switch, first come, first served, as it was before decision [45](decisions/0045-fair-shares.md).
  These were measured while other work filled both cores (load average 13); the ratios of two runs are in the decision.
- `pgbench` is on the same server: two indexed look-ups, two inserted rows of 600 bytes, one commit, 64 clients, passes in turn with ours.
"""  # noqa: E501


def write() -> None:
    """The page from the file of the latest figures."""
    found = msgspec.json.decode(LATEST.read_bytes(), type=dict[str, Result])
    machine = found.pop("machine", None)
    lines = [HEAD]
    if machine is not None:
        lines.append(
            f"Measured on {machine.value:.0f} cores, {machine.more.get('system')}, "
            f"Python {machine.more.get('python')}, last on {machine.more.get('on')}.\n"
        )
    groups = {
        "## Answered inquiries": [name for name in found if "stations, " in name and "rounds" not in name],
        "## At the nation's mean rate": [name for name in found if name.startswith("field at")],
        "## What an inquiry costs": [name for name in found if name.startswith("SQL rounds")],
        "## Plate look-up as the state grows": [name for name in found if name.startswith("plate look-up")],
        "## Finding people": [name for name in found if name.startswith("search, ")],
        "## Bringing a file of records in": [name for name in found if name.startswith("import, ")],
        "## Who may": [name for name in found if name.startswith("access, ")],
        "## One agency's flood": [name for name in found if name.startswith("flood, ")],
        "## Hits that come late": [name for name in found if name.startswith("late hits, ")],
        "## From the court to the car": [name for name in found if name.startswith("orders, ")],
        "## One message, in one process": [
            name
            for name in found
            if name.split(",")[0].split(" ")[0] in {"parse", "write", "rule", "journal"}
        ],
    }
    for title, names in groups.items():
        if not names:
            lines += [title, "", "Not measured yet.", ""]
            continue
        lines += [title, "", "| | | beside | ratio | target | more |", "|---|---|---|---|---|---|"]
        lines += [_row(name, found[name]) for name in sorted(names, key=_order)]
        lines.append("")
    PAGE.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _order(name: str) -> tuple[str, int, str]:
    digits = next((word for word in name.split() if word.isdigit()), "0")
    return name.split(",")[0], int(digits), name


def _row(name: str, one: Result) -> str:
    beside = f"{one.baseline_name} {_figure(one.baseline)}" if one.baseline is not None else ""
    ratio = f"{one.ratio:.2f}" if one.ratio is not None else ""
    more = ", ".join(
        f"{key.replace('_', ' ')} {_shown(value)}" for key, value in one.more.items() if value != 0
    )
    return f"| {name} | {_figure(one.value)} {one.unit} | {beside} | {ratio} | {one.target} | {more} |"


def _figure(value: float) -> str:
    return f"{value:,.1f}" if value >= 10 else shown(value)


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " to ".join(f"{number:,.1f}" for number in value)
    return (
        f"{value:,}" if isinstance(value, int) else shown(value) if isinstance(value, float) else str(value)
    )


if __name__ == "__main__":
    write()
