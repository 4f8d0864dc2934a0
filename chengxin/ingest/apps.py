"""Django application of this room."""

from django.apps import AppConfig
from django.conf import settings


class IngestConfig(AppConfig):
    """The ingest room."""

    name = "chengxin.ingest"
    label = "ingest"

    def ready(self) -> None:
        """Take up the city's own kinds of records and governing areas, before anything asks which there are."""
        from chengxin.credit.records import catalogue
        from chengxin.terms import area

        area.load_city(settings.AREAS_DIR)
        catalogue.load_city(settings.KINDS_DIR)
