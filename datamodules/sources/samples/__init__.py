"""Real data sets by name: every public function in these files is one sample, read on call."""
