"""Random sequences of events on one order: whichever come first, they end the same (D22, I38)."""
