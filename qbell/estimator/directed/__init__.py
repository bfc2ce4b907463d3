"""Shots along directions given as numbers, each draw with its own."""
