"""Django settings, from the environment with defaults for the embedded store.

CHENGXIN_HOME           data folder (default ./var): SQLite file, evidence, receipts, the generated secret key
CHENGXIN_DATABASE_URL   postgresql://user:password@host:port/name for production; absent: SQLite in CHENGXIN_HOME;
                        ?prepare_threshold=0 for a pooler between that cannot keep prepared statements
CHENGXIN_SECRET_KEY     or CHENGXIN_SECRET_KEY_FILE; absent: generated once into CHENGXIN_HOME with mode 0600
CHENGXIN_HOSTS          comma-separated host names (default: this machine only)
CHENGXIN_HTTPS          "1" behind TLS: secure cookies, redirect, HSTS
CHENGXIN_CACHE          folder for what can be made anew (default cache/ in CHENGXIN_HOME)
CHENGXIN_PRIVATE        folder for files that come in and for private copies of sealed ones, as long as they are read
                        (default private/ in CHENGXIN_HOME; best in memory or on an encrypted disk)
CHENGXIN_CHUNK_ROWS     rows that are checked and merged at a time (default 200000); a merge commits chunk by chunk
CHENGXIN_EVALUATION_SLICE  subjects that are graded and stored at a time (default 20000)
CHENGXIN_SPARK_MASTER   where `evaluate --engine spark` runs (default local[2]; a cluster: spark://host:port)
CHENGXIN_SPARK_MEMORY   memory of an executor's JVM (default 512m; DuckDB's own comes on top, at most 700 MB a task)
CHENGXIN_SPARK_FOLDER   folder that all workers reach under this name (default: scratch/ in CHENGXIN_HOME)
CHENGXIN_PROXIES        how many proxies of ours stand in front (default 0); so many of X-Forwarded-For are believed, and
                        X-Forwarded-Proto, which the proxy must set
CHENGXIN_RATE_KEY       API requests of one key or person, requests/seconds (default 1200/60; 0 is no limit)
CHENGXIN_RATE_ADDRESS   API requests of one network address without a key (default 120/60)
CHENGXIN_RATE_PAGES     requests of one network address for the public pages that ask the register (default 600/60)
CHENGXIN_PAGE_MEMORY    megabytes of drawn public profiles that each web process keeps (default 32; 0 keeps none)
CHENGXIN_EXEMPT         names of people, with * for any letters, who need no second factor: for a demo's invented people
                        only (`check --deploy` refuses it)
CHENGXIN_REAL_NAME      class that confirms who speaks for a subject (accounts/real_name.py): your identity service, or
                        chengxin.accounts.real_name.NoProvider; the default is for demonstrations (`check --deploy` refuses it)
CHENGXIN_LOG_ORIGIN     name of the provable log, fixed when it is made (default chengxin/log)
CHENGXIN_LOG_SUITE      hash of its tree, sm3 or sha256 (default sm3)
CHENGXIN_LOG_SIGNATURE  signature of its checkpoints, Ed25519 or SM2-SM3 (default Ed25519)
CHENGXIN_PUBLIC_URL     address under which everybody reaches this platform (default http://127.0.0.1:8000); stands in reports
CHENGXIN_WITNESSES      folders or addresses, separated by commas, that are told every checkpoint
"""

from __future__ import annotations

import os
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from chengxin.paths import home, policies_dir, repo_root
from chengxin.policy.sign_in import NoSignIn, SignIn, in_force
from chengxin.tools.messages import compiled

BASE = Path(__file__).resolve().parent
HOME = home()
POLICIES = policies_dir()
CACHE = Path(os.environ.get("CHENGXIN_CACHE", HOME / "cache"))


def _private() -> Path:
    """Files that come in go there, so Django wants it to exist."""
    folder = Path(os.environ.get("CHENGXIN_PRIVATE", HOME / "private"))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _secret_key() -> str:
    if key := os.environ.get("CHENGXIN_SECRET_KEY"):
        return key
    path = Path(os.environ.get("CHENGXIN_SECRET_KEY_FILE", HOME / "secret_key"))
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64))
    return path.read_text().strip()


def _database(url: str | None) -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "chengxin.sqlite3",
            "OPTIONS": {
                # A merge holds the single write lock for seconds; the others wait instead of failing (trials.md 5).
                "timeout": 60,
                "transaction_mode": "IMMEDIATE",
                # Pages of 8 KB and a large cache make a merge a quarter faster (benchmarks/storing.py).
                "init_command": "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
                " PRAGMA cache_size=-262144; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=1073741824;",
            },
        }
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "chengxin.registry.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {**options, "prepare_threshold": int(options.get("prepare_threshold", 2)) or None},
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
    }


def _sign_in() -> SignIn:
    """The installation's rules for signing in; a folder of before there were any takes those of the checkout."""
    ours = (repo_root() or Path.cwd()) / "policies"
    try:
        return in_force(
            POLICIES if any(POLICIES.glob("*/sign-in*.toml")) else ours, datetime.now(ZoneInfo(TIME_ZONE)).date()
        )
    except NoSignIn as error:
        raise ImproperlyConfigured(str(error)) from error


TIME_ZONE = "Asia/Shanghai"
SECRET_KEY = _secret_key()
PRIVATE = _private()
SIGN_IN = _sign_in()
DEBUG = os.environ.get("CHENGXIN_DEBUG") == "1"
ALLOWED_HOSTS = [h for h in os.environ.get("CHENGXIN_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
HTTPS = os.environ.get("CHENGXIN_HTTPS") == "1"
PROXIES = int(os.environ.get("CHENGXIN_PROXIES", "0"))
API_RATES = {
    "key": os.environ.get("CHENGXIN_RATE_KEY", "1200/60"),
    "address": os.environ.get("CHENGXIN_RATE_ADDRESS", "120/60"),
}
PAGE_MEMORY = int(os.environ.get("CHENGXIN_PAGE_MEMORY", "32")) * 1024 * 1024
PAGE_RATE = os.environ.get("CHENGXIN_RATE_PAGES", "600/60")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "axes",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "chengxin.accounts",
    "chengxin.audit",
    "chengxin.registry",
    "chengxin.collection",
    "chengxin.evaluation",
    "chengxin.supervision",
    "chengxin.cases",
    "chengxin.reports",
    "chengxin.design",
    "chengxin.portal",
    "chengxin.workbench",
    "chengxin.own",
    "chengxin.api",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "chengxin.accounts.sessions.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "chengxin.urls"
ASGI_APPLICATION = "chengxin.asgi.application"
WSGI_APPLICATION = "chengxin.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES = {"default": _database(os.environ.get("CHENGXIN_DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "workbench"
LOGOUT_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS += [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": SIGN_IN.password.length},
    },
    {"NAME": "chengxin.accounts.passwords.NotUsedBefore"},
]
PASSWORD_HISTORY = SIGN_IN.password.history
PASSWORD_RESET_TIMEOUT = SIGN_IN.password.invitation_days * 24 * 3600
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
# So many wrong passwords for a name from an address lock that pair for a while (domain.md 8.1; policies, kind sign-in).
AXES_FAILURE_LIMIT = SIGN_IN.lock.attempts
AXES_COOLOFF_TIME = timedelta(minutes=SIGN_IN.lock.minutes)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "chengxin.accounts.limits.ip_of"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_LOCKOUT_TEMPLATE = "portal/locked.html"
AXES_VERBOSE = False
OTP_TOTP_ISSUER = "Chengxin"
SECOND_FACTOR_EXEMPT = [p for p in os.environ.get("CHENGXIN_EXEMPT", "").split(",") if p]
FACTOR_URL = "factor"
CONFIRM_URL = "confirm"
STEP_UP_SECONDS = SIGN_IN.session.step_up_minutes * 60
SESSION_IDLE_SECONDS = SIGN_IN.session.idle_minutes * 60
SIGNATURE_WINDOW = SIGN_IN.signature.window_minutes * 60
REAL_NAME_PROVIDER = os.environ.get("CHENGXIN_REAL_NAME", "chengxin.accounts.real_name.LocalProvider")
SESSION_COOKIE_AGE = SIGN_IN.session.hours * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [compiled(HOME)]
USE_TZ = True

# What the provable log seals (audit/sources.py): floors above the audit bring their own tables.
CHENGXIN_SEALED = ["chengxin.audit.sources.Events", "chengxin.registry.sealed.Versions"]
LOG = {
    "origin": os.environ.get("CHENGXIN_LOG_ORIGIN", "chengxin/log"),
    "suite": os.environ.get("CHENGXIN_LOG_SUITE", "sm3"),
    "signature": os.environ.get("CHENGXIN_LOG_SIGNATURE", "Ed25519"),
}
WITNESSES = [w for w in os.environ.get("CHENGXIN_WITNESSES", "").split(",") if w]

# Rooms of one floor do not import each other: the register asks collection through this name (registry/entering.py).
CHENGXIN_STAGE_ONE = "chengxin.collection.single.stage_one"

# Where supervision learns of grades (chengxin.supervision.grades); rooms do not import each other.
CHENGXIN_GRADES = "chengxin.evaluation.queries.current_grades"
CHENGXIN_GRADE_FORECAST = "chengxin.evaluation.queries.coming_grades"
CHENGXIN_GRADE_MOVES = "chengxin.evaluation.queries.moved_grades"
CHENGXIN_GRADE_NEWEST = "chengxin.evaluation.queries.newest_entry"
CHENGXIN_GRADE_TERMS = "chengxin.evaluation.waiting.running_terms"

PUBLIC_URL = os.environ.get("CHENGXIN_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
CHUNK_ROWS = int(os.environ.get("CHENGXIN_CHUNK_ROWS", "200000"))
EVALUATION_SLICE = int(os.environ.get("CHENGXIN_EVALUATION_SLICE", "20000"))
SPARK_MASTER = os.environ.get("CHENGXIN_SPARK_MASTER", "local[2]")
SPARK_MEMORY = os.environ.get("CHENGXIN_SPARK_MEMORY", "512m")
SPARK_FOLDER = Path(os.environ.get("CHENGXIN_SPARK_FOLDER", HOME / "scratch"))

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
FILE_UPLOAD_TEMP_DIR = PRIVATE
FILE_UPLOAD_HANDLERS = ["chengxin.collection.uploads.LimitedUpload"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = HTTPS
# Only a proxy of ours may say that a visitor came over TLS; without it every page behind one redirects to itself.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("CHENGXIN_LOG", "WARNING")},
}
