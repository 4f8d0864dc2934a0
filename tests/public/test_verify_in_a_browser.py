"""The page that verifies without a network, in a real browser: on the street with a phone and no signal."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec import structs
from PIL import Image, ImageFilter
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from chengxin.board import actions as board
from chengxin.board import city, jwks, status, token
from chengxin.press import qr
from chengxin.public.page.verify import SENTENCES, VERDICTS
from chengxin.public.wsgi import Door
from tests.browser import CHROMIUM, FLAGS, close, runs_off, serious, too_small
from tests.public import samples
from tests.public.door import KEY, SERIAL, STRANGER, eventually, get, post, sealed, settle

pytestmark = pytest.mark.browser

HERE = "http://door.example"
FIRST_VISIT_BYTES = 30_000
DECODER_BYTES = 60_000

# Playwright's own waiting evaluates strings in the page, which the page's policy forbids.
IS_KEPT = """() => navigator.serviceWorker.controller !== null
    || new Promise(done => navigator.serviceWorker.addEventListener('controllerchange', () => done(true)))"""

SUSPENDED, REVOKED, TOO_NEW = 20, 30, 200_000


def publish(door: Door, *, revoked: tuple[int, ...] = (REVOKED,), days_ago: float = 0) -> None:
    """Post a status list made some days ago, and wait until the door has it."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    payload = status.credential(
        revoked=revoked,
        suspended=[SUSPENDED],
        last_serial=SERIAL,
        issuer=HERE,
        at=at,
        good_for=timedelta(days=7),
    )
    board.post_status(document=status.sign(payload, key=1, private_key=KEY), key=1, digest=b"", at=at)
    settle(door)


@pytest.fixture
def office(door: Door, street: str) -> str:
    """The street of an office whose codes carry `HERE`, with a status list of today."""
    door.code_urls = (HERE.upper(),)
    board.post_key(number=2, public_key=STRANGER.public_key().public_bytes_raw()[::-1], at=datetime.now(UTC))
    publish(door)
    return street


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context
    close(context)


def visit(phone: BrowserContext, street: str, query: str = "") -> Page:
    """Open the page, and wait until it is kept on the phone and its lists are."""
    page = phone.new_page()
    page.goto(f"{street}/verify{query}")
    page.evaluate(IS_KEPT)
    expect(page.locator("#news")).not_to_be_empty()
    expect(page.locator("#update")).not_to_have_attribute("aria-disabled", "true")
    return page


def verdict(page: Page, text: str) -> str:
    """Type a text, press the button, and return the verdict's words."""
    page.fill("#code", text)
    page.click("#form button")
    expect(page.locator("#result h2")).to_be_focused()
    return page.locator("#result h2").inner_text()


def texts() -> dict[str, str]:
    """A text for each verdict."""
    return {
        "active": f"{HERE}/C/{sealed()}?lang=en",
        "suspended": sealed(serial=SUSPENDED),
        "revoked": sealed(serial=REVOKED),
        "forged": sealed(by=STRANGER),
        "unknown_key": sealed(key=9),
        "wrong_host": f"https://d00r.example/C/{sealed()}",
        "short": f"{HERE}/C/{token.claim(serial=7, bits=9)}",
        "stale": sealed(serial=TOO_NEW),
    }


# ---- Without a network -------------------------------------------------------------------------------------------


def test_after_one_visit_it_all_works_without_a_network(phone: BrowserContext, office: str) -> None:
    page = visit(phone, office)
    phone.set_offline(True)
    assert page.evaluate("fetch('/healthz').then(() => 'reached', () => 'not reached')") == "not reached"

    page.reload()
    said = {state: verdict(page, text) for state, text in texts().items()}
    facts = verdict(page, texts()["active"]) and page.locator("#result").inner_text()

    assert said == {state: VERDICTS[state].verdict for state in texts()}
    for fact in ("92 230421 MA1CTE575 6", token.grouped(SERIAL), "店门口", "2026年11月2日", "名单更新于刚刚", "执照"):
        assert fact in facts
    expect(page.locator("#news")).to_have_text(SENTENCES["unreached"])


@pytest.mark.parametrize(
    ("query", "said"),
    [("?lang=ru", "Код подлинный, по списку действует"), ("?lang=en&large=1", "Genuine, and valid by the list")],
)
def test_every_language_and_size_is_there_without_a_network(
    phone: BrowserContext, office: str, query: str, said: str
) -> None:
    page = visit(phone, office)
    phone.set_offline(True)

    page.goto(f"{office}/verify{query}")

    assert verdict(page, sealed()) == said
    assert page.locator("html.large").count() == ("large" in query)


def test_a_code_withdrawn_since_is_told_after_the_next_sync_and_the_lists_age_before(
    phone: BrowserContext, door: Door, office: str
) -> None:
    publish(door, days_ago=3)
    page = visit(phone, office)
    phone.set_offline(True)
    publish(door, revoked=(SERIAL,))

    assert verdict(page, sealed()) == VERDICTS["active"].verdict
    assert "名单更新于3天前" in page.locator("#result").inner_text()

    phone.set_offline(False)  # the page hears that the network is back, and looks by itself

    expect(page.locator("#result h2")).to_have_text(VERDICTS["revoked"].verdict)
    assert "名单更新于刚刚" in page.locator("#result").inner_text()


def test_a_network_that_comes_back_unnoticed_is_found_all_the_same(
    phone: BrowserContext, door: Door, office: str
) -> None:
    page = visit(phone, office)
    publish(door, revoked=(SERIAL,))
    # A signal without a network behind it: the browser believes to be online all the time, and never says it is again.
    phone.route("**/.well-known/**", lambda route: route.abort())
    page.clock.install()
    page.reload()
    expect(page.locator("#news")).to_have_text(SENTENCES["unreached"])
    assert verdict(page, sealed()) == VERDICTS["active"].verdict

    phone.unroute("**/.well-known/**")
    page.clock.fast_forward(31_000)

    expect(page.locator("#result h2")).to_have_text(VERDICTS["revoked"].verdict)


def test_a_list_is_never_replaced_by_an_older_one(phone: BrowserContext, door: Door, office: str) -> None:
    publish(door, revoked=(SERIAL,))
    page = visit(phone, office)
    publish(door, revoked=(), days_ago=2)

    page.click("#update")

    expect(page.locator("#news")).to_have_text(SENTENCES["older"])
    page.reload()
    assert verdict(page, sealed()) == VERDICTS["revoked"].verdict


def test_a_list_that_has_expired_says_so(phone: BrowserContext, door: Door, office: str) -> None:
    publish(door, days_ago=8)
    page = visit(phone, office)
    phone.set_offline(True)

    assert verdict(page, sealed()) == VERDICTS["stale"].verdict
    assert "手机里的名单已经过期。" in page.locator("#result").inner_text()
    assert "名单更新于8天前" in page.locator("#result").inner_text()


def test_a_phone_without_keys_confirms_nothing(phone: BrowserContext, door: Door, office: str) -> None:
    door.listener.stop()  # a door that cannot vouch for its lists gives none
    page = visit(phone, office)

    assert verdict(page, sealed()) == VERDICTS["unready"].verdict
    assert page.locator("#age").inner_text() == "手机里还没有名单：请联网更新一次。"


def test_a_list_that_nobody_of_ours_signed_is_not_taken(phone: BrowserContext, door: Door, office: str) -> None:
    page = visit(phone, office)
    forged = {"protected": "e30", "payload": "e30", "signature": "AA"}
    phone.route(f"**{status.PATH}", lambda route: route.fulfill(json=forged))

    page.click("#update")

    expect(page.locator("#news")).to_have_text(SENTENCES["refused"])
    assert verdict(page, sealed(serial=REVOKED)) == VERDICTS["revoked"].verdict


def test_a_changed_telephone_is_kept_for_the_next_time_without_a_network(
    phone: BrowserContext, door: Door, office: str
) -> None:
    page = visit(phone, office)
    before = page.evaluate("caches.keys()")
    changed = structs.replace(samples.CITY, phone="0468-9999999")
    board.post_city(document=city.dump(changed), logo=b"\x89PNG", at=datetime.now(UTC))
    settle(door)

    page.reload()  # still the kept page, while the new worker fetches its own
    eventually(lambda: len(now := page.evaluate("caches.keys()")) == len(before) and now != before, within=60)
    phone.set_offline(True)
    page.reload()

    assert "0468-9999999" in page.locator("footer").inner_text()


# ---- What leaves the phone ---------------------------------------------------------------------------------------


def test_nothing_that_is_verified_leaves_the_phone(phone: BrowserContext, door: Door, office: str) -> None:
    page = visit(phone, office)
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))

    for text in texts().values():
        verdict(page, text)

    # A key and a serial that are not known yet make it look for newer lists, and for nothing else; our files are kept.
    lists = {jwks.PATH, status.PATH}
    assert {url.removeprefix(office) for url in asked} - set(door.assets.addresses.values()) == lists
    kept = page.evaluate(
        "async () => (await Promise.all((await caches.keys()).map(async name =>"
        " (await (await caches.open(name)).keys()).map(one => one.url)))).flat().join()"
    )
    assert "/C/" not in kept
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0


def test_a_first_visit_is_small_and_what_is_kept_for_later_comes_after(phone: BrowserContext, office: str) -> None:
    page = phone.new_page()
    session = phone.new_cdp_session(page)
    session.send("Network.enable")
    received: dict[str, float] = {}
    urls: dict[str, str] = {}
    session.on("Network.responseReceived", lambda event: urls.update({event["requestId"]: event["response"]["url"]}))
    session.on(
        "Network.loadingFinished", lambda event: received.update({event["requestId"]: event["encodedDataLength"]})
    )

    page.goto(f"{office}/verify", wait_until="networkidle")
    seen = {urls[one].removeprefix(office): size for one, size in received.items() if one in urls}

    assert {"/verify", status.PATH} <= set(seen)
    assert not any("jsQR" in url for url in seen)
    assert sum(received.values()) <= FIRST_VISIT_BYTES
    assert [url for url in urls.values() if not url.startswith(office)] == []


def test_the_decoder_is_sent_compressed(door: Door) -> None:
    address = door.assets.addresses["jsQR.js"]

    assert len(get(door, address, HTTP_ACCEPT_ENCODING="gzip").body) <= DECODER_BYTES


# ---- Pictures and the camera -------------------------------------------------------------------------------------


def drawn(text: str, *, scale: int = 6) -> Image.Image:
    """A QR code on white, as the press draws it."""
    rows = qr.modules(text, level="Q")
    size = len(rows) + 2 * qr.QUIET
    image = Image.new("L", (size, size), 255)
    for y, row in enumerate(rows, start=qr.QUIET):
        for x, dark in enumerate(row, start=qr.QUIET):
            if dark:
                image.putpixel((x, y), 0)
    return image.resize((size * scale, size * scale), Image.Resampling.NEAREST)


def photographed(text: str) -> bytes:
    """A photograph of a poster: large, tilted, a little dim and out of focus."""
    desk = Image.new("L", (2400, 3200), 140)
    poster = drawn(text, scale=14).rotate(9, Image.Resampling.BICUBIC, expand=True, fillcolor=140)
    desk.paste(poster, (700, 1100))
    photo = io.BytesIO()
    desk.filter(ImageFilter.GaussianBlur(3)).point(lambda light: light * 0.8).save(photo, "JPEG", quality=80)
    return photo.getvalue()


def png(image: Image.Image) -> bytes:
    kept = io.BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


@pytest.mark.parametrize("picture", ["a screenshot", "a photograph"])
def test_a_picture_of_a_code_is_read_without_a_network(phone: BrowserContext, office: str, picture: str) -> None:
    text = f"{HERE.upper()}/C/{sealed()}"
    file = (
        {"name": "shot.png", "mimeType": "image/png", "buffer": png(drawn(text))}
        if picture == "a screenshot"
        else {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photographed(text)}
    )
    page = visit(phone, office)
    phone.set_offline(True)
    page.reload()

    with page.expect_file_chooser() as chooser:
        page.click("#pick")
    chooser.value.set_files(file)  # type: ignore[arg-type]

    expect(page.locator("#result h2")).to_have_text(VERDICTS["active"].verdict)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.png", png(Image.new("L", (800, 600), 200)), "照片里没有找到二维码"),
        ("no.png", b"no picture at all", "这个文件打不开"),
        ("large.jpg", bytes(31_000_000), "照片超过 30 MB"),
    ],
    ids=["without a code", "no picture", "too large"],
)
def test_a_picture_that_cannot_be_read_is_answered_with_what_to_do(
    phone: BrowserContext, office: str, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    page = visit(phone, office)
    (tmp_path / name).write_bytes(content)

    page.set_input_files("#picture", tmp_path / name)  # by its path: Playwright takes a minute for so many bytes

    expect(page.locator("#said")).to_contain_text(said)
    assert page.locator("#result").inner_text() == ""


def film(folder: Path, text: str) -> Path:
    """A film that shows one code, as Chromium's fake camera plays it."""
    side = 720
    frame = Image.new("L", (side, side), 150)
    code = drawn(text, scale=8)
    frame.paste(code, ((side - code.width) // 2, (side - code.height) // 2))
    file = folder / "camera.y4m"
    colours = bytes([128]) * (side * side // 2)
    with file.open("wb") as written:
        written.write(f"YUV4MPEG2 W{side} H{side} F10:1 Ip A1:1 C420jpeg\n".encode())
        for _ in range(5):
            written.write(b"FRAME\n" + frame.tobytes() + colours)
    return file


def test_the_camera_starts_on_a_tap_and_stops_when_it_has_found_a_code(
    browser: Browser,
    office: str,
    tmp_path: Path,
) -> None:
    camera = film(tmp_path, f"{HERE.upper()}/C/{sealed()}")
    flags = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    )
    with_camera = browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
    context = with_camera.new_context(viewport={"width": 390, "height": 844})
    page = visit(context, office)
    assert page.evaluate("document.getElementById('video').srcObject") is None

    page.click("#camera")

    expect(page.locator("#result h2")).to_have_text(VERDICTS["active"].verdict)
    assert page.evaluate("document.getElementById('video').srcObject") is None
    expect(page.locator("#viewer")).to_be_hidden()
    with_camera.close()


def test_a_camera_that_is_not_allowed_is_answered_with_another_way(phone: BrowserContext, office: str) -> None:
    page = visit(phone, office)

    page.click("#camera")  # nobody allows a headless browser anything

    expect(page.locator("#said")).to_contain_text("可以拍照后选照片")


# ---- For everybody -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", ["", "?large=1"], ids=["ordinary", "large"])
def test_every_verdict_can_be_read_and_pressed_by_everybody(phone: BrowserContext, office: str, size: str) -> None:
    page = visit(phone, office, size)
    least = 60 if size else 44
    faults = {"start": (serious(page), runs_off(page), too_small(page, least))}
    for state, text in texts().items():
        verdict(page, text)
        faults[state] = serious(page), runs_off(page), too_small(page, least)

    assert {state: found for state, found in faults.items() if found != ([], 0, [])} == {}


def test_the_keyboard_alone_is_enough(phone: BrowserContext, office: str) -> None:
    page = visit(phone, office)
    page.locator("body").focus()
    passed = []
    for _ in range(20):
        page.keyboard.press("Tab")
        passed.append(page.evaluate("document.activeElement.id"))
        if passed[-1] == "code":
            break
    assert [name for name in passed if name] == ["update", "camera", "pick", "code"]

    page.keyboard.insert_text(sealed())
    page.keyboard.press("Enter")

    expect(page.locator("#result h2")).to_be_focused()
    assert page.locator(":focus").inner_text() == VERDICTS["active"].verdict
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "告诉我们"


def test_a_verdict_that_did_not_change_is_not_announced_again(phone: BrowserContext, office: str) -> None:
    page = visit(phone, office)
    verdict(page, sealed())
    page.evaluate("""() => {
        window.changes = 0;
        new MutationObserver(() => window.changes++).observe(document.getElementById('result'), {childList: true});
    }""")

    page.click("#update")
    expect(page.locator("#news")).to_have_text(SENTENCES["updated"])

    assert page.evaluate("window.changes") == 0
    assert page.locator("#result").get_attribute("aria-live") == "polite"


def test_a_verdict_leads_to_the_same_code_online(phone: BrowserContext, office: str) -> None:
    page = visit(phone, office, "?lang=en")
    verdict(page, sealed())

    assert page.locator("#result [data-online]").get_attribute("href") == f"/C/{sealed()}?lang=en"


def test_a_verdict_leads_to_where_the_code_is_reported(phone: BrowserContext, office: str) -> None:
    page = visit(phone, office)
    link = page.locator("#result [data-fake]")

    verdict(page, sealed())
    assert link.get_attribute("href") == f"/fake?why=mismatched&code={sealed()}"
    verdict(page, f"https://evil.example/C/{sealed()}")
    assert link.get_attribute("href") == f"/fake?why=unreadable&code={sealed()}"
    verdict(page, "<b>&code=</b>")
    assert link.get_attribute("href") == "/fake?why=not_genuine"


def test_what_a_text_holds_is_shown_as_text(phone: BrowserContext, office: str) -> None:
    page = visit(phone, office)

    verdict(page, f"https://evil.example/<img src=x onerror=alert(1)>/C/{sealed()}")

    assert page.locator("#result img").count() == 0
    assert "<imgsrc=x" in page.locator("#result").inner_text()


# ---- Browsers that cannot ----------------------------------------------------------------------------------------


def test_without_a_script_the_form_goes_online(browser: Browser, door: Door, office: str) -> None:
    text = post(card=samples.card())
    settle(door)
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{office}/verify")
    assert "离线核验要用 JavaScript" in page.inner_text("main")  # `get_by_text` passes over <noscript>
    assert not page.locator("#camera").is_visible()

    page.fill("#code", text)
    page.click("#form button")

    expect(page.get_by_text("此码真实有效")).to_be_visible()
    context.close()


def test_a_browser_without_the_algorithm_says_so_and_goes_online(phone: BrowserContext, office: str) -> None:
    phone.add_init_script("SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException('no such thing'))")
    page = phone.new_page()
    page.goto(f"{office}/verify")

    expect(page.locator("#old")).to_be_visible()
    assert not page.locator("#camera").is_visible()
    page.fill("#code", sealed())
    page.click("#form button")
    page.wait_for_url("**/C/*")


def test_a_browser_that_keeps_nothing_verifies_as_long_as_it_is_open(phone: BrowserContext, office: str) -> None:
    phone.add_init_script("CacheStorage.prototype.open = () => Promise.reject(new DOMException('no'))")
    page = phone.new_page()
    page.goto(f"{office}/verify")
    expect(page.locator("#news")).to_have_text(SENTENCES["updated"])

    assert verdict(page, sealed(serial=REVOKED)) == VERDICTS["revoked"].verdict


def test_an_address_without_https_says_so(phone: BrowserContext, office: str) -> None:
    def relay(route: Route) -> None:
        path = route.request.url.removeprefix("http://plain.example")
        route.fulfill(response=phone.request.get(office + path))

    phone.route("http://plain.example/**", relay)
    page = phone.new_page()
    page.goto("http://plain.example/verify")

    expect(page.locator("#insecure")).to_be_visible()
    assert not page.locator("#camera").is_visible()
    phone.unroute_all(behavior="wait")  # else the last picture is relayed to a page that is gone
