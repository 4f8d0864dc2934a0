"""Django application of this domain."""

from django.apps import AppConfig


class SubjectsConfig(AppConfig):
    """The subjects domain."""

    name = "chengxin.credit.subjects"
    label = "subjects"
