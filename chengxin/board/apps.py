"""Django application of this room."""

from django.apps import AppConfig


class BoardConfig(AppConfig):
    """The board room."""

    name = "chengxin.board"
    label = "board"
