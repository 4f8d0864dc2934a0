"""`chengxin carriers`: what codes are printed on, and whether phones would read the codes of this address there."""

from __future__ import annotations

import argparse
import json

DJANGO = True
DATABASE = False
HELP = "列出全部载体：尺寸、扫码距离，以及用本地网址的码试读的结果"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = (
        "每种载体按成品试读：原样两种解码程序都要读出，失焦、斜拍、反光、划痕、昏暗时至少一种读出，才提供下载。\n"
        "换了网址（CODE_URL）后运行一次：网址越长，码越密。印刷要求见 docs/carriers.md\n"
        "例：chengxin carriers\n退出状态：0 全部通过；1 有没通过的，说明原因和办法"
    )


def run(args: argparse.Namespace) -> int:
    """List the carriers; 1 when one of them would not be read."""
    from django.conf import settings

    from chengxin.board.token import FULL_LENGTH, SHORT_LENGTH
    from chengxin.press.carriers import CARRIERS, REACHES
    from chengxin.press.lint import DAMAGES, lint

    lengths = {"full": FULL_LENGTH, "short": SHORT_LENGTH}
    found = [
        (carrier, lint(carrier, f"{settings.CODE_URL.upper()}/C/{'0' * lengths[carrier.profile]}"))
        for carrier in CARRIERS.values()
    ]
    if args.json:
        report = [
            {
                "carrier": one.carrier,
                "label": carrier.label,
                "millimetres": [carrier.width, carrier.height],
                "symbol": carrier.spots[0].side,
                "modules": one.modules,
                "readings": {name: list(by) for name, by in one.readings.items()},
                "why": one.why,
            }
            for carrier, one in found
        ]
        print(json.dumps(report, ensure_ascii=False))
    else:
        for carrier, one in found:
            size = f"{carrier.width:g} × {carrier.height:g} 毫米"
            code = f"码 {carrier.spots[0].side:.0f} 毫米，{one.modules} 个模块"
            print(f"{carrier.name}  {carrier.label}  {size}  {code}  {REACHES[carrier.reach].distance} 厘米扫")
            for name, by in one.readings.items():
                print(f"    {DAMAGES[name]['label']}：{'、'.join(by) or '读不出'}")
            print(f"    {one.why or '通过'}")
    return 1 if any(not one.passes for _, one in found) else 0
