"""Make the tables of `docs/carriers.md`: every carrier with its measures, and how it was read.

    python -m tools.carriers           # write them
    python -m tools.carriers --check   # only say whether they are of today

The codes that are tried are of an address of ordinary length; `chengxin carriers` tries those of an installation's own.
`tests/press/test_carriers_paper.py` holds the paper to what comes out.
"""  # noqa: INP001 — a script, not a package

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from chengxin.board.token import FULL_LENGTH, SHORT_LENGTH
from chengxin.press.carriers import CARRIERS, GROUPS, REACHES, Carrier
from chengxin.press.lint import CAMERA, DAMAGES, DECODERS, Lint, farthest, lint

FILE = Path(__file__).resolve().parents[1] / "docs/carriers.md"
ADDRESS = "HTTPS://CREDIT.EXAMPLE.GOV.CN/C/"
LENGTHS = {"full": FULL_LENGTH, "short": SHORT_LENGTH}
LETTERS = {"zxing-cpp": "Z", "OpenCV": "O"}
PROFILES = {"full": "完整", "short": "短码"}


def tried(carrier: Carrier) -> Lint:
    """Return how a carrier reads with a code of the sample address."""
    return lint(carrier, ADDRESS + "0" * LENGTHS[carrier.profile])


def carriers() -> str:
    """Return a table of each group."""
    lines = []
    for group, label in GROUPS.items():
        lines += [
            f"\n### {label}\n",
            "| 载体 | 成品尺寸（毫米） | 出血 | 二维码（毫米） | 扫码距离 | 码 | 提供 | 材料 | 说明 |",
            "|---|---|---|---|---|---|---|---|---|",
        ]
        lines += [_row(carrier) for carrier in CARRIERS.values() if carrier.group == group]
    return "\n".join(lines) + "\n"


def _row(carrier: Carrier) -> str:
    shots = f"；{carrier.pixels[0]} × {carrier.pixels[1]} 像素" if carrier.pixels else ""
    sheets = f"；多份时 A4 拼 {carrier.many} 份" if carrier.many > 1 else ""
    cells = (
        f"{carrier.label} `{carrier.name}`",
        f"{carrier.width:g} × {carrier.height:g}{shots}{sheets}",
        f"{carrier.bleed:g}" if carrier.bleed else "无",
        f"{carrier.spots[0].side:.0f}{f'，{len(carrier.spots)} 个' if len(carrier.spots) > 1 else ''}",
        f"{REACHES[carrier.reach].distance} 厘米",
        f"{PROFILES[carrier.profile]}，{' 或 '.join(carrier.levels)} 级{'，单色' if carrier.mono else ''}",
        "、".join(form.upper() if form != "link" else "链接" for form in carrier.forms),
        carrier.material,
        carrier.hint,
    )
    return f"| {' | '.join(cells)} |"


def readings() -> str:
    """Return one table: each carrier, what was done to it, who read it."""
    names = list(DAMAGES)
    lines = [
        f"| 载体 | 每边模块 | {' | '.join(DAMAGES[name]['label'] for name in names)} | 最远读到 | 结果 |",
        f"|---|---|{'---|' * (len(names) + 2)}",
    ]
    for carrier in CARRIERS.values():
        found = tried(carrier)
        said = [
            "".join(LETTERS[decoder] for decoder in DECODERS if decoder in found.readings[name]) or "读不出"
            if name in found.readings
            else "–"
            for name in names
        ]
        lines.append(
            f"| {carrier.label} | {found.modules} | {' | '.join(said)} | {_far(carrier)} | {found.why or '通过'} |"
        )
    return "\n".join(lines) + "\n"


def _far(carrier: Carrier) -> str:
    metres = farthest(carrier, ADDRESS + "0" * LENGTHS[carrier.profile]) / 100
    return f"{metres:.1f} 米"


def sizes() -> str:
    """Return which sizes are written somewhere, and which are only usual ones."""
    lines = [f"- {carrier.label}：{carrier.source}。" for carrier in CARRIERS.values() if carrier.source]
    usual = [carrier.label for carrier in CARRIERS.values() if not carrier.source]
    return "\n".join([*lines, f"- 只是常用尺寸，没有成文出处：{'、'.join(usual)}。"]) + "\n"


def strengths() -> str:
    """Return how bad each damage is, in the words of the file."""
    words = {
        "growth": "黑模块{}一个模块的 {:.0%}",
        "paper": "纸面反光 {:.0%}",
        "ink": "墨 {:.0%}（对比度是两者之差）",
        "fibre": "纸纹 {}（满幅 255）",
        "sigma": "高斯模糊 {} 像素",
        "lean": "远端缩小 {:.0%}",
        "spot": "光斑半宽为码边长的 {:.0%}，周围发白",
        "wide": "划痕宽为码边长的 {:.1%}",
        "mud": "污点半径 {:.0%}",
        "contrast": "对比度剩 {:.0%}，一侧有灯",
        "noise": "噪声 {}（满幅 255）",
        "degrees": "码占圆周 {} 度",
    }
    lines = [
        f"- {damage['label']}：{'，'.join(_strength(words, word, value) for word, value in damage.items() if word != 'label')}。"
        for name, damage in DAMAGES.items()
        if len(damage) > 1
    ]
    seen = f"- 画面：每毫米 {CAMERA['pixels']} ÷ 距离（毫米）个像素，码最多占 {CAMERA['most']} 像素，取 {len(CAMERA['tries'])} 帧。"
    return "\n".join([seen, *lines]) + "\n"


def _strength(words: dict[str, str], word: str, value: float) -> str:
    if word == "growth":
        return words[word].format("宽出" if value > 0 else "窄了", abs(value))
    return words[word].format(value)


TABLES = {"carriers": carriers, "sizes": sizes, "strengths": strengths, "readings": readings}


def written(paper: str) -> str:
    """Return the paper with its tables of today."""
    for name, table in TABLES.items():
        head, begins, rest = paper.partition(f"<!-- {name} -->\n")
        _, ends, tail = rest.partition(f"<!-- /{name} -->")
        paper = head + begins + table() + ends + tail
    return paper


def main() -> int:
    """Write the tables, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if the file is not of today")
    args = parser.parse_args()
    paper = FILE.read_text("utf-8")
    if args.check:
        return int(written(paper) != paper)
    FILE.write_text(written(paper), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
