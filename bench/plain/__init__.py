"""The scan page as an ordinary Django project would have it: models, a view, templates, five middlewares.

What it does is what `chengxin.public` does for a scan: the same signature check by the same module, the same facts from
tables made for them with indexes where they are needed, the same page. It keeps no journal of scans, and knows only
Chinese: both are left out to its advantage.
"""
