"""Settings of the office's process and of the command line. Every default runs; docs/settings.md lists each one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from environs import Env, EnvError, validate
from psycopg.conninfo import conninfo_to_dict

from chengxin.config import addresses, brief
from chengxin.config.installation import Installation, data_folder
from chengxin.people import providers

env = Env()
INSTALLATION = Installation(data_folder())

# ---- The installation ------------------------------------------------------------------------------------------

DATA_DIR = INSTALLATION.data
FEEDBACK_DIR = INSTALLATION.feedback
FILES_DIR = INSTALLATION.files
INCOMING_DIR = INSTALLATION.incoming
KINDS_DIR = INSTALLATION.kinds
AREAS_DIR = INSTALLATION.areas
KEYS_DIR = INSTALLATION.keys
SECRET_KEY = INSTALLATION.secret("office", "django")
DEBUG = False

# Where the two doors are, as people type it. `serve` sets both when it picks its ports, and they are remembered, so that
# a code issued in another terminal carries the right address.
served = INSTALLATION.served()
PUBLIC_URL = env.str("PUBLIC_URL", served.get("public", "http://localhost:8000")).rstrip("/")
OFFICE_URL = env.str("OFFICE_URL", served.get("office", "http://localhost:8001")).rstrip("/")
# What stands before /C/… in every code printed. Change the host and old codes still verify: it is not signed.
CODE_URL = env.str("CODE_URL", served.get("code", PUBLIC_URL)).rstrip("/")
# Every address that a code of ours may stand at: what was printed before a move still hangs on doors.
CODE_URLS = addresses.code_urls(CODE_URL, *env.str("CODE_URLS_BEFORE", "").split(","), PUBLIC_URL)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["*"])

# ---- The database ----------------------------------------------------------------------------------------------

DATABASE_URL = env.str("DATABASE_URL", "")
if DATABASE_URL:
    # libpq reads the address, so everything libpq understands works: sockets, sslmode, several hosts.
    said = conninfo_to_dict(DATABASE_URL)
    DATABASES: dict[str, dict[str, Any]] = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": said.pop("dbname", "chengxin"),
            "USER": said.pop("user", ""),
            "PASSWORD": said.pop("password", ""),
            "HOST": said.pop("host", ""),
            "PORT": str(said.pop("port", "")),
            "OPTIONS": said,
        }
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "chengxin",
            "USER": "chengxin",
            "PASSWORD": INSTALLATION.secret("office", "database"),
            "HOST": str(INSTALLATION.socket),
            "PORT": "5432",
            # Whoever squats on the socket's place is not told the password.
            "OPTIONS": {"require_auth": "scram-sha-256"},
        }
    }
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# The public process's own role. Roles belong to a whole PostgreSQL, so the name carries the database's.
PUBLIC_ROLE = env.str("PUBLIC_ROLE", f"{DATABASES['default']['NAME']}_public")
# Its way in. Said with PUBLIC_DATABASE_URL where its login is not ours to arrange, else worked out from DATABASE_URL.
PUBLIC_DATABASE_URL = env.str("PUBLIC_DATABASE_URL", "")
PUBLIC_DSN = INSTALLATION.public_dsn(
    {"DATABASE_URL": DATABASE_URL, "PUBLIC_DATABASE_URL": PUBLIC_DATABASE_URL, "PUBLIC_ROLE": PUBLIC_ROLE}
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- The house -------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "ninja",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.idp.oidc",
    "chengxin.people",
    "chengxin.board",
    "chengxin.inbox",
    "chengxin.credit.subjects",
    "chengxin.credit.records",
    "chengxin.credit.commitments",
    "chengxin.credit.codes",
    "chengxin.credit.fakes",
    "chengxin.credit.applications",
    "chengxin.credit.publishing",
    "chengxin.ingest",
    "chengxin.portals.shared",
    "chengxin.portals.enterprise",
    "chengxin.portals.department",
    "chengxin.api",
]
AUTH_USER_MODEL = "people.User"
ROOT_URLCONF = "chengxin.config.urls"
WSGI_APPLICATION = "chengxin.config.wsgi.application"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chengxin.portals.shared.delivery.Delivery",  # whitenoise, with our own texts compressed
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chengxin.portals.shared.headers.strict",
    "allauth.account.middleware.AccountMiddleware",  # allauth's token endpoint finds the request by it
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# ---- Words and time --------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English"), ("ru", "Русский")]
TIME_ZONE = "Asia/Shanghai"  # every deadline is a day of this calendar
USE_TZ = True
USE_I18N = True

# ---- Signing in ------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "chengxin.people.entry.Accounts"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_COOKIE_AGE = 30 * 60  # GB/T 22239 (等保三级): a session idle for half an hour ends
SESSION_SAVE_EVERY_REQUEST = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = OFFICE_URL.startswith("https://")
SESSION_COOKIE_NAME = "chengxin_office"  # two doors on one host would share a cookie of Django's own name
CSRF_COOKIE_NAME = "chengxin_office_csrf"
CSRF_TRUSTED_ORIGINS = [OFFICE_URL]
CSRF_FAILURE_VIEW = "chengxin.portals.shared.kept.refused"
AXES_FAILURE_LIMIT = 5  # GB/T 22239: five tries
AXES_COOLOFF_TIME = 0.5  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # by address alone, a whole county office would be locked out
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or the wait that the page promises would never end
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "ip_address",
    "phone",
]  # what it keeps of a form; a number is nobody's business
AXES_LOCKOUT_CALLABLE = "chengxin.portals.shared.lockout.locked"

# ---- Signing in at the businesses' door (docs/adr/0026) ----------------------------------------------------------

# Who sends SMS: `console` writes them to standard error, without the number; `http` posts them to SMS_URL.
SMS_PROVIDER = env.str("SMS_PROVIDER", "console", validate=validate.OneOf(["console", "http"]))
SMS_URL = env.str("SMS_URL", "")
SMS_TOKEN = env.str("SMS_TOKEN", "")
if SMS_PROVIDER == "http" and not providers.is_safe(SMS_URL):
    raise EnvError('Environment variable "SMS_URL" must be an https address where SMS_PROVIDER is "http"')
# Where else somebody may prove which business is theirs: the province's e-licence, 龙易办. docs/enterprise.md has the form.
try:
    OIDC_PROVIDERS = providers.read(env.str("OIDC_PROVIDERS", ""))
except ValueError as why:
    raise EnvError(f'Environment variable "OIDC_PROVIDERS": {why}') from why
MFA_ADAPTER = "chengxin.portals.enterprise.passkeys.Adapter"
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
SOCIALACCOUNT_ADAPTER = "chengxin.portals.enterprise.elsewhere.Adapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # whoever made a mailbox elsewhere is nobody here
SOCIALACCOUNT_STORE_TOKENS = False

# ---- Systems that push records (docs/adr/0023) ------------------------------------------------------------------

# Of allauth's server one grant is used; of its accounts nothing but their tables (docs/adr/0026).
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 3600  # seconds

# ---- Pages -----------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # serves from the packages: no collecting step to forget
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/vendor/[a-z]+-[0-9.]+/"  # a folder named after its version never changes
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# ---- Limits and rules that an office may set -------------------------------------------------------------------

# A larger file is refused at once; official feeds of a whole province stay below.
INTAKE_MAX_BYTES = env.int("INTAKE_MAX_BYTES", 4 * 1024**3)
# Uncompressed bytes that an XLSX may hold; a zip bomb is larger.
INTAKE_MAX_UNPACKED_BYTES = env.int("INTAKE_MAX_UNPACKED_BYTES", 1024**3)
# Forms that can only be read as a whole (XLS, XLSB, ODS, web pages, JSON arrays) may have so many bytes.
INTAKE_MAX_HELD_BYTES = env.int("INTAKE_MAX_HELD_BYTES", 64 * 1024**2)
# Days that a file is kept as it came, since it was last sent: three years, as long as the longest publicity of a penalty,
# so that whatever is shown can be looked up where it was said.
INTAKE_KEEP_DAYS = env.int("INTAKE_KEEP_DAYS", 1096, validate=validate.Range(min=1))
# Of two publicity rule sets that apply to a record, which end holds: `earlier` (the default) or `newest`.
PUBLICITY_OVERLAP: Literal["earlier", "newest"] = (
    "newest"
    if env.str("PUBLICITY_OVERLAP", "earlier", validate=validate.OneOf(["earlier", "newest"])) == "newest"
    else "earlier"
)
# Days after which a card that nobody re-posted is no longer shown: a stalled pipeline hides too much, never too long.
CARD_GOOD_DAYS = env.int("CARD_GOOD_DAYS", 30)
# What somebody is at once who names the registered legal representative as themselves and hands in the licence's photo:
# `provisional` (may do what says nothing in the business's name until the office has looked), or nothing yet (`review`).
CLAIM_BY_NAME: Literal["provisional", "review"] = (
    "review"
    if env.str("CLAIM_BY_NAME", "provisional", validate=validate.OneOf(["provisional", "review"])) == "review"
    else "provisional"
)
# Days after the papers that showed who somebody is were handed in until they are destroyed.
PROOF_DAYS = env.int("PROOF_DAYS", 180, validate=validate.Range(min=30))
# Days without a sign-in after which a telephone number alone no longer says who somebody is: operators give numbers out again.
PHONE_SLEEP_DAYS = env.int("PHONE_SLEEP_DAYS", 180, validate=validate.Range(min=30))
# Days after which a half-filled application that nobody touched is thrown away.
DRAFT_DAYS = env.int("DRAFT_DAYS", 90, validate=validate.Range(min=7))
# Days after an application was decided until its contact's name and number are erased.
CONTACT_DAYS = env.int("CONTACT_DAYS", 180, validate=validate.Range(min=30))
# Days after a report of a fake code was dealt with until its photo and its place are destroyed.
FAKE_PHOTO_DAYS = env.int("FAKE_PHOTO_DAYS", 180, validate=validate.Range(min=1))

# Days after a print job ended until its file is destroyed: it is made again in a minute.
PRINT_KEEP_DAYS = env.int("PRINT_KEEP_DAYS", 7, validate=validate.Range(min=1))

# Days that a status list is good for: so long an offline verifier may go without the network.
STATUS_GOOD_DAYS = env.int("STATUS_GOOD_DAYS", 7, validate=validate.Range(min=1, max=31))

# ---- Logging ---------------------------------------------------------------------------------------------------

LOGGING = brief.LOGGING | {
    "root": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", "WARNING")},
    # Whatever a stranger asks for that is not there or not theirs would otherwise cost a traceback each.
    "loggers": {
        **brief.LOGGING["loggers"],
        "django.request": {"level": "ERROR"},
        "django.security.csrf": {"level": "ERROR"},
    },
}
AXES_VERBOSE = False
SILENCED_SYSTEM_CHECKS: list[str] = []
BASE_DIR = Path(__file__).resolve().parents[1]
