"""Django application of this domain."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """The records domain."""

    name = "chengxin.credit.records"
    label = "records"
