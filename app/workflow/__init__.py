"""The pure core: what a line is and what follows from an event. No I/O, no clock, no randomness."""
