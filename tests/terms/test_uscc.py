"""统一社会信用代码."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.terms import uscc

REAL = [
    "91230500MA1B3N1N2M",
    "11230500001755309F",
    "91320100748204660Q",
    "91320281142232229Q",
    "91310000132215150M",
    "91320000134762764K",
    "91320322MABLP2X24R",
    "9135010026017703XW",
    "914101086905876455",
    "11320100MB1886843H",
    "12440300MB2C92173E",
    "91510104MA6CFT042R",
    "91430122707233692A",
    "91370400728618604X",
]
MADE_UP = [
    "91230402MA1CTE575Q",
    "92230402MA1CTE575M",
    "91230403MA1CTE5757",
    "92230421MA1CTE5756",
    "93230422MA1CTE575H",
    "91231102MA1CTE575M",
    "92231181MA1CTE5750",
    "93231182MA1CTE575B",
    "91231183MA1CTE5750",
    "52230400MA1CTE575W",
    "12231100MA1CTE575X",
    "31230000MA1CTE575D",
]

codes = st.builds(
    lambda start, division, serial: uscc.compose(department=start[0], body=start[1], division=division, serial=serial),
    st.sampled_from([first + second for first, (_, seconds) in uscc.KINDS.items() for second in seconds]),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(uscc.ALPHABET, min_size=8, max_size=8),
).filter(lambda code: code[16] in uscc.ALPHABET)


@pytest.mark.parametrize("code", REAL + MADE_UP)
def test_a_code_in_use_is_read_with_both_its_digits(code):
    read = uscc.parse(code)

    assert read.text == code
    assert read.inner_digit_holds
    assert uscc.is_valid(code)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("91230402ma1cte575q", "lower case"),
        ("９１２３０４０２ＭＡ１ＣＴＥ５７５Ｑ", "full width"),
        (" 91 230402 MA1CTE575 Q ", "groups"),
        ("91-230402-MA1CTE575-Q", "hyphens"),
        ("\u300091230402MA1CTE575Q\n", "a wide space and a line end"),
    ],
    ids=lambda value: value if value.isascii() and value.islower() else None,
)
def test_a_code_is_read_however_it_is_written(written, why):
    assert uscc.parse(written).text == "91230402MA1CTE575Q", why


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("", 0, "为空"),
        ("91230402MA1CTE575", 0, "应为 18 位，现为 17 位"),
        ("91230402MA1CTE575QQ", 0, "应为 18 位，现为 19 位"),
        ("91230402MAICTE575Q", 11, "第 11 位“I”不是代码用字（不用 I、O、S、V、Z），是否为 1"),
        ("91230402MA1CTE57OQ", 17, "是否为 0"),
        ("9123A402MA1CTE575Q", 5, "第 5 位“A”应为数字"),
        ("B1230402MA1CTE575Q", 1, "第 1 位“B”不是登记管理部门代码"),
        ("97230402MA1CTE575Q", 2, "第 2 位“7”不是市场监管部门的机构类别"),
        ("91230402MA1CTE575P", 18, "第 18 位校验码应为 Q，现为 P"),
        ("91230403MA1CTE575Q", 18, "前 17 位中也可能有错字"),
        ("0" * 17 + "X", 0, "占位代码"),
    ],
)
def test_a_wrong_code_is_told_where_it_is_wrong_and_what_was_expected(text, position, says):
    with pytest.raises(uscc.Malformed, match=says) as told:
        uscc.parse(text)

    assert told.value.position == position
    assert not uscc.is_valid(text)


@pytest.mark.parametrize(
    ("code", "department", "body"),
    [
        ("31230000MA1CTE575D", "司法行政", "律师执业机构"),
        ("52230400MA1CTE575W", "民政", "民办非企业单位"),
        ("12231100MA1CTE575X", "机构编制", "事业单位"),
        (uscc.compose(department="N", body="2", division="230421", serial="MF000001"), "农业", "村级集体经济组织"),
        (uscc.compose(department="Y", body="1", division="230400", serial="MF000001"), "其他", "其他"),
        (
            uscc.compose(department="A", body="1", division="110000", serial="MF000001"),
            "中央军委改革和编制办公室",
            "军队事业单位",
        ),
    ],
)
def test_the_first_two_characters_tell_who_registers_what(code, department, body):
    read = uscc.parse(code)

    assert (read.department, read.body) == (department, body)


@given(codes, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
def test_any_one_wrong_character_is_noticed(code, place, character):
    wrong = code[:place] + character + code[place + 1 :]

    assert uscc.is_valid(wrong) == (wrong == code)


@given(st.text())
def test_normalising_twice_changes_nothing_more(text):
    assert uscc.normalise(uscc.normalise(text)) == uscc.normalise(text)


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_is_told_why_not(text):
    try:
        read = uscc.parse(text)
    except uscc.Malformed as wrong:
        assert str(wrong)
    else:
        assert uscc.is_valid(read.text)


def test_a_code_is_read_aloud_in_groups():
    read = uscc.parse("91230402MA1CTE575Q")

    assert read.grouped == "91 230402 MA1CTE575 Q"
    assert (str(read), read.division, read.organisation_code) == ("91230402MA1CTE575Q", "230402", "MA1CTE575")
