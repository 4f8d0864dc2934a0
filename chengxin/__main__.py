"""`python -m chengxin` is the command `chengxin`, also where a script's first line would be too long for the kernel."""

import sys

from chengxin.config.cli import main

sys.exit(main())
