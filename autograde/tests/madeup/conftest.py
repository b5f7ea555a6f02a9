"""The modules here belong to a project of their own; test_rules.py releases it."""

collect_ignore = ["madeup"]
