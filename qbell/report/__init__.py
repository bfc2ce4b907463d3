"""A result as plain data, as a terminal table and as a page."""
