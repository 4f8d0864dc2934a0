"""Django application of this domain."""

from django.apps import AppConfig


class CodesConfig(AppConfig):
    """The codes domain."""

    name = "chengxin.credit.codes"
    label = "codes"
