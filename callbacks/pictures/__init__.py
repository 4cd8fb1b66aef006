"""What a model says of the validation rows, as pictures, tables and curves."""
