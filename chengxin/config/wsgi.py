"""The office's application, for any WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.config.settings")  # noqa: TID251 — this is config
application = get_wsgi_application()
