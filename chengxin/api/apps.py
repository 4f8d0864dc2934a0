"""The Django app `chengxin.api`."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The Django app of the partners' door: no tables, one page of documentation."""

    name = "chengxin.api"
    label = "api"
