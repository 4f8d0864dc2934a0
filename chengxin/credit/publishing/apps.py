"""Django application of this domain."""

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    """The publishing domain."""

    name = "chengxin.credit.publishing"
    label = "publishing"
