"""What makes a figure better than the model is: leaks, copies, bad labels, unlike parts."""
