"""What was typed before goes into the fields that it was typed into, and into no others."""

import pytest

from chengxin.portals.shared.filling import fill

HERE, PATH = "/enterprise/x/declarations/new?kind=a", "/enterprise/x/declarations/new?kind=a"


def filled(html, *fields, path=PATH):
    return fill(html, here=HERE, path=path, fields=fields)


@pytest.mark.parametrize(
    ("inside", "fields", "becomes"),
    [
        ('<input name="a" value="old">', [("a", '"<新>&')], '<input name="a" value="&quot;&lt;新&gt;&amp;">'),
        ('<input type="date" name="a" required>', [("a", "2026-01-02")], 'name="a" required value="2026-01-02"'),
        ('<textarea name="a" rows="4">旧&amp;</textarea>', [("a", "两\n行</textarea>")], ">\n两\n行&lt;/textarea&gt;</textarea>"),
        ('<textarea name="a"></textarea>', [("a", "新")], '<textarea name="a">\n新</textarea>'),
        ('<input type="checkbox" name="a" value="1">', [("a", "1")], 'value="1" checked>'),
        ('<input type="checkbox" name="a" value="1" checked>', [("b", "1")], 'name="a" value="1">'),
        ('<input type="radio" name="a" value="1" checked><input type="radio" name="a" value="2">', [("a", "2")],
         '<input type="radio" name="a" value="1"><input type="radio" name="a" value="2" checked>'),
        ('<select name="a"><option value="1" selected>一</option><option value="2">二</option></select>', [("a", "2")],
         '<option value="1">一</option><option value="2" selected>二</option>'),
        ('<input name="a"><input name="a">', [("a", "1"), ("a", "2")], 'value="1"><input name="a" value="2">'),
    ],
    ids=["text", "date", "long text", "empty long text", "ticked", "not ticked", "radio", "select", "several of a name"],
)  # fmt: skip
def test_a_field_gets_what_was_typed(inside, fields, becomes):
    assert becomes in filled(f'<p>前</p><form method="post">{inside}</form><p>后</p>', *fields)


@pytest.mark.parametrize(
    "html",
    [
        '<form method="post"><input type="hidden" name="a" value="1"><input type="file" name="a"></form>',
        '<form method="post"><input type="password" name="a"></form>',
        '<form method="get"><input name="a"></form>',
        '<form method="post" action="/elsewhere"><input name="a"></form>',
        '<input name="a"><p>&lt;b&gt; &#9; 甲</p><!-- <form method="post"> <input name="a"> -->',
        '<form method="post"><input name="other" value="x"></form>',
    ],
    ids=["hidden and file", "password", "a question", "another form", "no form", "no such field"],
)
def test_anything_else_stays_as_it_is(html):
    assert filled(html, ("a", "新")) == html


def test_a_form_that_is_posted_elsewhere_is_known_by_where():
    html = '<form method="post" action="/claims/1/appeal">\n<textarea name="words"></textarea></form>'

    assert "\n新的话</textarea>" in filled(html, ("words", "新的话"), path="/claims/1/appeal")
