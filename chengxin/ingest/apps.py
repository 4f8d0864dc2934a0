"""Django application of this room."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """The ingest room."""

    name = "chengxin.ingest"
    label = "ingest"
