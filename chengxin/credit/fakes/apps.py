"""Django application of this domain."""

from django.apps import AppConfig


class FakesConfig(AppConfig):
    """The fakes domain."""

    name = "chengxin.credit.fakes"
    label = "fakes"
