"""What may be set, and how."""

import pytest

from chengxin.press.paper import UNBROKEN, NotPrintable, breakable, is_bold, legible


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("松岭里饺子馆", "松岭里饺子馆"),
        ("  松岭里\t饺子馆\n", "松岭里 饺子馆"),
        ("松岭里\u202e饺子馆\u200b\u0000", "松岭里饺子馆"),
        ("Cafe\u0301", "Café"),
    ],
    ids=["as it is", "blanks", "direction and nothing", "composed"],
)
def test_what_is_not_seen_is_not_set(text, set_as):
    assert legible(text, what="名称") == set_as


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("笑脸😀店", "😀"),
        ("𠮷野家", "𠮷"),
        ("שלום", "שלום"),
        ("مطعم", "مطع"),
        ("甲乙😀丙😀", "😀"),
        ("王\ue863记", r"U\+E863"),
        ("王\U000323b0记", r"U\+323B0"),
        ("王\ud800记", r"U\+D800"),
    ],
    ids=[
        "emoji",
        "a character no typeface of ours has",
        "Hebrew",
        "Arabic",
        "each once",
        "private, of an older encoding",
        "newer than our Unicode",
        "half a character",
    ],
)
def test_a_character_without_a_shape_is_refused_by_name(text, lacking):
    with pytest.raises(NotPrintable, match=f"名称里的“{lacking}”在印制字库里没有字形"):
        legible(text, what="名称")


def test_a_name_of_which_nothing_is_seen_is_refused():
    with pytest.raises(NotPrintable, match="名称是空的"):
        legible(" \u200b", what="名称")


@pytest.mark.parametrize(
    ("text", "bold"),
    [
        ("松岭里饺子馆", True),
        ("Северный ветер", True),
        ("嘏乇记 Ltd. №1（甲）", True),
        ("㐂记", False),
        ("䶮记", False),
    ],
    ids=["common", "Cyrillic", "seldom", "rare", "rarer"],
)
def test_a_name_is_bold_as_a_whole_or_not_at_all(text, bold):
    assert legible(text, what="名称") == text
    assert is_bold(text) is bold


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("某市某区有限公司" * 20, False),
        ("Общество с ограниченной ответственностью", False),
        ("Ж" * UNBROKEN, False),
        ("Ж" * (UNBROKEN + 1), True),
    ],
    ids=["Chinese breaks anywhere", "words break at blanks", "a long word", "too long a word"],
)
def test_only_what_could_not_be_broken_is_made_so(text, broken):
    assert ("\u200b" in breakable(text)) is broken
    assert breakable(text).replace("\u200b", "") == text
