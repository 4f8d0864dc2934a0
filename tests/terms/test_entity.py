"""主体类型与登记状态."""

import pytest

from chengxin.board.verdict import ENDED_REGISTRATIONS
from chengxin.terms import entity, uscc


@pytest.mark.parametrize(
    ("code", "type_text", "kind"),
    [
        ("91230402MA1CTE575Q", "有限责任公司（自然人独资）", "enterprise"),
        ("91230402MA1CTE575Q", "有限责任公司分公司", "branch"),
        ("91230402MA1CTE575Q", "2000", "branch"),
        ("91230402MA1CTE575Q", "", "enterprise"),
        ("92230402MA1CTE575M", "", "individual"),
        ("92230402MA1CTE575M", "有限责任公司", "individual"),
        ("93230422MA1CTE575H", "", "cooperative"),
        ("31230000MA1CTE575D", "", "law_firm"),
        ("52230400MA1CTE575W", "民办幼儿园", "private_non_enterprise"),
        ("12231100MA1CTE575X", "", "institution"),
        ("N2230421MF0000011", "", "village_body"),
        ("54230421MF0000011", "", "neighbourhood"),
        ("81230400MF0000011", "", "trade_union"),
        ("", "个体工商户", "individual"),
        ("", "9100", "cooperative"),
        ("", "有限责任公司", "enterprise"),
        ("", "农民专业合作社", "cooperative"),
        ("", "律师事务所", "law_firm"),
        ("", "", "other"),
    ],
)
def test_a_body_has_the_kind_its_code_and_type_say(code, type_text, kind):
    assert entity.kind_of(code, type_text).name == kind


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("存续（在营、开业、在册）", "active"),
        ("存续(在营、开业、在册)", "active"),
        ("存续", "active"),
        ("在业", "active"),
        ("开业", "active"),
        ("正常", "active"),
        ("歇业", "suspended"),
        ("吊销，未注销", "licence_revoked"),
        ("吊销未注销", "licence_revoked"),
        ("吊销", "licence_revoked"),
        ("吊销，已注销", "deregistered"),
        ("撤销", "revoked_registration"),
        ("迁出", "moved_out"),
        ("注销", "deregistered"),
        (" 已注销 ", "deregistered"),
    ],
)
def test_a_state_is_known_by_its_official_wordings(text, state):
    assert entity.state_named(text).name == state


@pytest.mark.parametrize("text", ["", "营业中吗", "1"])
def test_a_wording_nobody_uses_is_no_state(text):
    assert entity.state_named(text) is None


def test_every_state_can_be_read_back_by_its_label():
    assert {entity.state_named(state.label).name for state in entity.STATES.values()} == set(entity.STATES)


def test_only_the_two_that_end_a_body_end_it():
    assert {state.name for state in entity.STATES.values() if state.ended} == ENDED_REGISTRATIONS


@pytest.mark.parametrize(
    ("state", "supplement", "coded"),
    [
        ("active", True, True),
        ("suspended", True, True),
        ("licence_revoked", False, False),
        ("revoked_registration", False, False),
        ("moved_out", False, False),
        ("deregistered", False, False),
    ],
)
def test_a_state_says_what_a_code_may_show(state, supplement, coded):
    found = entity.STATES[state]

    assert (found.shows_supplement, found.may_be_coded) == (supplement, coded)
    assert bool(found.wording) == (state != "active")


def test_every_kind_of_the_standard_is_a_kind_of_ours():
    unknown = {
        first + second
        for first, (_, seconds) in uscc.KINDS.items()
        for second in seconds
        if entity.kind_of(first + second).name == "other" and second != "9"
    }

    assert unknown == {"41", "61", "62", "Y1"}


def test_names_fit_their_columns():
    assert all(len(name) <= 24 for name in (*entity.KINDS, *entity.STATES))
