"""Django application of this domain."""

from django.apps import AppConfig


class CommitmentsConfig(AppConfig):
    """The commitments domain."""

    name = "chengxin.credit.commitments"
    label = "commitments"
