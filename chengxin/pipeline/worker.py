"""`python -m chengxin.pipeline.worker`: the pipeline's worker as a process of its own; it ends when its parent does."""

from __future__ import annotations

import django


def main() -> None:
    """Work until the parent process is gone."""
    django.setup()
    # Its models can be imported only now.
    from chengxin.pipeline import flow

    flow.run()


if __name__ == "__main__":
    main()
