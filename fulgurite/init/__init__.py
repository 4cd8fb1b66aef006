"""``fulgurite init``: from a source of rows to a config that trains at once."""
