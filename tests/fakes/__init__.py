"""Small working models of what Gateline talks to."""
