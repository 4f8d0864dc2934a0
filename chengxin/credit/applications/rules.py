"""What an application holds, what is checked of it before anybody decides, and how soon. Pure: no database, no clock.

Records of penalties or of 失信 are not among the checks: they never keep a business from its code, only from being
publicised (domain.md §11.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final, Literal

from chengxin.credit.applications import consents
from chengxin.credit.subjects.rules import Registered
from chengxin.terms import advertising, industry, period, privacy, unseen, workdays
from chengxin.terms import name as name_of
from chengxin.terms.advertising import Finding
from chengxin.terms.entity import STATES

DECIDE_WITHIN: Final = 3
"""Working days for a clerk to decide, an appeal too (domain.md §11: manual ≤ 1–3 working days)."""
ITEMS_AT_MOST: Final = 20
SCENARIOS_AT_MOST: Final = 10
WAITING_AT_MOST: Final = 5
"""So many applications of one business may wait at once."""
WHY_LENGTH: Final = 500
PROOF_COUNT: Final = 1


@dataclass(frozen=True, slots=True)
class Declared:
    """One thing that a business says of itself: a kind of domain.md §11.2 in its own words, who gave it, until when.

    `revises` is the 填报编号 of what this is a further revision of; empty: something new.
    """

    kind: str
    title: str
    text: str = ""
    issuer: str = ""
    number: str = ""
    given_on: date | None = None
    valid_to: date | None = None
    proof: int | None = None  # people_proof.id
    revises: str = ""
    withdrawn: bool = False  # the business takes back what it said


@dataclass(frozen=True, slots=True)
class Sort:
    """A kind of thing declared: its words, whether somebody else gave it, and whether a clerk sees it without a proof."""

    label: str
    hint: str
    example: str
    title_word: str
    issuer_word: str = ""  # what whoever gave or saw it is called; empty: nobody did
    number_word: str = ""
    needs_text: bool = False
    wants_proof: bool = False


SORTS: Final = {
    sort.label: sort
    for sort in (
        Sort("荣誉奖励", "别人颁发的奖状、称号、牌匾", "2025 年度消费者信得过单位", "荣誉名称", "颁发单位", "证书编号", wants_proof=True),
        Sort("慈善捐助", "捐款、捐物、助学、帮扶", "向社区老人捐赠过冬米面", "做了什么", "接受或见证的单位"),
        Sort("志愿服务", "义务劳动、爱心送考、免费服务", "冬季清雪志愿服务", "做了什么", "组织或见证的单位"),
        Sort("信用承诺", "自己对顾客许下的话", "七天无理由退换", "承诺名称", needs_text=True),
        Sort("资质", "认证、检测、专业资格", "绿色食品标志使用证书", "资质名称", "发证单位", "证书编号", wants_proof=True),
        Sort("产品服务介绍", "卖什么、做什么、有什么特点", "手工东北饺子，现包现煮", "名称", needs_text=True),
    )
}  # fmt: skip
"""Kind → what is asked of it, in the order of domain.md §11.2; the kinds are those of the record kind `declaration`."""

LENGTHS: Final = {"title": 60, "text": 500, "issuer": 100, "number": 60}
"""Letters that each field may have: what a phone shows, well within the columns of `declaration`."""


# ---- What was filled in, as it is kept -----------------------------------------------------------------------------


def kept(item: Declared) -> dict[str, Any]:
    """Return a declared item as it stands in a draft or an application."""
    said = {name: value for name, value in asdict(item).items() if value}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}


def declared(said: Mapping[str, Any]) -> Declared:
    """Return a declared item from what stands in a draft or an application."""
    days = {name: date.fromisoformat(said[name]) for name in ("given_on", "valid_to") if said.get(name)}
    known = {name: said[name] for name in Declared.__dataclass_fields__ if name in said and name not in days}
    return Declared(**{"kind": "", "title": "", **known, **days})


def items_of(body: Mapping[str, Any]) -> list[Declared]:
    """Return the declared items in a draft or an application, in their order: an item is named by its place, from 1."""
    return [declared(said) for said in body.get("items", ())]


# ---- The fields of one item ------------------------------------------------------------------------------------------


def item_faults(item: Declared, *, today: date) -> dict[str, str]:
    """Return field → one sentence, for each field of an item that is not right."""
    faults: dict[str, str] = {}
    sort = SORTS.get(item.kind)
    if sort is None:
        return {"kind": "请选择是哪一类。"}
    if not item.title:
        faults["title"] = f"请填写{sort.title_word}。"
    if sort.needs_text and not item.text:
        faults["text"] = "请写几句内容。"
    if sort.issuer_word and not item.issuer:
        faults["issuer"] = f"请填写{sort.issuer_word}。"
    for name, longest in LENGTHS.items():
        value = getattr(item, name)
        if len(value) > longest:
            faults[name] = f"最多 {longest} 个字，现在有 {len(value)} 个，请删短。"
        elif unseen.among(value, lines=True):
            faults[name] = "这里有看不见的字符，请删掉重新输入。"
        elif found := privacy.find(name_of.alike(value)):
            faults[name] = f"这里写了{found[0].label}。填报的内容人人能看到，请删去。"
    if item.given_on and item.given_on > today:
        faults["given_on"] = "这一天还没有到，请核对。"
    if item.given_on and item.given_on < date(1949, 10, 1):
        faults["given_on"] = "年份太早，请核对。"
    if item.valid_to and item.valid_to < today:
        faults["valid_to"] = "有效期已经过了，过期的内容不展示；请换成仍然有效的。"
    if item.valid_to and item.given_on and item.valid_to < item.given_on:
        faults["valid_to"] = "有效期早于授予日期，请核对。"
    if item.valid_to and item.valid_to > period.LAST:
        faults["valid_to"] = f"最晚写到 {period.LAST.year} 年；没有期限的，这一格不用填。"
    return faults


def item_words(item: Declared, *, name: str) -> list[tuple[str, Finding]]:
    """Return the words of an item that the law on advertising forbids, each with the field that it stands in."""
    # An award's own title is whoever bestowed it, and an introduction may name it between quotation marks.
    own = (item.title,) if item.kind in ("荣誉奖励", "资质") else ()
    titles = (*own, *advertising.quoted(item.text)) if item.issuer else ()
    fields = (("title", item.title), ("text", item.text))
    return [(field, found) for field, value in fields for found in advertising.find(value, names=(name, item.issuer), titles=titles)]  # fmt: skip


# ---- The checks ------------------------------------------------------------------------------------------------------

Level = Literal["pass", "wait", "stop"]
LEVELS: Final = {"pass": "通过", "wait": "由工作人员核对", "stop": "先改正"}


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found: `pass` stands in nobody's way, `wait` is for a clerk, `stop` is to be mended first.

    `about` is what it holds up: the code, the commitment, or a declared item (`item 3`).
    """

    name: str
    label: str
    level: Level
    sentence: str
    about: str = "code"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known, from elsewhere, of the business and of whoever applies for it."""

    registration: Registered | None
    is_coded: bool
    is_coded_elsewhere: bool
    waiting: int  # applications of this business that wait
    binding: str  # state of the binding: provisional, accepted; counter: somebody stood at the counter; empty: none
    part: str = ""
    is_contested: bool = False
    proofs: frozenset[int] = frozenset()  # of this business, handed in
    scenarios: frozenset[str] = frozenset()  # ids that the ledgers have
    templates: frozenset[str] = frozenset()  # commitments that its industry may sign
    standing: frozenset[str] = frozenset()  # 填报编号 of what it says of itself now
    was_frozen: bool = False  # it gave its code up while the office had it frozen


def checks(body: Mapping[str, Any], facts: Facts, *, today: date) -> list[Check]:
    """Return what is found of an application as it is filled in so far: domain.md §11.2, in its order."""
    found = [*_subject(facts), _identity(facts)]
    if not facts.is_coded:
        found += [_consent(body, today), _contact(body)]
    found += [_scenarios(body, facts), *_items(body, facts, today=today)]
    if commitment := _commitment(body, facts):
        found.append(commitment)
    return found


def _subject(facts: Facts) -> list[Check]:
    name, label = "subject", "登记状态"
    registration = facts.registration
    if registration is None:
        return [Check(name, label, "stop", "库中还没有它的登记信息，请先办理“新主体”登记。")]
    state = STATES[registration.state]
    if not state.may_be_coded:
        return [Check(name, label, "stop", f"登记状态为“{state.label}”，不能申领诚信码。")]
    section = industry.section_of(registration.industry)
    trade = industry.label(registration.industry)
    found = [Check(name, label, "pass", f"库中有它的登记信息，状态为“{state.label}”。")]
    if section:
        found.append(Check("industry", "行业门类", "pass", f"属于“{industry.SECTIONS[section]}”（{trade}）。"))
    else:
        found.append(Check("industry", "行业门类", "pass", "登记信息里没有行业，不影响申领。"))
    if facts.is_coded:
        found.append(Check("coded", "是否已有码", "pass", "已有诚信码，这次只补充内容，不再发新码。"))
    elif facts.was_frozen:
        # Else giving a code up and asking for another would be the way out of a freeze.
        found.append(Check("coded", "是否已有码", "wait", "原来的码在冻结期间注销，由工作人员核对后再发新码。"))
    elif facts.is_coded_elsewhere:
        found.append(Check("coded", "是否已有码", "pass", "已有省里签发的码，可以再领一张本系统的码。"))
    else:
        found.append(Check("coded", "是否已有码", "pass", "还没有诚信码。"))
    if facts.waiting >= WAITING_AT_MOST or (facts.waiting and not facts.is_coded):
        found.append(Check("waiting", "在办的申请", "stop", "已有申请正在办理，请等办结后再申请。"))
    return found


def _identity(facts: Facts) -> Check:
    name, label = "identity", "申请人身份"
    if facts.binding == "counter":
        return Check(name, label, "pass", "工作人员在柜台核对了来人的身份和签字的同意书。")
    if facts.is_contested:
        return Check(name, label, "wait", "还有别人也说自己代表这一家，要先由工作人员核实。")
    if facts.binding == "accepted":
        return Check(name, label, "pass", "身份已经核实。")
    if facts.binding == "provisional":
        return Check(name, label, "pass", "身份凭登记信息初步核对，码可以先发；填报和承诺等工作人员核实身份后展示。")
    return Check(name, label, "stop", "您还没有绑定这一家，请先办理绑定。")


def _consent(body: Mapping[str, Any], today: date) -> Check:
    name, label = "consent", "同意书"
    said = body.get("consent", "")
    current = consents.current(today)
    if said == current.version:
        return Check(name, label, "pass", f"已同意（{current.version} 版）。")
    if said:
        return Check(name, label, "stop", "同意书有了新的版本，请再看一遍。")
    return Check(name, label, "stop", "还没有同意申领，请先阅读同意书。")


def contact_faults(contact: Mapping[str, str]) -> dict[str, str]:
    """Return field → one sentence, for each field of a contact that is not right."""
    faults = {}
    if not contact.get("name"):
        faults["name"] = "请填写联系人姓名。"
    elif len(contact["name"]) > 30:
        faults["name"] = "姓名最多 30 个字。"
    digits = "".join(letter for letter in contact.get("phone", "") if letter.isdigit())
    is_mobile = len(digits) == 11 and digits[0] == "1"
    is_line = len(digits) in (7, 8) or (len(digits) in (10, 11, 12) and digits[0] == "0")
    if not digits:
        faults["phone"] = "请填写联系电话。"
    elif not (is_mobile or is_line):
        faults["phone"] = "电话号码不对：手机号是 11 位，座机请写区号，如 0468-3350000。"
    return faults


def _contact(body: Mapping[str, Any]) -> Check:
    faults = contact_faults(body.get("contact", {}))
    if faults:
        return Check("contact", "联系人", "stop", next(iter(faults.values())))
    return Check("contact", "联系人", "pass", "联系方式只用来通知，不公开。")


def _scenarios(body: Mapping[str, Any], facts: Facts) -> Check:
    name, label = "scenarios", "应用场景"
    chosen = body.get("scenarios", [])
    if unknown := [one for one in chosen if one not in facts.scenarios]:
        return Check(name, label, "stop", f"选的场景里有 {len(unknown)} 个清单里没有，请重新选择。")
    if len(chosen) > SCENARIOS_AT_MOST:
        return Check(name, label, "stop", f"最多选 {SCENARIOS_AT_MOST} 个场景，现在有 {len(chosen)} 个。")
    return Check(name, label, "pass", f"选了 {len(chosen)} 个场景。" if chosen else "没有选场景，以后可以再选。")


def _items(body: Mapping[str, Any], facts: Facts, *, today: date) -> list[Check]:
    items = items_of(body)
    if len(items) > ITEMS_AT_MOST:
        return [Check("items", "填报", "stop", f"一次最多填报 {ITEMS_AT_MOST} 项，现在有 {len(items)} 项。")]
    return [_item(place, item, facts, today=today) for place, item in enumerate(items, start=1)]


def _item(place: int, item: Declared, facts: Facts, *, today: date) -> Check:
    name, label, about = "item", f"填报第 {place} 项", f"item {place}"
    if item.revises and item.revises not in facts.standing:
        return Check(name, label, "stop", "要修改的那一项已经不在了，请重新填报。", about)
    if faults := item_faults(item, today=today):
        return Check(name, label, "stop", next(iter(faults.values())), about)
    if item.proof is not None and item.proof not in facts.proofs:
        return Check(name, label, "stop", "证明材料没有传上来，请再传一次。", about)
    registered = facts.registration.name if facts.registration else ""
    if words := item_words(item, name=registered):
        said = "、".join(dict.fromkeys(f"“{found.word}”" for _, found in words))
        return Check(name, label, "wait", f"有{said}这样的用语，由工作人员核对后展示。", about)
    if facts.binding == "provisional" or facts.is_contested:
        return Check(name, label, "wait", "等工作人员核实您的身份后展示。", about)
    if SORTS[item.kind].wants_proof and item.proof is None:
        return Check(name, label, "wait", "没有附证明材料，由工作人员核对后展示。", about)
    return Check(name, label, "pass", "内容完整，日期合理，没有个人信息和禁用语。", about)


def _commitment(body: Mapping[str, Any], facts: Facts) -> Check | None:
    name, label = "commitment", "信用承诺"
    chosen = body.get("commitment", {}).get("template", "")
    if not chosen:
        return None
    if chosen not in facts.templates:
        return Check(name, label, "stop", "选的承诺书不适用于您的行业，请重新选择。", "commitment")
    if facts.binding == "provisional" or facts.is_contested:
        return Check(name, label, "wait", "等工作人员核实您的身份后生效。", "commitment")
    return Check(name, label, "pass", "承诺书适用于您的行业。", "commitment")


def level_of(found: Iterable[Check], about: str) -> Level:
    """Return how things stand with one part of an application: the gravest of what was found about it.

    Whatever is about the code holds up the rest too: nothing is shown of a business that may have no code.
    """
    levels = {check.level for check in found if check.about in (about, "code")}
    return "stop" if "stop" in levels else "wait" if "wait" in levels else "pass"


def why_not_send(found: Sequence[Check]) -> str | None:
    """Return why an application cannot be sent in yet, or nothing if it can."""
    first = next((check for check in found if check.level == "stop"), None)
    return f"{first.label}：{first.sentence}" if first else None


# ---- What became of it -----------------------------------------------------------------------------------------------

STATES_OF: Final = {
    "waiting": "等待核对",
    "approved": "已通过",
    "refused": "未通过",
    "appealed": "申诉中",
    "withdrawn": "已撤回",
}
"""What an application is called by its newest decision."""
PART_STATES: Final = {"waiting": "等待核对", "shown": "已通过", "refused": "未通过"}


@dataclass(frozen=True, slots=True)
class Part:
    """What became of one part of an application: the code, the commitment, or one declared item."""

    state: str  # of PART_STATES
    why: str = ""
    number: str = ""  # the serial, the 承诺编码 or the 填报编号 that came of it

    @property
    def label(self) -> str:
        """Return the state in words."""
        return PART_STATES[self.state]


def outcome(parts: Mapping[str, Part]) -> dict[str, dict[str, str]]:
    """Return parts as they stand in a decision."""
    return {about: {name: value for name, value in asdict(part).items() if value} for about, part in parts.items()}


def parts(said: Mapping[str, Mapping[str, str]]) -> dict[str, Part]:
    """Return the parts of an application from a decision: `code`, `commitment`, `item 1` …"""
    return {about: Part(**part) for about, part in said.items()}


def begun(body: Mapping[str, Any], found: Sequence[Check], *, wants_code: bool) -> dict[str, Part]:
    """Return the parts of an application as it comes in: what passes may be done at once, the rest waits."""
    wanted = ["code"] if wants_code else []
    wanted += ["commitment"] if body.get("commitment", {}).get("template") else []
    wanted += [f"item {place}" for place, _ in enumerate(body.get("items", ()), start=1)]
    return {about: Part("shown" if level_of(found, about) == "pass" else "waiting") for about in wanted}


def decided(
    standing: Mapping[str, Part], *, approve: bool, why: str, refused: Mapping[str, str], appeal: bool
) -> dict[str, Part]:
    """Return the parts once a clerk has decided: of those that wait (or were refused, on appeal) each is done or refused.

    Where the code is refused, nothing else of it is shown.
    """
    open_states = ("waiting", "refused") if appeal else ("waiting",)
    after = dict(standing)
    code_refused = "code" in standing and standing["code"].state in open_states and (not approve or "code" in refused)
    for about, part in standing.items():
        if part.state not in open_states:
            continue
        if not approve or about in refused or code_refused:
            said = refused.get(about) or (refused.get("code") if code_refused else "") or why
            after[about] = replace(part, state="refused", why=said)
        else:
            after[about] = replace(part, state="shown", why="")
    return after


def state_of(standing: Mapping[str, Part]) -> str:
    """Return what an application is as a whole, of its parts."""
    states = {part.state for part in standing.values()}
    if "waiting" in states:
        return "waiting"
    return "refused" if states == {"refused"} else "approved"


RESULTS: Final = {"approved": "全部通过", "partly": "部分通过", "refused": "未通过", "withdrawn": "已撤回"}
"""How an application ended, as the office lists it."""


def result_of(state: str, standing: Mapping[str, Part]) -> str:
    """Return how an application ended, of `RESULTS`; empty while it waits for somebody."""
    if state in ("waiting", "appealed"):
        return ""
    partly = state == "approved" and any(part.state == "refused" for part in standing.values())
    return "partly" if partly else state


def why_not_appeal(state: str, standing: Mapping[str, Part], *, appealed: bool, words: str) -> str | None:
    """Return why something that was refused cannot be appealed against, or nothing if it can: once, with words."""
    if appealed:
        return "已经申诉过一次，申诉的决定为最后决定。"
    if state in ("waiting", "appealed") or not any(part.state == "refused" for part in standing.values()):
        return "没有未通过的内容，不需要申诉。"
    if not words:
        return "请写明为什么认为应当通过。"
    if len(words) > WHY_LENGTH:
        return f"最多 {WHY_LENGTH} 个字，现在有 {len(words)} 个，请删短。"
    if found := privacy.find(words):
        return f"这里写了{found[0].label}，请删去。"
    return None


def why_not_decide(
    *, approve: bool, why: str, refused: Mapping[str, str], binding: str, says_something: bool
) -> str | None:
    """Return why a clerk cannot decide so, or nothing if he can.

    :param binding: the state of the binding of whoever applied now.
    :param says_something: whether something would be shown that is said in the business's name.
    """
    if not approve and not why:
        return "不予通过要写明理由，申请人会看到。"
    for about, reason in refused.items():
        if not reason:
            return (
                "有一项不予通过，请写明理由，申请人会看到。" if about != "code" else "不发码要写明理由，申请人会看到。"
            )
    longest = max((len(reason) for reason in (why, *refused.values())), default=0)
    if longest > WHY_LENGTH:
        return f"理由最多 {WHY_LENGTH} 个字，请删短。"
    if any(privacy.find(reason) for reason in (why, *refused.values())):
        return "理由里有身份证号、手机号或银行卡号，请删去。"
    # 填报和承诺是以经营主体的名义说的话: whoever is not confirmed says nothing in its name.
    if says_something and binding not in ("accepted", "counter"):
        return "申请人的身份还没有核实：请先在“绑定”里核实，再通过填报和承诺。"
    return None


def why_not_same(*, is_appeal: bool, refused_by: str, by: str, others: int) -> str | None:
    """Return why somebody may not decide an appeal against a decision of his own, or nothing if he may."""
    if is_appeal and refused_by == by and others:
        return "这份申请是您不予通过的，申诉由另一位工作人员办理。"
    return None


def due(day: date) -> date:
    """Return the last working day for a decision on what came in on a day.

    Where the notice of the State Council for that year is not out yet, weekdays are counted.
    """
    return workdays.deadline(day, DECIDE_WITHIN, workdays.STATE_COUNCIL)


def working_days_left(today: date, due_on: date) -> int:
    """Return how many working days are left; negative: overdue by so many."""
    try:
        if today <= due_on:
            return workdays.between(today, due_on, workdays.STATE_COUNCIL)
        return -workdays.between(due_on, today, workdays.STATE_COUNCIL)
    except workdays.UnknownYear:
        return (due_on - today).days
