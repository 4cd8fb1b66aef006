"""Few new parameters in a backbone whose own stay as they are."""
