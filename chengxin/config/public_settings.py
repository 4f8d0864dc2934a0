"""Settings of the public process. It knows no office, no people and no table but the board's and the inbox's.

Read by Django for the few pages that are not a scan (the front page, a wrong address) and by public/wsgi.py.
"""

from __future__ import annotations

from environs import Env, validate

from chengxin.config import addresses, brief
from chengxin.config.installation import Installation, data_folder

env = Env()
INSTALLATION = Installation(data_folder())

SECRET_KEY = INSTALLATION.secret("public", "django")
DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["*"])
served = INSTALLATION.served()
PUBLIC_URL = env.str("PUBLIC_URL", served.get("public", "http://localhost:8000")).rstrip("/")
OFFICE_URL = env.str("OFFICE_URL", served.get("office", "http://localhost:8001")).rstrip("/")
CODE_URL = env.str("CODE_URL", served.get("code", PUBLIC_URL)).rstrip("/")
CODE_URLS = addresses.code_urls(CODE_URL, *env.str("CODE_URLS_BEFORE", "").split(","), PUBLIC_URL)

# The public role's own way in, as libpq reads it. The office's password is not in this process.
PUBLIC_DATABASE_URL = INSTALLATION.public_dsn(
    {"PUBLIC_DATABASE_URL": env.str("PUBLIC_DATABASE_URL", ""), "PUBLIC_ROLE": env.str("PUBLIC_ROLE", "")}
)

# Said to whoever reports a fake code; the pipeline keeps the promise with the office's setting of the same name.
FAKE_PHOTO_DAYS = env.int("FAKE_PHOTO_DAYS", 180, validate=validate.Range(min=1))

DATABASES: dict[str, dict[str, str]] = {}
INSTALLED_APPS = ["chengxin.public"]
ROOT_URLCONF = "chengxin.public.urls"
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English"), ("ru", "Русский")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "no-referrer"

LOGGING = brief.LOGGING | {"root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "WARNING")}}
