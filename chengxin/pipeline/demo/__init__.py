"""Demo data: businesses that do not exist, written as official files and taken in as real ones are.

What there is and how much of it stands in the TOML files beside this one.
"""
