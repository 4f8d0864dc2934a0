"""Who acts for which business: nobody takes one over, whoever is let go is out, and every act stands in the trail."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chengxin.people import bindings, trail
from chengxin.people.bindings import Gone
from chengxin.people.models import Binding, Call, Phone, Trail, Unit, User
from chengxin.people.trail import Actor, Refused

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DUE = date(2026, 11, 26)
SHOP = "92230402MA1CTE575M"
CLERK = Actor("wang", "credit_office")
OTHER_CLERK = Actor("li", "credit_office")


@pytest.fixture(autouse=True)
def clerks():
    for actor in (CLERK, OTHER_CLERK):
        User.objects.create(username=actor.name, role=actor.role)


def person(name):
    return User.objects.create(username=name, role="business", name=name)


def claim(user, *, level="name", part="legal", at=NOW, **more):
    by = Actor(user.username, user.role)
    said = {"subject": SHOP, "name": "李国强", "area": "230402", "due_on": DUE} | more
    return bindings.claim(user=user, part=part, level=level, by=by, at=at, **said)


def test_by_the_e_licence_somebody_is_in_at_once():
    owner = person("b-1")

    made = claim(owner, level="licence")

    assert (made.state, made.due_on, bindings.of(owner, SHOP)) == ("accepted", None, made)


def test_by_the_registered_name_somebody_is_provisional_and_the_office_has_three_days():
    made = claim(person("b-1"))

    assert (made.state, made.contested, made.due_on) == ("provisional", False, DUE)


def test_an_agent_by_letter_waits_and_is_not_in():
    agent = person("b-1")

    assert claim(agent, level="letter", part="agent").state == "waiting"
    assert bindings.of(agent, SHOP) is None


@pytest.mark.parametrize(
    ("level", "part"),
    [("name", "legal"), ("letter", "agent"), ("licence", "legal"), ("counter", "legal"), ("newcomer", "legal")],
)
@pytest.mark.parametrize("state", ["waiting", "provisional", "accepted"])
def test_a_second_person_waits_and_changes_nothing_for_the_first(level, part, state):
    first = claim(person("b-1"))
    Binding.objects.filter(pk=first.pk).update(state=state)

    second = claim(person("b-2"), level=level, part=part, state=None if level != "newcomer" else "accepted")

    assert (second.state, second.contested, second.due_on) == ("waiting", True, DUE)
    first.refresh_from_db()
    assert first.state == state


def test_the_e_licence_is_not_held_up_by_an_agent():
    claim(person("b-1"), level="letter", part="agent")

    assert claim(person("b-2"), level="licence").state == "accepted"


def test_staff_are_no_rivals():
    made = claim(person("b-1"), level="invited", part="staff")
    assert made.state == "accepted"

    assert claim(person("b-2")).state == "provisional"


def test_whoever_was_refused_or_left_is_no_rival():
    for name, state in (("b-1", "refused"), ("b-2", "ended")):
        Binding.objects.filter(pk=claim(person(name)).pk).update(state=state)

    assert claim(person("b-3")).state == "provisional"


@pytest.mark.parametrize(
    ("level", "part"),
    [("name", "agent"), ("letter", "legal"), ("letter", "staff"), ("counter", "staff")],
)
def test_a_part_is_not_shown_by_what_does_not_show_it(level, part):
    with pytest.raises(Refused, match="证明方式"):
        claim(person("b-1"), level=level, part=part)


def test_asking_twice_is_told():
    user = person("b-1")
    claim(user, level="letter", part="agent")

    with pytest.raises(Refused, match="请等候结果"):
        claim(user)


def test_whoever_is_refused_again_and_again_is_sent_to_the_counter():
    user = person("b-1")
    for _ in range(bindings.TRIES_AT_MOST):
        made = claim(user)
        bindings.decide(binding=made.pk, accept=False, why="照片看不清", by=CLERK, at=NOW)

    with pytest.raises(Refused, match="到信用办或政务大厅"):
        claim(user)
    assert claim(user, at=NOW + timedelta(days=31)).state == "provisional"


def test_nobody_waits_for_more_than_ten_businesses():
    user = person("b-1")
    for number in range(bindings.CLAIMS_AT_MOST):
        claim(user, subject=f"92230402MA1CTE{number:03}M")

    with pytest.raises(Refused, match="10 条"):
        claim(user)


# ---- Deciding ------------------------------------------------------------------------------------------------------


def test_the_office_confirms_one_and_lets_the_wrong_one_go_in_one_act():
    wrong, right = person("b-1"), person("b-2")
    first, second = claim(wrong), claim(right)

    bindings.decide(binding=second.pk, accept=True, why="核对了证照", ends=[first.pk], by=CLERK, at=NOW)

    assert bindings.of(wrong, SHOP) is None
    assert bindings.of(right, SHOP).state == "accepted"
    newest = Trail.objects.order_by("-pk").first()
    assert (newest.verb, newest.thing) == ("binding.accept", f"binding {second.pk}")
    assert newest.detail == {"subject": SHOP, "user": "b-2", "part": "legal", "ended": ["b-1"]}


def test_a_refusal_says_why_and_whoever_was_provisional_is_out():
    user = person("b-1")
    made = claim(user)

    with pytest.raises(Refused, match="请写明理由"):
        bindings.decide(binding=made.pk, accept=False, why=" ", by=CLERK, at=NOW)
    bindings.decide(binding=made.pk, accept=False, why="照片看不清", by=CLERK, at=NOW)

    assert bindings.of(user, SHOP) is None
    made.refresh_from_db()
    assert (made.state, made.why, made.decided_by, made.due_on) == ("refused", "照片看不清", "wang", None)


def test_the_second_clerk_is_told_that_it_is_decided():
    made = claim(person("b-1"))
    bindings.decide(binding=made.pk, accept=True, by=CLERK, at=NOW)

    with pytest.raises(Refused, match="已经处理过"):
        bindings.decide(binding=made.pk, accept=False, why="不对", by=OTHER_CLERK, at=NOW)


def test_a_reason_holds_no_personal_data():
    made = claim(person("b-1"))

    with pytest.raises(Refused, match="个人信息"):
        bindings.decide(binding=made.pk, accept=False, why="请打 13800138000", by=CLERK, at=NOW)


def test_nobody_of_another_business_is_let_go_with_it():
    far = claim(person("b-1"), subject="91230403MA1CTE5757")
    made = claim(person("b-2"))

    with pytest.raises(Refused):
        bindings.decide(binding=made.pk, accept=True, why="核对了", ends=[far.pk], by=CLERK, at=NOW)
    far.refresh_from_db()
    assert far.state == "provisional"


def test_an_appeal_is_looked_at_by_somebody_else():
    user = person("b-1")
    made = claim(user)
    bindings.decide(binding=made.pk, accept=False, why="照片看不清", by=CLERK, at=NOW)
    bindings.appeal(binding=made.pk, user=user, words="照片重新拍过了，请再看", due_on=DUE, at=NOW)

    with pytest.raises(Refused, match="另一位同事"):
        bindings.decide(binding=made.pk, accept=True, by=CLERK, at=NOW)
    assert bindings.decide(binding=made.pk, accept=True, by=OTHER_CLERK, at=NOW).state == "accepted"


def test_where_nobody_else_is_there_the_trail_says_so():
    User.objects.filter(username=OTHER_CLERK.name).update(is_active=False)
    user = person("b-1")
    made = claim(user)
    bindings.decide(binding=made.pk, accept=False, why="照片看不清", by=CLERK, at=NOW)
    bindings.appeal(binding=made.pk, user=user, words="照片重新拍过了，请再看", due_on=DUE, at=NOW)

    bindings.decide(binding=made.pk, accept=True, by=CLERK, at=NOW)

    assert Trail.objects.order_by("-pk").first().detail["alone"] is True


@pytest.mark.parametrize(("area", "is_there"), [("230402", True), ("230403", False)], ids=["own", "another"])
def test_a_countys_clerk_is_somebody_else_only_in_their_own_area(area, is_there):
    User.objects.filter(username=OTHER_CLERK.name).update(
        role="county", unit=Unit.objects.create(name="某区信用办", area=area)
    )
    made = claim(person("b-1"))
    made.decided_by = CLERK.name

    assert bindings.others_decide(made) is is_there


def test_one_appeals_once_against_ones_own_refusal_with_words():
    user, stranger = person("b-1"), person("b-2")
    made = claim(user)
    said = {"binding": made.pk, "due_on": DUE, "at": NOW}
    with pytest.raises(Refused, match="不能申诉"):
        bindings.appeal(user=user, words="还没有决定就申诉", **said)
    bindings.decide(binding=made.pk, accept=False, why="照片看不清", by=CLERK, at=NOW)

    with pytest.raises(Refused, match="不能申诉"):
        bindings.appeal(user=stranger, words="别人来申诉试试看", **said)
    with pytest.raises(Refused, match="5 至 500 个字"):
        bindings.appeal(user=user, words="  ", **said)
    with pytest.raises(Refused, match="身份证号"):
        bindings.appeal(user=user, words="我的号码 230402199003071233", **said)
    bindings.appeal(user=user, words="照片重新拍过了", **said)
    bindings.decide(binding=made.pk, accept=False, why="仍看不清", by=OTHER_CLERK, at=NOW)
    with pytest.raises(Refused, match="申诉过一次"):
        bindings.appeal(user=user, words="再申诉一次试试", **said)


# ---- People --------------------------------------------------------------------------------------------------------


@pytest.fixture
def boss():
    return claim(person("b-boss"), level="licence")


def taken_on(boss, part, name="b-new"):
    user = person(name)
    bindings.invite(by=boss, part=part, at=NOW)
    return bindings.join(call=Call.objects.order_by("-pk").first().pk, user=user, at=NOW)


@pytest.mark.parametrize("part", ["agent", "staff"])
def test_the_one_in_charge_takes_people_on_by_a_link_that_works_once(boss, part):
    token = bindings.invite(by=boss, part=part, at=NOW)
    call = bindings.call(token, at=NOW)

    made = bindings.join(call=call.pk, user=person("b-1"), at=NOW)

    assert (made.state, made.part, made.proven_by) == ("accepted", part, "invited")
    assert bindings.call(token, at=NOW) is None
    with pytest.raises(Gone):
        bindings.join(call=call.pk, user=person("b-2"), at=NOW)


def test_a_link_is_kept_by_its_digest_and_ends_by_itself(boss):
    token = bindings.invite(by=boss, part="staff", at=NOW)

    assert token not in str(Call.objects.values_list())
    assert bindings.call(token, at=NOW + bindings.GOOD_FOR) is None
    assert bindings.call("x", at=NOW) is None


def test_an_agent_takes_on_staff_and_no_agents(boss):
    agent = taken_on(boss, "agent")

    bindings.invite(by=agent, part="staff", at=NOW)
    with pytest.raises(Refused):
        bindings.invite(by=agent, part="agent", at=NOW)


@pytest.mark.parametrize("part", ["agent", "staff", "legal", "cook"])
def test_staff_take_nobody_on(boss, part):
    staff = taken_on(boss, "staff")

    with pytest.raises(Refused):
        bindings.invite(by=staff, part=part, at=NOW)


def test_whoever_is_not_confirmed_takes_nobody_on():
    with pytest.raises(Refused):
        bindings.invite(by=claim(person("b-1")), part="staff", at=NOW)


def test_by_a_telephone_number_only_its_account_comes_in_and_finds_it(boss):
    meant, other = person("b-1"), person("b-2")
    for user, number in ((meant, "+8613800138000"), (other, "+8613800138001")):
        Phone.objects.create(user=user, number=number, verified_at=NOW)
    bindings.invite(by=boss, part="staff", phone="+8613800138000", at=NOW)
    (call,) = bindings.called(meant, at=NOW)

    assert bindings.called(other, at=NOW) == []
    with pytest.raises(Gone):
        bindings.join(call=call.pk, user=other, at=NOW)
    bindings.join(call=call.pk, user=meant, at=NOW)
    assert Call.objects.get(pk=call.pk).phone == ""


def test_whoever_was_let_go_takes_nobody_on_by_an_old_link(boss):
    agent = taken_on(boss, "agent")
    token = bindings.invite(by=agent, part="staff", at=NOW)
    bindings.let_go(binding=agent.pk, by=boss, at=NOW)

    assert bindings.call(token, at=NOW) is None


def test_ones_own_claim_is_closed_by_an_invitation(boss):
    user = person("b-1")
    asked = claim(user, level="letter", part="agent")
    bindings.invite(by=boss, part="agent", at=NOW)

    bindings.join(call=Call.objects.get().pk, user=user, at=NOW)

    asked.refresh_from_db()
    assert asked.state == "ended"
    assert bindings.of(user, SHOP).part == "agent"


def test_the_one_in_charge_lets_people_go_and_nobody_lets_the_one_in_charge_go(boss):
    agent, staff = taken_on(boss, "agent", "b-1"), taken_on(boss, "staff", "b-2")

    with pytest.raises(Refused):
        bindings.let_go(binding=boss.pk, by=agent, at=NOW)
    with pytest.raises(Refused):
        bindings.let_go(binding=agent.pk, by=staff, at=NOW)
    bindings.let_go(binding=staff.pk, by=agent, at=NOW)
    bindings.let_go(binding=agent.pk, by=boss, at=NOW)

    assert [one.pk for one in bindings.people_of(SHOP)] == [boss.pk]


def test_nobody_of_another_business_lets_anybody_go(boss):
    far = claim(person("b-far"), subject="91230403MA1CTE5757", level="licence")
    staff = taken_on(boss, "staff")

    with pytest.raises(Refused):
        bindings.let_go(binding=staff.pk, by=far, at=NOW)


def test_anybody_leaves_and_is_out(boss):
    bindings.let_go(binding=boss.pk, by=boss, at=NOW)

    assert bindings.of(boss.user, SHOP) is None


def test_handing_over_makes_the_agent_the_one_in_charge_and_keeps_what_was(boss):
    agent = taken_on(boss, "agent")

    made = bindings.hand_over(to=agent.pk, by=boss, at=NOW)

    assert (made.user_id, made.part) == (agent.user_id, "legal")
    assert bindings.of(boss.user, SHOP).part == "agent"
    assert sorted(Binding.objects.filter(state="ended").values_list("pk", flat=True)) == sorted([boss.pk, agent.pk])


def test_one_hands_over_to_an_agent_alone_and_only_what_one_has(boss):
    staff, agent = taken_on(boss, "staff", "b-1"), taken_on(boss, "agent", "b-2")

    with pytest.raises(Refused):
        bindings.hand_over(to=staff.pk, by=boss, at=NOW)
    with pytest.raises(Refused):
        bindings.hand_over(to=agent.pk, by=agent, at=NOW)


def test_closing_an_account_ends_all_it_had(boss):
    claim(boss.user, subject="91230403MA1CTE5757")

    bindings.end_all(user=boss.user, why="账号已注销", by=CLERK, at=NOW)

    assert bindings.held(boss.user) == []


def test_an_e_licence_closes_what_was_asked_for_before():
    user = person("b-1")
    asked = claim(user)

    made = bindings.claim_by_licence(user=user, subject=SHOP, part="legal", at=NOW)
    again = bindings.claim_by_licence(user=user, subject=SHOP, part="legal", at=NOW)

    asked.refresh_from_db()
    assert (asked.state, made.state, again.pk) == ("ended", "accepted", made.pk)


def test_the_trail_names_nobody(boss):
    taken_on(boss, "agent")
    Phone.objects.create(user=person("b-1"), number="+8613800138000", verified_at=NOW)
    bindings.invite(by=boss, part="staff", phone="+8613800138000", at=NOW)

    said = str([(row.thing, row.detail) for row in Trail.objects.all()])
    assert "李国强" not in said
    assert "138001" not in said
    trail.seal(NOW + timedelta(seconds=1))
    assert trail.verify() is None


# ---- Queues --------------------------------------------------------------------------------------------------------


def test_the_queue_has_the_next_deadline_first_and_a_county_its_own():
    late = claim(person("b-1"), area="230402", due_on=date(2026, 11, 27))
    soon = claim(person("b-2"), subject="91230403MA1CTE5757", area="230403", due_on=DUE)

    assert list(bindings.queue(area=None)) == [soon, late]
    assert list(bindings.queue(area="230402")) == [late]
    assert list(bindings.queue(area="230400")) == [soon, late]
    assert list(bindings.queue(area="231100")) == []
    assert list(bindings.queue(area=None, subject=SHOP)) == [late]
    assert list(bindings.queue(area=None, state="accepted")) == []
