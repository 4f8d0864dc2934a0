"""The numbers of the project, measured side by side on one machine: `python -m bench`. See docs/bench.md."""
