"""Rows that are all but copies of one another."""
