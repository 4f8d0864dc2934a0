"""The pages, in plain Python: a card in, bytes out. A template engine takes fifty times as long (design.md §6)."""
