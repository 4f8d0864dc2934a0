"""Django application of this room."""

from django.apps import AppConfig


class InboxConfig(AppConfig):
    """The inbox room."""

    name = "chengxin.inbox"
    label = "inbox"
