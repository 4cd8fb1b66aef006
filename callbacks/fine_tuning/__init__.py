"""What of a model learns when: a frozen backbone, or one that is unfrozen bit by bit."""
