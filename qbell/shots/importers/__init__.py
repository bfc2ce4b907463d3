"""Importers: shots from the results of other tools. One kind of result a file, and one registry."""
