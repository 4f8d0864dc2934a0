"""诚信码 Chengxin: scan a business's code and see, at once and for sure, who it is and what is publicly known of it."""

__version__ = "0.1.0"
