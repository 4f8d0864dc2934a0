"""Django application of this domain."""

from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    """The applications domain."""

    name = "chengxin.credit.applications"
    label = "applications"
