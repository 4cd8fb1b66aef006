"""Steps that numbers go through, one after the other."""
