"""The command and the workflows: the only room that knows all the others."""
