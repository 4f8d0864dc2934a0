"""Programs are told from people by what they call themselves; telephones that look like one by name are people's."""

import pytest

from chengxin.inbox.bots import is_bot

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 MicroMessenger/8.0.54"
)


@pytest.mark.parametrize(
    ("browser", "told"),
    [
        (CHROME, False),
        (WECHAT, False),
        ("Mozilla/5.0 (Linux; Android 14; HUAWEI) AppleWebKit/537.36 Mobile AlipayClient/10.6", False),
        ("Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 Mobile Safari/537.36", False),
        ("Mozilla/5.0 (Linux; Android 12; CUBOT X50; compatible; Googlebot/2.1)", True),
        ("Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)", True),
        ("Sogou web spider/4.0", True),
        ("Mozilla/5.0 AppleWebKit/537.36 (compatible; bingbot/2.0) Chrome/116.0 Safari/537.36", True),
        (CHROME.replace("Chrome/", "HeadlessChrome/"), True),
        ("curl/8.5.0", True),
        ("python-requests/2.32.3", True),
        ("Go-http-client/1.1", True),
        ("", True),
        ("   ", True),
    ],
    ids=lambda said: str(said)[:40] or "nothing",
)
def test_who_scans(browser, told):
    assert is_bot(browser) is told
