"""绝对化用语: what the law names and what practice adds is found where it stands, and what claims nothing is left alone."""

import pytest

from chengxin.terms import advertising
from chengxin.terms.advertising import SOURCES, find


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("国家级品质", [("国家级", "law")], id="named by the law"),
        pytest.param("本店最佳", [("最佳", "law")], id="named by the law, at the end"),
        pytest.param("最高级装修", [("最高级", "law")], id="named by the law, before a noun"),
        pytest.param("正宗极品木耳", [("极品", "reply")], id="named by a reply of the authority"),
        pytest.param("全城第一家常菜", [("第一", "practice")], id="practice"),
        pytest.param("最 佳口味", [("最 佳", "law")], id="a blank between the letters"),
        pytest.param("最·佳口味", [("最·佳", "law")], id="a dot between the letters"),
        pytest.param("國家級饺子", [("國家級", "law")], id="in the old characters"),
        pytest.param("国家⼀级饺子、⾸选", [("⾸选", "practice")], id="in characters that look alike"),
        pytest.param("１００％纯粮", [("１００％", "practice")], id="full width"),
        pytest.param("全市最佳", [("最佳", "law")], id="of two in one place what the law names"),
        pytest.param("最优秀的团队", [("最优秀", "practice")], id="the longer of two"),
        pytest.param("最佳食用期三十天", [], id="a time to eat it by"),
        pytest.param("第一季度为社区捐款", [], id="a quarter"),
        pytest.param("鹤岗市第一中学食堂", [], id="a school's number"),
        pytest.param("顾客第一，质量第一", [], id="what somebody strives for"),
        pytest.param("手工饺子，现包现煮", [], id="plain words"),
        pytest.param("", [], id="nothing"),
    ],
)
def test_words_are_found_where_they_claim_something(text, words):
    assert [(one.word, one.source) for one in find(text)] == words


def test_a_word_stands_where_it_was_found():
    text = "我家饺子是国家级的味道"

    (one,) = find(text)

    assert text[one.start : one.end] == "国家级" and "第九条" in one.label and one.advice


@pytest.mark.parametrize(
    ("text", "said", "because"),
    [
        pytest.param("第一楼饺子馆欢迎您", {"names": ("第一楼饺子馆",)}, "登记的名称", id="a registered name"),
        pytest.param("获得最佳商户称号", {"titles": ("最佳商户",)}, "授予的称号", id="a title bestowed"),
        pytest.param("我家最佳", {"titles": ("最佳商户",)}, "", id="another word than the title"),
    ],
)
def test_why_a_word_may_be_in_order_is_said_and_it_is_pointed_out_all_the_same(text, said, because):
    (one,) = find(text, **said)

    assert because in one.because and bool(one.because) == bool(because)


def test_every_source_says_where_it_is_from_and_what_to_do():
    assert set(SOURCES) == {"law", "reply", "practice", "name"}
    assert all(source.label and source.advice.endswith("。") for source in SOURCES.values())
    assert {one.source for one in find("国家级最高级最佳")} == {"law"}


def test_titles_between_quotation_marks_are_read():
    assert advertising.quoted("获“最佳商户”《示范店》") == ("最佳商户", "示范店")
