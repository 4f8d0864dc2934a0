from __future__ import annotations

from chengxin.public import assets

STYLE_BYTES = 10_000


def test_a_files_address_changes_with_what_is_in_it(tmp_path):
    (tmp_path / "page.css").write_text("a{background:url(mark.png)}\n")
    (tmp_path / "mark.png").write_bytes(b"one")
    before = assets.read(tmp_path, tmp_path)
    (tmp_path / "mark.png").write_bytes(b"two")
    after = assets.read(tmp_path, tmp_path)

    assert before.addresses["mark.png"] != after.addresses["mark.png"]
    # A style sheet names the pictures, so it changes with them.
    assert before.addresses["page.css"] != after.addresses["page.css"]
    assert after.addresses["mark.png"].encode() in after.by_address[after.addresses["page.css"]].plain


def test_what_is_no_asset_is_not_served(tmp_path):
    (tmp_path / "notes.txt").write_text("")

    assert assets.read(tmp_path, tmp_path).by_address == {}


def test_our_own_style_is_small_and_fetches_nothing_elsewhere():
    files = assets.read()
    style = files.by_address[files.addresses["page.css"]].plain

    assert len(style) <= STYLE_BYTES
    assert b"//" not in style
    assert b"@import" not in style


def test_foreign_code_is_sent_under_its_name_and_licence():
    files = assets.read()
    decoder = files.by_address[files.addresses["jsQR.js"]].plain

    assert decoder.splitlines()[0] == b"/*! jsqr 1.4.0, licence Apache-2.0 */"
