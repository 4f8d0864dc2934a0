"""A provider of a sign-in by OpenID Connect, small and real: discovery, a page, codes with PKCE, signed tokens.

Each `wrong` is one way in which a provider, or whoever stands between, may answer otherwise than it should.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "chengxin", "a secret of the tests"
KEY = RSAKey.generate_key(2048, {"kid": "1", "alg": "RS256", "use": "sig"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "1", "alg": "RS256", "use": "sig"})

WRONG = (
    "nonce",
    "no nonce",
    "audience",
    "issuer",
    "expired",
    "signature",
    "unsigned",
    "no id token",
    "userinfo of another",
    "no json",
    "issuer of the description",
    "addresses in the clear",
    "denied",
)


class LocalProvider:
    """Signs in whoever `claims` says."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "person-1", "name": "李国强"}
        self.wrong = ""
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://localhost:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def setting(self, **more: str) -> str:
        """Return the setting that names it."""
        one = {"id": "licence", "label": "电子营业执照", "server": self.url, "client": CLIENT, "secret": SECRET}
        claims = {"uscc": "uscc", "part": "role", "legal": "法定代表人"}
        return json.dumps([one | claims | more])

    # ---- What it answers -----------------------------------------------------------------------------------------

    def description(self) -> dict[str, Any]:
        clear = "http://198.51.100.1" if self.wrong == "addresses in the clear" else self.url
        return {
            "issuer": "https://somebody.example" if self.wrong == "issuer of the description" else self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{clear}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def allow(self, said: dict[str, str]) -> str:
        """Return where somebody who agreed is sent back to."""
        self.asked.append(said)
        if self.wrong == "denied":
            return f"{said['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': said['state']})}"
        code = secrets.token_urlsafe(16)
        self._codes[code] = said
        return f"{said['redirect_uri']}?{urlencode({'code': code, 'state': said['state']})}"

    def token(self, said: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self._codes.pop(said.get("code", ""), None)
        verifier = hashlib.sha256(said.get("code_verifier", "").encode()).digest()
        if (
            asked is None
            or (said.get("client_id"), said.get("client_secret")) != (CLIENT, SECRET)
            or asked["redirect_uri"] != said.get("redirect_uri")
            or asked.get("code_challenge_method") != "S256"
            or asked["code_challenge"] != base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        ):
            return 400, {"error": "invalid_grant"}
        answer = {"access_token": "of-" + str(self.claims["sub"]), "token_type": "Bearer", "expires_in": 60}
        if self.wrong == "no id token":
            return 200, answer
        return 200, answer | {"id_token": self._id_token(asked)}

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = self.claims | {
            "iss": "https://somebody.example" if self.wrong == "issuer" else self.url,
            "aud": "another" if self.wrong == "audience" else CLIENT,
            "iat": now,
            "exp": now - 60 if self.wrong == "expired" else now + 60,
            "nonce": "another" if self.wrong == "nonce" else asked.get("nonce", ""),
        }
        if self.wrong == "no nonce":
            del claims["nonce"]
        if self.wrong == "unsigned":
            said = [{"alg": "none", "kid": "1"}, claims]
            parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in said]
            return ".".join([*parts, ""])
        key = OTHER_KEY if self.wrong == "signature" else KEY
        return str(jwt.encode({"alg": "RS256", "kid": "1"}, claims, key))

    def userinfo(self) -> dict[str, Any]:
        return {"sub": "person-2" if self.wrong == "userinfo of another" else self.claims["sub"]}

    def _handler(provider) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlsplit(self.path)
                said = {name: values[0] for name, values in parse_qs(url.query).items()}
                if url.path == "/authorize":
                    to = provider.allow(said).replace("&", "&amp;")
                    self._answer(
                        200, f'<!doctype html><title>电子营业执照</title><a href="{to}">同意</a>'.encode(), "text/html"
                    )
                elif url.path == "/.well-known/openid-configuration" and provider.wrong == "no json":
                    self._answer(200, b"<html>", "text/html")
                else:
                    known = {
                        "/.well-known/openid-configuration": provider.description,
                        "/keys": lambda: {"keys": [KEY.as_dict(private=False)]},
                        "/userinfo": provider.userinfo,
                    }
                    self._json(200, known[url.path]())

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._json(*provider.token({name: values[0] for name, values in parse_qs(body).items()}))

            def _json(self, status: int, said: dict[str, Any]) -> None:
                self._answer(status, json.dumps(said).encode(), "application/json")

            def _answer(self, status: int, body: bytes, kind: str) -> None:
                self.send_response(status)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
